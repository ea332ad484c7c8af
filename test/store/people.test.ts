import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { row, rows } from '../../src/store/db.js'
import {
  countEmployees,
  countLegalStatuses,
  findUnits,
  findUnitAncestors,
  settleHeads,
} from '../../src/store/people.js'
import { openTestHouse } from '../house.js'

const house = await openTestHouse({ after })
const headOf = async (code: string) =>
  (await row<{ name: string | null }>(
    house.db,
    `select employee.name from unit left join employee on employee.id = head_employee_id where code = :code`,
    { code },
  ))!.name

test('a unit is headed by whom the list names, wherever they work, while the roster knows them', async () => {
  assert.equal(await headOf('DINKES'), house.person('kadis').name)
  assert.equal(await headOf('BKD'), house.person('plt').name, 'a Plt. who works elsewhere')
  assert.equal(await headOf('DINKES.1'), null, 'a vacant post')
  await rows(house.db, 'update employee set left_at = :now where id = :id', {
    now: house.now,
    id: await house.employeeId('plt'),
  })
  await settleHeads(house.db, house.pemda.id)
  assert.equal(await headOf('BKD'), null, 'who has left heads nothing')
  await rows(house.db, 'update employee set left_at = null')
  await settleHeads(house.db, house.pemda.id)
  assert.equal(await headOf('BKD'), house.person('plt').name)
})

test('a path leads from the top to the unit, and names its gate', async () => {
  const units = await findUnits(house.db, house.pemda.id)
  const anggrek = units.find((unit) => unit.code === '74.71.01.1001')!
  const line = await findUnitAncestors(house.db, anggrek)
  assert.deepEqual(
    line.map((unit) => unit.code),
    ['74.71.01', '74.71.01.1001'],
  )
  assert.equal(anggrek.gateId, line[0]!.id)
})

test('people are counted by legal status', async () => {
  const people = house.people.length
  assert.equal(await countEmployees(house.db, house.pemda.id), people)
  assert.deepEqual(await countLegalStatuses(house.db, house.pemda.id), [
    { legalStatus: 'AKTIF', n: people - 1 },
    { legalStatus: 'CLTN', n: 1 },
  ])
})

test('the database refuses a person whose number is none, and two with one number in a pemda', async () => {
  const copy = (number: string) =>
    rows(
      house.db,
      `insert into employee (pemda_id, unit_id, identity_number, employment_type, name, title_prefix, title_suffix,
         legal_status, legal_status_text, grade, jabatan, jenis_jabatan, eselon, created_at, updated_at)
       select pemda_id, unit_id, :number, 'PNS', name, '', '', 'AKTIF', '', '', '', '', '', created_at, updated_at
       from employee limit 1`,
      { number },
    )
  await assert.rejects(copy('12345'), /employee/)
  await assert.rejects(copy(house.person('kadis').identityNumber), /employee_pemda_id_identity_number_key/)
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { rows } from '../../src/store/db.js'
import { openTestHouse } from '../house.js'

test('a head signs, Bawaslu witnesses, only then are their people invited; every file is sealed', async (t) => {
  const house = await openTestHouse(t)
  await house.openCampaign()
  await house.openGates('kadis', 'camat')
  for (const key of ['dinas1', 'sopir', 'perawat1', 'lurah1', 'petugas']) await house.sign(key)
  await house.advance()
  const sealed = await rows<{ name: string }>(
    house.db,
    `select employee.name from pact join employee on employee.id = employee_id where state = 'sealed' order by 1`,
  )
  const expected = ['kadis', 'camat', 'dinas1', 'sopir', 'perawat1', 'lurah1', 'petugas']
  assert.deepEqual(
    sealed.map((one) => one.name),
    expected.map((key) => house.person(key).name).sort(),
  )
  assert.deepEqual(house.post.mailsTo(house.person('badan1').email), [], 'whose head has not signed')
  await house.check()
})

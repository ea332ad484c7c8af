import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { cancelRoster, checkRoster, confirmRoster, enrollUnits, readUnits } from '../../src/flow/enroll.js'
import { enrollTemplates } from '../../src/flow/release.js'
import { findPerson } from '../../src/store/coverage-people.js'
import { row, rows } from '../../src/store/db.js'
import { findPact } from '../../src/store/pacts.js'
import { findDifferences, findImport } from '../../src/store/people.js'
import { writeCsv } from '../../src/store/sheets.js'
import { DAY, openTestHouse, readTemplates, type TestHouse } from '../house.js'
import { refuses } from '../refusal.js'
import { type TestPerson, testUnits } from '../roster.js'

const house = await openTestHouse({ after })
const campaign = await house.openCampaign()
const without = (...keys: string[]) => house.people.filter((one) => !keys.includes(one.key))
const withChange = (key: string, change: Partial<TestPerson>) =>
  house.people.map((one) => (one.key === key ? { ...one, ...change } : one))
const none = { added: 0, changed: 0, moved: 0, left: 0, returned: 0 }
const confirm = (on: TestHouse, importId: number) =>
  confirmRoster(on.house, { importId, pemdaId: on.pemda.id, accountId: undefined }, on.act())

test('checking a file writes nothing to the roster, and says what confirming would do', async () => {
  const before = await house.dump()
  const checked = await house.checkRoster([
    ...without('dinas1', 'dinas2', 'dinas3'),
    { ...house.person('dinas1'), jabatan: 'Analis Hukum' },
    { ...house.person('dinas2'), unit: '74.71.01.1001' },
    { ...house.person('dinas3'), identityNumber: '199002152015011999', name: 'Orang Baru' },
  ])
  assert.deepEqual(checked.counts, {
    ...none,
    added: 1,
    changed: 1,
    moved: 1,
    left: 1,
    unchanged: house.people.length - 3,
  })
  for (const kind of ['added', 'changed', 'moved', 'left'] as const)
    assert.equal((await findDifferences(house.db, { importId: checked.id, kind, limit: 9 })).length, 1, kind)
  const [moved] = await findDifferences(house.db, { importId: checked.id, kind: 'moved', limit: 9 })
  assert.deepEqual([moved!.fromUnit, moved!.toUnit], ['Dinas Kesehatan', 'Kelurahan Anggrek'])
  const after = await house.dump()
  for (const table of Object.keys(before).filter((name) => !name.startsWith('roster_import')))
    assert.deepEqual(after[table], before[table], table)
  await cancelRoster(house.house, { importId: checked.id, pemdaId: house.pemda.id }, house.now)
  assert.deepEqual((await house.dump())['roster_import_row'], [], 'no personal data is left behind')
  await refuses(confirm(house, checked.id), 'STALE')
  await house.check()
})

test('the same file again changes nothing', async () => {
  const before = (await house.dump())['employee']
  const checked = await house.checkRoster(house.people)
  assert.deepEqual(checked.counts, { ...none, unchanged: house.people.length })
  await confirm(house, checked.id)
  assert.deepEqual((await house.dump())['employee'], before)
  await house.check()
})

test('confirming twice, one after the other or at once, applies the file once', async () => {
  const checked = await house.checkRoster(withChange('badan1', { jabatan: 'Arsiparis' }))
  const results = await Promise.allSettled([confirm(house, checked.id), confirm(house, checked.id)])
  assert.equal(results.filter((result) => result.status === 'fulfilled').length, 1)
  await refuses(confirm(house, checked.id), 'STALE')
  const changes = await rows(house.db, 'select from roster_change where import_id = :id', { id: checked.id })
  assert.equal(changes.length, 1)
  await house.importRoster(house.people)
  await house.check()
})

test('a roster that changed since the check is not written over', async () => {
  const first = await house.checkRoster(withChange('badan1', { jabatan: 'Arsiparis' }))
  const second = await house.checkRoster(withChange('badan1', { jabatan: 'Arsiparis' }))
  await confirm(house, second.id)
  const before = await house.dump()
  await refuses(confirm(house, first.id), 'STALE')
  assert.deepEqual(await house.dump(), before)
  assert.equal((await findImport(house.db, first.id))!.state, 'checked')
  await house.importRoster(house.people)
  await house.check()
})

test('two files confirmed at the same moment: one is written whole, the other is refused', async () => {
  const extra = (sequence: number) => ({
    ...house.person('badan1'),
    identityNumber: `19900215201501190${sequence}`,
    name: 'Orang Baru',
  })
  const one = await house.checkRoster([...house.people, extra(1), extra(2)])
  const other = await house.checkRoster([...house.people, extra(2)])
  const results = await Promise.allSettled([confirm(house, one.id), confirm(house, other.id)])
  const refused = results.filter((result) => result.status === 'rejected')
  assert.equal(refused.length, 1)
  assert.equal((refused[0]!.reason as { code: string }).code, 'STALE', String(refused[0]!.reason))
  await house.importRoster(house.people)
  await house.check()
})

test('a person who moves keeps the signed pact and is counted where they work now', async () => {
  await house.openGates('kadis', 'camat')
  await house.sign('dinas1')
  await house.advance()
  const { pactId } = await house.partyOf('dinas1')
  const before = await findPact(house.db, pactId)
  await house.importRoster(withChange('dinas1', { unit: '74.71.01.1002', jabatan: 'Sekretaris Lurah' }))
  await house.advance()
  assert.deepEqual(await findPact(house.db, pactId), before)
  const person = await findPerson(house.db, campaign.id, await house.employeeId('dinas1'))
  assert.deepEqual([person!.unitName, person!.status], ['Kelurahan Mawar', 'signed'])
  await house.check()
  await house.importRoster(house.people)
  await house.check()
})

test('nobody of a kind that the file does not speak of has left', async () => {
  const civil = house.people.filter((one) => one.type === 'PNS' && one.key !== 'badan2')
  const checked = await house.checkRoster(civil)
  assert.equal(checked.counts.left, 1, 'one PNS; no PPPK and no contract worker')
  await confirm(house, checked.id)
  const gone = await rows<{ name: string }>(house.db, 'select name from employee where left_at is not null')
  assert.deepEqual(
    gone.map((one) => one.name).filter((name) => name !== 'Orang Baru'),
    [house.person('badan2').name],
  )
  await house.check()
  const back = await house.checkRoster(house.people)
  assert.equal(back.counts.returned, 1)
  await confirm(house, back.id)
  await house.check()
})

test('a row with an error is told with its place, and does not make that person leave', async () => {
  const checked = await house.checkRoster(withChange('badan3', { grade: 'XL/z' }))
  assert.equal(checked.counts.left, 0)
  assert.equal(checked.problems.errors, 1)
  const [problem] = checked.problems.shown.filter((one) => one.severity === 'error')
  const line = house.people.findIndex((one) => one.key === 'badan3') + 2
  assert.deepEqual(
    [problem!.row, problem!.column, problem!.value, problem!.rule],
    [line, 'GOLONGAN', 'XL/z', 'GRADE'],
  )
  await confirm(house, checked.id)
  const kept = await row<{ left_at: Date | null; grade: string }>(
    house.db,
    'select left_at, grade from employee where identity_number = :identityNumber',
    { identityNumber: house.person('badan3').identityNumber },
  )
  assert.deepEqual(kept, { left_at: null, grade: 'III/c' })
  await house.check()
})

test('a row that names an unknown unit is an error of that row, and the person stays', async () => {
  const checked = await house.checkRoster(withChange('badan4', { unit: 'Dinas Antah Berantah' }))
  assert.equal(checked.counts.left, 0)
  const [problem] = checked.problems.shown.filter((one) => one.severity === 'error')
  assert.deepEqual([problem!.rule, problem!.value], ['PARENT', 'Dinas Antah Berantah'])
  await cancelRoster(house.house, { importId: checked.id, pemdaId: house.pemda.id }, house.now)
  await house.check()
})

test('one person twice in a file is an error, whichever row is meant', async () => {
  const checked = await house.checkRoster([...house.people, { ...house.person('badan1'), unit: 'DINKES' }])
  assert.ok(checked.problems.errors > 0)
  assert.deepEqual([checked.counts.left, checked.counts.moved], [0, 0])
  await cancelRoster(house.house, { importId: checked.id, pemdaId: house.pemda.id }, house.now)
  await house.check()
})

test('a file that is no spreadsheet leaves no rows behind', async () => {
  const path = join(house.folder, 'bukan.xlsx')
  for (const bytes of ['', 'PK\u0003\u0004 bukan', '%PDF-1.7', '\u0000\u0001\u0002']) {
    writeFileSync(path, bytes, 'latin1')
    const file = { pemdaId: house.pemda.id, path, fileName: 'bukan.xlsx', accountId: undefined }
    await checkRoster(house.house, file, { now: house.now }).then(
      (checked) => assert.equal(checked.rowCount, 0),
      (error: { code?: string }) => assert.match(error.code!, /BAD_SPREADSHEET|BAD_FILE|BAD_ROSTER/),
    )
  }
  const left = await rows(
    house.db,
    `select from roster_import_row join roster_import on roster_import.id = import_id where file_name = 'bukan.xlsx'`,
  )
  assert.deepEqual(left, [])
  await house.check()
})

test('a checked file that nobody confirms is forgotten after a week', async () => {
  const checked = await house.checkRoster(house.people)
  const staged = async () =>
    (await rows(house.db, 'select from roster_import_row where import_id = :id', { id: checked.id })).length
  house.now = new Date(house.now.getTime() + 6 * DAY)
  await house.importRoster(house.people)
  assert.equal(await staged(), house.people.length)
  house.now = new Date(house.now.getTime() + 2 * DAY)
  await house.importRoster(house.people)
  assert.equal(await staged(), 0)
  assert.equal((await findImport(house.db, checked.id))!.state, 'cancelled')
  await house.check()
})

test('an import of another pemda cannot be confirmed or cancelled', async () => {
  const checked = await house.checkRoster(house.people)
  const foreign = { importId: checked.id, pemdaId: house.pemda.id + 1, accountId: undefined }
  await refuses(confirmRoster(house.house, foreign, house.act()), 'NOT_FOUND')
  await refuses(cancelRoster(house.house, foreign, house.now), 'NOT_FOUND')
  await confirm(house, checked.id)
  await house.check()
})

test('a released template that was edited is refused with what to do; released again unchanged it is the same', async () => {
  const { templates, legalBases } = readTemplates()
  const before = await house.dump()
  await enrollTemplates(house.house, { templates, legalBases }, house.now)
  assert.deepEqual(await house.dump(), before)
  const edited = templates.map((one, index) =>
    index === 0 ? { ...one, words: one.words.replace(/netral/i, 'netrall') } : one,
  )
  await refuses(enrollTemplates(house.house, { templates: edited, legalBases }, house.now), 'BAD_TEMPLATE')
  assert.deepEqual(await house.dump(), before)
  await house.check()
})

test('units are saved in any order, twice without a change, and a branch moves whole', async (t) => {
  const house = await openTestHouse(t)
  const save = (units: typeof testUnits) => enrollUnits(house.house, house.pemda.id, units)
  assert.deepEqual(await save([...testUnits].reverse()), { added: 0, changed: 0, same: testUnits.length })
  await house.openCampaign()
  // The puskesmas goes under the other agency; its people are counted there from now on.
  const moved = testUnits.map((unit) => (unit.code === 'DINKES.2' ? { ...unit, parentCode: 'BKD' } : unit))
  assert.deepEqual(await save(moved), { added: 0, changed: 1, same: testUnits.length - 1 })
  await house.check()
  // A list of changes only: what stands below the unit that moves comes with it.
  const below = {
    ...testUnits[2]!,
    code: 'DINKES.2.1',
    kind: 'bidang' as const,
    parentCode: 'DINKES.1',
    name: 'Seksi Baru',
  }
  await save([...moved, below])
  await house.importRoster(
    house.people.map((one) => (one.key === 'bidang1' ? { ...one, unit: below.code } : one)),
  )
  await save([testUnits[0]!, testUnits[3]!, { ...testUnits[1]!, parentCode: 'BKD' }])
  const { path } = (await row<{ path: string }>(house.db, `select path from unit where code = 'DINKES.2.1'`))!
  const gate = await house.unitId('BKD')
  assert.ok(path.startsWith(`/${gate}/`), `${path} is under unit ${gate}`)
  await house.check()
})

test('a unit file with a circle, a missing parent or a code that stands twice is refused whole', async () => {
  const write = (lines: string[][]) => {
    const path = join(house.folder, 'unit.csv')
    writeFileSync(path, writeCsv(['KODE', 'NAMA', 'JENIS', 'KODE INDUK'], lines))
    return readUnits(path)
  }
  const good = [
    ['A', 'Dinas A', 'opd', ''],
    ['A.1', 'Bidang A', 'bidang', 'A'],
  ]
  assert.deepEqual((await write(good)).errors, [])
  for (const [more, rule] of [
    [
      [
        ['B', 'Bidang B', 'bidang', 'C'],
        ['C', 'Bidang C', 'bidang', 'B'],
      ],
      'PARENT',
    ],
    [[['B', 'Bidang B', 'bidang', 'Z']], 'PARENT'],
    [[['A', 'Dinas lain', 'opd', '']], 'DUPLICATE'],
  ] as const) {
    const { errors } = await write([...good, ...more.map((line) => [...line])])
    assert.ok(
      errors.some((error) => error.rule === rule),
      rule,
    )
  }
  await house.check()
})

import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { kendariUnits } from '../../seeds/kendari.js'
import { ACTING_UNIT, SEED_PEOPLE_COUNT_MIN, VACANT_UNIT } from '../../seeds/people.js'
import {
  FORBIDDEN_FILLER,
  FORBIDDEN_NIK,
  inventKendari,
  siasnColumns,
  writeSeedRoster,
  writeSeedUnits,
} from '../../seeds/workbook.js'
import { parseRoster, type RosterRow } from '../../src/domain/roster.js'
import {
  checkUnitTree,
  isGateKind,
  parseUnitHeader,
  parseUnitRow,
  type UnitHeader,
  type UnitRow,
} from '../../src/domain/unit.js'
import { readSheets } from '../../src/store/sheets.js'

const folder = mkdtempSync(join(tmpdir(), 'pakta-seeds-'))
after(() => rmSync(folder, { recursive: true, force: true }))

// Kecamatan and their number of kelurahan as the ministry lists them.
const kelurahanCounts = {
  'Kecamatan Mandonga': 6,
  'Kecamatan Kendari': 9,
  'Kecamatan Baruga': 4,
  'Kecamatan Poasia': 5,
  'Kecamatan Kendari Barat': 9,
  'Kecamatan Abeli': 7,
  'Kecamatan Wua-Wua': 4,
  'Kecamatan Kadia': 5,
  'Kecamatan Puuwatu': 6,
  'Kecamatan Kambu': 4,
  'Kecamatan Nambo': 6,
}

test('has the 11 kecamatan and 65 kelurahan of Kota Kendari, and a tree without a fault', async () => {
  const units = await kendariUnits()
  assert.deepEqual(checkUnitTree(units.map((unit, index) => ({ sheet: 'UNIT', rowNumber: index, unit }))), [])
  const counts = Object.fromEntries(
    units
      .filter((unit) => unit.kind === 'kecamatan')
      .map((unit) => [unit.name, units.filter((one) => one.parentCode === unit.code).length]),
  )
  assert.deepEqual(counts, kelurahanCounts)
  assert.ok(units.filter((unit) => unit.kind === 'opd').length >= 28)
  assert.equal(new Set(units.map((unit) => unit.unorId)).size, units.length)
})

test('the roster of the demonstration reads back without an error, and keeps nothing that is forbidden', async () => {
  const path = join(folder, 'roster.xlsx')
  await writeSeedRoster(path)
  const units = new Set((await kendariUnits()).map((unit) => unit.unorId))
  const people: RosterRow[] = []
  const sheets: string[] = []
  for await (const item of parseRoster(readSheets(path))) {
    if (item.kind === 'sheet') sheets.push(item.sheet)
    if (item.kind !== 'row') continue
    assert.deepEqual(item.errors, [])
    people.push(item.row!)
  }
  assert.deepEqual(sheets, ['PNS', 'PPPK', 'PPPK Paruh Waktu', 'NON ASN'])
  const count = (type: string) => people.filter((one) => one.employmentType === type).length
  assert.equal(people.length, 5_350)
  assert.deepEqual(
    [count('PNS') + count('CPNS'), count('PPPK'), count('PPPK_PARUH_WAKTU'), count('NON_ASN')],
    [3600, 1300, 250, 200],
  )
  const kept = JSON.stringify(people)
  assert.ok(!kept.includes(FORBIDDEN_FILLER) && !kept.includes(FORBIDDEN_NIK))
  assert.ok(people.every((one) => units.has(one.unitKey)))
  const addresses = people.flatMap((one) => [one.email, one.emailAlternative]).filter((one) => one !== null)
  assert.ok(addresses.every((one) => /@(kendari|surel)\.example$/.test(one)))
  const unreachable = people.filter((one) => one.email === null).length
  assert.ok(unreachable > 25 && unreachable < 110, `${unreachable} of 5,350 without an address`)
})

test('the sheets carry the 69 columns of SIASN', () => assert.equal(siasnColumns.length, 69))

for (const count of [SEED_PEOPLE_COUNT_MIN, 5_350])
  test(`with ${count} people every agency and kecamatan has a head with an address, but one that is vacant and one Plt.`, async () => {
    const { units, people } = await inventKendari({ count })
    assert.equal(people.length, count)
    const byNumber = new Map(people.map((one) => [one.identityNumber, one]))
    assert.equal(byNumber.size, count)
    for (const unit of units.filter((one) => isGateKind(one.kind))) {
      const wanted = unit.code === VACANT_UNIT ? 'kosong' : unit.code === ACTING_UNIT ? 'Plt.' : 'definitif'
      assert.equal(unit.headCapacity, wanted, unit.name)
      if (wanted === 'kosong') continue
      const head = byNumber.get(unit.headNip!)
      assert.equal(head?.unit.code, unit.code)
      assert.match(head!.emailGov, /@kendari\.example$/)
      assert.equal(head!.legalStatusText, 'Aktif')
    }
  })

test('the same seed invents the same people, another seed others', async () => {
  const names = async (seed: number) =>
    (await inventKendari({ seed, count: 100 })).people.map((one) => one.name + one.identityNumber)
  assert.deepEqual(await names(1), await names(1))
  assert.notDeepEqual(await names(1), await names(2))
})

test('the unit file reads back to the same units', async () => {
  const path = join(folder, 'units.xlsx')
  await writeSeedUnits(path, { count: 200 })
  const found: UnitRow[] = []
  let header: UnitHeader | undefined
  for await (const row of readSheets(path)) {
    if (header) found.push(parseUnitRow(row, header).row!)
    else header = parseUnitHeader(row)!.header
  }
  assert.deepEqual(found, (await inventKendari({ count: 200 })).units)
})

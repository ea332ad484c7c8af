import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { getDistricts, getProvinces, getRegencies, getVillages } from 'idn-area-data'
import { formatRegionCode, isWithin, parseRegion, type RegionParts } from '../../src/domain/region.js'

const valid = [
  ['a provinsi', '74', 'provinsi', undefined],
  ['a kabupaten', '13.05', 'kabupaten', '13'],
  ['a kota, numbered from 71', '74.71', 'kota', '74'],
  ['a kecamatan', '74.71.01', 'kecamatan', '74.71'],
  ['a kelurahan, leading digit 1', '74.71.01.1005', 'kelurahan', '74.71.01'],
  ['a desa, leading digit 2', '13.77.01.2001', 'desa', '13.77.01'],
  ['a desa adat, leading digit 3', '91.03.01.3001', 'desa_adat', '91.03.01'],
  ['space around the code', ' 74.71 ', 'kota', '74'],
] as const

for (const [name, text, kind, parentCode] of valid)
  test(`reads ${name}`, () => {
    assert.deepEqual(parseRegion(text), { code: text.trim(), kind, parentCode })
  })

const invalid = [
  ['nothing', ''],
  ['a BPS code of ten digits without dots', '7471010005'],
  ['a code without dots', '7471'],
  ['a village that is neither kelurahan nor desa', '74.71.01.4001'],
  ['a village of three digits', '74.71.01.101'],
  ['a kecamatan 00', '74.71.00'],
  ['a provinsi below 11', '10.71'],
  ['a fifth part', '74.71.01.1005.01'],
  ['letters', '74.7l'],
  ['a trailing dot', '74.'],
] as const

for (const [name, text] of invalid)
  test(`refuses ${name} as a region code`, () => {
    assert.equal(parseRegion(text), undefined)
  })

test('writes numbers as the code that reads back to the same place', () => {
  const part = fc.integer({ min: 1, max: 99 })
  const parts = fc.oneof(
    fc.tuple(fc.integer({ min: 11, max: 99 })),
    fc.tuple(fc.integer({ min: 11, max: 99 }), part),
    fc.tuple(fc.integer({ min: 11, max: 99 }), part, part),
    fc.tuple(fc.integer({ min: 11, max: 99 }), part, part, fc.integer({ min: 1000, max: 3999 })),
  )
  fc.assert(
    fc.property(parts, (numbers) => {
      const code = formatRegionCode(numbers as unknown as RegionParts)
      const region = parseRegion(code)
      assert.equal(region?.code, code)
      assert.deepEqual(code.split('.').map(Number), numbers)
      assert.ok(isWithin(code, code.slice(0, 2)))
    }),
  )
})

test('reads every code that the ministry has given out, with the kind that its place in the lists says', async () => {
  for (const { code } of await getProvinces()) assert.equal(parseRegion(code)?.kind, 'provinsi', code)
  for (const { code, name } of await getRegencies())
    assert.equal(parseRegion(code)?.kind, name.startsWith('KOTA ') ? 'kota' : 'kabupaten', code)
  for (const district of await getDistricts()) {
    const region = parseRegion(district.code)
    assert.equal(region?.kind, 'kecamatan', district.code)
    assert.equal(region?.parentCode, district.regency_code)
  }
  const kindsIn = new Map<string, string[]>()
  for (const village of await getVillages()) {
    const region = parseRegion(village.code)
    assert.equal(region?.parentCode, village.district_code, village.code)
    const city = village.code.slice(0, 5)
    kindsIn.set(city, [...(kindsIn.get(city) ?? []), region!.kind])
  }
  const count = (city: string, kind: string) => kindsIn.get(city)!.filter((one) => one === kind).length
  assert.deepEqual([count('74.71', 'kelurahan'), count('74.71', 'desa')], [65, 0], 'Kota Kendari')
  assert.deepEqual([count('13.77', 'kelurahan'), count('13.77', 'desa')], [16, 55], 'Kota Pariaman')
  const adat = [...kindsIn].filter(([, kinds]) => kinds.includes('desa_adat')).map(([city]) => city)
  assert.deepEqual(adat, ['91.03'], 'desa adat are all in Kabupaten Jayapura')
  assert.equal(count('91.03', 'desa_adat'), 14)
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Cell } from '../../src/domain/sheet.js'
import {
  checkUnitTree,
  formatCapacity,
  isGateKind,
  parentKinds,
  parseUnitHeader,
  parseUnitRow,
  unitColumns,
  unitKinds,
  type UnitRow,
} from '../../src/domain/unit.js'

const cellsOf = (texts: readonly string[]): Cell[] =>
  texts.map((text) => ({ text, type: text === '' ? 'empty' : 'text' }))
const rowOf = (texts: readonly string[], rowNumber = 2) => ({
  sheet: 'UNIT',
  rowNumber,
  cells: cellsOf(texts),
})
const header = parseUnitHeader(rowOf(unitColumns, 1))!.header
const parse = (...texts: string[]) => parseUnitRow(rowOf(texts), header)
const nip = '198001152005012003'

const valid: [string, string[], Partial<UnitRow>][] = [
  [
    'a dinas with a definitive head',
    ['DISDIK', 'Dinas Pendidikan', 'Dinas', '', '', 'A1', nip, 'definitif'],
    { kind: 'opd', headNip: nip, headCapacity: 'definitif', unorId: 'A1', regionCode: null },
  ],
  [
    'a kecamatan with a Plt.',
    ['74.71.01', 'Kecamatan Mandonga', 'Kecamatan', '', '74.71.01', '', nip, 'Plt'],
    { kind: 'kecamatan', regionCode: '74.71.01', headCapacity: 'Plt.' },
  ],
  [
    'a kelurahan without a head',
    ['74.71.01.1005', 'Mandonga', 'kelurahan', '74.71.01', '74.71.01.1005', '', '', ''],
    { parentCode: '74.71.01', headNip: null, headCapacity: 'kosong' },
  ],
  [
    'a vacant post',
    ['RSUD', 'RSUD', 'RSUD', 'DINKES', '', '', '', 'kosong'],
    { kind: 'rumah_sakit', headCapacity: 'kosong' },
  ],
  [
    'a desa adat',
    ['D1', 'Kampung', 'desa', 'K1', '91.03.01.3001'],
    { kind: 'desa', regionCode: '91.03.01.3001' },
  ],
  [
    'a head by NIP alone',
    ['X', 'Bagian Hukum', 'bagian', 'SETDA', '', '', nip],
    { headCapacity: 'definitif' },
  ],
]
for (const [name, texts, wanted] of valid)
  test(`reads ${name}`, () => {
    const { row, errors } = parse(...texts)
    assert.deepEqual(errors, [])
    for (const [key, value] of Object.entries(wanted)) assert.equal(row![key as keyof UnitRow], value, key)
  })

const invalid: [string, string[], string, string][] = [
  ['a unit without a code', ['', 'Dinas', 'opd'], 'KODE', 'REQUIRED'],
  ['a code with a space', ['A B', 'Dinas', 'opd'], 'KODE', 'CHARACTER'],
  ['a kind that is none', ['A', 'Dinas', 'kementerian'], 'JENIS', 'KIND'],
  ['a kelurahan without a region', ['A', 'Mandonga', 'kelurahan', 'K'], 'KODE WILAYAH', 'REGION'],
  [
    'a kelurahan with a desa code',
    ['A', 'Mandonga', 'kelurahan', 'K', '74.71.01.2005'],
    'KODE WILAYAH',
    'REGION',
  ],
  ['a capacity that is none', ['A', 'Dinas', 'opd', '', '', '', nip, 'Pgs.'], 'KEDUDUKAN KEPALA', 'HEAD'],
  ['a Plt. without a NIP', ['A', 'Dinas', 'opd', '', '', '', '', 'Plt.'], 'NIP KEPALA', 'HEAD'],
  ['a vacant post with a NIP', ['A', 'Dinas', 'opd', '', '', '', nip, 'kosong'], 'NIP KEPALA', 'HEAD'],
  ['a NIP of 17 digits', ['A', 'Dinas', 'opd', '', '', '', nip.slice(1), ''], 'NIP KEPALA', 'NIP'],
  ['a name with an emoji', ['A', 'Dinas 🏢', 'opd'], 'NAMA', 'CHARACTER'],
  ['a name of 201 characters', ['A', 'x'.repeat(201), 'opd'], 'NAMA', 'LENGTH'],
]
for (const [name, texts, column, rule] of invalid)
  test(`refuses ${name}`, () => {
    const { row, errors } = parse(...texts)
    assert.equal(row, undefined)
    assert.deepEqual(
      errors.map((error) => [error.sheet, error.row, error.column, error.rule]),
      [['UNIT', 2, column, rule]],
    )
  })

test('skips an empty row', () => assert.deepEqual(parse('', ' ', ''), { errors: [] }))

test('takes no row for a header that lacks the code, the name or the kind', () => {
  assert.equal(parseUnitHeader(rowOf(['KODE', 'NAMA'])), undefined)
  assert.equal(parseUnitHeader(rowOf(['DAFTAR UNIT KERJA'])), undefined)
})

test('names a column that stands twice', () => {
  const { errors } = parseUnitHeader(rowOf(['KODE', 'NAMA', 'JENIS', 'Kode']))!
  assert.deepEqual(
    errors.map((error) => [error.column, error.rule]),
    [['Kode', 'HEADER']],
  )
})

test('puts only agencies and kecamatan at the gate, and every kind below one of them', () => {
  assert.deepEqual(unitKinds.filter(isGateKind), ['opd', 'kecamatan'])
  for (const kind of unitKinds) assert.equal(parentKinds[kind].includes('pemda'), isGateKind(kind), kind)
})

test('prints Plt., Plh. and Pj. before a position and nothing for a definitive holder', () => {
  assert.deepEqual((['definitif', 'Plt.', 'Plh.', 'Pj.', 'kosong'] as const).map(formatCapacity), [
    '',
    'Plt.',
    'Plh.',
    'Pj.',
    '',
  ])
})

const unit = (
  code: string,
  kind: UnitRow['kind'],
  parentCode = '',
  more: Partial<UnitRow> = {},
): UnitRow => ({
  code,
  name: code,
  kind,
  parentCode,
  regionCode: null,
  unorId: '',
  headNip: null,
  headCapacity: 'kosong',
  ...more,
})
const check = (...units: UnitRow[]) =>
  checkUnitTree(units.map((one, index) => ({ sheet: 'UNIT', rowNumber: index + 2, unit: one }))).map(
    (error) => [error.row, error.column, error.rule],
  )

test('accepts a tree whose children come before their parents', () => {
  assert.deepEqual(check(unit('SD1', 'sekolah', 'DISDIK'), unit('DISDIK', 'opd'), unit('K', 'kecamatan')), [])
})

const broken: [string, UnitRow[], [number, string, string][]][] = [
  ['a code that stands twice', [unit('A', 'opd'), unit('A', 'opd')], [[3, 'KODE', 'DUPLICATE']]],
  ['a parent that is not in the file', [unit('B', 'bidang', 'A')], [[2, 'KODE INDUK', 'PARENT']]],
  [
    'a kelurahan under an agency',
    [unit('A', 'opd'), unit('L', 'kelurahan', 'A')],
    [[3, 'KODE INDUK', 'PARENT']],
  ],
  ['a school directly under the pemda', [unit('S', 'sekolah')], [[2, 'KODE INDUK', 'PARENT']]],
  [
    'two units that are each other’s parent',
    [unit('A', 'bidang', 'B'), unit('B', 'bidang', 'A')],
    [
      [2, 'KODE INDUK', 'PARENT'],
      [3, 'KODE INDUK', 'PARENT'],
    ],
  ],
  [
    'an id of SIASN given to two units',
    [unit('A', 'opd', '', { unorId: 'x' }), unit('B', 'opd', '', { unorId: 'x' })],
    [[3, 'UNOR ID', 'DUPLICATE']],
  ],
  [
    'a region given to two kecamatan',
    [
      unit('A', 'kecamatan', '', { regionCode: '74.71.01' }),
      unit('B', 'kecamatan', '', { regionCode: '74.71.01' }),
    ],
    [[3, 'KODE WILAYAH', 'DUPLICATE']],
  ],
]
for (const [name, units, wanted] of broken)
  test(`refuses ${name}`, () => assert.deepEqual(check(...units), wanted))

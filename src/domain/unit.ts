import { parseIdentityNumber } from './nip.js'
import { parseRegion, type RegionKind } from './region.js'
import { matchColumns, RowReader, shortValue, type Columns, type RowError, type SheetRow } from './sheet.js'

/**
 * Kinds of unit. `opd` (organisasi perangkat daerah) is an agency: secretariat, inspectorate, Satpol PP,
 * dinas or badan; `bagian` a division of a secretariat; `bidang` a division of an agency, and a seksi below
 * it; `uptd` a technical unit; `puskesmas` a health centre; `kelurahan` a ward; `desa` a village, which has
 * no civil servants of its own.
 */
export const unitKinds = [
  'opd',
  'bagian',
  'bidang',
  'uptd',
  'puskesmas',
  'rumah_sakit',
  'sekolah',
  'kecamatan',
  'kelurahan',
  'desa',
] as const
export type UnitKind = (typeof unitKinds)[number]

export const unitKindLabels: Record<UnitKind, string> = {
  opd: 'Perangkat daerah',
  bagian: 'Bagian',
  bidang: 'Bidang',
  uptd: 'UPTD',
  puskesmas: 'Puskesmas',
  rumah_sakit: 'Rumah sakit',
  sekolah: 'Sekolah',
  kecamatan: 'Kecamatan',
  kelurahan: 'Kelurahan',
  desa: 'Desa',
}

/** Under which kinds a kind may stand; 'pemda' is the root itself. */
export const parentKinds: Record<UnitKind, readonly (UnitKind | 'pemda')[]> = {
  opd: ['pemda'],
  kecamatan: ['pemda'],
  bagian: ['opd', 'rumah_sakit', 'kecamatan'],
  bidang: ['opd', 'bagian', 'bidang', 'uptd', 'rumah_sakit', 'kecamatan'],
  uptd: ['opd', 'bidang'],
  puskesmas: ['opd', 'bidang', 'uptd'],
  rumah_sakit: ['opd'],
  sekolah: ['opd', 'bidang', 'uptd'],
  kelurahan: ['kecamatan'],
  desa: ['kecamatan'],
}

/** Whether the unit's head signs first, is witnessed, and only then its people are invited. */
export function isGateKind(kind: UnitKind): boolean {
  return kind === 'opd' || kind === 'kecamatan'
}

/** In what capacity a head holds the post: Plt. (vacant post), Plh. (holder absent), Pj. (penjabat), or nobody does. */
export const headCapacities = ['definitif', 'Plt.', 'Plh.', 'Pj.', 'kosong'] as const
export type HeadCapacity = (typeof headCapacities)[number]

/** What stands before the position on a document: "Plt. Camat Kadia"; nothing for a definitive holder. */
export function formatCapacity(capacity: HeadCapacity): '' | 'Plt.' | 'Plh.' | 'Pj.' {
  return capacity === 'definitif' || capacity === 'kosong' ? '' : capacity
}

/** A unit as the unit file states it. `code` is the key within a pemda. */
export interface UnitRow {
  code: string // 1 to 40 of A-Z a-z 0-9 . _ / -
  name: string // 1 to 200 characters
  kind: UnitKind
  parentCode: string // '' directly under the pemda
  regionCode: string | null // Kemendagri; always on kecamatan, kelurahan and desa
  unorId: string // the unit's id in SIASN, '' when unknown
  headNip: string | null // 18 digits; null when the post is vacant
  headCapacity: HeadCapacity
}

const unitAliases = {
  code: ['KODE', 'KODEUNIT', 'KODEUNITKERJA'],
  name: ['NAMA', 'NAMAUNIT', 'NAMAUNITKERJA', 'UNITKERJA', 'UNORNAMA'],
  kind: ['JENIS', 'JENISUNIT'],
  parentCode: ['KODEINDUK', 'INDUK', 'KODEUNITINDUK'],
  regionCode: ['KODEWILAYAH', 'WILAYAH', 'KODEKEMENDAGRI'],
  unorId: ['UNORID', 'IDUNOR'],
  headNip: ['NIPKEPALA', 'NIPPIMPINAN'],
  headCapacity: ['KEDUDUKANKEPALA', 'KEDUDUKANPIMPINAN'],
} as const
export type UnitField = keyof typeof unitAliases
export type UnitHeader = Columns<UnitField>

/** The header of a unit file, in its usual order. */
export const unitColumns = [
  'KODE',
  'NAMA',
  'JENIS',
  'KODE INDUK',
  'KODE WILAYAH',
  'UNOR ID',
  'NIP KEPALA',
  'KEDUDUKAN KEPALA',
] as const

const UNIT_CODE = /^[A-Za-z0-9][A-Za-z0-9._/-]{0,39}$/
const UNIT_NAME_LENGTH_MAX = 200
const UNOR_ID_LENGTH_MAX = 64

/**
 * The header of a unit file.
 *
 * @param row a row that may be the header
 * @returns undefined when fewer than KODE, NAMA and JENIS are found; errors name columns that stand twice
 */
export function parseUnitHeader(row: SheetRow): { header: UnitHeader; errors: RowError[] } | undefined {
  const { columns, doubled } = matchColumns<UnitField>(row.cells, unitAliases)
  if (!columns.code || !columns.name || !columns.kind) return undefined
  const errors = doubled.map((title): RowError => {
    const message = 'Kolom ini muncul dua kali. Hapus salah satunya.'
    return { sheet: row.sheet, row: row.rowNumber, column: title, value: '', rule: 'HEADER', message }
  })
  return { header: columns, errors }
}

const kindKey = (text: string) => text.toLowerCase().replace(/[^a-z]/g, '')
const kindsByKey = new Map<string, UnitKind>([
  ...unitKinds.map((kind): [string, UnitKind] => [kindKey(kind), kind]),
  ...unitKinds.map((kind): [string, UnitKind] => [kindKey(unitKindLabels[kind]), kind]),
  ...['dinas', 'badan', 'sekretariat', 'inspektorat', 'satpolpp', 'satuan'].map(
    (word): [string, UnitKind] => [word, 'opd'],
  ),
  ['rsud', 'rumah_sakit'],
  ['upt', 'uptd'],
  ['seksi', 'bidang'],
  ['nagari', 'desa'],
])

const regionKindsOf: Partial<Record<UnitKind, readonly RegionKind[]>> = {
  kecamatan: ['kecamatan'],
  kelurahan: ['kelurahan'],
  desa: ['desa', 'desa_adat'],
}

/**
 * One row of a unit file (attacker-controlled).
 *
 * @returns a row only when there are no errors; neither row nor errors for a row that is empty
 */
export function parseUnitRow(row: SheetRow, header: UnitHeader): { row?: UnitRow; errors: RowError[] } {
  const reader = new RowReader<UnitField>(row, header)
  if (Object.values(header).every((column) => (row.cells[column.index]?.text ?? '').trim() === ''))
    return { errors: [] }
  const code = readCode(reader, 'code')
  const name = reader.text('name', { required: true, lengthMax: UNIT_NAME_LENGTH_MAX })
  const kindText = reader.text('kind', { required: true, lengthMax: 40 })
  const kind = kindsByKey.get(kindKey(kindText))
  if (kindText !== '' && !kind) {
    const allowed = unitKinds.map((one) => unitKindLabels[one]).join(', ')
    reader.refuse('kind', 'KIND', `Jenis unit tidak dikenal. Yang dikenal: ${allowed}.`)
  }
  const parentCode = reader.raw('parentCode') === '' ? '' : readCode(reader, 'parentCode')
  const regionCode = kind ? readRegion(reader, kind) : null
  const unorId = reader.text('unorId', { lengthMax: UNOR_ID_LENGTH_MAX })
  const head = readHead(reader)
  if (reader.errors.length > 0 || !kind) return { errors: reader.errors }
  return { row: { code, name, kind, parentCode, regionCode, unorId, ...head }, errors: [] }
}

function readCode(reader: RowReader<UnitField>, field: 'code' | 'parentCode'): string {
  const before = reader.errors.length
  const code = reader.text(field, { required: true, lengthMax: 40 })
  if (reader.errors.length === before && !UNIT_CODE.test(code))
    reader.refuse(
      field,
      'CHARACTER',
      'Kode unit hanya huruf, angka, titik, garis miring, garis bawah, dan tanda hubung.',
    )
  return code
}

function readRegion(reader: RowReader<UnitField>, kind: UnitKind): string | null {
  const allowed = regionKindsOf[kind]
  const text = reader.raw('regionCode')
  if (text === '') {
    if (allowed) reader.refuse('regionCode', 'REGION', `${unitKindLabels[kind]} wajib memiliki kode wilayah.`)
    return null
  }
  const region = reader.cell('regionCode').type === 'number' ? undefined : parseRegion(text)
  if (!region) {
    const hint = 'Contoh: 74.71.01.1005. Format kolom sebagai Teks.'
    reader.refuse('regionCode', 'REGION', `Bukan kode wilayah Kemendagri. ${hint}`)
  } else if (allowed && !allowed.includes(region.kind)) {
    reader.refuse(
      'regionCode',
      'REGION',
      `Kode ini kode ${region.kind}, bukan ${unitKindLabels[kind].toLowerCase()}.`,
    )
  }
  return region?.code ?? null
}

function readHead(reader: RowReader<UnitField>): Pick<UnitRow, 'headNip' | 'headCapacity'> {
  const text = reader.raw('headCapacity').toLowerCase().replace(/\.$/, '')
  const nipText = reader.raw('headNip')
  const implied = nipText === '' ? 'kosong' : 'definitif'
  const headCapacity =
    text === '' ? implied : headCapacities.find((one) => one.toLowerCase().replace(/\.$/, '') === text)
  if (!headCapacity) {
    reader.refuse('headCapacity', 'HEAD', `Kedudukan harus salah satu dari: ${headCapacities.join(', ')}.`)
    return { headNip: null, headCapacity: 'kosong' }
  }
  if (headCapacity === 'kosong') {
    if (nipText !== '') reader.refuse('headNip', 'HEAD', 'Jabatan kosong tidak boleh memiliki NIP kepala.')
    return { headNip: null, headCapacity }
  }
  const parsed = parseIdentityNumber(reader.cell('headNip'))
  if (nipText === '')
    reader.refuse('headNip', 'HEAD', `Isi NIP kepala, atau tulis "kosong" sebagai kedudukannya.`)
  else if (!parsed.number) reader.refuse('headNip', parsed.rule, parsed.message)
  return { headNip: parsed.number?.digits ?? null, headCapacity }
}

/**
 * What is wrong with a list of units as a tree: codes that stand twice, parents that do not exist, kinds that
 * may not stand there, circles, and regions or ids given to two units.
 *
 * @param rows with the sheet and row they came from; any order
 * @returns errors in the order of the rows; none when the list is a tree
 */
export function checkUnitTree(
  rows: readonly { sheet: string; rowNumber: number; unit: UnitRow }[],
): RowError[] {
  const errors: RowError[] = []
  const byCode = new Map<string, UnitRow>()
  const seen = new Map<string, number>()
  for (const { unit } of rows) if (!byCode.has(unit.code)) byCode.set(unit.code, unit)
  for (const { sheet, rowNumber, unit } of rows) {
    const refuse = (column: string, value: string, rule: RowError['rule'], message: string) =>
      errors.push({ sheet, row: rowNumber, column, value: shortValue(value), rule, message })
    for (const [column, value] of [
      ['KODE', unit.code],
      ['UNOR ID', unit.unorId],
      ['KODE WILAYAH', regionKindsOf[unit.kind] ? (unit.regionCode ?? '') : ''],
    ] as const) {
      if (value === '') continue
      const first = seen.get(`${column} ${value}`)
      if (first !== undefined) refuse(column, value, 'DUPLICATE', `Sudah dipakai pada baris ${first}.`)
      else seen.set(`${column} ${value}`, rowNumber)
    }
    const parent = byCode.get(unit.parentCode)
    if (unit.parentCode !== '' && !parent) {
      refuse('KODE INDUK', unit.parentCode, 'PARENT', 'Tidak ada unit dengan kode ini dalam berkas.')
      continue
    }
    if (!parentKinds[unit.kind].includes(parent?.kind ?? 'pemda')) {
      const under = parent ? unitKindLabels[parent.kind].toLowerCase() : 'pemerintah daerah'
      refuse(
        'KODE INDUK',
        unit.parentCode,
        'PARENT',
        `${unitKindLabels[unit.kind]} tidak dapat berada di bawah ${under}.`,
      )
    }
    if (isCircle(unit, byCode))
      refuse('KODE INDUK', unit.parentCode, 'PARENT', 'Unit menjadi induk bagi dirinya sendiri.')
  }
  return errors
}

function isCircle(unit: UnitRow, byCode: ReadonlyMap<string, UnitRow>): boolean {
  const passed = new Set<string>()
  for (let at: UnitRow | undefined = unit; at; at = byCode.get(at.parentCode)) {
    if (passed.has(at.code)) return true
    passed.add(at.code)
  }
  return false
}

import { parseEmail } from './email.js'
import {
  fundingSources,
  parseLegalStatus,
  type EmploymentType,
  type FundingSource,
  type LegalStatus,
} from './employment.js'
import { parseEselon, parsePnsGrade, parsePppkGrade } from './grade.js'
import { isDate, parseIdentityNumber, type IdentityNumber } from './nip.js'
import { headerKey, matchColumns, RowReader, type Columns, type RowError, type SheetRow } from './sheet.js'

export type JenisJabatan = 'STRUKTURAL' | 'FUNGSIONAL' | 'PELAKSANA' | ''

/** A person as the roster states it and as it is stored: nothing else of a row is ever kept. */
export interface RosterRow {
  identityNumber: string // 18 digits, or the contract number of a non-ASN: the key within a pemda
  employmentType: EmploymentType
  name: string // 1 to 120 characters, without titles
  titlePrefix: string // gelar depan, at most 60
  titleSuffix: string // gelar belakang, at most 120
  email: string | null // the official address where there is one
  emailAlternative: string | null
  phone: string | null // "+62..." and digits
  legalStatus: LegalStatus
  legalStatusText: string // as in the roster
  grade: string // "III/a", "IX" or ''
  jabatan: string // position, 1 to 300
  jenisJabatan: JenisJabatan
  eselon: string // "II.b" or ''
  unitKey: string // the unit's id in SIASN or its code, '' when the roster has none
  unitName: string
  parentUnitName: string
  fundingSource: FundingSource | null // non-ASN only, as are the two below
  contractNumber: string | null
  contractDate: string | null // ISO 8601
}

export const NAME_LENGTH_MAX = 120
export const TITLE_PREFIX_LENGTH_MAX = 60
export const TITLE_SUFFIX_LENGTH_MAX = 120
export const JABATAN_LENGTH_MAX = 300
export const UNIT_NAME_LENGTH_MAX = 200
export const CONTRACT_NUMBER_LENGTH_MAX = 100

/**
 * The fields that are read, each with its spellings as `headerKey` makes them, best first. This list is the
 * whole of what passes: a column that is not here is dropped while parsing. Date of birth and sex are
 * compared with the NIP and then dropped too.
 */
const rosterAliases = {
  identityNumber: [
    'NIPBARU',
    'NIP',
    'NIPPPK',
    'NIPPPPK',
    'NIPNIPPPK',
    'NIPBARUNIPPPK',
    'NOMORINDUKPEGAWAI',
    'NOMORINDUK',
  ],
  name: ['NAMA', 'NAMALENGKAP', 'NAMAPEGAWAI', 'NAMAPNS'],
  titlePrefix: ['GELARDEPAN'],
  titleSuffix: ['GELARBELAKANG'],
  emailGov: ['EMAILGOV', 'EMAILDINAS', 'SURELDINAS', 'EMAILGOID', 'EMAILKEDINASAN'],
  email: ['EMAIL', 'SUREL', 'POSEL', 'ALAMATEMAIL', 'ALAMATSUREL', 'EMAILPRIBADI'],
  phone: ['NOMORHP', 'NOHP', 'HP', 'NOMORTELEPON', 'NOTELEPON', 'NOTELP', 'NOMORPONSEL', 'TELEPON'],
  employmentType: ['JENISPEGAWAINAMA', 'JENISPEGAWAI', 'STATUSPEGAWAI', 'STATUSKEPEGAWAIAN', 'STATUSASN'],
  cpnsStatus: ['STATUSCPNSPNS'],
  legalStatusId: ['KEDUDUKANHUKUMID', 'KEDUDUKANPNSID'],
  legalStatus: [
    'KEDUDUKANHUKUMNAMA',
    'KEDUDUKANHUKUM',
    'KEDUDUKANPNSNAMA',
    'KEDUDUKANPNS',
    'STATUSKEDUDUKANHUKUM',
  ],
  grade: [
    'GOLAKHIRNAMA',
    'GOLRUANGAKHIR',
    'GOLONGANRUANG',
    'GOLRUANG',
    'GOLONGAN',
    'GOL',
    'PANGKATGOLONGAN',
    'PANGKATGOLONGANRUANG',
    'PANGKATGOLRUANG',
    'PANGKATGOL',
  ],
  gradeId: ['GOLAKHIRID', 'GOLRUANGAKHIRID'],
  jabatan: ['JABATANNAMA', 'JABATAN', 'NAMAJABATAN', 'PEKERJAAN'],
  jenisJabatan: ['JENISJABATANNAMA', 'JENISJABATAN'],
  eselon: ['ESELONNAMA', 'ESELON'],
  unitKey: ['UNORID', 'IDUNOR', 'KODEUNIT', 'KODEUNITKERJA'],
  unitName: ['UNORNAMA', 'UNITKERJA', 'NAMAUNITKERJA', 'NAMAUNIT', 'UNOR'],
  parentUnitName: ['UNORINDUKNAMA', 'UNORINDUK', 'PERANGKATDAERAH', 'OPD', 'NAMAOPD', 'UNITINDUK'],
  fundingSource: ['SUMBERDANA', 'SUMBERGAJI', 'SUMBERPEMBIAYAAN', 'SUMBERANGGARAN'],
  contractNumber: ['NOMORPERJANJIAN', 'NOPERJANJIAN', 'NOMORKONTRAK', 'NOKONTRAK', 'NOMORPERJANJIANKERJA'],
  contractDate: ['TANGGALPERJANJIAN', 'TGLPERJANJIAN', 'TANGGALKONTRAK', 'TGLKONTRAK'],
  birthDate: ['TANGGALLAHIR', 'TGLLAHIR'],
  sex: ['JENISKELAMIN', 'KELAMIN', 'JK'],
} as const
export type RosterField = keyof typeof rosterAliases

/** Where the fields of one sheet stand, and what the sheet says about everyone in it. */
export interface RosterHeader {
  columns: Columns<RosterField>
  indexes: number[] // of the same columns
  isNonAsn: boolean // the sheet has contract numbers and no NIP
  forbidden: string[] // titles of columns that we must not keep, to be told to the operator
}

// Named so that the operator is told they were dropped; a column that is merely unknown is dropped as well.
const FORBIDDEN =
  /^(NIK|NOKTP|NOMORKTP|NOKK|NOMORKK|AGAMA|ALAMAT|NPWP|NOMORNPWP|BPJS|NOBPJS|JENISKAWIN|STATUSKAWIN|STATUSPERKAWINAN|TEMPATLAHIR|GOLONGANDARAH|NAMAIBU|REKENING|NOREKENING|NOMORREKENING)/

/** Whether a column holds what the service must never keep (UU 27/2022: only what the purpose needs). */
export function isForbiddenColumn(title: string): boolean {
  const key = headerKey(title)
  const isKnown = Object.values(rosterAliases).some((aliases) => (aliases as readonly string[]).includes(key))
  return !isKnown && FORBIDDEN.test(key)
}

/**
 * The header of a roster sheet, whichever of its known forms: SIASN's export of 69 columns, shorter ones,
 * the camelCase names of its interface, plain Indonesian, or the non-ASN form.
 *
 * @param row a row that may be the header: titles often stand above it
 * @returns undefined when the row is no header; `errors` when it is one that cannot be used
 */
export function parseRosterHeader(row: SheetRow): { header: RosterHeader; errors: RowError[] } | undefined {
  const { columns, doubled } = matchColumns<RosterField>(row.cells, rosterAliases)
  const { identityNumber, contractNumber, name, jabatan, unitKey, unitName } = columns
  const known = Object.keys(columns).length
  if (!name || (known < 3 && !identityNumber)) return undefined
  const errors: RowError[] = []
  const refuse = (column: string, message: string) =>
    errors.push({ sheet: row.sheet, row: row.rowNumber, column, value: '', rule: 'HEADER', message })
  for (const title of doubled) refuse(title, 'Kolom ini muncul dua kali. Hapus salah satunya.')
  const missing = 'Kolom ini tidak ada. Tambahkan kolom dengan judul ini.'
  if (!identityNumber && !contractNumber) refuse('NIP BARU', missing)
  if (!jabatan) refuse('JABATAN NAMA', missing)
  if (!unitKey && !unitName) refuse('UNOR NAMA', missing)
  const forbidden = row.cells.map((cell) => cell.text.trim()).filter(isForbiddenColumn)
  const indexes = Object.values(columns).map((column) => column.index)
  return { header: { columns, indexes, isNonAsn: !identityNumber, forbidden }, errors }
}

/** What came of one row: nothing at all when it is empty. */
export interface ParsedRosterRow {
  row?: RosterRow // only without errors
  identityNumber?: string // also of a refused row, when it could be read: this person has not left
  errors: RowError[]
  warnings: RowError[] // the row is used all the same
}

/**
 * One person from one row of a roster (attacker-controlled).
 *
 * Refused with an error: what the pact prints or what tells people apart. Let pass with a warning: an email
 * address that cannot be used (the person is then listed as one who cannot be reached), a telephone number,
 * and what contradicts the NIP.
 *
 * @param header of the same sheet
 */
export function parseRosterRow(row: SheetRow, header: RosterHeader): ParsedRosterRow {
  const { columns } = header
  const isEmpty = header.indexes.every((index) => (row.cells[index]?.text ?? '').trim() === '')
  if (isEmpty) return { errors: [], warnings: [] }
  const reader = new RowReader<RosterField>(row, columns)
  const isNonAsn =
    header.isNonAsn || (reader.raw('identityNumber') === '' && reader.raw('contractNumber') !== '')
  const identity = isNonAsn ? readContract(reader) : readAsn(reader)
  const name = reader.text('name', { required: true, lengthMax: NAME_LENGTH_MAX })
  const titlePrefix = reader.text('titlePrefix', { lengthMax: TITLE_PREFIX_LENGTH_MAX })
  const titleSuffix = reader.text('titleSuffix', { lengthMax: TITLE_SUFFIX_LENGTH_MAX })
  const jabatan = reader.text('jabatan', { required: true, lengthMax: JABATAN_LENGTH_MAX })
  const emails = readEmails(reader)
  const unit = readUnit(reader)
  const { legalStatus, legalStatusText } = readLegalStatus(reader, isNonAsn)
  // Field by field: a hundred thousand objects made by spreading would be slow ones.
  const person: RosterRow = {
    identityNumber: identity.identityNumber,
    employmentType: identity.employmentType,
    name,
    titlePrefix,
    titleSuffix,
    email: emails.email,
    emailAlternative: emails.emailAlternative,
    phone: readPhone(reader),
    legalStatus,
    legalStatusText,
    grade: identity.grade,
    jabatan,
    jenisJabatan: parseJenisJabatan(reader.raw('jenisJabatan')),
    eselon: readEselon(reader),
    unitKey: unit.unitKey,
    unitName: unit.unitName,
    parentUnitName: unit.parentUnitName,
    fundingSource: identity.fundingSource,
    contractNumber: identity.contractNumber,
    contractDate: identity.contractDate,
  }
  const { errors, warnings } = reader
  const { identityNumber } = identity
  if (errors.length === 0) return { row: person, identityNumber, errors, warnings }
  return identityNumber === '' ? { errors, warnings } : { identityNumber, errors, warnings }
}

type Reader = RowReader<RosterField>
type IdentityPart = Pick<
  RosterRow,
  'identityNumber' | 'employmentType' | 'grade' | 'fundingSource' | 'contractNumber' | 'contractDate'
>

function readAsn(reader: Reader): IdentityPart {
  const parsed = parseIdentityNumber(reader.cell('identityNumber'))
  if (!parsed.number) reader.refuse('identityNumber', parsed.rule, parsed.message)
  else if (parsed.warning !== undefined) reader.warn('identityNumber', 'AGE', parsed.warning)
  if (parsed.number) compareWithNumber(reader, parsed.number)
  const employmentType = readEmploymentType(reader, parsed.number)
  return {
    identityNumber: parsed.number?.digits ?? '',
    employmentType,
    grade: readGrade(reader, employmentType),
    fundingSource: null,
    contractNumber: null,
    contractDate: null,
  }
}

/** A non-ASN is known by the number of the contract: the NIK is never kept. */
function readContract(reader: Reader): IdentityPart {
  const lengthMax = CONTRACT_NUMBER_LENGTH_MAX
  const text = reader.text('contractNumber', { required: true, lengthMax })
  const isNik = /^\d{16}$/.test(text.replace(/[\s.-]/g, ''))
  const nikMessage = 'Enam belas angka tampaknya NIK. Isi nomor perjanjian; NIK tidak disimpan.'
  if (isNik) reader.refuse('contractNumber', 'NIP', nikMessage)
  const contractNumber = isNik ? '' : text
  const fundingText = reader.raw('fundingSource').toUpperCase()
  const fundingSource =
    fundingSources.find((source) => new RegExp(`\\b${source}\\b`).test(fundingText)) ?? null
  if (!fundingSource)
    reader.refuse('fundingSource', 'FUNDING', `Sumber dana harus ${fundingSources.join(', ')}.`)
  const dateText = reader.raw('contractDate')
  const contractDate = parseDate(dateText) ?? null
  if (!contractDate)
    reader.refuse('contractDate', 'DATE', 'Tanggal perjanjian wajib diisi. Contoh: 02-01-2026.')
  return {
    identityNumber: contractNumber,
    employmentType: 'NON_ASN',
    grade: '',
    fundingSource,
    contractNumber,
    contractDate,
  }
}

// Neither value is shown: date of birth and sex are not ours to repeat.
function compareWithNumber(reader: Reader, number: IdentityNumber): void {
  const birthDate = parseDate(reader.cell('birthDate').text.trim())
  if (birthDate !== undefined && birthDate !== number.birthDate)
    reader.warn(
      'birthDate',
      'MISMATCH',
      'Tanggal lahir berbeda dengan delapan angka pertama NIP. Periksa kembali.',
      '',
    )
  const sexText = reader.cell('sex').text.trim().toUpperCase()
  const isMale = /^(M|L|1|LAKI.*|PRIA)$/.test(sexText)
  const isFemale = /^(F|P|2|PEREMPUAN|WANITA)$/.test(sexText)
  if ((isMale && number.sex === 'female') || (isFemale && number.sex === 'male'))
    reader.warn('sex', 'MISMATCH', 'Jenis kelamin berbeda dengan angka ke-15 NIP. Periksa kembali.', '')
}

/** The number decides between PNS and PPPK; the words decide what the number cannot tell. */
function readEmploymentType(reader: Reader, number: IdentityNumber | undefined): EmploymentType {
  const sheet = /\bPNS\b/i.test(reader.row.sheet) ? '' : reader.row.sheet
  const words = [reader.raw('employmentType'), reader.raw('legalStatus'), sheet].join(' ').toUpperCase()
  const isPartTime = /PARUH[\s_-]*WAKTU/.test(words)
  const saysPppk = /PPPK|P3K|PERJANJIAN KERJA/.test(words) || reader.raw('legalStatusId') === '71'
  if (!number) return saysPppk ? 'PPPK' : 'PNS'
  if (number.kind === 'NI PPPK') {
    if (/\bC?PNS\b/.test(reader.raw('employmentType').toUpperCase()) && !saysPppk)
      reader.warn(
        'employmentType',
        'EMPLOYMENT_TYPE',
        'Nomor ini NI PPPK, maka dicatat sebagai PPPK. Periksa jenis pegawai.',
      )
    return isPartTime ? 'PPPK_PARUH_WAKTU' : 'PPPK'
  }
  if (saysPppk)
    reader.warn(
      'identityNumber',
      'EMPLOYMENT_TYPE',
      'Nomor ini NIP PNS, maka dicatat sebagai PNS. Periksa jenis pegawai.',
    )
  const cpns =
    /^(C|CPNS)$/i.test(reader.raw('cpnsStatus')) ||
    /\bCPNS\b/.test(reader.raw('employmentType').toUpperCase())
  return cpns ? 'CPNS' : 'PNS'
}

function readGrade(reader: Reader, type: EmploymentType): string {
  const isPns = type === 'PNS' || type === 'CPNS'
  const parse = isPns ? parsePnsGrade : parsePppkGrade
  const text = reader.raw('grade')
  const id = reader.raw('gradeId')
  if (text === '' && id === '') {
    if (isPns) reader.warn('grade', 'GRADE', 'Golongan kosong; pada pakta akan tercetak "-".')
    return ''
  }
  const field = text === '' ? 'gradeId' : 'grade'
  const grade = parse(text === '' ? id : text)
  if (grade === undefined) {
    const allowed = isPns ? 'I/a sampai IV/e' : 'I sampai XVII'
    reader.refuse(field, 'GRADE', `Golongan tidak dikenal. Yang berlaku: ${allowed}.`)
  }
  return grade ?? ''
}

function readLegalStatus(
  reader: Reader,
  isNonAsn: boolean,
): Pick<RosterRow, 'legalStatus' | 'legalStatusText'> {
  const legalStatusText = reader.text('legalStatus', { lengthMax: 100 })
  if (legalStatusText === '') {
    // A sheet without the column lists people at work; an empty cell in the column says nothing of the sort.
    if (isNonAsn || (!reader.columns.legalStatus && !reader.columns.legalStatusId))
      return { legalStatus: 'AKTIF', legalStatusText }
    if (reader.raw('legalStatusId') === '71') return { legalStatus: 'AKTIF', legalStatusText: 'PPPK Aktif' }
    if (reader.columns.legalStatus)
      reader.warn('legalStatus', 'LEGAL_STATUS', 'Kedudukan hukum kosong; dicatat sebagai Lainnya.')
    return { legalStatus: 'OTHER', legalStatusText }
  }
  const legalStatus = parseLegalStatus(legalStatusText)
  if (legalStatus === 'OTHER')
    reader.warn('legalStatus', 'LEGAL_STATUS', 'Kedudukan hukum tidak dikenal; dicatat sebagai Lainnya.')
  return { legalStatus, legalStatusText }
}

function readEmails(reader: Reader): Pick<RosterRow, 'email' | 'emailAlternative'> {
  const found: string[] = []
  for (const field of ['emailGov', 'email'] as const) {
    if (reader.raw(field) === '') continue
    const parsed = parseEmail(reader.cell(field).text)
    if (parsed.email === undefined) reader.warn(field, 'EMAIL', `${parsed.reason} Surel ini tidak dipakai.`)
    else if (!found.includes(parsed.email)) found.push(parsed.email)
  }
  return { email: found[0] ?? null, emailAlternative: found[1] ?? null }
}

function readPhone(reader: Reader): string | null {
  const text = reader.raw('phone')
  if (text === '') return null
  // As a number a mobile lost its leading zero: 81234567890.
  const phone = text
    .replace(/[\s'().-]/g, '')
    .replace(/^(\+?62|0)(?=[1-9])/, '+62')
    .replace(/^8/, '+628')
  if (/^\+62[1-9]\d{7,11}$/.test(phone)) return phone
  reader.warn('phone', 'PHONE', 'Nomor telepon tidak dikenal bentuknya. Nomor ini tidak dipakai.')
  return null
}

function parseJenisJabatan(text: string): JenisJabatan {
  const words = text.toUpperCase()
  if (/PELAKSANA|FUNGSIONAL UMUM|\bJFU\b/.test(words)) return 'PELAKSANA'
  if (/FUNGSIONAL|\bJFT\b/.test(words)) return 'FUNGSIONAL'
  return /STRUKTURAL|MANAJERIAL|PIMPINAN|ADMINISTRATOR|PENGAWAS/.test(words) && !/NON/.test(words)
    ? 'STRUKTURAL'
    : ''
}

function readEselon(reader: Reader): string {
  const eselon = parseEselon(reader.raw('eselon'))
  if (eselon === undefined)
    reader.warn('eselon', 'ESELON', 'Eselon tidak dikenal. Contoh: II.b, III.a, IV.b.')
  return eselon ?? ''
}

function readUnit(reader: Reader): Pick<RosterRow, 'unitKey' | 'unitName' | 'parentUnitName'> {
  const unitKey = reader.text('unitKey', { lengthMax: 64 })
  const unitName = reader.text('unitName', { lengthMax: UNIT_NAME_LENGTH_MAX })
  const parentUnitName = reader.text('parentUnitName', { lengthMax: UNIT_NAME_LENGTH_MAX })
  const field = reader.columns.unitName ? 'unitName' : 'unitKey'
  const isRefused = reader.errors.some((error) => error.column === reader.columns[field]?.title)
  if (unitKey === '' && unitName === '' && !isRefused)
    reader.refuse(field, 'REQUIRED', 'Unit kerja wajib diisi.')
  return { unitKey, unitName, parentUnitName }
}

const MONTHS = [
  'januari',
  'februari',
  'maret',
  'april',
  'mei',
  'juni',
  'juli',
  'agustus',
  'september',
  'oktober',
  'november',
  'desember',
]

/**
 * A date as rosters write it: "2026-01-02", "02-01-2026", "02/01/2026" or "2 Januari 2026" (day first).
 *
 * @returns ISO 8601, or undefined when there is no such date
 */
export function parseDate(text: string): string | undefined {
  const iso = text.match(/^(\d{4})-(\d\d)-(\d\d)(?:$|[T ])/)
  const local = text.match(/^(\d{1,2})[-/. ](\d{1,2}|[A-Za-z]+)[-/. ](\d{4})$/)
  const month =
    local && (/\d/.test(local[2]!) ? Number(local[2]) : MONTHS.indexOf(local[2]!.toLowerCase()) + 1)
  const date = iso
    ? `${iso[1]}-${iso[2]}-${iso[3]}`
    : local && `${local[3]}-${String(month).padStart(2, '0')}-${local[1]!.padStart(2, '0')}`
  return date && isDate(date) ? date : undefined
}

/** Name with titles as documents print it: "Dr. Ir. NAMA, S.T., M.Si." */
export function formatName(person: Pick<RosterRow, 'titlePrefix' | 'name' | 'titleSuffix'>): string {
  const front = person.titlePrefix === '' ? person.name : `${person.titlePrefix} ${person.name}`
  return person.titleSuffix === '' ? front : `${front}, ${person.titleSuffix}`
}

/** Rows above the header that are looked at: a title, the agency, the date. */
export const HEADER_ROWS_MAX = 20

/** One thing learnt from a roster file. */
export type RosterItem =
  | { kind: 'sheet'; sheet: string; header: RosterHeader }
  | { kind: 'skipped'; sheet: string } // no header within the first rows: instructions, a chart
  | ({ kind: 'row'; sheet: string; rowNumber: number } & ParsedRosterRow)

/**
 * Reads a whole roster, sheet after sheet, in one pass: finds each header, parses each row, and refuses a
 * number that stands twice (keeping the first). Keeps one key a person in memory and nothing else.
 *
 * @param rows every non-empty row of the file, in order, as `store/sheets.ts` reads them
 */
export async function* parseRoster(rows: AsyncIterable<SheetRow>): AsyncGenerator<RosterItem> {
  const places = new Map<string, string>()
  let sheet: string | undefined
  let header: RosterHeader | undefined
  let tries = 0
  for await (const row of rows) {
    if (row.sheet !== sheet) {
      if (sheet !== undefined && !header && tries < HEADER_ROWS_MAX) yield { kind: 'skipped', sheet }
      sheet = row.sheet
      header = undefined
      tries = 0
    }
    const { rowNumber } = row
    if (!header) {
      if (tries >= HEADER_ROWS_MAX) continue
      const found = parseRosterHeader(row)
      tries++
      if (found) {
        header = found.header
        yield { kind: 'sheet', sheet, header }
        if (found.errors.length > 0) {
          yield { kind: 'row', sheet, rowNumber, errors: found.errors, warnings: [] }
          header = undefined
          tries = Infinity
        }
      } else if (tries === HEADER_ROWS_MAX) yield { kind: 'skipped', sheet }
      continue
    }
    const parsed = parseRosterRow(row, header)
    if (parsed.row) refuseDoubled(row, header, parsed, places)
    if (parsed.row || parsed.errors.length > 0) yield { kind: 'row', sheet, rowNumber, ...parsed }
  }
  if (sheet !== undefined && !header && tries < HEADER_ROWS_MAX) yield { kind: 'skipped', sheet }
}

function refuseDoubled(
  row: SheetRow,
  header: RosterHeader,
  parsed: ParsedRosterRow,
  places: Map<string, string>,
): void {
  const person = parsed.row!
  const first = places.get(person.identityNumber)
  if (first === undefined) {
    places.set(person.identityNumber, `lembar ${row.sheet} baris ${row.rowNumber}`)
    return
  }
  const field = person.employmentType === 'NON_ASN' ? 'contractNumber' : 'identityNumber'
  const reader = new RowReader<RosterField>(row, header.columns)
  const hint =
    field === 'contractNumber'
      ? ' Beri tiap orang nomor sendiri, misalnya dengan nomor urut di belakangnya.'
      : ''
  reader.refuse(field, 'DUPLICATE', `Nomor ini sudah ada pada ${first}.${hint}`)
  parsed.errors.push(...reader.errors)
  delete parsed.row
}

import { parseEmail } from './email.js'
import type { NamedPerson } from './pact.js'
import { JABATAN_LENGTH_MAX, NAME_LENGTH_MAX, parseDate } from './roster.js'
import { matchColumns, RowReader, type Columns, type RowError, type SheetRow } from './sheet.js'

/** Somebody who signs a joint pact: a head of region or whoever stands in for one, or a witness. */
export interface JointParty {
  role: 'signer' | 'witness'
  person: NamedPerson
}

const aliases = {
  role: ['PERAN'],
  region: ['WILAYAH', 'KABUPATENKOTA', 'DAERAH'],
  name: ['NAMA', 'NAMALENGKAP'],
  jabatan: ['JABATAN'],
  institution: ['LEMBAGA', 'INSTANSI'],
  email: ['SUREL', 'EMAIL', 'ALAMATSUREL'],
  office: ['MEWAKILI'],
  mandateNumber: ['NOMORMANDAT', 'NOMORSURATTUGAS', 'NOMORSURATKUASA'],
  mandateDate: ['TANGGALMANDAT', 'TANGGALSURATTUGAS', 'TANGGALSURATKUASA'],
} as const
type Field = keyof typeof aliases

/** The header of a list of parties, as the form to fill in has it. */
export const jointColumns = [
  'PERAN',
  'WILAYAH',
  'NAMA',
  'JABATAN',
  'LEMBAGA',
  'SUREL',
  'MEWAKILI',
  'NOMOR MANDAT',
  'TANGGAL MANDAT',
] as const

const MANDATE_LENGTH_MAX = 100
const REGION_LENGTH_MAX = 100
/** What the template has room for; see its `paling_banyak`. */
export const JOINT_SIGNERS_MAX = 100
export const JOINT_WITNESSES_MAX = 50

/**
 * The parties of a joint pact from a table, in its order: heads of region by region code, witnesses by rank.
 *
 * @returns parties and what is wrong; a list with errors is not used
 */
export async function parseJointParties(
  rows: AsyncIterable<SheetRow>,
): Promise<{ parties: JointParty[]; errors: RowError[] }> {
  const parties: JointParty[] = []
  const errors: RowError[] = []
  let columns: Columns<Field> | undefined
  let sheet = ''
  const places = new Map<string, number>()
  const once = (row: SheetRow, what: string, column: string, value: string) => {
    const first = places.get(`${what} ${value.toLowerCase()}`)
    if (first === undefined) places.set(`${what} ${value.toLowerCase()}`, row.rowNumber)
    else
      errors.push({
        ...{ sheet: row.sheet, row: row.rowNumber, column, value },
        ...{ rule: 'DUPLICATE', message: `Sudah ada pada baris ${first}.` },
      })
  }
  for await (const row of rows) {
    sheet ||= row.sheet
    if (!columns) {
      const found = matchColumns(row.cells, aliases)
      if (found.columns.role && found.columns.name && found.columns.email) columns = found.columns
      continue
    }
    if (row.cells.every((cell) => cell.text.trim() === '')) continue
    const { party, errors: wrong } = readParty(row, columns)
    errors.push(...wrong)
    if (!party) continue
    once(row, 'surel', 'SUREL', party.person.email)
    if (party.role === 'signer') once(row, 'wilayah', 'WILAYAH', party.person.region)
    parties.push(party)
  }
  const refuse = (message: string) =>
    errors.push({ sheet, row: 1, column: '', value: '', rule: columns ? 'REQUIRED' : 'HEADER', message })
  if (!columns) refuse(`Judul kolom tidak ditemukan. Yang diperlukan: ${jointColumns.join(', ')}.`)
  const count = (role: JointParty['role']) => parties.filter((party) => party.role === role).length
  if (columns && errors.length === 0 && count('signer') < 2)
    refuse('Pakta bersama memerlukan paling sedikit dua pihak.')
  if (columns && errors.length === 0 && count('witness') < 1)
    refuse('Pakta bersama memerlukan paling sedikit satu saksi.')
  if (count('signer') > JOINT_SIGNERS_MAX) refuse(`Paling banyak ${JOINT_SIGNERS_MAX} pihak.`)
  if (count('witness') > JOINT_WITNESSES_MAX) refuse(`Paling banyak ${JOINT_WITNESSES_MAX} saksi.`)
  return { parties, errors }
}

function readParty(row: SheetRow, columns: Columns<Field>): { party?: JointParty; errors: RowError[] } {
  const reader = new RowReader<Field>(row, columns)
  const roleText = reader.text('role', { required: true, lengthMax: 20 }).toLowerCase()
  const role = roleText === 'pihak' ? 'signer' : roleText === 'saksi' ? 'witness' : undefined
  if (!role && roleText !== '') reader.refuse('role', 'KIND', 'Peran harus "pihak" atau "saksi".')
  const name = reader.text('name', { required: true, lengthMax: NAME_LENGTH_MAX })
  const jabatan = reader.text('jabatan', { required: true, lengthMax: JABATAN_LENGTH_MAX })
  const region = reader.text('region', { required: role === 'signer', lengthMax: REGION_LENGTH_MAX })
  const institution = reader.text('institution', {
    required: role === 'witness',
    lengthMax: REGION_LENGTH_MAX,
  })
  const address = parseEmail(reader.raw('email'))
  if (address.email === undefined) reader.refuse('email', 'EMAIL', address.reason)
  const office = reader.text('office', { lengthMax: JABATAN_LENGTH_MAX })
  const mandateNumber = reader.text('mandateNumber', { lengthMax: MANDATE_LENGTH_MAX })
  const dateText = reader.raw('mandateDate')
  const mandateDate = dateText === '' ? undefined : parseDate(dateText)
  if (dateText !== '' && !mandateDate)
    reader.refuse('mandateDate', 'DATE', 'Tulis tanggal seperti 17-10-2022.')
  // Whoever stands in for a head of region signs by that head's mandate, and the page names it.
  if (office !== '' && mandateNumber === '')
    reader.refuse('mandateNumber', 'REQUIRED', 'Yang mewakili wajib memiliki nomor surat mandat.')
  if (office !== '' && dateText === '')
    reader.refuse('mandateDate', 'REQUIRED', 'Yang mewakili wajib memiliki tanggal surat mandat.')
  if (office === '' && (mandateNumber !== '' || dateText !== ''))
    reader.refuse('office', 'REQUIRED', 'Ada mandat, tetapi tidak disebut siapa yang diwakili.')
  if (office !== '' && role === 'witness') reader.refuse('office', 'KIND', 'Saksi tidak dapat diwakili.')
  if (reader.errors.length > 0 || !role || address.email === undefined) return { errors: reader.errors }
  const representing = office === '' ? null : { office, mandateNumber, mandateDate: mandateDate! }
  return {
    party: { role, person: { name, jabatan, region, institution, email: address.email, representing } },
    errors: [],
  }
}

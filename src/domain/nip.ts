import type { Cell, RowRule } from './sheet.js'

/** Digits of a NIP (nomor induk pegawai, of a PNS) and of an NI PPPK (of a contract civil servant). */
export const IDENTITY_DIGITS = 18
const FIRST_CONTRACT = 21
const PPPK_YEAR_FIRST = 2019
const APPOINTED_AGE_MIN = 17
const APPOINTED_AGE_MAX = 58

/** What an identity number tells about its holder. */
export interface IdentityNumber {
  digits: string // 18 of them: the key of a person within a pemda
  kind: 'NIP' | 'NI PPPK'
  birthDate: string // ISO 8601; compared with the roster's, never stored
  sex: 'male' | 'female'
  appointedYear: number
  appointedMonth: number | undefined // NIP only
  contract: number | undefined // NI PPPK only: 1 is the first
  sequence: number // 1 to 999
}

export type ParsedIdentityNumber =
  { number: IdentityNumber; warning?: string } | { number?: never; rule: RowRule; message: string }

const EXCEL_TRAP =
  'Excel telah mengubah nomor ini menjadi bilangan dan menghilangkan angka terakhirnya. ' +
  'Format kolom sebagai Teks, lalu salin ulang nomor dari sumbernya.'

/**
 * A NIP or an NI PPPK from a cell (attacker-controlled).
 *
 * A NIP is birth date, year and month of appointment, sex, and a sequence number; an NI PPPK has in place of
 * the month 20 plus the count of contracts, so that digits 13 and 14 tell them apart. Spaces, no-break
 * spaces, invisible marks and apostrophes are taken out. A cell that is a number is refused whatever it shows: doubles hold
 * 15 to 16 digits, and a digit that changed cannot be told from one that did not. The age at appointment (17
 * to 58) and the year of an NI PPPK (from 2019) only warn: courts correct dates and old errors live on.
 *
 * @returns the number with at most one warning, or the rule that it breaks
 * @see Perka BKN 22/2007 (NIP) and 43/2007; digits 13 and 14 of an NI PPPK as BKN issues them
 */
export function parseIdentityNumber(cell: Cell): ParsedIdentityNumber {
  const digits = cell.text.replace(/[\s'‘’`\p{Cf}]/gu, '')
  if (cell.type === 'formula' || cell.type === 'error')
    return {
      rule: 'FORMULA',
      message: 'Sel berisi rumus atau galat. Salin lalu tempel sebagai nilai (Paste Values).',
    }
  if (digits === '') return { rule: 'REQUIRED', message: 'NIP atau NI PPPK wajib diisi.' }
  if (cell.type !== 'text' || /^\d([.,]\d+)?E\+?\d+$/i.test(digits))
    return { rule: 'NUMERIC', message: EXCEL_TRAP }
  const refuse = (message: string) => ({ rule: 'NIP' as const, message })
  if (!/^[0-9]+$/.test(digits)) return refuse('NIP hanya berisi angka.')
  if (digits.length !== IDENTITY_DIGITS) return refuse(lengthMessage(digits.length))
  const year = Number(digits.slice(0, 4))
  const birthDate = `${digits.slice(0, 4)}-${digits.slice(4, 6)}-${digits.slice(6, 8)}`
  if (year < 1900 || !isDate(birthDate))
    return refuse(`Angka 1–8 (${digits.slice(0, 8)}) bukan tanggal lahir.`)
  const sex = digits[14]
  if (sex !== '1' && sex !== '2') return refuse(`Angka ke-15 (jenis kelamin) ${sex}, seharusnya 1 atau 2.`)
  if (digits.endsWith('000')) return refuse(`Nomor urut 000 tidak ada. ${EXCEL_TRAP}`)
  const middle = Number(digits.slice(12, 14))
  const isPppk = middle >= FIRST_CONTRACT
  if (!isPppk && (middle < 1 || middle > 12))
    return refuse(`Angka 13–14 ${digits.slice(12, 14)}, seharusnya bulan 01–12 (PNS) atau 21 ke atas (PPPK).`)
  const number: IdentityNumber = {
    digits,
    kind: isPppk ? 'NI PPPK' : 'NIP',
    birthDate,
    sex: sex === '1' ? 'male' : 'female',
    appointedYear: Number(digits.slice(8, 12)),
    appointedMonth: isPppk ? undefined : middle,
    contract: isPppk ? middle - FIRST_CONTRACT + 1 : undefined,
    sequence: Number(digits.slice(15)),
  }
  const warning = doubt(number, year)
  return warning === undefined ? { number } : { number, warning }
}

function lengthMessage(length: number): string {
  if (length === 9) return 'Sembilan angka adalah NIP lama. Isi NIP baru yang 18 angka.'
  if (length === 16) return 'Enam belas angka tampaknya NIK. Isi NIP atau NI PPPK; NIK tidak disimpan.'
  return `${length} angka, seharusnya ${IDENTITY_DIGITS}.`
}

function doubt(number: IdentityNumber, birthYear: number): string | undefined {
  const age = number.appointedYear - birthYear
  if (age < APPOINTED_AGE_MIN || age > APPOINTED_AGE_MAX)
    return `Usia saat diangkat ${age} tahun, lazimnya ${APPOINTED_AGE_MIN} sampai ${APPOINTED_AGE_MAX}. Periksa kembali.`
  if (number.kind === 'NI PPPK' && number.appointedYear < PPPK_YEAR_FIRST)
    return `Tahun pengangkatan PPPK ${number.appointedYear}, lazimnya ${PPPK_YEAR_FIRST} atau sesudahnya. Periksa kembali.`
  return undefined
}

/** Whether an ISO 8601 date ("1980-02-29") exists in the calendar. */
export function isDate(iso: string): boolean {
  if (!/^\d{4}-\d\d-\d\d$/.test(iso)) return false
  const [year, month, day] = [Number(iso.slice(0, 4)), Number(iso.slice(5, 7)), Number(iso.slice(8))]
  if (month < 1 || month > 12 || day < 1) return false
  const isLeap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)
  return day <= (month === 2 ? (isLeap ? 29 : 28) : [4, 6, 9, 11].includes(month) ? 30 : 31)
}

/**
 * The number as documents print it: "19800115 200501 2 003". What is not 18 digits (the contract number of a
 * non-ASN) is returned as it is.
 */
export function formatIdentityNumber(digits: string): string {
  if (!/^\d{18}$/.test(digits)) return digits
  return `${digits.slice(0, 8)} ${digits.slice(8, 14)} ${digits[14]} ${digits.slice(15)}`
}

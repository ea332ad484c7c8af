import { PactError } from './errors.js'
import { cleanText } from './repertoire.js'

/**
 * What a spreadsheet says a cell is. The type matters as much as the text: a NIP that was typed as a number
 * has already lost its last digits.
 */
export type CellType = 'text' | 'number' | 'date' | 'bool' | 'formula' | 'error' | 'empty'

/** One cell: the raw text of the file (a date as ISO 8601) and its type. */
export interface Cell {
  text: string
  type: CellType
}

/** One row of one sheet. `cells` may be shorter than the header. */
export interface SheetRow {
  sheet: string
  rowNumber: number // as the spreadsheet program counts, from 1
  cells: readonly Cell[]
}

/** Why a row is refused or doubted. */
export type RowRule =
  | 'HEADER'
  | 'REQUIRED'
  | 'FORMULA'
  | 'NUMERIC'
  | 'LENGTH'
  | 'CHARACTER'
  | 'NIP'
  | 'AGE'
  | 'MISMATCH'
  | 'EMPLOYMENT_TYPE'
  | 'LEGAL_STATUS'
  | 'GRADE'
  | 'ESELON'
  | 'EMAIL'
  | 'PHONE'
  | 'DATE'
  | 'FUNDING'
  | 'DUPLICATE'
  | 'KIND'
  | 'REGION'
  | 'PARENT'
  | 'UNIT'
  | 'HEAD'

/** One thing wrong with one cell, told so that an operator finds it and knows what to do. */
export interface RowError {
  sheet: string
  row: number
  column: string // the header as the file writes it
  value: string // shortened; empty where the value is not ours to show
  rule: RowRule
  message: string // Indonesian
}

const VALUE_LENGTH_MAX = 40

/**
 * The value of an error as it may be shown: on one line, at most 40 characters, invisible characters named,
 * and a number of 16 digits (as long as a NIK) down to its last three.
 */
export function shortValue(text: string): string {
  const compact = text.replace(/[\s'.-]/g, '')
  if (/^\d{16}$/.test(compact)) return '•'.repeat(13) + compact.slice(-3)
  const shown = [...text.replace(/\s+/g, ' ').trim()]
    .slice(0, VALUE_LENGTH_MAX + 1)
    .map((char) => (/[\p{Cc}\p{Cf}\p{Cs}\p{Co}]/u.test(char) ? `<${formatCodePoint(char)}>` : char))
  return shown.length > VALUE_LENGTH_MAX
    ? shown.slice(0, VALUE_LENGTH_MAX - 1).join('') + '…'
    : shown.join('')
}

/** "U+200F" of a character. */
export function formatCodePoint(char: string): string {
  return 'U+' + char.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')
}

/** What two spellings of one header share: "NIP Baru", "nip_baru" and "nipBaru" are all "NIPBARU". */
export function headerKey(text: string): string {
  return text
    .normalize('NFKC')
    .toUpperCase()
    .replace(/[^A-Z0-9]/g, '')
}

/** Where one field stands in a sheet. */
export interface Column {
  index: number // from 0
  title: string // as the file writes it
}

/** A sheet's header: where each known field stands. */
export type Columns<Field extends string> = Partial<Record<Field, Column>>

/**
 * Finds known fields in a header row; what is not known is never looked at again.
 *
 * @param cells the header row
 * @param aliases for each field its spellings as `headerKey` makes them, best first
 * @returns the columns, and the titles that stand twice
 */
export function matchColumns<Field extends string>(
  cells: readonly Cell[],
  aliases: Readonly<Record<Field, readonly string[]>>,
): { columns: Columns<Field>; doubled: string[] } {
  const places = new Map<string, number>()
  const doubledKeys = new Map<string, string>()
  cells.forEach((cell, index) => {
    const key = headerKey(cell.text)
    if (key === '') return
    if (places.has(key)) doubledKeys.set(key, cell.text.trim())
    else places.set(key, index)
  })
  const columns: Columns<Field> = {}
  const doubled: string[] = []
  for (const field of Object.keys(aliases) as Field[]) {
    const key = aliases[field].find((alias) => places.has(alias))
    if (key === undefined) continue
    const index = places.get(key)!
    columns[field] = { index, title: cells[index]!.text.trim() }
    const title = doubledKeys.get(key)
    if (title !== undefined) doubled.push(title)
  }
  return { columns, doubled }
}

const emptyCell: Cell = { text: '', type: 'empty' }

// Nine cells in ten are printable ASCII on one line with single spaces: nothing to compose, join or take out.
// Each turn of the loop ends at a space, so that a long text costs no more than its length.
const isPlain = (text: string) => text === '' || /^(?:[\x21-\x7e]+ )*[\x21-\x7e]+$/.test(text)

/**
 * Reads the fields of one row and keeps what is wrong with them.
 *
 * Text comes out in Unicode NFC, on one line, without double or surrounding spaces; "-" and "null", which
 * exports write for nothing, are empty.
 */
export class RowReader<Field extends string> {
  readonly errors: RowError[] = []
  readonly warnings: RowError[] = []

  constructor(
    readonly row: SheetRow,
    readonly columns: Columns<Field>,
  ) {}

  cell(field: Field): Cell {
    const column = this.columns[field]
    return (column && this.row.cells[column.index]) ?? emptyCell
  }

  /** The field's text, or '' after noting an error, when a program would have to compute it. */
  raw(field: Field): string {
    const cell = this.cell(field)
    if (this.isComputed(field)) {
      this.refuse(
        field,
        'FORMULA',
        'Sel berisi rumus atau galat. Salin lalu tempel sebagai nilai (Paste Values).',
      )
      return ''
    }
    const text = isPlain(cell.text) ? cell.text : cell.text.normalize('NFC').replace(/\s+/g, ' ').trim()
    return text.length <= 4 && /^(-+|null)$/i.test(text) ? '' : text
  }

  /**
   * The field's text of at most `lengthMax` characters, all of which a pact can print; '' after noting an
   * error. Invisible characters are taken out with a warning.
   */
  text(field: Field, options: { required?: boolean; lengthMax: number }): string {
    const raw = this.raw(field)
    if (this.isComputed(field)) return ''
    const text = this.clean(field, raw)
    if (text === '') {
      if (options.required && text === raw) this.refuse(field, 'REQUIRED', 'Wajib diisi.')
      return ''
    }
    const length = [...text].length
    if (length > options.lengthMax) {
      const message = `${length} karakter, paling banyak ${options.lengthMax}. Persingkat isinya.`
      this.refuse(field, 'LENGTH', message)
      return ''
    }
    return text
  }

  private clean(field: Field, raw: string): string {
    if (isPlain(raw)) return raw
    try {
      const { text, removed } = cleanText(raw)
      const message = `Karakter tak terlihat (${removed.join(', ')}) dibuang. Periksa kembali isinya.`
      if (text === '' && raw !== '') this.refuse(field, 'CHARACTER', 'Isi hanya karakter tak terlihat.')
      else if (removed.length > 0) this.warn(field, 'CHARACTER', message)
      return text
    } catch (error) {
      if (!(error instanceof PactError) || error.code !== 'BAD_CHARACTER') throw error
      this.refuse(field, 'CHARACTER', `${error.message}. Ketik ulang isinya.`)
      return ''
    }
  }

  private isComputed(field: Field): boolean {
    const { type } = this.cell(field)
    return type === 'formula' || type === 'error'
  }

  /** Notes an error; a second one of the same rule about the same field says nothing new and is left out. */
  refuse(field: Field, rule: RowRule, message: string, value = this.cell(field).text): void {
    const error = this.tell(field, rule, message, value)
    if (!this.errors.some((one) => one.rule === rule && one.column === error.column)) this.errors.push(error)
  }

  warn(field: Field, rule: RowRule, message: string, value = this.cell(field).text): void {
    this.warnings.push(this.tell(field, rule, message, value))
  }

  private tell(field: Field, rule: RowRule, message: string, value: string): RowError {
    const column = this.columns[field]?.title ?? field
    return { sheet: this.row.sheet, row: this.row.rowNumber, column, value: shortValue(value), rule, message }
  }
}

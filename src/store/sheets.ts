import { createReadStream } from 'node:fs'
import { open, stat } from 'node:fs/promises'
import { parse as parseCsv } from 'csv-parse'
import { stringify } from 'csv-stringify/sync'
import writeXlsxFile from 'write-excel-file/node'
import { PactError } from '../domain/errors.js'
import type { SheetRow } from '../domain/sheet.js'
import { COLUMN_COUNT_MAX, readXlsx, ROW_COUNT_MAX, ROW_NUMBER_MAX } from './xlsx.js'

/** An uploaded spreadsheet; 100,000 rows of SIASN's 69 columns are about 30 MiB. */
export const SHEET_FILE_BYTES_MAX = 64 * 1024 ** 2
const CSV_RECORD_CHARACTERS_MAX = 1024 ** 2
const SNIFF_BYTES = 4_096

const bad = (message: string, cause?: unknown) =>
  new PactError('BAD_SPREADSHEET', message, cause === undefined ? undefined : { cause })

/**
 * Every non-empty row of a spreadsheet file (attacker-controlled), XLSX or CSV by its content, whatever its
 * name. Streams: memory does not grow with the number of rows.
 *
 * @param options.sheetName what a CSV, which has no sheets, is called in errors
 * @throws FILE_TOO_LARGE, BAD_SPREADSHEET with what to do, in Indonesian
 */
export async function* readSheets(
  path: string,
  options: { sheetName?: string } = {},
): AsyncGenerator<SheetRow> {
  const { size } = await stat(path)
  if (size > SHEET_FILE_BYTES_MAX) {
    const mebibytes = (bytes: number) => Math.ceil(bytes / 1024 ** 2)
    throw new PactError(
      'FILE_TOO_LARGE',
      `Berkas ${mebibytes(size)} MiB, paling besar ${mebibytes(SHEET_FILE_BYTES_MAX)} MiB. Pecah menjadi beberapa berkas.`,
    )
  }
  const start = await readStart(path)
  if (start.length === 0) throw bad('Berkas kosong. Pilih berkas yang benar.')
  if (start.subarray(0, 4).equals(Buffer.from('PK\x03\x04'))) yield* readXlsx(path)
  else yield* readCsv(path, start, options.sheetName ?? 'CSV')
}

async function readStart(path: string): Promise<Buffer> {
  const file = await open(path)
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(SNIFF_BYTES), 0, SNIFF_BYTES, 0)
    return buffer.subarray(0, bytesRead)
  } finally {
    await file.close()
  }
}

const OLE_MAGIC = Buffer.from('d0cf11e0a1b11ae1', 'hex') // XLS of 1997 to 2003, and XLSX under a password

function refuseWhatIsNoText(start: Buffer): void {
  if (start.subarray(0, 8).equals(OLE_MAGIC))
    throw bad(
      'Berkas ini XLS lama atau dikunci kata sandi. Buka di Excel, hapus kata sandinya, simpan sebagai .xlsx.',
    )
  if (start[0] === 0xff || start[0] === 0xfe)
    throw bad('Berkas teks ini UTF-16. Simpan sebagai "CSV UTF-8" atau .xlsx.')
  if (start.subarray(0, 2).toString('latin1') === 'PK')
    throw bad('Berkas XLSX rusak atau kosong. Simpan kembali dari Excel.')
  if (/^\s*<(!doctype|html|table|\?xml|meta)/i.test(start.toString('latin1').replace(/^\xef\xbb\xbf/, '')))
    throw bad('Berkas ini halaman HTML atau XML, bukan Excel. Buka di Excel lalu simpan sebagai .xlsx.')
  if (start.includes(0) || start.subarray(0, 5).toString('latin1') === '%PDF-')
    throw bad('Berkas ini bukan XLSX atau CSV. Pilih berkas yang benar.')
}

/** The character between fields: of comma, semicolon and tab the one that the first line has most of. */
function findDelimiter(start: Buffer): string {
  const firstLine = start
    .toString('utf8')
    .replace(/"[^"]*"/g, '')
    .split(/\r?\n|\r/)
    .find((line) => line.trim() !== '')
  const count = (delimiter: string) => (firstLine ?? '').split(delimiter).length
  return [',', ';', '\t'].reduce((best, one) => (count(one) > count(best) ? one : best))
}

async function* readCsv(path: string, start: Buffer, sheet: string): AsyncGenerator<SheetRow> {
  refuseWhatIsNoText(start)
  const parser = parseCsv({
    delimiter: findDelimiter(start),
    bom: true,
    relax_column_count: true,
    max_record_size: CSV_RECORD_CHARACTERS_MAX,
  })
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
  const input = createReadStream(path)
  input.on('data', (chunk) => {
    // Windows-1252 is refused and not guessed at: a guess would put wrong letters into names.
    try {
      decoder.decode(chunk as Buffer, { stream: true })
    } catch (cause) {
      const message =
        'Berkas CSV bukan UTF-8. Di Excel pilih Simpan Sebagai "CSV UTF-8", atau simpan sebagai .xlsx.'
      input.destroy(bad(message, cause))
    }
  })
  input.on('error', (error) => parser.destroy(error))
  input.pipe(parser)
  let rowNumber = 0
  let rowCount = 0
  try {
    for await (const texts of parser as AsyncIterable<string[]>) {
      rowNumber++
      if (rowNumber > ROW_NUMBER_MAX)
        throw bad(`Berkas memuat lebih dari ${ROW_NUMBER_MAX} baris. Pecah menjadi beberapa berkas.`)
      if (rowNumber === 1 && texts.every((text) => text.trim() === '' || /^sep=/i.test(text))) continue
      if (texts.every((text) => text.trim() === '')) continue
      if (++rowCount > ROW_COUNT_MAX)
        throw bad(`Berkas memuat lebih dari ${ROW_COUNT_MAX} baris berisi. Pecah menjadi beberapa berkas.`)
      if (texts.length > COLUMN_COUNT_MAX)
        throw bad(`Baris ${rowNumber} memuat lebih dari ${COLUMN_COUNT_MAX} kolom.`)
      yield { sheet, rowNumber, cells: texts.map((text) => ({ text, type: text === '' ? 'empty' : 'text' })) }
    }
  } catch (cause) {
    if (cause instanceof PactError) throw cause
    throw bad(
      `CSV tidak dapat dibaca setelah baris ${rowNumber}: tanda kutip tidak berpasangan. Perbaiki lalu unggah lagi.`,
      cause,
    )
  } finally {
    input.destroy()
    parser.destroy()
  }
}

/** A value of a written table; null leaves the cell empty. */
export type Value = string | number | null

/** A sheet to be written. */
export interface SheetToWrite {
  name: string
  columns: readonly { title: string; width?: number }[] // width in characters
  rows: Iterable<readonly Value[]>
}

// XML 1.0 cannot carry these at all, and Excel calls a file that tries to broken.
const NOT_IN_XML = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Cs}/gu
const escapeCharacter = (char: string) =>
  `_x${char.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}_`

/**
 * Text as a cell stores it: "_x0041_" would be read as "A", so that its first underscore is escaped. A text
 * such as "constructor" has its first letter escaped, because write-excel-file looks texts up in a plain
 * object and would write another one in its place.
 * @see ECMA-376 part 1 clause 22.9.2.19 (ST_Xstring)
 */
function cellText(value: string): string {
  const text = value.replace(NOT_IN_XML, '').replace(/_(?=x[0-9A-Fa-f]{4}_)/g, escapeCharacter)
  return text in Object.prototype ? escapeCharacter(text) + text.slice(1) : text
}

/**
 * An XLSX file. Text goes into text cells with the format Text, so that "=1+1" stays those four characters,
 * also after somebody edits the cell, and a NIP keeps its digits; numbers are numbers.
 *
 * @param sheets at least one
 */
export async function writeXlsx(sheets: readonly SheetToWrite[]): Promise<Buffer> {
  const cell = (value: Value) => {
    if (value === null || value === '') return null
    if (typeof value === 'number') return { value, type: Number }
    return { value: cellText(value), type: String, format: '@' }
  }
  return writeXlsxFile(
    sheets.map(({ name, columns, rows }) => ({
      sheet: name.replace(/[[\]:*?/\\]/g, ' ').slice(0, 31),
      stickyRowsCount: 1,
      columns: columns.map(({ title, width }) => ({ width: width ?? Math.max(12, title.length + 2) })),
      data: [
        columns.map(({ title }) => ({ value: cellText(title), type: String, fontWeight: 'bold' as const })),
        ...Array.from(rows, (row) => row.map(cell)),
      ],
    })),
  ).toBuffer()
}

/**
 * A CSV file, UTF-8 with the byte order mark that Excel asks for. A text that a spreadsheet program would
 * take for a formula (it starts with = + - @ tab or return) gets an apostrophe before it.
 *
 * @see OWASP, CSV Injection
 */
export function writeCsv(columns: readonly string[], rows: Iterable<readonly Value[]>): string {
  return stringify([columns, ...rows], { bom: true, escape_formulas: true, record_delimiter: 'windows' })
}

import { pipeline } from 'node:stream'
import { crc32, createInflateRaw } from 'node:zlib'
import { type Entry, openPromise, type ZipFile } from 'yauzl'
import { PactError } from '../domain/errors.js'
import type { Cell, CellType, SheetRow } from '../domain/sheet.js'
import { XmlError, type XmlListener, XmlTokenizer } from './xml.js'

// A workbook is attacker-controlled: every number below bounds memory or time.
/** Files in the ZIP; an ordinary workbook has a dozen. */
const ENTRY_COUNT_MAX = 2_000
/** All XML of the workbook, unpacked; 100,000 rows of 69 columns are about 350 MiB. */
export const UNPACKED_BYTES_MAX = 1.5 * 1024 ** 3
/** A part that shrinks further than this is a bomb: sheets shrink 8 to 60 times, DEFLATE can do 1,032. */
const RATIO_MAX = 200
/** Small parts may shrink as they like. */
const RATIO_FREE_BYTES = 16 * 1024 ** 2
const CHUNK_BYTES = 128 * 1024
/** Workbook, relations and styles are small; read whole. */
const PART_BYTES_MAX = 16 * 1024 ** 2
const SHEET_COUNT_MAX = 64
const STYLE_COUNT_MAX = 65_536
const SHARED_STRING_COUNT_MAX = 4_000_000
const SHARED_STRING_CHARACTERS_MAX = 160 * 1024 ** 2
/** Excel's own limit for one cell. */
const CELL_CHARACTERS_MAX = 32_767
export const COLUMN_COUNT_MAX = 256
/** Rows with something in them, over all sheets. */
export const ROW_COUNT_MAX = 200_000
/** Row numbers, empty rows included: Excel's own limit. */
export const ROW_NUMBER_MAX = 1_048_576
/** Row elements over all sheets, empty ones included. */
const ROW_ELEMENT_COUNT_MAX = 2 * ROW_NUMBER_MAX

const bad = (message: string, cause?: unknown) =>
  new PactError('BAD_SPREADSHEET', message, cause === undefined ? undefined : { cause })
const tooMany = (what: string, limit: number) =>
  bad(
    `Berkas memuat lebih dari ${limit.toLocaleString('id-ID')} ${what}. Pecah menjadi beberapa berkas yang lebih kecil.`,
  )
const broken = (cause?: unknown) =>
  bad(
    'Berkas XLSX rusak atau terpotong. Buka di Excel, simpan kembali sebagai .xlsx, lalu unggah lagi.',
    cause,
  )

/** Feeds a part to the listener, chunk by chunk, and yields after each so that finished rows can leave. */
async function* readXml(zip: ZipFile, entry: Entry, listener: XmlListener): AsyncGenerator<void> {
  const parser = new XmlTokenizer(listener)
  const decoder = new TextDecoder('utf-8', { fatal: true })
  try {
    for await (const chunk of unpack(zip, entry)) {
      parser.write(decoder.decode(chunk, { stream: true }))
      yield
    }
    parser.write(decoder.decode())
    parser.end()
  } catch (cause) {
    if (cause instanceof XmlError && cause.message === 'DOCTYPE')
      throw bad(
        'Berkas memuat DOCTYPE, yang tidak ada pada berkas Excel. Simpan kembali dari Excel lalu unggah lagi.',
        cause,
      )
    throw cause instanceof PactError ? cause : broken(cause)
  }
}

/** A part's bytes, checked against the size and checksum that the ZIP states. */
async function* unpack(zip: ZipFile, entry: Entry): AsyncGenerator<Buffer> {
  if (entry.compressionMethod !== 0 && entry.compressionMethod !== 8) throw broken()
  const isPacked = entry.compressionMethod === 8
  const packed = await zip.openReadStreamPromise(entry, isPacked ? { decodeFileData: false } : {})
  // yauzl would inflate in pieces of 16 KiB, each of which waits for a thread: four times as slow.
  const stream = isPacked
    ? pipeline(packed, createInflateRaw({ chunkSize: CHUNK_BYTES }), () => {}) // errors reach the loop below
    : packed
  let bytes = 0
  let checksum = 0
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      bytes += chunk.length
      if (bytes > entry.uncompressedSize) throw broken()
      checksum = crc32(chunk, checksum)
      yield chunk
    }
  } finally {
    packed.destroy()
  }
  if (bytes !== entry.uncompressedSize || checksum !== entry.crc32) throw broken()
}

async function readPart(zip: ZipFile, entry: Entry, listener: XmlListener): Promise<void> {
  if (entry.uncompressedSize > PART_BYTES_MAX) throw broken()
  for await (const _ of readXml(zip, entry, listener));
}

/**
 * Every non-empty row of every visible sheet of an XLSX file (attacker-controlled), in order.
 *
 * Own reader, because the type of a cell and its text as stored decide whether a NIP can be trusted, and
 * because memory must not grow with the file: only the shared strings are held.
 *
 * @throws BAD_SPREADSHEET when it is no workbook, is encrypted, broken, or beyond a limit
 * @see ECMA-376 part 1 clause 18 (SpreadsheetML), part 2 (packaging)
 */
export async function* readXlsx(path: string): AsyncGenerator<SheetRow> {
  let zip: ZipFile
  try {
    zip = await openPromise(path, { lazyEntries: true, autoClose: false })
  } catch (cause) {
    throw broken(cause)
  }
  try {
    const entries = await listEntries(zip)
    const { sheets, is1904 } = await readWorkbook(zip, entries)
    const dateStyles = await readDateStyles(zip, entries)
    const strings = await readSharedStrings(zip, entries)
    const limits = { rowCount: 0, rowElementCount: 0 }
    for (const { name, entry } of sheets) {
      const reader = new SheetReader({ name, strings, dateStyles, is1904, limits })
      for await (const _ of readXml(zip, entry, reader)) yield* reader.take()
      yield* reader.take()
    }
  } finally {
    zip.close()
  }
}

async function listEntries(zip: ZipFile): Promise<Map<string, Entry>> {
  const entries = new Map<string, Entry>()
  let unpackedBytes = 0
  if (zip.entryCount > ENTRY_COUNT_MAX) throw broken()
  try {
    for await (const entry of zip.eachEntry()) {
      if (entry.isEncrypted()) throw bad('Berkas dikunci kata sandi. Hapus kata sandinya lalu unggah lagi.')
      unpackedBytes += entry.uncompressedSize
      const isBomb =
        entry.uncompressedSize > RATIO_FREE_BYTES && entry.uncompressedSize / entry.compressedSize > RATIO_MAX
      if (isBomb || unpackedBytes > UNPACKED_BYTES_MAX)
        throw bad(
          'Isi berkas setelah dibuka terlalu besar. Hapus baris dan lembar yang kosong, lalu simpan kembali.',
        )
      entries.set(entry.fileName, entry)
    }
  } catch (cause) {
    throw cause instanceof PactError ? cause : broken(cause)
  }
  if (entries.has('xl/workbook.bin'))
    throw bad('Berkas XLSB tidak didukung. Simpan sebagai .xlsx lalu unggah lagi.')
  if (entries.has('content.xml'))
    throw bad('Berkas ODS tidak didukung. Simpan sebagai .xlsx lalu unggah lagi.')
  if (!entries.has('xl/workbook.xml'))
    throw bad('Berkas ini bukan buku kerja Excel (.xlsx). Pilih berkas yang benar.')
  return entries
}

async function readWorkbook(zip: ZipFile, entries: ReadonlyMap<string, Entry>) {
  const targets = new Map<string, string>()
  const relations = entries.get('xl/_rels/workbook.xml.rels')
  if (!relations) throw broken()
  await readPart(zip, relations, {
    open(name, { Id, Target, Type }) {
      if (name === 'Relationship' && Id && Target && Type?.endsWith('/worksheet')) targets.set(Id, Target)
    },
    close() {},
    text() {},
  })
  const sheets: { name: string; entry: Entry }[] = []
  let sheetCount = 0
  let is1904 = false
  await readPart(zip, entries.get('xl/workbook.xml')!, {
    open(name, attributes) {
      if (name === 'workbookPr') is1904 = /^(1|true)$/.test(attributes['date1904'] ?? '')
      if (name !== 'sheet') return
      if (++sheetCount > SHEET_COUNT_MAX) throw tooMany('lembar', SHEET_COUNT_MAX)
      // A hidden sheet is one that the person who uploads it does not see: it must not count anyone.
      if (attributes['state'] === 'hidden' || attributes['state'] === 'veryHidden') return
      const id = Object.keys(attributes).find((key) => key.endsWith(':id'))
      const target = id && targets.get(attributes[id]!)
      if (!target) return // a chart
      const entry = entries.get(
        target.startsWith('/') ? target.slice(1) : 'xl/' + target.replace(/^\.\//, ''),
      )
      if (!entry) throw broken()
      sheets.push({ name: attributes['name'] ?? '', entry })
    },
    close() {},
    text() {},
  })
  return { sheets, is1904 }
}

/** Which cell styles show a number as a date. @see ECMA-376 part 1 clause 18.8.30 (built-in formats) */
async function readDateStyles(zip: ZipFile, entries: ReadonlyMap<string, Entry>): Promise<boolean[]> {
  const entry = entries.get('xl/styles.xml')
  const styles: boolean[] = []
  if (!entry) return styles
  const isBuiltInDate = (id: number) =>
    (id >= 14 && id <= 22) || (id >= 27 && id <= 36) || (id >= 45 && id <= 47) || (id >= 50 && id <= 58)
  const isDateFormat = new Map<number, boolean>()
  let inCellFormats = false
  await readPart(zip, entry, {
    open(name, attributes) {
      const id = Number(attributes['numFmtId'])
      if (name === 'cellXfs') inCellFormats = true
      // What is quoted, escaped or in brackets is shown as it is: "[Red]0 \d" is no date.
      if (name === 'numFmt')
        isDateFormat.set(
          id,
          /[ymdhs]/i.test((attributes['formatCode'] ?? '').replace(/"[^"]*"|\\.|\[[^\]]*\]|_./g, '')),
        )
      if (name !== 'xf' || !inCellFormats) return
      if (styles.length >= STYLE_COUNT_MAX) throw tooMany('gaya sel', STYLE_COUNT_MAX)
      styles.push(isDateFormat.get(id) ?? isBuiltInDate(id))
    },
    close(name) {
      if (name === 'cellXfs') inCellFormats = false
    },
    text() {},
  })
  return styles
}

async function readSharedStrings(zip: ZipFile, entries: ReadonlyMap<string, Entry>): Promise<string[]> {
  const entry = entries.get('xl/sharedStrings.xml')
  const strings: string[] = []
  if (!entry) return strings
  let characters = 0
  let current = ''
  let isText = false
  let phonetic = 0 // depth of rPh: reading aids, not part of the text
  const listener: XmlListener = {
    open(name) {
      if (name === 'si') current = ''
      else if (name === 't') isText = phonetic === 0
      else if (name === 'rPh') phonetic++
    },
    close(name) {
      if (name === 't') isText = false
      else if (name === 'rPh') phonetic--
      else if (name === 'si') {
        characters += current.length
        if (characters > SHARED_STRING_CHARACTERS_MAX) throw tooMany('huruf', SHARED_STRING_CHARACTERS_MAX)
        if (strings.length >= SHARED_STRING_COUNT_MAX) throw tooMany('teks', SHARED_STRING_COUNT_MAX)
        strings.push(unescapeText(current))
      }
    },
    text(text) {
      if (isText && current.length <= CELL_CHARACTERS_MAX) current += text.slice(0, CELL_CHARACTERS_MAX + 1)
    },
  }
  for await (const _ of readXml(zip, entry, listener));
  return strings
}

/** "_x000D_" is a carriage return. @see ECMA-376 part 1 clause 22.9.2.19 (ST_Xstring) */
const unescapeText = (text: string) =>
  text.includes('_x')
    ? text.replace(/_x([0-9A-Fa-f]{4})_/g, (_, digits: string) => String.fromCharCode(parseInt(digits, 16)))
    : text

interface SheetContext {
  name: string
  strings: readonly string[]
  dateStyles: readonly boolean[]
  is1904: boolean
  limits: { rowCount: number; rowElementCount: number } // shared by all sheets of a file
}

const emptyCell: Cell = { text: '', type: 'empty' }

/** Turns the XML of one sheet into rows; `take` hands over those that are complete. */
class SheetReader implements XmlListener {
  private ready: SheetRow[] = []
  private rowNumber = 0
  private cells: Cell[] = []
  private column = -1
  private type = ''
  private style = 0
  private value = ''
  private hasFormula = false
  private isText = false
  private phonetic = 0

  constructor(private readonly sheet: SheetContext) {}

  take(): SheetRow[] {
    const rows = this.ready
    if (rows.length > 0) this.ready = []
    return rows
  }

  open(name: string, attributes: Record<string, string>): void {
    switch (name) {
      case 'v':
      case 't':
        this.isText = this.phonetic === 0
        break
      case 'c':
        this.column = attributes['r'] === undefined ? this.column + 1 : columnOf(attributes['r'])
        this.type = attributes['t'] ?? 'n'
        this.style = Number(attributes['s'] ?? 0)
        this.value = ''
        this.hasFormula = false
        break
      case 'row':
        this.openRow(attributes['r'])
        break
      case 'f':
        this.hasFormula = true
        break
      case 'rPh':
        this.phonetic++
    }
  }

  close(name: string): void {
    switch (name) {
      case 'v':
      case 't':
        this.isText = false
        break
      case 'c':
        this.closeCell()
        break
      case 'row':
        this.closeRow()
        break
      case 'rPh':
        this.phonetic--
    }
  }

  text(text: string): void {
    if (this.isText && this.value.length <= CELL_CHARACTERS_MAX)
      this.value += text.slice(0, CELL_CHARACTERS_MAX + 1)
  }

  private openRow(number: string | undefined): void {
    const { limits } = this.sheet
    if (++limits.rowElementCount > ROW_ELEMENT_COUNT_MAX) throw tooMany('baris', ROW_ELEMENT_COUNT_MAX)
    const rowNumber = number === undefined ? this.rowNumber + 1 : Number(number)
    // Rows ascend in every real file; one that stands twice could hide a person from whoever checks the file.
    if (!Number.isInteger(rowNumber) || rowNumber <= this.rowNumber) throw broken()
    if (rowNumber > ROW_NUMBER_MAX) throw tooMany('baris', ROW_NUMBER_MAX)
    this.rowNumber = rowNumber
    this.column = -1
    if (this.cells.length > 0) this.cells = []
  }

  private closeCell(): void {
    const type = this.typeOf()
    if (type === 'empty') return
    const { column, cells } = this
    if (!(column >= cells.length && column < COLUMN_COUNT_MAX)) {
      if (column >= COLUMN_COUNT_MAX) throw tooMany('kolom', COLUMN_COUNT_MAX)
      throw broken()
    }
    const text = this.textOf(type)
    if (text.length > CELL_CHARACTERS_MAX) throw tooMany('huruf dalam satu sel', CELL_CHARACTERS_MAX)
    while (cells.length < column) cells.push(emptyCell)
    cells.push({ text, type })
  }

  private typeOf(): CellType {
    if (this.hasFormula) return 'formula'
    if (this.value === '') return 'empty'
    switch (this.type) {
      case 'n':
        return this.sheet.dateStyles[this.style] ? 'date' : 'number'
      case 's':
      case 'str':
      case 'inlineStr':
        return 'text'
      case 'b':
        return 'bool'
      case 'd':
        return 'date'
      case 'e':
        return 'error'
      default:
        throw broken()
    }
  }

  private textOf(type: CellType): string {
    if (this.type === 's' && this.value !== '') {
      const text = this.sheet.strings[Number(this.value)]
      if (text === undefined) throw broken()
      return text
    }
    if (type === 'date' && this.type === 'n') return isoDate(Number(this.value), this.sheet.is1904)
    return unescapeText(this.value)
  }

  private closeRow(): void {
    const { cells, rowNumber } = this
    if (!cells.some((cell) => cell.text !== '' || cell.type === 'formula')) return
    if (++this.sheet.limits.rowCount > ROW_COUNT_MAX) throw tooMany('baris berisi', ROW_COUNT_MAX)
    this.ready.push({ sheet: this.sheet.name, rowNumber, cells })
    this.cells = []
  }
}

/** Column of a reference, from 0: "A7" is 0, "BQ7" is 68. */
function columnOf(reference: string): number {
  let column = 0
  for (let index = 0; index < reference.length; index++) {
    const code = reference.charCodeAt(index)
    if (code < 65 || code > 90) return column - 1
    column = column * 26 + code - 64
    if (column > 20_000) return column
  }
  return column - 1
}

const DAY_MS = 86_400_000
// Excel counts days from 1900 and believes in 29 February 1900, so that day 61 is 1 March.
const EPOCH_1900_MS = Date.UTC(1899, 11, 30)
const EPOCH_1904_MS = Date.UTC(1904, 0, 1)
const SERIAL_MAX = 2_958_466 // the year 10000

/** ISO 8601 of Excel's serial number; the number itself when it is no date. @see ECMA-376 part 1 clause 18.17.4 */
function isoDate(serial: number, is1904: boolean): string {
  if (!(serial >= 0 && serial < SERIAL_MAX)) return String(serial)
  const days = !is1904 && serial < 60 ? serial + 1 : serial
  const date = new Date((is1904 ? EPOCH_1904_MS : EPOCH_1900_MS) + Math.round(days * DAY_MS))
  const iso = date.toISOString()
  return Number.isInteger(serial) ? iso.slice(0, 10) : iso.slice(0, 19)
}

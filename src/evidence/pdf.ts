import { PactError } from '../domain/errors.js'

/** A value in a PDF body, with where it stands: `bytes.subarray(start, end)` are its own bytes. */
export type PdfValue = { start: number; end: number } & (
  | { kind: 'word'; text: string } // number, true, false, null
  | { kind: 'name'; text: string } // without the slash, #xx resolved
  | { kind: 'string'; bytes: Uint8Array; isHex: boolean }
  | { kind: 'array'; items: PdfValue[] }
  | { kind: 'dictionary'; entries: Map<string, PdfValue> }
  | { kind: 'reference'; number: number; generation: number }
)
export type PdfDictionary = Extract<PdfValue, { kind: 'dictionary' }>

/** One classic cross-reference section with its trailer, as it stands in the file. */
export interface XrefSection {
  at: number // offset of "xref"
  offsets: Map<number, number> // object number -> offset, in-use objects of generation 0 only
  trailer: PdfDictionary
  /** Just behind "%%EOF". */
  end: number
}

const DEPTH_MAX = 16
const NUMBER_DIGITS_MAX = 10
// A file of any size may not make us read more than this in values: nested references could multiply the work.
const READ_BYTES_MAX = 8_000_000

const CHAR = {
  slash: 0x2f,
  open: 0x3c,
  close: 0x3e,
  round: 0x28,
  roundEnd: 0x29,
  square: 0x5b,
  squareEnd: 0x5d,
}
const isSpace = (byte: number | undefined) =>
  byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09 || byte === 0x0c || byte === 0x00
const isDigit = (byte: number | undefined) => byte !== undefined && byte >= 0x30 && byte <= 0x39
const isDelimiter = (byte: number) => '()<>[]{}/%'.includes(String.fromCharCode(byte))

const refuse = (why: string) => new PactError('BAD_PDF', why)

/** The bytes as text, one character each. */
export const latin1 = (bytes: Uint8Array) =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1')

/**
 * Reads values, objects and cross-reference sections out of a PDF (attacker-controlled) at given places. It
 * never searches, never repairs and never follows anything on its own; depth and total work are bounded.
 *
 * Stricter than ISO 32000-1 section 7: no comments inside values, no key twice in a dictionary, cross-reference
 * tables only, generation 0 only.
 */
export class PdfReader {
  private left = READ_BYTES_MAX

  constructor(readonly bytes: Uint8Array) {}

  /** The value at `at`, after optional white space. @throws BAD_PDF */
  readValue(at: number, depth = 0): PdfValue {
    if (depth > DEPTH_MAX) throw refuse(`susunan lebih dalam dari ${DEPTH_MAX}`)
    const start = this.skipSpace(at)
    const byte = this.bytes[start]
    if (byte === undefined) throw refuse('berkas berakhir di tengah nilai')
    if (byte === CHAR.slash) return this.readName(start)
    if (byte === CHAR.round) return this.readLiteral(start)
    if (byte === CHAR.square) return this.readArray(start, depth)
    if (byte === CHAR.open)
      return this.bytes[start + 1] === CHAR.open ? this.readDictionary(start, depth) : this.readHex(start)
    return this.readWord(start)
  }

  /** The dictionary of "number 0 obj <<...>>" at `at`; what follows it is not looked at. @throws BAD_PDF */
  readObject(at: number, number: number): PdfDictionary | Extract<PdfValue, { kind: 'array' }> {
    const value = this.readValue(this.expect(at, `${number} 0 obj`))
    if (value.kind !== 'dictionary' && value.kind !== 'array')
      throw refuse(`objek ${number} bukan kamus atau larik`)
    return value
  }

  /** The cross-reference section at `at` with its trailer, its own "startxref" and "%%EOF". @throws BAD_PDF */
  readXref(at: number): XrefSection {
    const offsets = new Map<number, number>()
    let next = this.skipSpace(this.expect(at, 'xref'))
    while (isDigit(this.bytes[next])) {
      const first = this.readNumber(next)
      const count = this.readNumber(this.expect(first.end, ' '))
      next = this.skipSpace(count.end)
      if (count.value * 20 > this.bytes.length - next)
        throw refuse('tabel rujukan silang lebih panjang dari berkas')
      for (let index = 0; index < count.value; index++, next += 20) {
        const offset = this.readNumber(next)
        const generation = this.readNumber(this.expect(offset.end, ' '))
        if (offset.end !== next + 10 || generation.end !== next + 16 || this.bytes[next + 16] !== 0x20)
          throw refuse('baris tabel rujukan silang bukan 20 byte')
        const kind = this.bytes[next + 17]
        if (
          !isSpace(this.bytes[next + 18]) ||
          !isSpace(this.bytes[next + 19]) ||
          (kind !== 0x6e && kind !== 0x66)
        )
          throw refuse('baris tabel rujukan silang tidak terbaca')
        if (kind === 0x66) continue
        const number = first.value + index
        if (generation.value !== 0) throw refuse(`objek ${number} bergenerasi ${generation.value}, harus 0`)
        if (offsets.has(number)) throw refuse(`objek ${number} dua kali dalam satu tabel`)
        offsets.set(number, offset.value)
      }
      next = this.skipSpace(next)
    }
    const trailer = this.readValue(this.expect(next, 'trailer'))
    if (trailer.kind !== 'dictionary') throw refuse('trailer bukan kamus')
    const pointer = this.readNumber(this.skipSpace(this.expect(this.skipSpace(trailer.end), 'startxref')))
    if (pointer.value !== at) throw refuse('startxref tidak menunjuk tabelnya sendiri')
    return { at, offsets, trailer, end: this.expect(this.skipSpace(pointer.end), '%%EOF') }
  }

  /**
   * Where the last cross-reference section begins, by the file's very last line. At most one line end may
   * follow "%%EOF".
   *
   * @throws BAD_PDF when the file ends in any other way
   * @see ISO 32000-1 section 7.5.5
   */
  readStartXref(): number {
    const tail = Buffer.from(this.bytes.subarray(-48)).toString('latin1')
    const match = /startxref[\r\n]{1,2}(\d{1,10})[\r\n]{1,2}%%EOF(?:\r\n|\n|\r)?$/.exec(tail)
    if (!match) throw refuse('berkas tidak berakhir dengan startxref dan %%EOF')
    return Number(match[1])
  }

  /** The offset behind `text`, which must stand at `at`. @throws BAD_PDF */
  expect(at: number, text: string): number {
    for (let index = 0; index < text.length; index++)
      if (this.bytes[at + index] !== text.charCodeAt(index)) throw refuse(`"${text}" tidak ada di byte ${at}`)
    return at + text.length
  }

  private skipSpace(at: number): number {
    let next = at
    while (isSpace(this.bytes[next])) next++
    this.spend(next - at + 1)
    return next
  }

  private spend(bytes: number): void {
    this.left -= bytes
    if (this.left < 0) throw refuse(`lebih dari ${READ_BYTES_MAX} byte nilai`)
  }

  private readNumber(at: number): { value: number; end: number } {
    let end = at
    let value = 0
    while (isDigit(this.bytes[end])) value = value * 10 + this.bytes[end++]! - 0x30
    if (end === at || end - at > NUMBER_DIGITS_MAX) throw refuse(`bukan bilangan di byte ${at}`)
    this.spend(end - at)
    return { value, end }
  }

  private readName(start: number): PdfValue {
    let end = start + 1
    while (end < this.bytes.length && !isSpace(this.bytes[end]) && !isDelimiter(this.bytes[end]!)) end++
    this.spend(end - start)
    const raw = latin1(this.bytes.subarray(start + 1, end))
    const text = !raw.includes('#')
      ? raw
      : raw.replace(/#([0-9A-Fa-f]{2})/g, (_, code: string) => String.fromCharCode(parseInt(code, 16)))
    return { kind: 'name', text, start, end }
  }

  private readWord(start: number): PdfValue {
    let end = start
    while (end < this.bytes.length && !isSpace(this.bytes[end]) && !isDelimiter(this.bytes[end]!)) end++
    this.spend(end - start)
    if (end === start || end - start > 32) throw refuse(`nilai yang tidak dikenal di byte ${start}`)
    const text = latin1(this.bytes.subarray(start, end))
    const reference = this.readReference(start, text)
    if (reference) return reference
    if (!/^(?:true|false|null|[+-]?(?:\d+\.?\d*|\.\d+))$/.test(text))
      throw refuse(`nilai yang tidak dikenal di byte ${start}`)
    return { kind: 'word', text, start, end }
  }

  /** "12 0 R" with single spaces, as every writer has it. */
  private readReference(start: number, text: string): PdfValue | undefined {
    if (!/^\d{1,10}$/.test(text)) return undefined
    const tail = latin1(this.bytes.subarray(start + text.length, start + text.length + 8))
    const match = /^ (\d{1,5}) R/.exec(tail)
    if (!match) return undefined
    const end = start + text.length + match[0].length
    return { kind: 'reference', number: Number(text), generation: Number(match[1]), start, end }
  }

  private readLiteral(start: number): PdfValue {
    const content: number[] = []
    let depth = 1
    let at = start + 1
    for (; depth > 0; at++) {
      let byte = this.bytes[at]
      if (byte === undefined) throw refuse('berkas berakhir di tengah teks')
      if (byte === 0x5c) {
        byte = this.bytes[++at]
        // only the three escapes that our own writers use; octal and line continuation are refused
        if (byte !== 0x5c && byte !== CHAR.round && byte !== CHAR.roundEnd)
          throw refuse('teks dengan pelarian asing')
      } else if (byte === CHAR.round) depth++
      else if (byte === CHAR.roundEnd && --depth === 0) continue
      content.push(byte)
      this.spend(1)
    }
    return { kind: 'string', bytes: Uint8Array.from(content), isHex: false, start, end: at }
  }

  private readHex(start: number): PdfValue {
    const end = this.bytes.indexOf(CHAR.close, start) + 1
    if (end === 0) throw refuse('berkas berakhir di tengah teks heksadesimal')
    this.spend(end - start)
    // Decoding ends at the first character that is no digit.
    const bytes = Buffer.from(latin1(this.bytes.subarray(start + 1, end - 1)), 'hex')
    if (bytes.length * 2 !== end - start - 2) throw refuse('teks heksadesimal tidak terbaca')
    return {
      kind: 'string',
      bytes: new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length),
      isHex: true,
      start,
      end,
    }
  }

  private readArray(start: number, depth: number): PdfValue {
    const items: PdfValue[] = []
    let at = this.skipSpace(start + 1)
    while (this.bytes[at] !== CHAR.squareEnd) {
      const item = this.readValue(at, depth + 1)
      items.push(item)
      at = this.skipSpace(item.end)
    }
    return { kind: 'array', items, start, end: at + 1 }
  }

  private readDictionary(start: number, depth: number): PdfDictionary {
    const entries = new Map<string, PdfValue>()
    let at = this.skipSpace(start + 2)
    while (this.bytes[at] !== CHAR.close) {
      const key = this.readValue(at, depth + 1)
      if (key.kind !== 'name') throw refuse(`kunci kamus di byte ${at} bukan nama`)
      const value = this.readValue(key.end, depth + 1)
      // two readers may believe two different ones
      if (entries.has(key.text)) throw refuse(`kunci /${key.text} dua kali dalam satu kamus`)
      entries.set(key.text, value)
      at = this.skipSpace(value.end)
    }
    return { kind: 'dictionary', entries, start, end: this.expect(at, '>>') }
  }
}

/**
 * A text string as PDF writes it: a literal when it is printable ASCII, else UTF-16BE in hexadecimal.
 *
 * @see ISO 32000-1 section 7.9.2.2
 */
export function formatPdfText(text: string): string {
  if (/^[\x20-\x7e]*$/.test(text)) return `(${text.replace(/[\\()]/g, '\\$&')})`
  const bytes = Buffer.from(`\ufeff${text}`, 'utf16le').swap16()
  return `<${bytes.toString('hex')}>`
}

/** The text of a string value written by `formatPdfText`; undefined for any other value. */
export function parsePdfText(value: PdfValue | undefined): string | undefined {
  if (value?.kind !== 'string') return undefined
  const bytes = Buffer.from(value.bytes)
  if (bytes.length % 2 !== 0 || bytes[0] !== 0xfe || bytes[1] !== 0xff) return bytes.toString('latin1')
  return bytes.swap16().subarray(2).toString('utf16le')
}

/**
 * A moment in whole seconds UTC ("D:20261103091500Z").
 *
 * @see ISO 32000-1 section 7.9.4
 */
export function formatPdfDate(at: Date): string {
  return `D:${at.toISOString().replace(/[-:T]/g, '').slice(0, 14)}Z`
}

/** The moment that `formatPdfDate` wrote; undefined for any other text. */
export function parsePdfDate(text: string | undefined): Date | undefined {
  const match = /^D:(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/.exec(text ?? '')
  const at = match && new Date(`${match[1]}-${match[2]}-${match[3]}T${match[4]}:${match[5]}:${match[6]}Z`)
  return at && !Number.isNaN(at.getTime()) ? at : undefined
}

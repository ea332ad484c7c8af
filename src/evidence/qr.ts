// The QR symbol that leads from paper to the verification page.
import QRCode from 'qrcode'
import { PactError } from '../domain/errors.js'

/** A QR symbol: `size` modules a side, `isDark(row, column)`. Without its quiet zone. */
export interface QrModules {
  size: number
  /** Row by row; 1 is dark. */
  dark: Uint8Array
}

// The automatic mask choice costs twenty times the rest of the work and makes symbols that scan no better:
// mask 3 was measured level with it.
const MASK = 3

/**
 * A QR symbol at error correction level M with mask 3. The text is encoded in byte mode as a whole, so that
 * its length alone decides the version and every pact of a service has a symbol of the same size.
 *
 * @param text ASCII, 1 to 213 characters (the capacity of version 10-M)
 * @throws BAD_FORM when it is empty, too long or not ASCII
 * @see ISO/IEC 18004 section 7 (encoding), table 7 (capacities)
 */
export function qrModules(text: string): QrModules {
  if (!/^[\x20-\x7e]{1,213}$/.test(text))
    throw new PactError('BAD_FORM', `kode QR: ${text.length} karakter, harus 1 sampai 213 karakter ASCII`)
  return encode(Buffer.from(text, 'latin1'))
}

function encode(data: Uint8Array): QrModules {
  const { modules } = QRCode.create([{ data, mode: 'byte' }], {
    errorCorrectionLevel: 'M',
    maskPattern: MASK,
  })
  return { size: modules.size, dark: Uint8Array.from(modules.data, (module) => (module ? 1 : 0)) }
}

/** Bytes of one row of a 1-bit image. */
const rowBytes = (size: number) => Math.ceil(size / 8)

/** Words of 32 bits, as many as the rows of a 1-bit image fill; a set bit is a light module. */
function pack({ size, dark }: QrModules): Uint32Array {
  const packed = new Uint32Array(Math.ceil((rowBytes(size) * size) / 4))
  const bytes = new Uint8Array(packed.buffer).fill(0xff)
  dark.forEach((isDark, index) => {
    const column = index % size
    const at = Math.floor(index / size) * rowBytes(size) + (column >> 3)
    if (isDark) bytes[at]! &= ~(0x80 >> (column & 7))
  })
  return packed
}

/** Symbols whose texts differ in their last characters only. */
export interface QrFamily {
  /** Modules along one side. */
  size: number
  /** Characters of a tail. */
  tailLength: number
  /**
   * The symbol of `prefix` followed by `tail`, as rows of a 1-bit image, each from a byte of its own; a set bit
   * is light. `tail` is ASCII of the family's length.
   */
  rowsOf(tail: string): Uint8Array
}

const BITS_PER_CHARACTER = 7
const ZERO = 0x30

function flip(words: Uint32Array, picture: Uint32Array) {
  for (let at = 0; at < words.length; at++) words[at]! ^= picture[at]!
}

/**
 * Prepares symbols for texts of one prefix.
 *
 * With version and mask fixed, every step of the encoding (Reed-Solomon code, interleaving, placement, mask) is
 * affine over GF(2): flipping one bit of the text always flips the same modules. So what each bit flips is asked
 * of the library once, and a symbol is an exclusive or of a few of these pictures.
 *
 * @param prefix,tailLength ASCII; together at most 213 characters
 * @throws BAD_FORM as `qrModules`
 * @see ISO/IEC 18004 sections 7.5 (error correction), 7.8 (masking)
 */
export function openQrFamily(prefix: string, tailLength: number): QrFamily {
  const zero = `${prefix}${'0'.repeat(tailLength)}`
  const base = qrModules(zero)
  const origin = pack(base)
  const flips = Array.from({ length: tailLength * BITS_PER_CHARACTER }, (_, index) => {
    const data = Buffer.from(zero, 'latin1')
    data[prefix.length + Math.floor(index / BITS_PER_CHARACTER)]! ^= 1 << (index % BITS_PER_CHARACTER)
    return pack(encode(data)).map((word, at) => word ^ origin[at]!)
  })
  const sizeBytes = rowBytes(base.size) * base.size
  // What each character flips at its place, put together when it is first asked for.
  const pictures = new Map<number, Uint32Array>()
  const pictureOf = (position: number, code: number): Uint32Array => {
    const key = position * 128 + code
    let picture = pictures.get(key)
    if (picture) return picture
    pictures.set(key, (picture = new Uint32Array(origin.length)))
    for (let bit = 0; bit < BITS_PER_CHARACTER; bit++)
      if ((code ^ ZERO) & (1 << bit)) flip(picture, flips[position * BITS_PER_CHARACTER + bit]!)
    return picture
  }
  return {
    size: base.size,
    tailLength,
    rowsOf(tail) {
      if (tail.length !== tailLength || !/^[\x00-\x7f]*$/.test(tail))
        throw new PactError('BAD_FORM', `kode QR: “${tail}”, harus ${tailLength} karakter ASCII`)
      const words = origin.slice()
      for (let position = 0; position < tailLength; position++)
        flip(words, pictureOf(position, tail.charCodeAt(position)))
      return new Uint8Array(words.buffer, 0, sizeBytes)
    },
  }
}

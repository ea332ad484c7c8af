import { PactError } from '../domain/errors.js'

/** Identifier octets used in certificates and CMS. @see X.690 section 8.1.2 */
export const TAG = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  null: 0x05,
  oid: 0x06,
  utf8String: 0x0c,
  printableString: 0x13,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
} as const

/** Context-specific tag `number`, primitive. @see X.690 section 8.1.2.2 */
export const contextTag = (number: number) => 0x80 | number
/** Context-specific tag `number`, constructed. */
export const contextConstructed = (number: number) => 0xa0 | number

/** One value as read: its identifier octet, its content, and all of its bytes (views, never copies). */
export interface DerValue {
  tag: number
  content: Uint8Array
  whole: Uint8Array
}

const LENGTH_BYTES_MAX = 4

/**
 * DER of one value.
 *
 * @param tag identifier octet; tag numbers up to 30
 * @param parts content octets, joined in the order given; an INTEGER's must already be minimal
 * @see X.690 section 10.1
 */
export function encodeDer(tag: number, ...parts: Uint8Array[]): Uint8Array {
  let length = 0
  for (const part of parts) length += part.length
  let lengthBytes = 0
  if (length > 0x7f) for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) lengthBytes++
  let at = 2 + lengthBytes
  const bytes = allocate(at + length)
  bytes[0] = tag
  bytes[1] = lengthBytes === 0 ? length : 0x80 | lengthBytes
  for (let rest = length, place = 1 + lengthBytes; place > 1; place--, rest = Math.floor(rest / 256))
    bytes[place] = rest % 256
  for (const part of parts) {
    // A loop is faster than a call for the few bytes that most values have.
    if (part.length < 24) for (let index = 0; index < part.length; index++) bytes[at + index] = part[index]!
    else bytes.set(part, at)
    at += part.length
  }
  return bytes
}

// Small values are cut from one piece after another: an allocation of its own for each costs more than its bytes do.
const PIECE_BYTES = 65_536
const CUT_BYTES_MAX = 4_096
let piece = new Uint8Array(PIECE_BYTES)
let used = 0
function allocate(sizeBytes: number): Uint8Array {
  if (sizeBytes > CUT_BYTES_MAX) return new Uint8Array(sizeBytes)
  if (used + sizeBytes > PIECE_BYTES) {
    piece = new Uint8Array(PIECE_BYTES)
    used = 0
  }
  return piece.subarray(used, (used += sizeBytes))
}

/** SEQUENCE of already encoded values. */
export const sequence = (...parts: Uint8Array[]) => encodeDer(TAG.sequence, ...parts)

/** The encodings in the order that DER asks of a SET OF. @see X.690 section 11.6 */
export const sortSet = (parts: readonly Uint8Array[]) =>
  [...parts].sort((left, right) => Buffer.compare(left, right))

/** SET OF already encoded values, in DER's order. @see X.690 section 11.6 */
export const setOf = (...parts: Uint8Array[]) => encodeDer(TAG.set, ...sortSet(parts))

/**
 * INTEGER from unsigned big-endian bytes of any width; leading zero bytes are dropped, and one is put back
 * where the value would read as negative.
 *
 * @see X.690 section 8.3
 */
export function encodeInteger(unsigned: Uint8Array): Uint8Array {
  let start = 0
  while (start < unsigned.length - 1 && unsigned[start] === 0) start++
  const minimal = unsigned.subarray(start)
  const pad = minimal.length === 0 || minimal[0]! > 0x7f ? [Uint8Array.of(0)] : []
  return encodeDer(TAG.integer, ...pad, minimal)
}

/**
 * OBJECT IDENTIFIER from dotted decimals. Arcs may be of any size (those below 2.25 are 128-bit UUIDs).
 *
 * @see X.690 section 8.19
 */
export function encodeOid(dotted: string): Uint8Array {
  const known = oids.get(dotted)
  if (known) return known
  const arcs = dotted.split('.').map(BigInt)
  const joined = [arcs[0]! * 40n + arcs[1]!, ...arcs.slice(2)]
  const bytes = joined.flatMap((arc) => {
    const digits = [Number(arc & 127n)]
    for (let rest = arc >> 7n; rest > 0n; rest >>= 7n) digits.unshift(Number(rest & 127n) | 128)
    return digits
  })
  const encoded = encodeDer(TAG.oid, Uint8Array.from(bytes))
  oids.set(dotted, encoded)
  return encoded
}
// The few that the source names; none comes from outside.
const oids = new Map<string, Uint8Array>()

/** UTF8String. */
export const encodeUtf8 = (text: string) => encodeDer(TAG.utf8String, Buffer.from(text, 'utf8'))
/** PrintableString; the caller has checked the characters. @see X.680 section 41.4 */
export const encodePrintable = (text: string) => encodeDer(TAG.printableString, Buffer.from(text, 'latin1'))
/** OCTET STRING. */
export const encodeOctets = (bytes: Uint8Array) => encodeDer(TAG.octetString, bytes)
/** BIT STRING of whole bytes. @see X.690 section 8.6.2.2 (no unused bits) */
export const encodeBits = (bytes: Uint8Array) => encodeDer(TAG.bitString, Uint8Array.of(0), bytes)

/** UTCTime to 2049, GeneralizedTime from 2050. @see RFC 5280 section 4.1.2.5 */
export function encodeTime(at: Date): Uint8Array {
  return at.getUTCFullYear() < 2050
    ? encodeDer(TAG.utcTime, Buffer.from(timeDigits(at).slice(2), 'latin1'))
    : encodeGeneralizedTime(at)
}

/** GeneralizedTime of whole seconds. @see RFC 5280 section 4.1.2.5.2 */
export const encodeGeneralizedTime = (at: Date) =>
  encodeDer(TAG.generalizedTime, Buffer.from(timeDigits(at), 'latin1'))

const timeDigits = (at: Date) => at.toISOString().replace(/[-:T]/g, '').slice(0, 14) + 'Z'

/**
 * The first value in `bytes` (attacker-controlled), whatever follows it.
 *
 * Stricter than BER: definite and shortest length, tag numbers up to 30, at most 4 length bytes.
 *
 * @throws BAD_FILE when the bytes are no such value or end before it does
 * @see X.690 sections 8.1.3 and 10.1
 */
export function readDer(bytes: Uint8Array): DerValue {
  const refuse = (why: string) => new PactError('BAD_FILE', `DER: ${why}`)
  const tag = bytes[0]
  const first = bytes[1]
  if (tag === undefined || first === undefined) throw refuse(`${bytes.length} bytes, want 2 or more`)
  if ((tag & 0x1f) === 0x1f) throw refuse('tag number above 30')
  let length = first
  let header = 2
  if (first > 0x7f) {
    const count = first & 0x7f
    if (count === 0 || count > LENGTH_BYTES_MAX)
      throw refuse(`${count} length bytes, want 1 to ${LENGTH_BYTES_MAX}`)
    if (bytes.length < 2 + count) throw refuse('ends inside a length')
    length = 0
    for (let index = 0; index < count; index++) length = length * 256 + bytes[2 + index]!
    if (length < 128 || length < 256 ** (count - 1)) throw refuse('length is not the shortest')
    header += count
  }
  if (length > bytes.length - header)
    throw refuse(`${length} bytes announced, ${bytes.length - header} there`)
  return { tag, content: bytes.subarray(header, header + length), whole: bytes.subarray(0, header + length) }
}

/**
 * The values that fill `content` exactly (attacker-controlled), one level deep.
 *
 * @throws BAD_FILE when they do not, or when there are more than `most`
 */
export function readAll(content: Uint8Array, most = 64): DerValue[] {
  const values: DerValue[] = []
  let at = 0
  while (at < content.length) {
    if (values.length === most) throw new PactError('BAD_FILE', `DER: more than ${most} values in one`)
    const value = readDer(content.subarray(at))
    values.push(value)
    at += value.whole.length
  }
  return values
}

/**
 * The one value that `bytes` is, with the tag that is wanted.
 *
 * @throws BAD_FILE when it is another value or bytes follow it
 */
export function readOne(bytes: Uint8Array | undefined, tag: number): DerValue {
  if (!bytes) throw new PactError('BAD_FILE', 'DER: value missing')
  const value = readDer(bytes)
  if (value.tag !== tag || value.whole.length !== bytes.length)
    throw new PactError('BAD_FILE', `DER: tag ${value.tag}, want ${tag} and nothing after it`)
  return value
}

/** The parts of the one value with tag `tag` that `bytes` is. @throws BAD_FILE */
export const readParts = (bytes: Uint8Array | undefined, tag: number = TAG.sequence) =>
  readAll(readOne(bytes, tag).content)

/** AlgorithmIdentifier (attacker-controlled): a SEQUENCE that begins with an OID. @throws BAD_FILE */
export function readAlgorithm(bytes: Uint8Array | undefined): Uint8Array {
  readOne(readParts(bytes)[0]?.whole, TAG.oid)
  return bytes!
}

/** Same bytes? Not constant time: nothing secret is compared. */
export const sameBytes = (left: Uint8Array, right: Uint8Array) => Buffer.compare(left, right) === 0

/**
 * UTCTime or GeneralizedTime of whole seconds in UTC (attacker-controlled).
 *
 * @throws BAD_FILE when it is neither
 * @see RFC 5280 section 4.1.2.5
 */
export function readTime(value: { tag: number; content: Uint8Array } | undefined): Date {
  const text = Buffer.from(value?.content ?? []).toString('latin1')
  const digits =
    value?.tag === TAG.utcTime
      ? text < '5'
        ? `20${text}`
        : `19${text}`
      : value?.tag === TAG.generalizedTime
        ? text
        : ''
  const match = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/.exec(digits)
  const at = match && new Date(`${match[1]}-${match[2]}-${match[3]}T${match[4]}:${match[5]}:${match[6]}Z`)
  if (!at || Number.isNaN(at.getTime())) throw new PactError('BAD_FILE', 'DER: waktu tidak terbaca')
  return at
}

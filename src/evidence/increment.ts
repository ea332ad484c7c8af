import type { Hash } from 'node:crypto'
import { PactError } from '../domain/errors.js'
import type { Slot } from '../domain/pact.js'
import { formatPdfDate, formatPdfText, latin1 } from './pdf.js'

/** [0, offset of "<", offset behind ">", rest to the revision's end]. @see ISO 32000-1 section 12.8.1 */
export type ByteRange = readonly [0, number, number, number]

/** A signature field of the base: where people and validators expect a signature. */
export interface SignatureField {
  slot: Slot
  objectNumber: number
  body: Uint8Array // the dictionary as the base has it, "<<...>>"
}

/** Certificates, OCSP responses and lists, each in DER. @see ISO 32000-2 section 12.8.4.3 */
export interface StoredEvidence {
  certificates: Uint8Array[]
  ocsps: Uint8Array[]
  crls: Uint8Array[]
}

// wide enough for three ten-digit numbers; padded so that the numbers' widths move nothing
const BYTE_RANGE_WIDTH = 40
const DICTIONARY_END = '\n>>\nendobj\n'

/**
 * A file that is being signed: what its next revision must know of it, without its bytes. The press makes one
 * from what it has just written, `openDraft` from a file.
 */
export interface Draft {
  sizeBytes: number
  /** SHA-256 over all bytes so far; copied, never ended. */
  hash: Hash
  size: number // of the cross-reference table: the next free object number
  xrefAt: number // offset of the last cross-reference section
  root: string // "12 0 R", as the trailer has it
  info: string | undefined
  id: string | undefined
  /** Fields that nobody has signed yet, in the form's order. */
  fields: readonly SignatureField[]
  archive: ArchiveState | undefined // undefined: a base without a place for a document security store
}

/** Where later evidence goes; everything in it grows and nothing is ever taken out. */
export interface ArchiveState {
  storeObject: number // of the DSS dictionary
  fieldsObject: number // of the form's Fields array
  widgets: readonly number[] // the fields in it
  stored: Record<StoreKind, readonly number[]> // object numbers of the streams so far
}

export const storeKinds = { certificates: 'Certs', ocsps: 'OCSPs', crls: 'CRLs' } as const
export type StoreKind = keyof typeof storeKinds

/** What is signed, besides the bytes. */
export interface SignatureValues {
  slot: Slot
  at: Date // goes into /M, whole seconds
  name: string
  reason: string
  location?: string | undefined
}

export function fillContents(
  { before, after, placeholderBytes }: { before: Buffer; after: Buffer; placeholderBytes: number },
  der: Uint8Array,
): Buffer {
  if (der.length > placeholderBytes)
    throw new PactError(
      'PLACEHOLDER_TOO_SMALL',
      `CMS ${der.length} byte, tempat yang disediakan ${placeholderBytes} byte`,
    )
  const bytes = Buffer.alloc(before.length + 2 * placeholderBytes + 2 + after.length, '0', 'latin1')
  before.copy(bytes)
  bytes.write(`<${Buffer.from(der).toString('hex')}`, before.length, 'latin1')
  bytes[bytes.length - after.length - 1] = 0x3e
  after.copy(bytes, bytes.length - after.length)
  return bytes
}

/**
 * A field that shows one thing until it is signed and another from then on: both appearances are in the base, and
 * the field names both. `/Pakta_Signed` is a key of ours, as ISO 32000-1 annex E allows.
 *
 * @param numbers objects of the appearance before and after
 */
export const formatAppearances = ([unsigned, signed]: readonly [number, number]) =>
  `/AP<</N ${unsigned} 0 R>>/Pakta_Signed ${signed} 0 R`

const APPEARANCES = /\/AP<<\/N \d+ 0 R>>\/Pakta_Signed (\d+) 0 R/

/** Whether the field itself says on the page who has not signed, so that a file may be closed without that party. */
export const isStated = ({ body }: SignatureField) => APPEARANCES.test(latin1(body))

// The field's dictionary once it is signed, without its value and its end.
const signedBody = ({ body }: SignatureField) =>
  latin1(body).slice(0, -2).replace(APPEARANCES, '/AP<</N $1 0 R>>/Pakta_Signed $1 0 R')

/** The one form of a revision, around its signature; both the writer and the reader go through it. */
export function composeRevision(
  state: Pick<Draft, 'size' | 'xrefAt' | 'root' | 'info' | 'id'>,
  revision: {
    start: number // of the revision in the file
    field: SignatureField
    values: Omit<SignatureValues, 'slot'>
    placeholderBytes: number
  },
): { before: Buffer; after: Buffer; byteRange: ByteRange; xrefAt: number } {
  const { start, field, values } = revision
  const number = state.size
  const fieldObject = `\n${field.objectNumber} 0 obj\n${signedBody(field)}/V ${number} 0 R\n>>\nendobj\n`
  const before =
    `${fieldObject}${number} 0 obj\n<<\n/Type /Sig\n/Filter /Adobe.PPKLite\n/SubFilter /ETSI.CAdES.detached\n` +
    `/M ${formatPdfText(formatPdfDate(values.at))}\n/Name ${formatPdfText(values.name)}\n` +
    `/Reason ${formatPdfText(values.reason)}\n` +
    (values.location === undefined ? '' : `/Location ${formatPdfText(values.location)}\n`) +
    '/Contents '
  const first = start + before.length
  const second = first + 2 + 2 * revision.placeholderBytes
  const xrefAt = second + '\n/ByteRange '.length + BYTE_RANGE_WIDTH + DICTIONARY_END.length
  const tail = composeTail(state, {
    xrefAt,
    size: number + 1,
    rows: [
      [field.objectNumber, start + 1],
      [number, start + fieldObject.length],
    ],
  })
  const byteRange: ByteRange = [0, first, second, xrefAt + tail.length - second]
  const range = `[${byteRange.join(' ')}]`.padEnd(BYTE_RANGE_WIDTH)
  const after = `\n/ByteRange ${range}${DICTIONARY_END}${tail}`
  return { before: Buffer.from(before, 'latin1'), after: Buffer.from(after, 'latin1'), byteRange, xrefAt }
}

type TrailerState = Pick<Draft, 'xrefAt' | 'root' | 'info' | 'id'>

/** Cross-reference section and trailer; `rows` are object numbers with their offsets, in any order. */
function composeTail(
  state: TrailerState,
  { xrefAt, size, rows }: { xrefAt: number; size: number; rows: [number, number][] },
): string {
  const sections: [number, number][][] = []
  for (const row of rows.sort(([left], [right]) => left - right)) {
    const last = sections.at(-1)
    if (last && last.at(-1)![0] + 1 === row[0]) last.push(row)
    else sections.push([row])
  }
  const table = sections
    .map(
      (section) =>
        `${section[0]![0]} ${section.length}\n` +
        section.map(([, offset]) => `${String(offset).padStart(10, '0')} 00000 n \n`).join(''),
    )
    .join('')
  return (
    `xref\n${table}trailer\n<<\n/Size ${size}\n/Root ${state.root}\n` +
    (state.info === undefined ? '' : `/Info ${state.info}\n`) +
    (state.id === undefined ? '' : `/ID ${state.id}\n`) +
    `/Prev ${state.xrefAt}\n>>\nstartxref\n${xrefAt}\n%%EOF\n`
  )
}

const references = (numbers: readonly number[]) => `[${numbers.map((number) => `${number} 0 R`).join(' ')}]`

/** The one form of an increment of evidence. */
export function composeStore(
  state: TrailerState & { size: number },
  { storeObject, stored }: ArchiveState,
  start: number,
  evidence: StoredEvidence,
): { bytes: Buffer; xrefAt: number; stored: ArchiveState['stored']; objects: number } {
  let number = state.size
  const grown = { ...stored }
  const streams: { number: number; der: Uint8Array }[] = []
  for (const kind of Object.keys(storeKinds) as StoreKind[]) {
    const added = evidence[kind].map((der) => ({ number: number++, der }))
    streams.push(...added)
    grown[kind] = [...stored[kind], ...added.map((one) => one.number)]
  }
  const rows: [number, number][] = [[storeObject, start + 1]]
  const lists = (Object.keys(storeKinds) as StoreKind[])
    .filter((kind) => grown[kind].length > 0)
    .map((kind) => `/${storeKinds[kind]} ${references(grown[kind])}\n`)
  const parts = [
    Buffer.from(`\n${storeObject} 0 obj\n<<\n/Type /DSS\n${lists.join('')}>>\nendobj\n`, 'latin1'),
  ]
  let at = start + parts[0]!.length
  for (const { number: own, der } of streams) {
    const object = Buffer.concat([
      Buffer.from(`${own} 0 obj\n<</Length ${der.length}>>\nstream\n`, 'latin1'),
      der,
      Buffer.from('\nendstream\nendobj\n', 'latin1'),
    ])
    rows.push([own, at])
    parts.push(object)
    at += object.length
  }
  const tail = composeTail(state, { xrefAt: at, size: number, rows })
  return {
    bytes: Buffer.concat([...parts, Buffer.from(tail, 'latin1')]),
    xrefAt: at,
    stored: grown,
    objects: streams.length,
  }
}

/**
 * The one form of a document timestamp, around its token. Its field is new, stands on no page and is named after
 * its object, so that any number of them may follow each other for as long as the file is kept.
 */
export function composeStamp(
  state: TrailerState & { size: number },
  { fieldsObject, widgets: known }: ArchiveState,
  start: number,
  placeholderBytes: number,
): { before: Buffer; after: Buffer; byteRange: ByteRange; xrefAt: number; widgets: number[] } {
  const field = state.size
  const number = field + 1
  const widgets = [...known, field]
  const list = `\n${fieldsObject} 0 obj\n${references(widgets)}\nendobj\n`
  const fieldObject =
    `${field} 0 obj\n<<\n/Type /Annot\n/Subtype /Widget\n/FT /Sig\n/T (ARSIP_${field})\n/TU (Stempel waktu arsip)\n` +
    `/F 132\n/Rect [0 0 0 0]\n/V ${number} 0 R\n>>\nendobj\n`
  const before =
    `${list}${fieldObject}${number} 0 obj\n<<\n/Type /DocTimeStamp\n/Filter /Adobe.PPKLite\n` +
    '/SubFilter /ETSI.RFC3161\n/Contents '
  const first = start + before.length
  const second = first + 2 + 2 * placeholderBytes
  const xrefAt = second + '\n/ByteRange '.length + BYTE_RANGE_WIDTH + DICTIONARY_END.length
  const tail = composeTail(state, {
    xrefAt,
    size: number + 1,
    rows: [
      [fieldsObject, start + 1],
      [field, start + list.length],
      [number, start + list.length + fieldObject.length],
    ],
  })
  const byteRange: ByteRange = [0, first, second, xrefAt + tail.length - second]
  const after = `\n/ByteRange ${`[${byteRange.join(' ')}]`.padEnd(BYTE_RANGE_WIDTH)}${DICTIONARY_END}${tail}`
  return {
    before: Buffer.from(before, 'latin1'),
    after: Buffer.from(after, 'latin1'),
    byteRange,
    xrefAt,
    widgets,
  }
}

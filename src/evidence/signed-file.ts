import { createHash, type Hash } from 'node:crypto'
import { inflateSync } from 'node:zlib'
import { PactError } from '../domain/errors.js'
import type { Slot } from '../domain/pact.js'
import { readDer } from './der.js'
import {
  composeRevision,
  composeStamp,
  composeStore,
  fillContents,
  storeKinds,
  type ArchiveState,
  type ByteRange,
  type Draft,
  type SignatureField,
  type StoredEvidence,
  type StoreKind,
} from './increment.js'
import {
  latin1,
  parsePdfDate,
  parsePdfText,
  PdfReader,
  type PdfDictionary,
  type PdfValue,
  type XrefSection,
} from './pdf.js'

/** The document before the first signature: one revision, made by `press.ts`. */
export interface Base {
  endBytes: number // its length
  documentId: string | undefined // hex, the first part of the trailer's /ID
  fields: SignatureField[] // in the form's order, which is the order of signing; the seal comes last
}

/** One increment: a field gets its signature, and nothing else happens. */
export interface Revision {
  kind: 'signature'
  start: number
  end: number
  slot: Slot
  byteRange: ByteRange
  digest: Uint8Array // SHA-256 over the byte range, 32 bytes
  cms: Uint8Array // DER without the padding; attacker-controlled
  at: Date // /M: what the signer's side says
  name: string
  reason: string
  location: string | undefined
}

/** One increment: what a validator needs in later years, added to the document security store. */
export interface StoreRevision extends StoredEvidence {
  kind: 'store'
  start: number
  end: number
}

/** One increment: a document timestamp over everything before it. @see ISO 32000-2 section 12.8.5 */
export interface StampRevision {
  kind: 'stamp'
  start: number
  end: number
  byteRange: ByteRange
  digest: Uint8Array // SHA-256 over the byte range, 32 bytes
  token: Uint8Array // DER without the padding; attacker-controlled
}

export type Increment = Revision | StoreRevision | StampRevision

/** Something behind the base that is not one of our revisions. Nothing after it is read. */
export interface ForeignRevision {
  start: number
  end: number
  objects: number[] // what it redefines or adds, as far as its table tells
  why: string
}

/** A file as our own writer makes it, with what is wrong at the end when something is. */
export interface SignedFile {
  base: Base
  increments: Increment[] // all, oldest first
  revisions: Revision[] // the signatures among them
  foreign: ForeignRevision | undefined
}

// an OPD whose members all sign one document has some hundreds of them
const REVISIONS_MAX = 1024
const FIELDS_MAX = 1024
/** A collective pact of the largest OPD has 1,500 rows. */
const EMBEDDED_MAX = 2000
// A signed text shrinks to two thirds; what shrinks much more is made to fill memory.
const UNPACKED_RATIO_MAX = 8
const TRAILER_KEYS = new Set(['Size', 'Root', 'Info', 'ID', 'Prev'])

const refuse = (why: string) => new PactError('BAD_PDF', why)

/**
 * Opens a file for a further signature.
 *
 * @param pdf the base, or the base with our revisions
 * @throws BAD_PDF when it is not ours or was changed by somebody else
 */
export function openDraft(pdf: Uint8Array): Draft {
  const { file, state, hash } = readFile(pdf)
  if (file.foreign) throw refuse(`Berkas sudah diubah di luar Pakta: ${file.foreign.why}`)
  const signed = new Set(file.revisions.map(({ slot }) => slot))
  const fields = file.base.fields.filter(({ slot }) => !signed.has(slot))
  const { size, xrefAt, root, info, id, archive } = state
  return { sizeBytes: pdf.length, hash, size, xrefAt, root, info, id, fields, archive }
}

/**
 * The base and our revisions of a file (attacker-controlled), from the last line back along the chain of
 * cross-reference sections. Each revision is written again from what was read in it and must come out byte
 * for byte the same, so nothing in it goes unread. Signatures are not verified here.
 *
 * @param pdf any bytes; time and memory are linear in their number
 * @returns everything up to the first increment that is not ours, and that one
 * @throws BAD_PDF when there is no readable base of our kind
 * @see ISO 32000-1 section 7.5.6
 */
export function readRevisions(pdf: Uint8Array): SignedFile {
  return readFile(pdf).file
}

/** A file inside a document. */
export interface EmbeddedFile {
  name: string
  bytes: Uint8Array // attacker-controlled
}

/**
 * The files inside a document's base, by the names in its name tree (one node, as `press.ts` writes it).
 *
 * @param pdf what `readRevisions` has read
 * @param bytesMaxOf the most that one of this name may be, unpacked
 * @throws BAD_PDF when one cannot be read, is longer, there are too many, or all of them unpack to many times the file
 */
export function readEmbedded(pdf: Uint8Array, bytesMaxOf: (name: string) => number): EmbeddedFile[] {
  const reader = new PdfReader(pdf)
  const { offsets, trailer } = readSections(reader)[0]!
  const resolve = (value: PdfValue | undefined): PdfValue | undefined => {
    if (value?.kind !== 'reference') return value
    const offset = offsets.get(value.number)
    if (offset === undefined) throw refuse(`objek ${value.number} tidak ada`)
    return reader.readObject(offset, value.number)
  }
  const entry = (value: PdfValue | undefined, key: string) =>
    value?.kind === 'dictionary' ? value.entries.get(key) : undefined
  const root = resolve(reader.readValue(trailer.entries.get('Root')!.start))
  const names = entry(entry(resolve(entry(root, 'Names')), 'EmbeddedFiles'), 'Names')
  if (names?.kind !== 'array') return []
  if (names.items.length > 2 * EMBEDDED_MAX) throw refuse(`lebih dari ${EMBEDDED_MAX} lampiran`)
  let left = pdf.length * UNPACKED_RATIO_MAX
  return Array.from({ length: names.items.length / 2 }, (_, index) => {
    const name = parsePdfText(names.items[2 * index])
    const stream = entry(entry(resolve(names.items[2 * index + 1]), 'EF'), 'F')
    const offset = stream?.kind === 'reference' ? offsets.get(stream.number) : undefined
    if (name === undefined || stream?.kind !== 'reference' || offset === undefined)
      throw refuse(`lampiran ${index + 1} tidak terbaca`)
    try {
      const packed = readStream(reader, offset, stream.number)
      const bytes = inflateSync(packed, { maxOutputLength: Math.max(1, Math.min(bytesMaxOf(name), left)) })
      left -= bytes.length
      return { name, bytes }
    } catch (cause) {
      throw new PactError('BAD_PDF', `Lampiran ${index + 1} tidak terbaca`, { cause })
    }
  })
}

/** SHA-256 over the byte range, 32 bytes. */
export function digestOf(pdf: Uint8Array, [, first, second, rest]: ByteRange): Uint8Array {
  return createHash('sha256')
    .update(pdf.subarray(0, first))
    .update(pdf.subarray(second, second + rest))
    .digest()
}

/** What reading keeps of a file on the way through its revisions. */
interface State {
  reader: PdfReader
  size: number
  xrefAt: number
  root: string
  info: string | undefined
  id: string | undefined
  archive: ArchiveState | undefined
}

function readFile(pdf: Uint8Array): { file: SignedFile; state: State; hash: Hash } {
  const reader = new PdfReader(pdf)
  reader.expect(0, '%PDF-1.')
  const sections = readSections(reader)
  const first = sections[0]!
  const state: State = { ...readState(reader, first), archive: undefined }
  const { fields, archive } = readForm(reader, first, state)
  state.archive = archive
  const starts = [...startsOf(reader, sections), pdf.length]
  const file: SignedFile = {
    base: {
      endBytes: starts[1]!,
      documentId: /^\[\s*<([0-9a-fA-F]+)>/.exec(state.id ?? '')?.[1]?.toLowerCase(),
      fields,
    },
    increments: [],
    revisions: [],
    foreign: undefined,
  }
  const hash = createHash('sha256').update(pdf.subarray(0, starts[1]))
  for (const [index, section] of sections.entries()) {
    if (index === 0) continue
    const [start, end] = [starts[index]!, starts[index + 1]!]
    try {
      const increment = readIncrement({ state, section, start, end, file, hash })
      file.increments.push(increment)
      if (increment.kind === 'signature') file.revisions.push(increment)
    } catch (cause) {
      if (!(cause instanceof PactError)) throw cause
      file.foreign = {
        start,
        end: pdf.length,
        objects: [...section.offsets.keys()].slice(0, 100),
        why: cause.message,
      }
      break
    }
    state.xrefAt = section.at
  }
  return { file, state, hash }
}

/** Cross-reference sections, base first. Every /Prev points backwards, so a cycle cannot be. */
function readSections(reader: PdfReader): XrefSection[] {
  const sections: XrefSection[] = []
  let at = reader.readStartXref()
  for (;;) {
    if (sections.length === REVISIONS_MAX) throw refuse(`lebih dari ${REVISIONS_MAX} revisi`)
    const section = reader.readXref(at)
    const later = sections[0]
    if (later && section.end > later.at) throw refuse('tabel rujukan silang saling tindih')
    sections.unshift(section)
    const previous = section.trailer.entries.get('Prev')
    if (!previous) return sections
    const offset =
      previous.kind === 'word' && /^\d{1,10}$/.test(previous.text) ? Number(previous.text) : Infinity
    if (offset >= at) throw refuse('/Prev tidak menunjuk ke belakang')
    at = offset
  }
}

/**
 * Where each section's part of the file begins. Our increments begin with a line end of their own, behind the
 * line end that closes the one before; only a base may come without, and then the increment's first object
 * tells. A stranger's increment is taken to begin behind the line end.
 */
function startsOf(reader: PdfReader, sections: readonly XrefSection[]): number[] {
  return sections.map((section, index) => {
    const previous = sections[index - 1]
    if (!previous) return 0
    const lineEnd = reader.bytes[previous.end] === 0x0a ? 1 : 0
    if (index > 1) return previous.end + lineEnd
    const first = Math.min(...[...section.offsets.values()].slice(0, 16))
    return first === previous.end + 1 ? previous.end : previous.end + lineEnd
  })
}

function readState(reader: PdfReader, { trailer, at, offsets }: XrefSection): Omit<State, 'archive'> {
  const raw = (key: string) => {
    const value = trailer.entries.get(key)
    return value && latin1(reader.bytes.subarray(value.start, value.end))
  }
  if (trailer.entries.has('Encrypt')) throw refuse('berkas tersandi')
  const stranger = [...trailer.entries.keys()].find((key) => !TRAILER_KEYS.has(key))
  if (stranger !== undefined) throw refuse(`trailer memuat /${stranger}`)
  const root = raw('Root')
  const size = Number(raw('Size'))
  if (root === undefined || !Number.isInteger(size)) throw refuse('trailer tanpa /Root atau /Size')
  for (const number of offsets.keys())
    if (number >= size) throw refuse(`objek ${number} di luar /Size ${size}`)
  return { reader, size, xrefAt: at, root, info: raw('Info'), id: raw('ID') }
}

function readForm(
  reader: PdfReader,
  section: XrefSection,
  state: State,
): { fields: SignatureField[]; archive: ArchiveState | undefined } {
  const resolve = (value: PdfValue | undefined): PdfValue => {
    if (value?.kind !== 'reference') return value ?? { kind: 'word', text: 'null', start: 0, end: 0 }
    const offset = section.offsets.get(value.number)
    if (offset === undefined || value.generation !== 0) throw refuse(`objek ${value.number} tidak ada`)
    return reader.readObject(offset, value.number)
  }
  const entry = (value: PdfValue, key: string) =>
    value.kind === 'dictionary' ? value.entries.get(key) : undefined
  const root = resolve(reader.readValue(section.trailer.entries.get('Root')!.start))
  const fieldsReference = entry(resolve(entry(root, 'AcroForm')), 'Fields')
  const list = resolve(fieldsReference)
  if (list.kind !== 'array') throw refuse('berkas tidak mempunyai kolom tanda tangan')
  if (list.items.length > FIELDS_MAX) throw refuse(`lebih dari ${FIELDS_MAX} kolom`)
  const fields: SignatureField[] = []
  for (const item of list.items) {
    const dictionary = resolve(item)
    const type = entry(dictionary, 'FT')
    const slot = parsePdfText(entry(dictionary, 'T'))
    if (item.kind !== 'reference' || type?.kind !== 'name' || type.text !== 'Sig' || slot === undefined)
      throw refuse('formulir memuat kolom yang bukan kolom tanda tangan')
    if (entry(dictionary, 'V') || entry(dictionary, 'Kids')) throw refuse(`kolom ${slot} tidak kosong`)
    if (fields.some((one) => one.slot === slot || one.objectNumber === item.number))
      throw refuse(`kolom ${slot} dua kali`)
    if (item.number >= state.size) throw refuse(`objek ${item.number} di luar /Size`)
    const body = reader.bytes.subarray(dictionary.start, dictionary.end)
    fields.push({ slot, objectNumber: item.number, body })
  }
  const store = entry(root, 'DSS')
  const storeBody = resolve(store)
  const hasPlace =
    store?.kind === 'reference' &&
    fieldsReference?.kind === 'reference' &&
    storeBody.kind === 'dictionary' &&
    storeBody.entries.size === 0
  if (store && !hasPlace) throw refuse('naskah memuat bukti arsip sebelum ditandatangani')
  return {
    fields,
    archive: hasPlace
      ? {
          storeObject: store.number,
          fieldsObject: fieldsReference.number,
          widgets: fields.map(({ objectNumber }) => objectNumber),
          stored: { certificates: [], ocsps: [], crls: [] },
        }
      : undefined,
  }
}

interface IncrementInput {
  state: State
  section: XrefSection
  start: number
  end: number
  file: SignedFile
  hash: Hash // over everything before `start`; afterwards, over everything before `end`
}

/** Whichever of the three kinds the increment is; each is written again and compared byte for byte. */
function readIncrement(input: IncrementInput): Increment {
  const { state, section } = input
  const { archive } = state
  if (archive && section.offsets.has(archive.storeObject)) return readStore(input, archive)
  if (archive && section.offsets.has(archive.fieldsObject)) return readStamp(input, archive)
  const revision = readRevision(input)
  state.size += 1
  return revision
}

function readStore(input: IncrementInput, archive: ArchiveState): StoreRevision {
  const { state, section, start, end, hash } = input
  const { reader } = state
  const dictionary = reader.readObject(section.offsets.get(archive.storeObject)!, archive.storeObject)
  if (dictionary.kind !== 'dictionary') throw refuse('bukti arsip bukan kamus')
  const evidence: StoredEvidence = { certificates: [], ocsps: [], crls: [] }
  for (const kind of Object.keys(storeKinds) as StoreKind[]) {
    const list = dictionary.entries.get(storeKinds[kind])
    const items = list?.kind === 'array' ? list.items : []
    // what stood there before is compared with the whole
    for (const item of items.slice(archive.stored[kind].length)) {
      if (item.kind !== 'reference') throw refuse('bukti arsip bukan rujukan')
      const offset = section.offsets.get(item.number)
      if (offset === undefined) throw refuse(`objek ${item.number} tidak ada`)
      evidence[kind].push(readStream(reader, offset, item.number))
    }
  }
  const { bytes, stored, objects } = composeStore(state, archive, start, evidence)
  if (Buffer.compare(bytes, reader.bytes.subarray(start, end)) !== 0)
    throw refuse('revisi tidak tepat satu tambahan bukti arsip')
  hash.update(bytes)
  state.archive = { ...archive, stored }
  state.size += objects
  return { kind: 'store', start, end, ...evidence }
}

function readStream(reader: PdfReader, offset: number, number: number): Uint8Array {
  const dictionary = reader.readObject(offset, number)
  const length = dictionary.kind === 'dictionary' ? dictionary.entries.get('Length') : undefined
  const size = length?.kind === 'word' && /^\d{1,7}$/.test(length.text) ? Number(length.text) : undefined
  if (size === undefined) throw refuse(`objek ${number} tanpa panjang`)
  const from = reader.expect(dictionary.end, '\nstream\n')
  return reader.bytes.subarray(from, from + size)
}

function readStamp(input: IncrementInput, archive: ArchiveState): StampRevision {
  const { state, section, start, end } = input
  const { reader } = state
  const number = state.size + 1
  const at = section.offsets.get(number)
  const dictionary = at === undefined ? undefined : reader.readObject(at, number)
  const contents = dictionary?.kind === 'dictionary' ? dictionary.entries.get('Contents') : undefined
  if (contents?.kind !== 'string') throw refuse('stempel waktu tidak lengkap')
  const placeholderBytes = contents.bytes.length
  const { before, after, byteRange, widgets } = composeStamp(state, archive, start, placeholderBytes)
  const written = fillContents({ before, after, placeholderBytes }, contents.bytes)
  if (Buffer.compare(written, reader.bytes.subarray(start, end)) !== 0)
    throw refuse('revisi tidak tepat satu stempel waktu')
  const digest = digestOn(input, byteRange)
  state.archive = { ...archive, widgets }
  state.size += 2
  return { kind: 'stamp', start, end, byteRange, digest, token: trimPadding(contents.bytes) }
}

// The digest over an increment's byte range, and `hash` taken to its end. Each goes on from the one before: hashing the
// whole file anew for each would be quadratic.
function digestOn(
  { state: { reader }, start, end, hash }: IncrementInput,
  [, first, second]: ByteRange,
): Uint8Array {
  const digest = hash
    .update(reader.bytes.subarray(start, first))
    .copy()
    .update(reader.bytes.subarray(second, end))
    .digest()
  hash.update(reader.bytes.subarray(first, end))
  return digest
}

function readRevision(input: IncrementInput): Revision {
  const { state, section, start, end, file } = input
  const { reader } = state
  const field = file.base.fields.find((one) => section.offsets.has(one.objectNumber))
  const signatureAt = section.offsets.get(state.size)
  if (!field || signatureAt === undefined || section.offsets.size !== 2)
    throw refuse('revisi mengubah isi lain selain satu kolom tanda tangan')
  if (file.revisions.some((revision) => revision.slot === field.slot))
    throw refuse(`kolom ${field.slot} diubah lagi`)
  const dictionary = reader.readObject(signatureAt, state.size) as PdfDictionary
  const entry = (key: string) => (dictionary.kind === 'dictionary' ? dictionary.entries.get(key) : undefined)
  const contents = entry('Contents')
  const at = parsePdfDate(parsePdfText(entry('M')))
  const name = parsePdfText(entry('Name'))
  const reason = parsePdfText(entry('Reason'))
  if (contents?.kind !== 'string' || !at || name === undefined || reason === undefined)
    throw refuse('kamus tanda tangan tidak lengkap')
  const values = { name, reason, location: parsePdfText(entry('Location')), at }
  const placeholderBytes = contents.bytes.length
  const { before, after, byteRange } = composeRevision(state, { start, field, values, placeholderBytes })
  const written = [before, Buffer.from(`<${Buffer.from(contents.bytes).toString('hex')}>`, 'latin1'), after]
  if (Buffer.compare(Buffer.concat(written), reader.bytes.subarray(start, end)) !== 0)
    throw refuse('revisi tidak tepat satu kolom dan satu kamus tanda tangan')
  const digest = digestOn(input, byteRange)
  return {
    kind: 'signature',
    start,
    end,
    slot: field.slot,
    byteRange,
    digest,
    cms: trimPadding(contents.bytes),
    ...values,
  }
}

/** The CMS without the zero bytes behind it. */
function trimPadding(contents: Uint8Array): Uint8Array {
  const { whole } = readDer(contents)
  for (let at = whole.length; at < contents.length; at++)
    if (contents[at] !== 0) throw refuse('pengisi tanda tangan bukan nol')
  return whole
}

import { createHash, type Hash } from 'node:crypto'
import { PactError } from '../domain/errors.js'
import type { Slot } from '../domain/pact.js'
import { isAlive, type Signer } from './certificate.js'
import { prepareSigner } from './cms.js'
import { readDer } from './der.js'
import type { TimestampAuthority } from './cms.js'
import {
  formatPdfDate,
  formatPdfText,
  parsePdfDate,
  parsePdfText,
  PdfReader,
  type PdfDictionary,
  type PdfValue,
  type XrefSection,
} from './pdf.js'

/** [0, offset of "<", offset behind ">", rest to the revision's end]. @see ISO 32000-1 section 12.8.1 */
export type ByteRange = readonly [0, number, number, number]

/** A signature field of the base: where people and validators expect a signature. */
export interface SignatureField {
  slot: Slot
  objectNumber: number
  body: Uint8Array // the dictionary as the base has it, "<<...>>"
}

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

/** Certificates, OCSP responses and lists, each in DER. @see ISO 32000-2 section 12.8.4.3 */
export interface StoredEvidence {
  certificates: Uint8Array[]
  ocsps: Uint8Array[]
  crls: Uint8Array[]
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
const PLACEHOLDER_STEP_BYTES = 256
// what an unsigned attribute puts around its token, and the longer lengths of what surrounds it
const ATTRIBUTE_BYTES_MAX = 48
// wide enough for three ten-digit numbers; padded so that the numbers' widths move nothing
const BYTE_RANGE_WIDTH = 40
const DICTIONARY_END = '\n>>\nendobj\n'
const TRAILER_KEYS = new Set(['Size', 'Root', 'Info', 'ID', 'Prev'])

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

const storeKinds = { certificates: 'Certs', ocsps: 'OCSPs', crls: 'CRLs' } as const
export type StoreKind = keyof typeof storeKinds

/** What is signed, besides the bytes. */
export interface SignatureValues {
  slot: Slot
  at: Date // goes into /M, whole seconds
  name: string
  reason: string
  location?: string | undefined
}

/** A revision of a draft. */
export interface SignedRevision {
  /** The increment alone: what comes behind the bytes before. */
  bytes: Uint8Array
  draft: Draft // the file with it
  byteRange: ByteRange
  digest: Uint8Array // 32 bytes
  cms: Uint8Array // without padding
}

const refuse = (why: string, cause?: unknown) => new PactError('BAD_PDF', why, { cause })
const latin1 = (bytes: Uint8Array) =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1')

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
 * Signs the field of `slot` in one incremental revision: the field object again with /V, one signature
 * dictionary, a cross-reference section and a trailer; not a byte before it changes.
 *
 * @throws BAD_PDF when the file has no such field or it is signed already
 * @throws BAD_KEY when key and certificate do not belong together, or the certificate is not alive at `at`
 * @throws TSA_UNAVAILABLE when the timestamp cannot be had; nothing is made then
 * @see ISO 32000-1 sections 7.5.6 and 12.8, ETSI EN 319 142-1 section 5.3 and 6.3 (baseline B-B, with `tsa` B-T)
 */
export async function signDraft(
  draft: Draft,
  values: SignatureValues & { signer: Signer; tsa?: TimestampAuthority | undefined },
): Promise<SignedRevision> {
  const signer = prepareSigner(values.signer)
  const { certificate } = signer
  if (!isAlive(certificate, values.at)) {
    const [from, until] = [certificate.notBefore.toISOString(), certificate.notAfter.toISOString()]
    throw new PactError(
      'BAD_KEY',
      `Sertifikat ${certificate.commonName} hanya berlaku ${from} sampai ${until}`,
    )
  }
  const { tsa } = values
  const reserved = reserveRevision(draft, values, sizeRoom(signer.cmsBytesMax, tsa))
  const cms = await signer.sign(reserved.digest, tsa)
  return { ...fillRevision(reserved, cms), cms }
}

/** `signDraft` for whoever has the whole file and wants the whole file. @throws as `openDraft` and `signDraft` */
export async function signRevision({
  pdf,
  ...values
}: SignatureValues & { pdf: Uint8Array; signer: Signer; tsa?: TimestampAuthority }): Promise<
  SignedRevision & { pdf: Uint8Array }
> {
  const signed = await signDraft(openDraft(pdf), values)
  return { ...signed, pdf: Buffer.concat([pdf, signed.bytes]) }
}

/** Room for a CMS of at most `cmsBytesMax` bytes: the next multiple of 256. */
export function sizePlaceholder(cmsBytesMax: number): number {
  return Math.ceil(cmsBytesMax / PLACEHOLDER_STEP_BYTES) * PLACEHOLDER_STEP_BYTES
}

/** Room for a CMS of at most `cmsBytesMax` bytes and the timestamp that goes into it. */
export const sizeRoom = (cmsBytesMax: number, tsa: TimestampAuthority | undefined) =>
  sizePlaceholder(cmsBytesMax + (tsa ? tsa.tokenBytesMax + ATTRIBUTE_BYTES_MAX : 0))

/** A revision whose signature is still missing, and the digest to sign. */
export interface ReservedRevision {
  before: Buffer // up to the signature
  after: Buffer // behind it
  placeholderBytes: number
  byteRange: ByteRange
  xrefAt: number // of the revision's own cross-reference section
  digest: Uint8Array // SHA-256 over the byte range, 32 bytes
  draft: Draft // that it continues
  slot: Slot
}

/**
 * The first half of `signDraft`: everything but the signature.
 *
 * @param placeholderBytes room for the CMS, before hexadecimal doubles it
 * @throws BAD_PDF as `signDraft`
 */
export function reserveRevision(
  draft: Draft,
  values: SignatureValues,
  placeholderBytes: number,
): ReservedRevision {
  const field = draft.fields.find(({ slot }) => slot === values.slot)
  if (!field) throw refuse(`Kolom tanda tangan ${values.slot} tidak ada atau sudah ditandatangani`)
  const composed = composeRevision(draft, { start: draft.sizeBytes, field, values, placeholderBytes })
  const digest = draft.hash.copy().update(composed.before).update(composed.after).digest()
  return { ...composed, placeholderBytes, digest, draft, slot: values.slot }
}

/**
 * The second half of `signDraft`: the CMS goes into its place.
 *
 * @throws PLACEHOLDER_TOO_SMALL naming both sizes
 */
export function fillRevision(reserved: ReservedRevision, cms: Uint8Array): Omit<SignedRevision, 'cms'> {
  const { before, after, placeholderBytes, byteRange, xrefAt, digest, draft, slot } = reserved
  const bytes = fillContents({ before, after, placeholderBytes }, cms)
  return {
    bytes,
    byteRange,
    digest,
    draft: {
      ...grow(draft, { bytes, xrefAt, objects: 1 }),
      fields: draft.fields.filter((field) => field.slot !== slot),
    },
  }
}

function fillContents(
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

const grow = (draft: Draft, by: { bytes: Buffer; xrefAt: number; objects: number }): Draft => ({
  ...draft,
  sizeBytes: draft.sizeBytes + by.bytes.length,
  hash: draft.hash.copy().update(by.bytes),
  size: draft.size + by.objects,
  xrefAt: by.xrefAt,
})

function archiveOf({ archive }: { archive: ArchiveState | undefined }): ArchiveState {
  if (!archive) throw refuse('Berkas tidak menyediakan tempat bukti arsip (DSS)')
  return archive
}

/**
 * Adds evidence to the document security store, in one increment.
 *
 * @throws BAD_PDF when the base has no place for it
 * @see ETSI EN 319 142-1 section 5.4.2 (DSS; no VRI, which is optional)
 */
export function storeEvidence(draft: Draft, evidence: StoredEvidence): { bytes: Buffer; draft: Draft } {
  const archive = archiveOf(draft)
  const { bytes, xrefAt, stored, objects } = composeStore(draft, archive, draft.sizeBytes, evidence)
  return { bytes, draft: { ...grow(draft, { bytes, xrefAt, objects }), archive: { ...archive, stored } } }
}

/**
 * Closes the file as it is with a document timestamp in a field of its own.
 *
 * @throws TSA_UNAVAILABLE; BAD_PDF when the base has no place for it
 * @see ETSI EN 319 142-1 section 5.4.3
 */
export async function stampDraft(
  draft: Draft,
  tsa: TimestampAuthority,
): Promise<{ bytes: Buffer; draft: Draft; token: Uint8Array }> {
  const archive = archiveOf(draft)
  const placeholderBytes = sizePlaceholder(tsa.tokenBytesMax)
  const composed = composeStamp(draft, archive, draft.sizeBytes, placeholderBytes)
  const digest = draft.hash.copy().update(composed.before).update(composed.after).digest()
  const token = await tsa.stamp(digest)
  const bytes = fillContents({ ...composed, placeholderBytes }, token)
  return {
    bytes,
    token,
    draft: {
      ...grow(draft, { bytes, xrefAt: composed.xrefAt, objects: 2 }),
      archive: { ...archive, widgets: composed.widgets },
    },
  }
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
  const { state, section, start, end, hash } = input
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
  const [, first, second] = byteRange
  const digest = hash
    .update(reader.bytes.subarray(start, first))
    .copy()
    .update(reader.bytes.subarray(second, end))
    .digest()
  hash.update(reader.bytes.subarray(first, end))
  state.archive = { ...archive, widgets }
  state.size += 2
  return { kind: 'stamp', start, end, byteRange, digest, token: trimPadding(contents.bytes) }
}

function readRevision(input: IncrementInput): Revision {
  const { state, section, start, end, file, hash } = input
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
  // each digest goes on from the one before: hashing the whole file anew for each would be quadratic
  const [, first, second] = byteRange
  const digest = hash
    .update(reader.bytes.subarray(start, first))
    .copy()
    .update(reader.bytes.subarray(second, end))
    .digest()
  hash.update(reader.bytes.subarray(first, end))
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
  if (contents.subarray(whole.length).some((byte) => byte !== 0))
    throw refuse('pengisi tanda tangan bukan nol')
  return whole
}

/** The one form of a revision, around its signature; both the writer and the reader go through it. */
function composeRevision(
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
  const fieldObject = `\n${field.objectNumber} 0 obj\n${latin1(field.body).slice(0, -2)}/V ${number} 0 R\n>>\nendobj\n`
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
function composeStore(
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
function composeStamp(
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

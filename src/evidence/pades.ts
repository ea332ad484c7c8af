import { PactError } from '../domain/errors.js'
import type { Slot } from '../domain/pact.js'
import { isAlive, type Signer } from './certificate.js'
import { prepareSigner, type TimestampAuthority } from './cms.js'
import {
  composeRevision,
  composeStamp,
  composeStore,
  fillContents,
  type ArchiveState,
  type ByteRange,
  type Draft,
  type SignatureValues,
  type StoredEvidence,
} from './increment.js'
import { openDraft } from './signed-file.js'

const PLACEHOLDER_STEP_BYTES = 256
// what an unsigned attribute puts around its token, and the longer lengths of what surrounds it
const ATTRIBUTE_BYTES_MAX = 48

/** A revision of a draft. */
export interface SignedRevision {
  /** The increment alone: what comes behind the bytes before. */
  bytes: Uint8Array
  draft: Draft // the file with it
  byteRange: ByteRange
  digest: Uint8Array // 32 bytes
  cms: Uint8Array // without padding
}

const refuse = (why: string) => new PactError('BAD_PDF', why)

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

import { createHash, type KeyObject, verify } from 'node:crypto'
import { PactError } from '../domain/errors.js'
import type { Mark } from '../domain/pact.js'
import {
  fingerprint,
  importKey,
  isP256,
  readCertificate,
  type SigningMethod,
} from '../evidence/certificate.js'
import { assembleCms, encodeSignedAttributes, isSignature, sizeCmsMax } from '../evidence/cms.js'
import { sameBytes } from '../evidence/der.js'
import type { Draft } from '../evidence/increment.js'
import { fillRevision, reserveRevision, sizeRoom } from '../evidence/pades.js'
import type { Database } from '../store/db.js'
import {
  endPendingSignature,
  findPendingSignature,
  insertPendingSignature,
  type PendingSignature,
} from '../store/certificates.js'
import type { Party } from '../store/pacts.js'
import { keepChunk, recordCertificate, subjectOf } from './file.js'
import type { House } from './house.js'
import type { Paper } from './paper.js'

// A signature by a key that the party's own device made: signers and witnesses sign the same way.

/** SHA-256 (hex) of the authority that a device's certificate must come from. */
export const signersIssuerSha256 = ({ keys }: House) => fingerprint(keys.authorities.signer.certificate.der)

/** How long a device may take between its certificate and its signature, seconds. */
export const OWN_KEY_SECONDS = 900
const OWN_KEY_METHOD = 'own-device-key' satisfies SigningMethod

/** What a device sends first. SubjectPublicKeyInfo of P-256 and a signature by it over `proofOf`, DER. */
export interface DeviceKey {
  publicKeyInfo: Uint8Array // attacker-controlled
  proof: Uint8Array // attacker-controlled
}

/** What a device gets to check and sign; every part is public to whom it signs for. */
export interface SigningOffer {
  base: Uint8Array // the document as it is before this signature
  before: Uint8Array // the revision up to the signature
  after: Uint8Array // and behind it
  placeholderBytes: number
  certificate: Uint8Array // DER, for the device's key
  issuer: Uint8Array // DER
}

/** The file that a signature is put behind, made from what was agreed; the same bytes each time. */
export type Ground = (agreed: { at: Date; mark: Mark }) => Promise<{ bytes: Uint8Array; draft: Draft }>

interface Signing {
  paper: Paper
  party: Party
  ground: Ground
  reason: string // what the signature says that it is for
}

/**
 * A certificate for the key that the party's device made, and the revision that it is asked to sign. The certificate is
 * recorded in the same transaction. Starting again, also from another device, voids the one before: its key is gone
 * with its page.
 *
 * What a crash leaves: nothing, or a recorded certificate whose signature never comes, which the next start voids.
 *
 * @param scope what only this party has: the secret of the link, the code of the pact
 * @throws BAD_KEY when the key is another kind or its owner cannot be who asks
 */
export async function offerToDevice(
  house: House,
  tx: Database,
  on: Signing & { key: DeviceKey; scope: string; mark: Mark; codeId: number | null; now: Date },
): Promise<SigningOffer> {
  const { paper, party, key, mark, codeId, now } = on
  const publicKey = readOwnKey(key, { token: on.scope, textSha256: paper.textSha256.toString('hex') })
  await endPendingSignature(tx, { partyId: party.id, isSigned: false, now })
  const subject = await subjectOf(tx, paper, party)
  const certificate = await house.keys.certifyOwnKey({
    ...{ ...subject, publicKey, publicKeyInfo: key.publicKeyInfo, now, random: house.random },
  })
  const certificateId = await recordCertificate(tx, { party, certificate, method: OWN_KEY_METHOD, now })
  const { base, reserved } = await reserve(house, tx, { ...on, certificate, at: now })
  await insertPendingSignature(tx, {
    ...{ partyId: party.id, certificateId, at: now, mark, digest: reserved.digest },
    ...{ textSha256: paper.textSha256, codeId },
  })
  const { before, after, placeholderBytes } = reserved
  const issuer = house.keys.authorities.signer.certificate.der
  return { base: base.bytes, before, after, placeholderBytes, certificate, issuer }
}

/**
 * The signature that the device made over the offer. The file is made again from what was kept and must have the same
 * digest; the signature is verified before anything is written. The party's state is the caller's.
 *
 * @param signature ECDSA over the signed attributes, DER (attacker-controlled)
 * @param keepBase keeps the file before the signature, where nothing of it is kept yet
 * @throws STALE when there is no such offer any more; BAD_KEY when the signature is not the device's; TSA_UNAVAILABLE
 */
export async function acceptFromDevice(
  house: House,
  tx: Database,
  on: Signing & { signature: Uint8Array; keepBase?: (at: Date) => Promise<void>; now: Date },
): Promise<PendingSignature> {
  const { paper, party, signature, now } = on
  const pending = await findPendingSignature(tx, party.id)
  const stale = new PactError(
    'STALE',
    'Penandatanganan terputus. Tidak ada yang hilang: tekan “Tanda tangani” sekali lagi.',
  )
  if (!pending || now.getTime() - pending.at.getTime() > OWN_KEY_SECONDS * 1000) throw stale
  const { reserved } = await reserve(house, tx, { ...on, ...pending })
  const { digest } = reserved
  if (!sameBytes(digest, pending.digest) || !sameBytes(paper.textSha256, pending.textSha256)) throw stale
  const certificate = readCertificate(pending.certificate)
  if (!isSignature(certificate, encodeSignedAttributes(digest, certificate), signature))
    throw new PactError('BAD_KEY', 'Tanda tangan ini bukan dari kunci di perangkat Anda.')
  const token = await house.tsa.stamp(createHash('sha256').update(signature).digest())
  const chain = [house.keys.authorities.signer.certificate.der]
  const signed = fillRevision(reserved, assembleCms({ digest, certificate, chain, signature, token }))
  await on.keepBase?.(pending.at)
  await keepChunk(house, tx, paper.pact.id, {
    ...{ slot: party.slot, own: signed.bytes, draft: signed.draft, at: now },
    ...{ certificate: certificate.der, method: OWN_KEY_METHOD },
  })
  await endPendingSignature(tx, { partyId: party.id, isSigned: true, now })
  return pending
}

async function reserve(
  house: House,
  tx: Database,
  on: Signing & { certificate: Uint8Array; at: Date; mark: Mark },
) {
  const { paper, party, ground, reason, at, mark } = on
  const base = await ground({ at, mark })
  const certificate = readCertificate(on.certificate)
  const chain = [house.keys.authorities.signer.certificate.der]
  const room = sizeRoom(sizeCmsMax({ certificate, chain }), house.tsa)
  const { name } = await subjectOf(tx, paper, party)
  const values = { slot: party.slot, at, name, reason, location: paper.pemda.seat }
  return { base, reserved: reserveRevision(base.draft, values, room) }
}

/**
 * What a device signs to show that the key is its own: purpose, link and words, then the key itself, so that a proof
 * is good for one person's pact and key and for nothing else.
 */
export const proofOf = (of: { token: string; textSha256: string; publicKeyInfo: Uint8Array }) =>
  Buffer.concat([Buffer.from(`pakta/kunci/v1\n${of.token}\n${of.textSha256}\n`, 'utf8'), of.publicKeyInfo])

function readOwnKey(
  { publicKeyInfo, proof }: { publicKeyInfo: Uint8Array; proof: Uint8Array },
  of: { token: string; textSha256: string },
): KeyObject {
  const refuse = (why: string, cause?: unknown) =>
    new PactError('BAD_KEY', `Kunci perangkat: ${why}`, { cause })
  // One form of P-256 and no other: what is certified is what was sent, byte for byte.
  if (!isP256(publicKeyInfo)) throw refuse('harus EC P-256 dalam bentuk baku')
  let publicKey: KeyObject
  try {
    publicKey = importKey(publicKeyInfo)
  } catch (cause) {
    throw refuse('tidak terbaca', cause)
  }
  const message = proofOf({ ...of, publicKeyInfo })
  let isProven = false
  try {
    isProven = verify('sha256', message, publicKey, proof)
  } catch (cause) {
    throw refuse('bukti kepemilikannya tidak terbaca', cause)
  }
  if (!isProven) throw refuse('bukti kepemilikannya tidak cocok')
  return publicKey
}

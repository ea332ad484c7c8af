import { createHash, type KeyObject, verify } from 'node:crypto'
import { PactError } from '../domain/errors.js'
import type { Mark, SignatureMethod } from '../domain/pact.js'
import {
  type Certificate,
  checkChain,
  fingerprint,
  importKey,
  isAlive,
  isP256,
  methodOf,
  readCertificate,
  type SigningMethod,
} from '../evidence/certificate.js'
import { assembleCms, encodeSignedAttributes, isSignature, sizeCmsMax } from '../evidence/cms.js'
import { readAll, sameBytes } from '../evidence/der.js'
import type { Draft } from '../evidence/increment.js'
import { fillRevision, reserveRevision, sizeRoom } from '../evidence/pades.js'
import { encloseStatement } from '../evidence/statement.js'
import { findAccount } from '../store/accounts.js'
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
import { pieceOf } from './row.js'

// A signature by a key that the party's own device made: signers and witnesses sign the same way.

/** SHA-256 (hex) of the authority that a device's certificate must come from. */
export const signersIssuerSha256 = ({ keys }: House) => fingerprint(keys.authorities.signer.certificate.der)

/** How long a device may take between its certificate and its signature, seconds. */
export const OWN_KEY_SECONDS = 900
const OWN_KEY_METHOD = 'own-device-key' satisfies SigningMethod
const OWN_CERTIFICATE_METHOD = 'own-certificate' satisfies SignatureMethod

/** What a device sends first: a key that it made (SubjectPublicKeyInfo), or a person's own certificate, and a proof. */
export interface DeviceKey {
  publicKeyInfo: Uint8Array // attacker-controlled
  proof: Uint8Array // a signature over `proofOf`, attacker-controlled
  own?: OwnCertificate | undefined
}

/** A certificate that somebody else issued to the person, from a PKCS #12 file that never leaves the browser. */
export interface OwnCertificate {
  certificate: Uint8Array // DER, attacker-controlled
  chain: Uint8Array // its issuers, DER one behind the other, attacker-controlled
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

/**
 * What a signature is for, made from what was agreed; the same bytes each time. A file that the signature is put behind
 * comes with its draft; the statement of a collective pact's row has none.
 */
export type Ground = (agreed: { at: Date; mark: Mark }) => Promise<{ bytes: Uint8Array; draft?: Draft }>

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
  await endPendingSignature(tx, { partyId: party.id, isSigned: false, now })
  const scope = { token: on.scope, textSha256: paper.textSha256.toString('hex') }
  const prove = (publicKey: KeyObject) => checkProof(key, scope, publicKey)
  const held = key.own
    ? await admitOwn(house, tx, { paper, party, key, own: key.own, prove, now })
    : await certifyKey(house, tx, { paper, party, key, prove, now })
  const { base, reserved } = await reserve(house, tx, { ...on, ...held, at: now })
  await insertPendingSignature(tx, {
    ...{ ...held, partyId: party.id, at: now, mark, digest: reserved.digest },
    ...{ textSha256: paper.textSha256, codeId },
  })
  const { before, after, placeholderBytes } = reserved
  const { certificate } = held
  const issuer = house.keys.authorities.signer.certificate.der
  return { base: base.bytes, before, after, placeholderBytes, certificate, issuer }
}

interface Admission {
  paper: Paper
  party: Party
  key: DeviceKey
  prove(publicKey: KeyObject): void // that the owner of the key asks for this; throws BAD_KEY
  now: Date
}

/** Whose certificate will sign. */
type Held = Pick<PendingSignature, 'certificate' | 'certificateId' | 'chain'>

async function certifyKey(house: House, tx: Database, on: Admission): Promise<Held> {
  const { paper, party, key, prove, now } = on
  const publicKey = readOwnKey(key)
  prove(publicKey)
  const subject = await subjectOf(tx, paper, party)
  const certificate = await house.keys.certifyOwnKey({
    ...{ ...subject, publicKey, publicKeyInfo: key.publicKeyInfo, now, random: house.random },
  })
  const certificateId = await recordCertificate(tx, { party, certificate, method: OWN_KEY_METHOD, now })
  return { certificate, certificateId, chain: null }
}

/**
 * A head's or a witness's own certificate: for signing, under a root that this installation accepts, in the person's
 * name, alive, and good by what its authority says now.
 *
 * @throws FORBIDDEN for anybody else; BAD_KEY, saying what does not fit; STATUS_UNAVAILABLE
 */
async function admitOwn(house: House, tx: Database, on: Admission & { own: OwnCertificate }): Promise<Held> {
  const { paper, party, key, own, prove, now } = on
  const refuse = (why: string, cause?: unknown) =>
    new PactError('BAD_KEY', `Sertifikat Anda tidak dapat dipakai di sini: ${why}.`, { cause })
  if (party.role === 'signer' && !paper.joint && paper.pact.signerClass !== 'HEAD')
    throw new PactError('FORBIDDEN', 'Sertifikat sendiri hanya untuk pimpinan dan saksi.')
  let certificate: Certificate
  let chain: Certificate[]
  try {
    certificate = readCertificate(own.certificate)
    chain = splitChain(own.chain)
  } catch (cause) {
    throw refuse((cause as Error).message, cause)
  }
  if (!sameBytes(certificate.publicKeyInfo, key.publicKeyInfo)) throw refuse('kuncinya lain')
  prove(certificate.publicKey)
  const roots = house.keys.roots.person.map((der) => readCertificate(der))
  const found = checkChain({ leaf: certificate, chain, roots, purpose: 'signer' })
  if (!house.foreign || roots.length === 0) throw refuse('layanan ini tidak menerima sertifikat dari luar')
  if ('why' in found) throw refuse(found.why)
  if (methodOf(certificate)) throw refuse('sertifikat itu terbitan layanan ini')
  if (!found.path.every((one) => isAlive(one, now))) throw refuse('masa berlakunya sudah habis')
  if (!certificate.commonName) throw refuse('tidak menyebut nama')
  const subject = await subjectOf(tx, paper, party)
  if (!isNamed(certificate, { ...subject, name: await bareNameOf(tx, paper, party) }))
    throw refuse(`atas nama "${certificate.commonName}", bukan ${subject.name}`)
  await house.foreign({ certificate, chain }, { now, purpose: 'signer' })
  return { certificate: certificate.der, certificateId: null, chain: own.chain }
}

// Titles stand in one and not in the other: every word of the bare name, or the NIP.
function isNamed(
  certificate: Certificate,
  of: { name: string; identityNumber: string | undefined },
): boolean {
  const words = (text: string) => text.toUpperCase().match(/\p{L}{2,}/gu) ?? []
  const theirs = new Set(words(certificate.commonName ?? ''))
  const number = of.identityNumber?.replace(/\D/g, '')
  const isNumbered =
    number !== undefined && number.length === 18 && certificate.serialNumber?.includes(number)
  const own = words(of.name)
  return isNumbered || (own.length > 0 && own.every((word) => theirs.has(word)))
}

const bareNameOf = async (tx: Database, paper: Paper, party: Party) =>
  party.accountId === null
    ? (party.person?.name.split(',')[0] ?? paper.employee!.name)
    : (await findAccount(tx, party.accountId))!.name.split(',')[0]!

const splitChain = (chain: Uint8Array) => readAll(chain, 4).map(({ whole }) => readCertificate(whole))

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
  on: Signing & { signature: Uint8Array; keepBase?: ((at: Date) => Promise<void>) | undefined; now: Date },
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
  const chain = chainOf(house, pending)
  const signed = reserved.fill(assembleCms({ digest, certificate, chain, signature, token }))
  const method = pending.certificateId === null ? OWN_CERTIFICATE_METHOD : OWN_KEY_METHOD
  if (pending.certificateId === null)
    await recordCertificate(tx, { party, certificate: certificate.der, method, now })
  await on.keepBase?.(pending.at)
  await keepChunk(house, tx, paper.pact.id, {
    ...{ slot: party.slot, ...signed, at: now },
    ...{ certificate: certificate.der, method },
  })
  await endPendingSignature(tx, { partyId: party.id, isSigned: true, now })
  return pending
}

const chainOf = (house: House, { chain }: { chain: Uint8Array | null }) =>
  chain ? splitChain(chain).map(({ der }) => der) : [house.keys.authorities.signer.certificate.der]

async function reserve(
  house: House,
  tx: Database,
  on: Signing & { certificate: Uint8Array; chain: Uint8Array | null; at: Date; mark: Mark },
) {
  const { paper, party, ground, reason, at, mark } = on
  const base = await ground({ at, mark })
  const { draft } = base
  if (!draft) return { base, reserved: reserveStatement(base.bytes) }
  const certificate = readCertificate(on.certificate)
  const chain = chainOf(house, on)
  const room = sizeRoom(sizeCmsMax({ certificate, chain }), house.tsa)
  // The signature states the name that its certificate does.
  const name = on.chain ? certificate.commonName! : (await subjectOf(tx, paper, party)).name
  const values = { slot: party.slot, at, name, reason, location: paper.pemda.seat }
  const reserved = reserveRevision(draft, values, room)
  const fill = (cms: Uint8Array) => {
    const { bytes: own, draft: grown } = fillRevision(reserved, cms)
    return { own, draft: grown }
  }
  return { base, reserved: { ...reserved, fill } }
}

// Nothing stands around a statement: what is signed is all of it.
const reserveStatement = (content: Uint8Array) => ({
  ...{ before: new Uint8Array(), after: new Uint8Array(), placeholderBytes: 0 },
  digest: createHash('sha256').update(content).digest(),
  fill: (cms: Uint8Array) => pieceOf(encloseStatement(cms, content)),
})

/**
 * What a device signs to show that the key is its own: purpose, link and words, then the key itself, so that a proof
 * is good for one person's pact and key and for nothing else.
 */
export const proofOf = (of: { token: string; textSha256: string; publicKeyInfo: Uint8Array }) =>
  Buffer.concat([Buffer.from(`pakta/kunci/v1\n${of.token}\n${of.textSha256}\n`, 'utf8'), of.publicKeyInfo])

function readOwnKey({ publicKeyInfo }: DeviceKey): KeyObject {
  // One form of P-256 and no other: what is certified is what was sent, byte for byte.
  if (!isP256(publicKeyInfo)) throw refuseKey('harus EC P-256 dalam bentuk baku')
  try {
    return importKey(publicKeyInfo)
  } catch (cause) {
    throw refuseKey('tidak terbaca', cause)
  }
}

const refuseKey = (why: string, cause?: unknown) =>
  new PactError('BAD_KEY', `Kunci perangkat: ${why}`, { cause })

// Did the owner of the key ask for this, and nobody else?
function checkProof(
  { proof, publicKeyInfo }: DeviceKey,
  scope: { token: string; textSha256: string },
  publicKey: KeyObject,
): void {
  let isProven = false
  try {
    isProven = verify('sha256', proofOf({ ...scope, publicKeyInfo }), publicKey, proof)
  } catch (cause) {
    throw refuseKey('bukti kepemilikannya tidak terbaca', cause)
  }
  if (!isProven) throw refuseKey('bukti kepemilikannya tidak cocok')
}

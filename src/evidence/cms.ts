import { createHash } from 'node:crypto'
import { PactError } from '../domain/errors.js'
import {
  isSignedBy,
  readCertificate,
  signatureAlgorithmDer,
  type Certificate,
  type Signer,
} from './certificate.js'
import {
  contextConstructed,
  encodeDer,
  encodeInteger,
  encodeOctets,
  encodeOid,
  encodeTime,
  readAll,
  readOne,
  readParts,
  sameBytes,
  sequence,
  setOf,
  sortSet,
  TAG,
} from './der.js'

/** Bytes of a SHA-256 digest. */
export const DIGEST_BYTES = 32

const oid = {
  data: encodeOid('1.2.840.113549.1.7.1'),
  signedData: encodeOid('1.2.840.113549.1.7.2'),
  contentType: encodeOid('1.2.840.113549.1.9.3'),
  messageDigest: encodeOid('1.2.840.113549.1.9.4'),
  signingTime: encodeOid('1.2.840.113549.1.9.5'),
  signingCertificateV2: encodeOid('1.2.840.113549.1.9.16.2.47'),
  signatureTimestamp: encodeOid('1.2.840.113549.1.9.16.2.14'),
}
const one = encodeInteger(Uint8Array.of(1))
/** AlgorithmIdentifier of SHA-256. @see RFC 5754 section 2 (parameters absent) */
export const SHA256_ALGORITHM = sequence(encodeOid('2.16.840.1.101.3.4.2.1'))

/** A detached signature as read (attacker-controlled until `verifyCms` and the chain say otherwise). */
export interface Cms {
  certificate: Certificate
  chain: Certificate[] // the other certificates, in the order of their encodings
  digest: Uint8Array // messageDigest
  signature: Uint8Array
  token: Uint8Array | undefined // the signature's timestamp, DER (attacker-controlled)
}

/** Content that is inside a SignedData, and the attributes that only it has. Without one: data, detached. */
export interface Enclosed {
  contentType: Uint8Array // OID, DER
  content: Uint8Array
  signingTime: Date
}

const attribute = (type: Uint8Array, value: Uint8Array) => sequence(type, encodeDer(TAG.set, value))

// The same in each signature of a certificate.
const named = new WeakMap<Certificate, Uint8Array>()

/** signingCertificateV2. @see RFC 5035 section 3 */
function nameCertificate(certificate: Certificate): Uint8Array {
  let found = named.get(certificate)
  if (found) return found
  const certificateHash = createHash('sha256').update(certificate.der).digest()
  // GeneralNames of one directoryName: [4] is explicit because Name is a CHOICE
  const issuer = sequence(encodeDer(contextConstructed(4), certificate.issuerName))
  // hashAlgorithm is left out: SHA-256 is its default, and DER writes no defaults
  const id = sequence(encodeOctets(certificateHash), sequence(issuer, certificate.serial))
  found = attribute(oid.signingCertificateV2, sequence(sequence(id)))
  named.set(certificate, found)
  return found
}

/**
 * What the signer's key signs: a SET of exactly contentType, messageDigest and signingCertificateV2, and of
 * enclosed content also signingTime. A detached signature has none: its time stands in the PDF's /M.
 *
 * @param digest 32 bytes: SHA-256 of the signed byte range, or of the enclosed content
 * @see RFC 5652 section 5.4, RFC 5035 section 3, ETSI EN 319 142-1 section 6.3
 */
export function encodeSignedAttributes(
  digest: Uint8Array,
  certificate: Certificate,
  enclosed?: Omit<Enclosed, 'content'>,
): Uint8Array {
  return setOf(
    attribute(oid.contentType, enclosed?.contentType ?? oid.data),
    ...(enclosed ? [attribute(oid.signingTime, encodeTime(enclosed.signingTime))] : []),
    attribute(oid.messageDigest, encodeOctets(digest)),
    nameCertificate(certificate),
  )
}

/**
 * The SignedData around a finished signature.
 *
 * @param chain DER; order does not matter
 * @param token the timestamp over the signature's value, DER; the only unsigned attribute (RFC 3161 appendix A)
 * @see RFC 5652 section 5.1 (version 3 for content that is no data), ETSI EN 319 142-1 section 6.3
 */
export function assembleCms(input: {
  digest: Uint8Array
  certificate: Certificate
  chain: readonly Uint8Array[]
  signature: Uint8Array
  token?: Uint8Array | undefined
  enclosed?: Enclosed | undefined
}): Uint8Array {
  const { certificate, token, enclosed } = input
  const attributes = readOne(encodeSignedAttributes(input.digest, certificate, enclosed), TAG.set).content
  const signerInfo = sequence(
    one,
    sequence(certificate.issuerName, certificate.serial),
    SHA256_ALGORITHM,
    encodeDer(contextConstructed(0), attributes),
    signatureAlgorithmDer[certificate.algorithm],
    encodeOctets(input.signature),
    ...(token
      ? [encodeDer(contextConstructed(1), sequence(oid.signatureTimestamp, encodeDer(TAG.set, token)))]
      : []),
  )
  const signedData = sequence(
    enclosed ? encodeInteger(Uint8Array.of(3)) : one,
    encodeDer(TAG.set, SHA256_ALGORITHM),
    enclosed
      ? sequence(enclosed.contentType, encodeDer(contextConstructed(0), encodeOctets(enclosed.content)))
      : sequence(oid.data),
    encodeDer(contextConstructed(0), ...sortSet([certificate.der, ...input.chain])),
    encodeDer(TAG.set, signerInfo),
  )
  return sequence(oid.signedData, encodeDer(contextConstructed(0), signedData))
}

/** Who made a token: the authority's certificate, and what leads from it to a root. */
export interface TokenSource {
  certificate: Certificate
  chain: readonly Certificate[]
}

/** Whoever states that something existed at a time. */
export interface TimestampAuthority {
  /**
   * A token over a SHA-256.
   *
   * @param imprint 32 bytes
   * @returns TimeStampToken, DER
   * @throws TSA_UNAVAILABLE when no token can be had now; it is asked again later
   */
  stamp(imprint: Uint8Array): Promise<Uint8Array>
  /** No token is longer. */
  tokenBytesMax: number
  /** Whose token comes next, as far as is known. */
  sources(): readonly TokenSource[]
}

/** A signer with everything ready that is the same in each of its signatures. */
export interface PreparedSigner {
  certificate: Certificate
  cmsBytesMax: number // without a timestamp
  /**
   * A detached CMS over a digest.
   *
   * @param digest 32 bytes: SHA-256 of the signed byte range
   * @param tsa vouches for the signature's time, when there is one
   * @returns DER, byte for byte what `assembleCms` makes
   * @throws BAD_KEY when the signer's first signature does not fit its certificate; TSA_UNAVAILABLE
   */
  sign(digest: Uint8Array, tsa?: TimestampAuthority): Promise<Uint8Array>
}

// Bytes that stand where a digest or a signature will; they occur nowhere else in a CMS.
const mark = (byte: number, length: number) => Buffer.alloc(length, Buffer.of(byte, byte ^ 0xff, 0x5a))
const DIGEST_MARK = mark(0xd1, DIGEST_BYTES)

const prepared = new WeakMap<Signer, PreparedSigner>()

/**
 * Prepares a signer; the same signer is prepared once.
 *
 * A signature changes a CMS in two places only, its digest and its own bytes, so a CMS is a copy of a frame with
 * two holes filled. An ECDSA signature's DER varies in length and the lengths around it with it: there is a frame
 * for each length. The first signature is verified against the certificate, which tells a wrong pair; later ones
 * are not, because OpenSSL guards its own arithmetic and every reader verifies.
 */
export function prepareSigner(signer: Signer): PreparedSigner {
  let found = prepared.get(signer)
  if (!found) prepared.set(signer, (found = makePrepared(signer)))
  return found
}

function makePrepared(signer: Signer): PreparedSigner {
  const certificate = readCertificate(signer.certificate)
  const attributes = Buffer.from(encodeSignedAttributes(DIGEST_MARK, certificate))
  const digestAt = attributes.indexOf(DIGEST_MARK)
  type Frame = { bytes: Buffer; digestAt: number; signatureAt: number; tokenAt: number }
  const frames = new Map<string, Frame>()
  const frameOf = (signatureBytes: number, tokenBytes: number) => {
    const key = `${signatureBytes} ${tokenBytes}`
    let frame = frames.get(key)
    if (!frame) {
      const signature = mark(0x51, signatureBytes)
      const token = tokenBytes > 0 ? mark(0x7e, tokenBytes) : undefined
      const bytes = Buffer.from(
        assembleCms({ digest: DIGEST_MARK, certificate, chain: signer.chain, signature, token }),
      )
      frame = {
        bytes,
        digestAt: bytes.indexOf(DIGEST_MARK),
        signatureAt: bytes.lastIndexOf(signature),
        tokenAt: token ? bytes.lastIndexOf(token) : bytes.length,
      }
      frames.set(key, frame)
    }
    return frame
  }
  let isProven = false
  return {
    certificate,
    cmsBytesMax: sizeCmsMax({ certificate, chain: signer.chain }),
    async sign(digest, tsa) {
      if (digest.length !== DIGEST_BYTES)
        throw new Error(`digest of ${digest.length} bytes, want ${DIGEST_BYTES}`)
      const toSign = Buffer.from(attributes)
      toSign.set(digest, digestAt)
      const signature = await signer.sign(toSign)
      if (!isProven && !isSignature(certificate, toSign, signature))
        throw new PactError(
          'BAD_KEY',
          'Tanda tangan tidak cocok dengan sertifikat: periksa pasangan kunci dan sertifikat',
        )
      isProven = true
      const token = await tsa?.stamp(createHash('sha256').update(signature).digest())
      const frame = frameOf(signature.length, token?.length ?? 0)
      const cms = Buffer.from(frame.bytes)
      cms.set(digest, frame.digestAt)
      cms.set(signature, frame.signatureAt)
      if (token) cms.set(token, frame.tokenAt)
      return cms
    },
  }
}

/**
 * A detached CMS over a digest.
 *
 * @param digest 32 bytes: SHA-256 of the signed byte range
 * @returns DER
 * @throws BAD_KEY when the signer's signature does not fit its certificate
 */
export async function buildCms({
  digest,
  signer,
}: {
  digest: Uint8Array
  signer: Signer
}): Promise<Uint8Array> {
  return prepareSigner(signer).sign(digest)
}

/** P-256: SEQUENCE of two INTEGERs of 33 bytes each; RSA: the modulus. */
export const sizeSignatureMax = ({ algorithm, publicKey }: Certificate) =>
  algorithm === 'ecdsa-sha256' ? 72 : Math.ceil(publicKey.asymmetricKeyDetails!.modulusLength! / 8)

/**
 * The most bytes that a CMS by this certificate can take. An ECDSA signature varies by a few bytes; the
 * longest is counted.
 */
export function sizeCmsMax(input: { certificate: Certificate; chain: readonly Uint8Array[] }): number {
  const signatureBytes = sizeSignatureMax(input.certificate)
  return assembleCms({
    ...input,
    digest: new Uint8Array(DIGEST_BYTES),
    signature: new Uint8Array(signatureBytes),
  }).length
}

/**
 * A detached CMS (attacker-controlled) in the one form that `assembleCms` writes.
 *
 * Far stricter than RFC 5652: what was read is written again and must come out byte for byte the same, so
 * nothing in it goes unread: one signer, SHA-256, exactly three signed attributes, at most the
 * timestamp as an unsigned one (its inside is `parseToken`'s), DER.
 *
 * @throws BAD_FILE when it is anything else
 */
export function parseCms(bytes: Uint8Array): Cms {
  const cms = readSignedData(bytes)
  if (!sameBytes(assembleCms({ ...cms, chain: cms.chain.map(({ der }) => der) }), bytes))
    throw new PactError('BAD_FILE', 'CMS: bukan tepat tiga atribut bertanda tangan dalam bentuk DER')
  return cms
}

// What `assembleCms` needs; whatever else is there makes the two differ.
function readSignedData(bytes: Uint8Array): Cms {
  const [, wrapped] = readParts(bytes)
  const signedData = readOne(wrapped?.whole, contextConstructed(0)).content
  const [, , , certificates, signerInfos] = readParts(signedData)
  const [signerInfo] = readAll(readOne(signerInfos?.whole, TAG.set).content)
  const [, signerId, , attributes, , signature, unsigned] = readParts(signerInfo?.whole)
  const all = readAll(readOne(certificates?.whole, contextConstructed(0)).content, 8).map((value) =>
    readCertificate(value.whole),
  )
  const id = readOne(signerId?.whole, TAG.sequence).content
  const certificate = all.find((each) => sameBytes(Buffer.concat([each.issuerName, each.serial]), id))
  if (!certificate) throw new PactError('BAD_FILE', 'CMS: sertifikat penanda tangan tidak ada')
  const attribute = readAll(readOne(attributes?.whole, contextConstructed(0)).content)
    .map(({ whole }) => readParts(whole))
    .find(([type]) => type && sameBytes(type.whole, oid.messageDigest))?.[1]
  const digest = readOne(readOne(attribute?.whole, TAG.set).content, TAG.octetString).content
  if (digest.length !== DIGEST_BYTES)
    throw new PactError('BAD_FILE', `CMS: digest ${digest.length} byte, harus ${DIGEST_BYTES}`)
  return {
    certificate,
    chain: all.filter((each) => each !== certificate),
    digest,
    signature: readOne(signature?.whole, TAG.octetString).content,
    token: unsigned && readOne(readParts(readAll(unsigned.content)[0]?.whole)[1]?.whole, TAG.set).content,
  }
}

/**
 * Does the CMS belong to this content, and was it signed with its certificate's key? The chain is another
 * question (`checkChain`).
 *
 * @param digest 32 bytes: SHA-256 of the content that is there
 */
export function verifyCms(cms: Cms, digest: Uint8Array): { digest: boolean; signature: boolean } {
  const attributes = encodeSignedAttributes(cms.digest, cms.certificate)
  return {
    digest: sameBytes(cms.digest, digest),
    signature: isSignature(cms.certificate, attributes, cms.signature),
  }
}

/** Did the certificate's key sign these bytes, as our own CMS states it? */
export const isSignature = (certificate: Certificate, bytes: Uint8Array, signature: Uint8Array) =>
  isSignedBy(certificate, { bytes, algorithm: signatureAlgorithmDer[certificate.algorithm], signature })

import { createHash } from 'node:crypto'
import { PactError } from '../domain/errors.js'
import {
  checkChain,
  isAlive,
  isSignedBy,
  readCertificate,
  signatureAlgorithmDer,
  TIMESTAMP_POLICY,
  type Certificate,
  type Signer,
} from './certificate.js'
import {
  contextConstructed,
  encodeDer,
  encodeGeneralizedTime,
  encodeInteger,
  encodeOctets,
  encodeOid,
  encodeTime,
  readAlgorithm,
  readAll,
  readOne,
  readParts,
  readTime,
  sameBytes,
  sequence,
  setOf,
  sortSet,
  TAG,
} from './der.js'

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
}

/** A TimeStampToken as read (attacker-controlled until `checkToken` says otherwise). */
export interface Token {
  at: Date // genTime, to the second
  imprint: Uint8Array // SHA-256, 32 bytes
  serial: Uint8Array // the INTEGER, DER
  nonce: Uint8Array | undefined // the INTEGER, DER
  certificate: Certificate
  chain: Certificate[] // the other certificates
  isWhole: boolean // attributes bind content and certificate, and the certificate's key signed them
}

const oid = {
  signedData: encodeOid('1.2.840.113549.1.7.2'),
  tstInfo: encodeOid('1.2.840.113549.1.9.16.1.4'),
  contentType: encodeOid('1.2.840.113549.1.9.3'),
  messageDigest: encodeOid('1.2.840.113549.1.9.4'),
  signingTime: encodeOid('1.2.840.113549.1.9.5'),
  signingCertificate: encodeOid('1.2.840.113549.1.9.16.2.12'),
  signingCertificateV2: encodeOid('1.2.840.113549.1.9.16.2.47'),
}
const one = encodeInteger(Uint8Array.of(1))
const SHA256 = encodeOid('2.16.840.1.101.3.4.2.1')
const sha256Algorithm = sequence(SHA256)
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest()
const IMPRINT_BYTES = 32
/** How far a token's time may be off, seconds; stated in each token. */
export const ACCURACY_SECONDS = 1

/**
 * A TimeStampToken of our own authority.
 *
 * Accuracy is stated, ordering is not claimed, and the signing-time attribute is there because one widely used
 * reader (pdfcpu) refuses a token without it.
 *
 * @param imprint SHA-256, 32 bytes
 * @param serial unsigned big-endian, never used twice by this authority
 * @param nonce the request's INTEGER, DER, when it had one
 * @returns DER
 * @see RFC 3161 section 2.4.2, RFC 5816 (signingCertificateV2), ETSI EN 319 422 section 5
 */
export async function issueToken(input: {
  signer: Signer
  imprint: Uint8Array
  serial: Uint8Array
  now: Date
  nonce?: Uint8Array | undefined
}): Promise<Uint8Array> {
  const { signer, imprint, now } = input
  if (imprint.length !== IMPRINT_BYTES)
    throw new PactError('BAD_FILE', `Imprint ${imprint.length} byte, harus ${IMPRINT_BYTES}`)
  const certificate = readCertificate(signer.certificate)
  const info = sequence(
    one,
    encodeOid(TIMESTAMP_POLICY),
    sequence(sha256Algorithm, encodeOctets(imprint)),
    encodeInteger(input.serial),
    encodeGeneralizedTime(now),
    sequence(encodeInteger(Uint8Array.of(ACCURACY_SECONDS))),
    ...(input.nonce ? [input.nonce] : []),
  )
  const attribute = (type: Uint8Array, value: Uint8Array) => sequence(type, encodeDer(TAG.set, value))
  const issuer = sequence(encodeDer(contextConstructed(4), certificate.issuerName))
  const attributes = setOf(
    attribute(oid.contentType, oid.tstInfo),
    attribute(oid.signingTime, encodeTime(now)),
    attribute(oid.messageDigest, encodeOctets(sha256(info))),
    attribute(
      oid.signingCertificateV2,
      sequence(
        sequence(sequence(encodeOctets(sha256(certificate.der)), sequence(issuer, certificate.serial))),
      ),
    ),
  )
  const signature = await signer.sign(attributes)
  return assembleToken({ info, attributes, certificate, chain: signer.chain, signature })
}

function assembleToken(of: {
  info: Uint8Array // TSTInfo, DER
  attributes: Uint8Array // SET, DER
  certificate: Certificate
  chain: readonly Uint8Array[]
  signature: Uint8Array
}): Uint8Array {
  const { certificate } = of
  const signerInfo = sequence(
    one,
    sequence(certificate.issuerName, certificate.serial),
    sha256Algorithm,
    encodeDer(contextConstructed(0), readOne(of.attributes, TAG.set).content),
    signatureAlgorithmDer[certificate.algorithm],
    encodeOctets(of.signature),
  )
  const signedData = sequence(
    encodeInteger(Uint8Array.of(3)),
    encodeDer(TAG.set, sha256Algorithm),
    sequence(oid.tstInfo, encodeDer(contextConstructed(0), encodeOctets(of.info))),
    encodeDer(contextConstructed(0), ...sortSet([certificate.der, ...of.chain])),
    encodeDer(TAG.set, signerInfo),
  )
  return sequence(oid.signedData, encodeDer(contextConstructed(0), signedData))
}

/**
 * Our own authority.
 *
 * @param nextSerial unsigned big-endian bytes that grow with every call
 * @param clock the time; whoever asks gets the second that has begun
 */
export function holdTimestampAuthority(
  signer: Signer,
  { nextSerial, clock }: { nextSerial: () => Uint8Array | Promise<Uint8Array>; clock: () => Date },
): TimestampAuthority {
  const sizes = [signer.certificate, ...signer.chain].reduce((sum, one) => sum + one.length, 0)
  const { publicKey } = readCertificate(signer.certificate)
  const signatureBytes = (publicKey.asymmetricKeyDetails?.modulusLength ?? 72 * 8) / 8
  return {
    // what surrounds certificates and signature, with the longest serial number and names
    tokenBytesMax: sizes + signatureBytes + 700,
    async stamp(imprint) {
      return issueToken({ signer, imprint, serial: await nextSerial(), now: clock() })
    },
  }
}

/**
 * A TimeStampToken (attacker-controlled) in the one form that `issueToken` writes: put together again from what was
 * read, it must come out byte for byte the same, because nothing covers the bytes of a file's last timestamp.
 *
 * @throws BAD_FILE when it is anything else
 * @see RFC 3161 section 2.4.2
 */
export function parseToken(bytes: Uint8Array): Token {
  const refuse = (why: string) => new PactError('BAD_FILE', `Stempel waktu: ${why}`)
  const [type, wrapped] = readParts(bytes)
  if (!type || !sameBytes(type.whole, oid.signedData)) throw refuse('bukan SignedData')
  const [, , content, ...rest] = readParts(readOne(wrapped?.whole, contextConstructed(0)).content)
  const certificates = rest.find(({ tag }) => tag === contextConstructed(0))
  const signerInfos = readAll(readOne(rest.at(-1)?.whole, TAG.set).content)
  const [contentType, contentValue] = readParts(content?.whole)
  if (!contentType || !sameBytes(contentType.whole, oid.tstInfo)) throw refuse('isinya bukan TSTInfo')
  const info = readOne(readOne(contentValue?.whole, contextConstructed(0)).content, TAG.octetString).content
  const [, , messageImprint, serial, genTime, ...optional] = readParts(info)
  const [imprintAlgorithm, hashed] = readParts(messageImprint?.whole)
  if (!sameBytes(readParts(imprintAlgorithm?.whole)[0]?.whole ?? new Uint8Array(), SHA256))
    throw refuse('tidak atas SHA-256')
  if (signerInfos.length !== 1) throw refuse('lebih dari satu penanda')
  const [, signerId, digestAlgorithm, attributes, algorithm, signature] = readParts(signerInfos[0]!.whole)
  const all = readAll(certificates?.content ?? new Uint8Array(), 8).map((each) => readCertificate(each.whole))
  const id = readOne(signerId?.whole, TAG.sequence).content
  const certificate = all.find((each) => sameBytes(Buffer.concat([each.issuerName, each.serial]), id))
  if (!certificate) throw refuse('sertifikatnya tidak ada')
  const signed = readAll(readOne(attributes?.whole, contextConstructed(0)).content)
  const attribute = (wanted: Uint8Array) => {
    const found = signed.filter(({ whole }) => sameBytes(readParts(whole)[0]!.whole, wanted))
    return found.length === 1 ? readOne(readParts(found[0]!.whole)[1]?.whole, TAG.set).content : undefined
  }
  const digest = attribute(oid.messageDigest)
  const signatureValue = readOne(signature?.whole, TAG.octetString).content
  const again = assembleToken({
    ...{ info, certificate, signature: signatureValue },
    attributes: encodeDer(TAG.set, readOne(attributes?.whole, contextConstructed(0)).content),
    chain: all.filter((each) => each !== certificate).map(({ der }) => der),
  })
  if (!sameBytes(again, bytes)) throw refuse('tidak dalam bentuk yang ditetapkan')
  const isWhole =
    sameBytes(readParts(digestAlgorithm?.whole)[0]?.whole ?? new Uint8Array(), SHA256) &&
    sameBytes(attribute(oid.contentType) ?? new Uint8Array(), oid.tstInfo) &&
    digest !== undefined &&
    sameBytes(readOne(digest, TAG.octetString).content, sha256(info)) &&
    namesCertificate(attribute(oid.signingCertificateV2), attribute(oid.signingCertificate), certificate) &&
    isSignedBy(certificate, {
      bytes: encodeDer(TAG.set, readOne(attributes?.whole, contextConstructed(0)).content),
      algorithm: readAlgorithm(algorithm?.whole),
      signature: signatureValue,
    })
  return {
    at: readTime(genTime && { tag: genTime.tag, content: withoutFraction(genTime.content) }),
    imprint: readOne(hashed?.whole, TAG.octetString).content,
    serial: readOne(serial?.whole, TAG.integer).whole,
    nonce: optional.find(({ tag }) => tag === TAG.integer)?.whole,
    certificate,
    chain: all.filter((each) => each !== certificate),
    isWhole,
  }
}

// "20261127013000.123Z" is the same second. @see RFC 3161 section 2.4.2 (genTime)
const withoutFraction = (content: Uint8Array) =>
  Buffer.from(
    Buffer.from(content)
      .toString('latin1')
      .replace(/\.\d+Z$/, 'Z'),
    'latin1',
  )

// The first certificate that the attribute names is the signer's. @see RFC 5035 sections 3 and 5.4
function namesCertificate(
  v2: Uint8Array | undefined,
  v1: Uint8Array | undefined,
  certificate: Certificate,
): boolean {
  const attribute = v2 ?? v1
  if (!attribute) return false
  const [first] = readParts(readParts(attribute)[0]?.whole)
  const parts = readParts(first?.whole)
  const named = parts.find(({ tag }) => tag === TAG.octetString)?.content
  if (!named) return false
  if (v2 && parts[0]!.tag === TAG.sequence && !sameBytes(readParts(parts[0]!.whole)[0]!.whole, SHA256))
    return false
  return sameBytes(
    named,
    createHash(v2 ? 'sha256' : 'sha1')
      .update(certificate.der)
      .digest(),
  )
}

/**
 * Does the token vouch for this imprint, by an authority under one of the roots?
 *
 * @param imprint SHA-256, 32 bytes
 * @returns the path of the authority's certificate, or why not
 */
export function checkToken(
  token: Token,
  { imprint, roots }: { imprint: Uint8Array; roots: readonly Certificate[] },
): { path: Certificate[] } | { why: string } {
  if (!sameBytes(token.imprint, imprint)) return { why: 'stempel waktunya milik tanda tangan lain' }
  if (!token.isWhole) return { why: 'stempel waktunya tidak ditandatangani penerbitnya' }
  const found = checkChain({ leaf: token.certificate, chain: token.chain, roots, purpose: 'timestamp' })
  if ('why' in found) return { why: `stempel waktu: ${found.why}` }
  if (!found.path.every((each) => isAlive(each, token.at)))
    return { why: 'stempel waktunya dibuat di luar masa berlaku sertifikat penerbitnya' }
  return found
}

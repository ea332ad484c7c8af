import { createHash } from 'node:crypto'
import { PactError } from '../domain/errors.js'
import {
  checkChain,
  isAlive,
  readCertificate,
  TIMESTAMP_POLICY,
  type Certificate,
  type Signer,
} from './certificate.js'
import {
  assembleCms,
  DIGEST_BYTES,
  encodeSignedAttributes,
  parseEnclosing,
  SHA256_ALGORITHM,
  type TimestampAuthority,
  verifyCms,
} from './cms.js'
import {
  encodeGeneralizedTime,
  encodeInteger,
  encodeOctets,
  encodeOid,
  readOne,
  readParts,
  readTime,
  sameBytes,
  sequence,
  TAG,
} from './der.js'

/** A TimeStampToken as read (attacker-controlled until `checkToken` says otherwise). */
export interface Token {
  at: Date // genTime, to the second
  imprint: Uint8Array // SHA-256, 32 bytes
  certificate: Certificate
  chain: Certificate[] // the other certificates
  isSigned: boolean // by the certificate's key
}

const TST_INFO = encodeOid('1.2.840.113549.1.9.16.1.4')
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
 * @returns DER
 * @see RFC 3161 section 2.4.2, RFC 5816 (signingCertificateV2), ETSI EN 319 422 section 5
 */
export async function issueToken(input: {
  signer: Signer
  imprint: Uint8Array
  serial: Uint8Array
  now: Date
}): Promise<Uint8Array> {
  const { signer, imprint, now } = input
  if (imprint.length !== DIGEST_BYTES)
    throw new PactError('BAD_FILE', `Imprint ${imprint.length} byte, harus ${DIGEST_BYTES}`)
  const certificate = readCertificate(signer.certificate)
  const content = sequence(
    encodeInteger(Uint8Array.of(1)),
    encodeOid(TIMESTAMP_POLICY),
    sequence(SHA256_ALGORITHM, encodeOctets(imprint)),
    encodeInteger(input.serial),
    encodeGeneralizedTime(now),
    sequence(encodeInteger(Uint8Array.of(ACCURACY_SECONDS))),
  )
  const enclosed = { contentType: TST_INFO, content, signingTime: now }
  const digest = createHash('sha256').update(content).digest()
  const signature = await signer.sign(encodeSignedAttributes(digest, certificate, enclosed))
  return assembleCms({ digest, certificate, chain: signer.chain, signature, enclosed })
}

/**
 * Our own authority.
 *
 * @param nextSerial unsigned big-endian bytes that grow with every call
 * @param clock the time; whoever asks gets the second that has begun
 */
export function holdTimestampAuthority(
  signer: Signer,
  { nextSerial, clock }: { nextSerial: () => Uint8Array; clock: () => Date },
): TimestampAuthority {
  const sizes = [signer.certificate, ...signer.chain].reduce((sum, one) => sum + one.length, 0)
  const { publicKey } = readCertificate(signer.certificate)
  const signatureBytes = (publicKey.asymmetricKeyDetails?.modulusLength ?? 72 * 8) / 8
  return {
    // what surrounds certificates and signature, with the longest serial number and names
    tokenBytesMax: sizes + signatureBytes + 700,
    async stamp(imprint) {
      return issueToken({ signer, imprint, serial: nextSerial(), now: clock() })
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
  const { cms, enclosed } = parseEnclosing(bytes, (content) => {
    const [, , , , genTime] = readParts(content)
    return { contentType: TST_INFO, signingTime: readTime(genTime) }
  })
  const [, , messageImprint] = readParts(enclosed.content)
  const [algorithm, hashed] = readParts(messageImprint?.whole)
  if (!algorithm || !sameBytes(algorithm.whole, SHA256_ALGORITHM))
    throw new PactError('BAD_FILE', 'Stempel waktu: tidak atas SHA-256')
  return {
    at: enclosed.signingTime,
    imprint: readOne(hashed?.whole, TAG.octetString).content,
    certificate: cms.certificate,
    chain: cms.chain,
    isSigned: verifyCms(cms, cms.digest, enclosed).signature,
  }
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
  if (!token.isSigned) return { why: 'stempel waktunya tidak ditandatangani penerbitnya' }
  const found = checkChain({ leaf: token.certificate, chain: token.chain, roots, purpose: 'timestamp' })
  if ('why' in found) return { why: `stempel waktu: ${found.why}` }
  if (!found.path.every((each) => isAlive(each, token.at)))
    return { why: 'stempel waktunya dibuat di luar masa berlaku sertifikat penerbitnya' }
  return found
}

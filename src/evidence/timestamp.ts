import { createHash } from 'node:crypto'
import { PactError } from '../domain/errors.js'
import {
  checkChain,
  isAlive,
  isSignedBy,
  readCertificate,
  TIMESTAMP_POLICY,
  type Certificate,
  type Signer,
} from './certificate.js'
import {
  assembleCms,
  DIGEST_BYTES,
  encodeSignedAttributes,
  SHA256_ALGORITHM,
  sizeSignatureMax,
  type TimestampAuthority,
  type TokenSource,
} from './cms.js'
import {
  contextConstructed,
  encodeDer,
  encodeGeneralizedTime,
  encodeInteger,
  encodeOctets,
  encodeOid,
  readAll,
  readOne,
  readParts,
  readTime,
  sameBytes,
  sequence,
  TAG,
} from './der.js'

/** A TimeStampToken as read (attacker-controlled until `checkToken` says otherwise). */
export interface Token extends TokenSource {
  at: Date // genTime, to the second
  imprint: Uint8Array // SHA-256, 32 bytes
  nonce: Uint8Array | undefined // the INTEGER, DER
  chain: Certificate[] // the other certificates
  isSigned(): boolean // by the certificate's key; asked where it matters
}

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')
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
  return {
    // what surrounds certificates and signature, with the longest serial number and names
    tokenBytesMax: sizes + sizeSignatureMax(readCertificate(signer.certificate)) + 700,
    sources: () => [
      { certificate: readCertificate(signer.certificate), chain: signer.chain.map(readCertificate) },
    ],
    async stamp(imprint) {
      return issueToken({ signer, imprint, serial: nextSerial(), now: clock() })
    },
  }
}

const hashOf = new Map(
  Object.entries({
    '2.16.840.1.101.3.4.2.1': 'sha256',
    '2.16.840.1.101.3.4.2.2': 'sha384',
    '2.16.840.1.101.3.4.2.3': 'sha512',
  }).flatMap(([dotted, name]) => {
    const oid = encodeOid(dotted)
    return [sequence(oid), sequence(oid, encodeDer(TAG.null))].map((der) => [hex(der), name] as const)
  }),
)
const SIGNED_DATA = encodeOid('1.2.840.113549.1.7.2')
const attributeTypes = {
  contentType: hex(encodeOid('1.2.840.113549.1.9.3')),
  messageDigest: hex(encodeOid('1.2.840.113549.1.9.4')),
  signingCertificate: hex(encodeOid('1.2.840.113549.1.9.16.2.12')),
  signingCertificateV2: hex(encodeOid('1.2.840.113549.1.9.16.2.47')),
}

/**
 * A TimeStampToken (attacker-controlled), ours or another authority's.
 *
 * Stricter than RFC 3161: DER; one signer, named by issuer and serial number; SHA-256 and longer; no lists, no unsigned
 * attributes. What was read is put together again and must come out byte for byte the same, because nothing covers the
 * bytes of a file's last timestamp.
 *
 * @throws BAD_FILE when it is anything else
 * @see RFC 3161 section 2.4.2, RFC 5652 section 5, RFC 5035 section 3, RFC 2634 section 5.4 (SHA-1 only to name the
 *   certificate, as older authorities do)
 */
export function parseToken(bytes: Uint8Array): Token {
  const refuse = (why: string) => new PactError('BAD_FILE', `Stempel waktu: ${why}`)
  const [, wrapped] = readParts(bytes)
  const [, , contentInfo, certificates, signerInfos] = readParts(
    readOne(wrapped?.whole, contextConstructed(0)).content,
  )
  const [, enclosed] = readParts(contentInfo?.whole)
  const content = readOne(readOne(enclosed?.whole, contextConstructed(0)).content, TAG.octetString).content
  const [signerInfo] = readAll(readOne(signerInfos?.whole, TAG.set).content)
  const [, signerId, digestAlgorithm, attributes, signatureAlgorithm, signed] = readParts(signerInfo?.whole)
  const all = readAll(readOne(certificates?.whole, contextConstructed(0)).content, 8).map(({ whole }) =>
    readCertificate(whole),
  )
  const id = readOne(signerId?.whole, TAG.sequence).content
  const certificate = all.find((one) => sameBytes(Buffer.concat([one.issuerName, one.serial]), id))
  if (!certificate) throw refuse('sertifikat penerbitnya tidak ada')
  const digested = readOne(digestAlgorithm?.whole, TAG.sequence).whole
  const algorithm = readOne(signatureAlgorithm?.whole, TAG.sequence).whole
  const stated = readOne(attributes?.whole, contextConstructed(0)).content
  const signature = readOne(signed?.whole, TAG.octetString).content
  const again = sequence(
    SIGNED_DATA,
    encodeDer(
      contextConstructed(0),
      sequence(
        encodeInteger(Uint8Array.of(3)),
        encodeDer(TAG.set, digested),
        sequence(TST_INFO, encodeDer(contextConstructed(0), encodeOctets(content))),
        encodeDer(contextConstructed(0), ...all.map(({ der }) => der)),
        encodeDer(
          TAG.set,
          sequence(
            encodeInteger(Uint8Array.of(1)),
            sequence(id),
            digested,
            encodeDer(contextConstructed(0), stated),
            algorithm,
            encodeOctets(signature),
          ),
        ),
      ),
    ),
  )
  const hash = hashOf.get(hex(digested))
  if (!hash) throw refuse('tidak atas SHA-256 atau yang lebih panjang')
  if (!sameBytes(again, bytes)) throw refuse('tidak dalam bentuk yang ditetapkan')
  const values = new Map(
    readAll(stated).map(({ whole }) => {
      const [type, set] = readParts(whole)
      return [hex(type?.whole ?? new Uint8Array()), readOne(set?.whole, TAG.set).content]
    }),
  )
  const valueOf = (name: keyof typeof attributeTypes) => values.get(attributeTypes[name])
  const digest = createHash(hash).update(content).digest()
  const isBound =
    sameBytes(valueOf('contentType') ?? new Uint8Array(), TST_INFO) &&
    sameBytes(valueOf('messageDigest') ?? new Uint8Array(), encodeOctets(digest)) &&
    isNamed(certificate, { old: valueOf('signingCertificate'), v2: valueOf('signingCertificateV2') })
  const info = readInfo(content)
  return {
    ...info,
    certificate,
    chain: all.filter((one) => one !== certificate),
    isSigned: () =>
      isBound && isSignedBy(certificate, { bytes: encodeDer(TAG.set, stated), algorithm, signature, hash }),
  }
}

// TSTInfo. @see RFC 3161 section 2.4.2
function readInfo(content: Uint8Array): Pick<Token, 'at' | 'imprint' | 'nonce'> {
  const [, , messageImprint, , genTime, ...optional] = readParts(content)
  const [algorithm, hashed] = readParts(messageImprint?.whole)
  if (hashOf.get(hex(algorithm?.whole ?? new Uint8Array())) !== 'sha256')
    throw new PactError('BAD_FILE', 'Stempel waktu: tidak atas SHA-256')
  // Fractions of a second do not matter here.
  const text = Buffer.from(genTime?.content ?? [])
    .toString('latin1')
    .replace(/\.\d{1,9}Z$/, 'Z')
  return {
    at: readTime(genTime && { tag: genTime.tag, content: Buffer.from(text, 'latin1') }),
    imprint: readOne(hashed?.whole, TAG.octetString).content,
    nonce: optional.find(({ tag }) => tag === TAG.integer)?.whole,
  }
}

// Is the certificate the one that the signed attributes name first?
function isNamed(
  { der }: Certificate,
  { old, v2 }: { old: Uint8Array | undefined; v2: Uint8Array | undefined },
): boolean {
  const first = (value: Uint8Array) => readParts(readParts(readParts(value)[0]?.whole)[0]?.whole)
  const hashed = (name: string) => createHash(name).update(der).digest()
  if (v2) {
    const [one, two] = first(v2)
    const name = one?.tag === TAG.sequence ? hashOf.get(hex(one.whole)) : 'sha256'
    const value = one?.tag === TAG.sequence ? two : one
    return name !== undefined && sameBytes(readOne(value?.whole, TAG.octetString).content, hashed(name))
  }
  return (
    old !== undefined && sameBytes(readOne(first(old)[0]?.whole, TAG.octetString).content, hashed('sha1'))
  )
}

/**
 * What is asked of an authority: a token over a SHA-256, with its certificate inside.
 *
 * @param nonce unsigned big-endian bytes that nobody can guess; the token must repeat them
 * @see RFC 3161 section 2.4.1
 */
export const encodeTimestampRequest = ({
  imprint,
  nonce,
}: {
  imprint: Uint8Array
  nonce: Uint8Array
}): Uint8Array =>
  sequence(
    encodeInteger(Uint8Array.of(1)),
    sequence(SHA256_ALGORITHM, encodeOctets(imprint)),
    encodeInteger(nonce),
    encodeDer(0x01, Uint8Array.of(0xff)),
  )

/**
 * The token in an authority's answer (attacker-controlled).
 *
 * @throws BAD_FILE with the status when it was not granted
 * @see RFC 3161 section 2.4.2 (PKIStatus 0 granted, 1 grantedWithMods)
 */
export function readTimestampResponse(bytes: Uint8Array): Uint8Array {
  const [info, token] = readParts(bytes)
  const [status] = readParts(info?.whole)
  const code = readOne(status?.whole, TAG.integer).content
  if (code.length !== 1 || code[0]! > 1 || !token)
    throw new PactError('BAD_FILE', `Stempel waktu: ditolak, status ${hex(code)}`)
  return token.whole
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
  if (!token.isSigned()) return { why: 'stempel waktunya tidak ditandatangani penerbitnya' }
  const found = checkChain({ leaf: token.certificate, chain: token.chain, roots, purpose: 'timestamp' })
  if ('why' in found) return { why: `stempel waktu: ${found.why}` }
  if (!found.path.every((each) => isAlive(each, token.at)))
    return { why: 'stempel waktunya dibuat di luar masa berlaku sertifikat penerbitnya' }
  return found
}

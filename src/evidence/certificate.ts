import { createHash, createPublicKey, type KeyObject, sign, verify, X509Certificate } from 'node:crypto'
import { PactError } from '../domain/errors.js'
import {
  contextConstructed,
  encodeDer,
  encodeOid,
  readAll,
  readOne,
  readParts,
  readTime,
  sameBytes,
  sequence,
  TAG,
} from './der.js'

/** What a key signs with: always over SHA-256. */
export type SignatureAlgorithm = 'ecdsa-sha256' | 'rsa-sha256'

/** A private key that only ever signs. ECDSA answers in DER, RSA in PKCS #1 v1.5. */
export interface SigningKey {
  publicKey: KeyObject
  algorithm: SignatureAlgorithm
  sign(bytes: Uint8Array): Uint8Array | Promise<Uint8Array>
}

/** A private key and who it belongs to. */
export interface Signer {
  certificate: Uint8Array // DER
  chain: readonly Uint8Array[] // DER, issuer first; goes into every CMS
  algorithm: SignatureAlgorithm
  sign(bytes: Uint8Array): Uint8Array | Promise<Uint8Array>
}

/** The object identifiers of certificates. @see RFC 5280 appendix A, X.520 */
export const OID = {
  countryName: '2.5.4.6',
  organizationName: '2.5.4.10',
  serialNumber: '2.5.4.5',
  commonName: '2.5.4.3',
  subjectKeyIdentifier: '2.5.29.14',
  keyUsage: '2.5.29.15',
  basicConstraints: '2.5.29.19',
  certificatePolicies: '2.5.29.32',
  authorityKeyIdentifier: '2.5.29.35',
  extendedKeyUsage: '2.5.29.37',
  crlDistributionPoints: '2.5.29.31',
  authorityInfoAccess: '1.3.6.1.5.5.7.1.1',
  ocspAccess: '1.3.6.1.5.5.7.48.1',
  caIssuers: '1.3.6.1.5.5.7.48.2',
  ocspNoCheck: '1.3.6.1.5.5.7.48.1.5',
  timeStamping: '1.3.6.1.5.5.7.3.8',
  ocspSigning: '1.3.6.1.5.5.7.3.9',
  ecdsaSha256: '1.2.840.10045.4.3.2',
  rsaSha256: '1.2.840.113549.1.1.11',
} as const

// The same as they stand in DER: certificates are read far more often than made
const oidHex = Object.fromEntries(
  Object.entries(OID).map(([name, oid]) => [name, hex(encodeOid(oid))]),
) as Record<keyof typeof OID, string>

/** AlgorithmIdentifier of a signature. @see RFC 5758 section 3.2 (no parameters), RFC 4055 section 5 (NULL) */
export const signatureAlgorithmDer: Record<SignatureAlgorithm, Uint8Array> = {
  'ecdsa-sha256': sequence(encodeOid(OID.ecdsaSha256)),
  'rsa-sha256': sequence(encodeOid(OID.rsaSha256), encodeDer(TAG.null)),
}

// Signatures that we accept on what others made: SHA-256 and longer; nothing with MD5 or SHA-1.
const hashOfAlgorithm = new Map(
  Object.entries({
    [OID.ecdsaSha256]: 'sha256',
    '1.2.840.10045.4.3.3': 'sha384',
    '1.2.840.10045.4.3.4': 'sha512',
    [OID.rsaSha256]: 'sha256',
    '1.2.840.113549.1.1.12': 'sha384',
    '1.2.840.113549.1.1.13': 'sha512',
  }).map(([oid, hash]) => [hex(encodeOid(oid)), hash]),
)
const RSA_ENCRYPTION = hex(encodeOid('1.2.840.113549.1.1.1'))

const PSS = hex(encodeOid('1.2.840.113549.1.1.10'))
const acceptedOnCertificates = new Set([...hashOfAlgorithm.keys(), PSS])
const isPss = ({ signed }: Certificate) => hex(readParts(signed.algorithm)[0]!.whole) === PSS

/** Bytes, and the signature over them. */
export interface Signed {
  bytes: Uint8Array
  algorithm: Uint8Array // AlgorithmIdentifier, DER
  signature: Uint8Array
  hash?: string // what plain rsaEncryption goes with; SHA-256 unless said
}

/**
 * Did the certificate's key sign these bytes?
 *
 * @param algorithm AlgorithmIdentifier (attacker-controlled): ECDSA or RSA PKCS #1 with SHA-256 or longer
 */
export function isSignedBy(certificate: Certificate, signed: Signed): boolean {
  const oid = hex(readParts(signed.algorithm)[0]?.whole ?? new Uint8Array())
  const hash = oid === RSA_ENCRYPTION ? (signed.hash ?? 'sha256') : hashOfAlgorithm.get(oid)
  if (hash === undefined) return false
  try {
    return verify(hash, signed.bytes, certificate.publicKey, signed.signature)
  } catch {
    return false // OpenSSL throws where a hostile signature is no DER; it is simply not one
  }
}

/** Bits of KeyUsage as they stand in the first content byte. @see RFC 5280 section 4.2.1.3 */
export const DIGITAL_SIGNATURE = 0x80
export const NON_REPUDIATION = 0x40
export const KEY_CERT_SIGN = 0x04
export const CRL_SIGN = 0x02

/** Our arc, below a random UUID. @see ITU-T X.667 section 7 */
const ARC = '2.25.35548294287534710377598884262448950673'

/** How the key behind a certificate was kept; the certificate's policy says it, so nobody can restate it later. */
export const methodPolicies = {
  'one-time-server-key': `${ARC}.1.1`,
  'institution-seal': `${ARC}.1.2`,
  'own-device-key': `${ARC}.1.3`,
} as const
export type SigningMethod = keyof typeof methodPolicies

/** The policy of our own timestamp authority. @see RFC 3161 section 2.4.2 (policy) */
export const TIMESTAMP_POLICY = `${ARC}.2.1`

/** SHA-256 of a certificate, lower-case hex. */
export const fingerprint = (certificate: Uint8Array) => createHash('sha256').update(certificate).digest('hex')

/**
 * A private key of node:crypto as something that only signs.
 *
 * @param privateKey ECDSA P-256, or RSA of 2048 bits and more
 * @throws BAD_KEY for any other
 */
export function holdKey(privateKey: KeyObject, publicKey: KeyObject): SigningKey {
  return { publicKey, algorithm: algorithmOf(publicKey), sign: (bytes) => sign('sha256', bytes, privateKey) }
}

/** A certificate as read (attacker-controlled until its chain is checked). */
export interface Certificate {
  der: Uint8Array
  serial: Uint8Array // the INTEGER, DER
  issuerName: Uint8Array // DER
  subjectName: Uint8Array // DER
  commonName: string | undefined
  organization: string | undefined
  serialNumber: string | undefined // of the subject: the NIP
  notBefore: Date
  notAfter: Date
  isAuthority: boolean
  pathLength: number | undefined
  keyUsage: number | undefined
  policies: string[] // hex of the OID's DER
  extendedKeyUsage: { purposes: string[]; critical: boolean } | undefined // hex of each OID's DER
  subjectKeyId: Uint8Array | undefined
  extensions: ReadonlyMap<string, Uint8Array> // values by the hex of the OID's DER
  publicKeyInfo: Uint8Array // SubjectPublicKeyInfo, DER
  publicKey: KeyObject
  algorithm: SignatureAlgorithm
  signed: Signed // by its issuer
}

// Roots, issuers and seals come again with every file, and OpenSSL takes half a millisecond to read one.
const CERTIFICATES_KEPT = 64
const kept = new Map<string, Certificate>()

/**
 * A certificate from its DER (attacker-controlled).
 *
 * Stricter than RFC 5280: DER throughout, version 3, P-256 or RSA of 2048 bits and more, signed with SHA-256 or
 * longer, no extension twice, no critical extension but basicConstraints, keyUsage, certificatePolicies and
 * extKeyUsage.
 *
 * @throws BAD_FILE when it is anything else
 * @see RFC 5280 section 4.1
 */
export const readCertificate = (der: Uint8Array): Certificate => readKept(der, undefined)

/** The same with the key that was certified, which whoever issued it has already. */
export const readIssued = (der: Uint8Array, publicKey: KeyObject): Certificate => readKept(der, publicKey)

function readKept(der: Uint8Array, publicKey: KeyObject | undefined): Certificate {
  // The bytes themselves: comparing them is cheaper than digesting them.
  const key = Buffer.from(der.buffer, der.byteOffset, der.length).toString('latin1')
  const known = kept.get(key)
  if (known) return known
  const certificate = readAfresh(der.slice(), publicKey)
  if (kept.size === CERTIFICATES_KEPT) kept.delete(kept.keys().next().value!)
  kept.set(key, certificate)
  return certificate
}

function readAfresh(der: Uint8Array, known: KeyObject | undefined): Certificate {
  const [tbs, outerAlgorithm, signature, excess] = readParts(der)
  const fields = readAll(readOne(tbs?.whole, TAG.sequence).content)
  const [version, serial, innerAlgorithm, issuer, validity, subject, spki, extensions, more] = fields
  const refuse = (why: string, cause?: unknown) => new PactError('BAD_FILE', `Sertifikat: ${why}`, { cause })
  if (excess || more || version?.tag !== contextConstructed(0) || hex(version.content) !== '020102')
    throw refuse('bukan X.509 versi 3')
  if (!serial || !innerAlgorithm || !issuer || !subject || !spki || !outerAlgorithm)
    throw refuse('isinya tidak lengkap')
  readOne(serial.whole, TAG.integer)
  if (!sameBytes(outerAlgorithm.whole, innerAlgorithm.whole)) throw refuse('dua algoritma berbeda')
  if (!acceptedOnCertificates.has(hex(readParts(outerAlgorithm.whole)[0]?.whole ?? new Uint8Array())))
    throw refuse('algoritma tanda tangannya tidak diterima')
  const [notBefore, notAfter] = readParts(validity?.whole)
  const found = readExtensions(extensions?.whole)
  try {
    const publicKey = known ?? importKey(spki.whole)
    const subjectText = readName(subject.whole)
    return {
      der,
      serial: serial.whole,
      issuerName: readOne(issuer.whole, TAG.sequence).whole,
      subjectName: subject.whole,
      commonName: subjectText.get(oidHex.commonName),
      organization: subjectText.get(oidHex.organizationName),
      serialNumber: subjectText.get(oidHex.serialNumber),
      notBefore: readTime(notBefore),
      notAfter: readTime(notAfter),
      ...found,
      publicKeyInfo: spki.whole,
      publicKey,
      algorithm: isP256(spki.whole) ? 'ecdsa-sha256' : algorithmOf(publicKey),
      signed: {
        bytes: tbs!.whole,
        algorithm: outerAlgorithm.whole,
        signature: bitsOf(signature?.whole),
      },
    }
  } catch (cause) {
    throw cause instanceof PactError
      ? refuse(cause.message.replace(/^Sertifikat: /, ''), cause)
      : refuse('tidak dapat dibaca', cause)
  }
}

const P256_HEAD = hex(
  sequence(
    sequence(encodeOid('1.2.840.10045.2.1'), encodeOid('1.2.840.10045.3.1.7')),
    encodeDer(TAG.bitString, Uint8Array.of(0, 4), new Uint8Array(64)),
  ).subarray(0, 27),
)

/** SubjectPublicKeyInfo (DER) of an uncompressed point on P-256? @see RFC 5480 section 2 */
export const isP256 = (publicKeyInfo: Uint8Array) =>
  publicKeyInfo.length === 91 && hex(publicKeyInfo.subarray(0, 27)) === P256_HEAD

/**
 * The key of a SubjectPublicKeyInfo (DER, attacker-controlled). A point's coordinates are read twice as fast as the
 * structure around them. Throws what node:crypto throws when it is none.
 */
export function importKey(publicKeyInfo: Uint8Array): KeyObject {
  if (!isP256(publicKeyInfo))
    return createPublicKey({ key: Buffer.from(publicKeyInfo), format: 'der', type: 'spki' })
  const [x, y] = [publicKeyInfo.subarray(27, 59), publicKeyInfo.subarray(59)].map((coordinate) =>
    Buffer.from(coordinate).toString('base64url'),
  ) as [string, string]
  return createPublicKey({ key: { kty: 'EC', crv: 'P-256', x, y }, format: 'jwk' })
}

/** The bytes of a BIT STRING of whole bytes. @throws BAD_FILE when bits of the last are unused */
export function bitsOf(value: Uint8Array | undefined): Uint8Array {
  const { content } = readOne(value, TAG.bitString)
  if (content[0] !== 0) throw new PactError('BAD_FILE', 'DER: BIT STRING tidak berisi byte utuh')
  return content.subarray(1)
}

/** Is the moment inside the certificate's life? @see RFC 5280 section 4.1.2.5 (both ends belong to it) */
export const isAlive = (certificate: Certificate, at: Date) =>
  certificate.notBefore <= at && at <= certificate.notAfter

const methodsByPolicy = new Map(
  (Object.keys(methodPolicies) as SigningMethod[]).map((method) => [
    hex(encodeOid(methodPolicies[method])),
    method,
  ]),
)

/** How a certificate's key was kept, by its policy; undefined when none of our policies is in it. */
export function methodOf({ policies }: Certificate): SigningMethod | undefined {
  return policies.map((policy) => methodsByPolicy.get(policy)).find((method) => method !== undefined)
}

/** What `checkChain` finds: the path from the signer to a given root, or why there is none. */
export type ChainResult = { path: Certificate[] } | { why: string }

const PATH_LENGTH_MAX = 6

/** What a certificate's path must be good for. */
export type Purpose = 'signer' | 'seal' | 'timestamp' | 'responder'

const purposeRefusals: Record<Purpose, string> = {
  signer: 'sertifikatnya bukan untuk menandatangani dokumen',
  seal: 'sertifikatnya bukan untuk menandatangani dokumen',
  timestamp: 'sertifikatnya bukan untuk stempel waktu',
  responder: 'sertifikatnya bukan untuk menjawab OCSP',
}

// A timestamp authority's only purpose is that one, and critical. @see RFC 3161 section 2.3, RFC 6960 section 4.2.2.2
function isFor(purpose: Purpose, { keyUsage, extendedKeyUsage }: Certificate): boolean {
  const has = (bits: number) => (keyUsage === undefined ? purpose !== 'signer' : (keyUsage & bits) !== 0)
  if (purpose === 'timestamp')
    return (
      has(NON_REPUDIATION | DIGITAL_SIGNATURE) &&
      extendedKeyUsage?.critical === true &&
      extendedKeyUsage.purposes.join() === oidHex.timeStamping
    )
  if (purpose === 'responder')
    return has(DIGITAL_SIGNATURE) && extendedKeyUsage?.purposes.includes(oidHex.ocspSigning) === true
  return has(purpose === 'seal' ? NON_REPUDIATION | DIGITAL_SIGNATURE : NON_REPUDIATION)
}

/**
 * The path from a certificate to one of the given roots. Names, signatures, authority, path length and key
 * usage are checked; lifetimes are left to the caller, who knows the moment (`isAlive`).
 *
 * Stricter than RFC 5280: every certificate of `chain` must be part of the path.
 *
 * @param leaf the signer's, which must carry contentCommitment (a seal's may carry digitalSignature instead)
 * @param chain what the CMS holds besides (attacker-controlled), any order
 * @param roots trusted
 * @see RFC 5280 section 6.1
 */
export function checkChain(input: {
  leaf: Certificate
  chain: readonly Certificate[]
  roots: readonly Certificate[]
  purpose: Purpose
}): ChainResult {
  const { leaf, roots, purpose } = input
  const isRoot = (one: Certificate) => roots.some((root) => sameBytes(root.der, one.der))
  if (!isFor(purpose, leaf)) return { why: purposeRefusals[purpose] }
  if (leaf.isAuthority && !isRoot(leaf))
    return { why: 'sertifikat otoritas tidak boleh menandatangani dokumen' }
  const rest = [...input.chain]
  const path = [leaf]
  for (let current = leaf; !isRoot(current); current = path.at(-1)!) {
    if (path.length === PATH_LENGTH_MAX) return { why: `rantai lebih dari ${PATH_LENGTH_MAX} sertifikat` }
    const issuer =
      rest.find((one) => isIssuer(one, current, path.length)) ??
      roots.find((one) => isIssuer(one, current, path.length))
    if (!issuer) return { why: 'tidak diterbitkan oleh sertifikat akar yang dipercaya' }
    if (rest.includes(issuer)) rest.splice(rest.indexOf(issuer), 1)
    path.push(issuer)
  }
  if (rest.length > 0) return { why: 'memuat sertifikat yang bukan bagian rantai' }
  return { path }
}

/**
 * Certificates from PEM text, in the order written.
 *
 * @throws BAD_KEY when there is none or one cannot be read
 */
export function parseCertificatesPem(pem: string): Uint8Array[] {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]*-----END CERTIFICATE-----/g) ?? []
  if (blocks.length === 0)
    throw new PactError('BAD_KEY', 'Tidak ada sertifikat PEM (-----BEGIN CERTIFICATE-----)')
  return blocks.map((block) => {
    try {
      const der = new Uint8Array(Buffer.from(block.replace(/-----[A-Z ]+-----|\s/g, ''), 'base64'))
      readCertificate(der)
      return der
    } catch (cause) {
      throw new PactError('BAD_KEY', `Sertifikat PEM tidak dapat dipakai: ${(cause as Error).message}`, {
        cause,
      })
    }
  })
}

/** PEM text of a certificate. @see RFC 7468 section 5 */
export function formatCertificatePem(der: Uint8Array): string {
  const lines = Buffer.from(der)
    .toString('base64')
    .match(/.{1,64}/g)!
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}

/**
 * What a public key's owner signs with.
 *
 * @throws BAD_KEY unless it is EC P-256 or RSA of 2048 bits and more
 */
export function algorithmOf(publicKey: KeyObject): SignatureAlgorithm {
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = publicKey
  if (type === 'ec' && details?.namedCurve === 'prime256v1') return 'ecdsa-sha256'
  if (type === 'rsa' && (details?.modulusLength ?? 0) >= 2048) return 'rsa-sha256'
  const what = details?.namedCurve ?? details?.modulusLength ?? ''
  throw new PactError('BAD_KEY', `Kunci ${type} ${what}: harus EC P-256 atau RSA 2048 bit ke atas`)
}

type Extensions = Pick<
  Certificate,
  'isAuthority' | 'pathLength' | 'keyUsage' | 'policies' | 'extendedKeyUsage' | 'subjectKeyId' | 'extensions'
>

const understoodExtensions: ReadonlySet<string> = new Set([
  oidHex.basicConstraints,
  oidHex.keyUsage,
  oidHex.certificatePolicies,
  oidHex.extendedKeyUsage,
])

function readExtensions(wrapped: Uint8Array | undefined): Extensions {
  const refuse = (why: string) => new PactError('BAD_FILE', `Sertifikat: ${why}`)
  const values = new Map<string, Uint8Array>()
  const result: Extensions = {
    isAuthority: false,
    pathLength: undefined,
    keyUsage: undefined,
    policies: [],
    extendedKeyUsage: undefined,
    subjectKeyId: undefined,
    extensions: values,
  }
  if (!wrapped) return result
  for (const extension of readParts(readOne(wrapped, contextConstructed(3)).content)) {
    const parts = readParts(extension.whole)
    const oid = hex(readOne(parts[0]?.whole, TAG.oid).whole)
    const critical = parts.length === 3 && hex(parts[1]!.whole) === '0101ff'
    if (parts.length !== (critical ? 3 : 2)) throw refuse('perluasan tidak terbaca')
    if (values.has(oid)) throw refuse('perluasan ganda')
    if (critical && !understoodExtensions.has(oid)) throw refuse('perluasan kritis yang tidak dikenal')
    const value = readOne(parts.at(-1)!.whole, TAG.octetString).content
    values.set(oid, value)
    if (oid === oidHex.basicConstraints) {
      const [authority, length] = readParts(value)
      result.isAuthority = authority !== undefined && hex(authority.whole) === '0101ff'
      if (length) result.pathLength = readOne(length.whole, TAG.integer).content[0] ?? 0
    } else if (oid === oidHex.keyUsage) {
      result.keyUsage = readOne(value, TAG.bitString).content[1] ?? 0
    } else if (oid === oidHex.certificatePolicies) {
      result.policies = readParts(value).map((policy) =>
        hex(readParts(policy.whole)[0]?.whole ?? new Uint8Array()),
      )
    } else if (oid === oidHex.extendedKeyUsage) {
      result.extendedKeyUsage = { purposes: readParts(value).map(({ whole }) => hex(whole)), critical }
    } else if (oid === oidHex.subjectKeyIdentifier) {
      result.subjectKeyId = readOne(value, TAG.octetString).content
    }
  }
  return result
}

/** First value of each attribute type, by the hex of the type's DER. */
function readName(name: Uint8Array): Map<string, string> {
  const texts = new Map<string, string>()
  for (const relative of readParts(name)) {
    for (const attribute of readParts(relative.whole, TAG.set)) {
      const [type, value] = readParts(attribute.whole)
      const key = hex(readOne(type?.whole, TAG.oid).whole)
      if (value && !texts.has(key)) texts.set(key, Buffer.from(value.content).toString('utf8'))
    }
  }
  return texts
}

/**
 * Did this certificate's key issue that one, and was it allowed to?
 *
 * @param below how many certificates stand under the issuer, the signer's own counted
 * @see RFC 5280 sections 6.1.3 and 6.1.4; the signer's own is no intermediate (section 4.2.1.9)
 */
export function isIssuer(issuer: Certificate, subject: Certificate, below: number): boolean {
  return (
    sameBytes(issuer.subjectName, subject.issuerName) &&
    issuer.isAuthority &&
    (issuer.keyUsage === undefined || (issuer.keyUsage & KEY_CERT_SIGN) !== 0) &&
    (issuer.pathLength === undefined || issuer.pathLength >= below - 1) &&
    (isPss(subject)
      ? new X509Certificate(subject.der).verify(issuer.publicKey)
      : isSignedBy(issuer, subject.signed))
  )
}

import { createHash } from 'node:crypto'
import { PactError } from '../domain/errors.js'
import {
  bitsOf,
  checkChain,
  isAlive,
  isSignedBy,
  OID,
  readCertificate,
  type Signed,
  signatureAlgorithmDer,
  type Certificate,
  type Signer,
} from './certificate.js'
import {
  contextConstructed,
  contextTag,
  encodeBits,
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
  TAG,
} from './der.js'

/** Why a certificate was taken back. @see RFC 5280 section 5.3.1 */
export const revocationReasons = {
  unspecified: 0,
  keyCompromise: 1,
  cACompromise: 2,
  affiliationChanged: 3,
  superseded: 4,
  cessationOfOperation: 5,
} as const
export type RevocationReason = keyof typeof revocationReasons

export interface Revoked {
  serial: Uint8Array // the INTEGER, DER
  at: Date
  reason: RevocationReason
}

const oid = {
  crlNumber: encodeOid('2.5.29.20'),
  crlReason: encodeOid('2.5.29.21'),
  authorityKeyIdentifier: encodeOid(OID.authorityKeyIdentifier),
  ocspBasic: encodeOid('1.3.6.1.5.5.7.48.1.1'),
  ocspNonce: encodeOid('1.3.6.1.5.5.7.48.1.2'),
  archiveCutoff: encodeOid('1.3.6.1.5.5.7.48.1.6'),
}
const hashes = new Map(
  Object.entries({ '1.3.14.3.2.26': 'sha1', '2.16.840.1.101.3.4.2.1': 'sha256' }).map(([dotted, name]) => [
    Buffer.from(encodeOid(dotted)).toString('hex'),
    name,
  ]),
)
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')
const enumerated = (value: number) => encodeDer(0x0a, Uint8Array.of(value))

/** A certificate revocation list as read (attacker-controlled until `checkCrl` says otherwise). */
export interface Crl {
  issuerName: Uint8Array // DER
  thisUpdate: Date
  nextUpdate: Date
  revoked: { serial: Uint8Array; at: Date }[]
  signed: Signed
}

/**
 * A full certificate revocation list, version 2.
 *
 * @param number grows with every list of this authority
 * @returns DER
 * @see RFC 5280 section 5
 */
export async function issueCrl(input: {
  issuer: Signer
  number: number
  thisUpdate: Date
  nextUpdate: Date
  revoked: readonly Revoked[]
}): Promise<Uint8Array> {
  const issuer = readCertificate(input.issuer.certificate)
  const algorithm = signatureAlgorithmDer[issuer.algorithm]
  const extension = (type: Uint8Array, value: Uint8Array) => sequence(type, encodeOctets(value))
  const entries = input.revoked.map(({ serial, at, reason }) =>
    sequence(
      serial,
      encodeTime(at),
      // "unspecified" is said by silence. @see RFC 5280 section 5.3.1
      ...(reason === 'unspecified'
        ? []
        : [sequence(extension(oid.crlReason, enumerated(revocationReasons[reason])))]),
    ),
  )
  const list = sequence(
    encodeInteger(Uint8Array.of(1)),
    algorithm,
    issuer.subjectName,
    encodeTime(input.thisUpdate),
    encodeTime(input.nextUpdate),
    ...(entries.length > 0 ? [sequence(...entries)] : []),
    encodeDer(
      contextConstructed(0),
      sequence(
        extension(oid.authorityKeyIdentifier, sequence(encodeDer(contextTag(0), issuer.subjectKeyId!))),
        extension(oid.crlNumber, encodeInteger(bigEndian(input.number))),
      ),
    ),
  )
  return sequence(list, algorithm, encodeBits(await input.issuer.sign(list)))
}

const bigEndian = (value: number) => {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64BE(BigInt(value))
  return bytes
}

/** A list (attacker-controlled). @throws BAD_FILE when it is none of version 2 in DER */
export function parseCrl(der: Uint8Array): Crl {
  const [list, algorithm, signature] = readParts(der)
  const [, , issuerName, thisUpdate, nextUpdate, entries] = readAll(
    readOne(list?.whole, TAG.sequence).content,
  )
  return {
    issuerName: readOne(issuerName?.whole, TAG.sequence).whole,
    thisUpdate: readTime(thisUpdate),
    nextUpdate: readTime(nextUpdate),
    revoked:
      entries?.tag === TAG.sequence
        ? readAll(entries.content, 100_000).map(({ whole }) => {
            const [serial, at] = readParts(whole)
            return { serial: readOne(serial?.whole, TAG.integer).whole, at: readTime(at) }
          })
        : [],
    signed: {
      bytes: list!.whole,
      algorithm: readAlgorithm(algorithm?.whole),
      signature: bitsOf(signature?.whole),
    },
  }
}

/** Did this authority make the list? */
export const isCrlOf = (crl: Crl, issuer: Certificate) =>
  sameBytes(crl.issuerName, issuer.subjectName) && isSignedBy(issuer, crl.signed)

/** Which certificate an OCSP question is about. */
export interface CertificateId {
  algorithm: Uint8Array // AlgorithmIdentifier, DER
  nameHash: Uint8Array
  keyHash: Uint8Array
  serial: Uint8Array // the INTEGER, DER
}

const keyBits = ({ publicKeyInfo }: Certificate) => bitsOf(readParts(publicKeyInfo)[1]?.whole)

/** The name of a certificate in OCSP, by SHA-1 as every client asks (it identifies, it does not protect). */
export function nameCertificate(issuer: Certificate, serial: Uint8Array): CertificateId {
  const hash = (bytes: Uint8Array) => createHash('sha1').update(bytes).digest()
  return {
    algorithm: sequence(encodeOid('1.3.14.3.2.26'), encodeDer(TAG.null)),
    nameHash: hash(issuer.subjectName),
    keyHash: hash(keyBits(issuer)),
    serial,
  }
}

/** Is the question about a certificate of this authority? */
export function isIdOf({ algorithm, nameHash, keyHash }: CertificateId, issuer: Certificate): boolean {
  const name = hashes.get(Buffer.from(readParts(algorithm)[0]?.whole ?? []).toString('hex'))
  if (name === undefined) return false
  const hash = (bytes: Uint8Array) => createHash(name).update(bytes).digest()
  return sameBytes(hash(issuer.subjectName), nameHash) && sameBytes(hash(keyBits(issuer)), keyHash)
}

export type OcspStatus =
  { kind: 'good' } | { kind: 'revoked'; at: Date; reason: RevocationReason } | { kind: 'unknown' }

/** An OCSPRequest (attacker-controlled): what is asked, and the nonce's extension value. @throws BAD_FILE */
export function parseOcspRequest(der: Uint8Array): { ids: CertificateId[]; nonce: Uint8Array | undefined } {
  const fields = readParts(readParts(der)[0]?.whole)
  const list = fields.find(({ tag }) => tag === TAG.sequence)
  const ids = readAll(list?.content ?? new Uint8Array(), 16).map(({ whole }) =>
    readId(readParts(whole)[0]?.whole),
  )
  const extensions = fields.find(({ tag }) => tag === contextConstructed(2))
  const nonce =
    extensions &&
    readParts(extensions.content)
      .map(({ whole }) => readParts(whole))
      .find(([type]) => type && sameBytes(type.whole, oid.ocspNonce))
  if (ids.length === 0) throw new PactError('BAD_FILE', 'OCSP: tidak menanyakan apa pun')
  const value = nonce && readOne(nonce.at(-1)?.whole, TAG.octetString).content
  // 32 bytes are enough for anybody, and nobody signs a stranger's megabyte. @see RFC 9654 section 2.1
  if (value && value.length > 130) throw new PactError('BAD_FILE', 'OCSP: nonce terlalu panjang')
  return { ids, nonce: value }
}

const AUTHORITY_INFORMATION = hex(encodeOid('1.3.6.1.5.5.7.1.1'))
const OCSP_METHOD = encodeOid('1.3.6.1.5.5.7.48.1')
const DISTRIBUTION_POINTS = hex(encodeOid('2.5.29.31'))
const URI = contextTag(6)

/**
 * Where a certificate (attacker-controlled) says that its status is found: the first http address of each kind.
 *
 * @see RFC 5280 sections 4.2.1.13 and 4.2.2.1
 */
export function readAddresses(certificate: Certificate): {
  ocsp: string | undefined
  crl: string | undefined
} {
  const addressIn = (values: readonly { tag: number; content: Uint8Array }[]) =>
    values
      .filter(({ tag }) => tag === URI)
      .map(({ content }) => Buffer.from(content).toString('latin1'))
      .find((text) => /^https?:\/\//.test(text))
  const access = certificate.extensions.get(AUTHORITY_INFORMATION)
  const points = certificate.extensions.get(DISTRIBUTION_POINTS)
  return {
    ocsp:
      access &&
      addressIn(
        readParts(access)
          .map(({ whole }) => readParts(whole))
          .filter(([method]) => method && sameBytes(method.whole, OCSP_METHOD))
          .flatMap(([, place]) => place ?? []),
      ),
    // DistributionPoint, its name [0], fullName [0], general names
    crl:
      points &&
      addressIn(
        readParts(points)
          .flatMap(({ content }) => readAll(content))
          .filter(({ tag }) => tag === contextConstructed(0))
          .flatMap(({ content }) => readAll(content))
          .filter(({ tag }) => tag === contextConstructed(0))
          .flatMap(({ content }) => readAll(content)),
      ),
  }
}

/** A question about one certificate, without a nonce. @see RFC 6960 section 4.1.1 */
export const encodeOcspRequest = ({ algorithm, nameHash, keyHash, serial }: CertificateId): Uint8Array =>
  sequence(
    sequence(sequence(sequence(sequence(algorithm, encodeOctets(nameHash), encodeOctets(keyHash), serial)))),
  )

function readId(bytes: Uint8Array | undefined): CertificateId {
  const [algorithm, nameHash, keyHash, serial] = readParts(bytes)
  return {
    algorithm: readAlgorithm(algorithm?.whole),
    nameHash: readOne(nameHash?.whole, TAG.octetString).content,
    keyHash: readOne(keyHash?.whole, TAG.octetString).content,
    serial: readOne(serial?.whole, TAG.integer).whole,
  }
}

/** One answer of a response. */
export interface OcspAnswer {
  id: CertificateId
  status: OcspStatus
  thisUpdate: Date
  nextUpdate: Date
}

/**
 * An OCSPResponse "successful".
 *
 * @param responder delegated by the authority; its certificate goes along
 * @param archiveCutoff from when on the authority remembers expired certificates
 * @param nonce the request's, as it came
 * @returns DER
 * @see RFC 6960 section 4.2
 */
export async function issueOcsp(input: {
  responder: Signer
  answers: readonly OcspAnswer[]
  producedAt: Date
  archiveCutoff: Date
  nonce?: Uint8Array | undefined
}): Promise<Uint8Array> {
  const responder = readCertificate(input.responder.certificate)
  const extension = (type: Uint8Array, value: Uint8Array) => sequence(type, encodeOctets(value))
  const cutoff = encodeDer(
    contextConstructed(1),
    sequence(extension(oid.archiveCutoff, encodeGeneralizedTime(input.archiveCutoff))),
  )
  const answers = input.answers.map(({ id, status, thisUpdate, nextUpdate }) =>
    sequence(
      sequence(id.algorithm, encodeOctets(id.nameHash), encodeOctets(id.keyHash), id.serial),
      status.kind === 'good'
        ? encodeDer(contextTag(0))
        : status.kind === 'unknown'
          ? encodeDer(contextTag(2))
          : encodeDer(
              contextConstructed(1),
              encodeGeneralizedTime(status.at),
              encodeDer(contextConstructed(0), enumerated(revocationReasons[status.reason])),
            ),
      encodeGeneralizedTime(thisUpdate),
      encodeDer(contextConstructed(0), encodeGeneralizedTime(nextUpdate)),
      cutoff,
    ),
  )
  const data = sequence(
    encodeDer(contextConstructed(1), responder.subjectName),
    encodeGeneralizedTime(input.producedAt),
    sequence(...answers),
    ...(input.nonce
      ? [encodeDer(contextConstructed(1), sequence(extension(oid.ocspNonce, input.nonce)))]
      : []),
  )
  const basic = sequence(
    data,
    signatureAlgorithmDer[responder.algorithm],
    encodeBits(await input.responder.sign(data)),
    encodeDer(contextConstructed(0), sequence(responder.der)),
  )
  return sequence(
    enumerated(0),
    encodeDer(contextConstructed(0), sequence(oid.ocspBasic, encodeOctets(basic))),
  )
}

/** An OCSPResponse without an answer. @see RFC 6960 section 4.2.1: 1 malformedRequest, 2 internalError, 3 tryLater, 6 unauthorized */
export const refuseOcsp = (code: 1 | 2 | 3 | 6) => sequence(enumerated(code))

/** A successful OCSPResponse as read (attacker-controlled until `checkOcsp` says otherwise). */
export interface Ocsp {
  producedAt: Date
  answers: OcspAnswer[]
  certificates: Certificate[]
  signed: Signed
}

/** @throws BAD_FILE when it is no successful basic response in DER */
export function parseOcsp(der: Uint8Array): Ocsp {
  const [status, wrapped] = readParts(der)
  if (status?.tag !== 0x0a || status.content[0] !== 0) throw new PactError('BAD_FILE', 'OCSP: bukan jawaban')
  const [type, octets] = readParts(readOne(wrapped?.whole, contextConstructed(0)).content)
  if (!type || !sameBytes(type.whole, oid.ocspBasic))
    throw new PactError('BAD_FILE', 'OCSP: jenis tidak dikenal')
  const [data, algorithm, signature, certificates] = readParts(
    readOne(octets?.whole, TAG.octetString).content,
  )
  const [, producedAt, answers] = readAll(readOne(data?.whole, TAG.sequence).content)
  return {
    producedAt: readTime(producedAt),
    answers: readAll(readOne(answers?.whole, TAG.sequence).content, 1024).map(({ whole }) => {
      const [id, answer, thisUpdate, nextUpdate] = readParts(whole)
      if (nextUpdate?.tag !== contextConstructed(0)) throw new PactError('BAD_FILE', 'OCSP: tanpa nextUpdate')
      return {
        id: readId(id?.whole),
        status: readStatus(answer),
        thisUpdate: readTime(thisUpdate),
        nextUpdate: readTime(readAll(nextUpdate.content)[0]),
      }
    }),
    certificates: certificates
      ? readParts(readOne(certificates.whole, contextConstructed(0)).content).map(({ whole }) =>
          readCertificate(whole),
        )
      : [],
    signed: {
      bytes: data!.whole,
      algorithm: readAlgorithm(algorithm?.whole),
      signature: bitsOf(signature?.whole),
    },
  }
}

function readStatus(value: { tag: number; content: Uint8Array } | undefined): OcspStatus {
  if (value?.tag === contextTag(0)) return { kind: 'good' }
  if (value?.tag !== contextConstructed(1)) return { kind: 'unknown' }
  const [at, reason] = readAll(value.content)
  const code = reason && readAll(reason.content)[0]?.content[0]
  const name = (Object.keys(revocationReasons) as RevocationReason[]).find(
    (one) => revocationReasons[one] === code,
  )
  return { kind: 'revoked', at: readTime(at), reason: name ?? 'unspecified' }
}

/**
 * The answer about a certificate, when the response is its authority's or its delegated responder's.
 *
 * @see RFC 6960 section 4.2.2.2; the responder must have been alive when it answered
 */
export function findAnswer(
  ocsp: Ocsp,
  of: { certificate: Certificate; issuer: Certificate },
): OcspAnswer | undefined {
  const { certificate, issuer } = of
  const answer = ocsp.answers.find(({ id }) => sameBytes(id.serial, certificate.serial) && isIdOf(id, issuer))
  if (!answer) return undefined
  const speaker = [issuer, ...ocsp.certificates].find((each) => isSignedBy(each, ocsp.signed))
  if (!speaker || !isAlive(speaker, ocsp.producedAt)) return undefined
  if (speaker === issuer) return answer
  const found = checkChain({ leaf: speaker, chain: [], roots: [issuer], purpose: 'responder' })
  return 'path' in found ? answer : undefined
}

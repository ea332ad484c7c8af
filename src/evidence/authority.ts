import { createHash, type KeyObject } from 'node:crypto'
import { PactError } from '../domain/errors.js'
import {
  algorithmOf,
  CRL_SIGN,
  DIGITAL_SIGNATURE,
  isP256,
  KEY_CERT_SIGN,
  methodPolicies,
  NON_REPUDIATION,
  OID,
  readCertificate,
  signatureAlgorithmDer,
  type Signer,
  type SigningKey,
} from './certificate.js'
import {
  contextConstructed,
  contextTag,
  encodeBits,
  encodeDer,
  encodeInteger,
  encodeOctets,
  encodeOid,
  encodePrintable,
  encodeTime,
  encodeUtf8,
  readParts,
  sequence,
  TAG,
} from './der.js'

const DAY = 86_400
const YEAR = 365.25 * DAY

interface Profile {
  lifetimeSeconds: number
  certificateAuthority: boolean // RFC 5280 section 4.2.1.9, critical
  pathLength?: number // RFC 5280 section 4.2.1.9: how many authorities may stand below
  keyUsage: number // RFC 5280 section 4.2.1.3, critical
  extendedKeyUsage?: { oid: string; critical: boolean } // RFC 5280 section 4.2.1.12
  policy?: string // RFC 5280 section 4.2.1.4, not critical
  hasNoCheck?: boolean // RFC 6960 section 4.2.2.2.1: a responder's own certificate is not asked about
}

/**
 * The one table of certificates that we issue. All are X.509 v3 with a random 128-bit serial number
 * (RFC 5280 section 4.1.2.2), SHA-256, subject and authority key identifiers (sections 4.2.1.1 and 4.2.1.2),
 * CRL distribution point and authority information access where the issuer has addresses (sections 4.2.1.13 and
 * 4.2.2.1), and begin 60 seconds before they are made, for clocks that are slow.
 *
 * - `root`: a self-signed anchor; no path length, so that an issuing authority can be put under it
 * - `authority`: issues end certificates and nothing else; outlives the archive horizon of 20 years, because a
 *   validator may look no further than the shortest intermediate
 * - `party`: one person, one pact, one signature, key kept by the service; contentCommitment alone says "I agree"
 *   (ETSI EN 319 412-2 section 4.3.2 type A); no extended key usage
 * - `party-own`: the same, with a key that the signer's own device made and never gave away
 * - `seal`: the institution (ETSI EN 319 412-3), contentCommitment alone
 * - `timestamp`: the authority of RFC 3161 section 2.3, critical timeStamping alone
 * - `responder`: answers for an authority, RFC 6960 section 4.2.2.2
 */
export const profiles: Record<
  'root' | 'authority' | 'party' | 'party-own' | 'seal' | 'timestamp' | 'responder',
  Profile
> = {
  root: {
    lifetimeSeconds: 30 * YEAR,
    certificateAuthority: true,
    keyUsage: KEY_CERT_SIGN | CRL_SIGN,
  },
  authority: {
    lifetimeSeconds: 25 * YEAR,
    certificateAuthority: true,
    pathLength: 0,
    keyUsage: KEY_CERT_SIGN | CRL_SIGN,
  },
  party: {
    lifetimeSeconds: DAY,
    certificateAuthority: false,
    keyUsage: NON_REPUDIATION,
    policy: methodPolicies['one-time-server-key'],
  },
  'party-own': {
    lifetimeSeconds: DAY,
    certificateAuthority: false,
    keyUsage: NON_REPUDIATION,
    policy: methodPolicies['own-device-key'],
  },
  seal: {
    lifetimeSeconds: 5 * YEAR,
    certificateAuthority: false,
    keyUsage: NON_REPUDIATION,
    policy: methodPolicies['institution-seal'],
  },
  timestamp: {
    lifetimeSeconds: 15 * YEAR,
    certificateAuthority: false,
    keyUsage: DIGITAL_SIGNATURE,
    extendedKeyUsage: { oid: OID.timeStamping, critical: true },
  },
  responder: {
    lifetimeSeconds: 15 * YEAR,
    certificateAuthority: false,
    keyUsage: DIGITAL_SIGNATURE,
    extendedKeyUsage: { oid: OID.ocspSigning, critical: false },
    hasNoCheck: true,
  },
}
export type ProfileName = keyof typeof profiles

/** How long before its making a certificate begins, seconds. */
export const BACKDATE_SECONDS = 60
/** Random bytes in a serial number. */
export const SERIAL_BYTES = 16

/** Where an authority's certificate, list and responder are found, for ever; they stand in what it issues. */
export interface Addresses {
  certificate: string // caIssuers, one certificate in DER
  crl: string
  ocsp?: string // absent where the list alone tells (a root's)
}

/** Who a certificate is about. */
export interface Subject {
  commonName: string // a person with titles, or an institution
  organization: string
  serialNumber?: string // NIP; absent where a person has none
}

// ub-common-name and ub-organization-name of RFC 5280 appendix A.1, in characters
const NAME_LENGTH_MAX = 64
const NOT_PRINTABLE = /[^A-Za-z0-9 '()+,\-./:=?]/gu

/**
 * The name as a certificate can carry it: whole up to 64 characters, else the first 63 and "…".
 *
 * @see RFC 5280 appendix A.1 (ub-common-name)
 */
export function formatCommonName(name: string): string {
  const characters = [...name]
  return characters.length <= NAME_LENGTH_MAX ? name : characters.slice(0, NAME_LENGTH_MAX - 1).join('') + '…'
}

/**
 * An identity number as a certificate can carry it: each character outside PrintableString becomes "?", at most
 * 64 characters. NIP and NI PPPK stay as they are; only free contract numbers can change.
 *
 * @see X.520 section 6.2.9 (serialNumber), RFC 5280 appendix A.1 (ub-serial-number)
 */
export const formatIdentityNumber = (number: string) =>
  number.replace(NOT_PRINTABLE, '?').slice(0, NAME_LENGTH_MAX)

/**
 * A new self-signed root.
 *
 * @param serial 16 random bytes
 * @returns DER
 */
export function issueRoot(input: {
  key: SigningKey
  subject: Subject
  serial: Uint8Array
  now: Date
}): Promise<Uint8Array> {
  const name = encodeName(input.subject)
  return encodeCertificate({
    ...input,
    profile: 'root',
    publicKey: input.key.publicKey,
    issuerName: name,
    subjectName: name,
    authorityKeyId: undefined,
  })
}

/**
 * A certificate under one of our roots.
 *
 * @param issuer the root or an issuing authority, with its key
 * @param serial 16 random bytes
 * @returns DER
 * @throws BAD_KEY when the public key is neither P-256 nor RSA of 2048 bits and more
 */
export async function issueCertificate(input: {
  profile: Exclude<ProfileName, 'root'>
  issuer: Signer
  publicKey: KeyObject
  publicKeyInfo?: Uint8Array | undefined // the same in DER, where it is at hand: making it again takes long
  subject: Subject
  serial: Uint8Array
  now: Date
  addresses?: Addresses | undefined // of the issuer
}): Promise<Uint8Array> {
  if (!input.publicKeyInfo || !isP256(input.publicKeyInfo)) algorithmOf(input.publicKey)
  const issuer = readCertificate(input.issuer.certificate)
  return encodeCertificate({
    ...input,
    key: { ...input.issuer, publicKey: issuer.publicKey },
    issuerName: issuer.subjectName,
    subjectName: encodeName(input.subject),
    authorityKeyId: issuer.subjectKeyId ?? keyId(issuer.publicKeyInfo),
  })
}

/** SubjectPublicKeyInfo, DER. */
const spkiOf = (publicKey: KeyObject) =>
  new Uint8Array(publicKey.export({ type: 'spki', format: 'der' }) as Buffer)

/** @see RFC 7093 section 2, method 1 */
function keyId(publicKeyInfo: Uint8Array): Uint8Array {
  const bits = readParts(publicKeyInfo)[1]!.content.subarray(1)
  return createHash('sha256').update(bits).digest().subarray(0, 20)
}

/** @see RFC 5280 section 4.1.2.4; X.520 asks PrintableString of countryName and serialNumber */
function encodeName({ commonName, organization, serialNumber }: Subject): Uint8Array {
  const attribute = (oid: string, value: Uint8Array) => encodeDer(TAG.set, sequence(encodeOid(oid), value))
  return sequence(
    attribute(OID.countryName, encodePrintable('ID')),
    attribute(OID.organizationName, encodeUtf8(formatCommonName(organization))),
    ...(serialNumber
      ? [attribute(OID.serialNumber, encodePrintable(formatIdentityNumber(serialNumber)))]
      : []),
    attribute(OID.commonName, encodeUtf8(formatCommonName(commonName))),
  )
}

async function encodeCertificate(input: {
  profile: ProfileName
  key: SigningKey
  publicKey: KeyObject
  publicKeyInfo?: Uint8Array | undefined
  issuerName: Uint8Array
  subjectName: Uint8Array
  serial: Uint8Array
  now: Date
  authorityKeyId: Uint8Array | undefined
  addresses?: Addresses | undefined
}): Promise<Uint8Array> {
  if (input.serial.length !== SERIAL_BYTES)
    throw new PactError('BAD_KEY', `Nomor seri ${input.serial.length} byte, harus ${SERIAL_BYTES}`)
  const profile = profiles[input.profile]
  const second = Math.floor(input.now.getTime() / 1000)
  const algorithm = signatureAlgorithmDer[input.key.algorithm]
  const publicKeyInfo = input.publicKeyInfo ?? spkiOf(input.publicKey)
  const tbs = sequence(
    encodeDer(contextConstructed(0), encodeInteger(Uint8Array.of(2))),
    encodeInteger(input.serial),
    algorithm,
    input.issuerName,
    sequence(
      encodeTime(new Date((second - BACKDATE_SECONDS) * 1000)),
      encodeTime(new Date((second + profile.lifetimeSeconds) * 1000)),
    ),
    input.subjectName,
    publicKeyInfo,
    encodeDer(contextConstructed(3), encodeExtensions(profile, { ...input, publicKeyInfo })),
  )
  return sequence(tbs, algorithm, encodeBits(await input.key.sign(tbs)))
}

function encodeExtensions(
  profile: Profile,
  issued: {
    publicKeyInfo: Uint8Array
    authorityKeyId: Uint8Array | undefined
    addresses?: Addresses | undefined
  },
): Uint8Array {
  const { authorityKeyId, addresses } = issued
  const yes = encodeDer(TAG.boolean, Uint8Array.of(0xff))
  const extension = (oid: string, critical: boolean, value: Uint8Array) =>
    sequence(encodeOid(oid), ...(critical ? [yes] : []), encodeOctets(value))
  const uri = (address: string) => encodeDer(contextTag(6), Buffer.from(address, 'latin1'))
  const access = (method: string, address: string) => sequence(encodeOid(method), uri(address))
  // DER drops trailing zero bits of a named bit list. @see X.690 section 11.2.2
  const unused = Math.clz32(profile.keyUsage & -profile.keyUsage) ^ 31
  const { pathLength, extendedKeyUsage, policy } = profile
  return sequence(
    extension(
      OID.basicConstraints,
      true,
      profile.certificateAuthority
        ? sequence(yes, ...(pathLength === undefined ? [] : [encodeInteger(Uint8Array.of(pathLength))]))
        : sequence(),
    ),
    extension(OID.keyUsage, true, encodeDer(TAG.bitString, Uint8Array.of(unused, profile.keyUsage))),
    extension(OID.subjectKeyIdentifier, false, encodeOctets(keyId(issued.publicKeyInfo))),
    ...(authorityKeyId
      ? [extension(OID.authorityKeyIdentifier, false, sequence(encodeDer(contextTag(0), authorityKeyId)))]
      : []),
    ...(policy ? [extension(OID.certificatePolicies, false, sequence(sequence(encodeOid(policy))))] : []),
    ...(extendedKeyUsage
      ? [
          extension(
            OID.extendedKeyUsage,
            extendedKeyUsage.critical,
            sequence(encodeOid(extendedKeyUsage.oid)),
          ),
        ]
      : []),
    ...(profile.hasNoCheck ? [extension(OID.ocspNoCheck, false, encodeDer(TAG.null))] : []),
    ...(addresses && !profile.hasNoCheck
      ? [
          extension(
            OID.crlDistributionPoints,
            false,
            sequence(
              sequence(
                encodeDer(contextConstructed(0), encodeDer(contextConstructed(0), uri(addresses.crl))),
              ),
            ),
          ),
        ]
      : []),
    ...(addresses
      ? [
          extension(
            OID.authorityInfoAccess,
            false,
            sequence(
              ...(addresses.ocsp && !profile.hasNoCheck ? [access(OID.ocspAccess, addresses.ocsp)] : []),
              access(OID.caIssuers, addresses.certificate),
            ),
          ),
        ]
      : []),
  )
}

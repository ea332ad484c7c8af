import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { PactError } from '../domain/errors.js'
import { type Addresses, issueCertificate, SERIAL_BYTES } from '../evidence/authority.js'
import {
  checkChain,
  formatCertificatePem,
  holdKey,
  isAlive,
  isIssuer,
  readCertificate,
  type Certificate,
  type Signer,
} from '../evidence/certificate.js'
import { sameBytes } from '../evidence/der.js'
import { readPkcs12 } from '../evidence/pkcs12.js'
import type { OcspStatus, Revoked } from '../evidence/revocation.js'
import {
  ADDRESS,
  addressesUnder,
  families,
  generationsOf,
  INIT,
  type KeySecrets,
  LINK_KEY,
  LINK_KEY_BYTES,
  newestOf,
  openSigner,
  pairNames,
  readBaseUrl,
  readCertificateFile,
  readList,
  readRevocations,
  rootNames,
  SEAL,
  SEAL_ROOT,
  SIGNER_ROOT,
  STAMPER,
  tokenFile,
} from './key-folder.js'

// Stands in the name of everything that is made for a demonstration.
const EXAMPLE = /\bCONTOH\b/

/** An authority with everything it does: issue, answer, list. */
export interface IssuingAuthority {
  name: string // of its files and addresses
  issuer: Signer
  certificate: Certificate
  addresses: Addresses // that its certificates carry
  responder: Signer
}

/** The keys of a running service. Private keys are reachable as signers only. */
export interface Keys {
  linkKey: Uint8Array // 32 bytes
  sealSigner: Signer
  stamper: Signer // of our own timestamp authority
  authorities: { signer: IssuingAuthority; seal: IssuingAuthority } // those that issue now
  /** These and the ones before them, which still list and answer. */
  allAuthorities: readonly IssuingAuthority[]
  /** What the folder knows of a certificate of its own (seals, timestamp authorities), by serial number, DER. */
  statusOfOwn(serial: Uint8Array): OcspStatus | undefined
  /** The folder's own certificates of an authority that were taken back. */
  revokedUnder(authority: IssuingAuthority): Revoked[]
  /** Certificates by the names of their addresses, DER: roots and authorities. */
  published: ReadonlyMap<string, Uint8Array>
  rootLists: ReadonlyMap<string, Uint8Array> // by name, DER
  /** False when the seal comes from elsewhere: its status is not ours to answer, and files stay at B-T. */
  isSealOurs: boolean
  /** DER, trusted for what their name says; timestamps: the seal's, and others'; persons' own certificates: others'. */
  roots: { signer: Uint8Array[]; seal: Uint8Array[]; timestamp: Uint8Array[]; person: Uint8Array[] }
  rootsPem: string // every root once
  sealName: string // whose seal it is, as its certificate says
  /**
   * A one-time key for one party on one pact, certified in the party's name. It signs once and is gone; the
   * second time it throws BAD_KEY.
   *
   * @param name with titles, as the signature states it
   * @param identityNumber NIP or NI PPPK; undefined where a person has none
   * @param organization the pemda's name
   */
  issuePartySigner(party: PartyToCertify): Promise<Signer>
  /**
   * A certificate for a key that the party's own device made.
   *
   * @param publicKey P-256
   * @param publicKeyInfo the same, DER
   * @returns DER
   */
  certifyOwnKey(
    party: PartyToCertify & { publicKey: KeyObject; publicKeyInfo: Uint8Array },
  ): Promise<Uint8Array>
}

/** Whom a one-time key is made for, when, and with which randomness. */
export interface PartyToCertify {
  name: string
  identityNumber: string | undefined
  organization: string
  now: Date
  random: (sizeBytes: number) => Uint8Array
}

/**
 * Opens a key folder and checks that everything in it belongs together.
 *
 * @param demo demonstrations take keys whose names say CONTOH and no others; the real service takes all others
 * @param sealPkcs12 the institution's own seal instead of the folder's; its passphrase stays in memory
 * @param now the seal must be alive
 * @throws BAD_KEY, saying what to do next; HSM_UNAVAILABLE when a key's token cannot be opened
 */
export function openKeys(
  folder: string,
  options: KeySecrets & {
    demo: boolean
    now: Date
    sealPkcs12?: { bytes: Uint8Array; passphrase: string } | undefined
    timestampRoots?: readonly Uint8Array[] // of other timestamp authorities, DER
    personRoots?: readonly Uint8Array[] // of persons' own certificates, DER
  },
): Keys {
  const { demo, now, sealPkcs12 } = options
  requireFiles(folder, { hasSeal: !sealPkcs12, demo })
  const [signerRoot, sealRoot] = [SIGNER_ROOT, SEAL_ROOT].map((name) =>
    readCertificateFile(folder, name),
  ) as [Certificate, Certificate]
  const below = (family: keyof typeof families, root: Certificate) =>
    generationsOf(folder, families[family].authority).map((name) => {
      const authority = openAuthority(folder, {
        name,
        responders: families[family].responder,
        secrets: options,
      })
      if (!isIssuer(root, authority.certificate, 2))
        throw new PactError(
          'BAD_KEY',
          `${name}.crt bukan terbitan akarnya: pulihkan keduanya dari satu cadangan`,
        )
      return authority
    })
  const signers = below('signer', signerRoot)
  const seals = below('seal', sealRoot)
  const authorities = { signer: signers.at(-1)!, seal: seals.at(-1)! }
  const openLeaf = (name: string): Signer => {
    const signer = openSigner(folder, name, options)
    const leaf = readCertificate(signer.certificate)
    const issuer = seals.find(({ certificate }) => isIssuer(certificate, leaf, 1))
    return { ...signer, chain: issuer ? [issuer.certificate.der] : [] }
  }
  const own = sealPkcs12 && readPkcs12(sealPkcs12.bytes, sealPkcs12.passphrase)
  const sealSigner = own?.signer ?? openLeaf(newestOf(folder, SEAL))
  const stamper = openLeaf(newestOf(folder, STAMPER))
  const sealRoots = [sealRoot.der, ...(own ? [own.anchor] : [])]
  checkSeal(sealSigner, sealRoots, { demo, now })
  const revoked = readRevocations(folder)
  const acting: Record<string, readonly Uint8Array[]> = {
    ...(own ? {} : { [SEAL]: [sealSigner.certificate, ...sealSigner.chain] }),
    [STAMPER]: [stamper.certificate, ...stamper.chain],
    [families.signer.authority]: [authorities.signer.certificate.der],
    [families.seal.authority]: [authorities.seal.certificate.der],
  }
  for (const [kind, path] of Object.entries(acting)) {
    const taken = revoked.find(({ serial }) =>
      path.some((der) => sameBytes(readCertificate(der).serial, serial)),
    )
    if (taken)
      throw new PactError('BAD_KEY', `${taken.name} sudah dicabut: jalankan "npx pakta keys rotate ${kind}"`)
  }
  const leaves = [SEAL, STAMPER]
    .flatMap((name) => generationsOf(folder, name))
    .map((name) => readCertificateFile(folder, name))
  const allAuthorities = [...signers, ...seals]
  const timestampRoots = options.timestampRoots ?? []
  const roots = {
    ...{ signer: [signerRoot.der], seal: sealRoots },
    timestamp: [sealRoot.der, ...timestampRoots],
    person: [...(options.personRoots ?? [])],
  }
  return {
    linkKey: readLinkKey(folder),
    ...{ sealSigner, stamper, authorities, allAuthorities, roots },
    statusOfOwn(serial) {
      const taken = revoked.find((one) => sameBytes(one.serial, serial))
      if (taken) return { kind: 'revoked', at: taken.at, reason: taken.reason }
      return leaves.some((one) => sameBytes(one.serial, serial)) ? { kind: 'good' } : undefined
    },
    revokedUnder: ({ certificate }) =>
      revoked.filter(({ serial }) =>
        leaves.some((leaf) => sameBytes(leaf.serial, serial) && isIssuer(certificate, leaf, 1)),
      ),
    published: new Map([
      [SIGNER_ROOT, signerRoot.der],
      [SEAL_ROOT, sealRoot.der],
      ...allAuthorities.map(({ name, certificate }) => [name, certificate.der] as const),
    ]),
    rootLists: new Map(rootNames.map((name) => [name, readList(folder, name)])),
    isSealOurs: own === undefined,
    rootsPem: [...new Set([...roots.signer, ...sealRoots, ...timestampRoots].map(formatCertificatePem))].join(
      '',
    ),
    sealName: readCertificate(sealSigner.certificate).commonName ?? '',
    issuePartySigner: (party) => issueOneTimeSigner(authorities.signer, party),
    certifyOwnKey: ({ publicKey, publicKeyInfo, ...party }) =>
      certify(authorities.signer, 'party-own', { publicKey, publicKeyInfo }, party),
  }
}

// The roots' keys may be kept elsewhere: they are needed for a new list and a new authority only. Of the seal and the
// timestamp authority only the newest key is there.
function requireFiles(folder: string, { hasSeal, demo }: { hasSeal: boolean; demo: boolean }): void {
  const has = (file: string) => existsSync(join(folder, file))
  if (!existsSync(folder)) throw new PactError('BAD_KEY', `Tidak ada kunci di ${folder}: ${INIT}`)
  const wanted = pairNames.filter((name) => hasSeal || name !== SEAL)
  for (const name of wanted.flatMap((one) => generationsOf(folder, one)))
    checkExample(readCertificateFile(folder, name), demo)
  const needsKey = (name: string) => {
    if (rootNames.includes(name)) return []
    const all = generationsOf(folder, name)
    return [SEAL, STAMPER].includes(name) ? all.slice(-1) : all
  }
  const files = [
    ...wanted.map((name) => `${name}.crt`),
    ...wanted.flatMap((name) =>
      needsKey(name).map((one) => (has(tokenFile(one)) ? tokenFile(one) : `${one}.key`)),
    ),
    ...rootNames.map((name) => `${name}.crl`),
    ...[LINK_KEY, ADDRESS],
  ]
  const missing = files.filter((file) => !has(file))
  if (missing.length === files.length) throw new PactError('BAD_KEY', `Tidak ada kunci di ${folder}: ${INIT}`)
  if (missing.length > 0)
    throw new PactError(
      'BAD_KEY',
      `Folder kunci ${folder} tidak lengkap, tanpa ${missing.join(', ')}: pulihkan dari cadangan, atau ${INIT} pada folder baru`,
    )
}

const certify = (
  { issuer, addresses }: IssuingAuthority,
  profile: 'party' | 'party-own',
  key: { publicKey: KeyObject; publicKeyInfo?: Uint8Array },
  { name, identityNumber, organization, now, random }: PartyToCertify,
): Promise<Uint8Array> =>
  issueCertificate({
    ...{ profile, issuer, addresses, now, ...key },
    subject: { commonName: name, organization, ...(identityNumber && { serialNumber: identityNumber }) },
    serial: random(SERIAL_BYTES),
  })

async function issueOneTimeSigner(authority: IssuingAuthority, party: PartyToCertify): Promise<Signer> {
  const { issuer } = authority
  const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const certificate = await certify(authority, 'party', { publicKey: pair.publicKey }, party)
  const held = holdKey(pair.privateKey, pair.publicKey)
  let key: typeof held | undefined = held
  return {
    certificate,
    chain: [issuer.certificate],
    algorithm: held.algorithm,
    sign(bytes) {
      if (!key) throw new PactError('BAD_KEY', 'Kunci sekali pakai sudah dipakai dan dimusnahkan')
      const { sign } = key
      key = undefined
      return sign(bytes)
    },
  }
}

function openAuthority(
  folder: string,
  of: { name: string; responders: string; secrets: KeySecrets },
): IssuingAuthority {
  const { name, responders, secrets } = of
  const issuer = openSigner(folder, name, secrets)
  const certificate = readCertificate(issuer.certificate)
  let why = 'tidak ada'
  // The newest that this authority made.
  for (const one of generationsOf(folder, responders).reverse()) {
    const leaf = readCertificateFile(folder, one)
    const found = checkChain({ leaf, chain: [], roots: [certificate], purpose: 'responder' })
    if (!('why' in found))
      return {
        ...{ name, issuer, certificate, responder: openSigner(folder, one, secrets) },
        addresses: addressesUnder(readBaseUrl(folder), name),
      }
    why = found.why
  }
  throw new PactError('BAD_KEY', `${responders}.crt: ${why}`)
}

function checkExample(certificate: Certificate, demo: boolean): void {
  const name = certificate.commonName ?? ''
  const isExample = EXAMPLE.test(name) || EXAMPLE.test(certificate.organization ?? '')
  if (isExample && !demo)
    throw new PactError(
      'BAD_KEY',
      `Sertifikat "${name}" adalah CONTOH untuk peragaan: ${INIT} pada folder lain`,
    )
  if (!isExample && demo)
    throw new PactError(
      'BAD_KEY',
      `Peragaan tidak boleh memakai kunci sungguhan "${name}": pakai folder kunci CONTOH`,
    )
}

function checkSeal(
  signer: Signer,
  roots: readonly Uint8Array[],
  { demo, now }: { demo: boolean; now: Date },
): void {
  const leaf = readCertificate(signer.certificate)
  checkExample(leaf, demo)
  const found = checkChain({
    leaf,
    chain: signer.chain.map(readCertificate),
    roots: roots.map(readCertificate),
    purpose: 'seal',
  })
  if ('why' in found)
    throw new PactError(
      'BAD_KEY',
      `Segel "${leaf.commonName}" tidak dapat dipakai: ${found.why}; periksa ${SEAL}.crt`,
    )
  const dead = found.path.find((one) => !isAlive(one, now))
  if (dead)
    throw new PactError(
      'BAD_KEY',
      `Sertifikat "${dead.commonName}" berlaku ${dead.notBefore.toISOString()} sampai ${dead.notAfter.toISOString()}: ganti segelnya`,
    )
}

function readLinkKey(folder: string): Uint8Array {
  const text = readFileSync(join(folder, LINK_KEY), 'latin1').trim()
  if (!/^[0-9a-f]{64}$/.test(text))
    throw new PactError(
      'BAD_KEY',
      `${LINK_KEY} harus ${LINK_KEY_BYTES * 2} digit heksadesimal: pulihkan dari cadangan`,
    )
  return new Uint8Array(Buffer.from(text, 'hex'))
}

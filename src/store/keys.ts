import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { PactError } from '../domain/errors.js'
import {
  type Addresses,
  issueCertificate,
  issueRoot,
  type ProfileName,
  SERIAL_BYTES,
} from '../evidence/authority.js'
import {
  checkChain,
  fingerprint,
  formatCertificatePem,
  holdKey,
  isAlive,
  isIssuer,
  parseCertificatesPem,
  readCertificate,
  type Certificate,
  type Signer,
} from '../evidence/certificate.js'
import { readPkcs12 } from '../evidence/pkcs12.js'
import { issueCrl, parseCrl } from '../evidence/revocation.js'

/** Bytes of the key that personal links are derived from. */
export const LINK_KEY_BYTES = 32

const SIGNER_ROOT = 'akar-penanda-tangan'
const SEAL_ROOT = 'akar-segel'
const SIGNER_AUTHORITY = 'penerbit-penanda-tangan'
const SEAL_AUTHORITY = 'penerbit-segel'
const SIGNER_RESPONDER = 'ocsp-penanda-tangan'
const SEAL_RESPONDER = 'ocsp-segel'
const SEAL = 'segel'
const STAMPER = 'stempel-waktu'
const LINK_KEY = 'tautan.key'
const ADDRESS = 'alamat.txt'
const rootNames = [SIGNER_ROOT, SEAL_ROOT]
const pairNames = [
  ...rootNames,
  SIGNER_AUTHORITY,
  SEAL_AUTHORITY,
  SIGNER_RESPONDER,
  SEAL_RESPONDER,
  SEAL,
  STAMPER,
]
const files = [
  ...pairNames.flatMap((name) => [`${name}.crt`, `${name}.key`]),
  ...rootNames.map((name) => `${name}.crl`),
  LINK_KEY,
  ADDRESS,
]
// The roots' keys may be kept elsewhere: they are needed for a new list and a new authority only.
const absentFiles: readonly string[] = rootNames.map((name) => `${name}.key`)

/** How long a root's list of revoked authorities is good for, days; a new one is made well before. */
export const ROOT_LIST_DAYS = 365

/**
 * Where the world finds certificates, lists and answers. They stand inside every certificate, for ever: whoever
 * keeps the archive keeps these addresses.
 */
export const pkiPath = (name: string, kind: 'crt' | 'crl') => `/pki/${name}.${kind}`
export const ocspPath = (name: string) => `/ocsp/${name}`

// Stands in the name of everything that is made for a demonstration.
const EXAMPLE = /\bCONTOH\b/
const DAY_MS = 86_400_000
type KeyPair = { privateKey: KeyObject; publicKey: KeyObject }
const INIT = 'jalankan "npx pakta keys init"'

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
  authorities: { signer: IssuingAuthority; seal: IssuingAuthority }
  /** Certificates by the names of their addresses, DER: roots and authorities. */
  published: ReadonlyMap<string, Uint8Array>
  rootLists: ReadonlyMap<string, Uint8Array> // by name, DER
  /** False when the seal comes from elsewhere: its status is not ours to answer, and files stay at B-T. */
  isSealOurs: boolean
  roots: { signer: Uint8Array[]; seal: Uint8Array[] } // DER, trusted for what their name says
  rootsPem: { signer: string; seal: string }
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
   * @returns DER
   */
  certifyOwnKey(party: PartyToCertify & { publicKey: KeyObject }): Promise<Uint8Array>
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
 * Makes the key folder: two roots (signers; seal and timestamps), an issuing authority under each with its OCSP
 * responder, the seal, the timestamp authority, the roots' first lists, and the key of the personal links.
 *
 * A crash in the middle leaves a folder that neither this nor `openKeys` accepts; nothing has been signed with
 * it, so it is emptied by hand and made again.
 *
 * @param institution stands in the certificates' names, "Pemerintah Kota Kendari"
 * @param baseUrl where the service is found for as long as its files are kept, no slash at the end
 * @param random cryptographic randomness, that many bytes
 * @param passphrase encrypts the private keys (PKCS #8, PBES2, AES-256); without it the file mode is all
 * @param demo the names begin with CONTOH, and only a demonstration accepts them
 * @throws BAD_KEY when the folder holds any of the files already: keys are never overwritten
 */
export async function initKeys(
  folder: string,
  options: {
    institution: string
    baseUrl: string
    now: Date
    random: (bytes: number) => Uint8Array
    passphrase?: string | undefined
    demo: boolean
  },
): Promise<void> {
  const { now, random, passphrase, demo } = options
  const present = files.filter((file) => existsSync(join(folder, file)))
  if (present.length > 0)
    throw new PactError(
      'BAD_KEY',
      `Folder ${folder} sudah berisi ${present.join(', ')}: kunci tidak pernah ditimpa`,
    )
  const prefix = demo ? 'CONTOH ' : ''
  const institution = `${prefix}${options.institution}`
  const made: { name: string; pair: KeyPair; certificate: Uint8Array }[] = []
  const keep = (name: string, pair: KeyPair, certificate: Uint8Array): Signer => {
    made.push({ name, pair, certificate })
    return { ...holdKey(pair.privateKey, pair.publicKey), certificate, chain: [] }
  }
  const makePair = () => generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const subjectOf = (title: string) => ({
    commonName: title === '' ? institution : `${prefix}${title} ${options.institution}`,
    organization: institution,
  })
  const issue = async (
    name: string,
    input: { profile: Exclude<ProfileName, 'root'>; issuer: Signer; title: string; addresses: Addresses },
  ) => {
    const pair = makePair()
    const { profile, issuer, addresses } = input
    const certificate = await issueCertificate({
      ...{ profile, issuer, addresses, now },
      publicKey: pair.publicKey,
      subject: subjectOf(input.title),
      serial: random(SERIAL_BYTES),
    })
    return keep(name, pair, certificate)
  }
  const addressesOf = (name: string) => addressesUnder(options.baseUrl, name)
  const lists = new Map<string, Uint8Array>()
  const family = async (names: { root: string; authority: string; responder: string }, title: string) => {
    const pair = makePair()
    const key = holdKey(pair.privateKey, pair.publicKey)
    const subject = subjectOf(`Akar ${title}`)
    const root = keep(names.root, pair, await issueRoot({ key, subject, serial: random(SERIAL_BYTES), now }))
    lists.set(
      names.root,
      await issueCrl({
        issuer: root,
        number: 1,
        thisUpdate: now,
        nextUpdate: new Date(now.getTime() + ROOT_LIST_DAYS * DAY_MS),
        revoked: [],
      }),
    )
    const authority = await issue(names.authority, {
      profile: 'authority',
      issuer: root,
      title: `Penerbit ${title}`,
      addresses: addressesOf(names.root),
    })
    await issue(names.responder, {
      profile: 'responder',
      issuer: authority,
      title: `OCSP ${title}`,
      addresses: addressesOf(names.authority),
    })
    return authority
  }
  await family(
    { root: SIGNER_ROOT, authority: SIGNER_AUTHORITY, responder: SIGNER_RESPONDER },
    'Penanda Tangan',
  )
  const issuer = await family(
    { root: SEAL_ROOT, authority: SEAL_AUTHORITY, responder: SEAL_RESPONDER },
    'Segel',
  )
  const addresses = addressesOf(SEAL_AUTHORITY)
  await issue(SEAL, { profile: 'seal', issuer, title: '', addresses })
  await issue(STAMPER, { profile: 'timestamp', issuer, title: 'Stempel Waktu', addresses })
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const write = (name: string, content: string | Uint8Array, mode: number) =>
    writeFileSync(join(folder, name), content, { flag: 'wx', mode })
  const protection = passphrase === undefined ? {} : { cipher: 'aes-256-cbc', passphrase }
  for (const { name, pair, certificate } of made) {
    const pem = pair.privateKey.export({ type: 'pkcs8', format: 'pem', ...protection }) as string
    write(`${name}.key`, pem, 0o600)
    write(`${name}.crt`, formatCertificatePem(certificate), 0o644)
  }
  for (const [name, list] of lists) write(`${name}.crl`, list, 0o644)
  write(ADDRESS, `${options.baseUrl}\n`, 0o644)
  write(LINK_KEY, `${Buffer.from(random(LINK_KEY_BYTES)).toString('hex')}\n`, 0o600)
  if (!existsSync(join(folder, 'README'))) write('README', folderReadme(institution, demo), 0o644)
}

/**
 * Opens a key folder and checks that everything in it belongs together.
 *
 * @param demo demonstrations take keys whose names say CONTOH and no others; the real service takes all others
 * @param sealPkcs12 the institution's own seal instead of the folder's; its passphrase stays in memory
 * @param now the seal must be alive
 * @throws BAD_KEY, saying what to do next
 */
export function openKeys(
  folder: string,
  options: {
    passphrase?: string | undefined
    demo: boolean
    now: Date
    sealPkcs12?: { bytes: Uint8Array; passphrase: string } | undefined
  },
): Keys {
  const { passphrase, demo, now, sealPkcs12 } = options
  const wanted = sealPkcs12 ? files.filter((file) => !file.startsWith(`${SEAL}.`)) : files
  const certificates = wanted.filter((file) => file.endsWith('.crt') && existsSync(join(folder, file)))
  for (const file of certificates) checkExample(readCertificateFile(folder, file), demo)
  const missing = wanted.filter((file) => !absentFiles.includes(file) && !existsSync(join(folder, file)))
  if (missing.length === wanted.length - absentFiles.length)
    throw new PactError('BAD_KEY', `Tidak ada kunci di ${folder}: ${INIT}`)
  if (missing.length > 0)
    throw new PactError(
      'BAD_KEY',
      `Folder kunci ${folder} tidak lengkap, tanpa ${missing.join(', ')}: pulihkan dari cadangan, atau ${INIT} pada folder baru`,
    )
  const signerRoot = readCertificateFile(folder, `${SIGNER_ROOT}.crt`)
  const sealRoot = readCertificateFile(folder, `${SEAL_ROOT}.crt`)
  const authorities = {
    signer: openAuthority(folder, { name: SIGNER_AUTHORITY, responder: SIGNER_RESPONDER, passphrase }),
    seal: openAuthority(folder, { name: SEAL_AUTHORITY, responder: SEAL_RESPONDER, passphrase }),
  }
  const below = { chain: [authorities.seal.certificate.der] }
  const own = sealPkcs12 && readPkcs12(sealPkcs12.bytes, sealPkcs12.passphrase)
  const sealSigner = own?.signer ?? { ...openSigner(folder, SEAL, passphrase), ...below }
  const stamper = { ...openSigner(folder, STAMPER, passphrase), ...below }
  const sealRoots = [sealRoot.der, ...(own ? [own.anchor] : [])]
  for (const [name, authority, root] of [
    [SIGNER_AUTHORITY, authorities.signer, signerRoot],
    [SEAL_AUTHORITY, authorities.seal, sealRoot],
  ] as const)
    if (!isIssuer(root, authority.certificate, 2))
      throw new PactError(
        'BAD_KEY',
        `${name}.crt bukan terbitan akarnya: pulihkan keduanya dari satu cadangan`,
      )
  checkSeal(sealSigner, sealRoots, { demo, now })
  const roots = { signer: [signerRoot.der], seal: sealRoots }
  return {
    linkKey: readLinkKey(folder),
    sealSigner,
    stamper,
    authorities,
    published: new Map([
      [SIGNER_ROOT, signerRoot.der],
      [SEAL_ROOT, sealRoot.der],
      ...Object.values(authorities).map(({ name, certificate }) => [name, certificate.der] as const),
    ]),
    rootLists: new Map(rootNames.map((name) => [name, readList(folder, name)])),
    isSealOurs: own === undefined,
    roots,
    rootsPem: {
      signer: roots.signer.map(formatCertificatePem).join(''),
      seal: roots.seal.map(formatCertificatePem).join(''),
    },
    sealName: readCertificate(sealSigner.certificate).commonName ?? '',
    issuePartySigner: (party) => issueOneTimeSigner(authorities.signer, party),
    certifyOwnKey: ({ publicKey, ...party }) => certify(authorities.signer, 'party-own', publicKey, party),
  }
}

const certify = (
  { issuer, addresses }: IssuingAuthority,
  profile: 'party' | 'party-own',
  publicKey: KeyObject,
  { name, identityNumber, organization, now, random }: PartyToCertify,
): Promise<Uint8Array> =>
  issueCertificate({
    ...{ profile, issuer, addresses, publicKey, now },
    subject: { commonName: name, organization, ...(identityNumber && { serialNumber: identityNumber }) },
    serial: random(SERIAL_BYTES),
  })

/** What stands in a key folder: certificates and lists, with how long each lasts; nothing secret is opened. */
export function listKeys(folder: string): { name: string; subject: string; until: Date; sha256: string }[] {
  return readdirSync(folder)
    .sort()
    .flatMap((file) => {
      const name = file.replace(/\.(crt|crl)$/, '')
      if (file.endsWith('.crt')) {
        const { commonName = '', notAfter, der } = readCertificateFile(folder, file)
        return [{ name: file, subject: commonName, until: notAfter, sha256: fingerprint(der) }]
      }
      if (!file.endsWith('.crl')) return []
      const list = readList(folder, name)
      const { nextUpdate, revoked } = parseCrl(list)
      return [
        { name: file, subject: `${revoked.length} dicabut`, until: nextUpdate, sha256: fingerprint(list) },
      ]
    })
}

/**
 * Makes each root's list anew, good for a year; needs the roots' keys, brought back into the folder for this alone.
 * A crash between the two leaves one old and one new list, both good; running again renews both.
 *
 * @throws BAD_KEY when a root's key is not there
 */
export async function renewLists(
  folder: string,
  { now, passphrase }: { now: Date; passphrase: string | undefined },
): Promise<void> {
  const missing = absentFiles.filter((file) => !existsSync(join(folder, file)))
  if (missing.length > 0)
    throw new PactError(
      'BAD_KEY',
      `${missing.join(', ')} tidak ada di ${folder}: kembalikan dari penyimpanan luring, jalankan lagi, lalu pindahkan kembali`,
    )
  for (const name of rootNames) {
    const list = await issueCrl({
      issuer: openSigner(folder, name, passphrase),
      number: Math.floor(now.getTime() / 1000),
      thisUpdate: now,
      nextUpdate: new Date(now.getTime() + ROOT_LIST_DAYS * DAY_MS),
      revoked: [],
    })
    const path = join(folder, `${name}.crl`)
    writeFileSync(`${path}.baru`, list, { mode: 0o644 })
    renameSync(`${path}.baru`, path)
  }
}

async function issueOneTimeSigner(authority: IssuingAuthority, party: PartyToCertify): Promise<Signer> {
  const { issuer } = authority
  const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const certificate = await certify(authority, 'party', pair.publicKey, party)
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

const addressesUnder = (baseUrl: string, name: string): Addresses => ({
  certificate: baseUrl + pkiPath(name, 'crt'),
  crl: baseUrl + pkiPath(name, 'crl'),
  ...(!rootNames.includes(name) && { ocsp: baseUrl + ocspPath(name) }),
})

function openAuthority(
  folder: string,
  { name, responder, passphrase }: { name: string; responder: string; passphrase: string | undefined },
): IssuingAuthority {
  const issuer = openSigner(folder, name, passphrase)
  const answering = openSigner(folder, responder, passphrase)
  const certificate = readCertificate(issuer.certificate)
  const found = checkChain({
    leaf: readCertificate(answering.certificate),
    ...{ chain: [], roots: [certificate], purpose: 'responder' },
  })
  if ('why' in found) throw new PactError('BAD_KEY', `${responder}.crt: ${found.why}`)
  const addresses = addressesUnder(readFileSync(join(folder, ADDRESS), 'utf8').trim(), name)
  return { name, issuer, certificate, addresses, responder: answering }
}

function readList(folder: string, name: string): Uint8Array {
  try {
    const der = new Uint8Array(readFileSync(join(folder, `${name}.crl`)))
    parseCrl(der)
    return der
  } catch (cause) {
    throw new PactError('BAD_KEY', `${name}.crl tidak dapat dibaca: pulihkan dari cadangan`, { cause })
  }
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

function openSigner(folder: string, name: string, passphrase: string | undefined): Signer {
  const certificate = readCertificateFile(folder, `${name}.crt`)
  const pem = readFileSync(join(folder, `${name}.key`))
  const isEncrypted = pem.includes('ENCRYPTED')
  if (isEncrypted && passphrase === undefined)
    throw new PactError('BAD_KEY', `Kunci ${name}.key tersandi: isi PAKTA_KEYS_PASSPHRASE`)
  let privateKey: KeyObject
  try {
    privateKey = createPrivateKey({ key: pem, format: 'pem', ...(isEncrypted && { passphrase }) })
  } catch (cause) {
    const why = isEncrypted
      ? 'frasa sandinya salah (PAKTA_KEYS_PASSPHRASE), atau berkasnya rusak'
      : 'bukan kunci PKCS #8 PEM'
    throw new PactError('BAD_KEY', `Kunci ${name}.key tidak dapat dibuka: ${why}`, { cause })
  }
  if (!certificate.x509.checkPrivateKey(privateKey))
    throw new PactError(
      'BAD_KEY',
      `${name}.key bukan kunci dari ${name}.crt: pulihkan keduanya dari satu cadangan`,
    )
  return { ...holdKey(privateKey, createPublicKey(privateKey)), certificate: certificate.der, chain: [] }
}

function readCertificateFile(folder: string, file: string): Certificate {
  try {
    return readCertificate(parseCertificatesPem(readFileSync(join(folder, file), 'latin1'))[0]!)
  } catch (cause) {
    throw new PactError('BAD_KEY', `${join(folder, file)}: ${(cause as Error).message}`, { cause })
  }
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

function folderReadme(institution: string, demo: boolean): string {
  return `Kunci Pakta untuk ${institution}
${demo ? '\nCONTOH: hanya untuk peragaan. Layanan yang sesungguhnya menolak folder ini.\n' : ''}
akar-*.key                   dua akar: menerbitkan penerbit dan daftar cabutnya. RAHASIA; tidak diperlukan
                             sehari-hari: pindahkan ke penyimpanan luring setelah dicadangkan.
penerbit-penanda-tangan.key  menerbitkan sertifikat bagi setiap penanda tangan. RAHASIA: pemegangnya dapat
                             membuat sertifikat atas nama siapa pun.
penerbit-segel.key           menerbitkan sertifikat segel dan stempel waktu. RAHASIA.
segel.key                    segel elektronik lembaga pada setiap pakta. RAHASIA.
stempel-waktu.key            menyatakan kapan sesuatu sudah ada (RFC 3161). RAHASIA.
ocsp-*.key                   menjawab apakah suatu sertifikat masih berlaku. RAHASIA.
tautan.key                   asal semua tautan pribadi. RAHASIA: pemegangnya dapat membuka setiap undangan.
alamat.txt                   alamat layanan, tertulis di dalam setiap sertifikat: jangan diubah.
*.crt, *.crl                 sertifikat dan daftar cabut: boleh dan perlu diumumkan.

Simpan cadangan folder ini di luar jaringan, bersama frasa sandinya di tempat lain. Tanpa kunci akar,
pakta yang sudah disegel tetap dapat diperiksa dengan *.crt, tetapi pakta baru memerlukan akar baru.
Jangan menyalin folder ini ke surel, obrolan, atau gudang kode.
`
}

import { generateKeyPairSync } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { PactError } from '../domain/errors.js'
import { issueCertificate, issueRoot, type ProfileName, SERIAL_BYTES } from '../evidence/authority.js'
import {
  fingerprint,
  formatCertificatePem,
  holdKey,
  type Signer,
  type SigningKey,
} from '../evidence/certificate.js'
import { issueCrl, parseCrl, type RevocationReason } from '../evidence/revocation.js'
import {
  ADDRESS,
  addressesUnder,
  families,
  type FamilyName,
  generationsOf,
  INIT,
  type KeySecrets,
  LINK_KEY,
  LINK_KEY_BYTES,
  nameOf,
  newestOf,
  openSigner,
  pairNames,
  readBaseUrl,
  readCertificateFile,
  readList,
  readRevocations,
  replaceFile,
  ROOT_LIST_DAYS,
  rootNames,
  SEAL,
  STAMPER,
  tokenFile,
  writeRevocations,
} from './key-folder.js'

// The care of a key folder, from the command line: make, list, renew, roll over, take back.

const DAY_MS = 86_400_000

interface Care {
  now: Date
  random: (sizeBytes: number) => Uint8Array
  secrets: KeySecrets
}

/** A new key, not kept yet: what stands in its file, or its label in the token. */
interface NewKey extends SigningKey {
  secret: { pem: string } | { label: string }
}

function makeKey({ passphrase }: KeySecrets): NewKey {
  const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const protection = passphrase === undefined ? {} : { cipher: 'aes-256-cbc', passphrase }
  const pem = pair.privateKey.export({ type: 'pkcs8', format: 'pem', ...protection }) as string
  return { ...holdKey(pair.privateKey, pair.publicKey), secret: { pem } }
}

function makeTokenKey({ token }: KeySecrets, label: string): NewKey {
  if (!token) throw new PactError('BAD_KEY', '--pkcs11 memerlukan PAKTA_PKCS11_MODULE dan PAKTA_PKCS11_PIN')
  return { ...token.generate(label), secret: { label } }
}

// The key first: without its certificate nothing acts, and the next try writes it anew.
function keepPair(folder: string, name: string, made: { key: NewKey; certificate: Uint8Array }): void {
  const { secret } = made.key
  if ('pem' in secret) writeFileSync(join(folder, `${name}.key`), secret.pem, { mode: 0o600 })
  else writeFileSync(join(folder, tokenFile(name)), `${secret.label}\n`, { mode: 0o600 })
  writeFileSync(join(folder, `${name}.crt`), formatCertificatePem(made.certificate), {
    flag: 'wx',
    mode: 0o644,
  })
}

const issueUnder = async (
  issuer: Signer,
  to: {
    profile: Exclude<ProfileName, 'root'>
    key: SigningKey
    issuerName: string // of its files and addresses
    baseUrl: string
    subject: { commonName: string; organization: string }
  },
  { now, random }: Care,
) =>
  issueCertificate({
    ...{ issuer, now, profile: to.profile, publicKey: to.key.publicKey, subject: to.subject },
    addresses: addressesUnder(to.baseUrl, to.issuerName),
    serial: random(SERIAL_BYTES),
  })

/** The names in the certificates of one institution. */
const subjectsOf = (institution: string, isDemo: boolean) => {
  const prefix = isDemo ? 'CONTOH ' : ''
  const organization = `${prefix}${institution}`
  return (title: string) => ({
    commonName: title === '' ? organization : `${prefix}${title} ${institution}`,
    organization,
  })
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
  const { institution, baseUrl, now, random, passphrase, demo } = options
  const files = [
    ...pairNames.flatMap((name) => [`${name}.crt`, `${name}.key`]),
    ...rootNames.map((name) => `${name}.crl`),
    ...[LINK_KEY, ADDRESS],
  ]
  const present = files.filter((file) => existsSync(join(folder, file)))
  if (present.length > 0)
    throw new PactError(
      'BAD_KEY',
      `Folder ${folder} sudah berisi ${present.join(', ')}: kunci tidak pernah ditimpa`,
    )
  const care = { now, random, secrets: { passphrase } }
  const subjectOf = subjectsOf(institution, demo)
  const made = new Map<string, { key: NewKey; certificate: Uint8Array }>()
  const lists = new Map<string, Uint8Array>()
  const keep = (name: string, key: NewKey, certificate: Uint8Array): Signer => {
    made.set(name, { key, certificate })
    return { algorithm: key.algorithm, sign: key.sign, certificate, chain: [] }
  }
  const issue = async (
    name: string,
    issuer: Signer,
    of: { profile: Exclude<ProfileName, 'root'>; issuerName: string; title: string },
  ) => {
    const key = makeKey(care.secrets)
    const { profile, issuerName } = of
    const to = { profile, key, issuerName, baseUrl, subject: subjectOf(of.title) }
    return keep(name, key, await issueUnder(issuer, to, care))
  }
  for (const { root, authority, responder, title } of Object.values(families)) {
    const key = makeKey(care.secrets)
    const certificate = await issueRoot({
      ...{ key, now, subject: subjectOf(`Akar ${title}`), serial: random(SERIAL_BYTES) },
    })
    const rootSigner = keep(root, key, certificate)
    lists.set(root, await issueRootList(rootSigner, { number: 1, revoked: [], now }))
    const issuer = await issue(authority, rootSigner, {
      ...{ profile: 'authority', issuerName: root, title: `Penerbit ${title}` },
    })
    await issue(responder, issuer, { profile: 'responder', issuerName: authority, title: `OCSP ${title}` })
    if (root !== families.seal.root) continue
    await issue(SEAL, issuer, { profile: 'seal', issuerName: authority, title: '' })
    await issue(STAMPER, issuer, { profile: 'timestamp', issuerName: authority, title: 'Stempel Waktu' })
  }
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const write = (name: string, content: string | Uint8Array, mode: number) =>
    writeFileSync(join(folder, name), content, { flag: 'wx', mode })
  for (const [name, one] of made) keepPair(folder, name, one)
  for (const [name, list] of lists) write(`${name}.crl`, list, 0o644)
  write(ADDRESS, `${baseUrl}\n`, 0o644)
  write(LINK_KEY, `${Buffer.from(random(LINK_KEY_BYTES)).toString('hex')}\n`, 0o600)
  if (!existsSync(join(folder, 'README')))
    write('README', folderReadme(subjectOf('').organization, demo), 0o644)
}

const issueRootList = (
  issuer: Signer,
  of: { number: number; revoked: ReturnType<typeof readRevocations>; now: Date },
) =>
  issueCrl({
    ...{ issuer, number: of.number, revoked: of.revoked, thisUpdate: of.now },
    nextUpdate: new Date(of.now.getTime() + ROOT_LIST_DAYS * DAY_MS),
  })

/** What stands in a key folder: certificates and lists, with how long each lasts; nothing secret is opened. */
export function listKeys(folder: string): { name: string; subject: string; until: Date; sha256: string }[] {
  const revoked = readRevocations(folder)
  return readdirSync(folder)
    .sort()
    .flatMap((file) => {
      const name = file.replace(/\.(crt|crl)$/, '')
      if (file.endsWith('.crt')) {
        const { commonName = '', notAfter, der } = readCertificateFile(folder, name)
        const taken = revoked.find((one) => one.name === name)
        const subject = taken
          ? `${commonName} (DICABUT ${taken.at.toISOString()} ${taken.reason})`
          : commonName
        return [{ name: file, subject, until: notAfter, sha256: fingerprint(der) }]
      }
      if (!file.endsWith('.crl')) return []
      const list = readList(folder, name)
      const { nextUpdate, revoked: listed } = parseCrl(list)
      return [
        { name: file, subject: `${listed.length} dicabut`, until: nextUpdate, sha256: fingerprint(list) },
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
  { now, secrets }: { now: Date; secrets: KeySecrets },
): Promise<void> {
  requireRootKeys(folder, rootNames)
  for (const name of rootNames) await renewList(folder, name, { now, secrets })
}

function requireRootKeys(folder: string, names: readonly string[]): void {
  const missing = names.map((name) => `${name}.key`).filter((file) => !existsSync(join(folder, file)))
  if (missing.length > 0)
    throw new PactError(
      'BAD_KEY',
      `${missing.join(', ')} tidak ada di ${folder}: kembalikan dari penyimpanan luring, jalankan lagi, lalu pindahkan kembali`,
    )
}

async function renewList(
  folder: string,
  root: string,
  { now, secrets }: { now: Date; secrets: KeySecrets },
): Promise<void> {
  const issuer = openSigner(folder, root, secrets)
  const { authority } = Object.values(families).find((one) => one.root === root)!
  const isUnder = (name: string) => generationsOf(folder, authority).includes(name)
  const revoked = readRevocations(folder).filter(({ name }) => isUnder(name))
  const number = Math.floor(now.getTime() / 1000)
  replaceFile(folder, `${root}.crl`, await issueRootList(issuer, { number, revoked, now }))
}

/** What can be rolled over, and what each is. */
const rolled: Record<string, { family: FamilyName; profile: Exclude<ProfileName, 'root'>; title: string }> = {
  [SEAL]: { family: 'seal', profile: 'seal', title: '' },
  [STAMPER]: { family: 'seal', profile: 'timestamp', title: 'Stempel Waktu' },
  ...Object.fromEntries(
    (Object.keys(families) as FamilyName[]).flatMap((family) => {
      const { authority, responder, title } = families[family]
      return [
        [authority, { family, profile: 'authority' as const, title: `Penerbit ${title}` }],
        [responder, { family, profile: 'responder' as const, title: `OCSP ${title}` }],
      ]
    }),
  ),
}

/**
 * A new key with a new certificate under the same name, which acts from the next start on. The certificate before it
 * stays good and is answered for until it ends: that is the overlap. The key before it is destroyed, except an
 * authority's and its responder's, which go on listing and answering. An authority brings its own responder.
 *
 * A crash leaves a key without a certificate, which nothing reads, or the new pair beside the old key; running again
 * makes another generation.
 *
 * @param inToken the key is made in the PKCS #11 token and never leaves it
 * @returns the names made
 * @throws BAD_KEY, saying what to do next; HSM_UNAVAILABLE
 */
export async function rotateKey(
  folder: string,
  what: { name: string; inToken?: boolean },
  care: Care,
): Promise<string[]> {
  const of = rolled[what.name]
  if (!of)
    throw new PactError(
      'BAD_KEY',
      `"${what.name}" tidak dapat diganti; pilih ${Object.keys(rolled).join(', ')}`,
    )
  if (!existsSync(join(folder, LINK_KEY)))
    throw new PactError('BAD_KEY', `Tidak ada kunci di ${folder}: ${INIT}`)
  const family = families[of.family]
  const before = newestOf(folder, what.name)
  const generation = generationsOf(folder, what.name).length + 1
  const name = nameOf(what.name, generation)
  const isAuthority = of.profile === 'authority'
  const issuerName = isAuthority ? family.root : newestOf(folder, family.authority)
  if (isAuthority) requireRootKeys(folder, [family.root])
  const issuer = openSigner(folder, issuerName, care.secrets)
  const { organization = '' } = readCertificateFile(folder, family.root)
  const isDemo = organization.startsWith('CONTOH ')
  const subjectOf = subjectsOf(organization.replace(/^CONTOH /, ''), isDemo)
  // Authorities are told apart by their names.
  const subject = subjectOf(isAuthority ? `${of.title} ${generation}` : of.title)
  const key = what.inToken
    ? makeTokenKey(care.secrets, `${name}-${care.now.toISOString().slice(0, 10)}`)
    : makeKey(care.secrets)
  const to = { profile: of.profile, key, issuerName, subject, baseUrl: readBaseUrl(folder) }
  const certificate = await issueUnder(issuer, to, care)
  keepPair(folder, name, { key, certificate })
  if (isAuthority) return [name, ...(await rotateKey(folder, { name: family.responder }, care))]
  if (of.profile !== 'responder')
    for (const file of [`${before}.key`, tokenFile(before)]) rmSync(join(folder, file), { force: true })
  return [name]
}

/**
 * Takes a certificate of the folder back, for ever. A seal or a timestamp authority is answered for as revoked from
 * the next start on; an issuing authority also stands on its root's list, whose key must be there.
 *
 * A crash between the two leaves the revocation written and the list old; `renewLists` makes it.
 *
 * @param at since when it must not be trusted any more
 * @throws BAD_KEY when there is no such certificate, or it is one that cannot be taken back
 */
export async function revokeKey(
  folder: string,
  what: { name: string; reason: RevocationReason; at: Date },
  care: Care,
): Promise<void> {
  const { name, reason, at } = what
  const names = Object.keys(rolled).flatMap((one) => generationsOf(folder, one))
  if (!names.includes(name))
    throw new PactError('BAD_KEY', `"${name}" tidak ada di ${folder}; yang ada: ${names.join(', ')}`)
  const family = Object.values(families).find(({ authority }) =>
    generationsOf(folder, authority).includes(name),
  )
  if (name.startsWith('ocsp-'))
    throw new PactError(
      'BAD_KEY',
      `${name} tidak dapat dicabut (ocsp-nocheck): cabut penerbitnya, atau ganti dengan "keys rotate"`,
    )
  if (at > care.now) throw new PactError('BAD_KEY', `${at.toISOString()} di masa depan`)
  const revoked = readRevocations(folder)
  if (revoked.some((one) => one.name === name)) throw new PactError('BAD_KEY', `${name} sudah dicabut`)
  if (family) requireRootKeys(folder, [family.root])
  const { serial } = readCertificateFile(folder, name)
  writeRevocations(folder, [...revoked, { name, serial, at, reason }])
  if (family) await renewList(folder, family.root, care)
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

import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { PactError } from '../domain/errors.js'
import { issueCertificate, issueRoot, SERIAL_BYTES } from '../evidence/authority.js'
import {
  checkChain,
  formatCertificatePem,
  holdKey,
  isAlive,
  parseCertificatesPem,
  readCertificate,
  type Certificate,
  type Signer,
} from '../evidence/certificate.js'
import { readPkcs12 } from '../evidence/pkcs12.js'

/** Bytes of the key that personal links are derived from. */
export const LINK_KEY_BYTES = 32

const SIGNER_ROOT = 'akar-penanda-tangan'
const SEAL_ROOT = 'akar-segel'
const SEAL = 'segel'
const LINK_KEY = 'tautan.key'
const files = [...[SIGNER_ROOT, SEAL_ROOT, SEAL].flatMap((name) => [`${name}.crt`, `${name}.key`]), LINK_KEY]

// Stands in the name of everything that is made for a demonstration.
const EXAMPLE = /\bCONTOH\b/
const INIT = 'jalankan "npx pakta keys init"'

/** The keys of a running service. Private keys are reachable as signers only. */
export interface Keys {
  linkKey: Uint8Array // 32 bytes
  sealSigner: Signer
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
 * Makes the key folder: two roots, the seal's key and certificate, and the key of the personal links.
 *
 * A crash in the middle leaves a folder that neither this nor `openKeys` accepts; nothing has been signed with
 * it, so it is emptied by hand and made again.
 *
 * @param institution stands in the certificates' names, "Pemerintah Kota Kendari"
 * @param random cryptographic randomness, that many bytes
 * @param passphrase encrypts the private keys (PKCS #8, PBES2, AES-256); without it the file mode is all
 * @param demo the names begin with CONTOH, and only a demonstration accepts them
 * @throws BAD_KEY when the folder holds any of the files already: keys are never overwritten
 */
export async function initKeys(
  folder: string,
  options: {
    institution: string
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
  const institution = demo ? `CONTOH ${options.institution}` : options.institution
  const rootNames = demo
    ? {
        signer: `CONTOH Akar Penanda Tangan ${options.institution}`,
        seal: `CONTOH Akar Segel ${options.institution}`,
      }
    : { signer: `Akar Penanda Tangan ${institution}`, seal: `Akar Segel ${institution}` }
  const root = async (commonName: string) => {
    const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const key = holdKey(pair.privateKey, pair.publicKey)
    const subject = { commonName, organization: institution }
    const certificate = await issueRoot({ key, subject, serial: random(SERIAL_BYTES), now })
    return { pair, signer: { ...key, certificate, chain: [] } }
  }
  const signerRoot = await root(rootNames.signer)
  const sealRoot = await root(rootNames.seal)
  const seal = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const sealCertificate = await issueCertificate({
    profile: 'seal',
    issuer: sealRoot.signer,
    publicKey: seal.publicKey,
    subject: { commonName: institution, organization: institution },
    serial: random(SERIAL_BYTES),
    now,
  })
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const write = (name: string, text: string, mode: number) =>
    writeFileSync(join(folder, name), text, { flag: 'wx', mode })
  const writePair = (name: string, privateKey: KeyObject, certificate: Uint8Array) => {
    const protection = passphrase === undefined ? {} : { cipher: 'aes-256-cbc', passphrase }
    write(`${name}.key`, privateKey.export({ type: 'pkcs8', format: 'pem', ...protection }) as string, 0o600)
    write(`${name}.crt`, formatCertificatePem(certificate), 0o644)
  }
  writePair(SIGNER_ROOT, signerRoot.pair.privateKey, signerRoot.signer.certificate)
  writePair(SEAL_ROOT, sealRoot.pair.privateKey, sealRoot.signer.certificate)
  writePair(SEAL, seal.privateKey, sealCertificate)
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
  const missing = wanted.filter((file) => !existsSync(join(folder, file)))
  if (missing.length === wanted.length)
    throw new PactError('BAD_KEY', `Tidak ada kunci di ${folder}: ${INIT}`)
  if (missing.length > 0)
    throw new PactError(
      'BAD_KEY',
      `Folder kunci ${folder} tidak lengkap, tanpa ${missing.join(', ')}: pulihkan dari cadangan, atau ${INIT} pada folder baru`,
    )
  const signerRoot = openSigner(folder, SIGNER_ROOT, passphrase)
  const sealRoot = readCertificateFile(folder, `${SEAL_ROOT}.crt`)
  const own = sealPkcs12 && readPkcs12(sealPkcs12.bytes, sealPkcs12.passphrase)
  const sealSigner = own?.signer ?? { ...openSigner(folder, SEAL, passphrase), chain: [sealRoot.der] }
  const sealRoots = [sealRoot.der, ...(own ? [own.anchor] : [])]
  checkSeal(sealSigner, sealRoots, { demo, now })
  const roots = { signer: [signerRoot.certificate], seal: sealRoots }
  return {
    linkKey: readLinkKey(folder),
    sealSigner,
    roots,
    rootsPem: {
      signer: roots.signer.map(formatCertificatePem).join(''),
      seal: roots.seal.map(formatCertificatePem).join(''),
    },
    sealName: readCertificate(sealSigner.certificate).commonName ?? '',
    issuePartySigner: (party) => issueOneTimeSigner(signerRoot, party),
  }
}

async function issueOneTimeSigner(
  issuer: Signer,
  { name, identityNumber, organization, now, random }: PartyToCertify,
): Promise<Signer> {
  const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const certificate = await issueCertificate({
    profile: 'party',
    issuer,
    publicKey: pair.publicKey,
    subject: { commonName: name, organization, ...(identityNumber && { serialNumber: identityNumber }) },
    serial: random(SERIAL_BYTES),
    now,
  })
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
akar-penanda-tangan.key   menerbitkan sertifikat bagi setiap penanda tangan. RAHASIA: pemegangnya
                          dapat membuat sertifikat atas nama siapa pun.
akar-segel.key            menerbitkan sertifikat segel; tidak diperlukan sehari-hari. RAHASIA.
segel.key                 segel elektronik lembaga pada setiap pakta. RAHASIA.
tautan.key                asal semua tautan pribadi. RAHASIA: pemegangnya dapat membuka setiap undangan.
*.crt                     sertifikat: boleh dan perlu diumumkan, agar siapa pun dapat memeriksa pakta.

Simpan cadangan folder ini di luar jaringan, bersama frasa sandinya di tempat lain. Tanpa kunci akar,
pakta yang sudah disegel tetap dapat diperiksa dengan *.crt, tetapi pakta baru memerlukan akar baru.
Jangan menyalin folder ini ke surel, obrolan, atau gudang kode.
`
}

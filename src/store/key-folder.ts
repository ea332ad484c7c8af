import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { PactError } from '../domain/errors.js'
import type { Addresses } from '../evidence/authority.js'
import {
  type Certificate,
  holdKey,
  parseCertificatesPem,
  readCertificate,
  type Signer,
  type SigningKey,
} from '../evidence/certificate.js'
import { parseCrl, type RevocationReason, revocationReasons, type Revoked } from '../evidence/revocation.js'

// What stands in a key folder, and how one file of it is read. A name is followed by the number of its generation
// from the second on: segel, segel-2, segel-3. The newest acts; the certificates before it are kept, because files
// carry them.

export const SIGNER_ROOT = 'akar-penanda-tangan'
export const SEAL_ROOT = 'akar-segel'
export const SEAL = 'segel'
export const STAMPER = 'stempel-waktu'
export const LINK_KEY = 'tautan.key'
/** Bytes of the key that personal links are derived from. */
export const LINK_KEY_BYTES = 32
export const ADDRESS = 'alamat.txt'
const REVOCATIONS = 'dicabut.txt'
export const rootNames = [SIGNER_ROOT, SEAL_ROOT]

/** The two families: whom a root stands for, and what is called how under it. */
export const families = {
  signer: {
    root: SIGNER_ROOT,
    authority: 'penerbit-penanda-tangan',
    responder: 'ocsp-penanda-tangan',
    title: 'Penanda Tangan',
  },
  seal: { root: SEAL_ROOT, authority: 'penerbit-segel', responder: 'ocsp-segel', title: 'Segel' },
} as const
export type FamilyName = keyof typeof families

/** How long a root's list of revoked authorities is good for, days; a new one is made well before. */
export const ROOT_LIST_DAYS = 365
export const INIT = 'jalankan "npx pakta keys init"'

/** Every name that a new folder holds a key and a certificate of. */
export const pairNames: readonly string[] = [
  ...rootNames,
  ...Object.values(families).map(({ authority }) => authority),
  ...Object.values(families).map(({ responder }) => responder),
  SEAL,
  STAMPER,
]

/** What opens private keys: a passphrase for files, and the token (PKCS #11) that some of them live in. */
export interface KeySecrets {
  passphrase?: string | undefined
  token?: KeyToken | undefined
}

/** A hardware token that keeps keys. */
export interface KeyToken {
  /** The key with this label. @throws HSM_UNAVAILABLE, saying what to do */
  open(label: string): SigningKey
  /** Makes a P-256 pair that never leaves the token. @throws HSM_UNAVAILABLE; BAD_KEY when the label is taken */
  generate(label: string): SigningKey
}

/** The names of a kind in the folder, oldest first: `segel`, `segel-2`. */
export function generationsOf(folder: string, name: string): string[] {
  const numberOf = (file: string) => {
    const found = new RegExp(`^${name}(?:-([2-9]|[1-9]\\d{1,3}))?\\.crt$`).exec(file)
    return found && Number(found[1] ?? 1)
  }
  return readdirSync(folder)
    .flatMap((file) => numberOf(file) ?? [])
    .sort((a, b) => a - b)
    .map((generation) => nameOf(name, generation))
}

export const nameOf = (name: string, generation: number) =>
  generation === 1 ? name : `${name}-${generation}`

/** The generation that acts. */
export const newestOf = (folder: string, name: string) => generationsOf(folder, name).at(-1)!

export function readCertificateFile(folder: string, name: string): Certificate {
  try {
    return readCertificate(parseCertificatesPem(readFileSync(join(folder, `${name}.crt`), 'latin1'))[0]!)
  } catch (cause) {
    throw new PactError('BAD_KEY', `${join(folder, name)}.crt: ${(cause as Error).message}`, { cause })
  }
}

/**
 * A certificate with its key: a file, or a label in a token (`segel-2.pkcs11` holds the label instead of the key).
 *
 * @throws BAD_KEY, saying what to do next; HSM_UNAVAILABLE
 */
export function openSigner(folder: string, name: string, secrets: KeySecrets): Signer {
  const certificate = readCertificateFile(folder, name)
  const key = openKey(folder, name, secrets)
  const info = key.publicKey.export({ type: 'spki', format: 'der' })
  if (!info.equals(certificate.publicKey.export({ type: 'spki', format: 'der' })))
    throw new PactError(
      'BAD_KEY',
      `${name}.key bukan kunci dari ${name}.crt: pulihkan keduanya dari satu cadangan`,
    )
  return { algorithm: key.algorithm, sign: key.sign, certificate: certificate.der, chain: [] }
}

export const tokenFile = (name: string) => `${name}.pkcs11`

function openKey(folder: string, name: string, { passphrase, token }: KeySecrets): SigningKey {
  const inToken = join(folder, tokenFile(name))
  if (existsSync(inToken)) {
    if (!token)
      throw new PactError(
        'BAD_KEY',
        `Kunci ${name} ada di token PKCS#11: isi PAKTA_PKCS11_MODULE dan PAKTA_PKCS11_PIN`,
      )
    return token.open(readFileSync(inToken, 'utf8').trim())
  }
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
  return holdKey(privateKey, createPublicKey(privateKey))
}

export function readList(folder: string, name: string): Uint8Array {
  try {
    const der = new Uint8Array(readFileSync(join(folder, `${name}.crl`)))
    parseCrl(der)
    return der
  } catch (cause) {
    throw new PactError('BAD_KEY', `${name}.crl tidak dapat dibaca: pulihkan dari cadangan`, { cause })
  }
}

/** A certificate of the folder that was taken back, and which. */
export interface RevokedPair extends Revoked {
  name: string
}

/** What was taken back so far, oldest first; one line each: name, serial number (the INTEGER, DER, hex), when, why. */
export function readRevocations(folder: string): RevokedPair[] {
  const path = join(folder, REVOCATIONS)
  if (!existsSync(path)) return []
  return readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line, index) => {
      const [name = '', serial = '', at = '', reason = ''] = line.split(' ')
      const time = new Date(at)
      const isGood =
        /^02[0-9a-f]+$/.test(serial) &&
        !Number.isNaN(time.getTime()) &&
        Object.hasOwn(revocationReasons, reason)
      if (!isGood)
        throw new PactError(
          'BAD_KEY',
          `${REVOCATIONS} baris ${index + 1} tidak terbaca: pulihkan dari cadangan`,
        )
      return { name, serial: Buffer.from(serial, 'hex'), at: time, reason: reason as RevocationReason }
    })
}

export function writeRevocations(folder: string, revoked: readonly RevokedPair[]): void {
  const lines = revoked.map(
    ({ name, serial, at, reason }) =>
      `${name} ${Buffer.from(serial).toString('hex')} ${at.toISOString()} ${reason}\n`,
  )
  replaceFile(folder, REVOCATIONS, lines.join(''))
}

/** Whole or not at all: a crash leaves the file before. */
export function replaceFile(folder: string, file: string, content: string | Uint8Array): void {
  const path = join(folder, file)
  writeFileSync(`${path}.baru`, content, { mode: 0o644 })
  renameSync(`${path}.baru`, path)
}

/**
 * Where the world finds certificates, lists and answers. They stand inside every certificate, for ever: whoever
 * keeps the archive keeps these addresses.
 */
const pkiPath = (name: string, kind: 'crt' | 'crl') => `/pki/${name}.${kind}`
const ocspPath = (name: string) => `/ocsp/${name}`

/** The addresses in what an authority issues. */
export const addressesUnder = (baseUrl: string, name: string): Addresses => ({
  certificate: baseUrl + pkiPath(name, 'crt'),
  crl: baseUrl + pkiPath(name, 'crl'),
  ...(!rootNames.includes(name) && { ocsp: baseUrl + ocspPath(name) }),
})

export const readBaseUrl = (folder: string) => readFileSync(join(folder, ADDRESS), 'utf8').trim()

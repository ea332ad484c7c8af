// A person's own certificate and key, out of a PKCS #12 file that this page reads and never sends. @see RFC 7292
import { type OwnCertificate, read, readCertificate, Refusal, type Value, verifyWith } from './own-key.js'

const refuse = (why: string): never => {
  throw new Refusal(why)
}
const hex = (bytes: Uint8Array) => [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('')

const OID = {
  data: '06092a864886f70d010701',
  encryptedData: '06092a864886f70d010706',
  keyBag: '060b2a864886f70d010c0a0101',
  shroudedKeyBag: '060b2a864886f70d010c0a0102',
  certBag: '060b2a864886f70d010c0a0103',
  pbes2: '06092a864886f70d01050d',
}
// Key length in bytes. AES-CBC with 128, 192 and 256 bits. @see RFC 8018 appendix B.2
const aes: Record<string, number> = {
  '0609608648016503040102': 16,
  '0609608648016503040116': 24,
  '060960864801650304012a': 32,
}
const prfs: Record<string, string> = {
  '06082a864886f70d0207': 'SHA-1',
  '06082a864886f70d0209': 'SHA-256',
  '06082a864886f70d020b': 'SHA-512',
}
const ROUNDS_MAX = 2_000_000

const inside = (value: Value | undefined) => read(value?.content ?? refuse('berkas .p12 tidak terbaca'))
const idOf = (value: Value | undefined) => (value ? hex(value.whole) : '')

/**
 * Key and certificates of a PKCS #12 file. Its own integrity check is left out: what is decrypted must be a key and the
 * certificate that fits it, which a test signature shows.
 *
 * @throws Refusal when the passphrase is wrong, the encryption is older than PBES2, or no key fits a certificate
 */
export async function openPkcs12(bytes: Uint8Array, passphrase: string): Promise<OwnCertificate> {
  const [, contentInfo] = inside(read(bytes)[0])
  const safes = inside(read(unwrap(inside(contentInfo)[1]))[0])
  const bags: Value[] = []
  for (const safe of safes) {
    const [type, content] = inside(safe)
    if (idOf(type) === OID.data) bags.push(...inside(read(unwrap(content))[0]))
    else if (idOf(type) === OID.encryptedData) {
      const [, algorithm, encrypted] = inside(inside(inside(content)[0])[1])
      bags.push(...inside(read(await decrypt(algorithm, encrypted!.content, passphrase))[0]))
    }
  }
  const keys: Uint8Array[] = []
  const certificates: Uint8Array[] = []
  for (const bag of bags) {
    const [type, wrapped] = inside(bag)
    if (idOf(type) === OID.keyBag) keys.push(wrapped!.content)
    else if (idOf(type) === OID.shroudedKeyBag) {
      const [algorithm, encrypted] = inside(inside(wrapped)[0])
      keys.push(await decrypt(algorithm, encrypted!.content, passphrase))
    } else if (idOf(type) === OID.certBag) certificates.push(unwrap(inside(inside(wrapped)[0])[1]))
  }
  if (keys.length !== 1) refuse(`berkas .p12 memuat ${keys.length} kunci, harus satu`)
  for (const certificate of certificates) {
    const privateKey = await importKey(keys[0]!, certificate)
    if (!privateKey) continue
    const { publicKeyInfo } = readCertificate(certificate)
    const chain = orderChain(certificate, certificates)
    const own = { privateKey, certificate, chain, publicKeyInfo }
    if (await verifyWith(own)) return own
  }
  return refuse('tidak ada sertifikat yang cocok dengan kunci di dalam berkas .p12')
}

// [0] EXPLICIT OCTET STRING
const unwrap = (value: Value | undefined) => inside(value)[0]?.content ?? refuse('berkas .p12 tidak terbaca')

/** PBES2 with PBKDF2 and AES-CBC. @see RFC 8018 section 6.2 */
async function decrypt(
  algorithm: Value | undefined,
  encrypted: Uint8Array,
  passphrase: string,
): Promise<Uint8Array> {
  const [type, parameters] = inside(algorithm)
  if (idOf(type) !== OID.pbes2) refuse('berkas .p12 memakai sandi cara lama; ekspor ulang dengan AES-256')
  const [derivation, scheme] = inside(parameters)
  const [salt, rounds, ...rest] = inside(inside(derivation)[1])
  const prf = rest.find(({ tag }) => tag === 0x30)
  const hash = prf ? prfs[idOf(inside(prf)[0])] : 'SHA-1'
  const [cipher, iv] = inside(scheme)
  const keyBytes = aes[idOf(cipher)]
  const iterations = parseInt(hex(rounds!.content), 16)
  if (!hash || !keyBytes || !(iterations <= ROUNDS_MAX))
    return refuse('berkas .p12 memakai sandi yang tidak dikenal; ekspor ulang dengan AES-256')
  const material = new TextEncoder().encode(passphrase)
  const base = await crypto.subtle.importKey('raw', material, 'PBKDF2', false, ['deriveKey'])
  const key = await crypto.subtle.deriveKey(
    { name: 'PBKDF2', hash, salt: salt!.content as BufferSource, iterations },
    base,
    { name: 'AES-CBC', length: keyBytes * 8 },
    false,
    ['decrypt'],
  )
  try {
    const at = { name: 'AES-CBC', iv: iv!.content as BufferSource }
    return new Uint8Array(await crypto.subtle.decrypt(at, key, encrypted as BufferSource))
  } catch {
    return refuse('frasa sandi berkas .p12 salah')
  }
}

// As the certificate says: P-256 or RSA. Undefined when the key is another kind than the certificate's.
async function importKey(pkcs8: Uint8Array, certificate: Uint8Array): Promise<CryptoKey | undefined> {
  const { isRsa } = readCertificate(certificate)
  const kind = isRsa ? { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' } : { name: 'ECDSA', namedCurve: 'P-256' }
  return crypto.subtle.importKey('pkcs8', pkcs8 as BufferSource, kind, false, ['sign']).catch(() => undefined)
}

// From the certificate upwards, without the root that everybody has or has not.
function orderChain(leaf: Uint8Array, certificates: readonly Uint8Array[]): Uint8Array[] {
  const chain: Uint8Array[] = []
  let { issuerName } = readCertificate(leaf)
  for (let left = certificates.length; left > 0; left--) {
    const next = certificates.find((one) => hex(readCertificate(one).subjectName) === hex(issuerName))
    if (!next || hex(readCertificate(next).issuerName) === hex(issuerName)) return chain
    chain.push(next)
    ;({ issuerName } = readCertificate(next))
  }
  return chain
}

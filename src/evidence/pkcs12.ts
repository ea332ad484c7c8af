import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto'
import forge from 'node-forge'
import { PactError } from '../domain/errors.js'
import {
  checkChain,
  holdKey,
  isIssuer,
  readCertificate,
  type Certificate,
  type Signer,
} from './certificate.js'

/** More than any real key file; forge reads the whole of it at once. */
export const PKCS12_BYTES_MAX = 262_144

/**
 * The institution's seal from a PKCS#12 file.
 *
 * Modern files (PBES2 with AES, HMAC-SHA-256) and old ones (3DES, RC2, SHA-1) are both read; the key is EC
 * P-256 or RSA of 2048 bits and more, and goes to node:crypto at once.
 *
 * @param bytes at most 262,144
 * @returns the signer and its anchor: the topmost certificate that the file has on the signer's path
 * @throws BAD_KEY when the passphrase is wrong or the file holds no such key with its certificate
 * @see RFC 7292 section 4
 */
export function readPkcs12(bytes: Uint8Array, passphrase: string): { signer: Signer; anchor: Uint8Array } {
  if (bytes.length > PKCS12_BYTES_MAX)
    throw new PactError('BAD_KEY', `PKCS#12 ${bytes.length} byte, paling banyak ${PKCS12_BYTES_MAX}`)
  const { keys, certificates } = openBags(bytes, passphrase)
  const [privateKey] = keys
  if (keys.length !== 1 || !privateKey)
    throw new PactError('BAD_KEY', `PKCS#12 memuat ${keys.length} kunci, harus tepat 1: ekspor ulang`)
  const publicKey = createPublicKey(privateKey)
  const leaf = certificates.find((one) => one.publicKey.equals(publicKey))
  if (!leaf)
    throw new PactError(
      'BAD_KEY',
      'PKCS#12 tidak memuat sertifikat untuk kuncinya: ekspor ulang bersama sertifikat',
    )
  const path = climb(leaf, certificates)
  return {
    signer: {
      ...holdKey(privateKey, publicKey),
      certificate: leaf.der,
      chain: path.slice(1).map((one) => one.der),
    },
    anchor: path.at(-1)!.der,
  }
}

/** From the signer up, as far as the file goes. */
function climb(leaf: Certificate, certificates: readonly Certificate[]): Certificate[] {
  const path = [leaf]
  for (;;) {
    const current = path.at(-1)!
    const issuer = certificates.find((one) => !path.includes(one) && isIssuer(one, current, path.length))
    if (!issuer) break
    path.push(issuer)
  }
  const found = checkChain({ leaf, chain: path.slice(1), roots: path.slice(-1), purpose: 'seal' })
  if ('why' in found)
    throw new PactError('BAD_KEY', `Sertifikat dalam PKCS#12 tidak dapat menjadi segel: ${found.why}`)
  return path
}

function openBags(bytes: Uint8Array, passphrase: string): { keys: KeyObject[]; certificates: Certificate[] } {
  try {
    const file = forge.pkcs12.pkcs12FromAsn1(
      forge.asn1.fromDer(Buffer.from(bytes).toString('latin1')),
      passphrase,
    )
    const bags = file.safeContents.flatMap((contents) => contents.safeBags)
    const der = (value: forge.asn1.Asn1) =>
      new Uint8Array(Buffer.from(forge.asn1.toDer(value).getBytes(), 'latin1'))
    const keyTypes: string[] = [forge.pki.oids['keyBag']!, forge.pki.oids['pkcs8ShroudedKeyBag']!]
    const keys = bags
      .filter((bag) => keyTypes.includes(bag.type))
      // forge understands RSA keys and leaves others as it found them
      .map((bag) => (bag.key ? forge.pki.wrapRsaPrivateKey(forge.pki.privateKeyToAsn1(bag.key)) : bag.asn1))
      .map((key) => createPrivateKey({ key: Buffer.from(der(key)), format: 'der', type: 'pkcs8' }))
    const certificates = bags
      .filter((bag) => bag.type === forge.pki.oids['certBag'])
      .map((bag) => readCertificate(der(bag.cert ? forge.pki.certificateToAsn1(bag.cert) : bag.asn1)))
    return { keys, certificates }
  } catch (cause) {
    if (cause instanceof PactError)
      throw new PactError('BAD_KEY', `PKCS#12 memuat sertifikat yang tidak dapat dipakai: ${cause.message}`, {
        cause,
      })
    throw new PactError('BAD_KEY', 'PKCS#12 tidak dapat dibuka: periksa berkas dan frasa sandinya', { cause })
  }
}

// The signer's own key: made here, used once, never given away. Everything that is signed is checked here first,
// against what this device downloaded and showed; the service verifies again before it accepts.
// Runs in a phone's browser and, for its tests, in Node: WebCrypto is all it needs.

/** What the service offers to sign (`flow/sign.ts` SigningOffer). */
export interface Offer {
  base: Uint8Array
  before: Uint8Array
  after: Uint8Array
  placeholderBytes: number
  certificate: Uint8Array
  issuer: Uint8Array
}

/** What the page told its reader, and what the offer must keep to. */
export interface Agreed {
  slot: string // the signature field
  name: string // with titles
  reason: string
  number: string // NIP, or "" where a certificate cannot carry it as it is
  issuerSha256: string // hex, of the authority's certificate
  now: Date // of this device
  words?: readonly string[] | undefined // what a row's statement must say, as the page showed it; undefined: a file
}

/** Why this device does not sign. */
export class Refusal extends Error {}
const refuse = (why: string): never => {
  throw new Refusal(why)
}

const ECDSA = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const
const RSA = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' } as const
const SKEW_MS = 600_000
const LIFETIME_MS = 86_460_000 // a day, and the minute before
const COORDINATE_BYTES = 32

const sha256 = async (bytes: Uint8Array) =>
  new Uint8Array(await crypto.subtle.digest('SHA-256', bytes as BufferSource))
const hex = (bytes: Uint8Array) => [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('')
const same = (left: Uint8Array, right: Uint8Array) => hex(left) === hex(right)
const ascii = (text: string) => Uint8Array.from(text, (char) => char.charCodeAt(0))
const latin1 = (bytes: Uint8Array) => {
  let text = ''
  for (let at = 0; at < bytes.length; at += 8192)
    text += String.fromCharCode(...bytes.subarray(at, at + 8192))
  return text
}
export function join(...parts: Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

/** A person's own certificate and key, in this page's memory (`pkcs12.ts`). */
export interface OwnCertificate {
  privateKey: CryptoKey
  publicKeyInfo: Uint8Array
  certificate: Uint8Array // DER
  chain: Uint8Array[] // its issuers, DER, without the root
}

/** What signs here: a key that this device made, or a person's own. */
export type SigningKey = CryptoKeyPair | OwnCertificate

/** A key pair whose private half cannot be read by anybody, not even by this page. */
export const makeKey = () =>
  crypto.subtle.generateKey(ECDSA, false, ['sign', 'verify']) as Promise<CryptoKeyPair>

export async function publicKeyInfo(key: SigningKey): Promise<Uint8Array> {
  if ('certificate' in key) return key.publicKeyInfo
  return new Uint8Array(await crypto.subtle.exportKey('spki', key.publicKey))
}

/** Shows that the key is this device's, for this link and these words (`flow/sign.ts` proofOf). */
export async function prove(key: SigningKey, of: { token: string; textSha256: string }): Promise<Uint8Array> {
  const purpose = new TextEncoder().encode(`pakta/kunci/v1\n${of.token}\n${of.textSha256}\n`)
  return signWith(key, join(purpose, await publicKeyInfo(key)))
}

/**
 * Checks the offer and signs it.
 *
 * @returns ECDSA over the signed attributes, DER, and what the signer may keep of it
 * @throws Refusal naming what does not fit; nothing has been signed then
 */
export async function signOffer(
  key: SigningKey,
  offer: Offer,
  agreed: Agreed,
): Promise<{ signature: Uint8Array; documentSha256: string; certificateSha256: string }> {
  const { issuerName, serial, subject } = await checkCertificate(key, offer, agreed)
  // A person's own certificate may write the name otherwise; the signature then states that one.
  const name = 'certificate' in key ? (subject.get(OID.commonName) ?? '') : agreed.name
  if (agreed.words) checkStatement(offer, agreed, agreed.words)
  else checkRevision(offer, { ...agreed, name })
  const digest = await sha256(join(offer.base, offer.before, offer.after))
  const certificateHash = await sha256(offer.certificate)
  return {
    signature: await signWith(key, encodeAttributes({ digest, certificateHash, issuerName, serial })),
    documentSha256: hex(await sha256(offer.base)),
    certificateSha256: hex(certificateHash),
  }
}

async function signWith({ privateKey }: SigningKey, bytes: Uint8Array): Promise<Uint8Array> {
  const isRsa = privateKey.algorithm.name === RSA.name
  const made = await crypto.subtle.sign(isRsa ? RSA : ECDSA, privateKey, bytes as BufferSource)
  return isRsa ? new Uint8Array(made) : encodeSignature(new Uint8Array(made))
}

/** Do key and certificate belong together? */
export async function verifyWith(own: OwnCertificate): Promise<boolean> {
  const isRsa = own.privateKey.algorithm.name === RSA.name
  const kind = isRsa ? RSA : ECDSA
  const bytes = crypto.getRandomValues(new Uint8Array(32))
  const info = own.publicKeyInfo as BufferSource
  const publicKey = await crypto.subtle.importKey('spki', info, kind, false, ['verify'])
  return crypto.subtle.verify(kind, publicKey, await crypto.subtle.sign(kind, own.privateKey, bytes), bytes)
}

/** WebCrypto's r and s, one behind the other, as SEQUENCE of two minimal INTEGERs. @see RFC 3279 section 2.2.3 */
export function encodeSignature(raw: Uint8Array): Uint8Array {
  const integer = (bytes: Uint8Array) => {
    let start = 0
    while (start < bytes.length - 1 && bytes[start] === 0) start++
    const minimal = bytes.subarray(start)
    return der(2, minimal[0]! > 127 ? join(Uint8Array.of(0), minimal) : minimal)
  }
  return der(0x30, integer(raw.subarray(0, COORDINATE_BYTES)), integer(raw.subarray(COORDINATE_BYTES)))
}

// --- DER ---

function der(tag: number, ...parts: Uint8Array[]): Uint8Array {
  const content = join(...parts)
  const { length } = content
  const head = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255]
  return join(Uint8Array.of(tag, ...head), content)
}

export interface Value {
  tag: number
  content: Uint8Array
  whole: Uint8Array
}

/** The values that fill `bytes` exactly; lengths of at most two bytes, which is all that a certificate needs. */
export function read(bytes: Uint8Array): Value[] {
  const values: Value[] = []
  for (let at = 0; at < bytes.length;) {
    const first = bytes[at + 1] ?? 255
    const extra = first < 128 ? 0 : first - 128
    if (extra > 2) refuse('sertifikat tidak terbaca')
    const length = extra === 0 ? first : extra === 1 ? bytes[at + 2]! : bytes[at + 2]! * 256 + bytes[at + 3]!
    const from = at + 2 + extra
    if (!(from + length <= bytes.length)) refuse('sertifikat tidak terbaca')
    values.push({
      tag: bytes[at]!,
      content: bytes.subarray(from, from + length),
      whole: bytes.subarray(at, from + length),
    })
    at = from + length
  }
  return values
}

const inside = (value: Value | undefined) => read(value?.content ?? refuse('sertifikat tidak lengkap'))

const OID = {
  commonName: '0603550403',
  serialNumber: '0603550405',
  keyUsage: '0603551d0f',
}

const RSA_ENCRYPTION = '06092a864886f70d010101'

interface Fields {
  tbs: Uint8Array
  signature: Uint8Array // DER
  serial: Uint8Array // the INTEGER
  issuerName: Uint8Array
  subject: Map<string, string>
  subjectName: Uint8Array
  from: Date
  until: Date
  publicKeyInfo: Uint8Array
  isRsa: boolean
  extensions: Map<string, string> // hex of each value
}

export function readCertificate(bytes: Uint8Array): Fields {
  const [tbs, , bits] = inside(read(bytes)[0])
  const [, serial, , issuer, validity, subject, spki, extensions] = inside(tbs)
  const [from, until] = inside(validity)
  const names = inside(subject).flatMap(inside).map(inside)
  return {
    tbs: tbs!.whole,
    signature: bits!.content.subarray(1),
    serial: serial!.whole,
    issuerName: issuer!.whole,
    subjectName: subject!.whole,
    subject: new Map(
      names.map(([type, value]) => [hex(type!.whole), new TextDecoder().decode(value!.content)]),
    ),
    from: readTime(from!),
    until: readTime(until!),
    publicKeyInfo: spki!.whole,
    isRsa: hex(inside(inside(spki)[0])[0]!.whole) === RSA_ENCRYPTION,
    extensions: new Map(
      inside(read(extensions!.content)[0])
        .map(inside)
        .map((parts) => [hex(parts[0]!.whole), hex(parts.at(-1)!.content)]),
    ),
  }
}

function readTime({ tag, content }: Value): Date {
  const text = (tag === 0x17 ? '20' : '') + latin1(content)
  return new Date(text.replace(/^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'))
}

async function checkCertificate(key: SigningKey, offer: Offer, agreed: Agreed): Promise<Fields> {
  const own = readCertificate(offer.certificate)
  if ('certificate' in key) {
    if (!same(offer.certificate, key.certificate)) refuse('sertifikatnya bukan yang Anda pilih')
    return own
  }
  const issuer = readCertificate(offer.issuer)
  if (hex(await sha256(offer.issuer)) !== agreed.issuerSha256)
    refuse('penerbit sertifikatnya bukan yang diumumkan')
  if (!same(own.publicKeyInfo, await publicKeyInfo(key))) refuse('sertifikatnya untuk kunci lain')
  const issuerKey = await crypto.subtle.importKey(
    'spki',
    issuer.publicKeyInfo as BufferSource,
    ECDSA,
    false,
    ['verify'],
  )
  const raw = decodeSignature(own.signature)
  const isIssued = await crypto.subtle.verify(ECDSA, issuerKey, raw as BufferSource, own.tbs as BufferSource)
  if (!isIssued || !same(own.issuerName, issuer.subjectName))
    refuse('sertifikatnya tidak diterbitkan penerbitnya')
  if (own.subject.get(OID.commonName) !== commonName(agreed.name)) refuse('sertifikatnya atas nama lain')
  if (agreed.number && own.subject.get(OID.serialNumber) !== agreed.number)
    refuse('nomor induk pada sertifikatnya lain')
  // nonRepudiation and nothing else
  if (own.extensions.get(OID.keyUsage) !== '03020640') refuse('sertifikatnya bukan untuk menandatangani')
  const now = agreed.now.getTime()
  if (!(own.until.getTime() - own.from.getTime() <= LIFETIME_MS))
    refuse('masa berlaku sertifikatnya terlalu lama')
  if (!(own.from.getTime() <= now + SKEW_MS && now - SKEW_MS <= own.until.getTime()))
    refuse('jam perangkat Anda berbeda lebih dari 10 menit; setel jamnya, lalu coba lagi')
  return own
}

function decodeSignature(bytes: Uint8Array): Uint8Array {
  const raw = new Uint8Array(2 * COORDINATE_BYTES)
  const parts = inside(read(bytes)[0])
  parts.forEach(({ content }, index) => {
    const digits = content.subarray(Math.max(0, content.length - COORDINATE_BYTES))
    raw.set(digits, (index + 1) * COORDINATE_BYTES - digits.length)
  })
  return raw
}

// --- the statement of a collective pact's row (`evidence/statement.ts`) ---

const STATEMENT = 'PERNYATAAN DALAM PAKTA KOLEKTIF\nbentuk: pakta/pernyataan/1\n'
const squeeze = (text: string) => text.replace(/\s+/g, ' ').trim()

/** What is signed is a statement in this name and at this time, with every word that the page showed. */
function checkStatement({ base, before, after }: Offer, agreed: Agreed, shown: readonly string[]): void {
  const text = new TextDecoder().decode(base)
  const end = text.indexOf('\nnaskah:\n')
  const head = text.slice(0, end + 1)
  if (!text.startsWith(STATEMENT) || end < 0 || before.length + after.length > 0)
    refuse('isinya bukan pernyataan')
  if (!head.includes(`\nnama: ${agreed.name}\n`)) refuse('pernyataannya atas nama lain')
  if (agreed.number && !head.includes(`\nnomor: ${agreed.number}\n`))
    refuse('nomor induk pada pernyataannya lain')
  checkClock(new Date(/\nwaktu: (\S+)\n/.exec(head)?.[1] ?? '').getTime(), agreed)
  const words = squeeze(text.slice(end))
  if (shown.length === 0 || !shown.every((piece) => words.includes(squeeze(piece))))
    refuse('naskahnya berbeda dari yang ditampilkan di layar')
}

function checkClock(stated: number, { now }: Agreed): void {
  if (!(Math.abs(stated - now.getTime()) <= SKEW_MS))
    refuse('jam perangkat Anda berbeda lebih dari 10 menit; setel jamnya, lalu coba lagi')
}

// --- the revision ---

const DATE = /^D:(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(?:Z|\+00'00'?)$/

/**
 * The bytes around the signature are one filled field and one signature dictionary in our one form, the byte range
 * is the whole file but the signature, and the field, name and time are the agreed ones.
 */
function checkRevision({ base, before, after, placeholderBytes }: Offer, agreed: Agreed): void {
  const text = latin1(base)
  const head =
    /^\n(\d+) 0 obj\n(<<[^]*?)\/V (\d+) 0 R\n>>\nendobj\n(\d+) 0 obj\n<<\n\/Type \/Sig\n\/Filter \/Adobe\.PPKLite\n\/SubFilter \/ETSI\.CAdES\.detached\n\/M (.*)\n\/Name (.*)\n\/Reason (.*)\n(?:\/Location (.*)\n)?\/Contents $/.exec(
      latin1(before),
    ) ?? refuse('isi tambahannya bukan satu tanda tangan')
  const [, field, body, value, number, at, name, reason] = head as unknown as string[]
  if (!text.includes(`${field} 0 obj\n${body}>>`)) refuse('kolom tanda tangannya tidak ada pada naskah')
  if (!body!.includes(`/T ${pdfText(agreed.slot)}`)) refuse('kolom tanda tangannya milik pihak lain')
  const size = /trailer\n?<<[^]*?\/Size (\d+)/.exec(text.slice(text.lastIndexOf('trailer')))?.[1]
  if (value !== number || number !== size) refuse('isi tambahannya menimpa naskah')
  if (name !== pdfText(agreed.name) || reason !== pdfText(agreed.reason)) refuse('nama atau maksudnya lain')
  const date = DATE.exec(readPdfText(at!)) ?? refuse('waktunya tidak terbaca')
  const [, year, month, day, hour, minute, second] = date.map(Number) as [unknown, ...number[]]
  checkClock(Date.UTC(year!, month! - 1, day, hour, minute, second), agreed)
  const first = base.length + before.length
  const second2 = first + 2 + 2 * placeholderBytes
  const tail =
    /^\n\/ByteRange \[0 (\d+) (\d+) (\d+)\] *\n>>\nendobj\nxref\n(?:\d+ \d+\n(?:\d{10} 00000 n \n)+)+trailer\n<<\n\/Size \d+\n\/Root \d+ 0 R\n(?:\/Info \d+ 0 R\n)?(?:\/ID \[[<>0-9a-fA-F ]*\]\n)?\/Prev \d+\n>>\nstartxref\n\d+\n%%EOF\n$/.exec(
      latin1(after),
    ) ?? refuse('penutup tambahannya bukan seperti yang ditetapkan')
  const [, one, two, rest] = tail as unknown as string[]
  if (Number(one) !== first || Number(two) !== second2 || Number(rest) !== after.length)
    refuse('tanda tangannya tidak mencakup seluruh naskah')
}

/** A text string as the service writes it (`evidence/pdf.ts` formatPdfText). */
function pdfText(text: string): string {
  if (/^[\x20-\x7e]*$/.test(text)) return `(${text.replace(/[\\()]/g, '\\$&')})`
  const units = [0xfeff, ...Array.from({ length: text.length }, (_, at) => text.charCodeAt(at))]
  return `<${units.map((unit) => unit.toString(16).padStart(4, '0')).join('')}>`
}

// As far as a certificate can carry it (`evidence/authority.ts` formatCommonName).
function commonName(name: string): string {
  const characters = [...name]
  return characters.length <= 64 ? name : characters.slice(0, 63).join('') + '…'
}

// A date is plain characters, literal or hexadecimal.
function readPdfText(text: string): string {
  if (text.startsWith('(')) return text.slice(1, -1)
  return (text.slice(1, -1).match(/../g) ?? [])
    .map((pair) => String.fromCharCode(parseInt(pair, 16)))
    .join('')
}

/**
 * Exactly contentType (id-data), messageDigest and signingCertificateV2, in DER's order.
 *
 * @see RFC 5652 section 5.4, RFC 5035 section 3
 */
function encodeAttributes(of: {
  digest: Uint8Array
  certificateHash: Uint8Array
  issuerName: Uint8Array
  serial: Uint8Array
}): Uint8Array {
  const bytes = (digits: string) => Uint8Array.from(digits.match(/../g)!, (pair) => parseInt(pair, 16))
  const attribute = (type: string, value: Uint8Array) => der(0x30, bytes(type), der(0x31, value))
  const issuerSerial = der(0x30, der(0x30, der(0xa4, of.issuerName)), of.serial)
  const signingCertificate = der(0x30, der(0x30, der(0x30, der(4, of.certificateHash), issuerSerial)))
  return der(
    0x31,
    attribute('06092a864886f70d010903', bytes('06092a864886f70d010701')),
    attribute('06092a864886f70d010904', der(4, of.digest)),
    attribute('060b2a864886f70d010910022f', signingCertificate),
  )
}

export const fromBase64 = (text: string) => ascii(atob(text))
export const toBase64 = (bytes: Uint8Array) => btoa(latin1(bytes))

import { PactError } from './errors.js'

/** A stretch of words in one style. */
export interface Run {
  text: string
  bold?: true
  italic?: true
}

/**
 * Where a party's signature goes. The same word names the place in the template (`[[TTE:SAKSI_1]]`), the
 * party in the database and the signature field in the PDF.
 */
export type Slot = string

/** What a finished pact's institutional seal is called, in the PDF's form. */
export const SEAL_SLOT: Slot = 'SEGEL'

/** One cell of a table: words, or the place of a party's mark. */
export interface Cell {
  runs: Run[]
  slot?: Slot
}

/** One piece of a pact's text, top to bottom, as both the page and the signing screen show it. */
export type Block =
  | { kind: 'title'; level: 1 | 2; runs: Run[] }
  | { kind: 'heading'; runs: Run[] }
  | { kind: 'number'; runs: Run[] } // the line "Nomor: ..." under the title
  | { kind: 'paragraph'; runs: Run[] }
  | { kind: 'point'; number: number; runs: Run[] }
  | { kind: 'identity'; rows: { label: string; value: Run[] }[] }
  | { kind: 'table'; head: Run[][]; rows: Cell[][] }
  | { kind: 'signature'; side: 'left' | 'center' | 'right'; above: Run[][]; slot: Slot; below: Run[][] }
  | { kind: 'note'; runs: Run[] }

/** A template with every placeholder filled: the words that a person agrees to. */
export interface PactText {
  blocks: Block[]
}

/** Who does what on a pact. A witness confirms the act, an acknowledger ("Mengetahui") takes note of it. */
export const partyRoles = ['signer', 'witness', 'acknowledger'] as const
export type PartyRole = (typeof partyRoles)[number]

/** Which template a person gets. */
export const signerClasses = ['HEAD', 'ASN', 'NON_ASN'] as const
export type SignerClass = (typeof signerClasses)[number]
export const isSignerClass = (word: string): word is SignerClass =>
  (signerClasses as readonly string[]).includes(word)

/** What a template is for: one person's pact, or the document of a ceremony. */
export const templateUses = [
  ...signerClasses,
  'JOINT',
  'COLLECTIVE',
  'RECAP',
  'STANDING',
  'PLEDGE',
  'MINUTES',
] as const
export type TemplateUse = (typeof templateUses)[number]

/**
 * Where a pact stands.
 *
 * - `open`: at least one party has not agreed yet
 * - `complete`: every party's signature is in the file; the seal is missing
 * - `sealed`: final; the file never changes again
 * - `revoked`: was sealed, then declared void with a reason; the file stays readable
 */
export type PactState = 'open' | 'complete' | 'sealed' | 'revoked'

/**
 * Where one party stands.
 *
 * - `waiting`: an earlier party has not signed
 * - `ready`: it is this party's turn
 * - `agreed`: consent is recorded, the signature is not in the file yet (moved on by `flow/advance.ts`)
 * - `signed`: the signature is in the file
 * - `declined`: said "belum bersedia" with a reason; may still sign later
 * - `disputed`: said "data saya keliru"; an administrator mends the data, then the party is ready again
 */
export type PartyState = 'waiting' | 'ready' | 'agreed' | 'signed' | 'declined' | 'disputed'

/** The one transition table: what a party may become. Every UPDATE of a party's state is guarded by it. */
export const partyTransitions: Record<PartyState, readonly PartyState[]> = {
  waiting: ['ready'],
  ready: ['agreed', 'declined', 'disputed'],
  agreed: ['signed'],
  signed: [],
  declined: ['ready', 'agreed', 'disputed'],
  disputed: ['ready'],
}

/** The states from which a party may move to `to`. */
export function partyStatesBefore(to: PartyState): PartyState[] {
  return (Object.keys(partyTransitions) as PartyState[]).filter((from) => partyTransitions[from].includes(to))
}

/** What a pact may become. */
export const pactTransitions: Record<PactState, readonly PactState[]> = {
  open: ['complete'],
  complete: ['sealed'],
  sealed: ['revoked'],
  revoked: [],
}

// Crockford's base 32: no I, L, O, U, so that a code survives being read aloud or typed from paper.
const CODE_ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
/** 26 characters of 5 bits hold 128 random bits. */
export const CODE_LENGTH = 26
export const CODE_BYTES = 16

/**
 * Verification code of 16 random bytes: 26 characters of Crockford base 32, the permanent address of a pact.
 *
 * @param bytes exactly 16 random bytes
 */
export function formatCode(bytes: Uint8Array): string {
  if (bytes.length !== CODE_BYTES)
    throw new PactError('BAD_FORM', `${bytes.length} bytes, want ${CODE_BYTES}`)
  let value = 0n
  for (const byte of bytes) value = (value << 8n) | BigInt(byte)
  let code = ''
  for (let index = 0; index < CODE_LENGTH; index++) {
    code = CODE_ALPHABET[Number(value & 31n)]! + code
    value >>= 5n
  }
  return code
}

/**
 * The code that a person typed or scanned, in canonical form, or undefined when it cannot be one. Case,
 * spaces and hyphens do not matter; I and L are read as 1, O as 0, as Crockford's base 32 asks.
 */
export function parseCode(typed: string): string | undefined {
  const code = typed.toUpperCase().replace(/[\s-]/g, '').replace(/[IL]/g, '1').replace(/O/g, '0')
  if (code.length !== CODE_LENGTH || code[0]! > '7') return undefined
  return [...code].every((char) => CODE_ALPHABET.includes(char)) ? code : undefined
}

/** The code as printed: groups of four, and six at the end ("0123-4567-89AB-CDEF-GHJK-MNPQRS"). */
export function groupCode(code: string): string {
  return [0, 4, 8, 12, 16].map((at) => code.slice(at, at + 4)).join('-') + '-' + code.slice(20)
}

/** A code in two halves, for a narrow column: cut between groups and never inside one. */
export const breakCode = (code: string) => groupCode(code).replace(/^(.{15})/, '$1 ')

/**
 * Everything about the signer that the pact states, as it was when the party agreed. Kept with the pact for
 * ever: a later promotion or move does not change a signed pact.
 */
export interface Identity {
  name: string // with academic titles
  identityLabel: string // "NIP", "NI PPPK", "Nomor Perjanjian"
  identityNumber: string
  rank: string // "Penata Muda, III/a"; "-" where the class has none
  jabatan: string // position
  capacity: string // "", "Plt.", "Plh.", "Pj."
  unitName: string
  opdName: string // the OPD or kecamatan above it
  pemdaName: string
}

/** What a signer's signature says that it is for, in the PDF. */
export const SIGNING_REASON = 'Menyetujui dan menandatangani pakta integritas'

/** What a witness's signature says that it is for. */
export const WITNESSING_REASON = 'Menyaksikan penandatanganan'

/** What a party's signature says that it is for. */
export const reasonOf = ({ role }: { role: PartyRole }) =>
  role === 'signer' ? SIGNING_REASON : WITNESSING_REASON

/** How a signer's key was kept, in the words of people. */
export const methodWords = {
  'own-device-key': 'kunci yang dibuat di perangkat penanda tangan dan tidak pernah keluar dari sana',
  'one-time-server-key': 'kunci sekali pakai di peladen, sertifikat atas nama penanda tangan',
  'own-certificate': 'sertifikat elektronik milik penanda tangan sendiri, dari penerbit lain',
  'institution-seal': 'segel elektronik lembaga',
} as const
export type SignatureMethod = keyof typeof methodWords

/** What confirmed a signer beside the personal link, in the words of people. */
export const secondFactorWords = {
  'code-by-email': 'kode sekali pakai ke surel kedua',
  'in-person': 'hadir di kios bantuan, dikenali petugas',
} as const
export type SecondFactor = keyof typeof secondFactorWords

/** How somebody signed, in words: whose key, and what confirmed the person. */
export const signingWords = (method: SignatureMethod, factor: SecondFactor | null) =>
  [methodWords[method], ...(factor ? [secondFactorWords[factor]] : [])].join('; ')

/** A SHA-256 in hexadecimal as people compare it: groups of four. */
export const groupFingerprint = (hex: string) => hex.match(/.{1,4}/g)?.join(' ') ?? ''

/** How many last letters or digits of the identity number a signer types, against the wrong person at the phone. */
export const IDENTITY_TAIL_LENGTH = 4

/** Documents that nobody signs but the institution's seal: what a unit came to at closing, and where it stands. */
export const recapUses = ['RECAP', 'STANDING'] as const
export type RecapUse = (typeof recapUses)[number]

/** What a pact is: one person's, a joint document, a unit's with a row for each of its people, or a count of them. */
export type PactClass = SignerClass | 'JOINT' | 'COLLECTIVE' | RecapUse

/** A party of a joint pact, known by name and address alone. */
export interface NamedPerson {
  name: string // as the page prints it
  jabatan: string
  region: string // the kabupaten or kota it signs for; '' for a witness
  institution: string // of a witness; '' for a party
  email: string
  /** Set when somebody stands in: whose post, and the number and date (ISO 8601) of the mandate. */
  representing: { office: string; mandateNumber: string; mandateDate: string } | null
}

const POINT_LIMIT = 4_000
const STROKE_LIMIT = 80
/** The box that drawn signatures live in: origin top left, y down. */
export const DRAWING_WIDTH = 600
export const DRAWING_HEIGHT = 200

/** One pen stroke: x, y, x, y, ... as integers inside the drawing box. No times, no pressure: those identify a body. */
export type Stroke = number[]

/** How a party made their mark. */
export type Mark = { kind: 'typed'; name: string } | { kind: 'drawn'; strokes: Stroke[] }

/**
 * Strokes from a form field (attacker-controlled).
 *
 * @param json `[[x,y,x,y,...],...]`; at most 80 strokes and 4,000 points in all, integers inside 600 x 200
 * @throws BAD_FORM when it is anything else
 */
export function parseStrokes(json: string): Stroke[] {
  const refuse = (why: string) => new PactError('BAD_FORM', `Gambar tanda tangan tidak dapat dibaca: ${why}`)
  if (json.length > 100_000) throw refuse(`${json.length} karakter, paling banyak 100000`)
  let value: unknown
  try {
    value = JSON.parse(json)
  } catch (cause) {
    throw new PactError('BAD_FORM', 'Gambar tanda tangan bukan JSON', { cause })
  }
  if (!Array.isArray(value) || value.length === 0 || value.length > STROKE_LIMIT)
    throw refuse(`harus 1 sampai ${STROKE_LIMIT} garis`)
  let points = 0
  for (const stroke of value as unknown[]) {
    if (!Array.isArray(stroke) || stroke.length < 2 || stroke.length % 2 !== 0)
      throw refuse('garis tanpa titik')
    stroke.forEach((number: unknown, index: number) => {
      const limit = index % 2 === 0 ? DRAWING_WIDTH : DRAWING_HEIGHT
      if (!Number.isInteger(number) || (number as number) < 0 || (number as number) > limit)
        throw refuse(`titik di luar 0..${limit}`)
    })
    points += stroke.length / 2
  }
  if (points > POINT_LIMIT) throw refuse(`${points} titik, paling banyak ${POINT_LIMIT}`)
  return value as Stroke[]
}

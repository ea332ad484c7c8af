import { createHash, createHmac } from 'node:crypto'

/** 32 bytes (256 bits) in base64url without padding. */
const TOKEN_SHAPE = /^[A-Za-z0-9_-]{43}$/

/** What a secret link opens: a person's pact, a sign-in, an assembly's doors. The words keep them apart under one key. */
export type LinkPurpose = 'pact' | 'signin' | 'screen' | 'entrance'

/**
 * The secret of a link. It is derived, not stored: the same key, purpose, id and generation always give the
 * same link, so a mail can be sent again, and a new generation gives a link nobody can guess from the old.
 *
 * @param key 32 secret bytes
 * @param generation 1 and up; rises with every reissue
 * @returns 43 characters of base64url (256 bits)
 * @see RFC 2104 (HMAC)
 */
export function makeToken(
  key: Uint8Array,
  link: { purpose: LinkPurpose; id: number; generation: number },
): string {
  return createHmac('sha256', key)
    .update(`pakta/link/v1\n${link.purpose}\n${link.id}\n${link.generation}`)
    .digest('base64url')
}

/** Digits of a one-time code, and how often one may be tried. */
export const CODE_DIGITS = 6
export const CODE_ATTEMPTS_MAX = 5

/** What a one-time code confirms: these words of this party, asked for once. */
interface CodeScope {
  partyId: number
  ordinal: number // rises with every code of the party
  textSha256: Uint8Array
}

const ofScope = (key: Uint8Array, purpose: string, { partyId, ordinal, textSha256 }: CodeScope) =>
  createHmac('sha256', key).update(
    `pakta/kode/v1\n${purpose}\n${partyId}\n${ordinal}\n${Buffer.from(textSha256).toString('hex')}\n`,
  )

/**
 * A one-time code, derived like the secret of a link, so that its mail can be written later and again.
 *
 * @param key 32 secret bytes
 * @returns 6 decimal digits; 64 bits are reduced, so no digit is likelier than another by more than 10^-13
 * @see RFC 4226 section 5.3 (dynamic truncation; here the whole MAC stands behind one counter value)
 */
export function makeCode(key: Uint8Array, scope: CodeScope): string {
  const number = ofScope(key, 'angka', scope).digest().readBigUInt64BE()
  return String(number % 10n ** BigInt(CODE_DIGITS)).padStart(CODE_DIGITS, '0')
}

/** HMAC-SHA256 of a code for its scope: what the database keeps. */
export function hashCode(key: Uint8Array, scope: CodeScope, code: string): Buffer {
  return ofScope(key, 'sidik', scope).update(code).digest()
}

/** The code a person typed (attacker-controlled), spaces left out; undefined when it cannot be one. */
export function parseCodeDigits(text: string): string | undefined {
  const digits = text.replace(/\s/g, '')
  return /^\d{6}$/.test(digits) ? digits : undefined
}

/** SHA-256 of a token: what the database keeps and looks links up by. */
export function hashToken(token: string): Buffer {
  return createHash('sha256').update(token).digest()
}

/** The token in a link's path (attacker-controlled), or undefined when it cannot be one. */
export function parseToken(text: string): string | undefined {
  return TOKEN_SHAPE.test(text) ? text : undefined
}

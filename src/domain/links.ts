import { createHash, createHmac } from 'node:crypto'

/** 32 bytes (256 bits) in base64url without padding. */
const TOKEN_SHAPE = /^[A-Za-z0-9_-]{43}$/

/** What a secret link opens: a person's pact, a sign-in. The words keep the two apart under one key. */
export type LinkPurpose = 'pact' | 'signin'

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

/** SHA-256 of a token: what the database keeps and looks links up by. */
export function hashToken(token: string): Buffer {
  return createHash('sha256').update(token).digest()
}

/** The token in a link's path (attacker-controlled), or undefined when it cannot be one. */
export function parseToken(text: string): string | undefined {
  return TOKEN_SHAPE.test(text) ? text : undefined
}

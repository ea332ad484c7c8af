import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { test } from 'node:test'
import { hashToken, makeToken, parseToken } from '../../src/domain/links.js'

const key = Buffer.from('000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f', 'hex')
const openssl = (args: string[], input: string) => execFileSync('openssl', args, { input })

test('a token is the HMAC-SHA256 of its purpose, id and generation, as openssl computes it', () => {
  const mac = ['dgst', '-sha256', '-mac', 'HMAC', '-macopt', `hexkey:${key.toString('hex')}`, '-binary']
  const expected = openssl(mac, 'pakta/link/v1\npact\n17\n2').toString('base64url')
  assert.equal(makeToken(key, { purpose: 'pact', id: 17, generation: 2 }), expected)
  assert.equal(expected.length, 43)
})

test('what the database keeps is the SHA-256 of a token', () => {
  const token = makeToken(key, { purpose: 'pact', id: 1, generation: 1 })
  assert.deepEqual(hashToken(token), openssl(['dgst', '-sha256', '-binary'], token))
})

test('another key, purpose, id or generation gives another link', () => {
  const links = [
    makeToken(key, { purpose: 'pact', id: 1, generation: 11 }),
    makeToken(key, { purpose: 'pact', id: 11, generation: 1 }),
    makeToken(key, { purpose: 'signin', id: 1, generation: 11 }),
    makeToken(Buffer.alloc(32), { purpose: 'pact', id: 1, generation: 11 }),
  ]
  assert.equal(new Set(links).size, links.length)
})

test('what cannot be a token is none', () => {
  const token = makeToken(key, { purpose: 'pact', id: 1, generation: 1 })
  assert.equal(parseToken(token), token)
  for (const text of [
    '',
    token.slice(1),
    `${token}A`,
    `${token.slice(1)}=`,
    `${token.slice(1)}+`,
    `${token.slice(1)}\n`,
    `%00${token.slice(3)}`,
  ])
    assert.equal(parseToken(text), undefined, JSON.stringify(text))
})

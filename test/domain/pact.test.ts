import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { test } from 'node:test'
import fc from 'fast-check'
import { PactError } from '../../src/domain/errors.js'
import {
  CODE_BYTES,
  CODE_LENGTH,
  formatCode,
  groupCode,
  parseCode,
  parseStrokes,
  partyStatesBefore,
  partyTransitions,
} from '../../src/domain/pact.js'

// Crockford's base 32 as Python's integers count it: nothing of ours is in it.
const PYTHON = `
import sys
value, text = int(sys.argv[1], 16), ''
for _ in range(26): text, value = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'[value % 32] + text, value // 32
print(text)`

test('a code is its 16 bytes in Crockford base 32, as Python counts it', () => {
  for (const hex of [
    '00'.repeat(16),
    'ff'.repeat(16),
    '0123456789abcdef0123456789abcdef',
    '80' + '00'.repeat(15),
  ]) {
    const expected = execFileSync('python3', ['-c', PYTHON, hex], { encoding: 'utf8' }).trim()
    assert.equal(formatCode(Buffer.from(hex, 'hex')), expected)
  }
})

test('every code survives printing in groups, lower case and the confusions of handwriting', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: CODE_BYTES, maxLength: CODE_BYTES }), (bytes) => {
      const code = formatCode(bytes)
      assert.equal(code.length, CODE_LENGTH)
      for (const typed of [
        code,
        groupCode(code),
        ` ${code.toLowerCase()} `,
        code.replace(/1/g, 'l').replace(/0/g, 'O'),
      ])
        assert.equal(parseCode(typed), code)
    }),
  )
})

test('what cannot be a code is none', () => {
  const rows = [
    ['empty', ''],
    ['one too short', '0'.repeat(25)],
    ['one too long', '0'.repeat(27)],
    ['more than 128 bits', '8' + '0'.repeat(25)],
    ['U, which the alphabet leaves out', 'U'.repeat(26)],
    ['markup', '<script>alert(1)</script>00'],
    ['digits of another script', '٠'.repeat(26)],
  ] as const
  for (const [name, typed] of rows) assert.equal(parseCode(typed), undefined, name)
})

test('a signed party never changes again, and nobody signs without having agreed', () => {
  assert.deepEqual(partyTransitions.signed, [])
  assert.deepEqual(partyStatesBefore('signed'), ['agreed'])
  assert.deepEqual(partyStatesBefore('agreed').sort(), ['declined', 'ready'])
})

test('a drawing is strokes of whole numbers inside its box, and nothing else', () => {
  assert.deepEqual(parseStrokes('[[0,0,600,200],[5,5]]'), [
    [0, 0, 600, 200],
    [5, 5],
  ])
  const rows = [
    ['no JSON', '[[1,2]'],
    ['no stroke', '[]'],
    ['an empty stroke', '[[]]'],
    ['half a point', '[[1,2,3]]'],
    ['outside the box', '[[601,0]]'],
    ['below zero', '[[-1,0]]'],
    ['not whole', '[[1.5,0]]'],
    ['a string', '[["1","2"]]'],
    ['an object', '{"0":[1,2]}'],
    ['81 strokes', JSON.stringify(Array(81).fill([1, 1]))],
    ['4,001 points', JSON.stringify([Array(8002).fill(1)])],
    ['100 kB of spaces', ' '.repeat(100_001)],
  ] as const
  for (const [name, json] of rows)
    assert.throws(
      () => parseStrokes(json),
      (error: PactError) => error.code === 'BAD_FORM',
      name,
    )
})

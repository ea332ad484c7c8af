import { test } from 'node:test'
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { formatCode } from '../../src/domain/pact.js'
import { openQrFamily, qrModules } from '../../src/evidence/qr.js'
import { PactError } from '../../src/domain/errors.js'
import { sampleUrl } from './sample-pact.js'

test('codes of one length make symbols of one size, whatever their characters', () => {
  const sizes = new Set(
    ['0'.repeat(26), 'A'.repeat(26), '7Z9Y8X'.repeat(4) + '12'].map(
      (code) => qrModules(`https://a.go.id/v/${code}`).size,
    ),
  )
  assert.deepEqual([...sizes], [33]) // version 4: 62 bytes at level M (ISO/IEC 18004 table 7)
})

test('a symbol has its three finder patterns and states level M with mask 3', () => {
  const { size, dark } = qrModules(sampleUrl)
  const at = (row: number, column: number) => dark[row * size + column]
  for (const [row, column] of [
    [0, 0],
    [0, size - 7],
    [size - 7, 0],
  ] as const)
    for (let step = 0; step < 7; step++) assert.equal(at(row, column + step), 1)
  // ISO/IEC 18004 annex C: level M (00), mask 3 (011) gives format bits 101101101001011.
  const format = [0, 1, 2, 3, 4, 5].map((column) => at(8, column)).join('')
  assert.equal(format, '101101')
})

test('holds 213 characters and refuses 214', () => {
  assert.equal(qrModules('x'.repeat(213)).size, 57) // version 10
  assert.throws(
    () => qrModules('x'.repeat(214)),
    (error: unknown) =>
      error instanceof PactError && error.code === 'BAD_FORM' && /214 karakter/.test(error.message),
  )
})

for (const text of ['', 'https://contoh.go.id/é', 'a\nb'])
  test(`refuses ${JSON.stringify(text)}`, () =>
    assert.throws(
      () => qrModules(text),
      (error: unknown) => error instanceof PactError && error.code === 'BAD_FORM',
    ))

test('a family makes the symbols that the library makes, module for module', () => {
  const prefix = 'https://pakta.kendarikota.go.id/v/'
  const family = openQrFamily(prefix, 26)
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), (bytes) => {
      const code = formatCode(bytes)
      const { size, dark } = qrModules(prefix + code)
      assert.equal(family.size, size)
      const rows = family.rowsOf(code)
      const isLight = (index: number) => {
        const column = index % size
        return (
          (rows[Math.floor(index / size) * Math.ceil(size / 8) + (column >> 3)]! >> (7 - (column & 7))) & 1
        )
      }
      dark.forEach((isDark, index) => assert.equal(isLight(index), isDark ? 0 : 1))
    }),
  )
  assert.throws(() => family.rowsOf('A'), { code: 'BAD_FORM' })
})

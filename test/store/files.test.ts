import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { gunzipSync, gzipSync } from 'node:zlib'
import { openFolder } from '../../src/store/files.js'

const folder = mkdtempSync(join(tmpdir(), 'pakta-files-'))
after(() => rmSync(folder, { recursive: true, force: true }))
const files = openFolder(folder)
const listed = () =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((one) => one.isFile())
    .map((one) => join(one.parentPath, one.name))

test('a piece is kept under its SHA-256 and comes back byte for byte', async () => {
  for (const bytes of [Buffer.alloc(0), Buffer.from('pakta'), Buffer.alloc(200_000, 7)]) {
    const sha256 = await files.put(bytes)
    assert.deepEqual(sha256, createHash('sha256').update(bytes).digest())
    assert.deepEqual(await files.get(sha256), bytes)
  }
})

test('the same piece put many times at once is one file, and no draft is left over', async () => {
  const before = listed().length
  await Promise.all(Array.from({ length: 20 }, () => files.put(Buffer.from('sama'))))
  assert.equal(listed().length, before + 1)
  assert.deepEqual(
    listed().filter((path) => path.endsWith('.new')),
    [],
  )
})

test('a piece that was changed on the disk, or is gone, is never given out', async () => {
  const sha256 = await files.put(Buffer.from('asli'))
  const path = listed().find((one) => one.endsWith(`${sha256.toString('hex')}.gz`))!
  assert.equal(gunzipSync(readFileSync(path)).toString(), 'asli')
  for (const changed of [gzipSync('asl1'), readFileSync(path).subarray(0, -3), Buffer.from('asli')]) {
    writeFileSync(path, changed)
    await assert.rejects(files.get(sha256), /no longer has the bytes/)
  }
  rmSync(path)
  await assert.rejects(files.get(sha256), /ENOENT/)
  await files.put(Buffer.from('asli'))
  assert.equal((await files.get(sha256)).toString(), 'asli')
})

test('a piece from before pieces were compressed is still read', async () => {
  const bytes = Buffer.from('naskah lama')
  const name = createHash('sha256').update(bytes).digest('hex')
  mkdirSync(join(folder, name.slice(0, 2)), { recursive: true })
  writeFileSync(join(folder, name.slice(0, 2), name), bytes)
  assert.deepEqual(await files.get(Buffer.from(name, 'hex')), bytes)
})

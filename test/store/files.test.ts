import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
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
  const path = listed().find((one) => readFileSync(one, 'utf8') === 'asli')!
  writeFileSync(path, 'asl1')
  await assert.rejects(files.get(sha256), /no longer has the bytes/)
  rmSync(path)
  await assert.rejects(files.get(sha256), /ENOENT/)
  await files.put(Buffer.from('asli'))
  assert.equal((await files.get(sha256)).toString(), 'asli')
})

import assert from 'node:assert/strict'
import { readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, test, type TestContext } from 'node:test'
import { readPact } from '../../src/flow/paper.js'
import { sealDue } from '../../src/flow/seal.js'
import { findPact, findRevisions, piecesOf } from '../../src/store/pacts.js'
import { tool } from '../evidence/paper.js'
import { openTestHouse } from '../house.js'

const house = await openTestHouse({ after })
await house.openCampaign()
await house.advance()

const stateOf = async (key: string) => (await findPact(house.db, (await house.partyOf(key)).pactId))!.state
const countPieces = () =>
  readdirSync(join(house.folder, 'naskah'), { recursive: true, withFileTypes: true }).filter((one) =>
    one.isFile(),
  ).length

/** Runs everything with a process that dies right after it wrote the piece number `dies` to the disk. */
async function advanceDying(dies: number): Promise<void> {
  const { files } = house.house
  let count = 0
  house.house.files = {
    ...files,
    async put(bytes) {
      const sha256 = await files.put(bytes)
      if (++count >= dies) throw new Error('the power went')
      return sha256
    },
  }
  await house.advance()
  house.house.files = files
  assert.match(house.logs.join(), /the power went/)
  house.logs.length = 0
}

test('a crash between a piece on the disk and its row leaves a pact that the next run finishes', async () => {
  await house.sign('camat')
  // What is shared, the page's own piece, the signature.
  for (const dies of [1, 3, 4]) {
    await advanceDying(dies)
    assert.equal((await house.partyOf('camat')).state, 'agreed')
    assert.equal((await findRevisions(house.db, (await house.partyOf('camat')).pactId)).length, 0)
    await house.check()
  }
  await house.advance()
  assert.equal((await house.partyOf('camat')).state, 'signed')
  await house.witness()
  await advanceDying(1) // the witness's signature
  assert.equal(await stateOf('camat'), 'open')
  await advanceDying(2) // the seal
  assert.equal(await stateOf('camat'), 'complete')
  await house.check()
  await house.advance()
  assert.equal(await stateOf('camat'), 'sealed')
  const { pactId } = await house.partyOf('camat')
  const named = (await findRevisions(house.db, pactId)).flatMap(piecesOf)
  assert.ok(countPieces() > named.length, 'the crashes left pieces that no row names')
  await house.check()
})

test('a pact that cannot go on holds up no other', async () => {
  await house.sign('kadis')
  await house.advance()
  await house.witness()
  await house.sign('plt')
  const { files } = house.house
  const { pactId } = await house.partyOf('kadis')
  const [first] = await findRevisions(house.db, pactId)
  house.house.files = {
    ...files,
    async get(sha256) {
      if (Buffer.from(sha256).equals(Buffer.from(first!.chunkSha256))) throw new Error('disk is gone')
      return files.get(sha256)
    },
  }
  await house.advance()
  assert.equal((await house.partyOf('plt')).state, 'signed')
  assert.equal(await stateOf('kadis'), 'open')
  assert.match(house.logs.join(), /disk is gone/)
  house.logs.length = 0
  house.house.files = files
  await house.advance()
  assert.equal(await stateOf('kadis'), 'sealed')
  await house.check()
})

test('several processes that seal at once take each step once', async () => {
  await house.witness()
  for (const key of ['dinas1', 'dinas2', 'dinas3', 'anggrek1']) await house.sign(key)
  while (
    (await Promise.all(Array.from({ length: 4 }, () => sealDue(house.house, house.clock)))).some(Boolean)
  );
  await house.advance()
  for (const key of ['plt', 'dinas1', 'dinas2', 'dinas3', 'anggrek1']) {
    assert.equal(await stateOf(key), 'sealed')
    const receipts = house.post
      .mailsTo(house.person(key).email)
      .filter((mail) => /Tanda terima/.test(mail.subject))
    assert.equal(receipts.length, 1, `${key} has one receipt`)
  }
  await house.check()
})

/** A sealed pact as a file in the house's folder, and what each revision of it was. */
async function fileOf(key: string) {
  const { pactId } = await house.partyOf(key)
  const pdf = await readPact(house.house, house.db, pactId)
  const path = join(house.folder, `${key}.pdf`)
  writeFileSync(path, pdf)
  return { pdf, path, revisions: await findRevisions(house.db, pactId) }
}

test('pdfsig and qpdf find every signature of a witnessed pact valid, the earlier ones under the later', async (t) => {
  const { path } = await fileOf('kadis')
  const pdfsig = tool(t, 'pdfsig', ['-nocert', path])
  if (!pdfsig) return
  assert.equal(pdfsig.code, 0, pdfsig.out)
  assert.equal(pdfsig.out.match(/Signature Validation: Signature is Valid\./g)?.length, 3, pdfsig.out)
  assert.equal(pdfsig.out.match(/Total document signed/g)?.length, 1, 'the seal alone covers the whole file')
  const qpdf = tool(t, 'qpdf', ['--check', path])
  assert.equal(qpdf?.code, 0, qpdf?.out)
  await house.check()
})

test('openssl accepts each signature over the bytes it covers, and those bytes alone', async (t) => {
  const { pdf, revisions } = await fileOf('kadis')
  const found = [...pdf.toString('latin1').matchAll(/\/ByteRange\s*\[\s*(\d+)\s+(\d+)\s+(\d+)\s+(\d+)\s*\]/g)]
  assert.equal(found.length, 3)
  for (const [index, match] of found.entries()) {
    const [start, length, restart, rest] = match.slice(1).map(Number) as [number, number, number, number]
    // Each signature covers its whole revision, and so the file as it was when it was made.
    assert.equal(restart + rest, revisions[index + 1]!.sizeBytes)
    const content = Buffer.concat([
      pdf.subarray(start, start + length),
      pdf.subarray(restart, restart + rest),
    ])
    const hex = pdf
      .subarray(start + length, restart)
      .toString('latin1')
      .replace(/[<>\s]/g, '')
    const cms = Buffer.from(hex, 'hex')
    const kind = index === 2 ? 'seal' : 'signer'
    assert.equal(verifyCms(t, { content, cms, kind })?.code, 0, `signature ${index + 1}`)
    const changed = Buffer.from(content)
    changed[content.length >> 1]! ^= 1
    assert.notEqual(verifyCms(t, { content: changed, cms, kind })?.code, 0)
  }
  await house.check()
})

function verifyCms(t: TestContext, on: { content: Buffer; cms: Buffer; kind: 'signer' | 'seal' }) {
  const path = (name: string) => join(house.folder, name)
  // The hex string is padded with zeros to its reserved length; DER says where it ends.
  const length = on.cms[1] === 0x82 ? 4 + on.cms.readUInt16BE(2) : 3 + on.cms[2]!
  writeFileSync(path('cms.der'), on.cms.subarray(0, length))
  writeFileSync(path('content'), on.content)
  writeFileSync(path('root.pem'), house.house.keys.rootsPem[on.kind])
  const atTime = String(Math.floor(house.now.getTime() / 1000) + 60)
  const files = ['-in', path('cms.der'), '-content', path('content'), '-CAfile', path('root.pem')]
  return tool(t, 'openssl', [
    ...['cms', '-verify', '-binary', '-inform', 'DER', '-purpose', 'any', '-attime', atTime],
    ...files,
    ...['-out', path('out')],
  ])
}

test('a pact keeps at most 12 KB of its own; fonts, profile and structure are kept once for all', async () => {
  const pieces = async (key: string) =>
    (await findRevisions(house.db, (await house.partyOf(key)).pactId)).flatMap(piecesOf)
  const nameOf = (sha256: Uint8Array) => Buffer.from(sha256).toString('hex')
  const sizeOf = (name: string) => statSync(join(house.folder, 'naskah', name.slice(0, 2), `${name}.gz`)).size
  const [one, other] = [(await pieces('dinas2')).map(nameOf), (await pieces('dinas3')).map(nameOf)]
  const own = one.filter((name) => !other.includes(name))
  const shared = one.filter((name) => other.includes(name))
  const sum = (names: string[]) => names.map(sizeOf).reduce((total, each) => total + each, 0)
  assert.deepEqual([own.length, shared.length], [3, 2])
  assert.ok(sum(own) <= 12_000, `${sum(own)} bytes`)
  assert.ok(sum(shared) > 25_000, `${sum(shared)} bytes`)
  const pdf = await readPact(house.house, house.db, (await house.partyOf('dinas2')).pactId)
  assert.ok(pdf.length <= 100_000, `${pdf.length} bytes`)
})

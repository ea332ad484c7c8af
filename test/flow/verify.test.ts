import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { groupCode } from '../../src/domain/pact.js'
import { revokePact } from '../../src/flow/open.js'
import { readPact } from '../../src/flow/paper.js'
import { verifyCode, verifyFile } from '../../src/flow/verify.js'
import { rows } from '../../src/store/db.js'
import { findRevisions } from '../../src/store/pacts.js'
import { openTestHouse } from '../house.js'
import { refuses } from '../refusal.js'

const house = await openTestHouse({ after })
await house.openCampaign()
await house.openGates('kadis')
await house.sign('dinas1')
await house.advance()

const fileOf = async (key: string) => readPact(house.house, house.db, (await house.partyOf(key)).pactId)
const codeOf = async (key: string) => (await house.partyOf(key)).code
const outcomeOf = async (pdf: Uint8Array) => (await verifyFile(house.house, pdf, house.now)).outcome

test('a sealed pact is SAH by its code, however it is typed, and by its file', async () => {
  const code = await codeOf('dinas1')
  for (const typed of [code, groupCode(code), code.toLowerCase()]) {
    const verdict = await verifyCode(house.house, typed, house.now)
    assert.equal(verdict.outcome, 'valid')
    assert.ok(verdict.checks.every((check) => check.outcome === 'pass'))
    assert.deepEqual(
      verdict.signatures.map((one) => one.slot),
      ['PENANDA_TANGAN', 'SEGEL'],
    )
  }
  assert.equal(await outcomeOf(await fileOf('dinas1')), 'valid')
  await house.check()
})

test('a head who signed and is not witnessed yet is BELUM LENGKAP, by code and by file', async () => {
  await house.sign('camat')
  await house.advance()
  const verdict = await verifyCode(house.house, await codeOf('camat'), house.now)
  assert.equal(verdict.outcome, 'incomplete')
  assert.equal(verdict.waitingCount, 1)
  assert.equal(await outcomeOf(await fileOf('camat')), 'incomplete')
  await house.check()
})

test('a pact that nobody has signed has a code that nobody can look up', async () => {
  const [unsigned] = await rows<{ code: string }>(
    house.db,
    `select code from pact where identity is null order by id limit 1`,
  )
  assert.equal((await verifyCode(house.house, unsigned!.code, house.now)).outcome, 'not_found')
})

test('a code that was never issued, and what is no code at all, are TIDAK DITEMUKAN', async () => {
  for (const typed of ['0'.repeat(26), '7'.repeat(26), 'x', '', "' or 1=1 --"])
    assert.equal((await verifyCode(house.house, typed, house.now)).outcome, 'not_found', typed)
})

test('an earlier revision of a finished file still has good signatures but is not the file that we sealed', async () => {
  const file = await fileOf('kadis')
  const revisions = await findRevisions(house.db, (await house.partyOf('kadis')).pactId)
  assert.deepEqual(
    revisions.map((one) => one.slot),
    [null, 'PENANDA_TANGAN', 'SAKSI_1', 'SEGEL'],
  )
  assert.equal(await outcomeOf(file), 'valid')
  assert.equal(await outcomeOf(file.subarray(0, revisions[2]!.sizeBytes)), 'incomplete')
  assert.equal(await outcomeOf(file.subarray(0, revisions[1]!.sizeBytes)), 'incomplete')
  assert.equal(await outcomeOf(file.subarray(0, revisions[0]!.sizeBytes)), 'invalid')
})

test('a changed, longer or shorter file is TIDAK SAH, and what is no PDF is not read', async () => {
  const file = await fileOf('dinas1')
  const flipped = Buffer.from(file)
  flipped[Math.floor(file.length / 3)]! ^= 1
  assert.equal(await outcomeOf(flipped), 'invalid')
  assert.equal(await outcomeOf(Buffer.concat([file, Buffer.from('\n')])), 'invalid')
  assert.equal(await outcomeOf(file.subarray(0, file.length - 1)), 'invalid')
  assert.equal(await outcomeOf(Buffer.from('PK\u0003\u0004 not a PDF')), 'unreadable')
  assert.equal(await outcomeOf(Buffer.alloc(0)), 'unreadable')
})

test('a piece of the file that was changed on our own disk is not served as if nothing had happened', async () => {
  const { pactId } = await house.partyOf('dinas1')
  const [base] = await findRevisions(house.db, pactId)
  const get = house.house.files.get.bind(house.house.files)
  await assert.doesNotReject(get(base!.chunkSha256))
  const { writeFile, readFile } = await import('node:fs/promises')
  const { join } = await import('node:path')
  const name = Buffer.from(base!.chunkSha256).toString('hex')
  const path = join(house.folder, 'naskah', name.slice(0, 2), name)
  const bytes = await readFile(path)
  await writeFile(path, Buffer.concat([bytes, Buffer.from(' ')]))
  await assert.rejects(verifyCode(house.house, await codeOf('dinas1'), house.now), /restore it from a backup/)
  await writeFile(path, bytes)
  await house.check()
})

test('a revoked pact is DICABUT with its reason, by code and by file, and the person may sign anew', async () => {
  const code = await codeOf('dinas1')
  const revoked = { code, reason: 'Salah unit kerja, diganti naskah baru', pemdaId: house.pemda.id }
  await refuses(revokePact(house.house, { ...revoked, reason: 'salah' }, house.admin()), 'BAD_FORM')
  await refuses(revokePact(house.house, { ...revoked, pemdaId: 0 }, house.admin()), 'NOT_FOUND')
  const file = await fileOf('dinas1')
  await revokePact(house.house, revoked, house.admin())
  await refuses(revokePact(house.house, revoked, house.admin()), 'STALE')
  const verdict = await verifyCode(house.house, code, house.now)
  assert.equal(verdict.outcome, 'revoked')
  assert.equal(verdict.pact?.revokeReason, revoked.reason)
  assert.equal(await outcomeOf(file), 'revoked')
  await house.advance()
  assert.notEqual(await codeOf('dinas1'), code)
  await house.check()
})

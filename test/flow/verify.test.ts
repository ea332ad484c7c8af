import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { after, test } from 'node:test'
import request from 'supertest'
import { groupCode } from '../../src/domain/pact.js'
import { revokePact } from '../../src/flow/open.js'
import { readPact } from '../../src/flow/file.js'
import { type PublicVerdict, verifyCode, verifyFile } from '../../src/flow/verify.js'
import { findRevisions } from '../../src/store/pacts.js'
import { openTestHouse } from '../house.js'

const house = await openTestHouse({ after })
await house.openCampaign()
await house.openGates('kadis')
await house.sign('dinas1')
await house.sign('camat')
await house.advance()

const codeOf = async (key: string) => (await house.partyOf(key)).code
const byCode = async (key: string) => verifyCode(house.house, await codeOf(key), house.now)
const fileOf = async (key: string) => readPact(house.house, house.db, (await house.partyOf(key)).pactId)
const byFile = (pdf: Uint8Array) => verifyFile(house.house, pdf, house.now)
const failed = (verdict: PublicVerdict) =>
  verdict.checks.filter((check) => check.outcome === 'fail').map((check) => check.id)

test('a finished pact is SAH by its code and by its file, every check passed', async () => {
  for (const verdict of [
    await byCode('kadis'),
    await byFile(await fileOf('kadis')),
    await byFile(await fileOf('dinas1')),
  ]) {
    assert.equal(verdict.outcome, 'valid')
    assert.deepEqual(
      verdict.checks.filter((check) => check.outcome !== 'pass'),
      [],
    )
    assert.equal(verdict.waitingCount, 0)
  }
  assert.deepEqual(
    (await byCode('kadis')).signatures.map((one) => one.institution),
    ['Dinas Kesehatan', 'Bawaslu Kota Rekaan', 'Pemerintah Kota Rekaan'],
  )
  await house.check()
})

test('a code is read however it is typed: lower case, in groups, with letters for digits', async () => {
  const code = await codeOf('kadis')
  for (const typed of [
    groupCode(code),
    code.toLowerCase(),
    ` ${code.replaceAll('0', 'O').replaceAll('1', 'l')} `,
  ])
    assert.equal((await verifyCode(house.house, typed, house.now)).outcome, 'valid', typed)
  await house.check()
})

test('a pact that waits for its witness is BELUM LENGKAP', async () => {
  for (const verdict of [await byCode('camat'), await byFile(await fileOf('camat'))]) {
    assert.equal(verdict.outcome, 'incomplete')
    assert.equal(verdict.waitingCount, 1)
    assert.deepEqual(failed(verdict), ['complete', 'archive'])
  }
  await house.check()
})

test('a code nobody issued, and one of a pact that nobody has signed, are not found', async () => {
  const unsigned = await codeOf('plt')
  for (const typed of ['', 'halo', '0'.repeat(26), '8'.repeat(26), unsigned, `${await codeOf('kadis')}0`])
    assert.equal((await verifyCode(house.house, typed, house.now)).outcome, 'not_found', typed)
  await house.check()
})

test('a file with one byte changed, added or cut off anywhere is TIDAK SAH or no PDF at all', async () => {
  const pdf = await fileOf('kadis')
  for (const at of [10, 600, pdf.length >> 2, pdf.length >> 1, pdf.length - 400, pdf.length - 3]) {
    const changed = Buffer.from(pdf)
    changed[at]! ^= 1
    const { outcome } = await byFile(changed)
    assert.ok(['invalid', 'unreadable'].includes(outcome), `byte ${at}: ${outcome}`)
  }
  assert.equal((await byFile(Buffer.concat([pdf, Buffer.from('\n')]))).outcome, 'invalid')
  for (const size of [pdf.length - 1, pdf.length >> 1, 100, 1, 0]) {
    const { outcome } = await byFile(pdf.subarray(0, size))
    assert.ok(['invalid', 'unreadable'].includes(outcome), `${size} bytes: ${outcome}`)
  }
  await house.check()
})

test('an earlier revision of a finished file is never SAH', async () => {
  const pdf = await fileOf('kadis')
  const revisions = await findRevisions(house.db, (await house.partyOf('kadis')).pactId)
  for (const revision of revisions.slice(0, -1)) {
    const { outcome, waitingCount } = await byFile(pdf.subarray(0, revision.sizeBytes))
    assert.equal(outcome, revision.ordinal === 0 ? 'invalid' : 'incomplete', `revision ${revision.ordinal}`)
    assert.equal(waitingCount, 0, 'our records know that it is finished')
  }
  await house.check()
})

test('a piece of the file that was changed on our own disk is not served as if nothing had happened', async () => {
  const { pactId } = await house.partyOf('dinas1')
  const [base] = await findRevisions(house.db, pactId)
  const get = house.house.files.get.bind(house.house.files)
  await assert.doesNotReject(get(base!.chunkSha256))
  const name = Buffer.from(base!.chunkSha256).toString('hex')
  const path = join(house.folder, 'naskah', name.slice(0, 2), `${name}.gz`)
  const bytes = await readFile(path)
  await writeFile(path, gzipSync(Buffer.concat([gunzipSync(bytes), Buffer.from(' ')])))
  await assert.rejects(verifyCode(house.house, await codeOf('dinas1'), house.now), /restore it from a backup/)
  await writeFile(path, bytes)
  await house.check()
})

test('a pact of another house, with its own keys and its own good signatures, is not ours', async (t) => {
  const other = await openTestHouse(t)
  await other.openCampaign({ units: ['DINKES'] })
  await other.openGates('kadis')
  const { pactId, code } = await other.partyOf('kadis')
  const verdict = await byFile(await readPact(other.house, other.db, pactId))
  assert.equal(verdict.outcome, 'invalid')
  assert.ok(failed(verdict).includes('chain') && failed(verdict).includes('records'))
  assert.equal((await verifyCode(house.house, code, house.now)).outcome, 'not_found')
  await other.check()
})

test('the page of a code shows neither the whole name nor the whole number, and who has not signed is nobody', async () => {
  const code = await codeOf('dinas1')
  const { name, identityNumber, email } = house.person('dinas1')
  const page = await request(house.app).get(`/v/${code}`).expect(200)
  assert.match(page.text, /\bSAH\b/)
  for (const secret of [name, identityNumber, email]) assert.ok(!page.text.includes(secret))
  const camat = await request(house.app)
    .get(`/v/${await codeOf('camat')}`)
    .expect(200)
  assert.match(camat.text, /BELUM LENGKAP/)
  await house.check()
})

test('a revoked pact is DICABUT by its code and by its file, with its reason', async () => {
  const pdf = await fileOf('dinas1')
  const code = await codeOf('dinas1')
  const reason = 'Ditandatangani atas nama orang yang keliru'
  await revokePact(house.house, { code, reason, pemdaId: house.pemda.id }, house.admin())
  assert.equal((await verifyCode(house.house, code, house.now)).outcome, 'revoked')
  assert.equal((await byFile(pdf)).outcome, 'revoked')
  const page = await request(house.app).get(`/v/${code}`).expect(200)
  assert.match(page.text, /DICABUT/)
  assert.ok(page.text.includes(reason))
  const changed = Buffer.from(pdf)
  changed[pdf.length >> 1]! ^= 1
  assert.equal((await byFile(changed)).outcome, 'invalid')
  await house.check()
})

// Heads sign before Bawaslu and a second witness: one page, three signatures and the seal.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, test } from 'node:test'
import request from 'supertest'
import { readPact } from '../../src/flow/file.js'
import { inviteAccount } from '../../src/flow/signin.js'
import { verifyCode } from '../../src/flow/verify.js'
import { agreeAsWitness, openWitnessed } from '../../src/flow/witness.js'
import { findAccount } from '../../src/store/accounts.js'
import { findGate } from '../../src/store/campaigns.js'
import { openTestHouse } from '../house.js'
import { refuses } from '../refusal.js'

const house = await openTestHouse({ after })
const id = await inviteAccount(
  house.house,
  {
    ...{ pemdaId: house.pemda.id, role: 'witness', unitId: undefined, email: 'pj@rekaan.example' },
    ...{ name: 'Asmawa Rekaan', institution: 'Pemerintah Kota Rekaan', jabatan: 'Pj. Wali Kota' },
  },
  house.admin(),
)
const second = (await findAccount(house.db, id))!

test('nobody but an account of that role can be chosen', async () => {
  await refuses(house.openCampaign({ isDraft: true, secondWitnessId: house.accounts.bawaslu.id }), 'BAD_FORM')
})

test('Bawaslu witnesses first, then the second witness; the gate opens after both', async () => {
  const campaign = await house.openCampaign({ secondWitnessId: id })
  const unitId = await house.unitId('DINKES')
  await house.openGates('kadis')
  const { pactId, code } = await house.partyOf('kadis')
  assert.equal((await findGate(house.db, campaign.id, unitId))!.state, 'waiting_witness')
  const early = await verifyCode(house.house, code, house.now)
  assert.deepEqual([early.outcome, early.waitingCount], ['incomplete', 1])
  const { paper } = await openWitnessed(house.house, second, pactId)
  assert.match(house.post.mailsTo(second.email).at(-1)!.subject, /penyaksian/)
  const textSha256 = paper.textSha256.toString('hex')
  await agreeAsWitness(house.house, second, { pactId, hasSeen: true, textSha256 }, house.act())
  await house.advance()
  assert.equal((await findGate(house.db, campaign.id, unitId))!.state, 'open')
  const verdict = await verifyCode(house.house, code, house.now)
  assert.equal(verdict.outcome, 'valid', JSON.stringify(verdict.checks))
  assert.deepEqual(
    verdict.signatures.map(({ slot }) => slot),
    ['PENANDA_TANGAN', 'SAKSI_1', 'SAKSI_2', 'SEGEL'],
  )
  const path = join(house.folder, 'pimpinan.pdf')
  writeFileSync(path, await readPact(house.house, house.db, pactId))
  const signed = spawnSync('pdfsig', ['-nocert', path], { encoding: 'utf8' }).stdout
  assert.equal(signed.match(/Signature is Valid/g)?.length, 4)
  const words = spawnSync('pdftotext', [path, '-'], { encoding: 'utf8' }).stdout.replace(/\s+/g, ' ')
  assert.match(words, /kesaksian Bawaslu Kota Rekaan dan Pemerintah Kota Rekaan/)
  assert.match(words, /Asmawa Rekaan/)
  await house.check()
})

test('who only witnesses sees the pacts to witness and nothing else', async () => {
  const cookie = await house.cookie(second)
  const ask = (path: string) => request(house.app).get(path).set('Cookie', cookie)
  assert.equal((await ask('/saksi')).status, 200)
  for (const path of ['/cakupan', '/saksi/rekapitulasi', '/tim', '/admin'])
    assert.equal((await ask(path)).status, 403, path)
})

// Somebody whose mail does not come proposes an address; the unit's head confirms it, and only then is anything sent.
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import request from 'supertest'
import { rows } from '../../src/store/db.js'
import { findEmployee } from '../../src/store/people.js'
import { openTestHouse } from '../house.js'

const house = await openTestHouse({ after })
house.post.answer = (to) =>
  to.startsWith('perawat1@') ? { code: 550, message: 'no such user here', at: 'RCPT TO' } : 'take'
const campaign = await house.openCampaign()
await house.openGates('kadis')
await house.advance()
const employeeId = await house.employeeId('perawat1')
const unitId = await house.unitId('DINKES')
const cookie = await house.cookie(house.accounts.unit_head)
const origin = 'http://pakta.rekaan.example'
const propose = (number: string, email: string) =>
  request(house.app).post('/usul-surel/74.71').set('Origin', origin).type('form').send({ number, email })
const page = async () =>
  (await request(house.app).get(`/cakupan/${campaign.id}/${unitId}/tidak-terkirim`).set('Cookie', cookie))
    .text
const decide = (fields: Record<string, string>) =>
  request(house.app)
    .post(`/pegawai/${campaign.id}/${employeeId}/usulan-surel`)
    .set('Cookie', cookie)
    .set('Origin', origin)
    .type('form')
    .send({ unitId: String(unitId), ...fields })
const proposalId = async () =>
  String((await rows<{ id: number }>(house.db, 'select max(id)::int as id from address_proposal'))[0]!.id)

test('the answer is the same for a number that is somebody’s and for one that is nobody’s', async () => {
  const known = await propose(house.person('perawat1').identityNumber, 'baru@rekaan.example')
  const unknown = await propose('199912312022211999', 'penyusup@jahat.example')
  assert.deepEqual([known.status, known.text], [unknown.status, unknown.text])
  assert.equal((await rows(house.db, 'select 1 from address_proposal')).length, 1)
  assert.equal((await propose('', 'x')).status, 400)
})

test('nothing is sent to a proposed address before the head has confirmed it; the newest replaces the one before', async () => {
  await house.advance()
  assert.equal(house.post.mailsTo('baru@rekaan.example').length, 0)
  assert.match(await page(), /Diusulkan .*baru@rekaan\.example/s)
  const stale = await proposalId()
  await propose(house.person('perawat1').identityNumber, 'lain@rekaan.example')
  const late = await decide({ proposalId: stale, email: 'baru@rekaan.example', decision: 'accept' })
  assert.equal(late.status, 409)
  assert.equal((await findEmployee(house.db, employeeId))!.email, house.person('perawat1').email)
  const done = await decide({
    proposalId: await proposalId(),
    email: 'lain@rekaan.example',
    decision: 'accept',
  })
  assert.equal(done.status, 303)
  await house.advance()
  assert.equal((await findEmployee(house.db, employeeId))!.email, 'lain@rekaan.example')
  assert.ok(house.post.tokenTo('lain@rekaan.example'))
  const again = await decide({
    proposalId: await proposalId(),
    email: 'lain@rekaan.example',
    decision: 'reject',
  })
  assert.equal(again.status, 409)
  await house.check()
})

test('an address that is another person’s is refused, and a rejected proposal changes nothing', async () => {
  const number = house.person('tanpa-surel').identityNumber
  const other = await house.employeeId('tanpa-surel')
  await propose(number, house.person('dinas1').email)
  const ask = (decision: string, id: string) =>
    request(house.app)
      .post(`/pegawai/${campaign.id}/${other}/usulan-surel`)
      .set('Cookie', cookie)
      .set('Origin', origin)
      .type('form')
      .send({ unitId: String(unitId), proposalId: id, email: house.person('dinas1').email, decision })
  assert.equal((await ask('accept', await proposalId())).status, 400)
  assert.equal((await ask('reject', await proposalId())).status, 303)
  assert.equal((await findEmployee(house.db, other))!.email, null)
  await house.check()
})

// A circular that everybody acknowledges when they sign.
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { after, test } from 'node:test'
import { unzipSync } from 'fflate'
import request from 'supertest'
import { exportDossier } from '../../src/flow/dossier.js'
import { attachCircular } from '../../src/flow/open.js'
import { agree } from '../../src/flow/sign.js'
import { rows } from '../../src/store/db.js'
import { openTestHouse } from '../house.js'
import { refuses } from '../refusal.js'
import { tinyPdf } from '../web/upload.js'

const house = await openTestHouse({ after })
const campaign = await house.openCampaign()
const circular = {
  campaignId: campaign.id,
  ...{ number: '270/412/2027', title: 'Edaran tentang Netralitas ASN', issuedOn: '2027-01-04' },
  file: tinyPdf,
}

test('what is no PDF, or has no number, is refused and nothing is kept', async () => {
  await refuses(
    attachCircular(house.house, { ...circular, file: Buffer.from('<html>') }, house.admin()),
    'BAD_FILE',
  )
  await refuses(attachCircular(house.house, { ...circular, number: ' ' }, house.admin()), 'BAD_FORM')
  assert.equal((await rows(house.db, 'select 1 from circular')).length, 0)
})

test('it stands on the signing page, and nobody signs without having said that they read it', async () => {
  await attachCircular(house.house, circular, house.admin())
  await house.advance()
  const token = house.token('kadis')
  const page = await request(house.app).get(`/t/${token}`)
  assert.match(page.text, /Nomor 270\/412\/2027, 4 Januari 2027/)
  assert.match(page.text, /name="hasCircular"/)
  const file = await request(house.app).get(`/t/${token}/surat-edaran.pdf`).buffer(true)
  assert.equal(file.headers['content-type'], 'application/pdf')
  assert.deepEqual(file.body, tinyPdf)
  await refuses(
    agree(house.house, token, await house.consent('kadis', { hasCircular: false }), house.act()),
    'BAD_FORM',
  )
  await house.sign('kadis')
  const [agreed] = await rows<{ detail: { consents: string[]; circularSha256: string } }>(
    house.db,
    `select detail from event where kind = 'agreed'`,
  )
  assert.deepEqual(agreed!.detail.consents, ['isSelf', 'hasRead', 'isBinding', 'hasCircular'])
  assert.equal(agreed!.detail.circularSha256, createHash('sha256').update(tinyPdf).digest('hex'))
})

test('once somebody has signed it stays as it is, and it goes into the dossier', async () => {
  await refuses(attachCircular(house.house, { ...circular, number: '1' }, house.admin()), 'STALE')
  await house.advance()
  await house.witness()
  await house.advance()
  const { bytes } = await exportDossier(
    house.house,
    { campaign, employeeId: await house.employeeId('kadis'), caseNumber: '1/2027' },
    house.admin(),
  )
  assert.deepEqual(Buffer.from(unzipSync(bytes)['surat-edaran.pdf']!), tinyPdf)
  await house.check()
})

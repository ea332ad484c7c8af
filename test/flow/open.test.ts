import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { coverUnit } from '../../src/flow/standing.js'
import { correctAddress } from '../../src/flow/invite.js'
import {
  closeCampaign,
  excludeEmployee,
  includeEmployee,
  openCampaign,
  openGateByOverride,
} from '../../src/flow/open.js'
import { openLink } from '../../src/flow/sign.js'
import { findGate } from '../../src/store/campaigns.js'
import { rows } from '../../src/store/db.js'
import { DAY, openTestHouse } from '../house.js'
import { refuses } from '../refusal.js'

const house = await openTestHouse({ after })
const campaign = await house.openCampaign()
await house.openGates('kadis')

const countAll = async () =>
  (await coverUnit(house.house, { campaign, pemda: house.pemda, unitId: undefined, now: house.now })).node
    .total
const countUnit = async (code: string) =>
  (
    await coverUnit(house.house, {
      campaign,
      pemda: house.pemda,
      unitId: await house.unitId(code),
      now: house.now,
    })
  ).node.total

test('an excluded person leaves the denominator and comes back, and both are on record', async () => {
  const before = await countAll()
  const excluded = {
    campaignId: campaign.id,
    employeeId: await house.employeeId('dinas1'),
    reason: 'CUTI' as const,
    note: '',
  }
  await excludeEmployee(house.house, excluded, house.admin())
  await excludeEmployee(house.house, excluded, house.admin())
  const during = await countAll()
  assert.deepEqual([during.required, during.excluded], [before.required - 1, before.excluded + 1])
  await includeEmployee(house.house, excluded, house.admin())
  assert.deepEqual(await countAll(), before)
  const kinds = await rows<{ kind: string }>(
    house.db,
    `select kind from event where employee_id = :employeeId and kind like 'excl%' order by id`,
    excluded,
  )
  assert.deepEqual(
    kinds.map((one) => one.kind),
    ['excluded', 'exclusion_ended'],
  )
  await house.check()
})

test('somebody who signed and is then excluded counts in neither number', async () => {
  await house.sign('dinas2')
  await house.advance()
  const before = await countAll()
  const excluded = {
    campaignId: campaign.id,
    employeeId: await house.employeeId('dinas2'),
    reason: 'MUTASI' as const,
    note: '',
  }
  await excludeEmployee(house.house, excluded, house.admin())
  const during = await countAll()
  assert.deepEqual([during.required, during.signed], [before.required - 1, before.signed - 1])
  await includeEmployee(house.house, excluded, house.admin())
  await house.check()
})

test('a person who moves to another unit takes the signed pact along and counts there', async () => {
  const [from, to] = [await countUnit('DINKES'), await countUnit('74.71.01')]
  await house.importRoster(
    house.people.map((person) => (person.key === 'dinas2' ? { ...person, unit: '74.71.01.1001' } : person)),
  )
  assert.equal((await countUnit('DINKES')).signed, from.signed - 1)
  assert.equal((await countUnit('74.71.01')).signed, to.signed + 1)
  assert.equal((await house.partyOf('dinas2')).state, 'signed')
  await house.check()
})

test('a gate opens by override only with a reason, once, and then its people are invited', async () => {
  const unitId = await house.unitId('BKD')
  const override = { campaignId: campaign.id, unitId, reason: 'Jabatan kosong, Plt. belum ditunjuk' }
  await refuses(openGateByOverride(house.house, { ...override, reason: 'kosong' }, house.admin()), 'BAD_FORM')
  await openGateByOverride(house.house, override, house.admin())
  await refuses(openGateByOverride(house.house, override, house.admin()), 'STALE')
  await refuses(openGateByOverride(house.house, { ...override, unitId: 0 }, house.admin()), 'NOT_FOUND')
  assert.equal((await findGate(house.db, campaign.id, unitId))?.state, 'overridden')
  const before = (await countUnit('BKD')).invited
  await house.advance()
  assert.ok((await countUnit('BKD')).invited > before)
  await house.check()
})

test("an address that is somebody else's cannot become this person's: the link would go to the wrong hands", async () => {
  const employeeId = await house.employeeId('dinas3')
  const { partyId } = await house.partyOf('dinas3')
  const correct = (email: string) =>
    correctAddress(
      house.house,
      { employeeId, partyId, email, accountId: house.accounts.administrator.id },
      house.act(),
    )
  await refuses(correct(house.accounts.administrator.email), 'BAD_FORM')
  await refuses(correct(house.person('kadis').email.toUpperCase()), 'BAD_FORM')
  const old = house.token('dinas3')
  await correct('dinas3.baru@surel.example')
  await house.advance()
  assert.equal((await openLink(house.house, old, house.now)).outcome, 'replaced')
  assert.equal(house.post.mailsTo('dinas3.baru@surel.example').length, 1)
  await house.check()
})

test('a roster with a new address brings the link to it, and the link at the old one is dead', async () => {
  const old = house.token('dinas1')
  const people = house.people.map((person) => {
    if (person.key === 'dinas1') return { ...person, email: 'dinas1.pindah@surel.example' }
    if (person.key === 'tanpa-surel') return { ...person, email: 'akhirnya@surel.example' }
    return person.key === 'dinas2' ? { ...person, unit: '74.71.01.1001' } : person
  })
  await house.importRoster(people)
  await house.advance()
  assert.equal((await openLink(house.house, old, house.now)).outcome, 'replaced')
  for (const address of ['dinas1.pindah@surel.example', 'akhirnya@surel.example'])
    assert.equal(house.post.mailsTo(address).length, 1, address)
  await house.advance()
  assert.equal(house.post.mailsTo('dinas1.pindah@surel.example').length, 1)
  await house.check()
})

test('a closed campaign opens no link and sends no mail; opened again it goes on where it stopped', async () => {
  await house.sign('camat')
  await house.advance()
  await closeCampaign(house.house, campaign.id, house.admin())
  await refuses(closeCampaign(house.house, campaign.id, house.admin()), 'STALE')
  assert.equal((await openLink(house.house, house.token('bidang1'), house.now)).outcome, 'closed')
  assert.equal((await openLink(house.house, house.token('dinas2'), house.now)).outcome, 'signed')
  const before = house.post.mails.length
  house.now = new Date(house.now.getTime() + 4 * DAY)
  await house.advance()
  assert.equal(house.post.mails.length, before)
  await openCampaign(house.house, campaign.id, house.admin())
  await house.advance()
  assert.equal((await openLink(house.house, house.token('bidang1'), house.now)).outcome, 'valid')
  await house.check()
})

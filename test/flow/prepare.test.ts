import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import {
  chooseWitness,
  closeCampaign,
  excludeEmployee,
  includeEmployee,
  openCampaign,
  openGateByOverride,
  prepareCampaign,
  revokePact,
} from '../../src/flow/open.js'
import { openLink } from '../../src/flow/sign.js'
import { findCampaign, findLegalBases, findTemplateVersions } from '../../src/store/campaigns.js'
import { rows } from '../../src/store/db.js'
import { findPact } from '../../src/store/pacts.js'
import { openTestHouse } from '../house.js'
import { refuses } from '../refusal.js'

const house = await openTestHouse({ after })
const campaign = await house.openCampaign({ isDraft: true })

test('a campaign that could never be finished is refused', async () => {
  const [legalBasis] = await findLegalBases(house.db)
  const versions = await findTemplateVersions(house.db)
  const newest = (signerClass: string) => versions.find((one) => one.signerClass === signerClass)!
  const rule = { ownKey: false, code: false }
  const good = {
    pemdaId: house.pemda.id,
    name: 'Kegiatan',
    electionKind: 'PEMILU' as const,
    electionName: 'Pemilu 2029',
    legalBasisId: legalBasis!.id,
    timeZone: 'WITA' as const,
    deadline: new Date(house.now.getTime() + 1000),
    eventPlace: '',
    requiredLegalStatuses: ['AKTIF'],
    mailPolicy: { quietFromHour: 0, quietUntilHour: 0, remindAfterDays: [] },
    templates: { HEAD: newest('HEAD'), ASN: newest('ASN'), NON_ASN: newest('NON_ASN') },
    rules: { HEAD: rule, ASN: rule, NON_ASN: rule },
    secondWitnessId: null,
    units: [{ unitId: await house.unitId('BKD'), witnessAccountId: undefined }],
  }
  const before = await house.dump()
  for (const wrong of [
    { name: ' ' },
    { electionName: '' },
    { units: [] },
    { requiredLegalStatuses: [] },
    { deadline: house.now },
  ])
    await refuses(prepareCampaign(house.house, { ...good, ...wrong }, house.admin()), 'BAD_FORM')
  assert.deepEqual(await house.dump(), before)
  await house.check()
})

test('before a campaign is opened nobody is invited', async () => {
  await house.advance()
  assert.deepEqual(await rows(house.db, 'select from pact'), [])
  await refuses(closeCampaign(house.house, campaign.id, house.admin()), 'STALE')
  await refuses(openCampaign(house.house, campaign.id + 1, house.admin()), 'NOT_FOUND')
  await house.check()
})

test('opening twice at the same moment opens once', async () => {
  const results = await Promise.allSettled(
    Array.from({ length: 3 }, () => openCampaign(house.house, campaign.id, house.admin())),
  )
  assert.equal(results.filter((result) => result.status === 'fulfilled').length, 1)
  const events = await rows(house.db, `select from event where kind = 'campaign_opened'`)
  assert.equal(events.length, 1)
  assert.equal((await findCampaign(house.db, campaign.id))!.state, 'open')
  await house.check()
})

test('a witness is chosen from Bawaslu, and not any more once the name stands on the page', async () => {
  const unitId = await house.unitId('BKD')
  const choose = (witnessAccountId: number) =>
    chooseWitness(house.house, { campaignId: campaign.id, unitId, witnessAccountId, pemdaId: house.pemda.id })
  await refuses(choose(house.accounts.auditor.id), 'BAD_FORM')
  await choose(house.accounts.bawaslu.id)
  await house.advance()
  await refuses(choose(house.accounts.bawaslu.id), 'STALE')
  await house.check()
})

test('a unit whose head has no witness yet waits, and goes on once there is one', async (t) => {
  const house = await openTestHouse(t)
  const campaign = await house.openCampaign()
  await rows(house.db, 'update campaign_unit set witness_account_id = null')
  await house.advance()
  assert.deepEqual(await rows(house.db, 'select from pact'), [])
  await chooseWitness(house.house, {
    campaignId: campaign.id,
    unitId: await house.unitId('74.71.01'),
    witnessAccountId: house.accounts.bawaslu.id,
    pemdaId: house.pemda.id,
  })
  await house.openGates('camat')
  assert.equal((await house.partyOf('mawar1')).state, 'ready')
  await house.check()
})

test('who is excluded while their mail waits gets it when they are back, and not before', async () => {
  const employeeId = await house.employeeId('kadis')
  const { email } = house.person('kadis')
  const { partyId } = await house.partyOf('kadis')
  await rows(house.db, `update mail set state = 'queued', ended_at = null where party_id = :partyId`, {
    partyId,
  })
  await rows(house.db, 'update party set invited_at = null where id = :partyId', { partyId })
  const sent = house.post.mailsTo(email).length
  const excluded = { campaignId: campaign.id, employeeId, reason: 'CUTI' as const, note: '' }
  await excludeEmployee(house.house, excluded, house.admin())
  await house.advance()
  assert.equal(house.post.mailsTo(email).length, sent)
  await includeEmployee(house.house, { campaignId: campaign.id, employeeId }, house.admin())
  house.now = new Date(house.now.getTime() + 3_600_000)
  await house.advance()
  assert.equal(house.post.mailsTo(email).length, sent + 1)
  await house.check()
})

test('only a sealed pact is revoked, once, with a reason; its signer gets a new one to sign', async () => {
  await openGateByOverride(
    house.house,
    { campaignId: campaign.id, unitId: await house.unitId('BKD'), reason: 'Uji pencabutan pakta' },
    house.admin(),
  )
  await house.advance()
  await house.sign('badan1')
  const { code, pactId } = await house.partyOf('badan1')
  const revoke = (change: Partial<{ code: string; reason: string; pemdaId: number }> = {}) =>
    revokePact(
      house.house,
      { code, reason: 'Identitas pada pakta keliru', pemdaId: house.pemda.id, ...change },
      house.admin(),
    )
  await refuses(revoke(), 'STALE')
  await house.advance()
  await refuses(revoke({ reason: '  salah  ' }), 'BAD_FORM')
  await refuses(revoke({ pemdaId: house.pemda.id + 1 }), 'NOT_FOUND')
  await refuses(revoke({ code: '0'.repeat(26) }), 'NOT_FOUND')
  const old = house.token('badan1')
  await revoke()
  await refuses(revoke(), 'STALE')
  assert.equal((await findPact(house.db, pactId))!.state, 'revoked')
  await house.check()
  await house.advance()
  const renewed = await house.partyOf('badan1')
  assert.notEqual(renewed.pactId, pactId)
  assert.equal(
    (await openLink(house.house, old, house.now)).outcome,
    'signed',
    'the old link shows the old pact',
  )
  await house.sign('badan1')
  await house.advance()
  assert.equal((await findPact(house.db, renewed.pactId))!.state, 'sealed')
  await house.check()
})

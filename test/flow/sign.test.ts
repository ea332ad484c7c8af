import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { makeToken } from '../../src/domain/links.js'
import { sendNewLink } from '../../src/flow/invite.js'
import { closeCampaign, openCampaign } from '../../src/flow/open.js'
import {
  agree,
  type Consent,
  decline,
  dispute,
  noteOpened,
  openLink,
  settleDispute,
} from '../../src/flow/sign.js'
import { composePaper, momentValues } from '../../src/flow/paper.js'
import { placeholderSamples, surePlaceholders } from '../../src/evidence/specimen.js'
import { rows } from '../../src/store/db.js'
import { findPact, findParty } from '../../src/store/pacts.js'
import { DAY, openTestHouse } from '../house.js'
import { refuses } from '../refusal.js'

const house = await openTestHouse({ after })
const campaign = await house.openCampaign()
await house.openGates('kadis', 'camat')

const agreeAs = async (key: string, change: Partial<Consent> = {}) =>
  agree(house.house, house.token(key), await house.consent(key, change), house.act())
const countEvents = async (key: string, kind: string) =>
  (
    await rows(house.db, 'select from event where party_id = :partyId and kind = :kind', {
      partyId: (await house.partyOf(key)).partyId,
      kind,
    })
  ).length

test('whatever a template may ask for is there for every pact: nothing is missing at the moment of signing', async () => {
  const pacts = await rows<{ id: number }>(house.db, 'select id from pact order by id')
  const seen = new Set<string>()
  for (const { id } of pacts) {
    const pact = (await findPact(house.db, id))!
    const paper = await composePaper(house.house, house.db, pact)
    seen.add(pact.signerClass)
    const given = { ...paper.filled, ...momentValues(house.now, campaign) }
    for (const name of surePlaceholders(pact.signerClass))
      assert.ok(String(given[name] ?? '').trim(), `${name} on a pact of ${pact.signerClass}`)
    for (const name of Object.keys(given))
      assert.ok(name in placeholderSamples[pact.signerClass], `${name} is filled and no template may name it`)
  }
  assert.deepEqual([...seen].sort(), ['ASN', 'HEAD', 'NON_ASN'])
})

test('agreeing twice is one signature', async () => {
  await agreeAs('dinas1')
  const before = await house.dump()
  await agreeAs('dinas1')
  assert.deepEqual(await house.dump(), before)
  await house.advance()
  await agreeAs('dinas1')
  await house.advance()
  assert.equal(await countEvents('dinas1', 'agreed'), 1)
  assert.equal(await countEvents('dinas1', 'signed'), 1)
  assert.equal((await openLink(house.house, house.token('dinas1'), house.now)).outcome, 'signed')
  await house.check()
})

test('eight phones that agree at the same time are one signature', async () => {
  const consent = await house.consent('dinas2')
  const token = house.token('dinas2')
  await Promise.all(Array.from({ length: 8 }, () => agree(house.house, token, consent, house.act())))
  assert.equal(await countEvents('dinas2', 'agreed'), 1)
  await Promise.all(Array.from({ length: 4 }, () => house.advance()))
  assert.equal(await countEvents('dinas2', 'signed'), 1)
  await house.check()
})

test('agreeing and declining at the same time is one or the other, never both', async () => {
  const consent = await house.consent('dinas3')
  const token = house.token('dinas3')
  const results = await Promise.allSettled([
    agree(house.house, token, consent, house.act()),
    decline(house.house, token, { reason: 'KEBERATAN', note: '' }, house.act()),
  ])
  const { state } = await house.partyOf('dinas3')
  // Declining first and signing after is allowed; declining after signing is not.
  assert.equal(results[0].status, 'fulfilled')
  assert.equal(state, 'agreed')
  await house.advance()
  await house.check()
})

test('whoever does not know the end of the number signs nothing, and nothing is written', async () => {
  const before = await house.dump()
  const { identityNumber } = house.person('bidang1')
  for (const identityTail of [
    '',
    '0000',
    identityNumber.slice(-3),
    house.person('bidang2').identityNumber.slice(-4),
  ])
    await refuses(agreeAs('bidang1', { identityTail }), 'BAD_FORM')
  assert.deepEqual(await house.dump(), before)
  await house.check()
})

test('each of the three consents is needed', async () => {
  const before = await house.dump()
  for (const missing of ['isSelf', 'hasRead', 'isBinding'] as const)
    await refuses(agreeAs('bidang1', { [missing]: false }), 'BAD_FORM')
  assert.deepEqual(await house.dump(), before)
  await house.check()
})

test('words that changed after they were read are refused; the new words can be signed', async () => {
  const consent = await house.consent('bidang1')
  await house.importRoster(
    house.people.map((one) => (one.key === 'bidang1' ? { ...one, jabatan: 'Analis Hukum' } : one)),
  )
  await refuses(agree(house.house, house.token('bidang1'), consent, house.act()), 'STALE')
  assert.equal((await house.partyOf('bidang1')).state, 'ready')
  await agreeAs('bidang1')
  const pact = (await findPact(house.db, (await house.partyOf('bidang1')).pactId))!
  assert.equal(pact.identity!.jabatan, 'Analis Hukum')
  // What is agreed is frozen: a later promotion changes nothing, not even before the signature is in the file.
  await house.importRoster(house.people)
  await house.advance()
  assert.equal((await findPact(house.db, pact.id))!.identity!.jabatan, 'Analis Hukum')
  await house.check()
})

test('a link that cannot be one, or was never given out, is unknown', async () => {
  const token = house.token('bidang2')
  const changed = (token[0] === 'A' ? 'B' : 'A') + token.slice(1)
  const { id } = (await rows<{ id: number }>(house.db, 'select max(id) as id from invitation'))[0]!
  const { linkKey } = house.house.keys
  const otherPurpose = makeToken(linkKey, { purpose: 'signin', id, generation: 1 })
  const otherGeneration = makeToken(linkKey, { purpose: 'pact', id, generation: 2 })
  for (const text of [
    '',
    'x',
    token.slice(1),
    `${token}A`,
    `${token.slice(0, 42)}/`,
    changed,
    otherPurpose,
    otherGeneration,
    '../../etc/passwd',
  ]) {
    assert.equal((await openLink(house.house, text, house.now)).outcome, 'malformed', text)
    await refuses(agree(house.house, text, await house.consent('bidang2'), house.act()), 'BAD_LINK')
  }
  await house.check()
})

test('a link opened after it expired is refused; a new one is mailed and works', async () => {
  const old = house.token('bidang2')
  const consent = await house.consent('bidang2')
  const before = house.now
  house.now = new Date(before.getTime() + 14 * DAY)
  assert.equal((await openLink(house.house, old, house.now)).outcome, 'expired')
  await refuses(agree(house.house, old, consent, house.act()), 'LINK_EXPIRED')
  await refuses(decline(house.house, old, { reason: 'KEBERATAN', note: '' }, house.act()), 'LINK_EXPIRED')
  assert.equal(
    await sendNewLink(house.house, (await house.partyOf('bidang2')).partyId, house.act()),
    'queued',
  )
  await house.advance()
  assert.notEqual(house.token('bidang2'), old)
  await refuses(agree(house.house, old, consent, house.act()), 'LINK_REPLACED')
  await house.sign('bidang2')
  assert.equal((await openLink(house.house, old, house.now)).outcome, 'replaced', 'dead even after signing')
  await house.advance()
  await house.check()
})

test('a person who moves to a unit whose head has not signed waits for that head', async () => {
  const consent = await house.consent('bidang3')
  await house.importRoster(house.people.map((one) => (one.key === 'bidang3' ? { ...one, unit: 'BKD' } : one)))
  const opened = await openLink(house.house, house.token('bidang3'), house.now)
  assert.ok(opened.outcome === 'waiting_head' && opened.unitName === 'Badan Kepegawaian Daerah')
  await refuses(agree(house.house, house.token('bidang3'), consent, house.act()), 'WAITING_HEAD')
  await house.importRoster(house.people)
  await house.check()
})

test('who is not willing yet says why, may say another why, and may still sign', async () => {
  const token = house.token('anggrek1')
  await decline(house.house, token, { reason: 'PERLU_PENJELASAN', note: 'Pasal 3' }, house.act())
  await decline(house.house, token, { reason: 'KEBERATAN', note: 'Tetap' }, house.act())
  const { partyId } = await house.partyOf('anggrek1')
  const party = (await findParty(house.db, partyId))!
  assert.deepEqual([party.state, party.answerReason, party.answerNote], ['declined', 'KEBERATAN', 'Tetap'])
  await house.check()
  await house.sign('anggrek1')
  const signed = (await findParty(house.db, partyId))!
  assert.deepEqual([signed.state, signed.answerReason, signed.answerNote], ['agreed', null, null])
  assert.equal(await countEvents('anggrek1', 'declined'), 2, 'the ledger remembers')
  await house.advance()
  await refuses(decline(house.house, token, { reason: 'KEBERATAN', note: '' }, house.act()), 'LINK_USED')
  await house.check()
})

test('what a person writes about their reasons stays out of the ledger', async () => {
  await decline(
    house.house,
    house.token('anggrek2'),
    { reason: 'KEBERATAN', note: 'rahasia-saya' },
    house.act(),
  )
  const dump = await house.dump()
  assert.ok(dump['party']!.join().includes('rahasia-saya'))
  assert.ok(!dump['event']!.join().includes('rahasia-saya'))
  await house.check()
})

test('data in dispute cannot be signed until an administrator has settled it; then the mended words are signed', async () => {
  const token = house.token('anggrek3')
  await dispute(house.house, token, 'Nama saya salah', house.act())
  const consent = await house.consent('anggrek3')
  await refuses(agree(house.house, token, consent, house.act()), 'STALE')
  await refuses(decline(house.house, token, { reason: 'KEBERATAN', note: '' }, house.act()), 'STALE')
  const { partyId, pactId } = await house.partyOf('anggrek3')
  const settled = {
    partyId,
    accountId: house.accounts.administrator.id,
    name: 'Nama Benar',
    titlePrefix: '',
    titleSuffix: 'S.H.',
    jabatan: 'Analis Kebijakan',
    grade: 'III/c',
  }
  await settleDispute(house.house, settled, house.act())
  await refuses(settleDispute(house.house, settled, house.act()), 'STALE')
  await refuses(agree(house.house, token, consent, house.act()), 'STALE')
  await agreeAs('anggrek3')
  await house.advance()
  assert.equal((await findPact(house.db, pactId))!.identity!.name, 'Nama Benar, S.H.')
  await house.check()
})

test('the first touch of a page is noted once; a link that is not valid notes nothing', async () => {
  await noteOpened(house.house, house.token('mawar1'), house.act())
  const before = await house.dump()
  await noteOpened(house.house, house.token('mawar1'), house.act())
  await noteOpened(house.house, 'x'.repeat(43), house.act())
  assert.deepEqual(await house.dump(), before)
  assert.equal(await countEvents('mawar1', 'link_opened'), 1)
  await house.check()
})

test('a contract worker proves who they are with the end of the contract number, in any case', async () => {
  await agreeAs('petugas', { identityTail: house.person('petugas').identityNumber.slice(-7).toLowerCase() })
  await house.advance()
  await house.check()
})

test('in a closed campaign nobody signs, and who has signed still sees their pact', async () => {
  const consent = await house.consent('mawar2')
  await closeCampaign(house.house, campaign.id, house.admin())
  await refuses(agree(house.house, house.token('mawar2'), consent, house.act()), 'CAMPAIGN_CLOSED')
  assert.equal((await openLink(house.house, house.token('petugas'), house.now)).outcome, 'signed')
  await refuses(closeCampaign(house.house, campaign.id, house.admin()), 'STALE')
  await openCampaign(house.house, campaign.id, house.admin())
  await house.sign('mawar2')
  await closeCampaign(house.house, campaign.id, house.admin())
  await house.advance()
  const pact = await findPact(house.db, (await house.partyOf('mawar2')).pactId)
  assert.equal(pact!.state, 'sealed', 'what was agreed in time is sealed after the close')
  await house.check()
})

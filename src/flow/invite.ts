import { afterQuietHours, formatIsoDay } from '../domain/campaign.js'
import { PactError } from '../domain/errors.js'
import { hashToken, makeToken } from '../domain/links.js'
import { CODE_BYTES, formatCode, type SignerClass } from '../domain/pact.js'
import { SECOND_WITNESS } from './paper.js'
import { presentParties } from '../evidence/filling.js'
import { ROW_SLOT } from '../evidence/rows.js'
import { type TemplateParty } from '../evidence/template.js'
import { findAccountByEmail } from '../store/accounts.js'
import {
  type Campaign,
  findCampaign,
  findCampaignTemplates,
  findOpenCampaigns,
  findTemplateVersion,
} from '../store/campaigns.js'
import { FOLD_AT_ONCE, foldCoverage } from '../store/coverage.js'
import { findForgetful, findRemindable, findUnenlisted, findUnreached } from '../store/coverage-people.js'
import { type Database, transact } from '../store/db.js'
import { insertEvent } from '../store/ledger.js'
import { cancelPartyMails, countPartyMails, insertMail } from '../store/mails.js'
import {
  findPact,
  findUncalled,
  findParty,
  insertPacts,
  lockPact,
  markUndeliverable,
  type NewPact,
  type Party,
} from '../store/pacts.js'
import { findLiveInvitation, insertInvitation, type Invitation } from '../store/invitations.js'
import { countOthersWithEmail, findEmployee, updateEmail } from '../store/people.js'
import { type Act, type House, makeMessageId } from './house.js'

const DAY_MILLISECONDS = 86_400_000
/** A person gets at most this many mails about one pact in a day, whoever presses the button. */
export const MAILS_PER_PARTY_PER_DAY = 4

/**
 * Gives a pact and a first invitation to everyone who may sign now and has none: heads at once, the others
 * when their gate is open. Whoever has a new address gets a new link there. Called until it returns 0.
 *
 * Crash: each batch is one transaction, so a person has a pact with its link and its queued mail, or nothing.
 */
export async function enlist(house: House, now: Date): Promise<number> {
  await foldCoverage(house.db, { limit: FOLD_AT_ONCE, now })
  const found = await findUnenlisted(house.db, 300)
  const campaigns = new Set(found.map((one) => one.campaignId))
  let made = 0
  for (const campaignId of campaigns) {
    const campaign = (await findCampaign(house.db, campaignId))!
    const templates = new Map(
      (await findCampaignTemplates(house.db, campaignId)).map((one) => [one.signerClass, one]),
    )
    const parties = new Map<SignerClass, TemplateParty[] | 'row'>()
    for (const [signerClass, { code, version }] of templates) {
      const template = house.templateOf((await findTemplateVersion(house.db, code, version))!)
      const shown = campaign.secondWitnessId === null ? {} : { [SECOND_WITNESS]: '-' }
      parties.set(
        signerClass,
        template.signerClass === 'COLLECTIVE' ? 'row' : presentParties(template, shown),
      )
    }
    const pacts: NewPact[] = found
      .filter((one) => one.campaignId === campaignId)
      .map((one) => ({
        campaignId,
        employeeId: one.employeeId,
        signerClass: one.signerClass,
        templateCode: templates.get(one.signerClass)!.code,
        templateVersion: templates.get(one.signerClass)!.version,
        code: formatCode(house.random(CODE_BYTES)),
        isRow: parties.get(one.signerClass) === 'row',
        parties: partiesOf(parties.get(one.signerClass)!, [one.witnessAccountId, campaign.secondWitnessId]),
      }))
    if (pacts.length === 0) continue
    await transact(house.db, async (tx) => {
      const inserted = await insertPacts(tx, campaignId, pacts, now)
      for (const { partyId, employeeId } of inserted)
        await queueInvitation(house, tx, { partyId, email: await emailOf(tx, employeeId), campaign, now })
      made += inserted.length
    })
  }
  return made + (await reachAgain(house, now)) + (await callNamed(house, now))
}

// The row of a collective pact has its own person and nobody else.
function partiesOf(
  parties: TemplateParty[] | 'row',
  witnessIds: readonly (number | null)[], // in the order of their places
): NewPact['parties'] {
  if (parties === 'row') return [{ slot: ROW_SLOT, role: 'signer' }]
  const witnesses = [...witnessIds]
  return parties.map(({ slot, role }) => ({
    slot,
    role,
    ...(role === 'witness' && { accountId: witnesses.shift()! }),
  }))
}

// A roster that brings a new address brings the link to it; the link at the old one is dead from then on.
async function reachAgain(house: House, now: Date): Promise<number> {
  const unreached = await findUnreached(house.db, 300)
  for (const { partyId, employeeId, campaignId } of unreached)
    await transact(house.db, async (tx) => {
      const party = await lockParty(tx, partyId)
      if (!party || !['ready', 'declined'].includes(party.state)) return
      const campaign = (await findCampaign(tx, campaignId))!
      await markUndeliverable(tx, partyId, null)
      await queueInvitation(house, tx, { partyId, email: await emailOf(tx, employeeId), campaign, now })
    })
  return unreached.length
}

// Parties of joint pacts whose turn has come get their link.
async function callNamed(house: House, now: Date): Promise<number> {
  const found = await findUncalled(house.db, 300)
  for (const { partyId, campaignId } of found)
    await transact(house.db, async (tx) => {
      const party = await lockParty(tx, partyId)
      if (party?.state !== 'ready' || (await findLiveInvitation(tx, partyId))) return
      const campaign = (await findCampaign(tx, campaignId))!
      await queueInvitation(house, tx, { partyId, email: party.person!.email, campaign, now })
    })
  return found.length
}

const emailOf = async (tx: Database, employeeId: number) => (await findEmployee(tx, employeeId))!.email

// A party with its pact locked, so that two requests cannot both make the next link.
async function lockParty(tx: Database, partyId: number): Promise<Party | undefined> {
  const party = await findParty(tx, partyId)
  if (!party) return undefined
  await lockPact(tx, party.pactId)
  return findParty(tx, partyId)
}

// Makes the next link of a party: the one before is dead, and so is every mail that still carries it.
async function renewLink(house: House, tx: Database, partyId: number, now: Date): Promise<Invitation> {
  const invitation = await insertInvitation(tx, {
    partyId,
    now,
    expiresAt: new Date(now.getTime() + house.settings.linkDays * DAY_MILLISECONDS),
    tokenHash: (id, generation) =>
      hashToken(makeToken(house.keys.linkKey, { purpose: 'pact', id, generation })),
  })
  await cancelPartyMails(tx, partyId, now)
  return invitation
}

// The next link of a party and the mail that carries it, when there is an address to send it to.
async function queueInvitation(
  house: House,
  tx: Database,
  to: { partyId: number; email: string | null; campaign: Campaign; now: Date },
): Promise<void> {
  const { email } = to
  const invitation = await renewLink(house, tx, to.partyId, to.now)
  if (!email) return
  await insertMail(
    tx,
    {
      kind: 'invitation',
      step: `invitation-${invitation.generation}`,
      partyId: to.partyId,
      invitationId: invitation.id,
      address: email,
      messageId: makeMessageId(house, 'invitation'),
      dueAt: afterQuietHours(to.now, to.campaign.timeZone, to.campaign.mailPolicy),
    },
    to.now,
  )
}

/** What became of a request for a new link. */
export type NewLink = 'queued' | 'no_address' | 'too_many' | 'not_needed'

/**
 * Kills a party's link and mails a new one to the address on file. Asked for by the person (expired link), or
 * by a head or administrator; nobody ever sees the link but its reader.
 */
export async function sendNewLink(
  house: House,
  partyId: number,
  act: Act & { accountId?: number },
): Promise<NewLink> {
  return transact(house.db, async (tx) => {
    const party = await lockParty(tx, partyId)
    if (!party || party.accountId !== null || !['ready', 'declined'].includes(party.state))
      return 'not_needed'
    const email = party.person ? party.person.email : await emailOf(tx, party.employeeId!)
    if (!email) return 'no_address'
    const since = new Date(act.now.getTime() - DAY_MILLISECONDS)
    if ((await countPartyMails(tx, { partyId, since })) >= MAILS_PER_PARTY_PER_DAY) return 'too_many'
    const pact = (await findPact(tx, party.pactId))!
    const campaign = (await findCampaign(tx, pact.campaignId))!
    if (campaign.state !== 'open') return 'not_needed'
    await queueInvitation(house, tx, { partyId, email, campaign, now: act.now })
    await insertEvent(tx, {
      at: act.now,
      kind: 'link_reissued',
      campaignId: campaign.id,
      pactId: pact.id,
      partyId,
      ...(act.accountId !== undefined && { accountId: act.accountId }),
      address: act.origin.address,
      userAgent: act.origin.userAgent,
    })
    return 'queued'
  })
}

/**
 * Corrects an address and, where a signature is still missing, mails a new link to it.
 *
 * @throws BAD_FORM when the address is another person's or an account's: the link would go to the wrong hands
 */
export async function correctAddress(
  house: House,
  change: { employeeId: number; partyId: number | undefined; email: string; accountId: number },
  act: Act,
): Promise<void> {
  await transact(house.db, async (tx) => {
    if ((await findAccountByEmail(tx, change.email)) || (await countOthersWithEmail(tx, change)) > 0)
      throw new PactError(
        'BAD_FORM',
        'Alamat ini milik orang lain. Isi alamat yang dibaca sendiri oleh yang bersangkutan.',
      )
    await updateEmail(tx, { id: change.employeeId, email: change.email, now: act.now })
    await insertEvent(tx, {
      at: act.now,
      kind: 'address_corrected',
      employeeId: change.employeeId,
      accountId: change.accountId,
    })
    if (change.partyId === undefined) return
    const party = await lockParty(tx, change.partyId)
    if (party?.employeeId !== change.employeeId)
      throw new PactError('NOT_FOUND', 'Pegawai ini tidak ada pada pakta tersebut')
    await markUndeliverable(tx, change.partyId, null)
    // Whoever reads the old address must not sign; the new link follows when the dispute is settled.
    if (party.state === 'disputed') await renewLink(house, tx, party.id, act.now)
    if (!['ready', 'declined'].includes(party.state)) return
    const pact = (await findPact(tx, party.pactId))!
    const campaign = (await findCampaign(tx, pact.campaignId))!
    if (campaign.state === 'open')
      await queueInvitation(house, tx, {
        partyId: party.id,
        email: change.email,
        campaign,
        now: act.now,
      })
  })
}

/**
 * Queues the reminders that are due. Who missed some (the service stood still) gets the latest only. Called
 * until it returns 0.
 */
export async function remindDue(house: House, now: Date): Promise<number> {
  let queued = 0
  await foldCoverage(house.db, { limit: FOLD_AT_ONCE, now })
  for (const campaign of await findOpenCampaigns(house.db)) {
    if (now > campaign.deadline) continue
    const schedule = campaign.mailPolicy.remindAfterDays.map((days, index) => ({
      step: `reminder-${index + 1}`,
      before: new Date(now.getTime() - days * DAY_MILLISECONDS),
    }))
    for (const [index, { step, before }] of [...schedule.entries()].reverse()) {
      const steps = schedule.slice(index).map((one) => one.step)
      const due = await findForgetful(house.db, { campaignId: campaign.id, before, steps, limit: 300 })
      for (const { partyId } of due)
        if (await queueReminder(house, { partyId, step, campaign, now })) queued++
    }
  }
  return queued
}

/** How many people one press of "remind" reaches; the next press goes on. */
export const REMIND_AT_ONCE = 300

/**
 * A head or administrator reminds everybody of a subtree who has a link and has not answered: each at most once a
 * day by this button, and within the daily limit.
 *
 * @returns how many mails were queued, and whether there are more to go
 */
export async function remindUnit(
  house: House,
  of: { campaign: Campaign; path: string; unitId: number | undefined },
  act: Act & { accountId: number },
): Promise<{ queued: number; hasMore: boolean }> {
  const { campaign, path, unitId } = of
  const { now } = act
  if (campaign.state !== 'open' || now > campaign.deadline)
    throw new PactError('STALE', 'Kegiatan ini sudah ditutup atau batas waktunya sudah lewat.')
  await foldCoverage(house.db, { limit: FOLD_AT_ONCE, now })
  const step = `reminder-${formatIsoDay(now, campaign.timeZone)}`
  const due = await findRemindable(house.db, {
    campaignId: campaign.id,
    path,
    step,
    limit: REMIND_AT_ONCE + 1,
  })
  const since = new Date(now.getTime() - DAY_MILLISECONDS)
  let queued = 0
  for (const { partyId } of due.slice(0, REMIND_AT_ONCE)) {
    if ((await countPartyMails(house.db, { partyId, since })) >= MAILS_PER_PARTY_PER_DAY) continue
    if (await queueReminder(house, { partyId, step, campaign, now })) queued++
  }
  if (queued > 0)
    await insertEvent(house.db, {
      ...{ at: now, kind: 'unit_reminded', campaignId: campaign.id, accountId: act.accountId, ...act.origin },
      ...(unitId !== undefined && { unitId }),
      detail: { queued },
    })
  return { queued, hasMore: due.length > REMIND_AT_ONCE }
}

/** A head or administrator reminds one person now, or somebody asks at an entrance, within the daily limit. */
export async function remindNow(
  house: House,
  partyId: number,
  act: Act & { accountId?: number },
): Promise<NewLink> {
  const party = await findParty(house.db, partyId)
  if (!party?.employeeId || !['ready', 'declined'].includes(party.state)) return 'not_needed'
  const since = new Date(act.now.getTime() - DAY_MILLISECONDS)
  if ((await countPartyMails(house.db, { partyId, since })) >= MAILS_PER_PARTY_PER_DAY) return 'too_many'
  const pact = (await findPact(house.db, party.pactId))!
  const campaign = (await findCampaign(house.db, pact.campaignId))!
  if (campaign.state !== 'open') return 'not_needed'
  const step = `reminder-${act.now.toISOString().slice(0, 13)}`
  const queued = await queueReminder(house, { partyId, step, campaign, now: act.now })
  if (!queued) return (await findEmployee(house.db, party.employeeId))!.email ? 'too_many' : 'no_address'
  await insertEvent(house.db, {
    at: act.now,
    kind: 'reminded',
    campaignId: campaign.id,
    partyId,
    ...(act.accountId !== undefined && { accountId: act.accountId }),
    address: act.origin.address,
    userAgent: act.origin.userAgent,
  })
  return 'queued'
}

// A reminder carries the live link; one that would have expired is replaced by a new one.
function queueReminder(
  house: House,
  to: { partyId: number; step: string; campaign: Campaign; now: Date },
): Promise<boolean> {
  return transact(house.db, async (tx) => {
    const party = (await lockParty(tx, to.partyId))!
    const { email } = (await findEmployee(tx, party.employeeId!))!
    const live = await findLiveInvitation(tx, to.partyId)
    if (!email || !live) return false
    const isDying = live.expiresAt.getTime() < to.now.getTime() + DAY_MILLISECONDS
    const invitation = isDying ? await renewLink(house, tx, to.partyId, to.now) : live
    return insertMail(
      tx,
      {
        kind: 'reminder',
        step: to.step,
        partyId: to.partyId,
        invitationId: invitation.id,
        address: email,
        messageId: makeMessageId(house, 'reminder'),
        dueAt: afterQuietHours(to.now, to.campaign.timeZone, to.campaign.mailPolicy),
      },
      to.now,
    )
  })
}

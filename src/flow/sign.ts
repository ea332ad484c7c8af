import { type DeclineReason, formatDate } from '../domain/campaign.js'
import { PactError } from '../domain/errors.js'
import { hashToken, parseToken } from '../domain/links.js'
import { IDENTITY_TAIL_LENGTH, type Mark, reasonOf } from '../domain/pact.js'
import { joinPressed } from '../evidence/press.js'
import { openDraft } from '../evidence/signed-file.js'
import { type Campaign, findCampaign, findGate } from '../store/campaigns.js'
import { useCode } from '../store/codes.js'
import { type Database, transact } from '../store/db.js'
import { insertEvent } from '../store/ledger.js'
import { endPendingSignature } from '../store/certificates.js'
import { findJointPact } from '../store/joint.js'
import {
  findPact,
  findParty,
  freezePact,
  lockPact,
  markOpened,
  moveParty,
  type Pact,
  type Party,
} from '../store/pacts.js'
import { findInvitationByToken, type Invitation } from '../store/invitations.js'
import { findEmployee, findUnit, updateIdentity } from '../store/people.js'
import type { Act, House } from './house.js'
import { pressPaper } from './page.js'
import { acceptFromDevice, type DeviceKey, offerToDevice, type SigningOffer } from './device.js'
import { keepChunk, readPact, settleSignature } from './file.js'
import { type Factor, findFactor, provedBefore, type Proved, proveFactor, sendCode } from './factor.js'
import { composePaper, type Paper } from './paper.js'
import { pieceOf, statementOf } from './row.js'

/** What a personal link opens: one page for each outcome. */
export type OpenedLink =
  | { outcome: 'malformed' }
  | { outcome: 'replaced'; campaign: Campaign }
  | { outcome: 'expired'; invitation: Invitation; campaign: Campaign; email: string | null }
  | { outcome: 'waiting_head'; unitName: string; campaign: Campaign }
  | { outcome: 'closed'; campaign: Campaign }
  | { outcome: 'signed'; paper: Paper; party: Party; isKiosk: boolean }
  | { outcome: 'disputed'; paper: Paper; party: Party }
  | { outcome: 'valid'; paper: Paper; party: Party; invitation: Invitation; factor: Factor }

/**
 * Looks a personal link up. Changes nothing: mail scanners open links too.
 *
 * @param text the last part of the link's path (attacker-controlled)
 */
export async function openLink(
  house: House,
  text: string,
  now: Date,
  db: Database = house.db,
): Promise<OpenedLink> {
  const token = parseToken(text)
  const invitation = token && (await findInvitationByToken(db, hashToken(token)))
  if (!invitation) return { outcome: 'malformed' }
  const party = (await findParty(db, invitation.partyId))!
  const pact = (await findPact(db, party.pactId))!
  const campaign = (await findCampaign(db, pact.campaignId))!
  // A replaced link is dead even after signing: it may have gone to a wrong address.
  if (invitation.replacedAt) return { outcome: 'replaced', campaign }
  const employee = pact.employeeId === null ? undefined : (await findEmployee(db, pact.employeeId))!
  const isExpired = invitation.expiresAt <= now
  const email = employee ? employee.email : party.person!.email
  const expired = { outcome: 'expired', invitation, campaign, email } as const
  // A device at a kiosk is somebody else's a moment later.
  const isKiosk = invitation.officerId !== null
  if (isKiosk && isExpired) return expired
  if (party.agreedAt)
    return { outcome: 'signed', paper: await composePaper(house, db, pact, party), party, isKiosk }
  if (campaign.state !== 'open') return { outcome: 'closed', campaign }
  const joint = employee ? undefined : await findJointPact(db, pact.id)
  if (joint?.closedAt || (joint?.witnessesAt && party.role === 'signer'))
    return { outcome: 'closed', campaign: { ...campaign, closedAt: joint.closedAt ?? joint.witnessesAt } }
  if (isExpired) return expired
  if (employee && pact.signerClass !== 'HEAD') {
    const unit = (await findUnit(db, employee.unitId))!
    const gate = unit.gateId === null ? undefined : await findGate(db, campaign.id, unit.gateId)
    if (gate?.state !== 'open' && gate?.state !== 'overridden')
      return { outcome: 'waiting_head', unitName: gate?.name ?? unit.name, campaign }
  }
  const paper = await composePaper(house, db, pact, party)
  if (party.state === 'disputed') return { outcome: 'disputed', paper, party }
  const factor = await findFactor(db, { paper, party, invitation, now })
  return { outcome: 'valid', paper, party, invitation, factor }
}

/** A person has the page before them (told by their browser's first touch, not by a GET). */
export async function noteOpened(house: House, text: string, act: Act): Promise<void> {
  const opened = await openLink(house, text, act.now)
  if (opened.outcome !== 'valid') return
  await transact(house.db, async (tx) => {
    if (await markOpened(tx, opened.party.id, act.now))
      await insertEvent(tx, { ...eventOf(opened, act), kind: 'link_opened' })
  })
}

export interface Consent {
  textSha256: string // hex, of the words that were on the screen
  isSelf: boolean
  hasRead: boolean
  isBinding: boolean
  hasCircular?: boolean // that the circular has been read, where the campaign has one
  identityTail: string // the last four characters of NIP or contract number
  code: string // the one-time code, as typed; "" where none is asked for
  mark: Mark
}

/**
 * The signer agrees. Everything that proves it is written in one transaction with the change of state; the
 * signature itself follows from `flow/advance.ts`.
 *
 * Twice, or from two phones at once: the second finds the party agreed and is shown the same page as the first.
 *
 * @throws BAD_FORM a consent is missing or the identity does not match; BAD_CODE the one-time code does not;
 *   OWN_KEY_REQUIRED a key of the service is not enough here; STALE the words changed meanwhile;
 *   LINK_EXPIRED, LINK_REPLACED, WAITING_HEAD, CAMPAIGN_CLOSED, BAD_LINK as the link says
 */
export async function agree(house: House, text: string, consent: Consent, act: Act): Promise<void> {
  const proved = await prove(house, text, consent, act)
  await transact(house.db, async (tx) => {
    const opened = await openLocked(house, tx, text, act.now)
    if (opened.outcome === 'signed') return
    const { paper, party, factor } = requireValid(opened)
    checkConsent(consent, paper)
    if (factor.rule.ownKey) throw new PactError('OWN_KEY_REQUIRED', OWN_KEY_REQUIRED)
    // A device that began and could not go on: its certificate counts no more, the service's own takes its place.
    await endPendingSignature(tx, { partyId: party.id, isSigned: false, now: act.now })
    await recordAgreement(tx, { opened, paper, party, act }, { ...consent, ...proved })
  })
}

const OWN_KEY_REQUIRED =
  'Pakta ini hanya dapat ditandatangani dengan kunci yang dibuat di perangkat Anda, dan peramban ini tidak dapat membuatnya. Buka tautan yang sama di Chrome, Safari, atau Firefox yang terbaru, atau datang ke kios bantuan unit Anda. Belum ada yang ditandatangani.'

/** Asks for a one-time code. @throws as `agree`, and what `sendCode` throws */
export async function requestCode(house: House, text: string, act: Act): Promise<void> {
  await transact(house.db, async (tx) => {
    const { paper, party, factor } = requireValid(await openLocked(house, tx, text, act.now))
    await sendCode(house, tx, { paper, party, factor, act })
  })
}

// Before the transaction that signs: an attempt counts also when nothing else comes of it.
async function prove(house: House, text: string, consent: Consent, { now }: Act): Promise<Proved> {
  const opened = await openLink(house, text, now)
  if (opened.outcome !== 'valid') return { secondFactor: null, codeId: null, officerId: null }
  checkConsent(consent, opened.paper)
  return proveFactor(house, opened, consent.code)
}

function checkConsent(consent: Consent, paper: Paper): void {
  const missing = [
    !consent.isSelf && 'bahwa Anda membuka tautan ini sendiri',
    !consent.hasRead && 'bahwa Anda telah membaca seluruh isi pakta',
    !consent.isBinding && 'bahwa tanda tangan ini mengikat Anda',
    paper.circular && !consent.hasCircular && 'bahwa Anda telah membaca surat edarannya',
  ].filter(Boolean)
  if (missing.length > 0) throw new PactError('BAD_FORM', `Belum dinyatakan: ${missing.join('; ')}`)
  const tail = (value: string) =>
    value
      .replace(/[^0-9A-Za-z]/g, '')
      .slice(-IDENTITY_TAIL_LENGTH)
      .toUpperCase()
  // Heads of region have no NIP: they are known by the mandate and the address that the administrator wrote down.
  if (!paper.joint && tail(consent.identityTail) !== tail(paper.identity.identityNumber))
    throw new PactError(
      'BAD_FORM',
      `${IDENTITY_TAIL_LENGTH} angka terakhir ${paper.identity.identityLabel} tidak cocok`,
    )
  if (consent.textSha256 !== paper.textSha256.toString('hex'))
    throw new PactError(
      'STALE',
      'Naskah berubah sejak Anda membukanya. Silakan baca kembali, lalu tanda tangani.',
    )
}

async function recordAgreement(
  tx: Database,
  on: { opened: OpenedLink; paper: Paper; party: Party; act: Act },
  consent: Pick<Consent, 'textSha256' | 'mark'> & Proved,
): Promise<void> {
  const { opened, paper, party, act } = on
  if (!paper.joint)
    await freezePact(tx, {
      id: paper.pact.id,
      identity: paper.identity,
      filled: paper.filled,
      number: paper.pact.isRow ? null : paper.number,
      textSha256: paper.textSha256,
      ...(paper.pact.isRow && { unitId: paper.gate!.id }),
    })
  await markOpened(tx, party.id, act.now)
  const { mark, secondFactor, codeId, officerId } = consent
  const moved = await moveParty(tx, {
    id: party.id,
    to: 'agreed',
    now: act.now,
    mark,
    secondFactor,
    officerId,
  })
  const isUnspent = codeId === null || (await useCode(tx, { id: codeId, now: act.now }))
  if (!moved || !isUnspent) throw new PactError('STALE', 'Pakta ini sudah berubah. Muat ulang halaman.')
  await insertEvent(tx, {
    ...eventOf(opened, act),
    kind: 'agreed',
    detail: {
      textSha256: consent.textSha256,
      template: `${paper.template.code}/${paper.template.version}`,
      templateSha256: paper.template.sha256,
      consents: ['isSelf', 'hasRead', 'isBinding', ...(paper.circular ? ['hasCircular'] : [])],
      ...(paper.circular && { circularSha256: Buffer.from(paper.circular.sha256).toString('hex') }),
      mark: mark.kind,
      ...(secondFactor && { secondFactor, officerId }),
    },
  })
}

/**
 * The first half of a signature by the signer's own device, see `offerToDevice`.
 *
 * @throws as `agree`; BAD_KEY when the key is another kind or its owner cannot be who asks
 */
export async function offerOwnKey(
  house: House,
  text: string,
  consent: Consent,
  key: DeviceKey,
  act: Act,
): Promise<SigningOffer> {
  const { codeId } = await prove(house, text, consent, act)
  return transact(house.db, async (tx) => {
    const opened = await openLocked(house, tx, text, act.now)
    if (opened.outcome === 'signed') throw new PactError('LINK_USED', 'Pakta Anda sudah ditandatangani.')
    const { paper, party } = requireValid(opened)
    checkConsent(consent, paper)
    const { mark } = consent
    const { ground } = groundOf(house, tx, paper)
    return offerToDevice(house, tx, {
      ...{ paper, party, ground, reason: reasonOf(party) },
      ...{ key, scope: text, mark, codeId, now: act.now },
    })
  })
}

/**
 * The signature that the signer's device made. Consent, timestamp, revision and state are one transaction.
 *
 * @param signature ECDSA over the signed attributes, DER (attacker-controlled)
 * @throws STALE when there is no such offer any more; BAD_KEY when the signature is not the device's; TSA_UNAVAILABLE
 */
export async function acceptOwnSignature(
  house: House,
  text: string,
  signature: Uint8Array,
  act: Act,
): Promise<void> {
  await transact(house.db, async (tx) => {
    const opened = await openLocked(house, tx, text, act.now)
    if (opened.outcome === 'signed') return
    const { paper, party, factor } = requireValid(opened)
    const { now } = act
    const { ground, keepBase } = groundOf(house, tx, paper)
    const accepted = await acceptFromDevice(house, tx, {
      ...{ paper, party, ground, keepBase, reason: reasonOf(party), signature, now },
    })
    const proved = await provedBefore(tx, factor, accepted.codeId)
    // Agreed when the certificate was asked for: the page states that moment.
    await recordAgreement(
      tx,
      { opened, paper, party, act: { ...act, now: accepted.at } },
      { textSha256: paper.textSha256.toString('hex'), mark: accepted.mark, ...proved },
    )
    const pact = (await findPact(tx, paper.pact.id))!
    await settleSignature(house, tx, { pact, parties: paper.parties, party, now })
  })
}

// The page as it is set for what the signer agreed to; it is kept once the signature is there. A joint pact's page is
// there already, with whatever signatures came before.
function groundOf(house: House, tx: Database, paper: Paper) {
  if (paper.joint)
    return {
      async ground() {
        const bytes = await readPact(house, tx, paper.pact.id)
        return { bytes, draft: openDraft(bytes) }
      },
      keepBase: undefined,
    }
  if (paper.pact.isRow) {
    let statement: Buffer | undefined
    return {
      async ground(agreed: { at: Date; mark: Mark }) {
        statement = statementOf(paper, agreed)
        return { bytes: statement }
      },
      keepBase: (at: Date) => keepChunk(house, tx, paper.pact.id, { slot: null, ...pieceOf(statement!), at }),
    }
  }
  let pressed: Awaited<ReturnType<typeof pressPaper>> | undefined
  return {
    async ground({ at, mark }: { at: Date; mark: Mark }) {
      pressed = await pressPaper(house, tx, paper, { agreedAt: at, mark })
      return { bytes: joinPressed(pressed), draft: pressed.draft }
    },
    keepBase: (at: Date) => keepChunk(house, tx, paper.pact.id, { slot: null, ...pressed!, at }),
  }
}

/** "Saya belum bersedia": recorded with its reason; the person may come back and sign. */
export async function decline(
  house: House,
  text: string,
  answer: { reason: DeclineReason; note: string },
  act: Act,
): Promise<void> {
  await answerLink(house, text, act, 'declined', answer)
}

/** "Data saya keliru": the pact waits until an administrator has mended the data. */
export async function dispute(house: House, text: string, note: string, act: Act): Promise<void> {
  await answerLink(house, text, act, 'disputed', { reason: 'DATA_KELIRU', note })
}

async function answerLink(
  house: House,
  text: string,
  act: Act,
  to: 'declined' | 'disputed',
  answer: { reason: string; note: string },
): Promise<void> {
  await transact(house.db, async (tx) => {
    const opened = await openLocked(house, tx, text, act.now)
    if (opened.outcome === 'signed') throw new PactError('LINK_USED', 'Pakta Anda sudah ditandatangani.')
    const { paper, party } = requireValid(opened)
    // The page is laid out for good, and no administrator could give the pact back.
    if (to === 'disputed' && paper.joint)
      throw new PactError(
        'BAD_FORM',
        `Naskah bersama tidak dapat diubah lagi. Hubungi ${paper.pemda.contact}.`,
      )
    await markOpened(tx, party.id, act.now)
    // Declining twice with another reason keeps the newer one.
    if (party.state === 'declined') await moveParty(tx, { id: party.id, to: 'ready', now: act.now })
    const moved = await moveParty(tx, { id: party.id, to, now: act.now, ...answer })
    if (!moved) throw new PactError('STALE', 'Pakta ini sudah berubah. Muat ulang halaman.')
    // The words a person writes stay with the party, where access is narrow; the ledger keeps the code only.
    await insertEvent(tx, { ...eventOf(opened, act), kind: to, detail: { reason: answer.reason } })
  })
}

/** An administrator has looked at the data in dispute, mended or not, and gives the pact back to its signer. */
export async function settleDispute(
  house: House,
  settled: {
    partyId: number
    accountId: number
    name: string
    titlePrefix: string
    titleSuffix: string
    jabatan: string
    grade: string
  },
  act: Act,
): Promise<void> {
  await transact(house.db, async (tx) => {
    const party = await moveParty(tx, { id: settled.partyId, to: 'ready', now: act.now })
    if (!party) throw new PactError('STALE', 'Keberatan data ini sudah diselesaikan orang lain.')
    await updateIdentity(tx, { ...settled, id: party.employeeId!, now: act.now })
    await insertEvent(tx, {
      at: act.now,
      kind: 'dispute_settled',
      pactId: party.pactId,
      partyId: party.id,
      accountId: settled.accountId,
      ...act.origin,
    })
  })
}

// The link again, with its pact locked, so that two phones cannot both be first.
async function openLocked(house: House, tx: Database, text: string, now: Date): Promise<OpenedLink> {
  const token = parseToken(text)
  const invitation = token && (await findInvitationByToken(tx, hashToken(token)))
  if (invitation) await lockPact(tx, (await findParty(tx, invitation.partyId))!.pactId)
  return openLink(house, text, now, tx)
}

function requireValid(opened: OpenedLink): Extract<OpenedLink, { outcome: 'valid' }> {
  switch (opened.outcome) {
    case 'valid':
      return opened
    case 'expired':
      throw new PactError(
        'LINK_EXPIRED',
        `Masa berlaku tautan ini telah habis pada ${formatDate(opened.invitation.expiresAt, opened.campaign.timeZone)}.`,
      )
    case 'replaced':
      throw new PactError('LINK_REPLACED', 'Tautan ini sudah diganti dengan yang lebih baru.')
    case 'waiting_head':
      throw new PactError('WAITING_HEAD', `Pimpinan ${opened.unitName} belum menandatangani.`)
    case 'closed':
      throw new PactError('CAMPAIGN_CLOSED', 'Masa penandatanganan sudah ditutup.')
    case 'disputed':
      throw new PactError('STALE', 'Data Anda sedang diperbaiki. Kami mengabari Anda setelah selesai.')
    default:
      throw new PactError('BAD_LINK', 'Tautan ini tidak dikenal.')
  }
}

const eventOf = (opened: OpenedLink, act: Act) => {
  const { paper, party } = opened as { paper: Paper; party: Party }
  return {
    at: act.now,
    pemdaId: paper.pemda.id,
    campaignId: paper.campaign.id,
    pactId: paper.pact.id as Pact['id'],
    partyId: party.id,
    ...(paper.employee && { employeeId: paper.employee.id }),
    timeZone: paper.campaign.timeZone,
    ...act.origin,
  }
}

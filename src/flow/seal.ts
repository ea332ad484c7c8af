import { createHash } from 'node:crypto'
import { formatMoment } from '../domain/campaign.js'
import { hideEndIn } from '../domain/hiding.js'
import { groupCode, IDENTITY_TAIL_LENGTH, type Mark, SEAL_SLOT } from '../domain/pact.js'
import { readCertificate, type SigningMethod } from '../evidence/certificate.js'
import { openDraft, signDraft, type Draft } from '../evidence/pades.js'
import { joinPressed, type Pressed } from '../evidence/press.js'
import type { PrintSetup, PrintWords } from '../evidence/presswork.js'
import type { SlotMark } from '../evidence/signing-place.js'
import { SPECIMEN_STAMP } from '../evidence/specimen.js'
import type { Pressroom } from '../remote/pressroom.js'
import { findAccount } from '../store/accounts.js'
import { type Database, transact } from '../store/db.js'
import { insertEvent } from '../store/ledger.js'
import { insertMail } from '../store/mails.js'
import {
  findParties,
  findSealingWork,
  insertIssued,
  lockPact,
  moveParty,
  movePact,
  type Pact,
  type Party,
} from '../store/pacts.js'
import { findEmblem } from '../store/pemdas.js'
import { type House, makeMessageId } from './house.js'
import { composePaper, keepChunk, type Paper, readPact, sendReceipt, valuesAt } from './paper.js'

// How a signature came about: in the certificate's policy, in our records and on the verify page.
const SERVER_KEY_METHOD = 'one-time-server-key' satisfies SigningMethod
const SEAL_METHOD = 'institution-seal' satisfies SigningMethod
// Pacts that go on at the same time: enough to keep every press busy, and half of the database's connections free.
const AT_ONCE = 4

/**
 * Takes every pact that can go on one step further: puts an agreed party's signature into the file, or the
 * seal on a complete pact. Returns how many steps were taken; called until it returns 0.
 *
 * Each step is one transaction that locks the pact. A chunk is on disk before the row that names it, so a crash
 * leaves a chunk that nobody names, or the whole step; running again repeats it with a new one-time key.
 */
export async function sealDue(house: House, clock: () => Date): Promise<number> {
  const work = await findSealingWork(house.db, 200)
  let steps = 0
  const takeSteps = async () => {
    for (let next = work.shift(); next; next = work.shift()) {
      const { pactId } = next
      try {
        if (await transact(house.db, (tx) => takeStep(house, tx, pactId, clock()))) steps++
      } catch (error) {
        // One pact that cannot go on must not hold up the others; it stays as it was and is tried again.
        house.log(`pact ${pactId}: ${(error as Error).stack ?? String(error)}`)
      }
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, takeSteps))
  return steps
}

async function takeStep(house: House, tx: Database, pactId: number, now: Date): Promise<boolean> {
  const pact = await lockPact(tx, pactId)
  if (!pact) return false
  const parties = await findParties(tx, pactId)
  const party = parties.find((one) => one.state === 'agreed')
  if (party) {
    await applySignature(house, tx, { pact, parties, party, now })
    return true
  }
  if (pact.state !== 'complete') return false
  await applySeal(house, tx, { pact, parties, now })
  return true
}

async function applySignature(
  house: House,
  tx: Database,
  on: { pact: Pact; parties: Party[]; party: Party; now: Date },
): Promise<void> {
  const { pact, parties, party, now } = on
  const paper = await composePaper(house, tx, pact)
  let draft: Draft
  if (party.ordinal === 1) {
    const base = await pressPaper(house, tx, paper, { agreedAt: party.agreedAt!, mark: party.mark! })
    await keepChunk(house, tx, pact.id, { ordinal: 0, slot: null, ...base, at: now })
    draft = base.draft
  } else draft = openDraft(await readPact(house, tx, pact.id))
  // The key lives in this call only: made, certified in the party's name, used once, forgotten.
  const subject = await subjectOf(tx, paper, party)
  const signer = await house.keys.issuePartySigner({ ...subject, now, random: house.random })
  await recordCertificate(tx, { party, certificate: signer.certificate, method: SERVER_KEY_METHOD, now })
  const signed = await signDraft(draft, {
    slot: party.slot,
    signer,
    tsa: house.tsa,
    at: now,
    name: subject.name,
    reason:
      party.role === 'signer'
        ? 'Menyetujui dan menandatangani pakta integritas'
        : 'Menyaksikan penandatanganan',
    location: paper.pemda.seat,
  })
  await keepChunk(house, tx, pact.id, {
    ordinal: party.ordinal,
    slot: party.slot,
    own: signed.bytes,
    draft: signed.draft,
    at: now,
    certificate: signer.certificate,
    method: SERVER_KEY_METHOD,
  })
  await moveParty(tx, { id: party.id, to: 'signed', now })
  await insertEvent(tx, {
    at: now,
    kind: 'signed',
    campaignId: pact.campaignId,
    pactId: pact.id,
    partyId: party.id,
  })
  const next = parties.find((one) => one.ordinal === party.ordinal + 1)
  if (!next) {
    await movePact(tx, { id: pact.id, from: 'open', to: 'complete', now })
    return
  }
  await moveParty(tx, { id: next.id, to: 'ready', now })
  if (next.accountId === null) return
  const account = (await findAccount(tx, next.accountId))!
  await insertMail(
    tx,
    {
      kind: 'witness',
      step: 'witness-1',
      partyId: next.id,
      address: account.email,
      messageId: makeMessageId(house, 'witness'),
      dueAt: now,
    },
    now,
  )
}

async function applySeal(
  house: House,
  tx: Database,
  on: { pact: Pact; parties: Party[]; now: Date },
): Promise<void> {
  const { pact, parties, now } = on
  const sealed = await signDraft(openDraft(await readPact(house, tx, pact.id)), {
    slot: SEAL_SLOT,
    signer: house.keys.sealSigner,
    tsa: house.tsa,
    at: now,
    name: house.keys.sealName,
    reason: 'Segel instansi: naskah lengkap dan tidak berubah sejak disegel',
  })
  await keepChunk(house, tx, pact.id, {
    ordinal: parties.length + 1,
    slot: SEAL_SLOT,
    own: sealed.bytes,
    draft: sealed.draft,
    at: now,
    certificate: house.keys.sealSigner.certificate,
    method: SEAL_METHOD,
  })
  await movePact(tx, { id: pact.id, from: 'complete', to: 'sealed', now })
  await insertEvent(tx, { at: now, kind: 'sealed', campaignId: pact.campaignId, pactId: pact.id })
  // A seal from elsewhere is as final as it gets; ours is archived first, and the receipt follows then.
  if (!house.keys.isSealOurs) await sendReceipt(house, tx, { parties, now })
}

async function recordCertificate(
  tx: Database,
  on: { party: Party; certificate: Uint8Array; method: SigningMethod; now: Date },
): Promise<void> {
  const { serial } = readCertificate(on.certificate)
  await insertIssued(tx, {
    partyId: on.party.id,
    serial,
    sha256: createHash('sha256').update(on.certificate).digest(),
    certificate: on.certificate,
    method: on.method,
    at: on.now,
  })
}

async function subjectOf(tx: Database, paper: Paper, party: Party) {
  if (party.employeeId !== null)
    return {
      name: paper.identity.name,
      identityNumber: paper.identity.identityNumber,
      organization: paper.pemda.governmentName,
    }
  const account = (await findAccount(tx, party.accountId!))!
  return { name: account.name, identityNumber: undefined, organization: account.institution }
}

/** The page before anybody has signed, stamped as such: what a person may look at while deciding. */
export async function previewPaper(house: House, paper: Paper): Promise<Uint8Array> {
  return joinPressed(await pressPaper(house, house.db, paper, undefined))
}

/** Sets a pact's page: with the signer's mark, or as a preview that says it is one. */
async function pressPaper(
  house: House,
  db: Database,
  paper: Paper,
  signed: { agreedAt: Date; mark: Mark } | undefined,
): Promise<Pressed> {
  const { settings } = house
  const moment = signed && formatMoment(signed.agreedAt, paper.campaign.timeZone)
  const marks: Record<string, SlotMark> = {}
  for (const party of paper.parties)
    marks[party.slot] =
      party.role !== 'signer'
        ? { kind: 'later' }
        : signed
          ? { ...markOf(signed.mark), lines: ['Ditandatangani secara elektronik', moment!] }
          : { kind: 'empty' }
  const { identityNumber } = paper.identity
  const words: PrintWords = signed
    ? valuesAt(paper, signed.agreedAt)
    : { text: hideEndIn(paper.text, { number: identityNumber, length: IDENTITY_TAIL_LENGTH }) }
  const sheet = {
    letterhead: {
      above: [paper.pemda.governmentName.toUpperCase()],
      unit: paper.gate.name.toUpperCase(),
      address: paper.pemda.letterheadAddress.split('\n').filter(Boolean),
    },
    marks,
    fields: signed ? [...paper.parties.map((party) => party.slot), SEAL_SLOT] : [],
    qr: { url: `${settings.baseUrl}/v/${paper.pact.code}`, code: paper.pact.code },
    footer: {
      nama_sistem: settings.systemName,
      pemerintah_daerah: paper.pemda.governmentName,
      url_verifikasi: `${settings.baseUrl}/v`,
      kode_verifikasi: groupCode(paper.pact.code),
    },
    info: {
      title: `Pakta Integritas ${paper.number} – ${paper.identity.name}`,
      author: paper.pemda.governmentName,
      createdAt: signed?.agreedAt ?? paper.pact.createdAt,
      documentId: createHash('sha256').update(paper.pact.code).digest().subarray(0, 16),
    },
  }
  const stamp = !signed ? 'PRATINJAU – BELUM DITANDATANGANI' : settings.isDemo ? SPECIMEN_STAMP : undefined
  return house.pressroom.print({ setup: await setupFor(house, db, paper, stamp), words, sheet })
}

const setups = new WeakMap<Pressroom, Map<string, Promise<PrintSetup>>>()

// What the pacts of one template version share, under one emblem and one stamp.
function setupFor(
  { pressroom }: House,
  db: Database,
  { templateFiles: template, pemda }: Paper,
  stamp: string | undefined,
): Promise<PrintSetup> {
  let known = setups.get(pressroom)
  if (!known) setups.set(pressroom, (known = new Map()))
  const key = `${template.name} ${pemda.emblemSha256} ${stamp}`
  let found = known.get(key)
  if (!found) {
    const open = async (): Promise<PrintSetup> => {
      const emblem = pemda.emblemSha256 ? await findEmblem(db, pemda.emblemSha256) : undefined
      // Never kept without it: the step is tried again and finds the emblem of then.
      if (pemda.emblemSha256 && !emblem) throw new Error('the emblem was changed meanwhile')
      return { key, template, ...(emblem && { emblem }), ...(stamp !== undefined && { stamp }) }
    }
    known.set(key, (found = open()))
    found.catch(() => known.delete(key))
  }
  return found
}

const markOf = (mark: Mark) =>
  mark.kind === 'typed'
    ? { kind: 'typed' as const, name: mark.name }
    : { kind: 'drawn' as const, strokes: mark.strokes }

import { createHash } from 'node:crypto'
import { reasonOf, SEAL_SLOT } from '../domain/pact.js'
import type { SigningMethod } from '../evidence/certificate.js'
import { prepareSigner } from '../evidence/cms.js'
import { openDraft } from '../evidence/signed-file.js'
import { encloseStatement } from '../evidence/statement.js'
import type { Draft } from '../evidence/increment.js'
import { signDraft } from '../evidence/pades.js'
import { sealRows } from '../store/collective.js'
import type { Database } from '../store/db.js'
import { insertEvent } from '../store/ledger.js'
import { findParties, findSealingWork, lockPact, movePact, type Pact, type Party } from '../store/pacts.js'
import { takeEach } from './batch.js'
import type { House } from './house.js'
import { pressPaper } from './page.js'
import { keepChunk, readPact, recordCertificate, sendReceipt, settleSignature, subjectOf } from './file.js'
import { composePaper, type Paper } from './paper.js'
import { pieceOf, statementOf } from './row.js'

// How a signature came about: in the certificate's policy, in our records and on the verify page.
const SERVER_KEY_METHOD = 'one-time-server-key' satisfies SigningMethod
const SEAL_METHOD = 'institution-seal' satisfies SigningMethod

/**
 * Takes every pact that can go on one step further: puts an agreed party's signature into the file, or the
 * seal on a complete pact. Returns how many steps were taken; called until it returns 0.
 *
 * Each step is one transaction that locks the pact. A chunk is on disk before the row that names it, so a crash
 * leaves a chunk that nobody names, or the whole step; running again repeats it with a new one-time key.
 */
export const sealDue = (house: House, clock: () => Date): Promise<number> =>
  takeEach(house, clock, {
    what: 'seal',
    find: () => findSealingWork(house.db, 200),
    step: (tx, pactId, now) => takeStep(house, tx, pactId, now),
  })

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
  const paper = await composePaper(house, tx, pact, party)
  if (pact.isRow) return signRow(house, tx, { ...on, paper })
  let draft: Draft
  if (party.ordinal === 1 && !paper.joint) {
    const base = await pressPaper(house, tx, paper, { agreedAt: party.agreedAt!, mark: party.mark! })
    await keepChunk(house, tx, pact.id, { slot: null, ...base, at: now })
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
    reason: reasonOf(party),
    location: paper.pemda.seat,
  })
  await keepChunk(house, tx, pact.id, {
    slot: party.slot,
    own: signed.bytes,
    draft: signed.draft,
    at: now,
    certificate: signer.certificate,
    method: SERVER_KEY_METHOD,
  })
  await settleSignature(house, tx, { pact, parties, party, now })
}

// A row's statement with the service's one-time key, where the device could make none.
async function signRow(
  house: House,
  tx: Database,
  on: { pact: Pact; parties: Party[]; party: Party; paper: Paper; now: Date },
): Promise<void> {
  const { pact, parties, party, paper, now } = on
  const content = statementOf(paper, { at: party.agreedAt!, mark: party.mark! })
  await keepChunk(house, tx, pact.id, { slot: null, ...pieceOf(content), at: now })
  const subject = await subjectOf(tx, paper, party)
  const signer = await house.keys.issuePartySigner({ ...subject, now, random: house.random })
  const { certificate } = signer
  await recordCertificate(tx, { party, certificate, method: SERVER_KEY_METHOD, now })
  const cms = await prepareSigner(signer).sign(createHash('sha256').update(content).digest(), house.tsa)
  await keepChunk(house, tx, pact.id, {
    ...{ slot: party.slot, ...pieceOf(encloseStatement(cms, content)), at: now },
    ...{ certificate, method: SERVER_KEY_METHOD },
  })
  await settleSignature(house, tx, { pact, parties, party, now })
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
    slot: SEAL_SLOT,
    own: sealed.bytes,
    draft: sealed.draft,
    at: now,
    certificate: house.keys.sealSigner.certificate,
    method: SEAL_METHOD,
  })
  await movePact(tx, { id: pact.id, from: 'complete', to: 'sealed', now })
  if (pact.signerClass === 'COLLECTIVE') await sealRows(tx, { collectiveId: pact.id, now })
  await insertEvent(tx, { at: now, kind: 'sealed', campaignId: pact.campaignId, pactId: pact.id })
  // A seal from elsewhere is as final as it gets; ours is archived first, and the receipt follows then.
  if (!house.keys.isSealOurs) await sendReceipt(house, tx, { parties, now })
}

import { makeCollector, type EvidenceCollector } from '../evidence/archive.js'
import { readCertificate } from '../evidence/certificate.js'
import { parseCms, type TokenSource } from '../evidence/cms.js'
import { sameBytes } from '../evidence/der.js'
import { openDraft, readRevisions, type SignedFile } from '../evidence/signed-file.js'
import type { StoredEvidence } from '../evidence/increment.js'
import { stampDraft, storeEvidence } from '../evidence/pades.js'
import { parseToken } from '../evidence/timestamp.js'
import { ROW_SLOT } from '../evidence/rows.js'
import { openStatement } from '../evidence/statement.js'
import { findRowEvidenceWork, markRowComplete } from '../store/collective.js'
import type { Database } from '../store/db.js'
import type { Keys } from '../store/keys.js'
import { insertEvent } from '../store/ledger.js'
import {
  findArchivingWork,
  findBridgingWork,
  findParties,
  findRevisions,
  lockPact,
  markArchived,
  type Pact,
  type Revision,
} from '../store/pacts.js'
import { takeEach } from './batch.js'
import type { House } from './house.js'
import { keepChunk, readPact, sendReceipt, statusOfCertificate } from './file.js'
import { keepRowEvidence, readRow } from './row.js'

/** What a revision of evidence and a document timestamp are called where signatures have their party's place. */
export const STORE_SLOT = 'BUKTI_ARSIP'
export const STAMP_SLOT = 'STEMPEL_ARSIP'

// Evidence must be a second newer than the seal's timestamp, and an answer is about the second before.
const REST_SECONDS = 2
/** How old evidence is when a document timestamp covers it, at least and at most, seconds. */
export const AGE_SECONDS = 1
// longer than the rest between two looks at unfinished pacts
const AGE_SECONDS_MAX = 1200
/** How long before the last timestamp's certificate ends a file gets a new one, days. */
const RENEWAL_DAYS = 180
/** How old the last signature of an unfinished pact may get without evidence, hours; its certificate lives 24. */
const INTERIM_HOURS = 16
const DAY_MS = 86_400_000
const LIMIT = 400

/**
 * Takes sealed pacts to PAdES-BASELINE-LTA, and renews those whose document timestamp is about to end. Returns how many
 * were done; called until it returns 0.
 *
 * Each pact is one transaction that locks it, so a crash leaves pieces that nobody names, and running again makes
 * new ones. A timestamp that cannot be had leaves the pact sealed at B-T, and it is tried again.
 */
export async function archiveDue(house: House, clock: () => Date): Promise<number> {
  if (!house.keys.isSealOurs) return 0
  return takeEach(house, clock, {
    what: 'archive',
    find: () => findArchivingWork(house.db, { ...dueAt(house, clock()), limit: LIMIT }),
    step: (tx, pactId, now) => archivePact(house, tx, pactId, now),
  })
}

/**
 * Gives unfinished pacts their evidence and a document timestamp before a signer's certificate ends, while an answer
 * about it can still be had. Steps and crashes as `archiveDue`.
 */
export const bridgeDue = (house: House, clock: () => Date): Promise<number> =>
  takeEach(house, clock, {
    what: 'bridge',
    find() {
      const { signedBefore, stampSlot } = dueAt(house, clock())
      return findBridgingWork(house.db, { signedBefore, stampSlot, limit: LIMIT })
    },
    step: (tx, pactId, now) => archivePact(house, tx, pactId, now),
  })

/**
 * Puts the evidence into the files of signed rows, and tells their members. From then on a row needs nothing more, whenever
 * the document that lists it is closed. Steps and crashes as `archiveDue`.
 */
export const completeRowsDue = (house: House, clock: () => Date): Promise<number> =>
  takeEach(house, clock, {
    what: 'row',
    find: () =>
      findRowEvidenceWork(house.db, { signedBefore: dueAt(house, clock()).sealedBefore, limit: LIMIT }),
    step: (tx, pactId, now) => completeRow(house, tx, pactId, now),
  })

async function completeRow(house: House, tx: Database, pactId: number, now: Date): Promise<boolean> {
  const pact = await lockPact(tx, pactId)
  const file =
    pact?.isRow && pact.state === 'complete' && !pact.evidenceAt && (await readRow(house, tx, pactId))
  if (!file) return false
  const { cms } = openStatement(file)
  if (stampedAt(cms) > now.getTime() - REST_SECONDS * 1000) return false
  const statusOf = (serial: Uint8Array) => statusOfCertificate(tx, house.keys, serial)
  const evidence = await collectorOf(house.keys)(
    { revisions: [{ slot: ROW_SLOT, cms }], increments: [] },
    { now, statusOf, next: [], foreign: house.foreign },
  )
  await keepRowEvidence(house, tx, { pactId, file, evidence, slot: STORE_SLOT, now })
  await markRowComplete(tx, { pactId, now })
  await sendReceipt(house, tx, { parties: await findParties(tx, pactId), now })
  return true
}

const dueAt = ({ tsa }: House, now: Date, sources = tsa.sources()) => ({
  sealedBefore: new Date(now.getTime() - REST_SECONDS * 1000),
  signedBefore: new Date(now.getTime() - INTERIM_HOURS * 3_600_000),
  stampSlot: STAMP_SLOT,
  // A timestamp of the same certificate would add nothing: the next one has to be there first.
  renewBefore: new Date(
    Math.min(
      // Who stamps next is not known before another authority has answered once.
      sources.length > 0 ? now.getTime() + RENEWAL_DAYS * DAY_MS : 0,
      ...sources.map(({ certificate }) => certificate.notAfter.getTime()),
    ),
  ),
})

// Asked again once the pact is locked: another process may have been faster.
function isDue(
  { sealedAt, archiveUntil }: Pact,
  last: Revision | undefined,
  { sealedBefore, renewBefore, signedBefore, stampSlot }: ReturnType<typeof dueAt>,
): boolean {
  if (sealedAt === null) return last !== undefined && last.slot !== stampSlot && last.at <= signedBefore
  return archiveUntil ? archiveUntil < renewBefore : sealedAt <= sealedBefore
}

async function archivePact(house: House, tx: Database, pactId: number, now: Date): Promise<boolean> {
  const pact = await lockPact(tx, pactId)
  if (!pact || !isDue(pact, (await findRevisions(tx, pactId)).at(-1), dueAt(house, now))) return false
  const pdf = await readPact(house, tx, pactId)
  const file = readRevisions(pdf)
  // An authority's clock may be ahead of ours; evidence that is older than a timestamp would never do.
  const newest = Math.max(...file.revisions.map(({ cms }) => stampedAt(cms)))
  if (newest > now.getTime() - REST_SECONDS * 1000) return false
  const gathered = await gather(house, tx, { pactId, pdf, file, now })
  if (!gathered) return false
  const stored = storeEvidence(openDraft(pdf), gathered.evidence)
  const stamped = await stampDraft(stored.draft, house.tsa)
  const token = parseToken(stamped.token)
  // Who will stamp is a guess where there are several authorities: the next evidence knows who did.
  if (!gathered.next.some(({ certificate }) => sameBytes(certificate.der, token.certificate.der)))
    return false
  await keepChunk(house, tx, pactId, {
    ...{ slot: STORE_SLOT, own: stored.bytes, draft: stored.draft, at: now },
  })
  await keepChunk(house, tx, pactId, {
    ...{ slot: STAMP_SLOT, own: stamped.bytes, draft: stamped.draft, at: now },
  })
  // An unfinished pact goes on where it was; its signatures outlive their certificates now.
  if (!pact.sealedAt) return true
  await markArchived(tx, { pactId, now, until: token.certificate.notAfter })
  await insertEvent(tx, { at: now, kind: 'archived', campaignId: pact.campaignId, pactId })
  if (pact.archivedAt === null) await sendReceipt(house, tx, { parties: await findParties(tx, pactId), now })
  return true
}

function stampedAt(cms: Uint8Array): number {
  const { token } = parseCms(cms)
  return token ? parseToken(token).at.getTime() : 0
}

interface Gathered {
  at: Date
  sizeBytes: number // of the file that it is for
  next: readonly TokenSource[]
  evidence: StoredEvidence
}
const gatherings = new WeakMap<House, Map<number, Gathered>>()

/**
 * The evidence for a file, once it is a second older than the timestamp that will cover it. It is kept in memory until
 * then: whoever is asked again after a crash gives it anew.
 */
async function gather(
  house: House,
  tx: Database,
  of: { pactId: number; pdf: Uint8Array; file: SignedFile; now: Date },
): Promise<Gathered | undefined> {
  const { pactId, pdf, file, now } = of
  const all = gatherings.get(house) ?? new Map<number, Gathered>()
  gatherings.set(house, all)
  const known = all.get(pactId)
  const ageSeconds = known?.sizeBytes === pdf.length ? (now.getTime() - known.at.getTime()) / 1000 : Infinity
  if (known && ageSeconds < AGE_SECONDS) return undefined
  all.delete(pactId)
  if (known && ageSeconds <= AGE_SECONDS_MAX) return known
  const next = house.tsa.sources()
  const statusOf = (serial: Uint8Array) => statusOfCertificate(tx, house.keys, serial)
  const evidence = await collectorOf(house.keys)(file, { now, statusOf, next, foreign: house.foreign })
  if (all.size > LIMIT * 4) all.clear()
  all.set(pactId, { at: now, sizeBytes: pdf.length, next, evidence })
  return undefined
}

const collectors = new WeakMap<Keys, EvidenceCollector>()
/** Collects evidence with the keys of this house. */
export function collectorOf(keys: Keys): EvidenceCollector {
  let known = collectors.get(keys)
  if (known) return known
  known = makeCollector({
    authorities: keys.allAuthorities,
    roots: [...keys.roots.signer, ...keys.roots.seal, ...keys.roots.timestamp, ...keys.roots.person].map(
      readCertificate,
    ),
    rootLists: () => [...keys.rootLists.values()],
  })
  collectors.set(keys, known)
  return known
}

// Documents of units that only the seal signs: rows that wait for one, collective pacts that list them, recapitulations.
import type { PactState, RecapUse } from '../domain/pact.js'
import { type Database, row, rows } from './db.js'
import { lockNumbers } from './pacts.js'

/** The most rows that one document lists; what its template has room for. */
export const COLLECTIVE_ROWS_MAX = 1500

/** A signed row whose evidence is complete and that no document lists yet. */
export interface WaitingRow {
  pactId: number
  partyId: number
  templateCode: string
  templateVersion: number
}

/** Rows of a unit that can go into a document, by place of work and name; they are locked. */
export function lockWaitingRows(db: Database, of: { campaignId: number; unitId: number }) {
  return rows<WaitingRow>(
    db,
    `select pact.id as "pactId", party.id as "partyId", template_code as "templateCode",
       template_version as "templateVersion"
     from pact join party on party.pact_id = pact.id
     where campaign_id = :campaignId and unit_id = :unitId and is_row and collective_id is null
       and pact.state = 'complete' and evidence_at is not null
     order by identity ->> 'unitName', identity ->> 'name', pact.id
     limit ${COLLECTIVE_ROWS_MAX}
     for update of pact`,
    of,
  )
}

/** What of a campaign's units is signed row by row. */
export interface UnitRows {
  unitId: number
  waiting: number // signed, in no document yet
  listed: number // in one
}

export function countRows(db: Database, query: { campaignId: number }) {
  return rows<UnitRows>(
    db,
    `select unit_id as "unitId", count(*) filter (where collective_id is null)::int as waiting,
       count(*) filter (where collective_id is not null)::int as listed
     from pact
     where campaign_id = :campaignId and is_row and unit_id is not null and state <> 'revoked'
     group by unit_id`,
    query,
  )
}

/** Units whose rows are due for a document: the campaign is closed, or its deadline has passed since the last one. */
export function findCollectiveDue(db: Database, query: { now: Date; limit: number }) {
  return rows<{ campaignId: number; unitId: number }>(
    db,
    `select distinct pact.campaign_id as "campaignId", pact.unit_id as "unitId"
     from pact join campaign on campaign.id = pact.campaign_id
     where is_row and collective_id is null and pact.state = 'complete'
       and (campaign.state = 'closed' or (campaign.deadline <= :now and not exists (
         select from pact as document
         where document.campaign_id = pact.campaign_id and document.unit_id = pact.unit_id
           and document.signer_class = 'COLLECTIVE' and document.created_at >= campaign.deadline)))
       -- whoever signed a moment before is still waited for
       and not exists (
         select from pact as fresh
         where fresh.is_row and fresh.campaign_id = pact.campaign_id and fresh.unit_id = pact.unit_id
           and fresh.state = 'complete' and fresh.evidence_at is null)
     limit :limit`,
    query,
  )
}

/** Signed rows whose evidence is missing, from before `signedBefore`: oldest first. */
export function findRowEvidenceWork(db: Database, due: { signedBefore: Date; limit: number }) {
  return rows<{ pactId: number }>(
    db,
    `select pact.id as "pactId" from pact join party on party.pact_id = pact.id
     where is_row and pact.state = 'complete' and evidence_at is null and party.signed_at <= :signedBefore
     order by pact.id limit :limit`,
    due,
  )
}

/** A row's own file has all the evidence that it will ever need. */
export async function markRowComplete(db: Database, which: { pactId: number; now: Date }): Promise<void> {
  await rows(db, `update pact set evidence_at = :now where id = :pactId and is_row`, which)
}

/**
 * Makes a document without parties: a unit's collective pact, or a recapitulation. It is open until it is frozen.
 *
 * @returns its id and the running number of the campaign that it got
 */
export async function insertDocument(
  db: Database,
  made: {
    campaignId: number
    unitId: number | null
    signerClass: 'COLLECTIVE' | RecapUse
    templateCode: string
    templateVersion: number
    code: string
    now: Date
  },
): Promise<{ id: number; ordinal: number }> {
  await lockNumbers(db, made.campaignId)
  const inserted = await row<{ id: number; ordinal: number }>(
    db,
    `insert into pact (campaign_id, form, signer_class, unit_id, template_code, template_version, code, ordinal, state, created_at)
     select :campaignId, 'collective', :signerClass, :unitId, :templateCode, :templateVersion, :code,
       coalesce(max(ordinal), 0) + 1, 'open', :now
     from pact where campaign_id = :campaignId
     returning id, ordinal`,
    made,
  )
  return inserted!
}

/** Lists rows in a document; each is in one at most. @returns how many */
export async function listRows(
  db: Database,
  of: { collectiveId: number; pactIds: number[] },
): Promise<number> {
  const done = await rows(
    db,
    `update pact set collective_id = :collectiveId
     where id = any (:pactIds::int[]) and is_row and collective_id is null returning id`,
    of,
  )
  return done.length
}

/** The seal on a document is the seal on its rows. */
export async function sealRows(db: Database, of: { collectiveId: number; now: Date }): Promise<void> {
  await rows(
    db,
    `update pact set state = 'sealed', sealed_at = :now where collective_id = :collectiveId and state = 'complete'`,
    of,
  )
}

/** A document of a unit. */
export interface UnitDocument {
  pactId: number
  unitId: number | null
  unitName: string | null
  kind: 'COLLECTIVE' | RecapUse
  code: string
  number: string
  rows: number // of a collective pact
  state: PactState
  createdAt: Date
}

/**
 * Documents that are sealed and not signed, newest first.
 *
 * @param query.unitId null: of the whole pemda, and the collective pacts of all units; else of that unit
 */
export function findDocuments(db: Database, query: { campaignId: number; unitId: number | null }) {
  return rows<UnitDocument>(
    db,
    `select pact.id as "pactId", pact.unit_id as "unitId", unit_label.name as "unitName", signer_class as "kind", pact.code, number, state, created_at as "createdAt",
       (select count(*)::int from pact as listed where listed.collective_id = pact.id) as rows
     from pact left join unit_label on unit_label.id = pact.unit_id
     where campaign_id = :campaignId and form = 'collective' and signer_class <> 'JOINT'
       and (pact.unit_id is not distinct from :unitId::int
         or (:unitId::int is null and signer_class = 'COLLECTIVE'))
     order by pact.id desc`,
    query,
  )
}

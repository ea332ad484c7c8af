// Joint pacts beside their parties: what an administrator prepares, and how each is opened and closed.
import type { NamedPerson } from '../domain/pact.js'
import { type Database, row, rows } from './db.js'

/** What a joint pact has beside its parties. */
export interface JointPact {
  pactId: number
  isOrdered: boolean
  words: Record<string, string>
  deadline: Date
  witnessesAt: Date | null // since when witnesses may sign
  closedAt: Date | null
}
const JOINT = `pact_id as "pactId", is_ordered as "isOrdered", words, deadline, witnesses_at as "witnessesAt",
  closed_at as "closedAt"`

/** Keeps what a joint pact has beside its parties. */
export async function insertJointPact(
  db: Database,
  made: Pick<JointPact, 'pactId' | 'isOrdered' | 'words' | 'deadline'> & { accountId: number },
): Promise<void> {
  await rows(
    db,
    `insert into joint_pact (pact_id, is_ordered, words, deadline, account_id)
     values (:pactId, :isOrdered, :words, :deadline, :accountId)`,
    { ...made, words: JSON.stringify(made.words) },
  )
}

/** Joint pacts of a campaign, newest first. */
export function findJointPacts(db: Database, campaignId: number) {
  return rows<JointPact>(
    db,
    `select ${JOINT} from joint_pact join pact on pact.id = pact_id
     where pact.campaign_id = :campaignId order by pact_id desc`,
    { campaignId },
  )
}

export function findJointPact(db: Database, pactId: number) {
  return row<JointPact>(db, `select ${JOINT} from joint_pact where pact_id = :pactId`, { pactId })
}

/** From now on witnesses may sign; false when they already might. */
export async function openToWitnesses(db: Database, which: { pactId: number; now: Date }): Promise<boolean> {
  const found = await row(
    db,
    'update joint_pact set witnesses_at = :now where pact_id = :pactId and witnesses_at is null returning 1',
    which,
  )
  return found !== undefined
}

/** Closes a joint pact without who is missing; false when it is closed. */
export async function closeJointPact(
  db: Database,
  which: { pactId: number; accountId: number | null; now: Date },
): Promise<boolean> {
  const found = await row(
    db,
    `update joint_pact set closed_at = :now, closed_by = :accountId, witnesses_at = coalesce(witnesses_at, :now)
     where pact_id = :pactId and closed_at is null returning 1`,
    which,
  )
  return found !== undefined
}

/** Joint pacts whose deadline has passed and that nobody has closed. */
export function findJointDue(db: Database, query: { now: Date; limit: number }) {
  return rows<{ pactId: number }>(
    db,
    `select pact_id as "pactId" from joint_pact join pact on pact.id = pact_id
     where pact.state = 'open' and closed_at is null and deadline <= :now order by pact_id limit :limit`,
    query,
  )
}

/** A joint pact that is being prepared. */
export interface JointDraft {
  id: number
  campaignId: number
  parties: { role: 'signer' | 'witness'; person: NamedPerson }[]
  words: Record<string, string>
  isOrdered: boolean
  deadline: Date
  accountId: number // who prepared it
}
const JOINT_DRAFT = `id, account_id as "accountId", campaign_id as "campaignId", parties, words, is_ordered as "isOrdered", deadline`

export async function insertJointDraft(
  db: Database,
  made: Omit<JointDraft, 'id'> & { now: Date },
): Promise<number> {
  const found = await row<{ id: number }>(
    db,
    `insert into joint_draft (campaign_id, account_id, parties, words, is_ordered, deadline, created_at)
     values (:campaignId, :accountId, :parties, :words, :isOrdered, :deadline, :now) returning id`,
    { ...made, parties: JSON.stringify(made.parties), words: JSON.stringify(made.words) },
  )
  return found!.id
}

export function findJointDraft(db: Database, id: number) {
  return row<JointDraft>(db, `select ${JOINT_DRAFT} from joint_draft where id = :id`, { id })
}

/** Drafts of a campaign, newest first. */
export function findJointDrafts(db: Database, campaignId: number) {
  return rows<{ id: number; createdAt: Date }>(
    db,
    `select id, created_at as "createdAt" from joint_draft where campaign_id = :campaignId order by id desc`,
    { campaignId },
  )
}

/** Takes a draft away and returns it; undefined when it is gone: somebody else opened or dropped it. */
export function deleteJointDraft(db: Database, id: number) {
  return row<JointDraft>(db, `delete from joint_draft where id = :id returning ${JOINT_DRAFT}`, { id })
}

import {
  type Identity,
  type Mark,
  type NamedPerson,
  type PactClass,
  type PactState,
  type PartyRole,
  type PartyState,
  type SecondFactor,
  partyStatesBefore,
  type SignerClass,
  type Slot,
} from '../domain/pact.js'
import { type Database, refreshStatistics, row, rows } from './db.js'

export interface Pact {
  id: number
  campaignId: number
  employeeId: number | null
  signerClass: PactClass
  templateCode: string
  templateVersion: number
  code: string
  ordinal: number
  number: string | null
  identity: Identity | null
  filled: FilledValues | null
  textSha256: Uint8Array | null
  state: PactState
  createdAt: Date
  sealedAt: Date | null
  revokedAt: Date | null
  revokeReason: string | null
  archivedAt: Date | null // PAdES-BASELINE-LTA since; null: not yet
  archiveUntil: Date | null // when its last document timestamp ends
  isRow: boolean // its file is a signed statement
  evidenceAt: Date | null // of a row: since when that needs no more evidence
  unitId: number | null // of a row or a unit's document
  collectiveId: number | null // the document that lists this row
}

const PACT = `pact.id, pact.campaign_id as "campaignId", pact.employee_id as "employeeId", signer_class as "signerClass",
  template_code as "templateCode", template_version as "templateVersion", code, pact.ordinal, number, identity,
  filled, text_sha256 as "textSha256", pact.state, pact.created_at as "createdAt", sealed_at as "sealedAt",
  revoked_at as "revokedAt", revoke_reason as "revokeReason", archived_at as "archivedAt",
  archive_until as "archiveUntil", is_row as "isRow", evidence_at as "evidenceAt", pact.unit_id as "unitId", collective_id as "collectiveId"`

export interface Party {
  id: number
  pactId: number
  slot: Slot
  role: PartyRole
  ordinal: number
  employeeId: number | null
  accountId: number | null
  person: NamedPerson | null // of a joint pact
  state: PartyState
  mark: Mark | null
  invitedAt: Date | null
  openedAt: Date | null
  agreedAt: Date | null
  signedAt: Date | null
  answerReason: string | null
  answerNote: string | null
  answeredAt: Date | null
  secondFactor: SecondFactor | null
  officerId: number | null
}

const PARTY = `party.id, party.pact_id as "pactId", slot, role, party.ordinal, party.employee_id as "employeeId",
  party.account_id as "accountId", party.person, party.state, mark, invited_at as "invitedAt", opened_at as "openedAt",
  agreed_at as "agreedAt", signed_at as "signedAt", answer_reason as "answerReason", answer_note as "answerNote",
  answered_at as "answeredAt", second_factor as "secondFactor", party.officer_id as "officerId"`

/** The value of every placeholder and list of a template. */
export type FilledValues = Record<string, string | readonly Record<string, string>[]>

/** A pact to be made, with everyone who will sign it in order. */
export interface NewPact {
  campaignId: number
  employeeId: number
  signerClass: SignerClass
  templateCode: string
  templateVersion: number
  code: string
  isRow: boolean
  parties: { slot: Slot; role: PartyRole; accountId?: number }[]
}

/** One writer at a time for a campaign, until the transaction ends: its numbers are handed out in order, never twice. */
export async function lockNumbers(db: Database, campaignId: number): Promise<void> {
  await rows(db, `select pg_advisory_xact_lock(74710001, :campaignId)`, { campaignId })
}

/**
 * Makes individual pacts, the first party ready and the others waiting. A person who has one already (another
 * process was faster) is left out.
 *
 * @returns the first party of each pact made
 */
export async function insertPacts(
  db: Database,
  campaignId: number,
  made: NewPact[],
  now: Date,
): Promise<{ pactId: number; partyId: number; employeeId: number }[]> {
  await lockNumbers(db, campaignId)
  const pacts = await rows<{ id: number; employeeId: number }>(
    db,
    `insert into pact (campaign_id, form, employee_id, signer_class, template_code, template_version, code, is_row,
       ordinal, state, created_at)
     select :campaignId, 'individual', "employeeId", "signerClass", "templateCode", "templateVersion", code, "isRow",
       (select coalesce(max(ordinal), 0) from pact where campaign_id = :campaignId)
         + (row_number() over (order by position))::int,
       'open', :now
     from jsonb_to_recordset(:made::jsonb) as made ("employeeId" integer, "signerClass" text, "templateCode" text,
       "templateVersion" integer, code text, "isRow" boolean, position integer)
     on conflict (campaign_id, employee_id) where form = 'individual' and state <> 'revoked' do nothing
     returning id, employee_id as "employeeId"`,
    { campaignId, now, made: JSON.stringify(made.map((pact, position) => ({ ...pact, position }))) },
  )
  const partiesOf = new Map(made.map((pact) => [pact.employeeId, pact.parties]))
  const parties = pacts.flatMap((pact) =>
    partiesOf.get(pact.employeeId)!.map((party, index) => ({
      pactId: pact.id,
      slot: party.slot,
      role: party.role,
      ordinal: index + 1,
      employeeId: party.role === 'signer' ? pact.employeeId : null,
      accountId: party.accountId ?? null,
      state: index === 0 ? 'ready' : 'waiting',
    })),
  )
  const inserted = await rows<{ id: number; pactId: number; ordinal: number }>(
    db,
    `insert into party (pact_id, slot, role, ordinal, employee_id, account_id, state)
     select "pactId", slot, role, ordinal, "employeeId", "accountId", state
     from jsonb_to_recordset(:parties::jsonb) as made ("pactId" integer, slot text, role text, ordinal integer,
       "employeeId" integer, "accountId" integer, state text)
     returning id, pact_id as "pactId", ordinal`,
    { parties: JSON.stringify(parties) },
  )
  await refreshStatistics(db, ['pact', 'party'])
  const employeeOf = new Map(pacts.map((pact) => [pact.id, pact.employeeId]))
  return inserted
    .filter((party) => party.ordinal === 1)
    .map((party) => ({ pactId: party.pactId, partyId: party.id, employeeId: employeeOf.get(party.pactId)! }))
}

/**
 * Makes a pact of several named parties: the first ready, or all of them where nobody waits for another.
 *
 * @returns its id
 */
export async function insertNamedPact(
  db: Database,
  made: {
    campaignId: number
    templateCode: string
    templateVersion: number
    code: string
    isOrdered: boolean
    parties: { slot: Slot; role: 'signer' | 'witness'; person: NamedPerson }[]
    now: Date
  },
): Promise<number> {
  await lockNumbers(db, made.campaignId)
  const pact = await row<{ id: number }>(
    db,
    `insert into pact (campaign_id, form, signer_class, template_code, template_version, code, ordinal, state, created_at)
     select :campaignId, 'collective', 'JOINT', :templateCode, :templateVersion, :code,
       coalesce(max(ordinal), 0) + 1, 'open', :now
     from pact where campaign_id = :campaignId
     returning id`,
    made,
  )
  const pactId = pact!.id
  const parties = made.parties.map((party, index) => ({
    ...party,
    ordinal: index + 1,
    state: party.role === 'signer' && (index === 0 || !made.isOrdered) ? 'ready' : 'waiting',
  }))
  await rows(
    db,
    `insert into party (pact_id, slot, role, ordinal, person, state)
     select :pactId, slot, role, ordinal, person, state
     from jsonb_to_recordset(:parties::jsonb) as made (slot text, role text, ordinal integer, person jsonb, state text)`,
    { pactId, parties: JSON.stringify(parties) },
  )
  return pactId
}

/** Has anybody agreed to anything in this campaign? */
export async function countAgreed(db: Database, campaignId: number): Promise<number> {
  const found = await row<{ n: number }>(
    db,
    `select count(*)::int as n from party join pact on pact.id = party.pact_id
     where campaign_id = :campaignId and agreed_at is not null`,
    { campaignId },
  )
  return found!.n
}

/** Parties of joint pacts whose turn it is and who have no link yet. */
export function findUncalled(db: Database, limit: number) {
  return rows<{ partyId: number; campaignId: number }>(
    db,
    `select party.id as "partyId", pact.campaign_id as "campaignId"
     from party
     join pact on pact.id = party.pact_id and pact.state = 'open'
     join campaign on campaign.id = pact.campaign_id and campaign.state = 'open'
     where party.person is not null and party.state = 'ready'
       and not exists (
         select from invitation where invitation.party_id = party.id and replaced_at is null and officer_id is null
       )
     order by party.id limit :limit`,
    { limit },
  )
}

export function findPact(db: Database, id: number) {
  return row<Pact>(db, `select ${PACT} from pact where id = :id`, { id })
}

export function findPactByCode(db: Database, code: string) {
  return row<Pact>(db, `select ${PACT} from pact where code = :code`, { code })
}

/** Locks a pact until the transaction ends, so that its signatures and its state move one at a time. */
export function lockPact(db: Database, id: number) {
  return row<Pact>(db, `select ${PACT} from pact where id = :id for update`, { id })
}

export function findParties(db: Database, pactId: number) {
  return rows<Party>(db, `select ${PARTY} from party where pact_id = :pactId order by ordinal`, { pactId })
}

export function findParty(db: Database, id: number) {
  return row<Party>(db, `select ${PARTY} from party where id = :id`, { id })
}

/**
 * Moves a party on, guarded by the transition table. Undefined when it was not in a state that may become
 * `to`: somebody was faster, or the act came out of order.
 */
export function moveParty(
  db: Database,
  move: {
    id: number
    to: PartyState
    now: Date
    mark?: Mark
    secondFactor?: SecondFactor | null
    officerId?: number | null
    reason?: string
    note?: string
  },
) {
  return row<Party>(
    db,
    `update party
     set state = :to,
       mark = coalesce(:mark::jsonb, mark),
       second_factor = coalesce(:secondFactor, second_factor),
       officer_id = coalesce(:officerId, officer_id),
       agreed_at = case when :to::text = 'agreed' then :now::timestamptz else agreed_at end,
       signed_at = case when :to::text = 'signed' then :now::timestamptz else signed_at end,
       answer_reason = case when :to::text in ('declined', 'disputed') then :reason when :to::text in ('agreed', 'ready') then null else answer_reason end,
       answer_note = case when :to::text in ('declined', 'disputed') then :note when :to::text in ('agreed', 'ready') then null else answer_note end,
       answered_at = case when :to::text in ('declined', 'disputed') then :now::timestamptz when :to::text in ('agreed', 'ready') then null else answered_at end
     where id = :id and state = any (:from::text[])
     returning ${PARTY}`,
    {
      id: move.id,
      to: move.to,
      now: move.now,
      from: partyStatesBefore(move.to),
      mark: move.mark ? JSON.stringify(move.mark) : null,
      secondFactor: move.secondFactor ?? null,
      officerId: move.officerId ?? null,
      reason: move.reason ?? null,
      note: move.note ?? null,
    },
  )
}

/** Freezes what the signer agreed to. Only an open pact can be agreed to. */
export async function freezePact(
  db: Database,
  frozen: {
    id: number
    identity: Identity | null
    filled: FilledValues
    number: string | null // a row has none of its own
    textSha256: Uint8Array
    unitId?: number | null
  },
): Promise<void> {
  await rows(
    db,
    `update pact
     set identity = :identity::jsonb, filled = :filled::jsonb, number = :number, text_sha256 = :textSha256,
       unit_id = coalesce(:unitId, unit_id)
     where id = :id and state = 'open'`,
    {
      ...frozen,
      unitId: frozen.unitId ?? null,
      identity: frozen.identity && JSON.stringify(frozen.identity),
      filled: JSON.stringify(frozen.filled),
    },
  )
}

/** Moves a pact on; false when it was not in the state it comes from. */
export async function movePact(
  db: Database,
  move: { id: number; from: PactState; to: PactState; now: Date; accountId?: number; reason?: string },
): Promise<boolean> {
  const moved = await row(
    db,
    `update pact
     set state = :to,
       sealed_at = case when :to::text = 'sealed' then :now::timestamptz else sealed_at end,
       revoked_at = case when :to::text = 'revoked' then :now::timestamptz end,
       revoked_by = :accountId,
       revoke_reason = :reason
     where id = :id and state = :from
     returning id`,
    { ...move, accountId: move.accountId ?? null, reason: move.reason ?? null },
  )
  return moved !== undefined
}

export async function markOpened(db: Database, partyId: number, now: Date): Promise<boolean> {
  const done = await row(
    db,
    `update party set opened_at = :now where id = :partyId and opened_at is null returning id`,
    { partyId, now },
  )
  return done !== undefined
}

/** A mail with the personal link was accepted by a mail server. */
export async function markInvited(db: Database, partyId: number, now: Date): Promise<void> {
  await rows(
    db,
    `update party set invited_at = coalesce(invited_at, :now), undeliverable_reply = null where id = :partyId`,
    { partyId, now },
  )
}

/** A mail server refused the address for good; `reply` is its answer, or null when the address was mended. */
export async function markUndeliverable(db: Database, partyId: number, reply: string | null): Promise<void> {
  await rows(db, `update party set undeliverable_reply = :reply where id = :partyId`, { partyId, reply })
}

/** Agreed parties whose signature is not in the file yet, and complete pacts without a seal: oldest first. */
export async function findSealingWork(db: Database, limit: number): Promise<{ pactId: number }[]> {
  return rows(
    db,
    `select pact_id as "pactId" from party where state = 'agreed'
     union
     select id from pact where state = 'complete' and not is_row
     order by 1
     limit :limit`,
    { limit },
  )
}

/** Sealed pacts that may be archived now, and archived ones whose timestamp ends before `renewBefore`: oldest first. */
export async function findArchivingWork(
  db: Database,
  due: { sealedBefore: Date; renewBefore: Date; limit: number },
): Promise<{ pactId: number }[]> {
  return rows(
    db,
    `(select id as "pactId" from pact
      where sealed_at is not null and archived_at is null and not is_row and sealed_at <= :sealedBefore
      order by sealed_at limit :limit)
     union all
     (select id from pact where archive_until is not null and archive_until < :renewBefore
      order by archive_until limit :limit)`,
    due,
  )
}

/**
 * Unfinished pacts whose last revision is a signature from before `signedBefore`: oldest first.
 *
 * @param stampSlot what a document timestamp's revision is called
 */
export async function findBridgingWork(
  db: Database,
  due: { signedBefore: Date; stampSlot: string; limit: number },
): Promise<{ pactId: number }[]> {
  return rows(
    db,
    `select pact.id as "pactId" from pact
     join revision on revision.pact_id = pact.id
     where pact.state = 'open' and revision.at <= :signedBefore and slot <> :stampSlot
       and not exists (select from revision as later where later.pact_id = pact.id and later.ordinal > revision.ordinal)
     order by revision.at limit :limit`,
    due,
  )
}

/** The sealed pact that waits longest for its archive, whether it is due or not. */
export function findNextArchiving(db: Database) {
  return row<{ sealedAt: Date }>(
    db,
    `select sealed_at as "sealedAt" from pact
     where sealed_at is not null and archived_at is null and not is_row order by sealed_at limit 1`,
  )
}

export async function markArchived(
  db: Database,
  archived: { pactId: number; now: Date; until: Date },
): Promise<void> {
  await rows(db, `update pact set archived_at = :now, archive_until = :until where id = :pactId`, archived)
}

// --- the file, piece by piece ---

const SHA256_BYTES = 32

export interface Revision {
  ordinal: number
  slot: Slot | null
  /** Pieces before this revision's own that other pacts have, too: their SHA-256s one after the other. */
  sharedSha256: Uint8Array
  /** The piece that is this pact's alone. */
  chunkSha256: Uint8Array
  sha256: Uint8Array
  sizeBytes: number
  certificate: Uint8Array | null
  method: string | null
  at: Date
}

export function findRevisions(db: Database, pactId: number) {
  return rows<Revision>(
    db,
    `select ordinal, slot, shared_sha256 as "sharedSha256", chunk_sha256 as "chunkSha256", sha256, size_bytes as "sizeBytes", certificate, method, at
     from revision where pact_id = :pactId order by ordinal`,
    { pactId },
  )
}

/** Puts a revision behind the ones that are there; the pact is locked. */
export async function insertRevision(
  db: Database,
  pactId: number,
  revision: Omit<Revision, 'ordinal'>,
): Promise<void> {
  await rows(
    db,
    `insert into revision (pact_id, ordinal, slot, shared_sha256, chunk_sha256, sha256, size_bytes, certificate, method, at)
     values (:pactId, (select count(*) from revision where pact_id = :pactId), :slot, :sharedSha256, :chunkSha256, :sha256, :sizeBytes, :certificate, :method, :at)`,
    { pactId, ...revision },
  )
}

/** The SHA-256 of every piece that a revision adds to the file, in order. */
export const piecesOf = ({ sharedSha256, chunkSha256 }: Pick<Revision, 'sharedSha256' | 'chunkSha256'>) => [
  ...Array.from({ length: sharedSha256.length / SHA256_BYTES }, (_, index) =>
    sharedSha256.subarray(index * SHA256_BYTES, (index + 1) * SHA256_BYTES),
  ),
  chunkSha256,
]

/** The pact whose file, in any of its states, is exactly these bytes. */
export function findPactByFile(db: Database, sha256: Uint8Array) {
  return row<Pact & { revisionOrdinal: number }>(
    db,
    `select ${PACT}, revision.ordinal as "revisionOrdinal"
     from revision join pact on pact.id = revision.pact_id
     where revision.sha256 = :sha256`,
    { sha256 },
  )
}

/**
 * Pacts with the moment of signing and the SHA-256 of the file as it was sealed (of a row: of its last form), by code. A
 * later archive timestamp only adds bytes behind what was sealed.
 */
export function findSealedFiles(db: Database, query: { pactIds: number[]; sealSlot: string }) {
  return rows<{ code: string; agreedAt: Date; sha256: Uint8Array }>(
    db,
    `select code, agreed_at as "agreedAt", file.sha256
     from pact
     join party on party.pact_id = pact.id and party.role = 'signer'
     join lateral (
       select sha256 from revision
       where revision.pact_id = pact.id and (pact.is_row or slot = :sealSlot)
       order by ordinal desc limit 1
     ) as file on true
     where pact.id = any (:pactIds::int[]) and pact.state in ('sealed', 'revoked')
     order by code`,
    query,
  )
}

// --- what people with an account look at ---

/** Pacts on which this account is a party, with where they stand. */
export function findWitnessPacts(db: Database, accountId: number) {
  return rows<{
    pactId: number
    partyId: number
    state: PartyState
    pactState: PactState
    code: string
    identity: Identity
    signerAgreedAt: Date
    agreedAt: Date | null
  }>(
    db,
    `select pact.id as "pactId", party.id as "partyId", party.state, pact.state as "pactState", code, identity,
       signer.agreed_at as "signerAgreedAt", party.agreed_at as "agreedAt"
     from party
     join pact on pact.id = party.pact_id
     join party as signer on signer.pact_id = pact.id and signer.role = 'signer'
     where party.account_id = :accountId and party.state <> 'waiting' and pact.state <> 'revoked'
     order by party.agreed_at desc nulls first, signer.agreed_at`,
    { accountId },
  )
}

/** People who said that their data are wrong and wait for an administrator. */
export function findDisputes(db: Database, campaignId: number) {
  return rows<{ partyId: number; employeeId: number; note: string | null; answeredAt: Date }>(
    db,
    `select party.id as "partyId", party.employee_id as "employeeId", answer_note as note, answered_at as "answeredAt"
     from party join pact on pact.id = party.pact_id
     where campaign_id = :campaignId and party.state = 'disputed'
     order by answered_at`,
    { campaignId },
  )
}

import type { ExclusionReason } from '../domain/campaign.js'
import type { Counts } from '../domain/coverage.js'
import type { SecondFactor, SignatureMethod } from '../domain/pact.js'
import { type Database, rows } from './db.js'

const COUNTS = `
  count(*) filter (where is_required)::int as required,
  count(*) filter (where is_invited)::int as invited,
  count(*) filter (where is_undeliverable)::int as undeliverable,
  count(*) filter (where is_opened)::int as opened,
  count(*) filter (where is_signed)::int as signed,
  count(*) filter (where is_declined)::int as declined,
  count(*) filter (where is_disputed)::int as disputed,
  count(*) filter (where not is_required)::int as excluded`

/** Counts of the people who belong to each unit of a subtree, ASN and non-ASN apart. */
export function countByUnit(db: Database, campaignId: number, path: string) {
  return rows<Counts & { unitId: number; isNonAsn: boolean }>(
    db,
    `select unit_id as "unitId", is_non_asn as "isNonAsn", ${COUNTS}
     from coverage_fact
     where campaign_id = :campaignId and unit_path like :prefix
     group by 1, 2`,
    { campaignId, prefix: `${path}%` },
  )
}

/** How many people of a subtree are excluded, by reason. */
export function countExclusions(db: Database, campaignId: number, path: string) {
  return rows<{ reason: ExclusionReason; n: number }>(
    db,
    `select exclusion_reason as reason, count(*)::int as n
     from coverage_fact
     where campaign_id = :campaignId and unit_path like :prefix and exclusion_reason is not null
     group by 1 order by 1`,
    { campaignId, prefix: `${path}%` },
  )
}

/** Signatures per local day in a subtree, oldest first; only days with any. */
export function countSignedByDay(db: Database, query: { campaignId: number; path: string; zone: string }) {
  return rows<{ day: string; n: number }>(
    db,
    `select to_char(agreed_at at time zone :zone, 'YYYY-MM-DD') as day, count(*)::int as n
     from coverage_fact
     where campaign_id = :campaignId and unit_path like :prefix and is_signed
     group by 1 order by 1`,
    { campaignId: query.campaignId, prefix: `${query.path}%`, zone: query.zone },
  )
}

/** What can be said of one person in a campaign, the most telling first. */
export const personStatuses = [
  'signed',
  'disputed',
  'declined',
  'excluded',
  'undeliverable',
  'opened',
  'invited',
  'waiting',
] as const
export type PersonStatus = (typeof personStatuses)[number]

export interface PersonCoverage {
  employeeId: number
  partyId: number | null
  name: string
  titlePrefix: string
  titleSuffix: string
  identityNumber: string
  employmentType: string
  jabatan: string
  email: string | null
  unitName: string
  status: PersonStatus
  reason: string | null // why declined, disputed, excluded or undeliverable
  note: string | null
  invitedAt: Date | null
  openedAt: Date | null
  agreedAt: Date | null
  pactId: number | null
  code: string | null // of the sealed pact
  unitPath: string
  method: SignatureMethod | null // how the signature was made
  secondFactor: SecondFactor | null
}

const PERSON_COLUMNS = `employee_id as "employeeId", party_id as "partyId", name, title_prefix as "titlePrefix",
  title_suffix as "titleSuffix", identity_number as "identityNumber", employment_type as "employmentType", jabatan,
  email, unit_name as "unitName", status, reason, note, invited_at as "invitedAt", opened_at as "openedAt",
  agreed_at as "agreedAt", pact_id as "pactId", code, unit_path as "unitPath",
  (select method from signing_fact where signing_fact.party_id = listed.party_id),
  (select second_factor from signing_fact where signing_fact.party_id = listed.party_id) as "secondFactor"`

const PERSON = `
  select person.*, unit_label.name as unit_name,
    case
      when not is_required then 'excluded'
      when is_signed then 'signed'
      when is_disputed then 'disputed'
      when is_declined then 'declined'
      when is_undeliverable then 'undeliverable'
      when is_opened then 'opened'
      when is_invited then 'invited'
      else 'waiting'
    end as status
  from person_fact as person
  join unit_label on unit_label.id = person.unit_id
  where campaign_id = :campaignId and unit_path like :prefix`

/** People of a subtree by name, with where each stands. */
export function findPeople(
  db: Database,
  query: { campaignId: number; path: string; status?: PersonStatus; limit: number; offset: number },
) {
  return rows<PersonCoverage>(
    db,
    `select ${PERSON_COLUMNS}
     from (${PERSON}) as listed
     where (:status::text is null or status = :status)
     order by unit_name, name, employee_id
     limit :limit offset :offset`,
    {
      campaignId: query.campaignId,
      prefix: `${query.path}%`,
      status: query.status ?? null,
      limit: query.limit,
      offset: query.offset,
    },
  )
}

/** How the signatures of a subtree were made. */
export function countMethods(db: Database, query: { campaignId: number; path: string }) {
  return rows<{ method: SignatureMethod; secondFactor: SecondFactor | null; count: number }>(
    db,
    `select method, second_factor as "secondFactor", count(*)::int as count
     from person_fact join signing_fact on signing_fact.party_id = person_fact.party_id
     where campaign_id = :campaignId and unit_path like :prefix and is_required and is_signed
     group by 1, 2 order by 1, 2 nulls first`,
    { campaignId: query.campaignId, prefix: `${query.path}%` },
  )
}

/** One person in a campaign, wherever they work. */
export async function findPerson(
  db: Database,
  campaignId: number,
  employeeId: number,
): Promise<PersonCoverage | undefined> {
  const found = await rows<PersonCoverage>(
    db,
    `select ${PERSON_COLUMNS} from (${PERSON}) as listed where employee_id = :employeeId`,
    { campaignId, prefix: '/%', employeeId },
  )
  return found[0]
}

export async function countPeople(
  db: Database,
  query: { campaignId: number; path: string },
): Promise<Record<PersonStatus, number>> {
  const counts = Object.fromEntries(personStatuses.map((status) => [status, 0])) as Record<
    PersonStatus,
    number
  >
  const found = await rows<{ status: PersonStatus; n: number }>(
    db,
    `select status, count(*)::int as n from (${PERSON}) as listed group by 1`,
    { campaignId: query.campaignId, prefix: `${query.path}%` },
  )
  for (const { status, n } of found) counts[status] = n
  return counts
}

/**
 * People who may be invited and have no pact yet: their gate is open, or they are the head who opens it. A head
 * whose unit has no witness yet is left out: the witness's name is part of the page.
 */
export function findUnenlisted(db: Database, limit: number) {
  return rows<{
    campaignId: number
    employeeId: number
    signerClass: 'HEAD' | 'ASN' | 'NON_ASN'
    witnessAccountId: number | null
  }>(
    db,
    `with gate as materialized (
       select gate_fact.campaign_id, unit_id, gate_fact.state, head_employee_id, witness_account_id
       from gate_fact join campaign on campaign.id = gate_fact.campaign_id and campaign.state = 'open'
     ),
     headed as materialized (
       select distinct on (campaign_id, head_employee_id) campaign_id, head_employee_id, unit_id, witness_account_id
       from gate where head_employee_id is not null
       order by campaign_id, head_employee_id, unit_id
     )
     select fact.campaign_id as "campaignId", fact.employee_id as "employeeId",
       case when headed.unit_id is not null then 'HEAD' when fact.is_non_asn then 'NON_ASN' else 'ASN' end as "signerClass",
       headed.witness_account_id as "witnessAccountId"
     from coverage_fact as fact
     join gate on gate.campaign_id = fact.campaign_id and gate.unit_id = fact.gate_id
     left join headed on headed.campaign_id = fact.campaign_id and headed.head_employee_id = fact.employee_id
     where fact.pact_id is null
       and fact.is_required
       and case when headed.unit_id is null then gate.state in ('open', 'overridden') else headed.witness_account_id is not null end
     order by fact.campaign_id, headed.unit_id is null, fact.employee_id
     limit :limit`,
    { limit },
  )
}

/**
 * Signers due for a reminder: required, invited before `before`, reachable, and neither signed nor answered.
 *
 * @param query `steps`: who had, or will have, a mail of one of these steps is left out
 */
export function findForgetful(
  db: Database,
  query: { campaignId: number; before: Date; steps: string[]; limit: number },
) {
  return rows<{ partyId: number }>(
    db,
    `select party_id as "partyId"
     from person_fact
     where campaign_id = :campaignId and is_required and is_invited and invited_at < :before
       and not (is_signed or is_declined or is_disputed or is_undeliverable)
       and not exists (
         select from mail_step where mail_step.party_id = person_fact.party_id and mail_step.step = any (:steps::text[])
       )
     order by party_id
     limit :limit`,
    query,
  )
}

/**
 * People with a pact to sign whose present address has never been mailed their link: the roster has brought a
 * new one, or the first one.
 */
export function findUnreached(db: Database, limit: number) {
  return rows<{ partyId: number; employeeId: number; campaignId: number }>(
    db,
    `select fact.party_id as "partyId", fact.employee_id as "employeeId", fact.campaign_id as "campaignId"
     from person_fact as fact
     join campaign on campaign.id = fact.campaign_id and campaign.state = 'open'
     where fact.party_id is not null and fact.email is not null and fact.is_required
       and not (fact.is_signed or fact.is_disputed)
       and not exists (
         select from mail_reach
         where mail_reach.party_id = fact.party_id and lower(mail_reach.address) = lower(fact.email)
       )
     order by fact.party_id
     limit :limit`,
    { limit },
  )
}

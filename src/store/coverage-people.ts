// Coverage person by person: who has signed, who has not, and whom to write to.
import type { SecondFactor, SignatureMethod } from '../domain/pact.js'
import { type Database, row, rows } from './db.js'
import { type PersonStatus } from './coverage.js'

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
  agreed_at as "agreedAt", pact_id as "pactId", code, unit_path as "unitPath", method, second_factor as "secondFactor"`

const PERSON = `
  select person.*, unit_label.name as unit_name
  from person_fact as person
  join unit_label on unit_label.id = person.unit_id
  where campaign_id = :campaignId and unit_path like :prefix`

/**
 * People of a subtree by unit and name, with where each stands. Units are counted through first, so that a page of
 * fifty reads the names of its own units and not those of a whole government.
 */
export function findPeople(
  db: Database,
  query: { campaignId: number; path: string; status?: PersonStatus; limit: number; offset: number },
) {
  return rows<PersonCoverage>(
    db,
    `with counted as (
       select unit_id, count(*) as n
       from coverage_person
       where campaign_id = :campaignId and unit_path like :prefix and (:status::text is null or status = :status)
       group by 1
     ),
     ordered as (
       select counted.*, sum(n) over (order by unit_label.name, unit_id) - n as before
       from counted join unit_label on unit_label.id = unit_id
     ),
     shown as materialized (
       select * from ordered where before < :offset::int + :limit::int and before + n > :offset::int
     )
     select ${PERSON_COLUMNS}
     from (${PERSON} and unit_id = any (array(select unit_id from shown))) as listed
     where (:status::text is null or status = :status)
     order by unit_name, unit_id, name, employee_id
     limit :limit offset greatest(0, :offset::int - (select coalesce(min(before), 0) from shown))`,
    {
      campaignId: query.campaignId,
      prefix: `${query.path}%`,
      status: query.status ?? null,
      limit: query.limit,
      offset: query.offset,
    },
  )
}

/** One person in a campaign, wherever they work. */
export async function findPerson(
  db: Database,
  campaignId: number,
  employeeId: number,
): Promise<PersonCoverage | undefined> {
  return row<PersonCoverage>(
    db,
    `select ${PERSON_COLUMNS} from (${PERSON}) as listed where employee_id = :employeeId`,
    { campaignId, prefix: '/%', employeeId },
  )
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
       select distinct on (campaign_id, head_employee_id) campaign_id, head_employee_id, witness_account_id
       from gate where head_employee_id is not null
       order by campaign_id, head_employee_id, unit_id
     ),
     head as (
       select fact.campaign_id, fact.employee_id, 'HEAD' as signer_class, headed.witness_account_id
       from headed
       join coverage_person as fact on fact.campaign_id = headed.campaign_id and fact.employee_id = headed.head_employee_id
       where headed.witness_account_id is not null and fact.pact_id is null and fact.is_required
     ),
     member as (
       select fact.campaign_id, fact.employee_id, case when fact.is_non_asn then 'NON_ASN' else 'ASN' end as signer_class,
         null::int as witness_account_id
       from gate
       join unit_label on unit_label.gate_id = gate.unit_id
       cross join lateral (
         select campaign_id, employee_id, is_non_asn from coverage_person
         where campaign_id = gate.campaign_id and unit_id = unit_label.id and pact_id is null and is_required
         order by employee_id limit :limit
       ) as fact
       left join headed on headed.campaign_id = fact.campaign_id and headed.head_employee_id = fact.employee_id
       where gate.state in ('open', 'overridden') and headed.head_employee_id is null
     )
     select campaign_id as "campaignId", employee_id as "employeeId", signer_class as "signerClass",
       witness_account_id as "witnessAccountId"
     from (select * from head union all select * from member) as unenlisted
     order by campaign_id, signer_class <> 'HEAD', employee_id
     limit :limit`,
    { limit },
  )
}

/** Who of a subtree may be reminded now: required, invited, reachable, neither signed nor answered, without mail `step`. */
export function findRemindable(
  db: Database,
  query: { campaignId: number; path: string; step: string; limit: number },
) {
  return rows<{ partyId: number }>(
    db,
    `select party_id as "partyId"
     from coverage_person
     where campaign_id = :campaignId and unit_path like :prefix and status in ('invited', 'opened')
       and not exists (
         select from mail_step where mail_step.party_id = coverage_person.party_id and mail_step.step = :step
       )
     order by party_id
     limit :limit`,
    { ...query, prefix: `${query.path}%` },
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

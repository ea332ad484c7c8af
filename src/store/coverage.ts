import type { ExclusionReason } from '../domain/campaign.js'
import type { ChangeCause, Counts } from '../domain/coverage.js'
import type { SecondFactor, SignatureMethod } from '../domain/pact.js'
import { type Database, refreshStatistics, row, rows, transact } from './db.js'

/** Counters of a unit and everything below it. */
const COUNTERS = [
  'required',
  'invited',
  'undeliverable',
  'opened',
  'signed',
  'declined',
  'disputed',
  'excluded',
  'exempt',
] as const satisfies readonly (keyof Counts)[]
const each = (write: (counter: string) => string) => COUNTERS.map(write).join(', ')
const FLAG: Record<keyof Counts, string> = {
  required: 'is_required',
  invited: 'is_invited',
  undeliverable: 'is_undeliverable',
  opened: 'is_opened',
  signed: 'is_signed',
  declined: 'is_declined',
  disputed: 'is_disputed',
  excluded: 'exclusion_reason is not null',
  exempt: 'is_exempt',
}
// A person counts in the own unit, in every unit above it, and in unit 0, the whole campaign.
const ABOVE = `cross join lateral unnest(string_to_array('0' || rtrim(unit_path, '/'), '/')::int[]) as unit (id)`
const PERSON_KEPT = `campaign_id, employee_id, unit_id, unit_path, is_non_asn, is_exempt, exclusion_reason, is_required,
  is_invited, is_undeliverable, is_opened, is_signed, is_declined, is_disputed, pact_id, party_id, agreed_at,
  signed_on, method, second_factor`
// What a row of people adds to the counters; `people` needs the column `sign`.
const countsOf = (people: string) => `
  select campaign_id, unit.id as unit_id, is_non_asn,
    ${COUNTERS.map((counter) => `coalesce(sum(sign) filter (where ${FLAG[counter]}), 0)::int as ${counter}`).join(', ')}
  from ${people} ${ABOVE}
  group by 1, 2, 3`
const talliesOf = (people: string) => `
  select campaign_id, unit.id as unit_id, kind, name, sum(sign)::int as n
  from ${people} ${ABOVE}
  cross join lateral (values
    ('status', status),
    ('exclusion', exclusion_reason),
    ('day', case when is_signed then signed_on::text end),
    ('method', case when is_signed then coalesce(method, '') || '/' || coalesce(second_factor, '') end)
  ) as tally (kind, name)
  where name is not null
  group by 1, 2, 3, 4`

/**
 * Takes up to `limit` people whose facts may have changed and brings the counters up to them. One statement: a
 * crash leaves the lines where they are. Only one counts at a time; whoever comes second waits.
 *
 * @returns how many lines were taken
 */
export async function foldCoverage(db: Database, query: { limit: number; now: Date }): Promise<number> {
  if (!(await row(db, 'select 1 from coverage_stale limit 1'))) return 0
  return transact(db, async (tx) => {
    await tx.raw(FOLD_LOCK)
    const folded = await row<{ n: number }>(
      tx,
      `with taken as (
         delete from coverage_stale
         where id in (select id from coverage_stale order by id limit :limit)
         returning campaign_id, employee_id, is_first
       ),
       who as materialized (
         select campaign_id, employee_id, bool_and(is_first) as is_first from taken group by 1, 2
       ),
       old as materialized (select coverage_person.* from who join coverage_person using (campaign_id, employee_id)),
       fresh as materialized (
         select fact.*, '' as status
         from who
         cross join lateral (
           select ${PERSON_KEPT} from coverage_fact
           where coverage_fact.campaign_id = who.campaign_id and coverage_fact.employee_id = who.employee_id
           offset 0
         ) as fact
       ),
       gone as (
         delete from coverage_person using old
         where coverage_person.campaign_id = old.campaign_id and coverage_person.employee_id = old.employee_id
           and not exists (
             select from fresh where fresh.campaign_id = old.campaign_id and fresh.employee_id = old.employee_id
           )
       ),
       kept as (
         insert into coverage_person (${PERSON_KEPT})
         select ${PERSON_KEPT} from fresh
         on conflict (campaign_id, employee_id) do update set
           ${PERSON_KEPT.split(/,\s+/)
             .slice(2)
             .map((column) => `${column} = excluded.${column}`)
             .join(', ')}
         returning *
       ),
       difference as materialized (
         select -1 as sign, ${PERSON_KEPT}, status from old
         union all
         select 1 as sign, ${PERSON_KEPT}, status from kept
       ),
       changed as (
         insert into coverage_change (campaign_id, employee_id, cause, from_path, to_path, at)
         select who.campaign_id, who.employee_id,
           case
             when fresh.is_required and old.is_required then 'MOVED'
             when fresh.is_required then case when old.exclusion_reason is not null then 'INCLUDED' when old.is_exempt then 'STATUS' else 'ADDED' end
             when fresh.exclusion_reason is not null then fresh.exclusion_reason
             when fresh.is_exempt then 'STATUS'
             else 'LEFT'
           end,
           case when old.is_required then old.unit_path end,
           case when fresh.is_required then fresh.unit_path end,
           :now
         from who
         join campaign on campaign.id = who.campaign_id and campaign.state <> 'draft'
         left join old on old.campaign_id = who.campaign_id and old.employee_id = who.employee_id
         left join fresh on fresh.campaign_id = who.campaign_id and fresh.employee_id = who.employee_id
         where not who.is_first
           and case when old.is_required then old.unit_path end is distinct from case when fresh.is_required then fresh.unit_path end
       ),
       counted as (
         insert into coverage_count (campaign_id, unit_id, is_non_asn, ${each((counter) => counter)})
         select * from (${countsOf('difference')}) as delta
         where (${each((counter) => counter)}) <> (${each(() => '0')})
         order by 1, 2, 3
         on conflict (campaign_id, unit_id, is_non_asn) do update set
           ${each((counter) => `${counter} = coverage_count.${counter} + excluded.${counter}`)}
       ),
       tallied as (
         insert into coverage_tally (campaign_id, unit_id, kind, name, n)
         select * from (${talliesOf('difference')}) as delta where n <> 0 order by 1, 2, 3, 4
         on conflict (campaign_id, unit_id, kind, name) do update set n = coverage_tally.n + excluded.n
       )
       select count(*)::int as n from taken`,
      query,
    )
    return folded!.n
  })
}
/** How many lines one fold takes where nobody waits for a page. */
export const FOLD_AT_ONCE = 5000
// One writer of counters at a time, whatever process it is in; signers never take this lock.
const FOLD_LOCK = `select pg_advisory_xact_lock(hashtext('coverage'), hashtext(current_schema()))`

/** Tells the planner how much the counters' tables hold now. */
export const refreshCoverageStatistics = (db: Database) =>
  refreshStatistics(db, ['coverage_stale', 'coverage_person', 'coverage_count', 'coverage_tally'])

/** How many lines wait to be counted, up to `limit`: the counters are behind by that much. */
export async function countStale(db: Database, limit: number): Promise<number> {
  const found = await row<{ n: number }>(
    db,
    'select count(*)::int as n from (select from coverage_stale limit :limit) as line',
    { limit },
  )
  return found!.n
}

/**
 * Counts a campaign anew from the facts, beside the counters, and mends what differs: people whose facts were
 * missed are counted again, wrong counters are replaced.
 *
 * @returns people looked at, and how many people and counters were wrong
 */
export function recountCoverage(
  db: Database,
  query: { campaignId: number; now: Date },
): Promise<{ people: number; differences: number }> {
  return transact(db, async (tx) => {
    await tx.raw(FOLD_LOCK)
    const missed = await row<{ people: number; differences: number }>(
      tx,
      `with fact as materialized (select ${PERSON_KEPT} from coverage_fact where campaign_id = :campaignId),
       counted as materialized (select ${PERSON_KEPT} from coverage_person where campaign_id = :campaignId),
       wrong as (
         select employee_id from (select * from fact except select * from counted) as missing
         union
         select employee_id from (select * from counted except select * from fact) as surplus
       ),
       unknown as (
         select employee_id from wrong
         where not exists (
           select from coverage_stale
           where coverage_stale.campaign_id = :campaignId and coverage_stale.employee_id = wrong.employee_id
         )
       ),
       queued as (insert into coverage_stale (campaign_id, employee_id) select :campaignId, employee_id from unknown)
       select (select count(*)::int from fact) as people, (select count(*)::int from unknown) as differences`,
      query,
    )
    const person = `(select 1 as sign, * from coverage_person where campaign_id = :campaignId) as person`
    const counters = await row<{ n: number }>(
      tx,
      `with right_one as materialized (${countsOf(person)}),
       wrong as materialized (
         select unit_id, is_non_asn from (
           select unit_id, is_non_asn, ${each((counter) => counter)} from right_one
           except select unit_id, is_non_asn, ${each((counter) => counter)} from coverage_count where campaign_id = :campaignId
         ) as missing
         union
         select unit_id, is_non_asn from (
           select unit_id, is_non_asn, ${each((counter) => counter)} from coverage_count
           where campaign_id = :campaignId and (${each((counter) => counter)}) <> (${each(() => '0')})
           except select unit_id, is_non_asn, ${each((counter) => counter)} from right_one
         ) as surplus
       ),
       mended as (
         insert into coverage_count (campaign_id, unit_id, is_non_asn, ${each((counter) => counter)})
         select :campaignId, wrong.unit_id, wrong.is_non_asn, ${each((counter) => `coalesce(${counter}, 0)`)}
         from wrong left join right_one on right_one.unit_id = wrong.unit_id and right_one.is_non_asn = wrong.is_non_asn
         on conflict (campaign_id, unit_id, is_non_asn) do update set ${each((counter) => `${counter} = excluded.${counter}`)}
       )
       select count(*)::int as n from wrong`,
      query,
    )
    const tallies = await row<{ n: number }>(
      tx,
      `with right_one as materialized (select unit_id, kind, name, n from (${talliesOf(person)}) as tally),
       kept as (select unit_id, kind, name, n from coverage_tally where campaign_id = :campaignId and n <> 0),
       wrong as materialized (
         select unit_id, kind, name from (select * from right_one except select * from kept) as missing
         union
         select unit_id, kind, name from (select * from kept except select * from right_one) as surplus
       ),
       mended as (
         insert into coverage_tally (campaign_id, unit_id, kind, name, n)
         select :campaignId, unit_id, kind, name, coalesce(n, 0) from wrong left join right_one using (unit_id, kind, name)
         on conflict (campaign_id, unit_id, kind, name) do update set n = excluded.n
       )
       select count(*)::int as n from wrong`,
      query,
    )
    const { people } = missed!
    const differences = missed!.differences + counters!.n + tallies!.n
    await rows(
      tx,
      `insert into coverage_recount (campaign_id, at, people, differences) values (:campaignId, :now, :people, :differences)`,
      { ...query, people, differences },
    )
    return { people, differences }
  })
}

/** Campaigns that are counted and had no recount since `before`. */
export function findRecountDue(db: Database, query: { before: Date; limit: number }) {
  return rows<{ campaignId: number; name: string }>(
    db,
    `select id as "campaignId", campaign.name
     from campaign
     where state = 'open'
       and not exists (
         select from coverage_recount where coverage_recount.campaign_id = campaign.id and coverage_recount.at >= :before
       )
     order by id limit :limit`,
    query,
  )
}

/** Where and when the last signatures of a unit (path '/': of all) were given, newest first; no names. */
export function findRecentSignings(db: Database, query: { campaignId: number; path: string; limit: number }) {
  return rows<{ unitName: string; at: Date }>(
    db,
    `select unit_label.name as "unitName", recent.agreed_at as at
     from (
       select unit_id, agreed_at from coverage_person
       where campaign_id = :campaignId and is_signed and unit_path like :path || '%'
       order by agreed_at desc limit :limit
     ) as recent
     join unit_label on unit_label.id = recent.unit_id
     order by recent.agreed_at desc`,
    query,
  )
}

/** The newest recount of a campaign. */
export function findRecount(db: Database, campaignId: number) {
  return row<{ at: Date; people: number; differences: number }>(
    db,
    `select at, people, differences from coverage_recount where campaign_id = :campaignId order by at desc, id desc limit 1`,
    { campaignId },
  )
}

/** Counters of every unit of a subtree, ASN and non-ASN apart; with the path "/" unit 0, the whole, too. */
export function countByUnit(db: Database, campaignId: number, path: string) {
  return rows<Counts & { unitId: number; isNonAsn: boolean }>(
    db,
    `select unit_id as "unitId", is_non_asn as "isNonAsn", ${each((counter) => counter)}
     from coverage_count
     where campaign_id = :campaignId
       and (:path = '/' or unit_id in (select id from unit_label where path like :prefix))`,
    { campaignId, path, prefix: `${path}%` },
  )
}

/** What is required and signed in each of some units with everything below it. */
export function countUnits(db: Database, query: { campaignId: number; unitIds: number[] }) {
  return rows<{ unitId: number; required: number; signed: number }>(
    db,
    `select unit_id as "unitId", sum(required)::int as required, sum(signed)::int as signed
     from coverage_count where campaign_id = :campaignId and unit_id = any (:unitIds) group by 1`,
    query,
  )
}

/** Counters of a whole campaign, without those that count into it: ASN and non-ASN apart. */
export function countByCampaign(db: Database, campaignId: number) {
  return rows<Counts>(
    db,
    `select ${each((counter) => counter)} from coverage_count where campaign_id = :campaignId and unit_id = 0`,
    { campaignId },
  )
}

/** One government below another, with everything that counts into its campaign. */
export interface RegionCoverage {
  pemdaId: number
  code: string
  name: string
  campaignId: number | null // null: it has no campaign that counts into this one
  shared: 'total' | 'units' | null
  kelurahan: number // units of its own list
  desa: number
  asn: Counts
  nonAsn: Counts
}

/** The governments below a pemda, in the order of their codes, whether they take part in its campaign or not. */
export async function countRegions(
  db: Database,
  query: { campaignId: number; pemdaId: number },
): Promise<RegionCoverage[]> {
  const found = await rows<
    Omit<RegionCoverage, 'asn' | 'nonAsn'> & Record<`${'asn' | 'nonAsn'}_${keyof Counts}`, number>
  >(
    db,
    `with recursive below (id, top) as (
       select id, id from campaign where parent_id = :campaignId
       union all
       select campaign.id, below.top from below join campaign on campaign.parent_id = below.id
     ),
     counted as (
       select top, ${each(
         (counter) =>
           `sum(${counter}) filter (where not is_non_asn)::int as "asn_${counter}",
            sum(${counter}) filter (where is_non_asn)::int as "nonAsn_${counter}"`,
       )}
       from below join coverage_count on campaign_id = below.id and unit_id = 0
       group by 1
     )
     select pemda.id as "pemdaId", pemda.code, pemda.name, campaign.id as "campaignId", campaign.shared,
       (select count(*)::int from unit_label where pemda_id = pemda.id and kind = 'kelurahan') as kelurahan,
       (select count(*)::int from unit_label where pemda_id = pemda.id and kind = 'desa') as desa,
       counted.*
     from pemda
     left join lateral (
       select id, shared from campaign where parent_id = :campaignId and campaign.pemda_id = pemda.id
       order by id desc limit 1
     ) as campaign on true
     left join counted on counted.top = campaign.id
     where pemda.parent_id = :pemdaId
     order by pemda.code`,
    query,
  )
  return found.map((one) => {
    const part = (kind: 'asn' | 'nonAsn') =>
      Object.fromEntries(
        COUNTERS.map((counter) => [counter, one[`${kind}_${counter}`] ?? 0]),
      ) as unknown as Counts
    const { pemdaId, code, name, campaignId, shared, kelurahan, desa } = one
    return {
      ...{ pemdaId, code, name, campaignId, shared, kelurahan, desa },
      asn: part('asn'),
      nonAsn: part('nonAsn'),
    }
  })
}

/** What is counted by name: days of signing, reasons of exclusion, ways of signing, where people stand. */
export interface Tallies {
  days: { day: string; n: number }[] // local days with a signature, oldest first
  exclusions: { reason: ExclusionReason; n: number }[]
  methods: { method: SignatureMethod; secondFactor: SecondFactor | null; count: number }[]
  statuses: Record<PersonStatus, number>
}

/** The tallies of a unit and everything below it; unit 0 is the whole campaign. */
export async function countTallies(
  db: Database,
  query: { campaignId: number; unitId: number },
): Promise<Tallies> {
  const found = await rows<{ kind: 'day' | 'exclusion' | 'method' | 'status'; name: string; n: number }>(
    db,
    `select kind, name, n from coverage_tally
     where campaign_id = :campaignId and unit_id = :unitId and n <> 0 order by kind, name`,
    query,
  )
  const of = (kind: string) => found.filter((one) => one.kind === kind)
  return {
    days: of('day').map(({ name, n }) => ({ day: name, n })),
    exclusions: of('exclusion').map(({ name, n }) => ({ reason: name as ExclusionReason, n })),
    // Agreed a moment ago: the key that signs is not made yet.
    methods: of('method').flatMap(({ name, n }) => {
      const [method, secondFactor] = name.split('/') as [SignatureMethod | '', SecondFactor | '']
      return method === '' ? [] : [{ method, secondFactor: secondFactor || null, count: n }]
    }),
    statuses: {
      ...(Object.fromEntries(personStatuses.map((status) => [status, 0])) as Record<PersonStatus, number>),
      ...Object.fromEntries(of('status').map(({ name, n }) => [name, n])),
    },
  }
}

/** Pacts of everybody in a subtree who has signed. */
export async function findSignedPacts(
  db: Database,
  query: { campaignId: number; path: string },
): Promise<number[]> {
  const found = await rows<{ pactId: number }>(
    db,
    `select pact_id as "pactId" from coverage_person
     where campaign_id = :campaignId and unit_path like :path || '%' and is_signed`,
    query,
  )
  return found.map(({ pactId }) => pactId)
}

/** Changes of a subtree's denominator by local day and cause, oldest first: in with +, out with -. */
export function countChanges(db: Database, query: { campaignId: number; path: string; zone: string }) {
  return rows<{ day: string; cause: ChangeCause; arrived: number; went: number }>(
    db,
    `select to_char(at at time zone :zone, 'YYYY-MM-DD') as day, cause,
       count(*) filter (where is_in)::int as arrived, count(*) filter (where is_out)::int as went
     from (
       select at, cause, coalesce(to_path like :prefix, false) as is_in, coalesce(from_path like :prefix, false) as is_out
       from coverage_change where campaign_id = :campaignId
     ) as change
     where is_in <> is_out
     group by 1, 2 order by 1, 2`,
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
  'exempt',
] as const
export type PersonStatus = (typeof personStatuses)[number]

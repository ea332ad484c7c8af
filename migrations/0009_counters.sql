-- Coverage that is counted once, when something changes, and read ever after. `coverage_fact` is the one rule of who
-- counts as what; `coverage_person` is what of it has been counted, and every counter is a sum over that table. Whoever
-- changes a fact only adds a line to `coverage_stale`, so no two signers ever wait for one row; the lines are folded
-- into the counters a little later, by one at a time (store/coverage).

drop view person_fact;
drop view coverage_fact;

create view coverage_fact as
select
  campaign.id as campaign_id,
  employee.id as employee_id,
  employee.unit_id,
  unit.path as unit_path,
  unit.gate_id,
  employee.employment_type = 'NON_ASN' as is_non_asn,
  not standing.is_named as is_exempt,
  case when standing.is_named then exclusion.reason end as exclusion_reason,
  standing.is_required,
  standing.is_required and party.invited_at is not null as is_invited,
  standing.is_required and party.agreed_at is null
    and (employee.email is null or party.undeliverable_reply is not null) as is_undeliverable,
  standing.is_required and party.opened_at is not null as is_opened,
  standing.is_required and party.agreed_at is not null as is_signed,
  standing.is_required and coalesce(party.state = 'declined', false) as is_declined,
  standing.is_required and coalesce(party.state = 'disputed', false) as is_disputed,
  pact.id as pact_id,
  party.id as party_id,
  party.agreed_at,
  (party.agreed_at at time zone
    case campaign.time_zone when 'WIB' then 'Asia/Jakarta' when 'WITA' then 'Asia/Makassar' else 'Asia/Jayapura' end
  )::date as signed_on,
  signing_fact.method,
  signing_fact.second_factor
from campaign
join employee on employee.pemda_id = campaign.pemda_id
  and employee.left_at is null
join unit on unit.id = employee.unit_id
join campaign_unit on campaign_unit.campaign_id = campaign.id
  and campaign_unit.unit_id = unit.gate_id
left join exclusion on exclusion.campaign_id = campaign.id
  and exclusion.employee_id = employee.id
  and exclusion.ended_at is null
cross join lateral (
  select
    employee.legal_status = any (campaign.required_legal_statuses) as is_named,
    employee.legal_status = any (campaign.required_legal_statuses) and exclusion.reason is null as is_required
) as standing
left join pact on pact.campaign_id = campaign.id
  and pact.employee_id = employee.id
  and pact.form = 'individual'
  and pact.state <> 'revoked'
left join party on party.pact_id = pact.id
  and party.role = 'signer'
left join signing_fact on signing_fact.party_id = party.id;
comment on view coverage_fact is 'one row for each person of a campaign''s units: the facts that every number on a dashboard is counted from';
create index issued_certificate_party on issued_certificate (party_id);

create table coverage_stale (
  id bigint generated always as identity primary key,
  campaign_id integer not null,
  employee_id integer not null,
  is_first boolean not null default false
);
comment on table coverage_stale is 'whose facts may have changed since they were counted: lines are added by triggers and taken away by the count';
comment on column coverage_stale.is_first is 'the campaign takes the unit in: its people are no change of a denominator';

create table coverage_person (
  campaign_id integer not null references campaign,
  employee_id integer not null references employee,
  unit_id integer not null,
  unit_path text not null,
  is_non_asn boolean not null,
  is_exempt boolean not null,
  exclusion_reason text,
  is_required boolean not null,
  is_invited boolean not null,
  is_undeliverable boolean not null,
  is_opened boolean not null,
  is_signed boolean not null,
  is_declined boolean not null,
  is_disputed boolean not null,
  pact_id integer,
  party_id integer,
  agreed_at timestamptz,
  signed_on date,
  method text,
  second_factor text,
  status text not null generated always as (
    case
      when is_exempt then 'exempt'
      when not is_required then 'excluded'
      when is_signed then 'signed'
      when is_disputed then 'disputed'
      when is_declined then 'declined'
      when is_undeliverable then 'undeliverable'
      when is_opened then 'opened'
      when is_invited then 'invited'
      else 'waiting'
    end
  ) stored,
  primary key (campaign_id, employee_id)
);
comment on table coverage_person is 'the facts of coverage_fact that the counters were counted from; those of a closed campaign stay as they were';
create index coverage_person_place on coverage_person (campaign_id, unit_path text_pattern_ops, status);
create index coverage_person_waiting on coverage_person (campaign_id, employee_id) where pact_id is null and is_required;

create table coverage_count (
  campaign_id integer not null references campaign,
  unit_id integer not null,
  is_non_asn boolean not null,
  required integer not null,
  invited integer not null,
  undeliverable integer not null,
  opened integer not null,
  signed integer not null,
  declined integer not null,
  disputed integer not null,
  excluded integer not null,
  exempt integer not null,
  primary key (campaign_id, unit_id, is_non_asn)
) with (fillfactor = 70);
comment on table coverage_count is 'people of a unit and everything below it; unit 0 is the whole campaign';

create table coverage_tally (
  campaign_id integer not null references campaign,
  unit_id integer not null,
  kind text not null check (kind in ('day', 'exclusion', 'method', 'status')),
  name text not null,
  n integer not null,
  primary key (campaign_id, unit_id, kind, name)
) with (fillfactor = 70);
comment on table coverage_tally is 'the same people by the day they signed, why they are excluded, how they signed, and where they stand';

create table coverage_change (
  id bigint generated always as identity primary key,
  campaign_id integer not null references campaign,
  employee_id integer not null references employee,
  cause text not null,
  from_path text,
  to_path text,
  at timestamptz not null,
  check (from_path is distinct from to_path)
);
comment on table coverage_change is 'every change of a denominator while the campaign runs: from where to where somebody who must sign has gone, and why';
create index coverage_change_campaign on coverage_change (campaign_id, at);
create trigger coverage_change_append_only before update or delete or truncate on coverage_change for each statement execute function refuse_change();

create table coverage_recount (
  id bigint generated always as identity primary key,
  campaign_id integer not null references campaign,
  at timestamptz not null,
  people integer not null,
  differences integer not null
);
comment on table coverage_recount is 'every recount from the facts, and how many counters it found wrong (and mended)';
create index coverage_recount_campaign on coverage_recount (campaign_id, at);

-- A closed campaign is not counted any more: who retires next year had signed.
create view counted_campaign as select id, pemda_id, state from campaign where state <> 'closed';
comment on view counted_campaign is 'campaigns whose counters follow the facts';

create function stale_employees() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' then
    insert into coverage_stale (campaign_id, employee_id)
    select campaign.id, now_row.id
    from now_row join counted_campaign as campaign on campaign.pemda_id = now_row.pemda_id;
  else
    insert into coverage_stale (campaign_id, employee_id)
    select campaign.id, now_row.id
    from now_row
    join old_row on old_row.id = now_row.id
    join counted_campaign as campaign on campaign.pemda_id = now_row.pemda_id
    where (now_row.unit_id, now_row.legal_status, now_row.left_at, now_row.employment_type, now_row.email is null)
      is distinct from (old_row.unit_id, old_row.legal_status, old_row.left_at, old_row.employment_type, old_row.email is null);
  end if;
  return null;
end
$$;
create trigger employee_counted_insert after insert on employee
  referencing new table as now_row for each statement execute function stale_employees();
create trigger employee_counted_update after update on employee
  referencing old table as old_row new table as now_row for each statement execute function stale_employees();

create function stale_units() returns trigger language plpgsql as $$
begin
  insert into coverage_stale (campaign_id, employee_id)
  select campaign.id, employee.id
  from now_row
  join old_row on old_row.id = now_row.id
  join employee on employee.unit_id = now_row.id
  join counted_campaign as campaign on campaign.pemda_id = now_row.pemda_id
  where (now_row.path, now_row.gate_id) is distinct from (old_row.path, old_row.gate_id);
  return null;
end
$$;
create trigger unit_counted_update after update on unit
  referencing old table as old_row new table as now_row for each statement execute function stale_units();

create function stale_campaign_units() returns trigger language plpgsql as $$
begin
  insert into coverage_stale (campaign_id, employee_id, is_first)
  select campaign.id, employee.id, campaign.state = 'draft'
  from now_row
  join counted_campaign as campaign on campaign.id = now_row.campaign_id
  join unit on unit.gate_id = now_row.unit_id
  join employee on employee.unit_id = unit.id and employee.left_at is null;
  return null;
end
$$;
create index unit_gate on unit (gate_id);
create trigger campaign_unit_counted_insert after insert on campaign_unit
  referencing new table as now_row for each statement execute function stale_campaign_units();

create function stale_campaigns() returns trigger language plpgsql as $$
begin
  insert into coverage_stale (campaign_id, employee_id)
  select now_row.id, employee.id
  from now_row
  join old_row on old_row.id = now_row.id
  join employee on employee.pemda_id = now_row.pemda_id
  where (old_row.state = 'closed' and now_row.state <> 'closed')
    or (now_row.state <> 'closed' and (now_row.required_legal_statuses, now_row.time_zone)
      is distinct from (old_row.required_legal_statuses, old_row.time_zone));
  return null;
end
$$;
create trigger campaign_counted_update after update on campaign
  referencing old table as old_row new table as now_row for each statement execute function stale_campaigns();

create function stale_exclusions() returns trigger language plpgsql as $$
begin
  insert into coverage_stale (campaign_id, employee_id)
  select now_row.campaign_id, now_row.employee_id
  from now_row join counted_campaign as campaign on campaign.id = now_row.campaign_id;
  return null;
end
$$;
create trigger exclusion_counted_insert after insert on exclusion
  referencing new table as now_row for each statement execute function stale_exclusions();
create trigger exclusion_counted_update after update on exclusion
  referencing new table as now_row for each statement execute function stale_exclusions();

create function stale_pacts() returns trigger language plpgsql as $$
begin
  insert into coverage_stale (campaign_id, employee_id)
  select now_row.campaign_id, now_row.employee_id
  from now_row join counted_campaign as campaign on campaign.id = now_row.campaign_id
  where now_row.employee_id is not null and (tg_op = 'INSERT' or now_row.state = 'revoked');
  return null;
end
$$;
create trigger pact_counted_insert after insert on pact
  referencing new table as now_row for each statement execute function stale_pacts();
create trigger pact_counted_update after update on pact
  referencing new table as now_row for each statement execute function stale_pacts();

create function stale_parties() returns trigger language plpgsql as $$
begin
  insert into coverage_stale (campaign_id, employee_id)
  select pact.campaign_id, now_row.employee_id
  from now_row
  join old_row on old_row.id = now_row.id
  join pact on pact.id = now_row.pact_id
  join counted_campaign as campaign on campaign.id = pact.campaign_id
  where now_row.role = 'signer' and now_row.employee_id is not null
    and (now_row.invited_at is null, now_row.opened_at is null, now_row.agreed_at, now_row.undeliverable_reply is null,
        now_row.state = 'declined', now_row.state = 'disputed', now_row.second_factor)
      is distinct from (old_row.invited_at is null, old_row.opened_at is null, old_row.agreed_at, old_row.undeliverable_reply is null,
        old_row.state = 'declined', old_row.state = 'disputed', old_row.second_factor);
  return null;
end
$$;
create trigger party_counted_update after update on party
  referencing old table as old_row new table as now_row for each statement execute function stale_parties();

-- Which key signed is known a moment after the person agreed; a campaign that closed meanwhile still learns it.
create function stale_issued_certificates() returns trigger language plpgsql as $$
begin
  insert into coverage_stale (campaign_id, employee_id)
  select pact.campaign_id, party.employee_id
  from now_row
  join party on party.id = now_row.party_id and party.role = 'signer' and party.employee_id is not null
  join pact on pact.id = party.pact_id;
  return null;
end
$$;
create trigger issued_certificate_counted_insert after insert on issued_certificate
  referencing new table as now_row for each statement execute function stale_issued_certificates();

create function stale_voided_certificates() returns trigger language plpgsql as $$
begin
  insert into coverage_stale (campaign_id, employee_id)
  select pact.campaign_id, party.employee_id
  from now_row
  join issued_certificate on issued_certificate.id = now_row.certificate_id
  join party on party.id = issued_certificate.party_id and party.role = 'signer' and party.employee_id is not null
  join pact on pact.id = party.pact_id;
  return null;
end
$$;
create trigger voided_certificate_counted_insert after insert on voided_certificate
  referencing new table as now_row for each statement execute function stale_voided_certificates();

create view person_fact as
select
  counted.*,
  employee.name,
  employee.title_prefix,
  employee.title_suffix,
  employee.identity_number,
  employee.employment_type,
  employee.jabatan,
  employee.email,
  case when pact.state = 'sealed' then pact.code end as code,
  coalesce(counted.exclusion_reason, party.answer_reason, party.undeliverable_reply) as reason,
  party.answer_note as note,
  party.invited_at,
  party.opened_at
from coverage_person as counted
join employee on employee.id = counted.employee_id
left join pact on pact.id = counted.pact_id
left join party on party.id = counted.party_id;
comment on view person_fact is 'coverage_person with the person''s name: for those who may see names';

insert into coverage_stale (campaign_id, employee_id, is_first) select campaign_id, employee_id, true from coverage_fact;

-- A province's campaign and those of its kabupaten and kota; what each shows to the one above it.
alter table campaign add parent_id integer references campaign check (parent_id <> id);
alter table campaign add shared text not null default 'total' check (shared in ('total', 'units'));
comment on column campaign.parent_id is 'the campaign of the government above that this one counts into';
comment on column campaign.shared is 'what that government sees: the totals, or every unit; names never';
create index campaign_parent on campaign (parent_id) where parent_id is not null;

create table violation_figure (
  pemda_id integer not null references pemda,
  year integer not null check (year between 1999 and 2100),
  election text not null,
  n integer not null check (n >= 0),
  source text not null,
  account_id integer not null references account,
  at timestamptz not null,
  primary key (pemda_id, year)
);
comment on table violation_figure is 'neutrality violations of a year as somebody published them: they stand beside coverage, and no cause is claimed';

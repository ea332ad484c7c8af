-- The ground: people and places, campaigns, pacts, mail, accounts, and the ledger of what happened.
-- Numbered, forward only, never edited once released. Times are UTC; digests and files are bytes.

create table pemda (
  id integer generated always as identity primary key,
  parent_id integer references pemda,
  code text not null unique,
  name text not null,
  government_name text not null,
  short_name text not null,
  seat text not null,
  time_zone text not null check (time_zone in ('WIB', 'WITA', 'WIT')),
  letterhead_address text not null default '',
  contact text not null,
  retention text not null,
  created_at timestamptz not null
);
comment on table pemda is 'a regional government (pemerintah daerah), the tenant; a province is the parent of its kabupaten and kota';
comment on column pemda.code is 'Kemendagri region code, "74.71"';
comment on column pemda.seat is 'the place named in "Kendari, 25 Januari 2024"';

create table unit (
  id integer generated always as identity primary key,
  pemda_id integer not null references pemda,
  parent_id integer references unit,
  gate_id integer references unit,
  code text not null,
  kind text not null check (kind in ('opd', 'bagian', 'bidang', 'uptd', 'puskesmas', 'rumah_sakit', 'sekolah', 'kecamatan', 'kelurahan', 'desa')),
  name text not null,
  region_code text,
  siasn_key text,
  path text not null,
  head_identity_number text,
  head_employee_id integer,
  head_capacity text not null default '' check (head_capacity in ('', 'Plt.', 'Plh.', 'Pj.')),
  unique (pemda_id, code)
);
comment on column unit.path is '"/4/17/": ids from the top unit down to this one, so that a subtree is a prefix';
comment on column unit.gate_id is 'the OPD or kecamatan at the top of this branch, whose head signs before its people';
comment on column unit.head_identity_number is 'who heads the unit by the unit list; null: the post is vacant';
comment on column unit.head_employee_id is 'the same person once the roster knows them';
create index unit_path on unit (path text_pattern_ops);
create unique index unit_siasn on unit (pemda_id, siasn_key) where siasn_key is not null;

create table employee (
  id integer generated always as identity primary key,
  pemda_id integer not null references pemda,
  unit_id integer not null references unit,
  identity_number text not null,
  employment_type text not null check (employment_type in ('PNS', 'CPNS', 'PPPK', 'PPPK_PARUH_WAKTU', 'NON_ASN')),
  name text not null,
  title_prefix text not null,
  title_suffix text not null,
  email text,
  email_alternative text,
  phone text,
  legal_status text not null,
  legal_status_text text not null,
  grade text not null,
  jabatan text not null,
  jenis_jabatan text not null,
  eselon text not null,
  funding_source text,
  contract_number text,
  contract_date text,
  left_at timestamptz,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  unique (pemda_id, identity_number),
  check (employment_type = 'NON_ASN' or identity_number ~ '^[0-9]{18}$')
);
comment on column employee.identity_number is 'NIP or NI PPPK (18 digits); a non-ASN is known by the number of the work contract, never by NIK';
comment on constraint employee_pemda_id_identity_number_key on employee is 'NIPs are not unique across agencies (legacy mistakes), so the key is pemda + number';
create index employee_unit on employee (unit_id);
alter table unit add foreign key (head_employee_id) references employee;

create table roster_import (
  id integer generated always as identity primary key,
  pemda_id integer not null references pemda,
  kind text not null check (kind in ('roster', 'units')),
  account_id integer,
  file_name text not null,
  state text not null check (state in ('reading', 'checked', 'confirmed', 'cancelled')),
  row_count integer not null default 0,
  employment_types text[] not null default '{}',
  spared text[] not null default '{}',
  counts jsonb not null default '{}',
  problems jsonb not null default '[]',
  created_at timestamptz not null,
  ended_at timestamptz
);
comment on column roster_import.employment_types is 'the kinds of employee the file speaks of: nobody of another kind is taken to have left';
comment on column roster_import.spared is 'identity numbers of rows with errors: known to be in the file, so they have not left';
comment on column roster_import.problems is 'row errors and warnings: sheet, row, column, value, rule; never a column that we must not keep';

create table roster_import_row (
  import_id integer not null references roster_import on delete cascade,
  identity_number text not null,
  unit_id integer not null references unit,
  employment_type text not null,
  name text not null,
  title_prefix text not null,
  title_suffix text not null,
  email text,
  email_alternative text,
  phone text,
  legal_status text not null,
  legal_status_text text not null,
  grade text not null,
  jabatan text not null,
  jenis_jabatan text not null,
  eselon text not null,
  funding_source text,
  contract_number text,
  contract_date text,
  primary key (import_id, identity_number)
);
comment on table roster_import_row is 'a checked file that waits to be confirmed; its rows go when it is confirmed or cancelled';

create table roster_change (
  id bigint generated always as identity primary key,
  employee_id integer not null references employee,
  import_id integer references roster_import,
  kind text not null check (kind in ('added', 'changed', 'moved', 'left', 'returned')),
  from_unit_id integer references unit,
  to_unit_id integer references unit,
  at timestamptz not null
);
comment on table roster_change is 'why a denominator changed';

create table account (
  id integer generated always as identity primary key,
  pemda_id integer not null references pemda,
  role text not null check (role in ('administrator', 'unit_head', 'bawaslu', 'auditor')),
  unit_id integer references unit,
  email text not null unique check (email = lower(email)),
  name text not null,
  institution text not null default '',
  jabatan text not null default '',
  created_at timestamptz not null,
  disabled_at timestamptz,
  check ((role = 'unit_head') = (unit_id is not null))
);
alter table roster_import add foreign key (account_id) references account;

create table signin (
  id integer generated always as identity primary key,
  account_id integer not null references account,
  token_hash bytea not null unique,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  used_at timestamptz
);

create table session (
  id integer generated always as identity primary key,
  account_id integer not null references account,
  token_hash bytea not null unique,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  ended_at timestamptz
);

create table template_version (
  code text not null,
  version integer not null,
  signer_class text not null check (signer_class in ('HEAD', 'ASN', 'NON_ASN')),
  sha256 bytea not null,
  words text not null,
  page text not null,
  released_at timestamptz not null,
  primary key (code, version)
);
comment on table template_version is 'what people agreed to, word for word, kept for ever';

create table legal_basis (
  id integer generated always as identity primary key,
  version integer not null unique,
  words text not null,
  released_at timestamptz not null
);

create table campaign (
  id integer generated always as identity primary key,
  pemda_id integer not null references pemda,
  name text not null,
  election_kind text not null check (election_kind in ('PEMILU', 'PEMILIHAN')),
  election_name text not null,
  legal_basis_id integer not null references legal_basis,
  time_zone text not null check (time_zone in ('WIB', 'WITA', 'WIT')),
  deadline timestamptz not null,
  event_place text not null,
  required_legal_statuses text[] not null,
  mail_policy jsonb not null,
  state text not null check (state in ('draft', 'open', 'closed')),
  created_at timestamptz not null,
  opened_at timestamptz,
  closed_at timestamptz
);
comment on column campaign.required_legal_statuses is 'the kedudukan hukum that must sign: with the units and the exclusions this makes the denominator';

create table campaign_template (
  campaign_id integer not null references campaign,
  signer_class text not null,
  template_code text not null,
  template_version integer not null,
  primary key (campaign_id, signer_class),
  foreign key (template_code, template_version) references template_version
);

create table campaign_unit (
  campaign_id integer not null references campaign,
  unit_id integer not null references unit,
  witness_account_id integer references account,
  opened_at timestamptz,
  overridden_at timestamptz,
  overridden_by integer references account,
  override_reason text,
  primary key (campaign_id, unit_id),
  check ((overridden_at is null) = (override_reason is null))
);
comment on table campaign_unit is 'the OPD and kecamatan taking part; opened_at: its head has signed and Bawaslu has witnessed, so its people may be invited';

create table exclusion (
  id integer generated always as identity primary key,
  campaign_id integer not null references campaign,
  employee_id integer not null references employee,
  reason text not null check (reason in ('CUTI', 'TUGAS_BELAJAR', 'MUTASI', 'PENSIUN', 'MENINGGAL', 'CLTN')),
  note text not null default '',
  account_id integer not null references account,
  at timestamptz not null,
  ended_at timestamptz,
  ended_by integer references account
);
create unique index exclusion_active on exclusion (campaign_id, employee_id) where ended_at is null;

create table pact (
  id integer generated always as identity primary key,
  campaign_id integer not null references campaign,
  form text not null check (form in ('individual', 'collective')),
  employee_id integer references employee,
  signer_class text not null check (signer_class in ('HEAD', 'ASN', 'NON_ASN')),
  template_code text not null,
  template_version integer not null,
  code text not null unique check (code ~ '^[0-7][0-9A-HJKMNP-TV-Z]{25}$'),
  ordinal integer not null,
  number text,
  identity jsonb,
  filled jsonb,
  text_sha256 bytea,
  state text not null check (state in ('open', 'complete', 'sealed', 'revoked')),
  created_at timestamptz not null,
  sealed_at timestamptz,
  revoked_at timestamptz,
  revoked_by integer references account,
  revoke_reason text,
  unique (campaign_id, ordinal),
  unique (id, employee_id),
  foreign key (template_code, template_version) references template_version,
  check (form = 'collective' or employee_id is not null),
  check ((state in ('sealed', 'revoked')) = (sealed_at is not null)),
  check ((state = 'revoked') = (revoke_reason is not null))
);
comment on column pact.ordinal is 'the document number''s running part: given once, never used again';
comment on column pact.identity is 'the signer as the pact names them, frozen when they agreed';
comment on column pact.filled is 'the value of every placeholder of the template, frozen with it';
comment on column pact.text_sha256 is 'of the very words that were on the screen when the signer agreed';
create unique index pact_individual on pact (campaign_id, employee_id) where form = 'individual' and state <> 'revoked';
create index pact_employee on pact (employee_id);
create index pact_work on pact (id) where state = 'complete';

create table party (
  id integer generated always as identity primary key,
  pact_id integer not null references pact,
  slot text not null,
  role text not null check (role in ('signer', 'witness', 'acknowledger')),
  ordinal integer not null,
  employee_id integer,
  account_id integer references account,
  state text not null check (state in ('waiting', 'ready', 'agreed', 'signed', 'declined', 'disputed')),
  mark jsonb,
  invited_at timestamptz,
  opened_at timestamptz,
  agreed_at timestamptz,
  signed_at timestamptz,
  undeliverable_reply text,
  answer_reason text,
  answer_note text,
  answered_at timestamptz,
  unique (pact_id, slot),
  unique (pact_id, ordinal),
  foreign key (pact_id, employee_id) references pact (id, employee_id),
  check ((employee_id is null) <> (account_id is null)),
  check ((role = 'signer') = (employee_id is not null)),
  check ((state in ('agreed', 'signed')) = (agreed_at is not null)),
  check ((state = 'signed') = (signed_at is not null))
);
comment on constraint party_pact_id_employee_id_fkey on party is 'an individual pact can be signed by the person it is about, and by nobody else';
create index party_account on party (account_id, state) where account_id is not null;
create index party_work on party (id) where state = 'agreed';

create table invitation (
  id integer generated always as identity primary key,
  party_id integer not null references party,
  generation integer not null,
  token_hash bytea not null unique,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  replaced_at timestamptz,
  unique (party_id, generation)
);
comment on column invitation.token_hash is 'SHA-256 of the link''s secret; the secret itself is derived from the link key and is stored nowhere';
create unique index invitation_live on invitation (party_id) where replaced_at is null;

create table mail (
  id integer generated always as identity primary key,
  kind text not null check (kind in ('invitation', 'reminder', 'receipt', 'witness', 'signin', 'welcome')),
  step text not null,
  party_id integer references party,
  invitation_id integer references invitation,
  signin_id integer references signin,
  account_id integer references account,
  address text not null,
  domain text not null,
  message_id text not null unique,
  state text not null check (state in ('queued', 'sending', 'sent', 'refused', 'cancelled')),
  due_at timestamptz not null,
  lease_until timestamptz,
  attempts integer not null default 0,
  reply text,
  created_at timestamptz not null,
  ended_at timestamptz,
  check ((state = 'sending') = (lease_until is not null))
);
comment on column mail.step is 'what this mail is to this person: one mail, and so one Message-ID, for each party and step';
create unique index mail_party_step on mail (party_id, step) where party_id is not null;
create index mail_queue on mail (due_at) where state in ('queued', 'sending');
create index mail_recent on mail (ended_at) where state = 'sent';

create table revision (
  pact_id integer not null references pact,
  ordinal integer not null,
  slot text,
  chunk_sha256 bytea not null,
  sha256 bytea not null,
  size_bytes integer not null,
  certificate bytea,
  method text,
  at timestamptz not null,
  primary key (pact_id, ordinal),
  check ((ordinal = 0) = (slot is null))
);
comment on table revision is 'the pact''s file, piece by piece: chunk 0 is the page, each later chunk one signature; sha256 and size_bytes are of the whole file up to here';

create table event (
  id bigint generated always as identity primary key,
  at timestamptz not null,
  kind text not null,
  pemda_id integer references pemda,
  campaign_id integer references campaign,
  pact_id integer references pact,
  party_id integer references party,
  employee_id integer references employee,
  unit_id integer references unit,
  account_id integer references account,
  time_zone text,
  address text,
  user_agent text,
  detail jsonb not null default '{}'
);
comment on table event is 'who did what, when and from where: the evidence of consent, and every act of an operator';
create index event_pact on event (pact_id);
create index event_campaign on event (campaign_id, kind, at);

create function refuse_change() returns trigger language plpgsql as $$
begin
  raise exception '% is append-only', tg_table_name;
end
$$;
create trigger event_append_only before update or delete or truncate on event for each statement execute function refuse_change();
create trigger revision_append_only before update or delete or truncate on revision for each statement execute function refuse_change();
create trigger template_append_only before update or delete or truncate on template_version for each statement execute function refuse_change();
create trigger legal_basis_append_only before update or delete or truncate on legal_basis for each statement execute function refuse_change();
create trigger roster_change_append_only before update or delete or truncate on roster_change for each statement execute function refuse_change();

create view coverage_fact as
select
  campaign.id as campaign_id,
  employee.id as employee_id,
  employee.unit_id,
  unit.path as unit_path,
  unit.gate_id,
  employee.employment_type = 'NON_ASN' as is_non_asn,
  exclusion.reason as exclusion_reason,
  exclusion.reason is null as is_required,
  exclusion.reason is null and party.invited_at is not null as is_invited,
  exclusion.reason is null and party.agreed_at is null
    and (employee.email is null or party.undeliverable_reply is not null) as is_undeliverable,
  exclusion.reason is null and party.opened_at is not null as is_opened,
  exclusion.reason is null and party.agreed_at is not null as is_signed,
  exclusion.reason is null and coalesce(party.state = 'declined', false) as is_declined,
  exclusion.reason is null and coalesce(party.state = 'disputed', false) as is_disputed,
  pact.id as pact_id,
  party.id as party_id,
  party.agreed_at
from campaign
join employee on employee.pemda_id = campaign.pemda_id
  and employee.left_at is null
  and employee.legal_status = any (campaign.required_legal_statuses)
join unit on unit.id = employee.unit_id
join campaign_unit on campaign_unit.campaign_id = campaign.id
  and campaign_unit.unit_id = unit.gate_id
left join exclusion on exclusion.campaign_id = campaign.id
  and exclusion.employee_id = employee.id
  and exclusion.ended_at is null
left join pact on pact.campaign_id = campaign.id
  and pact.employee_id = employee.id
  and pact.form = 'individual'
  and pact.state <> 'revoked'
left join party on party.pact_id = pact.id
  and party.role = 'signer';
comment on view coverage_fact is 'one row for each person a campaign concerns: the facts that every number on a dashboard is counted from';

create view gate_fact as
select
  campaign_unit.campaign_id,
  campaign_unit.unit_id,
  unit.code,
  unit.kind,
  unit.name,
  unit.path,
  unit.head_employee_id,
  unit.head_capacity,
  campaign_unit.witness_account_id,
  campaign_unit.opened_at,
  campaign_unit.overridden_at,
  campaign_unit.override_reason,
  pact.id as head_pact_id,
  pact.state as head_pact_state,
  party.agreed_at as head_agreed_at,
  case
    when campaign_unit.opened_at is not null then 'open'
    when campaign_unit.overridden_at is not null then 'overridden'
    when unit.head_employee_id is null then 'head_missing'
    when party.agreed_at is not null then 'waiting_witness'
    else 'waiting_head'
  end as state
from campaign_unit
join unit on unit.id = campaign_unit.unit_id
left join pact on pact.campaign_id = campaign_unit.campaign_id
  and pact.employee_id = unit.head_employee_id
  and pact.signer_class = 'HEAD'
  and pact.form = 'individual'
  and pact.state <> 'revoked'
left join party on party.pact_id = pact.id
  and party.role = 'signer';
comment on view gate_fact is 'where the gate of each OPD and kecamatan stands, with its head''s pact';

create view unit_label as
select id, pemda_id, parent_id, gate_id, code, kind, name, path from unit;
comment on view unit_label is 'what other tables may read of a unit';

create view person_fact as
select
  coverage_fact.*,
  employee.name,
  employee.title_prefix,
  employee.title_suffix,
  employee.identity_number,
  employee.employment_type,
  employee.jabatan,
  employee.email,
  case when pact.state = 'sealed' then pact.code end as code,
  coalesce(exclusion_reason, party.answer_reason, party.undeliverable_reply) as reason,
  party.answer_note as note,
  party.invited_at,
  party.opened_at
from coverage_fact
join employee on employee.id = coverage_fact.employee_id
left join pact on pact.id = coverage_fact.pact_id
left join party on party.id = coverage_fact.party_id;
comment on view person_fact is 'coverage_fact with the person''s name: for those who may see names';

create view mail_step as
select party_id, step, state, due_at from mail where party_id is not null;
comment on view mail_step is 'which mails a party has had or will have';

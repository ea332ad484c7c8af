-- Whom to invite is asked for each unit whose gate is open, so that people behind closed gates are never read.
drop index coverage_person_waiting;
create index coverage_person_waiting on coverage_person (campaign_id, unit_id, employee_id) where pact_id is null and is_required;

create index coverage_person_recent on coverage_person (campaign_id, agreed_at desc) where is_signed;

create table assembly (
  id integer generated always as identity primary key,
  campaign_id integer not null references campaign,
  unit_id integer references unit,
  title text not null,
  starts_at timestamptz not null,
  screen_hash bytea not null unique,
  entrance_hash bytea not null unique,
  account_id integer not null references account,
  created_at timestamptz not null,
  ended_at timestamptz
);
comment on table assembly is 'an apel: a big screen with counts, and an entrance that sends people their link. unit_id null: the whole pemda';
comment on column assembly.screen_hash is 'SHA-256 of the secret of the screen''s address; nobody signs in at a projector';

create table attendance (
  assembly_id integer not null references assembly,
  employee_id integer not null references employee,
  at timestamptz not null,
  officer_id integer references account,
  primary key (assembly_id, employee_id)
);
comment on table attendance is 'who was there, apart from who signed; officer_id null: by the number that somebody typed at the entrance';

create table region_shape (
  pemda_id integer not null references pemda,
  code text not null,
  polygons jsonb not null,
  primary key (pemda_id, code)
);
comment on table region_shape is 'outlines of a map that an administrator uploaded, simplified: what a choropleth is drawn from';

alter table pact add archived_at timestamptz;
alter table pact add archive_until timestamptz;
alter table pact add check ((archived_at is null) = (archive_until is null));
alter table pact add check (archived_at is null or sealed_at is not null);
comment on column pact.archived_at is 'when the file reached PAdES-BASELINE-LTA, or was renewed last; null: it is not there yet';
comment on column pact.archive_until is 'when the certificate of its last document timestamp ends: a new one must stand behind it before that';
create index pact_archiving on pact (sealed_at) where sealed_at is not null and archived_at is null;
create index pact_renewal on pact (archive_until) where archive_until is not null;

create table issued_certificate (
  id bigint generated always as identity primary key,
  party_id integer not null references party,
  ordinal integer not null,
  serial bytea not null unique,
  sha256 bytea not null unique,
  certificate bytea not null,
  method text not null,
  at timestamptz not null,
  unique (party_id, ordinal)
);
comment on table issued_certificate is 'every certificate made in a person''s name: for each party of a pact one that counts, and never a second one';
create trigger issued_certificate_append_only before update or delete or truncate on issued_certificate for each statement execute function refuse_change();

create table voided_certificate (
  certificate_id bigint primary key references issued_certificate,
  at timestamptz not null
);
comment on table voided_certificate is 'certificates whose key was lost before it signed (the page was closed): they count no more, and another could be made';
create trigger voided_certificate_append_only before update or delete or truncate on voided_certificate for each statement execute function refuse_change();

create table certificate_record (
  id bigint generated always as identity primary key,
  kind text not null check (kind in ('issued', 'voided')),
  certificate_id bigint not null references issued_certificate,
  unique (certificate_id, kind)
);
comment on table certificate_record is 'the public record, in the order in which it is published; written behind the two tables above by one writer at a time';
create trigger certificate_record_append_only before update or delete or truncate on certificate_record for each statement execute function refuse_change();

create table pending_signature (
  party_id integer primary key references party,
  certificate_id bigint not null references issued_certificate,
  at timestamptz not null,
  mark jsonb not null,
  text_sha256 bytea not null,
  digest bytea not null
);
comment on table pending_signature is 'a signer''s device has its certificate and has not sent the signature yet; another start replaces it';

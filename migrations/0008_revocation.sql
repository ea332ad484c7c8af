create table revoked_certificate (
  certificate_id bigint primary key references issued_certificate,
  at timestamptz not null,
  reason text not null check (reason in ('unspecified', 'keyCompromise', 'cACompromise', 'affiliationChanged', 'superseded', 'cessationOfOperation')),
  recorded_at timestamptz not null,
  check (at <= recorded_at)
);
comment on table revoked_certificate is 'signers'' certificates that were taken back; those of the key folder stand in its own list';
create trigger revoked_certificate_append_only before update or delete or truncate on revoked_certificate for each statement execute function refuse_change();

-- A person's own certificate (PKCS #12) signs many pacts: only what we issue is issued once.
alter table issued_certificate drop constraint issued_certificate_serial_key;
alter table issued_certificate drop constraint issued_certificate_sha256_key;
create unique index issued_certificate_serial on issued_certificate (serial) where method <> 'own-certificate';
create index issued_certificate_sha256 on issued_certificate (sha256);

alter table pending_signature alter certificate_id drop not null;
alter table pending_signature add own_certificate bytea;
alter table pending_signature add own_chain bytea;
alter table pending_signature add check ((certificate_id is null) = (own_certificate is not null));
alter table pending_signature add check ((own_chain is null) = (own_certificate is null));
comment on column pending_signature.own_certificate is 'a person''s own certificate, which is recorded with the signature: its key is not lost when the page closes';
comment on column pending_signature.own_chain is 'its issuers, DER one behind the other';

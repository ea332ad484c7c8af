create table revoked_certificate (
  certificate_id bigint primary key references issued_certificate,
  at timestamptz not null,
  reason text not null check (reason in ('unspecified', 'keyCompromise', 'cACompromise', 'affiliationChanged', 'superseded', 'cessationOfOperation')),
  recorded_at timestamptz not null,
  check (at <= recorded_at)
);
comment on table revoked_certificate is 'signers'' certificates that were taken back; those of the key folder stand in its own list';
create trigger revoked_certificate_append_only before update or delete or truncate on revoked_certificate for each statement execute function refuse_change();

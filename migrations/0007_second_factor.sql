alter table campaign_template add own_key_required boolean not null default false;
alter table campaign_template add code_required boolean not null default false;
comment on column campaign_template.own_key_required is 'this class signs with a key made on the signer''s device; a one-time key of the service is not accepted';
comment on column campaign_template.code_required is 'beside the personal link: a one-time code to a second address, or an officer who confirms the person';

create table one_time_code (
  id integer generated always as identity primary key,
  party_id integer not null references party,
  ordinal integer not null,
  channel text not null check (channel in ('email')),
  text_sha256 bytea not null,
  code_hash bytea not null,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  attempts integer not null default 0 check (attempts between 0 and 5),
  used_at timestamptz,
  replaced_at timestamptz,
  unique (party_id, ordinal),
  check (used_at is null or replaced_at is null)
);
comment on column one_time_code.code_hash is 'HMAC-SHA256 under the link key over code, party and words: six digits alone could be guessed from a plain hash';
comment on column one_time_code.attempts is 'counted before the code is compared, in a transaction of its own, so that a refused form counts too';
create unique index one_time_code_live on one_time_code (party_id) where used_at is null and replaced_at is null;
create index one_time_code_recent on one_time_code (party_id, created_at);

alter table invitation add officer_id integer references account;
comment on column invitation.officer_id is 'the officer at the kiosk who confirmed this person and started this link; null: the link was mailed';
drop index invitation_live;
create unique index invitation_live on invitation (party_id) where replaced_at is null and officer_id is null;
create unique index invitation_kiosk on invitation (party_id) where replaced_at is null and officer_id is not null;

alter table party add second_factor text check (second_factor in ('code-by-email', 'in-person'));
alter table party add officer_id integer references account;
alter table party add check (second_factor is null or agreed_at is not null);
alter table party add check ((second_factor is not distinct from 'in-person') = (officer_id is not null));
comment on column party.second_factor is 'what confirmed the signer beside the personal link';

alter table pending_signature add code_id integer references one_time_code;

alter table mail add code_id integer references one_time_code;
alter table mail drop constraint mail_kind_check;
alter table mail add constraint mail_kind_check
  check (kind in ('invitation', 'reminder', 'receipt', 'witness', 'signin', 'welcome', 'code'));

create view signing_fact as
select party.id as party_id, issued_certificate.method, party.second_factor
from party
join issued_certificate on issued_certificate.party_id = party.id
where party.agreed_at is not null
  and not exists (select from voided_certificate where certificate_id = issued_certificate.id);
comment on view signing_fact is 'how each party that agreed signs: whose key, and what confirmed the person beside the link';

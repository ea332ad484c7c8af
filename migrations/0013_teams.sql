-- A second witness beside Bawaslu, teams that read by mandate (Desk Pemilu, Satgas Pengawasan Netralitas), the circular
-- that people acknowledge, and addresses that people propose.
alter table account drop constraint account_role_check;
alter table account add constraint account_role_check
  check (role in ('administrator', 'unit_head', 'bawaslu', 'auditor', 'witness', 'election_desk', 'task_force'));
alter table account drop constraint account_check;
alter table account add constraint account_unit
  check (role <> 'unit_head' or unit_id is not null);
alter table account add column mandate jsonb;
alter table account add constraint account_mandate
  check ((role in ('election_desk', 'task_force')) = (mandate is not null));
comment on column account.unit_id is 'what a head leads; what a team''s mandate covers, null: the whole pemda';
comment on column account.mandate is 'number, date and last day (ISO 8601) of a team''s mandate: without one that lives nobody of the team may sign in';

alter table campaign add column second_witness_id integer references account;
comment on column campaign.second_witness_id is 'who witnesses the pacts of all heads beside Bawaslu, such as the Pj. Wali Kota; null: nobody';

create table circular (
  campaign_id integer primary key references campaign,
  number text not null,
  title text not null,
  issued_on date not null,
  sha256 bytea not null,
  size_bytes integer not null,
  account_id integer not null references account,
  at timestamptz not null
);
comment on table circular is 'the circular (surat edaran) that everybody acknowledges when they sign; it stays as it is once the first has';

create table address_proposal (
  id integer generated always as identity primary key,
  employee_id integer not null references employee,
  email text not null,
  at timestamptz not null,
  decided_at timestamptz,
  decided_by integer references account,
  is_accepted boolean,
  check (num_nonnulls(decided_at, decided_by, is_accepted) in (0, 3))
);
comment on table address_proposal is 'an address that somebody typed as their own; nothing is sent there before a unit''s administrator has confirmed it with the person';
create unique index address_proposal_open on address_proposal (employee_id) where decided_at is null;

alter table mail drop constraint mail_kind_check;
alter table mail add constraint mail_kind_check
  check (kind in ('invitation', 'reminder', 'receipt', 'witness', 'signin', 'welcome', 'code', 'digest'));
create unique index mail_digest on mail (account_id, step) where kind = 'digest';

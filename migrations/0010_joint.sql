-- Joint pacts: several named parties on one document, heads of region or who stands in for them, and witnesses.
alter table pact drop constraint pact_signer_class_check;
alter table pact add constraint pact_signer_class_check check (signer_class in ('HEAD', 'ASN', 'NON_ASN', 'JOINT'));
alter table pact add constraint pact_joint check ((signer_class = 'JOINT') <= (form = 'collective' and employee_id is null));

alter table party add column person jsonb;
comment on column party.person is 'a party of a joint pact, who is in no roster and has no account: name, position, address, and the mandate of who stands in';
alter table party drop constraint party_check;
alter table party drop constraint party_check1;
alter table party add constraint party_one check (num_nonnulls(employee_id, account_id, person) = 1);
alter table party add constraint party_signs check (person is not null or (role = 'signer') = (employee_id is not null));

create table joint_pact (
  pact_id integer primary key references pact,
  is_ordered boolean not null,
  words jsonb not null,
  deadline timestamptz not null,
  account_id integer not null references account,
  witnesses_at timestamptz,
  closed_at timestamptz,
  closed_by integer references account,
  check ((closed_at is null) or (witnesses_at is not null))
);
comment on table joint_pact is 'is_ordered: parties sign one after the other as the page lists them; else as they come. Witnesses come after them';
comment on column joint_pact.words is 'what the page says beside its parties: place, day and number, as it was laid out before the first signature';
comment on column joint_pact.witnesses_at is 'when the last party signed, or an administrator let the witnesses go on without who is missing';
comment on column joint_pact.closed_at is 'sealed from then on without who is missing; the page says BELUM MENANDATANGANI in their place';

create table joint_draft (
  id integer generated always as identity primary key,
  campaign_id integer not null references campaign,
  account_id integer not null references account,
  parties jsonb not null,
  words jsonb not null,
  is_ordered boolean not null,
  deadline timestamptz not null,
  created_at timestamptz not null
);
comment on table joint_draft is 'a joint pact that is being prepared; it goes when the pact is opened, and parties can be changed only here';

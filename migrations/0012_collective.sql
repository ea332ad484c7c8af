-- Collective pacts: one document for an OPD or kecamatan, with a row for each of its people. A row is a person's pact
-- like any other until it is signed; its file is a signed statement, and the document that lists it is made at closing.
alter table template_version drop constraint template_version_signer_class_check;
alter table template_version add constraint template_version_signer_class_check
  check (signer_class in ('HEAD', 'ASN', 'NON_ASN', 'JOINT', 'COLLECTIVE', 'RECAP', 'STANDING', 'PLEDGE', 'MINUTES'));
alter table pact drop constraint pact_signer_class_check;
alter table pact add constraint pact_signer_class_check
  check (signer_class in ('HEAD', 'ASN', 'NON_ASN', 'JOINT', 'COLLECTIVE', 'RECAP', 'STANDING'));
alter table pact drop constraint pact_joint;
alter table pact add constraint pact_form
  check ((form = 'individual') = (signer_class in ('HEAD', 'ASN', 'NON_ASN')) and (form = 'individual') = (employee_id is not null));

alter table pact add column is_row boolean not null default false;
alter table pact add column unit_id integer references unit;
alter table pact add column collective_id integer references pact;
alter table pact add column evidence_at timestamptz;
alter table pact add constraint pact_row check (
  (not is_row or form = 'individual' and archived_at is null)
  and (collective_id is null or is_row) and (evidence_at is null or is_row)
);
comment on column pact.is_row is 'a person''s pact that becomes a row of a collective one: its file is a signed statement (.p7m), not a PDF';
comment on column pact.unit_id is 'the OPD or kecamatan that a row''s words name, or that the document is about';
comment on column pact.collective_id is 'the document that lists this row, once it was closed';
comment on column pact.evidence_at is 'since when a row''s file holds all the evidence that it will ever need; it can be listed from then on';
create index pact_row_waiting on pact (campaign_id, unit_id) where is_row and collective_id is null and state = 'complete';
create index pact_row_due on pact (id) where is_row and state = 'complete' and evidence_at is null;
drop index pact_archiving;
create index pact_archiving on pact (sealed_at) where sealed_at is not null and archived_at is null and not is_row;
create index pact_collective on pact (collective_id) where collective_id is not null;
alter table campaign add column recapped_at timestamptz;
-- What was closed before gets no sheets afterwards.
update campaign set recapped_at = closed_at where state = 'closed';
comment on column campaign.recapped_at is 'when every unit had its recapitulation after the campaign was closed';
create index pact_document on pact (campaign_id, unit_id) where form = 'collective';
drop index pact_work;
create index pact_work on pact (id) where state = 'complete' and not is_row;

alter table pemda add column emblem bytea;
comment on column pemda.emblem is 'PNG or JPEG, printed at the left of the letterhead';

create table template_draft (
  id integer generated always as identity primary key,
  pemda_id integer not null references pemda,
  account_id integer not null references account,
  words text not null,
  page text not null,
  created_at timestamptz not null
);
comment on table template_draft is 'a template that was uploaded and looked at, and is not released; it may go again';

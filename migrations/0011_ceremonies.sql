-- Whom to invite is asked for each unit whose gate is open, so that people behind closed gates are never read.
drop index coverage_person_waiting;
create index coverage_person_waiting on coverage_person (campaign_id, unit_id, employee_id) where pact_id is null and is_required;

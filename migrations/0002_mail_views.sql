create view mail_home as
select
  mail.id as mail_id,
  coalesce(account.pemda_id, campaign.pemda_id) as pemda_id
from mail
left join account on account.id = mail.account_id
left join party on party.id = mail.party_id
left join pact on pact.id = party.pact_id
left join campaign on campaign.id = pact.campaign_id;
comment on view mail_home is 'whose mail it is: an administrator reads the addresses and answers of the own pemda only';

create view mail_reach as
select party_id, address from mail where party_id is not null and invitation_id is not null and state <> 'cancelled';
comment on view mail_reach is 'which addresses have had, or will have, the personal link of a party';

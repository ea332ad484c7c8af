-- Documents of a ceremony beside the personal pacts: a joint pact, a pledge read aloud, minutes of a witnessing.
alter table template_version drop constraint template_version_signer_class_check;
alter table template_version add constraint template_version_signer_class_check
  check (signer_class in ('HEAD', 'ASN', 'NON_ASN', 'JOINT', 'PLEDGE', 'MINUTES'));

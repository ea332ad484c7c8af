alter table revision add column shared_sha256 bytea not null default '' check (octet_length(shared_sha256) % 32 = 0);
comment on column revision.shared_sha256 is 'the pieces that stand before chunk_sha256 in the file and are other pacts'' too, one SHA-256 of 32 bytes after the other';

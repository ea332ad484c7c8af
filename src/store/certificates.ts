import type { Mark, Slot } from '../domain/pact.js'
import type { RevocationReason } from '../evidence/revocation.js'
import { type Database, row, rows } from './db.js'

/**
 * Records a certificate before anything is signed with it. Undefined when the party has one that counts already.
 *
 * @returns its id
 */
export async function insertIssued(
  db: Database,
  issued: {
    partyId: number
    serial: Uint8Array
    sha256: Uint8Array
    certificate: Uint8Array
    method: string
    at: Date
  },
): Promise<number | undefined> {
  const made = await row<{ id: number }>(
    db,
    `insert into issued_certificate (party_id, ordinal, serial, sha256, certificate, method, at)
     select :partyId, count(*) + 1, :serial, :sha256, :certificate, :method, :at
     from issued_certificate left join voided_certificate on certificate_id = issued_certificate.id
     where party_id = :partyId
     having count(*) = count(certificate_id)
     returning id::int`,
    issued,
  )
  return made?.id
}

/** The certificates of a pact's parties that count: those whose key was lost before it signed are left out. */
export function findIssued(db: Database, pactId: number) {
  return rows<{ slot: Slot; sha256: Uint8Array; method: string; at: Date }>(
    db,
    `select slot, sha256, method, at
     from issued_certificate join party on party.id = party_id
     where pact_id = :pactId and not exists (select from voided_certificate where certificate_id = issued_certificate.id)
     order by issued_certificate.id`,
    { pactId },
  )
}

/** The same for every row of a collective pact: SHA-256 (hex), by the row's code. */
export async function findIssuedOfRows(db: Database, collectiveId: number): Promise<Map<string, string[]>> {
  const found = await rows<{ code: string; sha256: Uint8Array }>(
    db,
    `select code, sha256
     from pact
     join party on party.pact_id = pact.id
     join issued_certificate on issued_certificate.party_id = party.id
     where collective_id = :collectiveId
       and not exists (select from voided_certificate where certificate_id = issued_certificate.id)`,
    { collectiveId },
  )
  const issued = new Map<string, string[]>()
  for (const { code, sha256 } of found)
    issued.set(code, [...(issued.get(code) ?? []), Buffer.from(sha256).toString('hex')])
  return issued
}

/**
 * Puts certificates that are not in the public record yet behind its end. One writer at a time: an entry that is
 * published never changes its place.
 *
 * @returns how many
 */
export async function extendRecord(db: Database): Promise<number> {
  await rows(db, `select pg_advisory_xact_lock(74710002)`, {})
  const added = await rows(
    db,
    `insert into certificate_record (kind, certificate_id)
     select kind, id from (
       select 'issued' as kind, id, at from issued_certificate
       union all
       select 'voided', certificate_id, at from voided_certificate
     ) as entry
     where not exists (
       select from certificate_record where certificate_record.kind = entry.kind and certificate_id = entry.id
     )
     order by at, id, kind
     returning id`,
    {},
  )
  return added.length
}

/** The public record, in the order of publishing. */
export function findRecord(db: Database) {
  return rows<{ kind: 'issued' | 'voided'; code: string; slot: Slot; sha256: Uint8Array }>(
    db,
    `select kind, code, slot, sha256
     from certificate_record
     join issued_certificate on issued_certificate.id = certificate_id
     join party on party.id = party_id
     join pact on pact.id = party.pact_id
     order by certificate_record.id`,
    {},
  )
}

/** A signature that a signer's device was asked for. */
export interface PendingSignature {
  certificateId: number | null // in the record; null: the person's own, recorded with the signature
  certificate: Uint8Array // DER
  chain: Uint8Array | null // of the person's own: its issuers, DER one behind the other
  at: Date
  mark: Mark
  textSha256: Uint8Array
  digest: Uint8Array
  codeId: number | null
}

export function findPendingSignature(db: Database, partyId: number) {
  return row<PendingSignature>(
    db,
    `select certificate_id::int as "certificateId", coalesce(own_certificate, certificate) as certificate,
       own_chain as chain, pending_signature.at, mark,
       text_sha256 as "textSha256", digest, code_id as "codeId"
     from pending_signature left join issued_certificate on issued_certificate.id = certificate_id
     where pending_signature.party_id = :partyId`,
    { partyId },
  )
}

export async function insertPendingSignature(
  db: Database,
  pending: PendingSignature & { partyId: number },
): Promise<void> {
  await rows(
    db,
    `insert into pending_signature (party_id, certificate_id, own_certificate, own_chain, at, mark, text_sha256, digest,
       code_id)
     values (:partyId, :certificateId, :own, :chain, :at, :mark::jsonb, :textSha256, :digest, :codeId)`,
    {
      ...pending,
      own: pending.chain ? pending.certificate : null,
      mark: JSON.stringify(pending.mark),
    },
  )
}

/**
 * Ends a pending signature. Without a signature its certificate counts no more: the key is gone with the page.
 */
export async function endPendingSignature(
  db: Database,
  ended: { partyId: number; isSigned: boolean; now: Date },
): Promise<void> {
  const pending = await row<{ certificateId: number | null }>(
    db,
    `delete from pending_signature where party_id = :partyId returning certificate_id::int as "certificateId"`,
    { partyId: ended.partyId },
  )
  if (!pending || pending.certificateId === null || ended.isSigned) return
  await rows(db, `insert into voided_certificate (certificate_id, at) values (:certificateId, :now)`, {
    ...pending,
    now: ended.now,
  })
}

/** What became of a certificate that we issued with this serial number (DER); undefined when it is in no record. */
export function findIssuedBySerial(db: Database, serial: Uint8Array) {
  return row<{ revokedAt: Date | null; reason: RevocationReason | null }>(
    db,
    `select revoked_certificate.at as "revokedAt", reason
     from issued_certificate left join revoked_certificate on certificate_id = issued_certificate.id
     where serial = :serial and method <> 'own-certificate'`,
    { serial },
  )
}

/** Takes a signer's certificate back. False when none in the record has this fingerprint, or it is taken back already. */
export async function insertRevocation(
  db: Database,
  revoked: { sha256: Uint8Array; at: Date; reason: RevocationReason; now: Date },
): Promise<boolean> {
  const made = await row(
    db,
    `insert into revoked_certificate (certificate_id, at, reason, recorded_at)
     select id, greatest(:at, issued_certificate.at), :reason, :now from issued_certificate
     where sha256 = :sha256 and method <> 'own-certificate'
     on conflict do nothing
     returning certificate_id`,
    revoked,
  )
  return made !== undefined
}

/** The signers' certificates that were taken back, oldest first. */
export function findRevocations(db: Database) {
  return rows<{ serial: Uint8Array; certificate: Uint8Array; at: Date; reason: RevocationReason }>(
    db,
    `select serial, certificate, revoked_certificate.at, reason
     from revoked_certificate join issued_certificate on issued_certificate.id = certificate_id
     order by recorded_at, certificate_id`,
    {},
  )
}

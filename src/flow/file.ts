import { createHash } from 'node:crypto'
import { PactError } from '../domain/errors.js'
import type { SignatureMethod } from '../domain/pact.js'
import { readCertificate } from '../evidence/certificate.js'
import type { Draft } from '../evidence/increment.js'
import type { OcspStatus } from '../evidence/revocation.js'
import { findAccount } from '../store/accounts.js'
import { findIssuedBySerial, insertIssued } from '../store/certificates.js'
import type { Database } from '../store/db.js'
import type { Files } from '../store/files.js'
import { insertEvent } from '../store/ledger.js'
import { insertMail } from '../store/mails.js'
import { findJointPact, type JointPact, openToWitnesses } from '../store/joint.js'
import {
  findParties,
  findRevisions,
  insertRevision,
  moveParty,
  movePact,
  type Pact,
  type Party,
  piecesOf,
} from '../store/pacts.js'
import { findLiveInvitation, type Invitation } from '../store/invitations.js'
import { findEmployee } from '../store/people.js'
import { type House, makeMessageId } from './house.js'
import type { Paper } from './paper.js'

/**
 * A pact's file as it stands, or as it stood at an earlier revision.
 *
 * @throws NOT_FOUND before the signer has signed
 */
export async function readPact(house: House, db: Database, pactId: number): Promise<Buffer> {
  const revisions = await findRevisions(db, pactId)
  if (revisions.length === 0) throw new PactError('NOT_FOUND', 'Naskah ini belum ditandatangani.')
  return Buffer.concat(
    await Promise.all(revisions.flatMap(piecesOf).map((sha256) => house.files.get(sha256))),
  )
}

// Pieces of many pacts, which this process has put already.
const kept = new WeakMap<Files, WeakMap<Uint8Array, Promise<Buffer>>>()
function keepShared({ files }: House, piece: Uint8Array): Promise<Buffer> {
  let known = kept.get(files)
  if (!known) kept.set(files, (known = new WeakMap()))
  let put = known.get(piece)
  if (!put) {
    known.set(piece, (put = files.put(piece)))
    put.catch(() => known.delete(piece))
  }
  return put
}

/** Puts a piece of the file on disk, and then the row that names it. */
export async function keepChunk(
  house: House,
  tx: Database,
  pactId: number,
  chunk: {
    slot: string | null
    shared?: readonly Uint8Array[]
    own: Uint8Array
    draft: Pick<Draft, 'hash' | 'sizeBytes'> // the file with it
    at: Date
    certificate?: Uint8Array
    method?: string
  },
): Promise<void> {
  const { shared = [], own, draft } = chunk
  await insertRevision(tx, pactId, {
    slot: chunk.slot,
    sharedSha256: Buffer.concat(await Promise.all(shared.map((piece) => keepShared(house, piece)))),
    chunkSha256: await house.files.put(own),
    sha256: draft.hash.copy().digest(),
    sizeBytes: draft.sizeBytes,
    certificate: chunk.certificate ?? null,
    method: chunk.method ?? null,
    at: chunk.at,
  })
}

/** Tells the signer that the pact is finished. */
export async function sendReceipt(
  house: House,
  tx: Database,
  { parties, now }: { parties: Party[]; now: Date },
): Promise<void> {
  for (const party of parties.filter((one) => one.person !== null && one.signedAt !== null)) {
    const link = await findLiveInvitation(tx, party.id)
    if (link) await queueReceipt(house, tx, { party, link, address: party.person!.email, now })
  }
  const signer = parties.find((one) => one.employeeId !== null)
  if (!signer) return
  const employee = (await findEmployee(tx, signer.employeeId!))!
  const invitation = await findLiveInvitation(tx, signer.id)
  if (employee.email && invitation)
    await queueReceipt(house, tx, { party: signer, link: invitation, address: employee.email, now })
}

const queueReceipt = (
  house: House,
  tx: Database,
  { party, link, address, now }: { party: Party; link: Invitation; address: string; now: Date },
) =>
  insertMail(
    tx,
    {
      ...{ kind: 'receipt', step: 'receipt-1', partyId: party.id, invitationId: link.id, address },
      ...{ messageId: makeMessageId(house, 'receipt'), dueAt: now },
    },
    now,
  )

/** A party's signature is in the file: the party has signed, and it is the next one's turn. */
export async function settleSignature(
  house: House,
  tx: Database,
  on: { pact: Pact; parties: Party[]; party: Party; now: Date },
): Promise<void> {
  const { pact, parties, party, now } = on
  await moveParty(tx, { id: party.id, to: 'signed', now })
  await insertEvent(tx, {
    at: now,
    kind: 'signed',
    campaignId: pact.campaignId,
    pactId: pact.id,
    partyId: party.id,
  })
  const joint = pact.signerClass === 'JOINT' ? await findJointPact(tx, pact.id) : undefined
  if (joint) {
    const missing = (await findParties(tx, pact.id)).filter((one) => one.state !== 'signed')
    // Closed while somebody's signature was on its way: it goes in first.
    const isLast = missing.every((one) => one.state !== 'agreed')
    if (missing.length === 0 || (joint.closedAt && isLast))
      await movePact(tx, { id: pact.id, from: 'open', to: 'complete', now })
    else if (missing.every((one) => one.role === 'witness'))
      await callWitnesses(tx, { joint, parties: missing, now })
    else if (joint.isOrdered && missing[0]!.role === 'signer' && missing[0]!.state === 'waiting')
      await moveParty(tx, { id: missing[0]!.id, to: 'ready', now })
    return
  }
  const next = parties.find((one) => one.ordinal === party.ordinal + 1)
  if (!next) {
    await movePact(tx, { id: pact.id, from: 'open', to: 'complete', now })
    return
  }
  await moveParty(tx, { id: next.id, to: 'ready', now })
  if (next.accountId === null) return
  const account = (await findAccount(tx, next.accountId))!
  await insertMail(
    tx,
    {
      kind: 'witness',
      step: 'witness-1',
      partyId: next.id,
      address: account.email,
      messageId: makeMessageId(house, 'witness'),
      dueAt: now,
    },
    now,
  )
}

/** It is the witnesses' turn on a joint pact; the post office finds who has no link yet. */
export async function callWitnesses(
  tx: Database,
  { joint, parties, now }: { joint: JointPact; parties: Party[]; now: Date },
): Promise<void> {
  await openToWitnesses(tx, { pactId: joint.pactId, now })
  for (const party of parties)
    if (party.role === 'witness' && party.state === 'waiting')
      await moveParty(tx, { id: party.id, to: 'ready', now })
}

/**
 * Records a certificate made in a party's name.
 *
 * @returns its id in the record
 * @throws STALE when there is one already that counts
 */
export async function recordCertificate(
  tx: Database,
  on: { party: Party; certificate: Uint8Array; method: SignatureMethod; now: Date },
): Promise<number> {
  const { serial } = readCertificate(on.certificate)
  const id = await insertIssued(tx, {
    partyId: on.party.id,
    serial,
    sha256: createHash('sha256').update(on.certificate).digest(),
    certificate: on.certificate,
    method: on.method,
    at: on.now,
  })
  if (id === undefined) throw new PactError('STALE', 'Sertifikat untuk pakta ini sudah diterbitkan.')
  return id
}

/** In whose name a party's certificate is made. */
export async function subjectOf(tx: Database, paper: Paper, party: Party) {
  if (party.employeeId !== null)
    return {
      name: paper.identity.name,
      identityNumber: paper.identity.identityNumber,
      organization: paper.pemda.governmentName,
    }
  if (party.person)
    return {
      name: party.person.name,
      identityNumber: undefined,
      organization: party.person.institution || party.person.region,
    }
  const account = (await findAccount(tx, party.accountId!))!
  return { name: account.name, identityNumber: undefined, organization: account.institution }
}

/**
 * What is known of a certificate of ours, by its serial number (the INTEGER, DER). One that is neither in the key
 * folder nor in the record is unknown: what somebody made with a stolen key is not vouched for.
 */
export async function statusOfCertificate(
  db: Database,
  keys: House['keys'],
  serial: Uint8Array,
): Promise<OcspStatus> {
  const own = keys.statusOfOwn(serial)
  if (own) return own
  const issued = await findIssuedBySerial(db, serial)
  if (!issued) return { kind: 'unknown' }
  const { revokedAt, reason } = issued
  return revokedAt ? { kind: 'revoked', at: revokedAt, reason: reason! } : { kind: 'good' }
}

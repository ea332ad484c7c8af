// Personal links: the secrets themselves are derived and stored nowhere.
import { type Database, row, rows } from './db.js'

export interface Invitation {
  id: number
  partyId: number
  generation: number
  createdAt: Date
  expiresAt: Date
  replacedAt: Date | null
  officerId: number | null // who started it at a kiosk; null: it was mailed
}

const INVITATION = `invitation.id, party_id as "partyId", generation, invitation.created_at as "createdAt",
  expires_at as "expiresAt", replaced_at as "replacedAt", officer_id as "officerId"`

/**
 * The next personal link of a party. A mailed one kills every earlier one; one at a kiosk kills those at kiosks, and
 * the mailed one stays good.
 */
export async function insertInvitation(
  db: Database,
  made: {
    partyId: number
    now: Date
    expiresAt: Date
    officerId?: number
    tokenHash: (id: number, generation: number) => Uint8Array
  },
): Promise<Invitation> {
  const { partyId, now, officerId = null } = made
  await rows(
    db,
    `update invitation set replaced_at = :now
     where party_id = :partyId and replaced_at is null and (:officerId::int is null or officer_id is not null)`,
    { partyId, now, officerId },
  )
  const { generation } = (await row<{ generation: number }>(
    db,
    `select coalesce(max(generation), 0) + 1 as generation from invitation where party_id = :partyId`,
    { partyId },
  ))!
  const { id } = (await row<{ id: number }>(
    db,
    `select nextval(pg_get_serial_sequence('invitation', 'id'))::int as id`,
  ))!
  return (await row<Invitation>(
    db,
    `insert into invitation (id, party_id, generation, token_hash, created_at, expires_at, officer_id)
     overriding system value
     values (:id, :partyId, :generation, :tokenHash, :now, :expiresAt, :officerId)
     returning ${INVITATION}`,
    {
      ...{ id, partyId, generation, now, officerId },
      tokenHash: made.tokenHash(id, generation),
      expiresAt: made.expiresAt,
    },
  ))!
}

export function findInvitation(db: Database, id: number) {
  return row<Invitation>(db, `select ${INVITATION} from invitation where id = :id`, { id })
}

export function findInvitationByToken(db: Database, tokenHash: Uint8Array) {
  return row<Invitation>(db, `select ${INVITATION} from invitation where token_hash = :tokenHash`, {
    tokenHash,
  })
}

/** The mailed link of a party that is good now. */
export function findLiveInvitation(db: Database, partyId: number) {
  return row<Invitation>(
    db,
    `select ${INVITATION} from invitation
     where party_id = :partyId and replaced_at is null and officer_id is null`,
    { partyId },
  )
}

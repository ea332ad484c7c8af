import { type Database, row, rows } from './db.js'

/** Where one-time codes go; another channel is another word here and its sender. */
export type CodeChannel = 'email'

/** A one-time code that was sent, without the code itself. */
export interface OneTimeCode {
  id: number
  partyId: number
  ordinal: number
  channel: CodeChannel
  textSha256: Uint8Array
  codeHash: Uint8Array
  createdAt: Date
  expiresAt: Date
  attempts: number
  usedAt: Date | null
  replacedAt: Date | null
}

const CODE = `one_time_code.id, party_id as "partyId", ordinal, channel, text_sha256 as "textSha256",
  code_hash as "codeHash", one_time_code.created_at as "createdAt", expires_at as "expiresAt", attempts,
  used_at as "usedAt", replaced_at as "replacedAt"`

/** The next code of a party; the one before is dead. The party's pact must be locked. */
export async function insertCode(
  db: Database,
  made: {
    partyId: number
    channel: CodeChannel
    textSha256: Uint8Array
    now: Date
    expiresAt: Date
    codeHash: (ordinal: number) => Uint8Array
  },
): Promise<OneTimeCode> {
  const { partyId, now } = made
  await rows(
    db,
    `update one_time_code set replaced_at = :now
     where party_id = :partyId and used_at is null and replaced_at is null`,
    { partyId, now },
  )
  const { ordinal } = (await row<{ ordinal: number }>(
    db,
    `select coalesce(max(ordinal), 0) + 1 as ordinal from one_time_code where party_id = :partyId`,
    { partyId },
  ))!
  return (await row<OneTimeCode>(
    db,
    `insert into one_time_code (party_id, ordinal, channel, text_sha256, code_hash, created_at, expires_at)
     values (:partyId, :ordinal, :channel, :textSha256, :codeHash, :now, :expiresAt)
     returning ${CODE}`,
    { ...made, ordinal, codeHash: made.codeHash(ordinal) },
  ))!
}

export function findCode(db: Database, id: number) {
  return row<OneTimeCode>(db, `select ${CODE} from one_time_code where id = :id`, { id })
}

/** The code that a party may type now, if one was sent. */
export function findLiveCode(db: Database, partyId: number) {
  return row<OneTimeCode>(
    db,
    `select ${CODE} from one_time_code where party_id = :partyId and used_at is null and replaced_at is null`,
    { partyId },
  )
}

/** When the codes of a party were asked for since `since`, newest first: what a rate limit looks at. */
export async function findCodeTimes(db: Database, query: { partyId: number; since: Date }): Promise<Date[]> {
  const found = await rows<{ at: Date }>(
    db,
    `select created_at as at from one_time_code where party_id = :partyId and created_at > :since order by created_at desc`,
    query,
  )
  return found.map(({ at }) => at)
}

/** Counts one attempt, before the code is compared. False when there is none left. */
export async function countAttempt(db: Database, attempt: { id: number; attemptsMax: number }) {
  const counted = await row(
    db,
    `update one_time_code set attempts = attempts + 1
     where id = :id and attempts < :attemptsMax and used_at is null and replaced_at is null
     returning id`,
    attempt,
  )
  return counted !== undefined
}

/** Uses a code up. False when it was used or replaced meanwhile. */
export async function useCode(db: Database, use: { id: number; now: Date }): Promise<boolean> {
  const used = await row(
    db,
    `update one_time_code set used_at = :now
     where id = :id and used_at is null and replaced_at is null returning id`,
    use,
  )
  return used !== undefined
}

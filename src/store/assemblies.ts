// Assemblies (apel): their screen, their entrance, and who was there.
import { type Database, row, rows } from './db.js'

export interface Assembly {
  id: number
  campaignId: number
  unitId: number | null // null: the whole pemda
  title: string
  startsAt: Date
  endedAt: Date | null
}
const ASSEMBLY = `id, campaign_id as "campaignId", unit_id as "unitId", title, starts_at as "startsAt", ended_at as "endedAt"`

/** @param made.hashes SHA-256 of the secrets of screen and entrance, made from the new id */
export async function insertAssembly(
  db: Database,
  made: Omit<Assembly, 'id' | 'endedAt'> & {
    accountId: number
    now: Date
    hashes: (id: number) => { screen: Buffer; entrance: Buffer }
  },
): Promise<number> {
  const { hashes, ...rest } = made
  const next = await row<{ id: number }>(
    db,
    `select nextval(pg_get_serial_sequence('assembly', 'id'))::int as id`,
  )
  const { id } = next!
  await rows(
    db,
    `insert into assembly (id, campaign_id, unit_id, title, starts_at, screen_hash, entrance_hash, account_id, created_at)
     overriding system value
     values (:id, :campaignId, :unitId, :title, :startsAt, :screen, :entrance, :accountId, :now)`,
    { ...rest, id, ...hashes(id) },
  )
  return id
}

/** Assemblies of a campaign, newest first. */
export function findAssemblies(db: Database, campaignId: number) {
  return rows<Assembly>(
    db,
    `select ${ASSEMBLY} from assembly where campaign_id = :campaignId order by id desc`,
    { campaignId },
  )
}

export function findAssembly(db: Database, id: number) {
  return row<Assembly>(db, `select ${ASSEMBLY} from assembly where id = :id`, { id })
}

/** The assembly that a secret address leads to. */
export function findAssemblyByHash(db: Database, by: { door: 'screen' | 'entrance'; hash: Buffer }) {
  return row<Assembly>(db, `select ${ASSEMBLY} from assembly where ${by.door}_hash = :hash`, {
    hash: by.hash,
  })
}

/** From now on screen and entrance are shut; false when they were. */
export async function endAssembly(db: Database, which: { id: number; now: Date }): Promise<boolean> {
  const found = await row(
    db,
    'update assembly set ended_at = :now where id = :id and ended_at is null returning 1',
    which,
  )
  return found !== undefined
}

/** Writes down that somebody is there; the first time counts. */
export async function insertAttendance(
  db: Database,
  who: { assemblyId: number; employeeId: number; officerId: number | null; now: Date },
): Promise<boolean> {
  const found = await row(
    db,
    `insert into attendance (assembly_id, employee_id, at, officer_id)
     values (:assemblyId, :employeeId, :now, :officerId) on conflict do nothing returning 1`,
    who,
  )
  return found !== undefined
}

/** How many are there, and how many of them an officer wrote down. */
export async function countAttendance(
  db: Database,
  assemblyId: number,
): Promise<{ all: number; byOfficer: number }> {
  const found = await row<{ all: number; byOfficer: number }>(
    db,
    `select count(*)::int as all, count(officer_id)::int as "byOfficer" from attendance where assembly_id = :assemblyId`,
    { assemblyId },
  )
  return found!
}

/** Who is there, newest first, with whether they have signed by now. */
export function findAttendance(db: Database, query: { assemblyId: number; limit: number }) {
  return rows<{ employeeId: number; at: Date; officerId: number | null }>(
    db,
    `select employee_id as "employeeId", at, officer_id as "officerId" from attendance
     where assembly_id = :assemblyId order by at desc, employee_id limit :limit`,
    query,
  )
}

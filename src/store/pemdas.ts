// The regional governments that this installation serves, and what stands above their letters.
import type { TimeZone } from '../domain/campaign.js'
import type { RegionShape } from '../domain/geojson.js'
import { type Database, row, rows } from './db.js'

export interface Pemda {
  id: number
  parentId: number | null // the government above: a province
  code: string
  name: string
  governmentName: string
  shortName: string
  seat: string
  timeZone: TimeZone
  letterheadAddress: string
  contact: string
  retention: string
  /** SHA-256 of the emblem, hexadecimal; null while there is none. */
  emblemSha256: string | null
}

/** A pemda as it is entered. */
export type PemdaStated = Omit<Pemda, 'id' | 'parentId' | 'emblemSha256'>

const PEMDA = `id, parent_id as "parentId", code, name, government_name as "governmentName", short_name as "shortName", seat,
  time_zone as "timeZone", letterhead_address as "letterheadAddress", contact, retention,
  encode(sha256(emblem), 'hex') as "emblemSha256"`

/** Inserts a pemda, or leaves the one with this code as it is. */
export async function insertPemda(db: Database, pemda: PemdaStated & { now: Date }): Promise<void> {
  await rows(
    db,
    `insert into pemda (code, name, government_name, short_name, seat, time_zone, letterhead_address, contact,
       retention, created_at)
     values (:code, :name, :governmentName, :shortName, :seat, :timeZone, :letterheadAddress, :contact, :retention, :now)
     on conflict (code) do nothing`,
    pemda,
  )
}

/** Which governments stand directly below one of `pemdaIds`. */
export function findPemdasBelow(db: Database, pemdaIds: number[]) {
  return rows<{ id: number; parentId: number; code: string; name: string }>(
    db,
    'select id, parent_id as "parentId", code, name from pemda where parent_id = any (:pemdaIds) order by code',
    { pemdaIds },
  )
}

/** Puts a government below another, by their codes; false when a code is unknown. */
export async function setPemdaParent(
  db: Database,
  which: { code: string; parentCode: string },
): Promise<boolean> {
  const found = await row(
    db,
    `update pemda set parent_id = above.id from pemda as above
     where pemda.code = :code and above.code = :parentCode and above.id <> pemda.id returning 1`,
    which,
  )
  return found !== undefined
}

/** Neutrality violations of a year as somebody published them. */
export interface ViolationFigure {
  pemdaId: number
  year: number
  election: string
  n: number
  source: string
}

/** The figures of a government and of those directly below it, oldest first. */
export function findViolations(db: Database, pemdaId: number) {
  return rows<ViolationFigure>(
    db,
    `select pemda_id as "pemdaId", year, election, n, source
     from violation_figure join pemda on pemda.id = pemda_id
     where pemda.id = :pemdaId or pemda.parent_id = :pemdaId
     order by year, pemda.code`,
    { pemdaId },
  )
}

/** Enters a figure, or mends the one of that year. */
export async function saveViolation(
  db: Database,
  figure: ViolationFigure & { accountId: number; now: Date },
): Promise<void> {
  await rows(
    db,
    `insert into violation_figure (pemda_id, year, election, n, source, account_id, at)
     values (:pemdaId, :year, :election, :n, :source, :accountId, :now)
     on conflict (pemda_id, year) do update set election = excluded.election, n = excluded.n,
       source = excluded.source, account_id = excluded.account_id, at = excluded.at`,
    figure,
  )
}

export function findPemdas(db: Database) {
  return rows<Pemda>(db, `select ${PEMDA} from pemda order by code`)
}

export function findPemdaByCode(db: Database, code: string) {
  return row<Pemda>(db, `select ${PEMDA} from pemda where code = :code`, { code })
}

export function findPemda(db: Database, id: number) {
  return row<Pemda>(db, `select ${PEMDA} from pemda where id = :id`, { id })
}

/** Locks a pemda until the transaction ends, so that its roster is changed by one file at a time. */
export async function lockPemda(db: Database, id: number): Promise<void> {
  await rows(db, `select from pemda where id = :id for no key update`, { id })
}

/** Sets the emblem (PNG or JPEG), or takes it away. */
export async function updateEmblem(db: Database, id: number, emblem: Uint8Array | null): Promise<void> {
  await rows(db, 'update pemda set emblem = :emblem where id = :id', {
    id,
    emblem: emblem && Buffer.from(emblem),
  })
}

/** @param sha256 hexadecimal */
export async function findEmblem(db: Database, sha256: string): Promise<Uint8Array | undefined> {
  const found = await row<{ emblem: Uint8Array }>(
    db,
    `select emblem from pemda where encode(sha256(emblem), 'hex') = :sha256 limit 1`,
    { sha256 },
  )
  return found?.emblem
}

/** Replaces a government's map by another; an empty one takes it away. */
export async function replaceShapes(
  db: Database,
  pemdaId: number,
  shapes: readonly RegionShape[],
): Promise<void> {
  await rows(db, 'delete from region_shape where pemda_id = :pemdaId', { pemdaId })
  await rows(
    db,
    `insert into region_shape (pemda_id, code, polygons)
     select :pemdaId, code, polygons from jsonb_to_recordset(:shapes::jsonb) as shape (code text, polygons jsonb)`,
    { pemdaId, shapes: JSON.stringify(shapes) },
  )
}

/** Outlines of some regions, in the order of their codes; of a whole map when no codes are given. */
export function findShapes(db: Database, query: { pemdaId: number; codes?: readonly string[] }) {
  return rows<RegionShape>(
    db,
    `select code, polygons from region_shape
     where pemda_id = :pemdaId and (:codes::text[] is null or code = any (:codes)) order by code`,
    { pemdaId: query.pemdaId, codes: query.codes ? [...query.codes] : null },
  )
}

/** How many regions a government's map has. */
export async function countShapes(db: Database, pemdaId: number): Promise<number> {
  const found = await row<{ n: number }>(
    db,
    'select count(*)::int as n from region_shape where pemda_id = :pemdaId',
    { pemdaId },
  )
  return found!.n
}

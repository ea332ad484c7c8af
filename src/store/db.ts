import { mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createHash } from 'node:crypto'
import { PGlite } from '@electric-sql/pglite'
import knex, { type Knex } from 'knex'
import ClientPgLite from 'knex-pglite'
import { PactError } from '../domain/errors.js'

/** An open database or one of its transactions; every store function takes either. */
export type Database = Knex

interface Query {
  sql: string
  bindings?: unknown[]
  response?: unknown
}
declare class ClientWithQuery {
  _query(connection: PGlite, query: Query): Promise<Query>
}

/**
 * knex sends everything to PGlite as a prepared statement, which holds one command only; a migration is many.
 * Without bindings PGlite's own `exec` takes them all.
 */
class EmbeddedClient extends (ClientPgLite as unknown as new (config: object) => ClientWithQuery) {
  override async _query(connection: PGlite, query: Query): Promise<Query> {
    if (query.bindings?.length || !query.sql.includes(';')) return super._query(connection, query)
    const results = await connection.exec(query.sql)
    query.response = results.at(-1) ?? { rows: [] }
    return query
  }
}

/**
 * Opens PostgreSQL at `url`, or the embedded PostgreSQL (PGlite) in `folder`.
 *
 * @param source `url`: a postgres:// address; `folder`: a directory, made when missing; `dump`: the bytes of a
 *   PGlite data directory, opened in memory (tests)
 * @throws DATABASE_UNAVAILABLE when nothing answers
 */
export async function openDatabase(
  source: { url: string; connectionsMax?: number } | { folder: string } | { pglite: PGlite },
): Promise<Database> {
  if ('url' in source) {
    const db = knex({
      client: 'pg',
      connection: { connectionString: source.url, statement_timeout: 300_000 },
      pool: { min: 0, max: source.connectionsMax ?? 8 },
    })
    try {
      await db.raw('select 1')
    } catch (cause) {
      await db.destroy()
      throw new PactError('DATABASE_UNAVAILABLE', `PostgreSQL does not answer: ${(cause as Error).message}`, {
        cause,
      })
    }
    return db
  }
  let pglite: PGlite
  if ('folder' in source) {
    mkdirSync(source.folder, { recursive: true })
    pglite = await PGlite.create(source.folder)
  } else pglite = source.pglite
  return knex({
    client: EmbeddedClient as unknown as typeof knex.Client,
    connection: { pglite } as object,
    // One connection is all there is (knex-pglite sees to it): a query outside a transaction waits for it.
    acquireConnectionTimeout: 120_000,
  })
}

/** Rows of one SQL statement; `:name` in the text stands for `bindings.name`. */
export async function rows<Row = Record<string, unknown>>(
  db: Database,
  sql: string,
  bindings: object = {},
): Promise<Row[]> {
  const result = await db.raw<{ rows: Row[] }>(sql, bindings as never)
  return result.rows
}

/** The first row, or undefined. */
export async function row<Row = Record<string, unknown>>(
  db: Database,
  sql: string,
  bindings: object = {},
): Promise<Row | undefined> {
  return (await rows<Row>(db, sql, bindings))[0]
}

/** Runs `work` in one transaction: all of it is kept, or none. */
export function transact<Result>(db: Database, work: (tx: Database) => Promise<Result>): Promise<Result> {
  return db.transaction((tx) => work(tx))
}

/**
 * Tells the planner how much the tables hold now. PostgreSQL does so by itself after a while, the embedded one
 * never; after a big write neither can wait: a wrong guess makes the coverage a hundred times slower.
 */
export async function refreshStatistics(db: Database, tables: readonly string[]): Promise<void> {
  await db.raw(`analyze ${tables.join(', ')}`)
}

/**
 * Applies the numbered SQL files of `folder` that the database does not have yet, each in a transaction.
 *
 * @returns the names applied now
 * @throws BAD_CONFIG when a file that was applied has been edited since: migrations only go forward
 */
export async function migrate(db: Database, folder: string): Promise<string[]> {
  await db.raw('create table if not exists migration (name text primary key, sha256 text not null)')
  const applied: string[] = []
  for (const name of readdirSync(folder)
    .filter((file) => /^\d{4}_.*\.sql$/.test(file))
    .sort()) {
    const sql = readFileSync(join(folder, name), 'utf8')
    const sha256 = createHash('sha256').update(sql).digest('hex')
    await transact(db, async (tx) => {
      // Two servers may start at once: the second waits here and then finds the work done.
      await tx.raw('lock table migration in exclusive mode')
      const known = await row<{ sha256: string }>(tx, 'select sha256 from migration where name = :name', {
        name,
      })
      if (known && known.sha256 !== sha256)
        throw new PactError(
          'BAD_CONFIG',
          `migration ${name} was edited after it was applied; restore it, add a new one`,
        )
      if (known) return
      await tx.raw(sql)
      await rows(tx, 'insert into migration values (:name, :sha256)', { name, sha256 })
      applied.push(name)
    })
  }
  return applied
}

import assert from 'node:assert/strict'
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { migrate, openDatabase, row, rows, transact } from '../../src/store/db.js'
import { openFresh, ROOT } from '../house.js'
import { refuses } from '../refusal.js'

const { db, close } = await openFresh()
const folder = mkdtempSync(join(tmpdir(), 'pakta-migrations-'))
after(async () => {
  await close()
  rmSync(folder, { recursive: true, force: true })
})
cpSync(join(ROOT, 'migrations'), folder, { recursive: true })

test('a database that is up to date gets nothing, a new file once, also from two servers at once', async () => {
  assert.deepEqual(await migrate(db, folder), [])
  writeFileSync(
    join(folder, '9000_more.sql'),
    'create table more (id integer);\ninsert into more values (1), (2);\n',
  )
  const applied = await Promise.all([migrate(db, folder), migrate(db, folder)])
  assert.deepEqual(applied.flat(), ['9000_more.sql'])
  assert.deepEqual(await row(db, 'select count(*)::int as n from more'), { n: 2 })
})

test('a migration that fails leaves nothing of itself', async () => {
  const path = join(folder, '9001_broken.sql')
  writeFileSync(path, 'create table half (id integer);\nselect no_such_function();\n')
  await assert.rejects(migrate(db, folder), /no_such_function/)
  await assert.rejects(rows(db, 'select * from half'), /half/)
  rmSync(path)
})

test('a migration that was edited after it was applied is refused', async () => {
  writeFileSync(join(folder, '9000_more.sql'), 'create table more (id bigint);\n')
  await refuses(migrate(db, folder), 'BAD_CONFIG')
})

test('a transaction that throws keeps nothing', async () => {
  const work = transact(db, async (tx) => {
    await rows(tx, 'insert into more values (:id)', { id: 3 })
    throw new Error('no')
  })
  await assert.rejects(work, /^Error: no$/)
  assert.deepEqual(await row(db, 'select count(*)::int as n from more'), { n: 2 })
})

test('values are bound, never part of the statement', async () => {
  const evil = `'; drop table more; --`
  assert.deepEqual(await row(db, 'select :evil::text as text, :evil::text as again', { evil }), {
    text: evil,
    again: evil,
  })
  assert.deepEqual(await row(db, 'select count(*)::int as n from more'), { n: 2 })
})

test('a PostgreSQL that does not answer is named as such, without its password', async () => {
  const url = 'postgres://pakta:rahasia@127.0.0.1:9/pakta'
  await refuses(openDatabase({ url }), 'DATABASE_UNAVAILABLE')
  await assert.rejects(openDatabase({ url }), (error: Error) => !error.message.includes('rahasia'))
})

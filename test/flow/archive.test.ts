import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after, test } from 'node:test'
import { PactError } from '../../src/domain/errors.js'
import { readRevisions } from '../../src/evidence/signed-file.js'
import { holdTimestampAuthority } from '../../src/evidence/timestamp.js'
import { checkPdf } from '../../src/evidence/verdict.js'
import { OUTAGE_REST_SECONDS } from '../../src/flow/batch.js'
import { AGE_SECONDS, archiveDue } from '../../src/flow/archive.js'
import { readPact } from '../../src/flow/file.js'
import { sealDue } from '../../src/flow/seal.js'
import { row } from '../../src/store/db.js'
import { rotateKey } from '../../src/store/key-care.js'
import { openKeys } from '../../src/store/keys.js'
import { DAY, HOUR, openTestHouse } from '../house.js'

const house = await openTestHouse({ after })
await house.openCampaign()

async function fileOf(key: string) {
  const pdf = await readPact(house.house, house.db, (await house.partyOf(key)).pactId)
  return { pdf, kinds: readRevisions(pdf).increments.map(({ kind }) => kind) }
}
// Evidence that was gathered is covered a second later.
const age = () => (house.now = new Date(house.now.getTime() + AGE_SECONDS * 1000))
const judge = (pdf: Uint8Array, at = house.now) => checkPdf(pdf, { roots: house.house.keys.roots, at })

test('a pact that waits for its witness for days gets its evidence before the signer’s certificate ends', async () => {
  await house.advance()
  await house.sign('kadis')
  await house.advance()
  assert.deepEqual((await fileOf('kadis')).kinds, ['signature'])
  house.now = new Date(house.now.getTime() + 17 * HOUR)
  await house.advance()
  assert.deepEqual(
    (await fileOf('kadis')).kinds,
    ['signature'],
    'evidence is a second older than its timestamp',
  )
  age()
  await house.advance()
  age()
  await house.advance()
  assert.deepEqual(
    (await fileOf('kadis')).kinds,
    ['signature', 'store', 'stamp'],
    'once, not again and again',
  )
  house.now = new Date(house.now.getTime() + 3 * DAY)
  await house.witness()
  await house.advance()
  const { pdf, kinds } = await fileOf('kadis')
  assert.deepEqual(kinds, ['signature', 'store', 'stamp', 'signature', 'signature', 'store', 'stamp'])
  const verdict = judge(pdf)
  assert.equal(verdict.conclusion, 'VALID', JSON.stringify(verdict.checks))
  assert.equal(verdict.level, 'PAdES-BASELINE-LTA')
  await house.check()
})

test('a timestamp that cannot be had leaves a sealed pact at B-T; it is taken on when it can, and once', async () => {
  const { tsa } = house.house
  await house.sign('plt')
  await sealDue(house.house, house.clock)
  await house.witness()
  while (await sealDue(house.house, house.clock));
  house.now = new Date(house.now.getTime() + 3000)
  house.house.tsa = {
    ...tsa,
    stamp: () => Promise.reject(new PactError('TSA_UNAVAILABLE', 'tidak menjawab')),
  }
  assert.equal(await archiveDue(house.house, house.clock), 0)
  age()
  assert.equal(await archiveDue(house.house, house.clock), 0)
  const waiting = await fileOf('plt')
  assert.deepEqual(waiting.kinds, ['signature', 'signature', 'signature'])
  const before = judge(waiting.pdf)
  assert.deepEqual([before.conclusion, before.level], ['INCOMPLETE', 'PAdES-BASELINE-T'])
  // Said once, and left alone for a while: asking at once for every other pact would help nobody.
  assert.deepEqual(house.logs, ['archive: tidak menjawab'])
  house.logs.length = 0
  house.house.tsa = tsa
  assert.equal(await archiveDue(house.house, house.clock), 0)
  house.now = new Date(house.now.getTime() + OUTAGE_REST_SECONDS * 1000)
  assert.equal(await archiveDue(house.house, house.clock), 0, 'gathered')
  // Looking again too early must not begin anew, or a busy service would never get there.
  for (const _ of [1, 2]) {
    assert.equal(await archiveDue(house.house, house.clock), 0)
    house.now = new Date(house.now.getTime() + (AGE_SECONDS * 1000) / 2)
  }
  const outcomes = await Promise.all(Array.from({ length: 4 }, () => archiveDue(house.house, house.clock)))
  assert.equal(
    outcomes.reduce((sum, one) => sum + one, 0),
    1,
    'four at once do it once',
  )
  assert.equal(judge((await fileOf('plt')).pdf).conclusion, 'VALID')
  await house.check()
})

test('a file is renewed before its last timestamp ends, and lasts on', async () => {
  const { pactId } = await house.partyOf('kadis')
  const until = async () =>
    (await row<{ until: Date }>(house.db, 'select archive_until as until from pact where id = :pactId', {
      pactId,
    }))!.until
  const end = await until()
  const kept = { now: house.now, keys: house.house.keys }
  house.now = new Date(end.getTime() - 100 * DAY)
  assert.equal(await archiveDue(house.house, house.clock), 0, 'the same certificate again would add nothing')
  // The next certificate of the timestamp authority; the seal's has ended long since.
  const care = { now: house.now, random: randomBytes, secrets: {} }
  for (const name of ['stempel-waktu', 'segel', 'ocsp-segel', 'ocsp-penanda-tangan'])
    await rotateKey(house.keysFolder, { name }, care)
  const keys = openKeys(house.keysFolder, { demo: false, now: house.now })
  const { tsa } = house.house
  house.house.keys = keys
  house.house.tsa = holdTimestampAuthority(keys.stamper, {
    clock: house.clock,
    nextSerial: () => randomBytes(8),
  })
  // Both pacts go on, each once.
  assert.equal(await archiveDue(house.house, house.clock), 0, 'gathered')
  age()
  assert.equal(await archiveDue(house.house, house.clock), 2)
  assert.equal(await archiveDue(house.house, house.clock), 0)
  const { pdf, kinds } = await fileOf('kadis')
  assert.equal(kinds.filter((kind) => kind === 'stamp').length, 3)
  const verdict = judge(pdf, new Date(end.getTime() + 5 * 365 * DAY))
  assert.equal(verdict.conclusion, 'VALID', JSON.stringify(verdict.checks))
  Object.assign(house.house, { keys: kept.keys, tsa })
  house.now = kept.now
})

import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { countDue, recountDue } from '../../src/flow/cover.js'
import { coverUnit } from '../../src/flow/standing.js'
import { closeCampaign, excludeEmployee, includeEmployee, openCampaign } from '../../src/flow/open.js'
import { findRecount } from '../../src/store/coverage.js'
import { row, rows, transact } from '../../src/store/db.js'
import { DAY, openTestHouse } from '../house.js'

const house = await openTestHouse({ after })
const campaign = await house.openCampaign()
const cover = () =>
  coverUnit(house.house, { campaign, pemda: house.pemda, unitId: undefined, now: house.now })

test('who comes, goes and is excluded is in the trend, with the day and the cause', async () => {
  assert.deepEqual((await cover()).changes, [], 'the roster that a campaign starts with is no change')
  const employeeId = await house.employeeId('mawar1')
  const excluded = { campaignId: campaign.id, employeeId }
  await excludeEmployee(house.house, { ...excluded, reason: 'CUTI', note: '' }, house.admin())
  const one = (cause: string, arrived: number, went: number) => ({ day: '2027-02-02', cause, arrived, went })
  assert.deepEqual((await cover()).changes, [one('CUTI', 0, 1)])
  await includeEmployee(house.house, excluded, house.admin())
  assert.deepEqual((await cover()).changes, [one('CUTI', 0, 1), one('INCLUDED', 1, 0)])
  const rest = house.people.filter((person) => person.key !== 'dinas3')
  await house.importRoster(rest)
  assert.deepEqual((await cover()).changes.at(-1), one('LEFT', 0, 1))
  await house.importRoster(house.people)
  assert.deepEqual((await cover()).changes[0], one('ADDED', 1, 0))
  const from = await house.unitId('74.71.01.1001')
  const inKelurahan = () =>
    coverUnit(house.house, { campaign, pemda: house.pemda, unitId: from, now: house.now })
  const before = (await inKelurahan()).node.total.required
  const moved = house.people.map((person) =>
    person.key === 'anggrek1' ? { ...person, unit: house.person('mawar1').unit } : person,
  )
  await house.importRoster(moved)
  const after = await inKelurahan()
  assert.equal(after.node.total.required, before - 1)
  assert.deepEqual(after.changes, [one('MOVED', 0, 1)])
  assert.ok(!(await cover()).changes.some((change) => change.cause === 'MOVED'), 'the whole did not change')
  await house.importRoster(house.people)
  await house.check()
})

test('a nightly recount finds a counter that differs from the facts, mends it and says so', async () => {
  const clock = house.clock
  house.now = new Date('2027-02-03T17:59:00Z') // 00.59 in WIB
  while ((await recountDue(house.house, clock)) > 0);
  house.now = new Date('2027-02-03T18:01:00Z')
  assert.equal(await recountDue(house.house, clock), 1, 'one minute after one o’clock')
  assert.equal(await recountDue(house.house, clock), 0, 'once a night')
  assert.equal((await findRecount(house.db, campaign.id))!.differences, 0)
  const right = (await cover()).node.total
  await rows(house.db, 'update coverage_count set signed = signed + 1 where unit_id = 0 and not is_non_asn')
  await rows(
    house.db,
    `update coverage_tally set n = n - 1 where unit_id = 0 and kind = 'status' and name = 'waiting'`,
  )
  await rows(house.db, 'alter table employee disable trigger employee_counted_update')
  await rows(house.db, `update employee set legal_status = 'CLTN' where id = :id`, {
    id: await house.employeeId('mawar1'),
  })
  await rows(house.db, 'alter table employee enable trigger employee_counted_update')
  assert.notDeepEqual((await cover()).node.total, right)
  house.now = new Date(house.now.getTime() + DAY)
  assert.equal(await recountDue(house.house, clock), 1)
  assert.equal((await findRecount(house.db, campaign.id))!.differences, 3)
  assert.match(house.logs.splice(0).join('\n'), /3 counters or people of \d+ differed/)
  const mended = (await cover()).node.total
  assert.deepEqual(mended, { ...right, required: right.required - 1, exempt: right.exempt + 1 })
  await house.importRoster(house.people)
  await house.check()
})

test('a closed campaign keeps the numbers that it closed with, and is counted again when it opens', async () => {
  const before = (await cover()).node.total
  await closeCampaign(house.house, campaign.id, house.admin())
  await house.importRoster(house.people.filter((person) => person.key !== 'dinas3'))
  await countDue(house.house, house.clock)
  assert.deepEqual((await cover()).node.total, before)
  await openCampaign(house.house, campaign.id, house.admin())
  assert.equal((await cover()).node.total.required, before.required - 1)
  await house.importRoster(house.people)
  await house.advance()
  await house.check()
})

// The embedded database has one connection, so nothing can wait there.
const ifRaces = house.isPostgres ? test : () => undefined
ifRaces('people of one unit sign at once and wait for no counter', async () => {
  const parties = await rows<{ id: number }>(
    house.db,
    `select party.id from party join pact on pact.id = pact_id where campaign_id = :id and role = 'signer' and opened_at is null order by 1 limit 2`,
    { id: campaign.id },
  )
  const open = (tx: typeof house.db, id: number) =>
    rows(tx, 'update party set opened_at = :now where id = :id', { id, now: house.now })
  const before = (await cover()).node.total.opened
  await transact(house.db, async (first) => {
    await open(first, parties[0]!.id)
    await transact(house.db, async (second) => {
      await second.raw(`set local lock_timeout = '500ms'`)
      await open(second, parties[1]!.id)
    })
    await countDue(house.house, house.clock)
    const found = await row<{ opened: number }>(
      house.db,
      'select sum(opened)::int as opened from coverage_count where campaign_id = :id and unit_id = 0',
      { id: campaign.id },
    )
    assert.equal(found!.opened, before + 1, 'the one that is kept counts; the open one does not hold it up')
  })
  assert.equal((await cover()).node.total.opened, before + 2)
  await house.check()
})

// What heads of units get by mail on the days that a campaign asks for.
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { isoWeekday } from '../../src/domain/campaign.js'
import { digestDue } from '../../src/flow/digest.js'
import { rows } from '../../src/store/db.js'
import { DAY, HOUR, openTestHouse } from '../house.js'

const house = await openTestHouse({ after }) // a Tuesday, noon
const head = house.accounts.unit_head
const digests = () =>
  house.post.mailsTo(head.email).filter(({ subject }) => subject.includes('sudah menandatangani, kurang'))
await house.openCampaign({
  mailPolicy: { quietFromHour: 0, quietUntilHour: 0, remindAfterDays: [], digestWeekdays: [3] },
})
await house.openGates('kadis')

test('weekdays are those of ISO 8601', () => {
  for (const [day, weekday] of [
    ['2027-02-01', 1],
    ['2027-02-03', 3],
    ['2027-02-07', 7],
  ] as const)
    assert.equal(isoWeekday(day), weekday)
})

test('on the day asked for, from seven o’clock, a head gets how the unit stands, once', async () => {
  await house.advance()
  assert.equal(digests().length, 0, 'a Tuesday')
  house.now = new Date('2027-02-02T22:30:00Z') // Wednesday, 06.30 WITA
  await house.advance()
  assert.equal(digests().length, 0, 'too early')
  await house.sign('bidang1')
  house.now = new Date(house.now.getTime() + HOUR)
  await house.advance()
  const [mail, ...more] = digests()
  assert.equal(more.length, 0)
  assert.match(mail!.subject, /Dinas Kesehatan: \d+,\d% sudah menandatangani, kurang \d+ orang/)
  assert.match(mail!.text, /Sudah menandatangani: 2 orang/)
  assert.match(mail!.text, /\/masuk/)
  // Another process, or this one started again, asks the database and not its memory.
  assert.equal(await digestDue({ ...house.house }, house.now), 0)
  house.now = new Date(house.now.getTime() + DAY)
  await house.advance()
  assert.equal(digests().length, 1, 'a Thursday')
  await house.check()
})

test('a unit that is complete, or a campaign that is closed, is not written to', async () => {
  house.now = new Date(house.now.getTime() + 6 * DAY)
  assert.ok((await digestDue(house.house, house.now)) > 0)
  await rows(house.db, `update campaign set state = 'closed', closed_at = :now`, { now: house.now })
  await house.advance()
  assert.equal(digests().length, 1)
})

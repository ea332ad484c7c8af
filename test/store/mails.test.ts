import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { row, rows } from '../../src/store/db.js'
import { endMail, insertMail, leaseMails, releaseMail } from '../../src/store/mails.js'
import { openTestHouse } from '../house.js'

const house = await openTestHouse({ after })
await rows(house.db, 'delete from mail')
const until = new Date(house.now.getTime() + 60_000)
const accountId = house.accounts.administrator.id
let count = 0
const queue = (step: string, change: object = {}) =>
  insertMail(
    house.db,
    {
      kind: 'signin',
      step,
      accountId,
      address: 'Budi@KOTA.example',
      messageId: `<${++count}@pakta.example>`,
      dueAt: house.now,
      ...change,
    },
    house.now,
  )
const lease = (now = house.now, limit = 80) => leaseMails(house.db, { now, until, limit })

test('two post offices never take the same mail, and neither takes one that is not due', async () => {
  for (let index = 0; index < 30; index++) await queue(`step-${index}`)
  await queue('later', { dueAt: until })
  const taken = (await Promise.all([lease(house.now, 20), lease(house.now, 20), lease(house.now, 20)])).flat()
  assert.equal(taken.length, 30)
  assert.equal(new Set(taken.map((mail) => mail.id)).size, 30)
  assert.deepEqual([...new Set(taken.map((mail) => mail.domain))], ['kota.example'])
  assert.deepEqual(await lease(), [])
})

test('a lease that ran out is taken again; a mail that has ended is not', async () => {
  const again = await lease(until)
  assert.equal(again.length, 31)
  assert.ok(again.every((mail) => mail.attempts === (mail.step === 'later' ? 1 : 2)))
  for (const { id } of again)
    assert.equal(await endMail(house.db, { id, state: 'sent', reply: '250', now: until }), true)
  assert.equal(
    await endMail(house.db, { id: again[0]!.id, state: 'refused', reply: '550', now: until }),
    false,
  )
  assert.deepEqual(await lease(new Date(until.getTime() * 2)), [])
})

test('putting a mail back untried takes the attempt back, and keeps the last reply', async () => {
  await queue('again')
  const [mail] = await lease()
  await releaseMail(house.db, { id: mail!.id, dueAt: house.now, reply: '451 later', isUntried: false })
  await lease()
  await releaseMail(house.db, { id: mail!.id, dueAt: until, reply: null, isUntried: true })
  const kept = await row(house.db, 'select state, attempts, reply, lease_until from mail where id = :id', {
    id: mail!.id,
  })
  assert.deepEqual(kept, { state: 'queued', attempts: 1, reply: '451 later', lease_until: null })
})

test('a party has one mail a step, whoever asks and however often', async () => {
  await rows(house.db, `update campaign set state = 'open'`)
  await house.openCampaign()
  await house.advance()
  const { partyId } = await house.partyOf('kadis')
  const asked = await Promise.all(
    Array.from({ length: 5 }, () => queue('reminder-1', { partyId, kind: 'reminder' })),
  )
  assert.equal(asked.filter(Boolean).length, 1)
})

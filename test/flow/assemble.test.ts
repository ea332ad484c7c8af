// An apel: the entrance tells nobody anything, sends the living link, and writes down who was there.
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import request from 'supertest'
import {
  closeAssembly,
  doorsOf,
  enter,
  openAssembly,
  openDoor,
  readPledge,
  readScreen,
} from '../../src/flow/assemble.js'
import { countAttendance, findAttendance } from '../../src/store/assemblies.js'
import { row } from '../../src/store/db.js'
import { HOUR, openTestHouse } from '../house.js'
import { refuses } from '../refusal.js'

const house = await openTestHouse({ after })
const campaign = await house.openCampaign()
await house.openGates('kadis')
const open = async (unitId: number | null = null) => {
  const id = await openAssembly(
    house.house,
    { campaign, unitId, title: 'Apel Netralitas', startsAt: house.now },
    house.admin(),
  )
  return { id, ...doorsOf(house.house, { id }) }
}
const ask = (entrance: string, number: string) =>
  request(house.app)
    .post(`/apel/${entrance}`)
    .set('Origin', 'http://pakta.rekaan.example')
    .type('form')
    .send({ number })
const hallOf = async (entrance: string) => (await openDoor(house.house, 'entrance', entrance))!

test('whoever types a number gets the same answer, and only the one on file gets a mail with the living link', async () => {
  const { id, entrance } = await open()
  const person = house.person('dinas1')
  const before = house.post.mailsTo(person.email).length
  const link = house.token('dinas1')
  house.now = new Date(house.now.getTime() + HOUR)
  const spaced = person.identityNumber.replace(/(\d{8})(\d{6})(\d)(\d{3})/, '$1 $2 $3 $4')
  const known = await ask(entrance, spaced).expect(200)
  const unknown = await ask(entrance, '199001012020121999').expect(200)
  assert.equal(known.text, unknown.text)
  assert.ok(!known.text.includes(person.name) && !known.text.includes(person.email))
  await house.advance()
  assert.equal(house.post.mailsTo(person.email).length, before + 1)
  assert.equal(house.token('dinas1'), link, 'a link that somebody may be reading stays good')
  await ask(entrance, spaced).expect(200)
  await house.advance()
  assert.equal(house.post.mailsTo(person.email).length, before + 1, 'not again within the hour')
  assert.deepEqual(await countAttendance(house.db, id), { all: 1, byOfficer: 0 })
  const refused = await ask(entrance, '   ').expect(400)
  assert.match(refused.text, /Ketik nomor induk Anda/)
})

test('presence is counted once, apart from signing, and says when an officer wrote it down', async () => {
  const { id, entrance } = await open()
  const hall = await hallOf(entrance)
  await enter(house.house, hall, house.person('dinas2').identityNumber, house.act())
  await enter(house.house, hall, house.person('dinas2').identityNumber, house.admin())
  await enter(house.house, hall, house.person('bidang1').identityNumber, house.admin())
  assert.deepEqual(await countAttendance(house.db, id), { all: 2, byOfficer: 1 })
  const people = await findAttendance(house.db, { assemblyId: id, limit: 10 })
  assert.deepEqual(
    new Map(people.map((one) => [one.employeeId, one.officerId !== null])),
    new Map([
      [await house.employeeId('dinas2'), false],
      [await house.employeeId('bidang1'), true],
    ]),
  )
  const { signed, present } = await readScreen(house.house, hall, house.now)
  assert.equal(present, 2)
  assert.equal(signed, 1, 'the head alone has signed')
})

test('the screen counts a signature at once, names its unit and nobody', async () => {
  const { screen } = await open()
  const feed = async () =>
    JSON.parse((await request(house.app).get(`/layar/${screen}/aliran`).expect(200)).text) as {
      signed: number
      recent: { unitName: string }[]
    }
  const before = await feed()
  await house.sign('bidang1')
  const after = await feed()
  assert.equal(after.signed, before.signed + 1)
  const { unit } = house.person('bidang1')
  const named = (await row<{ name: string }>(house.db, 'select name from unit where code = :unit', { unit }))!
  assert.equal(after.recent[0]!.unitName, named.name)
  const page = await request(house.app).get(`/layar/${screen}`).expect(200)
  for (const { name } of house.people)
    assert.ok(!page.text.includes(name) && !JSON.stringify(after).includes(name))
  await request(house.app)
    .get(`/layar/${screen.slice(1)}a`)
    .expect(404)
})

test('an apel of one unit counts that unit, and takes in nobody else', async () => {
  const { id, entrance, screen } = await open(await house.unitId('DINKES'))
  const hall = await hallOf(entrance)
  assert.equal(await enter(house.house, hall, house.person('camat').identityNumber, house.act()), undefined)
  assert.equal((await countAttendance(house.db, id)).all, 0)
  const { required } = await readScreen(house.house, hall, house.now)
  const whole = await readScreen(house.house, await hallOf((await open()).entrance), house.now)
  assert.ok(required > 0 && required < whole.required)
  const pledge = await readPledge(house.house, hall)
  const words = JSON.stringify(pledge)
  assert.match(words, /IKRAR NETRALITAS/)
  assert.ok(!words.includes('CATATAN') && !words.includes('"-"'), words)
  await request(house.app).get(`/layar/${screen}/ikrar`).expect(200)
})

test('an apel that has ended lets nobody in; ending it twice is refused', async () => {
  const { id, entrance, screen } = await open()
  await closeAssembly(house.house, id, house.admin())
  await refuses(closeAssembly(house.house, id, house.admin()), 'STALE')
  const before = (await countAttendance(house.db, id)).all
  const { text } = await ask(entrance, house.person('dinas1').identityNumber).expect(410)
  assert.match(text, /Apel sudah diakhiri/)
  assert.equal((await countAttendance(house.db, id)).all, before)
  const feed = JSON.parse(
    (await request(house.app).get(`/layar/${screen}/aliran`).expect(200)).text,
  ) as object
  assert.ok('isEnded' in feed && feed.isEnded)
})

test('after all this the house is in order', () => house.check())

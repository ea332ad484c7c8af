import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import request from 'supertest'
import { advanceAll } from '../../src/flow/advance.js'
import { correctAddress, remindDue, remindNow, remindUnit, sendNewLink } from '../../src/flow/invite.js'
import { deliverMails } from '../../src/flow/deliver.js'
import { excludeEmployee, openGateByOverride } from '../../src/flow/open.js'
import { decline, dispute, openLink, settleDispute } from '../../src/flow/sign.js'
import { requestSignin } from '../../src/flow/signin.js'
import { findGates } from '../../src/store/campaigns.js'
import { refreshCoverage } from '../../src/flow/standing.js'
import { findPeople, findPerson } from '../../src/store/coverage-people.js'
import { row, rows } from '../../src/store/db.js'
import { findTroubledMails, leaseMails } from '../../src/store/mails.js'
import { DAY, HOUR, openTestHouse, type TestHouse } from '../house.js'
import { refuses } from '../refusal.js'

const later = (house: TestHouse, milliseconds: number) =>
  (house.now = new Date(house.now.getTime() + milliseconds))
const subjects = (house: TestHouse, key: string) =>
  house.post.mailsTo(house.person(key).email).map((mail) => mail.subject)
const mailsOf = (house: TestHouse, address: string) =>
  rows<{
    step: string
    state: string
    attempts: number
    reply: string | null
    dueAt: Date
    messageId: string
  }>(
    house.db,
    `select step, state, attempts, reply, due_at as "dueAt", message_id as "messageId"
     from mail where address = :address order by id`,
    { address },
  )
const gateStates = async (house: TestHouse, campaignId: number) =>
  Object.fromEntries((await findGates(house.db, campaignId)).map((gate) => [gate.code, gate.state]))

const house = await openTestHouse({ after })
const campaign = await house.openCampaign()

test('before a gate opens nobody but heads is invited, and has a pact', async () => {
  await house.advance()
  const invited = house.post.mails.filter((mail) => /\/t\//.test(mail.text)).map((mail) => mail.to)
  assert.deepEqual(invited.sort(), ['kadis', 'plt', 'camat'].map((key) => house.person(key).email).sort())
  const classes = await rows<{ signerClass: string }>(
    house.db,
    'select signer_class as "signerClass" from pact',
  )
  assert.deepEqual(
    classes.map((one) => one.signerClass),
    ['HEAD', 'HEAD', 'HEAD'],
  )
  await house.check()
})

test('a gate opens after the witness and the seal, not after the signature alone', async () => {
  await house.sign('kadis')
  await house.advance()
  assert.equal((await gateStates(house, campaign.id))['DINKES'], 'waiting_witness')
  assert.deepEqual(subjects(house, 'dinas1'), [])
  await house.check()
  await house.witness()
  await house.advance()
  assert.equal((await gateStates(house, campaign.id))['DINKES'], 'open')
  assert.equal(subjects(house, 'dinas1').length, 1)
  assert.equal(subjects(house, 'perawat2').length, 1, 'down to the puskesmas')
  assert.deepEqual(subjects(house, 'badan1'), [], 'not next door')
  await house.check()
})

test('an override opens a gate with a reason that is kept, once, and not without one', async () => {
  const unitId = await house.unitId('74.71.01')
  const override = (reason: string) =>
    openGateByOverride(house.house, { campaignId: campaign.id, unitId, reason }, house.admin())
  await refuses(override('   segera   '), 'BAD_FORM')
  await override('Jabatan camat kosong sejak Januari')
  await refuses(override('Jabatan camat kosong sejak Januari'), 'STALE')
  await house.advance()
  assert.equal((await gateStates(house, campaign.id))['74.71.01'], 'overridden')
  assert.equal(subjects(house, 'mawar1').length, 1)
  await house.sign('mawar1')
  await house.advance()
  const [event] = await rows<{ detail: { reason: string } }>(
    house.db,
    `select detail from event where kind = 'gate_overridden'`,
  )
  assert.equal(event!.detail.reason, 'Jabatan camat kosong sejak Januari')
  await house.check()
})

test('opening a link, by whatever program, changes nothing in any table', async () => {
  const token = house.token('dinas1')
  const page = await request(house.app).get(`/t/${token}`).expect(200)
  const paths = [...page.text.matchAll(/href="(\/t\/[^"#?]+)"/g)].map((found) => found[1]!)
  assert.ok(paths.length > 0)
  const before = await house.dump()
  const sent = house.post.mails.length
  for (const path of [`/t/${token}`, ...paths]) {
    await request(house.app).get(path).set('user-agent', 'Mail scanner')
    await request(house.app).head(path)
  }
  await house.advance()
  assert.deepEqual(await house.dump(), before)
  assert.equal(house.post.mails.length, sent)
  await house.check()
})

test('a new link kills the old one and the mail that still carried it', async () => {
  const { email } = house.person('dinas2')
  const { partyId } = await house.partyOf('dinas2')
  const old = house.token('dinas2')
  house.post.answer = (to) => (to === email ? { code: 451, message: 'try later', at: 'RCPT TO' } : 'take')
  assert.equal(await sendNewLink(house.house, partyId, house.act()), 'queued')
  await house.advance()
  assert.equal(await sendNewLink(house.house, partyId, house.act()), 'queued')
  house.post.answer = () => 'take'
  later(house, 5 * 60_000)
  await house.advance()
  const states = (await mailsOf(house, email)).map((mail) => `${mail.step} ${mail.state}`)
  assert.deepEqual(states, ['invitation-1 sent', 'invitation-2 cancelled', 'invitation-3 sent'])
  assert.equal((await openLink(house.house, old, house.now)).outcome, 'replaced')
  assert.equal((await openLink(house.house, house.token('dinas2'), house.now)).outcome, 'valid')
  await house.check()
})

test('new links asked for at the same moment leave one live link', async () => {
  const { partyId } = await house.partyOf('dinas3')
  const answers = await Promise.all(
    Array.from({ length: 6 }, () => sendNewLink(house.house, partyId, house.act())),
  )
  assert.deepEqual([...new Set(answers)].sort(), ['queued', 'too_many'])
  await house.advance()
  const kept = house.post.mailsTo(house.person('dinas3').email).filter((mail) => /\/t\//.test(mail.text))
  const outcomes = []
  for (const mail of kept)
    outcomes.push((await openLink(house.house, /\/t\/([\w-]{43})/.exec(mail.text)![1]!, house.now)).outcome)
  assert.equal(outcomes.filter((outcome) => outcome === 'valid').length, 1, outcomes.join())
  await house.check()
})

test('nobody gets more than four mails about a pact in a day, whoever presses the button', async () => {
  const { partyId } = await house.partyOf('bidang1')
  const answers = []
  for (let count = 0; count < 5; count++) answers.push(await sendNewLink(house.house, partyId, house.admin()))
  assert.deepEqual(answers, ['queued', 'queued', 'queued', 'too_many', 'too_many'])
  assert.equal(await remindNow(house.house, partyId, house.admin()), 'too_many')
  await house.check()
})

test('a corrected address gets a new link, and nothing goes to the old address any more', async () => {
  for (const [key, prepare] of [
    ['bidang2', async () => {}],
    [
      'bidang3',
      () => decline(house.house, house.token('bidang3'), { reason: 'KEBERATAN', note: '' }, house.act()),
    ],
    ['bidang4', () => dispute(house.house, house.token('bidang4'), 'Alamat keliru', house.act())],
  ] as const) {
    await prepare()
    const { email } = house.person(key)
    const old = house.token(key)
    const sent = house.post.mailsTo(email).length
    const fresh = `baru.${email}`
    await correctAddress(
      house.house,
      {
        employeeId: await house.employeeId(key),
        partyId: (await house.partyOf(key)).partyId,
        email: fresh,
        accountId: house.accounts.administrator.id,
      },
      house.act(),
    )
    await house.advance()
    assert.equal(house.post.mailsTo(email).length, sent, key)
    assert.equal((await openLink(house.house, old, house.now)).outcome, 'replaced', key)
    if (key === 'bidang4') {
      assert.equal(house.post.tokenTo(fresh), undefined, 'not before the dispute is settled')
      const { name, titlePrefix, titleSuffix, jabatan, grade } = house.person(key)
      const { partyId } = await house.partyOf(key)
      const accountId = house.accounts.administrator.id
      await settleDispute(
        house.house,
        { partyId, accountId, name, titlePrefix, titleSuffix, jabatan, grade },
        house.act(),
      )
      assert.equal(await sendNewLink(house.house, partyId, house.admin()), 'queued')
      await house.advance()
    }
    const token = house.post.tokenTo(fresh)
    assert.ok(token, `${key}: a link came to the new address`)
    assert.notEqual(token, old)
  }
  await house.check()
})

test('who has no address is listed, and is invited once there is one', async () => {
  const employeeId = await house.employeeId('tanpa-surel')
  assert.equal((await findPerson(house.db, campaign.id, employeeId))!.status, 'undeliverable')
  const { partyId } = await house.partyOf('tanpa-surel')
  assert.equal(await sendNewLink(house.house, partyId, house.admin()), 'no_address')
  const accountId = house.accounts.administrator.id
  await correctAddress(
    house.house,
    { employeeId, partyId, email: 'bidan@rekaan.example', accountId },
    house.act(),
  )
  await house.advance()
  assert.ok(house.post.tokenTo('bidan@rekaan.example'))
  assert.equal((await findPerson(house.db, campaign.id, employeeId))!.status, 'invited')
  await house.check()
})

test('a mail that was on its way when the process died goes out again with its Message-ID and its link', async () => {
  const address = house.accounts.auditor.email
  await requestSignin(house.house, address, house.act())
  // The process takes the mail from the queue and dies.
  const until = new Date(house.now.getTime() + 60_000)
  assert.equal((await leaseMails(house.db, { now: house.now, until, limit: 80 })).length, 1)
  await house.advance()
  assert.equal(house.post.mailsTo(address).filter((mail) => /\/masuk\//.test(mail.text)).length, 0)
  later(house, 61_000)
  await house.advance()
  assert.equal(house.post.mailsTo(address).filter((mail) => /\/masuk\//.test(mail.text)).length, 1)
  await house.check()
})

test('a server that hangs up before it answers gets the same Message-ID and the same link again', async () => {
  const { email } = house.person('lurah2')
  const { partyId } = await house.partyOf('lurah2')
  house.post.answer = (to) => (to === email ? 'drop' : 'take')
  await sendNewLink(house.house, partyId, house.act())
  await house.advance()
  assert.equal((await mailsOf(house, email)).at(-1)!.state, 'queued')
  house.post.answer = () => 'take'
  later(house, 61_000)
  await house.advance()
  const [first, second] = house.post.mailsTo(email).slice(-2)
  assert.equal(first!.messageId, second!.messageId)
  assert.equal(first!.text, second!.text)
  assert.equal((await mailsOf(house, email)).at(-1)!.state, 'sent')
  await house.check()
})

test('an address that a server refuses for good is listed as undeliverable and gets no reminder', async () => {
  const { email } = house.person('anggrek1')
  house.post.answer = (to) =>
    to === email ? { code: 550, message: 'no such user here', at: 'RCPT TO' } : 'take'
  await sendNewLink(house.house, (await house.partyOf('anggrek1')).partyId, house.act())
  await house.advance()
  house.post.answer = () => 'take'
  const [listed] = await findPeople(house.db, {
    campaignId: campaign.id,
    path: '/',
    status: 'undeliverable',
    limit: 10,
    offset: 0,
  })
  assert.equal(listed!.employeeId, await house.employeeId('anggrek1'))
  assert.match(listed!.reason!, /550.*no such user/)
  const [trouble] = await findTroubledMails(house.db, { pemdaId: house.pemda.id, limit: 1 })
  assert.equal(trouble!.address, email)
  const count = house.post.mailsTo(email).length
  await house.check()
  later(house, 3 * DAY + HOUR)
  await house.advance()
  assert.equal(house.post.mailsTo(email).length, count)
  await house.check()
})

test('a server that says later is asked after 1, 2, 4 ... minutes, eight times, and then the person is undeliverable', async () => {
  const { email } = house.person('anggrek2')
  house.post.answer = (to) => (to === email ? { code: 451, message: 'greylisted', at: 'DATA' } : 'take')
  await sendNewLink(house.house, (await house.partyOf('anggrek2')).partyId, house.act())
  const waits = []
  for (;;) {
    await deliverMails(house.house, house.clock)
    const mail = (await mailsOf(house, email)).at(-1)!
    if (mail.state !== 'queued') break
    waits.push((mail.dueAt.getTime() - house.now.getTime()) / 60_000)
    house.now = mail.dueAt
  }
  assert.deepEqual(waits, [1, 2, 4, 8, 16, 32, 64])
  const refused = (await mailsOf(house, email)).at(-1)!
  assert.deepEqual([refused.state, refused.attempts], ['refused', 8])
  assert.match(refused.reply!, /451/)
  house.post.answer = () => 'take'
  await refreshCoverage(house.house, house.now)
  const person = await findPerson(house.db, campaign.id, await house.employeeId('anggrek2'))
  assert.equal(person!.status, 'undeliverable')
  await house.check()
})

test('a name or a unit with line breaks adds no line to a mail header', async () => {
  const evil = 'Budi\r\nBcc: korban@lain.example\r\n\r\n<script>'
  await rows(house.db, 'update employee set name = :evil where id = :id', {
    evil,
    id: await house.employeeId('anggrek3'),
  })
  await rows(house.db, 'update pemda set short_name = :evil', { evil })
  await sendNewLink(house.house, (await house.partyOf('anggrek3')).partyId, house.act())
  await house.advance()
  await rows(house.db, 'update pemda set short_name = :name', { name: house.pemda.shortName })
  const mail = house.post.mailsTo(house.person('anggrek3').email).at(-1)!
  assert.match(mail.subject, /Bcc: korban/)
  assert.deepEqual(
    mail.headers.filter((header) => ['bcc', 'cc'].includes(header.key)),
    [],
  )
  assert.equal(house.post.mailsTo('korban@lain.example').length, 0)
  assert.ok(!mail.html.includes('<script>'))
  await house.check()
})

test('a letter that cannot be written holds up no other letter', async () => {
  const words = house.house.letters.undangan
  house.house.letters.undangan = words.replace('{{kontak}}', '{{nomor_telepon}}')
  for (const key of ['perawat1', 'perawat2', 'sopir', 'kapus', 'kecamatan1', 'kecamatan2'])
    await sendNewLink(house.house, (await house.partyOf(key)).partyId, house.act())
  later(house, 1000)
  await requestSignin(house.house, house.accounts.administrator.email, house.act())
  await house.advance()
  const came = house.post.mailsTo(house.accounts.administrator.email)
  assert.match(came.at(-1)!.text, /\/masuk\//)
  assert.match(house.logs.join('\n'), /nomor_telepon/)
  assert.doesNotMatch(house.logs.join('\n'), /@rekaan\.example/, 'the log names nobody')
  house.logs.length = 0
  house.house.letters.undangan = words
  later(house, 3 * HOUR)
  await house.advance()
  assert.equal((await mailsOf(house, house.person('sopir').email)).at(-1)!.state, 'sent')
  await house.check()
})

test('reminders come 3, 7 and 10 days after the first mail, to those alone who owe an answer', async (t) => {
  const house = await openTestHouse(t)
  const campaign = await house.openCampaign()
  await house.openGates('kadis')
  await house.sign('dinas1')
  await decline(house.house, house.token('dinas2'), { reason: 'KEBERATAN', note: '' }, house.act())
  const out = { campaignId: campaign.id, employeeId: await house.employeeId('dinas3'), note: '' }
  await excludeEmployee(house.house, { ...out, reason: 'MENINGGAL' }, house.admin())
  await house.importRoster(house.people.filter((one) => one.key !== 'bidang2'))
  await house.advance()
  const start = house.now.getTime()
  const reminders = (key: string) =>
    subjects(house, key).filter((subject) => /Pengingat/.test(subject)).length
  for (const [hours, count] of [
    [3 * 24 - 1, 0],
    [3 * 24 + 1, 1],
    [7 * 24 - 1, 1],
    [7 * 24 + 1, 2],
    [10 * 24 + 1, 3],
    [13 * 24, 3],
  ] as const) {
    house.now = new Date(start + hours * HOUR)
    await house.advance()
    assert.equal(reminders('bidang1'), count, `${hours} hours`)
    for (const key of ['dinas1', 'dinas2', 'dinas3', 'bidang2']) assert.equal(reminders(key), 0, key)
  }
  const links = new Set(
    house.post.mailsTo(house.person('bidang1').email).map((mail) => /\/t\/([\w-]{43})/.exec(mail.text)![1]),
  )
  assert.equal(links.size, 1, 'every reminder carries the same link')
  await house.check()
})

test('a reminder whose link is about to expire brings a new one, in one mail', async (t) => {
  const house = await openTestHouse(t, { settings: { linkDays: 3 } })
  await house.openCampaign()
  await house.advance()
  later(house, 3 * DAY + HOUR)
  await house.advance()
  const mails = house.post.mailsTo(house.person('kadis').email)
  assert.deepEqual(
    mails.map((mail) => /Pengingat/.test(mail.subject)),
    [false, true],
  )
  assert.equal((await openLink(house.house, house.token('kadis'), house.now)).outcome, 'valid')
  await house.check()
})

test('after days of silence a person gets one reminder, not all that were missed', async (t) => {
  const house = await openTestHouse(t)
  await house.openCampaign()
  await house.advance()
  later(house, 11 * DAY)
  await house.advance()
  assert.equal(subjects(house, 'kadis').filter((subject) => /Pengingat/.test(subject)).length, 1)
  await house.check()
})

test('in the quiet hours no invitation leaves; at their end it does', async (t) => {
  // 22.00 WITA
  const house = await openTestHouse(t, { now: new Date('2027-02-02T14:00:00Z') })
  await house.openCampaign({ mailPolicy: { quietFromHour: 21, quietUntilHour: 6, remindAfterDays: [3] } })
  await house.advance()
  assert.equal(house.post.mails.filter((mail) => /\/t\//.test(mail.text)).length, 0)
  house.now = new Date('2027-02-02T21:59:00Z')
  await house.advance()
  assert.equal(house.post.mails.filter((mail) => /\/t\//.test(mail.text)).length, 0)
  house.now = new Date('2027-02-02T22:00:00Z')
  await house.advance()
  assert.equal(house.post.mails.filter((mail) => /\/t\//.test(mail.text)).length, 3)
  // A sign-in link, which somebody waits for, comes at night as well.
  house.now = new Date('2027-02-03T14:00:00Z')
  await requestSignin(house.house, house.accounts.administrator.email, house.act())
  await house.advance()
  assert.match(house.post.mailsTo(house.accounts.administrator.email).at(-1)!.text, /\/masuk\//)
  await house.check()
})

test('a domain gets no more mails in a minute than it is allowed; other domains do not wait for it', async (t) => {
  const house = await openTestHouse(t, { settings: { mailPerDomainPerMinute: 5 } })
  await rows(house.db, `update mail set state = 'cancelled'`)
  await house.openCampaign({ units: ['DINKES'] })
  const unitId = await house.unitId('DINKES')
  const [campaign] = await rows<{ id: number }>(house.db, 'select id from campaign')
  await rows(house.db, `update employee set email = 'sopir@lain.example' where id = :id`, {
    id: await house.employeeId('sopir'),
  })
  await openGateByOverride(
    house.house,
    { campaignId: campaign!.id, unitId, reason: 'Uji pembatasan surel' },
    house.admin(),
  )
  const counts = []
  for (let minute = 0; minute < 4; minute++) {
    await advanceAll(house.house, house.clock)
    counts.push(house.post.mails.filter((mail) => mail.to.endsWith('@rekaan.example')).length)
    later(house, 61_000)
  }
  assert.deepEqual(counts, [5, 10, 12, 12])
  assert.equal(house.post.mailsTo('sopir@lain.example').length, 1)
  const attempts = await rows(house.db, `select from mail where state = 'sent' and attempts <> 1`)
  assert.equal(attempts.length, 0, 'waiting is no attempt')
  assert.equal(await remindDue(house.house, house.now), 0)
  await house.check()
})

test('one press reminds everybody of a unit who has a link and has not answered, once a day, and is on record', async (t) => {
  const house = await openTestHouse(t)
  const campaign = await house.openCampaign()
  await house.openGates('kadis', 'camat')
  await house.sign('bidang1')
  await house.advance()
  house.now = new Date(house.now.getTime() + HOUR)
  const unitId = await house.unitId('DINKES')
  const { path } = (await row<{ path: string }>(house.db, 'select path from unit where id = :unitId', {
    unitId,
  }))!
  const waiting = await rows<{ email: string }>(
    house.db,
    `select email from person_fact where unit_path like :prefix and status in ('invited', 'opened')`,
    { prefix: `${path}%` },
  )
  assert.ok(waiting.length >= 3)
  const count = (email: string) =>
    house.post.mailsTo(email).filter((mail) => /Pengingat/.test(mail.subject)).length
  const press = () => remindUnit(house.house, { campaign, path, unitId }, house.admin())
  assert.deepEqual(await press(), { queued: waiting.length, hasMore: false })
  assert.deepEqual(await press(), { queued: 0, hasMore: false }, 'nobody twice on one day')
  await house.advance()
  for (const { email } of waiting) assert.equal(count(email), 1, email)
  assert.equal(count(house.person('bidang1').email), 0, 'who has signed is left alone')
  assert.equal(count(house.person('camat').email), 0, 'another unit is left alone')
  house.now = new Date(house.now.getTime() + DAY)
  assert.equal((await press()).queued, waiting.length, 'again on the next day')
  const events = await rows(
    house.db,
    `select from event where kind = 'unit_reminded' and unit_id = :unitId`,
    { unitId },
  )
  assert.equal(events.length, 2)
  house.now = new Date(campaign.deadline.getTime() + HOUR)
  await refuses(press(), 'STALE')
  await house.check()
})

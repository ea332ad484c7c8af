import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { PactError, type PactErrorCode } from '../../src/domain/errors.js'
import { KIOSK_MINUTES, saveSecondAddress, startKiosk } from '../../src/flow/assist.js'
import { CODE_MINUTES } from '../../src/flow/factor.js'
import { sendNewLink } from '../../src/flow/invite.js'
import { acceptOwnSignature, agree, offerOwnKey, openLink, requestCode } from '../../src/flow/sign.js'
import { verifyCode } from '../../src/flow/verify.js'
import { refreshCoverage } from '../../src/flow/standing.js'
import { countTallies } from '../../src/store/coverage.js'
import { findPerson } from '../../src/store/coverage-people.js'
import { row, rows } from '../../src/store/db.js'
import { makeKey, prove, publicKeyInfo, signOffer } from '../../src/browser/own-key.js'
import { SIGNING_REASON } from '../../src/domain/pact.js'
import { signersIssuerSha256 } from '../../src/flow/device.js'
import { openTestHouse } from '../house.js'

const MINUTE = 60_000
const house = await openTestHouse({ after })
const campaign = await house.openCampaign({ rule: { ownKey: false, code: true } })
await house.openGates('kadis')

const failsWith = (code: PactErrorCode, pattern: RegExp) => (error: unknown) => {
  assert.ok(error instanceof PactError, String(error))
  assert.equal(error.code, code, error.message)
  assert.match(error.message, pattern)
  return true
}

const secondOf = (key: string) => `${key}.pribadi@surel.example`
const giveSecond = async (key: string) =>
  rows(house.db, 'update employee set email_alternative = :to where id = :id', {
    ...{ id: await house.employeeId(key), to: secondOf(key) },
  })
const codesTo = (key: string) =>
  house.post.mailsTo(secondOf(key)).map(({ text }) => /^(\d{6})$/m.exec(text)?.[1] ?? assert.fail(text))
const ask = (key: string) => requestCode(house.house, house.token(key), house.act())
const sign = async (key: string, code: string) =>
  agree(house.house, house.token(key), await house.consent(key, { code }), house.act())
const wait = (minutes: number) => (house.now = new Date(house.now.getTime() + minutes * MINUTE))
const other = (code: string) => (code === '000000' ? '000001' : '000000')

test('without the code the link alone does not sign; with it the pact says what confirmed the signer', async () => {
  await giveSecond('dinas1')
  await assert.rejects(sign('dinas1', '123456'), failsWith('BAD_CODE', /belum diminta/))
  await ask('dinas1')
  await house.advance()
  const [code] = codesTo('dinas1')
  assert.equal(
    house.post.mailsTo(house.person('dinas1').email).filter(({ text }) => text.includes(code!)).length,
    0,
  )
  for (const typed of ['', '12345', 'abcdef', '1234567'])
    await assert.rejects(sign('dinas1', typed), failsWith('BAD_CODE', /enam angka/), typed)
  await assert.rejects(sign('dinas1', other(code!)), failsWith('BAD_CODE', /masih ada 4 percobaan/))
  await sign('dinas1', `${code!.slice(0, 3)} ${code!.slice(3)}`)
  await house.advance()
  const { partyId, code: pactCode } = await house.partyOf('dinas1')
  assert.deepEqual(
    await row(house.db, 'select second_factor, officer_id from party where id = :partyId', { partyId }),
    {
      ...{ second_factor: 'code-by-email', officer_id: null },
    },
  )
  const person = await findPerson(house.db, campaign.id, await house.employeeId('dinas1'))
  assert.equal(person!.secondFactor, 'code-by-email')
  assert.equal(person!.method, 'one-time-server-key')
  assert.equal((await verifyCode(house.house, pactCode, house.now)).outcome, 'valid')
  await house.check()
})

test('the database and the log hold no code', async () => {
  const [code] = codesTo('dinas1')
  for (const [table, lines] of Object.entries(await house.dump()))
    for (const line of lines)
      assert.ok(!new RegExp(`\\b${code}\\b`).test(line.replace(/\\\\x[0-9a-f]+/g, '')), table)
})

test('a code is good for one pact only, and a new one kills the one before', async () => {
  for (const key of ['dinas2', 'dinas3']) {
    await giveSecond(key)
    await ask(key)
  }
  await house.advance()
  await assert.rejects(sign('dinas2', codesTo('dinas3')[0]!), failsWith('BAD_CODE', /tidak cocok/))
  await assert.rejects(ask('dinas2'), failsWith('TOO_MANY_REQUESTS', /60 detik/))
  wait(2)
  await ask('dinas2')
  await house.advance()
  const [first, second] = codesTo('dinas2')
  if (first !== second) await assert.rejects(sign('dinas2', first!), failsWith('BAD_CODE', /tidak cocok/))
  await sign('dinas2', second!)
  await house.advance()
  assert.equal((await house.partyOf('dinas2')).state, 'signed')
  await house.check()
})

test('five wrong codes end it, also when nothing else of the form is kept; five codes a day end that', async () => {
  await giveSecond('bidang1')
  await ask('bidang1')
  await house.advance()
  const [code] = codesTo('bidang1')
  for (let left = 4; left >= 0; left--)
    await assert.rejects(
      sign('bidang1', other(code!)),
      failsWith('BAD_CODE', left > 0 ? new RegExp(`masih ada ${left} `) : /percobaannya habis/),
    )
  await assert.rejects(
    sign('bidang1', code!),
    failsWith('BAD_CODE', /terlalu sering/),
    'the right one, too late',
  )
  for (let more = 2; more <= 5; more++) {
    wait(2)
    await ask('bidang1')
  }
  wait(2)
  await assert.rejects(ask('bidang1'), failsWith('TOO_MANY_REQUESTS', /5 kali/))
  await house.advance()
  await sign('bidang1', codesTo('bidang1').at(-1)!)
  await house.advance()
  assert.equal((await house.partyOf('bidang1')).state, 'signed')
})

test('a code that is too old, or was sent for other words, is none', async () => {
  await giveSecond('bidang2')
  await ask('bidang2')
  await house.advance()
  wait(CODE_MINUTES + 1)
  await assert.rejects(sign('bidang2', codesTo('bidang2')[0]!), failsWith('BAD_CODE', /habis masanya/))
  await ask('bidang2')
  await house.advance()
  await rows(house.db, `update employee set jabatan = 'Analis Baru' where id = :id`, {
    id: await house.employeeId('bidang2'),
  })
  await assert.rejects(sign('bidang2', codesTo('bidang2').at(-1)!), failsWith('BAD_CODE', /Minta kode baru/))
  wait(2)
  await ask('bidang2')
  await house.advance()
  await sign('bidang2', codesTo('bidang2').at(-1)!)
  await house.advance()
  await house.check()
})

test('a second address that refuses mail leaves the person reachable, and one that is missing is said', async () => {
  house.post.answer = (to) =>
    to === secondOf('bidang3') ? { code: 550, message: 'no such user', at: 'RCPT TO' } : 'take'
  await assert.rejects(ask('bidang3'), failsWith('BAD_CODE', /belum tercatat/))
  await giveSecond('bidang3')
  await ask('bidang3')
  await house.advance()
  house.post.answer = () => 'take'
  const { partyId } = await house.partyOf('bidang3')
  const party = await row(house.db, 'select undeliverable_reply from party where id = :partyId', { partyId })
  assert.deepEqual(party, { undeliverable_reply: null })
})

/** The module of the browser with a link open. */
async function openPhone(token: string, key: string, code: string) {
  const opened = await openLink(house.house, token, house.now)
  const { name } = 'paper' in opened ? opened.paper.identity : assert.fail(opened.outcome)
  const consent = await house.consent(key, { code })
  const pair = await makeKey()
  const proof = await prove(pair, { token, textSha256: consent.textSha256 })
  const own = { publicKeyInfo: await publicKeyInfo(pair), proof }
  const agreed = {
    slot: 'PENANDA_TANGAN',
    name,
    reason: SIGNING_REASON,
    number: house.person(key).identityNumber,
  }
  const issuerSha256 = signersIssuerSha256(house.house)
  const ask = () => offerOwnKey(house.house, token, consent, own, house.act())
  return {
    ask,
    sign: async (offer: Awaited<ReturnType<typeof ask>>) =>
      (await signOffer(pair, offer, { ...agreed, issuerSha256, now: house.now })).signature,
  }
}

test('a device shows the code for its certificate, and the signature uses it up', async () => {
  await giveSecond('bidang4')
  await ask('bidang4')
  await house.advance()
  const [code] = codesTo('bidang4')
  const token = house.token('bidang4')
  await assert.rejects(
    (await openPhone(token, 'bidang4', other(code!))).ask(),
    failsWith('BAD_CODE', /tidak cocok/),
  )
  const phone = await openPhone(token, 'bidang4', code!)
  const lost = await phone.ask() // the page closes; the same code still begins again
  assert.ok(lost.certificate.length > 0)
  const again = await openPhone(token, 'bidang4', code!)
  await acceptOwnSignature(house.house, token, await again.sign(await again.ask()), house.act())
  const { partyId, code: pactCode } = await house.partyOf('bidang4')
  const used = await rows(house.db, 'select used_at from one_time_code where party_id = :partyId', {
    partyId,
  })
  assert.deepEqual(used, [{ used_at: house.now }])
  await house.advance()
  assert.equal((await verifyCode(house.house, pactCode, house.now)).outcome, 'valid')
  await house.check()
})

test('at a kiosk the officer stands in for the code, and the mailed link stays as it was', async () => {
  const { partyId, code } = await house.partyOf('kapus')
  const officerId = house.accounts.unit_head.id
  const token = await startKiosk(house.house, { partyId, officerId }, house.act())
  const mailed = await openLink(house.house, house.token('kapus'), house.now)
  assert.equal(mailed.outcome, 'valid')
  const phone = await openPhone(token, 'kapus', '')
  const offer = await phone.ask()
  // An offer that the officer stood behind cannot be finished behind the mailed link, which would need a code.
  const signature = await phone.sign(offer)
  await assert.rejects(
    acceptOwnSignature(house.house, house.token('kapus'), signature, house.act()),
    failsWith('STALE', /sekali lagi/),
  )
  await acceptOwnSignature(house.house, token, signature, house.act())
  assert.deepEqual(
    await row(house.db, 'select second_factor, officer_id from party where id = :partyId', { partyId }),
    {
      ...{ second_factor: 'in-person', officer_id: officerId },
    },
  )
  assert.equal((await openLink(house.house, token, house.now)).outcome, 'signed')
  wait(KIOSK_MINUTES + 1)
  assert.equal(
    (await openLink(house.house, token, house.now)).outcome,
    'expired',
    'the device is somebody else’s now',
  )
  assert.equal((await openLink(house.house, house.token('kapus'), house.now)).outcome, 'signed')
  await house.advance()
  assert.equal((await verifyCode(house.house, code, house.now)).outcome, 'valid')
  await refreshCoverage(house.house, house.now)
  const { methods } = await countTallies(house.db, { campaignId: campaign.id, unitId: 0 })
  assert.ok(methods.some((one) => one.secondFactor === 'in-person' && one.method === 'own-device-key'))
  assert.ok(
    house.post.mailsTo(house.person('kapus').email).some(({ text }) => text.includes('petugas')),
    'receipt',
  )
  await house.check()
})

test('an officer cannot confirm themselves, nor somebody who has signed; a new mailed link ends the kiosk’s', async () => {
  const officerId = house.accounts.unit_head.id
  const signed = await house.partyOf('kapus')
  await assert.rejects(
    startKiosk(house.house, { ...signed, officerId }, house.act()),
    failsWith('STALE', /menunggu/),
  )
  const { partyId } = await house.partyOf('bidang3')
  const token = await startKiosk(house.house, { partyId, officerId }, house.act())
  await sendNewLink(house.house, partyId, house.act())
  assert.equal((await openLink(house.house, token, house.now)).outcome, 'replaced')
  await rows(house.db, 'update employee set email_alternative = :email where id = :id', {
    ...{ id: await house.employeeId('bidang3'), email: house.accounts.unit_head.email },
  })
  await assert.rejects(
    startKiosk(house.house, { partyId, officerId }, house.act()),
    failsWith('FORBIDDEN', /dirinya sendiri/),
  )
})

test('where the key must be the signer’s own, a key of the service is refused and nothing is signed', async (t) => {
  const strict = await openTestHouse(t)
  await strict.openCampaign({ rule: { ownKey: true, code: false } })
  await strict.openGates('kadis')
  const before = await strict.dump()
  await assert.rejects(strict.sign('dinas1'), failsWith('OWN_KEY_REQUIRED', /Chrome/))
  assert.deepEqual(await strict.dump(), before)
})

test('a second address is another one, and nobody else’s', async () => {
  const employeeId = await house.employeeId('bidang3')
  const accountId = house.accounts.administrator.id
  const save = (email: string | null) =>
    saveSecondAddress(house.house, { employeeId, email, accountId }, house.act())
  const { email } = house.person('bidang3')
  await assert.rejects(save(email.toUpperCase()), failsWith('BAD_FORM', /harus berbeda/))
  await assert.rejects(save(house.accounts.auditor.email), failsWith('BAD_FORM', /milik orang lain/))
  await assert.rejects(save(house.person('dinas1').email), failsWith('BAD_FORM', /milik orang lain/))
  await assert.rejects(save(secondOf('dinas1')), failsWith('BAD_FORM', /milik orang lain/))
  await save('bidang3.lain@surel.example')
  wait(24 * 60)
  await sendNewLink(house.house, (await house.partyOf('bidang3')).partyId, house.act())
  await house.advance()
  await ask('bidang3')
  await house.advance()
  assert.equal(house.post.mailsTo('bidang3.lain@surel.example').length, 1)
  await save(null)
  wait(2)
  await assert.rejects(ask('bidang3'), failsWith('BAD_CODE', /belum tercatat/))
  await house.check()
})

import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import {
  closeAccount,
  inviteAccount,
  isSigninLive,
  requestSignin,
  signIn,
  signOut,
  whoIs,
} from '../../src/flow/signin.js'
import { rows } from '../../src/store/db.js'
import { HOUR, openTestHouse } from '../house.js'
import { refuses } from '../refusal.js'

const house = await openTestHouse({ after })
const admin = house.accounts.administrator
const later = (milliseconds: number) => (house.now = new Date(house.now.getTime() + milliseconds))

/** Asks for a link and reads it in the mail. Not in the last one: mails of one moment arrive in any order. */
async function linkTo(email: string): Promise<string> {
  await requestSignin(house.house, email, house.act())
  await house.advance()
  const links = house.post
    .mailsTo(email.toLowerCase())
    .map((mail) => /\/masuk\/([\w-]{43})/.exec(mail.text)?.[1])
    .filter((link) => link !== undefined)
  return links.at(-1)!
}

test('a sign-in link works once; looking at it does not use it up', async () => {
  const link = await linkTo(admin.email)
  const before = await house.dump()
  assert.equal(await isSigninLive(house.house, link, house.now), true)
  assert.deepEqual(await house.dump(), before)
  const secret = await signIn(house.house, link, house.act())
  assert.equal((await whoIs(house.house, secret, house.now))!.id, admin.id)
  assert.equal(await isSigninLive(house.house, link, house.now), false)
  await refuses(signIn(house.house, link, house.act()), 'LINK_EXPIRED')
  await house.check()
})

test('one link opened on two devices at the same moment signs one of them in', async () => {
  const link = await linkTo(house.accounts.auditor.email)
  const results = await Promise.allSettled(
    Array.from({ length: 5 }, () => signIn(house.house, link, house.act())),
  )
  assert.equal(results.filter((result) => result.status === 'fulfilled').length, 1)
  await house.check()
})

test('a link expires after its minutes, a session after its hours', async () => {
  const link = await linkTo(admin.email)
  later(30 * 60_000)
  assert.equal(await isSigninLive(house.house, link, house.now), false)
  await refuses(signIn(house.house, link, house.act()), 'LINK_EXPIRED')
  const secret = await signIn(house.house, await linkTo(admin.email.toUpperCase()), house.act())
  later(12 * HOUR - 1)
  assert.equal((await whoIs(house.house, secret, house.now))!.id, admin.id)
  later(1)
  assert.equal(await whoIs(house.house, secret, house.now), undefined)
  await house.check()
})

test('a sign-in link that was altered or made up is refused', async () => {
  const link = await linkTo(house.accounts.bawaslu.email)
  const altered = (link[0] === 'A' ? 'B' : 'A') + link.slice(1)
  for (const text of ['', 'x', altered, `${link}A`, link.slice(1), 'A'.repeat(43)]) {
    assert.equal(await isSigninLive(house.house, text, house.now), false, text)
    await refuses(signIn(house.house, text, house.act()), 'LINK_EXPIRED')
  }
  await house.check()
})

test('signing out ends the session, and that one alone', async () => {
  later(2 * HOUR)
  const one = await signIn(house.house, await linkTo(admin.email), house.act())
  const other = await signIn(house.house, await linkTo(admin.email), house.act())
  await signOut(house.house, one, house.now)
  assert.equal(await whoIs(house.house, one, house.now), undefined)
  assert.equal((await whoIs(house.house, other, house.now))!.id, admin.id)
  for (const secret of [undefined, '', 'x', `${other}x`, 'A'.repeat(43)])
    assert.equal(await whoIs(house.house, secret, house.now), undefined)
  await house.check()
})

test('a closed account has no session and no way in, and nobody closes their own', async () => {
  later(2 * HOUR)
  const { auditor } = house.accounts
  const link = await linkTo(auditor.email)
  const secret = await signIn(house.house, await linkTo(auditor.email), house.act())
  const pemdaId = house.pemda.id
  await refuses(closeAccount(house.house, { id: admin.id, pemdaId }, house.admin()), 'BAD_FORM')
  await refuses(
    closeAccount(house.house, { id: auditor.id, pemdaId: pemdaId + 1 }, house.admin()),
    'NOT_FOUND',
  )
  await closeAccount(house.house, { id: auditor.id, pemdaId }, house.admin())
  assert.equal(await whoIs(house.house, secret, house.now), undefined)
  await refuses(signIn(house.house, link, house.act()), 'LINK_EXPIRED')
  const sent = house.post.mails.length
  await requestSignin(house.house, auditor.email, house.act())
  await requestSignin(house.house, 'tidak.ada@rekaan.example', house.act())
  await house.advance()
  assert.equal(house.post.mails.length, sent, 'no mail to a closed account, none to a stranger')
  await house.check()
})

test('a sign-in mail that was still waiting when its account closed is never sent', async () => {
  later(2 * HOUR)
  const id = await inviteAccount(
    house.house,
    {
      pemdaId: house.pemda.id,
      role: 'auditor',
      unitId: undefined,
      email: 'sebentar@rekaan.example',
      name: 'Sebentar',
      institution: '',
      jabatan: '',
    },
    house.act(),
  )
  await requestSignin(house.house, 'sebentar@rekaan.example', house.act())
  await closeAccount(house.house, { id, pemdaId: house.pemda.id }, house.admin())
  await house.advance()
  assert.deepEqual(house.post.mailsTo('sebentar@rekaan.example'), [])
  await house.check()
})

test('an account gets five sign-in mails an hour', async () => {
  later(2 * HOUR)
  for (let count = 0; count < 7; count++) await requestSignin(house.house, admin.email, house.act())
  const [{ n }] = (await rows<{ n: number }>(
    house.db,
    `select count(*)::int as n from mail where kind = 'signin' and account_id = :id and created_at = :now`,
    { id: admin.id, now: house.now },
  )) as [{ n: number }]
  assert.equal(n, 5)
  await house.advance()
  await house.check()
})

test('an address has one account; a unit head has a unit and nobody else has one', async () => {
  const made = {
    pemdaId: house.pemda.id,
    email: 'baru@rekaan.example',
    name: 'Baru',
    institution: '',
    jabatan: '',
  }
  const unitId = await house.unitId('BKD')
  const { house: inner } = house
  await refuses(
    inviteAccount(inner, { ...made, role: 'unit_head', unitId: undefined }, house.act()),
    'BAD_FORM',
  )
  await refuses(inviteAccount(inner, { ...made, role: 'auditor', unitId }, house.act()), 'BAD_FORM')
  await inviteAccount(inner, { ...made, role: 'unit_head', unitId }, house.act())
  const again = { ...made, email: 'BARU@rekaan.example', role: 'auditor' as const, unitId: undefined }
  await refuses(inviteAccount(inner, again, house.act()), 'BAD_FORM')
  await house.advance()
  assert.match(house.post.mailsTo('baru@rekaan.example')[0]!.text, /Pimpinan unit/)
  await house.check()
})

test('a team reads as long as its mandate lives: on the day after its last, nobody of it is signed in', async () => {
  const made = {
    ...{ pemdaId: house.pemda.id, role: 'election_desk' as const, unitId: undefined },
    ...{ email: 'desk@rekaan.example', name: 'Anggota Tim', institution: '', jabatan: '' },
  }
  await refuses(inviteAccount(house.house, made, house.admin()), 'BAD_FORM')
  const until = new Date(house.now.getTime() + 24 * HOUR).toISOString().slice(0, 10)
  const mandate = { number: '100/77/2027', date: '2027-01-04', until }
  await refuses(inviteAccount(house.house, { ...made, role: 'auditor', mandate }, house.admin()), 'BAD_FORM')
  const id = await inviteAccount(house.house, { ...made, mandate }, house.admin())
  const secret = await signIn(house.house, await linkTo(made.email), house.act())
  const who = await whoIs(house.house, secret, house.now)
  assert.deepEqual([who!.id, who!.mandate], [id, mandate])
  // The last day itself still counts, in the westernmost zone.
  const lastMoment = new Date(`${until}T23:59:00+07:00`)
  house.now = new Date(lastMoment.getTime() - 60_000)
  const late = await signIn(house.house, await linkTo(made.email), house.act())
  assert.ok(await whoIs(house.house, late, lastMoment))
  house.now = new Date(lastMoment.getTime() + 120_000)
  assert.equal(await whoIs(house.house, late, house.now), undefined)
  const mails = house.post.mailsTo(made.email).length
  await requestSignin(house.house, made.email, house.act())
  await house.advance()
  assert.equal(house.post.mailsTo(made.email).length, mails)
  await house.check()
})

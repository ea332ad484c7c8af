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
import { openTestHouse } from '../house.js'
import { refuses } from '../refusal.js'

const house = await openTestHouse({ after })
const { administrator, auditor } = house.accounts

async function mailedToken(email: string): Promise<string> {
  await requestSignin(house.house, email, house.act())
  await house.advance()
  const mails = house.post.mails.filter((mail) => mail.to === email)
  return /\/masuk\/([\w-]{43})/.exec(mails.at(-1)!.text)![1]!
}

test('a sign-in link signs in once; the second time it is refused', async () => {
  const token = await mailedToken(administrator.email)
  assert.equal(await isSigninLive(house.house, token, house.now), true)
  const secret = await signIn(house.house, token, house.act())
  assert.equal((await whoIs(house.house, secret, house.now))?.id, administrator.id)
  assert.equal(await isSigninLive(house.house, token, house.now), false)
  await refuses(signIn(house.house, token, house.act()), 'LINK_EXPIRED')
  await house.check()
})

test('two browsers with the same link: one is signed in', async () => {
  const token = await mailedToken(administrator.email)
  const tries = await Promise.allSettled([1, 2, 3, 4].map(() => signIn(house.house, token, house.act())))
  assert.equal(tries.filter((one) => one.status === 'fulfilled').length, 1)
})

test('looking at a sign-in link changes nothing', async () => {
  const token = await mailedToken(auditor.email)
  const before = await house.dump()
  await isSigninLive(house.house, token, house.now)
  assert.deepEqual(await house.dump(), before)
})

test('a sign-in link that is too old, altered or made up is refused', async () => {
  const token = await mailedToken(auditor.email)
  const later = { ...house.act(), now: new Date(house.now.getTime() + 31 * 60_000) }
  await refuses(signIn(house.house, token, later), 'LINK_EXPIRED')
  const altered = (token[0] === 'A' ? 'B' : 'A') + token.slice(1)
  for (const text of [altered, '', 'x'.repeat(43), `${token}A`])
    await refuses(signIn(house.house, text, house.act()), 'LINK_EXPIRED')
})

test('an address without an account gets no mail, and asking takes the same road', async () => {
  const before = house.post.mails.length
  await requestSignin(house.house, 'bukan-siapa-siapa@rekaan.example', house.act())
  await house.advance()
  assert.equal(house.post.mails.length, before)
})

test('one account gets at most five sign-in mails an hour', async () => {
  house.now = new Date(house.now.getTime() + 2 * 3_600_000)
  const count = () =>
    house.post.mails.filter((mail) => mail.to === auditor.email && mail.text.includes('/masuk/')).length
  const before = count()
  for (let asked = 0; asked < 9; asked++) await requestSignin(house.house, auditor.email, house.act())
  await house.advance()
  assert.equal(count() - before, 5)
})

test('a session ends when it is left, when its time is up and when the account is closed', async () => {
  house.now = new Date(house.now.getTime() + 2 * 3_600_000)
  const left = await signIn(house.house, await mailedToken(auditor.email), house.act())
  await signOut(house.house, left, house.now)
  assert.equal(await whoIs(house.house, left, house.now), undefined)
  const kept = await signIn(house.house, await mailedToken(auditor.email), house.act())
  const hours = house.house.settings.sessionHours
  assert.ok(await whoIs(house.house, kept, new Date(house.now.getTime() + (hours * 60 - 1) * 60_000)))
  assert.equal(
    await whoIs(house.house, kept, new Date(house.now.getTime() + (hours * 60 + 1) * 60_000)),
    undefined,
  )
  const token = await mailedToken(auditor.email)
  await closeAccount(house.house, { id: auditor.id, pemdaId: house.pemda.id }, house.admin())
  assert.equal(await whoIs(house.house, kept, house.now), undefined)
  await refuses(signIn(house.house, token, house.act()), 'LINK_EXPIRED')
  await house.check()
})

test('nobody closes the own account, and an address has one account', async () => {
  await refuses(
    closeAccount(house.house, { id: administrator.id, pemdaId: house.pemda.id }, house.admin()),
    'BAD_FORM',
  )
  const made = { pemdaId: house.pemda.id, unitId: undefined, name: 'Lain', institution: '', jabatan: '' }
  await refuses(
    inviteAccount(
      house.house,
      { ...made, role: 'auditor', email: administrator.email.toUpperCase() },
      house.admin(),
    ),
    'BAD_FORM',
  )
  await refuses(
    inviteAccount(house.house, { ...made, role: 'unit_head', email: 'x@rekaan.example' }, house.admin()),
    'BAD_FORM',
  )
  assert.equal((await rows(house.db, `select from account where name = 'Lain'`)).length, 0)
})

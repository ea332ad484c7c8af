import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { type Message, openMailbox, openSmtp } from '../../src/remote/mail.js'
import { openPost, type PostAnswer } from '../post.js'

const message: Message = {
  messageId: '<undangan.1@pakta.example>',
  to: 'budi@kota.example',
  at: new Date('2027-02-02T04:00:00Z'),
  subject: 'Pakta – ünïcode',
  text: 'Halo\n.\nbaris yang hanya titik\n',
  html: '<p>Halo</p>',
}
const smtpTo = (t: TestContext, url: string, timeoutSeconds = 5) => {
  const mailer = openSmtp({ url, from: 'Pakta <pakta@kota.example>', timeoutSeconds, connectionsMax: 2 })
  t.after(() => mailer.close())
  return mailer
}

test('a mail arrives with its Message-ID, its date and both its parts, marked as automatic', async (t) => {
  const post = await openPost()
  t.after(() => post.close())
  const { outcome, reply } = await smtpTo(t, post.url).send(message)
  assert.deepEqual([outcome, reply.slice(0, 3)], ['sent', '250'])
  const [mail] = post.mails
  assert.equal(mail!.messageId, message.messageId)
  assert.equal(mail!.subject, message.subject)
  assert.equal(mail!.text.trim(), message.text.trim(), 'a line of a single dot ends nothing')
  assert.match(mail!.html, /<p>Halo<\/p>/)
  const header = (key: string) => mail!.headers.find((one) => one.key === key)?.value
  assert.equal(header('auto-submitted'), 'auto-generated')
  assert.equal(header('date'), 'Tue, 02 Feb 2027 04:00:00 +0000')
  assert.equal(header('to'), message.to)
})

for (const [name, answer, outcome] of [
  ['550 to the recipient is final', { code: 550, message: 'no such user', at: 'RCPT TO' }, 'refused'],
  ['554 to the content is final', { code: 554, message: 'rejected', at: 'DATA' }, 'refused'],
  ['450 to the recipient is not', { code: 450, message: 'busy', at: 'RCPT TO' }, 'postponed'],
  ['451 to the content is not', { code: 451, message: 'greylisted', at: 'DATA' }, 'postponed'],
  ['a connection lost after the content is not', 'drop', 'postponed'],
] as const satisfies [string, PostAnswer, string][])
  test(`${name}, and the server's words are kept`, async (t) => {
    const post = await openPost()
    t.after(() => post.close())
    post.answer = () => answer
    const delivery = await smtpTo(t, post.url).send(message)
    assert.equal(delivery.outcome, outcome, delivery.reply)
    if (typeof answer === 'object')
      assert.match(delivery.reply, new RegExp(`${answer.code}.*${answer.message}`))
    post.answer = () => 'take'
    assert.equal((await smtpTo(t, post.url).send(message)).outcome, 'sent', 'the next one goes through')
  })

test('no server, a server that says nothing, and one that will not have us are all "later"', async (t) => {
  assert.equal((await smtpTo(t, 'smtp://127.0.0.1:9').send(message)).outcome, 'postponed')
  for (const greeting of [undefined, '554 go away\r\n', '220 hi\r\n500 what\r\n']) {
    const server = createServer((socket) => {
      socket.on('error', () => {})
      if (greeting) socket.write(greeting)
    })
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
    t.after(() => server.close())
    const { port } = server.address() as { port: number }
    const delivery = await smtpTo(t, `smtp://127.0.0.1:${port}`, 1).send(message)
    assert.equal(delivery.outcome, 'postponed', `${greeting}: ${delivery.reply}`)
  }
})

test('the same message twice in the mailbox is one file, found by address and words, and by its id alone', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'pakta-mailbox-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const mailbox = openMailbox({ folder: join(folder, 'surel'), from: 'pakta@kota.example' })
  assert.deepEqual(await mailbox.findLetters({ search: '', limit: 10, offset: 0 }), { letters: [], total: 0 })
  await mailbox.send(message)
  await mailbox.send(message)
  const other = { ...message, messageId: '<undangan.2@pakta.example>', to: 'siti@kota.example' }
  await mailbox.send({ ...other, at: new Date(message.at.getTime() + 1000) })
  assert.equal(readdirSync(join(folder, 'surel')).length, 2)
  const { letters, total } = await mailbox.findLetters({ search: 'SITI', limit: 10, offset: 0 })
  assert.deepEqual([letters.length, total, letters[0]!.to], [1, 1, 'siti@kota.example'])
  assert.equal(
    (await mailbox.findLetters({ search: '', limit: 1, offset: 0 })).letters[0]!.to,
    'siti@kota.example',
  )
  assert.equal((await mailbox.findLetter(letters[0]!.id))!.subject, message.subject)
  for (const id of ['', '..', '../surel', 'tidak-ada', '/etc/passwd', '%2e%2e'])
    assert.equal(await mailbox.findLetter(id), undefined, id)
})

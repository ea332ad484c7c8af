import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import PostalMime from 'postal-mime'
import nodemailer from 'nodemailer'
import { composeLetter } from '../../src/domain/letter.js'

const template = 'Subjek: Halo {{nama}}\n\nYth. {{nama}}\n\n{{tautan}}\n\nSalam'
const hostile = 'A\r\nBcc: lain@surel.example\u2028<script>alert(1)</script>'

test('a name with a line break stays in the subject and adds no header, as a mail parser reads it', async () => {
  const letter = composeLetter(template, { nama: hostile, tautan: 'https://pakta.example/t/x' })
  assert.doesNotMatch(letter.subject, /[\r\n\u2028]/)
  const transport = nodemailer.createTransport({ streamTransport: true, buffer: true })
  const sent = await transport.sendMail({ from: 'a@b.example', to: 'c@d.example', ...letter })
  const mail = await PostalMime.parse((sent as unknown as { message: Buffer }).message)
  assert.equal(mail.bcc, undefined)
  assert.deepEqual(
    mail.to?.map((one) => one.address),
    ['c@d.example'],
  )
  assert.match(mail.subject ?? '', /Bcc: lain@surel\.example/)
})

test('a value is text in the HTML part, and a link of its own becomes a button', () => {
  const { html } = composeLetter(template, { nama: hostile, tautan: 'https://pakta.example/t/x?a=1&b="2"' })
  assert.doesNotMatch(html, /<script/)
  assert.match(html, /href="https:\/\/pakta\.example\/t\/x\?a=1&#38;b=&#34;2&#34;"/)
})

test('a template without a subject or with an unknown placeholder is refused with what it may use', () => {
  assert.throws(() => composeLetter('Yth. Ibu', {}), { code: 'BAD_TEMPLATE', message: /Subjek/ })
  assert.throws(() => composeLetter('Subjek: {{nma}}', { nama: 'x' }), {
    code: 'BAD_TEMPLATE',
    message: /\{\{nma\}\}.*nama/,
  })
})

test('a value that looks like a placeholder is not filled again', () => {
  const { text } = composeLetter(template, { nama: '{{tautan}}', tautan: 'https://rahasia.example' })
  assert.match(text, /Yth\. \{\{tautan\}\}/)
})

test('every mail template that ships has a subject and ends with who sent it', () => {
  const folder = join(import.meta.dirname, '../../../templates/mail')
  const names = readdirSync(folder)
  assert.ok(names.length >= 7)
  for (const name of names) {
    const words = readFileSync(join(folder, name), 'utf8')
    assert.match(words, /^Subjek: \[\{\{singkatan_pemda\}\}\] .+\n/, name)
    assert.match(words.trimEnd(), /\{\{pemerintah_daerah\}\}$/, name)
  }
})

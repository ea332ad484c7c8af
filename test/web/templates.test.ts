// An administrator's way from a text editor to a released template, and to an emblem above the letters.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { after, test } from 'node:test'
import request from 'supertest'
import { findTemplateVersion } from '../../src/store/campaigns.js'
import { rows } from '../../src/store/db.js'
import { readPact } from '../../src/flow/file.js'
import { openTestHouse } from '../house.js'
import { makePng, nextTemplate } from './upload.js'
import { hasTool } from './workbook.js'

const ORIGIN = 'http://pakta.rekaan.example'
const house = await openTestHouse({ after })
const cookie = await house.cookie(house.accounts.administrator)

const get = (path: string) => request(house.app).get(path).set('Cookie', cookie)
const post = (path: string) =>
  request(house.app).post(path).set('Cookie', cookie).set('Origin', ORIGIN).redirects(0)
const upload = ({ words, page }: { words?: string | Buffer; page?: string | Buffer }) => {
  const asked = post('/admin/naskah')
  if (words !== undefined) asked.attach('words', Buffer.from(words), 'naskah.md')
  if (page !== undefined) asked.attach('page', Buffer.from(page), 'halaman.yaml')
  return asked
}
const countDrafts = async () => (await rows(house.db, 'select from template_draft')).length
const countVersions = async () => (await rows(house.db, 'select from template_version')).length

test('an upload is looked at before it is released: nothing is released until it is said', async () => {
  const before = await countVersions()
  const answer = await upload(nextTemplate(['mendahulukan tugas pelayanan', 'mengutamakan tugas pelayanan']))
  assert.equal(answer.status, 303)
  const path = answer.headers['location']!
  const shown = await get(path)
  assert.equal(shown.status, 200)
  assert.match(shown.text, /PI-ASN-INDIVIDU/)
  assert.match(shown.text, /mengutamakan tugas pelayanan/)
  assert.match(shown.text, new RegExp(`<iframe src="${path}/pratinjau.pdf"`))
  const preview = await get(`${path}/pratinjau.pdf`)
  assert.equal(preview.headers['content-type'], 'application/pdf')
  assert.match(preview.headers['content-security-policy']!, /frame-ancestors 'self'/)
  assert.equal((preview.body as Buffer).toString('latin1', 0, 5), '%PDF-')
  const hasty = await post(`${path}/terbitkan`).type('form').send('')
  assert.equal(hasty.status, 400)
  assert.match(hasty.text, /href="#looked"/)
  assert.equal(await countVersions(), before)

  const released = await Promise.all(
    [1, 2, 3].map(() => post(`${path}/terbitkan`).type('form').send('looked=yes')),
  )
  assert.deepEqual(released.map(({ status }) => status).sort(), [303, 404, 404])
  assert.equal(await countVersions(), before + 1)
  assert.equal(await countDrafts(), 0)
  const version = await findTemplateVersion(house.db, 'PI-ASN-INDIVIDU', 2)
  assert.equal(version!.signerClass, 'ASN')
  const events = await rows(house.db, `select from event where kind = 'template_released'`)
  assert.equal(events.length, 1)
  const list = await get('/admin/naskah?selesai=terbit')
  assert.match(list.text, /Naskah sudah terbit/)
  const file = await get('/admin/naskah/PI-ASN-INDIVIDU/2/naskah.md')
  assert.equal((file.text ?? (file.body as Buffer).toString()).includes('mengutamakan'), true)
  assert.match((await get('/admin/kegiatan/baru')).text, /PI-ASN-INDIVIDU/)
})

test('a draft can be thrown away', async () => {
  const answer = await upload(nextTemplate(['versi: 2', 'versi: 3']))
  assert.equal(await countDrafts(), 1)
  assert.match((await get('/admin/naskah')).text, /Rancangan yang belum terbit/)
  assert.equal((await post(`${answer.headers['location']!}/buang`)).status, 303)
  assert.equal(await countDrafts(), 0)
  assert.equal((await get(answer.headers['location']!)).status, 404)
})

const good = nextTemplate(['versi: 2', 'versi: 9'])
const refused: [what: string, files: Parameters<typeof upload>[0], why: RegExp, field: string][] = [
  ['a version that is released', nextTemplate(['versi: 2', 'versi: 1']), /versi 1 sudah terbit/, 'words'],
  [
    'an unknown placeholder',
    nextTemplate(['{{nama_lengkap}} |', '{{nama_panggilan}} |']),
    /naskah\.md baris \d+: \{\{nama_panggilan\}\}/,
    'words',
  ],
  [
    'a missing placeholder',
    nextTemplate(['  - pangkat_golongan\n', '']),
    /pangkat_golongan\}\} tidak terdaftar/,
    'words',
  ],
  [
    'a broken table',
    nextTemplate(['| Jabatan | : | {{jabatan}} |', '| Jabatan | : |']),
    /baris \d+: 2 kolom/,
    'words',
  ],
  [
    '200 points',
    nextTemplate([/1\. mendahulukan/, `${'1. satu;\n'.repeat(200)}1. mendahulukan`]),
    /lebih dari 60 butir/,
    'words',
  ],
  [
    'a page with an unknown typeface',
    { ...good, page: good.page.replace('Liberation Sans', 'Comic Sans') },
    /halaman\.yaml baris \d+: huruf: “Comic Sans”/,
    'page',
  ],
  ['no page', { words: good.words }, /Pilih berkas halaman\.yaml/, 'page'],
  ['no words', { page: good.page }, /Pilih berkas naskah\.md/, 'words'],
  ['another encoding', { ...good, words: Buffer.from(good.words, 'utf16le') }, /bukan teks UTF-8/, 'words'],
  ['a picture', { ...good, words: makePng(30, 30) }, /bukan teks UTF-8/, 'words'],
]
for (const [what, files, why, field] of refused)
  test(`is refused with its place, and nothing is kept: ${what}`, async () => {
    const before = await house.dump()
    const answer = await upload(files)
    assert.equal(answer.status, 400)
    assert.match(answer.text, why)
    assert.match(answer.text, new RegExp(`href="#${field}"`))
    assert.deepEqual(await house.dump(), before)
  })

test('an emblem stands on the pages and above the letters, until it is taken away', async (t) => {
  const png = makePng(80, 100)
  const refusedEmblem = await post('/admin/lambang').attach('emblem', Buffer.from('x'), 'a.png')
  assert.equal(refusedEmblem.status, 400)
  assert.match(refusedEmblem.text, /bukan gambar PNG atau JPEG/)
  const huge = await post('/admin/lambang').attach('emblem', Buffer.alloc(19_000_000), 'a.png')
  assert.match(huge.text, /19000 KB, paling besar 300 KB/)
  assert.equal((await post('/admin/lambang').attach('emblem', png, 'a.png')).status, 303)
  const path = /<img class="emblem" src="([^"]+)"/.exec((await request(house.app).get('/')).text)![1]!
  const shown = await request(house.app).get(path)
  assert.equal(shown.headers['content-type'], 'image/png')
  assert.deepEqual(shown.body, png)

  const preview = await get('/admin/naskah/PI-ASN-INDIVIDU/1/pratinjau.pdf')
  await house.openCampaign()
  await house.openGates('kadis')
  if (hasTool(t, 'pdfimages')) {
    const pdf = await readPact(house.house, house.db, (await house.partyOf('kadis')).pactId)
    for (const input of [pdf, preview.body as Buffer]) {
      const listed = execFileSync('pdfimages', ['-list', '-'], { input, encoding: 'utf8' })
      assert.match(listed, /^ +1 +\d+ image +80 +100 +rgb/m)
    }
  }
  assert.equal((await post('/admin/lambang').field('act', 'hapus')).status, 303)
  assert.doesNotMatch((await request(house.app).get('/')).text, /<img class="emblem"/)
  assert.equal((await request(house.app).get(path)).status, 404)
  await house.check()
})

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { PactError } from '../../src/domain/errors.js'
import type { Draft } from '../../src/evidence/increment.js'
import { joinPressed } from '../../src/evidence/press.js'
import { Presswork, type PrintJob } from '../../src/evidence/presswork.js'
import { sampleSheet, sampleValues } from '../../src/evidence/specimen.js'
import { parseTemplate } from '../../src/evidence/template.js'
import { loadFonts } from '../../src/evidence/typeface.js'
import { openPressroom } from '../../src/remote/pressroom.js'
import { ROOT } from '../house.js'
import { tinyPng } from '../web/upload.js'

const font = (style: string) => readFileSync(join(ROOT, `templates/fonts/LiberationSans-${style}.ttf`))
const fonts = { regular: font('Regular'), bold: font('Bold'), italic: font('Italic') }
const read = (name: string) => readFileSync(join(ROOT, 'templates/pact/PI-ASN-INDIVIDU/1', name), 'utf8')
const files = { words: read('naskah.md'), page: read('halaman.yaml'), name: 'PI-ASN-INDIVIDU/1' }
const template = parseTemplate(files)

function jobOf(name: string, { emblem }: { emblem?: Uint8Array } = {}): PrintJob {
  const { nama_pemilihan, ...own } = sampleValues(template)
  const { text: _text, ...sheet } = sampleSheet(template, { nama_pemilihan: nama_pemilihan!, ...own })
  return {
    setup: { key: `asn ${emblem?.length}`, template: files, ...(emblem && { emblem }) },
    words: { common: { nama_pemilihan: nama_pemilihan! }, own: { ...own, nama_lengkap: name } },
    sheet,
  }
}
// Short names, long ones, one that needs another font subset; with and without an emblem, all at once.
const jobs = ['Siti', 'Budi Santoso', 'Nama '.repeat(30).trim(), 'Renée', 'Ŵaode'].flatMap((name) => [
  jobOf(name),
  jobOf(name, { emblem: tinyPng }),
])

test('threads print the same bytes as a press that stands here, whoever of them does', async () => {
  const here = new Presswork(loadFonts(fonts))
  const room = openPressroom(fonts, { threadsMax: 3 })
  const all = [...jobs, ...jobs, ...jobs]
  const printed = await Promise.all(all.map((job) => room.print(job)))
  for (const [index, job] of all.entries()) {
    const [there, expected] = [printed[index]!, await here.print(job)]
    assert.equal(Buffer.compare(joinPressed(there), joinPressed(expected)), 0, `job ${index}`)
    const digest = ({ hash, ...draft }: Draft) => ({ ...draft, hash: hash.copy().digest('hex') })
    assert.deepEqual(digest(there.draft), digest(expected.draft))
  }
  // What two pacts share is one object, so that it is kept once.
  const [first, second] = [await room.print(jobs[0]!), await room.print(jobs[0]!)]
  assert.ok(first.shared.some((piece) => second.shared.includes(piece)))
  await room.close()
})

test('a refusal comes back as one, with its code, and the thread goes on', async () => {
  const room = openPressroom(fonts, { threadsMax: 1 })
  const bad = { ...files, words: files.words.replace('{{jabatan}}', '{{jabatan_lama}}') }
  await assert.rejects(
    room.check(bad),
    (error: unknown) =>
      error instanceof PactError && error.code === 'BAD_TEMPLATE' && /jabatan_lama/.test(error.message),
  )
  await assert.rejects(room.print(jobOf('Wayan 😀')), { code: 'BAD_CHARACTER' })
  // A setup that did not open the first time is asked for again, with everything in it.
  const broken = jobOf('Siti', { emblem: Buffer.from('bukan gambar') })
  for (let again = 0; again < 2; again++) await assert.rejects(room.print(broken), { code: 'BAD_FILE' })
  assert.equal(await room.check(files), undefined)
  const own = await room.specimen(files)
  assert.equal(Buffer.from(own).toString('latin1', 0, 5), '%PDF-')
  await room.close()
})

test('threads that end leave nobody waiting, and the next job has a new one', async () => {
  const room = openPressroom(fonts, { threadsMax: 2 })
  const waiting = jobs.map((job) => room.print(job))
  const results = Promise.allSettled(waiting)
  await room.close()
  for (const result of await results)
    if (result.status === 'rejected') assert.match(String(result.reason), /the press thread ended/)
  assert.ok((await room.print(jobs[0]!)).own.length > 1000)
  await room.close()
})

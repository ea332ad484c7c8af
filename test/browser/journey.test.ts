import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import type { SeedPerson } from '../../seeds/people.js'
import { inventKendari } from '../../seeds/workbook.js'
import { makeTemporary, missingTools, type Program, run, startPakta } from '../demo/road.js'
import { CHROMIUM, launchBrowser, screens } from '../web/gallery.js'
import { look as lookAt, openPage } from './phone.js'

const skip = missingTools([CHROMIUM, 'pdftoppm', 'zbarimg', 'pdftotext'])
const WITNESS = 'saksi@bawaslu-kendari.example'
const PATIENCE_SECONDS = 120

const temporary = makeTemporary()
let demo: Program
let baseUrl = ''
let browser: Browser
let camat: SeedPerson
let lurah: SeedPerson // of the same kecamatan
const complaints: string[] = []
const walked: string[] = [] // every page that axe has looked at

before(async () => {
  if (skip) return
  const port = await findFreePort()
  demo = startPakta(['demo'], { PORT: String(port), PAKTA_DATA: temporary.folder })
  browser = await launchBrowser()
  const { units, people } = await inventKendari()
  const kecamatan = units.find((unit) => {
    const head = people.find((person) => person.identityNumber === unit.headNip)
    return unit.kind === 'kecamatan' && unit.headCapacity === 'definitif' && head?.unit.code === unit.code
  })!
  camat = people.find((person) => person.identityNumber === kecamatan.headNip)!
  lurah = people.find(
    (person) =>
      person.unit.parentCode === kecamatan.code &&
      person.type === 'PNS' &&
      person.legalStatusText === 'Aktif' &&
      /^\S+@\S+\.example$/.test(emailOf(person)),
  )!
  const [, address] = await demo.waitFor(/Kotak surel peragaan\s+(http\S+)\/demo\/surel/, 300)
  baseUrl = address!
  await demo.waitFor(/Hentikan dengan Ctrl\+C/, 60)
})
after(async () => {
  await browser?.close()
  await demo?.stop()
  temporary.remove()
})

const emailOf = (person: SeedPerson) => person.emailGov || person.email
const numberEnd = (person: SeedPerson) => person.identityNumber.slice(-4)

test('every address that the demonstration prints opens as it stands', { skip }, async () => {
  const printed = [...demo.said().matchAll(/^ {2}(\S.*?) {2,}(\S+)$/gm)]
  assert.equal(printed.length, 8)
  for (const [, name, address] of printed) assert.equal((await fetch(address!)).status, 200, name)
})

async function findFreePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  const { port } = server.address() as { port: number }
  await new Promise((closed) => server.close(closed))
  return port
}

// The one page that refuses a form on purpose says so with its status too.
const isExpected = (page: Page, message: string) =>
  /status of 400/.test(message) && page.url().endsWith('/tanda-tangan')

/** A phone of its own: 360 by 740, with a session of its own. */
const openPhone = (options: BrowserContextOptions = {}) =>
  openPage(browser, { origin: baseUrl, complaints, isExpected }, { viewport: screens.phone, ...options })

async function look(page: Page, name: string): Promise<void> {
  await lookAt(page, name)
  walked.push(name)
}

const heading = (page: Page) => page.locator('h1').innerText()

/** From the mailbox to the letter: the newest one to `email` whose subject matches. */
async function openLetter(page: Page, email: string, subject: RegExp): Promise<void> {
  for (let waited = 0; waited < PATIENCE_SECONDS; waited++) {
    await page.goto(`${baseUrl}/demo/surel`)
    await page.getByLabel('Cari penerima atau subjek').fill(email)
    await page.getByRole('button', { name: 'Cari' }).click()
    const letter = page.getByRole('link', { name: subject })
    if ((await letter.count()) > 0) return letter.first().click()
    await new Promise((resolve) => setTimeout(resolve, 1000))
  }
  assert.fail(`no letter to ${email} about ${subject}`)
}

async function signIn(page: Page, email: string): Promise<void> {
  await page.goto(`${baseUrl}/`)
  await look(page, 'home')
  await page.goto(`${baseUrl}/masuk`)
  await look(page, 'sign in')
  // A letter of an earlier sign-in may lie in the mailbox: the new one is the one that was not there.
  const before = lettersAbout(email)
  await page.getByLabel('Alamat surel').fill(email)
  await page.getByRole('button', { name: 'Kirim tautan masuk' }).click()
  assert.equal(await heading(page), 'Periksa surel Anda')
  await look(page, 'sign-in letter sent')
  for (let waited = 0; lettersAbout(email) === before && waited < PATIENCE_SECONDS; waited++)
    await new Promise((resolve) => setTimeout(resolve, 1000))
  await openLetter(page, email, /Tautan masuk/)
  await look(page, 'sign-in letter')
  await page.locator('.mail a[href*="/masuk/"]').first().click()
  assert.equal(await heading(page), 'Lanjutkan masuk')
  await look(page, 'sign-in confirmation')
  await page.getByRole('button', { name: 'Masuk', exact: true }).click()
}

const mailFolder = () => join(temporary.folder, 'demo', 'surel')
const lettersAbout = (email: string) =>
  readdirSync(mailFolder()).filter((name) => {
    const head = name.endsWith('.eml') ? readFileSync(join(mailFolder(), name), 'utf8').slice(0, 2000) : ''
    return head.includes(email) && /\/?masuk|signin/i.test(name + head)
  }).length

/** Reloads until the page says so. */
async function waitFor(page: Page, url: string, isThere: () => Promise<boolean>): Promise<void> {
  for (let waited = 0; waited < PATIENCE_SECONDS; waited++) {
    await page.goto(url)
    if (await isThere()) return
    await new Promise((resolve) => setTimeout(resolve, 1000))
  }
  assert.fail(`${url} never changed`)
}

let doneUrl = '' // of the camat, after signing
let signedBefore = -1

test('a camat goes from the letter to the signed pact on a phone', { skip }, async () => {
  const page = await openPhone()
  await page.goto(`${baseUrl}/demo/surel`)
  await look(page, 'demo mailbox')
  await openLetter(page, emailOf(camat), /Pakta Integritas Netralitas Pimpinan/)
  await look(page, 'invitation')
  await page.locator('.mail a[href*="/t/"]').first().click()
  assert.equal(await heading(page), 'Baca dan tanda tangani pakta Anda')
  await look(page, 'signing')
  // Whose it is, and that nobody can learn the number's end from the page.
  const text = await page.locator('main').innerText()
  assert.ok(text.includes(camat.name.toUpperCase()) || text.includes(camat.name), text.slice(0, 600))
  assert.ok(!text.replace(/\s/g, '').includes(camat.identityNumber))

  await page.getByRole('button', { name: 'Tanda tangani' }).click()
  await page.locator('.summary-wrong, [role=alert]').first().waitFor()
  assert.match(await page.locator('.summary-wrong, [role=alert]').first().innerText(), /Nyatakan/)
  await look(page, 'signing, refused')

  for (const consent of ['isSelf', 'hasRead', 'isBinding']) await page.locator(`#${consent}`).check()
  await page.locator('#identityTail').fill(numberEnd(camat))
  await page.getByLabel('Gambar dengan jari atau tetikus').check()
  await page.locator('#strokes').scrollIntoViewIfNeeded()
  const box = (await page.locator('#strokes').boundingBox())!
  await page.mouse.move(box.x + 20, box.y + 30)
  await page.mouse.down()
  for (const [x, y] of [
    [60, 90],
    [110, 25],
    [160, 95],
    [230, 40],
  ] as const)
    await page.mouse.move(box.x + x, box.y + y, { steps: 8 })
  await page.mouse.up()
  await look(page, 'signing, drawn')
  await page.getByRole('button', { name: 'Tanda tangani' }).click()
  await page.waitForURL(/selesai/)
  assert.equal(await heading(page), 'Pakta Anda telah ditandatangani')
  assert.match(await page.locator('main').innerText(), /Bawaslu akan menandatangani/)
  await look(page, 'signed, waiting for the witness')
  doneUrl = page.url()
  await page.context().close()
})

test('Bawaslu signs in by a mailed link, reads the waiting pact and witnesses it', { skip }, async () => {
  const page = await openPhone()
  await signIn(page, WITNESS)
  await waitFor(page, `${baseUrl}/saksi`, async () => (await page.locator('a[href^="/saksi/"]').count()) > 1)
  await look(page, 'witness list')
  await page.getByRole('link', { name: camat.unit.name }).click()
  assert.equal(await heading(page), 'Saksikan pakta pimpinan')
  await look(page, 'witness pact')
  await page.locator('#confirms').check()
  await page.getByRole('button', { name: 'Tanda tangani sebagai saksi' }).click()
  // Whoever leaves the page while the device is signing has not signed.
  await page.waitForURL((url) => !/\/saksi\/\d+$/.test(url.pathname), { timeout: PATIENCE_SECONDS * 1000 })
  await waitFor(page, `${baseUrl}/saksi`, async () => (await page.getByText('Unduh PDF').count()) > 0)
  await look(page, 'witness list, done')
  await page.getByRole('link', { name: 'Rekapitulasi' }).first().click()
  assert.equal(await heading(page), 'Rekapitulasi')
  await look(page, 'totals')
  assert.ok(!(await page.locator('main').innerText()).includes(camat.name))
  await page.context().close()
})

test('the camat downloads the pact, and its QR code leads to SAH', { skip }, async () => {
  const page = await openPhone()
  const button = page.getByRole('link', { name: 'Unduh pakta (PDF)' })
  await waitFor(page, doneUrl, async () => (await button.count()) > 0)
  await look(page, 'signed and sealed')
  const downloading = page.waitForEvent('download')
  await button.click()
  const download = await downloading
  assert.match(download.suggestedFilename(), /^pakta-[0-9A-Z]{26}\.pdf$/)
  const file = join(temporary.folder, 'pakta.pdf')
  await download.saveAs(file)
  assert.ok((await run('pdftotext', [file, '-'])).out.includes('CONTOH'))

  const drawn = await run('pdftoppm', ['-r', '150', '-png', file, join(temporary.folder, 'page')])
  assert.equal(drawn.code, 0, drawn.out)
  const pictures = readdirSync(temporary.folder).filter((name) => /^page.*\.png$/.test(name))
  const codes: string[] = []
  for (const name of pictures) {
    const found = await run('zbarimg', ['-q', '--raw', join(temporary.folder, name)])
    codes.push(...found.out.split('\n').filter((line) => line.startsWith('http')))
  }
  assert.equal(codes.length, 1)
  assert.ok(codes[0]!.startsWith(`${baseUrl}/v/`))
  await page.goto(codes[0]!)
  assert.equal(await heading(page), 'SAH')
  await look(page, 'verdict by code')

  await page.goto(`${baseUrl}/v`)
  await look(page, 'verification')
  await page.locator('input[type=file]').setInputFiles(file)
  await page.locator('form[enctype="multipart/form-data"] button[type=submit]').click()
  assert.equal(await heading(page), 'SAH')
  await look(page, 'verdict by file')
  // Head and witness each made a key on a device of their own.
  const ways = (await page.locator('main').innerText()).match(/kunci yang dibuat di perangkat/g)
  assert.equal(ways?.length, 2)
  await page.context().close()
})

/** "4 dari 80": the figure of the unit that is open. */
async function readFigure(page: Page): Promise<{ signed: number; required: number }> {
  const text = await page.locator('.figure').first().innerText()
  const [, signed, required] = /([\d.]+)\s+dari\s+([\d.]+)/.exec(text)!
  return { signed: Number(signed!.replace('.', '')), required: Number(required!.replace('.', '')) }
}

test('the head’s dashboard counts it, name by name', { skip }, async () => {
  const page = await openPhone()
  await signIn(page, emailOf(camat))
  await page.goto(`${baseUrl}/cakupan`)
  assert.equal(await heading(page), camat.unit.name)
  await look(page, 'dashboard')
  const { signed, required } = await readFigure(page)
  assert.equal(signed, 1)
  assert.ok(required > 1)
  signedBefore = signed
  await page.getByRole('link', { name: 'Lihat daftar nama' }).click()
  await look(page, 'names')
  const row = page.getByRole('row').filter({ hasText: new RegExp(camat.name, 'i') })
  assert.match(await row.first().innerText(), /menandatangani/i)
  await row.first().getByRole('link').first().click()
  await look(page, 'person')
  assert.match(await page.locator('main').innerText(), /menandatangani/i)
  await page.context().close()
})

test(
  'an employee of a kelurahan, invited only now, signs without JavaScript by typing the name',
  { skip },
  async () => {
    const page = await openPhone({ javaScriptEnabled: false })
    await openLetter(page, emailOf(lurah), /Penandatanganan Pakta Integritas Netralitas/)
    await page.locator('.mail a[href*="/t/"]').first().click()
    assert.equal(await heading(page), 'Baca dan tanda tangani pakta Anda')
    assert.equal(await page.locator('#drawing').isVisible(), false)
    for (const consent of ['isSelf', 'hasRead', 'isBinding']) await page.locator(`#${consent}`).check()
    await page.locator('#identityTail').fill(numberEnd(lurah))
    await page.locator('#typedName').fill(lurah.name)
    await page.getByRole('button', { name: 'Tanda tangani' }).click()
    await page.waitForURL(/selesai/)
    assert.equal(await heading(page), 'Pakta Anda telah ditandatangani')
    const button = page.getByRole('link', { name: 'Unduh pakta (PDF)' })
    await waitFor(page, page.url(), async () => (await button.count()) > 0)
    const [code] = /[0-9A-Z]{26}/.exec(
      (await page.locator('.panel .code').innerText()).replace(/[\s-]/g, ''),
    )!
    await page.goto(`${baseUrl}/v/${code}`)
    assert.equal(await heading(page), 'SAH')
    // A visitor who brings no file learns no name.
    assert.ok(!(await page.locator('main').innerText()).includes(lurah.name))
    await page.context().close()

    const head = await openPhone()
    await signIn(head, emailOf(camat))
    await head.goto(`${baseUrl}/cakupan`)
    assert.equal((await readFigure(head)).signed, signedBefore + 1)
    await head.getByRole('link', { name: lurah.unit.name, exact: true }).click()
    assert.equal(await heading(head), lurah.unit.name)
    assert.equal((await readFigure(head)).signed, 1)
    await look(head, 'dashboard of a kelurahan')
    await head.context().close()
  },
)

test('no page of the road made the browser complain or asked another origin', { skip }, () => {
  assert.deepEqual(complaints, [])
  assert.ok(new Set(walked).size >= 20, [...new Set(walked)].join(', '))
})

// The hall: a big screen that follows, also over a restart of the service, and the entrance on a phone.
import assert from 'node:assert/strict'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, test } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import { doorsOf, openAssembly } from '../../src/flow/assemble.js'
import { openTestHouse, type TestHouse } from '../house.js'
import { CHROMIUM, hasChromium, launchBrowser, screens } from '../web/gallery.js'
import { look, openPage, violationsOf } from './phone.js'

const skip = hasChromium || process.env['CI'] ? false : `no browser at ${CHROMIUM}`
const SOON_MILLISECONDS = 2000

let browser: Browser
let house: TestHouse
let server: Server
let origin = ''
let screen = ''
const ends: (() => Promise<void>)[] = []
let entrance = ''
before(async () => {
  if (skip) return
  browser = await launchBrowser()
  let handler: TestHouse['app'] | undefined
  const listen = async (port: number) => {
    server = createServer((request, response) => void handler!(request, response))
    await new Promise<void>((listening) => server.listen(port, '127.0.0.1', listening))
    return (server.address() as AddressInfo).port
  }
  const port = await listen(0)
  restart = async (pauseMilliseconds) => {
    const stopped = new Promise((done) => server.close(done))
    server.closeAllConnections()
    await stopped
    await new Promise((rest) => setTimeout(rest, pauseMilliseconds))
    await listen(port)
  }
  origin = `http://127.0.0.1:${port}`
  house = await openTestHouse(
    { after: (end) => ends.push(end) },
    { now: new Date(), settings: { baseUrl: origin } },
  )
  handler = house.app
  const campaign = await house.openCampaign()
  await house.openGates('kadis')
  const id = await openAssembly(
    house.house,
    { campaign, unitId: null, title: 'Apel Netralitas ASN Rekaan', startsAt: new Date() },
    house.admin(),
  )
  ;({ screen, entrance } = doorsOf(house.house, { id }))
})
let restart: (pauseMilliseconds: number) => Promise<void>
after(async () => {
  await browser?.close()
  server?.closeAllConnections()
  await new Promise((closed) => (server ? server.close(closed) : closed(undefined)))
  for (const end of ends) await end()
})

const wide = { width: 1920, height: 1080 }
const signedOn = async (page: Page) => Number((await page.locator('#sudah').innerText()).replaceAll('.', ''))
/** Signs, and waits until the page says so. @returns milliseconds between the two */
async function signAndWatch(page: Page, key: string, patience: number): Promise<number> {
  const before = await signedOn(page)
  await house.sign(key)
  const start = performance.now()
  await page.waitForFunction(
    (want) => document.getElementById('sudah')?.textContent === String(want),
    before + 1,
    { timeout: patience, polling: 50 },
  )
  return performance.now() - start
}

test(
  'the big screen changes within two seconds of a signature, on a projector and on a phone',
  { skip },
  async () => {
    const complaints: string[] = []
    for (const [key, viewport] of [
      ['dinas1', wide],
      ['dinas2', screens.phone],
    ] as const) {
      const page = await openPage(browser, { origin, complaints }, { viewport })
      await page.goto(`${origin}/layar/${screen}`)
      assert.ok((await signAndWatch(page, key, SOON_MILLISECONDS)) < SOON_MILLISECONDS)
      assert.match(await page.locator('#terbaru').innerText(), /\d\d\.\d\d WI/)
      assert.match(await page.locator('#sisa').innerText(), /\d\d\.\d\d\.\d\d/)
      assert.deepEqual(await violationsOf(page, `big screen at ${viewport.width}`), [])
      const isWider = await page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth)
      assert.ok(!isWider, 'nothing lies outside the screen')
      if (viewport === wide)
        assert.ok(
          await page.evaluate(() => document.documentElement.scrollHeight <= window.innerHeight),
          'a projector shows all of it: nobody scrolls there',
        )
      await page.context().close()
    }
    assert.deepEqual(complaints, [])
  },
)

test(
  'a screen that has stood for twelve hours follows on after the service was started again',
  { skip },
  async () => {
    const page = await openPage(
      browser,
      { origin, complaints: [], isExpected: () => true },
      { viewport: wide },
    )
    await page.clock.install()
    await page.goto(`${origin}/layar/${screen}`)
    await signAndWatch(page, 'bidang1', 30_000)
    const nodes = () => page.evaluate(() => document.querySelectorAll('*').length)
    const nodesBefore = await nodes()
    await page.clock.runFor('06:00:00')
    await restart(1500)
    await page.getByText(/Sambungan terputus/).waitFor()
    await page.clock.runFor(5000)
    await page.getByText(/Keadaan pukul/).waitFor()
    await page.clock.runFor('06:00:00')
    await signAndWatch(page, 'bidang2', 30_000)
    assert.ok((await nodes()) <= nodesBefore + 4, 'nothing piles up')
    await page.context().close()
  },
)

test('without script the screen asks again by itself', { skip }, async () => {
  const page = await openPage(
    browser,
    { origin, complaints: [] },
    { viewport: wide, javaScriptEnabled: false },
  )
  await page.goto(`${origin}/layar/${screen}`)
  assert.equal(await page.locator('meta[http-equiv="refresh"]').count(), 1)
  await page.context().close()
})

test('at the entrance a number brings the link by mail, and the phone learns nothing', { skip }, async () => {
  const complaints: string[] = []
  const page = await openPage(browser, { origin, complaints })
  await page.goto(`${origin}/apel/${entrance}`)
  await look(page, 'entrance')
  const person = house.person('bidang3')
  house.now = new Date(house.now.getTime() + 3_600_000)
  const before = house.post.mailsTo(person.email).length
  await page.getByLabel('NIP, NI PPPK, atau nomor kontrak').fill(person.identityNumber)
  await page.getByRole('button', { name: 'Kirim tautan saya' }).click()
  await page.getByRole('heading', { name: 'Periksa surel Anda' }).waitFor()
  await look(page, 'entrance, sent')
  assert.ok(!(await page.content()).includes(person.email))
  await house.advance()
  assert.equal(house.post.mailsTo(person.email).length, before + 1)
  await page.context().close()
  assert.deepEqual(complaints, [])
})

test(
  'a head’s one screen says who is missing, why and what to do, and reminds with one button',
  { skip },
  async () => {
    const complaints: string[] = []
    for (const viewport of [wide, screens.phone]) {
      const page = await openPage(browser, { origin, complaints }, { viewport })
      const [name, value] = (await house.cookie(house.accounts.unit_head)).split('=') as [string, string]
      await page.context().addCookies([{ name, value, url: origin }])
      await page.goto(`${origin}/cakupan`)
      const main = page.locator('main')
      assert.match(await main.innerText(), /Sisa waktu\s+\d+ hari[\s\S]*Yang belum, dan yang dapat dilakukan/)
      assert.deepEqual(await violationsOf(page, `head’s screen at ${viewport.width}`), [])
      const isWider = await page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth)
      assert.ok(!isWider, 'nothing lies outside the screen')
      await page.getByRole('button', { name: /^Ingatkan \d+ orang$/ }).click()
      await page
        .getByText(viewport === wide ? /pengingat sedang dikirim/ : /semua sudah diingatkan hari ini/)
        .waitFor()
      // On paper: the figures stay, what is pressed goes.
      await page.emulateMedia({ media: 'print' })
      assert.ok(!(await page.getByRole('button', { name: /^Ingatkan/ }).isVisible()))
      assert.ok(await page.getByText('Yang belum, dan yang dapat dilakukan').isVisible())
      await page.context().close()
    }
    assert.deepEqual(complaints, [])
  },
)

test(
  'a map of kecamatan and kelurahan: coloured, written, led through by keyboard, drawn on paper',
  { skip },
  async () => {
    const complaints: string[] = []
    const ring = (x: number) => [
      [x, -4],
      [x + 0.1, -4],
      [x + 0.1, -3.9],
      [x, -3.9],
      [x, -4],
    ]
    const feature = (kode: string, x: number) => ({
      type: 'Feature',
      properties: { kode },
      geometry: { type: 'Polygon', coordinates: [ring(x)] },
    })
    const map = JSON.stringify({
      type: 'FeatureCollection',
      features: [
        feature('74.71.01.1001', 122.5),
        feature('74.71.01.1002', 122.6),
        feature('74.71.01', 122.5),
      ],
    })
    for (const viewport of [wide, screens.phone]) {
      const page = await openPage(
        browser,
        { origin, complaints, isExpected: (_, message) => /400/.test(message) },
        { viewport },
      )
      const [name, value] = (await house.cookie(house.accounts.administrator)).split('=') as [string, string]
      await page.context().addCookies([{ name, value, url: origin }])
      await page.goto(`${origin}/admin/peta`)
      const upload = async (text: string) => {
        await page.getByLabel('Berkas GeoJSON').setInputFiles({
          name: 'peta.geojson',
          mimeType: 'application/geo+json',
          buffer: Buffer.from(text),
        })
        await page.getByRole('button', { name: 'Simpan peta' }).click()
      }
      await upload(map.replaceAll('[122.5,-4]', '[-4,122.5]'))
      await page
        .getByText(/tertukar: GeoJSON menulis bujur lebih dahulu/)
        .first()
        .waitFor()
      await upload(map)
      await page.getByText('Peta disimpan: 3 wilayah.').waitFor()
      assert.deepEqual(await violationsOf(page, `map page at ${viewport.width}`), [])
      const kecamatan = await house.unitId('74.71.01')
      await page.goto(`${origin}/cakupan/1/${kecamatan}`)
      const region = page.locator('.map a').first()
      assert.match((await region.getAttribute('aria-label'))!, /^Kelurahan \w+: \d+,\d%, \d+ dari \d+$/)
      await region.focus()
      assert.equal(await page.evaluate(() => document.activeElement?.closest('.map') !== null), true)
      assert.deepEqual(await violationsOf(page, `map at ${viewport.width}`), [])
      const isWider = await page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth)
      assert.ok(!isWider, 'nothing lies outside the screen')
      await page.emulateMedia({ media: 'print' })
      assert.ok(await page.locator('.map svg').isVisible())
      await page.keyboard.press('Enter')
      await page.waitForURL(/\/cakupan\/1\/\d+$/)
      await page.context().close()
    }
    assert.deepEqual(complaints, [])
  },
)

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Browser, BrowserContextOptions } from 'playwright-core'
import { parseStrokes } from '../../src/domain/pact.js'
import { CHROMIUM, hasChromium, launchBrowser, scenes, screens, serveScenes } from '../web/gallery.js'
import { openPage, violationsOf } from './phone.js'

const skip = hasChromium || process.env['CI'] ? false : `no browser at ${CHROMIUM}`

let browser: Browser
let server: Awaited<ReturnType<typeof serveScenes>>
before(async () => {
  if (skip) return
  browser = await launchBrowser()
  server = await serveScenes()
})
after(async () => {
  if (skip) return
  await browser.close()
  await server.close()
})

const open = (options: BrowserContextOptions, complaints: string[]) =>
  openPage(browser, { origin: server.origin, complaints }, options)

for (const [screen, viewport] of Object.entries(screens))
  test(`axe finds nothing on any page at ${viewport.width}x${viewport.height}`, { skip }, async () => {
    const complaints: string[] = []
    const page = await open({ viewport }, complaints)
    const violations: string[] = []
    for (const { name } of scenes) {
      await page.goto(`${server.origin}/scene/${name}`)
      violations.push(...(await violationsOf(page, `${name} (${screen})`)))
    }
    assert.deepEqual(violations, [])
    assert.deepEqual(complaints, [])
  })

test(
  'no page scrolls sideways at 320 px, and everything to press is at least 44 px high',
  { skip },
  async () => {
    const complaints: string[] = []
    const page = await open({ viewport: { width: 320, height: 640 } }, complaints)
    const wrong: string[] = []
    for (const { name } of scenes) {
      await page.goto(`${server.origin}/scene/${name}`)
      const width = await page.evaluate(() => document.documentElement.scrollWidth)
      if (width > 320) wrong.push(`${name}: ${width} px wide`)
      const small = await page.evaluate(() =>
        [
          ...document.querySelectorAll<HTMLElement>(
            '.button, summary, .choice, input:not([type=hidden]), select, textarea, .nav a, .nav button',
          ),
        ]
          .filter((one) => one.offsetParent && !one.closest('.choice > *'))
          .filter((one) => one.getBoundingClientRect().height < 44)
          .map((one) => one.outerHTML.slice(0, 80)),
      )
      wrong.push(...small.map((one) => `${name}: ${one}`))
    }
    assert.deepEqual(wrong, [])
    assert.deepEqual(complaints, [])
  },
)

test('text is at least 18 px on a phone, and 16 px where it is an aside', { skip }, async () => {
  const page = await open({ viewport: screens.phone }, [])
  const wrong: string[] = []
  for (const { name } of scenes) {
    await page.goto(`${server.origin}/scene/${name}`)
    const body = await page.evaluate(() =>
      parseFloat(getComputedStyle(document.querySelector('main')!).fontSize),
    )
    if (body < 18) wrong.push(`${name}: ${body} px`)
    const smallest = await page.evaluate(() =>
      Math.min(
        ...[...document.querySelectorAll('main *')].map((one) => parseFloat(getComputedStyle(one).fontSize)),
      ),
    )
    if (smallest < 16) wrong.push(`${name}: aside of ${smallest} px`)
  }
  assert.deepEqual(wrong, [])
})

test(
  'without script the signing page offers the typed name alone, and its form posts all that is asked',
  { skip },
  async () => {
    const page = await open({ viewport: screens.phone, javaScriptEnabled: false }, [])
    await page.goto(`${server.origin}/scene/signing`)
    assert.equal(await page.locator('#methods').isVisible(), false)
    assert.equal(await page.locator('#drawing').isVisible(), false)
    for (const consent of ['isSelf', 'hasRead', 'isBinding']) await page.locator(`#${consent}`).check()
    await page.locator('#identityTail').fill('2017')
    await page.locator('#typedName').fill('Wa Ode Sitti Rahmawati Nuraeni')
    const posted = page.waitForRequest((request) => request.method() === 'POST')
    await page.getByRole('button', { name: 'Tanda tangani' }).click()
    const fields = new URLSearchParams((await posted).postData() ?? '')
    assert.deepEqual(Object.fromEntries(fields), {
      textSha256: 'a'.repeat(64),
      isSelf: 'yes',
      hasRead: 'yes',
      isBinding: 'yes',
      identityTail: '2017',
      method: 'typed',
      typedName: 'Wa Ode Sitti Rahmawati Nuraeni',
      strokes: '',
    })
  },
)

test(
  'a drawn signature is posted as whole numbers inside the box, can be undone and survives a turned phone',
  { skip },
  async () => {
    const page = await open({ viewport: screens.phone }, [])
    await page.goto(`${server.origin}/scene/signing`)
    await page.getByLabel('Gambar dengan jari atau tetikus').check()
    assert.equal(await page.locator('#typed').isVisible(), false)
    const draw = async (from: [number, number], to: [number, number]) => {
      await page.locator('#strokes').scrollIntoViewIfNeeded()
      const box = (await page.locator('#strokes').boundingBox())!
      await page.mouse.move(box.x + from[0], box.y + from[1])
      await page.mouse.down()
      await page.mouse.move(box.x + to[0], box.y + to[1], { steps: 12 })
      await page.mouse.up()
    }
    const strokes = async () => parseStrokes(await page.locator('input[name=strokes]').inputValue())
    await draw([20, 20], [200, 80])
    await draw([40, 90], [300, 30])
    await draw([10, 50], [900, 50]) // out of the box on the right
    assert.equal((await strokes()).length, 3)
    await page.getByRole('button', { name: 'Urungkan' }).click()
    const kept = await strokes()
    assert.equal(kept.length, 2)
    await page.setViewportSize({ width: 740, height: 360 })
    await page.waitForTimeout(100)
    await draw([300, 100], [400, 150])
    const turned = await strokes()
    assert.equal(turned.length, 3)
    // What was drawn before the turn is where it was, to a rounding.
    for (const [index, number] of kept.flat().entries())
      assert.ok(Math.abs(number - turned.slice(0, 2).flat()[index]!) <= 2, `${number} moved`)
    await page.getByRole('button', { name: 'Hapus gambar' }).click()
    assert.equal(await page.locator('input[name=strokes]').inputValue(), '')
  },
)

test('a second tap on the button sends nothing', { skip }, async () => {
  const page = await open({ viewport: screens.phone }, [])
  await page.goto(`${server.origin}/scene/signing`)
  let posts = 0
  await page.route('**/kunci', async (route) => {
    posts++
    await new Promise((resolve) => setTimeout(resolve, 500))
    await route.fulfill({ status: 204 })
  })
  await page.evaluate(() => {
    const button = document.querySelector<HTMLButtonElement>('#sign button[type=submit]')!
    button.click()
    button.click()
  })
  await page.waitForTimeout(900)
  assert.equal(posts, 1)
})

test('opening the signing page tells nothing; the first touch does, once', { skip }, async () => {
  const page = await open({ viewport: screens.phone }, [])
  const told: string[] = []
  page.on('request', (request) => {
    if (request.method() === 'POST') told.push(new URL(request.url()).pathname)
  })
  await page.goto(`${server.origin}/scene/signing`)
  await page.waitForTimeout(200)
  assert.deepEqual(told, [])
  await page.locator('h1').click()
  await page.locator('h1').click()
  await page.waitForTimeout(200)
  assert.equal(told.length, 1)
  assert.match(told[0]!, /^\/t\/.+\/dibuka$/)
})

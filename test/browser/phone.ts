import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { screens } from '../web/gallery.js'

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

interface AxeResult {
  violations: { id: string; nodes: { target: string[]; failureSummary: string }[] }[]
}

/** What axe finds wrong on the page that is open now. */
export async function violationsOf(page: Page, name: string): Promise<string[]> {
  // Through the debugger's own door, which the content security policy does not guard.
  await page.evaluate(axe)
  const result = (await page.evaluate('axe.run(document, { resultTypes: ["violations"] })')) as AxeResult
  return result.violations.map(
    ({ id, nodes }) => `${name} ${id}: ${nodes[0]!.target.join(' ')}; ${nodes[0]!.failureSummary}`,
  )
}

/** The page that is open now: axe finds nothing, nothing is wider than the screen. */
export async function look(page: Page, name: string): Promise<void> {
  assert.deepEqual(await violationsOf(page, name), [])
  const width = await page.evaluate(() => document.documentElement.scrollWidth)
  assert.ok(width <= (page.viewportSize()?.width ?? screens.phone.width), `${name} is ${width} px wide`)
}

/**
 * A page in a context of its own: what the browser complains of (a blocked style or script, an error) and every
 * request to another origin ends up in `complaints`.
 */
export async function openPage(
  browser: Browser,
  at: { origin: string; complaints: string[]; isExpected?: (page: Page, message: string) => boolean },
  options: BrowserContextOptions = { viewport: screens.phone },
): Promise<Page> {
  const page = await (await browser.newContext(options)).newPage()
  page.setDefaultTimeout(30_000)
  page.on('console', (message) => {
    const isExpected = at.isExpected?.(page, message.text()) ?? false
    if (['error', 'warning'].includes(message.type()) && !isExpected)
      at.complaints.push(`${page.url()}: ${message.text()}`)
  })
  page.on('pageerror', (error) => at.complaints.push(`${page.url()}: ${error.message}`))
  page.on('request', (request) => {
    if (!request.url().startsWith(at.origin)) at.complaints.push(`${page.url()} asks ${request.url()}`)
  })
  return page
}

import { writeFile } from 'node:fs/promises'
import type { Browser } from 'playwright-core'
import type { Client } from './client.js'
import type { Tools } from './server.js'

const CHROMIUM = '/usr/bin/chromium'

/** Takes pictures of pages, as whoever is signed in sees them. */
export interface Camera {
  /** @param page.width in CSS pixels; a page is taken as high as it is, up to `height` where one is given */
  take(client: Client, page: { path: string; file: string; width?: number; height?: number }): Promise<void>
  /** A page of our own making: what somebody prints without the service. */
  draw(html: string, file: string): Promise<void>
  close(): Promise<void>
}

/** A browser without a screen; where none is installed this is said once and no picture is taken. */
export async function openCamera(tools: Tools): Promise<Camera> {
  let browser: Browser
  try {
    const { chromium } = await import('playwright-core')
    browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] })
  } catch (error) {
    tools.say(
      `Tanpa gambar halaman: Chromium tidak dapat dijalankan (${(error as Error).message.split('\n')[0]}).`,
    )
    return { take: async () => {}, draw: async () => {}, close: async () => {} }
  }
  return {
    async take(client, { path, file, width = 1280, height }) {
      const context = await browser.newContext({
        viewport: { width, height: height ?? 900 },
        locale: 'id-ID',
      })
      const [name, value] = client.cookie.split('=') as [string, string | undefined]
      if (value) await context.addCookies([{ name, value, url: client.baseUrl }])
      const page = await context.newPage()
      await page.goto(client.baseUrl + path)
      await writeFile(file, await page.screenshot({ fullPage: height === undefined }))
      await context.close()
    },
    async draw(html, file) {
      const page = await browser.newPage({ viewport: { width: 1000, height: 1414 } })
      await page.setContent(html)
      await writeFile(file, await page.screenshot())
      await page.close()
    },
    close: () => browser.close(),
  }
}

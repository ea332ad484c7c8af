// Every page as HTML and as a picture: `node dist/test/web/gallery.js OUT [name...]`. For looking, not for asserting.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { chromium } from 'playwright-core'
import { renderPage } from '../../src/web/layout.js'
import { deskScenes } from './desk-scenes.js'
import { openScenes, type Scene } from './scenes.js'

export const scenes: readonly Scene[] = [...openScenes, ...deskScenes]

// What server.ts sends with every page; a page that breaks it shows in the browser's console.
export const CONTENT_SECURITY_POLICY =
  "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-src 'self'; frame-ancestors 'none'"

const assets: Record<string, { file: string; type: string }> = {
  '/aset/pakta.css': { file: 'src/web/assets/pakta.css', type: 'text/css; charset=utf-8' },
  '/aset/desk.css': { file: 'src/web/assets/desk.css', type: 'text/css; charset=utf-8' },
  '/aset/layar.css': { file: 'src/web/assets/layar.css', type: 'text/css; charset=utf-8' },
  '/aset/lambang.svg': { file: 'src/web/assets/lambang.svg', type: 'image/svg+xml' },
  ...Object.fromEntries(
    ['signing.js', 'signing-own.js', 'screen.js'].map((name) => [
      `/aset/${name}`,
      { file: `dist/browser/${name}`, type: 'text/javascript; charset=utf-8' },
    ]),
  ),
}

/** Serves the scenes at /scene/<name> with the service's own headers, on a free loopback port. */
export async function serveScenes(list: readonly Scene[] = scenes) {
  const server = createServer((request, response) => {
    const path = new URL(request.url!, 'http://localhost').pathname
    const asset = assets[path]
    const scene = list.find(({ name }) => path === `/scene/${name}`)
    response.setHeader('content-security-policy', CONTENT_SECURITY_POLICY)
    if (asset) response.setHeader('content-type', asset.type).end(readFileSync(asset.file))
    else if (scene) response.setHeader('content-type', 'text/html; charset=utf-8').end(renderPage(scene.page))
    // A stream that has nothing to say.
    else if (path.endsWith('/aliran'))
      response.setHeader('content-type', 'text/event-stream').end('retry: 600000\n\n')
    else if (path.endsWith('/pratinjau.pdf'))
      response
        .setHeader('content-security-policy', "default-src 'none'; frame-ancestors 'self'")
        .setHeader('content-type', 'text/html; charset=utf-8')
        .end('<!doctype html><html lang="id"><title>Pratinjau</title><main><h1>Naskah</h1></main></html>')
    else response.writeHead(404).end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    origin: `http://127.0.0.1:${port}`,
    close: () => new Promise((resolve) => server.close(resolve)),
  }
}

/** Debian's Chromium, where it is installed. */
export const CHROMIUM = '/usr/bin/chromium'
export const hasChromium = existsSync(CHROMIUM)

export function launchBrowser() {
  return chromium.launch({
    executablePath: CHROMIUM,
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
  })
}

export const screens = {
  phone: { width: 360, height: 740 },
  desktop: { width: 1280, height: 900 },
} as const

async function writeGallery(out: string, names: readonly string[]) {
  mkdirSync(out, { recursive: true })
  const chosen = names.length > 0 ? scenes.filter(({ name }) => names.includes(name)) : scenes
  const server = await serveScenes(chosen)
  const browser = await launchBrowser()
  for (const [screen, viewport] of Object.entries(screens)) {
    const page = await browser.newPage({ viewport })
    for (const { name, page: node } of chosen) {
      writeFileSync(join(out, `${name}.html`), renderPage(node))
      await page.goto(`${server.origin}/scene/${name}`)
      await page.screenshot({ path: join(out, `${name}-${screen}.png`), fullPage: true })
    }
  }
  await browser.close()
  await server.close()
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const [out, ...names] = process.argv.slice(2)
  if (!out) throw new Error('usage: node dist/test/web/gallery.js OUT [name...]')
  await writeGallery(out, names)
}

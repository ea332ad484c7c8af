import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { Fragment, h } from 'preact'
import { formatCount, formatPermille } from '../../src/domain/coverage.js'
import { hideEnd } from '../../src/domain/hiding.js'
import { formatBytes, renderPage } from '../../src/web/layout.js'
import { scenes } from './gallery.js'

// Pages are looked at as text here, with our own few lines rather than a forgiving HTML parser: what is
// asked is stricter than what a browser would mend.

const pages = scenes.map(({ name, page }) => ({ name, html: renderPage(page) }))
const each = (check: (html: string, name: string) => void) => {
  for (const { name, html } of pages) check(html, name)
}

const VOID = new Set(['meta', 'link', 'input', 'img', 'br', 'hr'])
interface Element {
  tag: string
  attributes: Map<string, string>
  ancestors: string[]
}

/** Every element in order; throws at the first tag that is not closed by its own. */
function elements(html: string): Element[] {
  const open: string[] = []
  const found: Element[] = []
  const tags = /<(\/?)([a-z][a-z0-9]*)((?:\s+[^\s=<>"'/]+(?:="[^"]*")?)*)\s*(\/?)>|<(?!!doctype html>)/gi
  for (const [whole, closing, tag, attributes, selfClosing] of html.matchAll(tags)) {
    if (!tag) throw new Error(`stray "<" in ${html.slice(html.indexOf(whole), 80)}`)
    if (closing) {
      const last = open.pop()
      if (last !== tag) throw new Error(`</${tag}> closes <${last}>`)
      continue
    }
    found.push({
      tag,
      attributes: new Map(
        [...attributes!.matchAll(/([^\s=]+)(?:="([^"]*)")?/g)].map(([, name, value]) => [name!, value ?? '']),
      ),
      ancestors: [...open],
    })
    if (!selfClosing && !VOID.has(tag)) open.push(tag)
  }
  if (open.length > 0) throw new Error(`never closed: ${open.join(', ')}`)
  return found
}

test('every tag of every page is closed by its own, and no form stands inside another', () => {
  each((html, name) => {
    for (const element of elements(html)) {
      const { tag, ancestors } = element
      if (tag === 'form') assert.ok(!ancestors.includes('form'), `${name}: a form in a form`)
      if (['p', 'h1', 'h2', 'table', 'ul', 'ol', 'div', 'form', 'dl'].includes(tag))
        assert.ok(!ancestors.includes('p'), `${name}: <${tag}> inside <p>`)
    }
  })
})

test('every page is Indonesian, has a title of its own and exactly one h1', () => {
  const titles = new Map<string, string>()
  each((html, name) => {
    const all = elements(html)
    assert.equal(all[0]!.attributes.get('lang'), 'id', name)
    assert.equal(all.filter(({ tag }) => tag === 'h1').length, 1, `${name}: h1`)
    const title = /<title>(.+?)<\/title>/.exec(html)?.[1]
    assert.ok(title, `${name}: title`)
    titles.set(name, title)
  })
  assert.ok(titles.get('signing-wrong')!.startsWith('Perlu diperbaiki: '), 'a refused form is heard first')
})

test('no page has an inline script, a style, an event attribute or a base address', () => {
  each((html, name) => {
    for (const { tag, attributes } of elements(html)) {
      assert.notEqual(tag, 'style', name)
      if (tag === 'script') assert.match(attributes.get('src') ?? '', /^\/aset\//, name)
      for (const attribute of attributes.keys())
        assert.ok(!/^(style|on.*)$/i.test(attribute), `${name}: ${tag} has ${attribute}`)
    }
    assert.doesNotMatch(html, /javascript:/i, name)
  })
})

test('no page loads anything from another origin', () => {
  each((html, name) => {
    for (const { tag, attributes } of elements(html)) {
      const loaded =
        tag === 'a'
          ? undefined
          : (attributes.get('src') ?? attributes.get('href') ?? attributes.get('action'))
      if (loaded !== undefined) assert.match(loaded, /^\/(?!\/)/, `${name}: ${tag} ${loaded}`)
    }
  })
  for (const name of ['pakta.css', 'desk.css'])
    assert.doesNotMatch(readFileSync(`src/web/assets/${name}`, 'utf8'), /url\(|@import|https?:/)
})

test('every control has a label, every reference an element, every id is unique', () => {
  each((html, name) => {
    const all = elements(html)
    const ids = all.flatMap(({ attributes }) => attributes.get('id') ?? [])
    assert.deepEqual(
      ids.filter((id, index) => ids.indexOf(id) !== index),
      [],
      `${name}: ids used twice`,
    )
    const labelled = new Set(
      all.filter(({ tag }) => tag === 'label').map(({ attributes }) => attributes.get('for')),
    )
    for (const { tag, attributes } of all) {
      if (['input', 'select', 'textarea'].includes(tag) && attributes.get('type') !== 'hidden')
        assert.ok(labelled.has(attributes.get('id') ?? ''), `${name}: no label for ${attributes.get('name')}`)
      for (const reference of ['aria-describedby', 'aria-labelledby', 'for'])
        for (const id of attributes.get(reference)?.split(' ') ?? [])
          assert.ok(ids.includes(id), `${name}: ${reference}="${id}" leads nowhere`)
      const href = attributes.get('href') ?? ''
      if (href.startsWith('#')) assert.ok(ids.includes(href.slice(1)), `${name}: ${href} leads nowhere`)
    }
  })
})

test('a name that looks like a script stays a name', () => {
  const people = pages.find(({ name }) => name === 'people')!.html
  assert.ok(people.includes('Andi Nurfadillah &lt;script>alert(1)&lt;/script>'))
  each((html, name) => assert.doesNotMatch(html, /<script>/, name))
})

test('a form that comes back keeps what was typed and says what to mend beside the field and on top', () => {
  const { html } = pages.find(({ name }) => name === 'signing-wrong')!
  assert.match(html, /<input id="typedName"[^>]* value="Wa Ode Sitti"/)
  assert.match(html, /id="isSelf"[^>]* checked/)
  assert.doesNotMatch(html, /id="hasRead"[^>]* checked/)
  assert.match(html, /<a href="#identityTail">4 angka terakhir NIP tidak cocok<\/a>/)
  assert.match(html, /id="identityTail"[^>]* aria-describedby="identityTail-error" aria-invalid="true"/)
})

test('the signing page does not show the digits that it asks for', () => {
  const { html } = pages.find(({ name }) => name === 'signing')!
  assert.doesNotMatch(html, /2\s*017|2017/)
  assert.match(html, /19850312 201001 • •••/)
})

test('hides the end of an identity number however it is spaced, and nothing else', () => {
  const rows: [string, string, string][] = [
    ['NIP 19850312 201001 2 017', '198503122010012017', 'NIP 19850312 201001 • •••'],
    ['198503122010012017', '19850312 201001 2 017', '19850312201001••••'],
    ['814/12/BKPSDM/2029', '814/12/BKPSDM/2029', '814/12/BKPSDM/••••'],
    ['814/BK/9', '814/BK/9', '81•/••/•'],
    ['(a+b)*1234', '(a+b)*1234', '(a+b)*••••'],
    ['tanpa nomor 2017', '198503122010012017', 'tanpa nomor 2017'],
    ['', '198503122010012017', ''],
  ]
  for (const [text, number, shown] of rows) assert.equal(hideEnd(text, number, 4), shown, text)
})

test('counts, shares and sizes are written the Indonesian way', () => {
  assert.equal(formatCount(1189), '1.189')
  assert.equal(formatPermille(298), '29,8%')
  assert.equal(formatPermille(1000), '100,0%')
  assert.equal(formatPermille(undefined), '–')
  assert.equal(formatBytes(310_000), '310 kB')
  assert.equal(formatBytes(20_000_000), '20,0 MB')
})

test('a signing page with its style and script stays under 60,000 bytes before compression', () => {
  const { html } = pages.find(({ name }) => name === 'signing')!
  const style = readFileSync('src/web/assets/pakta.css')
  const script = readFileSync('dist/browser/signing.js')
  const icon = readFileSync('src/web/assets/lambang.svg')
  const size = Buffer.byteLength(html) + style.length + script.length + icon.length
  assert.ok(size <= 60_000, `${size} bytes`)
  assert.ok(style.length <= 20_000, `style ${style.length} bytes`)
})

test('the document starts with its type', () => {
  assert.equal(renderPage(h(Fragment, {}, h('html', {}))), '<!doctype html><html></html>')
})

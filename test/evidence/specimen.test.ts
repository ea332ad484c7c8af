// The six templates as they look with invented people: golden pictures, golden hashes, and what may not be released.
import { test } from 'node:test'
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inflateSync } from 'node:zlib'
import { recapUses, templateUses } from '../../src/domain/pact.js'
import { checkRelease, pressSpecimen, surePlaceholders } from '../../src/evidence/specimen.js'
import { parseTemplate } from '../../src/evidence/template.js'
import { ROOT } from '../house.js'
import { readTemplate, releasedTemplates, sampleFonts } from './sample-pact.js'

/** `PAKTA_GOLDEN=write` puts what is rendered now in place of what was. Look at the pictures before you commit them. */
const writes = process.env.PAKTA_GOLDEN === 'write'
const PICTURES = join(ROOT, 'templates/contoh')
const HASHES = join(ROOT, 'test/golden/pages.json')
const folder = mkdtempSync(join(tmpdir(), 'pakta-specimen-'))
const hashes = (existsSync(HASHES) ? JSON.parse(readFileSync(HASHES, 'utf8')) : {}) as Record<string, string>

/** A file with its compressed streams opened and its offsets left out: what every zlib writes alike. */
function opened(pdf: Uint8Array): string {
  const text = Buffer.from(pdf).toString('latin1')
  const body = text.slice(0, text.lastIndexOf('\nxref\n'))
  return body
    .replace(
      /\/FlateDecode([^]*?)\/Length \d+|\/Length \d+/g, // what is deflated differs in length, too
      (found) => found.replace(/\/Length \d+/, ''),
    )
    .replace(/stream\n([^]*?)\nendstream/g, (whole, bytes: string) => {
      try {
        return `stream\n${inflateSync(Buffer.from(bytes, 'latin1')).toString('latin1')}\nendstream`
      } catch {
        return whole
      }
    })
}

/** An 8-bit RGB PNG without interlace as grey pixels (PNG specification, sections 9 and 11). */
function readGrey(path: string): { width: number; height: number; pixels: Uint8Array } {
  const png = readFileSync(path)
  const [width, height] = [png.readUInt32BE(16), png.readUInt32BE(20)]
  assert.deepEqual([...png.subarray(24, 29)], [8, 2, 0, 0, 0], `${path}: not an 8-bit RGB PNG`)
  const parts: Buffer[] = []
  for (let at = 8; at < png.length; at += 12 + png.readUInt32BE(at))
    if (png.toString('latin1', at + 4, at + 8) === 'IDAT')
      parts.push(png.subarray(at + 8, at + 8 + png.readUInt32BE(at)))
  const raw = inflateSync(Buffer.concat(parts))
  const line = 3 * width
  const bytes = new Uint8Array(line * height)
  for (let y = 0; y < height; y++) {
    const filter = raw[y * (line + 1)]!
    for (let x = 0; x < line; x++) {
      const left = x >= 3 ? bytes[y * line + x - 3]! : 0
      const above = y > 0 ? bytes[(y - 1) * line + x]! : 0
      const corner = x >= 3 && y > 0 ? bytes[(y - 1) * line + x - 3]! : 0
      const guess = left + above - corner
      const [a, b, c] = [Math.abs(guess - left), Math.abs(guess - above), Math.abs(guess - corner)]
      const paeth = a <= b && a <= c ? left : b <= c ? above : corner
      const predicted = [0, left, above, (left + above) >> 1, paeth][filter]!
      bytes[y * line + x] = raw[y * (line + 1) + 1 + x]! + predicted
    }
  }
  const pixels = Uint8Array.from(
    { length: width * height },
    (_, at) => (bytes[3 * at]! + bytes[3 * at + 1]! + bytes[3 * at + 2]!) / 3,
  )
  return { width, height, pixels }
}

// The largest difference of any 8 x 8 pixels' mean: a word moved or missing, and not another antialiasing.
function difference(one: ReturnType<typeof readGrey>, other: ReturnType<typeof readGrey>): number {
  let most = 0
  for (let top = 0; top + 8 <= one.height; top += 4)
    for (let left = 0; left + 8 <= one.width; left += 4) {
      let sum = 0
      for (let y = top; y < top + 8; y++)
        for (let x = left; x < left + 8; x++)
          sum += one.pixels[y * one.width + x]! - other.pixels[y * one.width + x]!
      most = Math.max(most, Math.abs(sum) / 64)
    }
  return most
}

for (const code of releasedTemplates) {
  test(`${code}: the same bytes as ever`, async () => {
    const found = createHash('sha256')
      .update(opened(await pressSpecimen(readTemplate(code), sampleFonts)))
      .digest('hex')
    if (writes) hashes[code] = found
    assert.equal(found, hashes[code])
  })

  test(`${code}: every page looks as it did`, async (t) => {
    const file = join(folder, `${code}.pdf`)
    writeFileSync(file, await pressSpecimen(readTemplate(code), sampleFonts))
    const { error } = spawnSync('pdftoppm', ['-r', '72', '-png', file, join(folder, code)])
    if (error) {
      if (process.env.CI) throw error
      return t.skip('pdftoppm is not installed')
    }
    const pagesIn = (where: string) =>
      readdirSync(where)
        .filter((name) => name.startsWith(`${code}-`) && name.endsWith('.png'))
        .sort()
    const pages = pagesIn(folder)
    if (writes) {
      mkdirSync(PICTURES, { recursive: true })
      for (const page of pagesIn(PICTURES)) rmSync(join(PICTURES, page))
      for (const page of pages) writeFileSync(join(PICTURES, page), readFileSync(join(folder, page)))
    }
    assert.deepEqual(pages, pagesIn(PICTURES))
    for (const page of pages) {
      const [now, then] = [readGrey(join(folder, page)), readGrey(join(PICTURES, page))]
      assert.deepEqual([now.width, now.height], [then.width, then.height])
      assert.ok(difference(now, then) < 40, `${page} differs by ${difference(now, then)}`)
    }
  })
}

test('a picture that lost one word is not the picture it was', () => {
  const then = readGrey(join(PICTURES, 'PI-ASN-INDIVIDU-1.png'))
  const now = { ...then, pixels: then.pixels.slice() }
  // The darkest word-sized box of the page turns white.
  let [darkest, at] = [Infinity, 0]
  for (let y = 200; y + 8 < 600; y += 8)
    for (let x = 90; x + 24 < 500; x += 8) {
      let sum = 0
      for (let row = 0; row < 8; row++)
        for (let column = 0; column < 24; column++) sum += now.pixels[(y + row) * now.width + x + column]!
      if (sum < darkest) [darkest, at] = [sum, y * now.width + x]
    }
  for (let row = 0; row < 8; row++) now.pixels.fill(255, at + row * now.width, at + row * now.width + 24)
  assert.ok(difference(now, then) > 40)
})

test('the page that shows the templates shows every page of every template', () => {
  const page = readFileSync(join(PICTURES, 'README.md'), 'utf8')
  for (const picture of readdirSync(PICTURES).filter((name) => name.endsWith('.png')))
    assert.ok(page.includes(`](${picture})`), picture)
})

test('the joint pact of 26 breaks across pages: its head comes back, no row is cut, all parties are there', async (t) => {
  const file = join(folder, 'joint.pdf')
  writeFileSync(file, await pressSpecimen(readTemplate('PI-BERSAMA-KEPALA-DAERAH'), sampleFonts))
  const { error, stdout } = spawnSync('pdftotext', ['-layout', file, '-'], { encoding: 'utf8' })
  if (error) {
    if (process.env.CI) throw error
    return t.skip('pdftotext is not installed')
  }
  const pages = stdout.split('\f').slice(0, -1)
  assert.equal(pages.length, 3)
  for (const page of pages) assert.match(page, /No\. +(Kabupaten|Nama)/)
  // Read by a screen reader the head comes once for each of the two tables.
  const tagged = spawnSync('pdfinfo', ['-struct-text', file], { encoding: 'utf8' }).stdout
  assert.equal(tagged.match(/"Tanda tangan "/g)?.length, 2)
  assert.equal(tagged.match(/^ +TH:/gm)?.length, 12)
  assert.equal(tagged.match(/^ +TR$/gm)?.length, 28)
})

const fields = (extra: {
  use?: string
  names?: string[]
  optional?: string[]
  words?: string
  above?: string
}) => ({
  words: [
    '---',
    'kode: PI-COBA',
    'versi: 1',
    `penanda_tangan: ${extra.use ?? 'ASN'}`,
    'pihak: [{ slot: PENANDA_TANGAN, peran: signer, sebutan: Yang menyatakan }]',
    `placeholder: [${(extra.names ?? []).join(', ')}]`,
    `opsional: [${(extra.optional ?? []).join(', ')}]`,
    '---',
    '# JUDUL',
    ...(extra.names ?? []).map((name) => `\nIsi {{${name}}}.`),
    extra.words ?? '',
    '',
    '<div class="blok-tanda-tangan kanan">',
    extra.above ?? '',
    '[[TTE:PENANDA_TANGAN]]',
    '',
    '</div>',
  ].join('\n'),
  page: readFileSync(join(ROOT, 'templates/pact/PI-ASN-INDIVIDU/1/halaman.yaml'), 'utf8'),
  name: 'coba',
})
const points = (count: number) =>
  Array.from({ length: count }, (_, index) => `${(index % 99) + 1}. butir;`).join('\n')
const refused: [what: string, template: Parameters<typeof fields>[0], why: RegExp][] = [
  [
    'a placeholder that nothing fills',
    { names: ['nama_ibu_kandung'] },
    /nama_ibu_kandung tidak dikenal untuk ASN; yang boleh: .*nama_lengkap/,
  ],
  [
    'a placeholder of another use',
    { use: 'MINUTES', names: ['nomor_induk'] },
    /nomor_induk tidak dikenal untuk MINUTES/,
  ],
  ['a witness on a pact that has none', { names: ['nama_saksi'] }, /nama_saksi tidak selalu ada; pindahkan/],
  [
    'what may be blank asked for as always there',
    { use: 'HEAD', names: ['kedudukan'] },
    /kedudukan tidak selalu ada/,
  ],
  ['200 points', { words: points(200) }, /baris \d+: lebih dari 60 butir/],
  [
    'a signature block higher than a page',
    { above: 'Yang menyatakan,\n'.repeat(200) },
    /blok tanda tangan PENANDA_TANGAN lebih tinggi/,
  ],
]
for (const [what, extra, why] of refused)
  test(`is refused before its release: ${what}`, async () => {
    const check = async () => checkRelease(parseTemplate(fields(extra)), sampleFonts)
    await assert.rejects(check, (error: Error & { code?: string }) => {
      assert.equal(error.code, 'BAD_TEMPLATE')
      assert.match(error.message, why)
      return true
    })
  })

test('whatever a template may name has a value that can be printed, and 60 points are fine', async () => {
  // A recapitulation has no party and no place for one.
  for (const use of templateUses.filter((one) => !recapUses.some((recap) => recap === one))) {
    const template = fields({ use, names: surePlaceholders(use), words: points(60) })
    await checkRelease(parseTemplate(template), sampleFonts)
  }
})

test('npx pakta template: check says so, preview writes a PDF, a mistake names file and line', () => {
  const pakta = (...args: string[]) =>
    spawnSync(process.execPath, [join(ROOT, 'dist/src/main.js'), 'template', ...args], { encoding: 'utf8' })
  const good = join(ROOT, 'templates/pact/IKRAR-APEL/1')
  const checked = pakta('check', good)
  assert.deepEqual([checked.status, checked.stdout], [0, 'IKRAR-APEL versi 1: lulus pemeriksaan\n'])
  const out = join(folder, 'ikrar.pdf')
  assert.equal(pakta('preview', good, '--out', out).status, 0)
  assert.equal(readFileSync(out).toString('latin1', 0, 8), '%PDF-1.7')
  const bad = join(folder, 'coba')
  mkdirSync(bad)
  writeFileSync(join(bad, 'naskah.md'), fields({ words: '{{nama}}' }).words)
  writeFileSync(join(bad, 'halaman.yaml'), fields({}).page)
  const failed = pakta('preview', bad, '--out', join(folder, 'tidak.pdf'))
  assert.equal(failed.status, 2)
  assert.match(failed.stderr, /coba\/naskah\.md baris 10: \{\{nama\}\} tidak terdaftar/)
  assert.ok(!existsSync(join(folder, 'tidak.pdf')))
  for (const args of [[], ['check'], ['preview', good], ['cetak', good]])
    assert.match(pakta(...args).stderr, /Pemakaian/)
  assert.match(pakta('check', folder).stderr, /naskah\.md tidak dapat dibaca/)
})

test('the golden hashes are written when asked for', () => {
  if (writes) writeFileSync(HASHES, `${JSON.stringify(hashes, undefined, 2)}\n`)
  assert.deepEqual(Object.keys(hashes).sort(), [...releasedTemplates].sort())
})

import { test, type TestContext } from 'node:test'
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { deflateSync } from 'node:zlib'
import fontkit from '@pdf-lib/fontkit'
import { PDFArray, PDFDict, PDFDocument, PDFHexString, PDFName, PDFRef } from 'pdf-lib'
import { PactError } from '../../src/domain/errors.js'
import type { PactText, Run } from '../../src/domain/pact.js'
import { openTemplate, type TemplateValues } from '../../src/evidence/filling.js'
import { openDraft } from '../../src/evidence/signed-file.js'
import { joinPressed, openPress, press, type PressInput } from '../../src/evidence/press.js'
import { loadFonts } from '../../src/evidence/typeface.js'
import {
  readTemplate,
  releasedTemplates,
  sampleCode,
  samplePen,
  samplePress,
  sampleUrl,
  sampleValues,
} from './sample-pact.js'

const folder = mkdtempSync(join(tmpdir(), 'pakta-press-'))
const template = readTemplate('PI-PIMPINAN-UNIT')

function save(bytes: Uint8Array): string {
  const path = join(folder, `${Math.floor(performance.now() * 1000)}.pdf`)
  writeFileSync(path, bytes)
  return path
}

// What an outside tool prints; undefined when it is not installed (which fails on the build machine).
function run(
  t: TestContext,
  tool: string,
  args: string[],
): { status: number | null; stdout: string; output: string } | undefined {
  const { status, error, stdout, stderr } = spawnSync(tool, args, { encoding: 'utf8' })
  if (error) {
    if (process.env.CI) throw error
    t.skip(`${tool} is not installed`)
    return undefined
  }
  return { status, stdout, output: stdout + stderr }
}

for (const code of releasedTemplates)
  for (const withOptional of [true, false])
    test(`${code} ${withOptional ? 'with' : 'without'} optional parts: qpdf finds nothing wrong`, async (t) => {
      const template = readTemplate(code)
      const file = save(await press(samplePress(template, sampleValues(template, { withOptional }))))
      const checked = run(t, 'qpdf', ['--check', file])
      if (checked)
        assert.deepEqual([checked.status, /warning/i.test(checked.output)], [0, false], checked.output)
    })

const joined = (runs: { text: string }[]) => runs.map(({ text }) => text).join('')

/** What a reader of the structure reads: one text for each paragraph, cell or label. */
function readable({ blocks }: PactText): string[] {
  const titles = blocks.filter(({ kind }) => kind === 'title') as { runs: Run[] }[]
  return [
    titles.map(({ runs }) => joined(runs)).join(' '),
    ...blocks.flatMap((block): string[] => {
      switch (block.kind) {
        case 'title':
          return []
        case 'identity':
          return block.rows.flatMap(({ label, value }) => [`${label} :`, joined(value)])
        case 'point':
          return [`${block.number}.`, joined(block.runs)]
        case 'table':
          return [...block.head, ...block.rows.flat().flatMap(({ runs, slot }) => (slot ? [] : [runs]))].map(
            joined,
          )
        case 'signature':
          return [...block.above, ...block.below].map(joined)
        default:
          return [joined(block.runs)]
      }
    }),
  ]
}

for (const code of releasedTemplates)
  test(`pdfinfo -struct-text reads ${code} word for word in order, also where a line breaks inside a word`, async (t) => {
    const input = samplePress(readTemplate(code))
    const file = save(await press(input))
    const read = run(t, 'pdfinfo', ['-struct-text', file])
    if (!read) return
    const flat = [...read.output.matchAll(/^ +"(.+) "$/gm)].map(([, text]) => text!).join(' ')
    const wanted = readable(input.text)
    let from = 0
    for (const text of wanted) {
      const at = flat.indexOf(text, from)
      assert.ok(at >= from, `“${text}” is missing after “${flat.slice(from, from + 80)}”`)
      from = at + text.length
    }
    // On paper the same words stand, with hyphens where lines break; lines of neighbouring cells stand side by side.
    const bare = (text: string) => text.replace(/[\s-]/g, '')
    const paper = bare(run(t, 'pdftotext', ['-layout', file, '-'])!.output)
    const columns = readable({ blocks: input.text.blocks.filter(({ kind }) => kind === 'table') })
    for (const text of wanted)
      if (!columns.includes(text)) assert.ok(paper.includes(bare(text).slice(0, 30)), text)
  })

test('pdffonts: every font is an embedded subset with a Unicode map', async (t) => {
  const fonts = run(t, 'pdffonts', [save(await press(samplePress(template)))])
  if (!fonts) return
  const rows = fonts.output.trim().split('\n').slice(2)
  assert.equal(rows.length, 3)
  for (const row of rows)
    assert.match(row, /^PAKTA[RBI]\+LiberationSans.* CID TrueType +Identity-H +yes yes yes/)
})

for (const stamp of [undefined, 'CONTOH – BUKAN DOKUMEN RESMI'])
  test(`zbarimg decodes the address from the page at 150 dpi ${stamp ? 'under a stamp' : ''}`, async (t) => {
    const file = save(await press({ ...samplePress(template), ...(stamp && { stamp }) }))
    if (!run(t, 'pdftoppm', ['-r', '150', '-png', file, file])) return
    const decoded = run(t, 'zbarimg', ['-q', '--raw', `${file}-1.png`, `${file}-2.png`])
    if (decoded) assert.equal(decoded.stdout.trim(), sampleUrl)
    assert.ok(sampleUrl.endsWith(sampleCode))
  })

test('the same input gives the same bytes, another document id others', async () => {
  const input = samplePress(template)
  const first = await press(input)
  assert.equal(Buffer.compare(first, await press(input)), 0)
  const other = await press({ ...input, info: { ...input.info, documentId: new Uint8Array(16).fill(8) } })
  assert.notEqual(Buffer.compare(first, other), 0)
})

test('classic cross-reference table, version 1.7, both halves of the identifier', async () => {
  const text = Buffer.from(await press(samplePress(template))).toString('latin1')
  assert.match(text, /^%PDF-1\.7\n/)
  assert.match(text, /\nxref\n0 \d+\n/)
  assert.doesNotMatch(text, /\/ObjStm|\/XRef/)
  const half = '07'.repeat(16)
  assert.match(text.slice(text.lastIndexOf('trailer')), new RegExp(`/ID\\[<${half}><${half}>\\]`))
})

async function formOf(input: PressInput) {
  const doc = await PDFDocument.load(await press(input), { updateMetadata: false })
  const formRef = doc.catalog.get(PDFName.of('AcroForm'))
  if (formRef === undefined) return { doc, widgets: [] as PDFDict[] }
  assert.ok(formRef instanceof PDFRef, 'AcroForm is indirect')
  const form = doc.context.lookup(formRef, PDFDict)
  assert.ok(form.get(PDFName.of('Fields')) instanceof PDFRef, 'Fields is indirect')
  assert.equal(form.get(PDFName.of('SigFlags'))?.toString(), '3')
  const fields = form.lookup(PDFName.of('Fields'), PDFArray)
  return { doc, widgets: fields.asArray().map((ref) => doc.context.lookup(ref, PDFDict)) }
}
const valueOf = (widget: PDFDict, key: string) => widget.lookup(PDFName.of(key))

test('one merged field for each party: the first visible with its appearance, the others outside the page', async () => {
  const { doc, widgets } = await formOf(samplePress(template))
  const names = widgets.map((widget) => (valueOf(widget, 'T') as PDFHexString).decodeText())
  assert.deepEqual(names, ['PENANDA_TANGAN', 'SAKSI_1', 'MENGETAHUI', 'SEGEL'])
  const [first, ...later] = widgets
  for (const widget of widgets) {
    assert.equal(valueOf(widget, 'Subtype')?.toString(), '/Widget')
    assert.equal(valueOf(widget, 'FT')?.toString(), '/Sig')
    assert.equal(valueOf(widget, 'F')?.toString(), '132')
    assert.ok((valueOf(widget, 'TU') as PDFHexString).decodeText().length > 10)
    assert.equal(valueOf(widget, 'V'), undefined)
  }
  for (const widget of later) {
    assert.equal(valueOf(widget, 'Rect')?.toString(), '[ -10 -10 -10 -10 ]')
    assert.equal(widget.has(PDFName.of('AP')), false)
  }
  const [left, bottom, right, top] = (valueOf(first!, 'Rect') as PDFArray).asArray().map(Number)
  assert.ok(
    left! > 0 && bottom! > 0 && right! - left! > 100 && top! - bottom! > 50 && right! < 595 && top! < 842,
  )
  const page = doc.getPages().find(({ ref }) => ref === first!.get(PDFName.of('P')))!
  assert.ok(page.node.get(PDFName.of('Annots')) instanceof PDFRef, 'Annots is indirect')
  const annotations = page.node.Annots()!.asArray()
  for (const widget of widgets) assert.ok(annotations.some((ref) => doc.context.lookup(ref) === widget))
  for (const page of doc.getPages()) assert.equal(page.node.get(PDFName.of('Tabs'))?.toString(), '/S')
})

test('the mark is drawn by the appearance: typed and drawn marks show on the rendered page', async (t) => {
  const typed = samplePress(template)
  const drawn: PressInput = {
    ...typed,
    marks: {
      ...typed.marks,
      PENANDA_TANGAN: { kind: 'drawn', strokes: samplePen, lines: ['Ditandatangani'] },
    },
  }
  const inked = (input: PressInput) =>
    press(input).then((bytes) => {
      const file = save(bytes)
      if (!run(t, 'pdftoppm', ['-r', '60', '-f', '2', '-l', '2', file, file])) return undefined
      const image = readFileSync(`${file}-2.ppm`)
      let blue = 0
      for (let at = image.length % 3; at + 2 < image.length; at += 3)
        if (image[at + 2]! - image[at]! > 60) blue++
      return blue
    })
  const [blank, name, pen] = [await inked({ ...typed, marks: {} }), await inked(typed), await inked(drawn)]
  if (blank === undefined) return
  assert.equal(blank, 0)
  assert.ok(name! > 20 && pen! > 20, `${name} and ${pen} blue pixels`)
})

// A PNG of 4 x 5 half transparent pixels (PNG specification, section 5). The reader ignores checksums.
function pngOf(width: number, height: number): Uint8Array {
  const chunk = (type: string, data: Uint8Array) => {
    const length = Buffer.alloc(4)
    length.writeUInt32BE(data.length)
    return Buffer.concat([length, Buffer.from(type), data, Buffer.alloc(4)])
  }
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  header.set([8, 6], 8) // 8 bits a channel, red green blue alpha
  const row = Buffer.concat([Buffer.alloc(1), Buffer.alloc(4 * width, 0x80)])
  const pixels = deflateSync(Buffer.concat(Array.from({ length: height }, () => row)))
  return Buffer.concat([
    Buffer.from('89504e470d0a1a0a', 'hex'),
    chunk('IHDR', header),
    chunk('IDAT', pixels),
    chunk('IEND', new Uint8Array()),
  ])
}

test('an emblem with transparency stands on the first page', async (t) => {
  const file = save(await press({ ...samplePress(template), emblem: pngOf(4, 5) }))
  const listed = run(t, 'pdfimages', ['-list', file])
  if (!listed) return
  const rows = listed.stdout
    .trim()
    .split('\n')
    .slice(2)
    .map((row) => row.trim().split(/\s+/))
  assert.deepEqual(
    rows.filter(([page]) => page === '1').map(([, , type, width, height]) => [type, width, height]),
    [
      ['image', '4', '5'],
      ['smask', '4', '5'],
    ],
  )
})

test('a preview has no fields', async () => {
  const { widgets } = await formOf({
    ...samplePress(template),
    fields: [],
    stamp: 'PRATINJAU – BELUM DITANDATANGANI',
  })
  assert.deepEqual(widgets, [])
})

test('title, author, dates, language: said once and exactly', async () => {
  const { doc } = await formOf(samplePress(template))
  assert.equal(doc.getTitle(), 'Pakta Integritas (contoh) – Renée')
  assert.equal(doc.getAuthor(), 'Pemerintah Kota Kendari')
  assert.equal(doc.getCreationDate()?.toISOString(), '2026-11-22T06:05:00.000Z')
  assert.equal(doc.catalog.lookup(PDFName.of('Lang'))?.toString(), '(id-ID)')
  assert.match(doc.catalog.lookup(PDFName.of('ViewerPreferences'))!.toString(), /\/DisplayDocTitle true/)
})

const refuses = (name: string, change: (input: PressInput) => PressInput, code: string, message: RegExp) =>
  test(`refuses ${name}`, () =>
    assert.rejects(
      async () => press(change(samplePress(template))),
      (error: unknown) => error instanceof PactError && error.code === code && message.test(error.message),
    ))
refuses(
  'a visible field without a place',
  (input) => ({ ...input, fields: ['SAKSI_9'] }),
  'BAD_TEMPLATE',
  /SAKSI_9/,
)
refuses(
  'an emblem that is no picture',
  (input) => ({ ...input, emblem: new Uint8Array(99) }),
  'BAD_FILE',
  /bukan gambar PNG atau JPEG/,
)
refuses(
  'a character that no font has',
  (input) => ({ ...input, stamp: 'CONTOH 😀' }),
  'BAD_CHARACTER',
  /U\+1F600/,
)
test('refuses a font that is not one', () =>
  assert.throws(
    () => loadFonts({ regular: new Uint8Array(9), bold: new Uint8Array(9), italic: new Uint8Array(9) }),
    (error: unknown) => error instanceof PactError && error.code === 'BAD_FILE',
  ))

test('refuses a font that lacks a character, with the character', () => {
  const whole = readFileSync('templates/fonts/LiberationSans-Regular.ttf')
  const regular = Buffer.from(whole)
  const glyphs = fontkit.create(whole)
  // A character map of ASCII alone (OpenType specification: cmap, format 6) in place of the font's own.
  const map = Buffer.alloc(12 + 10 + 2 * 95)
  for (const [at, value] of [1, 3, 1, 0, 12, 6, map.length - 12, 0, 0x20, 95].entries())
    map.writeUInt16BE(value, 2 * (at + 1))
  for (let index = 0; index < 95; index++)
    map.writeUInt16BE(glyphs.glyphForCodePoint(0x20 + index).id, 22 + 2 * index)
  const row = regular.indexOf('cmap')
  map.copy(regular, regular.readUInt32BE(row + 8))
  regular.writeUInt32BE(map.length, row + 12)
  assert.throws(
    () => loadFonts({ regular, bold: whole, italic: whole }),
    (error: unknown) =>
      error instanceof PactError &&
      error.code === 'BAD_FILE' &&
      /huruf regular: tidak memuat U\+A1$/.test(error.message),
  )
})

test('what the press hands to the first signature is what reading its file finds', async () => {
  const input = samplePress(template)
  const pressed = await openPress(input).print(input)
  const { hash, ...draft } = pressed.draft
  const { hash: readHash, ...read } = openDraft(joinPressed(pressed))
  assert.deepEqual(draft, {
    ...read,
    fields: read.fields.map((field) => ({ ...field, body: Buffer.from(field.body) })),
  })
  assert.deepEqual(hash.copy().digest(), readHash.copy().digest())
})

test('sheets whose words fall alike share all but their own end; a longer name has a form of its own', async () => {
  const values = sampleValues(template)
  const sheet = (name: string) => {
    const input = samplePress(template, { ...values, nama_lengkap: name })
    return {
      ...input,
      marks: { ...input.marks, PENANDA_TANGAN: { kind: 'typed' as const, name, lines: [] } },
    }
  }
  const machine = openPress(samplePress(template))
  const [one, two, long] = [
    await machine.print(sheet('Siti')),
    await machine.print(sheet('Budi')),
    await machine.print(sheet('Nama '.repeat(40))),
  ]
  assert.ok(one.shared.every((part, index) => part === two.shared[index]))
  assert.equal(one.shared[0], long.shared[0])
  assert.notEqual(one.shared[1], long.shared[1])
  assert.notDeepEqual(one.own, two.own)
})

test('a press that has printed others prints the same bytes as a new one', async () => {
  for (const code of releasedTemplates) {
    const template = readTemplate(code)
    const values = sampleValues(template)
    const common = ['nama_pemilihan', 'pemerintah_daerah', 'tempat', 'tanggal_batas', 'tempat_acara']
    const pick = (isCommon: boolean) =>
      Object.fromEntries(Object.entries(values).filter(([name]) => common.includes(name) === isCommon))
    const open = openTemplate(template, pick(true))
    const setup = samplePress(template, values)
    const used = openPress(setup)
    const words = (count: number) => 'Pengawas Lapangan '.repeat(count).trim()
    for (const [nameWords, jabatanWords, above] of [
      [1, 1, 1],
      [1, 3, 1], // what stands above the mark is higher ...
      [3, 1, 1], // ... or what stands below it, by as much
      [2, 4, 1],
      [4, 2, 1],
      [1, 1, 2],
      [1, 3, 2],
    ] as const) {
      const name = words(nameWords)
      const own: TemplateValues = Object.fromEntries(
        Object.entries(pick(false)).map(([key, value]) => {
          if (typeof value !== 'string')
            return [key, value.map((entry) => ('nama' in entry ? { ...entry, nama: name } : entry))]
          if (/^nama_(lengkap|pembaca|saksi)$/.test(key)) return [key, name]
          return [key, /^jabatan/.test(key) ? words(jabatanWords) : value]
        }),
      )
      const sheet = {
        ...setup,
        text: open.fill(own),
        shared: open.shared,
        letterhead: {
          ...setup.letterhead!,
          address: setup.letterhead!.address.concat(Array(above - 1).fill('Baris')),
        },
        marks: {
          ...setup.marks,
          PENANDA_TANGAN: { kind: 'typed' as const, name, lines: ['Ditandatangani'] },
        },
      }
      const [one, other] = [await used.print(sheet), await openPress(setup).print(sheet)]
      assert.ok(
        Buffer.from(joinPressed(one)).equals(joinPressed(other)),
        `${code} ${nameWords} ${jabatanWords} ${above}`,
      )
    }
  }
})

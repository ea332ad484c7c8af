import { test } from 'node:test'
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { repertoireRanges } from '../../src/domain/repertoire.js'
import type { Block } from '../../src/domain/pact.js'
import { ASCENT, DESCENT, type Item, type Layout, type TextItem } from '../../src/evidence/layout.js'
import { fillTemplate } from '../../src/evidence/filling.js'
import { typeset, type TypesetAlone } from '../../src/evidence/typeset.js'
import {
  readTemplate,
  releasedTemplates,
  sampleCode,
  sampleFonts,
  sampleMarks,
  samplePen,
  sampleUrl,
  sampleValues,
} from './sample-pact.js'

const { metrics } = sampleFonts
const asn = readTemplate('PI-ASN-INDIVIDU')
const templates = releasedTemplates.map(readTemplate)

function inputOf(
  template = asn,
  values = sampleValues(template),
  more: Partial<TypesetAlone> = {},
): TypesetAlone {
  return {
    text: fillTemplate(template, values),
    page: template.page,
    letterhead: { above: ['PEMERINTAH KOTA KENDARI'], unit: 'DINAS PENDIDIKAN', address: ['Jalan Contoh 1'] },
    emblemRatio: 0.8,
    marks: sampleMarks(template, values),
    verification: { modules: 37, url: sampleUrl, code: sampleCode },
    footer: ['Dokumen ini ditandatangani secara elektronik.', 'Periksa keasliannya.'].map((text) => ({
      text,
      isShared: true,
    })),
    ...more,
  }
}

interface Box {
  name: string
  left: number
  right: number
  top: number
  bottom: number
}

// The room an item really takes; rules and frames may touch text, the watermark lies under everything.
function boxOf(item: Item): Box[] {
  switch (item.kind) {
    case 'text':
      return [
        {
          name: item.text,
          left: item.x,
          right: item.x + item.widthPt,
          top: item.y - ASCENT * item.sizePt,
          bottom: item.y + DESCENT * item.sizePt,
        },
      ]
    case 'qr': {
      // Its quiet zone must stay blank; on the left that is the margin.
      const quiet = 4 * item.modulePt
      return [
        {
          name: 'qr',
          left: item.x - quiet,
          right: item.x + item.widthPt + quiet,
          top: item.y - quiet,
          bottom: item.y + item.widthPt + quiet,
        },
      ]
    }
    case 'emblem':
    case 'mark':
      return [
        {
          name: item.kind,
          left: item.x,
          right: item.x + item.widthPt,
          top: item.y,
          bottom: item.y + item.heightPt,
        },
      ]
    default:
      return []
  }
}

const SLACK = 0.01
function checkLayout(layout: Layout) {
  for (const { items } of layout.pages) {
    const boxes = items.flatMap(boxOf)
    for (const box of boxes) {
      assert.ok(
        box.left >= 0 && box.right <= layout.widthPt && box.top >= 0 && box.bottom <= layout.heightPt,
        `leaves the page: ${JSON.stringify(box)}`,
      )
    }
    boxes.forEach((one, index) => {
      for (const other of boxes.slice(index + 1))
        assert.ok(
          one.right <= other.left + SLACK ||
            other.right <= one.left + SLACK ||
            one.bottom <= other.top + SLACK ||
            other.bottom <= one.top + SLACK,
          `overlap: ${JSON.stringify(one)} and ${JSON.stringify(other)}`,
        )
    })
    for (const mark of items)
      if (mark.kind === 'mark')
        for (const inner of mark.items.flatMap(boxOf))
          assert.ok(
            inner.left >= mark.x - SLACK &&
              inner.right <= mark.x + mark.widthPt + SLACK &&
              inner.top >= mark.y - SLACK &&
              inner.bottom <= mark.y + mark.heightPt + SLACK,
            `leaves its mark: ${JSON.stringify(inner)}`,
          )
  }
}

const textsOf = (items: Item[]): TextItem[] =>
  items.flatMap((item) => (item.kind === 'text' ? [item] : item.kind === 'mark' ? textsOf(item.items) : []))
const wordsOf = (layout: Layout) =>
  layout.pages
    .flatMap(({ items }) => textsOf(items))
    .filter(({ block }) => block !== undefined)
    .map(({ text }) => text)
    .join('')

const letters = repertoireRanges.flatMap(([first, last]) =>
  Array.from({ length: last - first + 1 }, (_, index) => String.fromCodePoint(first + index)),
)
// Ordinary words, every printable character, and the widest letter without a space.
const value = fc.oneof(
  fc.array(fc.constantFrom(...letters), { minLength: 1, maxLength: 300 }).map((chars) => chars.join('')),
  fc
    .array(fc.array(fc.constantFrom(...'abcdeiklmnrstuÉñ.,'), { minLength: 1, maxLength: 14 }), {
      minLength: 1,
      maxLength: 40,
    })
    .map((words) =>
      words
        .map((word) => word.join(''))
        .join(' ')
        .slice(0, 300),
    ),
  fc.integer({ min: 1, max: 300 }).map((length) => 'W'.repeat(length)),
)
const person = fc.record({
  nama_lengkap: value,
  jabatan: value,
  pangkat_golongan: value,
  jabatan_mengetahui: value,
  nama_mengetahui: value,
})

test('nothing overlaps and nothing leaves the page, whatever the names and positions', () => {
  fc.assert(
    fc.property(
      person,
      fc.constantFrom(...templates),
      fc.boolean(),
      value,
      (person, template, isF4, unit) => {
        const values = sampleValues(template)
        for (const [name, text] of Object.entries(person))
          if (name in values) values[name] = text.trim() || 'x'
        const page = isF4
          ? { ...template.page, widthPt: 609.45, heightPt: 935.43, sizePt: 12 }
          : template.page
        const letterhead = {
          above: ['PEMERINTAH KOTA KENDARI'],
          unit: unit.trim() || 'x',
          address: ['Jalan'],
        }
        checkLayout(typeset(inputOf(template, values, { page, letterhead }), metrics))
      },
    ),
    { numRuns: 500, seed: 20261122 },
  )
})

// Names as people have them: 1 to 120 characters, with degrees, apostrophes, hyphens, initials and accents.
const namePart = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.constantFrom('Andi', 'Wa Ode', "Nur'aini", 'I Gusti Ngurah', 'Siti', 'M.', 'R.A.', 'O'),
  },
  { weight: 3, arbitrary: fc.stringMatching(/^[A-Z][a-z]{1,24}$/) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      'Renée',
      'Łukasz-Ñuñez',
      'Çelebi',
      'bin',
      'St.-Joris',
      'WWWWWWWWWWWWWWWWWWWWWWWW',
    ),
  },
)
const humanName = fc
  .tuple(
    fc.constantFrom('', 'Dr. ', 'Prof. Dr. Ir. H. ', 'drg. '),
    fc.array(namePart, { minLength: 1, maxLength: 12 }),
    fc.constantFrom('', ', S.E.', ', S.Pd., M.Pd., Gr.', ', S.T., M.T., IPM., ASEAN Eng.'),
  )
  .map(([prefix, parts, suffix]) => `${prefix}${parts.join(' ')}${suffix}`.slice(0, 120).trim())
  .chain((name) => fc.oneof({ weight: 30, arbitrary: fc.constant(name) }, fc.constantFrom('O', 'Y')))
const jabatanValue = fc.oneof(
  fc.constant('Camat'),
  fc
    .integer({ min: 1, max: 12 })
    .map((lines) => 'Kepala Subbagian Perencanaan, Evaluasi, dan Pelaporan '.repeat(lines).trim()),
)

test('2,000 people: no text overlaps another and none leaves the page, in every template', () => {
  let shortest = Infinity
  let longest = 0
  let count = 0
  const one = fc.tuple(humanName, jabatanValue, fc.constantFrom(...templates), fc.boolean())
  fc.assert(
    fc.property(one, ([name, jabatan, template, withOptional]) => {
      count++
      shortest = Math.min(shortest, name.length)
      longest = Math.max(longest, name.length)
      const values = sampleValues(template, { withOptional })
      const put = (to: Record<string, unknown>) => {
        for (const key of Object.keys(to)) {
          if (/^nama_(lengkap|saksi|mengetahui|pembaca|pembina)$|^nama$/.test(key)) to[key] = name
          if (/^jabatan/.test(key)) to[key] = jabatan
        }
      }
      put(values)
      for (const [key, list] of Object.entries(values))
        if (typeof list !== 'string')
          values[key] = list.map((entry, index) => {
            const copy = { ...entry }
            if (index % 3 === 1) put(copy)
            return copy
          })
      checkLayout(typeset(inputOf(template, values), metrics))
    }),
    { numRuns: 2000, seed: 20261126 },
  )
  assert.deepEqual([count, shortest, longest], [2000, 1, 120])
})

test('a name of 300 wide letters in every place still fits', () => {
  for (const template of templates) {
    const values = sampleValues(template)
    for (const name of Object.keys(values))
      if (/nama_(lengkap|saksi|meng)|jabatan|pangkat/.test(name)) values[name] = 'W'.repeat(300)
    checkLayout(typeset(inputOf(template, values), metrics))
  }
})

test('every word of the text is set, once and in order', () => {
  for (const template of templates) {
    const { text } = inputOf(template)
    // A row of signature blocks is read block by block; titles and numbers keep their order.
    const runs = (block: Block): string[] => {
      switch (block.kind) {
        case 'identity':
          return block.rows.flatMap(({ label, value }) => [label, ':', ...value.map(({ text }) => text)])
        case 'point':
          return [`${block.number}.`, ...block.runs.map(({ text }) => text)]
        case 'table':
          return [
            ...block.head,
            ...block.rows.flat().map(({ runs, slot }) => (slot ? [{ text: '–' }] : runs)),
          ]
            .flat()
            .map(({ text }) => text)
        case 'signature':
          return [...block.above, ...block.below].flat().map(({ text }) => text)
        default:
          return [block.runs.map(({ text }) => text).join('')]
      }
    }
    const flat = (text: string) => text.split(/\s+/).filter((word) => word !== '')
    const set = wordsOf(typeset(inputOf(template, undefined, { marks: {} }), metrics))
    const words = flat(text.blocks.flatMap(runs).join(' '))
    // The head of a table stands again on each page that the table comes to.
    const heads = text.blocks.flatMap((block) =>
      block.kind === 'table'
        ? [
            flat(
              block.head
                .flat()
                .map(({ text }) => text)
                .join(' '),
            ),
          ]
        : [],
    )
    const found = flat(set)
    for (let at = 0; at < words.length; at++) {
      const head = heads.find((one) => one.every((word, index) => found[at + index] === word))
      if (head && words[at] !== head[0]) found.splice(at, head.length)
    }
    assert.deepEqual(found, words)
  }
})

test('a word ends in a space glyph, at the end of a line too, unless it goes on on the next line with a hyphen', () => {
  const broken: string[] = []
  for (const input of [inputOf(), ...templates.map((one) => inputOf(one, undefined, { marks: {} }))])
    for (const { items } of typeset(input, metrics).pages)
      for (const [index, item] of textsOf(items).entries()) {
        // Within a line the style may change at any character.
        if (textsOf(items)[index + 1]?.y === item.y) continue
        if (item.hyphenPt !== undefined) broken.push(item.text)
        else if (item.role === 'paragraph' || item.role === 'point') assert.match(item.text, /( |[a-z]-)$/)
      }
  assert.ok(
    broken.some((text) => text.endsWith('kepe')),
    'a line behind the first of its paragraph is among them',
  )
  for (const text of broken) assert.match(text, /[a-z]{2}$/)
})

test('justified lines end at the right margin and the last line does not stretch', () => {
  const layout = typeset(inputOf(), metrics)
  const right = asn.page.widthPt - asn.page.rightPt
  const lines = layout.pages.flatMap(({ items }) => textsOf(items)).filter(({ role }) => role === 'point')
  const stretched = lines.filter(({ spacePt }) => spacePt > 0)
  assert.ok(stretched.length > 5)
  for (const line of stretched) {
    const spaces = line.text.trimEnd().split(' ').length - 1
    const end = line.x + line.widthPt
    assert.ok(Math.abs(end - right) < 0.01, `${line.text} ends at ${end}, want ${right} (${spaces} spaces)`)
  }
})

// A text of `count` plain paragraphs before one signature block.
function essay(count: number, lines: number): Block[] {
  const paragraph: Block = { kind: 'paragraph', runs: [{ text: 'kata '.repeat(17 * lines).trim() }] }
  return [
    { kind: 'title', level: 1, runs: [{ text: 'JUDUL' }] },
    ...Array.from({ length: count }, () => paragraph),
    {
      kind: 'signature',
      side: 'right',
      above: [[{ text: 'Yang menyatakan,' }]],
      slot: 'PENANDA_TANGAN',
      below: [[{ text: 'Siti', bold: true }]],
    },
  ]
}

test('two lines of a paragraph stay together at a page break, and two lines go with the signature', () => {
  for (let count = 4; count < 30; count++)
    for (const lines of [1, 2, 3, 5]) {
      const layout = typeset(inputOf(asn, undefined, { text: { blocks: essay(count, lines) } }), metrics)
      const last = layout.pages.length - 1
      layout.pages.forEach(({ items }, page) => {
        const perBlock = new Map<number, number>()
        for (const item of textsOf(items))
          if (item.role === 'paragraph') perBlock.set(item.block!, (perBlock.get(item.block!) ?? 0) + 1)
        const total = Math.max(...[...perBlock.values()], 1)
        for (const [block, found] of perBlock)
          assert.ok(found >= Math.min(2, total, lines), `page ${page}: ${found} line of block ${block}`)
      })
      const words = textsOf(layout.pages[last]!.items).filter(({ role }) => role === 'paragraph')
      assert.ok(words.length >= 2, `${count} x ${lines}: ${words.length} lines before the signature`)
    }
})

test('numbers pages only when there is more than one', () => {
  const numbers = (layout: Layout) =>
    layout.pages
      .flatMap(({ items }) => textsOf(items).filter(({ role }) => role === 'page-number'))
      .map(({ text }) => text.trim())
  assert.deepEqual(numbers(typeset(inputOf(asn, undefined, { text: { blocks: essay(2, 2) } }), metrics)), [])
  assert.deepEqual(numbers(typeset(inputOf(asn, undefined, { text: { blocks: essay(20, 5) } }), metrics)), [
    'Halaman 1 dari 3',
    'Halaman 2 dari 3',
    'Halaman 3 dari 3',
  ])
})

test('the two marks of a row stand level, the signer at the right and the witness at the left', () => {
  const layout = typeset(inputOf(templates[1]!), metrics)
  const marks = layout.pages
    .flatMap(({ items }) => items)
    .flatMap((item) => (item.kind === 'mark' ? [item] : []))
  const [signer, witness] = marks
  assert.deepEqual([signer!.slot, witness!.slot], ['PENANDA_TANGAN', 'SAKSI_1'])
  assert.equal(signer!.y, witness!.y)
  assert.ok(signer!.x > witness!.x + witness!.widthPt)
})

test('pen strokes stay inside their mark and keep their shape', () => {
  const marks = { PENANDA_TANGAN: { kind: 'drawn' as const, strokes: samplePen, lines: ['a', 'b'] } }
  const layout = typeset(inputOf(asn, undefined, { marks }), metrics)
  const mark = layout.pages.flatMap(({ items }) => items).find((item) => item.kind === 'mark')!
  assert.ok(mark.kind === 'mark')
  const points = mark.strokes[0]!
  for (let index = 0; index < points.length; index += 2) {
    assert.ok(points[index]! >= mark.x && points[index]! <= mark.x + mark.widthPt)
    assert.ok(points[index + 1]! >= mark.y && points[index + 1]! <= mark.y + mark.heightPt)
  }
  const [x0, y0, x1, y1] = points as [number, number, number, number]
  assert.ok(Math.abs((x1 - x0) / (y0 - y1) - 40 / 110) < 1e-6)
})

test('a QR module is at least 0.40 mm, for the largest symbol too', () => {
  for (const modules of [33, 57]) {
    const layout = typeset(
      inputOf(asn, undefined, { verification: { modules, url: sampleUrl, code: sampleCode } }),
      metrics,
    )
    const symbol = layout.pages.flatMap(({ items }) => items).find((item) => item.kind === 'qr')!
    assert.ok(symbol.kind === 'qr' && (symbol.modulePt * 25.4) / 72 >= 0.4 - 1e-9)
    checkLayout(layout)
  }
})

test('a stamp stands on every page', () => {
  const stamp = 'CONTOH – BUKAN DOKUMEN RESMI'
  const layout = typeset(inputOf(asn, undefined, { stamp }), metrics)
  for (const { items } of layout.pages) {
    assert.equal(items[0]!.kind, 'watermark')
    assert.equal(
      textsOf(items)
        .filter(({ role }) => role === 'stamp')
        .map(({ text }) => text.trim())
        .join(),
      stamp,
    )
  }
  checkLayout(layout)
})

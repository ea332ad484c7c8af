// Words onto pages. Each block becomes chunks (lines that stay whole), chunks fall onto pages, and the
// furniture (letterhead, footer, page numbers, stamp) goes around them. Nothing here knows about PDF.
import { PactError } from '../domain/errors.js'
import type { Block, PactText, Run, Slot } from '../domain/pact.js'
import {
  moved,
  type Chunk,
  type FontMetrics,
  type Item,
  type Layout,
  type Origin,
  type PageLayout,
  type TextItem,
} from './layout.js'
import { lineHeightPt, setText, type Alignment } from './lines.js'
import {
  setSignatures,
  setVerification,
  SIGNATURE_SIZES_PT,
  type SignatureBlock,
  type SlotMark,
  type Verification,
} from './signing-place.js'
import { setTable } from './tables.js'
import type { PageSettings } from './template.js'

/** The letterhead of an agency (kop naskah dinas). */
export interface Letterhead {
  /** From the top: "PEMERINTAH KOTA KENDARI", and a kecamatan above its kelurahan. */
  above: string[]
  /** The agency itself, larger and bold. */
  unit: string
  /** Address, telephone, electronic mail, site; one entry a line. */
  address: string[]
}

/** Everything that decides what the pages look like. */
export interface TypesetInput {
  text: PactText
  page: PageSettings
  letterhead?: Letterhead
  /** Width by height of the emblem at the left of the letterhead. */
  emblemRatio?: number
  marks: Readonly<Record<Slot, SlotMark>>
  verification?: Verification
  /** Footer lines, filled. */
  footer: string[]
  /** Words across every page: "CONTOH – BUKAN DOKUMEN RESMI". */
  stamp?: string
}

const FOOTER_SIZE_PT = 7.5
const FOOTER_GAP_PT = 9
const PAGE_NUMBER_WIDTH_PT = 84
// Office printers leave 4 mm blank; the footer's last line and the stamp keep clear of that.
const EDGE_PT = 20
const POINT_INDENT_PT = 21
const EMBLEM_HEIGHT_PT = 66
const STAMP_SIZE_PT = 9
const STAMP_ANGLE_DEGREES = 52

interface Setting {
  input: TypesetInput
  metrics: FontMetrics
  x: number
  widthPt: number
  bodyHeightPt: number
}

/**
 * Lays out one pact.
 *
 * @param metrics widths in the typeface that `input.page` names
 * @returns pages whose items never overlap and never leave the page
 * @throws BAD_TEMPLATE when a piece that must stay whole is taller than a page
 */
export function typeset(input: TypesetInput, metrics: FontMetrics): Layout {
  const { page } = input
  const x = page.leftPt
  const widthPt = page.widthPt - page.leftPt - page.rightPt
  const footer = setFooter(input.footer, x, widthPt, metrics)
  const bottomPt = Math.max(page.bottomPt, footer.heightPt + FOOTER_GAP_PT + EDGE_PT)
  const bodyHeightPt = page.heightPt - page.topPt - bottomPt
  const chunks = setBlocks({ input, metrics, x, widthPt, bodyHeightPt })
  const pages = paginate(chunks, bodyHeightPt).map((items): PageLayout => ({
    items: items.map((item) => moved(item, 0, page.topPt)),
  }))
  pages.forEach(({ items }, index) => {
    items.push(...footer.items.map((item) => moved(item, 0, page.heightPt - bottomPt + FOOTER_GAP_PT)))
    if (pages.length > 1) {
      const place = {
        x: x + widthPt - PAGE_NUMBER_WIDTH_PT,
        y: page.heightPt - bottomPt + FOOTER_GAP_PT + 4,
        widthPt: PAGE_NUMBER_WIDTH_PT,
        sizePt: FOOTER_SIZE_PT,
        align: 'right',
      } as const
      const runs = [{ text: `Halaman ${index + 1} dari ${pages.length}` }]
      items.push(...setText(runs, place, { role: 'page-number' }, metrics).lines.flat())
    }
    if (input.stamp !== undefined) items.unshift(...setStamp(input.stamp, page, metrics))
  })
  return { widthPt: page.widthPt, heightPt: page.heightPt, pages }
}

function setFooter(lines: string[], x: number, widthPt: number, metrics: FontMetrics) {
  const items: Item[] = [{ kind: 'rule', role: 'footer', x, y: 0, widthPt, thicknessPt: 0.5 }]
  let y = 4
  for (const text of lines) {
    const place = {
      x,
      y,
      widthPt: widthPt - PAGE_NUMBER_WIDTH_PT - 8,
      sizePt: FOOTER_SIZE_PT,
      align: 'left',
    } as const
    const { lines, heightPt } = setText([{ text }], place, { role: 'footer' }, metrics)
    items.push(...lines.flat())
    y += heightPt
  }
  return { items, heightPt: Math.max(y, 4 + lineHeightPt(FOOTER_SIZE_PT)) }
}

// A line above the text that survives every copier, and the same words pale across the page, so that no
// cut-out of the page looks like the real thing.
function setStamp(stamp: string, page: PageSettings, metrics: FontMetrics): Item[] {
  const runs: Run[] = [{ text: stamp, bold: true }]
  const diagonal = Math.hypot(page.widthPt, page.heightPt)
  const wide = metrics.widthOf(stamp, 'bold')
  const sizePt = Math.min(64, (diagonal * 0.72) / wide)
  const room = page.widthPt - 2 * EDGE_PT
  const line = {
    x: EDGE_PT,
    y: EDGE_PT,
    widthPt: room,
    sizePt: Math.min(STAMP_SIZE_PT, room / wide),
    align: 'center',
  } as const
  return [
    {
      kind: 'watermark',
      role: 'stamp',
      text: stamp,
      x: page.widthPt / 2,
      y: page.heightPt / 2,
      sizePt,
      angleDegrees: STAMP_ANGLE_DEGREES,
      widthPt: wide * sizePt,
    },
    ...setText(runs, line, { role: 'stamp' }, metrics).lines.flat(),
  ]
}

function setLetterhead(letterhead: Letterhead, { input, metrics, x, widthPt }: Setting): Chunk {
  const emblemPt =
    input.emblemRatio === undefined ? 0 : Math.min(EMBLEM_HEIGHT_PT, EMBLEM_HEIGHT_PT * input.emblemRatio)
  const inset = emblemPt > 0 ? emblemPt + 10 : 0
  const items: Item[] = []
  let y = 0
  const add = (text: string, sizePt: number, bold: boolean) => {
    const place = { x: x + inset, y, widthPt: widthPt - 2 * inset, sizePt, align: 'center' } as const
    const runs: Run[] = [{ text, ...(bold && { bold: true }) }]
    const { lines, heightPt } = setText(runs, place, { role: 'letterhead' }, metrics)
    items.push(...lines.flat())
    y += heightPt
  }
  for (const line of letterhead.above) add(line, 13, false)
  add(letterhead.unit, 15, true)
  y += 1
  for (const line of letterhead.address) add(line, 8.5, false)
  if (emblemPt > 0) {
    const heightPt = emblemPt / input.emblemRatio!
    const down = Math.max(0, (heightPt - y) / 2)
    for (const item of items) item.y += down
    items.unshift({
      kind: 'emblem',
      role: 'letterhead',
      x,
      y: Math.max(0, (y - heightPt) / 2),
      widthPt: emblemPt,
      heightPt,
    })
    y = Math.max(y, heightPt)
  }
  y += 5
  items.push({ kind: 'rule', role: 'letterhead', x, y, widthPt, thicknessPt: 2.25 })
  items.push({ kind: 'rule', role: 'letterhead', x, y: y + 3.75, widthPt, thicknessPt: 0.75 })
  return { gapPt: 0, heightPt: y + 4.5, keepWithNext: true, items }
}

// Space between one kind of block and the next, in multiples of the font size.
function gapOf(before: Block['kind'] | undefined, kind: Block['kind'], sizePt: number): number {
  if (before === undefined) return sizePt * 1.4
  if (kind === 'title') return before === 'title' ? 1 : sizePt
  if (kind === 'number') return sizePt * 0.3
  if (before === 'title' || before === 'number') return sizePt * 1.5
  if (kind === 'point') return sizePt * (before === 'point' ? 0.25 : 0.4)
  if (kind === 'signature') return sizePt * 1.3
  if (kind === 'note') return sizePt * (before === 'note' ? 0.35 : 1)
  return sizePt * 0.6
}

// Lines as chunks of their own. Two lines at least stay together at both ends of a paragraph.
function chunksOf(lines: Item[][], heightPt: number, gapPt: number, keepWithNext: boolean): Chunk[] {
  return lines.map((items, index) => ({
    gapPt: index === 0 ? gapPt : 0,
    heightPt,
    keepWithNext:
      (index === 0 && lines.length > 1) ||
      index === lines.length - 2 ||
      (index === lines.length - 1 && keepWithNext),
    items: items.map((item) => moved(item, 0, -index * heightPt)),
  }))
}

function setBlocks(setting: Setting): Chunk[] {
  const { input, metrics, x, widthPt } = setting
  const { sizePt } = input.page
  const { blocks } = input.text
  const chunks: Chunk[] = []
  if (input.letterhead) chunks.push(setLetterhead(input.letterhead, setting))
  let verification = input.verification

  const setRuns = (
    runs: Run[],
    align: Alignment,
    origin: Origin,
    room?: { indentPt?: number; sizePt?: number },
  ) =>
    setText(
      runs,
      {
        x: x + (room?.indentPt ?? 0),
        y: 0,
        widthPt: widthPt - (room?.indentPt ?? 0),
        sizePt: room?.sizePt ?? sizePt,
        align,
      },
      origin,
      metrics,
    ).lines

  for (let index = 0; index < blocks.length; index++) {
    const block = blocks[index]!
    const next = blocks[index + 1]?.kind
    const gap = chunks.length === 0 ? 0 : gapOf(blocks[index - 1]?.kind, block.kind, sizePt)
    const origin = (role: Origin['role']): Origin => ({ role, block: index })
    switch (block.kind) {
      case 'title':
      case 'heading': {
        const size = block.kind === 'title' && block.level === 1 ? sizePt + 1.5 : sizePt
        const runs = block.runs.map((run): Run => ({ ...run, bold: true }))
        const lines = setRuns(runs, block.kind === 'title' ? 'center' : 'left', origin(block.kind), {
          sizePt: size,
        })
        chunks.push(
          ...chunksOf(lines, lineHeightPt(size), gap, true).map((chunk) => ({
            ...chunk,
            keepWithNext: true,
          })),
        )
        break
      }
      case 'number':
        chunks.push(
          ...chunksOf(setRuns(block.runs, 'center', origin('number')), lineHeightPt(sizePt), gap, true),
        )
        break
      case 'paragraph': {
        const keeps = next === 'point' || next === 'identity' || next === 'table'
        chunks.push(
          ...chunksOf(setRuns(block.runs, 'justify', origin('paragraph')), lineHeightPt(sizePt), gap, keeps),
        )
        break
      }
      case 'note': {
        const size = Math.max(8, sizePt - 2)
        chunks.push(
          ...chunksOf(
            setRuns(block.runs, 'left', origin('note'), { sizePt: size }),
            lineHeightPt(size),
            gap,
            false,
          ),
        )
        break
      }
      case 'point': {
        const lines: Item[][] = setRuns(block.runs, 'justify', origin('point'), { indentPt: POINT_INDENT_PT })
        lines[0]!.unshift(...setRuns([{ text: `${block.number}.` }], 'left', origin('point-label'))[0]!)
        chunks.push(...chunksOf(lines, lineHeightPt(sizePt), gap, false))
        break
      }
      case 'identity':
        chunks.push(...setIdentity(block, index, gap, setting))
        break
      case 'table':
        chunks.push(...setTable(block, { ...setting, index, gapPt: gap, sizePt: input.page.sizePt }))
        break
      case 'signature': {
        // Two neighbours on opposite sides share a row.
        const row = [{ block, index }]
        const other = blocks[index + 1]
        if (
          other?.kind === 'signature' &&
          block.side !== 'center' &&
          other.side !== 'center' &&
          other.side !== block.side
        )
          row.push({ block: other, index: ++index })
        const chunk = fitSignatures(row, verification, setting)
        if (chunk.items.some(({ kind }) => kind === 'qr')) verification = undefined
        keepLastLines(chunks, 2)
        chunks.push({ ...chunk, gapPt: gap })
        break
      }
    }
  }
  if (verification) {
    keepLastLines(chunks, 1)
    chunks.push(setVerification(verification, { x, widthPt }, metrics))
  }
  return chunks
}

// A signature never stands on a page without the words it signs.
function keepLastLines(chunks: Chunk[], count: number) {
  for (const chunk of chunks.slice(-count)) chunk.keepWithNext = true
}

function fitSignatures(
  blocks: { block: SignatureBlock; index: number }[],
  verification: Verification | undefined,
  { input, metrics, x, widthPt, bodyHeightPt }: Setting,
): Chunk {
  const sizes = [input.page.sizePt, ...SIGNATURE_SIZES_PT.filter((size) => size < input.page.sizePt)]
  // Three lines of room for the words before it.
  const room = bodyHeightPt - 4 * lineHeightPt(input.page.sizePt)
  for (const sizePt of sizes) {
    const row = { blocks, marks: input.marks, x, widthPt, sizePt, ...(verification && { verification }) }
    const chunk = setSignatures(row, metrics)
    if (chunk.heightPt <= room) return chunk
  }
  throw new PactError(
    'BAD_TEMPLATE',
    `blok tanda tangan ${blocks[0]!.block.slot} lebih tinggi dari satu halaman`,
  )
}

function setIdentity(
  block: Extract<Block, { kind: 'identity' }>,
  index: number,
  gapPt: number,
  { input, metrics, x, widthPt }: Setting,
): Chunk[] {
  const { sizePt } = input.page
  const heightPt = lineHeightPt(sizePt)
  const widest = Math.max(...block.rows.map(({ label }) => metrics.widthOf(label, 'regular') * sizePt))
  const labelPt = Math.min(widest, widthPt * 0.4) + 1
  const colonX = x + labelPt + 8
  const valueX = colonX + 10
  return block.rows.flatMap(({ label, value }, row) => {
    const set = (runs: Run[], x: number, widthPt: number, role: Origin['role']) =>
      setText(runs, { x, y: 0, widthPt, sizePt, align: 'left' }, { role, block: index, row }, metrics).lines
    const labels = set([{ text: label }], x, labelPt, 'identity-label')
    const colon = set([{ text: ':' }], colonX, 10, 'identity-label')[0]!
    const values = set(value, valueX, x + widthPt - valueX, 'identity-value')
    const lines = Array.from({ length: Math.max(labels.length, values.length) }, (_, line): TextItem[] => [
      ...(labels[line] ?? []),
      ...(line === 0 ? colon : []),
      ...(values[line] ?? []),
    ])
    return chunksOf(lines, heightPt, row === 0 ? gapPt : 1.5, row === 0)
  })
}

// Fills pages from the top. Chunks that keep together move as one, unless together they are taller than a
// page: then they break where they must.
function paginate(chunks: Chunk[], heightPt: number): Item[][] {
  const pages: Item[][] = [[]]
  let y = 0
  const heightOf = (group: Chunk[], isFirst: boolean) =>
    group.reduce((sum, chunk, index) => sum + (isFirst && index === 0 ? 0 : chunk.gapPt) + chunk.heightPt, 0)
  const place = (chunk: Chunk) => {
    if (chunk.heightPt > heightPt)
      throw new PactError(
        'BAD_TEMPLATE',
        `bagian setinggi ${Math.round(chunk.heightPt)} pt tidak muat pada halaman ${Math.round(heightPt)} pt`,
      )
    if (y > 0 && y + chunk.gapPt + chunk.heightPt > heightPt + 1e-6) {
      pages.push([])
      y = 0
    }
    const top = y > 0 ? y + chunk.gapPt : y
    pages.at(-1)!.push(...chunk.items.map((item) => moved(item, 0, top)))
    y = top + chunk.heightPt
  }
  for (let start = 0; start < chunks.length;) {
    let end = start + 1
    while (end < chunks.length && chunks[end - 1]!.keepWithNext) end++
    const group = chunks.slice(start, end)
    const needed = heightOf(group, y === 0)
    if (y > 0 && y + needed > heightPt + 1e-6 && heightOf(group, true) <= heightPt + 1e-6) {
      pages.push([])
      y = 0
    }
    group.forEach(place)
    start = end
  }
  return pages
}

// Words onto pages. Each block becomes chunks (lines that stay whole), chunks fall onto pages, and the
// furniture (letterhead, footer, page numbers, stamp) goes around them. Nothing here knows about PDF.
import { PactError } from '../domain/errors.js'
import type { Block, PactText, Run, Slot } from '../domain/pact.js'
import {
  moved,
  PageLayout,
  type Chunk,
  type FontMetrics,
  type Item,
  type Layout,
  type Origin,
  type TextItem,
} from './layout.js'
import { lineHeightPt, setText, type Alignment } from './lines.js'
import { paginate } from './pagination.js'
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

const FOOTER_SIZE_PT = 7.5
const FOOTER_GAP_PT = 9
const PAGE_NUMBER_WIDTH_PT = 84
// Office printers leave 4 mm blank; the footer's last line and the stamp keep clear of that.
const EDGE_PT = 20
const POINT_INDENT_PT = 21
const EMBLEM_HEIGHT_PT = 66
const STAMP_SIZE_PT = 9
const STAMP_ANGLE_DEGREES = 52

/** What is the same for every pact of one template version. */
export interface TypesetSetup {
  page: PageSettings
  /** Widths in the typeface that `page` names. */
  metrics: FontMetrics
  /** Width by height of the emblem at the left of the letterhead. */
  emblemRatio?: number
  /** Words across every page: "CONTOH – BUKAN DOKUMEN RESMI". */
  stamp?: string
}

/** What one pact says. */
export interface TypesetInput {
  text: PactText
  /** Blocks of `text` that are the same objects in every pact: set once. */
  shared?: ReadonlySet<Block>
  letterhead?: Letterhead
  marks: Readonly<Record<Slot, SlotMark>>
  verification?: Verification
  /** Footer lines, filled; a shared one is the same in every pact. */
  footer: readonly { text: string; isShared: boolean }[]
}

interface Setting {
  page: PageSettings
  metrics: FontMetrics
  x: number
  widthPt: number
  bodyHeightPt: number
}

/**
 * Sets pacts of one template version. What they share is set once and comes back as the same chunks, so a pact
 * costs its own words only.
 */
export class Typesetter {
  readonly #setup: TypesetSetup
  readonly #x: number
  readonly #widthPt: number
  readonly #blocks = new WeakMap<Block, Map<string, Chunk[]>>()
  readonly #kept = new WeakMap<Chunk, Chunk>()
  readonly #shared = new WeakSet<Chunk>()
  readonly #furniture = new Map<string, Chunk>()

  constructor(setup: TypesetSetup) {
    const { page } = setup
    this.#setup = setup
    this.#x = page.leftPt
    this.#widthPt = page.widthPt - page.leftPt - page.rightPt
  }

  /**
   * Lays out one pact.
   *
   * @returns pages whose items never overlap and never leave the page
   * @throws BAD_TEMPLATE when a piece that must stay whole is taller than a page
   */
  set(input: TypesetInput): Layout {
    const { page } = this.#setup
    const footer = this.#setFooter(input.footer)
    const footerHeightPt = footer.at(-1)!.y + footer.at(-1)!.chunk.heightPt
    const bottomPt = Math.max(page.bottomPt, footerHeightPt + FOOTER_GAP_PT + EDGE_PT)
    const footerY = page.heightPt - bottomPt + FOOTER_GAP_PT
    const bodyHeightPt = page.heightPt - page.topPt - bottomPt
    const setting = { ...this.#setup, x: this.#x, widthPt: this.#widthPt, bodyHeightPt }
    const pages = paginate(this.#setBlocks(input, setting), { heightPt: bodyHeightPt, topPt: page.topPt })
    return {
      widthPt: page.widthPt,
      heightPt: page.heightPt,
      pages: pages.map((body, index) => {
        const layout = new PageLayout()
        const add = (chunk: Chunk, y: number) =>
          layout.placements.push({ chunk, y, isShared: this.#shared.has(chunk) })
        for (const chunk of this.#setStamp()) add(chunk, 0)
        for (const { chunk, y } of body) add(chunk, y)
        for (const { chunk, y } of footer) add(chunk, footerY + y)
        if (pages.length > 1) add(this.#setPageNumber(index + 1, pages.length), footerY + 4)
        return layout
      }),
    }
  }

  // Furniture that is the same on every pact is set once.
  #once(key: string, set: () => Chunk): Chunk {
    let chunk = this.#furniture.get(key)
    if (!chunk) {
      this.#furniture.set(key, (chunk = set()))
      this.#shared.add(chunk)
    }
    return chunk
  }

  #setFooter(lines: TypesetInput['footer']): { chunk: Chunk; y: number }[] {
    const rule: Item = {
      kind: 'rule',
      role: 'footer',
      x: this.#x,
      y: 0,
      widthPt: this.#widthPt,
      thicknessPt: 0.5,
    }
    const height = lineHeightPt(FOOTER_SIZE_PT)
    const placed = [
      {
        chunk: this.#once('rule', () => furniture([rule], lines.length > 0 ? 4 : 4 + height)),
        y: 0,
      },
    ]
    let y = 4
    for (const { text, isShared } of lines) {
      const set = () => {
        const place = {
          x: this.#x,
          y: 0,
          widthPt: this.#widthPt - PAGE_NUMBER_WIDTH_PT - 8,
          sizePt: FOOTER_SIZE_PT,
          align: 'left',
        } as const
        const { lines, heightPt } = setText([{ text }], place, { role: 'footer' }, this.#setup.metrics)
        return furniture(lines.flat(), heightPt)
      }
      const chunk = isShared ? this.#once(`footer ${text}`, set) : set()
      placed.push({ chunk, y })
      y += chunk.heightPt
    }
    return placed
  }

  #setPageNumber(number: number, count: number): Chunk {
    const text = `Halaman ${number} dari ${count}`
    return this.#once(text, () => {
      const place = {
        x: this.#x + this.#widthPt - PAGE_NUMBER_WIDTH_PT,
        y: 0,
        widthPt: PAGE_NUMBER_WIDTH_PT,
        sizePt: FOOTER_SIZE_PT,
        align: 'right',
      } as const
      const { lines, heightPt } = setText([{ text }], place, { role: 'page-number' }, this.#setup.metrics)
      return furniture(lines.flat(), heightPt)
    })
  }

  #setStamp(): Chunk[] {
    const { stamp, page, metrics } = this.#setup
    return stamp === undefined ? [] : [this.#once('stamp', () => setStamp(stamp, page, metrics))]
  }

  #setBlocks(input: TypesetInput, setting: Setting): Chunk[] {
    const { sizePt } = setting.page
    const { blocks } = input.text
    const chunks: Chunk[] = []
    if (input.letterhead)
      chunks.push(setLetterhead(input.letterhead, { ...setting, emblemRatio: this.#setup.emblemRatio }))
    let verification = input.verification
    for (let index = 0; index < blocks.length; index++) {
      const block = blocks[index]!
      const next = blocks[index + 1]?.kind
      const gapPt = chunks.length === 0 ? 0 : gapOf(blocks[index - 1]?.kind, block.kind, sizePt)
      if (block.kind !== 'signature') {
        const keeps = next === 'point' || next === 'identity' || next === 'table'
        const room = { index, gapPt, keeps, marks: input.marks }
        if (input.shared?.has(block)) chunks.push(...this.#setShared(block, room, setting))
        else chunks.push(...setBlock(block, room, setting))
        continue
      }
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
      const chunk = fitSignatures(row, { marks: input.marks, verification }, setting)
      if (chunk.items.some(({ kind }) => kind === 'qr')) verification = undefined
      this.#keepLastLines(chunks, 2)
      chunks.push({ ...chunk, gapPt })
    }
    if (verification) {
      this.#keepLastLines(chunks, 1)
      chunks.push(setVerification(verification, setting, setting.metrics))
    }
    return chunks
  }

  #setShared(block: TextBlock, room: Room, setting: Setting): Chunk[] {
    let sets = this.#blocks.get(block)
    if (!sets) this.#blocks.set(block, (sets = new Map()))
    const key = `${room.index} ${room.gapPt} ${room.keeps}`
    let chunks = sets.get(key)
    if (!chunks) {
      sets.set(key, (chunks = setBlock(block, room, setting)))
      for (const chunk of chunks) {
        this.#shared.add(chunk)
        if (chunk.headOnBreak) this.#shared.add(chunk.headOnBreak)
      }
    }
    return chunks
  }

  // A signature never stands on a page without the words it signs.
  #keepLastLines(chunks: Chunk[], count: number) {
    for (let index = Math.max(0, chunks.length - count); index < chunks.length; index++) {
      const chunk = chunks[index]!
      if (chunk.keepWithNext) continue
      let kept = this.#kept.get(chunk)
      if (!kept) {
        this.#kept.set(chunk, (kept = { ...chunk, keepWithNext: true }))
        if (this.#shared.has(chunk)) this.#shared.add(kept)
      }
      chunks[index] = kept
    }
  }
}

/** Everything that decides what one pact's pages look like. */
export type TypesetAlone = TypesetInput & Omit<TypesetSetup, 'metrics'>

/** Lays out one pact on its own: see `Typesetter`. */
export function typeset(input: TypesetAlone, metrics: FontMetrics): Layout {
  return new Typesetter({ ...input, metrics }).set(input)
}

const furniture = (items: Item[], heightPt: number): Chunk => ({
  gapPt: 0,
  heightPt,
  keepWithNext: false,
  items,
})

// A line above the text that survives every copier, and the same words pale across the page, so that no
// cut-out of the page looks like the real thing.
function setStamp(stamp: string, page: PageSettings, metrics: FontMetrics): Chunk {
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
  const words: Item = {
    kind: 'watermark',
    role: 'stamp',
    text: stamp,
    x: page.widthPt / 2,
    y: page.heightPt / 2,
    sizePt,
    angleDegrees: STAMP_ANGLE_DEGREES,
    widthPt: wide * sizePt,
  }
  return furniture([words, ...setText(runs, line, { role: 'stamp' }, metrics).lines.flat()], page.heightPt)
}

function setLetterhead(
  letterhead: Letterhead,
  { emblemRatio, metrics, x, widthPt }: Setting & { emblemRatio: number | undefined },
): Chunk {
  const emblemPt = emblemRatio === undefined ? 0 : Math.min(EMBLEM_HEIGHT_PT, EMBLEM_HEIGHT_PT * emblemRatio)
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
    const heightPt = emblemPt / emblemRatio!
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
    items: index === 0 ? items : items.map((item) => moved(item, 0, -index * heightPt)),
  }))
}

type TextBlock = Exclude<Block, { kind: 'signature' }>

interface Room {
  index: number // of the block
  gapPt: number // above it
  keeps: boolean // its last line stays with the next block
  marks: Readonly<Record<Slot, SlotMark>>
}

function setBlock(block: TextBlock, room: Room, setting: Setting): Chunk[] {
  const { metrics, page } = setting
  const { gapPt } = room
  const setRuns = (
    runs: Run[],
    role: Origin['role'],
    { align, indentPt = 0, sizePt = page.sizePt }: { align: Alignment; indentPt?: number; sizePt?: number },
  ) => {
    const hyphenates = align === 'justify'
    const place = {
      x: setting.x + indentPt,
      y: 0,
      widthPt: setting.widthPt - indentPt,
      sizePt,
      align,
      hyphenates,
    }
    return setText(runs, place, { role, block: room.index }, metrics).lines
  }
  switch (block.kind) {
    case 'title':
    case 'heading': {
      const sizePt = block.kind === 'title' && block.level === 1 ? page.sizePt + 1.5 : page.sizePt
      const runs = block.runs.map((run): Run => ({ ...run, bold: true }))
      const align = block.kind === 'title' ? 'center' : 'left'
      const lines = setRuns(runs, block.kind, { align, sizePt })
      const chunks = chunksOf(lines, lineHeightPt(sizePt), gapPt, true)
      return chunks.map((chunk) => ({ ...chunk, keepWithNext: true }))
    }
    case 'number': {
      const lines = setRuns(block.runs, 'number', { align: 'center' })
      return chunksOf(lines, lineHeightPt(page.sizePt), gapPt, true)
    }
    case 'paragraph': {
      const lines = setRuns(block.runs, 'paragraph', { align: 'justify' })
      return chunksOf(lines, lineHeightPt(page.sizePt), gapPt, room.keeps)
    }
    case 'note': {
      const sizePt = Math.max(8, page.sizePt - 2)
      const lines = setRuns(block.runs, 'note', { align: 'left', sizePt })
      return chunksOf(lines, lineHeightPt(sizePt), gapPt, false)
    }
    case 'point': {
      const lines: Item[][] = setRuns(block.runs, 'point', { align: 'justify', indentPt: POINT_INDENT_PT })
      lines[0]!.unshift(...setRuns([{ text: `${block.number}.` }], 'point-label', { align: 'left' })[0]!)
      return chunksOf(lines, lineHeightPt(page.sizePt), gapPt, false)
    }
    case 'identity':
      return setIdentity(block, room.index, gapPt, setting)
    case 'table':
      return setTable(block, { ...setting, ...room, sizePt: page.sizePt })
  }
}

function fitSignatures(
  blocks: { block: SignatureBlock; index: number }[],
  content: { marks: TypesetInput['marks']; verification: Verification | undefined },
  { page, metrics, x, widthPt, bodyHeightPt }: Setting,
): Chunk {
  const { marks, verification } = content
  const sizes = [page.sizePt, ...SIGNATURE_SIZES_PT.filter((size) => size < page.sizePt)]
  // Three lines of room for the words before it.
  const room = bodyHeightPt - 4 * lineHeightPt(page.sizePt)
  for (const sizePt of sizes) {
    const row = { blocks, marks, x, widthPt, sizePt, ...(verification && { verification }) }
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
  { page, metrics, x, widthPt }: Setting,
): Chunk[] {
  const { sizePt } = page
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

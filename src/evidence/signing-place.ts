// The foot of a pact: signature blocks side by side, the marks in them, and the QR symbol with its code.
import { groupCode, type Block, type Run, type Slot, type Stroke } from '../domain/pact.js'
import type { Chunk, FontMetrics, FrameItem, Item, MarkItem, Origin, TextItem } from './layout.js'
import { lineHeightPt, setText } from './lines.js'

/** What stands in a party's place on the page. */
export type SlotMark =
  | { kind: 'typed'; name: string; lines: string[] }
  | { kind: 'drawn'; strokes: Stroke[]; lines: string[] }
  /** A party that signs after the page is made: what stands here is true before and after. */
  | { kind: 'later' }
  /** A party of a joint document, in a table: "BELUM MENANDATANGANI" until its own signature puts its mark there. */
  | { kind: 'pending'; name: string; lines: string[] }
  | { kind: 'empty' }

/** The QR symbol: `modules` along one side, the address in it, and the pact's code to print beside it. */
export interface Verification {
  modules: number
  url: string
  code: string
}

export type SignatureBlock = Extract<Block, { kind: 'signature' }>

const POINTS_PER_MM = 72 / 25.4
const INK_HEIGHT_PT = 46
const LATER_LINES = ['Tempat tanda tangan elektronik.', 'Statusnya tertera pada', 'halaman verifikasi.']
/** In a cell of a table, whose head says what it is for. */
const LATER_CELL_LINES = ['Statusnya tertera pada', 'halaman verifikasi.']
const PENDING_LINES = ['BELUM MENANDATANGANI']
const CELL_INK_HEIGHT_PT = 24
const SMALL_SIZE_PT = 7.5
const MARK_PADDING_PT = 3
const COLUMN_GAP_PT = 20
// The drawing area's 600 units would be 240 pt wide at this scale.
const STROKE_SCALE_MAX = 0.4
const NAME_SIZES_PT = [20, 18, 16, 14, 12, 10, 9, 8, 7, 6, 5, 4, 3]
/** Smallest module that phones read from office printers, and the symbol's wanted side with its quiet zone. */
const MODULE_MIN_MM = 0.4
const SYMBOL_MM = 25
/** ISO/IEC 18004: four blank modules on every side. */
const QUIET_MODULES = 4

/** The smaller sizes that a row of signature blocks falls back to when it does not fit on one page. */
export const SIGNATURE_SIZES_PT = [11, 10, 9, 8, 7, 6, 5, 4]

interface Box {
  x: number
  y: number
  widthPt: number
  heightPt: number
}

const linesOf = (mark: Exclude<SlotMark, { kind: 'empty' }>) =>
  mark.kind === 'later' || mark.kind === 'pending' ? LATER_LINES : mark.lines

// Only for what has just been set and belongs to nobody yet.
function lower<T extends Item>(item: T, byPt: number): T {
  item.y += byPt
  return item
}

// The small lines of a mark from `place.y` down.
function setSmall(
  lines: string[],
  place: { x: number; y: number; widthPt: number },
  origin: Origin,
  metrics: FontMetrics,
): { items: TextItem[]; heightPt: number } {
  const items: TextItem[] = []
  let { y } = place
  for (const text of lines) {
    const at = { ...place, y, sizePt: SMALL_SIZE_PT, align: 'center' } as const
    const { lines: set, heightPt } = setText([{ text }], at, origin, metrics)
    items.push(...set.flat())
    y += heightPt
  }
  return { items, heightPt: y - place.y }
}

function setMark(
  mark: SlotMark,
  box: Box & { inkPt: number },
  place: Omit<Origin, 'role'> & { slot: Slot },
  metrics: FontMetrics,
): MarkItem {
  const { slot, ...where } = place
  const { inkPt, ...outer } = box
  const origin = { ...where, role: 'mark' } as const
  const items: (TextItem | FrameItem)[] = []
  let strokes: Stroke[] = []
  const inner = {
    x: box.x + MARK_PADDING_PT,
    widthPt: box.widthPt - 2 * MARK_PADDING_PT,
    align: 'center',
  } as const
  if (mark.kind === 'typed') {
    const setName = (sizePt: number) =>
      setText([{ text: mark.name, italic: true }], { ...inner, y: box.y, sizePt }, origin, metrics)
    // A large name stands on one line; a smaller one may take as many as there is room for.
    const wide = metrics.widthOf(mark.name, 'italic')
    const large = NAME_SIZES_PT.find(
      (size) => size >= 12 && wide * size <= inner.widthPt && lineHeightPt(size) <= inkPt,
    )
    const sizePt =
      large ??
      NAME_SIZES_PT.find((size) => size < 12 && setName(size).heightPt <= inkPt) ??
      NAME_SIZES_PT.at(-1)!
    const { lines, heightPt } = setName(sizePt)
    for (const item of lines.flat()) items.push(lower(item, (inkPt - heightPt) / 2))
  } else if (mark.kind === 'drawn') {
    strokes = placeStrokes(mark.strokes, { ...box, heightPt: inkPt })
  } else if (mark.kind === 'later' || mark.kind === 'pending') {
    const side = Math.min(12, box.widthPt / 10)
    const frame = {
      x: box.x + side,
      y: box.y + 9,
      widthPt: box.widthPt - 2 * side,
      heightPt: box.heightPt - 18,
    }
    items.push({ ...origin, kind: 'frame', ...frame, dashed: true })
  }
  if (mark.kind !== 'empty') {
    const { items: small, heightPt } = setSmall(linesOf(mark), { ...inner, y: 0 }, origin, metrics)
    const y = box.y + (mark.kind === 'later' ? Math.max(0, (box.heightPt - heightPt) / 2) : inkPt)
    for (const item of small) items.push(lower(item, y))
  }
  return { ...origin, kind: 'mark', slot, ...outer, items, strokes }
}

/**
 * A party's mark in a cell of a table. A cell is never without words, because a row without one of its cells is
 * no row to a reader of the structure: an empty mark is a dash.
 *
 * @param cell.y top of the cell; `cell.widthPt` with its padding
 */
export function setCellMark(
  mark: SlotMark,
  cell: { x: number; y: number; widthPt: number },
  place: Origin & { slot: Slot },
  metrics: FontMetrics,
): { heightPt: number; items: Item[] } {
  const { slot, ...where } = place
  const origin: Origin = { ...where, role: 'mark' }
  if (mark.kind === 'pending') return setPending(mark, cell, place, metrics)
  const lines = mark.kind === 'empty' ? ['–'] : mark.kind === 'later' ? LATER_CELL_LINES : mark.lines
  const inner = {
    x: cell.x + MARK_PADDING_PT,
    y: cell.y + MARK_PADDING_PT,
    widthPt: cell.widthPt - 2 * MARK_PADDING_PT,
  }
  const small = setSmall(lines, inner, origin, metrics)
  const box = { x: cell.x + 1, y: cell.y + 1, widthPt: cell.widthPt - 2 }
  if (mark.kind === 'empty' || mark.kind === 'later') {
    const heightPt = small.heightPt + 2 * MARK_PADDING_PT
    const item: MarkItem = {
      ...origin,
      kind: 'mark',
      slot,
      ...box,
      heightPt: heightPt - 2,
      items: small.items,
      strokes: [],
    }
    return { heightPt, items: [item] }
  }
  const heightPt = CELL_INK_HEIGHT_PT + small.heightPt + MARK_PADDING_PT
  return {
    heightPt: heightPt + 2,
    items: [setMark(mark, { ...box, heightPt, inkPt: CELL_INK_HEIGHT_PT }, place, metrics)],
  }
}

// The words of the cell are true before and after; over them lies the field, which shows one of two appearances.
function setPending(
  mark: Extract<SlotMark, { kind: 'pending' }>,
  cell: { x: number; y: number; widthPt: number },
  place: Origin & { slot: Slot },
  metrics: FontMetrics,
): { heightPt: number; items: Item[] } {
  const { name, lines } = mark
  const under = setCellMark({ kind: 'later' }, cell, place, metrics)
  const signed = setCellMark({ kind: 'typed', name, lines }, cell, place, metrics).items[0] as MarkItem
  const origin: Origin = { ...place, role: 'mark' }
  const unsigned: MarkItem = { ...signed, items: [], strokes: [] }
  const inner = { x: signed.x, y: 0, widthPt: signed.widthPt }
  const { items, heightPt } = setSmall(PENDING_LINES, inner, origin, metrics)
  for (const item of items) unsigned.items.push(lower(item, signed.y + (signed.heightPt - heightPt) / 2))
  const item = under.items[0] as MarkItem
  const gap = Math.max(0, (signed.heightPt - item.heightPt) / 2)
  for (const one of item.items) if (one.kind === 'text') lower(one, gap)
  return {
    heightPt: Math.max(under.heightPt, signed.heightPt + 2),
    items: [{ ...item, heightPt: signed.heightPt, field: { unsigned, signed } }],
  }
}

// Strokes into the middle of this box, in page coordinates: what was drawn, not the whole drawing area, so
// that a small signature in a corner of the screen still reads; enlarged within bounds, never distorted.
function placeStrokes(strokes: Stroke[], box: Box): Stroke[] {
  const inset = 2
  const spanOf = (axis: 0 | 1) => {
    const values = strokes.flatMap((stroke) => stroke.filter((_, index) => index % 2 === axis))
    const low = values.reduce((a, b) => Math.min(a, b), Infinity)
    const high = values.reduce((a, b) => Math.max(a, b), -Infinity)
    return { middle: (low + high) / 2, size: Math.max(1, high - low) }
  }
  const [across, down] = [spanOf(0), spanOf(1)]
  const scale = Math.min(
    STROKE_SCALE_MAX,
    (box.widthPt - 2 * inset) / across.size,
    (box.heightPt - 2 * inset) / down.size,
  )
  const [centerX, centerY] = [box.x + box.widthPt / 2, box.y + box.heightPt / 2]
  return strokes.map((stroke) =>
    stroke.map((value, index) =>
      index % 2 === 0 ? centerX + (value - across.middle) * scale : centerY + (value - down.middle) * scale,
    ),
  )
}

/** A QR symbol with its quiet zone takes this much of a page's width and height. */
const symbolOf = (verification: Verification) => {
  const sides = verification.modules + 2 * QUIET_MODULES
  const modulePt = Math.max(MODULE_MIN_MM, SYMBOL_MM / sides) * POINTS_PER_MM
  return { modulePt, quietPt: QUIET_MODULES * modulePt, sidePt: verification.modules * modulePt }
}

// The address without its code: what a person types who cannot scan.
const addressOf = ({ url, code }: Verification) =>
  (url.endsWith(`/${code}`) ? url.slice(0, -code.length - 1) : url).replace(/^https?:\/\//, '')

/**
 * The QR symbol and, beside it, how to check the pact without a camera. The quiet zone reaches into the
 * margin on the left, so that the symbol itself stands flush with the text.
 *
 * @param room.widthPt at least 190
 */
export function setVerification(
  verification: Verification,
  room: { x: number; widthPt: number },
  metrics: FontMetrics,
): Chunk {
  const { modulePt, quietPt, sidePt } = symbolOf(verification)
  const origin = { role: 'verification' } as const
  const place = {
    x: room.x + sidePt + quietPt,
    widthPt: room.widthPt - sidePt - quietPt,
    align: 'left',
  } as const
  const groups = groupCode(verification.code)
  const texts: [runs: Run[], sizePt: number, role?: 'link'][] = [
    [[{ text: 'Periksa keaslian', bold: true }], 9],
    [[{ text: 'Pindai kode QR, atau buka' }], 8],
    [[{ text: addressOf(verification) }], 8, 'link'],
    [[{ text: 'dan masukkan kode:' }], 8],
    // Two halves when one line is too narrow for the widest code, so that all codes stand alike: a code is copied by
    // hand in groups, never cut inside one.
    ...(metrics.widthOf(groups.replace(/\w/g, 'W'), 'bold') * 8.5 <= place.widthPt
      ? [groups]
      : [groups.slice(0, 15), groups.slice(15)]
    ).map((text): [Run[], number] => [[{ text, bold: true }], 8.5]),
  ]
  const items: Item[] = []
  let y = 0
  texts.forEach(([runs, sizePt, role = origin.role], row) => {
    const { lines, heightPt } = setText(runs, { ...place, y, sizePt }, { role, row }, metrics)
    items.push(...lines.flat())
    y += heightPt
  })
  const heightPt = Math.max(y, sidePt + 2 * quietPt)
  const down = (heightPt - y) / 2
  return {
    gapPt: 6,
    heightPt,
    keepWithNext: false,
    items: [
      { ...origin, kind: 'qr', x: room.x, y: (heightPt - sidePt) / 2, widthPt: sidePt, modulePt },
      ...items.map((item) => lower(item, down)),
    ],
  }
}

/**
 * One row of signature blocks: one block, or two side by side whose marks stand level. Beside a single
 * block on the right or left, the verification symbol fills the other half.
 *
 * @param row.blocks one or two blocks with their index in the text
 * @param row.sizePt font size of the words around the marks
 */
export function setSignatures(
  row: {
    blocks: { block: SignatureBlock; index: number }[]
    marks: Readonly<Record<Slot, SlotMark>>
    x: number
    widthPt: number
    sizePt: number
    verification?: Verification
  },
  metrics: FontMetrics,
): Chunk {
  const columnPt = (row.widthPt - COLUMN_GAP_PT) / 2
  const xOf = {
    left: row.x,
    center: row.x + (row.widthPt - columnPt) / 2,
    right: row.x + columnPt + COLUMN_GAP_PT,
  }
  const stack = (lines: Run[][], x: number, block: number, firstRow = 0) => {
    const items: TextItem[] = []
    let y = 0
    lines.forEach((runs, index) => {
      const place = { x, y, widthPt: columnPt, sizePt: row.sizePt, align: 'center' } as const
      const origin = { role: 'signature', block, row: firstRow + index } as const
      const { lines: set, heightPt } = setText(runs, place, origin, metrics)
      items.push(...set.flat())
      y += heightPt
    })
    return { items, heightPt: y }
  }
  const columns = row.blocks.map(({ block, index }) => ({
    slot: block.slot,
    index,
    x: xOf[block.side],
    mark: row.marks[block.slot] ?? ({ kind: 'empty' } as const),
    above: stack(block.above, xOf[block.side], index),
    below: stack(block.below, xOf[block.side], index, block.above.length),
  }))
  const smallLines = columns.map(({ mark }) => {
    if (mark.kind === 'empty') return 0
    const place = { x: 0, y: 0, widthPt: columnPt - 2 * MARK_PADDING_PT }
    const { items } = setSmall(linesOf(mark), place, { role: 'mark' }, metrics)
    // Those of a later mark stand in the ink's room, in a frame of three lines' height.
    return new Set(items.map(({ y }) => y)).size - (mark.kind === 'later' ? 3 : 0)
  })
  const aboveHeight = Math.max(...columns.map(({ above }) => above.heightPt)) + 3
  const markHeight =
    INK_HEIGHT_PT + Math.max(2, ...smallLines) * lineHeightPt(SMALL_SIZE_PT) + MARK_PADDING_PT
  const items: Item[] = columns.flatMap(({ slot, index, x, mark, above, below }) => [
    ...above.items.map((item) => lower(item, aboveHeight - 3 - above.heightPt)),
    setMark(
      mark,
      { x, y: aboveHeight, widthPt: columnPt, heightPt: markHeight, inkPt: INK_HEIGHT_PT },
      { slot, block: index },
      metrics,
    ),
    ...below.items.map((item) => lower(item, aboveHeight + markHeight + 2)),
  ])
  let heightPt = aboveHeight + markHeight + 2 + Math.max(...columns.map(({ below }) => below.heightPt))
  const [only] = row.blocks
  if (row.verification && row.blocks.length === 1 && only!.block.side !== 'center') {
    const x = only!.block.side === 'right' ? xOf.left : xOf.right
    const chunk = setVerification(row.verification, { x, widthPt: columnPt }, metrics)
    const down = Math.max(0, heightPt - chunk.heightPt)
    for (const item of chunk.items) items.push(lower(item, down))
    heightPt = Math.max(heightPt, chunk.heightPt)
  }
  return { gapPt: row.sizePt * 1.3, heightPt, keepWithNext: false, items }
}

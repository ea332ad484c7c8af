// A table with a head: columns as wide as their words ask for, rows that stay whole, the head again on each page.
import { PactError } from '../domain/errors.js'
import type { Block, Cell, Run, Slot } from '../domain/pact.js'
import { moved, type Chunk, type FontMetrics, type FrameItem, type Item, type Origin } from './layout.js'
import { setText } from './lines.js'
import { setCellMark, type SlotMark } from './signing-place.js'

const PADDING_X_PT = 4
const PADDING_Y_PT = 3
/** A party's mark in a cell: what a name in small letters needs. */
const MARK_WIDTH_PT = 92
const SIZES_PT = [9, 8.5, 8, 7.5, 7, 6, 5, 4]
/** No word makes a column wider than this share of the table; it is cut instead. */
const WORD_SHARE_MAX = 0.4
/** In how many steps the room that is left goes to the columns. */
const WIDENINGS = 24
const BLANK: Run[] = [{ text: '–' }]

type Table = Extract<Block, { kind: 'table' }>

/** A table as chunks, one a row. */
export function setTable(
  block: Table,
  room: {
    metrics: FontMetrics
    x: number
    widthPt: number
    bodyHeightPt: number // of a page without margins, footer and furniture
    index: number // of the block
    gapPt: number // above the table
    sizePt: number // of the words around it
    marks: Readonly<Record<Slot, SlotMark>>
  },
): Chunk[] {
  const head = block.head.map((runs): Cell => ({ runs: runs.map((run): Run => ({ ...run, bold: true })) }))
  const rows = [head, ...block.rows]
  const sizes = [room.sizePt - 1, ...SIZES_PT.filter((sizePt) => sizePt < room.sizePt - 1)]
  const { sizePt, widths } = fitColumns(rows, sizes, room)
  // The head never stands without two rows, nor the last row without the one before it.
  const keeps = (row: number) =>
    row === 0 || (row < rows.length - 1 && (row === 1 || row === rows.length - 2))
  const chunkOf = (cells: Cell[], row: number, isRepeated: boolean): Chunk => {
    for (const size of sizes.filter((each) => each <= sizePt)) {
      const { heightPt, items } = setRow(cells, { ...room, row, widths, sizePt: size, isRepeated })
      if (heightPt <= room.bodyHeightPt / 2)
        return { gapPt: row === 0 ? room.gapPt : 0, heightPt, keepWithNext: keeps(row), items }
    }
    throw new PactError('BAD_TEMPLATE', `tabel: baris ${row} lebih tinggi dari setengah halaman`)
  }
  const headOnBreak = chunkOf(head, 0, true)
  return rows.map((cells, row) => {
    const chunk = chunkOf(cells, row, false)
    return row === 0 ? chunk : { ...chunk, headOnBreak }
  })
}

interface Row {
  metrics: FontMetrics
  x: number
  index: number
  marks: Readonly<Record<Slot, SlotMark>>
  row: number
  widths: readonly number[]
  sizePt: number
  isRepeated: boolean
}

// Frames first, so that the tags of a row's cells follow each other.
function setRow(cells: Cell[], room: Row): { heightPt: number; items: Item[] } {
  const { metrics, index, row, widths, sizePt, isRepeated } = room
  const origin = (column: number): Origin => ({
    role: row === 0 ? 'table-head' : 'table-cell',
    block: index,
    row,
    column,
    ...(isRepeated && { repeated: true }),
  })
  const lefts = widths.map((_, column) => widths.slice(0, column).reduce((sum, each) => sum + each, room.x))
  const set = cells.map(({ runs, slot }, column) => {
    const place = { x: lefts[column]!, y: 0, widthPt: widths[column]! }
    if (slot !== undefined)
      return setCellMark(room.marks[slot] ?? { kind: 'empty' }, place, { ...origin(column), slot }, metrics)
    const { lines, heightPt } = setText(
      runs.length > 0 ? runs : BLANK,
      {
        x: place.x + PADDING_X_PT,
        y: PADDING_Y_PT,
        widthPt: place.widthPt - 2 * PADDING_X_PT,
        sizePt,
        align: 'left',
      },
      origin(column),
      metrics,
    )
    return { heightPt: heightPt + 2 * PADDING_Y_PT, items: lines.flat() }
  })
  const heightPt = Math.max(...set.map((cell) => cell.heightPt))
  // Words begin at the top of their cells; marks stand in the middle.
  const items = set.flatMap((cell, column): Item[] =>
    cells[column]!.slot === undefined
      ? cell.items
      : cell.items.map((item) => moved(item, 0, (heightPt - cell.heightPt) / 2)),
  )
  const frames = widths.map((widthPt, column): FrameItem => {
    const { role, block } = origin(column)
    return { kind: 'frame', role, block, row, x: lefts[column]!, y: 0, widthPt, heightPt, dashed: false }
  })
  return { heightPt, items: [...frames, ...items] }
}

// The largest size at which every column holds its longest word, and the widths there. What room is left goes, step
// by step, to the column that makes the rows highest.
function fitColumns(
  rows: Cell[][],
  sizes: number[],
  { metrics, widthPt }: { metrics: FontMetrics; widthPt: number },
): { sizePt: number; widths: number[] } {
  const widthOf = ({ runs }: Cell) =>
    runs.reduce((sum, { text, bold }) => sum + metrics.widthOf(text, bold ? 'bold' : 'regular'), 0)
  const longestWord = ({ runs }: Cell) =>
    runs
      .flatMap(({ text, bold }) =>
        text.split(/ |(?<=\/)/).map((word) => metrics.widthOf(word, bold ? 'bold' : 'regular')),
      )
      .reduce((most, each) => Math.max(most, each), 0)
  const wholes = rows.map((cells) => cells.map(widthOf))
  const words = rows[0]!.map((_, column) => Math.max(...rows.map((cells) => longestWord(cells[column]!))))
  const hasMark = rows[0]!.map((_, column) => rows.some((cells) => cells[column]!.slot !== undefined))
  const sum = (values: number[]) => values.reduce((total, each) => total + each, 0)
  const leastAt = (sizePt: number) =>
    words.map((word, column) => {
      const wordPt = Math.min(word * sizePt, widthPt * WORD_SHARE_MAX) + 2 * PADDING_X_PT + 0.5
      return Math.max(hasMark[column] ? MARK_WIDTH_PT : 0, wordPt)
    })
  const sizePt = sizes.find((size) => sum(leastAt(size)) <= widthPt) ?? sizes.at(-1)!
  const least = leastAt(sizePt)
  const left = widthPt - sum(least)
  if (left < 0) return { sizePt, widths: least.map((each) => (each * widthPt) / sum(least)) }
  const widths = [...least]
  const step = left / WIDENINGS
  for (let count = 0; count < WIDENINGS; count++) {
    const needs = widths.map(() => 0)
    for (const row of wholes) {
      const lines = row.map((whole, at) => Math.ceil((whole * sizePt) / (widths[at]! - 2 * PADDING_X_PT)))
      const most = Math.max(...lines)
      lines.forEach((each, at) => (needs[at]! += each === most ? (most - 1) ** 2 : 0))
    }
    const neediest = needs.indexOf(Math.max(...needs))
    if (needs[neediest] === 0) {
      const rest = (step * (WIDENINGS - count)) / widths.length
      return { sizePt, widths: widths.map((each) => each + rest) }
    }
    widths[neediest]! += step
  }
  return { sizePt, widths }
}

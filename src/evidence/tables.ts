// A table with a head: columns as wide as their words ask for, rows that stay whole.
import { PactError } from '../domain/errors.js'
import type { Block, Run } from '../domain/pact.js'
import type { Chunk, FontMetrics, Item } from './layout.js'
import { setText } from './lines.js'

const CELL_PADDING_PT = 4

/** A table as chunks, one a row. */
export function setTable(
  block: Extract<Block, { kind: 'table' }>,
  room: {
    metrics: FontMetrics
    x: number
    widthPt: number
    bodyHeightPt: number // of a page without margins, footer and furniture
    index: number // of the block
    gapPt: number // above the table
    sizePt: number // of the words around it
  },
): Chunk[] {
  const { metrics, x, widthPt, bodyHeightPt, index, gapPt } = room
  const columnPt = widthPt / block.head.length
  return [block.head, ...block.rows.map((row) => row.map(({ runs }) => runs))].map((cells, row) => {
    const role = row === 0 ? 'table-head' : 'table-cell'
    for (const sizePt of [room.sizePt - 1, 8, 6, 4]) {
      const set = cells.map((runs, column) =>
        setText(
          row === 0 ? runs.map((run): Run => ({ ...run, bold: true })) : runs,
          {
            x: x + column * columnPt + CELL_PADDING_PT,
            y: CELL_PADDING_PT,
            widthPt: columnPt - 2 * CELL_PADDING_PT,
            sizePt,
            align: 'left',
          },
          { role, block: index, row },
          metrics,
        ),
      )
      const heightPt = Math.max(...set.map(({ heightPt }) => heightPt)) + 2 * CELL_PADDING_PT
      if (heightPt > bodyHeightPt / 2) continue
      const items = set.flatMap(({ lines }, column): Item[] => [
        {
          kind: 'frame',
          role,
          block: index,
          row,
          x: x + column * columnPt,
          y: 0,
          widthPt: columnPt,
          heightPt,
          dashed: false,
        },
        ...lines.flat(),
      ])
      return { gapPt: row === 0 ? gapPt : 0, heightPt, keepWithNext: row === 0, items }
    }
    throw new PactError('BAD_TEMPLATE', `tabel: baris ${row} lebih tinggi dari setengah halaman`)
  })
}

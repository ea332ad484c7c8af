// Chunks onto pages.
import { PactError } from '../domain/errors.js'
import type { Chunk } from './layout.js'

/**
 * Fills pages from the top. Chunks that keep together move as one, unless together they are taller than a page:
 * then they break where they must.
 *
 * @param room.heightPt of the body; `room.topPt`: from the top of the page to it
 * @returns for each page its chunks; `y` counts from the top of the page, in points
 * @throws BAD_TEMPLATE when a chunk is taller than the body
 */
export function paginate(
  chunks: Chunk[],
  { heightPt, topPt }: { heightPt: number; topPt: number },
): { chunk: Chunk; y: number }[][] {
  const pages: { chunk: Chunk; y: number }[][] = [[]]
  let y = 0
  const headPt = (chunk: Chunk) => chunk.headOnBreak?.heightPt ?? 0
  const heightAtTop = (group: Chunk[]) =>
    group.reduce((sum, chunk, at) => sum + (at === 0 ? headPt(chunk) : chunk.gapPt) + chunk.heightPt, 0)
  const fits = (heightNeededPt: number) => heightNeededPt <= heightPt + 1e-6
  const turn = () => {
    pages.push([])
    y = 0
  }
  const place = (chunk: Chunk) => {
    if (!fits(headPt(chunk) + chunk.heightPt))
      throw new PactError(
        'BAD_TEMPLATE',
        `bagian setinggi ${Math.round(chunk.heightPt)} pt tidak muat pada halaman ${Math.round(heightPt)} pt`,
      )
    if (y > 0 && !fits(y + chunk.gapPt + chunk.heightPt)) turn()
    if (y > 0) y += chunk.gapPt
    else if (chunk.headOnBreak) {
      pages.at(-1)!.push({ chunk: chunk.headOnBreak, y: topPt })
      y = chunk.headOnBreak.heightPt
    }
    pages.at(-1)!.push({ chunk, y: topPt + y })
    y += chunk.heightPt
  }
  for (let start = 0; start < chunks.length;) {
    let end = start + 1
    while (end < chunks.length && chunks[end - 1]!.keepWithNext) end++
    const group = chunks.slice(start, end)
    const atTopPt = heightAtTop(group)
    const nowPt = y + (group[0]!.gapPt - headPt(group[0]!)) + atTopPt
    if (y > 0 && !fits(nowPt) && fits(atTopPt)) turn()
    group.forEach(place)
    start = end
  }
  return pages
}

// Words into lines: where a paragraph breaks and where each stretch of a line stands.
import type { Run } from '../domain/pact.js'
import { ASCENT, DESCENT, type FontMetrics, type Origin, type TextItem, type TextStyle } from './layout.js'

/** Baseline to baseline, in multiples of the font size. */
export const LEADING = 1.25

/** Height of one line of text at this size. */
export const lineHeightPt = (sizePt: number) => sizePt * LEADING

/** From the top of a line to its baseline. */
export const baselinePt = (sizePt: number) => (sizePt * (LEADING + ASCENT - DESCENT)) / 2

// Words and spaces are measured at size 1. A word that was cut because no line can hold it has no space
// after its pieces.
interface Word {
  parts: { text: string; style: TextStyle }[]
  width: number
  space: number
}

/** One line: its words, and its natural width at size 1 without the space at its end. */
export interface Line {
  words: Word[]
  width: number
  isLast: boolean
}

/**
 * How a paragraph breaks: `first` fills each line before the next; `even` looks at the whole paragraph for
 * the most even spaces, its last line free (for justified text); `balanced` counts the last line too (for
 * centred text).
 */
export type Breaking = 'first' | 'even' | 'balanced'

const styleOf = (run: Run): TextStyle => (run.bold ? 'bold' : run.italic ? 'italic' : 'regular')

function wordsOf(runs: Run[], limit: number, metrics: FontMetrics): Word[] {
  const words: Word[] = []
  let word: Word | undefined
  for (const run of runs) {
    const style = styleOf(run)
    run.text.split(' ').forEach((text, index) => {
      if (index > 0 && word) {
        word.space = metrics.widthOf(' ', style)
        word = undefined
      }
      if (text === '') return
      if (!word) words.push((word = { parts: [], width: 0, space: 0 }))
      word.parts.push({ text, style })
      word.width += metrics.widthOf(text, style)
    })
  }
  return words.flatMap((word) => (word.width <= limit ? [word] : cutWord(word, limit, metrics)))
}

// Cuts a word that is wider than any line, wherever it must. A single character always goes through.
function cutWord(word: Word, limit: number, metrics: FontMetrics): Word[] {
  const pieces: Word[] = []
  let piece: Word = { parts: [], width: 0, space: 0 }
  for (const { text, style } of word.parts) {
    for (const character of text) {
      const width = metrics.widthOf(character, style)
      if (piece.width + width > limit && piece.parts.length > 0) {
        pieces.push(piece)
        piece = { parts: [], width: 0, space: 0 }
      }
      const last = piece.parts.at(-1)
      if (last?.style === style) last.text += character
      else piece.parts.push({ text: character, style })
      piece.width += width
    }
  }
  return [...pieces, { ...piece, space: word.space }]
}

// What a line with this much room left over costs: the square of how far its spaces stretch. A word more
// than needed on a further line must be worth LINE_COST.
const LINE_COST = 1
function cost(slack: number, spaces: number, breaking: Breaking, limit: number): number {
  if (breaking === 'balanced') return LINE_COST + (10 * slack) ** 2 / limit ** 2
  const stretch = spaces > 0 ? slack / spaces : slack
  return LINE_COST + Math.min(30, stretch) ** 2
}

// The first word of each line when every line is filled before the next.
function startsFirst(words: Word[], width: number): number[] {
  const starts: number[] = []
  let natural = 0
  words.forEach((word, index) => {
    const wider = natural + (words[index - 1]?.space ?? 0) + word.width
    if (index === 0 || wider > width + 1e-6) starts.push(index)
    natural = starts.at(-1) === index ? word.width : wider
  })
  return starts
}

// The first word of each line of the cheapest whole paragraph.
function startsCheapest(words: Word[], width: number, breaking: 'even' | 'balanced'): number[] {
  const best: { cost: number; from: number }[] = [{ cost: 0, from: 0 }] // best[n]: the first n words
  for (let end = 1; end <= words.length; end++) {
    let found = { cost: Infinity, from: end - 1 }
    let natural = 0
    let spaces = 0
    for (let from = end - 1; from >= 0; from--) {
      const space = from < end - 1 ? words[from]!.space : 0
      natural += words[from]!.width + space
      spaces += space
      if (natural > width + 1e-6 && from < end - 1) break
      const isFree = end === words.length && breaking === 'even'
      const price = isFree ? LINE_COST : cost(Math.max(0, width - natural), spaces, breaking, width)
      if (best[from]!.cost + price < found.cost) found = { cost: best[from]!.cost + price, from }
    }
    best[end] = found
  }
  const starts: number[] = []
  for (let end = words.length; end > 0; end = best[end]!.from) starts.unshift(best[end]!.from)
  return starts
}

/**
 * Breaks runs into lines.
 *
 * @param limit.widthPt room for a line; `limit.sizePt`: font size
 * @returns at least one line, none wider than the room unless a single character is
 * @see Knuth and Plass, Breaking Paragraphs into Lines (1981), without hyphenation
 */
export function breakLines(
  runs: Run[],
  limit: { widthPt: number; sizePt: number },
  breaking: Breaking,
  metrics: FontMetrics,
): Line[] {
  const width = limit.widthPt / limit.sizePt
  const words = wordsOf(runs, width, metrics)
  if (words.length === 0) return [{ words: [], width: 0, isLast: true }]
  const starts = breaking === 'first' ? startsFirst(words, width) : startsCheapest(words, width, breaking)
  return starts.map((start, index) => {
    const slice = words.slice(start, starts[index + 1] ?? words.length)
    const natural = slice.reduce(
      (sum, word, at) => sum + word.width + (at < slice.length - 1 ? word.space : 0),
      0,
    )
    return { words: slice, width: natural, isLast: index === starts.length - 1 }
  })
}

export type Alignment = 'left' | 'center' | 'right' | 'justify'

// A justified line whose spaces would grow beyond this many times their width stays ragged.
const STRETCH_MAX = 3.5

/**
 * One line as text items, one for each change of style.
 *
 * @param place.x left edge of the room, `place.y` top of the line, `place.widthPt` the room
 */
export function setLine(
  line: Line,
  place: { x: number; y: number; widthPt: number; sizePt: number; align: Alignment },
  origin: Origin,
  metrics: FontMetrics,
): TextItem[] {
  const { sizePt } = place
  const slack = place.widthPt - line.width * sizePt
  const inner = line.words.slice(0, -1)
  const spaces = inner.filter(({ space }) => space > 0).length
  const stretch = spaces > 0 ? slack / spaces : 0
  const isJustified = place.align === 'justify' && !line.isLast && stretch / sizePt < STRETCH_MAX * 0.278
  const spacePt = isJustified ? Math.max(0, stretch) : 0
  let x = place.x + (place.align === 'right' ? slack : place.align === 'center' ? slack / 2 : 0)
  const y = place.y + baselinePt(sizePt)

  const items: TextItem[] = []
  line.words.forEach((word, index) => {
    const isEnd = index === line.words.length - 1
    // A cut word goes on without a space; every other word has one, at the end of a line too.
    const space = isEnd ? word.space > 0 || line.isLast : word.space > 0
    word.parts.forEach(({ text, style }, at) => {
      const tail = space && at === word.parts.length - 1 ? ' ' : ''
      const widthPt = metrics.widthOf(text, style) * sizePt
      const last = items.at(-1)
      if (last?.style === style) {
        last.text += text + tail
        last.widthPt = x + widthPt - last.x
      } else items.push({ ...origin, kind: 'text', x, y, sizePt, style, text: text + tail, spacePt, widthPt })
      x += widthPt
    })
    if (!isEnd && space) x += word.space * sizePt + spacePt
  })
  return items
}

/** A text's lines, each as its own list of items, and their height together. */
export function setText(
  runs: Run[],
  place: { x: number; y: number; widthPt: number; sizePt: number; align: Alignment },
  origin: Origin,
  metrics: FontMetrics,
): { lines: TextItem[][]; heightPt: number } {
  const breaking: Breaking = { left: 'first', right: 'first', center: 'balanced', justify: 'even' }[
    place.align
  ] as Breaking
  const height = lineHeightPt(place.sizePt)
  const lines = breakLines(runs, place, breaking, metrics).map((line, index) =>
    setLine(line, { ...place, y: place.y + index * height }, origin, metrics),
  )
  return { lines, heightPt: lines.length * height }
}

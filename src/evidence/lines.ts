// Words into lines: where a paragraph breaks and where each stretch of a line stands.
import type { Run } from '../domain/pact.js'
import { findBreaks } from './hyphenation.js'
import {
  ASCENT,
  DESCENT,
  makeText,
  type FontMetrics,
  type Origin,
  type TextItem,
  type TextStyle,
} from './layout.js'

/** Baseline to baseline, in multiples of the font size. */
export const LEADING = 1.25

/** Height of one line of text at this size. */
export const lineHeightPt = (sizePt: number) => sizePt * LEADING

/** From the top of a line to its baseline. */
export const baselinePt = (sizePt: number) => (sizePt * (LEADING + ASCENT - DESCENT)) / 2

// Words and spaces are measured at size 1. A word that may break stands here in pieces without a space between
// them; `hyphen` is what a break behind a piece adds to the line. A word that was cut because no line can hold it
// has neither.
interface Word {
  parts: { text: string; style: TextStyle }[]
  width: number
  space: number
  hyphen: number
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

function wordsOf(runs: Run[], limit: number, hyphenates: boolean, metrics: FontMetrics): Word[] {
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
      if (!word) words.push((word = { parts: [], width: 0, space: 0, hyphen: 0 }))
      word.parts.push({ text, style })
      word.width += metrics.widthOf(text, style)
    })
  }
  const pieces = hyphenates ? words.flatMap((word) => splitWord(word, metrics)) : words
  return pieces.flatMap((word) => (word.width <= limit ? [word] : cutWord(word, limit, metrics)))
}

// The pieces of a word between its breaks: behind a hyphen of its own, or between syllables.
function splitWord(word: Word, metrics: FontMetrics): Word[] {
  const [part] = word.parts
  if (word.parts.length !== 1) return [word]
  const { text, style } = part!
  const pieces: Word[] = []
  for (const stretch of text.split(/(?<=[a-z]-)(?=[a-z])/)) {
    let from = 0
    for (const to of [...findBreaks(stretch), stretch.length]) {
      const piece = stretch.slice(from, to)
      const hyphen = to < stretch.length ? metrics.widthOf('-', style) : 0
      pieces.push({ parts: [{ text: piece, style }], width: metrics.widthOf(piece, style), space: 0, hyphen })
      from = to
    }
  }
  pieces.at(-1)!.space = word.space
  return pieces
}

// Cuts a word that is wider than any line: behind a stroke if there is one ("800.1/123/2026"), else wherever it must.
// A single character always goes through.
function cutWord(word: Word, limit: number, metrics: FontMetrics): Word[] {
  const pieces: Word[] = []
  let piece: Word = { parts: [], width: 0, space: 0, hyphen: 0 }
  for (const { text, style } of word.parts) {
    for (const character of text) {
      const width = metrics.widthOf(character, style)
      if (piece.width + width > limit && piece.parts.length > 0) {
        const end = piece.parts.at(-1)!
        const rest = end.text.slice(end.text.lastIndexOf('/') + 1)
        pieces.push(piece)
        piece = { parts: [], width: 0, space: 0, hyphen: 0 }
        if (rest !== '' && rest !== end.text) {
          const restWidth = metrics.widthOf(rest, end.style)
          end.text = end.text.slice(0, -rest.length)
          pieces.at(-1)!.width -= restWidth
          piece = { parts: [{ text: rest, style: end.style }], width: restWidth, space: 0, hyphen: 0 }
        }
      }
      const last = piece.parts.at(-1)
      if (last?.style === style) last.text += character
      else piece.parts.push({ text: character, style })
      piece.width += width
    }
  }
  return [...pieces, { ...piece, space: word.space, hyphen: word.hyphen }]
}

// What a line with this much room left over costs: the square of how far its spaces stretch. A word more
// than needed on a further line must be worth LINE_COST, a hyphen HYPHEN_COST; one more directly under another,
// or before a last line, HYPHENS_COST.
const LINE_COST = 1
const HYPHEN_COST = 2
const HYPHENS_COST = 4
/** The end of a word as a whole last line. */
const FRAGMENT_COST = 30
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
    const { hyphen } = words[end - 1]!
    const isLast = end === words.length
    let natural = hyphen
    let spaces = 0
    for (let from = end - 1; from >= 0; from--) {
      const space = from < end - 1 ? words[from]!.space : 0
      natural += words[from]!.width + space
      spaces += space
      if (natural > width + 1e-6 && from < end - 1) break
      const isFree = isLast && breaking === 'even'
      let price = isFree ? LINE_COST : cost(Math.max(0, width - natural), spaces, breaking, width)
      // A piece that alone overflows with its hyphen is no place to break.
      if (hyphen > 0) price += HYPHEN_COST + (natural > width + 1e-6 ? 1e6 : 0)
      if (from > 0 && words[from - 1]!.hyphen > 0)
        price += isLast && from === end - 1 ? FRAGMENT_COST : hyphen > 0 || isLast ? HYPHENS_COST : 0
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
 * @param limit.widthPt room for a line; `limit.sizePt`: font size; `limit.hyphenates`: whether words may break
 * @returns at least one line, none wider than the room unless a single character is
 * @see Knuth and Plass, Breaking Paragraphs into Lines (1981)
 */
export function breakLines(
  runs: Run[],
  limit: { widthPt: number; sizePt: number; hyphenates?: boolean },
  breaking: Breaking,
  metrics: FontMetrics,
): Line[] {
  const width = limit.widthPt / limit.sizePt
  const words = wordsOf(runs, width, limit.hyphenates === true, metrics)
  if (words.length === 0) return [{ words: [], width: 0, isLast: true }]
  const starts = breaking === 'first' ? startsFirst(words, width) : startsCheapest(words, width, breaking)
  return starts.map((start, index) => {
    const slice = words.slice(start, starts[index + 1] ?? words.length)
    const isLast = index === starts.length - 1
    const natural = slice.reduce(
      (sum, word, at) => sum + word.width + (at < slice.length - 1 ? word.space : isLast ? 0 : word.hyphen),
      0,
    )
    return { words: slice, width: natural, isLast }
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
  let last: TextItem | undefined
  const end = line.words.length - 1
  for (let index = 0; index <= end; index++) {
    const { parts, space, hyphen } = line.words[index]!
    // A word goes on without a space; every other one has one, at the end of a line too.
    const hasSpace = space > 0 || (index === end && line.isLast)
    for (let at = 0; at < parts.length; at++) {
      const { text, style } = parts[at]!
      const widthPt = metrics.widthOf(text, style) * sizePt
      if (last?.style === style) {
        last.text += text
        last.widthPt = x + widthPt - last.x
      } else items.push((last = makeText(origin, { x, y, sizePt, style, text, spacePt, widthPt })))
      x += widthPt
    }
    if (hasSpace && last) last.text += ' '
    if (index < end && hasSpace) x += space * sizePt + spacePt
    if (index === end && !line.isLast && hyphen > 0 && last) {
      last.hyphenPt = hyphen * sizePt
      last.widthPt += last.hyphenPt
    }
  }
  return items
}

const BREAKING: Record<Alignment, Breaking> = {
  left: 'first',
  right: 'first',
  center: 'balanced',
  justify: 'even',
}

/**
 * A text's lines, each as its own list of items, and their height together.
 *
 * @param place.hyphenates whether words may break at the end of a line; names never do
 */
export function setText(
  runs: Run[],
  place: { x: number; y: number; widthPt: number; sizePt: number; align: Alignment; hyphenates?: boolean },
  origin: Origin,
  metrics: FontMetrics,
): { lines: TextItem[][]; heightPt: number } {
  const height = lineHeightPt(place.sizePt)
  const short = setShort(runs, place, origin, metrics)
  if (short) return { lines: [[short]], heightPt: height }
  const lines = breakLines(runs, place, BREAKING[place.align], metrics).map((line, index) =>
    setLine(line, { ...place, y: place.y + index * height }, origin, metrics),
  )
  return { lines, heightPt: lines.length * height }
}

// Most of what a person's pact says anew fits on a line as it is: a name, a number, a label.
function setShort(
  runs: Run[],
  place: { x: number; y: number; widthPt: number; sizePt: number; align: Alignment },
  origin: Origin,
  metrics: FontMetrics,
): TextItem | undefined {
  const [run] = runs
  if (runs.length !== 1 || run!.text === '' || run!.text !== run!.text.trim() || run!.text.includes('  '))
    return undefined
  const style = styleOf(run!)
  const { x, y, sizePt } = place
  const widthPt = metrics.widthOf(run!.text, style) * sizePt
  const slack = place.widthPt - widthPt
  if (slack < 0) return undefined
  const shift = place.align === 'right' ? slack : place.align === 'center' ? slack / 2 : 0
  return makeText(origin, {
    x: x + shift,
    y: y + baselinePt(sizePt),
    sizePt,
    style,
    text: `${run!.text} `,
    spacePt: 0,
    widthPt,
  })
}

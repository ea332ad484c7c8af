// The nouns between typeset.ts and press.ts: where every line, rule, mark and symbol of a pact stands. Pure
// geometry in PDF points (1/72 inch); the origin is the page's top left corner and y runs down.
import type { Slot, Stroke } from '../domain/pact.js'

export type TextStyle = 'regular' | 'bold' | 'italic'

/** What typesetting must know of the three fonts of a typeface. */
export interface FontMetrics {
  /** Advance width of a text at size 1, without kerning. */
  widthOf(text: string, style: TextStyle): number
}

/** Distance from the baseline to a font's top and bottom at size 1 (Liberation Sans, hhea table). */
export const ASCENT = 0.905
export const DESCENT = 0.212

/** What a piece of the page means. A tagged file names its structure elements after it. */
export type Role =
  | 'letterhead'
  | 'title'
  | 'heading'
  | 'number'
  | 'paragraph'
  | 'point-label'
  | 'point'
  | 'identity-label'
  | 'identity-value'
  | 'table-head'
  | 'table-cell'
  | 'signature'
  | 'mark'
  | 'verification'
  | 'link' // to the verification page
  | 'note'
  | 'footer'
  | 'page-number'
  | 'stamp'

/**
 * Where a piece belongs: its block of the text (undefined on page furniture), and its row and column of a
 * table; around a signature and beside the QR symbol, `row` counts the paragraphs. `repeated`: a table's head once more at the top of a later page, which no reader reads twice.
 */
export interface Origin {
  role: Role
  block?: number | undefined
  row?: number | undefined
  column?: number | undefined
  repeated?: true | undefined
}

/**
 * A stretch of one line in one style. `y` is the baseline. The text ends in a space when a word follows on
 * this line or the next, so that readers of the file never glue words.
 */
export interface TextItem extends Origin {
  kind: 'text'
  x: number
  y: number
  sizePt: number
  style: TextStyle
  text: string
  /** Added after every space, to justify the line. */
  spacePt: number
  /** From `x` to the end of the last visible character, the hyphen included. */
  widthPt: number
  /** The line breaks inside a word here: a hyphen of this width is drawn that is no part of the words. */
  hyphenPt?: number | undefined
}

/** A text item of one shape, whatever its origin: some thirty are made for each pact. */
export function makeText(origin: Origin, text: Omit<TextItem, keyof Origin | 'kind'>): TextItem {
  const { role, block, row, column, repeated } = origin
  const { x, y, sizePt, style, spacePt, widthPt, hyphenPt } = text
  // prettier-ignore
  return {
    kind: 'text', role, block, row, column, repeated, x, y, sizePt, style, text: text.text, spacePt, widthPt,
    hyphenPt,
  }
}

/** A filled horizontal bar; `y` is its top. */
export interface RuleItem extends Origin {
  kind: 'rule'
  x: number
  y: number
  widthPt: number
  thicknessPt: number
}

/** The outline of a box. */
export interface FrameItem extends Origin {
  kind: 'frame'
  x: number
  y: number
  widthPt: number
  heightPt: number
  dashed: boolean
}

/** The emblem of the letterhead. */
export interface EmblemItem extends Origin {
  kind: 'emblem'
  x: number
  y: number
  widthPt: number
  heightPt: number
}

/** The QR symbol without its quiet zone, which is left blank around it. */
export interface QrItem extends Origin {
  kind: 'qr'
  x: number
  y: number
  widthPt: number
  modulePt: number
}

/**
 * The place of one party's mark. `items` and `strokes` lie inside the box, in page coordinates like
 * everything else, so that the same drawing serves as page content and as a field's appearance.
 */
export interface MarkItem extends Origin {
  kind: 'mark'
  slot: Slot
  x: number
  y: number
  widthPt: number
  heightPt: number
  items: (TextItem | FrameItem)[]
  strokes: Stroke[]
  /** What the party's field shows over these items before and after it signs; the boxes are the mark's own. */
  field?: { unsigned: MarkItem; signed: MarkItem }
}

/** Large pale words across the page, under everything else; `x`, `y` are the middle of the page. */
export interface WatermarkItem extends Origin {
  kind: 'watermark'
  text: string
  x: number
  y: number
  sizePt: number
  angleDegrees: number
  widthPt: number
}

export type Item = TextItem | RuleItem | FrameItem | EmblemItem | QrItem | MarkItem | WatermarkItem

/**
 * Items that stay together on a page, `y` counted from the top of the chunk. `gapPt` is kept above it,
 * except at the top of a page.
 */
export interface Chunk {
  gapPt: number
  heightPt: number
  keepWithNext: boolean
  items: Item[]
  /** Set first when this chunk begins a page that is not its block's first: a table's head. */
  headOnBreak?: Chunk
}

/**
 * A chunk on its page: its items' `y` counts from `y`. A shared one is the same object in every layout of its
 * typesetter, so that whoever draws it can draw it once.
 */
export interface Placement {
  chunk: Chunk
  y: number
  isShared: boolean
}

/** A finished page. */
export class PageLayout {
  /** In reading order, page furniture around it. */
  readonly placements: Placement[] = []

  /** All items of the page in page coordinates, in reading order. */
  get items(): Item[] {
    return this.placements.flatMap(({ chunk, y }) => chunk.items.map((item) => moved(item, 0, y)))
  }
}

export interface Layout {
  widthPt: number
  heightPt: number
  pages: PageLayout[]
}

/** The same item moved. */
export function moved<T extends Item>(item: T, dx: number, dy: number): T {
  if (item.kind === 'text') return makeText(item, { ...item, x: item.x + dx, y: item.y + dy }) as T
  const copy: T = { ...item, x: item.x + dx, y: item.y + dy }
  if (copy.kind === 'mark') {
    copy.items = copy.items.map((inner) => moved(inner, dx, dy))
    copy.strokes = copy.strokes.map((stroke) =>
      stroke.map((value, index) => value + (index % 2 === 0 ? dx : dy)),
    )
  }
  return copy
}

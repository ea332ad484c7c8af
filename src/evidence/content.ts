// Layout items into content streams, each stretch tagged with what it means (ISO 32000-1 sections 8.2 and 14.6).
import type { Slot, Stroke } from '../domain/pact.js'
import type {
  Chunk,
  FrameItem,
  Item,
  MarkItem,
  Origin,
  TextItem,
  TextStyle,
  WatermarkItem,
} from './layout.js'

/** One style of a typeface as content streams use it. */
export interface ContentFont {
  /** Its name in the page's resources. */
  key: string
  /** Each character's code as the inside of a literal string, by code point. */
  codes: readonly string[]
}
export type ContentFonts = Readonly<Record<TextStyle, ContentFont>>

/** Standard structure types that a pact's page content has (ISO 32000-1 section 14.8.4). */
export type ContentTag = 'H1' | 'H2' | 'P' | 'Lbl' | 'TH' | 'TD' | 'Link' | 'Figure'

/**
 * A stretch of content that belongs together: a part of the text with its structure type, the visible field, or
 * an artifact, which no reader reads out.
 */
export type Unit =
  | { kind: 'content'; tag: ContentTag; origin: Origin }
  | { kind: 'field'; mark: MarkItem }
  | { kind: 'artifact'; properties: string }

const TAGS: Partial<Record<Origin['role'], ContentTag>> = {
  title: 'H1',
  heading: 'H2',
  number: 'P',
  paragraph: 'P',
  'point-label': 'Lbl',
  point: 'P',
  'identity-label': 'TH',
  'identity-value': 'TD',
  'table-head': 'TH',
  'table-cell': 'TD',
  signature: 'P',
  mark: 'P',
  verification: 'P',
  link: 'Link',
  note: 'P',
}
// ISO 32000-1 table 330.
const LAYOUT = '/Type/Layout'
const REPEATED = '/Type/Pagination'
const FURNITURE: Partial<Record<Origin['role'], string>> = {
  letterhead: '/Type/Pagination/Subtype/Header/Attached[/Top]',
  footer: '/Type/Pagination/Subtype/Footer/Attached[/Bottom]',
  'page-number': '/Type/Pagination/Subtype/Footer/Attached[/Bottom]',
  stamp: '/Type/Pagination/Subtype/Watermark',
}

// Properties of an item that no reader reads out; undefined for content.
function artifactOf({ kind, role, repeated }: Item): string | undefined {
  const furniture = FURNITURE[role]
  if (furniture !== undefined) return furniture
  if (kind === 'rule' || kind === 'frame') return LAYOUT
  return repeated ? REPEATED : undefined
}

/** Whether two neighbours stand in one stretch. */
function isSameStretch(one: Item, other: Item): boolean {
  const artifact = artifactOf(one)
  if (artifact !== undefined || artifactOf(other) !== undefined) return artifact === artifactOf(other)
  if (one.kind === 'qr' || other.kind === 'qr') return one.kind === other.kind
  if (one.role !== other.role) return false
  // A title of several lines, or of several blocks, is one heading.
  if (one.role === 'title') return true
  return one.block === other.block && one.row === other.row && one.column === other.column
}

const tagOf = ({ kind, role }: Item): ContentTag => (kind === 'qr' ? 'Figure' : TAGS[role]!)

function unitOf(item: Item): Unit {
  const properties = artifactOf(item)
  if (properties !== undefined) return { kind: 'artifact', properties }
  const { role, block, row, column } = item
  return { kind: 'content', tag: tagOf(item), origin: { role, block, row, column } }
}

// Calls `add` with the first item of each stretch, in the order in which they are drawn, and `field` for the mark
// that is a field's appearance and so no page content.
function eachStretch(
  chunks: readonly Chunk[],
  visible: Slot | undefined,
  { add, field }: { add(item: Item): void; field(mark: MarkItem): void },
) {
  let last: Item | undefined
  const look = (item: Item) => {
    if (last === undefined || !isSameStretch(last, item)) add(item)
    last = item
  }
  for (const { items } of chunks)
    for (const item of items)
      if (item.kind !== 'mark') look(item)
      else if (item.slot === visible) {
        last = undefined
        field(item)
      } else {
        item.items.forEach(look)
        if (item.strokes.length > 0 && item.items.length === 0) look(item)
      }
}

/** The stretches of some chunks in the order in which they are drawn. */
export function listUnits(chunks: readonly Chunk[], visible: Slot | undefined): Unit[] {
  const units: Unit[] = []
  eachStretch(chunks, visible, {
    add: (item) => units.push(unitOf(item)),
    field: (mark) => units.push({ kind: 'field', mark }),
  })
  return units
}

/** A text that is the same for chunks whose stretches are the same. */
export function keyOfUnits(chunks: readonly Chunk[], visible: Slot | undefined): string {
  let key = ''
  eachStretch(chunks, visible, {
    add(item) {
      const { role, block, row, column } = item
      key += artifactOf(item) ?? `${item.kind === 'qr' ? 'qr' : role} ${block} ${row} ${column}`
      key += ';'
    },
    field: () => (key += 'field;'),
  })
  return key
}

const BLACK = '0 g'
const INK = '0.06 0.13 0.42 rg' // typed names and pen strokes, as a blue pen would leave them
const INK_STROKE = '0.06 0.13 0.42 RG'
const STAMP_COLOR = '0.66 0.08 0.08 rg'
const WATERMARK_COLOR = '0.955 0.915 0.915 rg'

const round = (value: number) => Math.round(value * 100) / 100

/** Writes one content stream; state is not carried from one stream to the next. */
export class ContentWriter {
  #out = ''
  #hyphens = ''
  #last: Item | undefined // of the stretch that is open
  #font = ''
  #color = ''
  #mcid: number
  readonly #fonts: ContentFonts
  readonly #heightPt: number

  /**
   * @param heightPt of the page or form: its y runs up, a layout's down
   * @param firstMcid the first marked-content identifier; undefined where nothing is tagged
   */
  constructor(fonts: ContentFonts, heightPt: number, firstMcid?: number) {
    this.#fonts = fonts
    this.#heightPt = heightPt
    this.#mcid = firstMcid ?? -1
  }

  /** Draws a chunk whose top stands at `y`, without the mark of `visible`. */
  drawChunk(chunk: Chunk, y: number, visible: Slot | undefined) {
    for (const item of chunk.items) {
      if (item.kind !== 'mark') this.#tagged(item, 0, y)
      else if (item.slot !== visible) this.#mark(item, 0, y)
      else this.#end()
    }
  }

  /** Draws a mark untagged into a form of the mark's own size. */
  drawAppearance(mark: MarkItem) {
    for (const item of mark.items) this.#draw(item, -mark.x, -mark.y)
    for (const stroke of mark.strokes) this.#stroke(stroke, -mark.x, -mark.y)
  }

  /** The stream so far, Latin-1. */
  take(): string {
    this.#end()
    return this.#out
  }

  #mark(mark: MarkItem, dx: number, dy: number) {
    for (const item of mark.items) this.#tagged(item, dx, dy)
    if (mark.strokes.length > 0 && mark.items.length === 0) this.#begin(mark)
    for (const stroke of mark.strokes) this.#stroke(stroke, dx, dy)
  }

  #tagged(item: Item, dx: number, dy: number) {
    this.#begin(item)
    this.#draw(item, dx, dy)
    if (item.kind === 'text' && item.hyphenPt !== undefined) this.#hyphen(item, dx, dy)
  }

  // A hyphen that only the line break asks for is an artifact (ISO 32000-1 section 14.8.2.2.1). It is drawn behind
  // the stretch it belongs to, so that the word goes on undivided for whoever reads the structure.
  #hyphen(item: TextItem, dx: number, dy: number) {
    const { key, codes } = this.#fonts[item.style]
    const x = item.x + item.widthPt - item.hyphenPt!
    const place = `${this.#at(x + dx, item.y + dy)} Tm(${codes[0x2d]})Tj`
    this.#hyphens += `BT /${key} ${round(item.sizePt)} Tf 1 0 0 1 ${place} ET\n`
  }

  #begin(item: Item) {
    if (this.#mcid < 0) return
    const last = this.#last
    if (last !== undefined && isSameStretch(last, item)) {
      this.#last = item
      return
    }
    this.#end()
    this.#last = item
    const artifact = artifactOf(item)
    this.#out +=
      artifact === undefined
        ? `/${tagOf(item)}<</MCID ${this.#mcid++}>>BDC\n`
        : `/Artifact<<${artifact}>>BDC\n`
  }

  #end() {
    if (this.#last !== undefined) this.#out += 'EMC\n'
    this.#last = undefined
    if (this.#hyphens === '') return
    this.#out += `/Artifact<<${LAYOUT}>>BDC\n${this.#hyphens}EMC\n`
    this.#hyphens = ''
    this.#font = ''
  }

  #draw(item: Item, dx: number, dy: number) {
    switch (item.kind) {
      case 'text':
        return this.#text(item, dx, dy)
      case 'frame':
        return this.#frame(item, dx, dy)
      case 'watermark':
        return this.#watermark(item, dy)
      case 'rule':
        this.#fill(BLACK)
        this.#out += `${this.#at(item.x + dx, item.y + item.thicknessPt + dy)} ${round(item.widthPt)} ${round(item.thicknessPt)} re f\n`
        return
      case 'emblem':
        this.#out += `q ${round(item.widthPt)} 0 0 ${round(item.heightPt)} ${this.#at(item.x + dx, item.y + item.heightPt + dy)} cm/Emblem Do Q\n`
        return
      case 'qr': {
        const side = round(item.widthPt)
        this.#out += `q 0 g ${side} 0 0 ${side} ${this.#at(item.x + dx, item.y + item.widthPt + dy)} cm/QR Do Q\n`
      }
    }
  }

  #at(x: number, y: number): string {
    return `${round(x)} ${round(this.#heightPt - y)}`
  }

  #fill(color: string) {
    if (color === this.#color) return
    this.#color = color
    this.#out += `${color}\n`
  }

  #text(item: TextItem, dx: number, dy: number) {
    const { style, sizePt } = item
    this.#fill(item.role === 'stamp' ? STAMP_COLOR : item.role === 'mark' && style === 'italic' ? INK : BLACK)
    const { key, codes } = this.#fonts[style]
    const font = `/${key} ${round(sizePt)} Tf `
    let out = `BT ${font === this.#font ? '' : font}1 0 0 1 ${this.#at(item.x + dx, item.y + dy)} Tm`
    this.#font = font
    out += this.#show(item, codes)
    this.#out += `${out} ET\n`
  }

  // Tw has no effect on two-byte codes, so justification is a number after each space glyph.
  #show({ text, spacePt, sizePt }: TextItem, codes: readonly string[]): string {
    const shift = spacePt === 0 ? '' : `)${Math.round((-spacePt / sizePt) * 1000)}(`
    let shown = ''
    for (let index = 0; index < text.length; index++) {
      const code = text.charCodeAt(index)
      shown += codes[code]!
      if (code === 0x20) shown += shift
    }
    return shift === '' ? `(${shown})Tj` : `[(${shown})]TJ`
  }

  #frame(item: FrameItem, dx: number, dy: number) {
    const box = `${this.#at(item.x + dx, item.y + item.heightPt + dy)} ${round(item.widthPt)} ${round(item.heightPt)} re S Q\n`
    this.#out += `${item.dashed ? 'q 0.6 G 0.5 w [2 2] 0 d ' : 'q 0 G 0.5 w '}${box}`
  }

  #watermark(item: WatermarkItem, dy: number) {
    const angle = (item.angleDegrees * Math.PI) / 180
    const [cos, sin] = [Math.cos(angle), Math.sin(angle)]
    const x = item.x - (item.widthPt / 2) * cos
    const y = this.#heightPt - item.y - dy - (item.widthPt / 2) * sin
    const turn = [cos, sin, -sin, cos].map((value) => Math.round(value * 10000) / 10000).join(' ')
    this.#fill(WATERMARK_COLOR)
    const { key, codes } = this.#fonts.bold
    const shown = Array.from(item.text, (character) => codes[character.codePointAt(0)!]).join('')
    this.#font = ''
    this.#out += `BT /${key} ${round(item.sizePt)} Tf ${turn} ${round(x)} ${round(y)} Tm(${shown})Tj ET\n`
  }

  // A pen stroke through the middles between its points, each point pulling the curve towards it: smooth
  // without leaving the points' hull. PDF has cubic curves only, hence the thirds.
  #stroke(stroke: Stroke, dx: number, dy: number) {
    const points = Array.from({ length: stroke.length / 2 }, (_, index) => ({
      x: stroke[2 * index]! + dx,
      y: stroke[2 * index + 1]! + dy,
    }))
    type Point = (typeof points)[number]
    const write = ({ x, y }: Point) => this.#at(x, y)
    const middle = (a: Point, b: Point) => ({ x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 })
    const third = (a: Point, b: Point) => ({ x: a.x + ((b.x - a.x) * 2) / 3, y: a.y + ((b.y - a.y) * 2) / 3 })
    const first = points[0]!
    const last = points.at(-1)!
    let path = `q ${INK_STROKE} 1.25 w 1 J 1 j ${write(first)} m`
    let from = first
    for (let index = 1; index < points.length - 1; index++) {
      const point = points[index]!
      const to = middle(point, points[index + 1]!)
      path += ` ${write(third(from, point))} ${write(third(to, point))} ${write(to)} c`
      from = to
    }
    this.#out += `${path} ${write(last)} l S Q\n`
  }
}

// Pages into bytes: the only file that knows how a pact's PDF is written. Layout is typeset.ts's business.
import fontkit from '@pdf-lib/fontkit'
import {
  PDFDocument,
  PDFHexString,
  PDFName,
  PDFString,
  type PDFDict,
  type PDFFont,
  type PDFObject,
  type PDFPage,
  type PDFRef,
} from 'pdf-lib'
import { PactError } from '../domain/errors.js'
import { SEAL_SLOT, type PactText, type Slot, type Stroke } from '../domain/pact.js'
import { isPrintable, repertoireRanges } from '../domain/repertoire.js'
import type {
  FontMetrics,
  FrameItem,
  Item,
  Layout,
  MarkItem,
  TextItem,
  TextStyle,
  WatermarkItem,
} from './layout.js'
import { qrModules, type QrModules } from './qr.js'
import type { SlotMark } from './signing-place.js'
import { fillFooter, type PageSettings } from './template.js'
import { typeset, type Letterhead } from './typeset.js'

const STYLES: TextStyle[] = ['regular', 'bold', 'italic']
const FONT_KEYS: Record<TextStyle, string> = { regular: 'FR', bold: 'FB', italic: 'FI' }
// ISO 32000-1 section 9.6.4: six letters and a plus sign mark a subset; they differ within one file.
const FONT_NAMES: Record<TextStyle, string> = {
  regular: 'PAKTAR+LiberationSans',
  bold: 'PAKTAB+LiberationSans-Bold',
  italic: 'PAKTAI+LiberationSans-Italic',
}
// Print (bit 3) and Locked (bit 8): the widget shows on paper and viewers do not offer to move it.
const WIDGET_FLAGS = 132
// SignaturesExist and AppendOnly (ISO 32000-1 table 219).
const SIGNATURE_FLAGS = 3
// Zero-size and outside the page: such a field needs no appearance, and filling it later changes no page.
const HIDDEN_RECT = [-10, -10, -10, -10]
const EMBLEM_BYTES_MAX = 2_000_000
const DOCUMENT_ID_BYTES = 16

const BLACK = '0 g'
const INK = '0.06 0.13 0.42 rg' // typed names and pen strokes, as a blue pen would leave them
const INK_STROKE = '0.06 0.13 0.42 RG'
const STAMP_COLOR = '0.66 0.08 0.08 rg'
const WATERMARK_COLOR = '0.955 0.915 0.915 rg'

/** A typeface, read once and used for every pact. */
export interface Fonts {
  metrics: FontMetrics
  /** The font files; the press embeds subsets of them. */
  files: Record<TextStyle, Uint8Array>
}

type ParsedFont = ReturnType<typeof fontkit.create>
const parsedFonts = new WeakMap<Uint8Array, ParsedFont>()

/**
 * Reads a typeface.
 *
 * @param files three TrueType files that cover domain/repertoire.ts
 * @throws BAD_FILE when one cannot be read or lacks a character of the repertoire
 */
export function loadFonts(files: Record<TextStyle, Uint8Array>): Fonts {
  const widths = Object.fromEntries(
    STYLES.map((style) => {
      let font: ParsedFont
      try {
        font = fontkit.create(files[style])
      } catch (cause) {
        throw new PactError('BAD_FILE', `huruf ${style}: bukan berkas TrueType`, { cause })
      }
      parsedFonts.set(files[style], font)
      const table = new Map<number, number>()
      for (const [first, last] of repertoireRanges)
        for (let codePoint = first; codePoint <= last; codePoint++) {
          const glyph = font.glyphForCodePoint(codePoint)
          if (glyph.id === 0)
            throw new PactError(
              'BAD_FILE',
              `huruf ${style}: tidak memuat U+${codePoint.toString(16).toUpperCase()}`,
            )
          table.set(codePoint, glyph.advanceWidth / font.unitsPerEm)
        }
      return [style, table]
    }),
  ) as Record<TextStyle, Map<number, number>>

  const widthOf = (text: string, style: TextStyle) => {
    const table = widths[style]
    let width = 0
    for (const character of text) {
      const codePoint = character.codePointAt(0)!
      if (!isPrintable(codePoint))
        throw new PactError('BAD_CHARACTER', `U+${codePoint.toString(16).toUpperCase()} tidak dapat dicetak`)
      width += table.get(codePoint)!
    }
    return width
  }
  return { metrics: { widthOf }, files }
}

/** Everything that one pact's file is made from. */
export interface PressInput {
  text: PactText
  page: PageSettings
  /** Printed when the page asks for one. */
  letterhead?: Letterhead
  /** PNG, at most 2 MB, at the left of the letterhead. */
  emblem?: Uint8Array
  fonts: Fonts
  /** What stands in each party's place; a slot without an entry stays blank. */
  marks: Readonly<Record<Slot, SlotMark>>
  /**
   * Signature fields, in signing order, the seal last; empty for a preview. The first one is visible in its
   * block and shows that party's mark. All later ones are invisible: a field that is filled after the first
   * signature must change nothing on a page.
   */
  fields: Slot[]
  /** The verification address (ASCII, ending in the code) and the code in canonical form. */
  qr?: { url: string; code: string }
  /** An entry for each placeholder that the page's footer names. */
  footer: Readonly<Record<string, string>>
  /** Words across every page: "CONTOH – BUKAN DOKUMEN RESMI", "PRATINJAU – BELUM DITANDATANGANI". */
  stamp?: string
  info: { title: string; author: string; createdAt: Date; documentId: Uint8Array }
}

/** What a later party's place says: true before that party signs and after. */
export const laterLines = ['Tempat tanda tangan elektronik.', 'Statusnya tertera pada', 'halaman verifikasi.']

/**
 * One pact as a PDF with empty signature fields. The same input gives the same bytes.
 *
 * Stricter than the text: /AcroForm, its /Fields and the page's /Annots are indirect objects, so that a later
 * increment can add to them without rewriting catalog or page; the cross-reference table is a classic one.
 *
 * @param input.info.documentId 16 bytes; the trailer's /ID
 * @throws BAD_CHARACTER when a text holds what the fonts cannot print; BAD_FILE for a bad emblem; BAD_TEMPLATE
 *   when a field has no place on the pages or something cannot be laid out
 * @see ISO 32000-1 sections 7.5.5 (trailer), 9.7 (composite fonts), 12.7.4.5 (signature fields)
 */
export async function press(input: PressInput): Promise<Uint8Array> {
  const { info } = input
  if (info.documentId.length !== DOCUMENT_ID_BYTES)
    throw new Error(`document id of ${info.documentId.length} bytes, want ${DOCUMENT_ID_BYTES}`)
  const symbol = input.qr && qrModules(input.qr.url)
  const letterhead = input.page.letterhead ? input.letterhead : undefined
  const layout = typeset(
    {
      text: input.text,
      page: input.page,
      ...(letterhead && { letterhead }),
      ...(letterhead && input.emblem && { emblemRatio: pngRatio(input.emblem) }),
      marks: input.marks,
      ...(input.qr && { verification: { modules: symbol!.size, ...input.qr } }),
      footer: fillFooter(input.page, input.footer).map((text) => ({ text, isShared: false })),
      ...(input.stamp !== undefined && { stamp: input.stamp }),
    },
    input.fonts.metrics,
  )

  const doc = await PDFDocument.create({ updateMetadata: false })
  doc.registerFontkit({ create: (bytes: Uint8Array) => parsedFonts.get(bytes) ?? fontkit.create(bytes) })
  doc.setTitle(info.title, { showInWindowTitleBar: true })
  doc.setAuthor(info.author)
  doc.setCreator('Pakta')
  doc.setProducer('Pakta')
  doc.setCreationDate(info.createdAt)
  doc.setModificationDate(info.createdAt)
  const { context, catalog } = doc
  catalog.set(PDFName.of('Lang'), PDFString.of('id-ID'))
  const id = PDFHexString.of(Buffer.from(info.documentId).toString('hex'))
  context.trailerInfo.ID = context.obj([id, id])

  const fonts = await embedFonts(doc, layout, input.fonts)
  const writer = new ContentWriter(fonts)
  const resources = context.register(
    context.obj({
      Font: fontDictionary(doc, fonts),
      XObject: {
        ...(symbol && { QR: registerSymbol(doc, symbol) }),
        ...(letterhead && input.emblem && { Emblem: await embedEmblem(doc, input.emblem) }),
      },
    }),
  )
  const visible = input.fields[0] === SEAL_SLOT ? undefined : input.fields[0]
  let place: { page: PDFPage; mark: MarkItem } | undefined
  for (const { items } of layout.pages) {
    const page = doc.addPage([round(layout.widthPt), round(layout.heightPt)])
    page.node.set(PDFName.of('Resources'), resources)
    // Reading order of widgets; also on pages without one, because a later field may come to any page.
    page.node.set(PDFName.of('Tabs'), PDFName.of('S'))
    for (const item of items) {
      if (item.kind === 'mark' && item.slot === visible) place = { page, mark: item }
      else writer.draw(item, layout.heightPt)
    }
    page.node.set(PDFName.of('Contents'), context.register(context.flateStream(writer.take())))
  }
  if (visible !== undefined && !place)
    throw new PactError('BAD_TEMPLATE', `bidang tanda tangan ${visible} tidak mempunyai tempat pada naskah`)
  if (input.fields.length > 0)
    addFields(doc, input.fields, place, { writer, fonts, heightPt: layout.heightPt })
  return doc.save({ useObjectStreams: false, addDefaultPage: false, updateFieldAppearances: false })
}

type EmbeddedFonts = Partial<Record<TextStyle, PDFFont>>

async function embedFonts(doc: PDFDocument, layout: Layout, fonts: Fonts): Promise<EmbeddedFonts> {
  const used = new Set<TextStyle>()
  const look = (item: Item) => {
    if (item.kind === 'text') used.add(item.style)
    else if (item.kind === 'watermark') used.add('bold')
    else if (item.kind === 'mark') item.items.forEach(look)
  }
  for (const { items } of layout.pages) items.forEach(look)
  const embedded: EmbeddedFonts = {}
  for (const style of STYLES)
    if (used.has(style))
      embedded[style] = await doc.embedFont(fonts.files[style], {
        subset: true,
        customName: FONT_NAMES[style],
      })
  return embedded
}

function fontDictionary(doc: PDFDocument, fonts: EmbeddedFonts): PDFDict {
  return doc.context.obj(
    Object.fromEntries(
      STYLES.flatMap((style): [string, PDFRef][] =>
        fonts[style] ? [[FONT_KEYS[style], fonts[style].ref]] : [],
      ),
    ),
  )
}

// A 1-bit stencil: a ninth of the bytes of as many rectangles, and no hairlines between its rows.
function registerSymbol(doc: PDFDocument, symbol: QrModules): PDFRef {
  const rowBytes = Math.ceil(symbol.size / 8)
  const bits = new Uint8Array(rowBytes * symbol.size).fill(0xff)
  symbol.dark.forEach((dark, index) => {
    const column = index % symbol.size
    const at = Math.floor(index / symbol.size) * rowBytes + (column >> 3)
    if (dark) bits[at]! &= ~(0x80 >> (column & 7))
  })
  const { context } = doc
  return context.register(
    context.flateStream(bits, {
      Type: 'XObject',
      Subtype: 'Image',
      Width: symbol.size,
      Height: symbol.size,
      ImageMask: true,
      BitsPerComponent: 1,
      Decode: [0, 1],
    }),
  )
}

// Width by height, from the header chunk (PNG specification, section 11.2.2).
function pngRatio(bytes: Uint8Array): number {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (bytes.length > EMBLEM_BYTES_MAX)
    throw new PactError('BAD_FILE', `lambang: ${bytes.length} bita, paling banyak ${EMBLEM_BYTES_MAX}`)
  if (bytes.length < 33 || view.readUInt32BE(0) !== 0x89504e47 || view.toString('latin1', 12, 16) !== 'IHDR')
    throw new PactError('BAD_FILE', 'lambang: bukan berkas PNG')
  const [width, height] = [view.readUInt32BE(16), view.readUInt32BE(20)]
  if (!(width >= 1 && height >= 1 && width <= 4096 && height <= 4096))
    throw new PactError('BAD_FILE', `lambang: ${width} x ${height} piksel, harus 1 sampai 4096 tiap sisi`)
  return width / height
}

async function embedEmblem(doc: PDFDocument, bytes: Uint8Array): Promise<PDFRef> {
  try {
    return (await doc.embedPng(bytes)).ref
  } catch (cause) {
    throw new PactError('BAD_FILE', 'lambang: berkas PNG rusak', { cause })
  }
}

const fieldTitle = (slot: Slot) =>
  slot === SEAL_SLOT
    ? 'Segel elektronik instansi'
    : `Tanda tangan elektronik ${slot.toLowerCase().replaceAll('_', ' ')}`

function addFields(
  doc: PDFDocument,
  slots: Slot[],
  place: { page: PDFPage; mark: MarkItem } | undefined,
  drawing: { writer: ContentWriter; fonts: EmbeddedFonts; heightPt: number },
) {
  const { context, catalog } = doc
  const page = place?.page ?? doc.getPage(0)
  const widgets = slots.map((slot, index) => {
    const widget = context.obj({
      Type: 'Annot',
      Subtype: 'Widget',
      FT: 'Sig',
      T: PDFHexString.fromText(slot),
      TU: PDFHexString.fromText(fieldTitle(slot)),
      F: WIDGET_FLAGS,
      P: page.ref,
    })
    if (index === 0 && place) {
      const { mark } = place
      const bottom = drawing.heightPt - mark.y - mark.heightPt
      widget.set(
        PDFName.of('Rect'),
        context.obj([mark.x, bottom, mark.x + mark.widthPt, bottom + mark.heightPt].map(round)),
      )
      widget.set(PDFName.of('AP'), context.obj({ N: registerAppearance(doc, mark, drawing) }))
    } else widget.set(PDFName.of('Rect'), context.obj(HIDDEN_RECT))
    return context.register(widget)
  })
  page.node.set(PDFName.of('Annots'), context.register(context.obj(widgets)))
  const form = { Fields: context.register(context.obj(widgets)), SigFlags: SIGNATURE_FLAGS }
  catalog.set(PDFName.of('AcroForm'), context.register(context.obj(form)))
}

function registerAppearance(
  doc: PDFDocument,
  mark: MarkItem,
  { writer, fonts }: { writer: ContentWriter; fonts: EmbeddedFonts },
): PDFRef {
  const { context } = doc
  writer.drawMark(mark, { dx: -mark.x, base: mark.y + mark.heightPt })
  const entries: Record<string, PDFObject> = { Font: fontDictionary(doc, fonts) }
  return context.register(
    context.flateStream(writer.take(), {
      Type: 'XObject',
      Subtype: 'Form',
      BBox: [0, 0, round(mark.widthPt), round(mark.heightPt)],
      Resources: context.obj(entries),
    }),
  )
}

const round = (value: number) => Math.round(value * 1000) / 1000

// Page coordinates run down from the top, PDF's run up: `base` is the y that becomes 0.
interface Frame {
  dx: number
  base: number
}

// Builds content streams (ISO 32000-1 section 8.2) out of layout items.
class ContentWriter {
  #parts: string[] = []
  constructor(private readonly fonts: EmbeddedFonts) {}

  take(): string {
    const content = this.#parts.join('\n')
    this.#parts = []
    return content
  }

  draw(item: Item, heightPt: number) {
    const frame: Frame = { dx: 0, base: heightPt }
    const at = (x: number, y: number) => `${round(x)} ${round(heightPt - y)}`
    switch (item.kind) {
      case 'text':
        return this.#text(item, frame)
      case 'frame':
        return this.#frame(item, frame)
      case 'mark':
        return this.drawMark(item, frame)
      case 'watermark':
        return this.#watermark(item, heightPt)
      case 'rule':
        this.#parts.push(
          `${BLACK} ${at(item.x, item.y + item.thicknessPt)} ${round(item.widthPt)} ${round(item.thicknessPt)} re f`,
        )
        return
      case 'emblem':
        this.#parts.push(
          `q ${round(item.widthPt)} 0 0 ${round(item.heightPt)} ${at(item.x, item.y + item.heightPt)} cm /Emblem Do Q`,
        )
        return
      case 'qr': {
        const side = round(item.widthPt)
        this.#parts.push(`q ${BLACK} ${side} 0 0 ${side} ${at(item.x, item.y + item.widthPt)} cm /QR Do Q`)
      }
    }
  }

  drawMark(mark: MarkItem, frame: Frame) {
    for (const item of mark.items) item.kind === 'text' ? this.#text(item, frame) : this.#frame(item, frame)
    for (const stroke of mark.strokes) this.#stroke(stroke, frame)
  }

  #text(item: TextItem, { dx, base }: Frame) {
    const color =
      item.role === 'stamp' ? STAMP_COLOR : item.role === 'mark' && item.style === 'italic' ? INK : BLACK
    const matrix = `1 0 0 1 ${round(item.x + dx)} ${round(base - item.y)} Tm`
    this.#parts.push(
      `BT ${color} /${FONT_KEYS[item.style]} ${round(item.sizePt)} Tf ${matrix} ${this.#show(item)} ET`,
    )
  }

  // Tw has no effect on two-byte codes, so justification is a number after each space glyph.
  #show({ text, style, spacePt, sizePt }: TextItem): string {
    const font = this.fonts[style]!
    if (spacePt === 0) return `${font.encodeText(text).toString()} Tj`
    const shift = round((-spacePt / sizePt) * 1000)
    const parts = text.split(/(?<= )/).map((part) => font.encodeText(part).toString())
    return `[${parts.join(` ${shift} `)}] TJ`
  }

  #frame(item: FrameItem, { dx, base }: Frame) {
    const box = [item.x + dx, base - item.y - item.heightPt, item.widthPt, item.heightPt].map(round).join(' ')
    this.#parts.push(item.dashed ? `q 0.6 G 0.5 w [2 2] 0 d ${box} re S Q` : `q 0 G 0.5 w ${box} re S Q`)
  }

  #watermark(item: WatermarkItem, heightPt: number) {
    const angle = (item.angleDegrees * Math.PI) / 180
    const [cos, sin] = [Math.cos(angle), Math.sin(angle)]
    const x = item.x - (item.widthPt / 2) * cos
    const y = heightPt - item.y - (item.widthPt / 2) * sin
    const matrix = [cos, sin, -sin, cos, x, y].map(round).join(' ')
    const shown = this.fonts.bold!.encodeText(item.text).toString()
    this.#parts.push(`BT ${WATERMARK_COLOR} /FB ${round(item.sizePt)} Tf ${matrix} Tm ${shown} Tj ET`)
  }

  // A pen stroke through the middles between its points, each point pulling the curve towards it: smooth
  // without leaving the points' hull. PDF has cubic curves only, hence the thirds.
  #stroke(stroke: Stroke, { dx, base }: Frame) {
    const points = Array.from({ length: stroke.length / 2 }, (_, index) => ({
      x: stroke[2 * index]! + dx,
      y: base - stroke[2 * index + 1]!,
    }))
    type Point = (typeof points)[number]
    const write = ({ x, y }: Point) => `${round(x)} ${round(y)}`
    const middle = (a: Point, b: Point) => ({ x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 })
    const third = (a: Point, b: Point) => ({ x: a.x + ((b.x - a.x) * 2) / 3, y: a.y + ((b.y - a.y) * 2) / 3 })
    const first = points[0]!
    const last = points.at(-1)!
    const path = [`q ${INK_STROKE} 1.25 w 1 J 1 j ${write(first)} m`]
    let from = first
    for (let index = 1; index < points.length - 1; index++) {
      const point = points[index]!
      const to = middle(point, points[index + 1]!)
      path.push(`${write(third(from, point))} ${write(third(to, point))} ${write(to)} c`)
      from = to
    }
    path.push(`${write(last)} l S Q`)
    this.#parts.push(path.join(' '))
  }
}

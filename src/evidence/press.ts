// Pages into bytes: a pact's PDF, of which only what is one person's own is written anew.
import { createHash, type Hash } from 'node:crypto'
import { deflateSync } from 'node:zlib'
import { PactError } from '../domain/errors.js'
import { SEAL_SLOT, type Block, type PactText, type Slot } from '../domain/pact.js'
import { ContentWriter, listUnits, type Unit } from './content.js'
import {
  ASCENT,
  DESCENT,
  type Chunk,
  type Layout,
  type MarkItem,
  type Placement,
  type TextItem,
} from './layout.js'
import { formatInfo, formatXmp, type FileInfo } from './metadata.js'
import type { Draft, SignatureField } from './pades.js'
import { formatPdfText } from './pdf.js'
import { openQrFamily, type QrFamily } from './qr.js'
import type { SlotMark } from './signing-place.js'
import { formatXrefRow, ObjectBytes, openStock, type Stock } from './stock.js'
import { buildStructure, type PlacedUnit } from './structure.js'
import { fillFooter } from './filling.js'
import { type PageSettings } from './template.js'
import { levelOf, subsetLevels, type Fonts, type SubsetLevel } from './typeface.js'
import { Typesetter, type Letterhead } from './typeset.js'

// Print (bit 3) and Locked (bit 8): the widget shows on paper and viewers do not offer to move it.
const WIDGET_FLAGS = 132
// SignaturesExist and AppendOnly (ISO 32000-1 table 219).
const SIGNATURE_FLAGS = 3
// Zero-size and outside the page: such a field needs no appearance, no tag and no title, and filling it later
// changes no page.
const HIDDEN_RECT = '[-10 -10 -10 -10]'
const EMBLEM_BYTES_MAX = 2_000_000
const DOCUMENT_ID_BYTES = 16
// Forms of page that are kept; a city's names make some dozens for one template.
const FORMS_MAX = 256
const LINK_TEXT = formatPdfText('Halaman verifikasi pakta ini')

/** What the pacts of one template version have in common. */
export interface PressSetup {
  page: PageSettings
  fonts: Fonts
  /** PNG, at most 2 MB, at the left of the letterhead. */
  emblem?: Uint8Array
  /** Words across every page: "CONTOH – BUKAN DOKUMEN RESMI", "PRATINJAU – BELUM DITANDATANGANI". */
  stamp?: string
}

/** What one pact says. */
export interface Sheet {
  text: PactText
  /** Blocks of `text` that are the same objects on every sheet. */
  shared?: ReadonlySet<Block>
  /** Printed when the page asks for one. */
  letterhead?: Letterhead
  /** What stands in each party's place; a slot without an entry stays blank. */
  marks: Readonly<Record<Slot, SlotMark>>
  /**
   * Signature fields, in signing order, the seal last; empty for a preview. The first one is visible in its
   * block and shows that party's mark. All later ones are invisible: a field that is filled after the first
   * signature must change nothing on a page.
   */
  fields: readonly Slot[]
  /** The verification address (ASCII, ending in the code) and the code in canonical form. */
  qr?: { url: string; code: string }
  /** An entry for each placeholder that the page's footer names. */
  footer: Readonly<Record<string, string>>
  info: FileInfo & { documentId: Uint8Array }
}

/** Everything that one pact's file is made from. */
export type PressInput = PressSetup & Sheet

/** A pressed pact: what it shares with others, the same objects each time, and its own end. */
export interface Pressed {
  shared: readonly Uint8Array[]
  own: Uint8Array
  draft: Draft // ready for the first signature
}

/** The whole file. */
export const joinPressed = ({ shared, own }: Pressed): Uint8Array => Buffer.concat([...shared, own])

/** What a later party's place says: true before that party signs and after. */
export const laterLines = ['Tempat tanda tangan elektronik.', 'Statusnya tertera pada', 'halaman verifikasi.']

/**
 * One pact as a PDF/A-2a and PDF/UA-1 file with empty signature fields: `Press.print` for a single sheet.
 *
 * @throws as `openPress` and `Press.print`
 */
export async function press(input: PressInput): Promise<Uint8Array> {
  return joinPressed(await openPress(input).print(input))
}

/**
 * Opens a press for the pacts of one template version.
 *
 * @throws BAD_FILE for an emblem that is no PNG or too large
 */
export function openPress(setup: PressSetup): Press {
  return new Press(setup)
}

// One stretch of a page's content: shared by every sheet of a form, or a sheet's own.
interface Stretch {
  page: number
  isShared: boolean
  placements: Placement[]
}

/**
 * The part of the file that depends on how the words fall onto the pages and not on the words: static content,
 * pages, structure tree, form, catalog. Sheets whose words fall alike share it.
 */
interface Form {
  stock: Stock
  bytes: Uint8Array
  hash: Hash // over stock and form
  rows: string // of the cross-reference table, for stock and form
  catalog: string
  firstOwn: number // object number of the sheet's first own object
  firstMcids: number[] // of each own stretch
  fields: SignatureField[]
  linkKey: number // of the link in the structure's parent tree
}

interface Known {
  serial: number
  level: SubsetLevel
}

export class Press {
  readonly #setup: PressSetup
  readonly #typesetter: Typesetter
  readonly #stocks = new Map<SubsetLevel, Promise<Stock>>()
  readonly #forms = new Map<string, Form>()
  readonly #chunks = new WeakMap<Chunk, Known>()
  readonly #families = new Map<string, QrFamily>()
  readonly #sharedFooter: readonly boolean[]

  constructor(setup: PressSetup) {
    this.#setup = setup
    const { page, fonts, emblem, stamp } = setup
    this.#typesetter = new Typesetter({
      page,
      metrics: fonts.metrics,
      ...(page.letterhead && emblem && { emblemRatio: pngRatio(emblem) }),
      ...(stamp !== undefined && { stamp }),
    })
    this.#sharedFooter = page.footer.map((line) => !line.includes('{{kode_verifikasi}}'))
  }

  /**
   * One pact with empty signature fields. The same input gives the same bytes.
   *
   * Only the field that the first signature fills is visible and has a Form element in the structure; every later
   * one is zero-size, outside the page and untagged, because validators take a value that is reached through the
   * structure tree and was not there when the first signature was made for a change of the document.
   *
   * Stricter than the text: /AcroForm, its /Fields and the page's /Annots are indirect objects, so that a later
   * increment can add to them without rewriting catalog or page; the cross-reference table is a classic one.
   *
   * @param sheet.info.documentId 16 bytes; the trailer's /ID
   * @throws BAD_CHARACTER when a text holds what the fonts cannot print; BAD_TEMPLATE when a field has no place
   *   on the pages or something cannot be laid out; BAD_FORM for an address that no QR symbol holds
   * @see ISO 32000-1 sections 7.5 (file structure), 12.7.4.5 (signature fields); ISO 19005-2; ISO 14289-1
   */
  async print(sheet: Sheet): Promise<Pressed> {
    const { info, qr } = sheet
    if (info.documentId.length !== DOCUMENT_ID_BYTES)
      throw new Error(`document id of ${info.documentId.length} bytes, want ${DOCUMENT_ID_BYTES}`)
    const { page } = this.#setup
    const family = qr && this.#familyOf(qr)
    const layout = this.#typesetter.set({
      text: sheet.text,
      ...(sheet.shared && { shared: sheet.shared }),
      ...(page.letterhead && sheet.letterhead && { letterhead: sheet.letterhead }),
      marks: sheet.marks,
      ...(qr && { verification: { modules: family!.size, ...qr } }),
      footer: fillFooter(page, sheet.footer).map((text, index) => ({
        text,
        isShared: this.#sharedFooter[index]!,
      })),
    })
    const visible = sheet.fields[0] === SEAL_SLOT ? undefined : sheet.fields[0]
    const stretches = stretchesOf(layout)
    const { key, level } = this.#lookAt(stretches, visible)
    const name = `${level}|${sheet.fields.join()}|${family?.size ?? ''}|${key}`
    let form = this.#forms.get(name)
    if (form) this.#forms.delete(name)
    else {
      const stock = await this.#openStock(level)
      form = composeForm({ stock, layout, stretches, fields: sheet.fields, visible, hasQr: qr !== undefined })
    }
    this.#forms.set(name, form) // the newest last
    if (this.#forms.size > FORMS_MAX) this.#forms.delete(this.#forms.keys().next().value!)
    return writeOwn(form, { sheet, stretches, visible, heightPt: layout.heightPt, family })
  }

  #openStock(level: SubsetLevel): Promise<Stock> {
    let stock = this.#stocks.get(level)
    if (!stock) {
      const { fonts, emblem, page } = this.#setup
      stock = stockOf(fonts, { level, emblem: page.letterhead ? emblem : undefined })
      this.#stocks.set(level, stock)
    }
    return stock
  }

  #familyOf({ url, code }: { url: string; code: string }): QrFamily {
    const prefix = url.endsWith(code) ? url.slice(0, -code.length) : ''
    const tail = url.slice(prefix.length)
    const name = `${prefix} ${tail.length}`
    let family = this.#families.get(name)
    if (!family) this.#families.set(name, (family = openQrFamily(prefix, tail.length)))
    return family
  }

  // What decides the form: which shared chunks stand where, and which stretches of tags the own ones make.
  #lookAt(stretches: readonly Stretch[], visible: Slot | undefined): { key: string; level: SubsetLevel } {
    let key = ''
    let level = 0
    for (const { page, isShared, placements } of stretches) {
      const [first, last] = [placements[0]!, placements.at(-1)!]
      for (const { chunk } of placements) {
        const known = isShared ? this.#know(chunk) : undefined
        level = Math.max(level, subsetLevels.indexOf(known?.level ?? levelOf(textOf(chunk))))
      }
      if (isShared) {
        const serials = `${this.#know(first.chunk).serial}-${this.#know(last.chunk).serial}`
        key += `${page} ${serials} ${first.y.toFixed(2)} ${last.y.toFixed(2)}|`
        continue
      }
      key += `${page} ${
        listUnits(
          placements.map(({ chunk }) => chunk),
          visible,
        ).key
      }`
      // The field and the figure have their place in the form, too: where they stand, not where their chunk does.
      for (const { chunk, y } of placements)
        for (const item of chunk.items)
          if (item.kind === 'qr' || (item.kind === 'mark' && item.slot === visible)) {
            const heightPt = item.kind === 'qr' ? item.widthPt : item.heightPt
            key += `${boxOf({ ...item, heightPt }, { dy: y, heightPt: 0 }).join(' ')};`
          }
      key += '|'
    }
    return { key, level: subsetLevels[level]! }
  }

  #know(chunk: Chunk): Known {
    let known = this.#chunks.get(chunk)
    if (!known) {
      known = { serial: ++serials, level: levelOf(textOf(chunk)) }
      this.#chunks.set(chunk, known)
    }
    return known
  }
}

let serials = 0

// Font programs, profile and emblem are the same for every press of a typeface.
const stocks = new WeakMap<Fonts, Map<string, Promise<Stock>>>()
function stockOf(fonts: Fonts, want: { level: SubsetLevel; emblem: Uint8Array | undefined }): Promise<Stock> {
  let known = stocks.get(fonts)
  if (!known) stocks.set(fonts, (known = new Map()))
  const emblem = want.emblem ? createHash('sha256').update(want.emblem).digest('hex') : ''
  let stock = known.get(`${want.level} ${emblem}`)
  if (!stock) known.set(`${want.level} ${emblem}`, (stock = openStock(fonts, want)))
  return stock
}

const textOf = (chunk: Chunk): string =>
  chunk.items
    .map((item) =>
      item.kind === 'text' || item.kind === 'watermark'
        ? item.text
        : item.kind === 'mark'
          ? item.items.map((inner) => (inner.kind === 'text' ? inner.text : '')).join('')
          : '',
    )
    .join('')

function stretchesOf(layout: Layout): Stretch[] {
  const stretches: Stretch[] = []
  layout.pages.forEach(({ placements }, page) => {
    for (const placement of placements) {
      const last = stretches.at(-1)
      if (last?.page === page && last.isShared === placement.isShared) last.placements.push(placement)
      else stretches.push({ page, isShared: placement.isShared, placements: [placement] })
    }
  })
  return stretches
}

const round = (value: number) => Math.round(value * 100) / 100
const streamOf = (entries: string, content: string) =>
  `<<${entries}/Length ${content.length}>>\nstream\n${content}\nendstream`
const refs = (numbers: readonly number[]) => `[${numbers.map((number) => `${number} 0 R`).join(' ')}]`
const boxOf = (
  item: { x: number; y: number; widthPt: number; heightPt: number },
  { dy, heightPt }: { dy: number; heightPt: number },
) => {
  const bottom = heightPt - item.y - dy - item.heightPt
  return [item.x, bottom, item.x + item.widthPt, bottom + item.heightPt].map(round)
}

const fieldTitle = (slot: Slot) =>
  slot === SEAL_SLOT
    ? 'Segel elektronik instansi'
    : `Tanda tangan elektronik ${slot.toLowerCase().replaceAll('_', ' ')}`

// The object numbers of a sheet's own objects, which the form refers to before any sheet is written.
function numberOwn(first: number, has: { streams: number; qr: boolean; field: boolean; link: boolean }) {
  let next = first + has.streams
  const take = (is: boolean) => (is ? next++ : 0)
  return {
    streams: Array.from({ length: has.streams }, (_, index) => first + index),
    qr: take(has.qr),
    appearance: take(has.field),
    link: take(has.link),
    metadata: next++,
    info: next++,
    end: next,
  }
}

function composeForm(input: {
  stock: Stock
  layout: Layout
  stretches: readonly Stretch[]
  fields: readonly Slot[]
  visible: Slot | undefined
  hasQr: boolean
}): Form {
  const { stock, layout, stretches, fields, visible, hasQr } = input
  const { heightPt } = layout
  const located = locate(stretches, visible, layout)
  if (visible !== undefined && !located.field)
    throw new PactError('BAD_TEMPLATE', `bidang tanda tangan ${visible} tidak mempunyai tempat pada naskah`)

  const base = stock.offsets.length
  const count = layout.pages.length
  // Numbers first: catalog, pages and form refer to each other and to what follows.
  let next = base + 1
  const take = (length: number) => Array.from({ length }, () => next++)
  const [catalog, tree, resources, form, formFields, intent] = take(6) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ]
  const pages = take(count)
  const annotations = take(count)
  const sharedStreams = take(stretches.filter(({ isShared }) => isShared).length)
  const widgets = take(fields.length)
  const firstElement = next
  const pageOf = (page: number) => `${pages[page]!} 0 R`
  const structureOf = (own: ReturnType<typeof numberOwn>) =>
    buildStructure(located.units, {
      first: firstElement,
      pages: pages.map((number) => `${number} 0 R`),
      ...(located.field && { field: `${widgets[0]!} 0 R` }),
      ...(located.link && { link: `${own.link} 0 R` }),
      ...(located.symbol && { symbolBox: boxOf(located.symbol.item, { dy: located.symbol.y, heightPt }) }),
    })
  const has = {
    streams: stretches.length - sharedStreams.length,
    qr: hasQr,
    field: located.field !== undefined,
    link: located.link !== undefined,
  }
  // The tree's size does not depend on the numbers in it.
  const treeSize = structureOf(numberOwn(0, has)).bodies.length
  const own = numberOwn(firstElement + treeSize, has)
  const structure = structureOf(own)

  const objects = new ObjectBytes(stock.bytes.length)
  objects.add(
    catalog,
    `<</Type/Catalog/Pages ${tree} 0 R${fields.length ? `/AcroForm ${form} 0 R` : ''}/StructTreeRoot ${structure.root}` +
      `/Metadata ${own.metadata} 0 R/MarkInfo<</Marked true>>/Lang(id-ID)/ViewerPreferences<</DisplayDocTitle true>>` +
      `/OutputIntents[${intent} 0 R]>>`,
  )
  objects.add(tree, `<</Type/Pages/Kids${refs(pages)}/Count ${count}>>`)
  objects.add(
    resources,
    `<</Font<<${stock.fontResources}>>${hasQr || stock.emblem ? `/XObject<<${hasQr ? `/QR ${own.qr} 0 R` : ''}${stock.emblem ? `/Emblem ${stock.emblem}` : ''}>>` : ''}>>`,
  )
  objects.add(form, `<</Fields ${formFields} 0 R/SigFlags ${SIGNATURE_FLAGS}>>`)
  objects.add(formFields, refs(widgets))
  objects.add(
    intent,
    `<</Type/OutputIntent/S/GTS_PDFA1/OutputConditionIdentifier(sRGB)/Info(sRGB IEC61966-2.1)/DestOutputProfile ${stock.profile}>>`,
  )
  const streams = streamNumbers(stretches, sharedStreams, own.streams)
  const fieldPage = located.field?.page ?? 0
  for (let page = 0; page < count; page++)
    objects.add(
      pages[page]!,
      `<</Type/Page/Parent ${tree} 0 R/MediaBox[0 0 ${round(layout.widthPt)} ${round(heightPt)}]/Resources ${resources} 0 R` +
        // /Tabs also on pages without a widget, because a later field may come to any page.
        `/Contents${refs(streams[page]!)}/StructParents ${page}/Tabs/S/Annots ${annotations[page]!} 0 R>>`,
    )
  for (let page = 0; page < count; page++)
    objects.add(
      annotations[page]!,
      refs([...(page === fieldPage ? widgets : []), ...(located.link?.page === page ? [own.link] : [])]),
    )
  const contents = drawShared(stretches, { stock, heightPt, firstMcids: located.firstMcids })
  contents.forEach((content, index) => objects.add(sharedStreams[index]!, deflated(content)))
  const signatureFields = fields.map((slot, index): SignatureField => {
    const isVisible = index === 0 && located.field !== undefined
    const place = isVisible
      ? `/Rect[${boxOf(located.field!.mark, { dy: located.field!.y, heightPt }).join(' ')}]` +
        `/AP<</N ${own.appearance} 0 R>>/StructParent ${structure.fieldKey}`
      : `/Rect${HIDDEN_RECT}`
    const body =
      `<</Type/Annot/Subtype/Widget/FT/Sig/T ${formatPdfText(slot)}/TU ${formatPdfText(fieldTitle(slot))}` +
      `/F ${WIDGET_FLAGS}/P ${pageOf(fieldPage)}${place}>>`
    objects.add(widgets[index]!, body)
    return { slot, objectNumber: widgets[index]!, body: Buffer.from(body, 'latin1') }
  })
  structure.bodies.forEach((body, index) => objects.add(firstElement + index, body))

  const bytes = Buffer.from(objects.take(), 'latin1')
  return {
    stock,
    bytes,
    hash: createHash('sha256').update(stock.bytes).update(bytes),
    rows: [...stock.offsets, ...objects.offsets].map(formatXrefRow).join(''),
    catalog: `${catalog} 0 R`,
    firstOwn: firstElement + treeSize,
    firstMcids: located.firstMcids.filter((_, index) => !stretches[index]!.isShared),
    fields: signatureFields,
    linkKey: structure.linkKey,
  }
}

interface Located {
  units: PlacedUnit[]
  firstMcids: number[] // of each stretch
  field?: { mark: MarkItem; page: number; y: number }
  symbol?: { item: { x: number; y: number; widthPt: number; heightPt: number }; y: number }
  link?: { page: number }
}

// Gives every tagged stretch its MCID, in drawing order from 0 on each page, and finds what needs a place.
function locate(stretches: readonly Stretch[], visible: Slot | undefined, layout: Layout): Located {
  const located: Located = { units: [], firstMcids: [] }
  const mcids = layout.pages.map(() => 0)
  for (const { page, placements } of stretches) {
    located.firstMcids.push(mcids[page]!)
    const add = (unit: Unit) => {
      if (unit.kind === 'artifact') return
      located.units.push({ unit, page, mcid: unit.kind === 'content' ? mcids[page]!++ : -1 })
      if (unit.kind === 'content' && unit.tag === 'Link') located.link ??= { page }
    }
    listUnits(
      placements.map(({ chunk }) => chunk),
      visible,
    ).units.forEach(add)
    for (const { chunk, y } of placements)
      for (const item of chunk.items)
        if (item.kind === 'mark' && item.slot === visible) located.field = { mark: item, page, y }
        else if (item.kind === 'qr') located.symbol = { item: { ...item, heightPt: item.widthPt }, y }
  }
  return located
}

// Which streams a page is made of, in the order of its stretches.
function streamNumbers(stretches: readonly Stretch[], shared: number[], own: number[]): number[][] {
  const pages: number[][] = []
  const left = { shared: [...shared], own: [...own] }
  for (const { page, isShared } of stretches)
    (pages[page] ??= []).push((isShared ? left.shared : left.own).shift()!)
  return pages
}

function drawShared(
  stretches: readonly Stretch[],
  { stock, heightPt, firstMcids }: { stock: Stock; heightPt: number; firstMcids: number[] },
): string[] {
  return stretches.flatMap(({ isShared, placements }, index) => {
    if (!isShared) return []
    const writer = new ContentWriter(stock.fonts, heightPt, firstMcids[index]!)
    for (const { chunk, y } of placements) writer.drawChunk(chunk, y, undefined)
    return [writer.take()]
  })
}

function deflated(content: string): string {
  const bytes = deflateSync(Buffer.from(content, 'latin1'), { level: 9 }).toString('latin1')
  return streamOf('/Filter/FlateDecode', bytes)
}

function writeOwn(
  form: Form,
  input: {
    sheet: Sheet
    stretches: readonly Stretch[]
    visible: Slot | undefined
    heightPt: number
    family: QrFamily | undefined
  },
): Pressed {
  const { sheet, visible, heightPt, family } = input
  const { fonts } = form.stock
  const ownStretches = input.stretches.filter(({ isShared }) => !isShared)
  const start = form.stock.bytes.length + form.bytes.length
  const objects = new ObjectBytes(start)
  let number = form.firstOwn
  let appearance: MarkItem | undefined
  let link: readonly number[] | undefined
  ownStretches.forEach(({ placements }, index) => {
    const writer = new ContentWriter(fonts, heightPt, form.firstMcids[index]!)
    for (const { chunk, y } of placements) {
      writer.drawChunk(chunk, y, visible)
      for (const item of chunk.items) {
        if (item.kind === 'mark' && item.slot === visible) appearance = item
        if (item.kind === 'text' && item.role === 'link') link = linkBox(item, link, { dy: y, heightPt })
      }
    }
    objects.add(number++, streamOf('', writer.take()))
  })
  if (sheet.qr && family) {
    const rows = Buffer.from(family.rowsOf(sheet.qr.url.slice(-family.tailLength))).toString('latin1')
    const { size } = family
    objects.add(
      number++,
      streamOf(
        `/Type/XObject/Subtype/Image/Width ${size}/Height ${size}/ImageMask true/BitsPerComponent 1/Decode[0 1]`,
        rows,
      ),
    )
  }
  if (appearance) {
    const writer = new ContentWriter(fonts, appearance.heightPt)
    writer.drawAppearance(appearance)
    const box = `0 0 ${round(appearance.widthPt)} ${round(appearance.heightPt)}`
    const entries = `/Type/XObject/Subtype/Form/BBox[${box}]/Resources<</Font<<${form.stock.fontResources}>>>>`
    objects.add(number++, streamOf(entries, writer.take()))
  }
  if (sheet.qr && link)
    objects.add(
      number++,
      `<</Type/Annot/Subtype/Link/Rect[${link.join(' ')}]/Border[0 0 0]/F 4/Contents ${LINK_TEXT}` +
        `/StructParent ${form.linkKey}/A<</S/URI/URI ${formatPdfText(sheet.qr.url)}>>>>`,
    )
  objects.add(number++, streamOf('/Type/Metadata/Subtype/XML', formatXmp(sheet.info).toString('latin1')))
  const infoNumber = number++
  objects.add(infoNumber, formatInfo(sheet.info))

  const documentId = `<${Buffer.from(sheet.info.documentId).toString('hex')}>`
  const id = `[${documentId}${documentId}]`
  const info = `${infoNumber} 0 R`
  const xrefAt = objects.end
  const own = Buffer.from(
    `${objects.take()}xref\n0 ${number}\n0000000000 65535 f \n${form.rows}${objects.offsets.map(formatXrefRow).join('')}` +
      `trailer\n<</Size ${number}/Root ${form.catalog}/Info ${info}/ID${id}>>\nstartxref\n${xrefAt}\n%%EOF\n`,
    'latin1',
  )
  return {
    shared: [form.stock.bytes, form.bytes],
    own,
    draft: {
      sizeBytes: start + own.length,
      hash: form.hash.copy().update(own),
      size: number,
      xrefAt,
      root: form.catalog,
      info,
      id,
      fields: form.fields,
    },
  }
}

// The smallest box around the words of the link.
function linkBox(
  item: TextItem,
  before: readonly number[] | undefined,
  at: { dy: number; heightPt: number },
): readonly number[] {
  const ascentPt = item.sizePt * ASCENT
  const heightPt = item.sizePt * (ASCENT + DESCENT)
  const [left, bottom, right, top] = boxOf({ ...item, y: item.y - ascentPt, heightPt }, at) as [
    number,
    number,
    number,
    number,
  ]
  if (!before) return [left, bottom, right, top]
  return [
    Math.min(before[0]!, left),
    Math.min(before[1]!, bottom),
    Math.max(before[2]!, right),
    Math.max(before[3]!, top),
  ]
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

// The part of a pact's file that depends on how the words fall onto the pages and not on the words.
import { createHash, type Hash } from 'node:crypto'
import { deflateSync } from 'node:zlib'
import { PactError } from '../domain/errors.js'
import { SEAL_SLOT, type Slot } from '../domain/pact.js'
import { ContentWriter, listUnits, type Unit } from './content.js'
import type { Layout, MarkItem, Placement } from './layout.js'
import { type ArchiveState, formatAppearances, type SignatureField } from './increment.js'
import { formatPdfText } from './pdf.js'
import { formatXrefRow, ObjectBytes, type Stock } from './stock.js'
import { buildStructure, type PlacedUnit } from './structure.js'

// Print (bit 3) and Locked (bit 8): the widget shows on paper and viewers do not offer to move it.
const WIDGET_FLAGS = 132
// SignaturesExist and AppendOnly (ISO 32000-1 table 219).
const SIGNATURE_FLAGS = 3
// Zero-size and outside the page: such a field needs no appearance, no tag and no title, and filling it later
// changes no page.
const HIDDEN_RECT = '[-10 -10 -10 -10]'

/** One stretch of a page's content: shared by every sheet of a form, or a sheet's own. */
export interface Stretch {
  page: number
  isShared: boolean
  placements: Placement[]
}

/**
 * The part of the file that depends on how the words fall onto the pages and not on the words: static content,
 * pages, structure tree, form, catalog. Sheets whose words fall alike share it.
 */
export interface Form {
  stock: Stock
  bytes: Uint8Array
  hash: Hash // over stock and form
  rows: string // of the cross-reference table, for stock and form
  catalog: string
  firstOwn: number // object number of the sheet's first own object
  firstMcids: number[] // of each own stretch
  fields: SignatureField[]
  archive: ArchiveState
  linkKey: number // of the link in the structure's parent tree
}

/** A layout's content in stretches, page by page in reading order. */
export function stretchesOf(layout: Layout): Stretch[] {
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

/** As many digits as a printer can tell apart. */
export const round = (value: number) => Math.round(value * 100) / 100
/** A stream object; `content` is Latin-1. */
export const streamOf = (entries: string, content: string) =>
  `<<${entries}/Length ${content.length}>>\nstream\n${content}\nendstream`
const refs = (numbers: readonly number[]) => `[${numbers.map((number) => `${number} 0 R`).join(' ')}]`
/** Left, bottom, right and top of something on its page, in points. */
export const boxOf = (
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
function numberOwn(
  first: number,
  has: { streams: number; qr: boolean; field: boolean; link: boolean; pending: number; attachments: boolean },
) {
  let next = first + has.streams
  const take = (is: boolean) => (is ? next++ : 0)
  return {
    streams: Array.from({ length: has.streams }, (_, index) => first + index),
    qr: take(has.qr),
    appearance: take(has.field),
    link: take(has.link),
    // Two appearances for each field of a joint document: before it is signed, and after.
    pending: Array.from({ length: has.pending }, () => [next++, next++] as const),
    names: take(has.attachments),
    attachments: take(has.attachments),
    metadata: next++,
    info: next++,
    end: next,
  }
}

/**
 * Writes the form of a layout.
 *
 * @param input.visible the party whose mark is the appearance of the first field
 * @throws BAD_TEMPLATE when a field has no place on the pages
 */
export function composeForm(input: {
  stock: Stock
  layout: Layout
  stretches: readonly Stretch[]
  fields: readonly Slot[]
  visible: Slot | undefined
  hasQr: boolean
  hasAttachments: boolean
}): Form {
  const { stock, layout, stretches, fields, visible, hasQr, hasAttachments } = input
  const { heightPt } = layout
  const located = locate(stretches, visible, layout)
  if (visible !== undefined && !located.field)
    throw new PactError('BAD_TEMPLATE', `bidang tanda tangan ${visible} tidak mempunyai tempat pada naskah`)

  const base = stock.offsets.length
  const count = layout.pages.length
  // Numbers first: catalog, pages and form refer to each other and to what follows.
  let next = base + 1
  const take = (length: number) => Array.from({ length }, () => next++)
  const [catalog, tree, resources, form, formFields, intent, store] = take(7) as [
    number,
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
    pending: located.pending.size,
    attachments: hasAttachments,
  }
  // The tree's size does not depend on the numbers in it.
  const treeSize = structureOf(numberOwn(0, has)).bodies.length
  const own = numberOwn(firstElement + treeSize, has)
  const structure = structureOf(own)

  const objects = new ObjectBytes(stock.bytes.length)
  objects.add(
    catalog,
    `<</Type/Catalog/Pages ${tree} 0 R${fields.length ? `/AcroForm ${form} 0 R/DSS ${store} 0 R` : ''}/StructTreeRoot ${structure.root}` +
      `/Metadata ${own.metadata} 0 R/MarkInfo<</Marked true>>/Lang(id-ID)/ViewerPreferences<</DisplayDocTitle true>>` +
      `/OutputIntents[${intent} 0 R]${hasAttachments ? `/Names ${own.names} 0 R/AF ${own.attachments} 0 R` : ''}>>`,
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
  // Empty until the file is archived: a later increment then rewrites this object and no catalog.
  objects.add(store, '<<>>')
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
      refs([
        ...widgets.filter((_, index) => (located.pending.get(fields[index]!)?.page ?? fieldPage) === page),
        ...(located.link?.page === page ? [own.link] : []),
      ]),
    )
  const contents = drawShared(stretches, { stock, heightPt, firstMcids: located.firstMcids })
  contents.forEach((content, index) => objects.add(sharedStreams[index]!, deflated(content)))
  const signatureFields = fields.map((slot, index): SignatureField => {
    const isVisible = index === 0 && located.field !== undefined
    const pending = located.pending.get(slot)
    const place = isVisible
      ? `/Rect[${boxOf(located.field!.mark, { dy: located.field!.y, heightPt }).join(' ')}]` +
        `/AP<</N ${own.appearance} 0 R>>/StructParent ${structure.fieldKey}`
      : pending
        ? `/Rect[${boxOf(pending.mark, { dy: pending.y, heightPt }).join(' ')}]` +
          formatAppearances(own.pending[pending.index]!)
        : `/Rect${HIDDEN_RECT}`
    const body =
      `<</Type/Annot/Subtype/Widget/FT/Sig/T ${formatPdfText(slot)}/TU ${formatPdfText(fieldTitle(slot))}` +
      `/F ${WIDGET_FLAGS}/P ${pageOf(pending?.page ?? fieldPage)}${place}>>`
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
    archive: {
      storeObject: store,
      fieldsObject: formFields,
      widgets,
      stored: { certificates: [], ocsps: [], crls: [] },
    },
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
  pending: Map<Slot, { mark: MarkItem; page: number; y: number; index: number }> // in drawing order
  symbol?: { item: { x: number; y: number; widthPt: number; heightPt: number }; y: number }
  link?: { page: number }
}

// Gives every tagged stretch its MCID, in drawing order from 0 on each page, and finds what needs a place.
function locate(stretches: readonly Stretch[], visible: Slot | undefined, layout: Layout): Located {
  const located: Located = { units: [], firstMcids: [], pending: new Map() }
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
    ).forEach(add)
    for (const { chunk, y } of placements)
      for (const item of chunk.items)
        if (item.kind === 'mark' && item.slot === visible) located.field = { mark: item, page, y }
        else if (item.kind === 'mark' && item.field)
          located.pending.set(item.slot, { mark: item, page, y, index: located.pending.size })
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

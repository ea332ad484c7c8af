// Pages into bytes: a pact's PDF, of which only what is one person's own is written anew.
import { createHash } from 'node:crypto'
import { deflateSync } from 'node:zlib'
import { SEAL_SLOT, type Block, type PactText, type Slot } from '../domain/pact.js'
import { ContentWriter, keyOfUnits } from './content.js'
import { checkEmblem, type Emblem } from './emblem.js'
import { boxOf, composeForm, round, streamOf, stretchesOf, type Form, type Stretch } from './form.js'
import { ASCENT, DESCENT, type Chunk, type MarkItem, type TextItem } from './layout.js'
import { formatInfo, formatXmp, type FileInfo } from './metadata.js'
import type { Draft } from './increment.js'
import { formatPdfDate, formatPdfText } from './pdf.js'
import { openQrFamily, type QrFamily } from './qr.js'
import type { SlotMark } from './signing-place.js'
import { formatXrefRow, ObjectBytes, openStock, type Stock } from './stock.js'
import { fillFooter } from './filling.js'
import { type PageSettings } from './template.js'
import { levelOf, subsetLevels, type Fonts, type SubsetLevel } from './typeface.js'
import { Typesetter, type Letterhead } from './typeset.js'

const DOCUMENT_ID_BYTES = 16
// Forms of page that are kept; a city's names make some dozens for one template.
const FORMS_MAX = 256
const LINK_TEXT = formatPdfText('Halaman verifikasi pakta ini')

/** What the pacts of one template version have in common. */
export interface PressSetup {
  page: PageSettings
  fonts: Fonts
  /** PNG or JPEG, at the left of the letterhead: see `checkEmblem`. */
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
   * signature must change nothing on a page. Where a mark is `pending` every field is visible from the beginning and
   * its signature changes what it shows, and nothing else.
   */
  fields: readonly Slot[]
  /** The verification address (ASCII, ending in the code) and the code in canonical form. */
  qr?: { url: string; code: string }
  /** An entry for each placeholder that the page's footer names. */
  footer: Readonly<Record<string, string>>
  info: FileInfo & { documentId: Uint8Array }
  /** Files inside the file, in the order of their names; with them it is PDF/A-3. */
  attachments?: readonly Attachment[]
}

/** A file that a pact carries inside itself. @see ISO 19005-3 section 6.8 */
export interface Attachment {
  name: string // ASCII, of ascending order
  description: string
  type: string // MIME type
  bytes: Uint8Array
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
export const joinPressed = ({ shared, own }: Pick<Pressed, 'shared' | 'own'>): Uint8Array =>
  Buffer.concat([...shared, own])

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
 * @throws BAD_FILE for an emblem that `checkEmblem` refuses
 */
export function openPress(setup: PressSetup): Press {
  return new Press(setup)
}

interface Known {
  serial: number
  level: number // in `subsetLevels`
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
      ...(page.letterhead && emblem && { emblemRatio: ratioOf(checkEmblem(emblem)) }),
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
   * The fields of a joint document stand over their cells untagged for the same reason: such a file is PDF/A-2a and
   * does not call itself PDF/UA (ISO 14289-1 section 7.18.4 wants them tagged).
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
    const first = sheet.fields[0]
    const isPending = (slot: Slot | undefined) => slot !== undefined && sheet.marks[slot]?.kind === 'pending'
    const visible = first === SEAL_SLOT || isPending(first) ? undefined : first
    const stretches = stretchesOf(layout)
    const { key, level } = this.#lookAt(stretches, visible)
    const hasAttachments = (sheet.attachments?.length ?? 0) > 0
    const name = `${level}|${sheet.fields.join()}|${family?.size ?? ''}|${hasAttachments}|${key}`
    let form = this.#forms.get(name)
    if (form) this.#forms.delete(name)
    else {
      const stock = await this.#openStock(level)
      form = composeForm({
        ...{ stock, layout, stretches, fields: sheet.fields, visible },
        ...{ hasQr: qr !== undefined, hasAttachments },
      })
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
      for (const { chunk } of placements)
        level = Math.max(level, isShared ? this.#know(chunk).level : levelOfChunk(chunk))
      if (isShared) {
        const serials = `${this.#know(first.chunk).serial}-${this.#know(last.chunk).serial}`
        key += `${page} ${serials} ${first.y} ${last.y}|`
        continue
      }
      const chunks = placements.map(({ chunk }) => chunk)
      key += `${page} ${keyOfUnits(chunks, visible)}`
      // The field and the figure have their place in the form, too: where they stand, not where their chunk does.
      for (const { chunk, y } of placements)
        for (const item of chunk.items)
          if (item.kind === 'qr' || (item.kind === 'mark' && (item.slot === visible || item.field)))
            key += `${item.x} ${item.y + y} ${item.widthPt} ${item.kind === 'qr' ? '' : `${item.heightPt} ${item.slot}`};`
      key += '|'
    }
    return { key, level: subsetLevels[level]! }
  }

  #know(chunk: Chunk): Known {
    let known = this.#chunks.get(chunk)
    if (!known) {
      known = { serial: ++serials, level: levelOfChunk(chunk) }
      this.#chunks.set(chunk, known)
    }
    return known
  }
}

let serials = 0

const ratioOf = ({ width, height }: Emblem) => width / height

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

// The smallest subset that prints a chunk.
function levelOfChunk({ items }: Chunk): number {
  let level = 0
  const look = (text: string) => {
    const found = levelOf(text)
    if (found > level) level = found
  }
  for (const item of items)
    if (item.kind === 'text' || item.kind === 'watermark') look(item.text)
    else if (item.kind === 'mark')
      for (const { items: inside } of [item, ...Object.values(item.field ?? {})])
        for (const inner of inside) if (inner.kind === 'text') look(inner.text)
  return level
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
  const pending: MarkItem[] = []
  let link: readonly number[] | undefined
  ownStretches.forEach(({ placements }, index) => {
    const writer = new ContentWriter(fonts, heightPt, form.firstMcids[index]!)
    for (const { chunk, y } of placements) {
      writer.drawChunk(chunk, y, visible)
      for (const item of chunk.items) {
        if (item.kind === 'mark' && item.slot === visible) appearance = item
        if (item.kind === 'mark' && item.field) pending.push(item.field.unsigned, item.field.signed)
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
  // A field that lies over words of the page hides them.
  const addAppearance = (mark: MarkItem, ground: string) => {
    const writer = new ContentWriter(fonts, mark.heightPt)
    writer.drawAppearance(mark)
    const box = `0 0 ${round(mark.widthPt)} ${round(mark.heightPt)}`
    const entries = `/Type/XObject/Subtype/Form/BBox[${box}]/Resources<</Font<<${form.stock.fontResources}>>>>`
    objects.add(number++, streamOf(entries, ground + writer.take()))
  }
  if (appearance) addAppearance(appearance, '')
  if (sheet.qr && link)
    objects.add(
      number++,
      `<</Type/Annot/Subtype/Link/Rect[${link.join(' ')}]/Border[0 0 0]/F 4/Contents ${LINK_TEXT}` +
        `/StructParent ${form.linkKey}/A<</S/URI/URI ${formatPdfText(sheet.qr.url)}>>>>`,
    )
  for (const mark of pending)
    addAppearance(mark, `1 g 0 0 ${round(mark.widthPt)} ${round(mark.heightPt)} re f\n`)
  const { attachments = [] } = sheet
  // Two objects that the catalog names, metadata and Info; then each attachment's description and its bytes.
  const firstAttachment = number + 4
  const attachmentRefs = attachments.map((_, index) => `${firstAttachment + 2 * index} 0 R`)
  if (attachments.length > 0) {
    const names = attachments.map(({ name }, index) => `${formatPdfText(name)} ${attachmentRefs[index]}`)
    objects.add(number++, `<</EmbeddedFiles<</Names[${names.join(' ')}]>>>>`)
    objects.add(number++, `[${attachmentRefs.join(' ')}]`)
  }
  objects.add(
    number++,
    streamOf(
      '/Type/Metadata/Subtype/XML',
      formatXmp({
        ...sheet.info,
        ...(pending.length > 0 && { isUntagged: true }),
        ...(attachments.length > 0 && { hasAttachments: true }),
      }).toString('latin1'),
    ),
  )
  const infoNumber = number++
  objects.add(infoNumber, formatInfo(sheet.info))
  for (const attachment of attachments) {
    objects.add(number, formatFileSpecification(attachment, number + 1))
    objects.add(number + 1, embed(attachment, sheet.info.createdAt))
    number += 2
  }

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
      archive: form.archive,
    },
  }
}

// @see ISO 32000-2 section 7.11.3, ISO 19005-3 section 6.8
function formatFileSpecification({ name, description }: Attachment, stream: number): string {
  const text = formatPdfText(name)
  return (
    `<</Type/Filespec/F ${text}/UF ${text}/Desc ${formatPdfText(description)}/AFRelationship/Supplement` +
    `/EF<</F ${stream} 0 R/UF ${stream} 0 R>>>>`
  )
}

// @see ISO 32000-1 section 7.11.4
function embed({ type, bytes }: Attachment, at: Date): string {
  const subtype = type.replaceAll('/', '#2F')
  const date = formatPdfText(formatPdfDate(at))
  return streamOf(
    `/Type/EmbeddedFile/Subtype/${subtype}/Filter/FlateDecode/Params<</Size ${bytes.length}/ModDate ${date}>>`,
    deflateSync(bytes, { level: 9 }).toString('latin1'),
  )
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

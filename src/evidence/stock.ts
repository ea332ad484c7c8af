// What every pact of a typeface has in common, as bytes: the file's first stretch.
import { JpegEmbedder, PDFContext, PngEmbedder } from 'pdf-lib'
import { PactError } from '../domain/errors.js'
import { makeSrgbProfile } from './colour.js'
import type { ContentFonts } from './content.js'
import { checkEmblem } from './emblem.js'
import type { TextStyle } from './layout.js'
import { embedSubsets, textStyles, type Fonts, type SubsetLevel } from './typeface.js'

const FONT_KEYS: Record<TextStyle, string> = { regular: 'FR', bold: 'FB', italic: 'FI' }
// ISO 32000-1 section 7.5.2: four bytes above 127 tell transfer programs that this is no text.
const HEADER = Buffer.from('%PDF-1.7\n%\xe2\xe3\xcf\xd3\n', 'latin1')

/** The first bytes of a pact: header, font programs, colour profile, emblem. */
export interface Stock {
  bytes: Uint8Array
  /** Offset of object 1, 2, 3 ... */
  offsets: readonly number[]
  fonts: ContentFonts
  /** "/FR 7 0 R/FB ..." for a resource dictionary. */
  fontResources: string
  /** References of the colour profile and the emblem. */
  profile: string
  emblem: string | undefined
}

/** Numbered objects with their offsets, ready to stand in a file. */
export class ObjectBytes {
  #text = ''
  readonly offsets: number[] = []

  /** @param start where the first object will stand in its file */
  constructor(private readonly start: number) {}

  /** Writes the next object; its number is its place. `body` is Latin-1. */
  add(number: number, body: string) {
    this.offsets.push(this.start + this.#text.length)
    this.#text += `${number} 0 obj\n${body}\nendobj\n`
  }

  /** Where the next object will stand. */
  get end(): number {
    return this.start + this.#text.length
  }

  take(): string {
    return this.#text
  }
}

/** One row of a cross-reference table (ISO 32000-1 section 7.5.4). */
export const formatXrefRow = (offset: number): string => `${String(offset).padStart(10, '0')} 00000 n \n`

/**
 * Makes the stock of a typeface.
 *
 * @param emblem PNG or JPEG
 * @throws BAD_FILE when the emblem cannot be read
 */
export async function openStock(
  fonts: Fonts,
  { level, emblem }: { level: SubsetLevel; emblem: Uint8Array | undefined },
): Promise<Stock> {
  const context = PDFContext.create()
  const subsets = await embedSubsets(context, fonts, level)
  const profile = context.register(context.flateStream(makeSrgbProfile(), { N: 3 }))
  const emblemRef = emblem && (await (await readEmblem(emblem)).embedIntoContext(context))
  const parts: Uint8Array[] = [HEADER]
  const offsets: number[] = []
  let end = HEADER.length
  for (const [ref, object] of context.enumerateIndirectObjects()) {
    if (ref.objectNumber !== offsets.length + 1) throw new Error(`object ${ref.objectNumber} out of order`)
    const body = new Uint8Array(object.sizeInBytes())
    object.copyBytesInto(body, 0)
    const piece = Buffer.concat([
      Buffer.from(`${ref.objectNumber} 0 obj\n`, 'latin1'),
      body,
      Buffer.from('\nendobj\n', 'latin1'),
    ])
    offsets.push(end)
    parts.push(piece)
    end += piece.length
  }
  return {
    bytes: Buffer.concat(parts),
    offsets,
    fonts: Object.fromEntries(
      textStyles.map((style) => [
        style,
        { key: FONT_KEYS[style], codes: subsets[style].codes.map(escapeCode) },
      ]),
    ) as unknown as ContentFonts,
    fontResources: textStyles
      .map((style) => `/${FONT_KEYS[style]} ${subsets[style].ref.toString()}`)
      .join(''),
    profile: profile.toString(),
    emblem: emblemRef?.toString(),
  }
}

// Two bytes inside a literal string (ISO 32000-1 section 7.3.4.2).
function escapeCode(hex: string): string {
  return Buffer.from(hex, 'hex')
    .toString('latin1')
    .replace(/[()\\\r]/g, (character) => (character === '\r' ? '\\r' : `\\${character}`))
}

async function readEmblem(bytes: Uint8Array): Promise<PngEmbedder | JpegEmbedder> {
  const { type } = checkEmblem(bytes)
  try {
    // A copy: the JPEG reader looks at the whole buffer behind a view.
    return await (type === 'image/png' ? PngEmbedder : JpegEmbedder).for(new Uint8Array(bytes))
  } catch (cause) {
    throw new PactError('BAD_FILE', 'Lambang: berkas gambar ini rusak.', { cause })
  }
}

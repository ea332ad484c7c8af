// A typeface: how wide its characters are, and the subsets of it that pacts carry.
import { deflateSync } from 'node:zlib'
import fontkit from '@pdf-lib/fontkit'
import {
  CustomFontSubsetEmbedder,
  decodePDFRawStream,
  PDFArray,
  PDFDict,
  PDFName,
  PDFRef,
  type PDFContext,
  type PDFRawStream,
} from 'pdf-lib'
import { PactError } from '../domain/errors.js'
import { isPrintable, repertoireRanges } from '../domain/repertoire.js'
import type { FontMetrics, TextStyle } from './layout.js'
import { dropHints } from './truetype.js'

export const textStyles: readonly TextStyle[] = ['regular', 'bold', 'italic']
// ISO 32000-1 section 9.6.4: six letters and a plus sign mark a subset; they differ within one file.
const SUBSET_TAGS: Record<TextStyle, string> = { regular: 'PAKTAR', bold: 'PAKTAB', italic: 'PAKTAI' }
// ISO 32000-1 section 9.10.3 with Adobe Technical Note 5014: at most 100 entries in one block.
const CMAP_BLOCK_MAX = 100

/** A typeface, read once and used for every pact. */
export interface Fonts {
  metrics: FontMetrics
  /** The font files; a pact embeds subsets of them. */
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
  const last = repertoireRanges.at(-1)![1]
  const widths = Object.fromEntries(
    textStyles.map((style) => {
      let font: ParsedFont
      try {
        font = fontkit.create(files[style])
      } catch (cause) {
        throw new PactError('BAD_FILE', `huruf ${style}: bukan berkas TrueType`, { cause })
      }
      parsedFonts.set(files[style], font)
      // NaN where nothing can be printed, so that one comparison finds it.
      const table = new Float64Array(last + 1).fill(NaN)
      for (const codePoint of printable()) {
        const glyph = font.glyphForCodePoint(codePoint)
        if (glyph.id === 0)
          throw new PactError(
            'BAD_FILE',
            `huruf ${style}: tidak memuat U+${codePoint.toString(16).toUpperCase()}`,
          )
        table[codePoint] = glyph.advanceWidth / font.unitsPerEm
      }
      return [style, table]
    }),
  ) as Record<TextStyle, Float64Array>

  const widthOf = (text: string, style: TextStyle) => {
    const table = widths[style]
    let width = 0
    for (let index = 0; index < text.length; index++) width += table[text.charCodeAt(index)] ?? NaN
    if (Number.isNaN(width)) throw refuse(text)
    return width
  }
  return { metrics: { widthOf }, files }
}

function* printable(): Generator<number> {
  for (const [first, last] of repertoireRanges)
    for (let codePoint = first; codePoint <= last; codePoint++) yield codePoint
}

function refuse(text: string): PactError {
  const codePoint = Array.from(text, (character) => character.codePointAt(0)!).find(
    (each) => !isPrintable(each),
  )!
  return new PactError('BAD_CHARACTER', `U+${codePoint.toString(16).toUpperCase()} tidak dapat dicetak`)
}

/**
 * How many characters a pact's fonts hold. Most pacts need the first; a name with an accent the second; the
 * third holds all that domain/repertoire.ts allows.
 */
export const subsetLevels = ['everyday', 'western', 'whole'] as const
export type SubsetLevel = (typeof subsetLevels)[number]

const EVERYDAY = /^[\x20-\x7e\u00b7\u2013\u2014\u2018\u2019\u201c\u201d\u2022\u2026]*$/
const WESTERN = /^[\x20-\x7e\u00b7\u2013\u2014\u2018\u2019\u201c\u201d\u2022\u2026\u00c0-\u00ff]*$/

/** The smallest subset that prints all of `text`: its place in `subsetLevels`. */
export function levelOf(text: string): number {
  return EVERYDAY.test(text) ? 0 : WESTERN.test(text) ? 1 : 2
}

/** One style of a subset in a file. */
export interface SubsetFont {
  ref: PDFRef
  /** The hexadecimal code of each character, by code point. */
  codes: readonly string[]
}

/**
 * Embeds a subset of each style. The same glyphs get the same codes each time, so the result can be shared.
 *
 * @param context receives the font objects
 * @see ISO 32000-1 section 9.7 (composite fonts); ISO 19005-2 section 6.2.11
 */
export async function embedSubsets(
  context: PDFContext,
  fonts: Fonts,
  level: SubsetLevel,
): Promise<Record<TextStyle, SubsetFont>> {
  const wanted = [...printable()].filter((codePoint) => {
    const text = String.fromCodePoint(codePoint)
    return level === 'whole' || (level === 'everyday' ? EVERYDAY : WESTERN).test(text)
  })
  const embedded: [TextStyle, SubsetFont][] = []
  for (const style of textStyles) {
    const font = parsedFonts.get(fonts.files[style])!
    const embedder = await CustomFontSubsetEmbedder.for(
      { create: () => font },
      fonts.files[style],
      `${SUBSET_TAGS[style]}+${font.postscriptName}`,
    )
    const codes: string[] = []
    for (const codePoint of wanted)
      codes[codePoint] = embedder.encodeText(String.fromCodePoint(codePoint)).asString()
    const ref = await embedder.embedIntoContext(context)
    replaceProgram(context, context.lookup(ref, PDFDict))
    // pdf-lib writes all characters into one block, which is longer than readers must accept.
    const dictionary = context.lookup(ref, PDFDict)
    context.assign(dictionary.get(PDFName.of('ToUnicode')) as PDFRef, context.flateStream(toUnicode(codes)))
    embedded.push([style, { ref, codes }])
  }
  return Object.fromEntries(embedded) as Record<TextStyle, SubsetFont>
}

// Without hints, and with its length, which pdf-lib leaves out (ISO 32000-1 table 127).
function replaceProgram(context: PDFContext, font: PDFDict) {
  const cid = font.lookup(PDFName.of('DescendantFonts'), PDFArray).lookup(0, PDFDict)
  const descriptor = cid.lookup(PDFName.of('FontDescriptor'), PDFDict)
  const ref = descriptor.get(PDFName.of('FontFile2')) as PDFRef
  const program = dropHints(decodePDFRawStream(context.lookup(ref) as PDFRawStream).decode())
  const packed = deflateSync(program, { level: 9 })
  context.assign(ref, context.stream(packed, { Filter: 'FlateDecode', Length1: program.length }))
}

function toUnicode(codes: readonly string[]): string {
  const entries = codes.flatMap((code, codePoint) =>
    code ? [`<${code}> <${codePoint.toString(16).toUpperCase().padStart(4, '0')}>`] : [],
  )
  const blocks: string[] = []
  for (let start = 0; start < entries.length; start += CMAP_BLOCK_MAX) {
    const block = entries.slice(start, start + CMAP_BLOCK_MAX)
    blocks.push(`${block.length} beginbfchar\n${block.join('\n')}\nendbfchar\n`)
  }
  return (
    '/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n' +
    '/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def\n' +
    '/CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n' +
    `1 begincodespacerange\n<0000> <FFFF>\nendcodespacerange\n${blocks.join('')}` +
    'endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend'
  )
}

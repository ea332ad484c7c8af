import { PactError } from './errors.js'

/**
 * The characters a pact may print, as closed ranges of code points: Latin with its diacritics and the
 * punctuation of Indonesian prose. The shipped fonts have a glyph of its own for every one of them (a test
 * holds that), so nothing prints as a box and no glyph reads back as another character.
 */
export const repertoireRanges: readonly (readonly [first: number, last: number])[] = [
  [0x0020, 0x007e],
  [0x00a1, 0x00ac], // U+00A0 is a space and U+00AD invisible: see below
  [0x00ae, 0x01bf],
  [0x01c4, 0x024f], // without U+01C0..01C3: click letters that look like | and !
  [0x1e00, 0x1e9b],
  [0x1e9e, 0x1e9e],
  [0x1ea0, 0x1ef9],
  [0x2010, 0x2010],
  [0x2013, 0x2014],
  [0x2018, 0x201a],
  [0x201c, 0x201e],
  [0x2020, 0x2022],
  [0x2026, 0x2026],
  [0x2030, 0x2030],
  [0x2032, 0x2033],
  [0x2039, 0x203a],
  [0x20ac, 0x20ac],
  [0x2116, 0x2116],
  [0x2122, 0x2122],
  [0x2212, 0x2212],
]

/** Whether a pact may print this code point. */
export function isPrintable(codePoint: number): boolean {
  return repertoireRanges.some(([first, last]) => codePoint >= first && codePoint <= last)
}

const SPACE = /[\p{Z}\t\n\v\f\r\u0085]+/gu
// Control and format characters, and all that fonts are asked to ignore: zero-width marks, soft hyphens,
// variation selectors, and the marks that turn the writing direction.
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}]/gu
// Two pairs that keyboards and word processors produce without being asked.
const SAME: Record<string, string> = { '\u2011': '\u2010', '\u02bc': '\u2019' }

const CLEAN = /^(?:[!-~]+(?: [!-~]+)*)?$/

const codeName = (character: string) =>
  'U+' + character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')

/**
 * Text as a pact may print it, and what had to be taken out to get there.
 *
 * Canonically composed (NFC); each run of white space of any kind becomes one space, none at the ends;
 * characters that cannot be seen are removed. Removal changes how a line may look (a mark that turns the
 * direction hides the true order), so an importer tells the operator about it.
 *
 * @param text any string, attacker-controlled
 * @returns `removed`: the code points taken out, as "U+200B", each once, in order of appearance
 * @throws BAD_CHARACTER naming the first character that no shipped font can print
 * @see Unicode Standard Annex 15 (NFC); Unicode section 5.21 (default ignorable code points)
 */
export function cleanText(text: string): { text: string; removed: string[] } {
  // Most text is clean already, and every value of every pact comes through here.
  if (CLEAN.test(text)) return { text, removed: [] }
  const removed = new Set<string>()
  const cleaned = text
    .replace(SPACE, ' ')
    .replace(INVISIBLE, (character) => {
      removed.add(codeName(character))
      return ''
    })
    .normalize('NFC')
    .replace(/[\u2011\u02bc]/g, (character) => SAME[character]!)
    .replace(/ +/g, ' ')
    .trim()
  for (const character of cleaned) {
    if (isPrintable(character.codePointAt(0)!)) continue
    // A lone surrogate or a combining mark alone would be unreadable in a message, hence the code beside it.
    const shown = /\p{M}|\p{Cs}/u.test(character) ? '' : `“${character}” `
    throw new PactError(
      'BAD_CHARACTER',
      `Karakter ${shown}(${codeName(character)}) tidak dapat dicetak; gunakan huruf Latin, angka, dan tanda baca biasa`,
    )
  }
  return { text: cleaned, removed: [...removed] }
}

/**
 * Text as a pact may print it: `cleanText` for callers that need not report what was removed.
 *
 * @param text any string, attacker-controlled
 * @throws BAD_CHARACTER naming the first character that no shipped font can print
 */
export function checkRepertoire(text: string): string {
  return cleanText(text).text
}

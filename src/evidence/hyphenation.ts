// Where an Indonesian word may break at the end of a line.
import id from 'hyphen/id/index.js'

// At least so many letters stay before and after a break.
const BEFORE_MIN = 3
const AFTER_MIN = 4
const KNOWN_MAX = 20_000

// Compounds that syllables alone would break wrongly (KBBI).
const STEMS: readonly (readonly [RegExp, string])[] = [[/tanggungjawab/, 'tang|gung|ja|wab']]

const known = new Map<string, readonly number[]>()

/**
 * Breaks inside a word, by TeX's patterns for Indonesian.
 *
 * Only words of small letters break: a name, an abbreviation or a number never does.
 *
 * @param word one word without spaces; punctuation at its ends is no part of it
 * @returns positions in `word` before which a line may end with a hyphen, ascending
 */
export function findBreaks(word: string): readonly number[] {
  const match = /^([^\p{L}\p{N}]*)([a-z]{6,})[^\p{L}\p{N}]*$/u.exec(word)
  if (!match) return []
  const letters = match[2]!
  let breaks = known.get(letters)
  if (!breaks) {
    if (known.size >= KNOWN_MAX) known.clear()
    known.set(letters, (breaks = breaksOf(letters)))
  }
  const offset = match[1]!.length
  return offset === 0 ? breaks : breaks.map((at) => at + offset)
}

function breaksOf(letters: string): number[] {
  const stem = STEMS.find(([pattern]) => pattern.test(letters))
  const syllables = stem
    ? letters
        .split(stem[0])
        .map((part) => id.hyphenateSync(part, { hyphenChar: '|', minWordLength: 4 }))
        .join(`|${stem[1]}|`)
    : id.hyphenateSync(letters, { hyphenChar: '|' })
  const breaks: number[] = []
  let at = 0
  for (const syllable of syllables.split('|').slice(0, -1)) {
    at += syllable.length
    if (at >= BEFORE_MIN && at <= letters.length - AFTER_MIN) breaks.push(at)
  }
  return [...new Set(breaks)]
}

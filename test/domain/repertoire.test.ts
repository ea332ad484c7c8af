import { test } from 'node:test'
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import fontkit from '@pdf-lib/fontkit'
import { checkRepertoire, cleanText, isPrintable, repertoireRanges } from '../../src/domain/repertoire.js'
import { PactError } from '../../src/domain/errors.js'

test('every printable character has a glyph of its own in every shipped font', () => {
  for (const style of ['Regular', 'Bold', 'Italic']) {
    const font = fontkit.create(readFileSync(`templates/fonts/LiberationSans-${style}.ttf`))
    const owner = new Map<number, string>()
    for (const [first, last] of repertoireRanges) {
      for (let codePoint = first; codePoint <= last; codePoint++) {
        const name = `U+${codePoint.toString(16)} in ${style}`
        const { id } = font.glyphForCodePoint(codePoint)
        assert.notEqual(id, 0, `${name} has no glyph`)
        assert.equal(owner.get(id), undefined, `${name} shares its glyph with ${owner.get(id)}`)
        owner.set(id, name)
      }
    }
  }
})

test('every printable character survives cleaning unchanged', () => {
  for (const [first, last] of repertoireRanges)
    for (let codePoint = first + (first === 0x20 ? 1 : 0); codePoint <= last; codePoint++)
      assert.equal(checkRepertoire(String.fromCodePoint(codePoint)), String.fromCodePoint(codePoint))
})

const cleaned: [name: string, text: string, want: string, removed: string[]][] = [
  ['academic titles', 'Dr. H. Siti Aisyah, S.Sos., M.Si.', 'Dr. H. Siti Aisyah, S.Sos., M.Si.', []],
  ['a combining accent', 'Rene\u0301e', 'Renée', []],
  ['no-break and ideographic spaces', '\u00a0Siti\u00a0\u3000Aisyah\t\r\n', 'Siti Aisyah', []],
  ['a soft hyphen', 'netra\u00adlitas', 'netralitas', ['U+00AD']],
  ['zero-width characters, once each', 'S\u200bi\u200bti\ufeff', 'Siti', ['U+200B', 'U+FEFF']],
  ['a mark that turns the direction', 'Siti\u202ehayiA', 'SitihayiA', ['U+202E']],
  ['control characters', 'Si\u0000ti\u007f', 'Siti', ['U+0000', 'U+007F']],
  ['a variation selector', 'Siti\ufe0f', 'Siti', ['U+FE0F']],
  ['a modifier apostrophe', 'Ma\u02bcruf', 'Ma’ruf', []],
  ['formulas and markup, which are only text here', '=cmd|<script>{{a}}**b**', '=cmd|<script>{{a}}**b**', []],
]
for (const [name, text, want, removed] of cleaned)
  test(`cleans ${name}`, () => assert.deepEqual(cleanText(text), { text: want, removed }))

const refused: [name: string, text: string, code: RegExp][] = [
  ['emoji', 'Siti 😀', /“😀” \(U\+1F600\)/],
  ['Arabic letters', 'محمد', /U\+0645/],
  ['Chinese characters', '陈', /U\+9648/],
  ['a mark that composes with nothing', 'q\u0323', /Karakter \(U\+0323\)/],
  ['half a surrogate pair', 'a\ud800', /U\+D800/],
  ['a private character', '\ue000', /U\+E000/],
  ['a ligature', 'ﬁ', /U\+FB01/],
]
for (const [name, text, message] of refused)
  test(`refuses ${name}, naming it`, () =>
    assert.throws(
      () => checkRepertoire(text),
      (error: unknown) =>
        error instanceof PactError && error.code === 'BAD_CHARACTER' && message.test(error.message),
    ))

test('a space is printable, a no-break space is not', () => {
  assert.equal(isPrintable(0x20), true)
  assert.equal(isPrintable(0xa0), false)
})

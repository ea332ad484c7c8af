import { test } from 'node:test'
import assert from 'node:assert/strict'
import { findBreaks } from '../../src/evidence/hyphenation.js'

const shown = (word: string) =>
  [...findBreaks(word)].reverse().reduce((text, at) => `${text.slice(0, at)}|${text.slice(at)}`, word)

// Syllables by KBBI; three letters stay before a break and four after it.
for (const [word, broken] of [
  ['menandatangani', 'menan|da|ta|ngani'],
  ['penyelenggaraan', 'penye|leng|ga|raan'],
  ['pertanggungjawaban', 'per|tang|gung|ja|waban'],
  ['dipertanggungjawabkan,', 'diper|tang|gung|ja|wabkan,'],
  ['(ketentuan)', '(keten|tuan)'],
] as const)
  test(`breaks ${word} between its syllables`, () => assert.equal(shown(word), broken))

for (const word of ['Kendari', 'NETRALITAS', 'S.Pd.', 'A1b2c3d4', 'pada', '2026', ''])
  test(`never breaks ${JSON.stringify(word)}`, () => assert.deepEqual(findBreaks(word), []))

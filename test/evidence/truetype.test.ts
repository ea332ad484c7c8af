import { test } from 'node:test'
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import fontkit from '@pdf-lib/fontkit'
import { repertoireRanges } from '../../src/domain/repertoire.js'
import { dropHints } from '../../src/evidence/truetype.js'

for (const style of ['Regular', 'Bold', 'Italic'])
  test(`Liberation Sans ${style} without hints: fontkit draws every character alike, and every checksum is right`, () => {
    const program = readFileSync(`templates/fonts/LiberationSans-${style}.ttf`)
    const bare = dropHints(program)
    assert.ok(bare.length < program.length * 0.75, `${bare.length} of ${program.length} bytes`)
    const [before, after] = [fontkit.create(program), fontkit.create(bare)]
    for (const [first, last] of repertoireRanges)
      for (let codePoint = first; codePoint <= last; codePoint++) {
        const [one, other] = [before.glyphForCodePoint(codePoint), after.glyphForCodePoint(codePoint)]
        assert.equal(other.id, one.id)
        assert.equal(other.advanceWidth, one.advanceWidth)
        assert.equal(other.path.toSVG(), one.path.toSVG(), `U+${codePoint.toString(16)}`)
      }
    const sum = (from: number, to: number) => {
      let total = 0
      for (let at = from; at < to; at += 4) total = (total + bare.readUInt32BE(at)) >>> 0
      return total
    }
    assert.equal(sum(0, bare.length), 0xb1b0afba) // OpenType specification, checkSumAdjustment
    const names: string[] = []
    for (let index = 0; index < bare.readUInt16BE(4); index++) {
      const row = 12 + 16 * index
      const [offset, length] = [bare.readUInt32BE(row + 8), bare.readUInt32BE(row + 12)]
      const name = bare.toString('latin1', row, row + 4)
      names.push(name)
      // The checksum of head is over its table with checkSumAdjustment 0.
      const adjustment = name === 'head' ? bare.readUInt32BE(offset + 8) : 0
      assert.equal(
        (sum(offset, offset + ((length + 3) & ~3)) - adjustment) >>> 0,
        bare.readUInt32BE(row + 4),
        name,
      )
    }
    assert.deepEqual(names, [...names].sort())
    for (const hint of ['cvt ', 'fpgm', 'prep']) assert.ok(!names.includes(hint))
  })

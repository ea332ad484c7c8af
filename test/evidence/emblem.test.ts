import { test } from 'node:test'
import assert from 'node:assert/strict'
import { deflateSync } from 'node:zlib'
import { PactError } from '../../src/domain/errors.js'
import { checkEmblem, EMBLEM_BYTES_MAX } from '../../src/evidence/emblem.js'
import { press } from '../../src/evidence/press.js'
import { makePng } from '../web/upload.js'
import { findViolations } from './conformance.js'
import { readTemplate, samplePress } from './sample-pact.js'

/** A JPEG of 8 x 8 grey pixels as libjpeg wrote it, and its frame's place: SOF0 with one component. */
const greyJpeg = Buffer.from(
  '/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAgGBgcGBQgHBwcJCQgKDBQNDAsLDBkSEw8UHRofHh0aHBwgJC4nICIsIxwcKDcpLDAxNDQ0Hyc5PTgyPC4zNDL/wAALCAAIAAgBAREA/8QAHwAAAQUBAQEBAQEAAAAAAAAAAAECAwQFBgcICQoL/8QAtRAAAgEDAwIEAwUFBAQAAAF9AQIDAAQRBRIhMUEGE1FhByJxFDKBkaEII0KxwRVS0fAkM2JyggkKFhcYGRolJicoKSo0NTY3ODk6Q0RFRkdISUpTVFVWV1hZWmNkZWZnaGlqc3R1dnd4eXqDhIWGh4iJipKTlJWWl5iZmqKjpKWmp6ipqrKztLW2t7i5usLDxMXGx8jJytLT1NXW19jZ2uHi4+Tl5ufo6erx8vP09fb3+Pn6/9oACAEBAAA/APn+v//Z',
  'base64',
)
const cmyk = () => {
  const at = greyJpeg.indexOf(Buffer.from([0xff, 0xc0]))
  const frame = Buffer.from('ffc000140800080008040111000211000311000411 00'.replaceAll(' ', ''), 'hex')
  return Buffer.concat([greyJpeg.subarray(0, at), frame, greyJpeg.subarray(at + 13)])
}
const withPixels = (pixels: Uint8Array) => {
  const png = makePng(4, 5)
  const at = png.indexOf('IDAT')
  const length = Buffer.alloc(4)
  length.writeUInt32BE(pixels.length)
  return Buffer.concat([
    png.subarray(0, at - 4),
    length,
    Buffer.from('IDAT'),
    pixels,
    Buffer.alloc(4),
    png.subarray(-12),
  ])
}

for (const [name, bytes, type] of [
  ['PNG', makePng(400, 500), 'image/png'],
  ['JPEG', greyJpeg, 'image/jpeg'],
] as const)
  test(`a ${name} is an emblem, and a pact with it breaks no clause`, async () => {
    assert.equal(checkEmblem(bytes).type, type)
    const pdf = await press({ ...samplePress(readTemplate('PI-ASN-INDIVIDU')), emblem: bytes })
    assert.deepEqual(await findViolations(pdf), [])
  })

const refused: [what: string, bytes: () => Uint8Array, why: RegExp][] = [
  ['nothing', () => new Uint8Array(0), /bukan gambar/],
  ['a text', () => Buffer.from('lambang kota'), /bukan gambar PNG atau JPEG/],
  ['a PDF', () => Buffer.from('%PDF-1.7\n'), /bukan gambar/],
  ['an SVG', () => Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'), /bukan gambar/],
  ['50 MB', () => Buffer.concat([makePng(4, 5), Buffer.alloc(50_000_000)]), /50001 KB, paling besar 300 KB/],
  ['a JPEG in CMYK', cmyk, /CMYK. Simpan ulang sebagai RGB/],
  ['a JPEG that is cut', () => greyJpeg.subarray(0, 200), /terpotong/],
  ['a PNG that is cut', () => makePng(400, 500).subarray(0, 100), /terpotong/],
  ['a PNG of 5,000 pixels', () => makePng(5_000, 1), /5000 x 1 piksel, paling besar 1000/],
  [
    'a PNG of fewer lines than it says',
    () => withPixels(deflateSync(Buffer.alloc(13))),
    /tidak memuat semua barisnya/,
  ],
  ['a PNG that unfolds into 100 MB', () => withPixels(deflateSync(Buffer.alloc(100_000_000))), /rusak/],
  ['a PNG whose pixels are noise', () => withPixels(Buffer.alloc(40, 0x77)), /rusak/],
]
for (const [what, bytes, why] of refused)
  test(`no emblem: ${what}`, () => {
    assert.throws(
      () => checkEmblem(bytes()),
      (error: unknown) => error instanceof PactError && error.code === 'BAD_FILE' && why.test(error.message),
    )
  })

test('an emblem of exactly the largest size passes', () => {
  const png = makePng(4, 5)
  const rest = EMBLEM_BYTES_MAX - png.length - 12
  const chunk = Buffer.alloc(12 + rest)
  chunk.writeUInt32BE(rest)
  chunk.write('teXt', 4, 'latin1')
  const full = Buffer.concat([png.subarray(0, -12), chunk, png.subarray(-12)])
  assert.equal(full.length, EMBLEM_BYTES_MAX)
  assert.equal(checkEmblem(full).width, 4)
  assert.throws(() => checkEmblem(Buffer.concat([full, Buffer.alloc(1)])), /paling besar/)
})

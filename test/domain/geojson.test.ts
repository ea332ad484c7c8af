// Maps as offices export them, and as they should not.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { geoArea } from 'd3-geo'
import { type PactError } from '../../src/domain/errors.js'
import { parseRegionMap, type Position } from '../../src/domain/geojson.js'

const known = new Set(['74.71.01', '74.71.02', '74.71.03'])
const square = (x: number, y: number, size = 0.1): Position[] => [
  [x, y],
  [x + size, y],
  [x + size, y + size],
  [x, y + size],
  [x, y],
]
const feature = (code: unknown, coordinates: unknown, type = 'Polygon') => ({
  type: 'Feature',
  properties: { kode: code },
  geometry: { type, coordinates },
})
const collection = (...features: unknown[]) => JSON.stringify({ type: 'FeatureCollection', features })
const parse = (text: string) => parseRegionMap(text, known)

test('reads districts with their codes in each form that offices write', () => {
  const { shapes, unknown } = parse(
    collection(
      feature('74.71.01', [square(122.5, -4)]),
      feature(747102, [square(122.6, -4)]),
      feature('747103', [[square(122.7, -4)], [square(122.9, -4)]], 'MultiPolygon'),
      feature('74.72.01', [square(122.8, -4)]),
    ),
  )
  assert.deepEqual(
    shapes.map((shape) => shape.code),
    ['74.71.01', '74.71.02', '74.71.03'],
  )
  assert.equal(shapes[2]!.polygons.length, 2)
  assert.deepEqual(unknown, ['74.72.01'])
})

test('whichever way a ring is wound, d3-geo sees a district and not the rest of the world', () => {
  for (const ring of [square(122.5, -4), square(122.5, -4).reverse()]) {
    const [shape] = parse(collection(feature('74.71.01', [ring, square(122.53, -3.97, 0.02)]))).shapes
    const steradians = geoArea({ type: 'MultiPolygon', coordinates: shape!.polygons })
    assert.ok(steradians > 0 && steradians < 0.001, String(steradians))
  }
})

test('neighbours keep one border when their points are thinned out', () => {
  const wave = Array.from({ length: 2000 }, (_, index): Position => {
    const y = -4 + index * 0.0001
    return [122.6 + Math.sin(index / 9) * 0.0006, y]
  })
  const west = [[122.5, -4] as Position, ...wave, [122.5, -3.8] as Position, [122.5, -4] as Position]
  const east = [
    [122.7, -3.8] as Position,
    ...[...wave].reverse(),
    [122.7, -4] as Position,
    [122.7, -3.8] as Position,
  ]
  const { shapes } = parse(collection(feature('74.71.01', [west]), feature('74.71.02', [east])))
  const border = (index: number) =>
    new Set(
      shapes[index]!.polygons[0]![0]!.filter(([x]) => x > 122.55 && x < 122.65).map((position) =>
        position.join(),
      ),
    )
  const [one, other] = [border(0), border(1)]
  assert.ok(one.size > 10 && one.size < 1000, `${one.size} of 2,000 points`)
  assert.deepEqual([...one].sort(), [...other].sort())
})

test('a region smaller than a step of the drawing stays on it, with few points', () => {
  const islet = Array.from({ length: 5001 }, (_, index): Position => {
    const angle = ((index % 5000) / 5000) * 2 * Math.PI
    return [128 + 0.0001 * Math.cos(angle), -3 + 0.0001 * Math.sin(angle)]
  })
  const { shapes } = parse(
    collection(feature('74.71.01', [square(122.5, -4, 1)]), feature('74.71.02', [islet])),
  )
  const [outer] = shapes[1]!.polygons[0]!
  assert.equal(outer!.length, 5)
  assert.ok(geoArea({ type: 'MultiPolygon', coordinates: shapes[1]!.polygons }) < 0.001)
})

const bow: Position[] = [
  [122.5, -4],
  [122.6, -3.9],
  [122.6, -4],
  [122.5, -3.9],
  [122.5, -4],
]
const bads: [name: string, text: string, message: RegExp][] = [
  ['no JSON', 'PK\u0003\u0004', /tidak dapat dibaca sebagai JSON/],
  ['another kind of JSON', '{"type":"Topology"}', /FeatureCollection/],
  ['no feature', collection(), /tidak memuat satu wilayah/],
  [
    'a feature without a code',
    collection(feature(undefined, [square(122.5, -4)])),
    /ke-1 tidak memiliki kode/,
  ],
  ['a line', collection(feature('74.71.01', square(122.5, -4), 'LineString')), /bukan Polygon/],
  ['an open ring', collection(feature('74.71.01', [square(122.5, -4).slice(0, 4)])), /tidak tertutup/],
  ['three points', collection(feature('74.71.01', [square(122.5, -4).slice(0, 3)])), /kurang dari empat/],
  [
    'text for a number',
    collection(feature('74.71.01', [[['122', -4], ...square(122.5, -4)]])),
    /bukan angka/,
  ],
  [
    'latitude first',
    collection(feature('74.71.01', [square(122.5, -4).map(([x, y]) => [y, x])])),
    /74\.71\.01 tertukar.*bujur lebih dahulu/,
  ],
  [
    'metres instead of degrees',
    collection(feature('74.71.01', [square(445_000, 9_558_000, 90)])),
    /EPSG:4326/,
  ],
  [
    'a ring that crosses itself',
    collection(feature('74.71.01', [bow])),
    /74\.71\.01 memotong dirinya sendiri/,
  ],
  [
    'the same code twice',
    collection(feature('74.71.01', [square(122.5, -4)]), feature('74.71.01', [square(122.7, -4)])),
    /dua kali/,
  ],
  [
    'codes of elsewhere only',
    collection(feature('11.01.01', [square(122.5, -4)])),
    /Tidak satu pun kode.*11\.01\.01/,
  ],
  [
    'more points than a page can have',
    collection(
      feature('74.71.01', [
        [[122.5, -4], ...Array.from({ length: 1_000_100 }, (_, i) => [122.5 + i / 1e8, -3.9]), [122.5, -4]],
      ]),
    ),
    /lebih dari 1000000 titik/,
  ],
  [
    'more regions than there are',
    collection(...Array.from({ length: 5001 }, () => feature('74.71.01', []))),
    /5001 wilayah/,
  ],
]
for (const [name, text, message] of bads)
  test(`refuses ${name}, saying what to mend`, () => {
    assert.throws(
      () => parse(text),
      (error: PactError) => error.code === 'BAD_FILE' && message.test(error.message),
    )
  })

test('a ring of fifty thousand points is checked in time, and its one crossing found', () => {
  const round = (count: number) =>
    Array.from({ length: count }, (_, index): Position => {
      const angle = (index / count) * 2 * Math.PI
      const radius = 0.2 + 0.01 * Math.sin(angle * 97)
      return [122.5 + radius * Math.cos(angle), -4 + radius * Math.sin(angle)]
    })
  const ring = round(50_000)
  const closed = [...ring, ring[0]!]
  assert.equal(parse(collection(feature('74.71.01', [closed]))).shapes.length, 1)
  const crossed = [...closed]
  ;[crossed[1000], crossed[1040]] = [crossed[1040]!, crossed[1000]!]
  assert.throws(() => parse(collection(feature('74.71.01', [crossed]))), /memotong/)
})

test('whatever a file says, it is read or refused, never a crash', () => {
  fc.assert(
    fc.property(fc.json(), (text) => {
      try {
        parse(text)
      } catch (error) {
        assert.equal((error as PactError).code, 'BAD_FILE')
      }
    }),
  )
})

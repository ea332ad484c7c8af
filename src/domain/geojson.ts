import { PactError } from './errors.js'

/** [longitude, latitude], degrees, WGS 84. @see RFC 7946 section 4 */
export type Position = [number, number]

/** A region's outline: polygons, each an outer ring and its holes; every ring is closed. */
export interface RegionShape {
  code: string
  polygons: Position[][][]
}

/** A file of at most this size is read at all. */
export const GEOJSON_BYTES_MAX = 20_000_000
const POINTS_MAX = 1_000_000
const FEATURES_MAX = 5000
/** What a simplified map may have; a page carries it. */
const GRID_STEPS = 900
// Where Indonesia lies, with room: a place outside is a mistake.
const INDONESIA = { west: 94, east: 142, south: -12, north: 7 }
/** Properties that hold a region's code, in the order in which they are looked for. */
const CODE_PROPERTIES = ['kode', 'kode_wilayah', 'code', 'kdppum', 'kode_desa', 'kdepum', 'kdbbps', 'id']

/** What came of a map file. */
export interface RegionMap {
  shapes: RegionShape[] // of known codes, in the order of the file
  unknown: string[] // codes that no unit has
}

/**
 * Reads a GeoJSON map (attacker-controlled) whose features carry a region code, checks it, and makes it small: points
 * are moved to a grid, so that two neighbours keep one border, and what lies on a line is left out.
 *
 * @param text the file
 * @param known Kemendagri codes, with dots, that the map may name
 * @returns shapes with rings wound clockwise outside and counter-clockwise inside, as d3-geo wants them (the other way
 *   round than RFC 7946 section 3.1.6, which files do not keep either)
 * @throws BAD_FILE, saying which feature and what to do: no GeoJSON, too many points, coordinates swapped or outside
 *   Indonesia, a ring that crosses itself or is not closed, the same code twice, no known code at all
 * @see RFC 7946
 */
export function parseRegionMap(text: string, known: ReadonlySet<string>): RegionMap {
  const features = readFeatures(text)
  const shapes: RegionShape[] = []
  const unknown: string[] = []
  const seen = new Set<string>()
  let points = 0
  for (const [index, feature] of features.entries()) {
    const code = codeOf(feature, index)
    if (seen.has(code)) throw bad(`Kode ${code} ada dua kali. Gabungkan menjadi satu fitur (MultiPolygon).`)
    seen.add(code)
    const polygons = polygonsOf(feature, code)
    for (const ring of polygons.flat()) {
      points += ring.length
      if (points > POINTS_MAX)
        throw bad(
          `Peta memuat lebih dari ${POINTS_MAX} titik. Sederhanakan lebih dahulu, misalnya dengan mapshaper.`,
        )
      checkPlace(ring, code)
      if (crossesItself(ring))
        throw bad(
          `Garis batas ${code} memotong dirinya sendiri. Perbaiki geometrinya, misalnya dengan "Fix geometries".`,
        )
    }
    if (known.has(code)) shapes.push({ code, polygons })
    else unknown.push(code)
  }
  if (shapes.length === 0)
    throw bad(
      `Tidak satu pun kode pada peta dikenal (${unknown.slice(0, 3).join(', ')}). Kode wilayah ditulis seperti 74.71.01.`,
    )
  return { shapes: simplify(shapes), unknown }
}

const bad = (message: string, cause?: unknown) => new PactError('BAD_FILE', message, { cause })
const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function readFeatures(text: string): Record<string, unknown>[] {
  let parsed: unknown
  try {
    parsed = JSON.parse(text)
  } catch (cause) {
    throw bad('Berkas ini bukan GeoJSON: isinya tidak dapat dibaca sebagai JSON.', cause)
  }
  if (!isObject(parsed) || parsed['type'] !== 'FeatureCollection' || !Array.isArray(parsed['features']))
    throw bad('Berkas ini bukan GeoJSON FeatureCollection. Ekspor ulang sebagai GeoJSON (RFC 7946).')
  const features = parsed['features'] as unknown[]
  if (features.length === 0) throw bad('Peta ini tidak memuat satu wilayah pun.')
  if (features.length > FEATURES_MAX)
    throw bad(`Peta memuat ${features.length} wilayah, paling banyak ${FEATURES_MAX}.`)
  return features.map((feature, index) => {
    if (!isObject(feature)) throw bad(`Fitur ke-${index + 1} bukan objek GeoJSON.`)
    return feature
  })
}

/** "74.71.01" from "74.71.01", "747101" or 747101. */
function codeOf(feature: Record<string, unknown>, index: number): string {
  const properties = isObject(feature['properties']) ? feature['properties'] : {}
  const byName = new Map(Object.entries(properties).map(([name, value]) => [name.toLowerCase(), value]))
  const value =
    CODE_PROPERTIES.map((name) => byName.get(name)).find((one) => one !== undefined) ?? feature['id']
  const digits =
    typeof value === 'string' || typeof value === 'number' ? String(value).replace(/\D/g, '') : ''
  const parts = [digits.slice(0, 2), digits.slice(2, 4), digits.slice(4, 6), digits.slice(6, 10)].filter(
    Boolean,
  )
  if (![2, 4, 6, 10].includes(digits.length))
    throw bad(`Fitur ke-${index + 1} tidak memiliki kode wilayah. Isi properti "kode", misalnya "74.71.01".`)
  return parts.join('.')
}

function polygonsOf(feature: Record<string, unknown>, code: string): Position[][][] {
  const geometry = feature['geometry']
  const type = isObject(geometry) ? geometry['type'] : undefined
  const coordinates = isObject(geometry) ? geometry['coordinates'] : undefined
  const polygons = type === 'Polygon' ? [coordinates] : type === 'MultiPolygon' ? coordinates : undefined
  if (!Array.isArray(polygons) || polygons.length === 0)
    throw bad(`Wilayah ${code} bukan Polygon atau MultiPolygon.`)
  return polygons.map((polygon) => {
    if (!Array.isArray(polygon) || polygon.length === 0) throw bad(`Wilayah ${code} memuat poligon kosong.`)
    return polygon.map((ring) => readRing(ring, code))
  })
}

function readRing(ring: unknown, code: string): Position[] {
  if (!Array.isArray(ring) || ring.length < 4)
    throw bad(`Garis batas ${code} memiliki kurang dari empat titik.`)
  const positions = ring.map((position): Position => {
    const [x, y] = Array.isArray(position) ? (position as unknown[]) : []
    if (typeof x !== 'number' || typeof y !== 'number' || !Number.isFinite(x) || !Number.isFinite(y))
      throw bad(`Wilayah ${code} memuat koordinat yang bukan angka.`)
    return [x, y]
  })
  const [first, last] = [positions[0]!, positions.at(-1)!]
  if (first[0] !== last[0] || first[1] !== last[1]) throw bad(`Garis batas ${code} tidak tertutup.`)
  return positions
}

function checkPlace(ring: readonly Position[], code: string): void {
  const isInside = ([x, y]: Position) =>
    x >= INDONESIA.west && x <= INDONESIA.east && y >= INDONESIA.south && y <= INDONESIA.north
  const wrong = ring.find((position) => !isInside(position))
  if (!wrong) return
  if (isInside([wrong[1], wrong[0]]))
    throw bad(
      `Koordinat ${code} tertukar: GeoJSON menulis bujur lebih dahulu, lalu lintang (misalnya [122.5, -3.9]).`,
    )
  throw bad(
    `Koordinat ${code} (${wrong.join(', ')}) di luar Indonesia. Ekspor ulang dengan sistem koordinat WGS 84 (EPSG:4326).`,
  )
}

/**
 * Whether two edges of a ring cross. Touching in a point is no crossing: real borders do.
 *
 * Edges in the order of their western ends; each is held against those that begin before it ends.
 */
function crossesItself(ring: readonly Position[]): boolean {
  const edges = ring.slice(1).map((to, index) => ({ from: ring[index]!, to, index }))
  const west = ({ from, to }: (typeof edges)[number]) => Math.min(from[0], to[0])
  const east = ({ from, to }: (typeof edges)[number]) => Math.max(from[0], to[0])
  edges.sort((one, other) => west(one) - west(other))
  for (let at = 0; at < edges.length; at++) {
    const edge = edges[at]!
    const end = east(edge)
    const [low, high] = [Math.min(edge.from[1], edge.to[1]), Math.max(edge.from[1], edge.to[1])]
    for (let next = at + 1; next < edges.length && west(edges[next]!) <= end; next++) {
      const other = edges[next]!
      if (Math.max(other.from[1], other.to[1]) < low || Math.min(other.from[1], other.to[1]) > high) continue
      if (cross(edge, other)) return true
    }
  }
  return false
}

interface Edge {
  from: Position
  to: Position
}
const side = (a: Position, b: Position, c: Position) =>
  Math.sign((b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]))
const cross = (one: Edge, other: Edge) =>
  side(one.from, one.to, other.from) * side(one.from, one.to, other.to) < 0 &&
  side(other.from, other.to, one.from) * side(other.from, other.to, one.to) < 0

/** Twice the area, positive when wound counter-clockwise. */
const area = (ring: readonly Position[]) =>
  ring.slice(1).reduce((sum, [x, y], index) => sum + ring[index]![0] * y - x * ring[index]![1], 0)

function simplify(shapes: readonly RegionShape[]): RegionShape[] {
  const all = shapes.flatMap((shape) => shape.polygons.flat(2))
  const [xs, ys] = [all.map(([x]) => x), all.map(([, y]) => y)]
  const bound = (values: readonly number[], pick: (a: number, b: number) => number) =>
    values.reduce((one, other) => pick(one, other))
  const [west, south] = [bound(xs, Math.min), bound(ys, Math.min)]
  const width = Math.max(bound(xs, Math.max) - west, bound(ys, Math.max) - south, 1e-6)
  const step = width / GRID_STEPS
  const round = (value: number) => Math.round(value * 1e6) / 1e6
  const snap = ([x, y]: Position): Position => [
    round(west + Math.round((x - west) / step) * step),
    round(south + Math.round((y - south) / step) * step),
  ]
  return shapes.map(({ code, polygons }) => {
    const snapped = polygons.map((rings) =>
      rings.map((ring, index) => wind(thin(ring.map(snap)), index === 0 ? 'clockwise' : 'counter-clockwise')),
    )
    // An islet smaller than a step of the grid goes; a region of islets keeps its largest.
    const kept = snapped
      .filter(([outer]) => outer!.length >= 4)
      .map(([outer, ...holes]) => [outer!, ...holes.filter((hole) => hole.length >= 4)])
    if (kept.length > 0) return { code, polygons: kept }
    const [largest] = [...polygons].sort((one, other) => Math.abs(area(other[0]!)) - Math.abs(area(one[0]!)))
    return { code, polygons: [[wind(boxOf(largest![0]!), 'clockwise')]] }
  })
}

/** What stands for a region that is smaller than a step of the grid. */
function boxOf(ring: readonly Position[]): Position[] {
  const bounds = (of: 0 | 1) => {
    const values = ring.map((position) => position[of])
    const [low, high] = [values.reduce((a, b) => Math.min(a, b)), values.reduce((a, b) => Math.max(a, b))]
    return low < high ? [low, high] : [low - 1e-6, high + 1e-6]
  }
  const [[west, east], [south, north]] = [bounds(0), bounds(1)] as [[number, number], [number, number]]
  return [
    [west, south],
    [east, south],
    [east, north],
    [west, north],
    [west, south],
  ]
}

/** A closed ring without points that repeat or lie on a line between their neighbours. */
function thin(ring: readonly Position[]): Position[] {
  const same = (a: Position, b: Position) => a[0] === b[0] && a[1] === b[1]
  const open = ring
    .slice(0, -1)
    .filter((position, index, all) => !same(position, all[(index + 1) % all.length]!))
  const corners = open.filter(
    (position, index) => side(open.at(index - 1)!, position, open[(index + 1) % open.length]!) !== 0,
  )
  return corners.length < 3 ? [] : [...corners, corners[0]!]
}

const wind = (ring: Position[], way: 'clockwise' | 'counter-clockwise') =>
  area(ring) > 0 === (way === 'clockwise') ? [...ring].reverse() : ring

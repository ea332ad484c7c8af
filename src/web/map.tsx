import { type ExtendedFeatureCollection, geoArea, geoCentroid, geoMercator, geoPath } from 'd3-geo'
import { formatCount, formatPermille, signedPermille } from '../domain/coverage.js'
import type { RegionShape } from '../domain/geojson.js'
import { emptyForm, ErrorSummary, FileField, type FormState, Submit } from './form.js'
import { Done, Layout, Notice, type PageProps } from './layout.js'
import { paths } from './paths.js'
import { stepOf, type Tile } from './tiles.js'

/** A place on a map: a tile with an outline. */
export interface Place extends Tile {
  shape: RegionShape
}

const WIDTH = 720
const HEIGHT_MAX = 640
const MARGIN = 6
/** A region takes part in the labels when at least this share of the map's area is its own. */
const LABEL_SHARE = 0.012

// Colour and pattern as the tiles and the legend have them.
const patterns = [
  { ground: '#b9dfc6', draw: '' },
  { ground: '#d7ecd9', line: '#8fbf9b', draw: 'M4 4h1v1h-1z' },
  { ground: '#f6ecc4', line: '#d9c36a', draw: 'M0 9L9 0' },
  { ground: '#fadfb6', line: '#dfa95c', draw: 'M0 0L9 9M9 0' },
  { ground: '#fbdcd3', line: '#e09a87', draw: 'M0 0L9 9M0 9L9 0' },
  { ground: '#ffffff', draw: '' },
]

/**
 * Regions coloured by coverage, as an SVG that needs no script: each a link with its name and figure, the figure also
 * written where there is room. The table beside it says the same.
 */
export function CoverageMap({ label, places }: { label: string; places: readonly Place[] }) {
  if (places.length === 0) return null
  const features = places.map(({ shape }) => ({
    type: 'Feature' as const,
    properties: null,
    geometry: { type: 'MultiPolygon' as const, coordinates: shape.polygons },
  }))
  const collection: ExtendedFeatureCollection = { type: 'FeatureCollection', features }
  const projection = geoMercator().fitWidth(WIDTH - 2 * MARGIN, collection)
  const bounds = geoPath(projection).bounds(collection)
  const tall = bounds[1][1] - bounds[0][1]
  if (tall > HEIGHT_MAX) projection.fitSize([WIDTH - 2 * MARGIN, HEIGHT_MAX], collection)
  const path = geoPath(projection).digits(1)
  const [[left, top], [right, bottom]] = path.bounds(collection)
  const total = geoArea(collection)
  return (
    <figure class="map">
      <svg
        viewBox={`${left - MARGIN} ${top - MARGIN} ${right - left + 2 * MARGIN} ${bottom - top + 2 * MARGIN}`}
        role="group"
        aria-label={label}
      >
        <defs>
          {patterns.map(({ ground, line, draw }, step) => (
            <pattern id={`pola${step}`} width="9" height="9" patternUnits="userSpaceOnUse">
              <rect width="9" height="9" fill={ground} />
              {draw && <path d={draw} stroke={line} fill="none" />}
            </pattern>
          ))}
        </defs>
        {places.map((place, index) => {
          const permille = signedPermille(place.counts)
          const share =
            permille === undefined
              ? (place.note ?? 'tidak ada yang wajib')
              : `${formatPermille(permille)}, ${formatCount(place.counts.signed)} dari ${formatCount(place.counts.required)}`
          const outline = (
            <path d={path(features[index]!) ?? ''} fill={`url(#pola${stepOf(permille)})`} fill-rule="evenodd">
              <title>{`${place.name}: ${share}`}</title>
            </path>
          )
          return place.href === undefined ? (
            outline
          ) : (
            <a href={place.href} aria-label={`${place.name}: ${share}`}>
              {outline}
            </a>
          )
        })}
        <g aria-hidden="true">
          {places.map((place, index) => {
            const feature = features[index]!
            if (geoArea(feature) / total < LABEL_SHARE) return null
            const [x, y] = projection(geoCentroid(feature))!
            const permille = signedPermille(place.counts)
            return (
              <text x={x.toFixed(1)} y={y.toFixed(1)}>
                {permille === undefined ? '–' : formatPermille(permille)}
              </text>
            )
          })}
        </g>
      </svg>
    </figure>
  )
}

/** The map of the own regions: upload, look, take away. */
export function MapPage({
  frame,
  places,
  shapeCount,
  unknown,
  without,
  mayChange,
  done,
  form = emptyForm,
}: PageProps & {
  places: readonly Place[]
  shapeCount: number
  unknown: readonly string[] // codes of the file just read that no unit has
  without: readonly string[] // names of units that the map leaves out
  mayChange: boolean
  done?: string | undefined
  form?: FormState
}) {
  return (
    <Layout frame={frame} title="Peta wilayah" section={paths.admin} wrong={form.errors.length > 0}>
      <div class="read">
        <ErrorSummary errors={form.errors} />
        <Done>{done}</Done>
        <h1>Peta wilayah</h1>
        <p>
          {shapeCount === 0
            ? 'Belum ada peta. Tanpa peta, cakupan tampil sebagai petak dan tabel.'
            : `Peta memuat ${formatCount(shapeCount)} wilayah. Cakupan mewarnainya pada halaman cakupan.`}
        </p>
        {unknown.length > 0 && (
          <Notice tone="warn" heading={`${formatCount(unknown.length)} kode tidak dikenal dan dilewati`}>
            <p>{unknown.slice(0, 20).join(', ')}</p>
          </Notice>
        )}
        {without.length > 0 && (
          <Notice heading={`${formatCount(without.length)} unit tidak ada pada peta`}>
            <p>{without.slice(0, 20).join(', ')}. Unit itu tetap ada pada petak dan tabel.</p>
          </Notice>
        )}
      </div>
      <CoverageMap label="Peta wilayah yang tersimpan" places={places} />
      {mayChange && (
        <form class="read" method="post" action={paths.map} encType="multipart/form-data" novalidate>
          <h2>{shapeCount === 0 ? 'Unggah peta' : 'Ganti peta'}</h2>
          <FileField
            name="file"
            label="Berkas GeoJSON"
            hint="FeatureCollection dalam WGS 84, paling besar 20 MB; setiap wilayah dengan properti “kode”, misalnya 74.71.01. Batasnya disederhanakan saat disimpan."
            form={form}
            accept=".geojson,.json,application/geo+json,application/json"
          />
          <div class="actions">
            <Submit>Simpan peta</Submit>
            {shapeCount > 0 && (
              <Submit kind="second" name="act" value="hapus">
                Hapus peta
              </Submit>
            )}
          </div>
        </form>
      )}
    </Layout>
  )
}

import { type Counts, formatCount, formatPermille } from '../domain/coverage.js'
import { signedPermille } from '../domain/coverage.js'

/** One place in a tile grid. */
export interface Tile {
  name: string
  counts: Counts
  href?: string // leads nowhere when left out
  note?: string // what stands in place of a share where there is none
}

// Five steps of coverage, each with a colour, a pattern and a name: none of them speaks alone.
const steps = [
  { from: 1000, name: 'lengkap' },
  { from: 750, name: '75 sampai 99,9%' },
  { from: 500, name: '50 sampai 74,9%' },
  { from: 250, name: '25 sampai 49,9%' },
  { from: 0, name: 'di bawah 25%' },
] as const
const NOBODY = 5

/** Which step of the legend a share belongs to: 0 (everybody) to 4, and 5 where nobody has to sign. */
export const stepOf = (permille: number | undefined): number =>
  permille === undefined ? NOBODY : steps.findIndex((step) => permille >= step.from)

/** What the colours and patterns of a tile grid or a map mean. */
export function CoverageLegend({ nobody = 'tidak ada yang wajib' }: { nobody?: string }) {
  return (
    <ul class="legend" aria-label="Arti warna dan pola">
      {[...steps.map((step) => step.name), nobody].map((name, index) => (
        <li>
          <span class={`swatch step${index}`} aria-hidden="true" /> {name}
        </li>
      ))}
    </ul>
  )
}

/** Places side by side, each as big as the others, coloured by how far they are; the figures stand in the tiles. */
export function TileGrid({ label, tiles }: { label: string; tiles: readonly Tile[] }) {
  return (
    <ul class="tiles" aria-label={label}>
      {tiles.map(({ name, counts, href, note }) => {
        const permille = signedPermille(counts)
        const inside = (
          <>
            <span class="tile-name">{name}</span>
            <strong>{permille === undefined ? '–' : formatPermille(permille)}</strong>
            <span class="tile-note">
              {permille === undefined
                ? (note ?? 'tidak ada yang wajib')
                : `${formatCount(counts.signed)} dari ${formatCount(counts.required)}`}
            </span>
          </>
        )
        const step = `tile step${stepOf(permille)}`
        return (
          <li>
            {href === undefined ? (
              <div class={step}>{inside}</div>
            ) : (
              <a class={step} href={href}>
                {inside}
              </a>
            )}
          </li>
        )
      })}
    </ul>
  )
}

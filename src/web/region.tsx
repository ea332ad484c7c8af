import { formatMoment, type TimeZone } from '../domain/campaign.js'
import type { RegionShape } from '../domain/geojson.js'
import {
  addCounts,
  type Counts,
  formatCount,
  formatPermille,
  signedPermille,
  zeroCounts,
} from '../domain/coverage.js'
import { emptyForm, ErrorSummary, type FormState, Select, Submit, TextField } from './form.js'
import { BackLink, Bar, Done, Layout, Notice, type PageProps } from './layout.js'
import { paths } from './paths.js'
import { CoverageMap } from './map.js'
import { CoverageLegend, type Tile, TileGrid } from './tiles.js'

/** A government below, with what it lets the one above see. */
export interface Region {
  code: string
  name: string
  kelurahan: number
  desa: number
  hasCampaign: boolean
  counts: Counts
  href: string | undefined // undefined: it shows its totals only
  violations: readonly { year: number; n: number }[]
  shape?: RegionShape | undefined // where the province has a map
}

export interface RegionProps extends PageProps {
  campaign: { id: number; name: string; deadline: Date; zone: TimeZone }
  trail: readonly { name: string; href: string }[]
  name: string // "Provinsi Sumatera Barat"
  own: Counts // of its own agencies
  ownHref: string | undefined
  regions: readonly Region[]
  violations: readonly { year: number; election: string; n: number; source: string }[] // of the whole, oldest first
  at: Date
  mayEnter: boolean // violation figures
  done?: string | undefined
}

const tileOf = (region: Region): Tile => ({
  name: region.name,
  counts: region.hasCampaign ? region.counts : zeroCounts,
  ...(region.href !== undefined && { href: region.href }),
  ...(!region.hasCampaign && { note: 'belum ada kegiatan' }),
})

/** The governments of a province side by side: who is how far, and where to look next. */
export function RegionPage(props: RegionProps) {
  const { frame, campaign, trail, name, own, regions, violations } = props
  const all = regions.reduce((sum, region) => addCounts(sum, region.counts), own)
  const permille = signedPermille(all)
  const without = regions.filter((region) => !region.hasCampaign)
  const tiles: Tile[] = [
    ...(own.required > 0
      ? [{ name: `Perangkat daerah ${name}`, counts: own, ...(props.ownHref && { href: props.ownHref }) }]
      : []),
    ...regions.map(tileOf),
  ]
  return (
    <Layout frame={frame} title={`Wilayah ${name}`} section={paths.coverage}>
      {trail.length > 0 && (
        <nav class="crumbs" aria-label="Letak wilayah">
          <ol>
            {trail.map((step) => (
              <li>
                <a href={step.href}>{step.name}</a>
              </li>
            ))}
            <li aria-current="page">{name}</li>
          </ol>
        </nav>
      )}
      <Done>{props.done}</Done>
      <p class="over">{campaign.name}</p>
      <h1>{name}</h1>
      {permille === undefined ? (
        <Notice>
          <p>
            Belum ada yang dihitung. Angka muncul setelah kabupaten dan kota menyatakan kegiatannya sebagai
            bagian dari kegiatan ini.
          </p>
        </Notice>
      ) : (
        <div class="figure">
          <p class="big">{formatPermille(permille)}</p>
          <p>
            <strong>
              {formatCount(all.signed)} dari {formatCount(all.required)}
            </strong>{' '}
            pegawai sudah menandatangani.
          </p>
          <Bar permille={permille} />
        </div>
      )}
      <p class="quiet">
        Keadaan pada {formatMoment(props.at, campaign.zone)}. Batas waktu{' '}
        {formatMoment(campaign.deadline, campaign.zone)}. Hanya jumlah yang tampil; nama tetap pada pemerintah
        daerah masing-masing.
      </p>
      {without.length > 0 && regions.length > without.length && (
        <Notice tone="warn">
          <p>
            {formatCount(without.length)} dari {formatCount(regions.length)} daerah belum menyertakan
            kegiatan: {without.map((region) => region.name).join(', ')}. Daerah itu tidak dihitung sebagai 0%.
          </p>
        </Notice>
      )}
      <h2>Kabupaten dan kota</h2>
      <CoverageLegend nobody="belum ada yang dihitung" />
      <CoverageMap
        label={`Peta ${name}`}
        places={regions.flatMap((region) =>
          region.shape ? [{ ...tileOf(region), shape: region.shape }] : [],
        )}
      />
      <TileGrid label={`Cakupan daerah di ${name}`} tiles={tiles} />
      <RegionTable regions={regions} years={violations.map(({ year }) => year)} />
      <Violations violations={violations} />
      {props.mayEnter && (
        <p>
          <a href={paths.violations(campaign.id)}>Masukkan angka pelanggaran</a>
        </p>
      )}
    </Layout>
  )
}

// A government that has entered no units says nothing of its villages.
const places = ({ kelurahan, desa }: Region, count: number) =>
  kelurahan + desa === 0 ? '–' : count === 0 ? 'tidak ada' : formatCount(count)

function RegionTable({ regions, years }: { regions: readonly Region[]; years: readonly number[] }) {
  return (
    <table class="cards">
      <caption>Angka tiap daerah</caption>
      <thead>
        <tr>
          <th scope="col" class="wide">
            Daerah
          </th>
          <th scope="col">Sudah menandatangani</th>
          <th scope="col" class="n">
            Kelurahan
          </th>
          <th scope="col" class="n">
            Desa atau nagari
          </th>
          {years.map((year) => (
            <th scope="col" class="n">
              Pelanggaran {year}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {regions.map((region) => {
          const permille = region.hasCampaign ? signedPermille(region.counts) : undefined
          return (
            <tr>
              <th scope="row">
                <span>
                  {region.href === undefined ? region.name : <a href={region.href}>{region.name}</a>}
                  <span class="under quiet">{region.code}</span>
                </span>
              </th>
              <td data-label="Sudah">
                {region.hasCampaign ? (
                  <>
                    <span>
                      <strong>{formatPermille(permille)}</strong>
                      <span class="quiet">
                        {' '}
                        · {formatCount(region.counts.signed)} dari {formatCount(region.counts.required)}
                      </span>
                    </span>
                    <Bar permille={permille} />
                  </>
                ) : (
                  <span class="quiet">belum ada kegiatan</span>
                )}
              </td>
              <td class="n" data-label="Kelurahan">
                {places(region, region.kelurahan)}
              </td>
              <td class="n minor" data-label="Desa atau nagari">
                {places(region, region.desa)}
              </td>
              {years.map((year) => {
                const figure = region.violations.find((one) => one.year === year)
                return (
                  <td class="n" data-label={`Pelanggaran ${year}`}>
                    {figure ? formatCount(figure.n) : '–'}
                  </td>
                )
              })}
            </tr>
          )
        })}
      </tbody>
    </table>
  )
}

/** How many violations somebody published for a year: data, entered with its source. */
export function ViolationPage({
  frame,
  campaign,
  places,
  form = emptyForm,
}: PageProps & {
  campaign: { id: number; name: string }
  places: readonly { pemdaId: number; name: string }[]
  form?: FormState
}) {
  return (
    <Layout frame={frame} title="Angka pelanggaran" section={paths.coverage} wrong={form.errors.length > 0}>
      <div class="read">
        <BackLink href={paths.region(campaign.id)}>{campaign.name}</BackLink>
        <ErrorSummary errors={form.errors} />
        <h1>Angka pelanggaran netralitas</h1>
        <p>
          Tulis angka yang sudah diumumkan, dengan sumbernya. Angka tahun yang sama diganti; siapa yang
          memasukkan dicatat.
        </p>
        <form method="post" action={paths.violations(campaign.id)} novalidate>
          <Select
            name="pemdaId"
            label="Daerah"
            form={form}
            options={places.map(({ pemdaId, name }) => ({ value: String(pemdaId), label: name }))}
          />
          <div class="row">
            <TextField name="year" label="Tahun" inputMode="numeric" size="short" maxLength={4} form={form} />
            <TextField
              name="n"
              label="Jumlah pelanggaran"
              inputMode="numeric"
              size="short"
              maxLength={7}
              form={form}
            />
          </div>
          <TextField
            name="election"
            label="Pemilihan"
            hint="Misalnya: Pemilihan 2020."
            maxLength={200}
            form={form}
          />
          <TextField
            name="source"
            label="Sumber"
            hint="Siapa yang mengumumkan, dan kapan atau di mana."
            maxLength={200}
            form={form}
          />
          <Submit>Simpan</Submit>
        </form>
      </div>
    </Layout>
  )
}

// The two numbers stand beside each other; neither explains the other.
function Violations({ violations }: Pick<RegionProps, 'violations'>) {
  if (violations.length === 0) return null
  return (
    <>
      <h2>Pelanggaran netralitas yang tercatat</h2>
      <ul>
        {violations.map(({ year, election, n, source }) => (
          <li>
            {year}, {election}: <strong>{formatCount(n)}</strong> pelanggaran. Sumber: {source}.
          </li>
        ))}
      </ul>
      <p class="quiet">
        Angka ini dimasukkan sebagai data dan ditampilkan berdampingan dengan cakupan. Halaman ini tidak
        menyatakan bahwa yang satu menyebabkan yang lain.
      </p>
    </>
  )
}

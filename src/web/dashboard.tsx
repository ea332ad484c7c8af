import type { ComponentChildren } from 'preact'
import type { ExclusionReason, TimeZone } from '../domain/campaign.js'
import { exclusionReasons, formatDate, formatIsoDay, formatMoment } from '../domain/campaign.js'
import {
  type ChangeCause,
  type Counts,
  type CoverageNode,
  formatCount,
  formatPermille,
  type GateState,
} from '../domain/coverage.js'
import { changeCauses, signedPermille } from '../domain/coverage.js'
import type { RegionShape } from '../domain/geojson.js'
import type { UnitKind } from '../domain/unit.js'
import { unitKindLabels } from '../domain/unit.js'
import type { IconName, PageProps, Tone } from './layout.js'
import { Bar, Done, Layout, Notice, Tag } from './layout.js'
import { paths } from './paths.js'
import { CoverageMap } from './map.js'
import { Missing, type MissingStatus, Today } from './missing.js'
import { CoverageLegend, TileGrid } from './tiles.js'

/** A unit on the way down to the one shown. */
export interface TrailStep {
  unitId: number
  name: string
}

export interface CampaignLabel {
  id: number
  name: string
  deadline: Date
  zone: TimeZone
}

/** What the denominator is made of. */
export interface DenominatorFacts {
  unitCount: number // units of the subtree that take part
  requiredLegalStatuses: readonly string[] // labels
  exclusions: readonly { reason: ExclusionReason; count: number }[]
}

/** What changed in the number of those who must sign on one local day, and why. */
export interface DenominatorChange {
  day: string
  cause: ChangeCause
  arrived: number
  went: number
}

/** Signatures of one local day. */
export interface TrendDay {
  day: string // "2029-03-12"
  signed: number
}

export interface CoverageProps extends PageProps {
  campaign: CampaignLabel
  trail: readonly TrailStep[] // ancestors that this account may see, topmost first
  node: CoverageNode
  denominator: DenominatorFacts
  methods: readonly { words: string; count: number }[]
  trend: readonly TrendDay[] // days with signatures only, oldest first
  changes: readonly DenominatorChange[] // oldest first
  isBehind: boolean // an import is still being counted
  seesNames: boolean
  shapes?: ReadonlyMap<number, RegionShape> // outlines of children, by their unit
  missing: Readonly<Record<MissingStatus, number>>
  signedToday: number
  place: { rank: number; of: number } | undefined
  mayRemind: boolean // the campaign is open, and this account may
  done?: string | undefined
  regionHref?: string | undefined // the governments below, side by side
  hasDocuments: boolean // sealed documents of this unit may be looked at
  at: Date // when the counts were taken
}

const gateStates: Record<GateState, { word: string; tone: Tone; icon: IconName }> = {
  head_missing: { word: 'Pimpinan belum ditetapkan', tone: 'warn', icon: 'warning' },
  waiting_head: { word: 'Menunggu pimpinan', tone: 'warn', icon: 'clock' },
  waiting_witness: { word: 'Menunggu saksi', tone: 'warn', icon: 'clock' },
  open: { word: 'Pegawai diundang', tone: 'good', icon: 'check' },
  overridden: { word: 'Dibuka tanpa pimpinan', tone: 'info', icon: 'warning' },
}

/** Where a unit's gate stands, in words. */
export function GateTag({ gate }: { gate: GateState }) {
  const { word, tone, icon } = gateStates[gate]
  return (
    <Tag tone={tone} icon={icon}>
      {word}
    </Tag>
  )
}

/** How far a unit and everything below it has come, and the way down. */
export function CoveragePage(props: CoverageProps) {
  const { frame, campaign, trail, node, denominator, methods, seesNames, at } = props
  const { total } = node
  return (
    <Layout frame={frame} title={`Cakupan ${node.name}`} section={paths.coverage}>
      <Crumbs trail={trail} campaignId={campaign.id} current={node.name} />
      <Done>{props.done}</Done>
      <p class="over">{campaign.name}</p>
      <h1>{node.name}</h1>
      {node.gate && (
        <p>
          <GateTag gate={node.gate} />
        </p>
      )}
      <CoverageFigure counts={total} />
      <p class="quiet">
        Keadaan pada {formatMoment(at, campaign.zone)}. Batas waktu{' '}
        {formatMoment(campaign.deadline, campaign.zone)}.
      </p>
      {props.isBehind && (
        <Notice>
          <p>
            Daftar pegawai baru saja berubah dan sedang dihitung. Angka pada halaman ini menyusul dalam
            beberapa saat.
          </p>
        </Notice>
      )}
      <Today
        daysLeft={daysUntil(campaign.deadline, at)}
        signedToday={props.signedToday}
        kind={node.kind}
        place={props.place}
      />
      {seesNames && (
        <Missing {...{ campaignId: campaign.id, node, missing: props.missing, mayRemind: props.mayRemind }} />
      )}
      <Denominator node={node} facts={denominator} />
      <Methods methods={methods} />
      <div class="actions noprint">
        {seesNames && (
          <a class="button" href={paths.people(campaign.id, node.unitId)}>
            Lihat daftar nama
          </a>
        )}
        {seesNames && total.undeliverable > 0 && (
          <a class="button second" href={paths.undeliverable(campaign.id, node.unitId)}>
            {formatCount(total.undeliverable)} surel tidak terkirim
          </a>
        )}
        {props.regionHref && <a href={props.regionHref}>Kabupaten dan kota</a>}
        {props.hasDocuments && (
          <a href={paths.documents(campaign.id, node.unitId)}>Dokumen dan rekapitulasi</a>
        )}
        <a href={paths.coverageExport(campaign.id, node.unitId, 'xlsx')}>Unduh rekap XLSX</a>
        <a href={paths.coverageExport(campaign.id, node.unitId, 'csv')}>Unduh rekap CSV</a>
      </div>
      {node.children.length > 0 ? (
        kindsOf(node.children).map(([kind, children], index, kinds) => {
          const caption = unitKindLabels[kind as UnitKind] ?? kind
          const hrefOf = (child: CoverageNode) => paths.coverageUnit(campaign.id, child.unitId)
          return (
            <>
              {isPlace(kind) && (
                <Places
                  {...{ caption, nodes: children, hrefOf, shapes: props.shapes }}
                  isFirst={!kinds.slice(0, index).some(([before]) => isPlace(before))}
                />
              )}
              <CoverageTable caption={caption} nodes={children} hrefOf={hrefOf} />
            </>
          )
        })
      ) : (
        <p>Tidak ada unit di bawah {node.name}.</p>
      )}
      {node.children.length > 0 && node.own.required > 0 && (
        <p>
          {formatCount(node.own.required)} orang tercatat langsung pada {node.name}, tidak pada unit di
          bawahnya; {formatCount(node.own.signed)} sudah menandatangani.
        </p>
      )}
      <Trend
        trend={props.trend}
        changes={props.changes}
        required={total.required}
        deadline={formatIsoDay(campaign.deadline, campaign.zone)}
      />
    </Layout>
  )
}

const DAY_MILLISECONDS = 86_400_000
const daysUntil = (deadline: Date, at: Date) =>
  Math.ceil((deadline.getTime() - at.getTime()) / DAY_MILLISECONDS)

function Crumbs({
  trail,
  campaignId,
  current,
}: {
  trail: readonly TrailStep[]
  campaignId: number
  current: string
}) {
  if (trail.length === 0) return null
  return (
    <nav class="crumbs" aria-label="Letak unit">
      <ol>
        {trail.map(({ unitId, name }) => (
          <li>
            <a href={paths.coverageUnit(campaignId, unitId)}>{name}</a>
          </li>
        ))}
        <li aria-current="page">{current}</li>
      </ol>
    </nav>
  )
}

/** The one figure that matters, with what is behind it. */
export function CoverageFigure({ counts }: { counts: Counts }) {
  const permille = signedPermille(counts)
  if (permille === undefined)
    return (
      <Notice>
        <p>
          Belum ada pegawai yang wajib menandatangani di sini. Bila seharusnya ada, periksa daftar pegawai dan
          kedudukan hukum yang dipilih pada kegiatan.
        </p>
      </Notice>
    )
  return (
    <div class="figure">
      <p class="big">{formatPermille(permille)}</p>
      <p>
        <strong>
          {formatCount(counts.signed)} dari {formatCount(counts.required)}
        </strong>{' '}
        pegawai sudah menandatangani.
      </p>
      <Bar permille={permille} />
      <dl class="counts">
        <Count label="Diundang" value={counts.invited} />
        <Count label="Tidak terkirim" value={counts.undeliverable} />
        <Count label="Dibuka" value={counts.opened} />
        <Count label="Belum bersedia" value={counts.declined} />
        <Count label="Data keliru" value={counts.disputed} />
        <Count label="Dikecualikan" value={counts.excluded} />
      </dl>
    </div>
  )
}

function Count({ label, value }: { label: string; value: number }) {
  return (
    <div>
      <dt>{label}</dt>
      <dd>{formatCount(value)}</dd>
    </div>
  )
}

function Denominator({ node, facts }: { node: CoverageNode; facts: DenominatorFacts }) {
  const { total, nonAsn } = node
  return (
    <details>
      <summary>Mengapa {formatCount(total.required)} orang?</summary>
      <p>
        Dihitung semua orang pada {formatCount(facts.unitCount)} unit yang diikutsertakan, dengan kedudukan
        hukum {facts.requiredLegalStatuses.join(', ')}, dikurangi yang dikecualikan.
      </p>
      <ul>
        <li>
          ASN: {formatCount(total.required - nonAsn.required)} orang,{' '}
          {formatCount(total.signed - nonAsn.signed)} sudah menandatangani.
        </li>
        <li>
          Non-ASN yang dibiayai APBN/APBD: {formatCount(nonAsn.required)} orang, {formatCount(nonAsn.signed)}{' '}
          sudah menandatangani.
        </li>
        {facts.exclusions.map(({ reason, count }) => (
          <li>
            Dikecualikan, {exclusionReasons[reason].toLowerCase()}: {formatCount(count)} orang.
          </li>
        ))}
        {facts.exclusions.length === 0 && <li>Tidak ada yang dikecualikan.</li>}
        {total.exempt > 0 && (
          <li>Tidak dihitung karena kedudukan hukumnya lain: {formatCount(total.exempt)} orang.</li>
        )}
      </ul>
      <p>Persentase dibulatkan ke bawah, sehingga 100% berarti semua orang.</p>
    </details>
  )
}

/** How the signatures were made: what a reader of the percentage may rely on. */
function Methods({ methods }: { methods: CoverageProps['methods'] }) {
  if (methods.length === 0) return null
  return (
    <details>
      <summary>Bagaimana mereka menandatangani?</summary>
      <ul>
        {methods.map(({ words, count }) => (
          <li>
            {formatCount(count)} orang: {words}.
          </li>
        ))}
      </ul>
    </details>
  )
}

const isPlace = (kind: string) => kind === 'kecamatan' || kind === 'kelurahan' || kind === 'desa'

/** Kecamatan, kelurahan or desa to look at; the table beside it says the same in figures. */
function Places(props: {
  caption: string
  nodes: readonly CoverageNode[]
  hrefOf: (node: CoverageNode) => string
  shapes: CoverageProps['shapes']
  isFirst: boolean // of the page: says what colours and patterns mean
}) {
  const tileOf = (node: CoverageNode) => ({
    name: node.name,
    counts: node.total,
    href: props.hrefOf(node),
    note: node.kind === 'desa' ? 'desa tanpa ASN' : 'tanpa pegawai wajib',
  })
  return (
    <>
      <h2>{props.caption} sekilas</h2>
      {props.isFirst && <CoverageLegend nobody="tanpa pegawai wajib" />}
      <CoverageMap
        label={`Peta ${props.caption.toLowerCase()}`}
        places={props.nodes.flatMap((node) => {
          const shape = props.shapes?.get(node.unitId)
          return shape ? [{ ...tileOf(node), shape }] : []
        })}
      />
      <TileGrid label={props.caption} tiles={props.nodes.map(tileOf)} />
    </>
  )
}

/** Children under the name of their kind, kinds in the order of their first child. */
function kindsOf(nodes: readonly CoverageNode[]): [string, CoverageNode[]][] {
  const kinds = new Map<string, CoverageNode[]>()
  for (const node of nodes) kinds.set(node.kind, [...(kinds.get(node.kind) ?? []), node])
  return [...kinds]
}

/** Units side by side. Without `hrefOf` a name leads nowhere. */
export function CoverageTable({
  caption,
  nodes,
  hrefOf,
}: {
  caption: string
  nodes: readonly CoverageNode[]
  hrefOf?: (node: CoverageNode) => string
}) {
  return (
    <table class="cards">
      <caption>{caption}</caption>
      <thead>
        <tr>
          <th scope="col" class="wide">
            Unit
          </th>
          <th scope="col">Sudah menandatangani</th>
          <th scope="col" class="n">
            Diundang
          </th>
          <th scope="col" class="n">
            Tidak terkirim
          </th>
          <th scope="col" class="n">
            Dibuka
          </th>
          <th scope="col" class="n">
            Belum bersedia
          </th>
          <th scope="col" class="n">
            Data keliru
          </th>
          <th scope="col" class="n">
            Dikecualikan
          </th>
        </tr>
      </thead>
      <tbody>
        {nodes.map((node) => {
          const permille = signedPermille(node.total)
          return (
            <tr>
              <th scope="row">
                <span>
                  {hrefOf ? <a href={hrefOf(node)}>{node.name}</a> : node.name}
                  {node.gate && (
                    <span class="under">
                      <GateTag gate={node.gate} />
                    </span>
                  )}
                </span>
              </th>
              <td data-label="Sudah">
                <span>
                  <strong>{formatPermille(permille)}</strong>
                  <span class="quiet">
                    {' '}
                    · {formatCount(node.total.signed)} dari {formatCount(node.total.required)}
                  </span>
                </span>
                <Bar permille={permille} />
              </td>
              <Figure label="Diundang" value={node.total.invited} minor />
              <Figure label="Tidak terkirim" value={node.total.undeliverable} />
              <Figure label="Dibuka" value={node.total.opened} minor />
              <Figure label="Belum bersedia" value={node.total.declined} minor />
              <Figure label="Data keliru" value={node.total.disputed} minor />
              <Figure label="Dikecualikan" value={node.total.excluded} minor />
            </tr>
          )
        })}
      </tbody>
    </table>
  )
}

// On a phone the minor figures stand on the unit's own page only.
function Figure({ label, value, minor }: { label: string; value: number; minor?: boolean }) {
  return (
    <td class={minor ? 'n minor' : 'n'} data-label={label}>
      {formatCount(value)}
    </td>
  )
}

// The drawing is stretched to its place; the words stand around it, so that they keep their size on a phone.
const WIDTH = 600
const HEIGHT = 200
const MARGIN = 10
const dayOf = (day: string) => new Date(`${day}T12:00:00Z`)
// Noon UTC is the same date in all three zones.
const formatDay = (day: string) => formatDate(dayOf(day), 'WIB')

/** Signatures over the days against who must sign: lines to see, tables to read. */
export function Trend(props: {
  trend: readonly TrendDay[]
  changes: readonly DenominatorChange[]
  required: number // today
  deadline: string // local day, "2029-03-31"
}) {
  const { trend, changes, required, deadline } = props
  const first = trend[0]
  const last = trend.at(-1)
  if (!first || !last)
    return (
      <>
        <h2>Perkembangan per hari</h2>
        <p>Belum ada tanda tangan. Grafik muncul setelah tanda tangan pertama.</p>
        <Changes changes={changes} />
      </>
    )
  let sum = 0
  const points = trend.map(({ day, signed }) => ({ day, signed, sum: (sum += signed) }))
  // What was required on earlier days: today's number without what has come and gone since.
  let wanted = required
  const steps: { day: string; required: number }[] = []
  for (const { day, arrived, went } of [...changes].reverse()) {
    steps.unshift({ day, required: wanted })
    wanted -= arrived - went
  }
  const end = last.day > deadline ? last.day : deadline
  const start = dayOf(first.day).getTime()
  const span = Math.max(1, dayOf(end).getTime() - start)
  const top = Math.max(required, sum, wanted, ...steps.map((step) => step.required), 1)
  const x = (day: string) =>
    MARGIN + (Math.max(0, dayOf(day).getTime() - start) / span) * (WIDTH - 2 * MARGIN)
  const y = (value: number) => HEIGHT - MARGIN - (value / top) * (HEIGHT - 2 * MARGIN)
  const spots = points.map((point) => `${x(point.day).toFixed(1)} ${y(point.sum).toFixed(1)}`)
  const floor = steps.map((step) => `H${x(step.day).toFixed(1)}V${y(step.required).toFixed(1)}`)
  return (
    <>
      <h2>Perkembangan per hari</h2>
      <div class="chart">
        <p>{formatCount(top)} wajib</p>
        <svg
          viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
          preserveAspectRatio="none"
          role="img"
          aria-label={`Jumlah tanda tangan dari ${formatDay(first.day)} sampai ${formatDay(last.day)}: ${formatCount(sum)} dari ${formatCount(required)}. Batas waktu ${formatDay(deadline)}. Angka tiap hari ada pada tabel di bawah.`}
        >
          {[0, 0.5, 1].map((share) => (
            <path class="chart-grid" d={`M0 ${y(top * share)}H${WIDTH}`} />
          ))}
          <path class="chart-required" d={`M0 ${y(wanted).toFixed(1)}${floor.join('')}H${WIDTH}`} />
          <path class="chart-deadline" d={`M${x(deadline).toFixed(1)} 0V${HEIGHT}`} />
          <path class="chart-line" d={`M${spots.join('L')}`} />
          <path class="chart-dots" d={spots.map((spot) => `M${spot}h0`).join('')} />
        </svg>
        <p class="chart-days">
          <span>{formatDay(first.day)}</span>
          <span>{end === deadline ? `batas waktu ${formatDay(deadline)}` : formatDay(end)}</span>
        </p>
        <p class="quiet">
          Garis penuh: yang sudah menandatangani. Garis putus-putus: yang wajib menandatangani.
        </p>
      </div>
      <details>
        <summary>Angka tiap hari</summary>
        <table>
          <caption class="hidden-visually">Tanda tangan tiap hari</caption>
          <thead>
            <tr>
              <th scope="col">Tanggal</th>
              <th scope="col" class="n">
                Hari itu
              </th>
              <th scope="col" class="n">
                Seluruhnya
              </th>
            </tr>
          </thead>
          <tbody>
            {points.map((point) => (
              <tr>
                <th scope="row">{formatDay(point.day)}</th>
                <td class="n">{formatCount(point.signed)}</td>
                <td class="n">{formatCount(point.sum)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </details>
      <Changes changes={changes} />
    </>
  )
}

/** Why the number of those who must sign is not what it was. */
function Changes({ changes }: { changes: readonly DenominatorChange[] }) {
  if (changes.length === 0) return null
  return (
    <details>
      <summary>Perubahan jumlah yang wajib</summary>
      <ul>
        {changes.map(({ day, cause, arrived, went }) => (
          <li>
            {formatDay(day)}: {arrived > 0 && `+${formatCount(arrived)}`}
            {arrived > 0 && went > 0 && ', '}
            {went > 0 && `−${formatCount(went)}`} orang,{' '}
            {(Object.hasOwn(changeCauses, cause)
              ? changeCauses[cause as keyof typeof changeCauses]
              : `dikecualikan: ${exclusionReasons[cause as ExclusionReason]}`
            ).toLowerCase()}
            .
          </li>
        ))}
      </ul>
    </details>
  )
}

/** Before there is anything to count. */
export function NoCampaignPage({ frame, next }: PageProps & { next?: ComponentChildren }) {
  return (
    <Layout frame={frame} title="Cakupan" section={paths.coverage}>
      <div class="read">
        <h1>Cakupan</h1>
        <p class="lead">Belum ada kegiatan penandatanganan.</p>
        <p>{next ?? 'Cakupan tampil di sini setelah administrator membuka kegiatan.'}</p>
      </div>
    </Layout>
  )
}

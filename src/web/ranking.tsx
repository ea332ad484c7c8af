import { formatMoment } from '../domain/campaign.js'
import { formatCount, formatPermille, type GateState } from '../domain/coverage.js'
import { type CampaignLabel, GateTag } from './dashboard.js'
import { BackLink, Bar, Layout, type PageProps } from './layout.js'
import { paths } from './paths.js'

export interface RankedUnit {
  place: number // equal shares share a place
  unitId: number
  name: string
  gate: GateState
  permille: number
  signed: number
  required: number
  undeliverable: number
  declined: number
}

export interface RankingProps extends PageProps {
  campaign: CampaignLabel
  units: readonly RankedUnit[] // the highest share first
  /** What happened, newest first. */
  timeline: readonly { at: Date; words: string; unitName: string | undefined }[]
  at: Date
}

/** Every OPD and kecamatan by its share, what holds it back, and how the campaign has gone. */
export function RankingPage({ frame, campaign, units, timeline, at }: RankingProps) {
  const isShut = ({ gate }: RankedUnit) => gate !== 'open' && gate !== 'overridden'
  const most = (what: 'undeliverable' | 'declined') =>
    units.filter((unit) => unit[what] > 0).sort((left, right) => right[what] - left[what])
  return (
    <Layout frame={frame} title="Peringkat dan hambatan" section={paths.campaigns}>
      <BackLink href={paths.campaign(campaign.id)}>{campaign.name}</BackLink>
      <h1>Peringkat dan hambatan</h1>
      <p class="quiet">
        Keadaan pada {formatMoment(at, campaign.zone)}. Batas waktu{' '}
        {formatMoment(campaign.deadline, campaign.zone)}.
      </p>
      <div class="read">
        <h2>Yang menghambat</h2>
        <Obstacle
          heading="Pegawai belum dapat diundang"
          none="Semua unit sudah terbuka."
          units={units.filter(isShut)}
          campaignId={campaign.id}
          words={({ required }) => `${formatCount(required)} orang menunggu`}
        />
        <Obstacle
          heading="Surel tidak terkirim"
          none="Semua orang dapat dihubungi."
          units={most('undeliverable')}
          campaignId={campaign.id}
          words={({ undeliverable }) => `${formatCount(undeliverable)} orang`}
        />
        <Obstacle
          heading="Menyatakan belum bersedia"
          none="Tidak ada."
          units={most('declined')}
          campaignId={campaign.id}
          words={({ declined }) => `${formatCount(declined)} orang`}
        />
      </div>
      <h2>Peringkat</h2>
      {units.length === 0 ? (
        <p>Belum ada unit dengan pegawai yang wajib menandatangani.</p>
      ) : (
        <table class="cards">
          <caption class="hidden-visually">Perangkat daerah dan kecamatan menurut persentase</caption>
          <thead>
            <tr>
              <th scope="col">Peringkat</th>
              <th scope="col">Unit</th>
              <th scope="col">Sudah</th>
              <th scope="col">Kurang</th>
              <th scope="col">Keadaan</th>
            </tr>
          </thead>
          <tbody>
            {units.map((unit) => (
              <tr>
                <td data-label="Peringkat">{unit.place}</td>
                <th scope="row">
                  <a href={paths.coverageUnit(campaign.id, unit.unitId)}>{unit.name}</a>
                </th>
                <td data-label="Sudah">
                  {formatPermille(unit.permille)}
                  <Bar permille={unit.permille} />
                </td>
                <td data-label="Kurang">{formatCount(unit.required - unit.signed)} orang</td>
                <td>
                  <GateTag gate={unit.gate} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      <div class="read">
        <h2>Perjalanan kegiatan</h2>
        {timeline.length === 0 ? (
          <p>Kegiatan belum dibuka.</p>
        ) : (
          <ol class="steps">
            {timeline.map((one) => (
              <li>
                <div>
                  {one.words}
                  {one.unitName && `: ${one.unitName}`}
                  <p>{formatMoment(one.at, campaign.zone)}</p>
                </div>
              </li>
            ))}
          </ol>
        )}
      </div>
    </Layout>
  )
}

const SHOWN_MAX = 10

function Obstacle(props: {
  heading: string
  none: string
  units: readonly RankedUnit[]
  campaignId: number
  words: (unit: RankedUnit) => string
}) {
  const { heading, none, units, campaignId, words } = props
  const rest = units.length - SHOWN_MAX
  return (
    <>
      <h3>{heading}</h3>
      {units.length === 0 ? (
        <p>{none}</p>
      ) : (
        <ul>
          {units.slice(0, SHOWN_MAX).map((unit) => (
            <li>
              <a href={paths.coverageUnit(campaignId, unit.unitId)}>{unit.name}</a>: {words(unit)}
            </li>
          ))}
          {rest > 0 && <li>dan {formatCount(rest)} unit lain</li>}
        </ul>
      )}
    </>
  )
}

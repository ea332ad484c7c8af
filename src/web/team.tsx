import { type TimeZone, formatMoment } from '../domain/campaign.js'
import { type Counts, formatCount, formatPermille, type GateState } from '../domain/coverage.js'
import { roleLabels, type TeamRole } from '../domain/account.js'
import { type CampaignLabel, CoverageFigure, GateTag } from './dashboard.js'
import { Facts, Layout, type PageProps } from './layout.js'
import { paths } from './paths.js'

export interface TeamProps extends PageProps {
  role: TeamRole
  mandate: { number: string; date: string; until: string; scope: string } // dates in words
  campaign: CampaignLabel | undefined // undefined: none is open
  unitId: number // of the scope
  counts: Counts | undefined
  signedToday: number
  /** OPD and kecamatan whose people cannot be invited yet. */
  closedGates: readonly { unitId: number; name: string; gate: GateState }[]
  /** Where the share is smallest. */
  behind: readonly { unitId: number; name: string; permille: number; missing: number }[]
  /** Where most say that they are not willing yet, or that their data are wrong. */
  unwilling: readonly { unitId: number; name: string; declined: number; disputed: number }[]
  assemblies: readonly { title: string; startsAt: Date; isOver: boolean; attendance: number }[]
  at: Date
}

/** A team's first page: its mandate, and what that covers today. */
export function TeamPage(props: TeamProps) {
  const { frame, role, mandate, campaign, counts, at } = props
  return (
    <Layout frame={frame} title={roleLabels[role]} section={paths.team}>
      <div class="read">
        {campaign && <p class="over">{campaign.name}</p>}
        <h1>{roleLabels[role]}</h1>
        <Facts
          rows={[
            ['Dasar', `Nomor ${mandate.number}, ${mandate.date}`],
            ['Berlaku sampai', mandate.until],
            ['Cakupan', mandate.scope],
          ]}
        />
        {!campaign || !counts ? (
          <p>Belum ada kegiatan yang dibuka. Halaman ini terisi setelah kegiatan dibuka.</p>
        ) : (
          <>
            <CoverageFigure counts={counts} />
            <p class="quiet">
              Keadaan pada {formatMoment(at, campaign.zone)}; {formatCount(props.signedToday)} menandatangani
              hari ini. Batas waktu {formatMoment(campaign.deadline, campaign.zone)}.
            </p>
            <div class="actions noprint">
              <a class="button" href={paths.coverageUnit(campaign.id, props.unitId)}>
                Lihat cakupan menurut unit
              </a>
              <a href={paths.documents(campaign.id, props.unitId)}>Dokumen dan rekapitulasi</a>
            </div>
            {role === 'election_desk' ? (
              <Progress {...props} campaign={campaign} />
            ) : (
              <FollowUp {...props} campaign={campaign} counts={counts} />
            )}
          </>
        )}
      </div>
    </Layout>
  )
}

type Running = Omit<TeamProps, 'campaign'> & { campaign: CampaignLabel }

/** For the Desk Pemilu: whether the cascade moves, without names. */
function Progress({ campaign, closedGates, behind, assemblies }: Running) {
  return (
    <>
      <h2>Yang belum dapat mengundang pegawainya</h2>
      {closedGates.length === 0 ? (
        <p>Semua unit sudah terbuka: pimpinannya sudah menandatangani dan disaksikan Bawaslu.</p>
      ) : (
        <ul class="plain">
          {closedGates.map((one) => (
            <li>
              <a href={paths.coverageUnit(campaign.id, one.unitId)}>{one.name}</a> <GateTag gate={one.gate} />
            </li>
          ))}
        </ul>
      )}
      <h2>Cakupan terendah</h2>
      {behind.length === 0 ? (
        <p>Semua unit yang terbuka sudah lengkap.</p>
      ) : (
        <ol>
          {behind.map((one) => (
            <li>
              <a href={paths.coverageUnit(campaign.id, one.unitId)}>{one.name}</a>:{' '}
              {formatPermille(one.permille)}, kurang {formatCount(one.missing)} orang
            </li>
          ))}
        </ol>
      )}
      <Assemblies assemblies={assemblies} zone={campaign.zone} />
    </>
  )
}

/** For the Satgas: whom to talk to, inside the mandate. */
function FollowUp({ campaign, unitId, counts, unwilling, assemblies }: Running & { counts: Counts }) {
  const people = (status: string) => `${paths.people(campaign.id, unitId)}?status=${status}`
  return (
    <>
      <h2>Perlu ditindaklanjuti</h2>
      <ul>
        <li>
          <a href={people('declined')}>{formatCount(counts.declined)} orang menyatakan belum bersedia</a>
        </li>
        <li>
          <a href={people('disputed')}>{formatCount(counts.disputed)} orang melaporkan datanya keliru</a>
        </li>
        <li>
          <a href={people('undeliverable')}>{formatCount(counts.undeliverable)} surel tidak terkirim</a>
        </li>
      </ul>
      <h2>Menurut unit</h2>
      {unwilling.length === 0 ? (
        <p>Belum ada yang menyatakan belum bersedia atau melaporkan datanya keliru.</p>
      ) : (
        <ol>
          {unwilling.map((one) => (
            <li>
              <a href={paths.coverageUnit(campaign.id, one.unitId)}>{one.name}</a>:{' '}
              {formatCount(one.declined)} belum bersedia, {formatCount(one.disputed)} data keliru
            </li>
          ))}
        </ol>
      )}
      <Assemblies assemblies={assemblies} zone={campaign.zone} />
    </>
  )
}

function Assemblies({ assemblies, zone }: { assemblies: TeamProps['assemblies']; zone: TimeZone }) {
  return (
    <>
      <h2>Apel</h2>
      {assemblies.length === 0 ? (
        <p>Belum ada apel yang dijadwalkan.</p>
      ) : (
        <ul>
          {assemblies.map((one) => (
            <li>
              {one.title}, {formatMoment(one.startsAt, zone)}
              {one.isOver ? ', selesai' : ''}: {formatCount(one.attendance)} hadir
            </li>
          ))}
        </ul>
      )}
    </>
  )
}

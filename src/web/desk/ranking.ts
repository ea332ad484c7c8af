import { signedPermille } from '../../domain/coverage.js'
import { coverUnit, flattenCoverage } from '../../flow/standing.js'
import { type EventKind, findCampaignEvents } from '../../store/ledger.js'
import { findUnits } from '../../store/people.js'
import { RankingPage, type RankedUnit } from '../ranking.js'
import { labelOf, type Reply, requireCampaign, requirePemda, type Visit } from './desk.js'

const EVENTS_SHOWN = 100

const eventWords: Partial<Record<EventKind, string>> = {
  campaign_opened: 'Kegiatan dibuka',
  campaign_closed: 'Kegiatan ditutup',
  circular_attached: 'Surat edaran disertakan',
  gate_opened: 'Pimpinan menandatangani dan disaksikan; pegawainya diundang',
  gate_overridden: 'Dibuka tanpa pimpinan, dengan alasan yang dicatat',
  collective_closed: 'Pakta kolektif ditutup',
  joint_opened: 'Pakta bersama dibuka',
  joint_closed: 'Pakta bersama ditutup',
  assembly_opened: 'Apel disiapkan',
  assembly_ended: 'Apel diakhiri',
  recap_frozen: 'Rekapitulasi dibekukan',
  revoked: 'Satu pakta dicabut',
}

export async function showRanking(visit: Visit): Promise<Reply> {
  const campaign = await requireCampaign(visit)
  const pemda = requirePemda(visit)
  const { node } = await coverUnit(visit.house, {
    ...{ campaign, pemda, unitId: undefined, now: visit.act.now },
  })
  const units = flattenCoverage(node)
    .flatMap(({ node: { gate, unitId, name, total } }): Omit<RankedUnit, 'place'>[] => {
      const permille = signedPermille(total)
      return gate === undefined || permille === undefined ? [] : [{ gate, unitId, name, permille, ...total }]
    })
    .sort((left, right) => right.permille - left.permille || left.name.localeCompare(right.name))
  const events = await findCampaignEvents(visit.house.db, {
    ...{ campaignId: campaign.id, kinds: Object.keys(eventWords) as EventKind[], limit: EVENTS_SHOWN },
  })
  const names = new Map((await findUnits(visit.house.db, pemda.id)).map(({ id, name }) => [id, name]))
  return {
    page: RankingPage({
      ...{ frame: visit.frame, campaign: labelOf(campaign), at: visit.act.now },
      units: units.map((unit) => ({
        ...unit,
        place: 1 + units.filter(({ permille }) => permille > unit.permille).length,
      })),
      timeline: events.map(({ at, kind, unitId }) => ({
        ...{ at, words: eventWords[kind]!, unitName: unitId === null ? undefined : names.get(unitId) },
      })),
    }),
  }
}

import { isTeamRole } from '../../domain/account.js'
import { formatIsoDay } from '../../domain/campaign.js'
import { signedPermille } from '../../domain/coverage.js'
import { PactError } from '../../domain/errors.js'
import { formatIsoDate } from '../../flow/paper.js'
import { coverUnit, flattenCoverage, PEMDA_UNIT_ID } from '../../flow/standing.js'
import { countAttendance, findAssemblies } from '../../store/assemblies.js'
import { findCampaigns } from '../../store/campaigns.js'
import { findUnit } from '../../store/people.js'
import { TeamPage } from '../team.js'
import { labelOf, type Reply, requireAccount, requirePemda, type Visit } from './desk.js'

const LISTED_MAX = 10

/** What a team's mandate covers today. */
export async function showTeam(visit: Visit): Promise<Reply> {
  const account = requireAccount(visit)
  const pemda = requirePemda(visit)
  const { role, mandate } = account
  if (!isTeamRole(role) || !mandate) throw new PactError('FORBIDDEN', 'Halaman ini untuk tim.')
  const { db } = visit.house
  const campaign = (await findCampaigns(db, pemda.id)).find(({ state }) => state === 'open')
  const unit = account.unitId === undefined ? undefined : await findUnit(db, account.unitId)
  const coverage =
    campaign && (await coverUnit(visit.house, { campaign, pemda, unitId: unit?.id, now: visit.act.now }))
  const nodes = coverage ? flattenCoverage(coverage.node).map(({ node }) => node) : []
  const gates = nodes.filter(({ gate }) => gate !== undefined)
  const isOpen = (gate: (typeof gates)[number]['gate']) => gate === 'open' || gate === 'overridden'
  const assemblies = campaign ? await findAssemblies(db, campaign.id) : []
  const attendance = await Promise.all(
    assemblies.slice(0, LISTED_MAX).map(async (one) => ({
      ...{ title: one.title, startsAt: one.startsAt, isOver: one.endedAt !== null },
      attendance: (await countAttendance(db, one.id)).all,
    })),
  )
  return {
    page: TeamPage({
      ...{ frame: visit.frame, role, campaign: campaign && labelOf(campaign), at: visit.act.now },
      mandate: {
        number: mandate.number,
        date: formatIsoDate(mandate.date),
        until: formatIsoDate(mandate.until),
        scope: unit?.name ?? pemda.governmentName,
      },
      unitId: unit?.id ?? PEMDA_UNIT_ID,
      counts: coverage?.node.total,
      signedToday:
        coverage?.days.find(({ day }) => day === formatIsoDay(visit.act.now, campaign!.timeZone))?.n ?? 0,
      closedGates: gates
        .filter(({ gate }) => !isOpen(gate))
        .map(({ unitId, name, gate }) => ({ unitId, name, gate: gate! })),
      behind: gates
        .filter(({ gate, total }) => isOpen(gate) && total.required > total.signed)
        .map(({ unitId, name, total }) => ({
          ...{ unitId, name, permille: signedPermille(total)!, missing: total.required - total.signed },
        }))
        .sort((left, right) => left.permille - right.permille)
        .slice(0, LISTED_MAX),
      unwilling: gates
        .map(({ unitId, name, total }) => ({
          ...{ unitId, name, declined: total.declined, disputed: total.disputed },
        }))
        .filter(({ declined, disputed }) => declined + disputed > 0)
        .sort((left, right) => right.declined + right.disputed - left.declined - left.disputed)
        .slice(0, LISTED_MAX),
      assemblies: attendance,
    }),
  }
}

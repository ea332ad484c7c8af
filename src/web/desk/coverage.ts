import { seesNames } from '../../domain/account.js'
import { formatIsoDay } from '../../domain/campaign.js'
import { type LegalStatus, legalStatusLabels } from '../../domain/employment.js'
import { PactError } from '../../domain/errors.js'
import { formatName } from '../../domain/roster.js'
import { exportCoverage, exportPeople } from '../../flow/cover.js'
import { coverUnit, flattenCoverage, PEMDA_UNIT_ID, refreshCoverage } from '../../flow/standing.js'
import { type Campaign, findCampaign, findCampaigns } from '../../store/campaigns.js'
import { countTallies, type PersonStatus } from '../../store/coverage.js'
import { findPeople, type PersonCoverage } from '../../store/coverage-people.js'
import { remindUnit } from '../../flow/invite.js'
import { findProposals } from '../../store/proposals.js'
import { findPemda, findPemdasBelow, type Pemda } from '../../store/pemdas.js'
import { findUnit, findUnitAncestors, type Unit } from '../../store/people.js'
import { CoveragePage, NoCampaignPage } from '../dashboard.js'
import { paths } from '../paths.js'
import { PeoplePage, UndeliverablePage } from '../people.js'
import {
  actingAs,
  labelOf,
  type Reply,
  requireAccount,
  requireOwn,
  requirePemda,
  requireWithin,
  type Visit,
} from './desk.js'
import { reasonWords, signedBy } from './person.js'
import { looksWide, requireSeen } from './region.js'

const PEOPLE_PER_PAGE = 50

interface Scope {
  campaign: Campaign
  pemda: Pemda
  unit: Unit | undefined // undefined: the whole pemda, which a unit head may not see
  isOwn: boolean // not that of a government below, whose names stay there
}

/** A campaign and a unit of the account's own government, whose people it may see by name. */
export async function requireScope(visit: Visit): Promise<Scope> {
  requireOwn(visit, await findCampaign(visit.house.db, visit.numberParam('campaignId')))
  return requireNumbers(visit)
}

/** A campaign and a unit whose numbers this account may see: the own ones, and what governments below share. */
async function requireNumbers(visit: Visit): Promise<Scope> {
  const campaign = await requireSeen(visit, visit.numberParam('campaignId'), 'units')
  const unitId = visit.numberParam('unitId')
  const unit = unitId === PEMDA_UNIT_ID ? undefined : await findUnit(visit.house.db, unitId)
  if (unitId !== PEMDA_UNIT_ID && unit?.pemdaId !== campaign.pemdaId)
    throw new PactError('NOT_FOUND', 'Unit ini tidak ada.')
  await requireWithin(visit, unit?.path ?? '/')
  const pemda = (await findPemda(visit.house.db, campaign.pemdaId))!
  return { campaign, pemda, unit, isOwn: campaign.pemdaId === requireAccount(visit).pemdaId }
}

/** Leads to the newest campaign and the account's own unit. */
export async function showCoverageStart(visit: Visit): Promise<Reply> {
  const account = requireAccount(visit)
  const campaigns = await findCampaigns(visit.house.db, account.pemdaId)
  const current = campaigns.find((one) => one.state === 'open') ?? campaigns[0]
  if (!current) return { page: NoCampaignPage({ frame: visit.frame }) }
  return { redirect: paths.coverageUnit(current.id, account.unitId ?? PEMDA_UNIT_ID) }
}

export async function showCoverage(visit: Visit): Promise<Reply> {
  const account = requireAccount(visit)
  const { campaign, pemda, unit, isOwn } = await requireNumbers(visit)
  const coverage = await coverUnit(visit.house, { campaign, pemda, unitId: unit?.id, now: visit.act.now })
  const ancestors = unit ? (await findUnitAncestors(visit.house.db, unit)).slice(0, -1) : []
  const isWide =
    !unit && looksWide(account.role) && (await findPemdasBelow(visit.house.db, [pemda.id])).length > 0
  const regionHref = isWide ? paths.region(campaign.id) : undefined
  const own = account.unitId === undefined ? undefined : await findUnit(visit.house.db, account.unitId)
  const trail = [
    ...(unit && !own ? [{ unitId: PEMDA_UNIT_ID, name: pemda.name }] : []),
    ...ancestors
      .filter((one) => !own || one.path.startsWith(own.path))
      .map((one) => ({ unitId: one.id, name: one.name })),
  ]
  return {
    page: CoveragePage({
      frame: visit.frame,
      campaign: labelOf(campaign),
      trail,
      node: coverage.node,
      denominator: {
        unitCount: coverage.unitCount,
        requiredLegalStatuses: campaign.requiredLegalStatuses.map(
          (status) => legalStatusLabels[status as LegalStatus],
        ),
        exclusions: coverage.exclusions.map(({ reason, n }) => ({ reason, count: n })),
      },
      methods: coverage.methods.map((one) => ({ words: signedBy(one), count: one.count })),
      trend: coverage.days.map(({ day, n }) => ({ day, signed: n })),
      changes: coverage.changes,
      isBehind: coverage.isBehind,
      shapes: coverage.shapes,
      missing: coverage.statuses,
      signedToday:
        coverage.days.find(({ day }) => day === formatIsoDay(visit.act.now, campaign.timeZone))?.n ?? 0,
      place: coverage.place,
      mayRemind:
        isOwn &&
        (account.role === 'administrator' || account.role === 'unit_head') &&
        campaign.state === 'open' &&
        visit.act.now <= campaign.deadline,
      done: remindedWords(visit.query),
      seesNames: isOwn && seesNames(account.role),
      hasDocuments: isOwn,
      regionHref: isOwn ? regionHref : paths.region(campaign.parentId!),
      at: visit.act.now,
    }),
  }
}

function remindedWords(query: URLSearchParams): string | undefined {
  const count = query.get('diingatkan') ?? ''
  if (!/^\d{1,6}$/.test(count)) return undefined
  if (count === '0') return 'Tidak ada yang dikirim: semua sudah diingatkan hari ini.'
  const more = query.has('lagi') ? ' Masih ada yang lain; tekan sekali lagi untuk melanjutkan.' : ''
  return `${Number(count)} pengingat sedang dikirim.${more}`
}

export async function remind(visit: Visit): Promise<Reply> {
  const { campaign, unit } = await requireScope(visit)
  const { queued, hasMore } = await remindUnit(
    visit.house,
    { campaign, path: unit?.path ?? '/', unitId: unit?.id },
    actingAs(visit),
  )
  const back = paths.coverageUnit(campaign.id, unit?.id ?? PEMDA_UNIT_ID)
  return { redirect: `${back}?diingatkan=${queued}${hasMore ? '&lagi=1' : ''}` }
}

const formatParam = (visit: Visit): 'csv' | 'xlsx' | 'json' => {
  const format = visit.param('format')
  if (format !== 'csv' && format !== 'xlsx' && format !== 'json')
    throw new PactError('NOT_FOUND', 'Halaman ini tidak ada.')
  return format
}

const types = {
  csv: 'text/csv; charset=utf-8',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
}

export async function exportUnit(visit: Visit): Promise<Reply> {
  const { campaign, pemda, unit } = await requireNumbers(visit)
  const { node } = await coverUnit(visit.house, {
    ...{ campaign, pemda, unitId: unit?.id, now: visit.act.now },
  })
  const format = formatParam(visit)
  if (format === 'json')
    return {
      type: 'application/json',
      text: JSON.stringify(
        flattenCoverage(node).map(({ depth, node: { code, kind, name, gate, own, total, nonAsn } }) => ({
          depth,
          code,
          kind,
          name,
          ...(gate && { gate }),
          ...total,
          own,
          nonAsn,
        })),
      ),
    }
  return {
    file: await exportCoverage(node, format),
    name: `cakupan-${node.code}.${format}`,
    type: types[format],
  }
}

export async function exportNames(visit: Visit): Promise<Reply> {
  const { campaign, unit } = await requireScope(visit)
  const format = formatParam(visit)
  await refreshCoverage(visit.house, visit.act.now)
  if (format === 'json') throw new PactError('NOT_FOUND', 'Halaman ini tidak ada.')
  const file = await exportPeople(visit.house, { campaign, path: unit?.path ?? '/', format })
  return { file, name: `pegawai-${unit?.code ?? 'semua'}.${format}`, type: types[format] }
}

export async function showPeople(visit: Visit): Promise<Reply> {
  const { campaign, unit } = await requireScope(visit)
  const path = unit?.path ?? '/'
  await refreshCoverage(visit.house, visit.act.now)
  const unitId = unit?.id ?? PEMDA_UNIT_ID
  const { statuses: counts } = await countTallies(visit.house.db, { campaignId: campaign.id, unitId })
  const wanted = visit.query.get('status') ?? ''
  const status = Object.hasOwn(counts, wanted) ? (wanted as PersonStatus) : undefined
  const total = status ? counts[status] : Object.values(counts).reduce((sum, n) => sum + n, 0)
  const pageCount = Math.max(1, Math.ceil(total / PEOPLE_PER_PAGE))
  const page = Math.min(pageCount, Math.max(1, Math.trunc(Number(visit.query.get('page')) || 1)))
  const people = await findPeople(visit.house.db, {
    campaignId: campaign.id,
    path,
    ...(status && { status }),
    limit: PEOPLE_PER_PAGE,
    offset: (page - 1) * PEOPLE_PER_PAGE,
  })
  return {
    page: PeoplePage({
      frame: visit.frame,
      campaign: labelOf(campaign),
      unit: { unitId: unit?.id ?? PEMDA_UNIT_ID, name: unit?.name ?? requirePemda(visit).governmentName },
      status,
      counts,
      page,
      pageCount,
      people: people.map((person) => ({
        employeeId: person.employeeId,
        name: formatName(person),
        jabatan: person.jabatan,
        unitName: person.unitName,
        status: person.status,
        detail: reasonWords(person),
        agreedAt: person.agreedAt ?? undefined,
      })),
    }),
  }
}

const proposalWords: Record<string, string> = {
  dipakai: 'Alamat disimpan. Tautan baru sedang dikirim.',
  ditolak: 'Usulan ditolak. Alamat yang tercatat tetap.',
}

export async function showUndeliverable(visit: Visit): Promise<Reply> {
  const { campaign, unit } = await requireScope(visit)
  await refreshCoverage(visit.house, visit.act.now)
  const people = await findPeople(visit.house.db, {
    campaignId: campaign.id,
    path: unit?.path ?? '/',
    status: 'undeliverable',
    limit: 2000,
    offset: 0,
  })
  const proposals = new Map(
    (
      await findProposals(
        visit.house.db,
        people.map(({ employeeId }) => employeeId),
      )
    ).map((one) => [one.employeeId, one]),
  )
  const { role } = requireAccount(visit)
  const proposal = paths.proposal(requirePemda(visit).code)
  const groups = new Map<string, PersonCoverage[]>()
  for (const person of people) groups.set(person.unitName, [...(groups.get(person.unitName) ?? []), person])
  return {
    page: UndeliverablePage({
      frame: visit.frame,
      campaign: labelOf(campaign),
      unit: { unitId: unit?.id ?? PEMDA_UNIT_ID, name: unit?.name ?? requirePemda(visit).governmentName },
      seesActions: role === 'administrator',
      mayConfirm: role === 'administrator' || role === 'unit_head',
      proposal: { href: proposal, address: visit.house.settings.baseUrl + proposal },
      done: proposalWords[visit.query.get('hasil') ?? ''],
      groups: [...groups].map(([unitName, members]) => ({
        unitName,
        people: members.map((person) => ({
          employeeId: person.employeeId,
          name: formatName(person),
          email: person.email ?? undefined,
          reply: person.reason ?? '',
          proposal: proposals.get(person.employeeId),
        })),
      })),
    }),
  }
}

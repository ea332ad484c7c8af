import type { Account } from '../../domain/account.js'
import { type ExclusionReason, exclusionReasons } from '../../domain/campaign.js'
import { parseEmail } from '../../domain/email.js'
import {
  type EmploymentType,
  identityLabels,
  type LegalStatus,
  legalStatusLabels,
} from '../../domain/employment.js'
import { PactError } from '../../domain/errors.js'
import { signingWords } from '../../domain/pact.js'
import { formatIdentityNumber } from '../../domain/nip.js'
import { formatName } from '../../domain/roster.js'
import { declineReasons } from '../../domain/campaign.js'
import {
  coverUnit,
  exportCoverage,
  exportPeople,
  flattenCoverage,
  PEMDA_UNIT_ID,
  refreshCoverage,
} from '../../flow/cover.js'
import { KIOSK_MINUTES, saveSecondAddress, startKiosk } from '../../flow/assist.js'
import { correctAddress, type NewLink, remindNow, sendNewLink } from '../../flow/invite.js'
import { excludeEmployee, includeEmployee } from '../../flow/open.js'
import { readPact } from '../../flow/file.js'
import { type Campaign, findCampaign, findCampaigns } from '../../store/campaigns.js'
import {
  countTallies,
  findPeople,
  findPerson,
  type PersonCoverage,
  type PersonStatus,
} from '../../store/coverage.js'
import { findPemda, findPemdasBelow, type Pemda } from '../../store/pemdas.js'
import { findEmployee, findUnit, findUnitAncestors, type Unit } from '../../store/people.js'
import { type CampaignLabel, CoveragePage, NoCampaignPage } from '../dashboard.js'
import type { FormState } from '../form.js'
import { paths } from '../paths.js'
import {
  CorrectEmailPage,
  ExcludePage,
  KioskPage,
  PeoplePage,
  type Person,
  PersonPage,
  UndeliverablePage,
} from '../people.js'
import {
  actingAs,
  noteField,
  type Reply,
  requireAccount,
  requireOwn,
  requirePemda,
  type Visit,
} from './desk.js'
import { requireSeen } from './region.js'

const PEOPLE_PER_PAGE = 50

const seesNames = (account: Account) => account.role !== 'bawaslu'

export const labelOf = (campaign: Campaign): CampaignLabel => ({
  id: campaign.id,
  name: campaign.name,
  deadline: campaign.deadline,
  zone: campaign.timeZone,
})

interface Scope {
  campaign: Campaign
  pemda: Pemda
  unit: Unit | undefined // undefined: the whole pemda, which a unit head may not see
  isOwn: boolean // not that of a government below, whose names stay there
}

/** A campaign and a unit of the account's own government, whose people it may see by name. */
async function requireScope(visit: Visit): Promise<Scope> {
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

// A unit head sees the own subtree and nothing else.
async function requireWithin(visit: Visit, path: string): Promise<void> {
  const account = requireAccount(visit)
  if (account.role !== 'unit_head') return
  const own = await findUnit(visit.house.db, account.unitId!)
  if (!own || !path.startsWith(own.path))
    throw new PactError('FORBIDDEN', 'Unit ini di luar unit yang Anda pimpin.')
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
    !unit && account.role !== 'unit_head' && (await findPemdasBelow(visit.house.db, [pemda.id])).length > 0
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
      seesNames: isOwn && seesNames(account),
      regionHref: isOwn ? regionHref : paths.region(campaign.parentId!),
      at: visit.act.now,
    }),
  }
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

// Why somebody has not signed is told to those who can do something about it.
const reasonWords = (person: PersonCoverage): string => {
  const { reason } = person
  if (!reason) return ''
  if (Object.hasOwn(exclusionReasons, reason)) return exclusionReasons[reason as ExclusionReason]
  if (Object.hasOwn(declineReasons, reason)) return declineReasons[reason as keyof typeof declineReasons]
  return reason === 'DATA_KELIRU' ? 'Menyatakan datanya keliru' : reason
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
  const groups = new Map<string, PersonCoverage[]>()
  for (const person of people) groups.set(person.unitName, [...(groups.get(person.unitName) ?? []), person])
  return {
    page: UndeliverablePage({
      frame: visit.frame,
      campaign: labelOf(campaign),
      unit: { unitId: unit?.id ?? PEMDA_UNIT_ID, name: unit?.name ?? requirePemda(visit).governmentName },
      seesActions: requireAccount(visit).role === 'administrator',
      groups: [...groups].map(([unitName, members]) => ({
        unitName,
        people: members.map((person) => ({
          employeeId: person.employeeId,
          name: formatName(person),
          email: person.email ?? undefined,
          reply: person.reason ?? '',
        })),
      })),
    }),
  }
}

/** A person that this account may see by name. */
async function requirePerson(visit: Visit): Promise<{ campaign: Campaign; person: PersonCoverage }> {
  const campaign = requireOwn(visit, await findCampaign(visit.house.db, visit.numberParam('campaignId')))
  await refreshCoverage(visit.house, visit.act.now)
  const person = await findPerson(visit.house.db, campaign.id, visit.numberParam('employeeId'))
  if (!person) throw new PactError('NOT_FOUND', 'Pegawai ini tidak ada dalam kegiatan.')
  await requireWithin(visit, person.unitPath)
  return { campaign, person }
}

const toPerson = (person: PersonCoverage): Person => ({
  employeeId: person.employeeId,
  name: formatName(person),
  identityLabel: identityLabels[person.employmentType as EmploymentType],
  identityNumber: formatIdentityNumber(person.identityNumber),
  jabatan: person.jabatan,
  unitName: person.unitName,
  email: person.email ?? undefined,
  status: person.status,
  detail: reasonWords(person),
  note: person.note ?? '',
  invitedAt: person.invitedAt ?? undefined,
  openedAt: person.openedAt ?? undefined,
  agreedAt: person.agreedAt ?? undefined,
  code: person.code ?? undefined,
  method: signedBy(person),
})

/** "kunci di perangkat, kode ke surel kedua": how somebody signed, "" while nobody has. */
const signedBy = ({ method, secondFactor }: Pick<PersonCoverage, 'method' | 'secondFactor'>) =>
  method ? signingWords(method, secondFactor) : ''

async function personPage(
  visit: Visit,
  found: { campaign: Campaign; person: PersonCoverage },
  done?: string,
): Promise<Reply> {
  const { campaign, person } = found
  const account = requireAccount(visit)
  const units = await findUnitAncestors(visit.house.db, { path: person.unitPath })
  const unit = units.at(-1)!
  const isActing = account.role !== 'auditor'
  const isMissing = !['signed', 'excluded', 'exempt'].includes(person.status)
  // What a person wrote is for the administrator, who can act on it.
  const shown = account.role === 'administrator' ? toPerson(person) : { ...toPerson(person), note: '' }
  return {
    page: PersonPage({
      frame: visit.frame,
      campaign: labelOf(campaign),
      unit: { unitId: unit.id, name: unit.name },
      person: shown,
      ...(done && { done }),
      acts: {
        assist: isActing && isMissing && person.partyId !== null && campaign.state === 'open',
        resend: isActing && isMissing && person.partyId !== null && campaign.state === 'open',
        correctEmail: account.role === 'administrator' && isMissing,
        exclude: account.role === 'administrator' && isMissing,
        include: account.role === 'administrator' && person.status === 'excluded',
        revoke: account.role === 'administrator' && person.code !== null,
      },
    }),
  }
}

const doneWords: Record<string, string> = {
  queued: 'Surel sedang dikirim.',
  no_address: 'Belum ada alamat surel. Perbaiki dahulu alamatnya.',
  too_many: 'Orang ini sudah mendapat beberapa surel hari ini. Coba lagi besok.',
  not_needed: 'Tidak ada yang perlu dikirim.',
  excluded: 'Pengecualian dicatat.',
  included: 'Pengecualian diakhiri.',
  email: 'Alamat disimpan. Tautan baru sedang dikirim.',
  second: 'Surel kedua disimpan. Kode sekali pakai berikutnya dikirim ke sana.',
} satisfies Record<NewLink | 'excluded' | 'included' | 'email' | 'second', string>

export async function showPerson(visit: Visit): Promise<Reply> {
  const done = visit.query.get('hasil') ?? ''
  return personPage(
    visit,
    await requirePerson(visit),
    Object.hasOwn(doneWords, done) ? doneWords[done] : undefined,
  )
}

const backToPerson = (campaignId: number, employeeId: number, done: string): Reply => ({
  redirect: `${paths.person(campaignId, employeeId)}?hasil=${done}`,
})

export async function downloadPersonPact(visit: Visit): Promise<Reply> {
  const { person } = await requirePerson(visit)
  if (person.pactId === null || person.code === null)
    throw new PactError('NOT_FOUND', 'Pakta ini belum disegel.')
  const file = await readPact(visit.house, visit.house.db, person.pactId)
  return { file, name: `pakta-${person.code}.pdf`, type: 'application/pdf' }
}

export async function resendLink(visit: Visit): Promise<Reply> {
  const { campaign, person } = await requirePerson(visit)
  if (person.partyId === null) return backToPerson(campaign.id, person.employeeId, 'not_needed')
  const send = visit.form.get('kind') === 'reissue' ? sendNewLink : remindNow
  const outcome = await send(visit.house, person.partyId, actingAs(visit))
  return backToPerson(campaign.id, person.employeeId, outcome)
}

async function kioskPage(visit: Visit, form?: FormState): Promise<Reply> {
  const { campaign, person } = await requirePerson(visit)
  const shown = toPerson(person)
  return {
    status: form ? 400 : 200,
    page: KioskPage({
      ...{ frame: visit.frame, campaign: labelOf(campaign), person: shown, minutes: KIOSK_MINUTES },
      identity: { label: shown.identityLabel, number: shown.identityNumber },
      ...(form && { form }),
    }),
  }
}

export const showKiosk = (visit: Visit) => kioskPage(visit)

export async function startAtKiosk(visit: Visit): Promise<Reply> {
  const { person } = await requirePerson(visit)
  if (!visit.form.has('isPresent'))
    return kioskPage(visit, {
      values: {},
      errors: [{ field: 'isPresent', message: 'Nyatakan bahwa orang ini hadir dan Anda mengenalinya' }],
    })
  if (person.partyId === null)
    throw new PactError('STALE', 'Pakta orang ini belum dibuat. Coba lagi sebentar.')
  const officerId = requireAccount(visit).id
  const token = await startKiosk(visit.house, { partyId: person.partyId, officerId }, visit.act)
  return { redirect: paths.link(token) }
}

export async function showExclude(visit: Visit): Promise<Reply> {
  const { campaign, person } = await requirePerson(visit)
  return { page: ExcludePage({ frame: visit.frame, campaign: labelOf(campaign), person: toPerson(person) }) }
}

export async function exclude(visit: Visit): Promise<Reply> {
  const { campaign, person } = await requirePerson(visit)
  const reason = visit.form.get('reason') ?? ''
  const { text: note, errors } = noteField(visit, 'note', { lengthMax: 500 })
  if (!Object.hasOwn(exclusionReasons, reason))
    errors.unshift({ field: 'reason', message: 'Pilih alasan pengecualian' })
  if (errors.length > 0)
    return {
      status: 400,
      page: ExcludePage({
        frame: visit.frame,
        campaign: labelOf(campaign),
        person: toPerson(person),
        form: { values: { reason, note }, errors },
      }),
    }
  await excludeEmployee(
    visit.house,
    { campaignId: campaign.id, employeeId: person.employeeId, reason: reason as ExclusionReason, note },
    actingAs(visit),
  )
  return backToPerson(campaign.id, person.employeeId, 'excluded')
}

export async function include(visit: Visit): Promise<Reply> {
  const { campaign, person } = await requirePerson(visit)
  await includeEmployee(
    visit.house,
    { campaignId: campaign.id, employeeId: person.employeeId },
    actingAs(visit),
  )
  return backToPerson(campaign.id, person.employeeId, 'included')
}

async function emailPage(
  visit: Visit,
  { campaign, person }: { campaign: Campaign; person: PersonCoverage },
  form?: FormState,
): Promise<Reply> {
  const { emailAlternative } = (await findEmployee(visit.house.db, person.employeeId))!
  return {
    status: form ? 400 : 200,
    page: CorrectEmailPage({
      ...{ frame: visit.frame, campaign: labelOf(campaign), person: toPerson(person) },
      secondEmail: emailAlternative ?? undefined,
      ...(form && { form }),
    }),
  }
}

export const showEmail = async (visit: Visit): Promise<Reply> => emailPage(visit, await requirePerson(visit))

/** An address that a form brings, kept by `save`; refused beside its field. */
async function saveAddress(
  visit: Visit,
  field: 'email' | 'secondEmail',
  save: (email: string, person: PersonCoverage) => Promise<void>,
): Promise<Reply> {
  const found = await requirePerson(visit)
  const typed = visit.form.get(field) ?? ''
  const refuse = (message: string) =>
    emailPage(visit, found, { values: { [field]: typed }, errors: [{ field, message }] })
  const parsed = field === 'secondEmail' && typed.trim() === '' ? { email: '' } : parseEmail(typed)
  if (parsed.email === undefined) return refuse((parsed as { reason: string }).reason)
  try {
    await save(parsed.email, found.person)
  } catch (error) {
    if (!(error instanceof PactError) || error.code !== 'BAD_FORM') throw error
    return refuse(error.message)
  }
  return backToPerson(found.campaign.id, found.person.employeeId, field === 'email' ? 'email' : 'second')
}

export const saveEmail = (visit: Visit): Promise<Reply> =>
  saveAddress(visit, 'email', (email, { employeeId, partyId }) =>
    correctAddress(
      visit.house,
      { employeeId, partyId: partyId ?? undefined, email, accountId: requireAccount(visit).id },
      visit.act,
    ),
  )

export const saveSecondEmail = (visit: Visit): Promise<Reply> =>
  saveAddress(visit, 'secondEmail', (email, { employeeId }) =>
    saveSecondAddress(
      visit.house,
      { employeeId, email: email || null, accountId: requireAccount(visit).id },
      visit.act,
    ),
  )

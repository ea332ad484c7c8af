import { type ExclusionReason, exclusionReasons } from '../../domain/campaign.js'
import { parseEmail } from '../../domain/email.js'
import { type EmploymentType, identityLabels } from '../../domain/employment.js'
import { PactError } from '../../domain/errors.js'
import { signingWords } from '../../domain/pact.js'
import { formatIdentityNumber } from '../../domain/nip.js'
import { formatName } from '../../domain/roster.js'
import { declineReasons } from '../../domain/campaign.js'
import { refreshCoverage } from '../../flow/standing.js'
import { KIOSK_MINUTES, saveSecondAddress, startKiosk } from '../../flow/assist.js'
import { correctAddress, type NewLink, remindNow, sendNewLink } from '../../flow/invite.js'
import { excludeEmployee, includeEmployee } from '../../flow/open.js'
import { exportDossier } from '../../flow/dossier.js'
import { readOwnFile } from '../../flow/row.js'
import { type Campaign, findCampaign } from '../../store/campaigns.js'
import { findPerson, type PersonCoverage } from '../../store/coverage-people.js'
import { findPact } from '../../store/pacts.js'
import { findEmployee, findUnitAncestors } from '../../store/people.js'
import { type FormState, formStateOf } from '../form.js'
import { paths } from '../paths.js'
import { CorrectEmailPage, DossierPage, ExcludePage, KioskPage, type Person, PersonPage } from '../people.js'
import {
  actingAs,
  noteField,
  labelOf,
  type Reply,
  requireAccount,
  requireOwn,
  requireWithin,
  type Visit,
} from './desk.js'

// Why somebody has not signed is told to those who can do something about it.
export const reasonWords = (person: PersonCoverage): string => {
  const { reason } = person
  if (!reason) return ''
  if (Object.hasOwn(exclusionReasons, reason)) return exclusionReasons[reason as ExclusionReason]
  if (Object.hasOwn(declineReasons, reason)) return declineReasons[reason as keyof typeof declineReasons]
  return reason === 'DATA_KELIRU' ? 'Menyatakan datanya keliru' : reason
}

/** A person that this account may see by name. */
export async function requirePerson(visit: Visit): Promise<{ campaign: Campaign; person: PersonCoverage }> {
  const campaign = requireOwn(visit, await findCampaign(visit.house.db, visit.numberParam('campaignId')))
  await refreshCoverage(visit.house, visit.act.now)
  const person = await findPerson(visit.house.db, campaign.id, visit.numberParam('employeeId'))
  if (!person) throw new PactError('NOT_FOUND', 'Pegawai ini tidak ada dalam kegiatan.')
  await requireWithin(visit, person.unitPath)
  return { campaign, person }
}

/** A person as the pages show them. */
export const toPerson = (person: PersonCoverage): Person => ({
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
export const signedBy = ({ method, secondFactor }: Pick<PersonCoverage, 'method' | 'secondFactor'>) =>
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
  const isActing = account.role === 'administrator' || account.role === 'unit_head'
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
        dossier: (account.role === 'administrator' || account.role === 'auditor') && person.code !== null,
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
  const pact = (await findPact(visit.house.db, person.pactId))!
  return readOwnFile(visit.house, visit.house.db, pact)
}

async function dossierPage(visit: Visit, form?: FormState): Promise<Reply> {
  const { campaign, person } = await requirePerson(visit)
  return {
    status: form ? 400 : 200,
    page: DossierPage({
      ...{ frame: visit.frame, campaign: labelOf(campaign), person: toPerson(person) },
      ...(form && { form }),
    }),
  }
}

export const showDossierForm = (visit: Visit) => dossierPage(visit)

export async function sendDossier(visit: Visit): Promise<Reply> {
  const { campaign, person } = await requirePerson(visit)
  const caseNumber = visit.form.get('caseNumber') ?? ''
  try {
    const { name, bytes } = await exportDossier(
      visit.house,
      { campaign, employeeId: person.employeeId, caseNumber },
      actingAs(visit),
    )
    return { file: bytes, name, type: 'application/zip' }
  } catch (error) {
    if (!(error instanceof PactError) || error.code !== 'BAD_FORM') throw error
    return dossierPage(visit, formStateOf(visit.form, [{ field: 'caseNumber', message: error.message }]))
  }
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

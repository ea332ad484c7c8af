import { readFile } from 'node:fs/promises'
import type { Role } from '../../domain/account.js'
import {
  electionKinds,
  type ElectionKind,
  parseMoment,
  type SigningRule,
  type TimeZone,
  timeZones,
} from '../../domain/campaign.js'
import { type LegalStatus, legalStatuses, legalStatusLabels } from '../../domain/employment.js'
import { PactError } from '../../domain/errors.js'
import { isSignerClass, type SignerClass, signerClasses, type TemplateUse } from '../../domain/pact.js'
import { checkRepertoire } from '../../domain/repertoire.js'
import { formatName } from '../../domain/roster.js'
import { isGateKind, type UnitKind } from '../../domain/unit.js'
import { formatIsoDate } from '../../flow/paper.js'
import { attachCampaign } from '../../flow/oversee.js'
import { coverUnit } from '../../flow/standing.js'
import {
  attachCircular,
  chooseWitness,
  closeCampaign,
  openCampaign,
  openGateByOverride,
  prepareCampaign,
} from '../../flow/open.js'
import { findAccounts } from '../../store/accounts.js'
import {
  type Campaign,
  findCampaigns,
  findCampaignTemplates,
  findCircular,
  findGate,
  findGates,
  findLegalBases,
  findTemplateVersions,
} from '../../store/campaigns.js'
import { countAgreed, findDisputes } from '../../store/pacts.js'
import { findEmployee, findUnits } from '../../store/people.js'
import { CampaignClosePage, CampaignOpenPage, CampaignPage, CampaignsPage, GatePage } from '../campaign.js'
import { CampaignNewPage } from '../campaign-new.js'
import { type FormError, type FormState, formStateOf } from '../form.js'
import { paths } from '../paths.js'
import {
  actingAs,
  idField,
  mayChange,
  noteField,
  refusal,
  type Reply,
  requireCampaign,
  requirePemda,
  type Visit,
} from './desk.js'

const titles: Record<SignerClass | 'COLLECTIVE', string> = {
  HEAD: 'Pakta integritas pimpinan',
  ASN: 'Pakta integritas ASN, satu naskah untuk setiap orang',
  COLLECTIVE: 'Pakta kolektif ASN, satu naskah untuk setiap unit',
  NON_ASN: 'Pernyataan netralitas non-ASN',
}

export async function showCampaigns(visit: Visit): Promise<Reply> {
  const pemda = requirePemda(visit)
  return {
    page: CampaignsPage({
      frame: visit.frame,
      campaigns: await findCampaigns(visit.house.db, pemda.id),
      zone: pemda.timeZone,
      mayChange: mayChange(visit),
    }),
  }
}

/** Whose pacts a template makes; a collective one is for ASN. */
const classOf = (use: TemplateUse): SignerClass | undefined =>
  use === 'COLLECTIVE' ? 'ASN' : isSignerClass(use) ? use : undefined

async function newPage(visit: Visit, form?: FormState): Promise<Reply> {
  const { house, frame } = visit
  const pemda = requirePemda(visit)
  const gates = (await findUnits(house.db, pemda.id)).filter((unit) => isGateKind(unit.kind as UnitKind))
  const liveOf = async (role: Role) =>
    (await findAccounts(house.db, pemda.id, role)).filter((one) => !one.disabledAt)
  const witnesses = await liveOf('bawaslu')
  const named = (accounts: typeof witnesses) =>
    accounts.map((one) => ({ accountId: one.id, name: `${one.name}, ${one.jabatan} ${one.institution}` }))
  return {
    status: form ? 400 : 200,
    page: CampaignNewPage({
      frame,
      legalBases: await findLegalBases(house.db),
      templates: (await findTemplateVersions(house.db))
        .flatMap(({ code, version, signerClass: use }) => {
          const signerClass = classOf(use)
          return signerClass
            ? [{ code, version, signerClass, title: titles[use as keyof typeof titles] }]
            : []
        })
        .sort(
          (left, right) =>
            Number(left.title === titles.COLLECTIVE) - Number(right.title === titles.COLLECTIVE),
        ),
      gates: gates.map((unit) => ({ unitId: unit.id, name: unit.name })),
      legalStatuses: legalStatuses.map((value) => ({ value, label: legalStatusLabels[value] })),
      witnesses: named(witnesses),
      secondWitnesses: named(await liveOf('witness')),
      chosenUnits: form ? visit.form.getAll('unitIds') : gates.map((unit) => String(unit.id)),
      chosenStatuses: form ? visit.form.getAll('requiredLegalStatuses') : ['AKTIF'],
      chosenRules: { ownKey: visit.form.getAll('ownKey'), code: visit.form.getAll('code') },
      form: form ?? {
        values: {
          timeZone: pemda.timeZone,
          eventPlace: pemda.seat,
          ...(witnesses[0] && { witnessAccountId: String(witnesses[0].id) }),
        },
        errors: [],
      },
    }),
  }
}

export const showNew = (visit: Visit) => newPage(visit)

export async function create(visit: Visit): Promise<Reply> {
  const { house, form } = visit
  const pemda = requirePemda(visit)
  const errors: FormError[] = []
  const refuse = (field: string, message: string) => errors.push({ field, message })
  const text = (name: string) => {
    try {
      const typed = checkRepertoire(form.get(name) ?? '')
      if (typed === '') refuse(name, 'Tidak boleh kosong')
      if (typed.length > 200) refuse(name, 'Paling banyak 200 huruf')
      return typed
    } catch (error) {
      refuse(name, (error as PactError).message)
      return ''
    }
  }
  const hour = (name: string) => {
    const value = Number(form.get(name))
    if (form.get(name) === null || !Number.isInteger(value) || value < 0 || value > 23)
      refuse(name, 'Pilih jam')
    return value
  }
  const name = text('name')
  const electionName = text('electionName')
  const eventPlace = text('eventPlace')
  const electionKind = form.get('electionKind') as ElectionKind
  if (!electionKinds.includes(electionKind)) refuse('electionKind', 'Pilih jenis pemilihan')
  const timeZone = form.get('timeZone') as TimeZone
  if (!Object.hasOwn(timeZones, timeZone)) refuse('timeZone', 'Pilih zona waktu')
  const deadline = parseMoment(
    { date: form.get('deadlineDate') ?? '', time: form.get('deadlineTime') ?? '' },
    timeZone,
  )
  if (!deadline) refuse('deadlineDate', 'Isi tanggal dan pukul batas waktu')
  else if (deadline <= visit.act.now) refuse('deadlineDate', 'Batas waktu harus di masa depan')
  const legalBasis = (await findLegalBases(house.db)).find(
    (one) => String(one.id) === form.get('legalBasisId'),
  )
  if (!legalBasis) refuse('legalBasisId', 'Pilih dasar hukum')
  const versions = await findTemplateVersions(house.db)
  const templates = {} as Record<SignerClass, { code: string; version: number }>
  for (const signerClass of signerClasses) {
    const chosen = versions.find(
      (one) =>
        classOf(one.signerClass) === signerClass &&
        `${one.code}/${one.version}` === form.get(`template${signerClass}`),
    )
    if (chosen) templates[signerClass] = { code: chosen.code, version: chosen.version }
    else refuse(`template${signerClass}`, 'Pilih naskah')
  }
  const gates = (await findUnits(house.db, pemda.id)).filter((unit) => isGateKind(unit.kind as UnitKind))
  const chosenIds = new Set(form.getAll('unitIds').map(Number))
  const chosen = gates.filter((unit) => chosenIds.has(unit.id))
  if (chosen.length === 0) refuse('unitIds', 'Pilih paling sedikit satu perangkat daerah atau kecamatan')
  const statuses = form
    .getAll('requiredLegalStatuses')
    .filter((one) => legalStatuses.includes(one as LegalStatus))
  if (statuses.length === 0) refuse('requiredLegalStatuses', 'Pilih paling sedikit satu kedudukan hukum')
  const witnessId = Number(form.get('witnessAccountId') || 0)
  const witness = (await findAccounts(house.db, pemda.id, 'bawaslu')).find(
    (one) => one.id === witnessId && !one.disabledAt,
  )
  if (witnessId > 0 && !witness) refuse('witnessAccountId', 'Saksi ini tidak ada')
  const secondWitnessId = idField(visit, 'secondWitnessId') || null
  const remindAfterDays = (form.get('remindAfterDays') ?? '')
    .split(/[\s,;]+/)
    .filter(Boolean)
    .map(Number)
  if (
    remindAfterDays.length > 10 ||
    remindAfterDays.some((days) => !Number.isInteger(days) || days < 1 || days > 365)
  )
    refuse('remindAfterDays', 'Tulis jumlah hari, dipisahkan koma, misalnya 3, 7, 10')
  const rules = Object.fromEntries(
    signerClasses.map((one) => [
      one,
      { ownKey: form.getAll('ownKey').includes(one), code: form.getAll('code').includes(one) },
    ]),
  ) as Record<SignerClass, SigningRule>
  const quietFromHour = hour('quietFromHour')
  const quietUntilHour = hour('quietUntilHour')
  if (errors.length > 0 || !deadline || !legalBasis) return newPage(visit, formStateOf(form, errors))
  try {
    const id = await prepareCampaign(
      house,
      {
        pemdaId: pemda.id,
        name,
        electionKind,
        electionName,
        legalBasisId: legalBasis.id,
        timeZone,
        deadline,
        eventPlace,
        requiredLegalStatuses: statuses,
        mailPolicy: {
          ...{ quietFromHour, quietUntilHour, remindAfterDays: remindAfterDays.sort((a, b) => a - b) },
          digestWeekdays: digestDays[form.get('digest') ?? ''] ?? [],
        },
        templates,
        rules,
        units: chosen.map((unit) => ({ unitId: unit.id, witnessAccountId: witness?.id })),
        secondWitnessId,
      },
      actingAs(visit),
    )
    return { redirect: paths.campaign(id) }
  } catch (error) {
    if (!(error instanceof PactError) || error.code !== 'BAD_FORM') throw error
    return newPage(visit, formStateOf(form, [{ field: 'secondWitnessId', message: error.message }]))
  }
}

const digestDays: Record<string, readonly number[]> = { monday: [1], workdays: [1, 2, 3, 4, 5] }
const digestWords = (days: readonly number[]) =>
  days.length === 0 ? '' : days.length === 1 ? 'Setiap Senin' : 'Setiap hari kerja'

const hourWords = (hour: number) => `${String(hour).padStart(2, '0')}.00`

async function gateRow(
  visit: Visit,
  gate: Awaited<ReturnType<typeof findGates>>[number],
  names: Map<number, string>,
) {
  const head =
    gate.headEmployeeId === null ? undefined : await findEmployee(visit.house.db, gate.headEmployeeId)
  return {
    unitId: gate.unitId,
    name: gate.name,
    headName: head && [gate.headCapacity, formatName(head)].filter(Boolean).join(' '),
    witnessName: gate.witnessAccountId === null ? undefined : names.get(gate.witnessAccountId),
    state: gate.state,
  }
}

const accountNames = async (visit: Visit) =>
  new Map(
    (await findAccounts(visit.house.db, requirePemda(visit).id, 'bawaslu')).map((one) => [one.id, one.name]),
  )

const doneWords: Record<string, string> = {
  dibuka: 'Kegiatan dibuka. Undangan kepada pimpinan sedang dikirim.',
  ditutup: 'Kegiatan ditutup. Tautan tidak dapat dipakai lagi; yang sudah ditandatangani tetap.',
  saksi: 'Saksi disimpan.',
  provinsi: 'Pilihan untuk provinsi disimpan.',
  unit: 'Unit dibuka tanpa pimpinan; pegawainya sedang diundang.',
  edaran: 'Surat edaran disertakan. Setiap penanda tangan menyatakan telah membacanya.',
}

export const showCampaign = (visit: Visit) => campaignPage(visit)

async function campaignPage(visit: Visit, form?: FormState): Promise<Reply> {
  const campaign = await requireCampaign(visit)
  const { db } = visit.house
  const names = await accountNames(visit)
  const gates = []
  for (const gate of await findGates(db, campaign.id)) gates.push(await gateRow(visit, gate, names))
  const { quietFromHour, quietUntilHour, remindAfterDays } = campaign.mailPolicy
  const done = doneWords[visit.query.get('hasil') ?? '']
  const circular = await findCircular(db, campaign.id)
  return {
    status: form ? 400 : 200,
    page: CampaignPage({
      frame: visit.frame,
      campaign: {
        id: campaign.id,
        name: campaign.name,
        electionName: campaign.electionName,
        state: campaign.state,
        deadline: campaign.deadline,
        zone: campaign.timeZone,
        openedAt: campaign.openedAt ?? undefined,
        closedAt: campaign.closedAt ?? undefined,
        requiredLegalStatuses: campaign.requiredLegalStatuses.map(
          (one) => legalStatusLabels[one as LegalStatus],
        ),
        templates: (await findCampaignTemplates(db, campaign.id)).map(
          (one) => `${one.code} versi ${one.version}`,
        ),
        quietHours:
          quietFromHour === quietUntilHour
            ? ''
            : `${hourWords(quietFromHour)} sampai ${hourWords(quietUntilHour)}`,
        remindAfterDays,
        digest: digestWords(campaign.mailPolicy.digestWeekdays ?? []),
      },
      gates,
      disputeCount: (await findDisputes(db, campaign.id)).length,
      above: await aboveOf(visit, campaign),
      circular: circular && {
        words: `${circular.title}, Nomor ${circular.number}, ${formatIsoDate(circular.issuedOn)}`,
        isFixed: (await countAgreed(db, campaign.id)) > 0,
      },
      ...(form && { form }),
      ...(done && { done }),
      mayChange: mayChange(visit),
    }),
  }
}

// Campaigns of the province that are not over, and the one that this campaign counts into.
async function aboveOf(visit: Visit, campaign: Campaign) {
  const { parentId } = requirePemda(visit)
  if (parentId === null) return undefined
  const all = await findCampaigns(visit.house.db, parentId)
  return {
    campaigns: all.filter((one) => one.state !== 'closed' || one.id === campaign.parentId),
    ...{ chosen: campaign.parentId, shared: campaign.shared },
  }
}

export async function attach(visit: Visit): Promise<Reply> {
  const campaign = await requireCampaign(visit)
  const shared = visit.form.get('shared') === 'units' ? 'units' : 'total'
  await attachCampaign(
    visit.house,
    { campaign, parentId: idField(visit, 'parentId') || null, shared },
    actingAs(visit),
  )
  return { redirect: `${paths.campaign(campaign.id)}?hasil=provinsi` }
}

/** A circular as offices scan it. */
export const CIRCULAR_BYTES_MAX = 5 * 1024 ** 2

export async function saveCircularForm(visit: Visit): Promise<Reply> {
  const campaign = await requireCampaign(visit)
  const { form } = visit
  const errors: FormError[] = []
  const issuedOn = form.get('circularDate') ?? ''
  if (!parseMoment({ date: issuedOn, time: '12:00' }, campaign.timeZone))
    errors.push({ field: 'circularDate', message: 'Isi tanggal surat edaran' })
  const [number, title] = [form.get('circularNumber') ?? '', form.get('circularTitle') ?? '']
  if (number.trim() === '') errors.push({ field: 'circularNumber', message: 'Isi nomor surat edaran' })
  if (title.trim() === '') errors.push({ field: 'circularTitle', message: 'Isi perihal surat edaran' })
  const upload = visit.uploads.find((one) => one.field === 'file')
  if (!upload || upload.sizeBytes === 0) errors.push({ field: 'file', message: 'Pilih berkas PDF' })
  if (errors.length > 0 || !upload) return campaignPage(visit, formStateOf(form, errors))
  try {
    const file = await readFile(upload.path)
    await attachCircular(
      visit.house,
      { campaignId: campaign.id, number, title, issuedOn, file },
      actingAs(visit),
    )
  } catch (error) {
    return campaignPage(visit, { ...refusal('file', error), values: Object.fromEntries(form) })
  }
  return { redirect: `${paths.campaign(campaign.id)}?hasil=edaran` }
}

export async function sendCircular(visit: Visit): Promise<Reply> {
  const campaign = await requireCampaign(visit)
  const circular = await findCircular(visit.house.db, campaign.id)
  if (!circular) throw new PactError('NOT_FOUND', 'Kegiatan ini tidak menyertakan surat edaran.')
  const file = await visit.house.files.get(circular.sha256)
  return { file, name: 'surat-edaran.pdf', type: 'application/pdf', inline: true }
}

export async function showOpen(visit: Visit): Promise<Reply> {
  const campaign = await requireCampaign(visit)
  const gates = await findGates(visit.house.db, campaign.id)
  const { node } = await coverUnit(visit.house, {
    ...{ campaign, pemda: requirePemda(visit) },
    ...{ unitId: undefined, now: visit.act.now },
  })
  const isHeadless = (gate: (typeof gates)[number]) => gate.state === 'head_missing'
  const isUnwitnessed = (gate: (typeof gates)[number]) => gate.witnessAccountId === null
  return {
    page: CampaignOpenPage({
      frame: visit.frame,
      campaign: {
        id: campaign.id,
        name: campaign.name,
        deadline: campaign.deadline,
        zone: campaign.timeZone,
      },
      headCount: new Set(
        gates.filter((gate) => !isHeadless(gate) && !isUnwitnessed(gate)).map((gate) => gate.headEmployeeId),
      ).size,
      peopleCount: node.total.required,
      withoutEmailCount: node.total.undeliverable,
      gatesWithoutHead: gates.filter(isHeadless).map((gate) => gate.name),
      gatesWithoutWitness: gates.filter(isUnwitnessed).map((gate) => gate.name),
    }),
  }
}

export async function open(visit: Visit): Promise<Reply> {
  const campaign = await requireCampaign(visit)
  await openCampaign(visit.house, campaign.id, actingAs(visit))
  return { redirect: `${paths.campaign(campaign.id)}?hasil=dibuka` }
}

export async function showClose(visit: Visit): Promise<Reply> {
  const campaign = await requireCampaign(visit)
  const { node } = await coverUnit(visit.house, {
    ...{ campaign, pemda: requirePemda(visit) },
    ...{ unitId: undefined, now: visit.act.now },
  })
  return {
    page: CampaignClosePage({
      frame: visit.frame,
      campaign: { id: campaign.id, name: campaign.name },
      unsignedCount: node.total.required - node.total.signed,
    }),
  }
}

export async function close(visit: Visit): Promise<Reply> {
  const campaign = await requireCampaign(visit)
  await closeCampaign(visit.house, campaign.id, actingAs(visit))
  return { redirect: `${paths.campaign(campaign.id)}?hasil=ditutup` }
}

async function gatePage(visit: Visit, form?: FormState): Promise<Reply> {
  const campaign = await requireCampaign(visit)
  const gate = await findGate(visit.house.db, campaign.id, visit.numberParam('unitId'))
  if (!gate) throw new PactError('NOT_FOUND', 'Unit ini tidak ikut dalam kegiatan.')
  const names = await accountNames(visit)
  return {
    status: form ? 400 : 200,
    page: GatePage({
      frame: visit.frame,
      campaign: { id: campaign.id, name: campaign.name, zone: campaign.timeZone },
      gate: {
        ...(await gateRow(visit, gate, names)),
        headSignedAt: gate.headAgreedAt ?? undefined,
        overriddenAt: gate.overriddenAt ?? undefined,
        overrideReason: gate.overrideReason ?? undefined,
      },
      witnesses: (await findAccounts(visit.house.db, requirePemda(visit).id, 'bawaslu'))
        .filter((one) => !one.disabledAt)
        .map((one) => ({ accountId: one.id, name: `${one.name}, ${one.jabatan}` })),
      witnessAccountId: gate.witnessAccountId ?? undefined,
      mayOverride: gate.state !== 'open' && gate.state !== 'overridden',
      ...(form && { form }),
    }),
  }
}

export const showGate = (visit: Visit) => gatePage(visit)

export async function saveWitness(visit: Visit): Promise<Reply> {
  const campaign = await requireCampaign(visit)
  const refuse = (message: string) =>
    gatePage(visit, formStateOf(visit.form, [{ field: 'witnessAccountId', message }]))
  const witnessAccountId = idField(visit, 'witnessAccountId')
  const witness = (await findAccounts(visit.house.db, campaign.pemdaId, 'bawaslu')).find(
    (one) => one.id === witnessAccountId && !one.disabledAt,
  )
  if (!witness) return refuse('Pilih saksi dari Bawaslu')
  try {
    await chooseWitness(visit.house, {
      campaignId: campaign.id,
      unitId: visit.numberParam('unitId'),
      witnessAccountId,
      pemdaId: campaign.pemdaId,
    })
  } catch (error) {
    if (!(error instanceof PactError) || error.code === 'NOT_FOUND') throw error
    return refuse(error.message)
  }
  return { redirect: `${paths.campaign(campaign.id)}?hasil=saksi` }
}

export async function override(visit: Visit): Promise<Reply> {
  const campaign = await requireCampaign(visit)
  const { text: reason, errors } = noteField(visit, 'reason', { lengthMin: 10, lengthMax: 500 })
  if (errors.length > 0) return gatePage(visit, formStateOf(visit.form, errors))
  await openGateByOverride(
    visit.house,
    { campaignId: campaign.id, unitId: visit.numberParam('unitId'), reason },
    actingAs(visit),
  )
  return { redirect: `${paths.campaign(campaign.id)}?hasil=unit` }
}

import { PactError } from '../../domain/errors.js'
import { parseMoment } from '../../domain/campaign.js'
import { groupCode, type NamedPerson } from '../../domain/pact.js'
import type { RowError } from '../../domain/sheet.js'
import { readPact } from '../../flow/file.js'
import { type NewLink, sendNewLink } from '../../flow/invite.js'
import {
  closeJoint,
  dropJoint,
  endParties,
  openJoint,
  prepareJoint,
  previewJoint,
  writeJointForm,
} from '../../flow/joint.js'
import { formatIsoDate, jabatanOf } from '../../flow/paper.js'
import { findTemplateVersions } from '../../store/campaigns.js'
import {
  findJointDraft,
  findJointDrafts,
  findJointPact,
  findJointPacts,
  type JointPact,
} from '../../store/joint.js'
import { findPact, findParties, type Pact, type Party } from '../../store/pacts.js'
import { type FormError, type FormState, formStateOf } from '../form.js'
import {
  JointDraftPage,
  JointEndPage,
  JointListPage,
  JointPage,
  type JointPartyRow,
  type JointState,
} from '../joint.js'
import { paths } from '../paths.js'
import { actingAs, idField, labelOf, mayChange, type Reply, requireCampaign, type Visit } from './desk.js'

/** A list of parties. */
export const LIST_BYTES_MAX = 2 * 1024 ** 2

const titleOf = ({ words }: Pick<JointPact, 'words'>) =>
  `Pakta bersama ${words.provinsi ?? ''}, ${words.tanggal_angka ?? ''}`

function stateOf(pact: Pact, joint: JointPact): JointState {
  if (joint.closedAt) return 'closed'
  if (pact.state !== 'open') return 'complete'
  return joint.witnessesAt ? 'witnesses' : 'parties'
}

const rowOf = (role: JointPartyRow['role'], person: NamedPerson): JointPartyRow => ({
  role,
  name: person.name,
  jabatan: jabatanOf(person),
  place: person.region || person.institution,
  mandate: person.representing
    ? `${person.representing.mandateNumber}, ${formatIsoDate(person.representing.mandateDate)}`
    : undefined,
  email: person.email,
})

async function listPage(
  visit: Visit,
  wrong: { form?: FormState; problems?: RowError[] } = {},
): Promise<Reply> {
  const campaign = await requireCampaign(visit)
  const { db } = visit.house
  const pacts = []
  for (const joint of await findJointPacts(db, campaign.id)) {
    const parties = await findParties(db, joint.pactId)
    pacts.push({
      ...{ pactId: joint.pactId, title: titleOf(joint), deadline: joint.deadline, parties: parties.length },
      state: stateOf((await findPact(db, joint.pactId))!, joint),
      signed: parties.filter((party) => party.agreedAt).length,
    })
  }
  return {
    status: wrong.form ? 400 : 200,
    page: JointListPage({
      ...{ frame: visit.frame, campaign: labelOf(campaign), pacts, mayChange: mayChange(visit) },
      drafts: mayChange(visit)
        ? (await findJointDrafts(db, campaign.id)).map(({ id, createdAt }) => ({ draftId: id, createdAt }))
        : [],
      isOpen: campaign.state === 'open',
      hasTemplate: (await findTemplateVersions(db)).some((one) => one.signerClass === 'JOINT'),
      done: visit.query.get('hasil') === 'dibuang' ? 'Rancangan dibuang. Tidak ada yang dikirim.' : undefined,
      ...wrong,
    }),
  }
}

export const showJoints = (visit: Visit) => listPage(visit)

/** The list of parties to fill in, with an example line of each kind. */
export async function sendJointForm(visit: Visit): Promise<Reply> {
  await requireCampaign(visit)
  return {
    file: await writeJointForm(),
    name: 'daftar-pihak.xlsx',
    type: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  }
}

export async function prepare(visit: Visit): Promise<Reply> {
  const campaign = await requireCampaign(visit)
  const { form } = visit
  const errors: FormError[] = []
  const refuse = (field: string, message: string) => errors.push({ field, message })
  const text = (name: string) => {
    const typed = (form.get(name) ?? '').trim()
    if (typed === '') refuse(name, 'Tidak boleh kosong')
    if (typed.length > 100) refuse(name, 'Paling banyak 100 huruf')
    return typed
  }
  const upload = visit.uploads.find((one) => one.field === 'file')
  if (!upload || upload.sizeBytes === 0) refuse('file', 'Pilih berkas daftar pihak')
  const words = {
    region: text('region'),
    place: text('place'),
    city: text('city'),
    unitCode: text('unitCode'),
  }
  const moment = (date: string, time: string) =>
    parseMoment({ date: form.get(date) ?? '', time }, campaign.timeZone)
  const day = moment('day', '12:00')
  if (!day) refuse('day', 'Isi hari acara')
  const deadline = moment('deadlineDate', form.get('deadlineTime') ?? '')
  if (!deadline) refuse('deadlineDate', 'Isi tanggal dan pukul batas tanda tangan')
  else if (deadline <= visit.act.now) refuse('deadlineDate', 'Batas waktu harus di masa depan')
  if (errors.length > 0 || !upload || !day || !deadline)
    return listPage(visit, { form: formStateOf(form, errors) })
  try {
    const { draftId, errors: problems } = await prepareJoint(
      visit.house,
      {
        ...{ campaignId: campaign.id, path: upload.path, ...words, day, deadline },
        isOrdered: form.get('order') === 'urut',
      },
      actingAs(visit),
    )
    if (draftId !== undefined) return { redirect: paths.jointDraft(campaign.id, draftId) }
    refuse('file', `${problems.length} kesalahan pada daftar; tidak ada yang disimpan`)
    return listPage(visit, { form: formStateOf(form, errors), problems: problems.slice(0, 200) })
  } catch (error) {
    if (!(error instanceof PactError)) throw error
    refuse('file', error.message)
    return listPage(visit, { form: formStateOf(form, errors) })
  }
}

async function requireDraft(visit: Visit) {
  const campaign = await requireCampaign(visit)
  const draft = await findJointDraft(visit.house.db, visit.numberParam('draftId'))
  if (draft?.campaignId !== campaign.id)
    throw new PactError('NOT_FOUND', 'Rancangan ini sudah dibuka atau dibuang.')
  return { campaign, draft }
}

async function draftPage(visit: Visit, form?: FormState): Promise<Reply> {
  const { campaign, draft } = await requireDraft(visit)
  return {
    status: form ? 400 : 200,
    page: JointDraftPage({
      ...{ frame: visit.frame, campaign: labelOf(campaign), draftId: draft.id },
      parties: draft.parties.map(({ role, person }) => rowOf(role, person)),
      isOrdered: draft.isOrdered,
      deadline: draft.deadline,
      ...(form && { form }),
    }),
  }
}

export const showDraft = (visit: Visit) => draftPage(visit)

export async function previewDraft(visit: Visit): Promise<Reply> {
  const { draft } = await requireDraft(visit)
  const file = Buffer.from(await previewJoint(visit.house, draft, visit.act.now))
  return { file, name: 'pratinjau.pdf', type: 'application/pdf', inline: true, isFramed: true }
}

export async function open(visit: Visit): Promise<Reply> {
  const { campaign, draft } = await requireDraft(visit)
  if (visit.form.get('looked') !== 'yes')
    return draftPage(visit, {
      values: {},
      errors: [{ field: 'looked', message: 'Nyatakan bahwa Anda sudah memeriksa naskah dan semua nama' }],
    })
  const pactId = await openJoint(visit.house, draft.id, actingAs(visit))
  return { redirect: `${paths.joint(campaign.id, pactId)}?hasil=dibuka` }
}

export async function drop(visit: Visit): Promise<Reply> {
  const { campaign, draft } = await requireDraft(visit)
  await dropJoint(visit.house, draft.id)
  return { redirect: `${paths.joints(campaign.id)}?hasil=dibuang` }
}

async function requireJoint(visit: Visit) {
  const campaign = await requireCampaign(visit)
  const pact = await findPact(visit.house.db, visit.numberParam('pactId'))
  const joint = pact?.campaignId === campaign.id && (await findJointPact(visit.house.db, pact.id))
  if (!pact || !joint) throw new PactError('NOT_FOUND', 'Pakta bersama ini tidak ada.')
  return { campaign, pact, joint, parties: await findParties(visit.house.db, pact.id) }
}

function standingOf(party: Party, state: JointState): string {
  if (state === 'closed' || (state === 'witnesses' && party.role === 'signer')) return 'Tidak menandatangani'
  if (party.state === 'declined') return 'Belum bersedia'
  if (!party.invitedAt) return 'Menunggu gilirannya'
  return party.openedAt ? 'Sudah membuka tautan' : 'Tautan dikirim'
}

const doneWords: Record<string, string> = {
  dibuka: 'Pakta dibuka. Tautan sedang dikirim.',
  saksi: 'Para saksi sedang menerima tautannya.',
  tutup: 'Pakta ditutup dan sedang disegel.',
  queued: 'Tautan baru sedang dikirim. Tautan yang lama tidak berlaku lagi.',
  no_address: 'Tidak terkirim: tidak ada alamat surel.',
  too_many: 'Tidak dikirim: sudah empat surel dalam sehari kepada orang ini.',
  not_needed: 'Tidak dikirim: orang ini tidak sedang ditunggu.',
} satisfies Record<NewLink | 'dibuka' | 'saksi' | 'tutup', string>

export async function showJoint(visit: Visit): Promise<Reply> {
  const { campaign, pact, joint, parties } = await requireJoint(visit)
  const state = stateOf(pact, joint)
  return {
    page: JointPage({
      ...{ frame: visit.frame, campaign: labelOf(campaign), pactId: pact.id, title: titleOf(joint), state },
      code: groupCode(pact.code),
      deadline: joint.deadline,
      parties: parties.map((party) => ({
        ...rowOf(party.role === 'witness' ? 'witness' : 'signer', party.person!),
        ...{ partyId: party.id, standing: standingOf(party, state), at: party.agreedAt ?? undefined },
        isAsked: party.invitedAt !== null && ['ready', 'declined'].includes(party.state),
      })),
      canDownload: parties.some((party) => party.signedAt),
      mayChange: mayChange(visit),
      done: doneWords[visit.query.get('hasil') ?? ''],
    }),
  }
}

export async function download(visit: Visit): Promise<Reply> {
  const { pact } = await requireJoint(visit)
  const file = await readPact(visit.house, visit.house.db, pact.id)
  return { file, name: `pakta-${pact.code}.pdf`, type: 'application/pdf' }
}

export async function send(visit: Visit): Promise<Reply> {
  const { campaign, pact, parties } = await requireJoint(visit)
  const party = parties.find((one) => one.id === idField(visit, 'partyId'))
  if (!party) throw new PactError('BAD_FORM', 'Pihak ini tidak ada pada pakta ini.')
  const outcome = await sendNewLink(visit.house, party.id, actingAs(visit))
  return { redirect: `${paths.joint(campaign.id, pact.id)}?hasil=${outcome}` }
}

async function endPage(visit: Visit, what: 'saksi' | 'tutup'): Promise<Reply> {
  const { campaign, pact, joint, parties } = await requireJoint(visit)
  if (pact.state !== 'open') throw new PactError('STALE', 'Pakta ini sudah lengkap atau sudah ditutup.')
  const missing = parties.filter((party) => !party.agreedAt && (what === 'tutup' || party.role === 'signer'))
  return {
    page: JointEndPage({
      ...{ frame: visit.frame, campaign: labelOf(campaign), pactId: pact.id, title: titleOf(joint), what },
      missing: missing.map(
        ({ person }) => `${person!.name}, ${jabatanOf(person!)} ${person!.region || person!.institution}`,
      ),
    }),
  }
}
export const showEndParties = (visit: Visit) => endPage(visit, 'saksi')
export const showClose = (visit: Visit) => endPage(visit, 'tutup')

export async function end(visit: Visit): Promise<Reply> {
  const { campaign, pact } = await requireJoint(visit)
  await endParties(visit.house, pact.id, actingAs(visit))
  return { redirect: `${paths.joint(campaign.id, pact.id)}?hasil=saksi` }
}

export async function close(visit: Visit): Promise<Reply> {
  const { campaign, pact } = await requireJoint(visit)
  await closeJoint(visit.house, pact.id, actingAs(visit))
  return { redirect: `${paths.joint(campaign.id, pact.id)}?hasil=tutup` }
}

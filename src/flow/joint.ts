import { formatDate } from '../domain/campaign.js'
import { PactError } from '../domain/errors.js'
import { jointColumns, parseJointParties } from '../domain/joint.js'
import { CODE_BYTES, formatCode } from '../domain/pact.js'
import type { RowError } from '../domain/sheet.js'
import { presentParties } from '../evidence/filling.js'
import { joinPressed } from '../evidence/press.js'
import { type Campaign, findCampaign, findTemplateVersions } from '../store/campaigns.js'
import { type Database, transact } from '../store/db.js'
import { insertEvent } from '../store/ledger.js'
import {
  closeJointPact,
  deleteJointDraft,
  findJointDraft,
  findJointDue,
  findJointPact,
  insertJointDraft,
  insertJointPact,
  type JointDraft,
  type JointPact,
} from '../store/joint.js'
import {
  findPact,
  findParties,
  freezePact,
  lockPact,
  movePact,
  type Pact,
  type Party,
  insertNamedPact,
} from '../store/pacts.js'
import { findPemda } from '../store/pemdas.js'
import { readSheets, writeXlsx } from '../store/sheets.js'
import { callWitnesses, keepChunk } from './file.js'
import type { Act, House } from './house.js'
import { pressPaper } from './page.js'
import { composePaper, fillJoint } from './paper.js'

type Acting = Act & { accountId: number }

/** What an administrator writes beside the list of parties. */
export interface JointForm {
  campaignId: number
  path: string // of the uploaded list, XLSX or CSV
  region: string // "Sumatera Barat"
  place: string // "Auditorium Gubernuran"
  city: string // "Kota Padang"
  unitCode: string // the office's part of the document number
  day: Date // of the ceremony
  isOrdered: boolean
  deadline: Date
}

/**
 * Reads a list of parties and keeps it, to be looked at before anything is sent.
 *
 * @returns the draft, or what is wrong with the list; nothing is kept then
 * @throws BAD_FORM for words that are missing or a deadline in the past; BAD_FILE for what is no list
 */
export async function prepareJoint(
  house: House,
  form: JointForm,
  act: Acting,
): Promise<{ draftId: number; errors?: never } | { draftId?: never; errors: RowError[] }> {
  const campaign = await findCampaign(house.db, form.campaignId)
  if (campaign?.state !== 'open')
    throw new PactError('STALE', 'Kegiatan ini belum dibuka atau sudah ditutup.')
  if (form.deadline <= act.now) throw new PactError('BAD_FORM', 'Batas waktu harus di masa depan.')
  const words = wordsOf(form, campaign)
  const blank = Object.entries(words).find(([, value]) => value.trim() === '')
  if (blank) throw new PactError('BAD_FORM', `Isi ${blank[0].replaceAll('_', ' ')}.`)
  const { parties, errors } = await parseJointParties(readSheets(form.path))
  if (errors.length > 0) return { errors }
  const { campaignId, isOrdered, deadline } = form
  const draftId = await insertJointDraft(house.db, {
    ...{ campaignId, isOrdered, deadline, parties, words, accountId: act.accountId, now: act.now },
  })
  return { draftId }
}

/** The list of parties to fill in, XLSX, with a line of each kind as an example. */
export function writeJointForm(): Promise<Buffer> {
  const rows = [
    ['pihak', 'Kabupaten Contoh', 'Nama Lengkap, Gelar', 'Bupati', '', 'bupati@contoh.example', '', '', ''],
    [
      ...['pihak', 'Kota Contoh', 'Nama Lengkap, Gelar', 'Sekretaris Daerah', '', 'sekda@contoh.example'],
      ...['Wali Kota', '800/12/2026', '30-11-2026'],
    ],
    [
      ...['saksi', '', 'Nama Lengkap, Gelar', 'Ketua', 'Bawaslu Provinsi Contoh', 'ketua@contoh.example'],
      ...['', '', ''],
    ],
  ]
  return writeXlsx([{ name: 'PIHAK', columns: jointColumns.map((title) => ({ title })), rows }])
}

/** Drops a draft: nothing was sent. @throws STALE when it was opened or dropped before */
export async function dropJoint(house: House, draftId: number): Promise<void> {
  if (!(await deleteJointDraft(house.db, draftId)))
    throw new PactError('STALE', 'Rancangan ini sudah dibuka atau dibuang.')
}

const ONES = 'nol satu dua tiga empat lima enam tujuh delapan sembilan sepuluh sebelas'.split(' ')

/** A number from 0 to 9,999 in Indonesian words: "dua ribu dua puluh dua". */
export function spellNumber(value: number): string {
  const rest = (size: number) => (value % size === 0 ? '' : ` ${spellNumber(value % size)}`)
  if (value < 12) return ONES[value]!
  if (value < 20) return `${ONES[value - 10]!} belas`
  if (value < 100) return `${ONES[Math.floor(value / 10)]!} puluh${rest(10)}`
  if (value < 200) return `seratus${rest(100)}`
  if (value < 1000) return `${ONES[Math.floor(value / 100)]!} ratus${rest(100)}`
  if (value < 2000) return `seribu${rest(1000)}`
  return `${spellNumber(Math.floor(value / 1000))} ribu${rest(1000)}`
}

const WEEKDAYS = ['Minggu', 'Senin', 'Selasa', 'Rabu', 'Kamis', 'Jumat', 'Sabtu']

function wordsOf(form: JointForm, campaign: Campaign): Record<string, string> {
  const [day, month, year] = formatDate(form.day, campaign.timeZone).split(' ') as [string, string, string]
  return {
    unit_kode: form.unitCode.trim(),
    provinsi: form.region.trim(),
    hari: WEEKDAYS[weekdayOf(form.day, campaign)]!,
    tanggal_terbilang: spellNumber(Number(day)),
    bulan: month,
    tahun_terbilang: spellNumber(Number(year)),
    tanggal_angka: `${day} ${month} ${year}`,
    tempat_acara: form.place.trim(),
    kota_acara: form.city.trim(),
  }
}

const OFFSET_HOURS = { WIB: 7, WITA: 8, WIT: 9 }
const weekdayOf = (at: Date, { timeZone }: Campaign) =>
  new Date(at.getTime() + OFFSET_HOURS[timeZone] * 3_600_000).getUTCDay()

async function findJointTemplate(house: House, tx: Database) {
  const version = (await findTemplateVersions(tx)).find((one) => one.signerClass === 'JOINT')
  if (!version)
    throw new PactError(
      'BAD_TEMPLATE',
      'Belum ada naskah pakta bersama yang dirilis. Rilis naskahnya dahulu.',
    )
  return { version, template: house.templateOf(version) }
}

/** The page of a draft as it will be laid out, stamped as a preview. */
export async function previewJoint(house: House, draft: JointDraft, now: Date): Promise<Uint8Array> {
  // Made and taken back: what is shown is what would be made.
  let preview: Uint8Array | undefined
  await transact(house.db, async (tx) => {
    const pactId = await makePact(house, tx, draft, { accountId: await accountOf(tx, draft), now })
    const paper = await composePaper(house, tx, (await findPact(tx, pactId))!)
    preview = joinPressed(await pressPaper(house, tx, paper, undefined))
    throw new Undo()
  }).catch((error: unknown) => {
    if (!(error instanceof Undo)) throw error
  })
  return preview!
}
class Undo extends Error {}

async function accountOf(tx: Database, draft: JointDraft): Promise<number> {
  const found = await findJointDraft(tx, draft.id)
  if (!found) throw new PactError('STALE', 'Rancangan ini sudah dibuka atau dibatalkan.')
  return found.accountId
}

async function makePact(
  house: House,
  tx: Database,
  draft: JointDraft,
  by: { accountId: number; now: Date },
): Promise<number> {
  const { version, template } = await findJointTemplate(house, tx)
  const campaign = (await findCampaign(tx, draft.campaignId))!
  const pemda = (await findPemda(tx, campaign.pemdaId))!
  const values = fillJoint({ parties: draft.parties, words: draft.words, number: '-', campaign, pemda })
  const people = {
    signer: draft.parties.filter((party) => party.role === 'signer'),
    witness: draft.parties.filter((party) => party.role === 'witness'),
  }
  const parties = presentParties(template, values).map(({ slot, role }) => {
    if (role === 'acknowledger')
      throw new PactError('BAD_TEMPLATE', 'Naskah bersama tidak mengenal pihak yang mengetahui.')
    return { slot, role, person: people[role].shift()!.person }
  })
  const { campaignId, isOrdered, words, deadline } = draft
  const pactId = await insertNamedPact(tx, {
    ...{ campaignId, templateCode: version.code, templateVersion: version.version, now: by.now },
    ...{ code: formatCode(house.random(CODE_BYTES)), isOrdered, parties },
  })
  await insertJointPact(tx, { pactId, isOrdered, words, deadline, accountId: by.accountId })
  return pactId
}

/**
 * Opens a joint pact: its page is laid out with a place for every party, and never again. From now on nobody can be
 * added or left out; who does not sign is named on the page.
 *
 * @returns the pact
 * @throws STALE when somebody else opened or dropped the draft; as the press
 */
export async function openJoint(house: House, draftId: number, act: Acting): Promise<number> {
  return transact(house.db, async (tx) => {
    const draft = await deleteJointDraft(tx, draftId)
    if (!draft) throw new PactError('STALE', 'Rancangan ini sudah dibuka atau dibatalkan.')
    const campaign = await findCampaign(tx, draft.campaignId)
    if (campaign?.state !== 'open')
      throw new PactError('STALE', 'Kegiatan ini belum dibuka atau sudah ditutup.')
    const { accountId, now } = act
    const pactId = await makePact(house, tx, draft, { accountId, now })
    const paper = await composePaper(house, tx, (await findPact(tx, pactId))!)
    const { filled, number, textSha256 } = paper
    await freezePact(tx, { id: pactId, identity: null, filled, number, textSha256 })
    const base = await pressPaper(house, tx, paper, { agreedAt: now, mark: { kind: 'typed', name: '' } })
    await keepChunk(house, tx, pactId, { slot: null, ...base, at: now })
    await insertEvent(tx, {
      ...{
        at: now,
        kind: 'joint_opened',
        pemdaId: campaign.pemdaId,
        campaignId: campaign.id,
        pactId,
        accountId,
      },
      ...act.origin,
      detail: { parties: paper.parties.length, textSha256: textSha256.toString('hex') },
    })
    return pactId
  })
}

/** Lets the witnesses sign although parties are missing; those can sign no more. */
export async function endParties(house: House, pactId: number, act: Acting): Promise<void> {
  await transact(house.db, async (tx) => {
    const { pact, joint, parties } = await lockJoint(tx, pactId)
    if (joint.witnessesAt) throw new PactError('STALE', 'Giliran saksi sudah dimulai.')
    if (!parties.some((party) => party.role === 'signer' && party.agreedAt))
      throw new PactError('STALE', 'Belum ada pihak yang menandatangani.')
    await callWitnesses(tx, { joint, parties, now: act.now })
    await record(tx, pact, 'joint_parties_ended', { ...act, parties })
  })
}

/**
 * Closes a joint pact: it is sealed as it is, and the page names who is missing. Whoever has agreed a moment before is
 * still signed for; whoever has not can no more.
 *
 * @param act.accountId null: its deadline has passed
 * @throws STALE when it is closed, complete, or nobody has signed
 */
export async function closeJoint(
  house: House,
  pactId: number,
  act: Act & { accountId: number | null },
): Promise<void> {
  await transact(house.db, async (tx) => {
    const { pact, parties } = await lockJoint(tx, pactId)
    const { now, accountId } = act
    if (!parties.some((party) => party.agreedAt))
      throw new PactError('STALE', 'Belum ada yang menandatangani, jadi belum ada yang dapat ditutup.')
    if (!(await closeJointPact(tx, { pactId, accountId, now })))
      throw new PactError('STALE', 'Pakta ini sudah ditutup.')
    if (parties.every((party) => party.state !== 'agreed'))
      await movePact(tx, { id: pactId, from: 'open', to: 'complete', now })
    await record(tx, pact, 'joint_closed', { ...act, parties })
  })
}

async function lockJoint(
  tx: Database,
  pactId: number,
): Promise<{ pact: Pact; joint: JointPact; parties: Party[] }> {
  const pact = await lockPact(tx, pactId)
  const joint = pact && (await findJointPact(tx, pactId))
  if (!joint) throw new PactError('NOT_FOUND', 'Pakta bersama ini tidak ada.')
  if (pact.state !== 'open') throw new PactError('STALE', 'Pakta ini sudah lengkap atau sudah ditutup.')
  return { pact, joint, parties: await findParties(tx, pactId) }
}

const record = (
  tx: Database,
  pact: Pact,
  kind: 'joint_parties_ended' | 'joint_closed',
  { now, origin, accountId, parties }: Act & { accountId: number | null; parties: Party[] },
) =>
  insertEvent(tx, {
    ...{
      at: now,
      kind,
      campaignId: pact.campaignId,
      pactId: pact.id,
      ...(accountId !== null && { accountId }),
    },
    ...origin,
    detail: { missing: parties.filter((party) => !party.agreedAt).map((party) => party.slot) },
  })

/** Closes what has passed its deadline with at least one signature. @returns how many were closed */
export async function closeJointDue(house: House, clock: () => Date): Promise<number> {
  const now = clock()
  let closed = 0
  for (const { pactId } of await findJointDue(house.db, { now, limit: 20 })) {
    const parties = await findParties(house.db, pactId)
    if (!parties.some((party) => party.agreedAt)) continue
    await closeJoint(house, pactId, { now, origin: { address: '', userAgent: '' }, accountId: null })
    closed++
  }
  return closed
}

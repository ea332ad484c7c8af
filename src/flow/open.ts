import type {
  CampaignState,
  ElectionKind,
  ExclusionReason,
  MailPolicy,
  SigningRule,
  TimeZone,
} from '../domain/campaign.js'
import { findAccount } from '../store/accounts.js'
import { PactError } from '../domain/errors.js'
import { checkRepertoire } from '../domain/repertoire.js'
import { type SignerClass, signerClasses } from '../domain/pact.js'
import {
  type Campaign,
  endExclusion,
  findCampaign,
  findGate,
  findTemplateVersion,
  insertCampaign,
  insertExclusion,
  moveCampaign,
  overrideGate,
  saveCircular,
  setGateWitness,
} from '../store/campaigns.js'
import { transact } from '../store/db.js'
import { insertEvent } from '../store/ledger.js'
import { countAgreed, findPactByCode, lockPact, movePact } from '../store/pacts.js'
import type { Act, House } from './house.js'
import { SECOND_WITNESS } from './paper.js'

type Acting = Act & { accountId: number }

/** What an administrator fills in to prepare a campaign. */
export interface CampaignForm {
  pemdaId: number
  name: string
  electionKind: ElectionKind
  electionName: string
  legalBasisId: number
  timeZone: TimeZone
  deadline: Date
  eventPlace: string
  requiredLegalStatuses: string[]
  mailPolicy: MailPolicy
  templates: Record<SignerClass, { code: string; version: number }>
  rules: Record<SignerClass, SigningRule>
  units: { unitId: number; witnessAccountId: number | undefined }[]
  secondWitnessId: number | null // beside Bawaslu, on the pacts of all heads
}

/**
 * Prepares a campaign; nothing is sent until it is opened.
 *
 * @throws BAD_FORM when it could never be finished: no units, nobody required, a deadline in the past
 */
export async function prepareCampaign(house: House, form: CampaignForm, act: Acting): Promise<number> {
  if (!form.name.trim() || !form.electionName.trim())
    throw new PactError('BAD_FORM', 'Isi nama kegiatan dan nama pemilihan.')
  if (form.units.length === 0)
    throw new PactError('BAD_FORM', 'Pilih paling sedikit satu perangkat daerah atau kecamatan.')
  if (form.requiredLegalStatuses.length === 0)
    throw new PactError('BAD_FORM', 'Pilih paling sedikit satu kedudukan hukum yang wajib menandatangani.')
  if (form.deadline <= act.now) throw new PactError('BAD_FORM', 'Batas waktu harus di masa depan.')
  for (const signerClass of signerClasses)
    if (!form.templates[signerClass]) throw new PactError('BAD_FORM', `Pilih templat untuk ${signerClass}.`)
  const { secondWitnessId, templates } = form
  if (secondWitnessId !== null) {
    const witness = await findAccount(house.db, secondWitnessId)
    if (witness?.role !== 'witness' || witness.pemdaId !== form.pemdaId)
      throw new PactError('BAD_FORM', 'Pilih saksi kedua dari akun saksi.')
    const { code, version } = templates.HEAD
    const found = await findTemplateVersion(house.db, code, version)
    if (!found || !house.templateOf(found).optional.includes(SECOND_WITNESS))
      throw new PactError(
        'BAD_FORM',
        `Naskah ${code} versi ${version} tidak mempunyai tempat bagi saksi kedua. Pilih versi yang lebih baru.`,
      )
  }
  return transact(house.db, (tx) => insertCampaign(tx, { ...form, createdAt: act.now }))
}

const CIRCULAR_WORDS_MAX = 200

/**
 * Attaches the circular (surat edaran) that everybody acknowledges when they sign.
 *
 * @param of.file a PDF (attacker-controlled: kept and handed out, never opened here)
 * @throws BAD_FORM for words that are missing; BAD_FILE for what is no PDF; STALE once somebody has signed
 */
export async function attachCircular(
  house: House,
  of: { campaignId: number; number: string; title: string; issuedOn: string; file: Uint8Array },
  act: Acting,
): Promise<void> {
  const [number, title] = [checkRepertoire(of.number), checkRepertoire(of.title)]
  for (const [name, text] of [
    ['nomor', number],
    ['perihal', title],
  ] as const)
    if (text === '' || text.length > CIRCULAR_WORDS_MAX)
      throw new PactError('BAD_FORM', `Isi ${name} surat edaran, paling banyak ${CIRCULAR_WORDS_MAX} huruf.`)
  if (Buffer.from(of.file.subarray(0, 5)).toString('latin1') !== '%PDF-')
    throw new PactError('BAD_FILE', 'Surat edaran harus berupa PDF.')
  const sha256 = await house.files.put(of.file)
  await transact(house.db, async (tx) => {
    if ((await countAgreed(tx, of.campaignId)) > 0)
      throw new PactError('STALE', 'Surat edaran tidak dapat diganti lagi: sudah ada yang menandatangani.')
    await saveCircular(tx, {
      ...{ campaignId: of.campaignId, number, title, issuedOn: of.issuedOn, sha256 },
      ...{ sizeBytes: of.file.length, accountId: act.accountId, now: act.now },
    })
    await insertEvent(tx, {
      ...{ at: act.now, kind: 'circular_attached', campaignId: of.campaignId, accountId: act.accountId },
      ...act.origin,
      detail: { number, sha256: sha256.toString('hex') },
    })
  })
}

async function moveOn(house: House, campaignId: number, to: CampaignState, act: Acting): Promise<Campaign> {
  return transact(house.db, async (tx) => {
    const campaign = await findCampaign(tx, campaignId)
    if (!campaign) throw new PactError('NOT_FOUND', 'Kegiatan ini tidak ada.')
    const from = campaign.state
    const isAllowed =
      (from === 'draft' && to === 'open') ||
      (from === 'open' && to === 'closed') ||
      (from === 'closed' && to === 'open')
    if (!isAllowed || !(await moveCampaign(tx, { id: campaignId, from, to, now: act.now })))
      throw new PactError('STALE', 'Keadaan kegiatan sudah berubah. Muat ulang halaman.')
    await insertEvent(tx, {
      at: act.now,
      kind: to === 'open' ? 'campaign_opened' : 'campaign_closed',
      pemdaId: campaign.pemdaId,
      campaignId,
      accountId: act.accountId,
      ...act.origin,
    })
    return campaign
  })
}

/** Opens a campaign: from now on heads are invited, and their people once each gate opens. */
export const openCampaign = (house: House, campaignId: number, act: Acting) =>
  moveOn(house, campaignId, 'open', act)

/** Closes a campaign: no link opens any more, no mail leaves, and what is signed stays. */
export const closeCampaign = (house: House, campaignId: number, act: Acting) =>
  moveOn(house, campaignId, 'closed', act)

/** Lets a unit's people go before its head, for a vacant post or another reason that is put on record. */
export async function openGateByOverride(
  house: House,
  override: { campaignId: number; unitId: number; reason: string },
  act: Acting,
): Promise<void> {
  const reason = override.reason.trim()
  if (reason.length < 10)
    throw new PactError('BAD_FORM', 'Tulis alasannya, paling sedikit 10 huruf: alasan ini dicatat.')
  await transact(house.db, async (tx) => {
    const gate = await findGate(tx, override.campaignId, override.unitId)
    if (!gate) throw new PactError('NOT_FOUND', 'Unit ini tidak ikut dalam kegiatan.')
    const done = await overrideGate(tx, { ...override, reason, accountId: act.accountId, now: act.now })
    if (!done) throw new PactError('STALE', 'Unit ini sudah terbuka.')
    await insertEvent(tx, {
      at: act.now,
      kind: 'gate_overridden',
      campaignId: override.campaignId,
      unitId: override.unitId,
      accountId: act.accountId,
      ...act.origin,
      detail: { reason },
    })
  })
}

/**
 * Chooses who witnesses the pact of a unit's head. A pact that is already made keeps its witness: the name is
 * part of the page.
 */
export async function chooseWitness(
  house: House,
  chosen: { campaignId: number; unitId: number; witnessAccountId: number; pemdaId: number },
): Promise<void> {
  const account = await findAccount(house.db, chosen.witnessAccountId)
  if (account?.role !== 'bawaslu' || account.pemdaId !== chosen.pemdaId)
    throw new PactError('BAD_FORM', 'Pilih saksi dari Bawaslu.')
  const gate = await findGate(house.db, chosen.campaignId, chosen.unitId)
  if (!gate) throw new PactError('NOT_FOUND', 'Unit ini tidak ikut dalam kegiatan.')
  if (gate.headPactId !== null)
    throw new PactError(
      'STALE',
      'Pakta pimpinan unit ini sudah memuat nama saksinya, sehingga saksi tidak dapat diganti.',
    )
  await setGateWitness(house.db, chosen)
}

/** Takes a person out of the denominator, with a reason code. */
export async function excludeEmployee(
  house: House,
  excluded: { campaignId: number; employeeId: number; reason: ExclusionReason; note: string },
  act: Acting,
): Promise<void> {
  await transact(house.db, async (tx) => {
    if (!(await insertExclusion(tx, { ...excluded, accountId: act.accountId, now: act.now }))) return
    await insertEvent(tx, {
      at: act.now,
      kind: 'excluded',
      campaignId: excluded.campaignId,
      employeeId: excluded.employeeId,
      accountId: act.accountId,
      ...act.origin,
      detail: { reason: excluded.reason },
    })
  })
}

/** Brings an excluded person back into the denominator. */
export async function includeEmployee(
  house: House,
  included: { campaignId: number; employeeId: number },
  act: Acting,
): Promise<void> {
  await transact(house.db, async (tx) => {
    if (!(await endExclusion(tx, { ...included, accountId: act.accountId, now: act.now }))) return
    await insertEvent(tx, {
      at: act.now,
      kind: 'exclusion_ended',
      campaignId: included.campaignId,
      employeeId: included.employeeId,
      accountId: act.accountId,
      ...act.origin,
    })
  })
}

/** Declares a sealed pact void. Its file stays readable; the verify page says DICABUT with the reason. */
export async function revokePact(
  house: House,
  revoked: { code: string; reason: string; pemdaId: number },
  act: Acting,
): Promise<void> {
  const reason = revoked.reason.trim()
  if (reason.length < 10)
    throw new PactError(
      'BAD_FORM',
      'Tulis alasan pencabutan, paling sedikit 10 huruf: alasan ini tampil pada halaman verifikasi.',
    )
  await transact(house.db, async (tx) => {
    const pact = await findPactByCode(tx, revoked.code)
    const campaign = pact && (await findCampaign(tx, pact.campaignId))
    if (!pact || campaign?.pemdaId !== revoked.pemdaId)
      throw new PactError('NOT_FOUND', 'Kode ini tidak terdaftar.')
    await lockPact(tx, pact.id)
    const done = await movePact(tx, {
      id: pact.id,
      from: 'sealed',
      to: 'revoked',
      now: act.now,
      accountId: act.accountId,
      reason,
    })
    if (!done)
      throw new PactError('STALE', 'Hanya pakta yang sudah disegel yang dapat dicabut, dan hanya sekali.')
    await insertEvent(tx, {
      at: act.now,
      kind: 'revoked',
      campaignId: pact.campaignId,
      pactId: pact.id,
      accountId: act.accountId,
      ...act.origin,
      detail: { reason },
    })
  })
}

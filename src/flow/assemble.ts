import { PactError } from '../domain/errors.js'
import { type LinkPurpose, hashToken, makeToken, parseToken } from '../domain/links.js'
import type { PactText } from '../domain/pact.js'
import { fillTemplate } from '../evidence/filling.js'
import { qrModules } from '../evidence/qr.js'
import {
  type Assembly,
  countAttendance,
  endAssembly,
  findAssembly,
  findAssemblyByHash,
  insertAssembly,
  insertAttendance,
} from '../store/assemblies.js'
import { type Campaign, findCampaign, findTemplateVersions } from '../store/campaigns.js'
import { countByUnit, findRecentSignings, FOLD_AT_ONCE, foldCoverage } from '../store/coverage.js'
import { findPerson } from '../store/coverage-people.js'
import { transact } from '../store/db.js'
import { insertEvent } from '../store/ledger.js'
import { findEmployeeByNumber, findUnit } from '../store/people.js'
import { findPemda, type Pemda } from '../store/pemdas.js'
import type { Act, House } from './house.js'

type Acting = Act & { accountId: number }

/** Where an assembly's two doors are: the big screen, and the entrance that its QR code leads to. */
export const doorsOf = (house: House, { id }: Pick<Assembly, 'id'>) => ({
  screen: tokenOf(house, 'screen', id),
  entrance: tokenOf(house, 'entrance', id),
})
const tokenOf = (house: House, purpose: LinkPurpose, id: number) =>
  makeToken(house.keys.linkKey, { purpose, id, generation: 1 })

const TITLE_LENGTH_MAX = 120

/** Prepares an assembly. @throws BAD_FORM without a title; STALE when the campaign is not open */
export async function openAssembly(
  house: House,
  of: { campaign: Campaign; unitId: number | null; title: string; startsAt: Date },
  act: Acting,
): Promise<number> {
  const title = of.title.trim()
  if (title === '' || title.length > TITLE_LENGTH_MAX)
    throw new PactError('BAD_FORM', `Tulis nama apel, paling banyak ${TITLE_LENGTH_MAX} huruf.`)
  return transact(house.db, async (tx) => {
    const campaign = await findCampaign(tx, of.campaign.id)
    if (campaign?.state !== 'open')
      throw new PactError('STALE', 'Kegiatan ini belum dibuka atau sudah ditutup.')
    const unit = of.unitId === null ? undefined : await findUnit(tx, of.unitId)
    if (of.unitId !== null && unit?.pemdaId !== campaign.pemdaId)
      throw new PactError('NOT_FOUND', 'Unit ini tidak ada.')
    const id = await insertAssembly(tx, {
      ...{ campaignId: campaign.id, unitId: of.unitId, title, startsAt: of.startsAt },
      ...{ accountId: act.accountId, now: act.now },
      hashes: (made) => ({
        screen: hashToken(tokenOf(house, 'screen', made)),
        entrance: hashToken(tokenOf(house, 'entrance', made)),
      }),
    })
    await insertEvent(tx, {
      ...{ at: act.now, kind: 'assembly_opened', campaignId: campaign.id, accountId: act.accountId },
      ...(unit && { unitId: unit.id }),
      ...act.origin,
    })
    return id
  })
}

/** Shuts screen and entrance. @throws STALE when they are shut */
export async function closeAssembly(house: House, id: number, act: Acting): Promise<void> {
  await transact(house.db, async (tx) => {
    const assembly = await findAssembly(tx, id)
    if (!assembly || !(await endAssembly(tx, { id, now: act.now })))
      throw new PactError('STALE', 'Apel ini sudah diakhiri.')
    await insertEvent(tx, {
      ...{ at: act.now, kind: 'assembly_ended', campaignId: assembly.campaignId, accountId: act.accountId },
      ...act.origin,
    })
  })
}

/** An assembly with what stands around it. */
export interface Hall {
  assembly: Assembly
  campaign: Campaign
  pemda: Pemda
  unitName: string | undefined // undefined: the whole pemda
  path: string
}

/** What a door's secret (attacker-controlled) leads to; undefined when it leads nowhere. */
export async function openDoor(
  house: House,
  door: 'screen' | 'entrance',
  secret: string,
): Promise<Hall | undefined> {
  const token = parseToken(secret)
  const assembly = token && (await findAssemblyByHash(house.db, { door, hash: hashToken(token) }))
  if (!assembly) return undefined
  const campaign = (await findCampaign(house.db, assembly.campaignId))!
  const pemda = (await findPemda(house.db, campaign.pemdaId))!
  const unit = assembly.unitId === null ? undefined : await findUnit(house.db, assembly.unitId)
  return { assembly, campaign, pemda, unitName: unit?.name, path: unit?.path ?? '/' }
}

/** What a big screen shows at a moment. */
export interface ScreenState {
  signed: number
  required: number
  present: number
  recent: { unitName: string; at: string }[] // ISO 8601, newest first
  isEnded: boolean
}
const RECENT = 6
const looks = new WeakMap<House, Map<number, Promise<ScreenState>>>()

/** The state of a screen; screens of one assembly that ask while one is being answered share its answer. */
export function readScreen(house: House, hall: Hall, now: Date): Promise<ScreenState> {
  let going = looks.get(house)
  if (!going) looks.set(house, (going = new Map()))
  const { id } = hall.assembly
  const shared = going.get(id)
  if (shared) return shared
  const state = look(house, hall, now).finally(() => going.delete(id))
  going.set(id, state)
  return state
}

async function look(house: House, { assembly, campaign, path }: Hall, now: Date): Promise<ScreenState> {
  const { db } = house
  await foldCoverage(db, { limit: FOLD_AT_ONCE, now })
  const unitId = assembly.unitId ?? 0
  const counted = (await countByUnit(db, campaign.id, path)).filter((one) => one.unitId === unitId)
  const sum = (which: 'signed' | 'required') => counted.reduce((total, one) => total + one[which], 0)
  const recent = await findRecentSignings(db, { campaignId: campaign.id, path, limit: RECENT })
  return {
    ...{ signed: sum('signed'), required: sum('required') },
    present: (await countAttendance(db, assembly.id)).all,
    recent: recent.map(({ unitName, at }) => ({ unitName, at: at.toISOString() })),
    isEnded: (await findAssembly(db, assembly.id))?.endedAt !== null,
  }
}

/** The symbol of an address as the path of an SVG of `size` by `size` units. */
export function drawQr(text: string): { size: number; path: string } {
  const { size, dark } = qrModules(text)
  const parts: string[] = []
  dark.forEach((isDark, index) => {
    if (isDark) parts.push(`M${index % size} ${Math.floor(index / size)}h1v1h-1z`)
  })
  return { size, path: parts.join('') }
}

/**
 * Somebody types a number at the entrance: whose it is counts as present, and gets the link at the address on file.
 * The answer never tells whether there is such a person: the caller says the same to everybody.
 *
 * @param number what was typed (attacker-controlled)
 * @param act.accountId an officer who writes somebody down; without one it was the person, or whoever knows the number
 * @returns the party to remind, where there is one
 */
export async function enter(
  house: House,
  hall: Hall,
  number: string,
  act: Act & { accountId?: number },
): Promise<{ employeeId: number; partyId: number | null } | undefined> {
  const identityNumber = number.replace(/[\s.-]/g, '')
  const { assembly, campaign, path } = hall
  if (assembly.endedAt) return undefined
  const found =
    (await findEmployeeByNumber(house.db, { pemdaId: campaign.pemdaId, identityNumber })) ??
    (await findEmployeeByNumber(house.db, { pemdaId: campaign.pemdaId, identityNumber: number.trim() }))
  const person = found && (await findPerson(house.db, campaign.id, found.id))
  if (!person?.unitPath.startsWith(path)) return undefined
  const { employeeId, partyId } = person
  const officerId = act.accountId ?? null
  await insertAttendance(house.db, { assemblyId: assembly.id, employeeId, officerId, now: act.now })
  return { employeeId, partyId }
}

/** The words of the pledge that is read aloud, without the record that follows them; undefined when there is none. */
export async function readPledge(
  house: House,
  { campaign, pemda, unitName }: Hall,
): Promise<PactText | undefined> {
  const version = (await findTemplateVersions(house.db)).find((one) => one.signerClass === 'PLEDGE')
  if (!version) return undefined
  const template = house.templateOf(version)
  const values = Object.fromEntries(template.placeholders.map((name) => [name, '-']))
  const { blocks } = fillTemplate(template, {
    ...values,
    ...{ nama_unit: unitName ?? pemda.name, pemerintah_daerah: pemda.governmentName },
    nama_pemilihan: campaign.electionName,
  })
  const end = blocks.findIndex((block) => block.kind === 'heading')
  // It is read aloud; a number it gets as a document.
  return { blocks: blocks.slice(0, end === -1 ? undefined : end).filter(({ kind }) => kind !== 'number') }
}

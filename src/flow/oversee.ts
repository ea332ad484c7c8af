import { readFile } from 'node:fs/promises'
import { PactError } from '../domain/errors.js'
import { parseRegionMap } from '../domain/geojson.js'
import { type Campaign, findCampaign, setCampaignParent } from '../store/campaigns.js'
import { transact } from '../store/db.js'
import { insertEvent } from '../store/ledger.js'
import { findUnits } from '../store/people.js'
import {
  findPemda,
  findPemdasBelow,
  replaceShapes,
  saveViolation,
  type ViolationFigure,
} from '../store/pemdas.js'
import type { Act, House } from './house.js'

type Acting = Act & { accountId: number }

/**
 * Lets a campaign count into one of the government above it, or takes it out again.
 *
 * @param of.parentId null: it counts into none
 * @param of.shared what that government sees: totals, or every unit; names never
 * @throws FORBIDDEN when that campaign is not one of the government directly above
 */
export async function attachCampaign(
  house: House,
  of: { campaign: Campaign; parentId: number | null; shared: Campaign['shared'] },
  act: Acting,
): Promise<void> {
  const { campaign, parentId, shared } = of
  await transact(house.db, async (tx) => {
    const pemda = (await findPemda(tx, campaign.pemdaId))!
    const above = parentId === null ? undefined : await findCampaign(tx, parentId)
    if (parentId !== null && (!above || above.pemdaId !== pemda.parentId))
      throw new PactError('FORBIDDEN', 'Pilih kegiatan pemerintah provinsi Anda.')
    await setCampaignParent(tx, { id: campaign.id, parentId, shared })
    await insertEvent(tx, {
      ...{ at: act.now, kind: 'campaign_attached', pemdaId: campaign.pemdaId, campaignId: campaign.id },
      ...{ accountId: act.accountId, ...act.origin },
      detail: { parentId, shared },
    })
  })
}

export const VIOLATION_YEARS = { min: 2000, max: 2100 }
const TEXT_LENGTH_MAX = 200

/**
 * Enters how many neutrality violations somebody published for a year, for the own government or one below it.
 *
 * @throws BAD_FORM for what is no year or number; FORBIDDEN for another government
 */
export async function enterViolation(
  house: House,
  figure: ViolationFigure & { ofPemdaId: number },
  act: Acting,
): Promise<void> {
  const { ofPemdaId, ...stated } = figure
  const { pemdaId, year, n } = stated
  if (!Number.isInteger(year) || year < VIOLATION_YEARS.min || year > VIOLATION_YEARS.max)
    throw new PactError('BAD_FORM', 'Tulis tahun dengan empat angka, misalnya 2020.')
  if (!Number.isInteger(n) || n < 0 || n > 1_000_000)
    throw new PactError('BAD_FORM', 'Tulis jumlahnya dengan angka.')
  for (const text of [stated.election, stated.source])
    if (text.trim() === '' || text.length > TEXT_LENGTH_MAX)
      throw new PactError(
        'BAD_FORM',
        `Isi pemilihan dan sumbernya, masing-masing paling banyak ${TEXT_LENGTH_MAX} huruf.`,
      )
  await transact(house.db, async (tx) => {
    const pemda = await findPemda(tx, pemdaId)
    if (!pemda || (pemda.id !== ofPemdaId && pemda.parentId !== ofPemdaId))
      throw new PactError('FORBIDDEN', 'Daerah ini bukan wilayah Anda.')
    await saveViolation(tx, { ...stated, accountId: act.accountId, now: act.now })
    await insertEvent(tx, {
      ...{ at: act.now, kind: 'violation_entered', pemdaId, accountId: act.accountId, ...act.origin },
      detail: { year, n },
    })
  })
}

/**
 * Takes in a map of the own regions, in place of the one before.
 *
 * @param of.path of the uploaded GeoJSON; undefined takes the map away
 * @returns how many regions it has, the codes that are nobody's here, and units that the map leaves out
 * @throws BAD_FILE, saying what to mend; the map before stays then
 */
export async function saveMap(
  house: House,
  of: { pemdaId: number; path: string | undefined },
  act: Acting,
): Promise<{ shapes: number; unknown: string[]; without: string[] }> {
  const { pemdaId, path } = of
  const units = (await findUnits(house.db, pemdaId)).filter((unit) => unit.regionCode !== null)
  const below = await findPemdasBelow(house.db, [pemdaId])
  const known = new Map([
    ...units.map((unit) => [unit.regionCode!, unit.name] as const),
    ...below.map((pemda) => [pemda.code, pemda.name] as const),
  ])
  const map =
    path === undefined
      ? { shapes: [], unknown: [] }
      : parseRegionMap(await readText(path), new Set(known.keys()))
  await transact(house.db, async (tx) => {
    await replaceShapes(tx, pemdaId, map.shapes)
    await insertEvent(tx, {
      ...{ at: act.now, kind: 'map_changed', pemdaId, accountId: act.accountId, ...act.origin },
      detail: { shapes: map.shapes.length },
    })
  })
  const drawn = new Set(map.shapes.map((shape) => shape.code))
  const without = [...known]
    .filter(([code]) => path !== undefined && !drawn.has(code))
    .map(([, name]) => name)
  return { shapes: map.shapes.length, unknown: map.unknown, without }
}

async function readText(path: string): Promise<string> {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(await readFile(path))
  } catch (cause) {
    throw new PactError('BAD_FILE', 'Berkas ini bukan teks UTF-8, jadi bukan GeoJSON.', { cause })
  }
}

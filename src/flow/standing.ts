import { timeZones } from '../domain/campaign.js'
import {
  addCounts,
  type ChangeCause,
  type Counts,
  type CoverageNode,
  growTree,
  signedPermille,
  zeroCounts,
} from '../domain/coverage.js'
import { PactError } from '../domain/errors.js'
import type { RegionShape } from '../domain/geojson.js'
import { type Campaign, findGates } from '../store/campaigns.js'
import {
  countByCampaign,
  countByUnit,
  countChanges,
  countRegions,
  countStale,
  countTallies,
  countUnits,
  foldCoverage,
  type RegionCoverage,
  type Tallies,
} from '../store/coverage.js'
import { findUnit, findUnits, type Unit } from '../store/people.js'
import { findShapes, type Pemda } from '../store/pemdas.js'
import type { House } from './house.js'

// Where a unit stands: its numbers, and what explains them.

/** A unit's coverage with what explains its numbers. */
export interface Coverage extends Tallies {
  node: CoverageNode
  unitCount: number // units of the subtree that take part
  changes: { day: string; cause: ChangeCause; arrived: number; went: number }[] // of the denominator, oldest first
  shapes: ReadonlyMap<number, RegionShape> // outlines of units directly below, where a map has them
  unit: Unit | undefined // undefined for the whole pemda
  place: { rank: number; of: number } | undefined // among units of its kind beside it, by share; equal shares share a rank
  isBehind: boolean // many changes at once (a roster was imported) are still being counted
}

// What a page waits for is what happened in the last moments; a big import is left to `countDue`.
const FOLD_BEFORE_READING = 500

/** Brings the counters up to what happened in the last moments, before they are read. */
export async function refreshCoverage(house: House, now: Date): Promise<{ isBehind: boolean }> {
  const isBehind = (await countStale(house.db, FOLD_BEFORE_READING)) >= FOLD_BEFORE_READING
  if (!isBehind) await foldCoverage(house.db, { limit: FOLD_BEFORE_READING, now })
  return { isBehind }
}

/** The root of a pemda's tree: no unit of its own, everything below it. */
export const PEMDA_UNIT_ID = 0

/**
 * Coverage of a whole pemda, or of one unit and everything below it.
 *
 * @param unitId undefined for the whole pemda
 * @throws NOT_FOUND when the unit is not one of this pemda's
 */
export async function coverUnit(
  house: House,
  of: { campaign: Campaign; pemda: Pemda; unitId: number | undefined; now: Date },
): Promise<Coverage> {
  const { campaign, pemda } = of
  const unit = of.unitId === undefined ? undefined : await findUnit(house.db, of.unitId)
  if (of.unitId !== undefined && unit?.pemdaId !== pemda.id)
    throw new PactError('NOT_FOUND', 'Unit ini tidak ada.')
  const path = unit?.path ?? '/'
  const { isBehind } = await refreshCoverage(house, of.now)
  const counted = await countByUnit(house.db, campaign.id, path)
  const gates = await findGates(house.db, campaign.id)
  const all = await findUnits(house.db, pemda.id)
  const asn = new Map<number, Counts>()
  const nonAsn = new Map<number, Counts>()
  for (const { unitId, isNonAsn, ...counts } of counted) (isNonAsn ? nonAsn : asn).set(unitId, counts)
  const gateOf = new Map(gates.map((gate) => [gate.unitId, gate.state]))
  // Only what takes part in the campaign, with the units below it.
  const included = all.filter(
    (one) => one.path.startsWith(path) && one.gateId !== null && gateOf.has(one.gateId),
  )
  const rows = included.map((one: Unit) => ({
    unitId: one.id,
    parentId: one.id === unit?.id ? undefined : (one.parentId ?? PEMDA_UNIT_ID),
    code: one.code,
    kind: one.kind,
    name: one.name,
    ...(gateOf.has(one.id) && { gate: gateOf.get(one.id)! }),
    asn: asn.get(one.id) ?? zeroCounts,
    nonAsn: nonAsn.get(one.id) ?? zeroCounts,
  }))
  const root = {
    unitId: PEMDA_UNIT_ID,
    parentId: undefined,
    code: pemda.code,
    kind: 'pemda',
    name: pemda.governmentName,
    asn: asn.get(PEMDA_UNIT_ID) ?? zeroCounts,
    nonAsn: nonAsn.get(PEMDA_UNIT_ID) ?? zeroCounts,
  }
  const [node] = growTree(unit ? rows : [root, ...rows])
  if (!node) throw new PactError('NOT_FOUND', 'Unit ini tidak ikut dalam kegiatan ini.')
  return {
    ...(await countTallies(house.db, { campaignId: campaign.id, unitId: unit?.id ?? PEMDA_UNIT_ID })),
    node,
    unitCount: included.length,
    changes: await countChanges(house.db, {
      campaignId: campaign.id,
      path,
      zone: timeZones[campaign.timeZone],
    }),
    unit,
    shapes: await shapesOf(house, pemda, node, all),
    place: unit && (await placeOf(house, campaign.id, unit, all)),
    isBehind,
  }
}

async function shapesOf(house: House, pemda: Pemda, node: CoverageNode, all: readonly Unit[]) {
  const below = new Set(node.children.map((child) => child.unitId))
  const unitIds = new Map(
    all.flatMap((one) =>
      below.has(one.id) && one.regionCode !== null ? [[one.regionCode, one.id] as const] : [],
    ),
  )
  const shapes = await findShapes(house.db, { pemdaId: pemda.id, codes: [...unitIds.keys()] })
  return new Map(shapes.map((shape) => [unitIds.get(shape.code)!, shape]))
}

async function placeOf(house: House, campaignId: number, unit: Unit, all: readonly Unit[]) {
  const beside = all.filter((one) => one.parentId === unit.parentId && one.kind === unit.kind)
  const counted = await countUnits(house.db, { campaignId, unitIds: beside.map((one) => one.id) })
  const shares = new Map(counted.map((one) => [one.unitId, signedPermille(one)]))
  const own = shares.get(unit.id)
  const others = [...shares.values()].filter((share) => share !== undefined)
  // Where nobody has signed yet, everybody would be first.
  if (!own || others.length < 2) return undefined
  return { rank: 1 + others.filter((share) => share > own).length, of: others.length }
}

/** The governments below a campaign's own, each with all that counts into its campaign. */
export async function coverRegion(
  house: House,
  of: { campaign: Campaign; now: Date },
): Promise<{ own: Counts; regions: RegionCoverage[] }> {
  const { id: campaignId, pemdaId } = of.campaign
  await refreshCoverage(house, of.now)
  const own = await countByCampaign(house.db, campaignId)
  return {
    own: own.reduce<Counts>((sum, part) => addCounts(sum, part), zeroCounts),
    regions: await countRegions(house.db, { campaignId, pemdaId }),
  }
}

/** The tree as rows for a spreadsheet, parents before children. */
export function flattenCoverage(node: CoverageNode, depth = 0): { depth: number; node: CoverageNode }[] {
  return [{ depth, node }, ...node.children.flatMap((child) => flattenCoverage(child, depth + 1))]
}

import { type ExclusionReason, timeZones } from '../domain/campaign.js'
import { addCounts, type Counts, type CoverageNode, sumTree, zeroCounts } from '../domain/coverage.js'
import { PactError } from '../domain/errors.js'
import { type Campaign, findGates } from '../store/campaigns.js'
import { countByUnit, countExclusions, countSignedByDay } from '../store/coverage.js'
import { findUnit, findUnits, type Pemda, type Unit } from '../store/people.js'
import type { House } from './house.js'

/** A unit's coverage with what explains its numbers. */
export interface Coverage {
  node: CoverageNode
  exclusions: { reason: ExclusionReason; n: number }[]
  days: { day: string; signed: number; total: number }[] // every local day from the first signature on
}

/** The root of a pemda's tree: no unit of its own, everything below it. */
const PEMDA_UNIT_ID = 0

/**
 * Coverage of a whole pemda, or of one unit and everything below it, counted from the facts.
 *
 * @param unitId undefined for the whole pemda
 * @throws NOT_FOUND when the unit is not one of this pemda's
 */
export async function coverUnit(
  house: House,
  of: { campaign: Campaign; pemda: Pemda; unitId: number | undefined },
): Promise<Coverage> {
  const { campaign, pemda } = of
  const unit = of.unitId === undefined ? undefined : await findUnit(house.db, of.unitId)
  if (of.unitId !== undefined && unit?.pemdaId !== pemda.id) throw new PactError('NOT_FOUND', 'Unit ini tidak ada.')
  const path = unit?.path ?? '/'
  const [counted, exclusions, days, gates, all] = [
    await countByUnit(house.db, campaign.id, path),
    await countExclusions(house.db, campaign.id, path),
    await countSignedByDay(house.db, { campaignId: campaign.id, path, zone: timeZones[campaign.timeZone] }),
    await findGates(house.db, campaign.id),
    await findUnits(house.db, pemda.id),
  ]
  const asn = new Map<number, Counts>()
  const nonAsn = new Map<number, Counts>()
  for (const { unitId, isNonAsn, ...counts } of counted) (isNonAsn ? nonAsn : asn).set(unitId, counts)
  const gateOf = new Map(gates.map((gate) => [gate.unitId, gate.state]))
  // Only what takes part in the campaign, with the units below it.
  const included = all.filter((one) => one.path.startsWith(path) && one.gateId !== null && gateOf.has(one.gateId))
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
    asn: zeroCounts,
    nonAsn: zeroCounts,
  }
  const [node] = sumTree(unit ? rows : [root, ...rows])
  if (!node) throw new PactError('NOT_FOUND', 'Unit ini tidak ikut dalam kegiatan ini.')
  return { node, exclusions, days: fillDays(days) }
}

// Days without a signature are part of the line too.
function fillDays(days: { day: string; n: number }[]): Coverage['days'] {
  const filled: Coverage['days'] = []
  let total = 0
  for (const { day, n } of days) {
    let next = filled.length > 0 ? nextDay(filled.at(-1)!.day) : day
    while (next < day) {
      filled.push({ day: next, signed: 0, total })
      next = nextDay(next)
    }
    total += n
    filled.push({ day, signed: n, total })
  }
  return filled
}

const nextDay = (day: string) => new Date(Date.parse(`${day}T00:00:00Z`) + 86_400_000).toISOString().slice(0, 10)

/** The tree as rows for a spreadsheet, parents before children. */
export function flattenCoverage(node: CoverageNode, depth = 0): { depth: number; node: CoverageNode }[] {
  return [{ depth, node }, ...node.children.flatMap((child) => flattenCoverage(child, depth + 1))]
}

/** The counts of a set of nodes together. */
export function sumCounts(nodes: readonly CoverageNode[]): Counts {
  return nodes.reduce((sum, node) => addCounts(sum, node.total), zeroCounts)
}

/**
 * What is counted about a set of people in one campaign. Every count is of people, never of documents or
 * mails.
 *
 * - `required`: in the campaign's units, with a legal status that must sign, and not excluded: the denominator
 * - `excluded`: would be required but for a logged exclusion; outside the denominator
 * - the others are subsets of `required`: a person counts in as many as are true
 */
export interface Counts {
  required: number
  invited: number // a personal link was delivered to a mail server at least once
  undeliverable: number // no address, or the last mail was refused for good, and has not signed
  opened: number
  signed: number
  declined: number
  disputed: number // said "data saya keliru" and waits for an administrator
  excluded: number
}

export const zeroCounts: Counts = {
  required: 0,
  invited: 0,
  undeliverable: 0,
  opened: 0,
  signed: 0,
  declined: 0,
  disputed: 0,
  excluded: 0,
}

const countNames = Object.keys(zeroCounts) as (keyof Counts)[]

/** Sum of two counts. */
export function addCounts(left: Counts, right: Counts): Counts {
  const sum = { ...left }
  for (const name of countNames) sum[name] += right[name]
  return sum
}

/** Where a unit's gate stands: its people are invited only once it is open. */
export type GateState = 'head_missing' | 'waiting_head' | 'waiting_witness' | 'open' | 'overridden'

/** One unit of the coverage tree with the people in it and below it. */
export interface CoverageNode {
  unitId: number
  code: string
  kind: string
  name: string
  gate?: GateState // only on units with a gate (OPD, kecamatan)
  own: Counts // people who belong to this very unit
  total: Counts // own plus everything below
  nonAsn: Counts // the part of `total` that is not ASN, counted on its own
  children: CoverageNode[]
}

/** A unit as the tree is made from: parents may come after their children. */
export interface CoverageUnit {
  unitId: number
  parentId: number | undefined
  code: string
  kind: string
  name: string
  gate?: GateState
  asn: Counts
  nonAsn: Counts
}

/**
 * The coverage tree of a list of units.
 *
 * @param units any order; every `parentId` is undefined or the id of another row
 * @returns the roots, children in the order given
 */
export function sumTree(units: readonly CoverageUnit[]): CoverageNode[] {
  const nodes = new Map<number, CoverageNode>()
  for (const unit of units) {
    const own = addCounts(unit.asn, unit.nonAsn)
    nodes.set(unit.unitId, {
      unitId: unit.unitId,
      code: unit.code,
      kind: unit.kind,
      name: unit.name,
      ...(unit.gate && { gate: unit.gate }),
      own,
      total: own,
      nonAsn: unit.nonAsn,
      children: [],
    })
  }
  const roots: CoverageNode[] = []
  for (const unit of units) {
    const node = nodes.get(unit.unitId)!
    const parent = unit.parentId === undefined ? undefined : nodes.get(unit.parentId)
    if (parent) parent.children.push(node)
    else roots.push(node)
  }
  const total = (node: CoverageNode): CoverageNode => {
    for (const child of node.children.map(total)) {
      node.total = addCounts(node.total, child.total)
      node.nonAsn = addCounts(node.nonAsn, child.nonAsn)
    }
    return node
  }
  return roots.map(total)
}

/**
 * Share of the required people who signed, in tenths of a percent, or undefined when nobody is required (a
 * village without civil servants is not at 0 %). Rounded down, so that 100 % means everybody.
 */
export function signedPermille(counts: Counts): number | undefined {
  return counts.required === 0 ? undefined : Math.floor((counts.signed * 1000) / counts.required)
}

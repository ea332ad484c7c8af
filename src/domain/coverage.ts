import type { ExclusionReason } from './campaign.js'

/**
 * What is counted about a set of people in one campaign. Every count is of people, never of documents or
 * mails.
 *
 * - `required`: in the campaign's units, with a legal status that must sign, and not excluded: the denominator
 * - `excluded`: would be required but for a logged exclusion; outside the denominator
 * - `exempt`: in the campaign's units with a legal status that need not sign; outside the denominator
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
  exempt: number
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
  exempt: 0,
}

const countNames = Object.keys(zeroCounts) as (keyof Counts)[]

/** Sum of two counts. */
export function addCounts(left: Counts, right: Counts): Counts {
  const sum = { ...left }
  for (const name of countNames) sum[name] += right[name]
  return sum
}

/** What is left of `whole` without `part`. */
export function subtractCounts(whole: Counts, part: Counts): Counts {
  const rest = { ...whole }
  for (const name of countNames) rest[name] -= part[name]
  return rest
}

/** Why somebody came into a denominator, went out of it, or from one unit's into another's. */
export const changeCauses = {
  ADDED: 'pegawai baru',
  LEFT: 'tidak lagi tercatat',
  MOVED: 'pindah unit',
  STATUS: 'kedudukan hukum berubah',
  INCLUDED: 'pengecualian diakhiri',
} as const
export type ChangeCause = keyof typeof changeCauses | ExclusionReason

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
  asn: Counts // of the unit and everything below it
  nonAsn: Counts
}

/**
 * The coverage tree of a list of units.
 *
 * @param units any order; every `parentId` is undefined or the id of another row
 * @returns the roots, children in the order given
 */
export function growTree(units: readonly CoverageUnit[]): CoverageNode[] {
  const nodes = new Map<number, CoverageNode>()
  for (const { asn, nonAsn, unitId, code, kind, name, gate } of units) {
    const total = addCounts(asn, nonAsn)
    nodes.set(unitId, {
      ...{ unitId, code, kind, name },
      ...(gate && { gate }),
      ...{ own: total, total, nonAsn, children: [] },
    })
  }
  const roots: CoverageNode[] = []
  for (const unit of units) {
    const node = nodes.get(unit.unitId)!
    const parent = unit.parentId === undefined ? undefined : nodes.get(unit.parentId)
    if (!parent) roots.push(node)
    else {
      parent.children.push(node)
      parent.own = subtractCounts(parent.own, node.total)
    }
  }
  return roots
}

/**
 * Share of the required people who signed, in tenths of a percent, or undefined when nobody is required (a
 * village without civil servants is not at 0 %). Rounded down, so that 100 % means everybody.
 */
export function signedPermille(counts: Pick<Counts, 'required' | 'signed'>): number | undefined {
  return counts.required === 0 ? undefined : Math.floor((counts.signed * 1000) / counts.required)
}

const wholeNumber = new Intl.NumberFormat('id-ID')
const oneDecimal = new Intl.NumberFormat('id-ID', { minimumFractionDigits: 1, maximumFractionDigits: 1 })

/** "5.023". */
export function formatCount(count: number): string {
  return wholeNumber.format(count)
}

/** "88,4%" from tenths of a percent; an en dash when nobody is required. */
export function formatPermille(permille: number | undefined): string {
  return permille === undefined ? '–' : `${oneDecimal.format(permille / 10)}%`
}

import { type ExclusionReason, formatMoment, timeZones } from '../domain/campaign.js'
import { type Counts, type CoverageNode, signedPermille, sumTree, zeroCounts } from '../domain/coverage.js'
import { PactError } from '../domain/errors.js'
import { groupCode, type SecondFactor, type SignatureMethod } from '../domain/pact.js'
import { formatName } from '../domain/roster.js'
import { type Campaign, findGates } from '../store/campaigns.js'
import {
  countByUnit,
  countExclusions,
  countMethods,
  countSignedByDay,
  findPeople,
  type PersonStatus,
} from '../store/coverage.js'
import { countOtherStatuses, findUnit, findUnits, type Unit } from '../store/people.js'
import { type Pemda } from '../store/pemdas.js'
import { writeCsv, writeXlsx } from '../store/sheets.js'
import type { House } from './house.js'

/** A unit's coverage with what explains its numbers. */
export interface Coverage {
  node: CoverageNode
  exclusions: { reason: ExclusionReason; n: number }[]
  days: { day: string; signed: number }[] // local days with a signature, oldest first
  unitCount: number // units of the subtree that take part
  methods: { method: SignatureMethod; secondFactor: SecondFactor | null; count: number }[] // of what is signed
  otherStatusCount: number // people of these units whose legal status need not sign
  unit: Unit | undefined // undefined for the whole pemda
}

/** The root of a pemda's tree: no unit of its own, everything below it. */
export const PEMDA_UNIT_ID = 0

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
  if (of.unitId !== undefined && unit?.pemdaId !== pemda.id)
    throw new PactError('NOT_FOUND', 'Unit ini tidak ada.')
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
    asn: zeroCounts,
    nonAsn: zeroCounts,
  }
  const [node] = sumTree(unit ? rows : [root, ...rows])
  if (!node) throw new PactError('NOT_FOUND', 'Unit ini tidak ikut dalam kegiatan ini.')
  return {
    node,
    exclusions,
    days: days.map(({ day, n }) => ({ day, signed: n })),
    unitCount: included.length,
    methods: await countMethods(house.db, { campaignId: campaign.id, path }),
    otherStatusCount: await countOtherStatuses(house.db, {
      path,
      gateIds: [...gateOf.keys()],
      statuses: campaign.requiredLegalStatuses,
    }),
    unit,
  }
}

/** The tree as rows for a spreadsheet, parents before children. */
export function flattenCoverage(node: CoverageNode, depth = 0): { depth: number; node: CoverageNode }[] {
  return [{ depth, node }, ...node.children.flatMap((child) => flattenCoverage(child, depth + 1))]
}

const COLUMNS = [
  'Kode',
  'Jenis',
  'Unit',
  'Wajib',
  'Diundang',
  'Tidak terkirim',
  'Dibuka',
  'Menandatangani',
  'Belum bersedia',
  'Data keliru',
  'Dikecualikan',
  'Persen',
] as const

/** Coverage of a subtree as a spreadsheet. */
export async function exportCoverage(node: CoverageNode, format: 'csv' | 'xlsx'): Promise<Uint8Array> {
  const rows = flattenCoverage(node).map(({ depth, node: { code, kind, name, total } }) => {
    const permille = signedPermille(total)
    return [
      code,
      kind,
      `${'   '.repeat(depth)}${name}`,
      total.required,
      total.invited,
      total.undeliverable,
      total.opened,
      total.signed,
      total.declined,
      total.disputed,
      total.excluded,
      permille === undefined ? null : permille / 10,
    ]
  })
  return write('Cakupan', COLUMNS, rows, format)
}

/** The people of a subtree with where each stands, as a spreadsheet; for those who may see names. */
export async function exportPeople(
  house: House,
  of: { campaign: Campaign; path: string; format: 'csv' | 'xlsx' },
): Promise<Uint8Array> {
  const people = await findPeople(house.db, {
    campaignId: of.campaign.id,
    path: of.path,
    limit: 200_000,
    offset: 0,
  })
  const rows = people.map((person) => [
    person.identityNumber,
    formatName(person),
    person.jabatan,
    person.unitName,
    personStatusWords[person.status],
    person.agreedAt ? formatMoment(person.agreedAt, of.campaign.timeZone) : '',
    person.code ? groupCode(person.code) : '',
  ])
  const columns = [
    'Nomor induk',
    'Nama',
    'Jabatan',
    'Unit kerja',
    'Keadaan',
    'Ditandatangani',
    'Kode verifikasi',
  ]
  return write('Pegawai', columns, rows, of.format)
}

async function write(
  name: string,
  columns: readonly string[],
  rows: (string | number | null)[][],
  format: 'csv' | 'xlsx',
): Promise<Uint8Array> {
  return format === 'csv'
    ? Buffer.from(writeCsv(columns, rows))
    : writeXlsx([{ name, columns: columns.map((title) => ({ title })), rows }])
}

/** Where a person stands, in words. */
export const personStatusWords: Record<PersonStatus, string> = {
  signed: 'Sudah menandatangani',
  disputed: 'Data keliru',
  declined: 'Belum bersedia',
  excluded: 'Dikecualikan',
  undeliverable: 'Surel tidak terkirim',
  opened: 'Sudah dibuka',
  invited: 'Sudah diundang',
  waiting: 'Belum diundang',
}

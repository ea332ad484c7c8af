import { formatMoment } from '../domain/campaign.js'
import { type CoverageNode, signedPermille } from '../domain/coverage.js'
import { groupCode } from '../domain/pact.js'
import { formatName } from '../domain/roster.js'
import type { Campaign } from '../store/campaigns.js'
import {
  countStale,
  findRecountDue,
  FOLD_AT_ONCE,
  foldCoverage,
  type PersonStatus,
  recountCoverage,
  refreshCoverageStatistics,
} from '../store/coverage.js'
import { findPeople } from '../store/coverage-people.js'
import { writeCsv, writeXlsx } from '../store/sheets.js'
import type { House } from './house.js'
import { flattenCoverage } from './standing.js'

/** Counts what has changed. @returns how much was done */
export async function countDue(house: House, clock: () => Date): Promise<number> {
  const folded = await foldCoverage(house.db, { limit: FOLD_AT_ONCE, now: clock() })
  // A roster or a campaign has just been counted: from now on the planner must not think these tables empty.
  if (folded >= MANY && (await countStale(house.db, FOLD_AT_ONCE)) < FOLD_AT_ONCE)
    await refreshCoverageStatistics(house.db)
  return folded
}
const MANY = 1000

const RECOUNT_HOUR = 1 // local to Western Indonesia: nobody signs then
const HOUR = 3_600_000
const JAKARTA_OFFSET = 7 * HOUR
const DAY = 24 * HOUR

/** Once a night every open campaign is counted anew from the facts; what differs is mended and said. */
export async function recountDue(house: House, clock: () => Date): Promise<number> {
  const local = clock().getTime() + JAKARTA_OFFSET - RECOUNT_HOUR * HOUR
  const before = new Date(Math.floor(local / DAY) * DAY - JAKARTA_OFFSET + RECOUNT_HOUR * HOUR)
  const [due] = await findRecountDue(house.db, { before, limit: 1 })
  if (!due) return 0
  const { people, differences } = await recountCoverage(house.db, {
    campaignId: due.campaignId,
    now: clock(),
  })
  if (differences > 0)
    house.log(
      `coverage of campaign ${due.campaignId}: ${differences} counters or people of ${people} differed from the facts and were mended`,
    )
  return 1
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
  'Tidak wajib',
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
      total.exempt,
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
  exempt: 'Tidak wajib menurut kedudukan hukum',
}

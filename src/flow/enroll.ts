import { PactError } from '../domain/errors.js'
import {
  isGateKind,
  checkUnitTree,
  formatCapacity,
  parseUnitHeader,
  parseUnitRow,
  type UnitRow,
} from '../domain/unit.js'
import { parseRoster } from '../domain/roster.js'
import type { RowError } from '../domain/sheet.js'
import { transact } from '../store/db.js'
import { insertEvent } from '../store/ledger.js'
import {
  applyImport,
  countDifferences,
  deleteImportRows,
  findImport,
  findUnits,
  insertImport,
  insertImportRows,
  moveImport,
  type RosterImport,
  type RosterProblem,
  saveUnit,
  settleHeads,
  type Unit,
  updateImportRead,
} from '../store/people.js'
import { insertPemda, lockPemda, type PemdaStated, setPemdaParent } from '../store/pemdas.js'
import { readSheets } from '../store/sheets.js'
import type { Act, House } from './house.js'

const BATCH_ROWS = 1000
/** Row errors and warnings that a preview shows; all are counted. */
const PROBLEMS_SHOWN = 500
/** From this share of the roster on, people who "left" look like a wrong file: the operator types the number. */
export const LEFT_SHARE_TO_ASK = 0.05

/**
 * Enters a pemda, or leaves the one with this code as it is.
 *
 * @param pemda.parentCode the province that it belongs to
 * @throws NOT_FOUND when there is no such province; nothing is entered then
 */
export async function enrollPemda(
  house: Pick<House, 'db'>,
  { parentCode, ...pemda }: PemdaStated & { parentCode?: string | undefined },
  now: Date,
): Promise<void> {
  await transact(house.db, async (tx) => {
    await insertPemda(tx, { ...pemda, now })
    if (parentCode !== undefined && !(await setPemdaParent(tx, { code: pemda.code, parentCode })))
      throw new PactError(
        'NOT_FOUND',
        `Tidak ada pemerintah daerah dengan kode ${parentCode}; daftarkan dahulu.`,
      )
  })
}

/** Enters the units of a pemda; parents before children, as given by `checkUnitTree` without errors. */
export async function enrollUnits(
  house: Pick<House, 'db'>,
  pemdaId: number,
  units: readonly UnitRow[],
): Promise<Record<'added' | 'changed' | 'same', number>> {
  const counts = { added: 0, changed: 0, same: 0 }
  const byCode = new Map(units.map((unit) => [unit.code, unit]))
  const done = new Set<string>()
  await transact(house.db, async (tx) => {
    const save = async (unit: UnitRow): Promise<void> => {
      if (done.has(unit.code)) return
      done.add(unit.code)
      const parent = unit.parentCode === '' ? undefined : byCode.get(unit.parentCode)
      if (parent) await save(parent)
      counts[
        await saveUnit(tx, {
          pemdaId,
          code: unit.code,
          parentCode: unit.parentCode === '' ? undefined : unit.parentCode,
          kind: unit.kind,
          name: unit.name,
          regionCode: unit.regionCode,
          siasnKey: unit.unorId === '' ? null : unit.unorId,
          headIdentityNumber: unit.headNip,
          headCapacity: formatCapacity(unit.headCapacity),
          isGate: isGateKind(unit.kind),
        })
      ]++
    }
    for (const unit of units) await save(unit)
    await settleHeads(tx, pemdaId)
  })
  return counts
}

/** Reads a unit file (XLSX or CSV). Nothing is written; with errors there are no units to enroll. */
export async function readUnits(path: string): Promise<{ units: UnitRow[]; errors: RowError[] }> {
  const found: { sheet: string; rowNumber: number; unit: UnitRow }[] = []
  const errors: RowError[] = []
  let header: ReturnType<typeof parseUnitHeader>
  for await (const row of readSheets(path)) {
    if (!header) {
      header = parseUnitHeader(row)
      if (header) errors.push(...header.errors)
      continue
    }
    const parsed = parseUnitRow(row, header.header)
    errors.push(...parsed.errors)
    if (parsed.row) found.push({ sheet: row.sheet, rowNumber: row.rowNumber, unit: parsed.row })
  }
  if (!header)
    throw new PactError('BAD_SPREADSHEET', 'Berkas ini tidak memuat judul kolom KODE, NAMA, JENIS.')
  return { units: found.map((one) => one.unit), errors: [...errors, ...checkUnitTree(found)] }
}

/**
 * Reads a roster file (XLSX or CSV), stages its rows and says what confirming would do. The roster itself does
 * not change.
 *
 * Crash while reading: the import stays in state 'reading'; it can never be confirmed, and the next one clears
 * it away.
 *
 * @param onProgress told the number of rows read, every thousand
 * @throws BAD_SPREADSHEET when the file cannot be read at all
 */
export async function checkRoster(
  house: Pick<House, 'db'>,
  file: { pemdaId: number; path: string; fileName: string; accountId: number | undefined },
  act: { now: Date; onProgress?: (rowCount: number) => void },
): Promise<RosterImport> {
  const { db } = house
  const id = await insertImport(db, { ...file, kind: 'roster', now: act.now })
  const findUnitId = unitFinder(await findUnits(db, file.pemdaId))
  const shown: RosterProblem[] = []
  const totals = { error: 0, warning: 0 }
  const note = (severity: 'error' | 'warning', problem: RowError) => {
    totals[severity]++
    if (shown.length < PROBLEMS_SHOWN) shown.push({ severity, ...problem })
  }
  const types = new Set<string>()
  const spared: string[] = []
  let batch: Parameters<typeof insertImportRows>[2] = []
  let rowCount = 0
  try {
    for await (const item of parseRoster(readSheets(file.path))) {
      if (item.kind === 'skipped')
        note('warning', {
          sheet: item.sheet,
          row: 1,
          column: '',
          value: '',
          rule: 'HEADER',
          message: 'Lembar ini dilewati: tidak ada judul kolom yang dikenali pada baris-baris awal.',
        })
      if (item.kind !== 'row') continue
      rowCount++
      if (rowCount % BATCH_ROWS === 0) act.onProgress?.(rowCount)
      for (const warning of item.warnings) note('warning', warning)
      for (const error of item.errors) note('error', error)
      const unitId = item.row && findUnitId(item.row)
      if (item.row && unitId === undefined)
        note('error', {
          sheet: item.sheet,
          row: item.rowNumber,
          column: 'UNOR NAMA',
          value: item.row.unitName.slice(0, 40),
          rule: 'PARENT',
          message: 'Unit ini tidak ada dalam daftar unit. Tambahkan unitnya, atau perbaiki namanya.',
        })
      if (item.row && unitId !== undefined) {
        types.add(item.row.employmentType)
        batch.push({ ...item.row, unitId })
        if (batch.length === BATCH_ROWS) {
          await insertImportRows(db, id, batch)
          batch = []
        }
      } else if (item.identityNumber ?? item.row?.identityNumber)
        spared.push((item.identityNumber ?? item.row?.identityNumber)!)
    }
    if (batch.length > 0) await insertImportRows(db, id, batch)
  } catch (error) {
    await moveImport(db, { id, from: 'reading', to: 'cancelled', now: act.now })
    await deleteImportRows(db, id)
    throw error
  }
  await updateImportRead(db, {
    id,
    rowCount,
    employmentTypes: [...types],
    spared,
    problems: { total: totals.error + totals.warning, errors: totals.error, shown },
  })
  await moveImport(db, {
    id,
    from: 'reading',
    to: 'checked',
    counts: await countDifferences(db, id),
    now: act.now,
  })
  return (await findImport(db, id))!
}

/**
 * Makes the roster what a checked file says: all of it, or nothing.
 *
 * @throws STALE when it was confirmed or cancelled meanwhile, or the roster has changed since the check
 */
export async function confirmRoster(
  house: Pick<House, 'db'>,
  confirmed: { importId: number; pemdaId: number; accountId: number | undefined },
  act: Act,
): Promise<void> {
  await transact(house.db, async (tx) => {
    await lockPemda(tx, confirmed.pemdaId)
    const checked = await findImport(tx, confirmed.importId)
    if (!checked || checked.pemdaId !== confirmed.pemdaId)
      throw new PactError('NOT_FOUND', 'Impor ini tidak ada.')
    const isMine = await moveImport(tx, {
      id: confirmed.importId,
      from: 'checked',
      to: 'confirmed',
      now: act.now,
    })
    if (!isMine) throw new PactError('STALE', 'Impor ini sudah diselesaikan. Muat ulang halaman.')
    const counts = await countDifferences(tx, confirmed.importId)
    if (JSON.stringify(counts) !== JSON.stringify(sortCounts(checked.counts)))
      throw new PactError(
        'STALE',
        'Daftar pegawai berubah sejak berkas ini diperiksa. Unggah dan periksa kembali.',
      )
    await applyImport(tx, { importId: confirmed.importId, now: act.now })
    await settleHeads(tx, confirmed.pemdaId)
    await insertEvent(tx, {
      at: act.now,
      kind: 'roster_confirmed',
      pemdaId: confirmed.pemdaId,
      ...(confirmed.accountId !== undefined && { accountId: confirmed.accountId }),
      ...act.origin,
      detail: { importId: confirmed.importId, ...counts },
    })
  })
}

// jsonb does not keep the order of keys.
const sortCounts = ({ added, changed, moved, left, returned, unchanged }: RosterImport['counts']) => ({
  added,
  changed,
  moved,
  left,
  returned,
  unchanged,
})

/** Drops a checked file; the roster never knew of it. */
export async function cancelRoster(
  house: Pick<House, 'db'>,
  cancelled: { importId: number; pemdaId: number },
  now: Date,
): Promise<void> {
  await transact(house.db, async (tx) => {
    const checked = await findImport(tx, cancelled.importId)
    if (checked?.pemdaId !== cancelled.pemdaId) throw new PactError('NOT_FOUND', 'Impor ini tidak ada.')
    if (await moveImport(tx, { id: cancelled.importId, from: 'checked', to: 'cancelled', now }))
      await deleteImportRows(tx, cancelled.importId)
  })
}

// A row names its unit by SIASN's id, by our code, or by name; a name that stands twice needs its parent's.
function unitFinder(units: Unit[]) {
  const normal = (name: string) =>
    name
      .toUpperCase()
      .replace(/[^\p{L}\p{N}]+/gu, ' ')
      .trim()
  const nameOf = new Map(units.map((unit) => [unit.id, normal(unit.name)]))
  const byKey = new Map<string, number>()
  const byName = new Map<string, number[]>()
  for (const unit of units) {
    byKey.set(unit.code, unit.id)
    if (unit.siasnKey) byKey.set(unit.siasnKey, unit.id)
    byName.set(normal(unit.name), [...(byName.get(normal(unit.name)) ?? []), unit.id])
  }
  const parentOf = new Map(units.map((unit) => [unit.id, unit.parentId]))
  return (row: { unitKey: string; unitName: string; parentUnitName: string }): number | undefined => {
    const keyed = row.unitKey === '' ? undefined : byKey.get(row.unitKey)
    if (keyed !== undefined) return keyed
    const named = byName.get(normal(row.unitName)) ?? []
    if (named.length === 1) return named[0]
    const under = named.filter((id) => {
      const parent = parentOf.get(id)
      return parent != null && nameOf.get(parent) === normal(row.parentUnitName)
    })
    return under.length === 1 ? under[0] : undefined
  }
}

import type { RosterRow } from '../domain/roster.js'
import { type Database, refreshStatistics, row, rows } from './db.js'

export interface Unit {
  id: number
  pemdaId: number
  parentId: number | null
  gateId: number | null
  code: string
  kind: string
  name: string
  regionCode: string | null
  siasnKey: string | null
  path: string
  headIdentityNumber: string | null
  headEmployeeId: number | null
  headCapacity: string
}

const UNIT = `id, pemda_id as "pemdaId", parent_id as "parentId", gate_id as "gateId", code, kind, name,
  region_code as "regionCode", siasn_key as "siasnKey", path, head_identity_number as "headIdentityNumber",
  head_employee_id as "headEmployeeId", head_capacity as "headCapacity"`

/** One unit as a unit list states it; `parentCode` undefined at the top. */
export interface UnitRecord {
  code: string
  parentCode: string | undefined
  kind: string
  name: string
  regionCode: string | null
  siasnKey: string | null
  headIdentityNumber: string | null
  headCapacity: string
}

/**
 * Inserts or updates one unit by its code. Parents come before their children.
 *
 * @returns what changed: 'added', 'changed' or 'same'
 */
export async function saveUnit(
  db: Database,
  unit: UnitRecord & { pemdaId: number; isGate: boolean },
): Promise<'added' | 'changed' | 'same'> {
  const parent =
    unit.parentCode === undefined
      ? undefined
      : await row<{ id: number; path: string; gateId: number | null }>(
          db,
          `select id, path, gate_id as "gateId" from unit where pemda_id = :pemdaId and code = :parentCode`,
          { pemdaId: unit.pemdaId, parentCode: unit.parentCode },
        )
  if (unit.parentCode !== undefined && !parent)
    throw new Error(`unit ${unit.code} before its parent ${unit.parentCode}`)
  const before = await row<Unit>(db, `select ${UNIT} from unit where pemda_id = :pemdaId and code = :code`, {
    pemdaId: unit.pemdaId,
    code: unit.code,
  })
  const { id } =
    before ??
    (await row<{ id: number }>(db, `select nextval(pg_get_serial_sequence('unit', 'id'))::int as id`))!
  const bindings = {
    id,
    pemdaId: unit.pemdaId,
    parentId: parent?.id ?? null,
    gateId: unit.isGate ? id : (parent?.gateId ?? null),
    code: unit.code,
    kind: unit.kind,
    name: unit.name,
    regionCode: unit.regionCode,
    siasnKey: unit.siasnKey,
    path: `${parent?.path ?? '/'}${id}/`,
    headIdentityNumber: unit.headIdentityNumber,
    headCapacity: unit.headCapacity,
  }
  if (!before) {
    await rows(
      db,
      `insert into unit (id, pemda_id, parent_id, gate_id, code, kind, name, region_code, siasn_key, path,
         head_identity_number, head_capacity)
       overriding system value
       values (:id, :pemdaId, :parentId, :gateId, :code, :kind, :name, :regionCode, :siasnKey, :path,
         :headIdentityNumber, :headCapacity)`,
      bindings,
    )
    return 'added'
  }
  const isSame = Object.entries(bindings).every(([name, value]) => before[name as keyof Unit] === value)
  if (isSame) return 'same'
  await rows(
    db,
    `update unit
     set parent_id = :parentId, gate_id = :gateId, kind = :kind, name = :name, region_code = :regionCode,
       siasn_key = :siasnKey, path = :path, head_identity_number = :headIdentityNumber, head_capacity = :headCapacity
     where id = :id`,
    bindings,
  )
  // What stands below comes along, also where the list does not name it.
  if (before.path !== bindings.path || before.gateId !== bindings.gateId)
    await rows(
      db,
      `update unit
       set path = :path || substr(path, length(:before) + 1), gate_id = :gateId
       where path like :below and id <> :id`,
      { id, path: bindings.path, gateId: bindings.gateId, before: before.path, below: `${before.path}%` },
    )
  return 'changed'
}

/** Points every unit at the employee who heads it by the unit list, now that the roster may know them. */
export async function settleHeads(db: Database, pemdaId: number): Promise<void> {
  await rows(
    db,
    `update unit
     set head_employee_id = head.id
     from unit as old
     left join employee as head on head.pemda_id = old.pemda_id
       and head.identity_number = old.head_identity_number
       and head.left_at is null
     where unit.id = old.id and old.pemda_id = :pemdaId and unit.head_employee_id is distinct from head.id`,
    { pemdaId },
  )
}

export function findUnits(db: Database, pemdaId: number) {
  return rows<Unit>(db, `select ${UNIT} from unit where pemda_id = :pemdaId order by code`, { pemdaId })
}

export function findUnit(db: Database, id: number) {
  return row<Unit>(db, `select ${UNIT} from unit where id = :id`, { id })
}

/** The unit and everything above it, top first. */
export function findUnitAncestors(db: Database, unit: { path: string }) {
  const ids = unit.path.split('/').filter(Boolean).map(Number)
  return rows<Unit>(db, `select ${UNIT} from unit where id = any (:ids::int[]) order by length(path)`, {
    ids,
  })
}

// --- the roster ---

const EMPLOYEE_FIELDS = {
  employment_type: 'employmentType',
  name: 'name',
  title_prefix: 'titlePrefix',
  title_suffix: 'titleSuffix',
  email: 'email',
  email_alternative: 'emailAlternative',
  phone: 'phone',
  legal_status: 'legalStatus',
  legal_status_text: 'legalStatusText',
  grade: 'grade',
  jabatan: 'jabatan',
  jenis_jabatan: 'jenisJabatan',
  eselon: 'eselon',
  funding_source: 'fundingSource',
  contract_number: 'contractNumber',
  contract_date: 'contractDate',
} as const satisfies Record<string, keyof RosterRow>
const FIELDS = Object.keys(EMPLOYEE_FIELDS)
const NAMED_FIELDS = Object.entries(EMPLOYEE_FIELDS)
  .map(([column, name]) => `employee.${column} as "${name}"`)
  .join(', ')

export interface Employee extends Omit<RosterRow, 'unitKey' | 'unitName' | 'parentUnitName'> {
  id: number
  pemdaId: number
  unitId: number
  leftAt: Date | null
}

/** The employee of a pemda with this NIP, NI PPPK or contract number. */
export async function findEmployeeByNumber(
  db: Database,
  by: { pemdaId: number; identityNumber: string },
): Promise<{ id: number } | undefined> {
  return row<{ id: number }>(
    db,
    'select id from employee where pemda_id = :pemdaId and identity_number = :identityNumber and left_at is null',
    by,
  )
}

export function findEmployee(db: Database, id: number) {
  return row<Employee>(
    db,
    `select employee.id, employee.pemda_id as "pemdaId", employee.unit_id as "unitId", identity_number as "identityNumber",
       left_at as "leftAt", ${NAMED_FIELDS}
     from employee where id = :id`,
    { id },
  )
}

/** Corrects an employee's mail address. */
export async function updateEmail(
  db: Database,
  change: { id: number; email: string; now: Date },
): Promise<void> {
  await rows(db, `update employee set email = :email, updated_at = :now where id = :id`, change)
}

/** Sets the address that one-time codes go to; null takes it away. */
export async function updateSecondEmail(
  db: Database,
  change: { id: number; email: string | null; now: Date },
): Promise<void> {
  await rows(db, `update employee set email_alternative = :email, updated_at = :now where id = :id`, change)
}

/** How many other people of the roster have this address. */
export async function countOthersWithEmail(
  db: Database,
  query: { employeeId: number; email: string },
): Promise<number> {
  const counted = await row<{ n: number }>(
    db,
    `select count(*)::int as n from employee
     where id <> :employeeId and left_at is null and lower(:email) in (lower(email), lower(email_alternative))`,
    { employeeId: query.employeeId, email: query.email },
  )
  return counted!.n
}

/** Mends what a person said is wrong about them. */
export async function updateIdentity(
  db: Database,
  change: {
    id: number
    name: string
    titlePrefix: string
    titleSuffix: string
    jabatan: string
    grade: string
    now: Date
  },
): Promise<void> {
  await rows(
    db,
    `update employee
     set name = :name, title_prefix = :titlePrefix, title_suffix = :titleSuffix, jabatan = :jabatan, grade = :grade,
       updated_at = :now
     where id = :id`,
    change,
  )
}

/**
 * Starts an import. Abandoned ones of the same pemda are cleared away first: a crash while reading, a checked
 * file that nobody confirmed within a week.
 */
export async function insertImport(
  db: Database,
  made: {
    pemdaId: number
    kind: 'roster' | 'units'
    accountId: number | undefined
    fileName: string
    now: Date
  },
): Promise<number> {
  await rows(
    db,
    `update roster_import set state = 'cancelled', ended_at = :now
     where pemda_id = :pemdaId
       and ((state = 'reading' and created_at < :now::timestamptz - interval '1 hour')
         or (state = 'checked' and created_at < :now::timestamptz - interval '7 days'))`,
    { pemdaId: made.pemdaId, now: made.now },
  )
  await rows(
    db,
    `delete from roster_import_row using roster_import
     where roster_import.id = import_id and state in ('cancelled', 'confirmed')`,
  )
  const { id } = (await row<{ id: number }>(
    db,
    `insert into roster_import (pemda_id, kind, account_id, file_name, state, created_at)
     values (:pemdaId, :kind, :accountId, :fileName, 'reading', :now)
     returning id`,
    { ...made, accountId: made.accountId ?? null },
  ))!
  return id
}

/** Stages rows of a file that is being read. */
export async function insertImportRows(
  db: Database,
  importId: number,
  staged: (RosterRow & { unitId: number })[],
): Promise<void> {
  const columns = ['identity_number', 'unit_id', ...FIELDS]
  const named = { identity_number: 'identityNumber', unit_id: 'unitId', ...EMPLOYEE_FIELDS } as Record<
    string,
    string
  >
  const records = staged.map((one) =>
    Object.fromEntries(
      columns.map((column) => [column, (one as unknown as Record<string, unknown>)[named[column]!] ?? null]),
    ),
  )
  await rows(
    db,
    `insert into roster_import_row (import_id, ${columns.join(', ')})
     select :importId, ${columns.join(', ')}
     from jsonb_to_recordset(:records::jsonb)
       as staged (${columns.map((column) => `${column} ${column === 'unit_id' ? 'integer' : 'text'}`).join(', ')})`,
    { importId, records: JSON.stringify(records) },
  )
}

/** A row of a checked file against the roster: what confirming would do to one person. */
export interface RosterDifference {
  kind: 'added' | 'changed' | 'moved' | 'left' | 'returned'
  identityNumber: string
  name: string
  fromUnit: string | null
  toUnit: string | null
}

const IS_DIFFERENT = `(${FIELDS.map((field) => `staged.${field}`).join(', ')}) is distinct from (${FIELDS.map((field) => `employee.${field}`).join(', ')})`

// What confirming would do, as one query that both the preview and the confirmation use.
const DIFFERENCE = `
  select
    employee.id as employee_id,
    coalesce(staged.identity_number, employee.identity_number) as identity_number,
    coalesce(staged.name, employee.name) as name,
    employee.unit_id as from_unit_id,
    staged.unit_id as to_unit_id,
    case
      when employee.id is null then 'added'
      when staged.identity_number is null then 'left'
      when employee.left_at is not null then 'returned'
      when employee.unit_id <> staged.unit_id then 'moved'
      else 'changed'
    end as kind
  from (select * from roster_import_row where import_id = :importId) as staged
  full join (
    select employee.* from employee, roster_import
    where roster_import.id = :importId and employee.pemda_id = roster_import.pemda_id
  ) as employee on employee.identity_number = staged.identity_number
  cross join (select employment_types, spared from roster_import where id = :importId) as file
  where employee.id is null
    or (staged.identity_number is null
      and employee.left_at is null
      and employee.employment_type = any (file.employment_types)
      and employee.identity_number <> all (file.spared))
    or (staged.identity_number is not null
      and (employee.left_at is not null or employee.unit_id <> staged.unit_id or ${IS_DIFFERENT}))`

export type RosterCounts = Record<RosterDifference['kind'] | 'unchanged', number>

/** How many people confirming would add, change, move, let go and bring back. */
export async function countDifferences(db: Database, importId: number): Promise<RosterCounts> {
  const counts: RosterCounts = { added: 0, changed: 0, moved: 0, left: 0, returned: 0, unchanged: 0 }
  const found = await rows<{ kind: RosterDifference['kind']; n: number }>(
    db,
    `select kind, count(*)::int as n from (${DIFFERENCE}) as difference group by kind`,
    { importId },
  )
  for (const { kind, n } of found) counts[kind] = n
  const staged = (await row<{ n: number }>(
    db,
    `select count(*)::int as n from roster_import_row where import_id = :importId`,
    { importId },
  ))!
  counts.unchanged = staged.n - counts.added - counts.changed - counts.moved - counts.returned
  return counts
}

export function findDifferences(
  db: Database,
  query: { importId: number; kind: RosterDifference['kind']; limit: number },
) {
  return rows<RosterDifference>(
    db,
    `select difference.kind, identity_number as "identityNumber", difference.name, old.name as "fromUnit", new.name as "toUnit"
     from (${DIFFERENCE}) as difference
     left join unit as old on old.id = from_unit_id
     left join unit as new on new.id = to_unit_id
     where difference.kind = :kind
     order by identity_number
     limit :limit`,
    query,
  )
}

export interface RosterProblem {
  severity: 'error' | 'warning'
  sheet: string
  row: number
  column: string
  value: string
  rule: string
  message: string
}

export interface RosterImport {
  id: number
  pemdaId: number
  fileName: string
  state: 'reading' | 'checked' | 'confirmed' | 'cancelled'
  rowCount: number
  counts: RosterCounts
  problems: { total: number; errors: number; shown: RosterProblem[] }
  createdAt: Date
  endedAt: Date | null
}

const IMPORT = `id, pemda_id as "pemdaId", file_name as "fileName", state, row_count as "rowCount", counts, problems,
  created_at as "createdAt", ended_at as "endedAt"`

export function findImport(db: Database, id: number) {
  return row<RosterImport>(db, `select ${IMPORT} from roster_import where id = :id`, { id })
}

export function findImports(db: Database, pemdaId: number) {
  return rows<RosterImport>(
    db,
    `select ${IMPORT} from roster_import where pemda_id = :pemdaId and kind = 'roster' order by id desc limit 20`,
    { pemdaId },
  )
}

/** The file has been read to its end: states what it holds, before the differences are counted. */
export async function updateImportRead(
  db: Database,
  read: {
    id: number
    rowCount: number
    employmentTypes: string[]
    spared: string[]
    problems: RosterImport['problems']
  },
): Promise<void> {
  await rows(
    db,
    `update roster_import
     set row_count = :rowCount, employment_types = :employmentTypes::text[], spared = :spared::text[], problems = :problems::jsonb
     where id = :id`,
    { ...read, problems: JSON.stringify(read.problems) },
  )
}

/** Moves an import on; false when it was not in a state it may leave (somebody confirmed or cancelled it). */
export async function moveImport(
  db: Database,
  move: {
    id: number
    from: RosterImport['state']
    to: RosterImport['state']
    counts?: RosterCounts
    now: Date
  },
): Promise<boolean> {
  const moved = await row(
    db,
    `update roster_import
     set state = :to, counts = coalesce(:counts::jsonb, counts),
       ended_at = case when :to::text in ('confirmed', 'cancelled') then :now::timestamptz end
     where id = :id and state = :from
     returning id`,
    { ...move, counts: move.counts ? JSON.stringify(move.counts) : null },
  )
  return moved !== undefined
}

/** Makes the roster what the checked file says, with one line for every change. Runs inside a transaction. */
export async function applyImport(db: Database, apply: { importId: number; now: Date }): Promise<void> {
  await rows(
    db,
    `create temporary table difference on commit drop as ${DIFFERENCE}`.replaceAll(
      ':importId',
      String(Number(apply.importId)),
    ),
  )
  await rows(
    db,
    `insert into employee (pemda_id, unit_id, identity_number, ${FIELDS.join(', ')}, created_at, updated_at)
     select roster_import.pemda_id, unit_id, identity_number, ${FIELDS.join(', ')}, :now, :now
     from roster_import_row
     join roster_import on roster_import.id = import_id
     where import_id = :importId
       and identity_number in (select identity_number from difference where kind = 'added')
     order by identity_number`,
    apply,
  )
  await rows(
    db,
    `update employee
     set unit_id = staged.unit_id, left_at = null, updated_at = :now,
       ${FIELDS.map((field) => `${field} = staged.${field}`).join(', ')}
     from roster_import_row as staged, difference
     where staged.import_id = :importId
       and difference.employee_id = employee.id
       and difference.kind in ('changed', 'moved', 'returned')
       and staged.identity_number = employee.identity_number`,
    apply,
  )
  await rows(
    db,
    `update employee set left_at = :now, updated_at = :now
     from difference where difference.employee_id = employee.id and difference.kind = 'left'`,
    apply,
  )
  await rows(
    db,
    `insert into roster_change (employee_id, import_id, kind, from_unit_id, to_unit_id, at)
     select employee.id, :importId, difference.kind, difference.from_unit_id, difference.to_unit_id, :now
     from difference
     join roster_import on roster_import.id = :importId
     join employee on employee.pemda_id = roster_import.pemda_id
       and employee.identity_number = difference.identity_number`,
    apply,
  )
  await rows(db, `delete from roster_import_row where import_id = :importId`, apply)
  await refreshStatistics(db, ['unit', 'employee'])
}

/** Clears a cancelled import's staged rows: they are personal data that nobody will use. */
export async function deleteImportRows(db: Database, importId: number): Promise<void> {
  await rows(db, `delete from roster_import_row where import_id = :importId`, { importId })
}

export async function countEmployees(db: Database, pemdaId: number): Promise<number> {
  const counted = await row<{ n: number }>(
    db,
    `select count(*)::int as n from employee where pemda_id = :pemdaId and left_at is null`,
    { pemdaId },
  )
  return counted!.n
}

/** How many people of each legal status the roster has, for choosing who must sign. */
export function countLegalStatuses(db: Database, pemdaId: number) {
  return rows<{ legalStatus: string; n: number }>(
    db,
    `select legal_status as "legalStatus", count(*)::int as n from employee
     where pemda_id = :pemdaId and left_at is null group by 1 order by 2 desc`,
    { pemdaId },
  )
}

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpus } from 'node:os'
import { performance } from 'node:perf_hooks'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { getDistricts, getProvinces, getRegencies, getVillages } from 'idn-area-data'
import { renderToString } from 'preact-render-to-string'
import { kendariPemda } from '../seeds/kendari.js'
import type { Frame } from '../src/web/layout.js'
import { CoveragePage } from '../src/web/dashboard.js'
import { RegionPage } from '../src/web/region.js'
import { addCounts } from '../src/domain/coverage.js'
import { coverRegion, coverUnit } from '../src/flow/standing.js'
import type { House } from '../src/flow/house.js'
import { findCampaign } from '../src/store/campaigns.js'
import {
  countRegions,
  countTallies,
  FOLD_AT_ONCE,
  foldCoverage,
  recountCoverage,
} from '../src/store/coverage.js'
import { findPeople } from '../src/store/coverage-people.js'
import { type Database, migrate, openDatabase, row, rows } from '../src/store/db.js'
import { findPemda, insertPemda } from '../src/store/pemdas.js'

/** Civil servants of the nation on 1 September 2025 (BKN). */
const NATION = 5_359_209
const SIZES = [10_000, 100_000, 1_000_000, NATION]
const REGENCIES = 514
const SCHEMA = 'pakta_bench_coverage'
const AT = new Date('2029-03-12T03:00:00Z')
const ROUNDS = 60
const SIGNINGS = 2_000
const SIGNERS_AT_ONCE = 8

/**
 * What pages of coverage cost on the server when a nation signs: employees of `--count` (each of 10^4, 10^5, 10^6
 * and the nation's 5,359,209 when left out) over as many kabupaten and kota, with all their kecamatan, kelurahan
 * and desa, written with COPY into a schema of its own of PAKTA_TEST_DATABASE_URL. `--json` prints one object.
 */
export default async function benchCoverage(args: string[]): Promise<void> {
  const url = process.env.PAKTA_TEST_DATABASE_URL
  if (!url) throw new Error('set PAKTA_TEST_DATABASE_URL to a PostgreSQL that may be filled')
  const at = args.indexOf('--count')
  const sizes = at < 0 ? SIZES : [Number(args[at + 1])]
  const machine = `${cpus()[0]?.model ?? 'unknown'}, ${cpus().length} cores, Node ${process.version}`
  const results: Record<string, number>[] = []
  for (const size of sizes) results.push(await measure(url, size))
  if (args.includes('--json')) return console.log(JSON.stringify({ machine, results }))
  console.log(machine)
  for (const name of Object.keys(results[0]!))
    console.log(`${name.padEnd(40)}${results.map((one) => String(one[name]).padStart(12)).join('')}`)
}

async function measure(url: string, size: number): Promise<Record<string, number>> {
  const server = await openDatabase({ url, connectionsMax: 1 })
  await server.raw(`drop schema if exists ${SCHEMA} cascade`)
  await server.raw(`create schema ${SCHEMA}`)
  await server.destroy()
  const own = new URL(url)
  own.searchParams.set('options', `-c search_path=${SCHEMA}`)
  const db = await openDatabase({ url: own.href, connectionsMax: SIGNERS_AT_ONCE + 2 })
  try {
    await migrate(db, 'migrations')
    const filled = await seconds(() => fill(db, url, size))
    process.stderr.write(`  ${size}: written in ${filled.toFixed(0)} s\n`)
    const counted = await seconds(async () => {
      while ((await foldCoverage(db, { limit: FOLD_AT_ONCE, now: AT })) > 0);
    })
    process.stderr.write(`  ${size}: counted in ${counted.toFixed(0)} s\n`)
    await db.raw('vacuum analyze')
    return { employees: size, counted_per_second: Math.round(size / counted), ...(await time(db)) }
  } finally {
    await db.raw(`drop schema ${SCHEMA} cascade`)
    await db.destroy()
  }
}

const seconds = async (work: () => Promise<unknown>) => {
  const start = performance.now()
  await work()
  return (performance.now() - start) / 1000
}

// --- the nation, or as many of its kabupaten and kota as the employees fill ---

async function fill(db: Database, url: string, size: number): Promise<void> {
  const count = Math.max(1, Math.round((size * REGENCIES) / NATION))
  const [provinces, regencies, districts, villages] = await Promise.all([
    getProvinces(),
    getRegencies({ transform: true }),
    getDistricts({ transform: true }),
    getVillages({ transform: true }),
  ])
  const chosen = regencies.slice(0, count)
  const ids = new Map<string, number>()
  const addPemda = async (code: string, name: string, parent: string | undefined) => {
    await insertPemda(db, { ...kendariPemda, code, name, governmentName: `Pemerintah ${name}`, now: AT })
    const made = await row<{ id: number }>(
      db,
      'update pemda set parent_id = :parentId where code = :code returning id',
      {
        code,
        parentId: parent === undefined ? null : ids.get(parent)!,
      },
    )
    ids.set(code, made!.id)
  }
  const dotted = (code: string) =>
    [code.slice(0, 2), code.slice(2, 4), code.slice(4, 6), code.slice(6)].filter(Boolean).join('.')
  await addPemda('00', 'Republik Indonesia', undefined)
  const inUse = new Set(chosen.map((one) => one.provinceCode))
  for (const { code, name } of provinces) if (inUse.has(code)) await addPemda(code, name, '00')
  for (const { code, name, provinceCode } of chosen) await addPemda(dotted(code), name, provinceCode)
  await rows(db, `insert into legal_basis (version, words, released_at) values (1, '-', :now)`, { now: AT })
  await rows(
    db,
    `insert into campaign (pemda_id, name, election_kind, election_name, legal_basis_id, time_zone, deadline, event_place,
       required_legal_statuses, mail_policy, state, created_at, opened_at)
     select pemda.id, 'Pakta 2029', 'PEMILU', 'Pemilu 2029', 1, 'WITA', :deadline, '-', '{AKTIF}', '{}', 'open', :now, :now
     from pemda order by code`,
    { now: AT, deadline: new Date('2029-04-30T00:00:00Z') },
  )
  await db.raw(`update campaign set parent_id = above.id
    from pemda join pemda as top on top.id = pemda.parent_id join campaign as above on above.pemda_id = top.id
    where pemda.id = campaign.pemda_id`)
  await rows(
    db,
    `insert into template_version (code, version, signer_class, sha256, words, page, released_at) values ('T', 1, 'ASN', '', '', '', :now)`,
    { now: AT },
  )
  const tables = ['employee', 'pact', 'party', 'campaign_unit']
  for (const table of tables) await db.raw(`alter table ${table} disable trigger user`)
  const campaigns = new Map(
    (await rows<{ id: number; pemdaId: number }>(db, 'select id, pemda_id as "pemdaId" from campaign')).map(
      (one) => [one.pemdaId, one.id],
    ),
  )
  const units: Unit[] = []
  const byRegency = group(districts, (one) => one.regencyCode)
  const byDistrict = group(villages, (one) => one.districtCode)
  for (const { code } of chosen) {
    const pemdaId = ids.get(dotted(code))!
    const add = (unit: Omit<Unit, 'id' | 'pemdaId' | 'path' | 'gateId'>, above?: Unit) => {
      const id = units.length + 1
      const made = {
        ...unit,
        id,
        pemdaId,
        path: `${above?.path ?? '/'}${id}/`,
        gateId: above?.gateId ?? id,
        parentId: above?.id,
      }
      units.push(made)
      return made
    }
    // Forty agencies, five divisions each; every second of their people works in a division or a school.
    for (let opd = 1; opd <= 40; opd++) {
      const agency = add({ kind: 'opd', code: `OPD${opd}`, name: `Dinas ${opd}`, share: 40 })
      for (let part = 1; part <= 5; part++)
        add({ kind: 'bidang', code: `OPD${opd}.${part}`, name: `Bidang ${part}`, share: 35 }, agency)
    }
    for (const district of byRegency.get(code) ?? []) {
      const kecamatan = add({
        kind: 'kecamatan',
        code: dotted(district.code),
        name: district.name,
        share: 12,
      })
      for (const village of byDistrict.get(district.code) ?? []) {
        const isKelurahan = village.code[6] === '1'
        add(
          {
            kind: isKelurahan ? 'kelurahan' : 'desa',
            code: dotted(village.code),
            name: village.name,
            share: isKelurahan ? 6 : 0,
          },
          kecamatan,
        )
      }
    }
  }
  await copy(url, 'unit (id, pemda_id, parent_id, gate_id, code, kind, name, path) ', function* () {
    for (const one of units)
      yield [one.id, one.pemdaId, one.parentId ?? '\\N', one.gateId, one.code, one.kind, one.name, one.path]
  })
  await copy(url, 'campaign_unit (campaign_id, unit_id)', function* () {
    for (const one of units) if (one.gateId === one.id) yield [campaigns.get(one.pemdaId)!, one.id]
  })
  // Each unit's part of the people, so that all of them together are as many as asked.
  const shares = units.reduce((sum, one) => sum + one.share, 0)
  const people = function* () {
    let id = 0
    let due = 0
    for (const unit of units)
      for (due += (unit.share * size) / shares; id < Math.round(due);) yield { id: ++id, unit }
  }
  const now = AT.toISOString()
  const begins = new Date(AT.getTime() - 9 * 86_400_000).getTime()
  const moment = (id: number) => new Date(begins + (id % 9) * 86_400_000 + (id % 28_800) * 1000).toISOString()
  const isExempt = (id: number) => id % 97 === 0
  const isInvited = (id: number) => id % 10 !== 0
  const isSigned = (id: number) => isInvited(id) && id % 3 !== 0
  await copy(
    url,
    'employee (id, pemda_id, unit_id, identity_number, employment_type, name, title_prefix, title_suffix, email, legal_status, legal_status_text, grade, jabatan, jenis_jabatan, eselon, created_at, updated_at)',
    function* () {
      for (const { id, unit } of people())
        yield [
          ...[
            id,
            unit.pemdaId,
            unit.id,
            `1980011520050${String(id % 100_000).padStart(5, '0')}`,
            id % 3 === 0 ? 'PPPK' : 'PNS',
          ],
          ...[`Pegawai Rekaan ${id}`, '', '', id % 50 === 0 ? '\\N' : `p${id}@rekaan.example`],
          ...[isExempt(id) ? 'CLTN' : 'AKTIF', '', '', 'Pengelola', '', '', now, now],
        ]
    },
  )
  await copy(
    url,
    'pact (id, campaign_id, form, employee_id, signer_class, template_code, template_version, code, ordinal, state, created_at, sealed_at, archived_at, archive_until)',
    function* () {
      for (const { id, unit } of people())
        if (isInvited(id))
          yield [
            ...[
              id,
              campaigns.get(unit.pemdaId)!,
              'individual',
              id,
              'ASN',
              'T',
              1,
              `0${String(id).padStart(25, '0')}`,
              id,
            ],
            ...(isSigned(id)
              ? ['sealed', now, moment(id), now, '2049-01-01']
              : ['open', now, '\\N', '\\N', '\\N']),
          ]
    },
  )
  await copy(
    url,
    'party (id, pact_id, slot, role, ordinal, employee_id, state, invited_at, opened_at, agreed_at, signed_at)',
    function* () {
      for (const { id } of people())
        if (isInvited(id))
          yield [
            ...[id, id, 'PENANDA_TANGAN', 'signer', 1, id, isSigned(id) ? 'signed' : 'ready', now],
            ...(isSigned(id) ? [moment(id), moment(id), moment(id)] : ['\\N', '\\N', '\\N']),
          ]
    },
  )
  for (const table of tables) await db.raw(`alter table ${table} enable trigger user`)
  await db.raw('analyze')
  await db.raw(
    'insert into coverage_stale (campaign_id, employee_id, is_first) select campaign.id, employee.id, true from employee join campaign using (pemda_id) order by 1, 2',
  )
}

interface Unit {
  id: number
  pemdaId: number
  parentId?: number | undefined
  gateId: number
  path: string
  kind: string
  code: string
  name: string
  share: number // of the people, against the other units
}

function group<Item>(items: readonly Item[], keyOf: (item: Item) => string): Map<string, Item[]> {
  const groups = new Map<string, Item[]>()
  for (const item of items) {
    const key = keyOf(item)
    const known = groups.get(key)
    if (known) known.push(item)
    else groups.set(key, [item])
  }
  return groups
}

// COPY through psql: the driver has no COPY of its own.
async function copy(url: string, into: string, lines: () => Generator<(string | number)[]>): Promise<void> {
  const psql = spawn(
    'psql',
    ['-q', '-v', 'ON_ERROR_STOP=1', url, '-c', `copy ${SCHEMA}.${into} from stdin`],
    {
      stdio: ['pipe', 'inherit', 'inherit'],
    },
  )
  const chunks = function* () {
    let text = ''
    for (const line of lines()) {
      text += `${line.join('\t')}\n`
      if (text.length > 1 << 16) {
        yield text
        text = ''
      }
    }
    yield text
  }
  const [[code]] = await Promise.all([once(psql, 'exit'), pipeline(Readable.from(chunks()), psql.stdin)])
  if (code !== 0) throw new Error(`copy into ${into} ended with ${code}`)
}

// --- the screens ---

async function time(db: Database): Promise<Record<string, number>> {
  const house = { db } as House
  const nation = (await rows<{ id: number }>(db, `select id from campaign where parent_id is null`))[0]!
  const frame: Frame = benchFrame
  const members = async (campaignId: number) => {
    const campaign = (await findCampaign(db, campaignId))!
    return countRegions(db, { campaignId, pemdaId: campaign.pemdaId })
  }
  const provinces = (await members(nation.id)).filter((one) => one.campaignId !== null)
  const province = provinces.at(-1)!
  const regency = (await members(province.campaignId!))[0]!
  const campaign = (await findCampaign(db, regency.campaignId!))!
  const pemda = (await findPemda(db, regency.pemdaId))!
  const kecamatan = (await row<{ id: number; path: string }>(
    db,
    `select id, path from unit_label where pemda_id = :id and kind = 'kecamatan' order by code limit 1`,
    { id: pemda.id },
  ))!
  const region = async (campaignId: number) => {
    const campaign = (await findCampaign(db, campaignId))!
    const { own, regions } = await coverRegion(house, { campaign, now: AT })
    return renderToString(
      RegionPage({
        ...{
          frame,
          trail: [],
          name: '',
          own,
          ownHref: undefined,
          mayEnter: false,
          violations: [],
          at: AT,
        },
        campaign: { id: campaignId, name: campaign.name, deadline: campaign.deadline, zone: 'WITA' },
        regions: regions.map((one) => ({
          ...{ code: one.code, name: one.name, kelurahan: one.kelurahan, desa: one.desa, violations: [] },
          ...{ hasCampaign: one.campaignId !== null, counts: addCounts(one.asn, one.nonAsn), href: '/' },
        })),
      }),
    ).length
  }
  const unit = async (unitId: number | undefined) => {
    const coverage = await coverUnit(house, { campaign, pemda, unitId, now: AT })
    return renderToString(
      CoveragePage({
        ...{
          frame,
          trail: [],
          missing: coverage.statuses,
          ...{ signedToday: 0, place: coverage.place, mayRemind: true },
          seesNames: true,
          hasDocuments: true,
          at: AT,
          node: coverage.node,
          isBehind: false,
        },
        campaign: { id: campaign.id, name: campaign.name, deadline: campaign.deadline, zone: 'WITA' },
        denominator: { unitCount: coverage.unitCount, requiredLegalStatuses: ['Aktif'], exclusions: [] },
        methods: [],
        trend: coverage.days.map(({ day, n }) => ({ day, signed: n })),
        changes: coverage.changes,
      }),
    ).length
  }
  const names = async (path: string, unitId: number) => {
    await countTallies(db, { campaignId: campaign.id, unitId })
    return findPeople(db, { campaignId: campaign.id, path, status: 'invited', limit: 50, offset: 0 })
  }
  const screens: Record<string, () => Promise<unknown>> = {
    nation: () => region(nation.id),
    province: () => region(province.campaignId!),
    first_screen: () => unit(undefined),
    kecamatan: () => unit(kecamatan.id),
    names_of_all: () => names('/', 0),
    names_of_kecamatan: () => names(kecamatan.path, kecamatan.id),
  }
  const result: Record<string, number> = {
    regencies: await countOf(db, 'campaign'),
    units: await countOf(db, 'unit'),
  }
  for (const [name, show] of Object.entries(screens)) {
    const times: number[] = []
    for (let round = 0; round < ROUNDS; round++) {
      const start = performance.now()
      await show()
      if (round >= 5) times.push(performance.now() - start)
    }
    times.sort((left, right) => left - right)
    result[`${name}_ms`] = round(times[times.length >> 1]!)
    result[`${name}_slowest_ms`] = round(times.at(-1)!)
  }
  Object.assign(result, await sign(db))
  const recount = await seconds(() => recountCoverage(db, { campaignId: campaign.id, now: AT }))
  const differences = await row<{ n: number }>(db, 'select sum(differences)::int as n from coverage_recount')
  return { ...result, recount_of_one_ms: round(recount * 1000), recount_differences: differences!.n }
}

const round = (value: number) => Math.round(value * 10) / 10
const countOf = async (db: Database, table: string) =>
  (await row<{ n: number }>(db, `select count(*)::int as n from ${table}`))!.n

// Eight people at once, again and again, in one unit after the other, while the counters follow.
async function sign(db: Database): Promise<Record<string, number>> {
  const waiting = await rows<{ id: number }>(
    db,
    `select id from party where state = 'ready' order by id limit ${SIGNINGS}`,
  )
  const started = performance.now()
  const times: number[] = []
  let isOver = false
  const folding = (async () => {
    let longest = 0
    while (!isOver) {
      const start = performance.now()
      await foldCoverage(db, { limit: FOLD_AT_ONCE, now: AT })
      longest = Math.max(longest, performance.now() - start)
      await new Promise((resolve) => setTimeout(resolve, 250))
    }
    return longest
  })()
  await Promise.all(
    Array.from({ length: SIGNERS_AT_ONCE }, async () => {
      for (let next = waiting.pop(); next; next = waiting.pop()) {
        const start = performance.now()
        await rows(
          db,
          `update party set state = 'agreed', opened_at = :now, agreed_at = :now where id = :id`,
          {
            id: next.id,
            now: AT,
          },
        )
        times.push(performance.now() - start)
      }
    }),
  )
  const elapsed = (performance.now() - started) / 1000
  isOver = true
  const longest = await folding
  times.sort((left, right) => left - right)
  await foldCoverage(db, { limit: FOLD_AT_ONCE, now: AT })
  return {
    signings_per_second: Math.round(times.length / elapsed),
    signing_median_ms: round(times[times.length >> 1]!),
    signing_slowest_ms: round(times.at(-1)!),
    count_slowest_ms: round(longest),
  }
}

const benchFrame: Frame = {
  ...{ pemdaName: 'Rekaan', emblemPath: undefined, demo: false, assetVersion: '1', scripts: {} },
  account: { name: 'Rekaan', role: 'administrator' },
}

import { createHash, randomBytes } from 'node:crypto'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { PGlite } from '@electric-sql/pglite'
import type { Express } from 'express'
import type { Account, Role } from '../src/domain/account.js'
import type { MailPolicy, SigningRule } from '../src/domain/campaign.js'
import { makeToken } from '../src/domain/links.js'
import type { TemplateUse } from '../src/domain/pact.js'
import { isGateKind, type UnitRow } from '../src/domain/unit.js'
import { Presswork } from '../src/evidence/presswork.js'
import { loadFonts } from '../src/evidence/typeface.js'
import { parseTemplate, type PactTemplate } from '../src/evidence/template.js'
import { holdTimestampAuthority } from '../src/evidence/timestamp.js'
import { advanceAll } from '../src/flow/advance.js'
import { checkRoster, confirmRoster, enrollPemda, enrollUnits } from '../src/flow/enroll.js'
import { enrollTemplates } from '../src/flow/release.js'
import { type Act, type House, type LetterName, letterNames, type Settings } from '../src/flow/house.js'
import { openCampaign, prepareCampaign } from '../src/flow/open.js'
import { agree, type Consent, openLink } from '../src/flow/sign.js'
import { inviteAccount, requestSignin, signIn } from '../src/flow/signin.js'
import { agreeAsWitness, openWitnessed } from '../src/flow/witness.js'
import { openSmtp } from '../src/remote/mail.js'
import { findAccount } from '../src/store/accounts.js'
import { type Campaign, findCampaign, findLegalBases, findTemplateVersions } from '../src/store/campaigns.js'
import { findRowEvidenceWork } from '../src/store/collective.js'
import { type Database, migrate, openDatabase, row, rows } from '../src/store/db.js'
import { openFolder } from '../src/store/files.js'
import { initKeys } from '../src/store/key-care.js'
import { openKeys } from '../src/store/keys.js'
import { findNextArchiving, findWitnessPacts } from '../src/store/pacts.js'
import { type RosterImport } from '../src/store/people.js'
import { findPemdas, type Pemda } from '../src/store/pemdas.js'
import { writeCsv } from '../src/store/sheets.js'
import { makeServer } from '../src/web/server.js'
import { auditHouse, dumpTables } from './audit.js'
import { openPost, type Post } from './post.js'
import { testPeople, type TestPerson, testUnits } from './roster.js'

export const ROOT = resolve(import.meta.dirname, '../..')
const NO_RULE: SigningRule = { ownKey: false, code: false }
const MIGRATIONS = join(ROOT, 'migrations')
/** Noon of an ordinary day in WITA: nothing is quiet, nothing is late. */
const START = new Date('2027-02-02T04:00:00Z')
export const HOUR = 3_600_000
export const DAY = 24 * HOUR

export interface TestHouse {
  house: House
  db: Database
  isPostgres: boolean // a race is a real one: the embedded database has one connection
  folder: string // of this house alone, gone when the test ends
  now: Date // of everything that happens; set it as the test needs
  clock(): Date
  act(): Act
  post: Post
  pemda: Pemda
  accounts: Record<'administrator' | 'bawaslu' | 'auditor' | 'unit_head', Account>
  admin(): Act & { accountId: number } // as the administrator
  people: TestPerson[]
  app: Express
  person(key: string): TestPerson
  employeeId(key: string): Promise<number>
  unitId(code: string): Promise<number>
  partyOf(key: string): Promise<{ partyId: number; pactId: number; state: string; code: string }>
  writeRoster(people: readonly Partial<TestPerson>[]): string // path of a CSV as an operator uploads it
  keysFolder: string
  checkRoster(people: readonly Partial<TestPerson>[]): Promise<RosterImport>
  importRoster(people: readonly Partial<TestPerson>[]): Promise<RosterImport>
  openCampaign(options?: CampaignOptions): Promise<Campaign>
  advance(): Promise<void> // every step until none has anything left to do now
  token(key: string): string // of the newest link that came by mail
  consent(key: string, change?: Partial<Consent>): Promise<Consent>
  sign(key: string): Promise<void>
  witness(): Promise<number> // every pact that waits for Bawaslu
  openGates(...heads: string[]): Promise<void> // heads sign, Bawaslu witnesses, people are invited
  cookie(account: Account): Promise<string> // of a fresh session
  dump(): Promise<Record<string, string[]>> // every row of every table, as text
  logs: string[] // what the operators' log says; the audit wants it empty
  check(): Promise<void> // audits everything
}

export interface CampaignOptions {
  units?: string[] // codes; every gate when left out
  mailPolicy?: MailPolicy
  deadline?: Date
  requiredLegalStatuses?: string[]
  rule?: SigningRule // what the campaign demands of ordinary ASN
  secondWitnessId?: number // an account of the role `witness`
  isCollective?: boolean // one pact for each OPD or kecamatan, with a row for each of its ASN
  isDraft?: boolean
}

/**
 * A whole house on a database of its own, with units, a roster, accounts and a post office. Nothing is shared
 * with another house; everything is gone when the test (or, with `{ after }` of node:test, the file) ends.
 *
 * The database is an in-memory clone of a migrated PGlite, or a schema of its own in the PostgreSQL that
 * PAKTA_TEST_DATABASE_URL names.
 */
export async function openTestHouse(
  t: { after(end: () => Promise<void>): unknown },
  options: {
    now?: Date
    units?: readonly UnitRow[]
    people?: readonly TestPerson[]
    settings?: Partial<Settings>
    isEmpty?: boolean // no units, people or accounts beyond the pemda
  } = {},
): Promise<TestHouse> {
  const folder = mkdtempSync(join(tmpdir(), 'pakta-house-'))
  const database = await openFresh()
  const post = await openPost()
  const logs: string[] = []
  let now = options.now ?? START
  const clock = () => now
  const origin = { address: '127.0.0.1', userAgent: 'test' }
  const act = (): Act => ({ now: clock(), origin })
  const random = (sizeBytes: number) => randomBytes(sizeBytes)
  const issuedAt = new Date(now.getTime() - DAY)
  await initKeys(join(folder, 'keys'), {
    institution: 'Kota Rekaan',
    baseUrl: 'http://pakta.rekaan.example',
    ...{ now: issuedAt, random, demo: false },
  })
  const keys = openKeys(join(folder, 'keys'), { demo: false, now })
  let serial = 0
  const house: House = {
    db: database.db,
    files: openFolder(join(folder, 'naskah')),
    keys,
    tsa: holdTimestampAuthority(keys.stamper, {
      clock,
      nextSerial: () => Uint8Array.of(++serial >> 16, serial >> 8, serial),
    }),
    foreign: undefined,
    mailer: openSmtp({
      url: post.url,
      from: 'Pakta <pakta@rekaan.example>',
      timeoutSeconds: 10,
      connectionsMax: 4,
    }),
    mailbox: undefined,
    pressroom: pressHere(),
    letters: Object.fromEntries(
      letterNames.map((name) => [name, readFileSync(join(ROOT, 'templates/mail', `${name}.md`), 'utf8')]),
    ) as Record<LetterName, string>,
    templateOf: ({ code, version, words, page }) => parseOnce({ words, page, name: `${code}/${version}` }),
    settings: {
      baseUrl: 'http://pakta.rekaan.example',
      isDemo: false,
      systemName: 'Pakta',
      linkDays: 14,
      signinMinutes: 30,
      sessionHours: 12,
      mailLeaseSeconds: 60,
      mailPerDomainPerMinute: 1000,
      mailConcurrency: 4,
      ...options.settings,
    },
    about: { version: '0.0.0', attributions: [] },
    random,
    log: (line) => logs.push(line),
  }
  t.after(async () => {
    house.mailer?.close()
    await post.close()
    await database.close()
    rmSync(folder, { recursive: true, force: true })
  })
  await enrollTemplates(house, readTemplates(), now)
  await enrollPemda(house, testPemda, now)
  const pemda = (await findPemdas(house.db))[0]!
  const people = [...(options.people ?? (options.isEmpty ? [] : testPeople))]
  const units = options.units ?? (options.isEmpty ? [] : testUnits)
  const cookies = new Map<string, string>()
  let fileCount = 0

  const test: TestHouse = {
    house,
    db: house.db,
    isPostgres: database.isPostgres,
    folder,
    get now() {
      return now
    },
    set now(at) {
      now = at
    },
    clock,
    act,
    post,
    pemda,
    accounts: {} as TestHouse['accounts'],
    admin: () => ({ ...act(), accountId: test.accounts.administrator.id }),
    people,
    app: undefined as unknown as Express,
    person(key) {
      const found = people.find((one) => one.key === key)
      if (!found)
        throw new Error(`nobody is called ${key}; there are ${people.map((one) => one.key).join(' ')}`)
      return found
    },
    async employeeId(key) {
      const { identityNumber } = test.person(key)
      return (await row<{ id: number }>(
        house.db,
        'select id from employee where pemda_id = :pemdaId and identity_number = :identityNumber',
        { pemdaId: pemda.id, identityNumber },
      ))!.id
    },
    async unitId(code) {
      return (await row<{ id: number }>(
        house.db,
        'select id from unit where pemda_id = :pemdaId and code = :code',
        { pemdaId: pemda.id, code },
      ))!.id
    },
    async partyOf(key) {
      return (await row<{ partyId: number; pactId: number; state: string; code: string }>(
        house.db,
        `select party.id as "partyId", pact.id as "pactId", party.state, pact.code
         from party join pact on pact.id = party.pact_id
         where party.employee_id = :id order by pact.id desc limit 1`,
        { id: await test.employeeId(key) },
      ))!
    },
    writeRoster(rosterPeople) {
      const path = join(folder, `pegawai-${++fileCount}.csv`)
      writeFileSync(path, writeCsv([...rosterColumns], rosterPeople.map(rosterRow)))
      return path
    },
    keysFolder: join(folder, 'keys'),
    checkRoster: (rosterPeople) =>
      checkRoster(
        house,
        {
          pemdaId: pemda.id,
          path: test.writeRoster(rosterPeople),
          fileName: 'pegawai.csv',
          accountId: undefined,
        },
        { now: clock() },
      ),
    async importRoster(rosterPeople) {
      const checked = await test.checkRoster(rosterPeople)
      await confirmRoster(house, { importId: checked.id, pemdaId: pemda.id, accountId: undefined }, act())
      return checked
    },
    async openCampaign({
      units: codes,
      mailPolicy,
      deadline,
      requiredLegalStatuses,
      rule,
      isDraft,
      isCollective,
      secondWitnessId,
    } = {}) {
      const versions = await findTemplateVersions(house.db)
      const newest = (signerClass: TemplateUse) => versions.find((one) => one.signerClass === signerClass)!
      const gates = await rows<{ id: number; code: string; kind: UnitRow['kind'] }>(
        house.db,
        'select id, code, kind from unit order by code',
      )
      const id = await prepareCampaign(
        house,
        {
          pemdaId: pemda.id,
          name: 'Pakta Integritas Netralitas 2027',
          electionKind: 'PEMILIHAN',
          electionName: 'Pemilihan Wali Kota Rekaan Tahun 2027',
          legalBasisId: (await findLegalBases(house.db))[0]!.id,
          timeZone: 'WITA',
          deadline: deadline ?? new Date(now.getTime() + 30 * DAY),
          eventPlace: 'Balai Kota Rekaan',
          requiredLegalStatuses: requiredLegalStatuses ?? ['AKTIF'],
          mailPolicy: mailPolicy ?? { quietFromHour: 0, quietUntilHour: 0, remindAfterDays: [3, 7, 10] },
          templates: {
            HEAD: newest('HEAD'),
            ASN: newest(isCollective ? 'COLLECTIVE' : 'ASN'),
            NON_ASN: newest('NON_ASN'),
          },
          rules: { HEAD: NO_RULE, NON_ASN: NO_RULE, ASN: rule ?? NO_RULE },
          units: gates
            .filter(({ code, kind }) => isGateKind(kind) && (codes?.includes(code) ?? true))
            .map((gate) => ({ unitId: gate.id, witnessAccountId: test.accounts.bawaslu.id })),
          secondWitnessId: secondWitnessId ?? null,
        },
        test.admin(),
      )
      if (!isDraft) await openCampaign(house, id, test.admin())
      return (await findCampaign(house.db, id))!
    },
    async advance() {
      await advanceAll(house, clock)
      // A sealed pact is archived a little later: evidence must be newer than the seal's timestamp, and older than the
      // one that covers it.
      // So is a row's evidence, than its signature's.
      const isResting = async () =>
        (await findNextArchiving(house.db)) ||
        (await findRowEvidenceWork(house.db, { signedBefore: now, limit: 1 })).length > 0
      for (let rests = 0; rests < 3 && (await isResting()); rests++) {
        now = new Date(now.getTime() + 3000)
        await advanceAll(house, clock)
      }
    },
    token(key) {
      const { email } = test.person(key)
      const token = post.tokenTo(email)
      if (!token) throw new Error(`no link has come to ${email}`)
      return token
    },
    async consent(key, change = {}) {
      const opened = await openLink(house, test.token(key), now)
      return {
        textSha256: 'paper' in opened ? opened.paper.textSha256.toString('hex') : '',
        isSelf: true,
        hasRead: true,
        isBinding: true,
        hasCircular: true,
        identityTail: test
          .person(key)
          .identityNumber.replace(/[^0-9A-Za-z]/g, '')
          .slice(-4),
        code: '',
        mark: { kind: 'typed', name: test.person(key).name },
        ...change,
      }
    },
    async sign(key) {
      await agree(house, test.token(key), await test.consent(key), act())
    },
    async witness() {
      const { bawaslu } = test.accounts
      const waiting = (await findWitnessPacts(house.db, bawaslu.id)).filter((one) => one.state === 'ready')
      for (const { pactId } of waiting) {
        const { paper } = await openWitnessed(house, bawaslu, pactId)
        const textSha256 = paper.textSha256.toString('hex')
        await agreeAsWitness(house, bawaslu, { pactId, hasSeen: true, textSha256 }, act())
      }
      return waiting.length
    },
    async openGates(...heads) {
      await test.advance()
      for (const head of heads) await test.sign(head)
      await test.advance()
      await test.witness()
      await test.advance()
    },
    async cookie(account) {
      const known = cookies.get(account.email)
      if (known) return known
      await requestSignin(house, account.email, act())
      const { id } = (await row<{ id: number }>(
        house.db,
        'select max(id)::int as id from signin where account_id = :id',
        { id: account.id },
      ))!
      const token = makeToken(house.keys.linkKey, { purpose: 'signin', id, generation: 1 })
      const cookie = `pakta=${await signIn(house, token, act())}`
      cookies.set(account.email, cookie)
      return cookie
    },
    dump: () => dumpTables(house.db),
    logs,
    check: () => auditHouse(test),
  }
  if (units.length > 0) await enrollUnits(house, pemda.id, units)
  if (people.length > 0) await test.importRoster(people)
  if (!options.isEmpty) {
    const unitId = units.length > 0 ? await test.unitId(units[0]!.code) : undefined
    for (const role of ['administrator', 'bawaslu', 'auditor', 'unit_head'] as const)
      if (role !== 'unit_head' || unitId !== undefined)
        test.accounts[role] = await openAccount(test, role, role === 'unit_head' ? unitId : undefined)
  }
  test.app = makeServer(
    house,
    {
      assets: { folder: join(ROOT, 'src/web/assets'), scripts: join(ROOT, 'dist/browser'), version: '0.0.0' },
      uploadFolder: join(folder, 'unggahan'),
      proxyCount: 0,
    },
    clock,
  )
  return test
}

async function openAccount(test: TestHouse, role: Role, unitId: number | undefined): Promise<Account> {
  const id = await inviteAccount(
    test.house,
    {
      pemdaId: test.pemda.id,
      role,
      unitId,
      email: `${role.replace('_', '-')}@rekaan.example`,
      name: role === 'bawaslu' ? 'Saksi Rekaan, S.H.' : `Akun ${role}`,
      institution: role === 'bawaslu' ? 'Bawaslu Kota Rekaan' : 'Pemerintah Kota Rekaan',
      jabatan: role === 'bawaslu' ? 'Ketua' : '',
    },
    test.act(),
  )
  return (await findAccount(test.db, id))!
}

const testPemda = {
  code: '74.71',
  name: 'Kota Rekaan',
  governmentName: 'Pemerintah Kota Rekaan',
  shortName: 'Pemkot Rekaan',
  seat: 'Rekaan',
  timeZone: 'WITA' as const,
  letterheadAddress: 'Jalan Rekaan Nomor 1',
  contact: 'BKPSDM Kota Rekaan, 0401-000000',
  retention: 'lima tahun',
}

// --- the roster as a file ---

const rosterColumns = [
  'NIP',
  'NAMA',
  'GELAR DEPAN',
  'GELAR BELAKANG',
  'EMAIL',
  'JENIS PEGAWAI',
  'KEDUDUKAN HUKUM',
  'GOLONGAN',
  'JABATAN',
  'UNOR ID',
  'UNIT KERJA',
  'SUMBER DANA',
  'NOMOR PERJANJIAN',
  'TANGGAL PERJANJIAN',
] as const

function rosterRow(person: Partial<TestPerson>): string[] {
  const isNonAsn = person.type === 'NON_ASN'
  return [
    isNonAsn ? '' : (person.identityNumber ?? ''),
    person.name ?? '',
    person.titlePrefix ?? '',
    person.titleSuffix ?? '',
    person.email ?? '',
    (person.type ?? 'PNS').replaceAll('_', ' '),
    person.legalStatus ?? 'Aktif',
    person.grade ?? '',
    person.jabatan ?? '',
    person.unit ?? '',
    person.unit ?? '',
    isNonAsn ? 'APBD' : '',
    isNonAsn ? (person.identityNumber ?? '') : '',
    isNonAsn ? '02-01-2027' : '',
  ]
}

// --- what does not change from house to house, read once for each process ---

let work: Presswork | undefined
/** The press without its threads: the same work, in this one. */
function pressHere(): House['pressroom'] {
  const read = (name: string) => readFileSync(join(ROOT, 'templates/fonts', `LiberationSans-${name}.ttf`))
  work ??= new Presswork(loadFonts({ regular: read('Regular'), bold: read('Bold'), italic: read('Italic') }))
  const here = work
  return {
    print: (job) => here.print(job),
    check: (template) => here.check(template),
    specimen: (template, emblem) => here.specimen(template, emblem),
    close: async () => {},
  }
}

const parsed = new Map<string, PactTemplate>()
function parseOnce(source: { words: string; page: string; name: string }): PactTemplate {
  const key = JSON.stringify(source)
  const template = parsed.get(key) ?? parseTemplate(source)
  parsed.set(key, template)
  return template
}

/** The released templates and legal bases, as the service itself reads them. */
export function readTemplates(): Parameters<typeof enrollTemplates>[1] {
  const folder = join(ROOT, 'templates/pact')
  const legal = join(ROOT, 'templates/dasar-hukum')
  return {
    templates: readdirSync(folder)
      .flatMap((code) => readdirSync(join(folder, code)).map((version) => `${code}/${version}`))
      .map((name) => ({
        name,
        words: readFileSync(join(folder, name, 'naskah.md'), 'utf8'),
        page: readFileSync(join(folder, name, 'halaman.yaml'), 'utf8'),
      })),
    legalBases: readdirSync(legal).map((name) => ({
      version: Number.parseInt(name, 10),
      words: readFileSync(join(legal, name), 'utf8'),
    })),
  }
}

// --- databases ---

/** A migrated, empty database of its own. */
export async function openFresh(): Promise<{ db: Database; isPostgres: boolean; close(): Promise<void> }> {
  const url = process.env['PAKTA_TEST_DATABASE_URL']
  if (!url) {
    const pglite = await PGlite.create({ loadDataDir: new Blob([await migratedDump()]) })
    const db = await openDatabase({ pglite })
    return {
      db,
      isPostgres: false,
      async close() {
        await db.destroy()
        if (!pglite.closed) await pglite.close()
      },
    }
  }
  const schema = `pakta_test_${randomBytes(8).toString('hex')}`
  const run = async (sql: string) => {
    const server = await openDatabase({ url, connectionsMax: 1 })
    await server.raw(sql)
    await server.destroy()
  }
  await run(`create schema ${schema}`)
  const own = new URL(url)
  own.searchParams.set('options', `-c search_path=${schema}`)
  const db = await openDatabase({ url: own.href })
  await migrate(db, MIGRATIONS)
  return {
    db,
    isPostgres: true,
    async close() {
      await db.destroy()
      await run(`drop schema ${schema} cascade`)
    },
  }
}

// A PGlite takes two seconds to make and migrate, and a tenth of that to clone.
async function migratedDump(): Promise<Uint8Array<ArrayBuffer>> {
  const names = readdirSync(MIGRATIONS).sort()
  const hash = createHash('sha256')
  for (const name of names) hash.update(name).update(readFileSync(join(MIGRATIONS, name)))
  hash.update(readFileSync(join(ROOT, 'node_modules/@electric-sql/pglite/package.json')))
  const folder = join(ROOT, 'node_modules/.cache/pakta')
  const path = join(folder, `${hash.digest('hex').slice(0, 24)}.tar`)
  try {
    return new Uint8Array(readFileSync(path))
  } catch {
    const pglite = await PGlite.create()
    const db = await openDatabase({ pglite })
    await migrate(db, MIGRATIONS)
    const bytes = new Uint8Array(await (await pglite.dumpDataDir('none')).arrayBuffer())
    await db.destroy()
    mkdirSync(folder, { recursive: true })
    // Several test files may do this at once: whoever is last leaves the same bytes.
    writeFileSync(`${path}.${process.pid}`, bytes)
    renameSync(`${path}.${process.pid}`, path)
    return bytes
  }
}

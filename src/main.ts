#!/usr/bin/env node
import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { type Config, readConfig } from './config.js'
import {
  atTerminal,
  campaign,
  coverage,
  importFile,
  remind,
  template,
  verify,
  type Call,
  careForKeys,
  revokeSigner,
} from './commands.js'
import { runDemo } from './demo/road.js'
import { unknownScenario } from './demo/scenarios.js'
import { PactError } from './domain/errors.js'
import { parseCertificatesPem } from './evidence/certificate.js'
import { holdTimestampAuthority } from './evidence/timestamp.js'
import { parseTemplate, type PactTemplate } from './evidence/template.js'
import { loadFonts } from './evidence/typeface.js'
import { startAdvance } from './flow/advance.js'
import { enrollPemda } from './flow/enroll.js'
import { type House, type LetterName, letterNames } from './flow/house.js'
import { enrollTemplates } from './flow/release.js'
import { inviteAccount } from './flow/signin.js'
import { openMailbox, openSmtp } from './remote/mail.js'
import { openToken, type Token } from './remote/hsm.js'
import { openEvidence } from './remote/status.js'
import { openTimestampAuthorities } from './remote/tsa.js'
import { openPressroom, type Pressroom } from './remote/pressroom.js'
import { findAccounts } from './store/accounts.js'
import { findPemdas } from './store/pemdas.js'
import { migrate, openDatabase } from './store/db.js'
import { openFolder } from './store/files.js'
import { initKeys, listKeys } from './store/key-care.js'
import { type Keys, openKeys } from './store/keys.js'
import { makeServer } from './web/server.js'
import { governmentsOf, type SeedGovernment } from '../seeds/governments.js'
import { regionNotice } from '../seeds/kendari.js'

const ROOT = resolve(import.meta.dirname, '../..')
const VERSION = (JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string }).version
/** How long before its end a certificate or list is spoken of at the start, days. */
const KEY_WARNING_DAYS = 60
const UPLOAD_FOLDER = 'tmp'
const ATTRIBUTIONS = [
  { name: 'Kode dan nama wilayah', licence: 'ODbL 1.0', text: regionNotice },
  {
    name: 'Liberation Sans',
    licence: 'SIL Open Font License 1.1',
    text: 'Huruf pada naskah PDF; lisensinya ada di templates/fonts/OFL.txt.',
  },
]

const HELP = `Pakta ${VERSION}: pakta integritas netralitas, ditandatangani sendiri, disegel, dan dihitung.

Pemakaian: npx pakta PERINTAH [pilihan]

  serve                              jalankan layanan
  migrate                            siapkan atau mutakhirkan basis data
  demo [--once --signers N --out D]  peragaan dengan data rekaan; --keep menyisakan datanya di D/data
  demo --scenario NAMA [--once --out D]  upacara: kendari, sumbar, bukittinggi, pariaman
  import pemda BERKAS.yaml           daftarkan pemerintah daerah dan administrator pertamanya
  import unit BERKAS [--yes]         impor daftar unit (XLSX atau CSV)
  import pegawai BERKAS [--yes]      impor daftar pegawai (XLSX atau CSV); tanpa --yes hanya diperiksa
  campaign list | open N | close N   daftar, buka, atau tutup kegiatan
  remind                             antrekan pengingat yang sudah waktunya
  coverage [--campaign N] [--json]   cakupan penandatanganan
  template check DIR                 periksa naskah.md dan halaman.yaml dalam satu folder
  template preview DIR --out F.pdf   cetak pratinjaunya dengan data rekaan
  verify BERKAS [--root PEM] [--at TANGGAL] [--json]
                                     periksa satu PDF tanpa jaringan dan tanpa basis data, kini atau pada tanggal lain;
                                     --record catatan.txt [--record-before LAMA] mencocokkan sertifikatnya;
                                     --person-root PEM: akar sertifikat milik orang sendiri yang Anda percayai
  keys init --institution NAMA [--demo]  buat akar, penerbit, segel, stempel waktu, dan tautan
  keys list | keys crl               sertifikat dan masa berlakunya | perbarui daftar cabut akar (setahun sekali)
  keys rotate NAMA [--pkcs11]        kunci dan sertifikat baru bagi segel, stempel-waktu, ocsp-..., atau penerbit-...
  keys revoke NAMA|SIDIK --reason ALASAN [--at WAKTU]  cabut sertifikat, untuk selamanya

Keluar 0 bila berhasil; verify: 0 sah, 1 tidak sah atau belum lengkap, 2 tidak terbaca.
Pengaturan lewat variabel lingkungan; lihat README.
`

const say = (line: string): void => {
  process.stdout.write(`${line}\n`)
}
const log = (line: string) => process.stderr.write(`${new Date().toISOString()} ${line}\n`)
const clock = () => new Date()
const random = (sizeBytes: number) => randomBytes(sizeBytes)

/** Everything a command needs, opened; `close` lets it all go. */
async function openHouse(
  config: Config,
  { isDemo = false }: { isDemo?: boolean } = {},
): Promise<{ house: House; close(): Promise<void> }> {
  const pressroom = openPresses(availableParallelism())
  mkdirSync(config.dataFolder, { recursive: true, mode: 0o700 })
  const unlock = config.databaseUrl ? () => {} : lockEmbedded(config.dataFolder)
  const db = await openDatabase(
    config.databaseUrl ? { url: config.databaseUrl } : { folder: join(config.dataFolder, 'database') },
  )
  await migrate(db, join(ROOT, 'migrations'))
  const parsed = new Map<string, PactTemplate>()
  const mailbox =
    isDemo && !config.smtpUrl
      ? openMailbox({ folder: join(config.dataFolder, 'surel'), from: config.mailFrom })
      : undefined
  const smtp = config.smtpUrl
    ? openSmtp({
        url: config.smtpUrl,
        from: config.mailFrom,
        timeoutSeconds: Math.max(1, Math.floor(config.mailLeaseSeconds / 3)),
        connectionsMax: 4,
      })
    : undefined
  const token = config.pkcs11 && (await openToken(config.pkcs11))
  const keys = openKeysOrSay(config, { isDemo, token })
  let tsa: House['tsa'] | undefined
  let foreign: House['foreign']
  const house: House = {
    db,
    files: openFolder(join(config.dataFolder, 'naskah')),
    get keys() {
      if (!keys)
        throw new PactError(
          'BAD_KEY',
          `Kunci belum ada di ${config.keysFolder}. Jalankan: npx pakta keys init --institution "NAMA INSTANSI"`,
        )
      return keys
    },
    get foreign() {
      if (!config.tsa && !config.personRootsPath) return undefined
      const { timestamp, person } = house.keys.roots
      const timeoutSeconds = config.tsa?.timeoutSeconds ?? 10
      return (foreign ??= openEvidence({ roots: [...timestamp, ...person], timeoutSeconds }))
    },
    get tsa() {
      return (tsa ??= openTsa(config, house.keys))
    },
    mailer: smtp ?? mailbox,
    mailbox,
    pressroom,
    letters: readLetters(),
    templateOf(version) {
      const name = `${version.code}/${version.version}`
      const known = parsed.get(name) ?? parseTemplate({ words: version.words, page: version.page, name })
      parsed.set(name, known)
      return known
    },
    settings: {
      baseUrl: config.baseUrl,
      isDemo,
      systemName: 'Pakta',
      linkDays: config.linkDays,
      signinMinutes: config.signinMinutes,
      sessionHours: config.sessionHours,
      mailLeaseSeconds: config.mailLeaseSeconds,
      mailPerDomainPerMinute: config.mailPerDomainPerMinute,
      mailConcurrency: 4,
    },
    about: { version: VERSION, attributions: ATTRIBUTIONS },
    random,
    log,
  }
  await enrollTemplates(house, readTemplates(), clock())
  return {
    house,
    async close() {
      house.mailer?.close()
      await pressroom.close()
      await db.destroy()
      token?.close()
      unlock()
    },
  }
}

// The embedded database is one process's alone: a second one would destroy it.
function lockEmbedded(folder: string): () => void {
  const path = join(folder, 'database.lock')
  for (;;) {
    try {
      writeFileSync(path, String(process.pid), { flag: 'wx' })
      return () => rmSync(path, { force: true })
    } catch (cause) {
      const owner = Number(readFileSync(path, 'utf8'))
      if (isAlive(owner))
        throw new PactError(
          'DATABASE_UNAVAILABLE',
          `Basis data tertanam di ${folder} sedang dipakai proses ${owner}. Hentikan dahulu, atau pakai PostgreSQL (DATABASE_URL).`,
          { cause },
        )
      rmSync(path, { force: true })
    }
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return pid !== process.pid
  } catch {
    return false
  }
}

function openKeysOrSay(
  config: Config,
  { isDemo, token }: { isDemo: boolean; token: Token | undefined },
): Keys | undefined {
  const { keysFolder: folder, keysPassphrase: passphrase, sealPkcs12 } = config
  if (!existsSync(join(folder, 'tautan.key'))) return undefined
  return openKeys(folder, {
    ...{ passphrase, token },
    demo: isDemo,
    now: clock(),
    personRoots: config.personRootsPath
      ? parseCertificatesPem(readFileSync(config.personRootsPath, 'latin1'))
      : [],
    timestampRoots: config.tsa ? parseCertificatesPem(readFileSync(config.tsa.rootsPath, 'latin1')) : [],
    sealPkcs12: sealPkcs12 && { bytes: readFileSync(sealPkcs12.path), passphrase: sealPkcs12.passphrase },
  })
}

const openPresses = (threadsMax: number): Pressroom => {
  const read = (name: string) => readFileSync(join(ROOT, 'templates/fonts', `LiberationSans-${name}.ttf`))
  const fonts = { regular: read('Regular'), bold: read('Bold'), italic: read('Italic') }
  // The threads load them for themselves; here, so that a font that lacks a character stops the start and no signature.
  loadFonts(fonts)
  return openPressroom(fonts, { threadsMax })
}

// Serial numbers grow with the clock, across restarts and for processes side by side.
function openTsa({ tsa }: Config, keys: Keys): House['tsa'] {
  if (tsa)
    return openTimestampAuthorities({
      ...{ addresses: tsa.addresses, timeoutSeconds: tsa.timeoutSeconds, clock, random, log },
      roots: keys.roots.timestamp,
    })
  const own = random(4)
  let last = 0
  return holdTimestampAuthority(keys.stamper, {
    clock,
    nextSerial() {
      last = Math.max(last + 1, Date.now() * 1000)
      const serial = Buffer.alloc(12)
      serial.writeBigUInt64BE(BigInt(last))
      own.copy(serial, 8)
      return serial
    },
  })
}

const readLetters = () =>
  Object.fromEntries(
    letterNames.map((name) => [name, readFileSync(join(ROOT, 'templates/mail', `${name}.md`), 'utf8')]),
  ) as Record<LetterName, string>

function readTemplates() {
  const folder = join(ROOT, 'templates/pact')
  const names = readdirSync(folder).flatMap((code) =>
    readdirSync(join(folder, code)).map((version) => `${code}/${version}`),
  )
  const legal = join(ROOT, 'templates/dasar-hukum')
  return {
    templates: names.map((name) => ({
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

const stopSignal = () =>
  new Promise<void>((stop) => {
    process.once('SIGINT', () => stop())
    process.once('SIGTERM', () => stop())
  })

// --- commands ---

async function serve(config: Config, { flags }: Call): Promise<void> {
  const isDemo = flags.demo === true
  const places = isDemo ? await demoPlaces(flags) : []
  if (isDemo && !existsSync(join(config.keysFolder, 'tautan.key')))
    await initKeys(config.keysFolder, {
      institution: places[0]!.governmentName,
      baseUrl: config.baseUrl,
      now: clock(),
      random,
      demo: true,
    })
  const { house, close } = await openHouse(config, { isDemo })
  await seedDemo(house, places)
  const hasKeys = existsSync(join(config.keysFolder, 'tautan.key'))
  if (!hasKeys)
    log(
      'kunci belum ada: undangan, masuk, tanda tangan, dan segel TIDAK berjalan. Jalankan: npx pakta keys init',
    )
  const soon = clock().getTime() + KEY_WARNING_DAYS * 86_400_000
  for (const { name, until } of hasKeys ? listKeys(config.keysFolder) : [])
    if (until.getTime() < soon)
      log(
        `${name} berakhir ${until.toISOString().slice(0, 10)}: ${name.endsWith('.crl') ? 'jalankan npx pakta keys crl' : 'siapkan penggantinya'}`,
      )
  if (!house.mailer) log('PAKTA_SMTP_URL belum diisi: surel menunggu dalam antrean dan TIDAK terkirim.')
  if (!config.databaseUrl)
    log(`DATABASE_URL belum diisi: memakai basis data tertanam di ${config.dataFolder}.`)
  const advance = hasKeys ? startAdvance(house, clock) : undefined
  const app = makeServer(
    house,
    {
      assets: { folder: join(ROOT, 'src/web/assets'), scripts: join(ROOT, 'dist/browser'), version: VERSION },
      uploadFolder: join(config.dataFolder, UPLOAD_FOLDER),
      proxyCount: config.proxyCount,
      onChange: () => advance?.nudge(),
    },
    clock,
  )
  const server = app.listen(config.port, config.host)
  await new Promise<void>((done, failed) => server.once('listening', done).once('error', failed))
  server.requestTimeout = 120_000
  server.headersTimeout = 20_000
  say(`Pakta berjalan di ${config.baseUrl} (proses ${process.pid})`)
  await stopSignal()
  log('berhenti: menyelesaikan yang sedang dikerjakan')
  server.close()
  server.closeIdleConnections()
  await advance?.stop()
  await close()
  // Screens that follow would hold the process; they come back to the next one.
  server.closeAllConnections()
}

async function demoPlaces(flags: Call['flags']): Promise<SeedGovernment[]> {
  const name = typeof flags.scenario === 'string' ? flags.scenario : undefined
  const places = await governmentsOf(name)
  if (!places) throw unknownScenario(name!)
  return places
}

// The demonstration's governments and their first administrators; everything else comes in through the pages.
async function seedDemo(house: House, places: readonly SeedGovernment[]): Promise<void> {
  for (const { roster: _roster, domain, election: _election, ...stated } of places) {
    await enrollPemda(house, stated, clock())
    const pemda = (await findPemdas(house.db)).find((one) => one.code === stated.code)!
    if ((await findAccounts(house.db, pemda.id)).length > 0) continue
    await inviteAccount(
      house,
      {
        ...{ pemdaId: pemda.id, role: 'administrator', unitId: undefined, email: `admin@${domain}` },
        ...{ name: 'Administrator Peragaan', institution: `BKPSDM ${pemda.name}`, jabatan: 'Administrator' },
      },
      { now: clock(), origin: atTerminal },
    )
  }
}

async function keys(config: Config, call: Call): Promise<void> {
  const token = config.pkcs11 && (await openToken(config.pkcs11))
  const { keysFolder: folder, baseUrl, keysPassphrase: passphrase } = config
  try {
    const isDone = await careForKeys({ folder, baseUrl, random, secrets: { passphrase, token } }, call)
    // A signer's certificate stands in the record.
    if (!isDone) await inHouse(revokeSigner)(config, call)
  } finally {
    token?.close()
  }
}

// The roots that a reader trusts: the file they name, or those of this installation's own key folder.
function readRoots(
  { keysFolder, tsa }: Config,
  named: string | undefined,
): { signer: string; seal: string; timestamp: string } {
  const read = (path: string) => readFileSync(path, 'utf8')
  if (named) return { signer: read(named), seal: read(named), timestamp: read(named) }
  const own = ['akar-penanda-tangan.crt', 'akar-segel.crt'].map((name) => join(keysFolder, name))
  if (!own.every(existsSync))
    throw new PactError(
      'BAD_KEY',
      'Sebutkan akar yang Anda percayai dengan --root PEM (unduh dari /akar.pem layanan ini, cocokkan sidiknya).',
    )
  const [signer, seal] = own.map(read) as [string, string]
  return { signer, seal, timestamp: seal + (tsa ? read(tsa.rootsPath) : '') }
}

const inHouse = (work: (house: House, call: Call) => Promise<void>) => async (config: Config, call: Call) => {
  const { house, close } = await openHouse(config)
  try {
    await work(house, call)
  } finally {
    await close()
  }
}

const commands: Record<string, (config: Config, call: Call) => Promise<void>> = {
  serve,
  keys,
  migrate: inHouse(async () => say('Basis data mutakhir.')),
  import: inHouse(importFile),
  campaign: inHouse(campaign),
  remind: inHouse(remind),
  coverage: inHouse(coverage),
  async template(_config, call) {
    const pressroom = openPresses(1)
    await template(pressroom, call).finally(() => pressroom.close())
  },
  async verify(config, call) {
    const [file] = call.rest
    if (!file)
      throw new PactError(
        'BAD_FORM',
        'Pemakaian: npx pakta verify BERKAS [--root PEM] [--at TANGGAL] [--json]',
      )
    const named = typeof call.flags.root === 'string' ? call.flags.root : undefined
    const persons = call.flags['person-root'] ?? config.personRootsPath
    const person = typeof persons === 'string' ? readFileSync(persons, 'utf8') : []
    process.exitCode = verify(file, { ...readRoots(config, named), person }, call)
  },
  demo: (config, { flags }) =>
    runDemo(
      {
        scenario: typeof flags.scenario === 'string' ? flags.scenario : undefined,
        isOnce: flags.once === true,
        signers: Number(flags.signers ?? 60),
        keepsData: flags.keep === true,
        out: resolve(typeof flags.out === 'string' ? flags.out : join(ROOT, 'out')),
        port: config.port,
        databaseUrl: config.databaseUrl,
        dataFolder: join(config.dataFolder, 'demo'),
        node: process.execPath,
        main: import.meta.filename,
        env: process.env,
      },
      { say, clock, stopped: stopSignal() },
    ),
}

async function run(): Promise<void> {
  const { positionals, values } = parseArgs({
    args: process.argv.slice(2),
    allowPositionals: true,
    options: {
      help: { type: 'boolean', short: 'h' },
      once: { type: 'boolean' },
      signers: { type: 'string' },
      scenario: { type: 'string' },
      out: { type: 'string' },
      keep: { type: 'boolean' },
      yes: { type: 'boolean' },
      json: { type: 'boolean' },
      campaign: { type: 'string' },
      root: { type: 'string' },
      at: { type: 'string' },
      record: { type: 'string' },
      'person-root': { type: 'string' },
      'record-before': { type: 'string' },
      institution: { type: 'string' },
      pkcs11: { type: 'boolean' },
      reason: { type: 'string' },
      demo: { type: 'boolean' },
    },
  })
  const [name, ...rest] = positionals
  if (values.help || name === undefined) return say(HELP)
  const command = commands[name]
  if (!command) throw new PactError('BAD_FORM', `Perintah "${name}" tidak dikenal.\n\n${HELP}`)
  await command(readConfig(process.env, process.cwd()), { rest, flags: values, now: clock(), say })
}

// `pakta ... | head` closes the pipe early; that is no fault of ours.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
  process.exit()
})

run().catch((error: unknown) => {
  const isRefusal =
    error instanceof PactError || (error as { code?: string }).code?.startsWith('ERR_PARSE_ARGS')
  process.stderr.write(
    `${isRefusal ? (error as Error).message : ((error as Error).stack ?? String(error))}\n`,
  )
  process.exitCode = 2
})

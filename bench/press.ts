import { execFileSync, spawnSync } from 'node:child_process'
import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { availableParallelism, cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { monitorEventLoopDelay, performance } from 'node:perf_hooks'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { gzipSync } from 'node:zlib'
import { PDF, P12Signer as LibpdfSigner } from '@libpdf/core'
import { pdflibAddPlaceholder } from '@signpdf/placeholder-pdf-lib'
import { P12Signer } from '@signpdf/signer-p12'
import { SignPdf } from '@signpdf/signpdf'
import fontkit from '@pdf-lib/fontkit'
import { PDFDocument } from 'pdf-lib'
import QRCode from 'qrcode'
import { SEAL_SLOT } from '../src/domain/pact.js'
import { issueCertificate, issueRoot } from '../src/evidence/authority.js'
import { formatCertificatePem, holdKey, type Signer } from '../src/evidence/certificate.js'
import { signDraft } from '../src/evidence/pades.js'
import { joinPressed } from '../src/evidence/press.js'
import { checkPdf } from '../src/evidence/verdict.js'
import { typeset } from '../src/evidence/typeset.js'
import { openPressroom } from '../src/remote/pressroom.js'
import { openPacts, type Pacts } from './pacts.js'

/** What is measured; each in a process of its own, pinned to one core where `taskset` exists. */
const modes = ['p256', 'rsa', 'two', 'libpdf', 'signpdf'] as const
type Mode = (typeof modes)[number]
const COUNTS: Record<Mode, number> = { p256: 6_000, rsa: 4_000, two: 2_000, libpdf: 300, signpdf: 40 }
const ROUNDS = 3
const SAMPLES = 10
const FLAT_COUNT = 100_000
const ROOM_COUNT = 6_000
/** Pacts that wait for a page at the same time. */
const ROOM_AT_ONCE = 8

interface Measured {
  perSecond: number
  bytes: number // of a file, on average
  storedBytes: number // what a pact adds to the store, shared parts spread over all
  /** Resident memory, and what is still in use after a collection. */
  rssMib: { atThousand: number; peak: number }
  liveMib: { atThousand: number; atEnd: number }
}

/**
 * How many finished pacts a second one core makes, next to other libraries and to OpenSSL's own signatures.
 * `--json` prints one object; `--count N` sets the pacts of each round of ours.
 */
export default async function benchPress(args: string[]): Promise<void> {
  if (args[0] === '--measure') {
    const [, mode, count, folder] = args as [string, Mode | 'room', string, string | undefined]
    if (mode === 'room') return console.log(JSON.stringify(await measureRoom(Number(count))))
    return console.log(JSON.stringify(await measure(mode, Number(count), folder)))
  }
  const isJson = args.includes('--json')
  const at = args.indexOf('--count')
  const counts = at < 0 ? COUNTS : { ...COUNTS, p256: Number(args[at + 1]), rsa: Number(args[at + 1]) }
  const say = (line: string) => (isJson ? process.stderr : process.stdout).write(`${line}\n`)
  say(
    `${cpus()[0]?.model ?? 'unknown'}, ${cpus().length} cores, Node ${process.version}, ${new Date().toISOString().slice(0, 10)}`,
  )
  const folder = await mkdtemp(join(tmpdir(), 'pakta-bench-'))
  try {
    const found = Object.fromEntries(modes.map((mode) => [mode, [] as Measured[]])) as Record<
      Mode,
      Measured[]
    >
    const openssl: { rsa: number[]; p256: number[] } = { rsa: [], p256: [] }
    for (let round = 0; round < ROUNDS; round++)
      for (const mode of modes) {
        const one = runPinned(mode, counts[mode], round === 0 ? folder : undefined)
        found[mode].push(one)
        say(`  round ${round + 1}: ${mode} ${one.perSecond.toFixed(0)}/s`)
        if (mode === 'rsa') {
          openssl.rsa.push(opensslRate('rsa2048'))
          openssl.p256.push(opensslRate('ecdsap256'))
        }
      }
    const flat = runPinned('p256', FLAT_COUNT)
    const room = runMeasure<Room>('room', ROOM_COUNT)
    say(`  all cores: ${room.perSecond.toFixed(0)}/s, longest stall ${room.stallMs.toFixed(0)} ms`)
    checkSamples(folder, say)
    const middle = (values: number[]) =>
      values.sort((one, other) => one - other)[Math.floor(values.length / 2)]!
    const rate = (mode: Mode) => Math.round(middle(found[mode].map(({ perSecond }) => perSecond)))
    const ours = found.p256[0]!
    const result = {
      pacts_per_second_per_core: rate('p256'),
      rsa_pacts_per_second_per_core: rate('rsa'),
      two_signature_pacts_per_second_per_core: rate('two'),
      libpdf_per_second: rate('libpdf'),
      signpdf_per_second: rate('signpdf'),
      openssl_rsa2048_per_second: Math.round(middle(openssl.rsa)),
      openssl_p256_per_second: Math.round(middle(openssl.p256)),
      bytes_per_pact: Math.round(ours.bytes),
      stored_bytes_per_pact: Math.round(ours.storedBytes),
      peak_rss_mib: flat.rssMib.peak,
      rss_mib_at_1000: flat.rssMib.atThousand,
      rss_mib_at_100000: flat.rssMib.peak,
      live_mib_at_1000: flat.liveMib.atThousand,
      live_mib_at_100000: flat.liveMib.atEnd,
      all_cores_pacts_per_second: Math.round(room.perSecond),
      event_loop_longest_stall_ms: Math.round(room.stallMs),
      two_signature_bytes_per_pact: Math.round(found.two[0]!.bytes),
      two_signature_stored_bytes_per_pact: Math.round(found.two[0]!.storedBytes),
    }
    if (isJson) console.log(JSON.stringify(result, undefined, 1))
    else
      for (const [name, value] of Object.entries(result))
        console.log(`${name.padEnd(42)} ${String(value).padStart(8)}`)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

const hasTaskset = () => spawnSync('which', ['taskset']).status === 0

const runPinned = (mode: Mode, count: number, folder?: string): Measured =>
  runMeasure(mode, count, { folder, pin: hasTaskset() ? ['taskset', '-c', String(cpus().length - 1)] : [] })

function runMeasure<T>(
  mode: Mode | 'room',
  count: number,
  { folder, pin = [] }: { folder?: string | undefined; pin?: string[] } = {},
): T {
  const measure = ['press', '--measure', mode, String(count), ...(folder ? [folder] : [])]
  const [program, ...rest] = [...pin, process.execPath, process.argv[1]!, ...measure]
  const out = execFileSync(program!, rest, {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
    maxBuffer: 1 << 26,
  })
  return JSON.parse(out) as T
}

function opensslRate(algorithm: string): number {
  const out = execFileSync('openssl', ['speed', '-seconds', '1', algorithm], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  return Number(/([\d.]+)\s+[\d.]+\s*$/.exec(out.trim())![1])
}

const signedAt = new Date(Math.floor(Date.now() / 1000) * 1000)
const subject = { commonName: 'Pemerintah Kota Kendari', organization: 'Pemerintah Kota Kendari' }

async function makeRoot(kind: 'p256' | 'rsa'): Promise<Signer> {
  const pair = makePair(kind)
  const key = holdKey(pair.privateKey, pair.publicKey)
  const certificate = await issueRoot({
    key,
    subject: { ...subject, commonName: 'Akar Bench' },
    serial: randomBytes(16),
    now: signedAt,
  })
  return { ...key, chain: [], certificate }
}

const makePair = (kind: 'p256' | 'rsa') =>
  kind === 'p256'
    ? generateKeyPairSync('ec', { namedCurve: 'P-256' })
    : generateKeyPairSync('rsa', { modulusLength: 2048 })

async function makeSigner(
  root: Signer,
  { kind, profile, name }: { kind: 'p256' | 'rsa'; profile: 'seal' | 'party'; name: string },
): Promise<Signer> {
  const pair = makePair(kind)
  const certificate = await issueCertificate({
    profile,
    issuer: root,
    publicKey: pair.publicKey,
    subject: { ...subject, commonName: name },
    serial: randomBytes(16),
    now: signedAt,
    ...(profile === 'party' && { method: 'one-time-server-key' as const }),
  })
  return { ...holdKey(pair.privateKey, pair.publicKey), chain: [root.certificate], certificate }
}

interface Room {
  perSecond: number
  stallMs: number
}

// As the service works: pages come from threads on every core, the main thread signs them and answers people.
async function measureRoom(count: number): Promise<Room> {
  const pacts = await openPacts()
  const root = await makeRoot('p256')
  const signer = await makeSigner(root, { kind: 'p256', profile: 'seal', name: subject.commonName })
  const room = openPressroom(pacts.fonts.files, { threadsMax: availableParallelism() })
  const delay = monitorEventLoopDelay({ resolution: 1 })
  // From the first page on, with the threads' own start in it.
  delay.enable()
  const started = performance.now()
  let next = 0
  const work = async () => {
    while (next < count) {
      const { draft } = await room.print(pacts.job(next++, [SEAL_SLOT]))
      await signDraft(draft, { slot: SEAL_SLOT, signer, at: signedAt, name: 'Kota', reason: 'Segel' })
    }
  }
  await Promise.all(Array.from({ length: ROOM_AT_ONCE }, work))
  const seconds = (performance.now() - started) / 1000
  delay.disable()
  await room.close()
  return { perSecond: count / seconds, stallMs: delay.max / 1e6 }
}

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void
/** MiB in use after a collection. */
function liveMib(): number {
  collect()
  const { heapUsed, external } = process.memoryUsage()
  return Math.round((heapUsed + external) / 2 ** 20)
}

async function measure(mode: Mode, count: number, folder: string | undefined): Promise<Measured> {
  const pacts = await openPacts()
  const make =
    mode === 'libpdf'
      ? await openLibpdf(pacts)
      : mode === 'signpdf'
        ? await openSignpdf(pacts)
        : await openOurs(pacts, mode, folder)
  for (let index = 0; index < Math.min(500, count); index++) await make(index)
  let bytes = 0
  let own = 0
  const shared = new Map<Uint8Array, number>()
  const samples: { index: number; parts: Uint8Array[] }[] = []
  const rss = () => Math.round(process.memoryUsage.rss() / 2 ** 20)
  const at = { rss: 0, live: 0 }
  const started = performance.now()
  for (let index = 0; index < count; index++) {
    const { common, parts } = await make(index)
    for (const part of common) shared.set(part, part.length)
    for (const part of [...common, ...parts]) bytes += part.length
    for (const part of parts) own += part.length
    if (count === FLAT_COUNT && index === 1000) Object.assign(at, { rss: rss(), live: liveMib() })
    if (folder && index % Math.ceil(count / SAMPLES) === 0)
      samples.push({ index, parts: [...common, ...parts] })
  }
  const seconds = (performance.now() - started) / 1000
  // Stored is what the store keeps: shared parts once, a pact's own parts compressed.
  let stored = own
  if (folder) {
    const { common, parts } = await make(count)
    stored = parts.reduce((sum, part) => sum + gzipSync(part).length, 0) * count
    for (const part of [...shared.keys(), ...common]) stored += gzipSync(part).length
    for (const { index, parts } of samples)
      await writeFile(join(folder, `${mode}-${index}.pdf`), Buffer.concat(parts))
  }
  return {
    perSecond: count / seconds,
    bytes: bytes / count,
    storedBytes: stored / count,
    liveMib: { atThousand: at.live, atEnd: liveMib() },
    rssMib: { atThousand: at.rss, peak: Math.round(process.resourceUsage().maxRSS / 1024) },
  }
}

type Make = (index: number) => Promise<{ common: readonly Uint8Array[]; parts: Uint8Array[] }>

async function openOurs(
  pacts: Pacts,
  mode: 'p256' | 'rsa' | 'two',
  folder: string | undefined,
): Promise<Make> {
  const kind = mode === 'rsa' ? 'rsa' : 'p256'
  const root = await makeRoot(kind)
  const seal = await makeSigner(root, { kind, profile: 'seal', name: subject.commonName })
  if (folder) await writeFile(join(folder, `${mode}.pem`), formatCertificatePem(root.certificate))
  const sealValues = {
    slot: SEAL_SLOT,
    signer: seal,
    at: signedAt,
    name: subject.commonName,
    reason: 'Segel instansi: naskah lengkap dan tidak berubah sejak disegel',
  }
  if (mode !== 'two')
    return async (index) => {
      const pressed = await pacts.press.print(pacts.sheet(index, [SEAL_SLOT]))
      const sealed = await signDraft(pressed.draft, sealValues)
      return { common: pressed.shared, parts: [pressed.own, sealed.bytes] }
    }
  return async (index) => {
    const sheet = pacts.sheet(index)
    const pressed = await pacts.press.print(sheet)
    const { name } = sheet.marks.PENANDA_TANGAN as { name: string }
    const signer = await makeSigner(root, { kind, profile: 'party', name })
    const signed = await signDraft(pressed.draft, {
      slot: 'PENANDA_TANGAN',
      signer,
      at: signedAt,
      name,
      reason: 'Menyetujui dan menandatangani pakta integritas',
    })
    const sealed = await signDraft(signed.draft, sealValues)
    return { common: pressed.shared, parts: [pressed.own, signed.bytes, sealed.bytes] }
  }
}

/** A P12 of an RSA-2048 key, as both peers take it. */
async function makePkcs12(): Promise<Buffer> {
  const folder = await mkdtemp(join(tmpdir(), 'pakta-bench-p12-'))
  const path = (name: string) => join(folder, name)
  const openssl = (...args: string[]) =>
    execFileSync('openssl', args, { stdio: ['ignore', 'ignore', 'ignore'] })
  openssl(
    'req',
    '-x509',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-keyout',
    path('key'),
    '-out',
    path('pem'),
    '-subj',
    '/CN=Bench',
    '-days',
    '30',
  )
  openssl(
    'pkcs12',
    '-export',
    '-inkey',
    path('key'),
    '-in',
    path('pem'),
    '-out',
    path('p12'),
    '-passout',
    'pass:bench',
  )
  const { readFileSync } = await import('node:fs')
  const bytes = readFileSync(path('p12'))
  await rm(folder, { recursive: true })
  return bytes
}

/** @libpdf/core: loads the finished page, draws one line and signs. */
async function openLibpdf(pacts: Pacts): Promise<Make> {
  const page = joinPressed(await pacts.press.print(pacts.sheet(0, [])))
  const signer = await LibpdfSigner.create(await makePkcs12(), 'bench')
  return async (index) => {
    const pdf = await PDF.load(page)
    pdf.getPage(0)!.drawText(`Pakta ${index}`, { x: 85, y: 100, size: 9 })
    const { bytes } = await pdf.sign({ signer, reason: 'Segel instansi' })
    return { common: [], parts: [bytes] }
  }
}

/** pdf-lib draws what we draw (two subset fonts, a PNG of the symbol; laid out beforehand); @signpdf signs. */
async function openSignpdf(pacts: Pacts): Promise<Make> {
  const pkcs12 = await makePkcs12()
  return async (index) => {
    const sheet = pacts.sheet(index)
    const layout = typeset(
      {
        text: sheet.text,
        page: pacts.template.page,
        letterhead: sheet.letterhead!,
        marks: sheet.marks,
        footer: [],
        verification: { modules: 37, ...sheet.qr! },
      },
      pacts.fonts.metrics,
    )
    const doc = await PDFDocument.create()
    doc.registerFontkit(fontkit)
    const regular = await doc.embedFont(pacts.fonts.files.regular, { subset: true })
    const bold = await doc.embedFont(pacts.fonts.files.bold, { subset: true })
    const symbol = await doc.embedPng(await QRCode.toBuffer(sheet.qr!.url))
    for (const { items } of layout.pages) {
      const page = doc.addPage([layout.widthPt, layout.heightPt])
      for (const item of items)
        if (item.kind === 'text')
          page.drawText(item.text, {
            x: item.x,
            y: layout.heightPt - item.y,
            size: item.sizePt,
            font: item.style === 'bold' ? bold : regular,
          })
        else if (item.kind === 'qr')
          page.drawImage(symbol, {
            x: item.x,
            y: layout.heightPt - item.y - item.widthPt,
            width: item.widthPt,
            height: item.widthPt,
          })
    }
    // A signer of its own each time: it reads its key only once.
    const signer = new P12Signer(pkcs12, { passphrase: 'bench' })
    pdflibAddPlaceholder({
      pdfDoc: doc,
      reason: 'Segel instansi',
      contactInfo: '',
      name: 'Bench',
      location: 'Kendari',
    })
    const bytes = await new SignPdf().sign(Buffer.from(await doc.save({ useObjectStreams: false })), signer)
    return { common: [], parts: [bytes] }
  }
}

/** Samples of the very files that were timed, under tools that we did not write and under our own verdict. */
function checkSamples(folder: string, say: (line: string) => void) {
  const files = execFileSync('ls', [folder], { encoding: 'utf8' })
    .split('\n')
    .filter((name) => /^(p256|rsa|two)-\d+\.pdf$/.test(name))
  const missing = ['qpdf', 'pdfsig', 'certutil'].filter((tool) => spawnSync('which', [tool]).status !== 0)
  if (missing.length > 0) throw new Error(`to check the samples, install: ${missing.join(', ')}`)
  for (const mode of ['p256', 'rsa', 'two']) {
    const pem = execFileSync('cat', [join(folder, `${mode}.pem`)], { encoding: 'utf8' })
    const nss = join(folder, `nss-${mode}`)
    execFileSync('mkdir', [nss])
    execFileSync('certutil', ['-N', '-d', `sql:${nss}`, '--empty-password'])
    execFileSync('certutil', [
      '-A',
      '-d',
      `sql:${nss}`,
      '-n',
      'akar',
      '-t',
      'C,C,C',
      '-a',
      '-i',
      join(folder, `${mode}.pem`),
    ])
    for (const name of files.filter((file) => file.startsWith(`${mode}-`))) {
      const path = join(folder, name)
      const qpdf = spawnSync('qpdf', ['--check', path], { encoding: 'utf8' })
      const pdfsig = spawnSync('pdfsig', ['-nssdir', `sql:${nss}`, path], { encoding: 'utf8' }).stdout
      const valid = pdfsig.match(/Signature is Valid/g)?.length ?? 0
      const trusted = pdfsig.match(/Certificate is Trusted/g)?.length ?? 0
      const pdf = execFileSync('cat', [path], { maxBuffer: 1 << 24 })
      const { signatures } = checkPdf(pdf, { roots: { signer: [pem], seal: [pem] }, at: new Date() })
      const wanted = mode === 'two' ? 2 : 1
      if (
        qpdf.status !== 0 ||
        valid !== wanted ||
        trusted !== wanted ||
        signatures.some(({ level }) => level !== 'PAdES-BASELINE-B')
      )
        throw new Error(
          `${name}: qpdf ${qpdf.status}, pdfsig ${valid} valid and ${trusted} trusted of ${wanted}, levels ${signatures.map(({ level }) => level).join(' ')}\n${qpdf.stderr}${pdfsig}`,
        )
    }
  }
  say(`  ${files.length} of the timed files checked with qpdf, pdfsig and our own verdict: all valid`)
}

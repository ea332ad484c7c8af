import { mkdir, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { formatRoster, formatUnits, inventKendari } from '../../seeds/workbook.js'
import type { SeedPerson, SeedRoster } from '../../seeds/people.js'
import { PactError } from '../domain/errors.js'
import { isGateKind } from '../domain/unit.js'
import { checkPdf } from '../evidence/verdict.js'
import { Client, until } from './client.js'
import { openFolder, openSink, type Post } from './post.js'
import { type DemoOptions, freePort, prepareSchema, Server, type Tools } from './server.js'

const ADMINISTRATOR = 'admin@kendari.example'
const WITNESS = 'saksi@bawaslu-kendari.example'
const AUDITOR = 'auditor@kendari.example'
const PARALLEL = 6

/**
 * Plays the whole road as an outside client: everything goes over the service's own HTTP and SMTP, the server
 * is a process of its own, and when that dies it is started again and the road goes on.
 */
export async function runDemo(options: DemoOptions, tools: Tools): Promise<void> {
  const { isOnce, signers } = options
  if (isOnce && !(Number.isInteger(signers) && signers >= 2 && signers <= 5000))
    throw new PactError('BAD_FORM', `--signers ${signers}; seharusnya bilangan bulat 2 sampai 5000`)
  const started = tools.clock().getTime()
  const dataFolder = isOnce ? join(options.out, 'data') : options.dataFolder
  if (isOnce) {
    await rm(dataFolder, { recursive: true, force: true })
    await rm(join(options.out, 'pakta'), { recursive: true, force: true })
    await mkdir(join(options.out, 'pakta'), { recursive: true })
  }
  await mkdir(dataFolder, { recursive: true })
  const isReady = !isOnce && (await exists(join(dataFolder, 'siap')))
  const databaseUrl = options.databaseUrl && (await prepareSchema(options.databaseUrl, isReady))
  const roster = await inventKendari()
  const post = isOnce ? await openSink() : openFolder(join(dataFolder, 'surel'))
  const port = await freePort(isOnce ? 0 : options.port)
  const server = new Server({ ...options, port, dataFolder, databaseUrl, smtpPort: post.port }, tools)
  const client = new Client(server.baseUrl)
  const road = async () => {
    await server.start()
    if (!isReady) await prepare(client, post, roster, tools)
    await writeFile(join(dataFolder, 'siap'), '')
    if (isOnce) await playOnce({ client, post, roster, options, server, started, tools })
    else await showAround(client, post, roster, tools)
  }
  const interruption = async () => {
    await tools.stopped
    if (isOnce) throw new PactError('STALE', 'Dihentikan sebelum selesai.')
  }
  try {
    await Promise.race([road(), interruption()])
  } finally {
    await server.stop()
    // Only now has the last mail left.
    if (isOnce) await writeFile(join(options.out, 'surel.json'), JSON.stringify(post.log(), undefined, 1))
    await post.close()
  }
  if (isOnce && !options.keepsData) await rm(dataFolder, { recursive: true, force: true })
}

// --- the road ---

async function prepare(client: Client, post: Post, roster: SeedRoster, tools: Tools): Promise<void> {
  tools.say('Masuk sebagai administrator ...')
  await signIn(client, post, ADMINISTRATOR)
  tools.say(`Mengimpor ${roster.units.length} unit dan ${roster.people.length} pegawai rekaan dari XLSX ...`)
  await client.upload('/admin/daftar-unit', 'unitFile', 'unit.xlsx', await formatUnits(roster.units))
  // An upload whose answer was lost is simply sent again: a checked file that nobody confirms changes nothing.
  let imported = ''
  while (!imported.endsWith('/selesai')) {
    const check = await client.upload(
      '/admin/daftar-pegawai',
      'file',
      'pegawai.xlsx',
      await formatRoster(roster),
    )
    imported = await client.post(`${check}/simpan`, {}).catch(() => '')
  }
  tools.say('Mengundang akun Bawaslu, auditor, dan pimpinan unit ...')
  const none = { institution: '', jabatan: '', unitId: '' }
  const office = { institution: 'Bawaslu Kota Kendari', jabatan: 'Ketua', unitId: '' }
  const invite = (email: string, account: Record<string, string>) =>
    until(async () => {
      if ((await client.get('/admin/akun')).includes(email)) return true
      await client.postOnce('/admin/akun', { ...none, ...account, email })
      return undefined
    })
  await invite(WITNESS, { ...office, role: 'bawaslu', name: 'Saksi Peragaan, S.H.' })
  await invite(AUDITOR, { role: 'auditor', name: 'Auditor Peragaan' })
  const page = await client.get('/admin/akun/baru')
  for (const head of headsOf(roster).slice(0, 2)) {
    const unitId =
      new RegExp(`<option value="(\\d+)"[^>]*>[^<]*\\(${escape(head.unit.code)}\\)`).exec(page)?.[1] ?? ''
    await invite(emailOf(head), { role: 'unit_head', name: head.name, unitId })
  }
  tools.say('Membuat dan membuka kegiatan ...')
  const campaignId = await until(async () => {
    const made = /\/admin\/kegiatan\/(\d+)/.exec(await client.get('/admin/kegiatan'))
    if (!made) await createCampaign(client, tools)
    return made?.[1]
  })
  // A second press of "open" after a lost answer is refused as already done.
  await client.post(`/admin/kegiatan/${campaignId}/buka`, {}).catch(() => '')
}

async function createCampaign(client: Client, tools: Tools): Promise<void> {
  const form = await client.get('/admin/kegiatan/baru')
  const values = (name: string) =>
    [
      ...form.matchAll(
        new RegExp(`name="${name}"[^>]*value="(\\d+)"|value="(\\d+)"[^>]*name="${name}"`, 'g'),
      ),
    ].map((found) => (found[1] ?? found[2])!)
  const option = (name: string, index = 0) => {
    const select = new RegExp(`<select[^>]*name="${name}"[\\s\\S]*?</select>`).exec(form)![0]
    return [...select.matchAll(/value="([^"]+)"/g)].map((found) => found[1]!)[index] ?? ''
  }
  const year = tools.clock().getUTCFullYear() + 1
  await client.postOnce('/admin/kegiatan', {
    name: `Pakta Integritas Netralitas ${year}`,
    electionKind: 'PEMILIHAN',
    electionName: `Pemilihan Wali Kota dan Wakil Wali Kota Kendari Tahun ${year}`,
    eventPlace: 'Balai Kota Kendari',
    legalBasisId: option('legalBasisId'),
    templateHEAD: option('templateHEAD'),
    templateASN: option('templateASN'),
    templateNON_ASN: option('templateNON_ASN'),
    deadlineDate: new Date(tools.clock().getTime() + 30 * 86_400_000).toISOString().slice(0, 10),
    deadlineTime: '16:00',
    timeZone: 'WITA',
    unitIds: values('unitIds'),
    requiredLegalStatuses: ['AKTIF'],
    witnessAccountId: option('witnessAccountId'),
    // A demonstration has to work at night too; a real campaign has its quiet hours.
    quietFromHour: '0',
    quietUntilHour: '0',
    remindAfterDays: '3, 7, 10',
  })
}

async function playOnce(play: {
  client: Client
  post: Post
  roster: SeedRoster
  options: DemoOptions
  server: Server
  started: number
  tools: Tools
}): Promise<void> {
  const { client, post, roster, options, server, tools } = play
  const { heads, staff } = chooseSigners(roster, options.signers)
  const pacts = new Map<SeedPerson, string>()
  tools.say(`${heads.length} pimpinan menandatangani ...`)
  await inParallel(
    heads,
    async (head) => void pacts.set(head, await signPact(client.stranger(), post, head)),
    tools,
  )
  tools.say('Bawaslu menyaksikan ...')
  const witness = client.stranger()
  await signIn(witness, post, WITNESS)
  await witnessAll(witness, heads.length)
  tools.say(`${staff.length} pegawai menandatangani setelah pimpinannya disaksikan ...`)
  await inParallel(
    staff,
    async (person) => void pacts.set(person, await signPact(client.stranger(), post, person)),
    tools,
  )

  tools.say('Mengunduh dan memeriksa setiap pakta ...')
  const pem = await client.get('/akar.pem')
  await writeFile(join(options.out, 'akar.pem'), pem)
  let sealed = 0
  let verified = 0
  await inParallel(
    [...pacts],
    async ([, link]) => {
      const file = await client.stranger().waitForPdf(`${link}/pakta.pdf`)
      sealed++
      await writeFile(join(options.out, 'pakta', file.name), file.bytes)
      const verdict = checkPdf(file.bytes, { roots: { signer: [pem], seal: [pem] }, at: tools.clock() })
      const code = /pakta-(\w+)\.pdf/.exec(file.name)![1]!
      const page = await client.stranger().get(`/v/${code}`)
      if (verdict.conclusion === 'VALID' && /\bSAH\b/.test(page) && !/TIDAK SAH|BELUM LENGKAP/.test(page))
        verified++
      else tools.say(`GAGAL: ${file.name} ${verdict.conclusion}`)
    },
    tools,
  )

  const { coverage, isEqual } = await compareCoverage(client, [...pacts.keys()])
  await writeFile(join(options.out, 'coverage.json'), JSON.stringify(coverage, undefined, 1))
  const seconds = (tools.clock().getTime() - play.started) / 1000
  const summary = {
    signers: options.signers,
    signed: pacts.size,
    sealed,
    verified,
    seconds,
    restarts: server.restarts,
  }
  await writeFile(join(options.out, 'summary.json'), JSON.stringify(summary, undefined, 1))
  tools.say(JSON.stringify(summary))
  const isWhole = [pacts.size, sealed, verified].every((count) => count === options.signers)
  if (!isEqual)
    throw new PactError('STALE', 'Cakupan tidak sama dengan yang menandatangani; lihat coverage.json.')
  if (!isWhole) throw new PactError('STALE', `Tidak semua pakta lengkap: ${JSON.stringify(summary)}`)
  tools.say(`Selesai: ${options.out}`)
}

// As many units as it takes, small ones first and kecamatan among them, so that few strangers are invited.
function chooseSigners(roster: SeedRoster, count: number): { heads: SeedPerson[]; staff: SeedPerson[] } {
  const gateOf = gatesOf(roster)
  const isReachable = (person: SeedPerson) =>
    /^\S+@\S+\.example$/.test(emailOf(person)) && person.legalStatusText === 'Aktif'
  const heads = new Map(
    headsOf(roster)
      .filter(isReachable)
      .map((head) => [gateOf(head.unit.code), head]),
  )
  const members = new Map<string, SeedPerson[]>([...heads.keys()].map((code) => [code, []]))
  for (const person of roster.people)
    if (isReachable(person) && ![...heads.values()].includes(person))
      members.get(gateOf(person.unit.code))?.push(person)
  const gates = [...members].sort(
    (one, other) => one[1].length - other[1].length || one[0].localeCompare(other[0]),
  )
  const kecamatan = gates.filter(([code]) => /^\d/.test(code))
  const agencies = gates.filter(([code]) => !/^\d/.test(code))
  const mixed = agencies.flatMap((agency, index) => [agency, ...(kecamatan[index] ? [kecamatan[index]] : [])])
  const wanted = Math.max(1, Math.floor(count / 4))
  const chosen: typeof mixed = []
  for (const gate of mixed) {
    const capacity = chosen.reduce((sum, [, people]) => sum + people.length + 1, 0)
    if (chosen.length >= wanted && capacity >= count) break
    if (chosen.length >= count) break
    chosen.push(gate)
  }
  const staff: SeedPerson[] = []
  for (let round = 0; staff.length < count - chosen.length; round++) {
    const before = staff.length
    for (const [, people] of chosen) {
      const person = people[round]
      if (person && staff.length < count - chosen.length) staff.push(person)
    }
    if (staff.length === before)
      throw new PactError('BAD_FORM', `Hanya ${staff.length + chosen.length} orang dapat menandatangani.`)
  }
  return { heads: chosen.map(([code]) => heads.get(code)!), staff }
}

const emailOf = (person: SeedPerson) => person.emailGov || person.email

/** The heads of OPD and kecamatan who work in the unit they head. */
function headsOf(roster: SeedRoster): SeedPerson[] {
  const people = new Map(roster.people.map((person) => [person.identityNumber, person]))
  const heads = roster.units
    .filter((unit) => isGateKind(unit.kind) && unit.headNip && unit.headCapacity === 'definitif')
    .map((unit) => ({ unit, head: people.get(unit.headNip!) }))
    .filter(({ unit, head }) => head?.unit.code === unit.code)
    .map(({ head }) => head!)
  const camat = heads.filter((head) => head.unit.kind === 'kecamatan')
  const first = [heads.find((head) => head.unit.kind === 'opd')!, camat[0]!]
  return [...first, ...heads].filter((head, index, all) => all.indexOf(head) === index)
}

function gatesOf(roster: SeedRoster): (code: string) => string {
  const units = new Map(roster.units.map((unit) => [unit.code, unit]))
  const gateOf = (code: string): string => {
    const unit = units.get(code)!
    return isGateKind(unit.kind) || unit.parentCode === '' ? code : gateOf(unit.parentCode)
  }
  return gateOf
}

/** One person: mail, link, read, sign. Returns the personal link. */
async function signPact(browser: Client, post: Post, person: SeedPerson): Promise<string> {
  const link = await post.waitForLink(emailOf(person), /\/t\/[\w-]{43}/, /Tanda terima/)
  const page = await browser.get(link)
  const textSha256 = /name="textSha256" value="([0-9a-f]{64})"/.exec(page)?.[1]
  if (!textSha256) {
    if (page.includes('sudah ditandatangani')) return link
    throw new PactError('STALE', `Halaman penandatanganan ${person.unit.code} tidak seperti yang diharapkan.`)
  }
  await browser.post(`${link}/dibuka`, {})
  const isDrawn = person.sex === 'female'
  await browser.post(`${link}/tanda-tangan`, {
    textSha256,
    isSelf: '1',
    hasRead: '1',
    isBinding: '1',
    identityTail: person.identityNumber.replace(/[^0-9A-Za-z]/g, '').slice(-4),
    method: isDrawn ? 'drawn' : 'typed',
    typedName: person.name,
    strokes: isDrawn ? drawSomething(person.name) : '',
  })
  return link
}

// A flourish that depends on the name, so that no two drawn signatures look alike.
function drawSomething(name: string): string {
  const stroke = [...name].flatMap((char, index) => {
    const turn = char.codePointAt(0)! % 7
    return [Math.min(590, 20 + index * 18), 40 + ((turn * 53 + index * 31) % 120)]
  })
  return JSON.stringify([stroke, [30, 170, 300, 150, 560, 165]])
}

async function witnessAll(browser: Client, count: number): Promise<void> {
  const done = new Set<string>()
  await until(async () => {
    const list = await browser.get('/saksi')
    for (const [, id] of list.matchAll(/href="\/saksi\/(\d+)"/g)) {
      if (done.has(id!)) continue
      const page = await browser.get(`/saksi/${id}`)
      const textSha256 = /name="textSha256" value="([0-9a-f]{64})"/.exec(page)?.[1]
      if (textSha256) await browser.post(`/saksi/${id}/tanda-tangan`, { textSha256, confirms: '1' })
      done.add(id!)
    }
    return done.size >= count || undefined
  })
}

/** The tree's counts against a tally of our own. */
async function compareCoverage(client: Client, signed: SeedPerson[]) {
  const start = await client.location('/cakupan')
  const coverage = JSON.parse(await client.get(`${start}/ekspor.json`)) as {
    depth: number
    code: string
    signed: number
    own: { signed: number }
  }[]
  const tally = new Map<string, number>()
  for (const person of signed) tally.set(person.unit.code, (tally.get(person.unit.code) ?? 0) + 1)
  const isEqual =
    coverage[0]?.signed === signed.length &&
    coverage.every((node) => node.own.signed === (tally.get(node.code) ?? 0)) &&
    coverage.reduce((sum, node) => sum + node.own.signed, 0) === signed.length
  return { coverage, isEqual }
}

async function showAround(client: Client, post: Post, roster: SeedRoster, tools: Tools): Promise<void> {
  const [agencyHead, camat] = headsOf(roster) as [SeedPerson, SeedPerson]
  const personal = async (person: SeedPerson) =>
    client.baseUrl + (await post.waitForLink(emailOf(person), /\/t\/[\w-]{43}/))
  const links = { agencyHead: await personal(agencyHead), camat: await personal(camat) }
  const door = async (email: string) => client.baseUrl + (await signInLink(client.stranger(), post, email))
  tools.say(`
PERAGAAN berjalan. Data pegawai rekaan; naskahnya tidak berlaku.

  Kotak surel peragaan        ${client.baseUrl}/demo/surel
  Administrator               ${await door(ADMINISTRATOR)}
  Kepala OPD, pakta pribadi   ${links.agencyHead}
  Camat, pakta pribadi        ${links.camat}
  Kepala OPD, dasbor unit     ${await door(emailOf(agencyHead))}
  Bawaslu                     ${await door(WITNESS)}
  Auditor                     ${await door(AUDITOR)}
  Verifikasi publik           ${client.baseUrl}/v

Tautan masuk sekali pakai; minta yang baru di ${client.baseUrl}/masuk, surelnya tiba di kotak surel peragaan.
4 angka terakhir NIP ada pada halaman pegawai di dasbor. Hentikan dengan Ctrl+C.`)
  await tools.stopped
}

async function signInLink(client: Client, post: Post, email: string): Promise<string> {
  const seen = await post.count(email)
  await client.post('/masuk', { email })
  return post.waitForLink(email, /\/masuk\/[\w-]{43}/, undefined, seen)
}

async function signIn(client: Client, post: Post, email: string): Promise<void> {
  await until(async () => {
    const link = await signInLink(client, post, email)
    // A link whose answer was lost has been used up, and the cookie with it: the next round asks for another.
    await client.post(link, {}).catch(() => '')
    return (await client.location('/masuk')) !== '/masuk' || undefined
  })
}

const escape = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
const exists = (path: string) =>
  stat(path).then(
    () => true,
    () => false,
  )

async function inParallel<Item>(
  items: Item[],
  work: (item: Item) => Promise<void>,
  tools: Tools,
): Promise<void> {
  const waiting = [...items]
  let done = 0
  const one = async () => {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) {
      await work(item)
      done++
      if (done % 10 === 0 || done === items.length) tools.say(`  ${done} dari ${items.length}`)
    }
  }
  await Promise.all(Array.from({ length: Math.min(PARALLEL, items.length) }, one))
}

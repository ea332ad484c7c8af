// Ceremonies as they are really held, each played to its end by an outside client.
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type SeedGovernment, sumbarRegencies, titleCase } from '../../seeds/governments.js'
import type { SeedPerson, SeedRoster } from '../../seeds/people.js'
import { PactError } from '../domain/errors.js'
import { jointColumns } from '../domain/joint.js'
import { checkPdf } from '../evidence/verdict.js'
import { writeXlsx } from '../store/sheets.js'
import {
  gatesOf,
  headsOf,
  inParallel,
  secondWitnessOf,
  type Preparation,
  prepare,
  signerOf,
  type Signer,
  signIn,
  signPact,
  witnessAll,
  witnessOf,
} from './acts.js'
import type { Camera } from './camera.js'
import { circularNumber, circularTitle, writeCircular } from './circular.js'
import { type Client, until } from './client.js'
import type { Post } from './post.js'
import type { Tools } from './server.js'

/** Where a scenario is played. */
export interface Stage {
  client: Client // nobody yet
  post: Post
  tools: Tools
  camera: Camera
  out: string // folder for what comes of it
  places: readonly SeedGovernment[]
}

type Scenario = (stage: Stage) => Promise<{ coverage: unknown; files: readonly string[] }>

const save = async (stage: Stage, name: string, bytes: Uint8Array | string) => {
  await mkdir(join(stage.out, 'pakta'), { recursive: true })
  await writeFile(join(stage.out, name), bytes)
  return name
}
const picture = (stage: Stage, who: Client, path: string, name: string, width?: number) =>
  stage.camera.take(who, { path, file: join(stage.out, name), ...(width !== undefined && { width }) })

/** Checks every file with the published roots; one that is not valid ends the scenario. */
async function verifyAll(stage: Stage, files: ReadonlyMap<string, Uint8Array>): Promise<void> {
  const pem = await stage.client.stranger().get('/akar.pem')
  await save(stage, 'akar.pem', pem)
  for (const [name, bytes] of files) {
    const { conclusion } = checkPdf(bytes, { roots: { signer: [pem], seal: [pem] }, at: stage.tools.clock() })
    if (conclusion !== 'VALID') throw new PactError('STALE', `${name}: ${conclusion}`)
    await save(stage, join('pakta', name), bytes)
  }
  stage.tools.say(`${files.size} berkas diperiksa: semuanya sah.`)
}

const readCoverage = async (client: Client, campaignId: number) =>
  JSON.parse(await client.get(`/cakupan/${campaignId}/0/ekspor.json`)) as {
    signed: number
    required: number
  }[]

interface Company {
  government: SeedGovernment
  roster: SeedRoster
  administrator: Client
  campaignId: number
}

/** A government that has taken in its people and opened its campaign. */
async function settle(
  stage: Stage,
  government: SeedGovernment,
  preparation: (administrator: Client) => Preparation = () => ({}),
): Promise<Company> {
  const administrator = stage.client.stranger()
  const roster = await government.roster()
  const asked = { government, roster, ...preparation(administrator) }
  const campaignId = await prepare(administrator, stage.post, asked, stage.tools)
  return { government, roster, administrator, campaignId }
}

const isReachable = (person: SeedPerson) => {
  const { email } = signerOf(person)
  return /^\S+@\S+\.example$/.test(email) && person.legalStatusText.endsWith('Aktif')
}

/**
 * Heads sign, Bawaslu witnesses, and then their people, unit by unit.
 *
 * @param share of the people of open units who sign, 0 to 1
 * @returns the links of who signed
 */
async function signUnits(
  stage: Stage,
  company: Company,
  of: { heads: number; share: number; staffMax?: number; hasSecondWitness?: boolean },
): Promise<string[]> {
  const { heads: headCount, share, staffMax = 1000, hasSecondWitness = false } = of
  const { roster, government } = company
  const heads = headsOf(roster).filter(isReachable).slice(0, headCount)
  const gateOf = gatesOf(roster)
  const open = new Set(heads.map((head) => gateOf(head.unit.code)))
  const everybody = roster.people.filter(
    (person) => isReachable(person) && !heads.includes(person) && open.has(gateOf(person.unit.code)),
  )
  // Every so many-th, so that no unit is left out.
  const staff = everybody
    .filter((_, index) => Math.floor((index + 1) * share) > Math.floor(index * share))
    .slice(0, staffMax)
  const links: string[] = []
  const sign = async (person: SeedPerson) =>
    void links.push(await signPact(stage.client.stranger(), stage.post, signerOf(person)))
  stage.tools.say(
    `${government.name}: ${heads.length} pimpinan dan ${staff.length} pegawai menandatangani ...`,
  )
  await inParallel(heads, sign, stage.tools)
  if (heads.length > 0) {
    const witness = stage.client.stranger()
    await signIn(witness, stage.post, witnessOf(government))
    await witnessAll(witness, heads.length)
    if (hasSecondWitness) {
      const second = stage.client.stranger()
      await signIn(second, stage.post, secondWitnessOf(government))
      await witnessAll(second, heads.length)
    }
  }
  await inParallel(staff, sign, stage.tools)
  return links
}

async function downloadAll(stage: Stage, links: readonly string[]): Promise<Map<string, Uint8Array>> {
  const files = new Map<string, Uint8Array>()
  await inParallel(
    [...links],
    async (link) => {
      const { name, bytes } = await stage.client.stranger().waitForPdf(`${link}/pakta.pdf`)
      files.set(name, bytes)
    },
    stage.tools,
  )
  return files
}

/** One joint pact of all heads of region, on one day in one hall: 19 parties, 7 witnesses, 26 signatures. */
const sumbarCeremony: Scenario = async (stage) => {
  const [government] = stage.places as [SeedGovernment]
  const company = await settle(stage, government)
  const { administrator, campaignId, roster } = company
  const people = roster.people.map(({ name, sex }) => ({ name: titleCase(name), isDrawn: sex === 'female' }))
  const regencies = await sumbarRegencies()
  const parties: (Signer & { row: string[] })[] = regencies.map(({ name }, index) => {
    const { name: person, isDrawn } = people[index]!
    const head = name.startsWith('Kota') ? 'Wali Kota' : 'Bupati'
    const isPresent = index % 6 !== 4
    const email = `${name.toLowerCase().replace(/[^a-z]+/g, '.')}@daerah.example`
    const mandate = isPresent ? ['', '', ''] : [head, `100/${200 + index}/CONTOH`, '10-10-2026']
    const jabatan = isPresent ? head : 'Sekretaris Daerah'
    return {
      name: person,
      email,
      numberEnd: '',
      isDrawn,
      row: ['pihak', name, person, jabatan, '', email, ...mandate],
    }
  })
  const offices = [
    ['Gubernur', 'Pemerintah Provinsi Sumatera Barat'],
    ['Ketua', 'Bawaslu Provinsi Sumatera Barat'],
    ...Array.from({ length: 4 }, () => ['Anggota', 'Bawaslu Provinsi Sumatera Barat']),
    ['Kepala Badan Kesatuan Bangsa dan Politik', 'Pemerintah Provinsi Sumatera Barat'],
  ] as const
  const witnesses = offices.map(([jabatan, institution], index) => {
    const { name, isDrawn } = people[regencies.length + index]!
    const email = `saksi${index + 1}@provinsi.example`
    return {
      name,
      email,
      numberEnd: '',
      isDrawn,
      row: ['saksi', '', name, jabatan, institution, email, '', '', ''],
    }
  })
  const list = await writeXlsx([
    {
      name: 'PIHAK',
      columns: jointColumns.map((title) => ({ title })),
      rows: [...parties, ...witnesses].map((one) => one.row),
    },
  ])
  const today = stage.tools.clock()
  const tomorrow = new Date(today.getTime() + 86_400_000).toISOString().slice(0, 10)
  const base = `/admin/kegiatan/${campaignId}/bersama`
  const draft = await administrator.upload(base, 'file', 'pihak.xlsx', list, {
    ...{ region: 'Sumatera Barat', place: 'Auditorium Gubernuran', city: 'Padang', unitCode: 'BKD' },
    ...{
      day: today.toISOString().slice(0, 10),
      deadlineDate: tomorrow,
      deadlineTime: '16:00',
      order: 'bebas',
    },
  })
  const opened = await administrator.post(`${draft}/buka`, { looked: 'yes' })
  const pact = opened.split('?')[0]!
  stage.tools.say('16 dari 19 kepala daerah menandatangani ...')
  const sign = async (signer: Signer) => void (await signPact(stage.client.stranger(), stage.post, signer))
  await inParallel(parties.slice(0, 16), sign, stage.tools)
  await untilSigned(administrator, pact, 16)
  await picture(stage, administrator, pact, 'layar-16-dari-26.png')
  await picture(stage, administrator, pact, 'layar-16-dari-26-ponsel.png', 360)
  const partial = await administrator.waitForPdf(`${pact}/pakta.pdf`)
  await save(stage, 'pakta-bersama-16-dari-26.pdf', partial.bytes)
  stage.tools.say('Tiga yang terakhir, lalu tujuh saksi ...')
  await inParallel(parties.slice(16), sign, stage.tools)
  await inParallel(witnesses.slice(1), sign, stage.tools)
  const link = await signPact(stage.client.stranger(), stage.post, witnesses[0]!)
  const whole = await stage.client.stranger().waitForPdf(`${link}/pakta.pdf`)
  await picture(stage, administrator, pact, 'layar-lengkap.png')
  await verifyAll(stage, new Map([[whole.name, whole.bytes]]))
  const code = /pakta-(\w+)\.pdf/.exec(whole.name)![1]!
  await picture(stage, stage.client.stranger(), `/v/${code}`, 'layar-verifikasi-ponsel.png', 360)
  return {
    coverage: {
      parties: parties.length,
      witnesses: witnesses.length,
      signatures: countSignatures(whole.bytes) - 1,
    },
    files: [whole.name],
  }
}

// How often somebody signed, the seal included: what ISO 32000 calls a signature has a byte range.
const countSignatures = (bytes: Uint8Array) =>
  Buffer.from(bytes).toString('latin1').split('/ETSI.CAdES.detached').length - 1

async function untilSigned(client: Client, path: string, count: number): Promise<void> {
  for (let tries = 0; tries < 400; tries++) {
    if ((await client.get(path)).includes(`${count} dari`)) return
    await new Promise((resolve) => setTimeout(resolve, 150))
  }
  throw new PactError('STALE', `Tidak semua tanda tangan sampai: ${path}`)
}

/** The province and all of its kabupaten and kota side by side. */
const bukittinggiView: Scenario = async (stage) => {
  const [province, ...places] = stage.places as [SeedGovernment, ...SeedGovernment[]]
  const above = await settle(stage, province)
  const links: string[] = []
  for (const [index, government] of places.entries()) {
    // Mentawai has not opened anything: it is shown as missing, not as 0 %.
    if (government.code === '13.09') continue
    const company = await settle(stage, government)
    await company.administrator.post(`/admin/kegiatan/${company.campaignId}/provinsi`, {
      ...{ parentId: String(above.campaignId), shared: index % 3 === 0 ? 'total' : 'units' },
    })
    const isBukittinggi = government.code === '13.75'
    const size = isBukittinggi
      ? { heads: 5, share: 0.9, staffMax: 40 }
      : { heads: index % 4, share: 0.3, staffMax: index % 5 }
    links.push(...(await signUnits(stage, company, size)))
  }
  for (const [year, n, election] of [
    ['2019', '27', 'Pemilu 2019'],
    ['2020', '71', 'Pemilihan 2020'],
  ] as const)
    await enterViolation(above, { year, n, election })
  const watcher = stage.client.stranger()
  await signIn(watcher, stage.post, witnessOf(province))
  const region = `/wilayah/${above.campaignId}`
  await picture(stage, watcher, region, 'layar-provinsi.png')
  await picture(stage, watcher, region, 'layar-provinsi-ponsel.png', 360)
  const page = await watcher.get(region)
  const [, below] = /href="(\/cakupan\/\d+\/0)"[^>]*>(?:(?!<\/a>)[\s\S])*Kota Bukittinggi/.exec(page) ?? []
  if (below) await picture(stage, watcher, below, 'layar-bukittinggi.png')
  const files = await downloadAll(stage, links)
  await verifyAll(stage, files)
  return { coverage: readRegions(page), files: [...files.keys()] }
}

async function enterViolation(
  { administrator, campaignId }: Company,
  figure: { year: string; n: string; election: string },
): Promise<void> {
  const path = `/wilayah/${campaignId}/pelanggaran`
  const form = await administrator.get(path)
  const [, pemdaId] = /<option value="(\d+)"[^>]*>Provinsi Sumatera Barat/.exec(form)!
  await administrator.post(path, { ...figure, pemdaId: pemdaId!, source: 'Bawaslu Provinsi Sumatera Barat' })
}

// The table of the province's page: a row for each government.
const readRegions = (page: string) =>
  [...page.matchAll(/<tr><th scope="row"[^>]*>([\s\S]*?)<\/tr>/g)].map(([, cells]) =>
    cells!
      .split(/<t[dh][^>]*>/)
      .map((cell) =>
        cell
          .replace(/<[^>]*>/g, ' ')
          .replace(/\s+/g, ' ')
          .trim(),
      )
      .filter(Boolean),
  )

/** A city with kelurahan and with villages that have no civil servant at all. */
const pariamanCity: Scenario = async (stage) => {
  const company = await settle(stage, stage.places[0]!)
  const { administrator, campaignId } = company
  const links = await signUnits(stage, company, { heads: 6, share: 0.5, staffMax: 54 })
  const files = await downloadAll(stage, links)
  await verifyAll(stage, files)
  const coverage = await readCoverage(administrator, campaignId)
  if (coverage[0]!.signed !== links.length)
    throw new PactError('STALE', 'Cakupan tidak sama dengan yang menandatangani.')
  await picture(stage, administrator, `/cakupan/${campaignId}/0`, 'layar-kota.png')
  await picture(stage, administrator, `/cakupan/${campaignId}/0`, 'layar-kota-ponsel.png', 360)
  const page = await administrator.get(`/cakupan/${campaignId}/0`)
  for (const name of ['Tengah', 'Utara']) {
    const link = new RegExp(
      `href="(/cakupan/${campaignId}/\\d+)"[^>]*>(?:(?!</a>)[\\s\\S])*Kecamatan Pariaman ${name}`,
    )
    const path = link.exec(page)![1]!
    await picture(stage, administrator, path, `layar-kecamatan-${name.toLowerCase()}.png`)
  }
  return { coverage, files: [...files.keys()] }
}

/** Circular, apel, teams, and one pact for each instance: the chain of Payakumbuh. */
const payakumbuhChain: Scenario = async (stage) => {
  const [government] = stage.places as [SeedGovernment]
  const today = stage.tools.clock().toISOString().slice(0, 10)
  const circular = await writeCircular(government, stage.tools.clock())
  await save(stage, 'surat-edaran.pdf', circular)
  const company = await settle(stage, government, (administrator) => ({
    isCollective: true,
    async beforeOpen(campaignId) {
      stage.tools.say('Menyertakan surat edaran wali kota ...')
      await administrator.upload(
        `/admin/kegiatan/${campaignId}/surat-edaran`,
        'file',
        'surat-edaran.pdf',
        circular,
        { circularNumber, circularTitle, circularDate: today },
      )
    },
  }))
  const { administrator, campaignId, roster } = company
  const teams = await inviteTeams(stage, company)
  stage.tools.say('Apel Netralitas: layar besar, ikrar, dan kehadiran ...')
  const hall = await administrator.post(`/admin/kegiatan/${campaignId}/apel`, {
    ...{ title: 'Apel Netralitas', unitId: '', startDate: today, startTime: '08:00' },
  })
  const doors = await administrator.get(hall)
  const [, screen] = /(\/layar\/[\w-]{43})/.exec(doors)!
  const [, entrance] = /(\/apel\/[\w-]{43})/.exec(doors)!
  const present = roster.people.filter(isReachable).slice(0, 24)
  await inParallel(
    present,
    async (person) => void (await stage.client.stranger().post(entrance!, { number: person.identityNumber })),
    stage.tools,
  )
  const heads = headsOf(roster).filter(isReachable).slice(0, 5)
  const links = await signUnits(stage, company, { heads: heads.length, share: 0.6, staffMax: 60 })
  const visitor = stage.client.stranger()
  await picture(stage, visitor, screen!, 'layar-apel.png', 1920)
  await picture(stage, visitor, `${screen}/ikrar`, 'layar-ikrar.png', 1920)
  await picture(stage, visitor, entrance!, 'layar-pintu-masuk-ponsel.png', 360)
  await picture(stage, administrator, hall, 'layar-kehadiran.png')
  const attended = Number(/(\d+) orang, \d+ di antaranya/.exec(await administrator.get(hall))![1])
  await administrator.post(`${hall}/akhiri`, {})
  for (const [role, client] of Object.entries(teams)) {
    await picture(stage, client, '/tim', `layar-${role}.png`)
    await picture(stage, client, '/tim', `layar-${role}-ponsel.png`, 360)
  }
  const documents = `/cakupan/${campaignId}/0/dokumen`
  const staffCount = links.length - heads.length
  stage.tools.say(`Menutup pakta kolektif: ${staffCount} baris ...`)
  await until(
    async () => (await administrator.get(documents)).includes(`${staffCount} tanda tangan`) || undefined,
  )
  await picture(stage, administrator, `${documents}/tutup`, 'layar-tutup-pakta-kolektif.png')
  await administrator.post(`${documents}/tutup`, {})
  await administrator.post(documents, {})
  const files = await downloadAll(stage, links.slice(0, heads.length))
  for (const link of links.slice(heads.length)) {
    const { name, bytes } = await stage.client.stranger().waitForPdf(`${link}/pakta.pdf`)
    files.set(name, bytes)
  }
  const [, recap] = /href="([^"]+\/dokumen\/\d+)\.pdf"/.exec(await administrator.get(documents))!
  await until(async () => !(await administrator.get(documents)).includes('Sedang disegel') || undefined)
  const frozen = await administrator.waitForPdf(`${recap}.pdf`)
  files.set(frozen.name, frozen.bytes)
  await save(stage, 'rekap.xlsx', await administrator.getFile(`${recap}.xlsx`))
  await picture(stage, administrator, documents, 'layar-dokumen.png')
  await verifyAll(stage, files)
  const coverage = await readCoverage(administrator, campaignId)
  if (coverage[0]!.signed !== links.length)
    throw new PactError('STALE', 'Cakupan tidak sama dengan yang menandatangani.')
  return {
    coverage: { attended, acknowledged: links.length, rows: staffCount, units: coverage },
    files: [...files.keys()],
  }
}

/** Desk Pemilu for the whole city, Satgas for one kecamatan, each with a mandate that lives for months. */
async function inviteTeams(stage: Stage, { administrator, government, roster }: Company) {
  const day = (ahead: number) =>
    new Date(stage.tools.clock().getTime() + ahead * 86_400_000).toISOString().slice(0, 10)
  const page = await administrator.get('/admin/akun/baru')
  const district = roster.units.find((unit) => unit.kind === 'kecamatan')!
  const unitId = new RegExp(
    `<option value="(\\d+)"[^>]*>[^<]*\\(${district.code.replaceAll('.', '\\.')}\\)`,
  ).exec(page)![1]!
  const clients: Record<string, Client> = {}
  for (const [role, key, unit] of [
    ['election_desk', 'desk-pemilu', ''],
    ['task_force', 'satgas', unitId],
  ] as const) {
    const email = `${key}@${government.domain}`
    await administrator.post('/admin/akun', {
      ...{ role, email, name: 'Anggota Tim Peragaan', unitId: unit, institution: '', jabatan: '' },
      ...{ mandateNumber: '100/77/CONTOH', mandateDate: day(-7), mandateUntil: day(120) },
    })
    const client = stage.client.stranger()
    await signIn(client, stage.post, email)
    clients[key] = client
  }
  return clients
}

/** What an official prints today: a sheet of names for each OPD, to be signed or ticked by hand. */
function printedSheet({ roster, government }: Company, head: SeedPerson): string {
  const gateOf = gatesOf(roster)
  const cell = (text: string) => `<td>${text.replace(/[&<]/g, (sign) => `&#${sign.charCodeAt(0)};`)}</td>`
  const rows = roster.people
    .filter((person) => gateOf(person.unit.code) === head.unit.code)
    .slice(0, 40)
    .map((person, index) =>
      [String(index + 1), person.name, person.identityNumber, person.jabatan, person.unit.name, '', '']
        .map(cell)
        .join(''),
    )
  const titles = ['No', 'Nama', 'NIP', 'Jabatan', 'Unit', 'Sudah', 'Paraf']
    .map((title) => `<th>${title}</th>`)
    .join('')
  return `<!doctype html><meta charset="utf-8"><style>body{margin:40px;font:13px Calibri,Carlito,sans-serif}
table{width:100%;border-collapse:collapse}td,th{padding:3px 5px;border:1px solid #000;text-align:left}</style>
<p><b>REKAP PAKTA INTEGRITAS ${head.unit.name.toUpperCase()}<br>${government.governmentName.toUpperCase()}</b></p>
<table><tr>${titles}</tr>${rows.map((row) => `<tr>${row}</tr>`).join('')}</table>`
}

/** Heads and camat first, witnessed; then their people; and, months later, one person's dossier for Bawaslu. */
const kendariCascade: Scenario = async (stage) => {
  const company = await settle(stage, stage.places[0]!, () => ({ secondWitness: 'Pj. Wali Kota' }))
  const { administrator, campaignId } = company
  const links = await signUnits(stage, company, {
    ...{ heads: 6, share: 0.2, staffMax: 44, hasSecondWitness: true },
  })
  const files = await downloadAll(stage, links)
  await verifyAll(stage, files)
  const root = `/cakupan/${campaignId}/0`
  await picture(stage, administrator, root, 'layar-kota.png')
  await picture(stage, administrator, root, 'layar-kota-ponsel.png', 360)
  const [head] = headsOf(company.roster) as [SeedPerson]
  const unitHead = stage.client.stranger()
  await signIn(unitHead, stage.post, signerOf(head).email)
  const own = await unitHead.location('/cakupan')
  await picture(stage, unitHead, own, 'layar-kepala-opd.png')
  await picture(stage, unitHead, own, 'layar-kepala-opd-ponsel.png', 360)
  await stage.camera.draw(printedSheet(company, head), join(stage.out, 'kertas-hari-ini.png'))
  const watcher = stage.client.stranger()
  await signIn(watcher, stage.post, witnessOf(company.government))
  await picture(stage, watcher, '/saksi/rekapitulasi', 'layar-bawaslu.png')
  stage.tools.say('Perkara netralitas: berkas satu orang untuk Bawaslu ...')
  const signed = await administrator.get(`${root}/nama?status=signed`)
  const [, person] = /href="(\/pegawai\/\d+\/\d+)"/.exec(signed)!
  await picture(stage, administrator, `${person}/berkas-perkara`, 'layar-berkas-perkara.png')
  const dossier = await administrator.postForFile(`${person}/berkas-perkara`, {
    caseNumber: '001/CONTOH/TM/PW/Kota/28.03/2026',
  })
  await save(stage, 'berkas-perkara.zip', dossier)
  return { coverage: await readCoverage(administrator, campaignId), files: [...files.keys()] }
}

/** Every scenario by its name. */
const scenarios: Readonly<Record<string, Scenario>> = {
  kendari: kendariCascade,
  payakumbuh: payakumbuhChain,
  sumbar: sumbarCeremony,
  bukittinggi: bukittinggiView,
  pariaman: pariamanCity,
}
/** What is said of a name that is none. */
export const unknownScenario = (name: string) =>
  new PactError('BAD_FORM', `Peragaan "${name}" tidak ada. Yang ada: ${Object.keys(scenarios).join(', ')}.`)

/** Plays a scenario to its end and leaves its files, `coverage.json` and pictures in `stage.out`. */
export async function playScenario(name: string, stage: Stage): Promise<void> {
  const play = scenarios[name]
  if (!play) throw unknownScenario(name)
  const { coverage, files } = await play(stage)
  await save(stage, 'coverage.json', JSON.stringify(coverage, undefined, 1))
  stage.tools.say(`Selesai: ${files.length} berkas, cakupan, dan gambar halaman di ${stage.out}`)
}

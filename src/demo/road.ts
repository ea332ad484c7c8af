import { mkdir, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { governmentsOf, kendari, type SeedGovernment } from '../../seeds/governments.js'
import type { SeedPerson, SeedRoster } from '../../seeds/people.js'
import { PactError } from '../domain/errors.js'
import { checkPdf } from '../evidence/verdict.js'
import {
  administratorOf,
  auditorOf,
  emailOf,
  gatesOf,
  headsOf,
  inParallel,
  prepare,
  signerOf,
  signIn,
  signInLink,
  signPact,
  witnessAll,
  witnessOf,
} from './acts.js'
import { openCamera } from './camera.js'
import { Client } from './client.js'
import { playScenario, unknownScenario } from './scenarios.js'
import { openFolder, openSink, type Post } from './post.js'
import { type DemoOptions, freePort, prepareSchema, Server, type Tools } from './server.js'

/**
 * Plays the whole road as an outside client: everything goes over the service's own HTTP and SMTP, the server
 * is a process of its own, and when that dies it is started again and the road goes on.
 */
export async function runDemo(options: DemoOptions, tools: Tools): Promise<void> {
  const { isOnce, signers } = options
  if (isOnce && !(Number.isInteger(signers) && signers >= 2 && signers <= 5000))
    throw new PactError('BAD_FORM', `--signers ${signers}; seharusnya bilangan bulat 2 sampai 5000`)
  const places = await governmentsOf(options.scenario)
  if (!places) throw unknownScenario(options.scenario!)
  const started = tools.clock().getTime()
  const dataFolder = isOnce ? join(options.out, 'data') : join(options.dataFolder, options.scenario ?? '')
  if (isOnce) {
    await rm(dataFolder, { recursive: true, force: true })
    await rm(join(options.out, 'pakta'), { recursive: true, force: true })
    await mkdir(join(options.out, 'pakta'), { recursive: true })
  }
  await mkdir(dataFolder, { recursive: true })
  const isReady = !isOnce && (await exists(join(dataFolder, 'siap')))
  const databaseUrl = options.databaseUrl && (await prepareSchema(options.databaseUrl, isReady))
  const post = isOnce ? await openSink() : openFolder(join(dataFolder, 'surel'))
  const port = await freePort(isOnce ? 0 : options.port)
  const server = new Server({ ...options, port, dataFolder, databaseUrl, smtpPort: post.port }, tools)
  const client = new Client(server.baseUrl)
  const road = async () => {
    await server.start()
    if (options.scenario !== undefined) {
      if (!isReady)
        await playBeforeCamera(options.scenario, {
          client,
          post,
          tools,
          places,
          out: isOnce ? options.out : dataFolder,
        })
      await writeFile(join(dataFolder, 'siap'), '')
      return isOnce ? undefined : await showDoors(client, post, places, tools)
    }
    const roster = await kendari.roster()
    if (!isReady) await prepare(client, post, { government: kendari, roster }, tools)
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

async function playBeforeCamera(
  name: string,
  on: Omit<Parameters<typeof playScenario>[1], 'camera'>,
): Promise<void> {
  const camera = await openCamera(on.tools)
  try {
    await playScenario(name, { ...on, camera })
  } finally {
    await camera.close()
  }
}

// --- the road ---

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
    async (head) => void pacts.set(head, await signPact(client.stranger(), post, signerOf(head))),
    tools,
  )
  tools.say('Bawaslu menyaksikan ...')
  const witness = client.stranger()
  await signIn(witness, post, witnessOf(kendari))
  await witnessAll(witness, heads.length)
  tools.say(`${staff.length} pegawai menandatangani setelah pimpinannya disaksikan ...`)
  await inParallel(
    staff,
    async (person) => void pacts.set(person, await signPact(client.stranger(), post, signerOf(person))),
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

// After a scenario: the way in for those who look after it.
async function showDoors(
  client: Client,
  post: Post,
  places: readonly SeedGovernment[],
  tools: Tools,
): Promise<void> {
  const door = async (email: string) => client.baseUrl + (await signInLink(client.stranger(), post, email))
  tools.say('\nPERAGAAN berjalan. Data pegawai rekaan; naskahnya tidak berlaku.\n')
  for (const place of places.slice(0, 1)) {
    tools.say(`  Administrator ${place.name}   ${await door(administratorOf(place))}`)
    tools.say(`  Bawaslu ${place.name}         ${await door(witnessOf(place))}`)
  }
  tools.say(`  Kotak surel peragaan   ${client.baseUrl}/demo/surel\n\nHentikan dengan Ctrl+C.`)
  await tools.stopped
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
  Administrator               ${await door(administratorOf(kendari))}
  Kepala OPD, pakta pribadi   ${links.agencyHead}
  Camat, pakta pribadi        ${links.camat}
  Kepala OPD, dasbor unit     ${await door(emailOf(agencyHead))}
  Bawaslu                     ${await door(witnessOf(kendari))}
  Auditor                     ${await door(auditorOf(kendari))}
  Verifikasi publik           ${client.baseUrl}/v

Tautan masuk sekali pakai; minta yang baru di ${client.baseUrl}/masuk, surelnya tiba di kotak surel peragaan.
4 angka terakhir NIP ada pada halaman pegawai di dasbor. Hentikan dengan Ctrl+C.`)
  await tools.stopped
}

const exists = (path: string) =>
  stat(path).then(
    () => true,
    () => false,
  )

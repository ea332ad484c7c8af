// What each person does, as an outside client: the administrator prepares, people sign, Bawaslu witnesses.
import { formatRoster, formatUnits } from '../../seeds/workbook.js'
import type { SeedGovernment } from '../../seeds/governments.js'
import type { SeedPerson, SeedRoster } from '../../seeds/people.js'
import { PactError } from '../domain/errors.js'
import { isGateKind } from '../domain/unit.js'
import { type Client, until } from './client.js'
import type { Post } from './post.js'
import type { Tools } from './server.js'

const PARALLEL = 6

export const administratorOf = ({ domain }: SeedGovernment) => `admin@${domain}`
export const witnessOf = ({ domain }: SeedGovernment) => `saksi@bawaslu-${domain}`
export const secondWitnessOf = ({ domain }: SeedGovernment) => `saksi-kedua@${domain}`
export const auditorOf = ({ domain }: SeedGovernment) => `auditor@${domain}`

/** What a campaign of a scenario has that others have not. */
export interface Preparation {
  isCollective?: boolean // one pact for each unit, with a row for each of its people
  secondWitness?: string // in whose position somebody witnesses beside Bawaslu: "Pj. Wali Kota"
  beforeOpen?: (campaignId: number) => Promise<void>
}

/**
 * A government's administrator takes in units and people, invites accounts and opens a campaign.
 *
 * @returns the campaign's id
 */
export async function prepare(
  client: Client,
  post: Post,
  of: { government: SeedGovernment; roster: SeedRoster } & Preparation,
  tools: Tools,
): Promise<number> {
  const { government, roster, isCollective = false, secondWitness, beforeOpen } = of
  tools.say(`Masuk sebagai administrator ${government.name} ...`)
  await signIn(client, post, administratorOf(government))
  tools.say(`Mengimpor ${roster.units.length} unit dan ${roster.people.length} pegawai rekaan dari XLSX ...`)
  await client.upload('/admin/daftar-unit', 'unitFile', 'unit.xlsx', await formatUnits(roster.units))
  // An upload whose answer was lost is simply sent again: a checked file that nobody confirms changes nothing.
  let imported = ''
  while (!imported.endsWith('/selesai')) {
    const check = await client.upload(
      '/admin/daftar-pegawai',
      'file',
      'pegawai.xlsx',
      await formatRoster(roster, government),
    )
    imported = await client.post(`${check}/simpan`, {}).catch(() => '')
  }
  tools.say('Mengundang akun Bawaslu, auditor, dan pimpinan unit ...')
  const none = { institution: '', jabatan: '', unitId: '' }
  const office = { institution: `Bawaslu ${government.name}`, jabatan: 'Ketua', unitId: '' }
  const invite = (email: string, account: Record<string, string>) =>
    until(async () => {
      if ((await client.get('/admin/akun')).includes(email)) return true
      await client.postOnce('/admin/akun', { ...none, ...account, email })
      return undefined
    })
  await invite(witnessOf(government), { ...office, role: 'bawaslu', name: 'Saksi Peragaan, S.H.' })
  if (secondWitness)
    await invite(secondWitnessOf(government), {
      ...{ role: 'witness', name: 'Saksi Kedua Peragaan', jabatan: secondWitness },
      institution: government.governmentName,
    })
  await invite(auditorOf(government), { role: 'auditor', name: 'Auditor Peragaan' })
  const page = await client.get('/admin/akun/baru')
  for (const head of headsOf(roster).slice(0, 2)) {
    const unitId =
      new RegExp(`<option value="(\\d+)"[^>]*>[^<]*\\(${escape(head.unit.code)}\\)`).exec(page)?.[1] ?? ''
    await invite(emailOf(head), { role: 'unit_head', name: head.name, unitId })
  }
  tools.say('Membuat dan membuka kegiatan ...')
  const campaignId = await until(async () => {
    const made = /\/admin\/kegiatan\/(\d+)/.exec(await client.get('/admin/kegiatan'))
    if (!made) await createCampaign(client, { government, isCollective }, tools)
    return made?.[1]
  })
  await beforeOpen?.(Number(campaignId))
  // A second press of "open" after a lost answer is refused as already done.
  await client.post(`/admin/kegiatan/${campaignId}/buka`, {}).catch(() => '')
  return Number(campaignId)
}

async function createCampaign(
  client: Client,
  { government, isCollective }: { government: SeedGovernment; isCollective: boolean },
  tools: Tools,
): Promise<void> {
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
    electionName: `${government.election} Tahun ${year}`,
    eventPlace: government.seat,
    legalBasisId: option('legalBasisId'),
    secondWitnessId: form.includes('name="secondWitnessId"') ? option('secondWitnessId') : '',
    templateHEAD: option('templateHEAD'),
    templateASN: option('templateASN', isCollective ? 1 : 0),
    templateNON_ASN: option('templateNON_ASN'),
    deadlineDate: new Date(tools.clock().getTime() + 30 * 86_400_000).toISOString().slice(0, 10),
    deadlineTime: '16:00',
    timeZone: government.timeZone,
    unitIds: values('unitIds'),
    requiredLegalStatuses: ['AKTIF'],
    witnessAccountId: option('witnessAccountId'),
    // A demonstration has to work at night too; a real campaign has its quiet hours.
    quietFromHour: '0',
    quietUntilHour: '0',
    remindAfterDays: '3, 7, 10',
  })
}

export const emailOf = (person: SeedPerson) => person.emailGov || person.email

/** The heads of OPD and kecamatan who work in the unit they head. */
export function headsOf(roster: SeedRoster): SeedPerson[] {
  const people = new Map(roster.people.map((person) => [person.identityNumber, person]))
  const heads = roster.units
    .filter((unit) => isGateKind(unit.kind) && unit.headNip && unit.headCapacity === 'definitif')
    .map((unit) => ({ unit, head: people.get(unit.headNip!) }))
    .filter(({ unit, head }) => head?.unit.code === unit.code)
    .map(({ head }) => head!)
  const camat = heads.filter((head) => head.unit.kind === 'kecamatan')
  const first = [heads.find((head) => head.unit.kind === 'opd'), camat[0]].filter(
    (head) => head !== undefined,
  )
  return [...first, ...heads].filter((head, index, all) => all.indexOf(head) === index)
}

export function gatesOf(roster: SeedRoster): (code: string) => string {
  const units = new Map(roster.units.map((unit) => [unit.code, unit]))
  const gateOf = (code: string): string => {
    const unit = units.get(code)!
    return isGateKind(unit.kind) || unit.parentCode === '' ? code : gateOf(unit.parentCode)
  }
  return gateOf
}

/** Somebody who signs, and what they need for it. */
export interface Signer {
  name: string
  email: string
  numberEnd: string // '' for a party of a joint pact
  isDrawn: boolean
}

export const signerOf = (person: SeedPerson): Signer => ({
  name: person.name,
  email: emailOf(person),
  numberEnd: person.identityNumber.replace(/[^0-9A-Za-z]/g, '').slice(-4),
  isDrawn: person.sex === 'female',
})

/** One person: mail, link, read, sign. Returns the personal link. */
export async function signPact(browser: Client, post: Post, signer: Signer): Promise<string> {
  const link = await post.waitForLink(signer.email, /\/t\/[\w-]{43}/, /Tanda terima/)
  const page = await browser.get(link)
  const textSha256 = /name="textSha256" value="([0-9a-f]{64})"/.exec(page)?.[1]
  if (!textSha256) {
    if (page.includes('sudah ditandatangani')) return link
    throw new PactError('STALE', 'Halaman penandatanganan tidak seperti yang diharapkan.')
  }
  await browser.post(`${link}/dibuka`, {})
  await browser.post(`${link}/tanda-tangan`, {
    ...{ textSha256, isSelf: '1', hasRead: '1', isBinding: '1', hasCircular: '1' },
    identityTail: signer.numberEnd,
    ...{ method: signer.isDrawn ? 'drawn' : 'typed', typedName: signer.name },
    strokes: signer.isDrawn ? drawSomething(signer.name) : '',
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

export async function witnessAll(browser: Client, count: number): Promise<void> {
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

export async function signInLink(client: Client, post: Post, email: string): Promise<string> {
  const seen = await post.count(email)
  await client.post('/masuk', { email })
  return post.waitForLink(email, /\/masuk\/[\w-]{43}/, undefined, seen)
}

export async function signIn(client: Client, post: Post, email: string): Promise<void> {
  await until(async () => {
    const link = await signInLink(client, post, email)
    // A link whose answer was lost has been used up, and the cookie with it: the next round asks for another.
    await client.post(link, {}).catch(() => '')
    return (await client.location('/masuk')) !== '/masuk' || undefined
  })
}

const escape = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')

export async function inParallel<Item>(
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

import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import pg from 'pg'
import { makeTemporary, type Program, startPakta } from './road.js'

const SIGNERS = 30
const KILLS = 20
/** How often the server has been killed, at most, by the time each stretch of the road is done. */
const stretches: readonly (readonly [RegExp, number])[] = [
  [/Peladen/, 1],
  [/Masuk sebagai/, 2],
  [/Mengimpor/, 5],
  [/Mengundang/, 6],
  [/Membuat dan membuka/, 7],
  [/pimpinan menandatangani \.\.\./, 11],
  [/Bawaslu menyaksikan/, 14],
  [/pegawai menandatangani/, 19],
  [/Mengunduh dan memeriksa/, KILLS],
]
/**
 * How long a server lives at most, in milliseconds: once it answers, or since it was started. Short enough that
 * the road's own work, on a fast machine as well, cannot end between too few kills.
 */
const WORK_MILLISECONDS_MAX = 400
const START_MILLISECONDS_MAX = 2_500
const SCHEMA = 'pakta_demo'

const url = process.env['PAKTA_TEST_DATABASE_URL']
if (!url && process.env['CI']) throw new Error('PAKTA_TEST_DATABASE_URL is not set')
const skip = url
  ? false
  : 'PAKTA_TEST_DATABASE_URL is not set: PGlite keeps its data in the process that dies'

const temporary = makeTemporary()
const out = join(temporary.folder, 'out')
const readJson = <Shape>(name: string) => JSON.parse(readFileSync(join(out, name), 'utf8')) as Shape
const database = `pakta_kill_${process.pid}`
const addressOf = (name: string) => Object.assign(new URL(url!), { pathname: `/${name}` }).href

async function ask<Row extends object>(address: string, sql: string): Promise<Row[]> {
  const client = new pg.Client({ connectionString: address })
  await client.connect()
  try {
    return (await client.query<Row>(sql)).rows
  } finally {
    await client.end()
  }
}
const askRoad = <Row extends object>(sql: string) =>
  ask<Row>(`${addressOf(database)}?options=${encodeURIComponent(`-c search_path=${SCHEMA}`)}`, sql)

/** The process that serves now; undefined while the file is being written. */
function readPid(): number | undefined {
  try {
    return Number(readFileSync(join(out, 'server.pid'), 'utf8')) || undefined
  } catch {
    return undefined
  }
}

const sleep = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds))

/** Kills the server again and again, at random moments all along the road. */
async function killOften(program: Program): Promise<string[]> {
  const moments: string[] = []
  let isOver = false
  void program.ended.then(() => (isOver = true))
  let last: number | undefined
  while (moments.length < KILLS && !isOver) {
    const pid = readPid()
    const said = program.said()
    const [stretch, killsMax] = stretches.filter(([start]) => start.test(said)).at(-1) ?? [undefined, 0]
    if (pid === undefined || pid === last || moments.length >= killsMax) {
      await sleep(20)
      continue
    }
    // Most die at work, some while they are still starting.
    const isAtWork = moments.length % 4 !== 0
    const address = /Peladen: (http\S+)/.exec(said)![1]!
    const answers = () =>
      fetch(`${address}/sehat`).then(
        () => true,
        () => false,
      )
    while (isAtWork && !isOver && !(await answers())) await sleep(20)
    const life = Math.random() * (isAtWork ? WORK_MILLISECONDS_MAX : START_MILLISECONDS_MAX)
    await sleep(life)
    if (isOver) break
    process.kill(pid, 'SIGKILL')
    last = pid
    moments.push(`${Math.round(life)} ms ${isAtWork ? 'at work' : 'after its start'}, ${stretch!.source}`)
  }
  return moments
}

let code = -1
let program: Program
let moments: string[] = []

before(async () => {
  if (skip) return
  await ask(url!, `drop database if exists ${database}`)
  await ask(url!, `create database ${database}`)
  program = startPakta(['demo', '--once', '--keep', '--signers', String(SIGNERS), '--out', out], {
    DATABASE_URL: addressOf(database),
  })
  moments = await killOften(program)
  code = await program.ended
})
after(async () => {
  if (!skip) await ask(url!, `drop database if exists ${database} with (force)`)
  temporary.remove()
})

test(`the server is killed ${KILLS} times, and the road ends as if nothing had happened`, { skip }, (t) => {
  for (const moment of moments) t.diagnostic(moment)
  assert.equal(code, 0, program.said())
  assert.equal(moments.length, KILLS, `the road ended after ${moments.length} kills`)
  const summary = readJson<Record<string, number>>('summary.json')
  const { signed, sealed, verified, restarts } = summary
  assert.deepEqual({ signed, sealed, verified }, { signed: SIGNERS, sealed: SIGNERS, verified: SIGNERS })
  assert.ok(restarts! >= KILLS, `${restarts} restarts`)
  assert.equal(readdirSync(join(out, 'pakta')).length, SIGNERS)
})

test('the coverage counts what was signed, no more and no less', { skip }, async () => {
  const nodes = readJson<{ signed: number; invited: number; own: { signed: number } }[]>('coverage.json')
  assert.equal(nodes[0]!.signed, SIGNERS)
  assert.equal(
    nodes.reduce((sum, node) => sum + node.own.signed, 0),
    SIGNERS,
  )
  const [facts] = await askRoad<{ signed: number; sealed: number }>(
    `select (select count(*)::int from party where role = 'signer' and state = 'signed') as signed,
       (select count(*)::int from pact where state = 'sealed') as sealed`,
  )
  assert.deepEqual(facts, { signed: SIGNERS, sealed: SIGNERS })
})

test('no pact is lost or doubled, and its file is whole', { skip }, async () => {
  const doubled = await askRoad(
    `select campaign_id, employee_id from pact where state <> 'revoked' group by 1, 2 having count(*) > 1`,
  )
  assert.deepEqual(doubled, [])
  const halves = await askRoad(
    `select pact.id, pact.state, count(revision.*)::int as revisions from pact
     left join revision on revision.pact_id = pact.id
     group by pact.id, pact.state
     having (pact.state = 'sealed') <> (count(revision.*) =
       2 + (select count(*) from party where pact_id = pact.id) + case when archived_at is null then 0 else 2 end)`,
  )
  assert.deepEqual(halves, [])
  const open = await askRoad(`select id, state from pact where state = 'complete'`)
  assert.deepEqual(open, [])
  const events = await askRoad(
    `select kind, pact_id, party_id from event where kind in ('agreed', 'signed', 'sealed')
     group by 1, 2, 3 having count(*) > 1`,
  )
  assert.deepEqual(events, [])
  const dead = await askRoad(
    `select party_id from invitation where replaced_at is null group by 1 having count(*) > 1`,
  )
  assert.deepEqual(dead, [])
  const employees = await askRoad<{ n: number; distinct: number }>(
    `select count(*)::int as n, count(distinct identity_number)::int as distinct from employee`,
  )
  assert.ok(employees[0]!.n > 5_000)
  assert.equal(employees[0]!.n, employees[0]!.distinct)
  const campaigns = await askRoad(`select id, state from campaign`)
  assert.deepEqual(
    campaigns.map((one) => (one as { state: string }).state),
    ['open'],
  )
})

interface Arrived {
  messageId: string
  to: string
  subject: string
  times: number
}

test('no mail is lost, and nobody has a second Message-ID for the same step', { skip }, async () => {
  const arrived = readJson<Arrived[]>('surel.json')
  // A mail that a dying server had taken waits until its lease of 6 s has run out, and the next one may die too:
  // it is late by some leases, never lost, and never taken without an end.
  const left = await askRoad(
    `select kind, step, state, due_at, lease_until from mail
     where state in ('queued', 'sending') and due_at <= (select max(at) from event) - interval '30 seconds'
       or state = 'sending' and (lease_until is null or lease_until > now() + interval '6 seconds')`,
  )
  assert.deepEqual(left, [], 'mails that are due have not left')

  // What the receiving side holds against what we believe to have sent.
  const sent = await askRoad<{
    messageId: string
    address: string
    kind: string
    step: string
    party: number
  }>(
    `select message_id as "messageId", address, kind, step, party_id as party from mail where state = 'sent'`,
  )
  const known = new Map(arrived.map((mail) => [mail.messageId, mail]))
  const lost = sent.filter((mail) => known.get(mail.messageId)?.to !== mail.address)
  assert.deepEqual(lost, [])
  const all = new Set(
    (await askRoad<{ id: string }>(`select message_id as id from mail`)).map(({ id }) => id),
  )
  assert.deepEqual(
    arrived.filter((mail) => !all.has(mail.messageId)),
    [],
    'a Message-ID that our records do not know',
  )

  // Everybody who was invited and has an address has their invitation, and one only; or it stands in the queue
  // still, where the last server to die has left it.
  const invited = await askRoad<{ email: string }>(
    `select employee.email from party join employee on employee.id = party.employee_id
     where party.role = 'signer' and employee.email is not null`,
  )
  assert.ok(invited.length >= SIGNERS)
  const invitations = arrived.filter((mail) =>
    /Pakta Integritas Netralitas|Surat Pernyataan/.test(mail.subject),
  )
  const queued = await askRoad<{ address: string }>(
    `select address from mail where kind = 'invitation' and state in ('queued', 'sending')`,
  )
  const addresses = new Set([...invitations.map((mail) => mail.to), ...queued.map((mail) => mail.address)])
  assert.deepEqual(
    invited.filter(({ email }) => !addresses.has(email)),
    [],
  )
  // A sign-in letter is a step of its own each time somebody asks for one; all the others come once.
  const byStep = new Map<string, Set<string>>()
  for (const { to, subject, messageId } of arrived) {
    if (/Tautan masuk/.test(subject)) continue
    const step = `${to} ${subject}`
    byStep.set(step, (byStep.get(step) ?? new Set()).add(messageId))
  }
  assert.deepEqual(
    [...byStep].filter(([, ids]) => ids.size > 1).map(([step]) => step),
    [],
  )
})

import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { addCounts, type Counts, type CoverageNode, zeroCounts } from '../src/domain/coverage.js'
import { makeToken } from '../src/domain/links.js'
import { SEAL_SLOT } from '../src/domain/pact.js'
import { isGateKind, type UnitKind } from '../src/domain/unit.js'
import { checkRow } from '../src/evidence/rows.js'
import { checkPdf, readRootsByPurpose } from '../src/evidence/verdict.js'
import { STAMP_SLOT, STORE_SLOT } from '../src/flow/archive.js'
import { coverUnit } from '../src/flow/standing.js'
import { composePaper } from '../src/flow/paper.js'
import { findCampaigns } from '../src/store/campaigns.js'
import { FOLD_AT_ONCE, foldCoverage, recountCoverage } from '../src/store/coverage.js'
import { type Database, row, rows, transact } from '../src/store/db.js'
import { findPact, findRevisions, piecesOf } from '../src/store/pacts.js'
import type { TestHouse } from './house.js'

/** Everything that must hold at any quiet moment, whatever a test did before. */
export async function auditHouse(test: TestHouse): Promise<void> {
  assert.deepEqual(test.logs, [], "the operators' log says something; a test that expects it empties it")
  await auditPacts(test)
  await auditConsent(test)
  await auditFactors(test)
  await auditCoverage(test)
  await auditMail(test)
  await auditSecrets(test)
  await auditAppendOnly(test.db)
}

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')

// Every file is what its rows say, piece by piece, and valid when its pact is finished.
async function auditPacts({ db, house, now }: TestHouse): Promise<void> {
  const pacts = await rows<{
    id: number
    state: string
    code: string
    number: string | null
    archivedAt: Date | null
    isRow: boolean
    collectiveId: number | null
  }>(
    db,
    'select id, state, code, number, coalesce(archived_at, evidence_at) as "archivedAt", is_row as "isRow", collective_id as "collectiveId" from pact order by id',
  )
  const parties = await rows<{ pactId: number; slot: string; state: string; ordinal: number }>(
    db,
    'select pact_id as "pactId", slot, state, ordinal from party order by pact_id, ordinal',
  )
  const numbers = pacts.map((pact) => pact.number).filter((number) => number !== null)
  assert.equal(new Set(numbers).size, numbers.length, 'a document number was given twice')
  for (const { id, state, archivedAt, ...pact } of pacts) {
    const own = parties.filter((party) => party.pactId === id)
    const revisions = await findRevisions(db, id)
    const signed = own.filter((party) => party.state === 'signed')
    const isFinished = state === 'sealed' || state === 'revoked'
    const isComplete = isFinished || state === 'complete'
    const closed = await row<{ at: Date | null }>(
      db,
      'select closed_at as at from joint_pact where pact_id = :id',
      {
        id,
      },
    )
    const isDone =
      (signed.length === own.length && (own.length > 0 || state !== 'open')) ||
      Boolean(closed?.at && !own.some((party) => party.state === 'agreed'))
    assert.equal(isDone, isComplete, `pact ${id} is ${state}`)
    // The parties of a joint pact sign as they come.
    const order = closed
      ? revisions.flatMap(({ slot }) => signed.filter((party) => party.slot === slot))
      : signed
    // Of a row only the document that lists it is sealed.
    const slots = pact.isRow
      ? [null, ...order.map((party) => party.slot), STORE_SLOT]
      : [null, ...order.map((party) => party.slot), SEAL_SLOT, STORE_SLOT, STAMP_SLOT]
    const rest = pact.isRow ? (archivedAt ? 1 : 0) : (isFinished ? 1 : 0) + (archivedAt ? 2 : 0)
    const isPage = closed || own.length === 0
    const count = signed.length === 0 && !isPage ? 0 : 1 + signed.length + rest
    if (pact.isRow && isFinished) assert.notEqual(pact.collectiveId, null, `pact ${id} is ${state}`)
    assert.deepEqual(
      revisions.map(({ ordinal }) => ordinal),
      [...revisions.keys()],
    )
    const sealAt = revisions.findIndex(({ slot }) => slot === SEAL_SLOT)
    // A pact that waits for days has evidence and a timestamp between its signatures, too.
    const isBetween = (index: number) => !pact.isRow && (sealAt < 0 || index < sealAt)
    assert.deepEqual(
      revisions
        .map(({ slot }) => slot)
        .filter((slot, index) => !(isBetween(index) && (slot === STORE_SLOT || slot === STAMP_SLOT))),
      slots.slice(0, count),
      `pact ${id}: revisions`,
    )
    if (count === 0) continue
    if (pact.isRow) {
      await auditRow(house, { ...pact, id, archivedAt }, now)
      continue
    }
    // Set, and nothing on it yet: a joint pact that waits for its first party, a document for its seal.
    if (signed.length === 0 && !isFinished) continue
    let pdf = Buffer.alloc(0)
    for (const revision of revisions) {
      for (const sha256 of piecesOf(revision)) {
        const piece = await house.files.get(sha256)
        pdf = Buffer.concat([pdf, piece])
        assert.equal(createHash('sha256').update(piece).digest('hex'), hex(sha256))
      }
      assert.equal(createHash('sha256').update(pdf).digest('hex'), hex(revision.sha256), `pact ${id}`)
      assert.equal(pdf.length, revision.sizeBytes)
    }
    const verdict = checkPdf(pdf, { roots: house.keys.roots, at: now })
    const wrong = verdict.checks.filter((check) => check.outcome === 'fail')
    assert.equal(
      verdict.conclusion,
      archivedAt ? 'VALID' : 'INCOMPLETE',
      `pact ${id}: ${wrong.map((check) => `${check.id}: ${check.detail}`).join('; ')}`,
    )
  }
}

// Each piece is a file of its own: the statement, the signature around it, and once more with its evidence.
async function auditRow(
  house: TestHouse['house'],
  pact: { id: number; code: string; archivedAt: Date | null },
  now: Date,
): Promise<void> {
  const revisions = await findRevisions(house.db, pact.id)
  const pieces = await Promise.all(revisions.map(({ chunkSha256 }) => house.files.get(chunkSha256)))
  for (const [index, piece] of pieces.entries()) {
    assert.equal(createHash('sha256').update(piece).digest('hex'), hex(revisions[index]!.sha256))
    assert.equal(piece.length, revisions[index]!.sizeBytes)
  }
  const row = checkRow(pieces.at(-1)!, { roots: readRootsByPurpose(house.keys.roots), at: now })
  assert.equal(row.statement?.code, pact.code)
  if (pact.archivedAt) assert.deepEqual([row.outcome, row.why], ['pass', ''], `row ${pact.id}`)
  else assert.match(row.why, /tanpa bukti/)
}

// Who signed has agreed exactly once, to the very words that the pact keeps.
async function auditConsent({ db, house }: TestHouse): Promise<void> {
  const parties = await rows<{
    id: number
    pactId: number
    state: string
    agreedAt: Date | null
    mark: unknown
  }>(db, 'select id, pact_id as "pactId", state, agreed_at as "agreedAt", mark from party')
  const events = await rows<{ partyId: number; at: Date; detail: { textSha256?: string } }>(
    db,
    `select party_id as "partyId", at, detail from event where kind = 'agreed'`,
  )
  for (const party of parties) {
    const agreed = events.filter((event) => event.partyId === party.id)
    if (!['agreed', 'signed'].includes(party.state)) {
      assert.equal(agreed.length, 0, `party ${party.id} is ${party.state} and has agreed`)
      continue
    }
    assert.equal(agreed.length, 1, `party ${party.id} agreed ${agreed.length} times`)
    const pact = (await findPact(db, party.pactId))!
    const paper = await composePaper(house, db, pact)
    assert.equal(agreed[0]!.detail.textSha256, hex(pact.textSha256!), `party ${party.id}`)
    assert.equal(hex(paper.textSha256), hex(pact.textSha256!), `pact ${pact.id}: the frozen words`)
    assert.equal(agreed[0]!.at.getTime(), party.agreedAt!.getTime())
    assert.ok(party.mark, `party ${party.id} has no mark`)
  }
  // Nobody who is not a head has a pact before their gate opened; who moved units since is left out.
  const early = await rows(
    db,
    `select pact.id
     from pact
     join employee on employee.id = pact.employee_id
     join unit on unit.id = employee.unit_id
     join campaign_unit on campaign_unit.campaign_id = pact.campaign_id and campaign_unit.unit_id = unit.gate_id
     where pact.signer_class <> 'HEAD'
       and not exists (select from roster_change where kind = 'moved' and roster_change.employee_id = employee.id)
       and not (coalesce(least(opened_at, overridden_at) <= pact.created_at, false))`,
  )
  assert.deepEqual(early, [], 'pacts made before their gate opened')
}

interface EmployeeRow {
  id: number
  unit_id: number
  employment_type: string
  legal_status: string
  email: string | null
  left_at: Date | null
}
interface PactRow {
  id: number
  campaign_id: number
  employee_id: number
  state: string
}
interface PartyRow {
  pact_id: number
  role: string
  state: string
  invited_at: Date | null
  opened_at: Date | null
  undeliverable_reply: string | null
}
interface ExclusionRow {
  campaign_id: number
  employee_id: number
  ended_at: Date | null
}

// The tree on the dashboard against a count that shares no line of SQL with it.
export async function auditCoverage({
  db,
  house,
  pemda,
  now,
}: Pick<TestHouse, 'db' | 'house' | 'pemda' | 'now'>): Promise<void> {
  const units = await rows<{ id: number; parent_id: number | null; kind: UnitKind }>(
    db,
    'select id, parent_id, kind from unit',
  )
  const unitOf = new Map(units.map((unit) => [unit.id, unit]))
  const lineOf = (id: number): number[] => {
    const parent = unitOf.get(id)!.parent_id
    return [id, ...(parent === null ? [] : lineOf(parent))]
  }
  const gateOf = (id: number) => lineOf(id).find((one) => isGateKind(unitOf.get(one)!.kind))
  const employees = await rows<EmployeeRow>(db, 'select * from employee')
  const pacts = await rows<PactRow>(db, 'select * from pact')
  const parties = await rows<PartyRow>(db, 'select * from party')
  const exclusions = await rows<ExclusionRow>(db, 'select * from exclusion')
  const gates = await rows<{ campaign_id: number; unit_id: number }>(db, 'select * from campaign_unit')
  while ((await foldCoverage(db, { limit: FOLD_AT_ONCE, now })) > 0);
  for (const campaign of await findCampaigns(db, pemda.id)) {
    if (campaign.state === 'closed') continue // counted as it stood then
    const { differences } = await recountCoverage(db, { campaignId: campaign.id, now })
    assert.equal(differences, 0, 'a recount finds other numbers than the counters')
    const included = new Set<number>(
      gates.filter((gate) => gate.campaign_id === campaign.id).map((gate) => gate.unit_id),
    )
    const totals = new Map<number, { own: Counts; total: Counts; nonAsn: Counts }>()
    const at = (id: number) => {
      const known = totals.get(id) ?? { own: zeroCounts, total: zeroCounts, nonAsn: zeroCounts }
      totals.set(id, known)
      return known
    }
    for (const employee of employees) {
      const gate = gateOf(employee.unit_id)
      if (employee.left_at !== null || gate === undefined || !included.has(gate)) continue
      const isExempt = !campaign.requiredLegalStatuses.includes(employee.legal_status)
      const pact = pacts.find(
        (one) =>
          one.campaign_id === campaign.id && one.employee_id === employee.id && one.state !== 'revoked',
      )
      const party = parties.find((one) => pact && one.pact_id === pact.id && one.role === 'signer')
      const isOut = exclusions.some(
        (one) => one.campaign_id === campaign.id && one.employee_id === employee.id && one.ended_at === null,
      )
      const isSigned = party !== undefined && ['agreed', 'signed'].includes(party.state)
      const isBounced = employee.email === null || Boolean(party && party.undeliverable_reply !== null)
      const one = (is: boolean) => (is && !isOut && !isExempt ? 1 : 0)
      const counts: Counts = {
        required: one(true),
        excluded: isOut && !isExempt ? 1 : 0,
        exempt: isExempt ? 1 : 0,
        invited: one(party !== undefined && party.invited_at !== null),
        opened: one(party !== undefined && party.opened_at !== null),
        signed: one(isSigned),
        undeliverable: one(!isSigned && isBounced),
        declined: one(party?.state === 'declined'),
        disputed: one(party?.state === 'disputed'),
      }
      at(employee.unit_id).own = addCounts(at(employee.unit_id).own, counts)
      for (const id of [...lineOf(employee.unit_id), 0]) {
        at(id).total = addCounts(at(id).total, counts)
        if (employee.employment_type === 'NON_ASN') at(id).nonAsn = addCounts(at(id).nonAsn, counts)
      }
    }
    const seen = new Set<number>()
    const compare = (node: CoverageNode) => {
      seen.add(node.unitId)
      const { own, total, nonAsn } = node
      assert.deepEqual({ own, total, nonAsn }, at(node.unitId), `coverage of ${node.code} ${node.name}`)
      node.children.forEach(compare)
    }
    const { node } = await coverUnit(house, { campaign, pemda, unitId: undefined, now })
    compare(node)
    const wanted = units.map((unit) => unit.id).filter((id) => included.has(gateOf(id) ?? -1))
    assert.deepEqual([...seen].sort(), [0, ...wanted].sort(), 'units of the coverage tree')
  }
}

// One mail a step, one Message-ID a mail, one link a Message-ID; nothing hangs in the air.
async function auditMail({ db, post }: TestHouse): Promise<void> {
  const mails = await rows<
    Record<'party_id' | 'step' | 'state' | 'address' | 'message_id', string> & { lease_until: Date | null }
  >(db, 'select party_id, step, state, address, message_id, lease_until from mail')
  const steps = mails.filter((mail) => mail.party_id !== null).map((mail) => `${mail.party_id} ${mail.step}`)
  assert.equal(new Set(steps).size, steps.length, 'a party has two mails for one step')
  assert.equal(new Set(mails.map((mail) => mail.message_id)).size, mails.length, 'a Message-ID is used twice')
  for (const mail of mails)
    assert.equal(mail.state === 'sending', mail.lease_until !== null, `${mail.message_id} is ${mail.state}`)
  const contents = new Map<string, string>()
  for (const came of post.mails) {
    const known = mails.find((mail) => mail.message_id === came.messageId)
    assert.equal(known?.address, came.to, `${came.messageId} came to an address it was not for`)
    const links = JSON.stringify(came.text.match(/https?:\/\/\S+/g))
    assert.equal(links, contents.get(came.messageId) ?? links, `${came.messageId} came with two links`)
    contents.set(came.messageId, links)
  }
  const live = await rows<{ n: number }>(
    db,
    'select count(*)::int as n from invitation where replaced_at is null and officer_id is null group by party_id having count(*) > 1',
  )
  assert.deepEqual(live, [], 'a party has two live links')
}

// What a campaign demands of a class stands behind every signature of it.
async function auditFactors({ db }: TestHouse): Promise<void> {
  const weak = await rows(
    db,
    `select party.id from party
     join pact on pact.id = party.pact_id
     join campaign_template using (campaign_id, signer_class)
     left join signing_fact on signing_fact.party_id = party.id
     where party.role = 'signer' and party.agreed_at is not null
       and (code_required and party.second_factor is null
         or own_key_required and method is distinct from 'own-device-key')`,
  )
  assert.deepEqual(weak, [], 'somebody signed without what the campaign demands')
  const codes = await rows(
    db,
    `select party_id from one_time_code join party on party.id = party_id
     where (used_at is not null) <> (second_factor is not distinct from 'code-by-email') and replaced_at is null`,
  )
  assert.deepEqual(codes, [], 'a code was used up without a signature, or the other way round')
}

// Whoever reads the whole database or the log finds no link to open.
async function auditSecrets({ db, house, logs }: TestHouse): Promise<void> {
  const { linkKey } = house.keys
  const secrets = [
    ...(await rows<{ id: number; generation: number }>(db, 'select id, generation from invitation')).map(
      (one) => makeToken(linkKey, { purpose: 'pact', ...one }),
    ),
    ...(await rows<{ id: number }>(db, 'select id from signin')).map(({ id }) =>
      makeToken(linkKey, { purpose: 'signin', id, generation: 1 }),
    ),
    hex(linkKey),
  ]
  const everything = [...Object.values(await dumpTables(db)).flat(), ...logs].join('\n')
  for (const secret of secrets)
    assert.ok(!everything.includes(secret), 'the database holds a secret in clear')
}

async function auditAppendOnly(db: Database): Promise<void> {
  for (const table of ['event', 'revision', 'template_version', 'legal_basis', 'roster_change'])
    for (const sql of [
      `update ${table} set ${table === 'event' || table === 'revision' || table === 'roster_change' ? 'at = at' : 'words = words'}`,
      `delete from ${table}`,
    ])
      await assert.rejects(
        transact(db, async (tx) => {
          await tx.raw(sql)
          throw new Error(`${sql} was let through`) // and undone
        }),
        /append-only/,
        sql,
      )
}

/** Every row of every table as text, bytes included, in an order that does not depend on the database. */
export async function dumpTables(db: Database): Promise<Record<string, string[]>> {
  const tables = await rows<{ name: string }>(
    db,
    `select table_name as name from information_schema.tables
     where table_schema = current_schema() and table_type = 'BASE TABLE' order by 1`,
  )
  const dump: Record<string, string[]> = {}
  for (const { name } of tables) {
    const found = await rows<Record<string, unknown>>(db, `select * from "${name}"`)
    dump[name] = found.map((one) => JSON.stringify(readable(one))).sort()
  }
  return dump
}

function readable(value: unknown): unknown {
  if (value instanceof Uint8Array) return `${hex(value)} ${Buffer.from(value).toString('latin1')}`
  if (value instanceof Date || value === null || typeof value !== 'object')
    return typeof value === 'bigint' ? String(value) : value
  if (Array.isArray(value)) return value.map(readable)
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, readable(one)]))
}

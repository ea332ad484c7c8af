import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import fc from 'fast-check'
import { type CoverageNode, signedPermille } from '../../src/domain/coverage.js'
import { exportCoverage, exportPeople } from '../../src/flow/cover.js'
import { coverUnit, flattenCoverage } from '../../src/flow/standing.js'
import { excludeEmployee } from '../../src/flow/open.js'
import { decline, dispute, noteOpened } from '../../src/flow/sign.js'
import { countTallies } from '../../src/store/coverage.js'
import { findCampaign } from '../../src/store/campaigns.js'
import { row, rows } from '../../src/store/db.js'
import { findPemda } from '../../src/store/pemdas.js'
import { auditCoverage } from '../audit.js'
import { openTestHouse } from '../house.js'

const house = await openTestHouse({ after })
const campaign = await house.openCampaign()

test('every number follows from what happened to people, down to the kelurahan and up to the pemda', async () => {
  const cover = async (code?: string) =>
    (
      await coverUnit(house.house, {
        campaign,
        pemda: house.pemda,
        unitId: code === undefined ? undefined : await house.unitId(code),
        now: house.now,
      })
    ).node
  const active = house.people.filter((one) => one.legalStatus === 'Aktif').length
  assert.equal((await cover()).total.required, active, 'who is on leave without pay need not sign')
  assert.equal((await cover()).nonAsn.required, 2)
  await house.openGates('kadis', 'camat')
  await house.sign('anggrek1')
  await house.sign('petugas')
  await decline(house.house, house.token('anggrek2'), { reason: 'KEBERATAN', note: '' }, house.act())
  await dispute(house.house, house.token('anggrek3'), 'Nama', house.act())
  await noteOpened(house.house, house.token('lurah1'), house.act())
  const out = { campaignId: campaign.id, employeeId: await house.employeeId('mawar1'), note: '' }
  await excludeEmployee(house.house, { ...out, reason: 'CUTI' }, house.admin())
  const anggrek = await cover('74.71.01.1001')
  const zero = { undeliverable: 0, excluded: 0, exempt: 0 }
  assert.deepEqual(anggrek.own, {
    ...zero,
    required: 4,
    invited: 4,
    opened: 4,
    signed: 1,
    declined: 1,
    disputed: 1,
  })
  const mawar = await cover('74.71.01.1002')
  assert.deepEqual(
    [mawar.own.required, mawar.own.excluded, mawar.own.signed, mawar.nonAsn.signed],
    [3, 1, 1, 1],
  )
  const kecamatan = await cover('74.71.01')
  assert.equal(kecamatan.total.signed, 3, 'camat, anggrek1, petugas')
  assert.equal((await cover()).total.signed, 4)
  assert.equal((await cover('DINKES.2')).own.undeliverable, 1, 'who has no address')
  assert.equal(signedPermille(kecamatan.total), Math.floor((3 * 1000) / kecamatan.total.required))
  await house.check()
})

test('the days of the trend add up to the signatures, in local days', async () => {
  const { days } = await coverUnit(house.house, {
    campaign,
    pemda: house.pemda,
    unitId: undefined,
    now: house.now,
  })
  assert.deepEqual(days, [{ day: '2027-02-02', n: 4 }])
  house.now = new Date('2027-02-02T16:00:01Z') // one second past midnight in WITA
  await house.sign('kecamatan1')
  const later = await coverUnit(house.house, {
    campaign,
    pemda: house.pemda,
    unitId: undefined,
    now: house.now,
  })
  assert.deepEqual(later.days, [
    { day: '2027-02-02', n: 4 },
    { day: '2027-02-03', n: 1 },
  ])
  await house.advance()
  await house.check()
})

test('statuses on the list of names are the counts of the tree', async () => {
  const { node } = await coverUnit(house.house, {
    campaign,
    pemda: house.pemda,
    unitId: undefined,
    now: house.now,
  })
  const { statuses: counts } = await countTallies(house.db, { campaignId: campaign.id, unitId: 0 })
  assert.equal(counts.signed, node.total.signed)
  assert.equal(counts.exempt, node.total.exempt)
  assert.equal(counts.disputed, node.total.disputed)
  assert.equal(counts.declined, node.total.declined)
  const sum = Object.values(counts).reduce((total, count) => total + count, 0)
  assert.equal(sum, node.total.required + node.total.excluded + node.total.exempt)
  await house.check()
})

test('what is exported is the tree, and a name that looks like a formula stays text', async () => {
  await rows(house.db, `update employee set name = '=cmd|calc' where id = :id`, {
    id: await house.employeeId('dinas3'),
  })
  const { node } = await coverUnit(house.house, {
    campaign,
    pemda: house.pemda,
    unitId: undefined,
    now: house.now,
  })
  const csv = Buffer.from(await exportCoverage(node, 'csv')).toString('utf8')
  assert.equal(csv.trim().split(/\r?\n/).length, 1 + flattenCoverage(node).length)
  const people = Buffer.from(
    await exportPeople(house.house, { campaign, path: '/', format: 'csv' }),
  ).toString('utf8')
  assert.doesNotMatch(people, /(^|[,;"\r\n])=cmd/)
  assert.match(people, /=cmd\|calc/)
  for (const bytes of [
    await exportCoverage(node, 'xlsx'),
    await exportPeople(house.house, { campaign, path: '/', format: 'xlsx' }),
  ])
    assert.equal(Buffer.from(bytes.subarray(0, 2)).toString(), 'PK')
  await house.importRoster(house.people)
  await house.check()
})

// --- random trees, random facts ---

type Fact = 'none' | 'ready' | 'agreed' | 'signed' | 'declined' | 'disputed' | 'revoked'
const arbitraryPerson = fc.record({
  unit: fc.nat(20),
  type: fc.constantFrom('PNS', 'PPPK', 'NON_ASN'),
  status: fc.constantFrom('AKTIF', 'AKTIF', 'AKTIF', 'CLTN'),
  hasLeft: fc.integer({ min: 0, max: 9 }).map((n) => n === 0),
  hasEmail: fc.boolean(),
  exclusion: fc.constantFrom('no', 'no', 'no', 'yes', 'ended'),
  fact: fc.constantFrom<Fact>('none', 'ready', 'agreed', 'signed', 'declined', 'disputed', 'revoked'),
  invited: fc.boolean(),
  opened: fc.boolean(),
  bounced: fc.boolean(),
})
const arbitraryTown = fc.record({
  // A unit with parent 0 stands at the top; whether it takes part is the gate's own choice.
  units: fc.array(fc.record({ parent: fc.nat(20), takesPart: fc.boolean() }), {
    minLength: 1,
    maxLength: 14,
  }),
  people: fc.array(arbitraryPerson, { maxLength: 40 }),
})

test('whatever the tree and whatever happened, the sums equal a recount', async () => {
  let town = 0
  await fc.assert(
    fc.asyncProperty(arbitraryTown, async ({ units, people }) => {
      const code = `99.${String(++town).padStart(2, '0')}`
      const { db, now } = house
      const pemdaId = (await row<{ id: number }>(
        db,
        `insert into pemda (code, name, government_name, short_name, seat, time_zone, contact, retention, created_at)
         values (:code, :code, :code, '', '', 'WIB', '', '', :now) returning id`,
        { code, now },
      ))!.id
      const ids: { id: number; path: string; gateId: number }[] = []
      for (const [index, unit] of units.entries()) {
        const parent = unit.parent === 0 || index === 0 ? undefined : ids[(unit.parent - 1) % index]
        const { id } = (await row<{ id: number }>(
          db,
          `select nextval(pg_get_serial_sequence('unit', 'id'))::int as id`,
        ))!
        const made = { id, path: `${parent?.path ?? '/'}${id}/`, gateId: parent?.gateId ?? id }
        ids.push(made)
        await rows(
          db,
          `insert into unit (id, pemda_id, parent_id, gate_id, code, kind, name, path) overriding system value
           values (:id, :pemdaId, :parentId, :gateId, :code, :kind, :code, :path)`,
          {
            ...made,
            pemdaId,
            parentId: parent?.id ?? null,
            code: `U${index}`,
            kind: parent ? 'bidang' : 'opd',
          },
        )
      }
      const campaignId = (await row<{ id: number }>(
        db,
        `insert into campaign (pemda_id, name, election_kind, election_name, legal_basis_id, time_zone, deadline,
           event_place, required_legal_statuses, mail_policy, state, created_at)
         select :pemdaId, '', 'PEMILU', '', min(id), 'WIB', :now, '', '{AKTIF}', '{}', 'closed', :now from legal_basis
         returning id`,
        { pemdaId, now },
      ))!.id
      for (const [index, unit] of units.entries())
        if (unit.takesPart && ids[index]!.gateId === ids[index]!.id)
          await rows(db, 'insert into campaign_unit (campaign_id, unit_id) values (:campaignId, :unitId)', {
            campaignId,
            unitId: ids[index]!.id,
          })
      const facts = people.map((person, index) => ({
        ...person,
        unitId: ids[person.unit % ids.length]!.id,
        number: person.type === 'NON_ASN' ? `K/${index}` : `1980011520050110${String(10 + index)}`,
        code: `0${code.replace('.', '')}${String(index).padStart(21, '0')}`,
      }))
      await insertFacts({ pemdaId, campaignId, facts })
      const pemda = (await findPemda(db, pemdaId))!
      await auditCoverage({ db, house: house.house, pemda, now: house.now })
      await compareSubtrees((await findCampaign(db, campaignId))!, pemda)
    }),
    { numRuns: 25 },
  )
})

// Each branch asked for alone says what the whole tree says about it.
async function compareSubtrees(
  campaign: NonNullable<Awaited<ReturnType<typeof findCampaign>>>,
  pemda: NonNullable<Awaited<ReturnType<typeof findPemda>>>,
): Promise<void> {
  const { node } = await coverUnit(house.house, { campaign, pemda, unitId: undefined, now: house.now })
  const visit = async (child: CoverageNode): Promise<void> => {
    const alone = await coverUnit(house.house, { campaign, pemda, unitId: child.unitId, now: house.now })
    assert.deepEqual(alone.node, child)
    for (const next of child.children) await visit(next)
  }
  for (const child of node.children) await visit(child)
}

type StoredFact = {
  unitId: number
  number: string
  code: string
  type: string
  status: string
  hasLeft: boolean
  hasEmail: boolean
  exclusion: string
  fact: Fact
  invited: boolean
  opened: boolean
  bounced: boolean
}

async function insertFacts(on: { pemdaId: number; campaignId: number; facts: StoredFact[] }): Promise<void> {
  const { db, now } = house
  const bindings = {
    pemdaId: on.pemdaId,
    campaignId: on.campaignId,
    now,
    accountId: house.accounts.administrator.id,
    facts: JSON.stringify(on.facts),
  }
  const from = `from jsonb_to_recordset(:facts::jsonb) as fact ("unitId" integer, number text, code text, type text,
    status text, "hasLeft" boolean, "hasEmail" boolean, exclusion text, fact text, invited boolean, opened boolean,
    bounced boolean)`
  await rows(
    db,
    `insert into employee (pemda_id, unit_id, identity_number, employment_type, name, title_prefix, title_suffix, email,
       legal_status, legal_status_text, grade, jabatan, jenis_jabatan, eselon, left_at, created_at, updated_at)
     select :pemdaId, "unitId", number, type, 'Rekaan', '', '', case when "hasEmail" then 'a@b.example' end,
       status, status, '', '', '', '', case when "hasLeft" then :now::timestamptz end, :now, :now ${from}`,
    bindings,
  )
  const join = `${from} join employee on employee.pemda_id = :pemdaId and identity_number = number`
  await rows(
    db,
    `insert into exclusion (campaign_id, employee_id, reason, account_id, at, ended_at)
     select :campaignId, employee.id, 'CUTI', :accountId, :now, case when exclusion = 'ended' then :now::timestamptz end
     ${join} where exclusion <> 'no'`,
    bindings,
  )
  await rows(
    db,
    `insert into pact (campaign_id, form, employee_id, signer_class, template_code, template_version, code, ordinal, state,
       created_at, sealed_at, revoke_reason)
     select :campaignId, 'individual', employee.id, 'ASN', 'PI-ASN-INDIVIDU', 1, code,
       (row_number() over (order by number))::int,
       case fact when 'revoked' then 'revoked' else 'open' end, :now,
       case fact when 'revoked' then :now::timestamptz end, case fact when 'revoked' then 'Uji' end
     ${join} where fact <> 'none'`,
    bindings,
  )
  await rows(
    db,
    `insert into party (pact_id, slot, role, ordinal, employee_id, state, invited_at, opened_at, agreed_at, signed_at,
       undeliverable_reply)
     select pact.id, 'PENANDATANGAN', 'signer', 1, employee.id, case fact when 'revoked' then 'signed' else fact end,
       case when invited then :now::timestamptz end, case when opened then :now::timestamptz end,
       case when fact in ('agreed', 'signed', 'revoked') then :now::timestamptz end,
       case when fact in ('signed', 'revoked') then :now::timestamptz end, case when bounced then '550' end
     ${join} join pact on pact.campaign_id = :campaignId and pact.employee_id = employee.id`,
    bindings,
  )
}

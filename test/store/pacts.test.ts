import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after, test } from 'node:test'
import { CODE_BYTES, formatCode, partyTransitions, type PartyState } from '../../src/domain/pact.js'
import { rows, transact } from '../../src/store/db.js'
import { insertPacts, moveParty, type NewPact } from '../../src/store/pacts.js'
import { openTestHouse } from '../house.js'

const house = await openTestHouse({ after })
const campaign = await house.openCampaign({ isDraft: true })
const newPact = async (key: string): Promise<NewPact> => ({
  campaignId: campaign.id,
  employeeId: await house.employeeId(key),
  signerClass: 'ASN',
  templateCode: 'PI-ASN-INDIVIDU',
  templateVersion: 1,
  isRow: false,
  code: formatCode(randomBytes(CODE_BYTES)),
  parties: [{ slot: 'PENANDATANGAN', role: 'signer' }],
})
const insert = (made: NewPact[]) => transact(house.db, (tx) => insertPacts(tx, campaign.id, made, house.now))

test('processes that make pacts for the same people at once make one each, numbered without a gap', async () => {
  const keys = ['dinas1', 'dinas2', 'dinas3', 'bidang1', 'bidang2']
  const batches = await Promise.all(
    Array.from({ length: 4 }, async () => insert(await Promise.all(keys.map(newPact)))),
  )
  assert.equal(batches.flat().length, keys.length)
  const ordinals = await rows<{ ordinal: number }>(house.db, 'select ordinal from pact order by 1')
  assert.deepEqual(
    ordinals.map((one) => one.ordinal),
    [1, 2, 3, 4, 5],
  )
})

test('an individual pact has no place for somebody else: the database refuses it', async () => {
  const { pactId } = await house.partyOf('dinas1')
  const other = await house.employeeId('dinas2')
  const forge = (sql: string) => assert.rejects(rows(house.db, sql, { pactId, other }), /party/)
  await forge('update party set employee_id = :other where pact_id = :pactId')
  await forge(
    `insert into party (pact_id, slot, role, ordinal, employee_id, state)
     values (:pactId, 'LAIN', 'signer', 2, :other, 'ready')`,
  )
  await forge(
    `insert into party (pact_id, slot, role, ordinal, account_id, state)
     select :pactId, 'LAIN', 'signer', 2, min(id), 'ready' from account`,
  )
})

test('a party moves only as the transition table says, from every state to every state', async () => {
  const states = Object.keys(partyTransitions) as PartyState[]
  const { partyId } = await house.partyOf('dinas3')
  for (const from of states)
    for (const to of states) {
      const isAgreed = from === 'agreed' || from === 'signed'
      await rows(
        house.db,
        'update party set state = :from, agreed_at = :agreedAt, signed_at = :signedAt where id = :partyId',
        {
          partyId,
          from,
          agreedAt: isAgreed ? house.now : null,
          signedAt: from === 'signed' ? house.now : null,
        },
      )
      const moved = await moveParty(house.db, { id: partyId, to, now: house.now })
      assert.equal(moved !== undefined, partyTransitions[from].includes(to), `${from} -> ${to}`)
    }
})

// A ceremony: heads of region and witnesses on one document, who is missing named on its page.
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { jointColumns, type JointParty } from '../../src/domain/joint.js'
import { advanceAll } from '../../src/flow/advance.js'
import {
  closeJoint,
  endParties,
  openJoint,
  prepareJoint,
  previewJoint,
  spellNumber,
} from '../../src/flow/joint.js'
import { readPact } from '../../src/flow/file.js'
import { agree, type Consent, dispute, openLink } from '../../src/flow/sign.js'
import { verifyCode, verifyFile } from '../../src/flow/verify.js'
import { findJointDraft, findJointPact } from '../../src/store/joint.js'
import { findPact, findParties } from '../../src/store/pacts.js'
import { rows } from '../../src/store/db.js'
import { lineOf, mandate, signer, witness, writeLines, writeParties } from '../ceremony.js'
import { HOUR, openTestHouse } from '../house.js'
import { refuses } from '../refusal.js'

const house = await openTestHouse({ after })
const campaign = await house.openCampaign()

const write = (lines: readonly (readonly string[])[]) => writeLines(house.folder, lines)
const list = (parties: readonly JointParty[]) => writeParties(house.folder, parties)
const form = (parties: readonly JointParty[], change: object = {}) => ({
  ...{ campaignId: campaign.id, path: list(parties), region: 'Rekaan', place: 'Aula', city: 'Kota Rekaan' },
  ...{ unitCode: 'SETDA', day: new Date('2027-02-02T02:00:00Z'), isOrdered: false },
  deadline: new Date(house.now.getTime() + 8 * HOUR),
  ...change,
})
async function open(parties: readonly JointParty[], change: object = {}): Promise<number> {
  const { draftId } = await prepareJoint(house.house, form(parties, change), house.admin())
  const pactId = await openJoint(house.house, draftId!, house.admin())
  await house.advance()
  return pactId
}
async function sign({ person }: JointParty): Promise<void> {
  const token = house.post.tokenTo(person.email)!
  const opened = await openLink(house.house, token, house.now)
  const consent: Consent = {
    textSha256: 'paper' in opened ? opened.paper.textSha256.toString('hex') : '',
    ...{ isSelf: true, hasRead: true, isBinding: true, identityTail: '', code: '' },
    mark: { kind: 'typed', name: person.name },
  }
  await agree(house.house, token, consent, house.act())
}
const codeOf = async (pactId: number) => (await findPact(house.db, pactId))!.code

test('parties sign as they come, witnesses after them, and every signature is valid', async () => {
  const parties = [signer(1), signer(2, mandate), signer(3), witness(1), witness(2)]
  const { draftId } = await prepareJoint(house.house, form(parties), house.admin())
  const draft = (await findJointDraft(house.db, draftId!))!
  assert.equal(
    Buffer.from(await previewJoint(house.house, draft, house.now))
      .subarray(0, 5)
      .toString(),
    '%PDF-',
  )
  assert.ok(await findJointDraft(house.db, draftId!), 'looking makes nothing')
  const pactId = await openJoint(house.house, draftId!, house.admin())
  await house.advance()
  assert.equal(house.post.mailsTo('saksi1@rekaan.example').length, 0, 'not the witnesses’ turn')
  assert.equal((await verifyCode(house.house, await codeOf(pactId), house.now)).outcome, 'not_found')
  await sign(parties[2]!)
  await house.advance()
  const early = await verifyCode(house.house, await codeOf(pactId), house.now)
  assert.deepEqual([early.outcome, early.waitingCount], ['incomplete', 4])
  await sign(parties[0]!)
  await sign(parties[1]!)
  await house.advance()
  await sign(parties[4]!)
  await sign(parties[3]!)
  await house.advance()
  const verdict = await verifyCode(house.house, await codeOf(pactId), house.now)
  assert.equal(verdict.outcome, 'valid')
  assert.deepEqual(verdict.signatures.map(({ slot, name }) => `${slot} ${name}`).slice(0, 5), [
    'PIHAK_3 Kepala Daerah 3',
    'PIHAK_1 Kepala Daerah 1',
    'PIHAK_2 Kepala Daerah 2',
    'SAKSI_1 Saksi 1',
    'SAKSI_2 Saksi 2',
  ])
  const pdf = await readPact(house.house, house.db, pactId)
  assert.equal((await verifyFile(house.house, pdf, house.now)).outcome, 'valid')
  assert.match(
    house.post.mailsTo('bupati2@rekaan.example').at(-1)!.subject,
    /tersimpan|tanda terima|Tanda terima/i,
  )
  await house.check()
})

test('in order, nobody gets a link before those above have signed', async () => {
  const parties = [signer(11), signer(12), witness(11)]
  await open(parties, { isOrdered: true })
  assert.equal(house.post.mailsTo('bupati12@rekaan.example').length, 0)
  const first = house.post.tokenTo(parties[0]!.person.email)!
  await refuses(dispute(house.house, first, 'Nama', house.act()), 'BAD_FORM')
  await sign(parties[0]!)
  await house.advance()
  assert.equal(house.post.mailsTo('bupati12@rekaan.example').length, 1)
  await sign(parties[1]!)
  await house.advance()
  await sign(parties[2]!)
  await house.advance()
  await house.check()
})

test('closed without some, the pact is sealed and names them; nobody signs afterwards', async () => {
  const parties = [signer(21), signer(22), signer(23), witness(21)]
  const pactId = await open(parties)
  await refuses(closeJoint(house.house, pactId, house.admin()), 'STALE')
  await sign(parties[0]!)
  await house.advance()
  await endParties(house.house, pactId, house.admin())
  await refuses(sign(parties[1]!), 'CAMPAIGN_CLOSED')
  await house.advance()
  await sign(parties[3]!)
  // The witness has agreed and is not signed for yet: closing waits for that signature.
  await closeJoint(house.house, pactId, house.admin())
  assert.equal((await findPact(house.db, pactId))!.state, 'open')
  await refuses(sign(parties[2]!), 'CAMPAIGN_CLOSED')
  await house.advance()
  const verdict = await verifyCode(house.house, await codeOf(pactId), house.now)
  assert.equal(verdict.outcome, 'valid')
  assert.deepEqual(
    verdict.missing.map(({ region }) => region),
    ['Kabupaten Rekaan 22', 'Kabupaten Rekaan 23'],
  )
  assert.match(verdict.checks.find(({ id }) => id === 'complete')!.detail, /pihak 2, pihak 3/)
  await house.check()
})

test('two administrators close at once: one of them is told that it is closed', async () => {
  const parties = [signer(31), signer(32), witness(31)]
  const pactId = await open(parties)
  await sign(parties[0]!)
  await house.advance()
  const both = await Promise.allSettled([
    closeJoint(house.house, pactId, house.admin()),
    closeJoint(house.house, pactId, house.admin()),
  ])
  assert.deepEqual(both.map(({ status }) => status).sort(), ['fulfilled', 'rejected'])
  const closings = await rows(
    house.db,
    `select from event where kind = 'joint_closed' and pact_id = :pactId`,
    { pactId },
  )
  assert.equal(closings.length, 1)
  await house.advance()
  await house.check()
})

test('a pact closes by itself when its deadline has passed and somebody has signed', async () => {
  const parties = [signer(41), signer(42), witness(41)]
  const pactId = await open(parties)
  await sign(parties[1]!)
  await house.advance()
  house.now = new Date(house.now.getTime() + 9 * HOUR)
  await advanceAll(house.house, house.clock)
  await house.advance()
  assert.ok((await findJointPact(house.db, pactId))!.closedAt)
  assert.equal((await verifyCode(house.house, await codeOf(pactId), house.now)).outcome, 'valid')
  await house.check()
})

test('a draft is opened once, and a party comes to no pact that is open', async () => {
  const { draftId } = await prepareJoint(
    house.house,
    form([signer(51), signer(52), witness(51)]),
    house.admin(),
  )
  const pactId = await openJoint(house.house, draftId!, house.admin())
  await refuses(openJoint(house.house, draftId!, house.admin()), 'STALE')
  const before = await findParties(house.db, pactId)
  await prepareJoint(house.house, form([signer(51), signer(52), signer(53), witness(51)]), house.admin())
  assert.deepEqual(await findParties(house.db, pactId), before)
  await house.advance()
  await house.check()
})

test('a list with something wrong is refused whole, and says where', async () => {
  const good = [signer(61), signer(62), witness(61)].map(lineOf)
  const refused: [string, string[][], RegExp][] = [
    [
      'a representative without mandate',
      [['pihak', 'Kota A', 'Nama', 'Sekda', '', 'a@rekaan.example', 'Wali Kota', '', '']],
      /nomor surat mandat/,
    ],
    [
      'a mandate for nobody',
      [['pihak', 'Kota A', 'Nama', 'Sekda', '', 'a@rekaan.example', '', '12', '2027-01-01']],
      /tidak disebut siapa/,
    ],
    [
      'a day that is none',
      [['pihak', 'Kota A', 'Nama', 'Sekda', '', 'a@rekaan.example', 'Wali Kota', '1', '31-02-2027']],
      /tanggal/i,
    ],
    [
      'a witness by representative',
      [['saksi', '', 'Nama', 'Anggota', 'Bawaslu', 'a@rekaan.example', 'Ketua', '1', '2027-01-01']],
      /Saksi tidak dapat/,
    ],
    [
      'one region twice',
      [['pihak', 'Kabupaten Rekaan 61', 'Nama', 'Bupati', '', 'a@rekaan.example', '', '', '']],
      /Sudah ada/,
    ],
    [
      'one address twice',
      [['saksi', '', 'Nama', 'Anggota', 'Bawaslu', 'bupati61@rekaan.example', '', '', '']],
      /Sudah ada/,
    ],
    ['no address', [['pihak', 'Kota A', 'Nama', 'Wali Kota', '', '', '', '', '']], /Surel kosong/],
    [
      'another role',
      [['tamu', 'Kota A', 'Nama', 'Wali Kota', '', 'a@rekaan.example', '', '', '']],
      /pihak.*saksi/,
    ],
  ]
  for (const [name, extra, message] of refused) {
    const rest = form([])
    const path = write([[...jointColumns], ...good, ...extra])
    const { draftId, errors } = await prepareJoint(house.house, { ...rest, path }, house.admin())
    assert.equal(draftId, undefined, name)
    assert.match(errors!.map((error) => error.message).join(), message, name)
    assert.ok(
      errors!.every((error) => error.row === 5),
      name,
    )
  }
  for (const parties of [
    [signer(71), witness(71)],
    [signer(71), signer(72)],
  ])
    assert.ok((await prepareJoint(house.house, form(parties), house.admin())).errors, 'too few')
  await refuses(prepareJoint(house.house, form([signer(1)], { place: ' ' }), house.admin()), 'BAD_FORM')
  const late = { deadline: house.now }
  await refuses(prepareJoint(house.house, form([signer(1)], late), house.admin()), 'BAD_FORM')
  await house.check()
})

test('numbers are written as they are spoken', () => {
  for (const [value, words] of [
    [8, 'delapan'],
    [11, 'sebelas'],
    [18, 'delapan belas'],
    [31, 'tiga puluh satu'],
    [100, 'seratus'],
    [2022, 'dua ribu dua puluh dua'],
    [1000, 'seribu'],
    [2115, 'dua ribu seratus lima belas'],
  ] as const)
    assert.equal(spellNumber(value), words)
})

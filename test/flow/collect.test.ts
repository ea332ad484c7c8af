// A campaign in the collective form: each signs a row, and a unit's rows become one sealed document.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { unzipSync } from 'fflate'
import { makeKey, prove, publicKeyInfo, Refusal, signOffer } from '../../src/browser/own-key.js'
import { SIGNING_REASON } from '../../src/domain/pact.js'
import { readEmbedded } from '../../src/evidence/signed-file.js'
import { openStatement, parseStatement, ROW_BYTES_MAX } from '../../src/evidence/statement.js'
import { closeCollective } from '../../src/flow/collect.js'
import { signersIssuerSha256 } from '../../src/flow/device.js'
import { exportDossier } from '../../src/flow/dossier.js'
import { readPact } from '../../src/flow/file.js'
import { closeCampaign } from '../../src/flow/open.js'
import { readRow } from '../../src/flow/row.js'
import { acceptOwnSignature, agree, offerOwnKey, openLink } from '../../src/flow/sign.js'
import { verifyCode, verifyFile } from '../../src/flow/verify.js'
import { countRows, findDocuments } from '../../src/store/collective.js'
import { findPact } from '../../src/store/pacts.js'
import { rows, transact } from '../../src/store/db.js'
import { missingTools } from '../demo/road.js'
import { HOUR, openTestHouse, ROOT } from '../house.js'
import { testPeople, testUnits } from '../roster.js'
import { refuses } from '../refusal.js'

const house = await openTestHouse({ after })
const campaign = await house.openCampaign({ isCollective: true })
await house.openGates('kadis')
const unitId = await house.unitId('DINKES')
const of = { campaignId: campaign.id, unitId }
const collectives = async () =>
  (await findDocuments(house.db, of)).filter(({ kind }) => kind === 'COLLECTIVE')
const close = () => closeCollective(house.house, of, house.admin())

/** The signer's own device, as the page's script does it. */
async function signOnDevice(key: string, change: { words?: string[] } = {}): Promise<void> {
  const token = house.token(key)
  const consent = await house.consent(key)
  const opened = await openLink(house.house, token, house.now)
  assert.equal(opened.outcome, 'valid')
  const { paper } = opened as Extract<typeof opened, { outcome: 'valid' }>
  const pair = await makeKey()
  const proof = await prove(pair, { token, textSha256: consent.textSha256 })
  const own = { publicKeyInfo: await publicKeyInfo(pair), proof }
  const offer = await offerOwnKey(house.house, token, consent, own, house.act())
  const shown = paper.text.blocks.flatMap((block) =>
    'runs' in block ? [block.runs.map(({ text }) => text).join('')] : [],
  )
  const { signature } = await signOffer(pair, offer, {
    ...{ slot: 'PENANDA_TANGAN', reason: SIGNING_REASON, name: paper.identity.name, now: house.now },
    ...{ number: paper.identity.identityNumber, issuerSha256: signersIssuerSha256(house.house) },
    words: change.words ?? shown,
  })
  await acceptOwnSignature(house.house, token, signature, house.act())
}

test('members see the pact with their own row, and their device signs exactly what it showed', async () => {
  const opened = await openLink(house.house, house.token('dinas1'), house.now)
  const { paper } = opened as Extract<typeof opened, { outcome: 'valid' }>
  const table = paper.text.blocks.find((block) => block.kind === 'table')!
  assert.deepEqual(table.kind === 'table' && table.rows.map((cells) => cells[1]!.runs[0]!.text), [
    paper.identity.name,
  ])
  await assert.rejects(
    signOnDevice('dinas1', { words: ['Kami juga setuju dipindahkan ke unit lain.'] }),
    (error) => error instanceof Refusal && /berbeda dari yang ditampilkan/.test(error.message),
  )
  await signOnDevice('dinas1')
  await house.sign('dinas2') // without a script: a one-time key of the service
  await house.advance()
  for (const [key, method] of [
    ['dinas1', 'own-device-key'],
    ['dinas2', 'one-time-server-key'],
  ] as const) {
    const { pactId, code, state } = await house.partyOf(key)
    assert.equal(state, 'signed')
    const verdict = await verifyCode(house.house, code, house.now)
    assert.equal(verdict.outcome, 'incomplete', JSON.stringify(verdict.checks))
    assert.equal(verdict.signatures[0]!.method, method)
    const file = (await readRow(house.house, house.db, pactId))!
    const statement = parseStatement(openStatement(file).content)
    assert.equal(statement.code, code)
    // What somebody brings is known again.
    assert.equal((await verifyFile(house.house, file, house.now)).outcome, 'incomplete')
    assert.match(house.post.mailsTo(house.person(key).email).at(-1)!.subject, /tersimpan|Tanda terima/i)
  }
  await house.check()
})

test('closing lists who has signed on one sealed document, and each row holds on its own', async () => {
  assert.deepEqual(await countRows(house.db, { campaignId: campaign.id }), [
    { unitId, waiting: 2, listed: 0 },
  ])
  const closed = await close()
  assert.equal(closed.rows, 2)
  await refuses(close(), 'STALE')
  await house.advance()
  const pdf = await readPact(house.house, house.db, closed.pactId)
  const pact = (await findPact(house.db, closed.pactId))!
  assert.deepEqual([pact.state, pact.archivedAt !== null], ['sealed', true])
  const verdict = await verifyFile(house.house, pdf, house.now)
  assert.equal(verdict.outcome, 'valid', JSON.stringify(verdict.checks))
  assert.deepEqual([verdict.rows.length, verdict.rows.every(({ outcome }) => outcome === 'pass')], [2, true])
  const path = join(house.folder, 'kolektif.pdf')
  writeFileSync(path, pdf)
  assert.match(spawnSync('pdfsig', ['-nocert', path], { encoding: 'utf8' }).stdout, /Signature is Valid/)
  const text = spawnSync('pdftotext', ['-raw', path, '-'], { encoding: 'utf8' }).stdout
  for (const key of ['dinas1', 'dinas2']) {
    assert.ok(text.replace(/\s+/g, ' ').includes(house.person(key).name), key)
    const row = await verifyCode(house.house, (await house.partyOf(key)).code, house.now)
    assert.deepEqual([row.outcome, row.collective?.id], ['valid', closed.pactId], JSON.stringify(row.checks))
  }
  // Asked again it says the same, and once a second certificate stands in a row's record it does not.
  assert.equal((await verifyCode(house.house, pact.code, house.now)).outcome, 'valid')
  const { partyId } = await house.partyOf('dinas1')
  await assert.rejects(
    transact(house.db, async (tx) => {
      await rows(
        tx,
        `insert into issued_certificate (party_id, ordinal, serial, sha256, certificate, method, at)
         select party_id, max(ordinal) + 1, 'x', sha256('x'), 'x', 'own-device-key', max(at) from issued_certificate
         where party_id = :partyId group by party_id`,
        { partyId },
      )
      const twice = await verifyCode({ ...house.house, db: tx }, pact.code, house.now)
      assert.equal(twice.outcome, 'invalid')
      throw new Error('undo')
    }),
    /undo/,
  )
  assert.doesNotMatch(JSON.stringify(pact.filled), new RegExp(house.person('dinas1').identityNumber))
  await house.check()
})

test('one member’s dossier holds that member’s row and nobody else’s name; the terminal verifies it', async () => {
  const { bytes, name } = await exportDossier(
    house.house,
    { campaign, employeeId: await house.employeeId('dinas1'), caseNumber: '1/2027' },
    house.admin(),
  )
  assert.match(name, /\.zip$/)
  const files = unzipSync(bytes)
  const row = join(house.folder, 'pakta.p7m')
  writeFileSync(row, files['pakta.p7m']!)
  const roots = join(house.folder, 'akar-dosir.pem')
  writeFileSync(roots, files['akar.pem']!)
  for (const content of Object.values(files))
    assert.ok(!Buffer.from(content).includes(house.person('dinas2').name))
  const main = join(ROOT, 'dist/src/main.js')
  const verify = (file: string) =>
    spawnSync(process.execPath, [main, 'verify', file, '--root', roots, '--at', '2027-02-03'], {
      encoding: 'utf8',
    })
  const said = verify(row)
  assert.deepEqual([said.status, /SAH\n/.test(said.stdout)], [0, true], said.stdout + said.stderr)
  const forged = Buffer.from(files['pakta.p7m']!)
  forged[forged.indexOf('menolak uang')] = 0x4d
  writeFileSync(row, forged)
  assert.equal(verify(row).status, 1)
})

test('who signs while the document is closed, or later, is on the next one; nobody is on two', async () => {
  await house.sign('dinas3')
  await house.advance()
  await signOnDevice('bidang1') // its evidence is not there yet
  const outcomes = await Promise.allSettled([close(), close()])
  assert.deepEqual(outcomes.map(({ status }) => status).sort(), ['fulfilled', 'rejected'])
  await house.advance()
  assert.deepEqual(
    (await collectives()).map((one) => [one.rows, one.state]),
    [
      [1, 'sealed'],
      [2, 'sealed'],
    ],
  )
  const waiting = await verifyCode(house.house, (await house.partyOf('bidang1')).code, house.now)
  assert.equal(waiting.outcome, 'incomplete')
  await closeCampaign(house.house, campaign.id, house.admin())
  await house.advance()
  const documents = await collectives()
  assert.deepEqual(
    documents.map((one) => one.rows),
    [1, 1, 2],
  )
  assert.equal(new Set(documents.map(({ number }) => number)).size, 3)
  const listed = new Set<string>()
  for (const { pactId } of documents)
    for (const { bytes } of readEmbedded(
      await readPact(house.house, house.db, pactId),
      () => ROW_BYTES_MAX,
    )) {
      const { code } = parseStatement(openStatement(bytes).content)
      assert.ok(!listed.has(code))
      listed.add(code)
    }
  assert.equal(listed.size, 4)
  const events = await rows(house.db, `select id from event where kind = 'collective_closed'`)
  assert.equal(events.length, 3)
  await house.check()
})

test('coverage counts a row as soon as it is signed, like any pact', async () => {
  const signed = await rows<{ n: number }>(
    house.db,
    'select count(*)::int as n from coverage_person where campaign_id = :id and is_signed',
    { id: campaign.id },
  )
  assert.equal(signed[0]!.n, 5) // four members, and the head's own pact
})

test('at the deadline a document is closed by itself, and later signatures wait for the campaign’s end', async (t) => {
  const own = await openTestHouse(t)
  const deadline = new Date(own.now.getTime() + 2 * HOUR)
  const { id: campaignId } = await own.openCampaign({ isCollective: true, deadline })
  await own.openGates('kadis')
  await own.sign('dinas1')
  await own.advance()
  const unit = { campaignId, unitId: await own.unitId('DINKES') }
  const documents = async () =>
    (await findDocuments(own.db, unit)).filter(({ kind }) => kind === 'COLLECTIVE').map((one) => one.rows)
  assert.deepEqual(await documents(), [])
  own.now = new Date(deadline.getTime() + 1000)
  await own.advance()
  assert.deepEqual(await documents(), [1])
  await own.sign('dinas2')
  await own.advance()
  assert.deepEqual(await documents(), [1])
  await closeCampaign(own.house, campaignId, own.admin())
  await own.advance()
  assert.deepEqual(await documents(), [1, 1])
  await own.check()
})

test('a kecamatan of 400 signs; other tools verify its document row by row', async (t) => {
  const missing = missingTools(['openssl', 'pdfdetach', 'qpdf', 'pdfsig'])
  if (missing) return t.skip(missing)
  const [template] = testPeople.filter(({ key }) => key === 'anggrek1')
  const members = Array.from({ length: 400 }, (_, index) => ({
    ...template!,
    key: `warga${index}`,
    name: `Pegawai Rekaan ${['Arga', 'Bima', 'Candra', 'Dewi'][index % 4]} ${index}`,
    identityNumber: `19900${1 + (index % 9)}1520150${1 + (index % 9)}2${String(index + 100).padStart(3, '0')}`,
    email: `warga${index}@rekaan.example`,
    unit: ['74.71.01', '74.71.01.1001', '74.71.01.1002'][index % 3]!,
  }))
  const camat = testPeople.filter(({ key }) => key === 'camat')
  const large = await openTestHouse(t, {
    people: [...camat, ...members],
    units: testUnits.filter(({ code }) => code.startsWith('74.71.01')),
  })
  const own = await large.openCampaign({ isCollective: true })
  await large.openGates('camat')
  for (const { key } of members) {
    const mark = markOf(Number(key.slice(5)))
    await agree(large.house, large.token(key), await large.consent(key, mark ? { mark } : {}), large.act())
  }
  await large.advance()
  const kecamatan = await large.unitId('74.71.01')
  const closed = await closeCollective(large.house, { campaignId: own.id, unitId: kecamatan }, large.admin())
  assert.equal(closed.rows, 400)
  await large.advance()
  const pdf = await readPact(large.house, large.db, closed.pactId)
  const verdict = await verifyFile(large.house, pdf, large.now)
  assert.equal(verdict.outcome, 'valid', JSON.stringify(verdict.checks))
  assert.equal(verdict.rows.length, 400)
  const run = (command: string, args: string[]) => spawnSync(command, args, { encoding: 'utf8' })
  const path = join(large.folder, 'kolektif.pdf')
  writeFileSync(path, pdf)
  assert.equal(run('qpdf', ['--check', path]).status, 0)
  assert.match(run('pdfsig', ['-nocert', path]).stdout, /Signature is Valid/)
  const out = join(large.folder, 'baris')
  mkdirSync(out)
  assert.equal(run('pdfdetach', ['-saveall', '-o', out, path]).status, 0)
  const roots = join(large.folder, 'akar.pem')
  writeFileSync(roots, large.house.keys.rootsPem)
  const names = new Set<string>()
  const at = String(Math.floor(large.now.getTime() / 1000))
  for (const file of readdirSync(out)) {
    const said = run('openssl', [
      ...['cms', '-verify', '-inform', 'DER', '-binary', '-purpose', 'any', '-attime', at],
      ...['-CAfile', roots, '-in', join(out, file)],
    ])
    assert.equal(said.status, 0, `${file}: ${said.stderr}`)
    names.add(/\nnama: (.*)\n/.exec(said.stdout)![1]!)
  }
  assert.deepEqual([...names].sort(), members.map(({ name }) => `${name}, S.Sos.`).sort())
  await large.check()
})

// Every third draws.
const markOf = (index: number) =>
  index % 3 === 0
    ? {
        kind: 'drawn' as const,
        strokes: [Array.from({ length: 60 }, (_, at) => (at % 2 ? 40 + ((at * index) % 100) : 20 + at * 8))],
      }
    : undefined

// One person's pact for a neutrality case, checked by tools that know nothing of us.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { exportDossier } from '../../src/flow/dossier.js'
import { rows } from '../../src/store/db.js'
import { openTestHouse } from '../house.js'
import { refuses } from '../refusal.js'
import { hasTool } from '../web/workbook.js'

const house = await openTestHouse({ after })
const campaign = await house.openCampaign()
await house.openGates('kadis')
await house.sign('bidang1')
await house.advance()
const ask = async (key: string, caseNumber: string) =>
  exportDossier(house.house, { campaign, employeeId: await house.employeeId(key), caseNumber }, house.admin())

test('the ZIP opens elsewhere, its pact is the one that was sealed, and the export is on record', async (t) => {
  if (!hasTool(t, 'python3') || !hasTool(t, 'pdfsig')) return
  const { name, bytes } = await ask('bidang1', '012/Reg/TM/PW/Kota/28.03/XI/2026')
  assert.match(name, /^berkas-perkara-\w{26}\.zip$/)
  const path = join(house.folder, name)
  writeFileSync(path, bytes)
  const out = join(house.folder, 'perkara')
  execFileSync('python3', ['-m', 'zipfile', '-t', path])
  execFileSync('python3', ['-m', 'zipfile', '-e', path, out])
  const read = (file: string) => execFileSync('cat', [join(out, file)]).toString()
  const sums = execFileSync('sha256sum', [join(out, 'pakta.pdf')])
    .toString()
    .slice(0, 64)
  const record = JSON.parse(read('catatan.json')) as {
    sha256: string
    conclusion: string
    story: { kind: string }[]
  }
  assert.equal(record.sha256, sums)
  assert.equal(record.conclusion, 'VALID')
  assert.deepEqual(
    record.story.map((one) => one.kind).filter((kind) => ['agreed', 'sealed'].includes(kind)),
    ['agreed', 'sealed'],
  )
  const said = execFileSync('pdfsig', ['-nocert', join(out, 'pakta.pdf')], {
    stdio: ['ignore', 'pipe', 'ignore'],
  }).toString()
  assert.equal(said.match(/Signature is Valid/g)?.length, 2)
  const summary = read('ringkasan.txt')
  const person = house.person('bidang1')
  assert.ok(summary.includes(person.identityNumber) && summary.includes(sums))
  for (const other of house.people)
    if (other.key !== 'bidang1' && other.name !== person.name)
      assert.ok(!summary.includes(other.identityNumber))
  const events = await rows<{ detail: { caseNumber: string } }>(
    house.db,
    `select detail from event where kind = 'dossier_exported'`,
  )
  assert.deepEqual(
    events.map((one) => one.detail.caseNumber),
    ['012/Reg/TM/PW/Kota/28.03/XI/2026'],
  )
})

test('without a case number, or without a sealed pact, nothing is exported and nothing recorded', async () => {
  await refuses(ask('bidang1', '  '), 'BAD_FORM')
  await refuses(ask('bidang2', '013/Reg'), 'NOT_FOUND')
  const events = await rows(house.db, `select from event where kind = 'dossier_exported'`)
  assert.equal(events.length, 1)
})

test('after all this the house is in order', () => house.check())

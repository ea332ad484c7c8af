// Recapitulations: frozen at a moment, and one for each unit when a campaign is closed.
import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { parse } from 'csv-parse/sync'
import { merkleRoot } from '../../src/evidence/merkle.js'
import { readEmbedded, readRevisions } from '../../src/evidence/signed-file.js'
import { readPact } from '../../src/flow/file.js'
import { closeCampaign, excludeEmployee, openCampaign } from '../../src/flow/open.js'
import { exportRecap, freezeRecap } from '../../src/flow/recap.js'
import { verifyCode, verifyFile } from '../../src/flow/verify.js'
import { findDocuments } from '../../src/store/collective.js'
import { rows } from '../../src/store/db.js'
import { findPact, findPactByCode } from '../../src/store/pacts.js'
import { HOUR, openTestHouse } from '../house.js'
import { refuses } from '../refusal.js'
import { hasTool, readXlsxByPython } from '../web/workbook.js'

const house = await openTestHouse({ after })
const campaign = await house.openCampaign()
await house.openGates('kadis')
const unitId = await house.unitId('DINKES')
for (const key of ['dinas1', 'bidang1', 'perawat1']) await house.sign(key)
await house.advance()
await excludeEmployee(
  house.house,
  { campaignId: campaign.id, employeeId: await house.employeeId('dinas2'), reason: 'CUTI', note: '' },
  house.admin(),
)
const of = { campaign, pemda: house.pemda, unitId }

function wordsOf(pdf: Uint8Array): string {
  const path = join(house.folder, 'rekap.pdf')
  writeFileSync(path, pdf)
  assert.equal(spawnSync('qpdf', ['--check', path]).status, 0)
  assert.match(spawnSync('pdfsig', ['-nocert', path], { encoding: 'utf8' }).stdout, /Signature is Valid/)
  return execFileSync('pdftotext', ['-layout', path, '-'], { encoding: 'utf8' }).replace(/\s+/g, ' ')
}

test('a recapitulation is numbered, sealed, and says the same a week later', async (t) => {
  const pactId = await freezeRecap(house.house, of, house.admin())
  // A button that is pressed twice makes one document.
  assert.equal(await freezeRecap(house.house, of, house.admin()), pactId)
  const second = await freezeRecap(house.house, { ...of, unitId: undefined }, house.admin())
  await house.sign('bidang2')
  await house.advance()
  const pact = (await findPact(house.db, pactId))!
  assert.equal((await verifyCode(house.house, pact.code, house.now)).outcome, 'valid')
  const words = wordsOf(await readPact(house.house, house.db, pactId))
  assert.match(words, new RegExp(`Nomor: ${pact.number}`))
  assert.match(words, /PER 2 FEBRUARI 2027 PUKUL 12\.\d\d WITA/)
  assert.match(words, /Sudah menandatangani : 4 orang/)
  assert.match(words, /Cuti 1/)
  assert.match(wordsOf(await readPact(house.house, house.db, second)), /Pemerintah Kota Rekaan/)
  assert.notEqual((await findPact(house.db, second))!.number, pact.number)
  if (!hasTool(t, 'python3')) return
  const sheets = readXlsxByPython(Buffer.from(await exportRecap(house.house, pactId)))
  assert.match(JSON.stringify(sheets), /4 orang/)
  await refuses(exportRecap(house.house, (await house.partyOf('dinas1')).pactId), 'NOT_FOUND')
  await house.check()
})

test('closing gives every unit its sheet: counts, exclusions, codes with times, and a root that can be computed again', async () => {
  const sheetsOf = async (id: number) =>
    (await findDocuments(house.db, { campaignId: campaign.id, unitId: id })).filter(
      ({ kind }) => kind === 'RECAP',
    )
  // A unit whose sheet cannot be set does not hold up the others, and gets it once it can.
  const villageId = await house.unitId('74.71.01')
  const named = (name: string) =>
    rows(house.db, 'update unit set name = :name where id = :villageId', { name, villageId })
  const [{ name } = { name: '' }] = await rows<{ name: string }>(
    house.db,
    'select name from unit where id = :villageId',
    { villageId },
  )
  await named('漢')
  await closeCampaign(house.house, campaign.id, house.admin())
  await house.advance()
  assert.deepEqual([(await sheetsOf(unitId)).length, (await sheetsOf(villageId)).length], [1, 0])
  assert.match(house.logs.splice(0)[0]!, /^recapitulation of unit \d+: nama_unit: Karakter/)
  await named(name)
  await house.advance()
  const [sheet, ...others] = await sheetsOf(unitId)
  assert.ok(sheet && others.length === 0)
  const pdf = await readPact(house.house, house.db, sheet.pactId)
  assert.equal((await verifyFile(house.house, pdf, house.now)).outcome, 'valid')
  const words = wordsOf(pdf)
  assert.match(words, /Sudah menandatangani : 5 orang/)
  assert.match(words, /Dikecualikan : 1 orang/)
  const [file] = readEmbedded(pdf, () => 1_000_000)
  assert.equal(file!.name, 'pakta.csv')
  const lines = parse<{ kode: string; waktu: string; sha256: string }>(Buffer.from(file!.bytes), {
    columns: true,
    bom: true,
  })
  assert.equal(lines.length, 5)
  // Somebody who has the pacts themselves comes to the same root.
  const leaves = []
  for (const { kode } of lines) {
    const pact = (await findPactByCode(house.db, kode))!
    const whole = await readPact(house.house, house.db, pact.id)
    const seal = readRevisions(whole).revisions.at(-1)!
    const sha256 = execFileSync('sha256sum', { input: whole.subarray(0, seal.end), encoding: 'utf8' })
    leaves.push(Buffer.from(`${kode} ${sha256.slice(0, 64)}`))
  }
  const root = merkleRoot(leaves).toString('hex').match(/.{4}/g)!.join(' ')
  assert.ok(words.includes(root), `${root} is not in ${words}`)
  // Every gate and kelurahan of somebody has one; a village without anybody has none.
  assert.equal((await sheetsOf(villageId)).length, 1)
  await house.check()
})

test('opened and closed again, a campaign gets new sheets and keeps the old ones', async () => {
  house.now = new Date(house.now.getTime() + HOUR)
  await openCampaign(house.house, campaign.id, house.admin())
  house.now = new Date(house.now.getTime() + HOUR)
  await closeCampaign(house.house, campaign.id, house.admin())
  await house.advance()
  const all = await findDocuments(house.db, { campaignId: campaign.id, unitId })
  assert.equal(all.filter(({ kind }) => kind === 'RECAP').length, 2)
  assert.equal(new Set(all.map(({ number }) => number)).size, all.length)
  await house.check()
})

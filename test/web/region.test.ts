// What a province sees of the governments below it: their totals, their units where they share them, names never.
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import request from 'supertest'
import type { Account } from '../../src/domain/account.js'
import { enrollPemda } from '../../src/flow/enroll.js'
import { inviteAccount } from '../../src/flow/signin.js'
import { findAccount } from '../../src/store/accounts.js'
import { row, rows } from '../../src/store/db.js'
import { findPemdas, saveViolation, setPemdaParent } from '../../src/store/pemdas.js'
import { openTestHouse } from '../house.js'

const house = await openTestHouse({ after })
const campaign = await house.openCampaign()
await house.openGates('kadis', 'camat')
await house.sign('anggrek1')
await house.advance()

for (const [code, name] of [
  ['74', 'Provinsi Rekaan'],
  ['74.02', 'Kabupaten Seberang'],
  ['75', 'Provinsi Sebelah'],
] as const)
  await enrollPemda(
    house.house,
    { ...house.pemda, code, name, governmentName: `Pemerintah ${name}` },
    house.now,
  )
const pemdas = await findPemdas(house.db)
const idOf = (code: string) => pemdas.find((one) => one.code === code)!.id
for (const code of [house.pemda.code, '74.02']) await setPemdaParent(house.db, { code, parentCode: '74' })

const open = async (code: string) => {
  const made = await row<{ id: number }>(
    house.db,
    `insert into campaign (pemda_id, name, election_kind, election_name, legal_basis_id, time_zone, deadline, event_place,
       required_legal_statuses, mail_policy, state, created_at, opened_at)
     select :pemdaId, 'Pakta se-provinsi', election_kind, election_name, legal_basis_id, time_zone, deadline, event_place,
       required_legal_statuses, mail_policy, state, created_at, opened_at
     from campaign where id = :id returning id`,
    { pemdaId: idOf(code), id: campaign.id },
  )
  return made!.id
}
const province = await open('74')
const neighbour = await open('75')
const share = (shared: 'total' | 'units') =>
  rows(house.db, 'update campaign set parent_id = :province, shared = :shared where id = :id', {
    ...{ province, shared, id: campaign.id },
  })

async function cookieOf(code: string, role: Account['role']): Promise<string> {
  const made = {
    pemdaId: idOf(code),
    role,
    unitId: undefined,
    institution: 'Lembaga Rekaan',
    jabatan: 'Anggota',
  }
  const email = `${role}-${code}@akun.example`
  const id = await inviteAccount(house.house, { ...made, email, name: `Pemegang ${role}` }, house.act())
  return house.cookie((await findAccount(house.db, id))!)
}
const watcher = await cookieOf('74', 'bawaslu')
const administrator = await cookieOf('74', 'administrator')
const stranger = await cookieOf('75', 'administrator')
const get = (path: string, cookie: string) => request(house.app).get(path).set('Cookie', cookie)
const wordsOf = (html: string) => html.replace(/<[^>]*>/g, ' ').replace(/\s+/g, ' ')

test('a province sees the totals of those below, and who has no campaign is not at 0%', async () => {
  await share('total')
  const { text } = await get(`/wilayah/${province}`, watcher).expect(200)
  const words = wordsOf(text)
  const active = house.people.filter((one) => one.legalStatus === 'Aktif').length
  assert.ok(words.includes(`3 dari ${active}`), words)
  assert.match(words, /1 dari 2 daerah belum menyertakan kegiatan: Kabupaten Seberang/)
  assert.match(words, /Kabupaten Seberang 74\.02 belum ada kegiatan/)
  for (const person of house.people) assert.ok(!words.includes(person.name), person.name)
  await get(`/wilayah/${province}`, stranger).expect(404)
  await get(`/wilayah/${neighbour}`, watcher).expect(404)
})

test('units below open where they are shared; names, files and acts stay there', async () => {
  const base = `/cakupan/${campaign.id}/0`
  await share('total')
  for (const path of [base, `${base}/ekspor.csv`]) await get(path, administrator).expect(404)
  await share('units')
  const { text } = await get(base, administrator).expect(200)
  assert.ok(!text.includes('/nama'), 'no way to the names is offered')
  for (const person of house.people) assert.ok(!wordsOf(text).includes(person.name), person.name)
  await get(`/cakupan/${campaign.id}/${await house.unitId('74.71.01')}`, watcher).expect(200)
  await get(`${base}/ekspor.csv`, watcher).expect(200)
  const employeeId = await house.employeeId('anggrek1')
  for (const path of [
    `${base}/nama`,
    `${base}/nama.csv`,
    `${base}/tidak-terkirim`,
    `/pegawai/${campaign.id}/${employeeId}`,
    `/pegawai/${campaign.id}/${employeeId}/pakta.pdf`,
  ])
    await get(path, administrator).expect(404)
  await get(base, stranger).expect(404)
  await house.check()
})

test('figures of violations stand beside the coverage, and the page claims no cause', async () => {
  const { id: accountId } = house.accounts.administrator
  for (const [year, n] of [
    [2019, 27],
    [2020, 71],
  ] as const)
    await saveViolation(house.db, {
      ...{
        pemdaId: idOf('74'),
        year,
        n,
        election: 'Pemilihan',
        source: 'Bawaslu Rekaan',
        accountId,
        now: house.now,
      },
    })
  const words = wordsOf((await get(`/wilayah/${province}`, watcher).expect(200)).text)
  assert.match(words, /2019, Pemilihan: 27 pelanggaran.*2020, Pemilihan: 71 pelanggaran/)
  assert.match(words, /tidak menyatakan bahwa yang satu menyebabkan yang lain/)
})

test('a government attaches its campaign itself, to one of the province above and to no other', async () => {
  const own = await house.cookie(house.accounts.administrator)
  const attach = (parentId: number) =>
    request(house.app)
      .post(`/admin/kegiatan/${campaign.id}/provinsi`)
      .set({ Cookie: own, Origin: 'http://pakta.rekaan.example' })
      .type('form')
      .send({ parentId, shared: 'total' })
  const stored = () =>
    row(house.db, 'select parent_id as "parentId", shared from campaign where id = :id', { id: campaign.id })
  await attach(0).expect(303)
  assert.deepEqual(await stored(), { parentId: null, shared: 'total' })
  await attach(neighbour).expect(403)
  assert.deepEqual(await stored(), { parentId: null, shared: 'total' })
  await attach(province).expect(303)
  assert.deepEqual(await stored(), { parentId: province, shared: 'total' })
  const page = await get(`/admin/kegiatan/${campaign.id}`, own).expect(200)
  assert.match(page.text, new RegExp(`<option value="${province}" selected`))
})

test('a violation figure is entered with its source for a government of one’s own, and mended by year', async () => {
  const enter = (fields: object) =>
    request(house.app)
      .post(`/wilayah/${province}/pelanggaran`)
      .set({ Cookie: watcher, Origin: 'http://pakta.rekaan.example' })
      .type('form')
      .send({
        pemdaId: idOf('74'),
        year: '2020',
        n: '70',
        election: 'Pemilihan 2020',
        source: 'Siaran pers',
        ...fields,
      })
  await enter({}).expect(303)
  await enter({ n: '71' }).expect(303)
  for (const wrong of [{ year: '20' }, { n: 'banyak' }, { source: '' }]) {
    const { text } = await enter(wrong).expect(400)
    assert.match(text, /Ada yang perlu diperbaiki/)
  }
  await enter({ pemdaId: idOf('75') }).expect(403)
  const { text } = await get(`/wilayah/${province}`, watcher).expect(200)
  assert.match(wordsOf(text), /2020, Pemilihan 2020: 71 pelanggaran\. Sumber: Siaran pers\./)
})

// Every route with every role, against a table written by hand: who may open what, and what each may learn.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { after, test } from 'node:test'
import request from 'supertest'
import { type Account, isTeamRole, type Role } from '../../src/domain/account.js'
import { makeToken } from '../../src/domain/links.js'
import { doorsOf, openAssembly } from '../../src/flow/assemble.js'
import { checkRoster, confirmRoster, enrollPemda, enrollUnits } from '../../src/flow/enroll.js'
import { openJoint, prepareJoint } from '../../src/flow/joint.js'
import { attachCircular, excludeEmployee } from '../../src/flow/open.js'
import { changeEmblem, draftTemplate } from '../../src/flow/release.js'
import { freezeRecap } from '../../src/flow/recap.js'
import { decline, dispute } from '../../src/flow/sign.js'
import { inviteAccount, requestSignin } from '../../src/flow/signin.js'
import { openMailbox } from '../../src/remote/mail.js'
import { findAccount } from '../../src/store/accounts.js'
import type { Campaign } from '../../src/store/campaigns.js'
import { row, rows } from '../../src/store/db.js'
import { findPemda, findPemdas, type Pemda } from '../../src/store/pemdas.js'
import { routes } from '../../src/web/routes.js'
import { signer, witness, writeParties } from '../ceremony.js'
import { HOUR, openTestHouse, type TestHouse } from '../house.js'
import { testPeople, type TestPerson, testUnits } from '../roster.js'
import { nextTemplate, tinyPdf, tinyPng } from './upload.js'
import { hasTool, readXlsxByPython } from './workbook.js'

/**
 * Everyone who may knock. The unit head leads DINKES, the other head the kecamatan; the last two belong to a
 * second pemda on the same server.
 */
const guests = [
  'anonymous',
  'administrator',
  'unit_head',
  'bawaslu',
  'auditor',
  'other_head',
  'foreign_administrator',
  'foreign_bawaslu',
  'election_desk', // of the whole pemda, by mandate
  'task_force', // of DINKES, by mandate
  'second_witness', // of no pact here
] as const
type Guest = (typeof guests)[number]

/**
 * One sign for each guest in the order above: `+` is let in, `-` is refused (403 or 404), `>` has to sign in.
 * The address is about a person and a unit of DINKES. Written from the roles, not from the route table.
 */
const expectations: Record<string, string> = {
  'GET /': '+++++++++++',
  'GET /robots.txt': '+++++++++++',
  'GET /privasi': '+++++++++++',
  'GET /aksesibilitas': '+++++++++++',
  'GET /tentang': '+++++++++++',
  'GET /akar.pem': '+++++++++++',
  'GET /v': '+++++++++++',
  'POST /v': '+++++++++++',
  'GET /v/:code': '+++++++++++',
  'GET /t/:token': '+++++++++++',
  'POST /t/:token/dibuka': '+++++++++++',
  'GET /t/:token/naskah.pdf': '+++++++++++',
  'GET /t/:token/surat-edaran.pdf': '+++++++++++',
  'POST /t/:token/tanda-tangan': '+++++++++++',
  'POST /t/:token/kunci': '+++++++++++',
  'POST /t/:token/kode': '+++++++++++',
  'POST /t/:token/tanda-tangan-sendiri': '+++++++++++',
  'GET /t/:token/selesai': '+++++++++++',
  'GET /t/:token/pakta.pdf': '+++++++++++',
  'GET /t/:token/data-keliru': '+++++++++++',
  'POST /t/:token/data-keliru': '+++++++++++',
  'GET /t/:token/belum-bersedia': '+++++++++++',
  'POST /t/:token/belum-bersedia': '+++++++++++',
  'POST /t/:token/tautan-baru': '+++++++++++',
  'GET /pki/catatan.txt': '+++++++++++',
  'GET /pki/:name.crt': '+++++++++++',
  'GET /pki/:name.crl': '+++++++++++',
  'POST /ocsp/:name': '+++++++++++',
  'GET /ocsp/:name/*request': '+++++++++++',
  'GET /usul-surel/:pemdaCode': '+++++++++++',
  'POST /usul-surel/:pemdaCode': '+++++++++++',
  'GET /masuk': '+++++++++++',
  'POST /masuk': '+++++++++++',
  'GET /masuk/periksa-surel': '+++++++++++',
  'GET /masuk/:token': '+++++++++++',
  'POST /masuk/:token': '+++++++++++',
  'POST /keluar': '+++++++++++',

  'GET /tim': '>-------++-',
  'GET /cakupan': '>+++++++++-',
  'GET /wilayah/:campaignId': '>+-++------',
  'GET /wilayah/:campaignId/pelanggaran': '>+-+-------',
  'POST /wilayah/:campaignId/pelanggaran': '>+-+-------',
  'GET /cakupan/:campaignId/:unitId': '>++++---++-',
  'GET /cakupan/:campaignId/:unitId/ekspor.:format': '>++++---++-',
  'POST /cakupan/:campaignId/:unitId/ingatkan': '>++--------',
  'GET /cakupan/:campaignId/:unitId/nama': '>++-+----+-',
  'GET /cakupan/:campaignId/:unitId/nama.:format': '>++-+----+-',
  'GET /cakupan/:campaignId/:unitId/tidak-terkirim': '>++-+----+-',
  'GET /cakupan/:campaignId/:unitId/dokumen': '>++++---++-',
  'POST /cakupan/:campaignId/:unitId/dokumen': '>++--------',
  'GET /cakupan/:campaignId/:unitId/dokumen/tutup': '>+---------',
  'POST /cakupan/:campaignId/:unitId/dokumen/tutup': '>+---------',
  'GET /cakupan/:campaignId/:unitId/dokumen/:pactId.:format': '>++++---++-',
  'GET /pegawai/:campaignId/:employeeId': '>++-+----+-',
  'GET /pegawai/:campaignId/:employeeId/pakta.pdf': '>++-+----+-',
  'POST /pegawai/:campaignId/:employeeId/kirim-ulang': '>++--------',
  'GET /pegawai/:campaignId/:employeeId/kios': '>++--------',
  'POST /pegawai/:campaignId/:employeeId/kios': '>++--------',
  'GET /pegawai/:campaignId/:employeeId/surel': '>+---------',
  'POST /pegawai/:campaignId/:employeeId/surel': '>+---------',
  'POST /pegawai/:campaignId/:employeeId/usulan-surel': '>++--------',
  'POST /pegawai/:campaignId/:employeeId/surel-kedua': '>+---------',
  'GET /pegawai/:campaignId/:employeeId/berkas-perkara': '>+--+------',
  'POST /pegawai/:campaignId/:employeeId/berkas-perkara': '>+--+------',
  'GET /pegawai/:campaignId/:employeeId/kecualikan': '>+---------',
  'POST /pegawai/:campaignId/:employeeId/kecualikan': '>+---------',
  'POST /pegawai/:campaignId/:employeeId/batal-kecualikan': '>+---------',

  'GET /admin': '>+----+----',
  'GET /admin/daftar-pegawai': '>+--+-+----',
  'POST /admin/daftar-pegawai': '>+----+----',
  'POST /admin/daftar-unit': '>+----+----',
  'GET /admin/daftar-pegawai/:importId': '>+---------',
  'POST /admin/daftar-pegawai/:importId/simpan': '>+---------',
  'POST /admin/daftar-pegawai/:importId/batal': '>+---------',
  'GET /admin/daftar-pegawai/:importId/selesai': '>+---------',
  'GET /admin/kegiatan': '>+--+-+----',
  'POST /admin/kegiatan': '>+----+----',
  'GET /admin/kegiatan/baru': '>+----+----',
  'GET /admin/kegiatan/:campaignId': '>+--+------',
  'GET /admin/kegiatan/:campaignId/peringkat': '>+--+------',
  'POST /admin/kegiatan/:campaignId/surat-edaran': '>+---------',
  'GET /admin/kegiatan/:campaignId/surat-edaran.pdf': '>+--+------',
  'GET /admin/kegiatan/:campaignId/buka': '>+---------',
  'POST /admin/kegiatan/:campaignId/buka': '>+---------',
  'POST /admin/kegiatan/:campaignId/provinsi': '>+---------',
  'GET /admin/kegiatan/:campaignId/tutup': '>+---------',
  'POST /admin/kegiatan/:campaignId/tutup': '>+---------',
  'GET /admin/kegiatan/:campaignId/unit/:unitId': '>+---------',
  'POST /admin/kegiatan/:campaignId/unit/:unitId': '>+---------',
  'POST /admin/kegiatan/:campaignId/unit/:unitId/buka-tanpa-pimpinan': '>+---------',
  'GET /layar/:token': '+++++++++++',
  'GET /layar/:token/aliran': '+++++++++++',
  'GET /layar/:token/ikrar': '+++++++++++',
  'GET /apel/:token': '+++++++++++',
  'POST /apel/:token': '+++++++++++',
  'GET /admin/kegiatan/:campaignId/apel': '>+--+------',
  'POST /admin/kegiatan/:campaignId/apel': '>+---------',
  'GET /admin/kegiatan/:campaignId/apel/:assemblyId': '>+--+------',
  'POST /admin/kegiatan/:campaignId/apel/:assemblyId/hadir': '>+---------',
  'POST /admin/kegiatan/:campaignId/apel/:assemblyId/akhiri': '>+---------',
  'GET /admin/kegiatan/:campaignId/bersama': '>+--+------',
  'POST /admin/kegiatan/:campaignId/bersama': '>+---------',
  'GET /admin/kegiatan/:campaignId/bersama/daftar-pihak.xlsx': '>+---------',
  'GET /admin/kegiatan/:campaignId/bersama/rancangan/:draftId': '>+---------',
  'GET /admin/kegiatan/:campaignId/bersama/rancangan/:draftId/pratinjau.pdf': '>+---------',
  'POST /admin/kegiatan/:campaignId/bersama/rancangan/:draftId/buka': '>+---------',
  'POST /admin/kegiatan/:campaignId/bersama/rancangan/:draftId/buang': '>+---------',
  'GET /admin/kegiatan/:campaignId/bersama/:pactId': '>+--+------',
  'GET /admin/kegiatan/:campaignId/bersama/:pactId/pakta.pdf': '>+--+------',
  'POST /admin/kegiatan/:campaignId/bersama/:pactId/kirim': '>+---------',
  'GET /admin/kegiatan/:campaignId/bersama/:pactId/saksi': '>+---------',
  'POST /admin/kegiatan/:campaignId/bersama/:pactId/saksi': '>+---------',
  'GET /admin/kegiatan/:campaignId/bersama/:pactId/tutup': '>+---------',
  'POST /admin/kegiatan/:campaignId/bersama/:pactId/tutup': '>+---------',
  'GET /admin/kegiatan/:campaignId/data-keliru': '>+---------',
  'GET /admin/kegiatan/:campaignId/data-keliru/:employeeId': '>+---------',
  'POST /admin/kegiatan/:campaignId/data-keliru/:employeeId': '>+---------',
  'GET /admin/pakta/:code/cabut': '>+---------',
  'POST /admin/pakta/:code/cabut': '>+---------',
  'GET /admin/naskah': '>+--+-+----',
  'POST /admin/naskah': '>+----+----',
  'GET /admin/naskah/rancangan/:draftId': '>+---------',
  'GET /admin/naskah/rancangan/:draftId/pratinjau.pdf': '>+---------',
  'POST /admin/naskah/rancangan/:draftId/terbitkan': '>+---------',
  'POST /admin/naskah/rancangan/:draftId/buang': '>+---------',
  'GET /admin/naskah/:templateCode/:version/:file': '>+--+-+----',
  'POST /admin/lambang': '>+----+----',
  'GET /lambang/:sha256': '+++++++++++',
  'GET /admin/peta': '>+--+-+----',
  'POST /admin/peta': '>+----+----',
  'GET /admin/akun': '>+--+-+----',
  'GET /admin/akun/baru': '>+----+----',
  'POST /admin/akun': '>+----+----',
  'POST /admin/akun/:accountId/nonaktif': '>+---------',
  'GET /admin/surel': '>+--+-+----',

  'GET /saksi': '>--+---+--+',
  'GET /saksi/rekapitulasi': '>--+---+---',
  'GET /saksi/:pactId': '>--+-------',
  'GET /saksi/:pactId/naskah.pdf': '>--+-------',
  'POST /saksi/:pactId/tanda-tangan': '>--+-------',
  'POST /saksi/:pactId/kunci': '>--+-------',
  'POST /saksi/:pactId/tanda-tangan-sendiri': '>--+-------',
  'GET /saksi/:pactId/pakta.pdf': '>--+-------',

  'GET /demo/surel': '+++++++++++',
  'GET /demo/surel/:mailId': '+++++++++++',
}

/** Acts that would spoil the ground for the acts after them: last, in this order. */
const lastActs = [
  'POST /admin/kegiatan/:campaignId/buka',
  'POST /admin/kegiatan/:campaignId/tutup',
  'POST /admin/akun/:accountId/nonaktif',
  'POST /admin/naskah/rancangan/:draftId/buang',
  'POST /admin/kegiatan/:campaignId/bersama/rancangan/:draftId/buang',
  'POST /admin/kegiatan/:campaignId/apel/:assemblyId/akhiri',
  'POST /masuk/:token',
  'POST /keluar',
]

const ORIGIN = 'http://pakta.rekaan.example'
const HEADS = ['kadis', 'camat', 'plt']

interface Answer {
  status: number
  location: string
  type: string
  bytes: Buffer
}

let house: TestHouse
let campaign: Campaign
let draft: { id: number }
let foreign: Pemda
let foreignEmployeeId = 0
const cookies = {} as Record<Guest, string | undefined>
const values: Record<string, string> = {}
const staffTokens: string[] = []
const foreignPerson: TestPerson = {
  ...testPeople[0]!,
  key: 'asing',
  identityNumber: '197403152005011777',
  name: 'Bambang Seberang',
  email: 'asing@seberang.example',
  unit: 'DINAS-SEBERANG',
}

async function knock(guest: Guest, method: 'GET' | 'POST', path: string, form = ''): Promise<Answer> {
  const agent = request(house.app)
  const asked =
    method === 'GET'
      ? agent.get(path)
      : agent.post(path).set('Origin', ORIGIN).type('application/x-www-form-urlencoded').send(form)
  if (cookies[guest]) asked.set('Cookie', cookies[guest])
  const answer = await asked
    .redirects(0)
    .buffer(true)
    .parse((response, done) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () => done(null, Buffer.concat(chunks)))
    })
  return {
    status: answer.status,
    location: answer.headers['location'] ?? '',
    type: answer.headers['content-type'] ?? '',
    bytes: answer.body as Buffer,
  }
}

/** What somebody can read in an answer: also inside a workbook and on the pages of a PDF. */
function wordsOf({ bytes, type, location }: Answer): string {
  const raw = `${location}\n${bytes.toString('utf8')}`
  if (type.includes('spreadsheetml')) return raw + JSON.stringify(readXlsxByPython(bytes))
  if (type.includes('pdf')) return raw + execFileSync('pdftotext', ['-', '-'], { input: bytes }).toString()
  return raw
}

const sign = (answer: Answer): string => {
  if (answer.status === 401 || (answer.status === 303 && answer.location === '/masuk')) return '>'
  if (answer.status === 403 || answer.status === 404) return '-'
  return answer.status < 500 ? '+' : `${answer.status}`
}

const addressOf = (pattern: string, change: Record<string, string> = {}) =>
  pattern.replace(/:(\w+)/g, (_, name: string) => {
    const value = { ...values, ...change }[name]
    assert.ok(value, `no value for :${name} of ${pattern}`)
    return value
  })

/** Addresses of one route that are not about the person and unit of most routes. */
const special: Record<string, Record<string, string>> = {
  'GET /pki/:name.crt': { name: 'akar-segel' },
  'GET /pki/:name.crl': { name: 'penerbit-segel' },
  'POST /ocsp/:name': { name: 'penerbit-segel' },
  'GET /ocsp/:name/*request': { name: 'penerbit-segel' },
}

async function openAccount(pemda: Pemda, role: Role, key: string, unitId?: number): Promise<Account> {
  const id = await inviteAccount(
    house.house,
    {
      pemdaId: pemda.id,
      role,
      unitId,
      email: `${key}@akun.example`,
      name: `Pemegang ${key}`,
      institution: 'Lembaga Rekaan',
      jabatan: 'Anggota',
      ...(isTeamRole(role) && { mandate: { number: '100/1/2027', date: '2027-01-04', until: '2027-03-31' } }),
    },
    house.act(),
  )
  return (await findAccount(house.db, id))!
}

async function prepare(): Promise<void> {
  house = await openTestHouse({ after }, { settings: { isDemo: true } })
  house.house.mailbox = openMailbox({ folder: join(house.folder, 'surel'), from: 'pakta@rekaan.example' })
  await house.house.mailbox.send({
    messageId: '<satu@rekaan.example>',
    to: 'a@rekaan.example',
    subject: 'Satu',
    text: 'satu',
    html: '<p>satu</p>',
    at: house.now,
  })
  house.post.answer = (to) =>
    to.startsWith('perawat1@') ? { code: 550, message: 'no such user here', at: 'RCPT TO' } : 'take'
  campaign = await house.openCampaign()
  await attachCircular(
    house.house,
    { campaignId: campaign.id, number: '270/1', title: 'Edaran', issuedOn: '2027-01-04', file: tinyPdf },
    house.admin(),
  )
  await house.openGates('kadis')
  await house.sign('bidang1')
  await decline(
    house.house,
    house.token('dinas1'),
    { reason: 'KEBERATAN', note: 'Rahasia pribadi' },
    house.act(),
  )
  await dispute(house.house, house.token('dinas2'), 'Gelar saya keliru', house.act())
  await excludeEmployee(
    house.house,
    { campaignId: campaign.id, employeeId: await house.employeeId('bidang2'), reason: 'CUTI', note: '' },
    house.admin(),
  )
  await house.sign('camat')
  await house.advance()
  const checked = await house.checkRoster(
    house.people.map((one) => (one.key === 'dinas3' ? { ...one, jabatan: 'Analis Muda' } : one)),
  )
  draft = await house.openCampaign({ isDraft: true, units: ['BKD'] })

  await enrollPemda(
    house.house,
    {
      ...house.pemda,
      code: '74.02',
      name: 'Kabupaten Seberang',
      governmentName: 'Pemerintah Kabupaten Seberang',
      contact: 'BKPSDM Kabupaten Seberang',
    },
    house.now,
  )
  foreign = (await findPemdas(house.db)).find((one) => one.name === 'Kabupaten Seberang')!
  await enrollUnits(house.house, foreign.id, [
    {
      ...testUnits[0]!,
      code: 'DINAS-SEBERANG',
      name: 'Dinas Seberang',
      headNip: null,
      headCapacity: 'kosong',
    },
  ])
  const imported = await checkRoster(
    house.house,
    {
      pemdaId: foreign.id,
      path: house.writeRoster([foreignPerson]),
      fileName: 'a.csv',
      accountId: undefined,
    },
    { now: house.now },
  )
  await confirmRoster(
    house.house,
    { importId: imported.id, pemdaId: foreign.id, accountId: undefined },
    house.act(),
  )

  const kecamatan = await house.unitId('74.71.01')
  const accounts: Record<Exclude<Guest, 'anonymous'>, Account> = {
    ...house.accounts,
    other_head: await openAccount(house.pemda, 'unit_head', 'camat-lain', kecamatan),
    foreign_administrator: await openAccount(foreign, 'administrator', 'admin-seberang'),
    foreign_bawaslu: await openAccount(foreign, 'bawaslu', 'bawaslu-seberang'),
    election_desk: await openAccount(house.pemda, 'election_desk', 'desk-pemilu'),
    task_force: await openAccount(house.pemda, 'task_force', 'satgas', await house.unitId('DINKES')),
    second_witness: await openAccount(house.pemda, 'witness', 'pj'),
  }
  for (const guest of guests)
    cookies[guest] = guest === 'anonymous' ? undefined : await house.cookie(accounts[guest])
  const spare = await openAccount(house.pemda, 'auditor', 'auditor-cadangan')
  await requestSignin(house.house, spare.email, house.act())
  const signin = (await row<{ id: number }>(house.db, 'select max(id)::int as id from signin'))!
  await house.advance()

  const draftId = await draftTemplate(
    house.house,
    { pemdaId: house.pemda.id, ...nextTemplate() },
    house.admin(),
  )
  await changeEmblem(house.house, { pemdaId: house.pemda.id, emblem: tinyPng }, house.admin())
  const sealed = await house.partyOf('bidang1')
  const waiting = await house.partyOf('camat')
  const confirmed = (await row<{ id: number }>(
    house.db,
    `select min(id)::int as id from roster_import where state = 'confirmed'`,
  ))!
  Object.assign(values, {
    campaignId: String(campaign.id),
    unitId: String(await house.unitId('DINKES')),
    employeeId: String(await house.employeeId('bidang1')),
    token: house.token('bidang3'),
    code: sealed.code,
    format: 'csv',
    importId: String(checked.id),
    pemdaCode: house.pemda.code,
    accountId: String(spare.id),
    pactId: String(waiting.pactId),
    draftId: String(draftId),
    templateCode: 'PI-ASN-INDIVIDU',
    version: '1',
    file: 'naskah.md',
    sha256: (await findPemda(house.db, house.pemda.id))!.emblemSha256!,
  })
  const letters = await house.house.mailbox.findLetters({ search: '', limit: 1, offset: 0 })
  const signinToken = makeToken(house.house.keys.linkKey, { purpose: 'signin', id: signin.id, generation: 1 })
  const jointForm = {
    ...{ campaignId: campaign.id, path: writeParties(house.folder, [signer(1), signer(2), witness(1)]) },
    ...{
      region: 'Rekaan',
      place: 'Aula',
      city: 'Kota Rekaan',
      unitCode: 'BKD',
      day: house.now,
      isOrdered: false,
    },
    deadline: new Date(house.now.getTime() + 8 * HOUR),
  }
  const prepareOne = async () => (await prepareJoint(house.house, jointForm, house.admin())).draftId!
  const joint = { pactId: String(await openJoint(house.house, await prepareOne(), house.admin())) }
  const jointDraft = { draftId: String(await prepareOne()) }
  for (const { method, path } of routes)
    if (path.includes('/bersama/')) special[`${method.toUpperCase()} ${path}`] = { ...joint, ...jointDraft }
  const assemblyId = await openAssembly(
    house.house,
    { campaign, unitId: null, title: 'Apel Rekaan', startsAt: house.now },
    house.admin(),
  )
  values.assemblyId = String(assemblyId)
  const doors = doorsOf(house.house, { id: assemblyId })
  for (const { method, path } of routes) {
    if (path.startsWith('/layar/')) special[`${method.toUpperCase()} ${path}`] = { token: doors.screen }
    if (path.startsWith('/apel/')) special[`${method.toUpperCase()} ${path}`] = { token: doors.entrance }
  }
  const recapId = await freezeRecap(
    house.house,
    { campaign, pemda: house.pemda, unitId: Number(values.unitId) },
    house.admin(),
  )
  const disputing = { employeeId: String(await house.employeeId('dinas2')) }
  Object.assign(special, {
    'GET /masuk/:token': { token: signinToken },
    'GET /cakupan/:campaignId/:unitId/dokumen/:pactId.:format': { pactId: String(recapId), format: 'pdf' },
    'POST /masuk/:token': { token: signinToken },
    'GET /admin/daftar-pegawai/:importId/selesai': { importId: String(confirmed.id) },
    'GET /admin/kegiatan/:campaignId/buka': { campaignId: String(draft.id) },
    'POST /admin/kegiatan/:campaignId/buka': { campaignId: String(draft.id) },
    'POST /admin/kegiatan/:campaignId/tutup': { campaignId: String(draft.id) },
    'GET /admin/kegiatan/:campaignId/data-keliru/:employeeId': disputing,
    'POST /admin/kegiatan/:campaignId/data-keliru/:employeeId': disputing,
    'GET /demo/surel/:mailId': { mailId: letters.letters[0]!.id },
  })
  for (const { id, generation } of await rows<{ id: number; generation: number }>(
    house.db,
    'select id, generation from invitation where replaced_at is null',
  ))
    staffTokens.push(makeToken(house.house.keys.linkKey, { purpose: 'pact', id, generation }))
  staffTokens.push(signinToken)
}
await prepare()

const nameOf = (person: TestPerson) => person.name
const others = (keys: readonly string[]) => house.people.filter((one) => !keys.includes(one.key))

function assertWithout(words: string, secrets: readonly string[], where: string) {
  for (const secret of secrets) assert.ok(!words.includes(secret), `${where} tells ${secret}`)
}

test('the table of expectations names every route, and no route that is not there', () => {
  assert.deepEqual(
    routes.map((route) => `${route.method.toUpperCase()} ${route.path}`).sort(),
    Object.keys(expectations).sort(),
  )
})

test('every GET answers each role as the table says, and changes nothing', async (t) => {
  if (!hasTool(t, 'python3') || !hasTool(t, 'pdftotext')) return
  assert.ok(staffTokens.length > 8)
  const before = await house.dump()
  for (const [route, signs] of Object.entries(expectations)) {
    const [method, pattern] = route.split(' ') as ['GET' | 'POST', string]
    if (method === 'POST') continue
    for (const [index, guest] of guests.entries())
      for (const format of pattern.endsWith('ekspor.:format') ? ['csv', 'xlsx', 'json'] : ['csv']) {
        const answer = await knock(guest, method, addressOf(pattern, { format, ...special[route] }))
        assert.equal(sign(answer), signs[index], `${route} as ${guest}: ${answer.status}`)
        if (guest === 'anonymous' || pattern.startsWith('/t/') || pattern.startsWith('/demo/')) continue
        const words = wordsOf(answer)
        if (pattern !== '/masuk/:token') assertWithout(words, staffTokens, `${route} as ${guest}`)
        const isRefused = signs[index] === '-'
        if (isRefused) assertWithout(words, house.people.map(nameOf), `${route} as ${guest}`)
        if ((guest === 'bawaslu' || guest === 'election_desk') && pattern !== '/v/:code')
          assertWithout(
            words,
            others(HEADS).flatMap((one) => [one.name, one.identityNumber]),
            `${route} as ${guest}`,
          )
        if (guest.startsWith('foreign_'))
          assertWithout(
            words,
            house.people.flatMap((one) => [one.name, one.identityNumber, one.email].filter(Boolean)),
            `${route} as ${guest}`,
          )
      }
  }
  assert.deepEqual(await house.dump(), before)
})

test('every POST that the table refuses is refused and changes nothing', async () => {
  const before = await house.dump()
  for (const [route, signs] of Object.entries(expectations)) {
    const [method, pattern] = route.split(' ') as ['GET' | 'POST', string]
    if (method === 'GET') continue
    for (const [index, guest] of guests.entries()) {
      if (signs[index] === '+') continue
      const form = 'reason=Alasan+yang+cukup+panjang&confirms=on&kind=reissue&email=penyusup%40jahat.example'
      const answer = await knock(guest, method, addressOf(pattern, special[route]), form)
      assert.equal(sign(answer), signs[index], `${route} as ${guest}: ${answer.status}`)
    }
  }
  assert.deepEqual(await house.dump(), before)
})

test('a unit head and a team with a mandate for a unit read that subtree and nothing else, unit by unit and person by person', async (t) => {
  if (!hasTool(t, 'python3') || !hasTool(t, 'pdftotext')) return
  const before = await house.dump()
  const units = await rows<{ id: number; code: string; path: string }>(
    house.db,
    'select id, code, path from unit',
  )
  const subtrees = { unit_head: /^DINKES/, other_head: /^74\.71\.01/, task_force: /^DINKES/ } as const
  for (const guest of ['unit_head', 'other_head', 'task_force'] as const) {
    const isOwn = (code: string) => subtrees[guest].test(code)
    const foreignNames = [...house.people, foreignPerson]
      .filter((one) => !isOwn(one.unit))
      .flatMap((one) => [one.name, one.identityNumber])
    for (const unit of [...units, { id: 0, code: 'the whole pemda', path: '/' }])
      for (const part of [
        '',
        '/nama',
        '/tidak-terkirim',
        '/ekspor.csv',
        '/ekspor.xlsx',
        '/ekspor.json',
        '/nama.csv',
        '/nama.xlsx',
        '/dokumen',
      ]) {
        const path = `/cakupan/${campaign.id}/${unit.id}${part}`
        const answer = await knock(guest, 'GET', path)
        const where = `${path} (${unit.code}) as ${guest}: ${answer.status}`
        assert.equal(sign(answer), isOwn(unit.code) ? '+' : '-', where)
        // The head of BKD works in DINKES.1: a name on a gate is not a name of a foreign unit.
        assertWithout(wordsOf(answer), foreignNames, where)
        if (part === '/nama.csv' && isOwn(unit.code))
          for (const one of house.people.filter(
            (person) => person.unit === unit.code && person.legalStatus === 'Aktif',
          ))
            assert.ok(answer.bytes.includes(one.name), `${where} lacks ${one.name}`)
      }
    for (const one of [...house.people, foreignPerson]) {
      if (one.legalStatus !== 'Aktif') continue
      const id: number = one === foreignPerson ? foreignEmployeeId : await house.employeeId(one.key)
      const isSealed = ['kadis', 'bidang1'].includes(one.key)
      for (const part of ['', '/pakta.pdf']) {
        const path = `/pegawai/${campaign.id}/${id}${part}`
        const answer = await knock(guest, 'GET', path)
        const isShown = isOwn(one.unit) && (part !== '/pakta.pdf' || isSealed)
        assert.equal(sign(answer), isShown ? '+' : '-', `${path} (${one.key}) as ${guest}: ${answer.status}`)
        if (!isShown) assertWithout(wordsOf(answer), [one.name, one.identityNumber], path)
      }
      if (!isOwn(one.unit))
        for (const part of ['kirim-ulang', 'surel']) {
          const path = `/pegawai/${campaign.id}/${id}/${part}`
          const answer = await knock(guest, 'POST', path, 'kind=reissue&email=penyusup%40jahat.example')
          assert.equal(sign(answer), '-', `${path} (${one.key}) as ${guest}`)
        }
    }
  }
  assert.deepEqual(await house.dump(), before)
})

test('Bawaslu reads every number of the tree and no name but the heads', async (t) => {
  if (!hasTool(t, 'python3') || !hasTool(t, 'pdftotext')) return
  const secrets = others(HEADS).flatMap((one) => [one.name, one.identityNumber])
  for (const code of ['', ...testUnits.map((one) => one.code)])
    for (const part of ['', '/ekspor.csv', '/ekspor.xlsx', '/ekspor.json']) {
      const path = `/cakupan/${campaign.id}/${code === '' ? 0 : await house.unitId(code)}${part}`
      const answer = await knock('bawaslu', 'GET', path)
      assert.equal(answer.status, 200, path)
      assertWithout(wordsOf(answer), secrets, path)
    }
  const witnessed = await house.partyOf('kadis')
  for (const part of ['', '/pakta.pdf', '/naskah.pdf']) {
    const answer = await knock('bawaslu', 'GET', `/saksi/${witnessed.pactId}${part}`)
    assert.ok(answer.status < 400)
    assertWithout(wordsOf(answer), secrets, `/saksi/…${part}`)
  }
  for (const key of ['bidang1', 'bidang3']) {
    const { pactId } = await house.partyOf(key)
    for (const part of ['', '/pakta.pdf', '/naskah.pdf'])
      assert.equal((await knock('bawaslu', 'GET', `/saksi/${pactId}${part}`)).status, 404)
  }
})

test('the public page of a code names nobody who has not signed, and masks who has', async (t) => {
  if (!hasTool(t, 'pdftotext')) return
  for (const person of house.people) {
    const pact = await row<{ code: string; state: string }>(
      house.db,
      `select code, pact.state from pact where employee_id = :id and campaign_id = :campaignId`,
      { id: await house.employeeId(person.key), campaignId: campaign.id },
    )
    if (!pact) continue
    const answer = await knock('anonymous', 'GET', `/v/${pact.code}`)
    const words = wordsOf(answer)
    const isSigned = ['kadis', 'camat', 'bidang1'].includes(person.key)
    assert.equal(answer.status, isSigned ? 200 : 404, person.key)
    const isHead = ['kadis', 'camat'].includes(person.key)
    assertWithout(words, house.people.filter((one) => one !== person || !isHead).map(nameOf), person.key)
    assertWithout(words, [person.identityNumber], person.key)
    if (!isSigned) continue
    const told = words.replace(/<span class="hidden-visually">[^<]*<\/span>|<[^>]*>/g, '')
    assert.match(told, new RegExp(`Nomor induk•+${person.identityNumber.slice(-3)}`), person.key)
    // As it is printed on the paper, so that the two can be compared.
    const printed = pact.code.replace(/^(.{4})(.{4})(.{4})(.{4})(.{4})(.{6})$/, '$1-$2-$3-$4-$5-$6')
    assert.ok(told.includes(printed), `${person.key}: ${printed}`)
    const initials = person.name.split(' ').map((word) => word[0])
    if (!isHead) assert.ok(words.includes(`${initials[0]}••• ${initials[1]}•••`), person.key)
    // The witness of the camat's pact has not signed yet.
    assert.equal(words.includes('Saksi Rekaan'), person.key === 'kadis', person.key)
  }
})

test('who brings the file reads the name on it and still not the number', async () => {
  const file = await knock('unit_head', 'GET', addressOf('/pegawai/:campaignId/:employeeId/pakta.pdf'))
  const answer = await request(house.app)
    .post('/v')
    .set('Origin', ORIGIN)
    .attach('file', file.bytes, 'pakta.pdf')
  assert.equal(answer.status, 200)
  const person = house.person('bidang1')
  assert.ok(answer.text.includes(person.name))
  assertWithout(answer.text, [person.identityNumber, ...others(['bidang1']).map(nameOf)], 'POST /v')
})

test('a code, a link and a page of a second pemda speak with its own name', async () => {
  const answer = await knock('foreign_administrator', 'GET', '/admin/surel')
  assert.ok(answer.bytes.includes('Pemerintah Kabupaten Seberang'))
  assert.ok(!answer.bytes.includes('no such user here'), 'an answer about the first pemda’s people')
  const own = await knock('administrator', 'GET', '/admin/surel')
  assert.ok(own.bytes.includes('no such user here'))
})

test('every POST that the table allows is let in', async () => {
  const allowed = Object.keys(expectations)
    .filter((route) => route.startsWith('POST'))
    .sort((left, right) => lastActs.indexOf(left) - lastActs.indexOf(right))
  for (const route of allowed) {
    const pattern = route.slice('POST '.length)
    for (const [index, guest] of guests.entries()) {
      if (expectations[route]![index] !== '+') continue
      const answer = await knock(guest, 'POST', addressOf(pattern, special[route]))
      assert.equal(sign(answer), '+', `${route} as ${guest}: ${answer.status}`)
    }
  }
})

test('after all this the house is in order', () => house.check())

test('outside a demonstration the mailbox of the demonstration is not there', async (t) => {
  const plain = await openTestHouse(t)
  for (const path of ['/demo/surel', '/demo/surel/a'])
    assert.equal((await request(plain.app).get(path)).status, 404)
})

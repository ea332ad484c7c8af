// The spreadsheets that leave the house, read back with Python's csv and zipfile.
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import request from 'supertest'
import { decline, dispute } from '../../src/flow/sign.js'
import { excludeEmployee } from '../../src/flow/open.js'
import { openTestHouse } from '../house.js'
import { hasTool, readCsvByPython, readXlsxByPython } from './workbook.js'

const house = await openTestHouse({ after })
const campaign = await house.openCampaign()
await house.openGates('kadis', 'camat')
for (const key of ['bidang1', 'dinas1', 'anggrek1', 'petugas']) await house.sign(key)
await decline(house.house, house.token('dinas2'), { reason: 'KEBERATAN', note: '' }, house.act())
await dispute(house.house, house.token('dinas3'), 'x', house.act())
await excludeEmployee(
  house.house,
  { campaignId: campaign.id, employeeId: await house.employeeId('bidang2'), reason: 'CUTI', note: '' },
  house.admin(),
)
await house.advance()
const cookie = await house.cookie(house.accounts.administrator)

async function fetchBytes(path: string): Promise<{ bytes: Buffer; headers: Record<string, string> }> {
  const answer = await request(house.app)
    .get(path)
    .set('Cookie', cookie)
    .buffer(true)
    .parse((response, done) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () => done(null, Buffer.concat(chunks)))
    })
  assert.equal(answer.status, 200, path)
  return { bytes: answer.body as Buffer, headers: answer.headers }
}

/** Required, invited, undeliverable, opened, signed, declined, disputed, excluded: counted by hand from the roster. */
function countByHand(codes: RegExp) {
  const people = house.people.filter((one) => codes.test(one.unit) && one.legalStatus === 'Aktif')
  const among = (keys: string[]) => people.filter((one) => keys.includes(one.key)).length
  const required = people.length - among(['bidang2'])
  return {
    required,
    signed: among(['kadis', 'camat', 'bidang1', 'dinas1', 'anggrek1', 'petugas']),
    declined: among(['dinas2']),
    disputed: among(['dinas3']),
    excluded: among(['bidang2']),
    exempt: house.people.filter((one) => codes.test(one.unit) && one.legalStatus !== 'Aktif').length,
    undeliverable: among(['tanpa-surel']),
  }
}

const units: Record<string, RegExp> = {
  '': /./,
  DINKES: /^DINKES/,
  'DINKES.1': /^DINKES\.1/,
  'DINKES.2': /^DINKES\.2/,
  BKD: /^BKD/,
  '74.71.01': /^74\.71\.01/,
  '74.71.01.1001': /^74\.71\.01\.1001/,
  '74.71.01.1002': /^74\.71\.01\.1002/,
}
const idOf = async (code: string) => (code === '' ? 0 : house.unitId(code))

test('the numbers of a unit are the same in CSV, XLSX, JSON, on the page and counted by hand', async (t) => {
  if (!hasTool(t, 'python3')) return
  for (const [code, line] of Object.entries(units)) {
    const base = `/cakupan/${campaign.id}/${await idOf(code)}`
    const csv = readCsvByPython((await fetchBytes(`${base}/ekspor.csv`)).bytes)
    const [head, ...rows] = csv
    assert.deepEqual(head, [
      'Kode',
      'Jenis',
      'Unit',
      'Wajib',
      'Diundang',
      'Tidak terkirim',
      'Dibuka',
      'Menandatangani',
      'Belum bersedia',
      'Data keliru',
      'Dikecualikan',
      'Tidak wajib',
      'Persen',
    ])
    const wantedCodes = Object.keys(units).filter((one) => one !== '' && line.test(one))
    const codes = rows.map((row) => row[0]!)
    assert.deepEqual(code === '' ? codes.slice(1).sort() : codes.sort(), wantedCodes.sort(), code)
    for (const row of rows) {
      const own = units[row[0] === '74.71' ? '' : row[0]!]!
      const hand = countByHand(own)
      const [
        ,
        ,
        ,
        required,
        invited,
        undeliverable,
        opened,
        signed,
        declined,
        disputed,
        excluded,
        exempt,
        percent,
      ] = row
      assert.deepEqual(
        { required, signed, declined, disputed, excluded, exempt, undeliverable },
        Object.fromEntries(Object.entries(hand).map(([name, count]) => [name, String(count)])),
        `${row[0]} in the file of "${code}"`,
      )
      assert.ok(Number(invited) <= hand.required && Number(opened) <= hand.required)
      const tenths = Math.floor((hand.signed * 1000) / hand.required) / 10
      assert.equal(percent, String(tenths), row[0])
    }
    const cells = readXlsxByPython((await fetchBytes(`${base}/ekspor.xlsx`)).bytes)
    assert.deepEqual(
      cells.map((row) => row.map((cell) => cell.text.trim())),
      csv.map((row) => row.map((cell) => cell.trim())),
      'XLSX and CSV say the same',
    )
    for (const row of cells.slice(1)) {
      assert.ok(row.slice(3).every((cell) => cell.type === 'n' && !cell.isFormula))
      assert.ok(
        row.slice(0, 3).every((cell) => cell.type !== 'n'),
        'a code is text: 74.71 is not a number',
      )
    }
    const json = JSON.parse((await fetchBytes(`${base}/ekspor.json`)).bytes.toString()) as {
      code: string
      required: number
      signed: number
    }[]
    assert.deepEqual(
      json.map((one) => [one.code, one.required, one.signed].join()),
      rows.map((row) => [row[0], row[3], row[7]].join()),
    )
    const page = (await fetchBytes(base)).bytes.toString()
    const told = page.replace(/<[^>]*>/g, ' ').replace(/\s+/g, ' ')
    const { signed, required } = countByHand(line)
    assert.match(told, new RegExp(`\\b${signed} dari ${required}\\b`), `the page of "${code}"`)
  }
})

test('children add up to their parent in every column', async (t) => {
  if (!hasTool(t, 'python3')) return
  const rows = readCsvByPython((await fetchBytes(`/cakupan/${campaign.id}/0/ekspor.csv`)).bytes).slice(1)
  const sum = (wanted: string[], column: number) =>
    rows.filter((row) => wanted.includes(row[0]!)).reduce((total, row) => total + Number(row[column]), 0)
  for (let column = 3; column <= 11; column++)
    assert.equal(sum(['74.71'], column), sum(['DINKES', 'BKD', '74.71.01'], column), `column ${column}`)
})

test('the list of names has everybody once, with all digits of the number as text', async (t) => {
  if (!hasTool(t, 'python3')) return
  for (const [code, line] of Object.entries(units)) {
    const base = `/cakupan/${campaign.id}/${await idOf(code)}/nama`
    const { bytes, headers } = await fetchBytes(`${base}.csv`)
    assert.match(headers['content-type']!, /^text\/csv/)
    assert.match(headers['content-disposition']!, /^attachment; filename="[\w.-]+\.csv"$/)
    const [, ...rows] = readCsvByPython(bytes)
    const people = house.people.filter((one) => line.test(one.unit))
    assert.deepEqual(rows.map((row) => row[0]).sort(), people.map((one) => one.identityNumber).sort(), code)
    const cells = readXlsxByPython((await fetchBytes(`${base}.xlsx`)).bytes)
    for (const [number, name] of cells.slice(1)) {
      assert.notEqual(number!.type, 'n', 'a NIP as a number loses its last digits')
      assert.equal(number!.format, '@')
      const person = people.find((one) => one.identityNumber === number!.text)!
      assert.ok(name!.text.includes(person.name))
      if (person.type !== 'NON_ASN') assert.match(number!.text, /^\d{18}$/)
    }
    assert.equal(cells.length - 1, people.length)
  }
})

test('who has signed has a code, and nobody else', async (t) => {
  if (!hasTool(t, 'python3')) return
  const [head, ...rows] = readCsvByPython((await fetchBytes(`/cakupan/${campaign.id}/0/nama.csv`)).bytes)
  const [number, state, , code] = ['Nomor induk', 'Keadaan', 'Ditandatangani', 'Kode verifikasi'].map(
    (title) => head!.indexOf(title),
  ) as [number, number, number, number]
  const signed = ['kadis', 'camat', 'bidang1', 'dinas1', 'anggrek1', 'petugas'].map(
    (key) => house.person(key).identityNumber,
  )
  for (const row of rows) {
    const isSigned = signed.includes(row[number]!)
    assert.equal(row[state] === 'Sudah menandatangani', isSigned, row[number])
    assert.equal(/^[0-9A-Z]{4}(-[0-9A-Z]{4}){4}-[0-9A-Z]{6}$/.test(row[code]!), isSigned, row[code])
    if (!isSigned) assert.equal(row[code], '')
  }
})

test('after all this the house is in order', () => house.check())

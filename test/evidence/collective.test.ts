// A collective pact: a table of up to 1,500 people on one sealed file, and each one's own signature inside it.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import fc from 'fast-check'
import { PactError } from '../../src/domain/errors.js'
import { breakCode, formatCode, type Identity, type Mark } from '../../src/domain/pact.js'
import { assembleCms, encodeSignedAttributes } from '../../src/evidence/cms.js'
import { readCertificate } from '../../src/evidence/certificate.js'
import { fillTemplate } from '../../src/evidence/filling.js'
import type { SlotMark } from '../../src/evidence/signing-place.js'
import { type Attachment, joinPressed, openPress } from '../../src/evidence/press.js'
import { signRevision } from '../../src/evidence/pades.js'
import { documentIdOf, type RecordEntry } from '../../src/evidence/record.js'
import { ROW_SLOT } from '../../src/evidence/rows.js'
import { sampleSheet, sampleValues } from '../../src/evidence/specimen.js'
import {
  encloseStatement,
  formatStatement,
  formatWords,
  openStatement,
  parseStatement,
  type Statement,
} from '../../src/evidence/statement.js'
import { checkPdf } from '../../src/evidence/verdict.js'
import { archivePaper, collectorUnder, makeRoot, makeSigner, signedAt, tsaUnder } from './paper.js'
import { readTemplate, sampleFonts } from './sample-pact.js'

const folder = mkdtempSync(join(tmpdir(), 'pakta-collective-'))
after(() => rmSync(folder, { recursive: true, force: true }))

const template = readTemplate('PI-KOLEKTIF')
const signerRoot = await makeRoot('Akar Penanda Tangan')
const sealRoot = await makeRoot('Akar Segel')
const tsa = await tsaUnder(sealRoot)
const collect = await collectorUnder({ signerRoot, sealRoot })
const roots = {
  signer: [signerRoot.certificate],
  seal: [sealRoot.certificate],
  timestamp: [sealRoot.certificate],
  person: [],
}
const words = formatWords(fillTemplate(template, sampleValues(template)))
const codeOf = (index: number) =>
  formatCode(createHash('sha256').update(`baris ${index}`).digest().subarray(0, 16))

const identityOf = (index: number): Identity => ({
  name: `Nama Contoh ke-${index}, S.Sos.`,
  identityLabel: 'NIP',
  identityNumber: `19800115200501${2 - (index % 2)}${String(index % 1000).padStart(3, '0')}`,
  rank: 'Penata Muda, III/a',
  jabatan: 'Pengelola Layanan Operasional',
  capacity: '',
  unitName: `Kelurahan Contoh ${index % 7}`,
  opdName: 'Kecamatan Contoh',
  pemdaName: 'Pemerintah Kota Contoh',
})

const markOf = (index: number): Mark =>
  index % 3 === 0
    ? {
        kind: 'drawn',
        strokes: [Array.from({ length: 120 }, (_, at) => (at % 2 ? 40 + ((at * 7) % 90) : 20 + at * 4))],
      }
    : { kind: 'typed', name: `Nama Contoh ke-${index}` }

interface Row {
  statement: Statement
  file: Uint8Array
  certificateSha256: string
}

/** A member's file as the service makes it; `change` is what a dishonest one would do. */
async function makeRow(
  index: number,
  change: { statement?: Partial<Statement>; commonName?: string; withoutEvidence?: true } = {},
): Promise<Row> {
  const statement: Statement = {
    ...{ code: codeOf(index), identity: identityOf(index), at: signedAt, mark: markOf(index), words },
    ...change.statement,
  }
  const { name, identityNumber } = statement.identity
  const signer = await makeSigner(signerRoot, 'party', {
    commonName: change.commonName ?? name,
    serialNumber: identityNumber,
  })
  const content = formatStatement(statement)
  const digest = createHash('sha256').update(content).digest()
  const certificate = readCertificate(signer.certificate)
  const signature = await signer.sign(encodeSignedAttributes(digest, certificate))
  const token = await tsa.stamp(createHash('sha256').update(signature).digest())
  const cms = assembleCms({ digest, certificate, chain: signer.chain, signature, token })
  const { ocsps, crls } = await collect(
    { revisions: [{ slot: ROW_SLOT, cms }], increments: [] },
    { now: new Date(signedAt.getTime() + 2000), statusOf: () => ({ kind: 'good' }), next: [] },
  )
  const evidence = change.withoutEvidence ? undefined : { ocsps, crls }
  const certificateSha256 = createHash('sha256').update(signer.certificate).digest('hex')
  return { statement, file: encloseStatement(cms, content, evidence), certificateSha256 }
}

const nameOf = (index: number, { code }: Statement) => `${String(index + 1).padStart(4, '0')}-${code}.p7m`

/** The whole document: set, sealed and archived. */
async function makeDocument(rows: readonly Row[]): Promise<Uint8Array> {
  const list = rows.map(({ statement }, index) => ({
    urut: String(index + 1),
    nama: statement.identity.name,
    jabatan: `${statement.identity.jabatan}, ${statement.identity.unitName}`,
    waktu: '20-11-2026 08.15 WITA',
    kode: breakCode(statement.code),
  }))
  const values = {
    ...sampleValues(template),
    daftar_pegawai: list,
    jumlah_penanda_tangan: `${rows.length} orang`,
  }
  const marks = Object.fromEntries(
    rows.map(({ statement: { mark } }, index): [string, SlotMark] => [
      `BARIS_${index + 1}`,
      { ...mark, lines: [] },
    ]),
  )
  const attachments = rows.map(({ statement, file }, index): Attachment => ({
    ...{ name: nameOf(index, statement), description: `Tanda tangan baris ${index + 1}` },
    ...{ type: 'application/pkcs7-mime', bytes: file },
  }))
  const sheet = { ...sampleSheet(template, values), marks, attachments }
  const base = joinPressed(await openPress({ page: template.page, fonts: sampleFonts }).print(sheet))
  const signer = await makeSigner(sealRoot, 'seal', { commonName: 'Segel' })
  const { pdf } = await signRevision({
    ...{ pdf: base, slot: 'SEGEL', signer, tsa, at: signedAt, name: 'Segel', reason: 'Segel' },
  })
  return archivePaper(pdf, { signerRoot, sealRoot })
}

const run = (command: string, args: string[]) =>
  spawnSync(command, args, { encoding: 'utf8', maxBuffer: 1 << 26 })
function write(name: string, bytes: Uint8Array): string {
  const path = join(folder, name)
  writeFileSync(path, bytes)
  return path
}
const pem = (der: Uint8Array) =>
  `-----BEGIN CERTIFICATE-----\n${Buffer.from(der)
    .toString('base64')
    .replace(/.{64}(?=.)/g, '$&\n')}\n-----END CERTIFICATE-----\n`
const findCheck = (pdf: Uint8Array, id: string, expected = {}) => {
  const verdict = checkPdf(pdf, { roots, at: signedAt, expected })
  return { verdict, check: verdict.checks.find((check) => check.id === id)! }
}

test('a statement reads back as it was written, and nothing but its one form is read', async () => {
  for (const index of [0, 1]) {
    const { statement, file } = await makeRow(index)
    const { content } = openStatement(file)
    assert.deepEqual(parseStatement(content), statement)
    assert.ok(Buffer.from(content).toString('utf8').includes('7. menolak uang, barang, jasa'))
    const text = Buffer.from(content).toString('utf8')
    for (const [from, to] of [
      ['bentuk: pakta/pernyataan/1', 'bentuk: pakta/pernyataan/2'],
      ['nomor: ', 'Nomor: '],
      ['waktu: 2', 'waktu:  2'],
      ['\nnaskah:\n', '\nnaskah:'],
      ['tanda tangan: ', 'tanda tangan: digambar [[1,2,3]] '],
    ] as const) {
      const changed = text.replace(from, to)
      assert.notEqual(changed, text)
      assert.throws(() => parseStatement(Buffer.from(changed)), { code: 'BAD_FILE' }, from)
    }
  }
  const broken = { ...identityOf(1), jabatan: 'Lurah\nkode: X' }
  assert.throws(
    () => formatStatement({ code: codeOf(1), identity: broken, at: signedAt, mark: markOf(1), words }),
    (error) => error instanceof PactError && error.code === 'BAD_CHARACTER',
  )
})

test('whatever a roster can hold, a statement of it reads back the same', () => {
  // Words as `checkRepertoire` leaves them: single spaces, none at the ends.
  const words = fc
    .array(fc.stringMatching(/^[A-Za-zÀ-ž0-9.,:'()/-]{1,12}$/), { minLength: 1, maxLength: 6 })
    .map((parts) => parts.join(' ').normalize('NFC'))
    .filter((text) => text !== '-')
  const stroke = fc
    .array(fc.tuple(fc.nat(600), fc.nat(200)), { minLength: 1, maxLength: 20 })
    .map((points) => points.flat())
  const mark: fc.Arbitrary<Mark> = fc.oneof(
    words.map((name): Mark => ({ kind: 'typed', name })),
    fc.array(stroke, { minLength: 1, maxLength: 5 }).map((strokes): Mark => ({ kind: 'drawn', strokes })),
  )
  const plain = { noNullPrototype: true } as const
  const identity = fc.record(
    {
      ...{ name: words, identityLabel: words, identityNumber: words, rank: words, jabatan: words },
      ...{ capacity: fc.oneof(fc.constant(''), words), unitName: words, opdName: words, pemdaName: words },
    },
    plain,
  )
  const second = fc.integer({ min: 0, max: 4_000_000_000 }).map((at) => new Date(at * 1000))
  const statement = fc.record({ code: fc.constant(codeOf(1)), identity, at: second, mark, words }, plain)
  fc.assert(fc.property(statement, (one) => assert.deepEqual(parseStatement(formatStatement(one)), one)))
})

test('a flipped byte anywhere in a member’s file is refused', async () => {
  const [row, other] = [await makeRow(1), await makeRow(2)]
  const valid = findCheck(await makeDocument([row, other]), 'rows')
  assert.equal(valid.check.outcome, 'pass', valid.check.detail)
  for (let at = 5; at < row.file.length; at += Math.ceil(row.file.length / 40)) {
    const file = Buffer.from(row.file)
    file[at]! ^= 0x11
    const { check, verdict } = findCheck(await makeDocument([{ ...row, file }, other]), 'rows')
    assert.deepEqual([check.outcome, verdict.conclusion], ['fail', 'INVALID'], `byte ${at}`)
    assert.match(check.detail, /^baris 1: /)
  }
})

test('a row that its member did not sign in this way is named, whatever the seal says', async () => {
  const honest = await Promise.all([1, 2, 3].map((index) => makeRow(index)))
  const [first, second] = honest as [Row, Row, Row]
  const otherWords = await makeRow(4, { statement: { words: `${words} Kami juga setuju dipindahkan.` } })
  const otherName = await makeRow(5, { commonName: 'Orang Lain' })
  const unknownStatus = await makeRow(6, { withoutEvidence: true })
  const sameCode = await makeRow(7, { statement: { code: first.statement.code } })
  const cases: [name: string, rows: Row[], why: RegExp][] = [
    ['other words', [...honest, otherWords], /baris 4: naskahnya lain/],
    ['another name', [...honest, otherName], /baris 4: namanya berbeda/],
    ['no answer about its certificate', [...honest, unknownStatus], /baris 4: tanpa bukti/],
    ['one code twice', [...honest, sameCode], /baris 4: kodenya sudah dipakai/],
    ['one signature twice', [first, second, second], /baris 3: kodenya sudah dipakai/],
  ]
  for (const [name, rows, why] of cases) {
    const { check } = findCheck(await makeDocument(rows), 'rows')
    assert.equal(check.outcome, 'fail', name)
    assert.match(check.detail, why, name)
  }
  const pdf = await makeDocument(honest)
  const record = honest.map(({ statement, certificateSha256 }): RecordEntry => ({
    ...{ kind: 'issued', slot: ROW_SLOT, sha256: certificateSha256 },
    documentId: documentIdOf(statement.code).toString('hex'),
  }))
  assert.equal(findCheck(pdf, 'rows', { record }).check.outcome, 'pass')
  const twice = [...record, { ...record[1]!, sha256: 'ab'.repeat(32) }]
  assert.match(findCheck(pdf, 'rows', { record: twice }).check.detail, /baris 2: .*satu-satunya/)
  assert.match(findCheck(pdf, 'rows', { record: record.slice(1) }).check.detail, /baris 1: /)
})

test('attachments that unpack to many times the file are refused, and fill no memory', async () => {
  const rows = await Promise.all([1, 2].map((index) => makeRow(index)))
  const bomb = { ...rows[0]!, file: new Uint8Array(390_000) }
  const many = Array.from({ length: 1500 }, () => bomb)
  const { check, verdict } = findCheck(await makeDocument([...rows.slice(1), ...many.slice(0, 1499)]), 'rows')
  assert.deepEqual([check.outcome, verdict.rows.length], ['fail', 0])
  assert.match(check.detail, /Lampiran \d+ tidak terbaca/)
})

for (const size of [5, 400])
  test(`a collective pact of ${size} is PDF/A-3a, and openssl verifies it row by row`, async () => {
    const rows = await Promise.all(Array.from({ length: size }, (_, index) => makeRow(index)))
    const pdf = await makeDocument(rows)
    const path = write(`kolektif-${size}.pdf`, pdf)
    assert.equal(run('qpdf', ['--check', path]).status, 0)
    assert.match(run('pdfsig', ['-nocert', path]).stdout, /Signature is Valid\./)
    const verdict = checkPdf(pdf, { roots, at: signedAt })
    const wrong = verdict.checks.filter(({ outcome }) => outcome !== 'pass')
    assert.equal(verdict.conclusion, 'VALID', JSON.stringify(wrong))
    assert.deepEqual(
      [verdict.rows.length, verdict.rows.filter(({ outcome }) => outcome === 'pass').length],
      [size, size],
    )
    assert.match(pdf.toString(), /<pdfaid:part>3<\/pdfaid:part><pdfaid:conformance>A</)
    // What others take out of the file is what each member signed.
    const out = join(folder, `baris-${size}`)
    mkdirSync(out)
    assert.equal(run('pdfdetach', ['-saveall', '-o', out, path]).status, 0)
    const root = write('akar.pem', Buffer.from(pem(signerRoot.certificate)))
    const names = readdirSync(out).sort()
    assert.deepEqual(names, rows.map(({ statement }, index) => nameOf(index, statement)).sort())
    const text = run('pdftotext', ['-raw', path, '-']).stdout.replace(/\s+/g, ' ')
    for (const [index, name] of names.entries()) {
      const verified = run('openssl', [
        ...['cms', '-verify', '-inform', 'DER', '-binary', '-purpose', 'any', '-CAfile', root],
        ...['-in', join(out, name), '-out', join(folder, 'isi.txt')],
      ])
      assert.equal(verified.status, 0, `${name}: ${verified.stderr}`)
      const statement = parseStatement(readFileSync(join(folder, 'isi.txt')))
      assert.equal(statement.identity.name, rows[index]!.statement.identity.name)
      // The page says the same of this row.
      const [half, rest] = breakCode(statement.code).split(' ')
      assert.ok(text.includes(statement.identity.name) && text.includes(half!) && text.includes(rest!), name)
    }
  })

test('a collective pact holds 1,500 rows', async () => {
  const row = await makeRow(1)
  const rows = Array.from({ length: 1500 }, (_, index) => ({
    ...row,
    statement: { ...row.statement, code: codeOf(index), identity: identityOf(index), mark: markOf(index) },
  }))
  const path = write('kolektif-1500.pdf', await makeDocument(rows))
  assert.equal(run('qpdf', ['--check', path]).status, 0)
  const pages = Number(/Pages:\s+(\d+)/.exec(run('pdfinfo', [path]).stdout)![1])
  const text = run('pdftotext', ['-raw', path, '-']).stdout.replace(/\s+/g, ' ')
  assert.equal(text.match(/Nama Contoh ke-\d+, S\.Sos\./g)?.length, 1500)
  assert.ok(pages > 50 && pages < 150, `${pages} pages`)
})

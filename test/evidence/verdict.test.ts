import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import fc from 'fast-check'
import { PactError } from '../../src/domain/errors.js'
import { formatCertificatePem, readCertificate, type Signer } from '../../src/evidence/certificate.js'
import { buildCms, sizeCmsMax } from '../../src/evidence/cms.js'
import { openDraft, readRevisions } from '../../src/evidence/signed-file.js'
import { fillRevision, reserveRevision, signRevision, sizePlaceholder } from '../../src/evidence/pades.js'
import {
  checkPdf,
  checkTitles,
  type CheckId,
  type Expected,
  type Verdict,
} from '../../src/evidence/verdict.js'
import {
  keyKinds,
  makeBase,
  makeFolder,
  makePaper,
  makeRoot,
  makeSigner,
  people,
  signedAt,
  tool,
} from './paper.js'
import type { Paper } from './paper.js'

const rootsOf = (paper: Pick<Paper, 'signerRoot' | 'sealRoot'>) => ({
  signer: [paper.signerRoot.certificate],
  seal: [paper.sealRoot.certificate],
})

function check(pdf: Uint8Array, paper: Pick<Paper, 'signerRoot' | 'sealRoot'>, expected?: Expected): Verdict {
  return checkPdf(pdf, { roots: rootsOf(paper), at: signedAt, expected })
}

// Timestamps and archive are asked about in archive.test.ts; the papers made by hand here have none.
const archival: readonly CheckId[] = ['timestamps', 'revocation', 'archive', 'issued']
const failures = (verdict: Verdict) =>
  verdict.checks.filter(({ id, outcome }) => outcome === 'fail' && !archival.includes(id)).map(({ id }) => id)
const outcomeOf = (verdict: Verdict, id: CheckId) => verdict.checks.find((one) => one.id === id)!.outcome

/** Signs although the certificate may be dead: the verdict must notice what the signing side would refuse. */
async function signAnyway(
  pdf: Uint8Array,
  slot: string,
  signer: Signer,
  { at = signedAt, name = readCertificate(signer.certificate).commonName! } = {},
): Promise<Uint8Array> {
  const certificate = readCertificate(signer.certificate)
  const placeholderBytes = sizePlaceholder(sizeCmsMax({ certificate, chain: signer.chain }))
  const reserved = reserveRevision(openDraft(pdf), { slot, at, name, reason: 'r' }, placeholderBytes)
  const cms = await buildCms({ digest: reserved.digest, signer })
  return Buffer.concat([pdf, fillRevision(reserved, cms).bytes])
}

/** An increment as an attacker writes it: any objects, a correct table, the rest of the trailer as it was. */
function append(pdf: Uint8Array, objects: Record<number, string>, { prefix = '' } = {}): Uint8Array {
  const text = Buffer.from(pdf).toString('latin1')
  const trailer = /trailer\s*<<([^]*?)>>\s*startxref/.exec(text.slice(text.lastIndexOf('trailer')))![1]!
  const previous = text.slice(text.lastIndexOf('startxref') + 9).match(/\d+/)![0]
  let body = prefix
  let table = 'xref\n'
  for (const [number, object] of Object.entries(objects)) {
    table += `${number} 1\n${String(pdf.length + body.length).padStart(10, '0')} 00000 n \n`
    body += `${number} 0 obj\n${object}\nendobj\n`
  }
  const kept = trailer.replace(/\/Prev \d+\s*/, '')
  const tail = `${table}trailer\n<<${kept}/Prev ${previous}\n>>\nstartxref\n${pdf.length + body.length}\n%%EOF\n`
  return new Uint8Array(Buffer.concat([pdf, Buffer.from(body + tail, 'latin1')]))
}

const objectNumber = (pdf: Uint8Array, pattern: RegExp) => {
  const text = Buffer.from(pdf).toString('latin1')
  const found = [...text.matchAll(/(\d+) 0 obj\n([^]*?)endobj/g)].find((match) => pattern.test(match[2]!))!
  return { number: Number(found[1]), body: found[2]!.trim() }
}

for (const kind of keyKinds) {
  for (const parties of [1, 2, 3]) {
    test(`calls ${parties} signatures and a ${kind} seal valid, with and without a line end after the base`, async () => {
      for (const trailingNewline of [false, true]) {
        const paper = await makePaper({ parties, kind, trailingNewline })
        const verdict = check(paper.pdf, paper)
        assert.equal(verdict.conclusion, 'VALID', JSON.stringify(verdict.checks))
        assert.deepEqual(
          verdict.checks.map(({ id }) => id),
          Object.keys(checkTitles).filter((id) => id !== 'rows'), // it has none
        )
        for (const { id, outcome } of verdict.checks)
          assert.equal(outcome, id === 'records' || id === 'issued' ? 'unknown' : 'pass', id)
        assert.equal(verdict.sha256, createHash('sha256').update(paper.pdf).digest('hex'))
        assert.equal(verdict.baseSha256, createHash('sha256').update(paper.revisions[0]!).digest('hex'))
        assert.deepEqual(
          verdict.signatures.map(({ slot, name, identityNumber, method, algorithm, outcome }) => ({
            slot,
            name,
            identityNumber,
            method,
            algorithm,
            outcome,
          })),
          [
            ...people.slice(0, parties).map(({ slot, commonName, serialNumber }) => ({
              ...{ slot, name: commonName, identityNumber: serialNumber, method: 'one-time-server-key' },
              ...{ algorithm: 'ecdsa-sha256', outcome: 'pass' },
            })),
            {
              ...{
                slot: 'SEGEL',
                name: 'Pemerintah Kota Kendari',
                identityNumber: undefined,
                method: 'institution-seal',
              },
              ...{ algorithm: kind === 'P-256' ? 'ecdsa-sha256' : 'rsa-sha256', outcome: 'pass' },
            },
          ],
        )
      }
    })
  }
}

test('every earlier stage of a paper is incomplete, but one without any signature is invalid', async () => {
  const paper = await makePaper({ parties: 3 })
  const conclusions = paper.revisions.map((pdf) => check(pdf, paper).conclusion)
  assert.deepEqual(conclusions, ['INVALID', ...Array<string>(5).fill('INCOMPLETE'), 'VALID'])
  const before = check(paper.revisions[3]!, paper)
  assert.deepEqual(failures(before), ['complete'])
  assert.match(before.checks.find(({ id }) => id === 'complete')!.detail, /segel/)
})

test('one flipped bit is noticed, in every third byte of a finished file and in every byte of its last increment', async () => {
  const paper = await makePaper({ parties: 1 })
  const pdf = paper.pdf.slice()
  const last = readRevisions(pdf).increments.at(-1)!.start
  for (let at = 0; at < pdf.length; at += at < last ? 3 : 1) {
    const original = pdf[at]!
    pdf[at] = original ^ (1 << (at % 8))
    const { conclusion } = check(pdf, paper)
    pdf[at] = original
    assert(
      conclusion === 'INVALID' || conclusion === 'UNREADABLE',
      `byte ${at} of ${pdf.length}: ${conclusion}`,
    )
  }
})

test('changing the case of a hexadecimal digit or a digit of the padding is noticed (every third)', async () => {
  const paper = await makePaper({ parties: 1 })
  const pdf = paper.pdf.slice()
  for (const { byteRange } of readRevisions(paper.pdf).revisions) {
    for (let at = byteRange[1] + 1; at < byteRange[2] - 1; at += 3) {
      const original = pdf[at]!
      const changed = original >= 0x61 ? original ^ 0x20 : original === 0x30 ? 0x31 : 0x30
      pdf[at] = changed
      assert.equal(check(pdf, paper).conclusion, 'INVALID', `byte ${at}`)
      pdf[at] = original
    }
  }
})

test('a file cut anywhere is never valid', async () => {
  const paper = await makePaper({ parties: 1 })
  const ends = new Map(paper.revisions.map((bytes) => [bytes.length, bytes]))
  for (let length = 0; length < paper.pdf.length; length++) {
    const { conclusion } = check(paper.pdf.subarray(0, length), paper)
    const isStage = ends.has(length) && length > paper.revisions[0]!.length
    if (isStage) assert.equal(conclusion, 'INCOMPLETE')
    else assert(conclusion === 'INVALID' || conclusion === 'UNREADABLE', `${length}: ${conclusion}`)
  }
})

test('anything behind the last signature makes a file invalid', async () => {
  const paper = await makePaper({ parties: 1 })
  for (const tail of [
    '\n',
    ' ',
    '\0',
    '%',
    '%%EOF',
    '%%EOF\n',
    'startxref\n0\n%%EOF\n',
    'x'.repeat(10_000),
  ]) {
    const verdict = check(new Uint8Array(Buffer.concat([paper.pdf, Buffer.from(tail)])), paper)
    assert.equal(verdict.conclusion, 'INVALID', JSON.stringify(tail))
  }
})

const attacks: [string, (pdf: Uint8Array) => Uint8Array][] = [
  [
    'the page replaced',
    (pdf) => {
      const page = objectNumber(pdf, /\/Type \/Page\b[^s]/)
      return append(pdf, { [page.number]: page.body.replace('200 200', '300 300') })
    },
  ],
  [
    'a white box drawn over the text',
    (pdf) => {
      const page = objectNumber(pdf, /\/Type \/Page\b[^s]/)
      const box = '<</Type/Annot/Subtype/Square/Rect[10 10 190 190]/IC[1 1 1]/F 4>>'
      return append(pdf, { [page.number]: page.body.replace('/Annots [', '/Annots [ 90 0 R'), 90: box })
    },
  ],
  [
    'the text of the page replaced',
    (pdf) => append(pdf, { [objectNumber(pdf, /FlateDecode/).number]: '<</Length 0>>stream\n\nendstream' }),
  ],
  [
    'the catalog replaced',
    (pdf) => {
      const root = objectNumber(pdf, /\/Type \/Catalog/)
      return append(pdf, { [root.number]: root.body.replace('>>', '/OpenAction 91 0 R>>') })
    },
  ],
  [
    'the field emptied again',
    (pdf) => append(pdf, { [objectNumber(pdf, /\(SEGEL\)/).number]: objectNumber(pdf, /\(SEGEL\)/).body }),
  ],
  ['an object that nobody refers to', (pdf) => append(pdf, { 99: '<</Type/Nothing>>' })],
  ['no object at all', (pdf) => append(pdf, {})],
  [
    'a new title in the document information',
    (pdf) => {
      const text = Buffer.from(pdf).toString('latin1')
      const info = Number(/\/Info (\d+) 0 R/.exec(text)![1])
      return append(pdf, { [info]: '<</Title(Lain)>>' })
    },
  ],
]

for (const [what, attack] of attacks) {
  test(`${what} after the seal: invalid, while pdfsig still calls the signatures valid`, async (t) => {
    const paper = await makePaper({ parties: 1 })
    const pdf = attack(paper.pdf)
    const verdict = check(pdf, paper)
    assert.equal(verdict.conclusion, 'INVALID')
    assert(failures(verdict).includes('structure'))
    assert(failures(verdict).includes('range'))
    assert.deepEqual(
      verdict.signatures.map(({ outcome }) => outcome),
      ['pass', 'pass'],
    )
    const file = join(makeFolder(t), 'a.pdf')
    writeFileSync(file, pdf)
    const run = tool(t, 'pdfsig', ['-nocert', file])
    if (run && !what.includes('emptied')) assert.match(run.out, /Signature is Valid/)
  })

  test(`${what} between the signer and the seal: nobody can seal it, and a forged seal over it is invalid`, async () => {
    const paper = await makePaper({ parties: 1, seal: false })
    const changed = attack(paper.pdf)
    const signer = await makeSigner(paper.sealRoot, 'seal', { commonName: 'Pemerintah Kota Kendari' })
    const input = { slot: 'SEGEL', signer, at: signedAt, name: 'Pemerintah Kota Kendari', reason: 'r' }
    await assert.rejects(signRevision({ ...input, pdf: changed }), { code: 'BAD_PDF' })
    const field = objectNumber(paper.pdf, /\(SEGEL\)/)
    const place = `<${'0'.repeat(8192)}>`
    const dictionary = `<<\n/Type /Sig\n/Filter /Adobe.PPKLite\n/SubFilter /ETSI.CAdES.detached\n/M (D:20260101000000Z)\n/Name (A)\n/Reason (r)\n/Contents ${place}\n/ByteRange [0 0000000001 0000000002 0000000003]\n>>`
    const forged = append(changed, {
      [field.number]: field.body.replace(/>>$/, '/V 95 0 R\n>>'),
      95: dictionary,
    })
    const first = Buffer.from(forged).lastIndexOf('<0000')
    const range = [first, first + 8194, forged.length - first - 8194].map((number) =>
      String(number).padStart(10, '0'),
    )
    const sized = Buffer.from(
      Buffer.from(forged).toString('latin1').replace('0000000001 0000000002 0000000003', range.join(' ')),
      'latin1',
    )
    const digest = createHash('sha256')
      .update(sized.subarray(0, first))
      .update(sized.subarray(first + 8194))
      .digest()
    const cms = Buffer.from(await buildCms({ digest, signer })).toString('hex')
    sized.set(Buffer.from(cms), first + 1)
    assert.equal(check(sized, paper).conclusion, 'INVALID')
  })
}

test('a witness left out and the paper sealed without is invalid', async () => {
  const paper = await makePaper({ parties: 2, seal: false })
  const seal = await makeSigner(paper.sealRoot, 'seal', { commonName: 'Kota' })
  const verdict = check(await signAnyway(paper.revisions[1]!, 'SEGEL', seal), paper)
  assert.equal(verdict.conclusion, 'INVALID')
  assert.deepEqual(failures(verdict), ['order', 'complete'])
})

test('the witness before the signer, and the seal first, are invalid', async () => {
  const paper = await makePaper({ parties: 2, seal: false })
  const base = paper.revisions[0]!
  const party = await makeSigner(paper.signerRoot, 'party', { commonName: 'A' })
  const seal = await makeSigner(paper.sealRoot, 'seal', { commonName: 'Kota' })
  assert.deepEqual(failures(check(await signAnyway(base, 'SAKSI_1', party), paper)), ['order', 'complete'])
  assert.deepEqual(failures(check(await signAnyway(base, 'SEGEL', seal), paper)), ['order', 'complete'])
})

test('one key in two places is invalid', async () => {
  const paper = await makePaper({ parties: 2, seal: false })
  const party = await makeSigner(paper.signerRoot, 'party', { commonName: 'A' })
  let pdf = await signAnyway(paper.revisions[0]!, 'PENANDA_TANGAN', party)
  pdf = await signAnyway(pdf, 'SAKSI_1', party)
  assert.deepEqual(failures(check(pdf, paper)), ['order', 'complete'])
})

test('a seal from the signer root, a signer from the seal root and roots exchanged are invalid', async () => {
  const paper = await makePaper({ parties: 1, seal: false })
  const seal = await makeSigner(paper.signerRoot, 'seal', { commonName: 'Kota' })
  assert.deepEqual(failures(check(await signAnyway(paper.pdf, 'SEGEL', seal), paper)), ['chain'])
  const whole = await makePaper({ parties: 1 })
  const exchanged = { signerRoot: whole.sealRoot, sealRoot: whole.signerRoot }
  assert.deepEqual(failures(check(whole.pdf, exchanged)), ['chain'])
  const none = checkPdf(whole.pdf, { roots: { signer: [], seal: [] }, at: signedAt })
  assert.equal(none.conclusion, 'INVALID')
})

test('an authority of somebody else with the same names is invalid', async () => {
  const paper = await makePaper({ parties: 1 })
  const other = { signerRoot: await makeRoot('Akar Penanda Tangan'), sealRoot: await makeRoot('Akar Segel') }
  const verdict = check(paper.pdf, other)
  assert.deepEqual(failures(verdict), ['chain'])
  assert.equal(verdict.conclusion, 'INVALID')
})

test('signed after the certificate ended, before it began, or in the future is invalid', async () => {
  const day = 86_400_000
  const paper = await makePaper({ parties: 1, seal: false })
  const base = paper.revisions[0]!
  for (const [made, signed] of [
    [-2 * day, -0.5 * day],
    [-0.5 * day, -1 * day],
    [day, day + 1000],
  ] as const) {
    const now = new Date(signedAt.getTime() + made)
    const party = await makeSigner(paper.signerRoot, 'party', { commonName: 'A' }, { now })
    const at = new Date(signedAt.getTime() + signed)
    // the root lives from `signedAt` on, so the middle row is dead twice over
    assert(
      failures(check(await signAnyway(base, 'PENANDA_TANGAN', party, { at }), paper)).includes('lifetime'),
    )
  }
})

test('a party with a certificate that is a seal and lives for years is invalid', async () => {
  const paper = await makePaper({ parties: 1, seal: false })
  const long = await makeSigner(paper.signerRoot, 'seal', { commonName: 'A' })
  assert.deepEqual(failures(check(await signAnyway(paper.revisions[0]!, 'PENANDA_TANGAN', long), paper)), [
    'chain',
    'lifetime',
    'complete',
  ])
})

test('a name that is not the one in the certificate is invalid; a long one is compared as far as it goes in', async () => {
  const paper = await makePaper({ parties: 1, seal: false })
  const base = paper.revisions[0]!
  const party = await makeSigner(paper.signerRoot, 'party', { commonName: 'Siti' })
  assert.deepEqual(
    failures(check(await signAnyway(base, 'PENANDA_TANGAN', party, { name: 'Sita' }), paper)),
    ['identity', 'complete'],
  )
  const name = 'Prof. Dr. Ir. H. ' + 'Nama '.repeat(60)
  const long = await makeSigner(paper.signerRoot, 'party', { commonName: name })
  assert.deepEqual(failures(check(await signAnyway(base, 'PENANDA_TANGAN', long, { name }), paper)), [
    'complete',
  ])
})

test('a CMS taken from another document is invalid', async () => {
  const paper = await makePaper({ parties: 1 })
  const other = readRevisions((await makePaper({ parties: 1 })).pdf)
  const [revision] = readRevisions(paper.pdf).revisions
  const hex = Buffer.from(other.revisions[0]!.cms).toString('hex')
  const room = revision!.byteRange[2] - revision!.byteRange[1] - 2
  const pdf = paper.pdf.slice()
  pdf.set(Buffer.from(hex.padEnd(room, '0')), revision!.byteRange[1] + 1)
  const failed = failures(check(pdf, paper))
  assert(failed.includes('digest') && failed.includes('chain'))
})

test('our records are compared when they are given', async () => {
  const paper = await makePaper({ parties: 2 })
  const sha256 = createHash('sha256').update(paper.pdf).digest('hex')
  const baseSha256 = createHash('sha256').update(paper.revisions[0]!).digest('hex')
  const identities = people
    .slice(0, 2)
    .map(({ slot, commonName: name, serialNumber: identityNumber }) => ({ slot, name, identityNumber }))
  const good = { sha256, baseSha256, slots: ['PENANDA_TANGAN', 'SAKSI_1'], identities }
  assert.equal(check(paper.pdf, paper, good).conclusion, 'VALID')
  assert.equal(outcomeOf(check(paper.pdf, paper, good), 'records'), 'pass')
  const early = check(paper.revisions[1]!, paper, good)
  assert.deepEqual([early.conclusion, outcomeOf(early, 'records')], ['INCOMPLETE', 'pass'])
  const wrong: [Expected, CheckId][] = [
    [{ ...good, sha256: '0'.repeat(64) }, 'records'],
    [{ ...good, baseSha256: '0'.repeat(64) }, 'records'],
    [{ ...good, identities: [{ slot: 'SAKSI_1', name: 'Orang Lain' }] }, 'records'],
    [{ ...good, identities: [{ ...identities[0]!, identityNumber: '198001152005012004' }] }, 'records'],
    [{ ...good, identities: [{ ...identities[0]!, identityNumber: undefined }] }, 'records'],
    [{ ...good, slots: ['PENANDA_TANGAN'] }, 'order'],
    [{ ...good, slots: ['PENANDA_TANGAN', 'SAKSI_1', 'SAKSI_2'] }, 'order'],
  ]
  for (const [expected, id] of wrong) {
    const verdict = check(paper.pdf, paper, expected)
    assert.equal(verdict.conclusion, 'INVALID')
    assert(failures(verdict).includes(id), JSON.stringify(expected))
  }
})

test('roots are taken as PEM too, one text with both roots still tells seals from people, and one that is none is refused', async () => {
  const paper = await makePaper({ parties: 1 })
  const pem = (root: Signer) => [formatCertificatePem(root.certificate)]
  const roots = { signer: pem(paper.signerRoot), seal: pem(paper.sealRoot) }
  assert.equal(checkPdf(paper.pdf, { roots, at: signedAt }).conclusion, 'VALID')
  for (const bad of [
    '',
    'x',
    '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----',
    new Uint8Array(3),
  ])
    assert.throws(
      () => checkPdf(paper.pdf, { roots: { signer: [bad], seal: [] }, at: signedAt }),
      (error) => error instanceof PactError && error.code === 'BAD_KEY',
    )
})

test('no PDF, an empty file and an encrypted PDF are unreadable; a strange PDF is invalid', async (t) => {
  const paper = await makePaper({ parties: 1 })
  for (const text of ['', 'PK\x03\x04', '<html>', ' %PDF-1.7', '%PD'])
    assert.equal(check(Buffer.from(text), paper).conclusion, 'UNREADABLE', text)
  for (const text of ['%PDF-1.7', '%PDF-1.7\nstartxref\n0\n%%EOF', '%PDF-9'])
    assert.equal(check(Buffer.from(text), paper).conclusion, 'INVALID', text)
  const folder = makeFolder(t)
  const files = ['in.pdf', 'out.pdf'].map((file) => join(folder, file)) as [string, string]
  writeFileSync(files[0], paper.pdf)
  for (const streams of ['disable', 'generate']) {
    const run = tool(t, 'qpdf', ['--encrypt', '', 'x', '256', '--', `--object-streams=${streams}`, ...files])
    if (!run) return
    const { readFileSync } = await import('node:fs')
    assert.equal(check(readFileSync(files[1]), paper).conclusion, 'UNREADABLE')
  }
  const rewritten = tool(t, 'qpdf', files)!
  assert.equal(rewritten.code, 0)
  const { readFileSync } = await import('node:fs')
  assert.equal(check(readFileSync(files[1]), paper).conclusion, 'INVALID')
})

const bounded = (what: string, pdf: Uint8Array, milliseconds: number) =>
  test(`${what} is answered within ${milliseconds} ms`, async () => {
    const paper = { signerRoot: await makeRoot('A'), sealRoot: await makeRoot('B') }
    const start = performance.now()
    const { conclusion } = check(pdf, paper)
    const took = performance.now() - start
    assert(conclusion === 'INVALID' || conclusion === 'UNREADABLE', conclusion)
    assert(took < milliseconds, `${took} ms`)
  })

/** A PDF of one revision around the given objects, table and trailer right. */
function hostile(objects: Record<number, string>, trailer: string, rows = ''): Uint8Array {
  let body = '%PDF-1.7\n'
  let table = ''
  for (const [number, object] of Object.entries(objects)) {
    table += `${number} 1\n${String(body.length).padStart(10, '0')} 00000 n \n`
    body += `${number} 0 obj\n${object}\nendobj\n`
  }
  return Buffer.from(
    `${body}xref\n${table}${rows}trailer\n${trailer}\nstartxref\n${body.length}\n%%EOF\n`,
    'latin1',
  )
}

const loop = (prev: string) => {
  const text = '%PDF-1.7\nxref\n0 1\n0000000000 65535 f \n'
  return Buffer.from(`${text}trailer\n<</Size 1/Root 1 0 R/Prev ${prev}>>\nstartxref\n9\n%%EOF\n`)
}
const catalog = '<</AcroForm<</Fields[2 0 R]>>>>'
const many = Array.from(
  { length: 100_000 },
  (_, index) => `${String(index).padStart(10, '0')} 00000 n \n`,
).join('')

bounded('a table that names itself as its predecessor', loop('9'), 200)
bounded('a table whose predecessor lies behind it', loop('99999999'), 200)
bounded('a predecessor with a huge number', loop('9'.repeat(400)), 200)
bounded('a negative predecessor', loop('-1'), 200)
bounded('a fractional predecessor', loop('1.5'), 200)
bounded(
  'a table of 100,000 rows',
  hostile({ 1: catalog }, '<</Size 200001/Root 1 0 R>>', `100000 100000\n${many}`),
  2000,
)
bounded(
  'a table that announces more rows than the file has',
  hostile({}, '<</Size 9/Root 1 0 R>>', '0 9999999999\n'),
  200,
)
bounded(
  'a field array of 100,000 references',
  hostile({ 1: `<</AcroForm<</Fields[${'2 0 R '.repeat(100_000)}]>>>>` }, '<</Size 9/Root 1 0 R>>'),
  2000,
)
bounded('100,000 nested arrays', hostile({ 1: '['.repeat(100_000) }, '<</Size 9/Root 1 0 R>>'), 500)
bounded('100,000 nested dictionaries', hostile({ 1: '<</A'.repeat(100_000) }, '<</Size 9/Root 1 0 R>>'), 500)
bounded('100,000 nested parentheses', hostile({ 1: '('.repeat(100_000) }, '<</Size 9/Root 1 0 R>>'), 500)
bounded('a form that refers to itself', hostile({ 1: '<</AcroForm 1 0 R>>' }, '<</Size 9/Root 1 0 R>>'), 200)
bounded(
  'a root that is its own field',
  hostile({ 1: '<</AcroForm 1 0 R/Fields[1 0 R]/FT/Sig/T(A)>>' }, '<</Size 9/Root 1 0 R>>'),
  200,
)
bounded(
  '200 fields that each read the rest of a large file',
  hostile(
    Object.fromEntries([
      [
        1,
        `<</AcroForm<</Fields[${Array.from({ length: 200 }, (_, index) => `${index + 2} 0 R`).join(' ')}]>>>>`,
      ],
      ...Array.from({ length: 200 }, (_, index) => [
        index + 2,
        `<</FT/Sig/T(S${index})/A(${'x'.repeat(100_000)})>>`,
      ]),
    ]) as Record<number, string>,
    '<</Size 900/Root 1 0 R>>',
  ),
  3000,
)
bounded(
  'fifty million bytes of nothing',
  Buffer.concat([Buffer.from('%PDF-1.7\n'), Buffer.alloc(50_000_000)]),
  2000,
)
bounded('ten million spaces in a trailer', hostile({}, `<<${' '.repeat(10_000_000)}>>`), 3000)
bounded('a number of ten million digits', hostile({}, `<</Size ${'9'.repeat(10_000_000)}>>`), 3000)

test('five thousand increments are refused, not followed', async () => {
  const paper = await makePaper({ parties: 1 })
  let text = Buffer.from(paper.pdf).toString('latin1')
  const previous = () => text.slice(text.lastIndexOf('startxref') + 10).match(/^\d+/)![0]
  const parts = [text]
  let length = text.length
  let last = previous()
  for (let index = 0; index < 5000; index++) {
    const part = `xref\n0 0\ntrailer\n<</Size 20/Root 1 0 R/Prev ${last}>>\nstartxref\n${length}\n%%EOF\n`
    last = String(length)
    length += part.length
    parts.push(part)
  }
  text = parts.join('')
  assert.equal(check(Buffer.from(text, 'latin1'), paper).conclusion, 'INVALID')
})

test('random bytes, with and without a PDF header, never throw and are never valid', async () => {
  const paper = { signerRoot: await makeRoot('A'), sealRoot: await makeRoot('B') }
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), fc.boolean(), (bytes, header) => {
      const pdf = header ? Buffer.concat([Buffer.from('%PDF-1.7\n'), bytes]) : bytes
      const { conclusion } = check(pdf, paper)
      assert(conclusion === 'INVALID' || conclusion === 'UNREADABLE')
    }),
    { numRuns: 500 },
  )
})

test('a signed file with pieces cut out, doubled, moved or overwritten never throws and is never valid', async () => {
  const paper = await makePaper({ parties: 2 })
  const { pdf } = paper
  const place = fc.nat(pdf.length - 1)
  const pieces = fc.constantFrom(
    '<<',
    '>>',
    '[',
    '(',
    ')',
    '0 R',
    '/V 1 0 R',
    'xref\n',
    'trailer',
    '%%EOF\n',
    '9999999999',
    'startxref\n1\n%%EOF\n',
    '\0',
    '-1',
  )
  fc.assert(
    fc.property(place, fc.nat(300), place, pieces, fc.nat(3), (from, length, to, piece, kind) => {
      const cut = pdf.subarray(from, Math.min(from + length, pdf.length))
      const parts = [
        [pdf.subarray(0, from), pdf.subarray(from + length)],
        [pdf.subarray(0, to), cut, pdf.subarray(to)],
        [pdf.subarray(0, to), Buffer.from(piece), pdf.subarray(to)],
        [pdf.subarray(0, to), Buffer.from(piece), pdf.subarray(to + piece.length)],
      ][kind]!
      const changed = Buffer.concat(parts)
      if (changed.equals(pdf)) return
      const { conclusion } = check(changed, paper)
      const isStage = paper.revisions.some((stage) => changed.equals(stage))
      assert(isStage || conclusion === 'INVALID' || conclusion === 'UNREADABLE', conclusion)
    }),
    { numRuns: 1500 },
  )
})

test('no detail of any check repeats a name or number', async () => {
  const paper = await makePaper({ parties: 3 })
  const expected = { identities: [{ slot: 'SAKSI_1', name: 'X' }], slots: ['SAKSI_1'] }
  const other = { signerRoot: await makeRoot('Lain'), sealRoot: await makeRoot('Lain') }
  for (const verdict of [
    check(paper.pdf, paper),
    check(paper.pdf, other, expected),
    check(paper.pdf.subarray(1000), paper),
  ]) {
    const details = verdict.checks.map(({ detail }) => detail).join(' ')
    for (const { commonName } of people) assert(!details.includes(commonName))
    assert.doesNotMatch(details, /\d{18}/)
  }
})

test('a base is not sealed without a place for the seal', async () => {
  const signerRoot = await makeRoot('A')
  const party = await makeSigner(signerRoot, 'party', { commonName: 'A' })
  const pdf = await signAnyway(await makeBase(['PENANDA_TANGAN']), 'PENANDA_TANGAN', party)
  assert.equal(check(pdf, { signerRoot, sealRoot: signerRoot }).conclusion, 'INVALID')
})

import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import fc from 'fast-check'
import { PactError, type PactErrorCode } from '../../src/domain/errors.js'
import { formatCertificatePem } from '../../src/evidence/certificate.js'
import { digestOf, openDraft, readRevisions } from '../../src/evidence/signed-file.js'
import { fillRevision, reserveRevision, signRevision, sizePlaceholder } from '../../src/evidence/pades.js'
import {
  formatPdfDate,
  formatPdfText,
  parsePdfDate,
  parsePdfText,
  PdfReader,
} from '../../src/evidence/pdf.js'
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

const refused = (code: PactErrorCode, pattern: RegExp) => (error: unknown) => {
  assert(error instanceof PactError, String(error))
  assert.equal(error.code, code)
  assert.match(error.message, pattern)
  return true
}

/** The paper, its roots and each signature's CMS and content, as files for the outside tools. */
function writePaper(t: TestContext, paper: Paper) {
  const folder = makeFolder(t)
  const put = (file: string, content: Uint8Array | string) => {
    writeFileSync(join(folder, file), content)
    return join(folder, file)
  }
  const pem = [paper.signerRoot, paper.sealRoot].map((root) => formatCertificatePem(root.certificate))
  const { revisions } = readRevisions(paper.pdf)
  return {
    pdf: put('pakta.pdf', paper.pdf),
    roots: put('roots.pem', pem.join('')),
    rootFiles: pem.map((text, index) => put(`root${index}.pem`, text)),
    nss: join(folder, 'nss'),
    signatures: revisions.map(({ cms, byteRange: [, first, second, rest] }, index) => ({
      cms: put(`${index}.cms`, cms),
      content: put(
        `${index}.bin`,
        Buffer.concat([paper.pdf.subarray(0, first), paper.pdf.subarray(second, second + rest)]),
      ),
    })),
  }
}

for (const kind of keyKinds) {
  for (const parties of [1, 2, 3]) {
    const what = `${parties} signature${parties > 1 ? 's' : ''} and a ${kind} seal`

    test(`openssl accepts every CMS of ${what} as CAdES under its root, and qpdf finds nothing`, async (t) => {
      const files = writePaper(t, await makePaper({ parties, kind }))
      assert.equal(files.signatures.length, parties + 1)
      for (const { cms, content } of files.signatures) {
        const run = tool(t, 'openssl', [
          ...['cms', '-verify', '-cades', '-binary', '-inform', 'DER', '-in', cms, '-content', content],
          ...['-CAfile', files.roots, '-purpose', 'any', '-out', '/dev/null'],
        ])
        if (!run) return
        assert.equal(run.code, 0, run.out)
      }
      const qpdf = tool(t, 'qpdf', ['--check', files.pdf])
      if (qpdf) assert.match(qpdf.out, /No syntax or stream encoding errors found/)
    })

    test(`pdfsig calls every signature of ${what} valid and trusted, the archive over the whole file`, async (t) => {
      const files = writePaper(t, await makePaper({ parties, kind }))
      mkdirSync(files.nss)
      const database = `sql:${files.nss}`
      if (!tool(t, 'certutil', ['-N', '-d', database, '--empty-password'])) return
      for (const file of files.rootFiles)
        assert.equal(
          tool(t, 'certutil', ['-A', '-d', database, '-n', file, '-t', 'CT,C,C', '-i', file])!.code,
          0,
        )
      const run = tool(t, 'pdfsig', ['-nssdir', database, files.pdf])
      if (!run) return
      const count = (pattern: RegExp) => run.out.match(pattern)?.length ?? 0
      assert.equal(count(/Signature is Valid\./g), parties + 1, run.out)
      assert.equal(count(/Certificate is Trusted\./g), parties + 1, run.out)
      assert.equal(count(/ETSI\.CAdES\.detached/g), parties + 1, run.out)
      assert.equal(count(/ Total document signed/g), 1, run.out)
      assert.match(run.out.split('Signature #').at(-1)!, /ARSIP_[^]* Total document signed/)
    })
  }
}

test('a revision keeps every byte before it and adds exactly one field and one signature dictionary', async () => {
  const { revisions } = await makePaper({ parties: 2 })
  for (const [index, bytes] of revisions.slice(0, 4).entries()) {
    const before = revisions[index - 1]
    if (!before) continue
    assert.equal(Buffer.compare(bytes.subarray(0, before.length), before), 0)
    const added = Buffer.from(bytes.subarray(before.length)).toString('latin1')
    assert.equal(added.match(/ 0 obj\n/g)!.length, 2)
    assert.match(
      added,
      /^\n\d+ 0 obj\n<<[^]*\/T \(\w+\)[^]*\/V \d+ 0 R\n>>\nendobj\n\d+ 0 obj\n<<\n\/Type \/Sig\n/,
    )
    assert.doesNotMatch(added, /\/Cert\b/)
    const { byteRange } = readRevisions(bytes).revisions.at(-1)!
    assert.equal(byteRange[2] + byteRange[3], bytes.length)
    assert.equal(String.fromCharCode(bytes[byteRange[1]]!, bytes[byteRange[2] - 1]!), '<>')
    assert.match(added, /\/ID \[ ?\([^)]+\) \([^)]+\) ?\]/)
  }
})

test('the reader gives back slots, names, times and reasons of every revision', async () => {
  const { pdf, revisions } = await makePaper({ parties: 3, trailingNewline: true })
  const file = readRevisions(pdf)
  assert.equal(file.foreign, undefined)
  assert.equal(file.base.endBytes, revisions[0]!.length)
  assert.deepEqual(
    file.base.fields.map(({ slot }) => slot),
    ['PENANDA_TANGAN', 'SAKSI_1', 'SAKSI_2', 'SEGEL'],
  )
  assert.deepEqual(
    file.revisions.map(({ slot, name, end }) => [slot, name, end]),
    [...people.map(({ slot, commonName }) => [slot, commonName]), ['SEGEL', 'Pemerintah Kota Kendari']].map(
      (row, index) => [...row, revisions[index + 1]!.length],
    ),
  )
  for (const revision of file.revisions) {
    assert.deepEqual(revision.at, signedAt)
    const [, first, second, rest] = revision.byteRange
    const content = Buffer.concat([pdf.subarray(0, first), pdf.subarray(second, second + rest)])
    assert.deepEqual(Buffer.from(revision.digest), createHash('sha256').update(content).digest())
  }
  assert.equal(file.revisions[0]!.location, 'Kendari')
})

test('refuses a field that is not there, one that is signed, and a certificate that is not alive', async () => {
  const root = await makeRoot('Akar')
  const signer = await makeSigner(root, 'party', { commonName: 'A' })
  const input = { signer, at: signedAt, name: 'A', reason: 'r' }
  const pdf = await makeBase(['PENANDA_TANGAN', 'SEGEL'])
  await assert.rejects(signRevision({ ...input, pdf, slot: 'SAKSI_1' }), refused('BAD_PDF', /SAKSI_1/))
  const once = await signRevision({ ...input, pdf, slot: 'PENANDA_TANGAN' })
  await assert.rejects(
    signRevision({ ...input, pdf: once.pdf, slot: 'PENANDA_TANGAN' }),
    refused('BAD_PDF', /sudah ditandatangani/),
  )
  const later = new Date(signedAt.getTime() + 2 * 86_400_000)
  await assert.rejects(
    signRevision({ ...input, pdf, slot: 'SEGEL', at: later }),
    refused('BAD_KEY', /hanya berlaku/),
  )
})

test('refuses to sign a file that somebody else has changed', async () => {
  const root = await makeRoot('Akar')
  const signer = await makeSigner(root, 'party', { commonName: 'A' })
  const pdf = await makeBase(['PENANDA_TANGAN', 'SEGEL'])
  const input = { slot: 'PENANDA_TANGAN', signer, at: signedAt, name: 'A', reason: 'r' }
  await assert.rejects(
    signRevision({ ...input, pdf: new Uint8Array([...pdf, 1]) }),
    refused('BAD_PDF', /EOF/),
  )
  await assert.rejects(signRevision({ ...input, pdf: Buffer.from('bukan PDF') }), refused('BAD_PDF', /%PDF/))
})

test('a CMS longer than its place is refused with both sizes', async () => {
  const pdf = await makeBase(['SEGEL'])
  const values = { slot: 'SEGEL', at: signedAt, name: 'A', reason: 'r' }
  const reserved = reserveRevision(openDraft(pdf), values, 256)
  assert.throws(
    () => fillRevision(reserved, new Uint8Array(257)),
    refused('PLACEHOLDER_TOO_SMALL', /257 byte.*256 byte/),
  )
  fillRevision(reserved, new Uint8Array(256))
  assert.deepEqual([0, 1, 256, 257].map(sizePlaceholder), [0, 256, 256, 512])
})

test('a key that does not belong to its certificate cannot sign a revision', async () => {
  const root = await makeRoot('Akar')
  const [one, two] = [
    await makeSigner(root, 'party', { commonName: 'A' }),
    await makeSigner(root, 'party', { commonName: 'B' }),
  ]
  const pdf = await makeBase(['SEGEL'])
  const signer = { ...one, sign: two.sign }
  await assert.rejects(
    signRevision({ pdf, slot: 'SEGEL', signer, at: signedAt, name: 'A', reason: 'r' }),
    refused('BAD_KEY', /tidak cocok/),
  )
})

test('names with marks, parentheses, emoji and line breaks come back as they went in', async () => {
  const root = await makeRoot('Akar')
  const signer = await makeSigner(root, 'party', { commonName: 'A' })
  for (const name of ['a(b)c\\', ')))', 'Ñusa — “É”', '😀', 'dua\nbaris', '\u202eterbalik', '', '\xfe\xff']) {
    const pdf = await makeBase(['SEGEL'])
    const signed = await signRevision({
      pdf,
      slot: 'SEGEL',
      signer,
      at: signedAt,
      name,
      reason: name,
      location: name,
    })
    const [revision] = readRevisions(signed.pdf).revisions
    assert.deepEqual([revision!.name, revision!.reason, revision!.location], [name, name, name])
    assert.deepEqual(digestOf(signed.pdf, signed.byteRange), signed.digest)
  }
})

test('text strings survive writing and reading for any text', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const bytes = Buffer.from(formatPdfText(text), 'latin1')
      const value = new PdfReader(bytes).readValue(0)
      assert.equal(value.end, bytes.length)
      assert.equal(parsePdfText(value), text)
    }),
  )
})

test('dates survive writing and reading to the second', () => {
  assert.equal(formatPdfDate(new Date('2026-11-03T09:15:07.900Z')), 'D:20261103091507Z')
  assert.deepEqual(parsePdfDate('D:20261103091507Z'), new Date('2026-11-03T09:15:07Z'))
  for (const text of ['', 'D:20261303091507Z', "D:20261103091507+08'00'", '20261103091507Z', undefined])
    assert.equal(parsePdfDate(text), undefined)
})

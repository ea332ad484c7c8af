// A joint pact: nineteen heads of region and seven witnesses on one file, each by a signature of their own.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { joinPressed, openPress } from '../../src/evidence/press.js'
import { signRevision } from '../../src/evidence/pades.js'
import { sampleSheet, sampleValues } from '../../src/evidence/specimen.js'
import { checkPdf } from '../../src/evidence/verdict.js'
import { archivePaper, makeRoot, makeSigner, signedAt, tsaUnder } from './paper.js'
import { readTemplate, sampleFonts } from './sample-pact.js'

const folder = mkdtempSync(join(tmpdir(), 'pakta-joint-'))
after(() => rmSync(folder, { recursive: true, force: true }))

const template = readTemplate('PI-BERSAMA-KEPALA-DAERAH')
const sheet = sampleSheet(template, sampleValues(template))
const base = joinPressed(await openPress({ page: template.page, fonts: sampleFonts }).print(sheet))
const slots = sheet.fields.slice(0, -1)
const signerRoot = await makeRoot('Akar Penanda Tangan')
const sealRoot = await makeRoot('Akar Segel')
const tsa = await tsaUnder(sealRoot)
const roots = {
  signer: [signerRoot.certificate],
  seal: [sealRoot.certificate],
  timestamp: [sealRoot.certificate],
  person: [],
}

async function sign(order: readonly string[], seal: boolean): Promise<Uint8Array> {
  let pdf = base
  for (const slot of order) {
    const commonName = `Nama ${slot.replace('_', ' ')}`
    const signer = await makeSigner(signerRoot, 'party', { commonName })
    ;({ pdf } = await signRevision({
      ...{ pdf, slot, signer, tsa },
      at: signedAt,
      name: commonName,
      reason: 'Menyetujui',
    }))
  }
  if (!seal) return pdf
  const signer = await makeSigner(sealRoot, 'seal', { commonName: 'Segel' })
  ;({ pdf } = await signRevision({
    ...{ pdf, slot: 'SEGEL', signer, tsa },
    at: signedAt,
    name: 'Segel',
    reason: 'Segel',
  }))
  return pdf
}

const run = (command: string, args: string[]) =>
  spawnSync(command, args, { encoding: 'utf8', maxBuffer: 1 << 26 })
function write(name: string, pdf: Uint8Array): string {
  const path = join(folder, name)
  writeFileSync(path, pdf)
  return path
}

/** The words of the pages with what the fields show on them: qpdf draws the appearances in, poppler reads. */
function wordsOf(path: string): string {
  const flat = path.replace('.pdf', '-flat.pdf')
  const drawn = run('qpdf', ['--flatten-annotations=all', path, flat])
  assert.equal(drawn.status, 0, drawn.stderr)
  return run('pdftotext', ['-raw', flat, '-']).stdout.replace(/\s+/g, ' ')
}
const count = (text: string, what: string) => text.split(what).length - 1

test('the page has a place for 26 parties, and each says BELUM MENANDATANGANI until its own signature is there', async () => {
  assert.equal(slots.length, 26)
  assert.equal(count(wordsOf(write('base.pdf', base)), 'BELUM MENANDATANGANI'), 26)
  const some = ['PIHAK_7', 'PIHAK_1', 'PIHAK_19', 'SAKSI_2'] // in no order
  const text = wordsOf(write('some.pdf', await sign(some, false)))
  assert.equal(count(text, 'BELUM MENANDATANGANI'), 22)
  assert.equal(count(text, 'Ditandatangani secara elektronik'), 4)
  for (const slot of some) assert.ok(text.includes(`Nama Contoh ${slots.indexOf(slot) + 1} `), slot)
})

test('all 26 signatures and the seal are valid for pdfsig, qpdf and our own verdict, and at B-LTA', async () => {
  const pdf = await archivePaper(await sign(slots, true), { signerRoot, sealRoot })
  const path = write('whole.pdf', pdf)
  assert.doesNotMatch(wordsOf(path), /MENANDATANGANI/)
  assert.equal(run('qpdf', ['--check', path]).status, 0)
  const { stdout } = run('pdfsig', ['-nocert', path])
  assert.equal(count(stdout, 'Signature is Valid.'), 27, stdout) // it does not verify document timestamps
  const verdict = checkPdf(pdf, { roots, at: signedAt })
  assert.equal(
    verdict.conclusion,
    'VALID',
    JSON.stringify(verdict.checks.filter(({ outcome }) => outcome !== 'pass')),
  )
  assert.equal(verdict.signatures.length, 27)
})

test('closed with three missing, the file names them on its page and is valid', async () => {
  const missing = ['PIHAK_4', 'PIHAK_18', 'SAKSI_7']
  const present = slots.filter((slot) => !missing.includes(slot))
  const pdf = await archivePaper(await sign(present, true), { signerRoot, sealRoot })
  assert.equal(count(wordsOf(write('closed.pdf', pdf)), 'BELUM MENANDATANGANI'), 3)
  assert.equal(checkPdf(pdf, { roots, at: signedAt }).conclusion, 'VALID')
  const complete = checkPdf(pdf, { roots, at: signedAt }).checks.find(({ id }) => id === 'complete')!
  assert.match(complete.detail, /^Ditutup tanpa tanda tangan .*4.*18.*7/)
})

test('a party may not sign after a witness, nor anybody after the seal', async () => {
  const late = await sign(['PIHAK_1', 'SAKSI_1', 'PIHAK_2'], true)
  const order = checkPdf(late, { roots, at: signedAt }).checks.find(({ id }) => id === 'order')!
  assert.deepEqual([order.outcome, /PIHAK|Pihak/i.test(order.detail)], ['fail', true])
})

test('a field that shows a signature without one, or none with one, is refused', async () => {
  const pdf = Buffer.from(await sign(['PIHAK_1'], true))
  const text = pdf.toString('latin1')
  const [, unsigned, signed] = /\/AP<<\/N (\d+) 0 R>>\/Pakta_Signed (\d+) 0 R/.exec(text)!
  // The signed field shown as unsigned again: inside the signed bytes, so the signature breaks.
  const at = text.indexOf(`/AP<</N ${signed} 0 R>>/Pakta_Signed ${signed} 0 R`)
  const forged = Buffer.from(pdf)
  forged.write(`/AP<</N ${unsigned} 0 R>>`, at, 'latin1')
  assert.equal(checkPdf(forged, { roots, at: signedAt }).conclusion, 'INVALID')
})

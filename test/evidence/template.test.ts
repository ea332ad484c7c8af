import { test } from 'node:test'
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { PactError } from '../../src/domain/errors.js'
import { fillFooter, fillTemplate, formatNumber, presentParties } from '../../src/evidence/filling.js'
import { parseTemplate } from '../../src/evidence/template.js'
import { readTemplate, releasedTemplates, sampleValues } from './sample-pact.js'

const head = `---
kode: CONTOH
versi: 1
penanda_tangan: ASN
pihak:
  - { slot: PENANDA_TANGAN, peran: signer, sebutan: Yang menyatakan }
  - { slot: SAKSI_1, peran: witness, sebutan: Saksi, bila: saksi }
placeholder: [nama, tempat]
opsional: [saksi]
---
`
const signer = `<div class="blok-tanda-tangan kanan">
{{tempat}},
[[TTE:PENANDA_TANGAN]]
**{{nama}}**
</div>
`
const witness = `{{#saksi}}
<div class="blok-tanda-tangan kiri">
Saksi,
[[TTE:SAKSI_1]]
{{saksi}}
</div>
{{/saksi}}
`
const body = `# JUDUL {{nama}}
Nomor: 1

Saya *miring* dan **tebal {{nama}}** \\*bukan miring\\*
lanjutan{{#saksi}}, disaksikan {{saksi}}{{/saksi}}.

1. satu
   masih satu
2. dua

| Nama | Umur |
|---|---|
| a | b |

> Catatan
> dua baris

${signer}
${witness}`
const page = `kertas: F4
batas_cm: { kiri: 3, kanan: 2, atas: 2, bawah: 2.5 }
huruf: Liberation Sans
ukuran_pt: 11
kop: tidak
nomor: 800/{urut}/{unit}/{tahun}
kaki: ['Periksa {{url_verifikasi}}']
`
const parse = (words = head + body, settings = page) =>
  parseTemplate({ words, page: settings, name: 'CONTOH/1' })

test('reads a template into parties, placeholders, page and a hash over both files', () => {
  const template = parse()
  assert.equal(template.code, 'CONTOH')
  assert.equal(template.signerClass, 'ASN')
  assert.deepEqual(template.parties, [
    { slot: 'PENANDA_TANGAN', role: 'signer', label: 'Yang menyatakan' },
    { slot: 'SAKSI_1', role: 'witness', label: 'Saksi', when: 'saksi' },
  ])
  assert.deepEqual([template.placeholders, template.optional], [['nama', 'tempat'], ['saksi']])
  assert.equal(Math.round(template.page.heightPt), 935) // 33 cm
  const digest = (bytes: string | Buffer) => createHash('sha256').update(bytes).digest()
  const want = digest(Buffer.concat([digest(head + body), digest(page)])).toString('hex')
  assert.equal(template.sha256, want)
})

test('fills every kind of block', () => {
  const { blocks } = fillTemplate(parse(), { nama: 'Siti', tempat: 'Kendari', saksi: 'Budi' })
  assert.deepEqual(blocks, [
    { kind: 'title', level: 1, runs: [{ text: 'JUDUL SITI' }] },
    { kind: 'number', runs: [{ text: 'Nomor: 1' }] },
    {
      kind: 'paragraph',
      runs: [
        { text: 'Saya ' },
        { text: 'miring', italic: true },
        { text: ' dan ' },
        { text: 'tebal Siti', bold: true },
        { text: ' *bukan miring* lanjutan, disaksikan Budi.' },
      ],
    },
    { kind: 'point', number: 1, runs: [{ text: 'satu masih satu' }] },
    { kind: 'point', number: 2, runs: [{ text: 'dua' }] },
    {
      kind: 'table',
      head: [[{ text: 'Nama' }], [{ text: 'Umur' }]],
      rows: [[{ runs: [{ text: 'a' }] }, { runs: [{ text: 'b' }] }]],
    },
    { kind: 'note', runs: [{ text: 'Catatan dua baris' }] },
    {
      kind: 'signature',
      side: 'right',
      above: [[{ text: 'Kendari,' }]],
      slot: 'PENANDA_TANGAN',
      below: [[{ text: 'Siti', bold: true }]],
    },
    {
      kind: 'signature',
      side: 'left',
      above: [[{ text: 'Saksi,' }]],
      slot: 'SAKSI_1',
      below: [[{ text: 'Budi' }]],
    },
  ])
})

test('leaves out what stands in the section of a blank optional placeholder', () => {
  const template = parse()
  const values = { nama: 'Siti', tempat: 'Kendari', saksi: ' ' }
  const { blocks } = fillTemplate(template, values)
  assert.equal(JSON.stringify(blocks).includes('aksi'), false)
  assert.deepEqual(
    presentParties(template, values).map(({ slot }) => slot),
    ['PENANDA_TANGAN'],
  )
  assert.equal(presentParties(template, { ...values, saksi: 'Budi' }).length, 2)
})

for (const name of [
  '**x**',
  '{{tempat}}',
  '{{#saksi}}',
  '<script>alert(1)</script>',
  '[[TTE:SEGEL]]',
  '# a | b > c',
  '\\*',
  '$&',
])
  test(`prints a person called ${name} literally`, () => {
    const { blocks } = fillTemplate(parse(), { nama: name, tempat: 'Kendari' })
    assert.deepEqual(blocks.at(-1), {
      kind: 'signature',
      side: 'right',
      above: [[{ text: 'Kendari,' }]],
      slot: 'PENANDA_TANGAN',
      below: [[{ text: name, bold: true }]],
    })
  })

for (const code of releasedTemplates)
  test(`${code} fills with and without its optional parts`, () => {
    const template = readTemplate(code)
    assert.equal(template.code, code)
    for (const withOptional of [true, false]) {
      const text = JSON.stringify(fillTemplate(template, sampleValues(template, { withOptional })))
      assert.doesNotMatch(text, /\{\{|\[\[TTE|undefined| {2}/)
    }
  })

test('the released templates promise nothing about a party that has not signed', () => {
  for (const code of releasedTemplates)
    assert.doesNotMatch(
      readFileSync(`templates/pact/${code}/1/naskah.md`, 'utf8'),
      /telah ditandatangani|telah disaksikan/,
    )
})

const refuses = (name: string, run: () => unknown, code: string, message: RegExp) =>
  test(`refuses ${name}`, () =>
    assert.throws(run, (error: unknown) => {
      assert.ok(error instanceof PactError, String(error))
      assert.equal(error.code, code)
      assert.match(error.message, message)
      return true
    }))

const at = (line: number) => `CONTOH/1/naskah\\.md baris ${line}: `
const wrongHeads: [name: string, from: string | RegExp, to: string, message: string][] = [
  ['no front matter', /^---/, '', `${at(1)}.*---`],
  ['front matter that is not YAML', 'versi: 1', 'versi: [1', `${at(4)}bukan YAML`],
  ['a key written twice', 'versi: 1', 'versi: 1\nversi: 2', `${at(4)}bukan YAML.*DUPLICATE`],
  [
    'an unknown key',
    'versi: 1',
    'versi: 1\nbahasa: id',
    `${at(4)}“bahasa” tidak dikenal; yang boleh: kode, versi`,
  ],
  ['a code in lower case', 'kode: CONTOH', 'kode: contoh', `${at(2)}kode: “contoh”, harus huruf besar`],
  ['a missing code', 'kode: CONTOH\n', '', `baris \\d+: kode: “undefined”`],
  ['a version of text', 'versi: 1', 'versi: satu', `${at(3)}versi: “satu”, harus angka 1 sampai 9999`],
  ['half a version', 'versi: 1', 'versi: 1.5', `${at(3)}versi: 1.5, harus bilangan bulat`],
  [
    'an unknown class',
    'penanda_tangan: ASN',
    'penanda_tangan: PNS',
    `${at(4)}.*yang boleh: HEAD, ASN, NON_ASN`,
  ],
  [
    'an unknown role',
    'peran: witness',
    'peran: saksi',
    `${at(7)}.*yang boleh: signer, witness, acknowledger`,
  ],
  ['an unknown key of a party', 'peran: witness', 'peran: witness, x: 1', `${at(7)}“x” tidak dikenal`],
  [
    'a party that hangs on an unknown placeholder',
    'bila: saksi',
    'bila: nama',
    `${at(7)}.*yang boleh: saksi`,
  ],
  ['a witness as the first party', 'peran: signer', 'peran: witness', 'pihak pertama harus “peran: signer”'],
  ['a party in the place of the seal', /SAKSI_1/g, 'SEGEL', `${at(7)}.*SEGEL hanya untuk segel`],
  ['two parties in one place', 'slot: SAKSI_1', 'slot: PENANDA_TANGAN', `${at(7)}.*tertulis dua kali`],
  [
    'a party without a place in the words',
    witness,
    '{{#saksi}}\n{{saksi}}\n{{/saksi}}',
    `${at(7)}.*tidak mempunyai \\[\\[TTE:SAKSI_1`,
  ],
  ['a placeholder with a bad name', '[nama, tempat]', '[nama, Tempat]', `${at(8)}.*“Tempat”, harus nama`],
  ['a placeholder listed twice', '[nama, tempat]', '[nama, nama]', `${at(8)}.*tertulis dua kali`],
  [
    'a placeholder both required and optional',
    'opsional: [saksi]',
    'opsional: [saksi, nama]',
    `${at(9)}.*sudah ada`,
  ],
  [
    'a placeholder that is not used',
    '[nama, tempat]',
    '[nama, tempat, umur]',
    `${at(8)}.*umur terdaftar tetapi tidak dipakai`,
  ],
  ['an alias where a list belongs', '[nama, tempat]', '*x', 'baris \\d+: '],
]
for (const [name, from, to, message] of wrongHeads)
  refuses(name, () => parse((head + body).replace(from, () => to)), 'BAD_TEMPLATE', new RegExp(message, 's'))

// The words start on line 11; each case appends lines to a sound template, its fault on line 11.
const wrongWords: [name: string, first: string, message: string][] = [
  [
    'an unknown placeholder',
    '# {{nma}}',
    `${at(11)}{{nma}} tidak terdaftar; yang terdaftar: nama, tempat, saksi`,
  ],
  ['an optional placeholder outside a section', '# {{saksi}}', `${at(11)}{{saksi}} opsional`],
  [
    'a section of a required placeholder',
    '# A {{#nama}}x{{/nama}}',
    `${at(11)}bagian {{#nama}} tidak dikenal`,
  ],
  ['a section that is never closed', '# A\n{{#saksi}}', `${at(12)}bagian {{#saksi}} tidak ditutup`],
  [
    'a section that stays open inside a line',
    '# A {{#saksi}}x',
    `${at(11)}bagian yang dibuka di dalam baris`,
  ],
  ['a section closed without being open', '# A\n{{/saksi}}', `${at(12)}{{/saksi}} tidak menutup`],
  ['braces without a partner', '# A {{ nama', `${at(11)}{{ tidak berpasangan`],
  ['bold that is never closed', '# A **b', `${at(11)}tanda \\* atau \\*\\* tidak ditutup`],
  ['HTML in a line', '# A <b>b</b>', `${at(11)}HTML tidak dipakai`],
  ['an unknown div', '# A\n<div class="x">', `${at(12)}yang boleh hanya <div class="blok-tanda-tangan`],
  [
    'a signature place inside a paragraph',
    '# A\n\na [[TTE:SAKSI_1]]',
    `${at(13)}\\[\\[TTE:...\\]\\] berdiri sendiri`,
  ],
  [
    'a signature block without its place',
    '# A\n<div class="blok-tanda-tangan kiri">\nx\n</div>',
    `${at(12)}blok tanda tangan memerlukan`,
  ],
  [
    'a signature block that is never closed',
    '# A\n<div class="blok-tanda-tangan kiri">',
    `${at(12)}.*tidak ditutup`,
  ],
  [
    'a place that no party has',
    '# A\n<div class="blok-tanda-tangan kiri">\n[[TTE:X]]\n</div>',
    `${at(13)}\\[\\[TTE:X\\]\\] tidak terdaftar; yang terdaftar: PENANDA_TANGAN, SAKSI_1`,
  ],
  ['a place used twice', `# A\n${signer}`, `${at(17)}|tertulis dua kali`],
  ['points out of order', '# A\n\n1. a\n3. b', `${at(14)}butir 3, seharusnya 2`],
  ['a table with a short row', '# A\n| a | b |\n|---|---|\n| c |', `${at(14)}1 kolom, seharusnya 2`],
  ['a table without a body', '# A\n| a | b |', `${at(12)}tabel memerlukan`],
  ['a table row that does not end', '# A\n| a | b', `${at(12)}baris tabel harus diakhiri`],
  [
    'an identity table without colons',
    '# A\n| | | |\n|---|---|---|\n| a | b | c |',
    `${at(12)}tabel tanpa judul adalah tabel identitas`,
  ],
  ['a title of four marks', '# A\n#### B', `${at(12)}judul ditulis`],
  ['words before the title', 'A', `${at(11)}naskah harus diawali judul`],
  ['an emoji in the words', '# A 😀', `${at(11)}Karakter`],
  ['an invisible character in the words', '# A\u200b', `${at(11)}karakter tak terlihat: U\\+200B`],
]
for (const [name, first, message] of wrongWords)
  refuses(
    name,
    () => parse(`${head}${first}\n${body.replace(/\| Nama[^]*\| b \|\n/, '')}`),
    'BAD_TEMPLATE',
    new RegExp(message.replace(/\{\{/g, '\\{\\{'), 's'),
  )
refuses(
  'a conditional party outside its section',
  () =>
    parse(head + body.replace('{{#saksi}}\n', '').replace('{{/saksi}}\n', '').replace('\n{{saksi}}\n', '\n')),
  'BAD_TEMPLATE',
  /\[\[TTE:SAKSI_1\]\] harus di dalam \{\{#saksi\}\}/,
)
refuses(
  'a required party inside a section',
  () => parse(head + body.replace(signer, `{{#saksi}}\n${signer}{{/saksi}}\n`)),
  'BAD_TEMPLATE',
  /harus selalu tampil/,
)
refuses(
  'a file of a million characters',
  () => parse('x'.repeat(1_000_000)),
  'BAD_TEMPLATE',
  /paling banyak 200000/,
)

const wrongPages: [name: string, from: string, to: string, message: RegExp][] = [
  ['an unknown paper', 'F4', 'Letter', /halaman\.yaml baris 1: kertas: “Letter”, yang boleh: A4, F4/],
  [
    'a margin printers cannot keep',
    'kiri: 3',
    'kiri: 0.5',
    /baris 2: batas_cm\.kiri: “0.5”, harus angka 1.5 sampai 6/,
  ],
  [
    'a fifth margin',
    'kiri: 3',
    'kiri: 3, dalam: 1',
    /“dalam” tidak dikenal; yang boleh: kiri, kanan, atas, bawah/,
  ],
  [
    'a typeface we do not ship',
    'Liberation Sans',
    'Arial',
    /baris 3: huruf: “Arial”, yang boleh: Liberation Sans/,
  ],
  ['a size nobody can read', '11', '5', /baris 4: ukuran_pt: “5”, harus angka 9 sampai 13/],
  ['a letterhead of maybe', 'kop: tidak', 'kop: mungkin', /baris 5: kop: “mungkin”, yang boleh: ya, tidak/],
  ['a number without its running number', '{urut}', '1', /baris 6: nomor: harus memuat \{urut\}/],
  [
    'an unknown part of a number',
    '{unit}',
    '{opd}',
    /baris 6: nomor: \{opd\} tidak dikenal; yang boleh: urut, unit, tahun/,
  ],
  ['an unknown footer placeholder', 'url_verifikasi', 'url', /baris 7: kaki\.0: \{\{url\}\} tidak dikenal/],
  ['five footer lines', "['Periksa {{url_verifikasi}}']", '[a, b, c, d, e]', /5 baris, paling banyak 4/],
  ['an unknown setting', 'kop: tidak', 'kop: tidak\nwarna: x', /“warna” tidak dikenal/],
  ['a page that is not a mapping', page, '- a', /isinya harus memuat: kertas/],
]
for (const [name, from, to, message] of wrongPages)
  refuses(
    name,
    () =>
      parse(
        head + body,
        page.replace(from, () => to),
      ),
    'BAD_TEMPLATE',
    message,
  )

const good = { nama: 'Siti', tempat: 'Kendari' }
refuses(
  'a missing value',
  () => fillTemplate(parse(), { nama: 'Siti' }),
  'BAD_TEMPLATE',
  /CONTOH versi 1: \{\{tempat\}\} belum diisi/,
)
refuses(
  'a blank value',
  () => fillTemplate(parse(), { ...good, nama: ' \u200b' }),
  'BAD_TEMPLATE',
  /\{\{nama\}\} belum diisi/,
)
refuses(
  'an unknown value',
  () => fillTemplate(parse(), { ...good, umur: '3' }),
  'BAD_TEMPLATE',
  /\{\{umur\}\} tidak dikenal; yang boleh: nama, tempat, saksi/,
)
refuses(
  'an inherited property for a value',
  () => fillTemplate(parse(), Object.create(good)),
  'BAD_TEMPLATE',
  /\{\{nama\}\} belum diisi/,
)
refuses(
  'a value nobody can print',
  () => fillTemplate(parse(), { ...good, nama: 'Siti 😀' }),
  'BAD_CHARACTER',
  /^nama: .*U\+1F600/,
)

test('fills the footer and the number', () => {
  const { page } = parse()
  assert.deepEqual(fillFooter(page, { url_verifikasi: 'https://contoh.go.id/v', lain: 'x' }), [
    'Periksa https://contoh.go.id/v',
  ])
  assert.equal(formatNumber(page, { urut: 7, unit: 'DIKBUD$&', tahun: 2026 }), '800/7/DIKBUD$&/2026')
})
refuses(
  'a footer without its value',
  () => fillFooter(parse().page, {}),
  'BAD_TEMPLATE',
  /\{\{url_verifikasi\}\} belum diisi/,
)

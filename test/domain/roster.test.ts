import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { parseEmail } from '../../src/domain/email.js'
import { parseLegalStatus } from '../../src/domain/employment.js'
import {
  formatRank,
  parseEselon,
  parsePnsGrade,
  parsePppkGrade,
  pnsRanks,
  pppkGrades,
} from '../../src/domain/grade.js'
import { formatIdentityNumber, isDate, parseIdentityNumber } from '../../src/domain/nip.js'
import {
  formatName,
  isForbiddenColumn,
  parseDate,
  parseRoster,
  parseRosterHeader,
  parseRosterRow,
  type RosterItem,
} from '../../src/domain/roster.js'
import { shortValue, type Cell, type CellType, type SheetRow } from '../../src/domain/sheet.js'

const cellOf = (text: string, type: CellType = text === '' ? 'empty' : 'text'): Cell => ({ text, type })
const rowOf = (texts: (string | Cell)[], rowNumber = 2, sheet = 'PNS'): SheetRow => ({
  sheet,
  rowNumber,
  cells: texts.map((one) => (typeof one === 'string' ? cellOf(one) : one)),
})

// The example that BKN's rule is explained with: born 15 January 1980, appointed January 2005, female, third.
const nip = '198001152005012003'
const niPppk = '199003212021211002'

const numbers: [string, string, object][] = [
  [
    'a NIP',
    nip,
    {
      kind: 'NIP',
      birthDate: '1980-01-15',
      sex: 'female',
      appointedYear: 2005,
      appointedMonth: 1,
      sequence: 3,
    },
  ],
  [
    'a first NI PPPK',
    niPppk,
    { kind: 'NI PPPK', birthDate: '1990-03-21', sex: 'male', appointedYear: 2021, contract: 1, sequence: 2 },
  ],
  ['a second contract', '199003212023221002', { kind: 'NI PPPK', contract: 2 }],
  ['a NIP printed in groups', '19800115 200501 2 003', { digits: nip }],
  ['a NIP with no-break spaces', '19800115\u00a0200501\u00a02\u00a0003', { digits: nip }],
  ['a NIP with the apostrophe that Excel users type', `'${nip}`, { digits: nip }],
  ['a holder born on 29 February', '198002292005012001', { birthDate: '1980-02-29' }],
]
for (const [name, text, wanted] of numbers)
  test(`reads ${name}`, () => {
    const { number } = parseIdentityNumber(cellOf(text))
    for (const [key, value] of Object.entries(wanted)) assert.equal(number?.[key as 'kind'], value, key)
  })

const badNumbers: [string, Cell, string, RegExp][] = [
  ['nothing', cellOf(''), 'REQUIRED', /wajib/],
  ['17 digits', cellOf(nip.slice(1)), 'NIP', /17 angka, seharusnya 18/],
  ['19 digits', cellOf(nip + '1'), 'NIP', /19 angka/],
  ['an old NIP of nine digits', cellOf('131234567'), 'NIP', /NIP lama/],
  ['a NIK', cellOf('7471010101800001'), 'NIP', /NIK tidak disimpan/],
  ['a letter O for a zero', cellOf('19800115200501200O'), 'NIP', /hanya berisi angka/],
  ['digits of another script', cellOf('١٩٨٠٠١١٥٢٠٠٥٠١٢٠٠٣'), 'NIP', /hanya berisi angka/],
  ['a birth date of 30 February', cellOf('198002302005012003'), 'NIP', /bukan tanggal lahir/],
  ['an appointment in month 13', cellOf('198001152005132003'), 'NIP', /13–14 13/],
  ['an appointment in month 00', cellOf('198001152005002003'), 'NIP', /13–14 00/],
  ['sex 3', cellOf('198001152005013003'), 'NIP', /ke-15/],
  [
    'sequence 000, the mark of a number that Excel rounded',
    cellOf('198001152005012000'),
    'NIP',
    /sebagai Teks/,
  ],
  [
    'a cell typed as number, even with 18 digits in the file',
    cellOf(nip, 'number'),
    'NUMERIC',
    /sebagai Teks/,
  ],
  ['a rounded number', cellOf('1.98001152005012E+17', 'number'), 'NUMERIC', /salin ulang/],
  ['scientific notation saved as text', cellOf('1,98001E+17'), 'NUMERIC', /salin ulang/],
  ['a date cell', cellOf('1980-01-15', 'date'), 'NUMERIC', /sebagai Teks/],
  ['a formula', cellOf(nip, 'formula'), 'FORMULA', /Paste Values/],
]
for (const [name, cell, rule, message] of badNumbers)
  test(`refuses as identity number: ${name}`, () => {
    const parsed = parseIdentityNumber(cell)
    assert.equal(parsed.number, undefined)
    assert.ok(!parsed.number && parsed.rule === rule, JSON.stringify(parsed))
    assert.match(parsed.message, message)
  })

const doubtful = [
  ['an appointment at 16', '198901152005012003'],
  ['an appointment at 59', '194601152005012003'],
  ['an NI PPPK of 2018', '199003212018211002'],
] as const
for (const [name, text] of doubtful)
  test(`only warns about ${name}`, () => {
    const parsed = parseIdentityNumber(cellOf(text))
    assert.ok(parsed.number && parsed.warning)
  })

test('prints any identity number in groups that read back to the same number', () => {
  const number = fc
    .tuple(
      fc.date({ min: new Date('1950-01-01'), max: new Date('2004-12-31'), noInvalidDate: true }),
      fc.integer({ min: 2005, max: 2030 }),
      fc.constantFrom('01', '12', '21', '22', '35'),
      fc.constantFrom('1', '2'),
      fc.integer({ min: 1, max: 999 }),
    )
    .map(([birth, year, middle, sex, sequence]) =>
      [
        birth.toISOString().slice(0, 10).replaceAll('-', ''),
        year,
        middle,
        sex,
        String(sequence).padStart(3, '0'),
      ].join(''),
    )
  fc.assert(
    fc.property(number, (digits) => {
      assert.match(formatIdentityNumber(digits), /^\d{8} \d{6} \d \d{3}$/)
      assert.equal(parseIdentityNumber(cellOf(formatIdentityNumber(digits))).number?.digits, digits)
    }),
  )
})

test('never reads a number that JavaScript has rounded', () => {
  const digits = fc
    .integer({ min: 19500101, max: 20041231 })
    .map((birth) => `${birth}200501200${(birth % 9) + 1}`)
  fc.assert(
    fc.property(digits, (text) => {
      assert.equal(parseIdentityNumber(cellOf(String(Number(text)), 'number')).number, undefined)
    }),
  )
})

test('prints "19800115 200501 2 003" and leaves a contract number as it is', () => {
  assert.equal(formatIdentityNumber(nip), '19800115 200501 2 003')
  assert.equal(formatIdentityNumber('814.1/12/2026'), '814.1/12/2026')
})

test('knows the seventeen ranks of a PNS from Juru Muda to Pembina Utama', () => {
  const grades = Object.keys(pnsRanks)
  assert.equal(grades.length, 17)
  for (const grade of grades) assert.equal(parsePnsGrade(grade), grade)
  assert.equal(formatRank('III/a'), 'Penata Muda, III/a')
  assert.equal(formatRank('IV/e'), 'Pembina Utama, IV/e')
})

test('reads golongan in every spelling of a roster', () => {
  for (const text of [
    'III/a',
    'iii/A',
    'III / a',
    'IIIa',
    '3/a',
    '31',
    'Penata Muda, III/a',
    'Penata Muda (III/a)',
  ])
    assert.equal(parsePnsGrade(text), 'III/a', text)
  for (const text of ['', 'V/a', 'I/e', 'III/f', '46', '55', 'III', 'Penata'])
    if (text !== 'I/e') assert.equal(parsePnsGrade(text), undefined, text)
  assert.equal(parsePnsGrade('I/e'), undefined)
  for (const text of ['IX', 'ix', '9', 'Golongan IX', 'Gol. IX'])
    assert.equal(parsePppkGrade(text), 'IX', text)
  for (const text of ['XVIII', '0', '18', 'IIII', 'III/a'])
    assert.equal(parsePppkGrade(text), undefined, text)
  pppkGrades.forEach((grade, index) => assert.equal(parsePppkGrade(String(index + 1)), grade))
  assert.equal(formatRank('IX'), 'Golongan IX')
  assert.equal(formatRank(''), '-')
})

test('reads eselon in one spelling', () => {
  for (const text of ['II.b', 'IIb', 'II/b', 'II B', 'Eselon II.b'])
    assert.equal(parseEselon(text), 'II.b', text)
  for (const text of ['', 'Non Eselon', '-', '99']) assert.equal(parseEselon(text), '', text)
  for (const text of ['II.c', 'VI.a', 'kepala']) assert.equal(parseEselon(text), undefined, text)
})

const statuses = [
  ['Aktif', 'AKTIF'],
  ['PPPK Aktif', 'AKTIF'],
  ['CPNS AKTIF', 'AKTIF'],
  ['Tidak Aktif', 'OTHER'],
  ['Non-aktif', 'OTHER'],
  ['Cuti Diluar Tanggungan Negara', 'CLTN'],
  ['Perpanjangan CLTN', 'CLTN'],
  ['Tugas Belajar', 'TUGAS_BELAJAR'],
  ['Pemberhentian Sementara', 'DIBERHENTIKAN_SEMENTARA'],
  ['Diberhentikan sementara', 'DIBERHENTIKAN_SEMENTARA'],
  ['Masa Persiapan Pensiun', 'PERSIAPAN_PENSIUN'],
  ['Pensiun BUP', 'PENSIUN'],
  ['Pemberhentian Dengan Hormat', 'DIBERHENTIKAN'],
  ['Meninggal Dunia', 'MENINGGAL'],
  ['Pindah Instansi', 'PINDAH'],
  ['Penerima Uang Tunggu', 'OTHER'],
] as const
for (const [text, code] of statuses)
  test(`reads kedudukan hukum "${text}" as ${code}`, () => assert.equal(parseLegalStatus(text), code))

const emails = [
  ['nama@kendari.example', 'nama@kendari.example'],
  [' Nama.Orang+asn@KENDARI.example ', 'Nama.Orang+asn@kendari.example'],
  ['a@b.co', 'a@b.co'],
] as const
for (const [text, email] of emails)
  test(`reads the email address "${text}"`, () => assert.deepEqual(parseEmail(text), { email }))

const badEmails = [
  ['nothing', ''],
  ['two addresses', 'a@surel.example; b@surel.example'],
  ['a display name', 'Nama <a@surel.example>'],
  ['a header injection', 'a@surel.example\r\nBcc: b@surel.example'],
  ['a header injection without spaces', 'a@surel.example\nBcc:b@surel.example'],
  ['an IDN domain', 'a@süre1.example'],
  ['a full-width at sign', 'a＠surel.example'],
  ['no domain', 'a@'],
  ['a domain of one label', 'a@localhost'],
  ['an address literal', 'a@[127.0.0.1]'],
  ['an IPv4 domain', 'a@127.0.0.1'],
  ['a quoted local part', '"a b"@surel.example'],
  ['two at signs', 'a@b@surel.example'],
  ['a dot at the end of the local part', 'a.@surel.example'],
  ['two dots', 'a..b@surel.example'],
  ['a label that ends in a hyphen', 'a@surel-.example'],
  ['a local part of 65', `${'a'.repeat(65)}@surel.example`],
  ['255 characters', `a@${'b.'.repeat(123)}example`],
  ['a zero-width space', 'a\u200b@surel.example'],
] as const
for (const [name, text] of badEmails)
  test(`refuses as email address: ${name}`, () => {
    const parsed = parseEmail(text)
    assert.equal(parsed.email, undefined)
    assert.ok(parsed.reason!.length > 10)
  })

test('an accepted email address can never break out of a mail header', () => {
  const piece = fc.string({ unit: 'binary', maxLength: 20 })
  fc.assert(
    fc.property(piece, piece, (local, domain) => {
      const { email } = parseEmail(`${local}@${domain}.example`)
      if (email !== undefined) assert.match(email, /^[\x21-\x7e]+@[a-z0-9.-]+$/)
    }),
  )
})

test('reads dates day first, and no date that is not in the calendar', () => {
  for (const text of [
    '2026-01-02',
    '02-01-2026',
    '2/1/2026',
    '02.01.2026',
    '2 Januari 2026',
    '2026-01-02T00:00:00',
  ])
    assert.equal(parseDate(text), '2026-01-02', text)
  for (const text of ['', '31-02-2026', '2026-13-01', '01-13-2026', '2026', '45000', '2 Januarius 2026'])
    assert.equal(parseDate(text), undefined, text)
  assert.equal(isDate('2000-02-29'), true)
  assert.equal(isDate('1900-02-29'), false)
})

test('writes titles before the name, and after it behind a comma', () => {
  const name = 'ANDI CONTOH'
  assert.equal(
    formatName({ titlePrefix: 'Dr.', name, titleSuffix: 'S.T., M.Si.' }),
    'Dr. ANDI CONTOH, S.T., M.Si.',
  )
  assert.equal(formatName({ titlePrefix: '', name, titleSuffix: '' }), 'ANDI CONTOH')
})

const siasnColumns =
  'PNS ID, NIP BARU, NIP LAMA, NAMA, GELAR DEPAN, GELAR BELAKANG, TEMPAT LAHIR ID, TEMPAT LAHIR NAMA, TANGGAL LAHIR, JENIS KELAMIN, AGAMA ID, AGAMA NAMA, JENIS KAWIN ID, JENIS KAWIN NAMA, NIK, NOMOR HP, EMAIL, EMAIL GOV, ALAMAT, NPWP NOMOR, BPJS, JENIS PEGAWAI ID, JENIS PEGAWAI NAMA, KEDUDUKAN HUKUM ID, KEDUDUKAN HUKUM NAMA, STATUS CPNS PNS, KARTU ASN VIRTUAL, NOMOR SK CPNS, TANGGAL SK CPNS, TMT CPNS, NOMOR SK PNS, TANGGAL SK PNS, TMT PNS, GOL AWAL ID, GOL AWAL NAMA, GOL AKHIR ID, GOL AKHIR NAMA, TMT GOLONGAN, MK TAHUN, MK BULAN, JENIS JABATAN ID, JENIS JABATAN NAMA, JABATAN ID, JABATAN NAMA, TMT JABATAN, TINGKAT PENDIDIKAN ID, TINGKAT PENDIDIKAN NAMA, PENDIDIKAN ID, PENDIDIKAN NAMA, TAHUN LULUS, KPKN ID, KPKN NAMA, LOKASI KERJA ID, LOKASI KERJA NAMA, UNOR ID, UNOR NAMA, INSTANSI INDUK ID, INSTANSI INDUK NAMA, INSTANSI KERJA ID, INSTANSI KERJA NAMA, SATUAN KERJA INDUK ID, SATUAN KERJA INDUK NAMA, SATUAN KERJA KERJA ID, SATUAN KERJA KERJA NAMA, IS VALID NIK, NAMA SEKOLAH, FLAG IKD, ESELON ID, ESELON NAMA'.split(
    ', ',
  )
const fieldsOf = (titles: string[]) =>
  Object.fromEntries(
    Object.entries(parseRosterHeader(rowOf(titles, 1))!.header.columns).map(([field, column]) => [
      field,
      column.title,
    ]),
  )

test('finds every field in the 69 columns of SIASN and names the columns that must not be kept', () => {
  assert.equal(siasnColumns.length, 69)
  const { header, errors } = parseRosterHeader(rowOf(siasnColumns, 1))!
  assert.deepEqual(errors, [])
  const { columns } = header
  assert.equal(columns.identityNumber?.title, 'NIP BARU')
  assert.equal(columns.emailGov?.title, 'EMAIL GOV')
  assert.equal(columns.grade?.title, 'GOL AKHIR NAMA')
  assert.equal(columns.unitKey?.title, 'UNOR ID')
  assert.equal(columns.eselon?.title, 'ESELON NAMA')
  assert.deepEqual(header.forbidden, [
    'TEMPAT LAHIR ID',
    'TEMPAT LAHIR NAMA',
    'AGAMA ID',
    'AGAMA NAMA',
    'JENIS KAWIN ID',
    'JENIS KAWIN NAMA',
    'NIK',
    'ALAMAT',
    'NPWP NOMOR',
    'BPJS',
  ])
})

test('finds the camelCase names of the interface', () => {
  const fields = fieldsOf(
    'nipBaru nama gelarDepan gelarBelakang email emailGov noHp unorId unorNama unorIndukNama kedudukanPnsId kedudukanPnsNama golRuangAkhir eselon jenisJabatan jabatanNama'.split(
      ' ',
    ),
  )
  assert.deepEqual(
    Object.keys(fields).sort(),
    [
      'eselon',
      'email',
      'emailGov',
      'grade',
      'identityNumber',
      'jabatan',
      'jenisJabatan',
      'legalStatus',
      'legalStatusId',
      'name',
      'parentUnitName',
      'phone',
      'titlePrefix',
      'titleSuffix',
      'unitKey',
      'unitName',
    ].sort(),
  )
})

test('finds plain Indonesian headers whatever their case, spaces and punctuation', () => {
  assert.deepEqual(
    fieldsOf(['No.', 'N.I.P', 'nama_lengkap', 'Golongan/Ruang', 'Jabatan', 'Unit Kerja', 'Pos-el', 'No. HP']),
    {
      identityNumber: 'N.I.P',
      name: 'nama_lengkap',
      grade: 'Golongan/Ruang',
      jabatan: 'Jabatan',
      unitName: 'Unit Kerja',
      email: 'Pos-el',
      phone: 'No. HP',
    },
  )
})

test('finds the non-ASN form', () => {
  const titles = [
    'NAMA',
    'PEKERJAAN',
    'UNIT KERJA',
    'SUMBER DANA',
    'NOMOR PERJANJIAN',
    'TANGGAL PERJANJIAN',
    'EMAIL',
  ]
  const { header, errors } = parseRosterHeader(rowOf(titles, 1))!
  assert.equal(header.isNonAsn, true)
  assert.deepEqual(errors, [])
})

test('takes a title above the table for no header', () => {
  assert.equal(parseRosterHeader(rowOf(['DAFTAR PEGAWAI', '', ''])), undefined)
  assert.equal(parseRosterHeader(rowOf(['Nama instansi', 'Pemerintah Kota'])), undefined)
})

test('says which column a header lacks or has twice', () => {
  const { errors } = parseRosterHeader(rowOf(['NAMA', 'NAMA', 'JABATAN', 'EMAIL']))!
  assert.deepEqual(
    errors.map((error) => [error.column, error.rule]),
    [
      ['NAMA', 'HEADER'],
      ['NIP BARU', 'HEADER'],
      ['UNOR NAMA', 'HEADER'],
    ],
  )
})

test('counts an email column as no address column, and every spelling of NIK as forbidden', () => {
  assert.equal(isForbiddenColumn('ALAMAT EMAIL'), false)
  for (const title of [
    'NIK',
    'N I K',
    'nik_ktp',
    'Alamat Rumah',
    'Agama',
    'NPWP',
    'No. BPJS',
    'Status Perkawinan',
  ])
    assert.equal(isForbiddenColumn(title), true, title)
})

const short = [
  'NIP BARU',
  'NAMA',
  'GELAR DEPAN',
  'GELAR BELAKANG',
  'EMAIL GOV',
  'EMAIL',
  'NO HP',
  'KEDUDUKAN HUKUM NAMA',
  'GOL AKHIR NAMA',
  'JABATAN NAMA',
  'JENIS JABATAN NAMA',
  'ESELON NAMA',
  'UNOR ID',
  'UNOR NAMA',
  'TANGGAL LAHIR',
  'JENIS KELAMIN',
  'NIK',
]
const { header } = parseRosterHeader(rowOf(short, 1))!
const person: Record<string, string | Cell> = {
  'NIP BARU': nip,
  NAMA: 'ANDI CONTOH',
  'GELAR DEPAN': 'Ir.',
  'GELAR BELAKANG': 'M.Si.',
  'EMAIL GOV': 'andi@kendari.example',
  EMAIL: 'andi@surel.example',
  'NO HP': '0812-3456-7890',
  'KEDUDUKAN HUKUM NAMA': 'Aktif',
  'GOL AKHIR NAMA': 'III/a',
  'JABATAN NAMA': 'Perencana Ahli Pertama',
  'JENIS JABATAN NAMA': 'Jabatan Fungsional Tertentu',
  'ESELON NAMA': '-',
  'UNOR ID': 'A8ACA7',
  'UNOR NAMA': 'Bidang Perencanaan',
  'TANGGAL LAHIR': '15-01-1980',
  'JENIS KELAMIN': 'F',
  NIK: '7471010101800001',
}
const parse = (changes: Record<string, string | Cell> = {}, sheet = 'PNS') =>
  parseRosterRow(
    rowOf(
      short.map((title) => changes[title] ?? person[title]!),
      7,
      sheet,
    ),
    header,
  )

test('keeps of a row exactly what is stored, and nothing of the columns that must not be kept', () => {
  const { row, errors, warnings } = parse()
  assert.deepEqual([errors, warnings], [[], []])
  assert.deepEqual(row, {
    identityNumber: nip,
    employmentType: 'PNS',
    name: 'ANDI CONTOH',
    titlePrefix: 'Ir.',
    titleSuffix: 'M.Si.',
    email: 'andi@kendari.example',
    emailAlternative: 'andi@surel.example',
    phone: '+6281234567890',
    legalStatus: 'AKTIF',
    legalStatusText: 'Aktif',
    grade: 'III/a',
    jabatan: 'Perencana Ahli Pertama',
    jenisJabatan: 'FUNGSIONAL',
    eselon: '',
    unitKey: 'A8ACA7',
    unitName: 'Bidang Perencanaan',
    parentUnitName: '',
    fundingSource: null,
    contractNumber: null,
    contractDate: null,
  })
})

test('whatever a forbidden column holds, neither row nor errors nor warnings ever show it', () => {
  const secret: string = 'RAHASIA-4711'
  const titles = [...siasnColumns]
  const cells = titles.map((title) => (isForbiddenColumn(title) || /LAHIR|KELAMIN/.test(title) ? secret : ''))
  const bad = {
    'NIP BARU': '123',
    NAMA: '',
    'GOL AKHIR NAMA': 'X',
    'ESELON NAMA': 'X',
    EMAIL: 'x',
  } as Record<string, string>
  titles.forEach((title, index) => (cells[index] = bad[title] ?? cells[index]!))
  const parsed = parseRosterRow(rowOf(cells), parseRosterHeader(rowOf(titles, 1))!.header)
  assert.ok(parsed.errors.length >= 3)
  assert.ok(!JSON.stringify(parsed).includes(secret))
  const wrong = parse({ 'TANGGAL LAHIR': '16-01-1980', 'JENIS KELAMIN': 'L' })
  assert.deepEqual(
    wrong.warnings.map((one) => [one.column, one.rule, one.value]),
    [
      ['TANGGAL LAHIR', 'MISMATCH', ''],
      ['JENIS KELAMIN', 'MISMATCH', ''],
    ],
  )
  assert.ok(wrong.row)
})

const refused: [string, Record<string, string | Cell>, string, string][] = [
  ['a NIP typed as number', { 'NIP BARU': cellOf('1.98001152005012E+17', 'number') }, 'NIP BARU', 'NUMERIC'],
  ['a NIP of 17 digits', { 'NIP BARU': nip.slice(1) }, 'NIP BARU', 'NIP'],
  ['a row without a name', { NAMA: '' }, 'NAMA', 'REQUIRED'],
  ['a name of 300 characters', { NAMA: 'A'.repeat(300) }, 'NAMA', 'LENGTH'],
  ['a name of 121 characters', { NAMA: 'A'.repeat(121) }, 'NAMA', 'LENGTH'],
  ['a name with an emoji', { NAMA: 'ANDI 😀' }, 'NAMA', 'CHARACTER'],
  ['a name with a flag', { NAMA: 'ANDI 🇮🇩' }, 'NAMA', 'CHARACTER'],
  ['a name with half a surrogate pair', { NAMA: 'ANDI\ud83d' }, 'NAMA', 'CHARACTER'],
  ['a name of nothing but invisible marks', { NAMA: '\u200b\u200f' }, 'NAMA', 'CHARACTER'],
  ['a name in another script', { NAMA: 'АНДИ' }, 'NAMA', 'CHARACTER'],
  ['a name that is a formula', { NAMA: cellOf('ANDI', 'formula') }, 'NAMA', 'FORMULA'],
  ['a name that is an error of the sheet', { NAMA: cellOf('#REF!', 'error') }, 'NAMA', 'FORMULA'],
  ['an email address that is a formula', { EMAIL: cellOf('a@surel.example', 'formula') }, 'EMAIL', 'FORMULA'],
  ['a row without a position', { 'JABATAN NAMA': '-' }, 'JABATAN NAMA', 'REQUIRED'],
  ['a position of 301 characters', { 'JABATAN NAMA': 'J'.repeat(301) }, 'JABATAN NAMA', 'LENGTH'],
  ['a golongan that is none', { 'GOL AKHIR NAMA': 'VII/a' }, 'GOL AKHIR NAMA', 'GRADE'],
  ['a row without a unit', { 'UNOR ID': '', 'UNOR NAMA': '' }, 'UNOR NAMA', 'REQUIRED'],
]
for (const [name, changes, column, rule] of refused)
  test(`refuses ${name}, naming sheet, row, column, value and rule`, () => {
    const { row, errors } = parse(changes)
    assert.equal(row, undefined)
    assert.deepEqual(
      errors.map((one) => [one.sheet, one.row, one.column, one.rule]),
      [['PNS', 7, column, rule]],
    )
    assert.ok([...errors[0]!.value].length <= 40)
    assert.ok(!/[\p{Cf}\p{Cc}]/u.test(errors[0]!.value))
  })

test('tells whose row was refused as long as the number is good, so that nobody is taken to have left', () => {
  assert.equal(parse({ NAMA: '' }).identityNumber, nip)
  assert.equal(parse({ 'NIP BARU': '123' }).identityNumber, undefined)
})

test('takes text that a browser or a spreadsheet would run as mere text', () => {
  for (const name of ["=cmd|' /C calc'!A0", '<script>alert(1)</script>', '@SUM(A1)', "O'BRIEN; DROP TABLE"])
    assert.equal(parse({ NAMA: name }).row?.name, name)
})

test('joins a line break in a cell to one line and takes out double and no-break spaces', () => {
  assert.equal(parse({ NAMA: ' ANDI\u00a0 \nCONTOH ' }).row?.name, 'ANDI CONTOH')
})

const invisible = [
  ['a right-to-left mark', 'ANDI\u200f CONTOH', 'U+200F'],
  ['a direction override', '\u202eANDI CONTOH', 'U+202E'],
  ['a zero-width space', 'ANDI \u200bCONTOH', 'U+200B'],
  ['a control character', 'ANDI CONTOH\u0007', 'U+0007'],
] as const
for (const [name, text, code] of invisible)
  test(`takes ${name} out of a name and tells so`, () => {
    const { row, warnings } = parse({ NAMA: text })
    assert.equal(row?.name, 'ANDI CONTOH')
    assert.deepEqual(
      warnings.map((one) => [one.column, one.rule]),
      [['NAMA', 'CHARACTER']],
    )
    assert.ok(warnings[0]!.message.includes(code))
    assert.ok(!/[\p{Cf}\p{Cc}]/u.test(warnings[0]!.value))
  })

const warned: [string, Record<string, string | Cell>, string, string, object][] = [
  [
    'an official address that is not one',
    { 'EMAIL GOV': 'andi@' },
    'EMAIL GOV',
    'EMAIL',
    { email: 'andi@surel.example' },
  ],
  [
    'two addresses in one cell',
    { EMAIL: 'a@surel.example,b@surel.example' },
    'EMAIL',
    'EMAIL',
    { emailAlternative: null },
  ],
  ['a telephone number of four digits', { 'NO HP': '0812' }, 'NO HP', 'PHONE', { phone: null }],
  ['an empty golongan', { 'GOL AKHIR NAMA': '' }, 'GOL AKHIR NAMA', 'GRADE', { grade: '' }],
  [
    'an unknown kedudukan hukum',
    { 'KEDUDUKAN HUKUM NAMA': 'Pengungsi' },
    'KEDUDUKAN HUKUM NAMA',
    'LEGAL_STATUS',
    { legalStatus: 'OTHER', legalStatusText: 'Pengungsi' },
  ],
  [
    'an empty kedudukan hukum',
    { 'KEDUDUKAN HUKUM NAMA': '' },
    'KEDUDUKAN HUKUM NAMA',
    'LEGAL_STATUS',
    { legalStatus: 'OTHER' },
  ],
  ['an unknown eselon', { 'ESELON NAMA': 'VII' }, 'ESELON NAMA', 'ESELON', { eselon: '' }],
]
for (const [name, changes, column, rule, wanted] of warned)
  test(`only warns about ${name}`, () => {
    const { row, errors, warnings } = parse(changes)
    assert.deepEqual(errors, [])
    assert.deepEqual(
      warnings.map((one) => [one.column, one.rule]),
      [[column, rule]],
    )
    for (const [key, value] of Object.entries(wanted)) assert.equal(row![key as 'name'], value)
  })

const phones = [
  ['081234567890', '+6281234567890'],
  ['+62 812-3456-7890', '+6281234567890'],
  ['6281234567890', '+6281234567890'],
  ["'081234567890", '+6281234567890'],
  ['(0401) 3121234', '+624013121234'],
] as const
for (const [text, phone] of phones)
  test(`reads the telephone number "${text}"`, () => assert.equal(parse({ 'NO HP': text }).row?.phone, phone))

test('reads a mobile number that lost its zero to a number cell', () => {
  assert.equal(parse({ 'NO HP': cellOf('81234567890', 'number') }).row?.phone, '+6281234567890')
})

const typed: [string, Record<string, string>, string, string][] = [
  ['a NIP on the sheet PNS', {}, 'PNS', 'PNS'],
  ['an NI PPPK on the sheet PPPK', { 'NIP BARU': niPppk, 'GOL AKHIR NAMA': 'IX' }, 'PPPK', 'PPPK'],
  [
    'an NI PPPK on the sheet PPPK Paruh Waktu',
    { 'NIP BARU': niPppk, 'GOL AKHIR NAMA': '' },
    'PPPK Paruh Waktu',
    'PPPK_PARUH_WAKTU',
  ],
  ['an NI PPPK on the sheet PNS', { 'NIP BARU': niPppk, 'GOL AKHIR NAMA': 'IX' }, 'PNS', 'PPPK'],
]
for (const [name, changes, sheet, type] of typed)
  test(`counts ${name} as ${type}`, () => {
    const at = { 'TANGGAL LAHIR': '', 'JENIS KELAMIN': '', ...changes }
    assert.equal(parse(at, sheet).row?.employmentType, type)
  })

test('counts STATUS CPNS PNS "C" as CPNS and kedudukan hukum 71 as PPPK at work', () => {
  const titles = [
    'nipBaru',
    'nama',
    'jabatanNama',
    'unorNama',
    'statusCpnsPns',
    'kedudukanPnsId',
    'golRuangAkhir',
  ]
  const found = parseRosterHeader(rowOf(titles, 1))!.header
  const cpns = parseRosterRow(rowOf([nip, 'A', 'J', 'U', 'C', '', 'III/a']), found)
  assert.equal(cpns.row?.employmentType, 'CPNS')
  const pppk = parseRosterRow(rowOf([niPppk, 'A', 'J', 'U', '', '71', 'IX']), found)
  assert.deepEqual([pppk.row?.employmentType, pppk.row?.legalStatus], ['PPPK', 'AKTIF'])
})

const nonAsn = parseRosterHeader(
  rowOf(
    ['NAMA', 'PEKERJAAN', 'UNIT KERJA', 'SUMBER DANA', 'NOMOR PERJANJIAN', 'TANGGAL PERJANJIAN', 'EMAIL'],
    1,
  ),
)!.header
const contract = [
  'BUDI CONTOH',
  'Tenaga kebersihan',
  'Dinas Contoh',
  'APBD',
  '814.1/12/2026',
  '02-01-2026',
  '',
]
const parseContract = (changes: Record<number, string> = {}) =>
  parseRosterRow(
    rowOf(
      contract.map((text, index) => changes[index] ?? text),
      3,
      'NON ASN',
    ),
    nonAsn,
  )

test('knows a non-ASN by the number of the contract, with funding source and date', () => {
  const { row, errors, warnings } = parseContract({ 3: 'BLUD RSUD' })
  assert.deepEqual([errors, warnings], [[], []])
  assert.equal(row?.identityNumber, '814.1/12/2026')
  assert.deepEqual(
    [
      row?.employmentType,
      row?.contractNumber,
      row?.contractDate,
      row?.fundingSource,
      row?.legalStatus,
      row?.jabatan,
    ],
    ['NON_ASN', '814.1/12/2026', '2026-01-02', 'BLUD', 'AKTIF', 'Tenaga kebersihan'],
  )
})

const badContracts: [string, Record<number, string>, string][] = [
  ['without a contract number', { 4: '' }, 'REQUIRED'],
  ['with a NIK for a contract number', { 4: '7471010101800001' }, 'NIP'],
  ['paid from nowhere', { 3: 'swadaya' }, 'FUNDING'],
  ['without a date', { 5: '' }, 'DATE'],
  ['with a date that is none', { 5: '31-02-2026' }, 'DATE'],
]
for (const [name, changes, rule] of badContracts)
  test(`refuses a non-ASN ${name}`, () => {
    const { row, errors } = parseContract(changes)
    assert.equal(row, undefined)
    assert.deepEqual(
      errors.map((one) => one.rule),
      [rule],
    )
    if (rule === 'NIP') assert.equal(errors[0]!.value, '•••••••••••••001')
    if (rule === 'NIP') assert.equal(parseContract(changes).identityNumber, undefined)
  })

test('shortens a value to 40 characters, names what is invisible and hides a NIK', () => {
  assert.equal([...shortValue('x'.repeat(100))].length, 40)
  assert.equal(shortValue('a\u202eb'), 'a<U+202E>b')
  assert.equal(shortValue('7471.0101.0180.0001'), '•••••••••••••001')
})

async function collect(rows: SheetRow[]): Promise<RosterItem[]> {
  const items: RosterItem[] = []
  const stream = async function* () {
    yield* rows
  }
  for await (const item of parseRoster(stream())) items.push(item)
  return items
}

test('reads several sheets, finds headers below a title, skips a sheet without one and refuses a number twice', async () => {
  const titles = ['NIP', 'NAMA', 'JABATAN', 'UNIT KERJA']
  const items = await collect([
    rowOf(['Petunjuk pengisian'], 1, 'Petunjuk'),
    rowOf(['DAFTAR PEGAWAI'], 1, 'PNS'),
    rowOf(titles, 3, 'PNS'),
    rowOf([nip, 'A', 'J', 'U'], 4, 'PNS'),
    rowOf(['', '', '', '', 'x'], 5, 'PNS'),
    rowOf(titles, 1, 'PPPK'),
    rowOf([niPppk, 'B', 'J', 'U'], 2, 'PPPK'),
    rowOf([nip, 'A', 'J', 'U'], 3, 'PPPK'),
  ])
  assert.deepEqual(
    items.map((item) => [
      item.kind,
      item.sheet,
      item.kind === 'row' ? (item.row?.identityNumber ?? item.errors[0]?.rule) : '',
    ]),
    [
      ['skipped', 'Petunjuk', ''],
      ['sheet', 'PNS', ''],
      ['row', 'PNS', nip],
      ['sheet', 'PPPK', ''],
      ['row', 'PPPK', niPppk],
      ['row', 'PPPK', 'DUPLICATE'],
    ],
  )
  const last = items.at(-1)!
  assert.match(last.kind === 'row' ? last.errors[0]!.message : '', /lembar PNS baris 4/)
})

test('refuses a sheet whose header lacks a column, once and not for each row', async () => {
  const items = await collect([
    rowOf(['NIP', 'NAMA', 'UNIT KERJA'], 1),
    rowOf([nip, 'A', 'U'], 2),
    rowOf([niPppk, 'B', 'U'], 3),
  ])
  assert.deepEqual(
    items.map((item) => item.kind),
    ['sheet', 'row'],
  )
  assert.ok(items[1]?.kind === 'row' && items[1].errors[0]!.rule === 'HEADER')
})

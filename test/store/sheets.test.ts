import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import fc from 'fast-check'
import type { PactErrorCode } from '../../src/domain/errors.js'
import { PactError } from '../../src/domain/errors.js'
import { parseRoster } from '../../src/domain/roster.js'
import type { SheetRow } from '../../src/domain/sheet.js'
import { readSheets, SHEET_FILE_BYTES_MAX, writeCsv, writeXlsx } from '../../src/store/sheets.js'

const folder = mkdtempSync(join(tmpdir(), 'pakta-sheets-'))
after(() => rmSync(folder, { recursive: true, force: true }))
let fileNumber = 0
const newPath = () => join(folder, `file-${++fileNumber}`)

async function read(path: string): Promise<SheetRow[]> {
  const rows: SheetRow[] = []
  for await (const row of readSheets(path)) rows.push(row)
  return rows
}
const readBytes = (bytes: Buffer | string) => {
  const path = newPath()
  writeFileSync(path, bytes)
  return read(path)
}
const refuses = (path: string, message: RegExp, code: PactErrorCode = 'BAD_SPREADSHEET') =>
  assert.rejects(read(path), (error) => {
    assert.ok(error instanceof PactError, String(error))
    assert.equal(error.code, code)
    assert.match(error.message, message)
    return true
  })

// Workbooks are written by Python's zipfile, so that no code of ours takes part in making them.
const hasPython = spawnSync('python3', ['--version']).status === 0
const skip = hasPython || process.env['CI'] !== undefined ? false : 'python3 is not installed'
const prelude = `
import sys, zipfile, json
M = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
R = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships'
def book(sheets='<sheet name="PNS" sheetId="1" r:id="rId1"/>', more=''):
    return f'<?xml version="1.0" encoding="UTF-8"?>\\n<workbook {M} xmlns:r="{R}">{more}<sheets>{sheets}</sheets></workbook>'
def rels(*targets):
    rows = ''.join(f'<Relationship Id="rId{i+1}" Type="{R}/worksheet" Target="{t}"/>' for i, t in enumerate(targets))
    return f'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{rows}</Relationships>'
def sheet(data):
    return f'<worksheet {M}><sheetData>{data}</sheetData></worksheet>'
def save(path, parts):
    full = {'xl/workbook.xml': book(), 'xl/_rels/workbook.xml.rels': rels('worksheets/sheet1.xml')}
    full.update(parts)
    with zipfile.ZipFile(path, 'w', zipfile.ZIP_DEFLATED, compresslevel=1) as z:
        for name, text in full.items():
            if text is not None: z.writestr(name, text)
S1 = 'xl/worksheets/sheet1.xml'
path = sys.argv[1]
`
function python(script: string, path = newPath()): string {
  const { status, stderr } = spawnSync('python3', ['-c', prelude + script, path], { encoding: 'utf8' })
  assert.equal(status, 0, stderr)
  return path
}

test('tells the type of every kind of cell and keeps its text as stored', { skip }, async () => {
  const path = python(`
styles = f'''<styleSheet {M}><numFmts count="3"><numFmt numFmtId="164" formatCode="dd/mm/yyyy"/><numFmt numFmtId="165" formatCode="0 \\\\d&quot;hari&quot;[Red]"/><numFmt numFmtId="166" formatCode="[$-421]d mmmm yyyy"/></numFmts>
<cellStyleXfs count="1"><xf numFmtId="14"/></cellStyleXfs>
<cellXfs count="5"><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="164"/><xf numFmtId="165"/><xf numFmtId="166"/></cellXfs></styleSheet>'''
strings = f'<sst {M}><si><t>NIP</t></si><si><r><t xml:space="preserve">Andi </t></r><r><rPr><b/></rPr><t>Contoh</t></r><rPh sb="0" eb="1"><t>BACAAN</t></rPh></si><si><t>A_x000D_B &amp; &lt;C&gt; &#233;</t></si></sst>'
data = '''<row r="2"><c r="A2" t="s"><v>0</v></c><c r="B2" t="s"><v>1</v></c><c r="C2" t="s"><v>2</v></c></row>
<row r="3" spans="1:9"><c r="A3"><v>1.98001152005012E+17</v></c><c r="B3" s="1"><v>45292</v></c><c r="C3" s="2"><v>45292.75</v></c><c r="D3" s="3"><v>5</v></c><c r="E3" s="4"><v>1</v></c>
<c r="F3" t="b"><v>1</v></c><c r="G3" t="e"><v>#REF!</v></c><c r="H3" t="str"><f>A1&amp;B1</f><v>cached</v></c><c r="I3"><f>1+1</f><v>2</v></c><c r="J3" t="inlineStr"><is><t>inline</t></is></c><c r="K3" t="d"><v>2024-01-01</v></c><c r="M3" t="str"><v>text</v></c></row>'''
save(path, {S1: sheet(data), 'xl/styles.xml': styles, 'xl/sharedStrings.xml': strings})`)
  const rows = await read(path)
  assert.deepEqual(
    rows.map((row) => [row.sheet, row.rowNumber]),
    [
      ['PNS', 2],
      ['PNS', 3],
    ],
  )
  assert.deepEqual(
    rows[0]!.cells.map((cell) => cell.text),
    ['NIP', 'Andi Contoh', 'A\rB & <C> é'],
  )
  assert.deepEqual(
    rows[1]!.cells.map((cell) => [cell.type, cell.text]),
    [
      ['number', '1.98001152005012E+17'],
      ['date', '2024-01-01'],
      ['date', '2024-01-01T18:00:00'],
      ['number', '5'],
      ['date', '1900-01-01'],
      ['bool', '1'],
      ['error', '#REF!'],
      ['formula', 'cached'],
      ['formula', '2'],
      ['text', 'inline'],
      ['date', '2024-01-01'],
      ['empty', ''],
      ['text', 'text'],
    ],
  )
})

test(
  'reads prefixed names, absolute targets and cells without references, and skips hidden sheets',
  { skip },
  async () => {
    const path = python(`
b = f'<x:workbook xmlns:x="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="{R}"><x:workbookPr date1904="1"/><x:sheets><x:sheet name="Lama" sheetId="1" state="hidden" r:id="rId1"/><x:sheet name="A &amp; B" sheetId="2" r:id="rId2"/></x:sheets></x:workbook>'
s = '<x:worksheet xmlns:x="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><x:sheetData><x:row><x:c t="inlineStr"><x:is><x:t>a</x:t></x:is></x:c><x:c s="1"><x:v>0</x:v></x:c></x:row></x:sheetData></x:worksheet>'
save(path, {'xl/workbook.xml': b, 'xl/_rels/workbook.xml.rels': rels('worksheets/sheet1.xml', '/xl/worksheets/sheet2.xml'), S1: s, 'xl/worksheets/sheet2.xml': s,
  'xl/styles.xml': f'<styleSheet {M}><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs></styleSheet>'})`)
    assert.deepEqual(await read(path), [
      {
        sheet: 'A & B',
        rowNumber: 1,
        cells: [
          { text: 'a', type: 'text' },
          { text: '1904-01-01', type: 'date' },
        ],
      },
    ])
  },
)

const hostile: [string, string, RegExp][] = [
  [
    'a sheet that unpacks to a thousand times its size',
    `save(path, {S1: sheet(' ' * (32 << 20))})`,
    /terlalu besar/,
  ],
  [
    'entities that multiply (billion laughs)',
    `d = '<!DOCTYPE lolz [<!ENTITY a "lol">' + ''.join(f'<!ENTITY {chr(98+i)} "' + f'&{chr(97+i)};' * 10 + '">' for i in range(9)) + ']>'
save(path, {S1: d + sheet('<row r="1"><c r="A1" t="inlineStr"><is><t>&j;</t></is></c></row>')})`,
    /DOCTYPE/,
  ],
  [
    'an entity that reads a file of the server',
    `save(path, {'xl/sharedStrings.xml': '<!DOCTYPE s [<!ENTITY x SYSTEM "file:///etc/passwd">]><sst><si><t>&x;</t></si></sst>', S1: sheet('')})`,
    /DOCTYPE/,
  ],
  [
    'an entity that nobody declared',
    `save(path, {S1: sheet('<row r="1"><c t="str"><v>&x;</v></c></row>')})`,
    /rusak/,
  ],
  [
    'more than 2 million empty rows',
    `save(path, {S1: sheet('<row/>' * 1048577)})`,
    /lebih dari 1\.048\.576 baris/,
  ],
  [
    'more than 200,000 rows with something in them',
    `save(path, {S1: sheet('<row><c><v>1</v></c></row>' * 200001)})`,
    /lebih dari 200\.000 baris berisi/,
  ],
  [
    'a cell in column 257',
    `save(path, {S1: sheet('<row r="1"><c r="IW1"><v>1</v></c></row>')})`,
    /256 kolom/,
  ],
  [
    'a cell in a column that Excel does not have',
    `save(path, {S1: sheet('<row r="1"><c r="ZZZZZZZZ1"><v>1</v></c></row>')})`,
    /256 kolom/,
  ],
  [
    'a cell of 32,768 characters',
    `save(path, {S1: sheet('<row r="1"><c t="str"><v>' + 'x' * 32768 + '</v></c></row>')})`,
    /32\.767 huruf/,
  ],
  ['one endless attribute', `save(path, {S1: sheet('<row r="' + '1' * (2 << 20) + '"/>')})`, /rusak/],
  ['one endless text', `save(path, {S1: sheet('x' * (2 << 20))})`, /rusak/],
  ['rows in descending order', `save(path, {S1: sheet('<row r="2"/><row r="1"/>')})`, /rusak/],
  ['a row that stands twice', `save(path, {S1: sheet('<row r="2"/><row r="2"/>')})`, /rusak/],
  [
    'a cell that stands twice',
    `save(path, {S1: sheet('<row r="1"><c r="A1"><v>1</v></c><c r="A1"><v>2</v></c></row>')})`,
    /rusak/,
  ],
  ['a row number that is none', `save(path, {S1: sheet('<row r="-1"/>')})`, /rusak/],
  [
    'a shared string that does not exist',
    `save(path, {S1: sheet('<row r="1"><c r="A1" t="s"><v>7</v></c></row>')})`,
    /rusak/,
  ],
  [
    'a shared string called constructor',
    `save(path, {S1: sheet('<row r="1"><c r="A1" t="s"><v>constructor</v></c></row>')})`,
    /rusak/,
  ],
  [
    'a cell type that does not exist',
    `save(path, {S1: sheet('<row r="1"><c r="A1" t="x"><v>7</v></c></row>')})`,
    /rusak/,
  ],
  [
    'elements that do not nest',
    `save(path, {S1: '<worksheet><sheetData></worksheet></sheetData>'})`,
    /rusak/,
  ],
  ['a sheet that ends early', `save(path, {S1: sheet('')[:-5]})`, /rusak/],
  [
    'a sheet in Windows-1252',
    `save(path, {S1: sheet('<row r="1"><c t="str"><v>').encode() + b'Andr\\xe9</v></c></row></sheetData></worksheet>'})`,
    /rusak/,
  ],
  ['a sheet that is not there', `save(path, {})`, /rusak/],
  ['a workbook without relations', `save(path, {'xl/_rels/workbook.xml.rels': None})`, /rusak/],
  [
    '65 sheets',
    `save(path, {S1: sheet(''), 'xl/workbook.xml': book('<sheet name="a" r:id="rId1"/>' * 65)})`,
    /64 lembar/,
  ],
  ['2,001 files', `save(path, {**{f'x{i}': '' for i in range(2001)}, S1: sheet('')})`, /rusak/],
  ['a Word file', `save(path, {'xl/workbook.xml': None, 'word/document.xml': '<x/>'})`, /bukan buku kerja/],
  ['an ODS file', `save(path, {'xl/workbook.xml': None, 'content.xml': '<x/>'})`, /ODS/],
  ['an XLSB file', `save(path, {'xl/workbook.xml': None, 'xl/workbook.bin': ''})`, /XLSB/],
  [
    'a file that says it is smaller than it is',
    `import struct
save(path, {S1: sheet(' ' * 100000)})
b = open(path, 'rb').read(); size = struct.pack('<I', len(sheet(' ' * 100000))); assert b.count(size) >= 2
open(path, 'wb').write(b.replace(size, struct.pack('<I', 10)))`,
    /rusak/,
  ],
  [
    'a file whose data do not match their checksum length',
    `save(path, {S1: sheet('<row r="1"/>' )})
b = bytearray(open(path, 'rb').read()); i = b.index(b'sheet1.xml') + 14; b[i:i+8] = b'\\xff' * 8
open(path, 'wb').write(b)`,
    /rusak/,
  ],
  [
    'a sheet of which one byte has changed',
    `with zipfile.ZipFile(path, 'w') as z:
    for n, t in {'xl/workbook.xml': book(), 'xl/_rels/workbook.xml.rels': rels('worksheets/sheet1.xml'), S1: sheet('<row r="1"><c t="str"><v>KETUK</v></c></row>')}.items(): z.writestr(n, t)
b = open(path, 'rb').read(); assert b.count(b'KETUK') == 1; open(path, 'wb').write(b.replace(b'KETUK', b'KETUT'))`,
    /rusak/,
  ],
  [
    'an entry under a password',
    `save(path, {S1: sheet('')})
b = bytearray(open(path, 'rb').read()); i = b.index(b'PK\\x01\\x02'); b[i+8] |= 1; b[6] |= 1
open(path, 'wb').write(b)`,
    /kata sandi/,
  ],
  [
    'half a file',
    `save(path, {S1: sheet('<row r="1"/>' * 1000)})\nb = open(path, 'rb').read(); open(path, 'wb').write(b[:len(b)//2])`,
    /rusak/,
  ],
]
for (const [name, script, message] of hostile)
  test(`refuses ${name}, saying what to do`, { skip }, () => refuses(python(script), message))

test('reads past a million empty rows in seconds', { skip, timeout: 60_000 }, async () => {
  const path = python(
    `save(path, {S1: sheet(''.join(f'<row r="{i}" spans="1:3" ht="15"><c r="A{i}" s="1"/></row>' for i in range(1, 1000001)) + '<row r="1000001"><c r="A1000001" t="inlineStr"><is><t>x</t></is></c></row>')})`,
  )
  assert.deepEqual(
    (await read(path)).map((row) => [row.rowNumber, row.cells.length]),
    [[1_000_001, 1]],
  )
})

test('a NIP that Excel holds as a number is refused with row, column and what to do', { skip }, async () => {
  const path = python(`
head = ''.join(f'<c t="inlineStr"><is><t>{t}</t></is></c>' for t in ['NIP BARU', 'NAMA', 'JABATAN NAMA', 'UNOR NAMA'])
text = lambda t: f'<c t="inlineStr"><is><t>{t}</t></is></c>'
save(path, {S1: sheet('<row r="1">' + head + '</row><row r="2"><c><v>1.98001152005012E+17</v></c>' + text('A') + text('J') + text('U') + '</row><row r="9">' + text('198001152005012003') + text('=cmd|calc') + text('J') + text('U') + '</row>')})`)
  const items = []
  for await (const item of parseRoster(readSheets(path))) if (item.kind === 'row') items.push(item)
  assert.deepEqual(
    items.map((item) => [item.rowNumber, item.row?.name, item.errors.map((one) => [one.column, one.rule])]),
    [
      [2, undefined, [['NIP BARU', 'NUMERIC']]],
      [9, '=cmd|calc', []],
    ],
  )
  assert.match(items[0]!.errors[0]!.message, /Format kolom sebagai Teks, lalu salin ulang/)
})

const garbage: [string, Buffer | string, RegExp][] = [
  ['an empty file', '', /kosong/],
  [
    'an old XLS, or an XLSX under a password',
    Buffer.from('d0cf11e0a1b11ae10000', 'hex'),
    /XLS lama atau dikunci/,
  ],
  ['a PDF', '%PDF-1.7\n', /bukan XLSX atau CSV/],
  ['a picture', Buffer.from('89504e470d0a1a0a0000000d', 'hex'), /bukan XLSX atau CSV/],
  ['an HTML table that calls itself .xls', '<html><table><tr><td>NIP</td></tr></table></html>', /HTML/],
  ['an empty ZIP', Buffer.from('504b0506000000000000000000000000000000000000', 'hex'), /rusak atau kosong/],
  ['the first bytes of a ZIP', Buffer.from('504b030414', 'hex'), /rusak/],
  ['text in UTF-16', Buffer.from('\ufeffNIP;NAMA', 'utf16le'), /UTF-16/],
  ['CSV in Windows-1252', Buffer.from('NIP;NAMA\n1;Andr\xe9\n', 'latin1'), /CSV UTF-8/],
  ['CSV with a quote that never ends', 'NIP;NAMA\n1;"Andi\n2;Budi\n', /tanda kutip/],
  ['CSV with one field of 2 MiB', `NIP\n${'x'.repeat(2 << 20)}\n`, /tidak dapat dibaca/],
  ['CSV with 257 columns', 'a' + ',a'.repeat(256), /256 kolom/],
]
for (const [name, bytes, message] of garbage)
  test(`refuses ${name}, saying what to do`, () => {
    const path = newPath()
    writeFileSync(path, bytes)
    return refuses(path, message)
  })

test('refuses a file above 64 MiB without reading it', async () => {
  const path = newPath()
  writeFileSync(path, 'NIP\n')
  truncateSync(path, SHEET_FILE_BYTES_MAX + 1)
  await refuses(path, /65 MiB, paling besar 64 MiB/, 'FILE_TOO_LARGE')
})

const csv: [string, string][] = [
  ['commas', 'NIP,NAMA\n1,"Andi, S.T."\n'],
  ['semicolons', 'NIP;NAMA\n1;"Andi, S.T."\n'],
  ['tabs', 'NIP\tNAMA\n1\t"Andi, S.T."\n'],
  ['a byte order mark and CR LF', '\ufeffNIP;NAMA\r\n1;"Andi, S.T."\r\n'],
  ['no line break at the end', 'NIP,NAMA\n1,"Andi, S.T."'],
  ['semicolons that its first line announces', 'sep=;\nNIP;NAMA\n1;"Andi, S.T."\n'],
]
for (const [name, text] of csv)
  test(`reads CSV with ${name}`, async () => {
    const rows = await readBytes(text)
    assert.deepEqual(
      rows.map((row) => row.cells.map((cell) => cell.text)),
      [
        ['NIP', 'NAMA'],
        ['1', 'Andi, S.T.'],
      ],
    )
    assert.ok(rows.every((row) => row.sheet === 'CSV'))
  })

test('counts the rows of a CSV as a spreadsheet program does', async () => {
  const rows = await readBytes('NIP,NAMA\n\n1,"Andi\nContoh"\n2,Budi\n')
  assert.deepEqual(
    rows.map((row) => row.rowNumber),
    [1, 3, 4],
  )
})

const written = {
  name: 'PNS/1',
  columns: [{ title: 'NIP' }, { title: 'NAMA' }, { title: 'JUMLAH' }],
  rows: [
    ['198001152005012003', "=cmd|' /C calc'!A0", 12],
    ['+6281234567890', '<script>&"\u0007é 😀', -3.5],
    ['@SUM(A1)', '-1+1', null],
  ],
}

test(
  'writes text as text cells that Python reads back to the letter, without one formula',
  { skip },
  async () => {
    const path = newPath()
    writeFileSync(path, await writeXlsx([written, { ...written, name: 'Dua', rows: [] }]))
    const script = `
import sys, zipfile, json, xml.etree.ElementTree as E
n = {'m': 'http://schemas.openxmlformats.org/spreadsheetml/2006/main'}
z = zipfile.ZipFile(sys.argv[1]); assert z.testzip() is None
strings = [''.join(t.text or '' for t in si.iter('{%s}t' % n['m'])) for si in E.fromstring(z.read('xl/sharedStrings.xml'))]
sheet = E.fromstring(z.read('xl/worksheets/sheet1.xml'))
formats = {f.get('numFmtId'): f.get('formatCode') for f in E.fromstring(z.read('xl/styles.xml')).iter('{%s}numFmt' % n['m'])}
styles = [formats.get(x.get('numFmtId')) for x in E.fromstring(z.read('xl/styles.xml')).find('m:cellXfs', n)]
rows = [[(strings[int(c.find('m:v', n).text)] if c.get('t') == 's' else float(c.find('m:v', n).text), styles[int(c.get('s', 0))]) for c in r if c.find('m:v', n) is not None] for r in sheet.iter('{%s}row' % n['m'])]
names = [s.get('name') for s in E.fromstring(z.read('xl/workbook.xml')).iter('{%s}sheet' % n['m'])]
print(json.dumps({'rows': rows, 'names': names, 'formulas': len(list(sheet.iter('{%s}f' % n['m'])))}))`
    const { stdout, stderr } = spawnSync('python3', ['-c', script, path], { encoding: 'utf8' })
    assert.equal(stderr, '')
    const found = JSON.parse(stdout) as {
      rows: [string | number, string | null][][]
      names: string[]
      formulas: number
    }
    assert.deepEqual(found.names, ['PNS 1', 'Dua'])
    assert.equal(found.formulas, 0)
    assert.deepEqual(
      found.rows.map((row) => row.map(([value]) => value)),
      [
        ['NIP', 'NAMA', 'JUMLAH'],
        ['198001152005012003', "=cmd|' /C calc'!A0", 12],
        ['+6281234567890', '<script>&"é 😀', -3.5],
        ['@SUM(A1)', '-1+1'],
      ],
    )
    for (const row of found.rows.slice(1))
      for (const [value, format] of row)
        if (typeof value === 'string') assert.equal(format, '@', 'the format Text')
  },
)

test('any text that XML can carry comes back from an XLSX to the letter', async () => {
  const value = fc
    .string({ unit: 'grapheme', minLength: 1, maxLength: 30 })
    .filter((text) => !/[\r\ufffd-\uffff]/.test(text))
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(value, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 5 }),
      async (rows) => {
        const columns = rows[0]!.map((_, index) => ({ title: `K${index}` }))
        const bytes = await writeXlsx([{ name: 'S', columns, rows }])
        const back = await readBytes(bytes)
        assert.deepEqual(
          back.slice(1).map((row) => row.cells.map((cell) => cell.text)),
          rows,
        )
      },
    ),
    { numRuns: 40 },
  )
})

for (const text of [
  'constructor',
  '__proto__',
  'toString',
  '_x000D_',
  '__x0041_',
  '_x005F_',
  ' a  b ',
  'a\nb',
  '0812',
  '1e5',
  'TRUE',
])
  test(`writes the text ${JSON.stringify(text)} as it is, twice`, async () => {
    const rows = await readBytes(
      await writeXlsx([{ name: 'S', columns: [{ title: text }], rows: [['x'], [text]] }]),
    )
    assert.deepEqual(
      rows.map((row) => row.cells[0]),
      [text, 'x', text].map((one) => ({ text: one, type: 'text' })),
    )
  })

test('writes CSV whose formulas are text, and that Python and we read back', { skip }, async () => {
  const path = newPath()
  writeFileSync(
    path,
    writeCsv(
      written.columns.map((one) => one.title),
      written.rows,
    ),
  )
  assert.deepEqual([...readFileSync(path).subarray(0, 3)], [0xef, 0xbb, 0xbf])
  const script = `import csv, json, sys; print(json.dumps(list(csv.reader(open(sys.argv[1], encoding='utf-8-sig', newline='')))))`
  const { stdout } = spawnSync('python3', ['-c', script, path], { encoding: 'utf8' })
  const rows = JSON.parse(stdout) as string[][]
  assert.deepEqual(rows, [
    ['NIP', 'NAMA', 'JUMLAH'],
    ['198001152005012003', "'=cmd|' /C calc'!A0", '12'],
    ["'+6281234567890", '<script>&"\u0007é 😀', '-3.5'],
    ["'@SUM(A1)", "'-1+1", ''],
  ])
  assert.deepEqual(
    (await read(path)).map((row) => row.cells.map((cell) => cell.text)),
    rows,
  )
})

for (const first of ['=', '+', '-', '@', '\t', '\r'])
  test(`no CSV cell begins with ${JSON.stringify(first)}`, () => {
    assert.ok(writeCsv(['A'], [[`${first}1`]]).includes(`'${first}1`))
  })

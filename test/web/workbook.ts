import { execFileSync, spawnSync } from 'node:child_process'
import type { TestContext } from 'node:test'

/** Whether an outside tool is here; where it must be (CI) its absence fails the test. */
export function hasTool(t: TestContext, name: string): boolean {
  if (spawnSync('which', [name]).status === 0) return true
  if (process.env['CI']) throw new Error(`${name} is not installed`)
  t.skip(`${name} is not installed`)
  return false
}

const python = (code: string, input: Uint8Array) =>
  execFileSync('python3', ['-c', code], { input, maxBuffer: 1 << 28, encoding: 'utf8' })

/** The cells of a CSV file as Python's csv reads them. */
export const readCsvByPython = (bytes: Uint8Array): string[][] =>
  JSON.parse(
    python(
      'import sys, csv, io, json\n' +
        'text = sys.stdin.buffer.read().decode("utf-8-sig")\n' +
        'print(json.dumps(list(csv.reader(io.StringIO(text, newline="")))))',
      bytes,
    ),
  ) as string[][]

/** One cell of a workbook: its type attribute, its number format and its text. */
export interface ReadCell {
  type: string // "s" shared text, "inlineStr", "n" number, "str" a formula's text
  format: string // number format, "@" is Text
  text: string
  isFormula: boolean
}

/** The first sheet of an XLSX file, read with Python's zipfile and its XML parser; empty cells are left out. */
export const readXlsxByPython = (bytes: Uint8Array): ReadCell[][] =>
  JSON.parse(
    python(
      `import sys, io, json, zipfile, re
import xml.etree.ElementTree as ET
N = '{http://schemas.openxmlformats.org/spreadsheetml/2006/main}'
book = zipfile.ZipFile(io.BytesIO(sys.stdin.buffer.read()))
assert book.testzip() is None
names = book.namelist()
def text(node): return ''.join(t.text or '' for t in node.iter(N + 't'))
shared = [text(si) for si in ET.fromstring(book.read('xl/sharedStrings.xml'))] if 'xl/sharedStrings.xml' in names else []
styles = ET.fromstring(book.read('xl/styles.xml'))
own = {f.get('numFmtId'): f.get('formatCode') for f in styles.iter(N + 'numFmt')}
own['49'] = '@'
formats = [own.get(x.get('numFmtId'), '') for x in styles.find(N + 'cellXfs')]
sheet = ET.fromstring(book.read(sorted(n for n in names if re.fullmatch(r'xl/worksheets/[^/]+[.]xml', n))[0]))
rows = []
for row in sheet.iter(N + 'row'):
    cells = []
    for c in row.iter(N + 'c'):
        v = c.find(N + 'v')
        kind = c.get('t', 'n')
        value = shared[int(v.text)] if kind == 's' else text(c) if kind == 'inlineStr' else (v.text if v is not None else '')
        if value == '': continue
        cells.append({'type': kind, 'format': formats[int(c.get('s', '0'))], 'text': value, 'isFormula': c.find(N + 'f') is not None})
    rows.append(cells)
print(json.dumps(rows))`,
      bytes,
    ),
  ) as ReadCell[][]

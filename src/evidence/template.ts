// A template is two files that officials edit: naskah.md (the words) and halaman.yaml (the page). Both are
// parsed and checked once, in full; filling is then only a walk over the result.
import { createHash } from 'node:crypto'
import { PactError } from '../domain/errors.js'
import {
  partyRoles,
  SEAL_SLOT,
  signerClasses,
  type Block,
  type PactText,
  type PartyRole,
  type Run,
  type SignerClass,
  type Slot,
} from '../domain/pact.js'
import { checkRepertoire, cleanText, isPrintable } from '../domain/repertoire.js'
import { listed, refuser, Settings } from './settings.js'
import { WordingReader, type Node, type Wording } from './wording.js'

const POINTS_PER_CM = 72 / 2.54
const PAPERS_CM = { A4: [21, 29.7], F4: [21.5, 33] } as const
const TYPEFACES = ['Liberation Sans']
const SIZE_MIN_PT = 9
const SIZE_MAX_PT = 13
const MARGIN_MIN_CM = 1.5 // below this, office printers cut text off
const MARGIN_MAX_CM = 6
const FOOTER_LINES_MAX = 4
const FILE_CHARACTERS_MAX = 200_000

/** What a footer line may name; the flow fills them from the configuration and the pact's code. */
export const footerPlaceholders = ['nama_sistem', 'pemerintah_daerah', 'url_verifikasi', 'kode_verifikasi']
/** What a numbering pattern may name: running number, unit code, year. */
export const numberPlaceholders = ['urut', 'unit', 'tahun']

/** The page that a template asks for; every length in PDF points (1/72 inch). */
export interface PageSettings {
  paper: keyof typeof PAPERS_CM
  widthPt: number
  heightPt: number
  leftPt: number
  rightPt: number
  topPt: number
  bottomPt: number
  typeface: string
  sizePt: number
  letterhead: boolean
  /** Footer lines with `{{placeholder}}`s from `footerPlaceholders`. */
  footer: string[]
  /** Numbering pattern with `{placeholder}`s from `numberPlaceholders`. */
  numberPattern: string
}

/** One party that a template has a place for. */
export interface TemplateParty {
  slot: Slot
  role: PartyRole
  /** What the page calls the party: "Yang menyatakan", "Saksi". */
  label: string
  /** The optional placeholder that brings this party onto the page; absent when it is always there. */
  when?: string
}

/** A template, parsed and checked. */
export interface PactTemplate {
  code: string
  version: number
  signerClass: SignerClass
  /** In signing order as written: the signer first. */
  parties: TemplateParty[]
  /** Placeholders that `fillTemplate` must be given, not blank. */
  placeholders: string[]
  /** Placeholders that may be absent or blank; their `{{#name}}` sections then disappear. */
  optional: string[]
  page: PageSettings
  /** SHA-256 over the SHA-256 of naskah.md followed by the SHA-256 of halaman.yaml (UTF-8), hexadecimal. */
  sha256: string
  /** The parsed words; only `fillTemplate` reads them. */
  nodes: Node[]
}

/**
 * Parses and checks a template.
 *
 * @param files.words content of naskah.md: YAML front matter between `---` lines, then the words
 * @param files.page content of halaman.yaml
 * @param files.name the template's folder, for messages
 * @throws BAD_TEMPLATE naming the file, the line and what is allowed there
 */
export function parseTemplate(files: { words: string; page: string; name: string }): PactTemplate {
  for (const { length } of [files.words, files.page])
    if (length > FILE_CHARACTERS_MAX)
      throw new PactError(
        'BAD_TEMPLATE',
        `${files.name}: ${length} karakter, paling banyak ${FILE_CHARACTERS_MAX}`,
      )
  const refuse = refuser(`${files.name}/naskah.md`)
  const lines = files.words.replace(/^\ufeff/, '').split(/\r?\n/)
  const end = lines.indexOf('---', 1)
  if (lines[0] !== '---' || end < 0) throw refuse(1, 'harus diawali keterangan YAML di antara dua baris ---')
  const keys = ['kode', 'versi', 'penanda_tangan', 'pihak', 'placeholder', 'opsional']
  const front = new Settings(lines.slice(1, end).join('\n'), { refuse, firstLine: 2 }, keys)
  const head = parseHead(front)

  lines.forEach((line, index) => {
    try {
      const { removed } = cleanText(line)
      if (removed.length) throw new Error(`karakter tak terlihat: ${listed(removed)}`)
    } catch (cause) {
      throw refuse(index + 1, (cause as Error).message)
    }
  })
  const reader = new WordingReader(refuse, head.placeholders, head.optional)
  reader.read(lines.slice(end + 1), end + 2)
  if (reader.nodes[0]?.kind !== 'title') throw refuse(end + 2, 'naskah harus diawali judul (# ...)')
  for (const key of ['placeholder', 'opsional'] as const)
    head[key === 'opsional' ? 'optional' : 'placeholders'].forEach((name, index) => {
      if (!reader.used.has(name))
        front.fail([key, index], `${name} terdaftar tetapi tidak dipakai pada naskah`)
    })
  const slots = head.parties.map(({ slot }) => slot)
  for (const { slot, when, line } of reader.places) {
    const party = head.parties.find((party) => party.slot === slot)
    if (!party) throw refuse(line, `[[TTE:${slot}]] tidak terdaftar; yang terdaftar: ${listed(slots)}`)
    if (reader.places.find((place) => place.slot === slot)!.line !== line)
      throw refuse(line, `[[TTE:${slot}]] tertulis dua kali`)
    if (when.join() !== (party.when ?? ''))
      throw refuse(
        line,
        party.when
          ? `[[TTE:${slot}]] harus di dalam {{#${party.when}}} saja, karena pihaknya mempunyai “bila: ${party.when}”`
          : `[[TTE:${slot}]] harus selalu tampil, karena pihaknya tanpa “bila”`,
      )
  }
  slots.forEach((slot, index) => {
    if (!reader.places.some((place) => place.slot === slot))
      front.fail(['pihak', index, 'slot'], `naskah tidak mempunyai [[TTE:${slot}]]`)
  })

  const sha256 = (bytes: string | Buffer) => createHash('sha256').update(bytes).digest()
  return {
    ...head,
    page: parsePage(files.page.replace(/^\ufeff/, ''), `${files.name}/halaman.yaml`),
    sha256: sha256(Buffer.concat([sha256(files.words), sha256(files.page)])).toString('hex'),
    nodes: reader.nodes,
  }
}

const PLACEHOLDER = /^[a-z][a-z0-9_]{0,39}$/
const SLOT = /^[A-Z][A-Z0-9_]{0,39}$/

function parseHead(front: Settings) {
  const version = front.number(['versi'], 1, 9999)
  if (!Number.isInteger(version)) front.fail(['versi'], `${version}, harus bilangan bulat`)
  const want = 'nama dari huruf kecil, angka, dan garis bawah'
  const placeholders = front.texts(['placeholder'], PLACEHOLDER, want)
  const optional = front.texts(['opsional'], PLACEHOLDER, want)
  optional.forEach((name, index) => {
    if (placeholders.includes(name))
      front.fail(['opsional', index], `${name} sudah ada pada daftar placeholder`)
  })
  return {
    code: front.text(['kode'], /^[A-Z][A-Z0-9-]{2,39}$/, 'huruf besar, angka, dan tanda hubung, 3 sampai 40'),
    version,
    signerClass: front.oneOf(['penanda_tangan'], signerClasses),
    placeholders,
    optional,
    parties: parseParties(front, optional),
  }
}

function parseParties(front: Settings, optional: string[]): TemplateParty[] {
  const parties = Array.from({ length: front.count(['pihak']) }, (_, index): TemplateParty => {
    front.checkKeys(['pihak', index], ['slot', 'peran', 'sebutan', 'bila'])
    return {
      slot: front.text(['pihak', index, 'slot'], SLOT, 'huruf besar, angka, dan garis bawah'),
      role: front.oneOf(['pihak', index, 'peran'], partyRoles),
      label: front.text(['pihak', index, 'sebutan'], /^\S.{0,59}$/, 'teks 1 sampai 60 karakter'),
      ...(front.has(['pihak', index, 'bila']) && { when: front.oneOf(['pihak', index, 'bila'], optional) }),
    }
  })
  parties.forEach(({ slot }, index) => {
    if (slot === SEAL_SLOT) front.fail(['pihak', index, 'slot'], `${SEAL_SLOT} hanya untuk segel instansi`)
    if (parties.findIndex((other) => other.slot === slot) !== index)
      front.fail(['pihak', index, 'slot'], `${slot} tertulis dua kali`)
  })
  if (parties[0]?.role !== 'signer' || parties[0].when !== undefined)
    front.fail(['pihak'], 'pihak pertama harus “peran: signer” tanpa “bila”')
  return parties
}

function parsePage(source: string, file: string): PageSettings {
  const keys = ['kertas', 'batas_cm', 'huruf', 'ukuran_pt', 'kop', 'nomor', 'kaki']
  const page = new Settings(source, { refuse: refuser(file), firstLine: 1 }, keys)
  page.checkKeys(['batas_cm'], ['kiri', 'kanan', 'atas', 'bawah'])
  const paper = page.oneOf(['kertas'], Object.keys(PAPERS_CM) as (keyof typeof PAPERS_CM)[])
  const marginPt = (side: string) =>
    page.number(['batas_cm', side], MARGIN_MIN_CM, MARGIN_MAX_CM) * POINTS_PER_CM

  const numberPattern = page.text(
    ['nomor'],
    /^[A-Za-z0-9./{} -]{1,80}$/,
    'pola seperti 800.1.6/{urut}/{unit}/{tahun}',
  )
  for (const [, name] of numberPattern.matchAll(/\{([^}]*)\}?/g))
    if (!numberPlaceholders.includes(name!))
      page.fail(['nomor'], `{${name}} tidak dikenal; yang boleh: ${listed(numberPlaceholders)}`)
  if (!numberPattern.includes('{urut}')) page.fail(['nomor'], 'harus memuat {urut}')

  const footer = page.texts(['kaki'], /^\S.{0,399}$/, 'teks 1 sampai 400 karakter')
  if (footer.length > FOOTER_LINES_MAX)
    page.fail(['kaki'], `${footer.length} baris, paling banyak ${FOOTER_LINES_MAX}`)
  footer.forEach((line, index) => {
    for (const [, name] of line.matchAll(/\{\{([^}]*)\}?\}?/g))
      if (!footerPlaceholders.includes(name!))
        page.fail(['kaki', index], `{{${name}}} tidak dikenal; yang boleh: ${listed(footerPlaceholders)}`)
    try {
      checkRepertoire(line)
    } catch (cause) {
      page.fail(['kaki', index], (cause as Error).message)
    }
  })
  return {
    paper,
    widthPt: PAPERS_CM[paper][0] * POINTS_PER_CM,
    heightPt: PAPERS_CM[paper][1] * POINTS_PER_CM,
    leftPt: marginPt('kiri'),
    rightPt: marginPt('kanan'),
    topPt: marginPt('atas'),
    bottomPt: marginPt('bawah'),
    typeface: page.oneOf(['huruf'], TYPEFACES),
    sizePt: page.number(['ukuran_pt'], SIZE_MIN_PT, SIZE_MAX_PT),
    letterhead: page.oneOf(['kop'], ['ya', 'tidak']) === 'ya',
    footer,
    numberPattern,
  }
}

/**
 * The words of one pact. Values go in as plain text: markup in a name stays visible as it is.
 *
 * @param values one entry for each of `template.placeholders`, not blank; those of `template.optional` may
 *   be absent or blank, and what stands inside `{{#name}}` then disappears
 * @throws BAD_TEMPLATE when a placeholder is missing, blank or unknown, or an optional one is blank inside
 *   a section that shows; BAD_CHARACTER when a value cannot be printed
 */
export function fillTemplate(template: PactTemplate, values: Readonly<Record<string, string>>): PactText {
  const clean = checkValues(template, values)
  const isShown = ({ when }: { when: string[] }) => when.every((name) => clean.get(name) !== '')

  // Titles are set in capitals, whatever the case of the name that goes into them.
  const runsOf = (words: Wording, { isTitle } = { isTitle: false }): Run[] => {
    const runs: Run[] = []
    for (const piece of words.filter(isShown)) {
      const value = piece.placeholder ? clean.get(piece.text)! : piece.text
      const text = isTitle ? capitals(value) : value
      if (text === '') throw missing(template, piece.text)
      const last = runs.at(-1)
      if (last && !!last.bold === piece.bold && !!last.italic === piece.italic) last.text += text
      else runs.push({ text, ...(piece.bold && { bold: true }), ...(piece.italic && { italic: true }) })
    }
    return runs
  }
  const linesOf = (lines: Wording[]) => lines.map((words) => runsOf(words)).filter((runs) => runs.length > 0)
  const plain = (runs: Run[]) => runs.map(({ text }) => text).join('')

  const blocks = template.nodes.filter(isShown).map((node): Block => {
    switch (node.kind) {
      case 'title':
        return { kind: 'title', level: node.level, runs: runsOf(node.words, { isTitle: true }) }
      case 'point':
        return { kind: 'point', number: node.number, runs: runsOf(node.words) }
      case 'identity':
        return {
          kind: 'identity',
          rows: node.rows.map(({ label, value }) => ({ label: plain(runsOf(label)), value: runsOf(value) })),
        }
      case 'table':
        return {
          kind: 'table',
          head: node.head.map((words) => runsOf(words)),
          rows: node.rows.map((row) => row.map((words) => ({ runs: runsOf(words) }))),
        }
      case 'signature': {
        const { side, slot } = node
        return { kind: 'signature', side, above: linesOf(node.above), slot, below: linesOf(node.below) }
      }
      default:
        return { kind: node.kind, runs: runsOf(node.words) }
    }
  })
  return { blocks }
}

// A letter whose capital cannot be printed (U+1E96 has none of its own) stays as it is.
const capitals = (text: string) =>
  Array.from(text, (character) => {
    const capital = character.toUpperCase()
    return Array.from(capital).every((each) => isPrintable(each.codePointAt(0)!)) ? capital : character
  }).join('')

const missing = (template: PactTemplate, name: string) =>
  new PactError('BAD_TEMPLATE', `${template.code} versi ${template.version}: {{${name}}} belum diisi`)

// Values as they will be printed; exactly the known names are there.
function checkValues(template: PactTemplate, values: Readonly<Record<string, string>>): Map<string, string> {
  const known = [...template.placeholders, ...template.optional]
  for (const name of Object.keys(values))
    if (!known.includes(name))
      throw new PactError(
        'BAD_TEMPLATE',
        `${template.code} versi ${template.version}: {{${name}}} tidak dikenal; yang boleh: ${listed(known)}`,
      )
  const clean = new Map<string, string>()
  for (const name of known) {
    const value = cleanValue(name, Object.hasOwn(values, name) ? values[name]! : '')
    if (value === '' && template.placeholders.includes(name)) throw missing(template, name)
    clean.set(name, value)
  }
  return clean
}

function cleanValue(name: string, value: string): string {
  try {
    return checkRepertoire(value)
  } catch (cause) {
    throw new PactError('BAD_CHARACTER', `${name}: ${(cause as Error).message}`, { cause })
  }
}

/**
 * The parties that have a place on the pact that these values make, in signing order.
 *
 * @param values as for `fillTemplate`
 */
export function presentParties(
  template: PactTemplate,
  values: Readonly<Record<string, string>>,
): TemplateParty[] {
  return template.parties.filter(({ when }) => when === undefined || (values[when] ?? '').trim() !== '')
}

/**
 * The footer's lines with their placeholders filled, as plain text.
 *
 * @param values an entry for each of `footerPlaceholders` that the page's footer names
 * @throws BAD_TEMPLATE when one is missing; BAD_CHARACTER when a value cannot be printed
 */
export function fillFooter(page: PageSettings, values: Readonly<Record<string, string>>): string[] {
  return page.footer.map((line) =>
    line.replace(/\{\{([^}]*)\}\}/g, (_, name: string) => {
      if (!Object.hasOwn(values, name)) throw new PactError('BAD_TEMPLATE', `kaki: {{${name}}} belum diisi`)
      return cleanValue(name, values[name]!)
    }),
  )
}

/**
 * A pact's number in the pattern of its template.
 *
 * @param parts.urut running number, from 1; `unit`: the unit's short code; `tahun`: four digits
 */
export function formatNumber(
  page: PageSettings,
  parts: { urut: number; unit: string; tahun: number },
): string {
  return page.numberPattern
    .replaceAll('{urut}', () => String(parts.urut))
    .replaceAll('{unit}', () => parts.unit)
    .replaceAll('{tahun}', () => String(parts.tahun))
}

// A template is two files that officials edit: naskah.md (the words) and halaman.yaml (the page). Both are
// parsed and checked once, in full; filling is then only a walk over the result.
import { createHash } from 'node:crypto'
import { PactError } from '../domain/errors.js'
import {
  partyRoles,
  recapUses,
  SEAL_SLOT,
  templateUses,
  type PartyRole,
  type Slot,
  type TemplateUse,
} from '../domain/pact.js'
import { checkRepertoire, cleanText } from '../domain/repertoire.js'
import { listed, refuser, Settings, type Refuse } from './settings.js'
import { WordingReader, type ListShape, type Node } from './wording.js'

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
  /** The list whose every entry brings one such party; its field stands in `slot` ("PIHAK_{{urut}}"). */
  list?: string
}

/** A template, parsed and checked. */
export interface PactTemplate {
  code: string
  version: number
  signerClass: TemplateUse
  /** In signing order as written: the signer first; none where only the seal signs. */
  parties: TemplateParty[]
  /** Placeholders that `fillTemplate` must be given, not blank. */
  placeholders: string[]
  /** Placeholders that may be absent or blank; their `{{#name}}` sections then disappear. */
  optional: string[]
  /** Lists that `fillTemplate` must be given, with one entry at least; a field of an entry may be blank. */
  lists: ListShape[]
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
  const keys = ['kode', 'versi', 'penanda_tangan', 'pihak', 'placeholder', 'opsional', 'daftar']
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
  const reader = new WordingReader(refuse, head.placeholders, head.optional, head.lists)
  reader.read(lines.slice(end + 1), end + 2)
  if (reader.nodes[0]?.kind !== 'title') throw refuse(end + 2, 'naskah harus diawali judul (# ...)')
  for (const key of ['placeholder', 'opsional'] as const)
    head[key === 'opsional' ? 'optional' : 'placeholders'].forEach((name, index) => {
      if (!reader.used.has(name))
        front.fail([key, index], `${name} terdaftar tetapi tidak dipakai pada naskah`)
    })
  head.lists.forEach(({ name }, index) => {
    if (!reader.used.has(name))
      front.fail(['daftar', index], `${name} terdaftar tetapi tidak dipakai pada naskah`)
  })
  checkPlaces(reader, head.parties, { refuse, front })

  const sha256 = (bytes: string | Buffer) => createHash('sha256').update(bytes).digest()
  return {
    ...head,
    page: parsePage(files.page.replace(/^\ufeff/, ''), `${files.name}/halaman.yaml`),
    sha256: sha256(Buffer.concat([sha256(files.words), sha256(files.page)])).toString('hex'),
    nodes: reader.nodes,
  }
}

// Every party has its place on the page, and every place its party.
function checkPlaces(
  { places }: WordingReader,
  parties: TemplateParty[],
  { refuse, front }: { refuse: Refuse; front: Settings },
) {
  const slots = parties.map(({ slot }) => slot)
  for (const { slot, when, list, line } of places) {
    const party = parties.find((party) => party.slot === slot)
    if (!party) throw refuse(line, `[[TTE:${slot}]] tidak terdaftar; yang terdaftar: ${listed(slots)}`)
    if (places.find((place) => place.slot === slot)!.line !== line)
      throw refuse(line, `[[TTE:${slot}]] tertulis dua kali`)
    if (list !== party.list)
      throw refuse(
        line,
        `[[TTE:${slot}]] harus di dalam daftar yang sama dengan pihaknya: ${party.list ?? '(tidak ada)'}`,
      )
    if (when.join() !== (party.when ?? ''))
      throw refuse(
        line,
        party.when
          ? `[[TTE:${slot}]] harus di dalam {{#${party.when}}} saja, karena pihaknya mempunyai “bila: ${party.when}”`
          : `[[TTE:${slot}]] harus selalu tampil, karena pihaknya tanpa “bila”`,
      )
  }
  slots.forEach((slot, index) => {
    if (!places.some((place) => place.slot === slot))
      front.fail(['pihak', index, 'slot'], `naskah tidak mempunyai [[TTE:${slot}]]`)
  })
}

const PLACEHOLDER = /^[a-z][a-z0-9_]{0,39}$/
const SLOT = /^[A-Z][A-Z0-9_]{0,39}(\{\{[a-z][a-z0-9_]{0,39}\}\})?$/
const LIST_ENTRIES_MAX = 1500

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
  const lists = parseLists(front, [...placeholders, ...optional])
  const signerClass = front.oneOf(['penanda_tangan'], templateUses)
  return {
    code: front.text(['kode'], /^[A-Z][A-Z0-9-]{2,39}$/, 'huruf besar, angka, dan tanda hubung, 3 sampai 40'),
    version,
    signerClass,
    placeholders,
    optional,
    lists,
    parties: recapUses.some((use) => use === signerClass) ? [] : parseParties(front, optional, lists),
  }
}

function parseLists(front: Settings, placeholders: string[]): ListShape[] {
  return Array.from({ length: front.count(['daftar']) }, (_, index): ListShape => {
    front.checkKeys(['daftar', index], ['nama', 'isi', 'paling_banyak'])
    const want = 'nama dari huruf kecil, angka, dan garis bawah'
    const name = front.text(['daftar', index, 'nama'], PLACEHOLDER, want)
    if (placeholders.includes(name))
      front.fail(['daftar', index, 'nama'], `${name} sudah dipakai placeholder`)
    const fields = front.texts(['daftar', index, 'isi'], PLACEHOLDER, want)
    if (fields.length === 0) front.fail(['daftar', index], 'isi harus memuat paling sedikit satu nama')
    const entriesMax = front.number(['daftar', index, 'paling_banyak'], 1, LIST_ENTRIES_MAX)
    return { name, fields, entriesMax }
  })
}

function parseParties(front: Settings, optional: string[], lists: ListShape[]): TemplateParty[] {
  const parties = Array.from({ length: front.count(['pihak']) }, (_, index): TemplateParty => {
    front.checkKeys(['pihak', index], ['slot', 'peran', 'sebutan', 'bila', 'daftar'])
    return {
      slot: front.text(['pihak', index, 'slot'], SLOT, 'huruf besar, angka, dan garis bawah'),
      role: front.oneOf(['pihak', index, 'peran'], partyRoles),
      label: front.text(['pihak', index, 'sebutan'], /^\S.{0,59}$/, 'teks 1 sampai 60 karakter'),
      ...(front.has(['pihak', index, 'bila']) && { when: front.oneOf(['pihak', index, 'bila'], optional) }),
      ...(front.has(['pihak', index, 'daftar']) && {
        list: front.oneOf(
          ['pihak', index, 'daftar'],
          lists.map(({ name }) => name),
        ),
      }),
    }
  })
  parties.forEach(({ slot }, index) => {
    const { list } = parties[index]!
    if (slot.includes('{{') !== (list !== undefined))
      front.fail(['pihak', index, 'slot'], `${slot}: NAMA_{{isi}} dan “daftar” selalu bersama`)
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

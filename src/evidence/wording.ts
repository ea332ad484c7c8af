// The words of a template: a small, closed dialect of Markdown, parsed once into nodes whose text is either
// fixed or the name of a placeholder. Values never pass through here, so a value is never read as markup.
import type { Slot } from '../domain/pact.js'
import { listed, type Refuse } from './settings.js'

/**
 * A stretch of words in one style: fixed text, or the name of a placeholder. `when`: the optional
 * placeholders that must all be given for it to appear.
 */
export interface Piece {
  text: string
  placeholder: boolean
  bold: boolean
  italic: boolean
  when: string[]
}

/** The pieces of one paragraph, cell or line. */
export type Wording = Piece[]

/** One cell of a table: its words, or the place of a mark, whose name may hold a field ("PIHAK_{{urut}}"). */
export interface CellWording {
  words: Wording
  slot?: Slot
}

/** One row of a table, or with `list` one row for each entry of that list. */
export interface RowWording {
  cells: CellWording[]
  list?: string
}

/** A list that a template declares: its name and the fields of an entry. */
export interface ListShape {
  name: string
  fields: string[]
  /** The most entries it may have. */
  entriesMax: number
}

/** `Block` of domain/pact.ts before its placeholders are filled. */
export type Node = { when: string[] } & (
  | { kind: 'title'; level: 1 | 2; words: Wording }
  | { kind: 'heading' | 'number' | 'paragraph' | 'note'; words: Wording }
  | { kind: 'point'; number: number; words: Wording }
  | { kind: 'identity'; rows: { label: Wording; value: Wording }[] }
  | { kind: 'table'; head: Wording[]; rows: RowWording[] }
  | { kind: 'signature'; side: 'left' | 'center' | 'right'; above: Wording[]; slot: Slot; below: Wording[] }
)

interface Source {
  text: string
  line: number
}

/** A pledge is read on a phone, once. */
const POINTS_MAX = 60
const SIDES = { kiri: 'left', tengah: 'center', kanan: 'right' } as const
const DIV = /^<div class="blok-tanda-tangan (kiri|tengah|kanan)">$/
const SECTION = /^\{\{([#/])([^{}]*)\}\}$/
const NOT_PROSE = /^(#|\||>|<|\{\{[#/][^{}]*\}\}$|\d{1,2}\.\s)/
const TOKEN = /\\([\\*{[<|])|\*\*|\*|\{\{([#/]?)([^{}]*)\}\}|\{\{|\}\}|\[\[|<|[^\\*{}[<]+|[^]/gu

/** Reads the words of one template. */
export class WordingReader {
  readonly nodes: Node[] = []
  /** Placeholders that the words name. */
  readonly used = new Set<string>()
  /** Signature places, in order of appearance. */
  readonly places: { slot: Slot; when: string[]; list?: string; line: number }[] = []
  readonly #open: { name: string; line: number }[] = []
  #lastPoint = 0
  #points = 0

  constructor(
    private readonly refuse: Refuse,
    private readonly placeholders: string[],
    private readonly optional: string[],
    private readonly lists: ListShape[] = [],
  ) {}

  /**
   * @param source lines without their ends
   * @param firstLine where they start in their file, from 1
   * @throws BAD_TEMPLATE naming the line and what is allowed there
   */
  read(source: string[], firstLine: number) {
    let index = 0
    const peek = () => (source[index] ?? '').trim()
    const take = (more: (text: string) => boolean) => {
      const taken: Source[] = []
      while (index < source.length && more(peek())) taken.push({ text: peek(), line: firstLine + index++ })
      return taken
    }
    while (index < source.length) {
      const first: Source = { text: peek(), line: firstLine + index++ }
      const div = DIV.exec(first.text)
      const section = SECTION.exec(first.text)
      if (first.text === '') continue
      if (section) this.#section(section[1]!, section[2]!, first.line)
      else if (div) {
        const inside = take((text) => text !== '</div>' && !text.startsWith('<div')).filter(
          ({ text }) => text !== '',
        )
        if (source[index++]?.trim() !== '</div>')
          throw this.refuse(first.line, 'blok tanda tangan tidak ditutup dengan </div>')
        this.#signature(div[1] as keyof typeof SIDES, inside, first.line)
      } else if (first.text.startsWith('<'))
        throw this.refuse(
          first.line,
          'yang boleh hanya <div class="blok-tanda-tangan kiri|tengah|kanan"> sampai </div>',
        )
      else if (first.text.startsWith('|'))
        this.#table([first, ...take((text) => text.startsWith('|') || this.#listOf(text) !== undefined)])
      else if (first.text.startsWith('>')) {
        const lines = [first, ...take((text) => text.startsWith('>'))].map(({ text }) => text.slice(1).trim())
        this.nodes.push({
          kind: 'note',
          when: this.#when(),
          words: this.#inline(lines.join(' '), first.line),
        })
      } else if (first.text.startsWith('#')) this.#title(first)
      else {
        const prose = [first, ...take((text) => text !== '' && !NOT_PROSE.test(text))]
        this.#prose(prose.map(({ text }) => text).join(' '), first.line)
      }
    }
    const open = this.#open.at(-1)
    if (open) throw this.refuse(open.line, `bagian {{#${open.name}}} tidak ditutup`)
  }

  #when(): string[] {
    return this.#open.map(({ name }) => name)
  }

  #section(sign: string, name: string, line: number) {
    if (sign === '/') {
      if (this.#open.pop()?.name !== name)
        throw this.refuse(line, `{{/${name}}} tidak menutup bagian yang terakhir dibuka`)
      return
    }
    if (!this.optional.includes(name))
      throw this.refuse(
        line,
        `bagian {{#${name}}} tidak dikenal; yang boleh (opsional): ${listed(this.optional)}`,
      )
    this.#open.push({ name, line })
    this.used.add(name)
  }

  // The list that a line opens or closes.
  #listOf(text: string): ListShape | undefined {
    const name = SECTION.exec(text)?.[2]
    return this.lists.find((list) => list.name === name)
  }

  #inline(text: string, line: number, fields: readonly string[] = []): Wording {
    const pieces: Wording = []
    const outer = this.#when().join()
    let bold = false
    let italic = false
    const add = (text: string, placeholder: boolean) =>
      pieces.push({ text, placeholder, bold, italic, when: this.#when() })
    for (const [token, escaped, sign, name] of text.matchAll(TOKEN)) {
      if (escaped !== undefined) add(escaped, false)
      else if (token === '**') bold = !bold
      else if (token === '*') italic = !italic
      else if (sign) this.#section(sign, name!, line)
      else if (name !== undefined) {
        if (!fields.includes(name)) this.#checkPlaceholder(name, line)
        add(name, true)
      } else if (token === '<') throw this.refuse(line, 'HTML tidak dipakai; tulis \\< untuk tanda <')
      else if (token === '[[')
        throw this.refuse(
          line,
          '[[TTE:...]] berdiri sendiri: pada satu baris blok tanda tangan, atau dalam satu sel tabel',
        )
      else if (token === '{{' || token === '}}') throw this.refuse(line, `${token} tidak berpasangan`)
      else add(token, false)
    }
    if (bold || italic) throw this.refuse(line, 'tanda * atau ** tidak ditutup; tulis \\* untuk tanda *')
    if (this.#when().join() !== outer)
      throw this.refuse(line, 'bagian yang dibuka di dalam baris harus ditutup pada baris itu juga')
    return pieces
  }

  #checkPlaceholder(name: string, line: number) {
    if (this.optional.includes(name)) {
      if (this.#open.length === 0)
        throw this.refuse(line, `{{${name}}} opsional, jadi harus di dalam {{#...}} sampai {{/...}}`)
    } else if (!this.placeholders.includes(name))
      throw this.refuse(
        line,
        `{{${name}}} tidak terdaftar; yang terdaftar: ${listed([...this.placeholders, ...this.optional])}`,
      )
    this.used.add(name)
  }

  #title({ text, line }: Source) {
    const title = /^(#{1,3}) +(\S.*)$/.exec(text)
    if (!title) throw this.refuse(line, 'judul ditulis “# ...”, “## ...”, atau “### ...”')
    const words = this.#inline(title[2]!, line)
    const level = title[1]!.length
    if (level === 3) this.nodes.push({ kind: 'heading', when: this.#when(), words })
    else this.nodes.push({ kind: 'title', level: level as 1 | 2, when: this.#when(), words })
  }

  #prose(text: string, line: number) {
    const when = this.#when()
    const point = /^(\d{1,2})\.\s+(\S.*)$/.exec(text)
    if (!point) {
      const kind = text.startsWith('Nomor:') && this.nodes.at(-1)?.kind === 'title' ? 'number' : 'paragraph'
      this.nodes.push({ kind, when, words: this.#inline(text, line) })
      return
    }
    const number = Number(point[1])
    if (++this.#points > POINTS_MAX)
      throw this.refuse(line, `lebih dari ${POINTS_MAX} butir; tidak ada yang membacanya`)
    if (number !== this.#lastPoint + 1 && number !== 1)
      throw this.refuse(line, `butir ${number}, seharusnya ${this.#lastPoint + 1} (atau mulai lagi dari 1)`)
    this.#lastPoint = number
    this.nodes.push({ kind: 'point', number, when, words: this.#inline(point[2]!, line) })
  }

  #table(lines: Source[]) {
    const first = lines[0]!.line
    const rows: { cells: string[]; line: number; list: ListShape | undefined }[] = []
    let list: ListShape | undefined
    for (const { text, line } of lines) {
      const marked = this.#listOf(text)
      if (marked) {
        const isOpening = text.startsWith('{{#')
        if (isOpening === (list !== undefined) || (!isOpening && marked !== list))
          throw this.refuse(
            line,
            `${text} tidak berpasangan: satu {{#${marked.name}}}, baris tabel, {{/${marked.name}}}`,
          )
        list = isOpening ? marked : undefined
        this.used.add(marked.name)
        continue
      }
      if (!/[^\\]\|$/.test(text)) throw this.refuse(line, 'baris tabel harus diakhiri tanda |')
      const cells = text.slice(1, -1).split(/(?<!\\)\|/)
      rows.push({ cells: cells.map((cell) => cell.trim()), line, list })
    }
    if (list) throw this.refuse(first, `bagian {{#${list.name}}} tidak ditutup`)
    const [head, rule, ...body] = rows
    if (!rule?.cells.every((cell) => /^:?-+:?$/.test(cell)) || body.length === 0)
      throw this.refuse(
        first,
        'tabel memerlukan baris judul, baris |---|, lalu paling sedikit satu baris isi',
      )
    for (const { cells, line } of rows)
      if (cells.length !== head!.cells.length)
        throw this.refuse(line, `${cells.length} kolom, seharusnya ${head!.cells.length}`)
    const when = this.#when()
    if (head!.cells.some((cell) => cell !== '')) {
      this.nodes.push({
        kind: 'table',
        when,
        head: head!.cells.map((cell) => this.#inline(cell, head!.line)),
        rows: body.map(({ cells, line, list }) => ({
          cells: cells.map((cell) => this.#cell(cell, line, list)),
          ...(list && { list: list.name }),
        })),
      })
      return
    }
    if (head!.cells.length !== 3 || body.some(({ cells, list }) => cells[1] !== ':' || list))
      throw this.refuse(first, 'tabel tanpa judul adalah tabel identitas: | label | : | isi |')
    this.nodes.push({
      kind: 'identity',
      when,
      rows: body.map(({ cells, line }) => ({
        label: this.#inline(cells[0]!, line),
        value: this.#inline(cells[2]!, line),
      })),
    })
  }

  #cell(text: string, line: number, list: ListShape | undefined): CellWording {
    const place = /^\[\[TTE:([A-Z][A-Z0-9_]*)(?:\{\{([a-z_]+)\}\})?\]\]$/.exec(text)
    if (!place) return { words: this.#inline(text, line, list?.fields) }
    const [, name, field] = place
    if ((field !== undefined) !== (list !== undefined) || (field && !list!.fields.includes(field)))
      throw this.refuse(
        line,
        list
          ? `tempat tanda tangan pada daftar ditulis [[TTE:NAMA_{{isi}}]] dengan isi dari: ${listed(list.fields)}`
          : 'di luar daftar, tempat tanda tangan ditulis [[TTE:NAMA]]',
      )
    const slot = field ? `${name!}{{${field}}}` : name!
    this.places.push({ slot, when: this.#when(), ...(list && { list: list.name }), line })
    return { words: [], slot }
  }

  #signature(side: keyof typeof SIDES, lines: Source[], firstLine: number) {
    const when = this.#when()
    const at = lines.findIndex(({ text }) => text.startsWith('[[TTE:'))
    const place = /^\[\[TTE:([A-Z][A-Z0-9_]*)\]\]$/.exec(lines[at]?.text ?? '')
    if (!place)
      throw this.refuse(lines[at]?.line ?? firstLine, 'blok tanda tangan memerlukan satu baris [[TTE:NAMA]]')
    const slot = place[1]!
    this.places.push({ slot, when, line: lines[at]!.line })
    const inline = (lines: Source[]) => lines.map(({ text, line }) => this.#inline(text, line))
    const above = inline(lines.slice(0, at))
    this.nodes.push({
      kind: 'signature',
      when,
      side: SIDES[side],
      above,
      slot,
      below: inline(lines.slice(at + 1)),
    })
  }
}

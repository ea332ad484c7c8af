// Values into a template: the words of one pact. Values go in as plain text and are never read as markup.
import { PactError } from '../domain/errors.js'
import type { Block, Cell, PactText, Run, Slot } from '../domain/pact.js'
import { checkRepertoire, isPrintable } from '../domain/repertoire.js'
import { listed } from './settings.js'
import type { PactTemplate, PageSettings, TemplateParty } from './template.js'
import type { ListShape, Node, Wording } from './wording.js'

/** What goes into a template: a text for each placeholder, entries for each list. */
export type TemplateValues = Readonly<Record<string, string | readonly Readonly<Record<string, string>>[]>>

/**
 * The words of one pact. Values go in as plain text: markup in a name stays visible as it is.
 *
 * @param values one entry for each of `template.placeholders`, not blank; those of `template.optional` may
 *   be absent or blank, and what stands inside `{{#name}}` then disappears; entries for each list
 * @throws BAD_TEMPLATE when a placeholder is missing, blank or unknown, or an optional one is blank inside
 *   a section that shows, or a list is empty or too long; BAD_CHARACTER when a value cannot be printed
 */
export function fillTemplate(template: PactTemplate, values: TemplateValues): PactText {
  return openTemplate(template, {}).fill(values)
}

/** A template of which some placeholders are filled for good. */
export interface OpenTemplate {
  /** Blocks that are the same objects in every text that `fill` returns. */
  shared: ReadonlySet<Block>
  /** @param values what is still missing; @throws as `fillTemplate` */
  fill(values: TemplateValues): PactText
}

/**
 * Fills what is common to many pacts once.
 *
 * @param common values as for `fillTemplate`, as many as are known
 * @throws as `fillTemplate`
 */
export function openTemplate(template: PactTemplate, common: TemplateValues): OpenTemplate {
  const known = new Clean(template, common)
  const isCommon = (name: string) => known.has(name)
  const blocks = template.nodes.map((node) =>
    !holdsMark(node) && placeholdersOf(node).every(isCommon) ? blockOf(template, node, known) : undefined,
  )
  return {
    shared: new Set(blocks.filter((block) => block !== undefined && block !== null) as Block[]),
    fill(values) {
      const clean = new Clean(template, values, known)
      clean.checkComplete()
      const filled: Block[] = []
      template.nodes.forEach((node, index) => {
        const block = blocks[index] === undefined ? blockOf(template, node, clean) : blocks[index]
        if (block) filled.push(block)
      })
      return { blocks: filled }
    },
  }
}

// What stands in the place of a mark is a party's own, whatever the words around it.
const holdsMark = (node: Node): boolean =>
  node.kind === 'signature' ||
  (node.kind === 'table' && node.rows.some(({ cells }) => cells.some(({ slot }) => slot !== undefined)))

const namesIn = (words: Wording) =>
  words.flatMap(({ text, placeholder, when }) => (placeholder ? [text, ...when] : when))

// Everything that decides a node's block.
function placeholdersOf(node: Node): string[] {
  const words: Wording[] =
    node.kind === 'identity'
      ? node.rows.flatMap(({ label, value }) => [label, value])
      : node.kind === 'table'
        ? [
            ...node.head,
            ...node.rows.flatMap(({ cells, list }) => (list ? [] : cells.map(({ words }) => words))),
          ]
        : node.kind === 'signature'
          ? [...node.above, ...node.below]
          : [node.words]
  const lists = node.kind === 'table' ? node.rows.flatMap(({ list }) => list ?? []) : []
  return [...node.when, ...lists, ...words.flatMap(namesIn)]
}

// The block of a node; null when it does not show.
function blockOf(template: PactTemplate, node: Node, values: Clean): Block | null {
  const isShown = ({ when }: { when: string[] }) => when.every((name) => values.text(name) !== '')
  if (!isShown(node)) return null

  // Titles are set in capitals, whatever the case of the name that goes into them.
  const runsOf = (
    words: Wording,
    { isTitle = false, entry }: { isTitle?: boolean; entry?: Readonly<Record<string, string>> } = {},
  ): Run[] => {
    const runs: Run[] = []
    for (const piece of words) {
      if (!isShown(piece)) continue
      const value = !piece.placeholder ? piece.text : (entry?.[piece.text] ?? values.text(piece.text))
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
        rows: node.rows.flatMap(({ cells, list }) =>
          (list ? values.entries(list) : [undefined]).map((entry) =>
            cells.map(({ words, slot }): Cell => {
              if (slot !== undefined) return { runs: [], slot: slotOf(slot, entry) }
              return { runs: runsOf(words, entry && { entry }) }
            }),
          ),
        ),
      }
    case 'signature': {
      const { side, slot } = node
      return { kind: 'signature', side, above: linesOf(node.above), slot, below: linesOf(node.below) }
    }
    default:
      return { kind: node.kind, runs: runsOf(node.words) }
  }
}

const slotOf = (slot: Slot, entry: Readonly<Record<string, string>> | undefined): Slot =>
  slot.replace(/\{\{([a-z0-9_]+)\}\}/, (_, field: string) => entry?.[field] ?? '')

// A letter whose capital cannot be printed (U+1E96 has none of its own) stays as it is.
const capitals = (text: string) =>
  Array.from(text, (character) => {
    const capital = character.toUpperCase()
    return Array.from(capital).every((each) => isPrintable(each.codePointAt(0)!)) ? capital : character
  }).join('')

const missing = (template: PactTemplate, name: string) =>
  new PactError('BAD_TEMPLATE', `${template.code} versi ${template.version}: {{${name}}} belum diisi`)

const BLANK_FIELD = '–'

// Values as they will be printed; exactly the known names are there.
class Clean {
  readonly #values = new Map<string, string>()
  readonly #lists = new Map<string, readonly Readonly<Record<string, string>>[]>()
  readonly #template: PactTemplate
  readonly #before: Clean | undefined

  constructor(template: PactTemplate, values: TemplateValues, before?: Clean) {
    this.#template = template
    this.#before = before
    const known = [...template.placeholders, ...template.optional]
    for (const [name, value] of Object.entries(values)) {
      const list = template.lists.find((one) => one.name === name)
      if (typeof value === 'string' && known.includes(name)) {
        const clean = cleanValue(name, value)
        if (clean === '' && template.placeholders.includes(name)) throw missing(template, name)
        this.#values.set(name, clean)
      } else if (typeof value !== 'string' && list) this.#lists.set(name, this.#cleanList(list, value))
      else
        throw this.#refuse(
          `{{${name}}} tidak dikenal; yang boleh: ${listed([...known, ...template.lists.map((one) => one.name)])}`,
        )
    }
  }

  #refuse(why: string): PactError {
    return new PactError('BAD_TEMPLATE', `${this.#template.code} versi ${this.#template.version}: ${why}`)
  }

  #cleanList(list: ListShape, entries: readonly Readonly<Record<string, string>>[]) {
    const { name, fields, entriesMax } = list
    if (entries.length === 0 || entries.length > entriesMax)
      throw this.#refuse(`${name}: ${entries.length} baris, harus 1 sampai ${entriesMax}`)
    const slots = this.#template.parties.filter((party) => party.list === name).map(({ slot }) => slot)
    const used = new Set<string>()
    return entries.map((entry, index) => {
      const stranger = Object.keys(entry).find((field) => !fields.includes(field))
      const absent = fields.find((field) => !Object.hasOwn(entry, field))
      if (stranger !== undefined || absent !== undefined)
        throw this.#refuse(`${name} baris ${index + 1}: isinya harus ${listed(fields)}`)
      const clean = Object.fromEntries(
        fields.map((field) => [field, cleanValue(`${name}.${field}`, entry[field]!) || BLANK_FIELD]),
      )
      for (const slot of slots.map((slot) => slotOf(slot, clean))) {
        if (!/^[A-Z][A-Z0-9_]*$/.test(slot))
          throw this.#refuse(`${name} baris ${index + 1}: ${slot} bukan nama tempat`)
        if (used.has(slot)) throw this.#refuse(`${name} baris ${index + 1}: ${slot} tertulis dua kali`)
        used.add(slot)
      }
      return clean
    })
  }

  has(name: string): boolean {
    return this.#values.has(name) || this.#lists.has(name) || (this.#before?.has(name) ?? false)
  }

  /** The text of a placeholder; '' for an optional one that is not given. */
  text(name: string): string {
    return this.#values.get(name) ?? this.#before?.text(name) ?? ''
  }

  entries(name: string): readonly Readonly<Record<string, string>>[] {
    return this.#lists.get(name) ?? this.#before?.entries(name) ?? []
  }

  /** @throws BAD_TEMPLATE when something is missing */
  checkComplete() {
    for (const name of this.#template.placeholders) if (!this.has(name)) throw missing(this.#template, name)
    for (const { name } of this.#template.lists) if (!this.has(name)) throw missing(this.#template, name)
  }
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
export function presentParties(template: PactTemplate, values: TemplateValues): TemplateParty[] {
  return template.parties.flatMap((party): TemplateParty[] => {
    const { when, list, ...plain } = party
    const given = when === undefined ? 'shown' : values[when]
    if (typeof given !== 'string' || given.trim() === '') return []
    const entries = list === undefined ? undefined : values[list]
    if (list === undefined || typeof entries !== 'object') return list === undefined ? [party] : []
    return entries.map((entry) => ({ ...plain, slot: slotOf(plain.slot, entry) }))
  })
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

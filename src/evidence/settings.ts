// A YAML file of settings that officials edit: a closed set of keys, and every refusal names its line.
import { isMap, LineCounter, parseDocument } from 'yaml'
import { PactError } from '../domain/errors.js'

/** Makes the BAD_TEMPLATE error for one line of one file. */
export type Refuse = (line: number, why: string) => PactError

/** A `Refuse` for the file of this name. */
export const refuser =
  (file: string): Refuse =>
  (line, why) =>
    new PactError('BAD_TEMPLATE', `${file} baris ${line}: ${why}`)

/** Words for a message: "a, b, c". */
export const listed = (words: Iterable<string>) => [...words].join(', ') || '(tidak ada)'

type Path = (string | number)[]

/**
 * One YAML mapping, read key by key. Every method throws BAD_TEMPLATE with the line of the value it is
 * asked for, the value and what is allowed.
 */
export class Settings {
  readonly #document
  readonly #counter = new LineCounter()
  readonly #refuse: Refuse
  readonly #firstLine: number

  /**
   * @param source YAML text
   * @param at.firstLine where `source` starts in its file, from 1
   * @param keys the keys that may stand at the top
   */
  constructor(source: string, at: { refuse: Refuse; firstLine: number }, keys: string[]) {
    this.#refuse = at.refuse
    this.#firstLine = at.firstLine
    // Read value by value and never unfolded: an alias is no text and no number, so it is refused.
    this.#document = parseDocument(source, { lineCounter: this.#counter, uniqueKeys: true })
    const [error] = this.#document.errors
    if (error)
      throw this.#refuse(
        this.#firstLine - 1 + (error.linePos?.[0].line ?? 1),
        `bukan YAML yang benar (${error.code})`,
      )
    this.checkKeys([], keys)
  }

  /** Checks that the mapping at `path` has no other keys than these. */
  checkKeys(path: Path, keys: string[]) {
    const map = path.length ? this.#document.getIn(path, true) : this.#document.contents
    if (!isMap(map))
      throw this.#refuse(this.#line(path), `${path.join('.') || 'isinya'} harus memuat: ${listed(keys)}`)
    for (const { key } of map.items) {
      const name = String(key)
      if (!keys.includes(name))
        throw this.#refuse(
          this.#line([...path, name]),
          `“${name}” tidak dikenal; yang boleh: ${listed(keys)}`,
        )
    }
  }

  #line(path: Path): number {
    for (let depth = path.length; depth > 0; depth--) {
      const node = this.#document.getIn(path.slice(0, depth), true) as
        { range?: [number, number, number] } | undefined
      if (node?.range) return this.#firstLine - 1 + this.#counter.linePos(node.range[0]).line
    }
    return this.#firstLine
  }

  /** Refuses the value at `path`. */
  fail(path: Path, why: string): never {
    throw this.#refuse(this.#line(path), `${path.join('.')}: ${why}`)
  }

  /** How many entries the list at `path` has; 0 when there is none. */
  count(path: Path): number {
    const value = this.#document.getIn(path) as { items?: unknown[] } | null | undefined
    if (value === undefined || value === null) return 0
    if (isMap(value) || !Array.isArray(value.items)) this.fail(path, 'harus berupa daftar')
    return value.items.length
  }

  has(path: Path): boolean {
    return this.#document.hasIn(path)
  }

  text(path: Path, pattern: RegExp, want: string): string {
    const value: unknown = this.#document.getIn(path)
    if (typeof value !== 'string' || !pattern.test(value))
      this.fail(path, `“${String(value)}”, harus ${want}`)
    return value
  }

  number(path: Path, min: number, max: number): number {
    const value: unknown = this.#document.getIn(path)
    if (typeof value !== 'number' || !(value >= min && value <= max))
      this.fail(path, `“${String(value)}”, harus angka ${min} sampai ${max}`)
    return value
  }

  oneOf<T extends string>(path: Path, allowed: readonly T[]): T {
    const value: unknown = this.#document.getIn(path)
    if (!allowed.includes(value as T)) this.fail(path, `“${String(value)}”, yang boleh: ${listed(allowed)}`)
    return value as T
  }

  /** A list of texts, each of them once; an absent list is empty. */
  texts(path: Path, pattern: RegExp, want: string): string[] {
    const texts = Array.from({ length: this.count(path) }, (_, index) =>
      this.text([...path, index], pattern, want),
    )
    texts.forEach((text, index) => {
      if (texts.indexOf(text) !== index) this.fail([...path, index], `“${text}” tertulis dua kali`)
    })
    return texts
  }
}

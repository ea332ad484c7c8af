/** What an element stream says; names come without their namespace prefix. */
export interface XmlListener {
  open(name: string, attributes: Record<string, string>): void
  close(name: string): void
  text(text: string): void
}

const entities: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }
const DEPTH_MAX = 64
const NAME = /^[A-Za-z_][\w.-]*(:[A-Za-z_][\w.-]*)?$/
/** An element or a text that is longer than this is no part of a spreadsheet. */
const TOKEN_CHARACTERS_MAX = 1024 ** 2

/** Not well-formed, or not the XML that spreadsheets are made of. */
export class XmlError extends Error {}

/**
 * Reads elements, attributes and text out of XML that arrives in pieces (attacker-controlled).
 *
 * Made for the XML in workbooks, where one file has millions of small elements: four times as fast as a full
 * parser, and with less surface. Refused: DOCTYPE and with it every entity but the five of XML itself,
 * elements that do not nest, an attribute twice, depth beyond 64, a token beyond a mebicharacter. Laxer than
 * the text: names may hold ASCII letters, digits and - . _ only, and characters are not checked against the
 * set that XML allows.
 *
 * @see XML 1.0 (fifth edition) sections 2.4 to 2.8 and 3.1
 */
export class XmlTokenizer {
  private rest = ''
  private readonly path: string[] = []
  private readonly names = new Map<string, string>()
  private isEnded = false

  constructor(private readonly listener: XmlListener) {}

  /** @throws XmlError */
  write(piece: string): void {
    // join makes one flat string; + would make a pair, which costs at every character looked at.
    const text = this.rest === '' ? piece : [this.rest, piece].join('')
    const length = text.length
    let at = 0
    while (at < length) {
      const next = text.charCodeAt(at) === 60 ? this.readMarkup(text, at) : this.readText(text, at)
      if (next === -1) break
      at = next
    }
    this.rest = text.slice(at)
    if (this.rest.length > TOKEN_CHARACTERS_MAX) throw new XmlError('token too long')
  }

  /** @throws XmlError when the document is not complete */
  end(): void {
    if (!this.isEnded || this.rest.trim() !== '') throw new XmlError('document ends early')
  }

  // Each reader returns where the next token starts, or -1 when this one is not here as a whole.

  private readText(text: string, at: number): number {
    const end = text.indexOf('<', at)
    if (end === -1) return -1
    const value = text.slice(at, end)
    if (this.path.length > 0) this.listener.text(decode(value))
    else if (value.replace('\ufeff', '').trim() !== '') throw new XmlError('text outside the root')
    return end
  }

  private readMarkup(text: string, at: number): number {
    const code = text.charCodeAt(at + 1)
    if (code === 47) return this.readEnd(text, at)
    if (code !== 33 && code !== 63) return Number.isNaN(code) ? -1 : this.readStart(text, at)
    if (code === 63) return after(text, '?>', at)
    const start = text.slice(at, at + 9)
    if ('<!--'.startsWith(start.slice(0, 4)) || start.startsWith('<!--')) return after(text, '-->', at + 4)
    if (start === '<![CDATA[') {
      const end = text.indexOf(']]>', at)
      if (end === -1) return -1
      if (this.path.length === 0) throw new XmlError('text outside the root')
      this.listener.text(text.slice(at + 9, end))
      return end + 3
    }
    if (start.length < 9 && '<![CDATA['.startsWith(start)) return -1
    throw new XmlError('DOCTYPE')
  }

  private readEnd(text: string, at: number): number {
    const end = text.indexOf('>', at)
    if (end === -1) return -1
    const name = text.slice(at + 2, end).trimEnd()
    if (this.path.pop() !== name) throw new XmlError('elements do not nest')
    if (this.path.length === 0) this.isEnded = true
    this.listener.close(this.local(name))
    return end + 1
  }

  private readStart(text: string, at: number): number {
    const { length } = text
    let index = at + 1
    while (index < length && !isNameEnd(text.charCodeAt(index))) index++
    const name = text.slice(at + 1, index)
    const attributes: Record<string, string> = {}
    for (;;) {
      const gap = index
      while (index < length && isSpace(text.charCodeAt(index))) index++
      if (index >= length) return -1
      const code = text.charCodeAt(index)
      if (code === 62) {
        this.open(name, attributes, false)
        return index + 1
      }
      if (code === 47) {
        if (index + 1 >= length) return -1
        if (text.charCodeAt(index + 1) !== 62) throw new XmlError('slash in an element')
        this.open(name, attributes, true)
        return index + 2
      }
      if (gap === index) throw new XmlError('attributes run together')
      const equals = text.indexOf('=', index)
      if (equals === -1) return -1
      const key = text.slice(index, equals).trimEnd()
      index = equals + 1
      while (index < length && isSpace(text.charCodeAt(index))) index++
      if (index >= length) return -1
      const quote = text.charCodeAt(index)
      if (quote !== 34 && quote !== 39) throw new XmlError('attribute without quotes')
      // One loop finds the end and what stands in the way: attributes are short, and there are millions.
      let end = index + 1
      let hasEntity = false
      for (let char = text.charCodeAt(end); char !== quote; char = text.charCodeAt(++end)) {
        if (end >= length) return -1
        if (char === 60) throw new XmlError('< in an attribute')
        if (char === 38) hasEntity = true
      }
      const value = text.slice(index + 1, end)
      this.local(key)
      if (attributes[key] !== undefined) throw new XmlError('attribute twice')
      attributes[key] = hasEntity ? decode(value) : value
      index = end + 1
    }
  }

  private open(name: string, attributes: Record<string, string>, isEmpty: boolean): void {
    if (this.isEnded) throw new XmlError('a second root')
    const local = this.local(name)
    this.listener.open(local, attributes)
    if (isEmpty) {
      this.listener.close(local)
      if (this.path.length === 0) this.isEnded = true
    } else if (this.path.push(name) > DEPTH_MAX) throw new XmlError('too deep')
  }

  /** The name without its prefix, checked once for each name. */
  private local(name: string): string {
    const known = this.names.get(name)
    if (known !== undefined) return known
    if (!NAME.test(name) || name === '__proto__' || this.names.size > 1_000) throw new XmlError('name')
    const local = name.slice(name.indexOf(':') + 1)
    this.names.set(name, local)
    return local
  }
}

const isSpace = (code: number) => code === 32 || code === 10 || code === 13 || code === 9
const isNameEnd = (code: number) => isSpace(code) || code === 62 || code === 47 // > and /

function after(text: string, mark: string, from: number): number {
  const end = text.indexOf(mark, from)
  return end === -1 ? -1 : end + mark.length
}

function decode(text: string): string {
  if (!text.includes('&')) return text
  return text.replace(/&([^;&]*)(;?)/g, (_, name: string, end: string) => {
    const known = Object.hasOwn(entities, name) ? entities[name] : undefined
    const digits = name.match(/^#(?:x([0-9a-fA-F]{1,6})|(\d{1,7}))$/)
    const code = digits ? parseInt(digits[1] ?? digits[2]!, digits[1] ? 16 : 10) : 0
    if (end === '' || (known === undefined && (code === 0 || code > 0x10ffff))) throw new XmlError('entity')
    return known ?? String.fromCodePoint(code)
  })
}

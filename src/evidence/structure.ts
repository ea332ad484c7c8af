// The logical structure of a pact: what a screen reader reads, in which order, as what.
import type { Unit } from './content.js'
import type { Origin } from './layout.js'

/** A stretch of tagged content on its page. */
export interface PlacedUnit {
  unit: Exclude<Unit, { kind: 'artifact' }>
  page: number // from 0
  mcid: number // of content; -1 for the field
}

/** What the tree must know of objects that stand outside it. */
export interface StructureRefs {
  /** First object number that is free for the tree. */
  first: number
  /** References ("12 0 R") of the pages, from page 0. */
  pages: readonly string[]
  /** The visible field's widget and the link's annotation, where there are any. */
  field?: string
  link?: string
  /** Bounding box of the QR symbol on its page: left, bottom, right, top in points. */
  symbolBox?: readonly number[]
}

/** The objects of a structure tree. */
export interface Structure {
  root: string // reference of the StructTreeRoot
  bodies: string[] // of the objects from `refs.first` on
  /** Keys of the field and the link in the parent tree; page n has key n. */
  fieldKey: number
  linkKey: number
}

interface Element {
  type: string
  parent: Element | undefined
  attributes: string // raw entries of the element's dictionary
  children: (Element | string)[]
  number: number
}

const element = (type: string, parent: Element | undefined, attributes = ''): Element => {
  const made: Element = { type, parent, attributes, children: [], number: 0 }
  parent?.children.push(made)
  return made
}

const LIST = '/A<</O/List/ListNumbering/Decimal>>'
const ROW_HEAD = '/A<</O/Table/Scope/Row>>'
const COLUMN_HEAD = '/A<</O/Table/Scope/Column>>'
const SYMBOL_ALT = '/Alt(Kode QR menuju halaman verifikasi pakta ini)'

// Builds the tree unit by unit. Units of one paragraph, row or cell find the element that is open already, so a
// paragraph that goes on on the next page stays one.
class Tree {
  readonly root = element('Document', undefined)
  readonly contents: { unit: PlacedUnit; element: Element }[] = []
  readonly #open = new Map<string, Element>()

  #child(key: string, type: string, parent: Element, attributes = ''): Element {
    let found = this.#open.get(key)
    if (!found) this.#open.set(key, (found = element(type, parent, attributes)))
    return found
  }

  // Consecutive points are one list; what is not one of them closes it.
  #list: Element | undefined
  #lastPoint: number | undefined

  elementFor(unit: PlacedUnit['unit'], refs: StructureRefs): Element {
    const origin: Origin = unit.kind === 'field' ? unit.mark : unit.origin
    const { role, block, row, column } = origin
    const isPoint = role === 'point' || role === 'point-label'
    if (!isPoint) this.#list = undefined
    if (unit.kind === 'content' && unit.tag === 'Figure') {
      const box = `/A<</O/Layout/Placement/Block/BBox[${refs.symbolBox!.join(' ')}]>>`
      return this.#child(
        'symbol',
        'Figure',
        this.#child('verification', 'Div', this.root),
        `${SYMBOL_ALT}${box}`,
      )
    }
    switch (role) {
      case 'title':
        return this.#child('title', 'H1', this.root)
      case 'heading':
        return this.#child(`heading ${block}`, 'H2', this.root)
      case 'point':
      case 'point-label': {
        if (!this.#list || (block !== this.#lastPoint && block !== this.#lastPoint! + 1))
          this.#list = this.#open.get(`item ${block}`)?.parent ?? element('L', this.root, LIST)
        this.#lastPoint = block
        const item = this.#child(`item ${block}`, 'LI', this.#list)
        if (role === 'point-label') return this.#child(`label ${block}`, 'Lbl', item)
        return this.#child(`point ${block}`, 'P', this.#child(`body ${block}`, 'LBody', item))
      }
      case 'identity-label':
      case 'identity-value': {
        const table = this.#child(`table ${block}`, 'Table', this.root)
        const line = this.#child(`row ${block} ${row}`, 'TR', this.#child(`rows ${block}`, 'TBody', table))
        const isHead = role === 'identity-label'
        return this.#child(`${role} ${block} ${row}`, isHead ? 'TH' : 'TD', line, isHead ? ROW_HEAD : '')
      }
      case 'table-head':
      case 'table-cell':
        return this.#cell(origin, role === 'table-head')
      case 'signature':
        return this.#child(`signature ${block} ${row}`, 'P', this.#child(`place ${block}`, 'Div', this.root))
      case 'mark': {
        const parent =
          column !== undefined ? this.#cell(origin, false) : this.#child(`place ${block}`, 'Div', this.root)
        return this.#child(`mark ${block} ${row} ${column}`, unit.kind === 'field' ? 'Form' : 'P', parent)
      }
      case 'verification':
      case 'link': {
        const line = this.#child(`verification ${row}`, 'P', this.#child('verification', 'Div', this.root))
        return role === 'link' ? this.#child('link', 'Link', line) : line
      }
      default:
        return this.#child(`${role} ${block}`, 'P', this.root)
    }
  }

  #cell({ block, row, column }: Origin, isHead: boolean): Element {
    const table = this.#child(`table ${block}`, 'Table', this.root)
    const part = isHead
      ? this.#child(`head ${block}`, 'THead', table)
      : this.#child(`rows ${block}`, 'TBody', table)
    const line = this.#child(`row ${block} ${row}`, 'TR', part)
    return this.#child(
      `cell ${block} ${row} ${column}`,
      isHead ? 'TH' : 'TD',
      line,
      isHead ? COLUMN_HEAD : '',
    )
  }
}

/**
 * The structure tree over some content.
 *
 * The document's own child is one Document element; headings, lists with labels, tables with header cells,
 * figures with alternative text, a Form element for the one field that is filled by the first signature. A field
 * that is filled later has no place here: see ISO 32000-1 section 12.7.4.5 and the comment at `Press`.
 *
 * @param units tagged content in reading order; MCIDs count from 0 on each page
 * @see ISO 32000-1 section 14.7 (structure), 14.8 (tagged PDF); ISO 14289-1 section 7; ISO 19005-2 section 6.7
 */
export function buildStructure(units: readonly PlacedUnit[], refs: StructureRefs): Structure {
  const tree = new Tree()
  const onPages: Element[][] = refs.pages.map(() => [])
  let field: Element | undefined
  let link: Element | undefined
  const firstPage = new Map<Element, number>()
  for (const { unit, page, mcid } of units) {
    const found = tree.elementFor(unit, refs)
    if (unit.kind === 'field') {
      found.children.push(`<</Type/OBJR/Obj ${refs.field!}/Pg ${refs.pages[page]!}>>`)
      firstPage.set(found, page)
      field = found
      continue
    }
    if (!firstPage.has(found)) firstPage.set(found, page)
    found.children.push(
      firstPage.get(found) === page ? String(mcid) : `<</Type/MCR/Pg ${refs.pages[page]!}/MCID ${mcid}>>`,
    )
    onPages[page]![mcid] = found
    if (unit.tag === 'Link' && refs.link !== undefined && !link) link = found
  }
  if (link) link.children.push(`<</Type/OBJR/Obj ${refs.link!}/Pg ${refs.pages[firstPage.get(link)!]!}>>`)

  const elements: Element[] = []
  const collect = (one: Element) => {
    one.number = refs.first + 2 + elements.push(one) - 1
    for (const child of one.children) if (typeof child !== 'string') collect(child)
  }
  collect(tree.root)
  const ref = ({ number }: Element) => `${number} 0 R`
  const fieldKey = refs.pages.length
  const linkKey = fieldKey + (field ? 1 : 0)
  const numbers = [
    ...onPages.map((each, page) => `${page}[${each.map(ref).join(' ')}]`),
    ...(field ? [`${fieldKey} ${ref(field)}`] : []),
    ...(link ? [`${linkKey} ${ref(link)}`] : []),
  ]
  const bodyOf = (one: Element) => {
    const page = firstPage.get(one)
    const children = one.children.map((child) => (typeof child === 'string' ? child : ref(child)))
    return (
      `<</Type/StructElem/S/${one.type}/P ${one.parent ? ref(one.parent) : `${refs.first} 0 R`}` +
      `${page === undefined ? '' : `/Pg ${refs.pages[page]!}`}${one.attributes}` +
      `/K${children.length === 1 ? ` ${children[0]!}` : `[${children.join(' ')}]`}>>`
    )
  }
  const nextKey = linkKey + (link ? 1 : 0)
  return {
    root: `${refs.first} 0 R`,
    bodies: [
      `<</Type/StructTreeRoot/K ${ref(tree.root)}/ParentTree ${refs.first + 1} 0 R/ParentTreeNextKey ${nextKey}>>`,
      `<</Nums[${numbers.join(' ')}]>>`,
      ...elements.map(bodyOf),
    ],
    fieldKey,
    linkKey,
  }
}

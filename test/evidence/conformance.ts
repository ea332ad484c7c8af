// What PDF/A-2a and PDF/UA-1 ask of a pact, rule by rule, read with pdf-lib and fontkit: each finding begins with its
// clause. "32k" is ISO 32000-1, "2a" ISO 19005-2, "ua" ISO 14289-1. Validators are silent on some of these.
import fontkit from '@pdf-lib/fontkit'
import {
  decodePDFRawStream,
  PDFArray,
  PDFBool,
  PDFDict,
  PDFDocument,
  PDFHexString,
  PDFName,
  PDFNumber,
  PDFRawStream,
  PDFRef,
  PDFStream,
  PDFString,
  type PDFContext,
  type PDFObject,
} from 'pdf-lib'

/** An operator of a content stream with its operands; a literal or hexadecimal string is its bytes. */
interface Operation {
  operator: string
  operands: (string | Buffer | Operand[])[]
}
type Operand = string | Buffer

/** Reads a content stream (32k 7.8.2). Dictionaries stay text. */
export function readContent(bytes: Uint8Array): Operation[] {
  const text = Buffer.from(bytes).toString('latin1')
  const found: Operation[] = []
  let operands: Operation['operands'] = []
  let list: Operand[] | undefined
  const put = (operand: Operand) => (list ?? operands).push(operand as never)
  for (let at = 0; at < text.length;) {
    const rest = text.slice(at, at + 4000)
    const space = /^[\0\t\n\f\r ]+/.exec(rest)
    if (space) {
      at += space[0].length
      continue
    }
    if (rest[0] === '(') {
      const string: number[] = []
      let depth = 1
      for (at++; depth > 0; at++) {
        const character = text[at]!
        if (character === '\\') {
          at++
          const octal = /^[0-7]{1,3}/.exec(text.slice(at, at + 3))
          if (octal) {
            string.push(parseInt(octal[0], 8) & 255)
            at += octal[0].length - 1
          } else string.push({ n: 10, r: 13, t: 9, b: 8, f: 12 }[text[at]!] ?? text.charCodeAt(at))
          continue
        }
        depth += character === '(' ? 1 : character === ')' ? -1 : 0
        if (depth > 0) string.push(character.charCodeAt(0))
      }
      put(Buffer.from(string))
    } else if (rest.startsWith('<<')) {
      const end = text.indexOf('>>', at) + 2
      const close = /^<<(?:[^<>]|<(?!<)[^>]*>|<<[^>]*>>)*>>/.exec(text.slice(at))
      put(close?.[0] ?? text.slice(at, end))
      at += close?.[0].length ?? end - at
    } else if (rest[0] === '[') {
      list = []
      at++
    } else if (rest[0] === ']') {
      operands.push(list!)
      list = undefined
      at++
    } else {
      const token = /^\/?[^\0\t\n\f\r ()<>[\]{}/%]+/.exec(rest)?.[0]
      if (!token) throw new Error(`content stream: “${rest.slice(0, 20)}”`)
      at += token.length
      if (/^[+-]?[\d.]+$/.test(token) || token.startsWith('/')) put(token)
      else {
        found.push({ operator: token, operands })
        operands = []
      }
    }
  }
  return found
}

const PAINTING = /^(f|F|f\*|B|B\*|b|b\*|S|s|sh|Do|Tj|TJ|'|"|EI)$/
const TYPES = /^(Document|Div|H1|H2|P|L|LI|Lbl|LBody|Table|THead|TBody|TR|TH|TD|Figure|Form|Link|Span)$/
const KIDS: Record<string, RegExp> = {
  Document: /^(Div|H1|H2|P|L|Table)$/,
  L: /^LI$/,
  LI: /^(Lbl|LBody)$/,
  Table: /^(THead|TBody)$/,
  THead: /^TR$/,
  TBody: /^TR$/,
  TR: /^(TH|TD)$/,
}
const INTEGER_MAX = 2_147_483_647 // 2a 6.1.13

const nameOf = (object: PDFObject | undefined) =>
  object instanceof PDFName ? object.decodeText() : undefined
const textOf = (object: PDFObject | undefined) =>
  object instanceof PDFString || object instanceof PDFHexString ? object.decodeText() : undefined
const numberOf = (object: PDFObject | undefined) =>
  object instanceof PDFNumber ? object.asNumber() : undefined

/**
 * Everything in a file that breaks a rule; nothing for a conformant one.
 */
export async function findViolations(pdf: Uint8Array): Promise<string[]> {
  const found: string[] = []
  const must = (holds: unknown, rule: string) => {
    if (!holds) found.push(rule)
  }
  const document = await PDFDocument.load(pdf, { updateMetadata: false })
  const { context } = document
  checkFile(pdf, document, must)
  const uses = checkPages(document, must)
  checkStructure(document, uses, must)
  checkFields(document, must)
  checkFonts(context, uses, must)
  return found
}

type Must = (holds: unknown, rule: string) => void

function checkFile(pdf: Uint8Array, document: PDFDocument, must: Must) {
  const { context, catalog } = document
  const text = Buffer.from(pdf).toString('latin1')
  must(/^%PDF-1\.7\n%[\x80-\xff]{4}\n/.test(text), '2a 6.1.2: header')
  for (const trailer of text.match(/\ntrailer\n[^]*?\nstartxref/g) ?? [])
    must(/\/ID ?\[<[0-9a-f]{32}> ?<[0-9a-f]{32}>\]/i.test(trailer), '2a 6.1.3: /ID in every trailer')
  must(context.trailerInfo.Encrypt === undefined, '2a 6.1.3: encrypted')
  for (const [, integer] of text.matchAll(/[ [](\d{10,})[ \]]/g))
    must(Number(integer) <= INTEGER_MAX || /^0/.test(integer!), '2a 6.1.13: integer')
  must(textOf(catalog.get(PDFName.of('Lang'))) === 'id-ID', 'ua 7.2: /Lang')
  const mark = catalog.lookupMaybe(PDFName.of('MarkInfo'), PDFDict)
  must(mark?.get(PDFName.of('Marked')) === PDFBool.True, '2a 6.7.2.2: MarkInfo Marked')
  must(mark?.get(PDFName.of('Suspects')) === undefined, 'ua 7.1: Suspects')
  const viewing = catalog.lookupMaybe(PDFName.of('ViewerPreferences'), PDFDict)
  must(viewing?.get(PDFName.of('DisplayDocTitle')) === PDFBool.True, 'ua 7.1: DisplayDocTitle')
  const intent = catalog.lookupMaybe(PDFName.of('OutputIntents'), PDFArray)?.lookupMaybe(0, PDFDict)
  must(nameOf(intent?.get(PDFName.of('S'))) === 'GTS_PDFA1', '2a 6.2.3: output intent')
  const profile = intent?.lookup(PDFName.of('DestOutputProfile'))
  must(
    profile instanceof PDFRawStream && numberOf(profile.dict.get(PDFName.of('N'))) === 3,
    '2a 6.2.3: profile',
  )
  for (const key of ['OpenAction', 'AA', 'Names', 'Requirements', 'OCProperties'])
    must(catalog.get(PDFName.of(key)) === undefined, `2a 6.5, 6.6, 6.9: /${key}`)

  const metadata = catalog.lookup(PDFName.of('Metadata'))
  must(
    metadata instanceof PDFRawStream && !metadata.dict.has(PDFName.of('Filter')),
    '2a 6.6.2: XMP in the clear',
  )
  if (!(metadata instanceof PDFRawStream)) return
  const xmp = Buffer.from(metadata.getContents()).toString('utf8')
  const said = (tag: string) =>
    new RegExp(`<${tag}>(?:<rdf:\\w+>\\s*<rdf:li[^>]*>)?([^<]*)<`)
      .exec(xmp)?.[1]
      ?.replace(/&#(\d+);/g, (_, code: string) => String.fromCharCode(Number(code)))
  const info = context.lookup(context.trailerInfo.Info, PDFDict)
  const entry = (key: string) => textOf(info.get(PDFName.of(key)))
  const date = (stated: string | undefined) =>
    stated?.replace(/^D:(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(?:Z|\+00'00'?)$/, '$1-$2-$3T$4:$5:$6Z')
  must(said('pdfaid:part') === '2' && said('pdfaid:conformance') === 'A', '2a 6.6.4: pdfaid')
  must(said('pdfuaid:part') === '1', 'ua 5: pdfuaid')
  must(/<pdfaSchema:prefix>pdfuaid<.*<pdfaProperty:name>part</s.test(xmp), '2a 6.6.2.3: extension schema')
  must(said('dc:title') && said('dc:title') === entry('Title'), '32k 14.3.3, ua 7.1: title')
  must(said('dc:creator') === entry('Author'), '32k 14.3.3: author')
  must(said('pdf:Producer') === entry('Producer'), '32k 14.3.3: producer')
  must(said('xmp:CreatorTool') === entry('Creator'), '32k 14.3.3: creator')
  must(said('xmp:CreateDate') === date(entry('CreationDate')), '32k 14.3.3: creation date')
  must(said('xmp:ModifyDate') === date(entry('ModDate')), '32k 14.3.3: modification date')
}

interface Uses {
  /** Codes that are drawn, by font object. */
  codes: Map<PDFDict, Set<string>>
  /** How many MCIDs each page has. */
  mcids: number[]
}

function checkPages(document: PDFDocument, must: Must): Uses {
  const uses: Uses = { codes: new Map(), mcids: [] }
  document.getPages().forEach(({ node }, page) => {
    must(numberOf(node.get(PDFName.of('StructParents'))) === page, '32k 14.7.4.4: /StructParents')
    must(nameOf(node.get(PDFName.of('Tabs'))) === 'S', 'ua 7.18.3: /Tabs')
    must(node.get(PDFName.of('Group')) === undefined, '2a 6.2.10: transparency group')
    const resources = node.lookup(PDFName.of('Resources'), PDFDict)
    for (const key of resources.keys())
      must(
        /^(Font|XObject)$/.test(nameOf(key)!),
        `2a 6.2: resources have only fonts and objects, not ${nameOf(key)}`,
      )
    const contents = node.lookup(PDFName.of('Contents'), PDFArray)
    const bytes = contents
      .asArray()
      .map((ref) => Buffer.from(decodePDFRawStream(node.context.lookup(ref) as PDFRawStream).decode()))
    const operations = readContent(Buffer.concat(bytes.flatMap((each) => [each, Buffer.from('\n')])))
    uses.mcids.push(checkTags(operations, must))
    noteCodes(operations, resources, uses)
    const objects = resources.lookupMaybe(PDFName.of('XObject'), PDFDict)
    for (const key of objects?.keys() ?? []) {
      const { dict } = objects!.lookup(key, PDFStream)
      must(dict.get(PDFName.of('Interpolate')) !== PDFBool.True, '2a 6.2.8: Interpolate')
    }
  })
  return uses
}

// Every painting operator stands in tagged content or in an artifact, never in both; MCIDs count from 0.
function checkTags(operations: Operation[], must: Must): number {
  const open: ('artifact' | 'tagged')[] = []
  let next = 0
  for (const { operator, operands } of operations) {
    if (operator === 'BDC' || operator === 'BMC') {
      const isArtifact = operands[0] === '/Artifact'
      must(open.length === 0, 'ua 7.1: tagged content and artifacts are not nested')
      open.push(isArtifact ? 'artifact' : 'tagged')
      if (isArtifact) continue
      const mcid = /\/MCID (\d+)/.exec(String(operands[1]))?.[1]
      must(mcid !== undefined && Number(mcid) === next, `32k 14.7.4.3: MCID ${mcid}, want ${next}`)
      must(TYPES.test(String(operands[0]).slice(1)), `2a 6.7.3.4: ${String(operands[0])}`)
      next++
    } else if (operator === 'EMC') must(open.pop(), '32k 14.6: EMC without its beginning')
    else if (PAINTING.test(operator))
      must(open.length === 1, `ua 7.1: ${operator} is neither tagged nor an artifact`)
    must(/^[a-zA-Z*'"]+$/.test(operator) && operator !== 'gs', `2a 6.2.5: operator ${operator}`)
  }
  must(open.length === 0, '32k 14.6: marked content that does not end')
  return next
}

function noteCodes(operations: Operation[], resources: PDFDict, uses: Uses) {
  let font: PDFDict | undefined
  for (const { operator, operands } of operations) {
    if (operator === 'Tf')
      font = resources
        .lookup(PDFName.of('Font'), PDFDict)
        .lookup(PDFName.of(String(operands[0]).slice(1)), PDFDict)
    if (operator !== 'Tj' && operator !== 'TJ') continue
    const strings = operator === 'TJ' ? (operands[0] as Operand[]) : operands
    const used = uses.codes.get(font!) ?? new Set()
    uses.codes.set(font!, used)
    for (const string of strings)
      if (Buffer.isBuffer(string))
        for (let at = 0; at < string.length; at += 2) used.add(string.toString('hex', at, at + 2))
  }
}

function checkStructure(document: PDFDocument, uses: Uses, must: Must) {
  const { context, catalog } = document
  const root = catalog.lookup(PDFName.of('StructTreeRoot'), PDFDict)
  must(root.get(PDFName.of('RoleMap')) === undefined, '2a 6.7.3.4: standard types need no role map')
  const parents = new Map<number, PDFObject>()
  const numbers = root.lookup(PDFName.of('ParentTree'), PDFDict).lookup(PDFName.of('Nums'), PDFArray)
  for (let at = 0; at < numbers.size(); at += 2) parents.set(numberOf(numbers.get(at))!, numbers.get(at + 1))
  const pages = document.getPages().map(({ ref }) => ref)
  const headings: number[] = []
  let content = 0
  const typeOf = (element: PDFDict) => nameOf(element.get(PDFName.of('S'))) ?? '?'
  const attribute = (element: PDFDict, key: string) => {
    const attributes = element.lookup(PDFName.of('A'))
    const all = attributes instanceof PDFArray ? attributes.asArray() : attributes ? [attributes] : []
    return all.flatMap((one) => (one instanceof PDFDict && one.get(PDFName.of(key))) || [])[0]
  }
  const walk = (ref: PDFRef, parent: PDFRef) => {
    const element = context.lookup(ref, PDFDict)
    const type = typeOf(element)
    must(element.get(PDFName.of('P')) === parent, `32k 14.7.2: /P of a ${type}`)
    must(TYPES.test(type), `2a 6.7.3.4: type ${type}`)
    const entry = element.lookup(PDFName.of('K'))
    const kids = entry instanceof PDFArray ? entry.asArray() : [element.get(PDFName.of('K'))!]
    const children: string[] = []
    for (const kid of kids) {
      const value = kid instanceof PDFRef ? context.lookup(kid) : kid
      if (
        value instanceof PDFNumber ||
        (value instanceof PDFDict && nameOf(value.get(PDFName.of('Type'))) === 'MCR')
      ) {
        content++
        const isNumber = value instanceof PDFNumber
        const page = pages.indexOf((isNumber ? element : value).get(PDFName.of('Pg')) as PDFRef)
        const mcid = numberOf(isNumber ? value : value.get(PDFName.of('MCID')))!
        const onPage = parents.get(page)
        const entry = onPage instanceof PDFRef ? context.lookup(onPage) : onPage
        must(
          entry instanceof PDFArray && entry.get(mcid) === ref,
          `ua 7.1: parent of MCID ${mcid} on page ${page}`,
        )
        children.push('content')
      } else if (value instanceof PDFDict && nameOf(value.get(PDFName.of('Type'))) === 'OBJR') {
        const target = value.lookup(PDFName.of('Obj'), PDFDict)
        const key = numberOf(target.get(PDFName.of('StructParent')))
        must(key !== undefined && parents.get(key) === ref, `ua 7.18: parent of the object in a ${type}`)
        children.push('object')
      } else if (kid instanceof PDFRef && value instanceof PDFDict) {
        children.push(typeOf(value))
        walk(kid, ref)
      } else must(false, `32k 14.7.2: child of a ${type}`)
    }
    must(children.length > 0, `32k 14.7.2: empty ${type}`)
    for (const child of children) {
      const allowed = KIDS[type]
      if (allowed) must(allowed.test(child), `ua 7.2: ${child} in a ${type}`)
    }
    if (/^H\d$/.test(type)) headings.push(Number(type[1]))
    if (type === 'LI') must(children.join() === 'Lbl,LBody', `ua 7.6: LI of ${children.join()}`)
    if (type === 'L') must(nameOf(attribute(element, 'ListNumbering')) === 'Decimal', 'ua 7.6: ListNumbering')
    if (type === 'TH') must(/^(Row|Column)$/.test(nameOf(attribute(element, 'Scope')) ?? ''), 'ua 7.5: Scope')
    if (type === 'Figure') {
      must(textOf(element.get(PDFName.of('Alt')))?.trim(), 'ua 7.3: Alt')
      must(attribute(element, 'BBox') instanceof PDFArray, '32k 14.8.5.4: BBox')
    }
    if (type === 'Form') must(children.join() === 'object', 'ua 7.18.4: Form of one widget')
    if (type === 'Link') must(children.at(-1) === 'object', 'ua 7.18.5: Link with its annotation')
    if (type === 'Table') {
      const rows = kids.flatMap((part) => {
        const rows = context.lookup(part, PDFDict).lookup(PDFName.of('K'))
        return rows instanceof PDFArray ? rows.asArray() : [rows!]
      })
      const cells = rows.map((row) => {
        const found = (row instanceof PDFRef ? context.lookup(row, PDFDict) : (row as PDFDict)).lookup(
          PDFName.of('K'),
        )
        return found instanceof PDFArray ? found.size() : 1
      })
      must(new Set(cells).size === 1, `ua 7.2: rows of ${[...new Set(cells)].join(' and ')} cells`)
    }
  }
  const top = root.get(PDFName.of('K'))
  must(top instanceof PDFRef && typeOf(context.lookup(top, PDFDict)) === 'Document', '32k 14.8.4.2: Document')
  walk(top as PDFRef, catalog.get(PDFName.of('StructTreeRoot')) as PDFRef)
  must(content === uses.mcids.reduce((sum, each) => sum + each, 0), 'ua 7.1: content without an element')
  uses.mcids.forEach((count, page) => {
    const onPage = context.lookup(parents.get(page))
    const size = onPage instanceof PDFArray ? onPage.size() : -1
    must(size === count, `32k 14.7.4.4: page ${page} has ${count} MCIDs, its parents are ${size}`)
  })
  must(headings[0] === 1, 'ua 7.4.2: the first heading is H1')
  headings.forEach((level, at) =>
    must(at === 0 || level <= headings[at - 1]! + 1, 'ua 7.4.2: a level is skipped'),
  )
  must(
    [...parents.keys()].every((key, at) => key === at) &&
      numberOf(root.get(PDFName.of('ParentTreeNextKey'))) === parents.size,
    '32k 14.7.2: keys of the parent tree',
  )
}

function checkFields(document: PDFDocument, must: Must) {
  const { context, catalog } = document
  const form = catalog.lookupMaybe(PDFName.of('AcroForm'), PDFDict)
  must(form?.get(PDFName.of('NeedAppearances')) === undefined, '2a 6.4.1: NeedAppearances')
  must(form?.get(PDFName.of('XFA')) === undefined, '2a 6.4.2: XFA')
  const fields = form?.lookup(PDFName.of('Fields'), PDFArray).asArray() ?? []
  if (fields.length > 0) must(numberOf(form!.get(PDFName.of('SigFlags'))) === 3, '32k 12.7.2: SigFlags')
  let widgets = 0
  document.getPages().forEach(({ node }) => {
    for (const ref of node.lookupMaybe(PDFName.of('Annots'), PDFArray)?.asArray() ?? []) {
      const annotation = context.lookup(ref, PDFDict)
      const flags = numberOf(annotation.get(PDFName.of('F'))) ?? 0
      must((flags & 0b100) === 0b100 && (flags & 0b100011) === 0, '2a 6.3.2: annotation flags')
      must(
        !annotation.has(PDFName.of('A')) || nameOf(annotation.get(PDFName.of('Subtype'))) === 'Link',
        '2a 6.4.1: action',
      )
      must(!annotation.has(PDFName.of('AA')), '2a 6.4.1: additional action')
      if (nameOf(annotation.get(PDFName.of('Subtype'))) === 'Link') {
        must(textOf(annotation.get(PDFName.of('Contents'))), 'ua 7.18.5: Contents of the link')
        must(annotation.has(PDFName.of('StructParent')), 'ua 7.18.5: the link is tagged')
        continue
      }
      widgets++
      must(fields.includes(ref), '32k 12.7.4.5: field and widget are one dictionary')
      must(textOf(annotation.get(PDFName.of('TU'))), 'ua 7.18.1: TU')
      const [left, bottom, right, top] = annotation
        .lookup(PDFName.of('Rect'), PDFArray)
        .asArray()
        .map((each) => numberOf(each)!) as [number, number, number, number]
      const isVisible = right > left || top > bottom
      must(isVisible || (right < 0 && top < 0), 'ua 7.18.4: an invisible field lies outside the page')
      must(
        annotation.has(PDFName.of('StructParent')) === isVisible,
        'ua 7.18.4: only the visible field is tagged',
      )
      const appearance = annotation.lookupMaybe(PDFName.of('AP'), PDFDict)
      must(!isVisible || appearance?.lookup(PDFName.of('N')) instanceof PDFStream, '2a 6.3.3: appearance')
      must(!appearance || appearance.keys().length === 1, '2a 6.3.3: appearance of /N only')
      must(!isVisible || ref === fields[0], 'the visible field is the one that is filled first')
      must(textOf(annotation.get(PDFName.of('T'))), '32k 12.7.3: name')
    }
  })
  must(widgets === fields.length, '32k 12.7.4.5: every field is on a page')
}

function checkFonts(context: PDFContext, uses: Uses, must: Must) {
  for (const [, object] of context.enumerateIndirectObjects())
    if (object instanceof PDFDict && nameOf(object.get(PDFName.of('Type'))) === 'Font')
      must(
        /^(Type0|CIDFontType2)$/.test(nameOf(object.get(PDFName.of('Subtype')))!),
        '2a 6.2.11.4: font without a program',
      )
  for (const [font, codes] of uses.codes) {
    const base = nameOf(font.get(PDFName.of('BaseFont')))!
    must(/^[A-Z]{6}\+/.test(base), `32k 9.6.4: ${base} is a subset`)
    must(nameOf(font.get(PDFName.of('Encoding'))) === 'Identity-H', '2a 6.2.11.3: Identity-H')
    const cid = font.lookup(PDFName.of('DescendantFonts'), PDFArray).lookup(0, PDFDict)
    must(nameOf(cid.get(PDFName.of('CIDToGIDMap'))) === 'Identity', '2a 6.2.11.3: CIDToGIDMap')
    const descriptor = cid.lookup(PDFName.of('FontDescriptor'), PDFDict)
    must(nameOf(descriptor.get(PDFName.of('FontName'))) === base, '32k 9.8: FontName')
    must(!descriptor.has(PDFName.of('CIDSet')), '2a 6.2.11.4.2: CIDSet')
    const file = descriptor.lookup(PDFName.of('FontFile2')) as PDFRawStream
    const program = Buffer.from(decodePDFRawStream(file).decode())
    must(numberOf(file.dict.get(PDFName.of('Length1'))) === program.length, '32k 9.9 table 127: Length1')
    const parsed = fontkit.create(program)
    const widths = new Map<number, number>()
    const list = cid.lookup(PDFName.of('W'), PDFArray)
    for (let at = 0; at < list.size(); at += 2)
      list
        .lookup(at + 1, PDFArray)
        .asArray()
        .forEach((width, index) => widths.set(numberOf(list.get(at))! + index, numberOf(width)!))
    const map = decodePDFRawStream(font.lookup(PDFName.of('ToUnicode')) as PDFRawStream).decode()
    const unicode = new Map<string, string>()
    for (const [, count, block] of Buffer.from(map)
      .toString('latin1')
      .matchAll(/(\d+) beginbfchar\n([^]*?)endbfchar/g)) {
      const entries = [...block!.matchAll(/<([0-9a-fA-F]{4})> <([0-9a-fA-F]+)>/g)]
      must(entries.length === Number(count) && entries.length <= 100, '32k 9.10.3: blocks of at most 100')
      for (const [, code, value] of entries) unicode.set(code!.toLowerCase(), value!.toLowerCase())
    }
    must(new Set(unicode.values()).size === unicode.size, 'one character, one code')
    for (const code of codes) {
      const glyph = parseInt(code, 16)
      must(glyph !== 0, '2a 6.2.11.8: glyph 0')
      const value = unicode.get(code)
      must(
        value && !/^(0000|feff|fffe|e[0-9a-f]{3}|f[0-8][0-9a-f]{2})$/.test(value),
        `2a 6.2.11.7: code ${code}`,
      )
      const width = (parsed.getGlyph(glyph).advanceWidth / parsed.unitsPerEm) * 1000
      must(Math.abs((widths.get(glyph) ?? -1) - width) <= 1, `2a 6.2.11.5: width of code ${code}`)
    }
  }
}

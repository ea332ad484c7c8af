import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { SaxesParser } from 'saxes'
import { XmlError, XmlTokenizer } from '../../src/store/xml.js'

type Event = ['open', string, Record<string, string>] | ['close', string] | ['text', string]

const joinTexts = (events: Event[]) =>
  events.reduce<Event[]>((joined, event) => {
    const last = joined.at(-1)
    if (event[0] !== 'text') joined.push(event)
    else if (last?.[0] === 'text') last[1] += event[1]
    else if (event[1] !== '') joined.push([...event])
    return joined
  }, [])

function tokenize(pieces: string[]): Event[] {
  const events: Event[] = []
  const tokenizer = new XmlTokenizer({
    open: (name, attributes) => events.push(['open', name, { ...attributes }]),
    close: (name) => events.push(['close', name]),
    text: (text) => events.push(['text', text]),
  })
  for (const piece of pieces) tokenizer.write(piece)
  tokenizer.end()
  return joinTexts(events)
}

/** The same events from a parser that we did not write. */
function parseWithSaxes(text: string): Event[] {
  const events: Event[] = []
  const parser = new SaxesParser({ xmlns: false } as const)
  parser.on('error', (error) => {
    throw error
  })
  let depth = 0
  parser.on('opentag', (tag) => {
    depth++
    events.push(['open', tag.name, { ...tag.attributes }])
  })
  parser.on('closetag', (tag) => {
    depth--
    events.push(['close', tag.name])
  })
  parser.on('text', (value) => {
    if (depth > 0) events.push(['text', value]) // not the line break after the XML declaration
  })
  parser.on('cdata', (value) => events.push(['text', value]))
  parser.write(text).close()
  return joinTexts(events)
}

const name = fc.constantFrom('row', 'c', 'v', 'is', 't', 'Relationship', 'a-b', 'a.b', '_x')
const plain = fc.stringMatching(/^[ -%'-;=?-~é日]{0,12}$/)
const reference = fc.constantFrom('&amp;', '&lt;', '&gt;', '&quot;', '&apos;', '&#65;', '&#x1F600;', '')
const text = fc.tuple(plain, reference, plain).map((parts) => parts.join('').replaceAll(']]>', ''))
const attribute = fc.tuple(fc.constantFrom('r', 's', 't', 'name'), text, fc.constantFrom('"', "'"))
const attributes = fc
  .uniqueArray(attribute, { selector: ([key]) => key, maxLength: 3 })
  .map((list) =>
    list.map(([key, value, quote]) => ` ${key}=${quote}${value.replaceAll(quote, '')}${quote}`).join(''),
  )
const { element } = fc.letrec<{ element: string; content: string }>((tie) => ({
  element: fc.oneof(
    { maxDepth: 4 },
    fc.tuple(name, attributes).map(([one, list]) => `<${one}${list}/>`),
    fc
      .tuple(name, attributes, tie('content'))
      .map(([one, list, inner]) => `<${one}${list} >${inner}</${one} >`),
  ),
  content: fc
    .array(
      fc.oneof(
        tie('element'),
        text,
        plain.map((one) => `<!--${one.replaceAll('-', '')}-->`),
        plain.map((one) => `<![CDATA[${one.replaceAll(']', '')}<&]]>`),
        fc.constant('<?pi x?>'),
      ),
      { maxLength: 4 },
    )
    .map((list) => list.join('')),
}))

test('says of any document what the parser saxes says of it, wherever the pieces are cut', () => {
  const document = fc
    .tuple(fc.constantFrom('', '<?xml version="1.0" encoding="UTF-8"?>\n'), element)
    .map((parts) => parts.join(''))
  fc.assert(
    fc.property(document, fc.array(fc.nat({ max: 400 }), { maxLength: 8 }), (xml, cuts) => {
      const wanted = parseWithSaxes(xml)
      const places = [0, ...cuts.map((cut) => cut % (xml.length + 1)).sort((a, b) => a - b), xml.length]
      const pieces = places.slice(1).map((place, index) => xml.slice(places[index], place))
      assert.deepEqual(tokenize(pieces), wanted)
      assert.deepEqual(tokenize([...xml].length < 200 ? [...xml] : [xml]), wanted)
    }),
    { numRuns: 500 },
  )
})

test('takes the prefix off an element and leaves it on an attribute', () => {
  assert.deepEqual(tokenize(['<x:a r:id="1"/>']), [
    ['open', 'a', { 'r:id': '1' }],
    ['close', 'a'],
  ])
})

const broken = [
  ['nothing', ''],
  ['text alone', 'x'],
  ['text before the root', 'x<a/>'],
  ['text after the root', '<a/>x'],
  ['a second root', '<a/><b/>'],
  ['a root that does not end', '<a>'],
  ['an end without a start', '</a>'],
  ['elements that do not nest', '<a><b></a></b>'],
  ['a tag that does not end', '<a><b'],
  ['an attribute without a value', '<a b/>'],
  ['an attribute without quotes', '<a b=1/>'],
  ['an attribute twice', '<a b="1" b="2"/>'],
  ['attributes that run together', '<a b="1"c="2"/>'],
  ['< in an attribute', '<a b="<"/>'],
  ['an unknown entity', '<a>&x;</a>'],
  ['a bare ampersand', '<a>&</a>'],
  ['an entity called like a property', '<a>&constructor;</a>'],
  ['a character reference beyond Unicode', '<a>&#x110000;</a>'],
  ['a DOCTYPE', '<!DOCTYPE a><a/>'],
  ['a DOCTYPE inside', '<a><!DOCTYPE a></a>'],
  ['an element named __proto__', '<__proto__/>'],
  ['an attribute named __proto__', '<a __proto__="1"/>'],
  ['a name that is none', '<1a/>'],
  ['65 levels', '<a>'.repeat(65) + '</a>'.repeat(65)],
  ['CDATA outside the root', '<![CDATA[x]]><a/>'],
] as const
for (const [title, xml] of broken)
  test(`refuses ${title}, whole and in pieces`, () => {
    assert.throws(() => tokenize([xml]), XmlError)
    assert.throws(() => tokenize([...xml]), XmlError)
  })

test('refuses a token that never ends before it fills the memory', () => {
  const tokenizer = new XmlTokenizer({ open() {}, close() {}, text() {} })
  tokenizer.write('<a>')
  assert.throws(() => {
    for (let count = 0; count < 100; count++) tokenizer.write('x'.repeat(65_536))
  }, XmlError)
})

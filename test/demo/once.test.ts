import assert from 'node:assert/strict'
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { after, before, test } from 'node:test'
import { makeTemporary, missingTools, type Program, run, startPakta } from './road.js'

const SIGNERS = 12
/** The units of the invented pemda: itself, its OPD and kecamatan, and all below. */
const UNITS_MIN = 300
const skip = missingTools(['qpdf', 'pdfsig', 'certutil', 'openssl', 'zbarimg', 'pdftoppm', 'pdftotext'])

const ROOT = join(import.meta.dirname, '../../..')
const temporary = makeTemporary()
const out = join(temporary.folder, 'out')
const rootsFile = join(out, 'akar.pem')
const file = (name: string, bytes: Uint8Array | string) => {
  const path = join(temporary.folder, name)
  writeFileSync(path, bytes)
  return path
}
const readJson = <Shape>(name: string) => JSON.parse(readFileSync(join(out, name), 'utf8')) as Shape
const pactFiles = () => readdirSync(join(out, 'pakta')).map((name) => join(out, 'pakta', name))
const verifyByCommand = async (path: string) => {
  const program = startPakta(['verify', path, '--root', rootsFile, '--json'], {})
  const code = await program.ended
  return { code, said: program.said() }
}

let road: { code: number; said: string }
let server: Program | undefined
let baseUrl = ''

before(async () => {
  if (skip) return
  const program = startPakta(['demo', '--once', '--keep', '--signers', String(SIGNERS), '--out', out], {})
  road = { code: await program.ended, said: program.said() }
  if (road.code !== 0) return
  // The same house again, at the address that its QR codes lead to.
  baseUrl = new URL((await readQrCodes(pactFiles()[0]!))[0]!).origin
  server = startPakta(['serve', '--demo'], {
    HOST: '127.0.0.1',
    PORT: new URL(baseUrl).port,
    PAKTA_BASE_URL: baseUrl,
    PAKTA_DATA: join(out, 'data'),
    PAKTA_KEYS: join(out, 'data', 'keys'),
  })
  await server.waitFor(/Pakta berjalan di/, 60)
})
after(async () => {
  await server?.stop()
  temporary.remove()
})

test('the whole road in one command: exit 0, and everybody signed, sealed and verified', { skip }, () => {
  assert.equal(road.code, 0, road.said)
  const { signers, signed, sealed, verified, seconds } = readJson<Record<string, number>>('summary.json')
  assert.deepEqual(
    { signers, signed, sealed, verified },
    { signers: SIGNERS, signed: SIGNERS, sealed: SIGNERS, verified: SIGNERS },
  )
  assert.ok(seconds! > 0)
  assert.equal(pactFiles().length, SIGNERS)
  for (const path of pactFiles()) assert.match(basename(path), /^pakta-[0-7][0-9A-HJKMNP-TV-Z]{25}\.pdf$/)
})

test('coverage.json is the whole tree, one node a unit, and adds up to who signed', { skip }, () => {
  interface Counts {
    required: number
    invited: number
    undeliverable: number
    opened: number
    signed: number
    declined: number
    excluded: number
  }
  interface Node extends Counts {
    depth: number
    code: string
    kind: string
    name: string
    own: Counts
  }
  const nodes = readJson<Node[]>('coverage.json')
  assert.ok(nodes.length >= UNITS_MIN, `${nodes.length} nodes`)
  assert.equal(new Set(nodes.map((node) => node.code)).size, nodes.length)
  assert.deepEqual([nodes[0]!.depth, nodes[0]!.kind, nodes[0]!.signed], [0, 'pemda', SIGNERS])
  const ofKind = (kind: string) => nodes.filter((node) => node.kind === kind).length
  assert.deepEqual([ofKind('pemda'), ofKind('kecamatan'), ofKind('kelurahan')], [1, 11, 65])
  const names = ['required', 'invited', 'undeliverable', 'opened', 'signed', 'declined', 'excluded'] as const
  for (const [index, node] of nodes.entries()) {
    assert.ok(node.name && node.kind, JSON.stringify(node))
    // A branch is the node and all that follow it deeper down.
    const end = nodes.findIndex((other, at) => at > index && other.depth <= node.depth)
    const branch = nodes.slice(index, end === -1 ? undefined : end)
    for (const name of names)
      assert.equal(
        node[name],
        branch.reduce((sum, one) => sum + one.own[name], 0),
        `${node.code} ${name}`,
      )
  }
})

test('qpdf finds every pact well formed', { skip }, async () => {
  for (const path of pactFiles()) {
    const { code, out: said } = await run('qpdf', ['--check', path])
    assert.equal(code, 0, said)
    assert.match(said, /No syntax or stream encoding errors found/)
  }
})

test(
  'pdfsig finds every signature valid and trusted, and the last one over the whole file',
  { skip },
  async () => {
    const nss = join(temporary.folder, 'nss')
    mkdirSync(nss)
    assert.equal((await run('certutil', ['-N', '-d', `sql:${nss}`, '--empty-password'])).code, 0)
    const roots = readFileSync(rootsFile, 'utf8').match(/-----BEGIN[\s\S]*?-----END CERTIFICATE-----/g)!
    assert.equal(roots.length, 2)
    for (const [index, pem] of roots.entries()) {
      const root = file(`root${index}.pem`, `${pem}\n`)
      const added = await run('certutil', [
        '-A',
        '-d',
        `sql:${nss}`,
        '-n',
        `root${index}`,
        '-t',
        'C,C,C',
        '-i',
        root,
      ])
      assert.equal(added.code, 0, added.out)
    }
    let witnessed = 0
    for (const path of pactFiles()) {
      const { code, out: said } = await run('pdfsig', ['-nssdir', `sql:${nss}`, path])
      assert.equal(code, 0, said)
      const signatures = said.split(/^Signature #\d+:$/m).slice(1)
      const fields = signatures.map((one) => /Signature Field Name: (\S+)/.exec(one)?.[1])
      // The last one closes the archive. Poppler up to 24 reads its range and cannot judge its token; openssl does.
      assert.match(fields.pop()!, /^ARSIP_\d+$/)
      assert.match(signatures.pop()!, /- Total document signed/)
      assert.ok(
        ['PENANDA_TANGAN SEGEL', 'PENANDA_TANGAN SAKSI SEGEL', 'PENANDA_TANGAN SAKSI_1 SEGEL'].includes(
          fields.join(' '),
        ),
        fields.join(' '),
      )
      if (fields.length === 3) witnessed++
      for (const one of signatures) {
        assert.match(one, /Signature Type: ETSI\.CAdES\.detached/)
        assert.match(one, /Signature Validation: Signature is Valid\./)
        assert.match(one, /Certificate Validation: Certificate is Trusted\./)
        assert.match(one, /- Not total document/)
      }
    }
    assert.ok(witnessed >= 1, 'no pact with a witness')
  },
)

/** Every signature's CMS and the bytes it speaks of, by the text of the file alone (ISO 32000-1, 12.8.1). */
function findSignatures(path: string): { cms: Buffer; content: Buffer; end: number }[] {
  const bytes = readFileSync(path)
  const text = bytes.toString('latin1')
  return [...text.matchAll(/\/ByteRange\s*\[\s*(\d+)\s+(\d+)\s+(\d+)\s+(\d+)\s*\]/g)].map((found) => {
    const [first, sizeOne, second, sizeTwo] = found.slice(1).map(Number) as [number, number, number, number]
    const gap = text.slice(first + sizeOne, second)
    assert.match(gap, /^<[0-9a-fA-F]+>$/)
    const padded = Buffer.from(gap.slice(1, -1), 'hex')
    // DER: SEQUENCE, long form of two length bytes; what follows is padding.
    assert.deepEqual([...padded.subarray(0, 2)], [0x30, 0x82])
    const content = Buffer.concat([
      bytes.subarray(first, first + sizeOne),
      bytes.subarray(second, second + sizeTwo),
    ])
    return { cms: padded.subarray(0, 4 + padded.readUInt16BE(2)), content, end: second + sizeTwo }
  })
}

test(
  'openssl accepts every CMS as CAdES over its byte range, from the two roots alone',
  { skip },
  async () => {
    for (const path of pactFiles()) {
      const signatures = findSignatures(path)
      assert.ok(signatures.length >= 3)
      const stamp = signatures.pop()!
      assert.equal(stamp.end, readFileSync(path).length)
      const token = ['-token_in', '-in', file('one.tsr', stamp.cms), '-CAfile', rootsFile]
      const stamped = await run('openssl', [
        ...['ts', '-verify', ...token, '-data', file('one.bin', stamp.content)],
      ])
      assert.equal(stamped.code, 0, stamped.out)
      assert.match(stamped.out, /Verification: OK/)
      for (const { cms, content } of signatures) {
        const args = ['-cades', '-binary', '-inform', 'DER', '-in', file('one.cms', cms)]
        const trust = ['-CAfile', rootsFile, '-purpose', 'any', '-out', '/dev/null']
        const good = await run('openssl', [
          'cms',
          '-verify',
          ...args,
          '-content',
          file('one.bin', content),
          ...trust,
        ])
        assert.equal(good.code, 0, good.out)
        assert.match(good.out, /CAdES Verification successful/)
        content[100]! ^= 1
        const bad = await run('openssl', [
          'cms',
          '-verify',
          ...args,
          '-content',
          file('one.bin', content),
          ...trust,
        ])
        assert.notEqual(bad.code, 0)
      }
    }
  },
)

async function readQrCodes(path: string): Promise<string[]> {
  const picture = join(temporary.folder, 'page')
  const drawn = await run('pdftoppm', ['-r', '150', '-png', path, picture])
  assert.equal(drawn.code, 0, drawn.out)
  const codes: string[] = []
  for (const name of readdirSync(temporary.folder).filter((one) => /^page.*\.png$/.test(one))) {
    const page = join(temporary.folder, name)
    const found = await run('zbarimg', ['-q', '--raw', page])
    codes.push(...found.out.split('\n').filter((line) => /^https?:/.test(line)))
    rmSync(page)
  }
  return codes
}

test(
  'the QR code on the rendered page leads to the public page that says SAH, with the code printed beside it',
  { skip },
  async () => {
    for (const path of pactFiles()) {
      const code = /pakta-(\w+)\.pdf/.exec(path)![1]!
      assert.deepEqual(await readQrCodes(path), [`${baseUrl}/v/${code}`])
      const printed = await (await run('pdftotext', [path, '-'])).out.replace(/[\s-]/g, '')
      assert.ok(printed.includes(code), `${code} is not printed`)
      const page = await (await fetch(`${baseUrl}/v/${code}`)).text()
      assert.equal(headingOf(page), 'SAH')
    }
  },
)

test('every pact passes the offline command with the published roots alone', { skip }, async () => {
  for (const path of pactFiles()) {
    const { code, said } = await verifyByCommand(path)
    assert.equal(code, 0, said)
    assert.equal((JSON.parse(said) as { conclusion: string }).conclusion, 'VALID')
  }
  // As people run it: the program that package.json names as `pakta`. Not through npx, which prepares the
  // package again, and so builds it anew under the feet of the tests beside this one.
  const { bin } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { bin: { pakta: string } }
  const typed = await run(join(ROOT, bin.pakta), ['verify', pactFiles()[0]!, '--root', rootsFile])
  assert.equal(typed.code, 0, typed.out)
  assert.match(typed.out, /: SAH$/m)
})

const headingOf = (page: string) => /<h1[^>]*>([\s\S]*?)<\/h1>/.exec(page)?.[1]

async function verifyByPage(
  path: string,
): Promise<{ status: number; heading: string | undefined; page: string }> {
  const body = new FormData()
  body.append('file', new Blob([readFileSync(path)]), 'pakta.pdf')
  const response = await fetch(`${baseUrl}/v`, { method: 'POST', body, headers: { origin: baseUrl } })
  const page = await response.text()
  return { status: response.status, heading: headingOf(page), page }
}

/** A further revision that shows an empty page one: every byte that was signed stays where it was. */
async function replacePage(path: string): Promise<Buffer> {
  const bytes = readFileSync(path)
  const [, first] = (await run('qpdf', ['--show-pages', path])).out.split(/^page \d+:/m)
  const numbers = [...first!.slice(first!.indexOf('content:')).matchAll(/(\d+) 0 R/g)].map(
    ([, number]) => number!,
  )
  const text = bytes.toString('latin1')
  const last = (pattern: RegExp) => [...text.matchAll(pattern)].at(-1)![1]!
  let update = ''
  let xref = 'xref\n'
  numbers.forEach((number, index) => {
    xref += `${number} 1\n${String(bytes.length + update.length).padStart(10, '0')} 00000 n \n`
    const stream = index === 0 ? 'q 0 0 0 rg 100 400 200 100 re f Q' : ''
    update += `${number} 0 obj\n<< /Length ${stream.length} >>\nstream\n${stream}\nendstream\nendobj\n`
  })
  const start = bytes.length + update.length
  const [size, root, previous] = [
    last(/\/Size (\d+)/g),
    last(/\/Root (\d+) 0 R/g),
    last(/startxref\s+(\d+)/g),
  ]
  const trailer = `trailer\n<< /Size ${size} /Root ${root} 0 R /Prev ${previous} >>\nstartxref\n${start}\n%%EOF\n`
  return Buffer.concat([bytes, Buffer.from(update + xref + trailer)])
}

/** One byte other than it was. */
function flip(path: string, at: (text: string) => number, mask = 1): Buffer {
  const bytes = readFileSync(path)
  const offset = at(bytes.toString('latin1'))
  assert.ok(offset > 0 && offset < bytes.length, `offset ${offset}`)
  bytes[offset]! ^= mask
  return bytes
}

const contentsOf = (text: string) => [...text.matchAll(/\/Contents <30/g)].map(({ index }) => index)

const inside = (pattern: RegExp, which = 0) => {
  return (text: string) => {
    const found = [...text.matchAll(pattern)].at(which)!
    return found.index + Math.floor(found[0].length / 2)
  }
}

const damages: Record<string, (path: string) => Buffer | Promise<Buffer>> = {
  'a byte of the page': (path) => flip(path, inside(/stream\r?\n[\s\S]*?endstream/g)),
  'a byte of the largest stream, a font': (path) =>
    flip(path, (text) => {
      const streams = [...text.matchAll(/stream\r?\n[\s\S]*?endstream/g)]
      const largest = streams.sort((one, other) => other[0].length - one[0].length)[0]!
      return largest.index + Math.floor(largest[0].length / 2)
    }),
  'a byte of the signer’s CMS': (path) => flip(path, (text) => text.indexOf('<30') + 700),
  'a byte of the seal’s CMS': (path) => flip(path, (text) => contentsOf(text).at(-2)! + 700),
  'a byte of the archive’s token': (path) => flip(path, (text) => contentsOf(text).at(-1)! + 700),
  'a byte of the padding behind the CMS': (path) => flip(path, (text) => text.lastIndexOf('00>') - 4),
  'a byte of a byte range': (path) => flip(path, inside(/\/ByteRange\s*\[[^\]]*/g)),
  'a byte of the first cross-reference table': (path) => flip(path, inside(/xref\n[\s\S]*?trailer/g)),
  'a byte of the last trailer': (path) => flip(path, inside(/trailer[\s\S]*?startxref/g, -1)),
  'a byte of the last startxref': (path) => flip(path, (text) => text.lastIndexOf('startxref') + 11),
  'a byte added at the end': (path) => Buffer.concat([readFileSync(path), Buffer.from('\n')]),
  'a byte lost at the end': (path) => readFileSync(path).subarray(0, -1),
  'a file cut in half': (path) => {
    const bytes = readFileSync(path)
    return bytes.subarray(0, Math.floor(bytes.length / 2))
  },
  'the seal’s revision cut off, and a comment put there': (path) => {
    const bytes = readFileSync(path)
    const end = bytes.lastIndexOf('%%EOF', bytes.length - 10) + 6
    return Buffer.concat([bytes.subarray(0, end), Buffer.from('% \n')])
  },
  'a page replaced by a further incremental update': replacePage,
  'the file written anew by qpdf': async (path) => {
    const anew = join(temporary.folder, `anew-${basename(path)}`)
    await run('qpdf', ['--deterministic-id', path, anew])
    return readFileSync(anew)
  },
}

test('the page that a further update replaced does look different, in a sound PDF', { skip }, async () => {
  const [path] = pactFiles() as [string]
  const replaced = file('replaced.pdf', await replacePage(path))
  assert.equal((await run('qpdf', ['--check', replaced])).code, 0)
  const firstPage = async (pdf: string) => (await run('pdftotext', ['-l', '1', pdf, '-'])).out.trim()
  assert.notEqual(await firstPage(path), '')
  assert.equal(await firstPage(replaced), '')
  assert.match((await run('pdfsig', ['-nocert', replaced])).out, /Signature is Valid/)
})

for (const [what, damage] of Object.entries(damages))
  test(`TIDAK SAH by command and by page: ${what}`, { skip }, async () => {
    // One pact with a witness and one without: the former has three signatures.
    const paths = pactFiles().sort((one, other) => findSignatures(one).length - findSignatures(other).length)
    const check = async (path: string, name: string) => {
      const damaged = file(name, await damage(path))
      const { code, said } = await verifyByCommand(damaged)
      assert.equal(code, 1, said)
      assert.equal((JSON.parse(said) as { conclusion: string }).conclusion, 'INVALID')
      const { status, heading } = await verifyByPage(damaged)
      assert.deepEqual([status, heading], [200, 'TIDAK SAH'])
    }
    await Promise.all([check(paths[0]!, 'damaged-1.pdf'), check(paths.at(-1)!, 'damaged-2.pdf')])
  })

test('the page says SAH to the very file, and names the signer to who brings it', { skip }, async () => {
  const [path] = pactFiles() as [string]
  const { status, heading } = await verifyByPage(path)
  assert.deepEqual([status, heading], [200, 'SAH'])
})

test(
  'neither command nor page reads what is no PDF or is encrypted: exit 2, and what to do',
  { skip },
  async () => {
    const encrypted = join(temporary.folder, 'encrypted.pdf')
    const made = await run('qpdf', ['--encrypt', 'satu', 'dua', '256', '--', pactFiles()[0]!, encrypted])
    assert.equal(made.code, 0, made.out)
    const open = join(temporary.folder, 'open.pdf')
    assert.equal((await run('qpdf', ['--encrypt', '', 'dua', '256', '--', pactFiles()[0]!, open])).code, 0)
    const text = file('surat.pdf', 'Ini bukan PDF, melainkan surat biasa.\n')
    const picture = file('foto.pdf', Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex'))
    for (const path of [encrypted, open, text, picture]) {
      const { code, said } = await verifyByCommand(path)
      assert.equal(code, 2, `${path}: ${said}`)
      assert.equal((JSON.parse(said) as { conclusion: string }).conclusion, 'UNREADABLE')
      const { status, page } = await verifyByPage(path)
      assert.equal(status, 400)
      assert.match(page, /Unggah berkas PDF aslinya/)
    }
  },
)

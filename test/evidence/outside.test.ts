import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after as afterAll, test } from 'node:test'
import { formatCertificatePem } from '../../src/evidence/certificate.js'
import { PactError } from '../../src/domain/errors.js'
import { parseCms } from '../../src/evidence/cms.js'
import { readRevisions } from '../../src/evidence/signed-file.js'
import { attacks, make, roots } from './attacks.js'
import { signedAt } from './paper.js'

// What other people's tools say of each attack that ours refuses, kept beside what they said before. "silent" is a
// miss: the tool has no complaint that it does not also have about the honest file. PAKTA_GOLDEN=write renews it.
const GOLDEN = 'test/golden/attacks.json'
const folder = mkdtempSync(join(tmpdir(), 'pakta-attacks-'))
afterAll(() => rmSync(folder, { recursive: true }))
const path = (name: string) => join(folder, name)
const run = (name: string, ...args: string[]) => {
  const { status, stdout, stderr, error } = spawnSync(name, args, { encoding: 'latin1' })
  if (error) throw error
  return { code: status ?? -1, out: `${stdout}${stderr}` }
}
const first = (text: string) => /\d+\.\d+[\w.-]*/.exec(text)?.[0] ?? '?'
const versions = {
  pdfsig: () => first(run('pdfsig', '-v').out),
  mutool: () => first(run('mutool', '-v').out),
  openssl: () => first(run('openssl', 'version').out),
  qpdf: () => first(run('qpdf', '--version').out),
}
type Tool = keyof typeof versions
type Word = 'silent' | 'flags'

const judges: Record<Tool, (file: string, pdf: Uint8Array) => boolean> = {
  // every signature valid, and the last field, a document timestamp that it cannot judge, signs the total document
  pdfsig(file) {
    const found = run('pdfsig', '-nocert', file).out.split('Signature #').slice(1)
    const signatures = found.filter((one) => !/Field Name: ARSIP_/.test(one))
    const isValid = signatures.every((one) => /Validation: Signature is Valid\./.test(one))
    return signatures.length > 1 && isValid && /- Total document signed/.test(found.at(-1)!)
  },
  // It says "edits since signing" of the honest file too, and "not signed" of a document timestamp as of an empty field.
  mutool(file) {
    const found = run('mutool', 'sign', '-v', file).out.split('Verifying signature ').slice(1)
    const signatures = found.filter((one) => !/Signature is not signed/.test(one))
    return signatures.length > 1 && signatures.every((one) => /The signature is valid/.test(one))
  },
  // each CMS over the bytes that its dictionary names, at the time of signing
  openssl(_, pdf) {
    let revisions
    try {
      revisions = readRevisions(pdf).revisions
    } catch (error) {
      if (!(error instanceof PactError)) throw error
      // What our reader does not take apart is taken apart as any tool would.
      revisions = cutOut(pdf)
    }
    return revisions.length > 0 && revisions.every((one) => verifyCms(pdf, one))
  },
  qpdf: (file) => run('qpdf', '--check', file).code === 0,
}

function cutOut(pdf: Uint8Array) {
  const text = Buffer.from(pdf).toString('latin1')
  const found = text.matchAll(
    /\/Type \/Sig\n[^]*?\/Contents <([0-9a-f]+)>\n\/ByteRange \[(\d+) (\d+) (\d+) (\d+)/g,
  )
  return [...found].map(([, hex, ...range]) => ({
    cms: trim(Buffer.from(hex!, 'hex')),
    byteRange: range.map(Number) as [number, number, number, number],
  }))
}
const trim = (der: Buffer) => der.subarray(0, 4 + der.readUInt16BE(2))

function verifyCms(
  pdf: Uint8Array,
  {
    cms,
    byteRange: [start, length, restart, rest],
  }: { cms: Uint8Array; byteRange: readonly number[] } & {
    byteRange: readonly [number, number, number, number]
  },
): boolean {
  writeFileSync(path('cms'), cms)
  writeFileSync(
    path('content'),
    Buffer.concat([pdf.subarray(start, start + length), pdf.subarray(restart, restart + rest)]),
  )
  return (
    run(
      'openssl',
      ...['cms', '-verify', '-binary', '-cades', '-inform', 'DER', '-purpose', 'any', '-in', path('cms')],
      ...['-content', path('content'), '-CAfile', path('roots.pem'), '-out', path('out')],
      ...['-attime', String(signedAt.getTime() / 1000)],
    ).code === 0
  )
}

function sayOf(pdf: Uint8Array): Record<Tool, Word> {
  const file = path('file.pdf')
  writeFileSync(file, pdf)
  return Object.fromEntries(
    Object.entries(judges).map(([name, isGood]) => [name, isGood(file, pdf) ? 'silent' : 'flags']),
  ) as Record<Tool, Word>
}

test('what pdfsig, mutool, openssl and qpdf say of each attack is what is written down', async (t) => {
  const golden = JSON.parse(readFileSync(GOLDEN, 'utf8')) as {
    versions: Record<Tool, string>
    attacks: Record<string, Record<Tool, Word>>
  }
  let here: Record<Tool, string>
  try {
    here = Object.fromEntries(Object.entries(versions).map(([name, ask]) => [name, ask()])) as typeof here
  } catch (error) {
    if (process.env['CI']) throw error
    return t.skip((error as Error).message)
  }
  const isWriting = process.env['PAKTA_GOLDEN'] === 'write'
  if (!isWriting && JSON.stringify(here) !== JSON.stringify(golden.versions)) {
    assert.ok(
      !process.env['CI'],
      `written down for ${JSON.stringify(golden.versions)}, here is ${JSON.stringify(here)}`,
    )
    return t.skip(`other versions than written down: ${JSON.stringify(here)}`)
  }
  writeFileSync(path('roots.pem'), [...roots.signer, ...roots.seal].map(formatCertificatePem).join(''))
  assert.deepEqual(sayOf(await make()), {
    pdfsig: 'silent',
    mutool: 'silent',
    openssl: 'silent',
    qpdf: 'silent',
  })
  assert.ok(parseCms(readRevisions(await make()).revisions[0]!.cms).token)
  const said: typeof golden.attacks = {}
  // What only a record of certificates can tell is the honest file itself.
  for (const [name, attack] of Object.entries(attacks))
    if (!attack.expected) said[name] = sayOf(await attack.make())
  if (isWriting) writeFileSync(GOLDEN, `${JSON.stringify({ versions: here, attacks: said }, undefined, 2)}\n`)
  else assert.deepEqual(said, golden.attacks)
})

import assert from 'node:assert/strict'
import { readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, test, type TestContext } from 'node:test'
import { readPact } from '../../src/flow/file.js'
import { OUTAGE_REST_SECONDS } from '../../src/flow/batch.js'
import { sealDue } from '../../src/flow/seal.js'
import { findPact, findRevisions, piecesOf } from '../../src/store/pacts.js'
import { formatCertificatePem } from '../../src/evidence/certificate.js'
import { parseCms } from '../../src/evidence/cms.js'
import { readRevisions } from '../../src/evidence/signed-file.js'
import { tool } from '../evidence/paper.js'
import { openTestHouse } from '../house.js'

const house = await openTestHouse({ after })
await house.openCampaign()
await house.advance()

const stateOf = async (key: string) => (await findPact(house.db, (await house.partyOf(key)).pactId))!.state
const countPieces = () =>
  readdirSync(join(house.folder, 'naskah'), { recursive: true, withFileTypes: true }).filter((one) =>
    one.isFile(),
  ).length

// What failed is left alone for a while.
const rest = () => (house.now = new Date(house.now.getTime() + OUTAGE_REST_SECONDS * 1000))

/** Runs everything with a process that dies right after it wrote the piece number `dies` to the disk. */
async function advanceDying(dies: number): Promise<void> {
  const { files } = house.house
  let count = 0
  house.house.files = {
    ...files,
    async put(bytes) {
      const sha256 = await files.put(bytes)
      if (++count >= dies) throw new Error('the power went')
      return sha256
    },
  }
  await house.advance()
  house.house.files = files
  assert.match(house.logs.join(), /the power went/)
  house.logs.length = 0
  rest()
}

test('a crash between a piece on the disk and its row leaves a pact that the next run finishes', async () => {
  await house.sign('camat')
  // What is shared, the page's own piece, the signature.
  for (const dies of [1, 3, 4]) {
    await advanceDying(dies)
    assert.equal((await house.partyOf('camat')).state, 'agreed')
    assert.equal((await findRevisions(house.db, (await house.partyOf('camat')).pactId)).length, 0)
    await house.check()
  }
  await house.advance()
  assert.equal((await house.partyOf('camat')).state, 'signed')
  await house.witness()
  await advanceDying(1) // the witness's signature
  assert.equal(await stateOf('camat'), 'open')
  await advanceDying(2) // the seal
  assert.equal(await stateOf('camat'), 'complete')
  await house.check()
  await house.advance()
  assert.equal(await stateOf('camat'), 'sealed')
  const { pactId } = await house.partyOf('camat')
  const named = (await findRevisions(house.db, pactId)).flatMap(piecesOf)
  assert.ok(countPieces() > named.length, 'the crashes left pieces that no row names')
  await house.check()
})

test('a pact that cannot go on holds up no other', async () => {
  await house.sign('kadis')
  await house.advance()
  await house.witness()
  await house.sign('plt')
  const { files } = house.house
  const { pactId } = await house.partyOf('kadis')
  const [first] = await findRevisions(house.db, pactId)
  house.house.files = {
    ...files,
    async get(sha256) {
      if (Buffer.from(sha256).equals(Buffer.from(first!.chunkSha256))) throw new Error('disk is gone')
      return files.get(sha256)
    },
  }
  await house.advance()
  assert.equal((await house.partyOf('plt')).state, 'signed')
  assert.equal(await stateOf('kadis'), 'open')
  assert.match(house.logs.join(), /disk is gone/)
  house.logs.length = 0
  rest()
  house.house.files = files
  await house.advance()
  assert.equal(await stateOf('kadis'), 'sealed')
  await house.check()
})

test('several processes that seal at once take each step once', async () => {
  await house.witness()
  for (const key of ['dinas1', 'dinas2', 'dinas3', 'anggrek1']) await house.sign(key)
  while (
    (await Promise.all(Array.from({ length: 4 }, () => sealDue(house.house, house.clock)))).some(Boolean)
  );
  await house.advance()
  for (const key of ['plt', 'dinas1', 'dinas2', 'dinas3', 'anggrek1']) {
    assert.equal(await stateOf(key), 'sealed')
    const receipts = house.post
      .mailsTo(house.person(key).email)
      .filter((mail) => /Tanda terima/.test(mail.subject))
    assert.equal(receipts.length, 1, `${key} has one receipt`)
  }
  await house.check()
})

/** A sealed pact as a file in the house's folder, and what each revision of it was. */
async function fileOf(key: string) {
  const { pactId } = await house.partyOf(key)
  const pdf = await readPact(house.house, house.db, pactId)
  const path = join(house.folder, `${key}.pdf`)
  writeFileSync(path, pdf)
  return { pdf, path, revisions: await findRevisions(house.db, pactId) }
}

test('pdfsig and qpdf find every signature of a witnessed pact valid, the earlier ones under the later', async (t) => {
  const { path } = await fileOf('kadis')
  const pdfsig = tool(t, 'pdfsig', ['-nocert', path])
  if (!pdfsig) return
  assert.equal(pdfsig.code, 0, pdfsig.out)
  assert.equal(pdfsig.out.match(/Signature Validation: Signature is Valid\./g)?.length, 3, pdfsig.out)
  // Poppler 22 reads a document timestamp's range and cannot judge its token; openssl does, below.
  const last = pdfsig.out.split('Signature #').at(-1)!
  assert.match(last, /ARSIP_[^]*Total document signed/, 'the document timestamp covers the whole document')
  assert.equal(pdfsig.out.match(/Total document signed/g)?.length, 1, 'and it alone')
  const qpdf = tool(t, 'qpdf', ['--check', path])
  assert.equal(qpdf?.code, 0, qpdf?.out)
  await house.check()
})

const evidenceTool = (t: TestContext) => {
  const path = (name: string) => join(house.folder, name)
  const put = (name: string, bytes: Uint8Array | string) => {
    writeFileSync(path(name), bytes)
    return path(name)
  }
  const { roots, authorities } = house.house.keys
  const atTime = ['-attime', String(Math.floor(house.now.getTime() / 1000) + 60)]
  const root = {
    signer: put('akar-s.pem', formatCertificatePem(roots.signer[0]!)),
    seal: put('akar-l.pem', formatCertificatePem(roots.seal[0]!)),
  }
  const authority = {
    signer: put('penerbit-s.pem', formatCertificatePem(authorities.signer.certificate.der)),
    seal: put('penerbit-l.pem', formatCertificatePem(authorities.seal.certificate.der)),
  }
  return {
    cms: (content: Uint8Array, cms: Uint8Array, kind: 'signer' | 'seal') =>
      tool(t, 'openssl', [
        ...['cms', '-verify', '-binary', '-cades', '-inform', 'DER', '-purpose', 'any', ...atTime],
        ...['-in', put('cms.der', cms), '-content', put('content', content), '-CAfile', root[kind]],
        ...['-out', path('out')],
      ]),
    token: (content: Uint8Array, token: Uint8Array) =>
      tool(t, 'openssl', [
        ...['ts', '-verify', '-token_in', ...atTime, '-CAfile', root.seal],
        ...['-in', put('token.der', token), '-data', put('content', content)],
      ]),
    ocsp: (response: Uint8Array, certificate: Uint8Array, kind: 'signer' | 'seal') =>
      tool(t, 'openssl', [
        ...['ocsp', '-respin', put('ocsp.der', response), '-CAfile', root[kind], ...atTime],
        ...['-issuer', authority[kind], '-cert', put('leaf.pem', formatCertificatePem(certificate))],
        ...['-no_nonce', '-validity_period', '1000000000'],
      ]),
    crl: (list: Uint8Array, kind: 'signer' | 'seal') =>
      tool(t, 'openssl', [
        'crl',
        '-inform',
        'DER',
        '-noout',
        '-in',
        put('list.crl', list),
        '-CAfile',
        root[kind],
      ]),
  }
}

test('openssl accepts each signature, timestamp, OCSP response and list over what it covers, and nothing else', async (t) => {
  const { pdf, revisions } = await fileOf('kadis')
  const openssl = evidenceTool(t)
  const { increments } = readRevisions(pdf)
  assert.deepEqual(
    increments.map((one) => one.kind),
    ['signature', 'signature', 'signature', 'store', 'stamp'],
  )
  const certificates: { der: Uint8Array; kind: 'signer' | 'seal' }[] = []
  for (const [index, one] of increments.entries()) {
    assert.equal(one.end, revisions[index + 1]!.sizeBytes)
    if (one.kind === 'store') continue
    const [start, length, restart, rest] = one.byteRange
    assert.equal(restart + rest, one.end, 'it covers the file as it was when it was made')
    const content = Buffer.concat([
      pdf.subarray(start, start + length),
      pdf.subarray(restart, restart + rest),
    ])
    const changed = Buffer.from(content)
    changed[content.length >> 1]! ^= 1
    if (one.kind === 'stamp') {
      const good = openssl.token(content, one.token)
      assert.equal(good?.code, 0, good?.out)
      assert.notEqual(openssl.token(changed, one.token)?.code, 0)
      continue
    }
    const kind = one.slot === 'SEGEL' ? 'seal' : 'signer'
    const good = openssl.cms(content, one.cms, kind)
    assert.equal(good?.code, 0, good?.out)
    assert.notEqual(openssl.cms(changed, one.cms, kind)?.code, 0)
    const cms = parseCms(one.cms)
    const stamped = openssl.token(cms.signature, cms.token!)
    assert.equal(stamped?.code, 0, stamped?.out)
    assert.notEqual(openssl.token(content, cms.token!)?.code, 0)
    certificates.push({ der: cms.certificate.der, kind })
  }
  certificates.push({ der: house.house.keys.stamper.certificate, kind: 'seal' })
  const [store] = increments.filter((one) => one.kind === 'store')
  assert.equal(store!.ocsps.length, certificates.length)
  for (const [index, { der, kind }] of certificates.entries()) {
    const answer = openssl.ocsp(store!.ocsps[index]!, der, kind)
    assert.equal(answer?.code, 0, answer?.out)
    assert.match(answer?.out ?? '', /: good\n[^]*Response verify OK/)
  }
  assert.equal(store!.crls.length, 2)
  for (const [index, kind] of (['signer', 'seal'] as const).entries()) {
    assert.match(openssl.crl(store!.crls[index]!, kind)?.out ?? '', /verify OK/)
    assert.doesNotMatch(openssl.crl(store!.crls[1 - index]!, kind)?.out ?? '', /verify OK/)
  }
  await house.check()
})

test('a pact keeps at most 13 KB of its own, all evidence for twenty years in it; fonts, profile and structure are kept once for all', async () => {
  const pieces = async (key: string) =>
    (await findRevisions(house.db, (await house.partyOf(key)).pactId)).flatMap(piecesOf)
  const nameOf = (sha256: Uint8Array) => Buffer.from(sha256).toString('hex')
  const sizeOf = (name: string) => statSync(join(house.folder, 'naskah', name.slice(0, 2), `${name}.gz`)).size
  const [one, other] = [(await pieces('dinas2')).map(nameOf), (await pieces('dinas3')).map(nameOf)]
  const own = one.filter((name) => !other.includes(name))
  const shared = one.filter((name) => other.includes(name))
  const sum = (names: string[]) => names.map(sizeOf).reduce((total, each) => total + each, 0)
  assert.deepEqual([own.length, shared.length], [5, 2])
  assert.ok(sum(own) <= 13_000, `${sum(own)} bytes`)
  assert.ok(sum(shared) > 25_000, `${sum(shared)} bytes`)
  const pdf = await readPact(house.house, house.db, (await house.partyOf('dinas2')).pactId)
  assert.ok(pdf.length <= 100_000, `${pdf.length} bytes`)
})

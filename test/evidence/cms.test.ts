import assert from 'node:assert/strict'
import { createHash, generateKeyPairSync, sign } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { before, test } from 'node:test'
import fc from 'fast-check'
import { PactError } from '../../src/domain/errors.js'
import { formatCertificatePem, readCertificate, type Signer } from '../../src/evidence/certificate.js'
import {
  assembleCms,
  buildCms,
  encodeSignedAttributes,
  parseCms,
  prepareSigner,
  sizeCmsMax,
  verifyCms,
} from '../../src/evidence/cms.js'
import { encodeDer, encodeOid, readAll, readOne, sequence, sortSet, TAG } from '../../src/evidence/der.js'
import { keyKinds, makeFolder, makeRoot, makeSigner, tool } from './paper.js'

const content = Buffer.from('isi dokumen')
const digest = createHash('sha256').update(content).digest()
let root: Signer
let signer: Signer

before(async () => {
  root = await makeRoot('Akar')
  signer = await makeSigner(root, 'party', { commonName: 'Siti', serialNumber: '198001152005012003' })
})

const isRefused = (error: unknown) => error instanceof PactError && error.code === 'BAD_FILE'

for (const kind of keyKinds) {
  test(`openssl verifies a ${kind} CMS as CAdES and prints exactly three signed attributes, none of them a time`, async (t) => {
    const authority = await makeRoot('Akar', kind)
    const one = await makeSigner(authority, 'seal', { commonName: 'Kota' }, { kind })
    const cms = await buildCms({ digest, signer: one })
    const folder = makeFolder(t)
    const put = (file: string, bytes: Uint8Array | string) => {
      writeFileSync(join(folder, file), bytes)
      return join(folder, file)
    }
    const [file, body] = [put('a.cms', cms), put('a.txt', content)]
    const authorities = put('root.pem', formatCertificatePem(authority.certificate))
    const run = tool(t, 'openssl', [
      ...['cms', '-verify', '-cades', '-binary', '-inform', 'DER', '-in', file, '-content', body],
      ...['-CAfile', authorities, '-purpose', 'any', '-out', '/dev/null'],
    ])
    if (!run) return
    assert.equal(run.code, 0, run.out)
    const printed = tool(t, 'openssl', [
      'cms',
      '-cmsout',
      '-print',
      '-noout',
      '-inform',
      'DER',
      '-in',
      file,
    ])!.out
    const attributes = printed.slice(
      printed.indexOf('signedAttrs:'),
      printed.indexOf('signatureAlgorithm:', printed.indexOf('signedAttrs:')),
    )
    assert.deepEqual([...attributes.matchAll(/object: ([\w-]+)/g)].map((match) => match[1]).sort(), [
      'contentType',
      'id-smime-aa-signingCertificateV2',
      'messageDigest',
    ])
    assert.match(printed, /unsignedAttrs:\s*<ABSENT>/)
    assert.match(
      printed,
      kind === 'P-256' ? /algorithm: ecdsa-with-SHA256/ : /algorithm: sha256WithRSAEncryption/,
    )
    assert.equal(
      cms.length <= sizeCmsMax({ certificate: readCertificate(one.certificate), chain: one.chain }),
      true,
    )
  })
}

test('what is parsed is what was signed, and another digest is told apart', async () => {
  const cms = parseCms(await buildCms({ digest, signer }))
  assert.deepEqual(Buffer.from(cms.digest), digest)
  assert.equal(cms.certificate.serialNumber, '198001152005012003')
  assert.deepEqual(
    cms.chain.map((one) => one.commonName),
    ['Akar'],
  )
  assert.deepEqual(verifyCms(cms, digest), { digest: true, signature: true })
  assert.deepEqual(verifyCms(cms, createHash('sha256').digest()), { digest: false, signature: true })
})

test('the signed attributes are a DER SET in ascending order', () => {
  const attributes = encodeSignedAttributes(digest, readCertificate(signer.certificate))
  assert.equal(attributes[0], 0x31)
  const parts = readAll(readOne(attributes, TAG.set).content).map(({ whole }) => whole)
  assert.equal(parts.length, 3)
  assert.deepEqual(sortSet(parts), parts)
})

test('1,000 ECDSA signatures and more are accepted, those with a leading zero byte among them', async () => {
  const certificate = readCertificate(signer.certificate)
  const lengths = new Map<number, number>()
  let short = 0
  // One signature in 256 has such a byte, so that one batch of fifty has none: go on until one comes.
  for (let index = 0; index < 1000 || (short === 0 && index < 20_000); index++) {
    const hash = createHash('sha256').update(String(index)).digest()
    const bytes = await buildCms({ digest: hash, signer })
    const cms = parseCms(bytes)
    assert.deepEqual(verifyCms(cms, hash), { digest: true, signature: true })
    assert(bytes.length <= sizeCmsMax({ certificate, chain: signer.chain }))
    lengths.set(cms.signature.length, (lengths.get(cms.signature.length) ?? 0) + 1)
    // an INTEGER of 31 bytes or fewer: r or s begins with a zero byte
    if (readAll(readOne(cms.signature, TAG.sequence).content).some((part) => part.content.length < 32))
      short++
  }
  assert(lengths.has(70) && lengths.has(71) && lengths.has(72), String([...lengths]))
  assert(short > 0, 'no leading-zero case in 20,000 signatures')
})

test('ECDSA as raw 64 bytes, with a padded or a negative INTEGER, is no signature', async () => {
  const certificate = readCertificate(signer.certificate)
  const attributes = encodeSignedAttributes(digest, certificate)
  const good = await signer.sign(attributes)
  const [r, s] = readAll(readOne(good, TAG.sequence).content).map((part) => part.content)
  const unsigned = (bytes: Uint8Array) => Buffer.from(bytes[0] === 0 ? bytes.subarray(1) : bytes)
  const integer = (bytes: Uint8Array) => encodeDer(TAG.integer, bytes)
  const raw = Buffer.concat(
    [r!, s!].map((part) => Buffer.concat([Buffer.alloc(32), unsigned(part)]).subarray(-32)),
  )
  const negative = Buffer.from(unsigned(r!))
  negative[0]! |= 0x80
  const bad = [
    raw,
    sequence(encodeDer(TAG.integer + 0x20, Uint8Array.of(0), r!), integer(s!)),
    Buffer.concat([Buffer.from([0x30, good[1]! + 1, 0x02, r!.length + 1, 0]), r!, integer(s!)]),
    sequence(integer(negative), integer(s!)),
    Buffer.concat([good, Uint8Array.of(0)]),
    new Uint8Array(),
    sequence(integer(Uint8Array.of(0)), integer(Uint8Array.of(0))),
  ]
  for (const signature of bad) {
    const cms = parseCms(assembleCms({ digest, certificate, chain: signer.chain, signature }))
    assert.deepEqual(
      verifyCms(cms, digest),
      { digest: true, signature: false },
      Buffer.from(signature).toString('hex'),
    )
  }
})

test('one flipped bit in any byte is either refused, or the signature, digest or chain no longer fits', async () => {
  const bytes = Buffer.from(await buildCms({ digest, signer }))
  for (let at = 0; at < bytes.length; at++) {
    for (const bit of [1, 128]) {
      bytes[at]! ^= bit
      let noticed = false
      try {
        const cms = parseCms(bytes)
        const verified = verifyCms(cms, digest)
        const whole = cms.chain.length === 1 && Buffer.compare(cms.chain[0]!.der, root.certificate) === 0
        noticed = !verified.digest || !verified.signature || !whole
      } catch (error) {
        assert(isRefused(error), String(error))
        noticed = true
      }
      bytes[at]! ^= bit
      assert(noticed, `byte ${at}, bit ${bit}`)
    }
  }
})

test('a fourth signed attribute, an unsigned one, a time, a second signer and trailing bytes are refused', async () => {
  const certificate = readCertificate(signer.certificate)
  const bytes = Buffer.from(await buildCms({ digest, signer }))
  // rebuilds the CMS with its SignerInfo (the last value of SignedData) changed
  const withSignerInfo = (change: (parts: Uint8Array[]) => Uint8Array[][]) => {
    const [type, wrapped] = readAll(readOne(bytes, TAG.sequence).content)
    const signedData = readAll(readOne(readOne(wrapped!.whole, 0xa0).content, TAG.sequence).content).map(
      ({ whole }) => whole,
    )
    const parts = readAll(readOne(readOne(signedData[4]!, TAG.set).content, TAG.sequence).content).map(
      ({ whole }) => whole,
    )
    const infos = change(parts).map((each) => sequence(...each))
    return sequence(
      type!.whole,
      encodeDer(0xa0, sequence(...signedData.slice(0, 4), encodeDer(TAG.set, ...infos))),
    )
  }
  assert.deepEqual(Buffer.from(withSignerInfo((parts) => [parts])), bytes)
  const time = sequence(
    encodeOid('1.2.840.113549.1.9.5'),
    encodeDer(TAG.set, encodeDer(TAG.utcTime, Buffer.from('261103091500Z'))),
  )
  const attributes = readAll(readOne(encodeSignedAttributes(digest, certificate), TAG.set).content).map(
    ({ whole }) => whole,
  )
  const four = sortSet([...attributes, time])
  const signature = encodeDer(TAG.octetString, await signer.sign(encodeDer(TAG.set, ...four)))
  const bad = {
    'a signed time': withSignerInfo((parts) => [
      [...parts.slice(0, 3), encodeDer(0xa0, ...four), parts[4]!, signature],
    ]),
    'two signed attributes': withSignerInfo((parts) => [
      [...parts.slice(0, 3), encodeDer(0xa0, ...attributes.slice(0, 2)), ...parts.slice(4)],
    ]),
    'attributes out of order': withSignerInfo((parts) => [
      [...parts.slice(0, 3), encodeDer(0xa0, ...attributes.reverse()), ...parts.slice(4)],
    ]),
    'an unsigned attribute': withSignerInfo((parts) => [[...parts, encodeDer(0xa1, time)]]),
    'two signers': withSignerInfo((parts) => [parts, parts]),
    'no signer': withSignerInfo(() => []),
    'a byte behind it': Buffer.concat([bytes, Uint8Array.of(0)]),
    'half of it': bytes.subarray(0, bytes.length / 2),
    nothing: new Uint8Array(),
  }
  for (const [what, cms] of Object.entries(bad)) assert.throws(() => parseCms(cms), isRefused, what)
})

test('a CMS signed with another key than its certificate has is built by nobody', async () => {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const liar: Signer = { ...signer, sign: (bytes) => sign('sha256', bytes, privateKey) }
  await assert.rejects(
    buildCms({ digest, signer: liar }),
    (error) => error instanceof PactError && error.code === 'BAD_KEY',
  )
})

test('random bytes are refused, never a crash', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      assert.throws(() => parseCms(bytes), isRefused)
      assert.throws(
        () => parseCms(sequence(encodeOid('1.2.840.113549.1.7.2'), encodeDer(0xa0, sequence(bytes)))),
        isRefused,
      )
    }),
  )
})

test('a prepared signer makes what assembleCms makes, for every length of signature', async () => {
  for (const kind of keyKinds) {
    const root = await makeRoot('Akar', kind)
    const signer = await makeSigner(root, 'party', { commonName: 'Siti' }, { kind })
    const certificate = readCertificate(signer.certificate)
    const lengths = new Set<number>()
    let signature = new Uint8Array()
    const watched = {
      ...signer,
      sign: async (bytes: Uint8Array) => (signature = new Uint8Array(await signer.sign(bytes))),
    }
    const prepared = prepareSigner(watched)
    for (let index = 0; index < (kind === 'P-256' ? 300 : 3); index++) {
      const digest = createHash('sha256').update(String(index)).digest()
      const made = await prepared.sign(digest)
      lengths.add(signature.length)
      assert.deepEqual(
        Buffer.from(made),
        Buffer.from(assembleCms({ digest, certificate, chain: signer.chain, signature })),
      )
      assert.deepEqual(verifyCms(parseCms(made), digest), { digest: true, signature: true })
    }
    assert.ok(kind !== 'P-256' || lengths.size >= 3, `lengths ${[...lengths].join()}`)
  }
})

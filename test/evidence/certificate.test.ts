import assert from 'node:assert/strict'
import { createPublicKey, generateKeyPairSync } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import fc from 'fast-check'
import { PactError } from '../../src/domain/errors.js'
import {
  formatCommonName,
  formatIdentityNumber,
  issueCertificate,
  issueRoot,
} from '../../src/evidence/authority.js'
import {
  checkChain,
  fingerprint,
  formatCertificatePem,
  holdKey,
  isAlive,
  methodOf,
  methodPolicies,
  parseCertificatesPem,
  readCertificate,
} from '../../src/evidence/certificate.js'
import { encodeInteger, encodeOid } from '../../src/evidence/der.js'
import { keyKinds, makeFolder, makeRoot, makeSerial, makeSigner, signedAt, tool } from './paper.js'

const isRefused = (code: string) => (error: unknown) => error instanceof PactError && error.code === code

function write(t: TestContext, certificates: Record<string, Uint8Array>): (name: string) => string {
  const folder = makeFolder(t)
  const at = (name: string) => join(folder, `${name}.pem`)
  for (const [name, der] of Object.entries(certificates)) writeFileSync(at(name), formatCertificatePem(der))
  return at
}

for (const kind of keyKinds) {
  test(`openssl -x509_strict accepts party and seal certificates under a ${kind} root`, async (t) => {
    const root = await makeRoot('Akar', kind)
    const party = await makeSigner(root, 'party', { commonName: 'Siti', serialNumber: '198001152005012003' })
    const seal = await makeSigner(root, 'seal', { commonName: 'Kota' }, { kind })
    const at = write(t, { root: root.certificate, party: party.certificate, seal: seal.certificate })
    for (const name of ['root', 'party', 'seal']) {
      const run = tool(t, 'openssl', [
        'verify',
        '-x509_strict',
        '-check_ss_sig',
        '-CAfile',
        at('root'),
        at(name),
      ])
      if (!run) return
      assert.equal(run.code, 0, run.out)
    }
  })
}

test('openssl prints the party profile: P-256, 24 hours, critical Non Repudiation and CA:FALSE, key identifiers, own policy', async (t) => {
  const root = await makeRoot('Akar Penanda Tangan')
  const subject = { commonName: 'Dr. Siti — Ñ, M.Si.', serialNumber: '198001152005012003' }
  const party = await makeSigner(root, 'party', subject)
  const at = write(t, { root: root.certificate, party: party.certificate })
  const print = (name: string) =>
    tool(t, 'openssl', ['x509', '-in', at(name), '-noout', '-text', '-nameopt', 'utf8,sep_comma_plus'])
  const text = print('party')?.out.replace(/\s+/g, ' ')
  if (text === undefined) return
  const policy = methodPolicies['one-time-server-key']
  for (const expected of [
    /Version: 3 \(0x2\)/,
    /Signature Algorithm: ecdsa-with-SHA256/,
    /Issuer: C=ID,O=Pemerintah Kota Kendari,CN=Akar Penanda Tangan/,
    /Subject: C=ID,O=Pemerintah Kota Kendari,serialNumber=198001152005012003,CN=Dr\. Siti/,
    /NIST CURVE: P-256/,
    /X509v3 Basic Constraints: critical CA:FALSE/,
    /X509v3 Key Usage: critical Non Repudiation X509v3/,
    /X509v3 Subject Key Identifier: ([0-9A-F]{2}:){19}[0-9A-F]{2}/,
    /X509v3 Authority Key Identifier: ([0-9A-F]{2}:){19}[0-9A-F]{2}/,
    new RegExp(`Policy: ${policy.replaceAll('.', '\\.')}`),
  ])
    assert.match(text, expected)
  assert.doesNotMatch(text, /Extended Key Usage/)
  const keyIdOf = (name: string, label: string) =>
    new RegExp(`${label} Key Identifier:\\s*([0-9A-F:]+)`).exec(print(name)!.out)![1]
  assert.equal(keyIdOf('party', 'Authority'), keyIdOf('root', 'Subject'))
  const dates = tool(t, 'openssl', [
    'x509',
    '-in',
    at('party'),
    '-noout',
    '-dates',
    '-dateopt',
    'iso_8601',
  ])!.out
  const [from, until] = [...dates.matchAll(/=(.*)$/gm)].map((match) =>
    new Date(match[1]!.replace(' ', 'T')).getTime(),
  )
  assert.equal(from, signedAt.getTime() - 60_000)
  assert.equal(until, signedAt.getTime() + 86_400_000)
})

test('what openssl reads of a certificate is what we read: names, dates, serial, fingerprint, key', async (t) => {
  const root = await makeRoot('Akar')
  const party = await makeSigner(root, 'party', { commonName: 'Siti', serialNumber: '123' })
  const at = write(t, { party: party.certificate })
  const certificate = readCertificate(party.certificate)
  const run = tool(t, 'openssl', ['x509', '-in', at('party'), '-noout', '-serial', '-fingerprint', '-sha256'])
  if (!run) return
  const [, serial, print] = /serial=([0-9A-F]+)[^]*Fingerprint=([0-9A-F:]+)/i.exec(run.out)!
  assert.equal(print!.replaceAll(':', '').toLowerCase(), fingerprint(party.certificate))
  assert.deepEqual(
    Buffer.from(certificate.serial),
    Buffer.from(encodeInteger(Buffer.from(serial!.padStart(32, '0'), 'hex'))),
  )
  const key = tool(t, 'openssl', ['x509', '-in', at('party'), '-noout', '-pubkey'])!.out
  assert(createPublicKey(key).equals(certificate.publicKey))
  assert.deepEqual(
    [certificate.commonName, certificate.serialNumber, certificate.organization],
    ['Siti', '123', 'Pemerintah Kota Kendari'],
  )
})

test('a certificate that ends in 2050 or later is written as openssl reads it', async (t) => {
  const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const key = holdKey(pair.privateKey, pair.publicKey)
  for (const [now, until] of [
    ['2019-12-31T12:00:00Z', 'Dec 31 '],
    ['2020-01-02T12:00:00Z', 'Jan  2 '],
  ] as const) {
    const der = await issueRoot({
      key,
      subject: { commonName: 'A', organization: 'B' },
      serial: makeSerial(),
      now: new Date(now),
    })
    const run = tool(t, 'openssl', ['x509', '-in', write(t, { root: der })('root'), '-noout', '-enddate'])
    if (!run) return
    assert.match(run.out, new RegExp(`notAfter=${until}`))
    assert.equal(new Date(run.out.trim().slice(9)).getTime(), readCertificate(der).notAfter.getTime())
  }
})

test('names longer than 64 characters are cut with an ellipsis, numbers outside PrintableString get question marks', async (t) => {
  assert.equal(formatCommonName('a'.repeat(64)), 'a'.repeat(64))
  assert.equal(formatCommonName('😀'.repeat(65)), '😀'.repeat(63) + '…')
  assert.equal(formatIdentityNumber('800.1/12_A №7'), '800.1/12?A ?7')
  const root = await makeRoot('Akar')
  const party = await makeSigner(root, 'party', {
    commonName: 'N'.repeat(300),
    serialNumber: '_'.repeat(100),
  })
  const certificate = readCertificate(party.certificate)
  assert.equal([...certificate.commonName!].length, 64)
  assert.equal(certificate.serialNumber, '?'.repeat(64))
  const at = write(t, { root: root.certificate, party: party.certificate })
  const run = tool(t, 'openssl', ['verify', '-x509_strict', '-CAfile', at('root'), at('party')])
  if (run) assert.equal(run.code, 0, run.out)
})

test('object identifiers and integers come out as published', () => {
  const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')
  // RFC 8017 appendix B.1 (id-sha256), X.690 section 8.19.5 (the example 2.100.3)
  assert.equal(hex(encodeOid('2.16.840.1.101.3.4.2.1')), '0609608648016503040201')
  assert.equal(hex(encodeOid('2.100.3')), '0603813403')
  assert.equal(hex(encodeInteger(Uint8Array.of(0, 0, 127))), '02017f')
  assert.equal(hex(encodeInteger(Uint8Array.of(128))), '02020080')
  assert.equal(hex(encodeInteger(Uint8Array.of(0))), '020100')
})

test('the method is told by the policy, and by no other certificate', async () => {
  const root = await makeRoot('Akar')
  const methods = await Promise.all(
    (['party', 'seal'] as const).map(async (profile) =>
      methodOf(readCertificate((await makeSigner(root, profile, { commonName: 'A' })).certificate)),
    ),
  )
  assert.deepEqual(methods, ['one-time-server-key', 'institution-seal'])
  assert.equal(methodOf(readCertificate(root.certificate)), undefined)
})

test('the chain is followed to a given root and nowhere else', async () => {
  const root = await makeRoot('Akar')
  const twin = await makeRoot('Akar')
  const signer = await makeSigner(root, 'party', { commonName: 'Siti' })
  const seal = await makeSigner(root, 'seal', { commonName: 'Kota' })
  const [leaf, rootRead, twinRead] = [signer, root, twin].map((one) => readCertificate(one.certificate)) as [
    ReturnType<typeof readCertificate>,
    ReturnType<typeof readCertificate>,
    ReturnType<typeof readCertificate>,
  ]
  const below = await makeSigner({ ...signer, chain: [] }, 'party', { commonName: 'Anak' })
  const ask = (input: Partial<Parameters<typeof checkChain>[0]>) =>
    checkChain({ leaf, chain: [], roots: [rootRead], purpose: 'signer', ...input })
  const names = (result: ReturnType<typeof checkChain>) =>
    'path' in result ? result.path.map((one) => one.commonName) : result.why
  assert.deepEqual(names(ask({})), ['Siti', 'Akar'])
  assert.deepEqual(names(ask({ chain: [rootRead] })), ['Siti', 'Akar'])
  assert.deepEqual(names(ask({ leaf: readCertificate(seal.certificate), purpose: 'seal' })), ['Kota', 'Akar'])
  assert.deepEqual(names(ask({ roots: [leaf] })), ['Siti'])
  const bad: [string, ReturnType<typeof checkChain>, RegExp][] = [
    ['another root of the same name', ask({ roots: [twinRead] }), /akar/],
    ['another root of the same name in the chain', ask({ chain: [twinRead] }), /bukan bagian/],
    ['no root', ask({ roots: [] }), /akar/],
    ['an untrusted root in the chain', ask({ roots: [], chain: [rootRead] }), /akar|rantai/],
    ['the root as signer', ask({ leaf: rootRead }), /bukan untuk menandatangani/],
    [
      'a certificate issued by a party',
      ask({ leaf: readCertificate(below.certificate), chain: [leaf] }),
      /akar/,
    ],
  ]
  for (const [what, result, why] of bad) assert.match('why' in result ? result.why : 'accepted', why, what)
})

test('alive from the first to the last second', async () => {
  const certificate = readCertificate(
    (await makeSigner(await makeRoot('A'), 'party', { commonName: 'A' })).certificate,
  )
  const at = (milliseconds: number) => isAlive(certificate, new Date(signedAt.getTime() + milliseconds))
  assert.deepEqual([-60_001, -60_000, 86_400_000, 86_400_001].map(at), [false, true, true, false])
})

test('keys that are too weak or of another kind are refused', async () => {
  const root = await makeRoot('Akar')
  const weak = [
    generateKeyPairSync('rsa', { modulusLength: 1024 }),
    generateKeyPairSync('ec', { namedCurve: 'P-384' }),
    generateKeyPairSync('ed25519'),
  ]
  for (const { publicKey, privateKey } of weak) {
    assert.throws(() => holdKey(privateKey, publicKey), isRefused('BAD_KEY'))
    const subject = { commonName: 'A', organization: 'B' }
    await assert.rejects(
      issueCertificate({
        profile: 'party',
        issuer: root,
        publicKey,
        subject,
        serial: makeSerial(),
        now: signedAt,
      }),
      isRefused('BAD_KEY'),
    )
  }
  const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  await assert.rejects(
    issueCertificate({
      profile: 'party',
      issuer: root,
      publicKey,
      subject: { commonName: 'A', organization: 'B' },
      serial: new Uint8Array(8),
      now: signedAt,
    }),
    isRefused('BAD_KEY'),
  )
})

test('PEM is what openssl writes, and several certificates in one file are read in order', async (t) => {
  const certificates = [await makeRoot('A'), await makeRoot('B')].map(({ certificate }) => certificate)
  const at = write(t, { a: certificates[0]! })
  const run = tool(t, 'openssl', ['x509', '-in', at('a')])
  if (run) assert.equal(run.out, readFileSync(at('a'), 'latin1'))
  assert.deepEqual(
    parseCertificatesPem(`# daftar\n${certificates.map(formatCertificatePem).join('\n')}`),
    certificates,
  )
  for (const text of ['', 'bukan PEM', '-----BEGIN CERTIFICATE-----\nMA==\n-----END CERTIFICATE-----'])
    assert.throws(() => parseCertificatesPem(text), isRefused('BAD_KEY'))
})

test('a certificate with any byte changed is refused or no longer follows from its root', async () => {
  const root = await makeRoot('Akar')
  const rootRead = readCertificate(root.certificate)
  const der = Buffer.from((await makeSigner(root, 'party', { commonName: 'Siti' })).certificate)
  for (let at = 0; at < der.length; at++) {
    der[at]! ^= 1 << (at % 8)
    try {
      const result = checkChain({
        leaf: readCertificate(der),
        chain: [],
        roots: [rootRead],
        purpose: 'signer',
      })
      assert('why' in result, `byte ${at}`)
    } catch (error) {
      assert(isRefused('BAD_FILE')(error), `byte ${at}: ${error}`)
    }
    der[at]! ^= 1 << (at % 8)
  }
})

test('random bytes are refused, never a crash', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) =>
      assert.throws(() => readCertificate(bytes), isRefused('BAD_FILE')),
    ),
  )
})

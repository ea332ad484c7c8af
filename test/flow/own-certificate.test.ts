import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { after, before, test } from 'node:test'
import { type OwnCertificate, prove, Refusal, signOffer } from '../../src/browser/own-key.js'
import { openPkcs12 } from '../../src/browser/pkcs12.js'
import { PactError, type PactErrorCode } from '../../src/domain/errors.js'
import { SIGNING_REASON, WITNESSING_REASON } from '../../src/domain/pact.js'
import { parseCertificatesPem } from '../../src/evidence/certificate.js'
import { holdTimestampAuthority } from '../../src/evidence/timestamp.js'
import { checkPdf } from '../../src/evidence/verdict.js'
import { advanceAll } from '../../src/flow/advance.js'
import { readPact } from '../../src/flow/file.js'
import { signersIssuerSha256 } from '../../src/flow/device.js'
import { acceptOwnSignature, offerOwnKey } from '../../src/flow/sign.js'
import { verifyCode } from '../../src/flow/verify.js'
import { acceptWitnessSignature, offerWitnessKey, openWitnessed } from '../../src/flow/witness.js'
import { openEvidence } from '../../src/remote/status.js'
import { openTestHouse } from '../house.js'
import { type ForeignAuthority, openForeignAuthority } from '../remote/foreign.js'

const PASSPHRASE = 'frasa sandi saya'
const house = await openTestHouse({ after }, { now: new Date() })
const person = house.person('kadis')
const signing = 'keyUsage=critical,nonRepudiation'
const leaf = (name: string, subject: string, key: 'RSA' | 'P-256', extensions = signing) => ({
  ...{ name, subject, key, extensions },
})
let foreign: ForeignAuthority
before(async () => {
  foreign = await openForeignAuthority([
    leaf('head', `/C=ID/O=Kota Rekaan/CN=DR. ${person.name.toUpperCase()}`, 'P-256'),
    leaf('other', '/C=ID/O=Kota Rekaan/CN=Orang Lain', 'P-256'),
    leaf('witness', '/C=ID/O=Bawaslu/CN=Saksi Rekaan', 'RSA'),
    leaf('server', `/C=ID/CN=${person.name}`, 'P-256', 'keyUsage=critical,digitalSignature'),
    leaf('nameless', `/C=ID/serialNumber=${person.identityNumber}`, 'P-256'),
    leaf('numbered', `/C=ID/CN=Nama Panggilan/serialNumber=${person.identityNumber}`, 'P-256'),
    { ...leaf('ended', `/C=ID/CN=${person.name}`, 'P-256'), days: -1 },
  ])
  const person1 = parseCertificatesPem(foreign.read('root.crt').toString('latin1'))
  const { keys } = house.house
  house.house.keys = { ...keys, roots: { ...keys.roots, person: person1 } }
  house.house.foreign = openEvidence({ roots: person1, timeoutSeconds: 5 })
  house.house.tsa = holdTimestampAuthority(keys.stamper, {
    ...{ clock: () => new Date(), nextSerial: () => randomBytes(8) },
  })
})
after(() => (foreign as ForeignAuthority | undefined)?.close())

const bundle = (name: string, ...more: string[]): Uint8Array => {
  foreign.openssl(
    ...['pkcs12', '-export', '-inkey', `${name}.key`, '-in', `${name}.crt`, '-certfile', 'mid.crt'],
    ...['-passout', `pass:${PASSPHRASE}`, '-out', `${name}.p12`, ...more],
  )
  return readFileSync(foreign.path(`${name}.p12`))
}
const failsWith = (code: PactErrorCode, pattern: RegExp) => (error: unknown) => {
  assert.ok(error instanceof PactError, String(error))
  assert.equal(error.code, code, error.message)
  assert.match(error.message, pattern)
  return true
}
const refuses = (pattern: RegExp) => (error: unknown) => {
  assert.ok(error instanceof Refusal, String(error))
  assert.match(error.message, pattern)
  return true
}

test('openssl’s PKCS #12 files open with their passphrase, as keys that cannot be read', async () => {
  for (const [name, more] of [
    ['head', []],
    ['witness', []],
    ['head', ['-keypbe', 'AES-128-CBC', '-certpbe', 'AES-192-CBC', '-iter', '5000']],
    ['head', ['-certpbe', 'NONE']],
  ] as const) {
    const own = await openPkcs12(bundle(name, ...more), PASSPHRASE)
    const [certificate] = parseCertificatesPem(foreign.read(`${name}.crt`).toString('latin1'))
    assert.deepEqual(Buffer.from(own.certificate), Buffer.from(certificate!))
    assert.equal(own.chain.length, 1)
    await assert.rejects(crypto.subtle.exportKey('pkcs8', own.privateKey), /extractable|InvalidAccess/)
  }
})

test('a wrong passphrase, an old cipher, another’s certificate and no such file are told apart', async () => {
  await assert.rejects(openPkcs12(bundle('head'), 'tebakan'), refuses(/frasa sandi.*salah/))
  await assert.rejects(openPkcs12(bundle('head', '-legacy'), PASSPHRASE), refuses(/cara lama/))
  await assert.rejects(openPkcs12(randomBytes(900), PASSPHRASE), refuses(/tidak terbaca/))
  await assert.rejects(openPkcs12(new Uint8Array(), PASSPHRASE), refuses(/tidak terbaca/))
  foreign.openssl(
    'pkcs12',
    '-export',
    '-nokeys',
    '-in',
    'head.crt',
    '-passout',
    `pass:${PASSPHRASE}`,
    '-out',
    'x.p12',
  )
  await assert.rejects(openPkcs12(foreign.read('x.p12'), PASSPHRASE), refuses(/0 kunci/))
})

const joined = (chain: readonly Uint8Array[]) => Buffer.concat(chain)
const keyOf = async (own: OwnCertificate, of: { token: string; textSha256: string }) => ({
  ...{ publicKeyInfo: own.publicKeyInfo, proof: await prove(own, of) },
  own: { certificate: own.certificate, chain: joined(own.chain) },
})
const agreedOf = (slot: string, reason: string) => ({
  ...{ slot, reason, name: '', number: '', issuerSha256: signersIssuerSha256(house.house), now: new Date() },
})
const real = async (waitSeconds = 0) => {
  await new Promise((waited) => setTimeout(waited, waitSeconds * 1000))
  await advanceAll(house.house, () => new Date())
  house.now = new Date()
}

test('a head and a witness sign with certificates of their own; the archived pact says so and stands', async () => {
  await house.openCampaign()
  await real()
  const token = house.token('kadis')
  const ask = async (name: string) => {
    const consent = await house.consent('kadis')
    const own = await openPkcs12(bundle(name), PASSPHRASE)
    const key = await keyOf(own, { token, textSha256: consent.textSha256 })
    return { own, key, offer: () => offerOwnKey(house.house, token, consent, key, house.act()) }
  }
  const before = await house.dump()
  await assert.rejects((await ask('other')).offer(), failsWith('BAD_KEY', /atas nama "Orang Lain", bukan/))
  await assert.rejects((await ask('server')).offer(), failsWith('BAD_KEY', /bukan untuk menandatangani/))
  await assert.rejects((await ask('ended')).offer(), failsWith('BAD_KEY', /habis/))
  await assert.rejects((await ask('nameless')).offer(), failsWith('BAD_KEY', /tidak menyebut nama/))
  const { key } = await ask('head')
  const stolen = { ...key, proof: (await ask('other')).key.proof }
  await assert.rejects(
    offerOwnKey(house.house, token, await house.consent('kadis'), stolen, house.act()),
    failsWith('BAD_KEY', /tidak cocok/),
  )
  // Its authority has taken it back, or says nothing.
  const index = readFileSync(foreign.path('index.txt'), 'utf8')
  const good = foreign.answers.get('/ocsp')!
  const list = foreign.answers.get('/mid.crl')!
  writeFileSync(foreign.path('index.txt'), index.replace(/^V(\t\d+Z\t)/, 'R$1250101000000Z,keyCompromise'))
  foreign.answers.delete('/mid.crl')
  await assert.rejects((await ask('head')).offer(), failsWith('STATUS_UNAVAILABLE', /revoked/))
  writeFileSync(foreign.path('index.txt'), index)
  foreign.answers.delete('/ocsp')
  await assert.rejects((await ask('head')).offer(), failsWith('STATUS_UNAVAILABLE', /HTTP 404/))
  foreign.answers.set('/ocsp', good)
  foreign.answers.set('/mid.crl', list)
  assert.deepEqual(await house.dump(), before, 'nothing is written')

  assert.ok((await (await ask('numbered')).offer()).before.length > 0, 'the NIP tells as well as the name')
  const { own, offer: makeOffer } = await ask('head')
  const offer = await makeOffer()
  // A service that sends another certificate, or other bytes, gets no signature.
  await assert.rejects(
    signOffer(own, { ...offer, certificate: offer.issuer }, agreedOf('PENANDA_TANGAN', SIGNING_REASON)),
    refuses(/bukan yang Anda pilih/),
  )
  const { signature } = await signOffer(own, offer, agreedOf('PENANDA_TANGAN', SIGNING_REASON))
  await acceptOwnSignature(house.house, token, signature, house.act())

  const { bawaslu } = house.accounts
  const { pactId, code } = await house.partyOf('kadis')
  const { paper } = await openWitnessed(house.house, bawaslu, pactId)
  const textSha256 = paper.textSha256.toString('hex')
  const witness = await openPkcs12(bundle('witness'), PASSPHRASE)
  const witnessKey = await keyOf(witness, { token: code, textSha256 })
  const witnessed = { pactId, hasSeen: true, textSha256, key: witnessKey }
  const second = await offerWitnessKey(house.house, bawaslu, witnessed, house.act())
  const signed = await signOffer(witness, second, agreedOf('SAKSI_1', WITNESSING_REASON))
  await acceptWitnessSignature(house.house, bawaslu, { pactId, signature: signed.signature }, house.act())
  await real()
  await real(3.5)
  await real(1.2)
  const pdf = await readPact(house.house, house.db, pactId)
  const { roots } = house.house.keys
  const verdict = checkPdf(pdf, { roots, at: house.now })
  assert.deepEqual(
    [verdict.conclusion, verdict.level],
    ['VALID', 'PAdES-BASELINE-LTA'],
    JSON.stringify(verdict.checks.filter(({ outcome }) => outcome !== 'pass')),
  )
  assert.deepEqual(
    verdict.signatures.map(({ slot, method, algorithm }) => [slot, method, algorithm]),
    [
      ['PENANDA_TANGAN', 'own-certificate', 'ecdsa-sha256'],
      ['SAKSI_1', 'own-certificate', 'rsa-sha256'],
      ['SEGEL', 'institution-seal', 'ecdsa-sha256'],
    ],
  )
  assert.equal(checkPdf(pdf, { roots, at: new Date(Date.now() + 9 * 365 * 86_400_000) }).conclusion, 'VALID')
  assert.equal(checkPdf(pdf, { roots: { ...roots, person: [] }, at: house.now }).conclusion, 'INVALID')
  assert.equal((await verifyCode(house.house, code, house.now)).outcome, 'valid')
  await house.check()
})

test('an employee who is no head may not', async () => {
  await real()
  const token = house.token('dinas1')
  const consent = await house.consent('dinas1')
  const key = await keyOf(await openPkcs12(bundle('head'), PASSPHRASE), {
    token,
    textSha256: consent.textSha256,
  })
  await assert.rejects(
    offerOwnKey(house.house, token, consent, key, house.act()),
    failsWith('FORBIDDEN', /pimpinan dan saksi/),
  )
})

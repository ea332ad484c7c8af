import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { existsSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { careForKeys, revokeSigner } from '../../src/commands.js'
import { PactError } from '../../src/domain/errors.js'
import { fingerprint, formatCertificatePem, readCertificate } from '../../src/evidence/certificate.js'
import { parseCms } from '../../src/evidence/cms.js'
import { readRevisions } from '../../src/evidence/signed-file.js'
import { checkPdf } from '../../src/evidence/verdict.js'
import { encodeOcspRequest, nameCertificate, parseOcsp } from '../../src/evidence/revocation.js'
import { holdTimestampAuthority } from '../../src/evidence/timestamp.js'
import { readPact } from '../../src/flow/file.js'
import { verifyCode } from '../../src/flow/verify.js'
import { answerOcsp, publishedCertificate, publishedList } from '../../src/flow/vouch.js'
import { listKeys } from '../../src/store/key-care.js'
import { openKeys } from '../../src/store/keys.js'
import { tool } from '../evidence/paper.js'
import { openTestHouse } from '../house.js'

const DAY = 86_400_000
const house = await openTestHouse({ after })
await house.openCampaign()
await house.openGates('kadis')
const { keysFolder: folder } = house

/** `npx pakta keys ...`, and the service started again. */
async function care(...words: string[]): Promise<string> {
  const said: string[] = []
  const [at] = words.flatMap((word, index) => (words[index - 1] === '--at' ? [word] : []))
  const flags = { reason: words.includes('--reason') ? words[words.indexOf('--reason') + 1] : undefined, at }
  const call = { rest: words.slice(0, 2), flags, now: house.now, say: (line: string) => void said.push(line) }
  const place = { folder, baseUrl: 'http://pakta.rekaan.example', random: randomBytes, secrets: {} }
  if (!(await careForKeys(place, call))) await revokeSigner(house.house, call)
  return said.join('\n')
}
let serial = 0
function restart(): void {
  house.house.keys = openKeys(folder, { demo: false, now: house.now })
  house.house.tsa = holdTimestampAuthority(house.house.keys.stamper, {
    ...{ clock: () => house.now, nextSerial: () => Buffer.from([7, ++serial]) },
  })
}
const refused = (pattern: RegExp) => (error: unknown) => {
  assert.ok(error instanceof PactError, String(error))
  assert.match(error.message, pattern)
  return true
}
const pdfOf = async (key: string) => readPact(house.house, house.db, (await house.partyOf(key)).pactId)
const certificatesOf = async (key: string) =>
  readRevisions(await pdfOf(key)).revisions.map(({ cms }) => parseCms(cms).certificate)

async function signNext(key: string) {
  house.now = new Date(house.now.getTime() + 60_000)
  await house.sign(key)
  await house.advance()
  const verdict = checkPdf(await pdfOf(key), { roots: house.house.keys.roots, at: house.now })
  assert.deepEqual([verdict.conclusion, verdict.level], ['VALID', 'PAdES-BASELINE-LTA'], key)
}

async function askOcsp(authorityName: string, serial: Uint8Array) {
  const authority = house.house.keys.allAuthorities.find(({ name }) => name === authorityName)!
  const request = encodeOcspRequest(nameCertificate(authority.certificate, serial))
  const { answers } = parseOcsp(await answerOcsp(house.house, { name: authorityName, request }, house.now))
  return answers[0]!.status
}

test('each key is rolled over in turn; what was signed before stays valid and is answered for', async (t) => {
  await signNext('dinas1')
  const [, firstSeal] = await certificatesOf('dinas1')
  for (const [name, key] of [
    ['segel', 'dinas2'],
    ['stempel-waktu', 'dinas3'],
    ['ocsp-segel', 'bidang1'],
    ['penerbit-segel', 'bidang2'],
    ['penerbit-penanda-tangan', 'bidang3'],
    ['segel', 'bidang4'],
  ] as const) {
    assert.match(await care('rotate', name), /Dibuat: .*-\d/)
    restart()
    await signNext(key)
  }
  const { allAuthorities, authorities, sealSigner } = house.house.keys
  assert.deepEqual(
    allAuthorities.map(({ name }) => name),
    ['penerbit-penanda-tangan', 'penerbit-penanda-tangan-2', 'penerbit-segel', 'penerbit-segel-2'],
  )
  // The seal's key before is destroyed; an authority's goes on answering.
  assert.deepEqual(
    ['segel', 'segel-2', 'segel-3', 'penerbit-segel'].map((name) => existsSync(join(folder, `${name}.key`))),
    [false, false, true, true],
  )
  assert.deepEqual(await askOcsp('penerbit-segel', firstSeal!.serial), { kind: 'good' })
  assert.deepEqual(sealSigner.chain, [authorities.seal.certificate.der])
  for (const key of ['dinas1', 'bidang4'])
    assert.equal((await verifyCode(house.house, (await house.partyOf(key)).code, house.now)).outcome, 'valid')
  // openssl builds the newest path from what is published.
  const path = (name: string) => join(house.folder, name)
  writeFileSync(path('leaf.pem'), formatCertificatePem(sealSigner.certificate))
  writeFileSync(path('mid.pem'), formatCertificatePem(publishedCertificate(house.house, 'penerbit-segel-2')))
  const checked = tool(t, 'openssl', [
    ...['verify', '-x509_strict', '-attime', String(Math.floor(house.now.getTime() / 1000))],
    ...['-CAfile', join(folder, 'akar-segel.crt'), '-untrusted', path('mid.pem'), path('leaf.pem')],
  ])
  if (checked) assert.match(checked.out, /OK/)
  await house.check()
})

test('a key left by a crash before its certificate is written anew; without the root’s key no authority is made', async () => {
  writeFileSync(join(folder, 'segel-4.key'), 'half written')
  assert.match(await care('rotate', 'segel'), /segel-4/)
  restart()
  renameSync(join(folder, 'akar-segel.key'), join(folder, 'away'))
  await assert.rejects(care('rotate', 'penerbit-segel'), refused(/akar-segel\.key tidak ada/))
  await assert.rejects(
    care('revoke', 'penerbit-segel', '--reason', 'superseded'),
    refused(/akar-segel\.key tidak ada/),
  )
  renameSync(join(folder, 'away'), join(folder, 'akar-segel.key'))
  await assert.rejects(care('rotate', 'akar-segel'), refused(/tidak dapat diganti/))
  for (const bad of [['revoke', 'segel'], ['revoke', 'segel', '--reason', 'x'], ['rotate'], []])
    await assert.rejects(care(...bad), refused(/Pemakaian/))
})

test('a seal that is taken back seals no more, is answered for as revoked, and listed; an archived pact stands', async (t) => {
  const { sealSigner } = house.house.keys
  const { serial } = readCertificate(sealSigner.certificate)
  await care('revoke', 'segel-4', '--reason', 'keyCompromise')
  await assert.rejects(care('revoke', 'segel-4', '--reason', 'keyCompromise'), refused(/sudah dicabut/))
  await assert.rejects(care('revoke', 'ocsp-segel', '--reason', 'superseded'), refused(/ocsp-nocheck/))
  assert.throws(restart, refused(/segel-4 sudah dicabut.*keys rotate segel/))
  assert.ok(listKeys(folder).some(({ name, subject }) => name === 'segel-4.crt' && /DICABUT/.test(subject)))
  await care('rotate', 'segel')
  restart()
  assert.deepEqual(await askOcsp('penerbit-segel-2', serial), {
    ...{ kind: 'revoked', at: house.now, reason: 'keyCompromise' },
  })
  const list = join(house.folder, 'list.crl')
  writeFileSync(list, await publishedList(house.house, 'penerbit-segel-2', house.now))
  const read = tool(t, 'openssl', ['crl', '-inform', 'DER', '-noout', '-text', '-in', list])
  if (read) {
    assert.match(read.out, new RegExp(Buffer.from(serial).toString('hex').slice(4).replace(/^00/, ''), 'i'))
    assert.match(read.out, /Key Compromise/)
  }
  assert.equal(
    (await verifyCode(house.house, (await house.partyOf('bidang4')).code, house.now)).outcome,
    'valid',
  )
  await signNext('kapus')
  await house.check()
})

test('an authority that is taken back stands on its root’s list, and its successor goes on', async (t) => {
  const { serial } = house.house.keys.allAuthorities.find(
    ({ name }) => name === 'penerbit-segel',
  )!.certificate
  await care('revoke', 'penerbit-segel', '--reason', 'cessationOfOperation')
  // The timestamp authority that acts was issued by it.
  assert.throws(restart, refused(/penerbit-segel sudah dicabut.*keys rotate stempel-waktu/))
  await care('rotate', 'stempel-waktu')
  restart()
  const read = tool(t, 'openssl', [
    ...['crl', '-inform', 'DER', '-noout', '-text', '-in', join(folder, 'akar-segel.crl')],
    ...['-CAfile', join(folder, 'akar-segel.crt')],
  ])
  if (read) {
    assert.match(read.out, /verify OK/)
    assert.match(read.out, new RegExp(Buffer.from(serial).toString('hex').slice(4).replace(/^00/, ''), 'i'))
  }
  await signNext('perawat1')
})

test('a signer’s certificate is taken back by the fingerprint on the receipt, and a pact not archived yet fails', async () => {
  house.now = new Date(house.now.getTime() + DAY)
  await house.sign('perawat2')
  // One step: signed and sealed, and not archived yet.
  const { sealDue } = await import('../../src/flow/seal.js')
  while ((await sealDue(house.house, () => house.now)) > 0);
  const [signer] = await certificatesOf('perawat2')
  const sha256 = fingerprint(signer!.der)
  const grouped = sha256.match(/.{4}/g)!.join(' ')
  assert.match(await care('revoke', grouped, '--reason', 'keyCompromise'), /Sertifikat dicabut/)
  await assert.rejects(care('revoke', sha256, '--reason', 'keyCompromise'), refused(/sudah dicabut/))
  await assert.rejects(care('revoke', '0'.repeat(64), '--reason', 'superseded'), refused(/tidak ada/))
  assert.equal((await askOcsp('penerbit-penanda-tangan-2', signer!.serial)).kind, 'revoked')
  await house.advance()
  const verdict = checkPdf(await pdfOf('perawat2'), { roots: house.house.keys.roots, at: house.now })
  assert.equal(verdict.conclusion, 'INVALID')
  assert.deepEqual(
    verdict.checks.filter(({ outcome }) => outcome === 'fail').map(({ id }) => id),
    ['revocation'],
  )
  rmSync(join(folder, 'dicabut.txt'))
})

import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import type { ServerResponse } from 'node:http'
import { after, test } from 'node:test'
import { PactError } from '../../src/domain/errors.js'
import { parseCertificatesPem, readCertificate } from '../../src/evidence/certificate.js'
import { readAddresses } from '../../src/evidence/revocation.js'
import { readRevisions } from '../../src/evidence/signed-file.js'
import { parseToken } from '../../src/evidence/timestamp.js'
import { checkPdf } from '../../src/evidence/verdict.js'
import { advanceAll } from '../../src/flow/advance.js'
import { OUTAGE_REST_SECONDS } from '../../src/flow/batch.js'
import { readPact } from '../../src/flow/file.js'
import { verifyCode } from '../../src/flow/verify.js'
import { openEvidence } from '../../src/remote/status.js'
import { openTimestampAuthorities } from '../../src/remote/tsa.js'
import { openTestHouse } from '../house.js'
import { openForeignAuthority } from './foreign.js'

const timestamping = 'keyUsage=critical,digitalSignature\nextendedKeyUsage=critical,timeStamping'
const leaf = (name: string, days: number) => ({
  ...{ name, subject: `/C=ID/O=Penerbit Lain/CN=Lain ${name}`, key: 'RSA' as const },
  ...{ extensions: timestamping, days },
})
const foreign = await openForeignAuthority([leaf('tsa', 4000), leaf('old', -1)])
const { origin, answers, asked, path, openssl } = foreign
after(() => foreign.close())
writeFileSync(
  path('tsa.cnf'),
  `[tsa]\ndefault_tsa=one\n[one]\nserial=serial\ncrypto_device=builtin\nsigner_digest=sha512\ndefault_policy=1.2.3.4.1\ndigests=sha256\naccuracy=secs:1\ness_cert_id_chain=no\ness_cert_id_alg=sha256\nordering=no\n`,
)
writeFileSync(path('serial'), '01\n')
writeFileSync(path('chain.pem'), readFileSync(path('mid.crt')))

/** What `openssl ts` answers to a query; with another certificate's key, or to another query. */
function reply(query: Buffer, signer = 'tsa'): Buffer {
  writeFileSync(path('query.tsq'), query)
  openssl(
    ...['ts', '-reply', '-config', 'tsa.cnf', '-queryfile', 'query.tsq', '-signer', `${signer}.crt`],
    ...['-inkey', `${signer}.key`, '-chain', 'chain.pem', '-out', 'reply.tsr'],
  )
  return readFileSync(path('reply.tsr'))
}
const replaced = (query: Buffer, what: 'nonce' | 'imprint') => {
  const changed = Buffer.from(query)
  const at = what === 'imprint' ? query.indexOf(Buffer.from('0420', 'hex')) + 10 : query.length - 6
  changed[at]! ^= 1
  return changed
}

const send = (bytes: Buffer, response: ServerResponse) => void response.end(bytes)
answers.set('/good', (query, response) => send(reply(query), response))
answers.set('/nonce', (query, response) => send(reply(replaced(query, 'nonce')), response))
answers.set('/imprint', (query, response) => send(reply(replaced(query, 'imprint')), response))
answers.set('/garbage', (_, response) => send(randomBytes(3000), response))
answers.set('/empty', (_, response) => send(Buffer.alloc(0), response))
answers.set('/refused', (_, response) => send(Buffer.from('30053003020102', 'hex'), response))
answers.set('/huge', (_, response) => send(Buffer.alloc(5_000_000, 0x30), response))
answers.set('/broken', (_, response) => void response.writeHead(503).end())
answers.set('/slow', (query, response) => void setTimeout(() => send(reply(query), response), 3000).unref())
answers.set('/flipped', (query, response) => {
  const bytes = reply(query)
  bytes[bytes.length - 5]! ^= 1
  send(bytes, response)
})
let replayed: Buffer | undefined
answers.set('/replay', (query, response) => send((replayed ??= reply(query)), response))

const said: string[] = []
const open = (...names: string[]) =>
  openTimestampAuthorities({
    addresses: names.map((name) => `${origin}/${name}`),
    roots: parseCertificatesPem(readFileSync(path('root.crt'), 'latin1')),
    ...{ timeoutSeconds: 1.5, clock: () => new Date(), random: randomBytes },
    log: (line) => void said.push(line),
  })
const imprint = createHash('sha256').update('pakta').digest()

test('a token of another authority is read as openssl reads it, and each of its bytes counts', async () => {
  const bytes = await open('good').stamp(imprint)
  const token = parseToken(bytes)
  assert.ok(token.isSigned())
  assert.deepEqual(Buffer.from(token.imprint), imprint)
  writeFileSync(path('token.der'), bytes)
  const text = openssl('ts', '-reply', '-token_in', '-in', 'token.der', '-text', '-token_out').toString()
  assert.match(text, /Policy OID: tsa_policy1/)
  assert.match(text, new RegExp(token.at.toUTCString().slice(17, 25)))
  const { ocsp, crl } = readAddresses(token.certificate)
  assert.deepEqual([ocsp, crl], [`${origin}/ocsp`, `${origin}/mid.crl`])
  for (let at = 0; at < bytes.length; at += 7) {
    const flipped = Buffer.from(bytes)
    flipped[at]! ^= 1
    let isAccepted = false
    try {
      const read = parseToken(flipped)
      const sameNames = Buffer.compare(read.certificate.der, token.certificate.der) === 0
      const sameChain = read.chain.every(
        (one, index) => Buffer.compare(one.der, token.chain[index]!.der) === 0,
      )
      isAccepted = read.isSigned() && sameNames && sameChain
    } catch (error) {
      assert.ok(error instanceof PactError, String(error))
    }
    assert.equal(isAccepted, false, `byte ${at}`)
  }
})

for (const [name, why] of Object.entries({
  nonce: /nonce lain/,
  imprint: /milik tanda tangan lain/,
  replay: /nonce lain/,
  garbage: /DER|tidak|lebih/,
  empty: /DER|tidak/,
  refused: /ditolak, status 02/,
  huge: /DER|lebih dari|tidak/,
  broken: /HTTP 503/,
  slow: /tidak menjawab pada waktunya/,
  flipped: /DER|tidak ditandatangani|bentuk/,
}))
  test(`an authority that answers badly (${name}) is passed over; alone it leaves things to be tried again`, async () => {
    const token = await open(name, 'good')
      .stamp(imprint)
      .catch((error: Error) => error)
    assert.ok(token instanceof Uint8Array, String(token))
    said.length = 0
    await assert.rejects(open(name).stamp(imprint), (error: unknown) => {
      assert.ok(error instanceof PactError)
      assert.equal(error.code, 'TSA_UNAVAILABLE')
      assert.match(error.message, why)
      assert.match(error.message, /dicoba lagi dengan sendirinya/)
      return true
    })
    assert.equal(said.length, 1)
  })

test('an authority whose certificate has ended is passed over', async () => {
  answers.set('/old', (query, response) => void response.end(reply(query, 'old')))
  await assert.rejects(open('old').stamp(imprint), (error: PactError) =>
    /HTTP|masa berlaku|berakhir|tidak/.test(error.message),
  )
})

test('pacts are signed, sealed and archived by others’ timestamps, with what their authority says of itself', async (t) => {
  const house = await openTestHouse(t, { now: new Date() })
  const [root] = parseCertificatesPem(readFileSync(path('root.crt'), 'latin1'))
  const { keys } = house.house
  house.house.keys = { ...keys, roots: { ...keys.roots, timestamp: [...keys.roots.timestamp, root!] } }
  const trust = () =>
    (house.house.foreign = openEvidence({ roots: house.house.keys.roots.timestamp, timeoutSeconds: 5 }))
  trust()
  house.house.tsa = openTimestampAuthorities({
    addresses: [`${origin}/garbage`, `${origin}/good`],
    ...{ roots: [root!], timeoutSeconds: 5, clock: house.clock, random: randomBytes, log: () => {} },
  })
  await house.openCampaign()
  // By the clock on the wall, which is openssl's too.
  const advance = async (waitSeconds = 0) => {
    await new Promise((waited) => setTimeout(waited, waitSeconds * 1000))
    house.now = new Date()
    await advanceAll(house.house, () => new Date())
    house.now = new Date()
  }
  await advance()
  await house.sign('kadis')
  await advance()
  await house.witness()
  await advance()
  await advance(3.5)
  await advance(1.2)
  const { pactId, code } = await house.partyOf('kadis')
  const pdf = await readPact(house.house, house.db, pactId)
  const { roots } = house.house.keys
  const verdict = checkPdf(pdf, { roots, at: house.now })
  assert.deepEqual(
    [verdict.conclusion, verdict.level],
    ['VALID', 'PAdES-BASELINE-LTA'],
    JSON.stringify(verdict.checks.filter(({ outcome }) => outcome !== 'pass')),
  )
  const years = new Date(house.now.getTime() + 9 * 365 * 86_400_000)
  assert.equal(checkPdf(pdf, { roots, at: years }).conclusion, 'VALID')
  assert.equal(
    checkPdf(pdf, { roots: { ...roots, timestamp: roots.seal }, at: house.now }).conclusion,
    'INVALID',
  )
  assert.equal((await verifyCode(house.house, code, house.now)).outcome, 'valid')
  const tokens = readRevisions(pdf).increments.flatMap((one) =>
    one.kind === 'stamp' ? [parseToken(one.token)] : [],
  )
  assert.equal(readCertificate(tokens[0]!.certificate.der).commonName, 'Lain tsa')
  // Asked once, not for each pact.
  assert.equal(asked.filter((url) => url === '/ocsp').length, 1)
  await house.check()

  // Its responder goes down before it was ever asked: the pact stays sealed, and goes on when somebody answers.
  house.house.tsa = open('good')
  trust()
  const [ocsp, list] = ['/ocsp', '/mid.crl'].map((url) => answers.get(url)!)
  for (const url of ['/ocsp', '/mid.crl']) answers.delete(url)
  await house.sign('dinas1')
  await advance()
  await advance(3.5)
  const waiting = await house.partyOf('dinas1')
  assert.equal(house.logs.length, 1)
  assert.match(house.logs[0]!, /^archive of pact \d+: Status sertifikat "Lain tsa" belum diperoleh/)
  house.logs.length = 0
  assert.notEqual((await verifyCode(house.house, waiting.code, house.now)).outcome, 'valid')
  answers.set('/ocsp', ocsp!)
  answers.set('/mid.crl', list!)
  // A clock that is behind the authority's makes no evidence that would be too old.
  const { now } = house
  house.now = new Date(now.getTime() - 40_000)
  await house.advance()
  assert.notEqual((await verifyCode(house.house, waiting.code, now)).outcome, 'valid')
  house.now = new Date(now.getTime() + OUTAGE_REST_SECONDS * 1000)
  await house.advance()
  assert.equal((await verifyCode(house.house, waiting.code, house.now)).outcome, 'valid')
  await house.check()
})

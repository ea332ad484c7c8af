import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import type { AddressInfo } from 'node:net'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { formatCertificatePem } from '../../src/evidence/certificate.js'
import { parseCms } from '../../src/evidence/cms.js'
import { readRevisions } from '../../src/evidence/signed-file.js'
import { readPact } from '../../src/flow/file.js'
import { tool } from '../evidence/paper.js'
import { openTestHouse } from '../house.js'

const house = await openTestHouse({ after }, { now: new Date(Math.floor(Date.now() / 1000) * 1000) })
await house.openCampaign()
await house.openGates('kadis')
const server = house.app.listen(0, '127.0.0.1')
await new Promise((listening) => server.once('listening', listening))
after(() => server.close())
const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
const path = (name: string) => join(house.folder, name)
const { authorities, rootsPem } = house.house.keys
writeFileSync(path('akar.pem'), rootsPem)

// openssl must not stop this process: the server that it asks is in it
function openssl(args: string[]): Promise<{ code: number; out: string }> {
  return new Promise((done) => {
    const child = spawn('openssl', args)
    let out = ''
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (part: Buffer) => (out += part.toString()))
    child.on('close', (code) => done({ code: code ?? -1, out }))
  })
}

const certificatesOf = async (key: string) => {
  const pdf = await readPact(house.house, house.db, (await house.partyOf(key)).pactId)
  return readRevisions(pdf).revisions.map(({ cms }) => parseCms(cms).certificate)
}

function ask(kind: 'signer' | 'seal', leaf: string, more: string[] = []) {
  writeFileSync(path('penerbit.pem'), formatCertificatePem(authorities[kind].certificate.der))
  return openssl([
    ...['ocsp', '-issuer', path('penerbit.pem'), '-cert', path(leaf), '-CAfile', path('akar.pem')],
    ...['-url', `${baseUrl}/ocsp/${authorities[kind].name}`, ...more],
  ])
}

test('openssl hears "good" of a signer, the witness and the seal, with a nonce and without, by SHA-1 and SHA-256', async () => {
  const [signer, witness, seal] = await certificatesOf('kadis')
  for (const [certificate, kind] of [
    [signer, 'signer'],
    [witness, 'signer'],
    [seal, 'seal'],
  ] as const) {
    writeFileSync(path('leaf.pem'), formatCertificatePem(certificate!.der))
    for (const more of [[], ['-no_nonce'], ['-nonce']]) {
      const { code, out } = await ask(kind, 'leaf.pem', more)
      assert.equal(code, 0, out)
      assert.match(out, /Response verify OK[^]*leaf\.pem: good/)
      assert.doesNotMatch(out, /no nonce in response/)
    }
  }
})

test("a certificate that is not in the record is unknown, also when it bears the authority's signature", async () => {
  const forged = await house.house.keys.issuePartySigner({
    ...{ name: 'Siti Rekaan', identityNumber: undefined, organization: 'Kota Rekaan', now: house.now },
    random: house.house.random,
  })
  writeFileSync(path('forged.pem'), formatCertificatePem(forged.certificate))
  const { out } = await ask('signer', 'forged.pem')
  assert.match(out, /forged\.pem: unknown/)
})

test('garbage is "malformed", another authority\'s certificate "unauthorized", too much is refused', async () => {
  const address = `${baseUrl}/ocsp/${authorities.signer.name}`
  const post = async (body: Uint8Array) => {
    const response = await fetch(address, { method: 'POST', body: new Uint8Array(body) })
    return { status: response.status, bytes: Buffer.from(await response.arrayBuffer()).toString('hex') }
  }
  assert.deepEqual(await post(Buffer.from('halo')), { status: 200, bytes: '30030a0101' })
  assert.deepEqual(await post(Buffer.alloc(0)), { status: 200, bytes: '30030a0101' })
  assert.equal((await post(Buffer.alloc(100_000))).status, 413)
  writeFileSync(path('penerbit.pem'), formatCertificatePem(authorities.seal.certificate.der))
  writeFileSync(path('leaf.pem'), formatCertificatePem((await certificatesOf('kadis'))[2]!.der))
  await openssl([
    ...['ocsp', '-issuer', path('penerbit.pem'), '-cert', path('leaf.pem'), '-reqout', path('request.der')],
  ])
  const request = readFileSync(path('request.der'))
  assert.equal((await post(request)).bytes, '30030a0106')
  assert.equal(
    (await fetch(`${baseUrl}/ocsp/siapa`, { method: 'POST', body: new Uint8Array(request) })).status,
    404,
  )
  const asked = await fetch(
    `${baseUrl}/ocsp/${authorities.seal.name}/${encodeURIComponent(request.toString('base64'))}`,
  )
  assert.equal(asked.headers.get('content-type'), 'application/ocsp-response')
  assert.ok((await asked.arrayBuffer()).byteLength > 500, 'a question in the address is answered, too')
})

test('every address inside a certificate answers: issuer, list and responder', async (t) => {
  const own = house.house.settings.baseUrl
  const [signer, , seal] = await certificatesOf('kadis')
  for (const { der } of [signer!, seal!, authorities.signer.certificate, authorities.seal.certificate]) {
    writeFileSync(path('leaf.pem'), formatCertificatePem(der))
    const text = tool(t, 'openssl', ['x509', '-in', path('leaf.pem'), '-noout', '-text'])!.out
    const addresses = [...text.matchAll(/URI:(\S+)/g)].map(([, address]) => address!)
    assert.ok(addresses.length >= 2, text)
    for (const address of addresses) {
      assert.ok(address.startsWith(own), address)
      const response = await fetch(baseUrl + address.slice(own.length), {
        method: address.includes('/ocsp/') ? 'POST' : 'GET',
      })
      assert.equal(response.status, 200, address)
      const bytes = Buffer.from(await response.arrayBuffer())
      if (address.endsWith('.crl')) {
        writeFileSync(path('list.crl'), bytes)
        const issuer = path('issuer.pem')
        const der = house.house.keys.published.get(/([\w-]+)\.crl$/.exec(address)![1]!)!
        writeFileSync(issuer, formatCertificatePem(der))
        const read = tool(t, 'openssl', [
          'crl',
          '-inform',
          'DER',
          '-in',
          path('list.crl'),
          '-noout',
          '-CAfile',
          issuer,
        ])
        assert.match(read!.out, /verify OK/)
      }
      if (address.endsWith('.crt')) {
        writeFileSync(path('found.pem'), formatCertificatePem(bytes))
        const issued = tool(t, 'openssl', [
          'verify',
          '-partial_chain',
          '-CAfile',
          path('found.pem'),
          path('leaf.pem'),
        ])
        assert.equal(issued!.code, 0, issued!.out)
      }
    }
  }
  await house.check()
})

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { PactError } from '../../src/domain/errors.js'
import { readCertificate } from '../../src/evidence/certificate.js'
import { readRevisions } from '../../src/evidence/signed-file.js'
import { signRevision } from '../../src/evidence/pades.js'
import { initKeys, listKeys, renewLists } from '../../src/store/key-care.js'
import { openKeys } from '../../src/store/keys.js'
import { makeBase, makeFolder, signedAt, tool } from '../evidence/paper.js'

const random = (bytes: number) => new Uint8Array(randomBytes(bytes))
const institution = 'Pemerintah Kota Kendari'
const baseUrl = 'https://pakta.example'
const example = 'keys.example'

async function makeKeys(t: TestContext, options: { passphrase?: string; demo?: boolean } = {}) {
  const folder = join(makeFolder(t), 'kunci')
  await initKeys(folder, { institution, baseUrl, now: signedAt, random, demo: false, ...options })
  return folder
}

const bad = (pattern: RegExp) => (error: unknown) => {
  assert(error instanceof PactError)
  assert.equal(error.code, 'BAD_KEY')
  assert.match(error.message, pattern)
  return true
}

test('init writes two roots with all that stands under them and the link key, secrets readable by the owner only', async (t) => {
  const folder = await makeKeys(t)
  const pairs = ['akar', 'penerbit', 'ocsp'].flatMap((name) => [`${name}-penanda-tangan`, `${name}-segel`])
  const names = [...pairs, 'segel', 'stempel-waktu']
  const secrets = [...names.map((name) => `${name}.key`), 'tautan.key']
  const lists = ['akar-penanda-tangan.crl', 'akar-segel.crl']
  const open = [...names.map((name) => `${name}.crt`), ...lists, 'alamat.txt', 'README']
  assert.deepEqual(readdirSync(folder).sort(), [...secrets, ...open].sort())
  for (const file of secrets) assert.equal(statSync(join(folder, file)).mode & 0o777, 0o600, file)
  assert.equal(readFileSync(join(folder, 'tautan.key'), 'latin1').trim().length, 64)
})

test('openssl accepts the seal under the seal root for 5 years and not under the signer root', async (t) => {
  const folder = await makeKeys(t)
  const verify = (root: string) =>
    tool(t, 'openssl', [
      ...['verify', '-x509_strict', '-CAfile', join(folder, root)],
      ...['-untrusted', join(folder, root.replace('akar', 'penerbit')), join(folder, 'segel.crt')],
    ])
  const good = verify('akar-segel.crt')
  if (!good) return
  assert.equal(good.code, 0, good.out)
  assert.notEqual(verify('akar-penanda-tangan.crt')!.code, 0)
  for (const root of ['akar-penanda-tangan.crt', 'akar-segel.crt'])
    assert.equal(
      tool(t, 'openssl', ['verify', '-x509_strict', '-CAfile', join(folder, root), join(folder, root)])!.code,
      0,
    )
})

test('the roots’ lists are renewed for a year with their keys, and not without; openssl reads them', async (t) => {
  const folder = await makeKeys(t)
  const later = new Date(signedAt.getTime() + 300 * 86_400_000)
  const untilOf = (name: string) =>
    listKeys(folder)
      .find((one) => one.name === name)!
      .until.getTime()
  const before = untilOf('akar-segel.crl')
  await renewLists(folder, { now: later, secrets: {} })
  assert.equal(untilOf('akar-segel.crl') - before, 300 * 86_400_000)
  openKeys(folder, { demo: false, now: later })
  for (const name of ['akar-segel', 'akar-penanda-tangan']) {
    const [list, root] = [join(folder, `${name}.crl`), join(folder, `${name}.crt`)]
    assert.match(
      tool(t, 'openssl', ['crl', '-inform', 'DER', '-noout', '-in', list, '-CAfile', root])!.out,
      /OK/,
    )
  }
  rmSync(join(folder, 'akar-segel.key'))
  openKeys(folder, { demo: false, now: later })
  await assert.rejects(renewLists(folder, { now: later, secrets: {} }), bad(/akar-segel\.key tidak ada/))
  assert.equal(listKeys(folder).length, 10)
})

test('init refuses a folder that holds any key already, and leaves it as it was', async (t) => {
  const folder = await makeKeys(t)
  const before = readFileSync(join(folder, 'segel.key'))
  const again = initKeys(folder, { institution, baseUrl, now: signedAt, random, demo: false })
  await assert.rejects(again, bad(/sudah berisi/))
  assert.deepEqual(readFileSync(join(folder, 'segel.key')), before)
  const partial = join(makeFolder(t), 'k')
  mkdirSync(partial)
  writeFileSync(join(partial, 'tautan.key'), 'x')
  await assert.rejects(
    initKeys(partial, { institution, baseUrl, now: signedAt, random, demo: false }),
    bad(/tautan\.key/),
  )
  assert.deepEqual(readdirSync(partial), ['tautan.key'])
})

test('with a passphrase the private keys are PKCS #8 under PBES2 with AES-256, and openssl opens them', async (t) => {
  const folder = await makeKeys(t, { passphrase: 'rahasia sekali' })
  for (const name of ['akar-penanda-tangan', 'akar-segel', 'segel']) {
    const file = join(folder, `${name}.key`)
    assert.match(readFileSync(file, 'latin1'), /^-----BEGIN ENCRYPTED PRIVATE KEY-----/)
    const dump = tool(t, 'openssl', ['asn1parse', '-in', file])
    if (!dump) return
    assert.match(dump.out, /PBES2/)
    assert.match(dump.out, /aes-256-cbc/)
    assert.equal(
      tool(t, 'openssl', ['pkey', '-in', file, '-passin', 'pass:rahasia sekali', '-noout'])!.code,
      0,
    )
  }
  const keys = openKeys(folder, { demo: false, now: signedAt, passphrase: 'rahasia sekali' })
  assert.equal(keys.linkKey.length, 32)
})

test('a wrong or missing passphrase is refused without repeating it', async (t) => {
  const folder = await makeKeys(t, { passphrase: 'rahasia' })
  assert.throws(() => openKeys(folder, { demo: false, now: signedAt }), bad(/tersandi/))
  assert.throws(
    () => openKeys(folder, { demo: false, now: signedAt, passphrase: 'tebakan-123' }),
    (error: Error) =>
      bad(/frasa sandinya salah/)(error) && !`${error.message}${error.cause}`.includes('tebakan-123'),
  )
})

test('a missing, partial or mixed-up folder is refused with what to do next', async (t) => {
  assert.throws(() => openKeys(join(makeFolder(t), 'x'), { demo: false, now: signedAt }), bad(/keys init/))
  const folder = await makeKeys(t)
  const other = await makeKeys(t)
  const put = (file: string, content: Buffer | string) => writeFileSync(join(folder, file), content)
  const key = readFileSync(join(folder, 'segel.key'))
  put('segel.key', readFileSync(join(other, 'segel.key')))
  assert.throws(
    () => openKeys(folder, { demo: false, now: signedAt }),
    bad(/segel\.key bukan kunci dari segel\.crt/),
  )
  put('segel.key', 'bukan kunci')
  assert.throws(() => openKeys(folder, { demo: false, now: signedAt }), bad(/segel\.key tidak dapat dibuka/))
  put('segel.key', key)
  put('akar-segel.crt', readFileSync(join(other, 'akar-segel.crt')))
  assert.throws(
    () => openKeys(folder, { demo: false, now: signedAt }),
    bad(/penerbit-segel.crt bukan terbitan akarnya/),
  )
  put('akar-segel.crt', 'rusak')
  assert.throws(() => openKeys(folder, { demo: false, now: signedAt }), bad(/akar-segel\.crt/))
  rmSync(join(folder, 'akar-segel.crt'))
  assert.throws(() => openKeys(folder, { demo: false, now: signedAt }), bad(/akar-segel\.crt.*cadangan/))
})

test('refuses a seal whose certificate has ended', async (t) => {
  const folder = await makeKeys(t)
  const later = new Date(signedAt.getTime() + 6 * 366 * 86_400_000)
  assert.throws(() => openKeys(folder, { demo: false, now: later }), bad(/ganti segelnya/))
})

test('keys whose names say CONTOH open in demo mode only, and real keys never do there', async (t) => {
  const demo = await makeKeys(t, { demo: true })
  const real = await makeKeys(t)
  assert.throws(() => openKeys(demo, { demo: false, now: signedAt }), bad(/CONTOH/))
  assert.throws(() => openKeys(real, { demo: true, now: signedAt }), bad(/sungguhan/))
  assert.match(
    readCertificate(openKeys(demo, { demo: true, now: signedAt }).sealSigner.certificate).commonName!,
    /^CONTOH /,
  )
  openKeys(real, { demo: false, now: signedAt })
})

test('keys.example is refused outside demo mode and holds no private key', () => {
  assert.throws(() => openKeys(example, { demo: false, now: signedAt }), bad(/CONTOH/))
  for (const file of readdirSync(example)) {
    assert.doesNotMatch(file, /\.key$/)
    assert.doesNotMatch(readFileSync(join(example, file), 'latin1'), /PRIVATE KEY/)
  }
  for (const file of ['akar-penanda-tangan.crt', 'akar-segel.crt', 'segel.crt'])
    assert(existsSync(join(example, file)), file)
})

test('a party gets a key of its own that signs once and is gone', async (t) => {
  const keys = openKeys(await makeKeys(t), { demo: false, now: signedAt })
  const party = {
    name: 'Siti, S.E.',
    organization: institution,
    identityNumber: '198001152005012003',
    now: signedAt,
    random,
  }
  const signer = await keys.issuePartySigner(party)
  const certificate = readCertificate(signer.certificate)
  assert.equal(certificate.serialNumber, '198001152005012003')
  assert.equal(certificate.commonName, 'Siti, S.E.')
  let pdf = await makeBase(['PENANDA_TANGAN', 'SEGEL'])
  ;({ pdf } = await signRevision({
    pdf,
    slot: 'PENANDA_TANGAN',
    signer,
    at: signedAt,
    name: 'Siti, S.E.',
    reason: 'r',
  }))
  await assert.rejects(async () => signer.sign(new Uint8Array(1)), bad(/dimusnahkan/))
  const other = await keys.issuePartySigner(party)
  assert.notDeepEqual(
    readCertificate(other.certificate).publicKey.export({ format: 'jwk' }),
    certificate.publicKey.export({ format: 'jwk' }),
  )
  ;({ pdf } = await signRevision({
    pdf,
    slot: 'SEGEL',
    signer: keys.sealSigner,
    at: signedAt,
    name: institution,
    reason: 's',
  }))
  assert.equal(readRevisions(pdf).revisions.length, 2)
})

// openssl begins a certificate at the second in which it makes it
const soon = new Date(signedAt.getTime() + 600_000)

const p12Kinds = [
  ['EC P-256', ['ec', '-pkeyopt', 'ec_paramgen_curve:P-256']],
  ['RSA-2048', ['rsa:2048']],
  ['RSA-3072', ['rsa:3072']],
] as const

for (const [kind, keyArguments] of p12Kinds) {
  test(`opens a ${kind} seal from the PKCS#12 file that openssl makes by default, certificates unchanged`, async (t) => {
    const work = makeFolder(t)
    const at = (file: string) => join(work, file)
    const made = tool(t, 'openssl', [
      ...[
        'req',
        '-x509',
        '-newkey',
        ...keyArguments,
        '-nodes',
        '-days',
        '400',
        '-subj',
        '/C=ID/O=Kota/CN=Segel Kota',
      ],
      ...['-addext', 'keyUsage=critical,nonRepudiation', '-addext', 'basicConstraints=critical,CA:FALSE'],
      ...['-keyout', at('k.pem'), '-out', at('c.pem')],
    ])
    if (!made) return
    assert.equal(made.code, 0, made.out)
    const p12 = [
      'pkcs12',
      '-export',
      '-inkey',
      at('k.pem'),
      '-in',
      at('c.pem'),
      '-out',
      at('s.p12'),
      '-passout',
      'pass:rahasia',
    ]
    execFileSync('openssl', p12)
    assert.match(
      tool(t, 'openssl', ['pkcs12', '-in', at('s.p12'), '-passin', 'pass:rahasia', '-info', '-noout'])!.out,
      /AES-256-CBC.*sha256|sha256[^]*AES-256-CBC/i,
    )
    const sealPkcs12 = { bytes: readFileSync(at('s.p12')), passphrase: 'rahasia' }
    const keys = openKeys(await makeKeys(t), { demo: false, now: soon, sealPkcs12 })
    execFileSync('openssl', ['x509', '-in', at('c.pem'), '-outform', 'DER', '-out', at('c.der')])
    assert.deepEqual(Buffer.from(keys.sealSigner.certificate), readFileSync(at('c.der')))
    assert.equal(keys.roots.seal.length, 2)
    let pdf = await makeBase(['SEGEL'])
    ;({ pdf } = await signRevision({
      pdf,
      slot: 'SEGEL',
      signer: keys.sealSigner,
      at: soon,
      name: 'Segel Kota',
      reason: 's',
    }))
    assert.equal(readRevisions(pdf).revisions.length, 1)
    const wrong = { ...sealPkcs12, passphrase: 'salah' }
    const folder = await makeKeys(t)
    assert.throws(() => openKeys(folder, { demo: false, now: soon, sealPkcs12: wrong }), bad(/frasa sandi/))
    const cut = { ...sealPkcs12, bytes: sealPkcs12.bytes.subarray(0, 500) }
    assert.throws(
      () => openKeys(folder, { demo: false, now: soon, sealPkcs12: cut }),
      bad(/tidak dapat dibuka/),
    )
    assert.throws(() => openKeys(folder, { demo: true, now: soon, sealPkcs12 }), bad(/sungguhan/))
  })
}

test('a PKCS#12 seal under a root and an issuing authority brings its whole path', async (t) => {
  const work = makeFolder(t)
  const at = (file: string) => join(work, file)
  const ca = ['-addext', 'basicConstraints=critical,CA:TRUE', '-addext', 'keyUsage=critical,keyCertSign']
  const pair = (name: string) => [
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:P-256',
    '-nodes',
    '-keyout',
    at(`${name}.key`),
    '-out',
    at(`${name}.crt`),
    '-days',
    '400',
  ]
  const root = tool(t, 'openssl', ['req', '-x509', ...pair('root'), '-subj', '/CN=Akar', ...ca])
  if (!root) return
  assert.equal(root.code, 0, root.out)
  const under = (issuer: string) => ['-CA', at(`${issuer}.crt`), '-CAkey', at(`${issuer}.key`)]
  for (const [name, issuer, subject, extensions] of [
    ['sub', 'root', '/CN=Penerbit', ca],
    [
      'seal',
      'sub',
      '/CN=Segel',
      ['-addext', 'keyUsage=critical,digitalSignature', '-addext', 'basicConstraints=CA:FALSE'],
    ],
  ] as const) {
    const made = tool(t, 'openssl', [
      'req',
      '-x509',
      ...under(issuer),
      ...pair(name),
      '-subj',
      subject,
      ...extensions,
    ])!
    assert.equal(made.code, 0, made.out)
  }
  writeFileSync(
    at('chain.pem'),
    ['root', 'sub'].map((name) => readFileSync(at(`${name}.crt`), 'latin1')).join(''),
  )
  execFileSync('openssl', [
    'pkcs12',
    '-export',
    '-inkey',
    at('seal.key'),
    '-in',
    at('seal.crt'),
    '-certfile',
    at('chain.pem'),
    '-out',
    at('s.p12'),
    '-passout',
    'pass:x',
  ])
  const keys = openKeys(await makeKeys(t), {
    demo: false,
    now: soon,
    sealPkcs12: { bytes: readFileSync(at('s.p12')), passphrase: 'x' },
  })
  const names = [keys.sealSigner.certificate, ...keys.sealSigner.chain].map(
    (der) => readCertificate(der).commonName,
  )
  assert.deepEqual(names, ['Segel', 'Penerbit', 'Akar'])
  assert.equal(readCertificate(keys.roots.seal.at(-1)!).commonName, 'Akar')
})

test('two inits make different keys and serial numbers', async (t) => {
  const hash = (folder: string) =>
    ['akar-penanda-tangan.crt', 'segel.crt', 'tautan.key'].map((file) =>
      createHash('sha256')
        .update(readFileSync(join(folder, file)))
        .digest('hex'),
    )
  const [left, right] = [hash(await makeKeys(t)), hash(await makeKeys(t))]
  left.forEach((one, index) => assert.notEqual(one, right[index]))
})

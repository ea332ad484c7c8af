import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { createVerify, randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { PactError } from '../../src/domain/errors.js'
import { readCertificate } from '../../src/evidence/certificate.js'
import { OUTAGE_REST_SECONDS } from '../../src/flow/batch.js'
import { verifyCode } from '../../src/flow/verify.js'
import { openToken, type Token } from '../../src/remote/hsm.js'
import { rotateKey } from '../../src/store/key-care.js'
import { listKeys } from '../../src/store/key-care.js'
import { openKeys } from '../../src/store/keys.js'
import { openTestHouse } from '../house.js'

// SoftHSM: a token in software behind the same PKCS #11 interface as one in hardware.
const MODULE = ['/usr/lib/softhsm/libsofthsm2.so', '/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so'].find(
  existsSync,
)
const skip = MODULE || process.env['CI'] ? false : 'no SoftHSM2 (Debian: softhsm2)'
const PIN = '48151623'
const folder = mkdtempSync(join(tmpdir(), 'pakta-token-'))
let token: Token

before(async () => {
  if (skip) return
  mkdirSync(join(folder, 'tokens'))
  writeFileSync(
    join(folder, 'softhsm2.conf'),
    `directories.tokendir = ${join(folder, 'tokens')}\nobjectstore.backend = file\nlog.level = ERROR\n`,
  )
  process.env['SOFTHSM2_CONF'] = join(folder, 'softhsm2.conf')
  execFileSync('softhsm2-util', [
    ...['--init-token', '--free', '--label', 'Pakta', '--pin', PIN, '--so-pin', '31415926'],
  ])
  token = await openToken({ modulePath: MODULE!, pin: PIN, tokenLabel: 'Pakta' })
})
after(() => {
  token?.close()
  rmSync(folder, { recursive: true })
})

const unavailable = (pattern: RegExp) => (error: unknown) => {
  assert.ok(error instanceof PactError, String(error))
  assert.equal(error.code, 'HSM_UNAVAILABLE')
  assert.match(error.message, pattern)
  assert.match(error.message, /Tidak ada yang hilang/)
  assert.ok(!error.message.includes(PIN))
  return true
}

test(
  'a key made in the token signs as node:crypto verifies, 200 times with whatever zeros lead',
  { skip },
  async () => {
    const key = token.generate('uji')
    for (let n = 0; n < 200; n++) {
      const bytes = randomBytes(40)
      const verify = createVerify('sha256').update(bytes)
      assert.ok(verify.verify(key.publicKey, await key.sign(bytes)))
    }
    assert.throws(
      () => token.generate('uji'),
      (error: PactError) => error.code === 'BAD_KEY',
    )
    assert.throws(() => token.open('lain'), unavailable(/"lain" tidak ada/))
  },
)

test('another token, or a module that is none, is said', { skip }, async () => {
  const wrong = await openToken({ modulePath: MODULE!, pin: PIN, tokenLabel: 'Lain' })
  assert.throws(() => wrong.open('uji'), unavailable(/token "Lain" ada 0/))
  await assert.rejects(
    openToken({ modulePath: join(folder, 'softhsm2.conf'), pin: PIN, tokenLabel: undefined }),
    unavailable(/modul tidak dapat dimuat/),
  )
})

test(
  'the seal lives in the token; while that is gone pacts wait, and go on when it is back',
  { skip },
  async (t) => {
    const house = await openTestHouse(t)
    const keysFolder = house.keysFolder
    const care = { now: house.now, random: randomBytes, secrets: { token } }
    assert.deepEqual(await rotateKey(keysFolder, { name: 'segel', inToken: true }, care), ['segel-2'])
    assert.equal(existsSync(join(keysFolder, 'segel-2.key')), false)
    assert.ok(listKeys(keysFolder).some(({ name }) => name === 'segel-2.crt'))
    const open = (secrets: { token?: Token }) =>
      openKeys(keysFolder, { demo: false, now: new Date(house.now.getTime() + 60_000), ...secrets })
    assert.throws(
      () => open({}),
      (error: PactError) => /PAKTA_PKCS11_MODULE/.test(error.message),
    )
    house.house.keys = open({ token })
    const { sealSigner } = house.house.keys
    assert.notDeepEqual(sealSigner.certificate, readCertificate(sealSigner.chain[0]!).der)

    await house.openCampaign()
    await house.openGates('kadis') // sealed by the token
    await house.sign('dinas1')
    const tokens = join(folder, 'tokens')
    renameSync(tokens, `${tokens}.gone`)
    await house.advance()
    renameSync(`${tokens}.gone`, tokens)
    const waiting = await house.partyOf('dinas1')
    assert.equal((await verifyCode(house.house, waiting.code, house.now)).outcome, 'incomplete')
    assert.equal(house.logs.length, 1)
    assert.match(house.logs[0]!, /^seal: Token PKCS#11.*dicoba lagi/)
    assert.ok(!house.logs.join().includes(PIN))
    house.logs.length = 0
    house.now = new Date(house.now.getTime() + OUTAGE_REST_SECONDS * 1000)
    await house.advance()
    const verdict = await verifyCode(house.house, waiting.code, house.now)
    assert.equal(verdict.outcome, 'valid', JSON.stringify(verdict).slice(0, 3000) + house.logs.join())
    await house.check()
  },
)

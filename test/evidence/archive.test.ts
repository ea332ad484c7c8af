import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { readCertificate } from '../../src/evidence/certificate.js'
import { readRevisions } from '../../src/evidence/signed-file.js'
import {
  after,
  archive,
  attacks,
  fields,
  DAY,
  failures,
  honest,
  judge,
  make,
  signAll,
  stamper,
} from './attacks.js'
import { makeBase, makeFolder, signedAt, tool } from './paper.js'

test('the honest file is valid at B-LTA now and in 2040, with its evidence alone', async (t) => {
  const pdf = await make()
  const verdict = judge(pdf)
  assert.deepEqual(failures(verdict), [])
  assert.equal(verdict.conclusion, 'VALID')
  assert.equal(verdict.level, 'PAdES-BASELINE-LTA')
  for (const one of verdict.signatures) {
    assert.equal(one.stampedAt?.getTime(), signedAt.getTime())
    assert.match(one.revocation, /OCSP/)
    assert.deepEqual(one.laterIncrements.slice(-2), ['bukti arsip', 'stempel waktu arsip'])
  }
  assert.equal(judge(pdf, {}, new Date('2040-01-01')).conclusion, 'VALID')
  const ended = judge(pdf, {}, new Date('2050-01-01'))
  assert.deepEqual([ended.conclusion, failures(ended)], ['INCOMPLETE', ['archive']])
  const path = join(makeFolder(t), 'pakta.pdf')
  writeFileSync(path, pdf)
  assert.equal(tool(t, 'qpdf', ['--check', path])?.code, 0)
})

test('fields that lock themselves once signed change nothing about an honest file', async () => {
  const plan = await honest()
  const base = await makeBase(fields, { isLocked: true })
  assert.deepEqual(failures(judge(await archive(await signAll(plan, base), plan))), [])
})

test('renewed before the last timestamp ends it lasts on; renewed too late it does not', async () => {
  const plan = await honest()
  const pdf = await archive(await signAll(plan), plan)
  const end = readCertificate(stamper.certificate).notAfter
  const early = new Date(end.getTime() - 100 * DAY * 1000)
  const again = await archive(pdf, { ...plan, ocspAt: early, stampAt: early })
  assert.deepEqual(failures(judge(again, {}, after(-DAY, end))), [])
  assert.equal(readRevisions(again).increments.filter(({ kind }) => kind === 'stamp').length, 2)
  const tooLate = await archive(pdf, { ...plan, ocspAt: after(DAY, end), stampAt: after(DAY, end) })
  assert.ok(failures(judge(tooLate, {}, after(2 * DAY, end))).includes('archive'))
})

for (const [name, attack] of Object.entries(attacks))
  test(`refused: ${name}`, async () => {
    // Long enough after it that nothing is from the future.
    const verdict = judge(await attack.make(), attack.expected, after(7200), attack.roots)
    assert.notEqual(verdict.conclusion, 'VALID')
    assert.ok(
      failures(verdict).includes(attack.by),
      `${attack.by} is not among ${failures(verdict).join(' ')}`,
    )
  })

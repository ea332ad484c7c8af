import assert from 'node:assert/strict'
import { createHash, createPublicKey, verify } from 'node:crypto'
import { after, test } from 'node:test'
import {
  encodeSignature,
  makeKey,
  type Offer,
  prove,
  publicKeyInfo,
  Refusal,
  signOffer,
} from '../../src/browser/own-key.js'
import { PactError, type PactErrorCode } from '../../src/domain/errors.js'
import { SIGNING_REASON, WITNESSING_REASON } from '../../src/domain/pact.js'
import { fingerprint, importKey, readCertificate } from '../../src/evidence/certificate.js'
import { parseCms } from '../../src/evidence/cms.js'
import { openDraft, readRevisions } from '../../src/evidence/signed-file.js'
import { signRevision, stampDraft, storeEvidence } from '../../src/evidence/pades.js'
import { continuesRecord, formatRecord, parseRecord } from '../../src/evidence/record.js'
import { checkPdf } from '../../src/evidence/verdict.js'
import { collectorOf } from '../../src/flow/archive.js'
import { readPact } from '../../src/flow/file.js'
import { acceptOwnSignature, agree, offerOwnKey, openLink } from '../../src/flow/sign.js'
import { signersIssuerSha256 } from '../../src/flow/device.js'
import { acceptWitnessSignature, offerWitnessKey, openWitnessed } from '../../src/flow/witness.js'
import { verifyCode } from '../../src/flow/verify.js'
import { publishedRecord } from '../../src/flow/vouch.js'
import { rows } from '../../src/store/db.js'
import { findIssued } from '../../src/store/certificates.js'
import { findRevisions } from '../../src/store/pacts.js'
import { openTestHouse } from '../house.js'

const house = await openTestHouse({ after })
await house.openCampaign()
await house.openGates('kadis')

const failsWith = (code: PactErrorCode, pattern: RegExp) => (error: unknown) => {
  assert.ok(error instanceof PactError, String(error))
  assert.equal(error.code, code, error.message)
  assert.match(error.message, pattern)
  return true
}

/** A phone with somebody's link open: the same module as in the browser, under Node's WebCrypto. */
async function openPhone(key: string) {
  const token = house.token(key)
  const consent = await house.consent(key)
  const { identityNumber } = house.person(key)
  const opened = await openLink(house.house, token, house.now)
  const { name } = 'paper' in opened ? opened.paper.identity : assert.fail(opened.outcome)
  const pair = await makeKey()
  const of = { token, textSha256: consent.textSha256 }
  const own = { publicKeyInfo: await publicKeyInfo(pair), proof: await prove(pair, of) }
  const paper = await house.partyOf(key)
  const agreed = {
    ...{ slot: 'PENANDA_TANGAN', reason: SIGNING_REASON, issuerSha256: signersIssuerSha256(house.house) },
    ...{ number: /^\d{18}$/.test(identityNumber) ? identityNumber : '', name },
  }
  return {
    ...{ token, consent, pair, own, paper },
    ask: (changed: Partial<typeof own> = {}) =>
      offerOwnKey(house.house, token, consent, { ...own, ...changed }, house.act()),
    sign: async (offer: Offer, changed: Partial<typeof agreed & { now: Date }> = {}) => {
      return signOffer(pair, offer, { ...agreed, now: house.now, ...changed })
    },
    send: (signature: Uint8Array) => acceptOwnSignature(house.house, token, signature, house.act()),
  }
}

test('a key made on the device signs, and the verdict of the archived pact says how', async () => {
  const phone = await openPhone('dinas1')
  const offer = await phone.ask()
  const { signature, documentSha256, certificateSha256 } = await phone.sign(offer)
  await phone.send(signature)
  await phone.send(signature) // the answer was lost: once more changes nothing
  await house.advance()
  const { pactId, code, state } = await house.partyOf('dinas1')
  assert.equal(state, 'signed')
  const pdf = await readPact(house.house, house.db, pactId)
  const verdict = checkPdf(pdf, { roots: house.house.keys.roots, at: house.now })
  assert.equal(verdict.conclusion, 'VALID', JSON.stringify(verdict.checks))
  assert.equal(verdict.level, 'PAdES-BASELINE-LTA')
  assert.deepEqual(
    verdict.signatures.map(({ slot, method, level }) => [slot, method, level]),
    [
      ['PENANDA_TANGAN', 'own-device-key', 'PAdES-BASELINE-LTA'],
      ['SEGEL', 'institution-seal', 'PAdES-BASELINE-LTA'],
    ],
  )
  // What the device keeps is what the file holds.
  assert.equal(documentSha256, verdict.baseSha256)
  assert.equal(certificateSha256, verdict.signatures[0]!.certificateSha256)
  assert.equal((await verifyCode(house.house, code, house.now)).outcome, 'valid')
  await house.check()
})

test('the private key cannot be read, not even by the page that made it', async () => {
  const { privateKey } = await makeKey()
  for (const format of ['pkcs8', 'jwk'] as const)
    await assert.rejects(crypto.subtle.exportKey(format, privateKey), /extractable|InvalidAccess/)
})

test('a page closed between the two steps: the next start voids its certificate, and one counts at the end', async () => {
  const first = await openPhone('dinas2')
  const lost = await first.ask()
  const second = await openPhone('dinas2')
  const offer = await second.ask()
  // the closed page comes back and sends after all
  await assert.rejects(
    first.send((await first.sign(lost)).signature),
    failsWith('BAD_KEY', /bukan dari kunci/),
  )
  await second.send((await second.sign(offer)).signature)
  await house.advance()
  const { pactId, partyId, code } = await house.partyOf('dinas2')
  const issued = await rows(house.db, 'select id from issued_certificate where party_id = :partyId', {
    partyId,
  })
  const counting = await findIssued(house.db, pactId)
  assert.equal(issued.length, 2, 'the record forgets nothing')
  assert.deepEqual(
    counting.map(({ sha256 }) => Buffer.from(sha256).toString('hex')),
    [fingerprint(offer.certificate)],
  )
  assert.equal((await verifyCode(house.house, code, house.now)).outcome, 'valid')
  await house.check()
})

test('a device that began and cannot go on may still sign the ordinary way, which is recorded as such', async () => {
  const phone = await openPhone('dinas3')
  await phone.ask()
  await agree(house.house, phone.token, phone.consent, house.act())
  await house.advance()
  const { pactId, code } = await house.partyOf('dinas3')
  const [, signed] = await findRevisions(house.db, pactId)
  assert.equal(signed!.method, 'one-time-server-key')
  assert.equal((await verifyCode(house.house, code, house.now)).outcome, 'valid')
  await house.check()
})

test('two phones at once: one certificate counts, one signature is in the file', async () => {
  const phones = await Promise.all([openPhone('bidang1'), openPhone('bidang1')])
  const outcomes = await Promise.allSettled(
    phones.map(async (phone) => phone.send((await phone.sign(await phone.ask())).signature)),
  )
  assert.ok(outcomes.some(({ status }) => status === 'fulfilled'))
  await house.advance()
  const { pactId, state, code } = await house.partyOf('bidang1')
  assert.equal(state, 'signed')
  assert.equal((await findIssued(house.db, pactId)).length, 1)
  assert.equal((await verifyCode(house.house, code, house.now)).outcome, 'valid')
  await house.check()
})

test('replayed, swapped and altered requests are refused, and nothing is written', async () => {
  const [one, other] = [await openPhone('bidang2'), await openPhone('bidang3')]
  const before = await house.dump()
  await assert.rejects(one.ask({ proof: other.own.proof }), failsWith('BAD_KEY', /tidak cocok/))
  await assert.rejects(one.ask(other.own), failsWith('BAD_KEY', /tidak cocok/)) // another person's, replayed
  await assert.rejects(one.ask({ publicKeyInfo: Buffer.from('halo') }), failsWith('BAD_KEY', /baku/))
  await assert.rejects(one.ask({ proof: new Uint8Array(0) }), failsWith('BAD_KEY', /bukti/))
  const p384 = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-384' }, true, ['sign'])
  const spki = new Uint8Array(await crypto.subtle.exportKey('spki', p384.publicKey))
  await assert.rejects(one.ask({ publicKeyInfo: spki }), failsWith('BAD_KEY', /P-256/))
  assert.deepEqual(await house.dump(), before)
})

test('a signature in another encoding, of another key or over other bytes is refused, and the pact can go on', async () => {
  const phone = await openPhone('bidang2')
  const offer = await phone.ask()
  const { signature } = await phone.sign(offer)
  const value = (at: number) => Buffer.from(signature.subarray(at + 2, at + 2 + signature[at + 1]!))
  const [r, s] = [value(2), value(4 + signature[3]!)]
  const sequence = (...parts: Buffer[]) => {
    const content = Buffer.concat(parts.map((part) => Buffer.concat([Buffer.of(2, part.length), part])))
    return Buffer.concat([Buffer.of(0x30, content.length), content])
  }
  const raw = Buffer.concat([r, s].map((part) => Buffer.concat([Buffer.alloc(32), part]).subarray(-32)))
  const zero = Buffer.of(0)
  const negative = Buffer.from(r.subarray(-32))
  negative[0]! |= 0x80
  const flipped = Buffer.from(signature)
  flipped[flipped.length - 1]! ^= 1
  const damages: Record<string, Uint8Array> = {
    raw,
    'not minimal': sequence(Buffer.concat([zero, zero, r]), s),
    negative: sequence(negative, s),
    'a byte behind': Buffer.concat([signature, zero]),
    flipped,
    empty: new Uint8Array(0),
    'of the other order': sequence(s, r),
  }
  const before = await house.dump()
  for (const [name, damaged] of Object.entries(damages))
    await assert.rejects(phone.send(damaged), failsWith('BAD_KEY', /bukan dari kunci/), name)
  assert.deepEqual(await house.dump(), before)
  await phone.send(signature)
  await house.advance()
  await house.check()
})

test('signatures whose r or s begins with a zero byte, or needs one, are accepted by OpenSSL as this code encodes them', async () => {
  const pair = await makeKey()
  const publicKey = createPublicKey({
    ...{ key: Buffer.from(await publicKeyInfo(pair)), format: 'der', type: 'spki' },
  } as const)
  const seen = { short: 0, padded: 0 }
  for (let count = 0; seen.short === 0 || seen.padded === 0; count++) {
    assert.ok(count < 5000)
    const bytes = createHash('sha256').update(String(count)).digest()
    const algorithm = { name: 'ECDSA', hash: 'SHA-256' }
    const raw = new Uint8Array(await crypto.subtle.sign(algorithm, pair.privateKey, bytes))
    const isShort = raw[0] === 0 || raw[32] === 0
    if (isShort) seen.short++
    if (raw[0]! > 127 || raw[32]! > 127) seen.padded++
    if (count < 200 || isShort)
      assert.ok(verify('sha256', bytes, publicKey, encodeSignature(raw)), Buffer.from(raw).toString('hex'))
  }
})

test('the device signs nothing for a service that lies', async () => {
  const phone = await openPhone('bidang3')
  const offer = await phone.ask()
  const latin1 = (bytes: Uint8Array) => Buffer.from(bytes).toString('latin1')
  const change = (bytes: Uint8Array, from: string | RegExp, to: string) => {
    const text = latin1(bytes).replace(from, to)
    assert.notEqual(text, latin1(bytes), `${from} was there`)
    return Buffer.from(text, 'latin1')
  }
  const stranger = await makeKey()
  const { keys, random } = house.house
  const person = { name: readCertificate(offer.certificate).commonName!, organization: 'Kota Rekaan' }
  const certify = async (changed: object, pair = phone.pair) => ({
    certificate: await keys.certifyOwnKey({
      ...{ ...person, identityNumber: house.person('bidang3').identityNumber, now: house.now, random },
      publicKey: importKey(await publicKeyInfo(pair)),
      publicKeyInfo: await publicKeyInfo(pair),
      ...changed,
    }),
  })
  const oneTime = await keys.issuePartySigner({
    ...{ ...person, identityNumber: undefined, now: house.now, random },
  })
  const flip = (bytes: Uint8Array, at: number) => {
    const copy = Buffer.from(bytes)
    copy[at]! ^= 1
    return copy
  }
  const extra = '7 0 obj\n<</Type/Annot>>\nendobj\n'
  const lies: Record<string, [Partial<Offer>, RegExp]> = {
    'a certificate for the service’s own key': [{ certificate: oneTime.certificate }, /kunci lain/],
    'a certificate for another key of this person': [await certify({}, stranger), /kunci lain/],
    'another name': [await certify({ name: 'Orang Lain' }), /nama lain/],
    'another number': [await certify({ identityNumber: '199001012020121001' }), /nomor induk/],
    'an old certificate': [
      await certify({ now: new Date(house.now.getTime() - 2 * 86_400_000) }),
      /jam perangkat/,
    ],
    'a certificate that was changed': [
      { certificate: flip(offer.certificate, 300) },
      /diterbitkan|lain|terbaca/,
    ],
    'another issuer': [{ issuer: keys.authorities.seal.certificate.der }, /bukan yang diumumkan/],
    'one more object in the revision': [
      { before: change(offer.before, '/Contents ', `/Contents ${extra}`) },
      /bukan satu tanda tangan/,
    ],
    'an object of the page redefined': [
      { before: change(offer.before, /\/V (\d+) 0 R/, '/V 1 0 R') },
      /menimpa/,
    ],
    'another field': [{ before: change(offer.before, /\n\d+ 0 obj/, '\n9 0 obj') }, /tidak ada pada naskah/],
    'another reason': [
      { before: change(offer.before, /\/Reason \(.*\)/, '/Reason (Mendukung)') },
      /maksudnya/,
    ],
    'another signer’s name': [
      { before: change(offer.before, /\/Name .*\n/, '/Name (Orang Lain)\n') },
      /maksudnya/,
    ],
    'another time': [{ before: change(offer.before, /\/M \(D:2027/, '/M (D:2026') }, /jam perangkat/],
    'a byte range with a hole': [{ after: change(offer.after, /\[0 \d/, '[0 9') }, /tidak mencakup/],
    'a larger gap': [{ placeholderBytes: offer.placeholderBytes + 1 }, /tidak mencakup/],
    'bytes behind the end': [{ after: Buffer.concat([offer.after, Buffer.from('\n')]) }, /penutup/],
  }
  for (const [name, [lie, pattern]] of Object.entries(lies))
    await assert.rejects(phone.sign({ ...offer, ...lie }), (error: unknown) => {
      assert.ok(error instanceof Refusal, `${name}: ${String(error)}`)
      assert.match(error.message, pattern, name)
      return true
    })
  // A document other than the offered one signs other bytes: the service that swaps it afterwards gains nothing.
  const swapped = await phone.sign({ ...offer, base: flip(offer.base, 2000) })
  await assert.rejects(phone.send(swapped.signature), failsWith('BAD_KEY', /bukan dari kunci/))
  for (const minutes of [-9, 9])
    await phone.sign(offer, { now: new Date(house.now.getTime() + minutes * 60_000) })
  for (const minutes of [-11, 11])
    await assert.rejects(
      phone.sign(offer, { now: new Date(house.now.getTime() + minutes * 60_000) }),
      Refusal,
    )
  await phone.send((await phone.sign(offer)).signature)
  await house.advance()
  await house.check()
})

test('an offer ends after fifteen minutes; the same link starts again', async () => {
  const phone = await openPhone('plt')
  const { signature } = await phone.sign(await phone.ask())
  house.now = new Date(house.now.getTime() + 901_000)
  await assert.rejects(phone.send(signature), failsWith('STALE', /sekali lagi/))
  const again = await openPhone('plt')
  await again.send((await again.sign(await again.ask())).signature)
  assert.equal((await house.partyOf('plt')).state, 'signed')
  await house.advance()
  await house.check()
})

test('a timestamp authority that is down leaves everything as it was, and the same signature goes in afterwards', async () => {
  const phone = await openPhone('camat')
  const { signature } = await phone.sign(await phone.ask())
  const { tsa } = house.house
  const before = await house.dump()
  house.house.tsa = {
    ...tsa,
    stamp: () => Promise.reject(new PactError('TSA_UNAVAILABLE', 'Penerbit stempel waktu tidak menjawab')),
  }
  await assert.rejects(phone.send(signature), failsWith('TSA_UNAVAILABLE', /tidak menjawab/))
  assert.deepEqual(await house.dump(), before)
  house.house.tsa = tsa
  await phone.send(signature)
  assert.equal((await house.partyOf('camat')).state, 'signed')
  await house.advance()
  await house.check()
})

test('an operator with the server, the database and the issuing key makes no pact that passes the public record', async () => {
  // The record as Bawaslu fetched and kept it, and the signer's true file.
  await house.advance()
  const kept = await publishedRecord(house.house)
  const { pactId, partyId } = await house.partyOf('dinas1')
  const pdf = await readPact(house.house, house.db, pactId)
  const { keys, random, tsa } = house.house
  const judge = (file: Uint8Array, record: string) =>
    checkPdf(file, { roots: keys.roots, at: house.now, expected: { record: parseRecord(record) } })
  const issuedOf = (verdict: ReturnType<typeof judge>) =>
    verdict.checks.find(({ id }) => id === 'issued')!.outcome
  assert.deepEqual([judge(pdf, kept).conclusion, issuedOf(judge(pdf, kept))], ['VALID', 'pass'])

  // The signer's own key is nowhere in the house: what is kept of it is public.
  const dump = JSON.stringify(await house.dump())
  assert.doesNotMatch(dump, /PRIVATE KEY/)

  // With the issuing key: another certificate of the same person, a new signature, seal and archive over the same base.
  const file = readRevisions(pdf)
  const own = parseCms(file.revisions[0]!.cms).certificate
  const forger = await keys.issuePartySigner({
    ...{
      name: own.commonName!,
      identityNumber: own.serialNumber,
      organization: own.organization!,
      now: house.now,
    },
    random,
  })
  let forged = Buffer.from(pdf.subarray(0, file.base.endBytes))
  for (const [slot, signer, name] of [
    ['PENANDA_TANGAN', forger, own.commonName!],
    ['SEGEL', keys.sealSigner, keys.sealName],
  ] as const) {
    const values = { slot, signer, name, at: house.now, reason: SIGNING_REASON }
    forged = Buffer.from((await signRevision({ pdf: forged, ...values, tsa })).pdf)
  }
  house.now = new Date(house.now.getTime() + 3000)
  // An operator answers for a certificate as it pleases.
  const good = { kind: 'good' as const }
  const evidence = await collectorOf(keys)(readRevisions(forged), {
    now: house.now,
    statusOf: () => good,
    next: tsa.sources(),
  })
  const stored = storeEvidence(openDraft(forged), evidence)
  const stamped = await stampDraft(stored.draft, tsa)
  forged = Buffer.concat([forged, stored.bytes, stamped.bytes])
  const alone = checkPdf(forged, { roots: keys.roots, at: house.now })
  assert.equal(alone.conclusion, 'VALID', 'cryptography in the file alone cannot tell')
  assert.deepEqual([judge(forged, kept).conclusion, issuedOf(judge(forged, kept))], ['INVALID', 'fail'])

  // Recorded beside the true one it is the second of its party, and both files fail.
  const entries = parseRecord(kept)
  const mine = { kind: 'issued' as const, documentId: file.base.documentId!, slot: 'PENANDA_TANGAN' }
  const both = formatRecord([...entries, { ...mine, sha256: fingerprint(forger.certificate) }])
  assert.deepEqual([issuedOf(judge(forged, both)), issuedOf(judge(pdf, both))], ['fail', 'fail'])

  // Put in the true one's place, the record no longer continues what Bawaslu keeps.
  const replaced = formatRecord(
    entries.map((entry) =>
      entry.sha256 === fingerprint(own.der) ? { ...mine, sha256: fingerprint(forger.certificate) } : entry,
    ),
  )
  assert.equal(issuedOf(judge(forged, replaced)), 'pass', 'whoever asks no earlier copy is deceived')
  assert.equal(continuesRecord(replaced, kept), false)
  assert.equal(continuesRecord(both, kept), true)
  assert.throws(
    () => parseRecord(kept.replace(fingerprint(own.der), '0'.repeat(64))),
    failsWith('BAD_FILE', /tidak cocok/),
  )
  const lines = kept.split('\n')
  assert.throws(
    () => parseRecord([...lines.slice(0, 2), ...lines.slice(3)].join('\n')),
    failsWith('BAD_FILE', /baris 3/),
  )
  // And the tables refuse to forget.
  for (const table of ['issued_certificate', 'voided_certificate', 'certificate_record'])
    await assert.rejects(rows(house.db, `delete from ${table}`, {}), /append-only/, `${table} of ${partyId}`)
  await house.check()
})

/** The witness's own computer with a pact open. */
async function openWitnessDevice(pactId: number) {
  const { bawaslu } = house.accounts
  const { paper } = await openWitnessed(house.house, bawaslu, pactId)
  const textSha256 = paper.textSha256.toString('hex')
  const pair = await makeKey()
  const proof = await prove(pair, { token: paper.pact.code, textSha256 })
  const key = { publicKeyInfo: await publicKeyInfo(pair), proof }
  const agreed = {
    ...{ slot: 'SAKSI_1', name: bawaslu.name, number: '', reason: WITNESSING_REASON },
    issuerSha256: signersIssuerSha256(house.house),
  }
  return {
    ask: (changed: { hasSeen?: boolean; textSha256?: string; key?: typeof key } = {}) =>
      offerWitnessKey(
        house.house,
        bawaslu,
        { pactId, hasSeen: true, textSha256, key, ...changed },
        house.act(),
      ),
    sign: async (offer: Offer) => (await signOffer(pair, offer, { ...agreed, now: house.now })).signature,
    send: (signature: Uint8Array) =>
      acceptWitnessSignature(house.house, bawaslu, { pactId, signature }, house.act()),
  }
}

test('the witness signs with a key of their own, behind the file as it is by then', async () => {
  // Signed above, and waiting for its witness.
  const { pactId, code } = await house.partyOf('plt')
  const device = await openWitnessDevice(pactId)
  await assert.rejects(device.ask({ hasSeen: false }), failsWith('BAD_FORM', /menyaksikan/))
  await assert.rejects(device.ask({ textSha256: '0'.repeat(64) }), failsWith('STALE', /berubah/))
  const other = await openPhone('bidang4')
  await assert.rejects(device.ask({ key: other.own }), failsWith('BAD_KEY', /tidak cocok/))
  const lost = await device.sign(await device.ask())
  // A page left open while another one begins.
  house.now = new Date(house.now.getTime() + 10 * 60_000)
  const again = await openWitnessDevice(pactId)
  const offer = await again.ask()
  assert.ok(offer.base.length > offer.before.length)
  await assert.rejects(again.send(lost), failsWith('BAD_KEY', /bukan dari kunci/))
  const signature = await again.sign(offer)
  await again.send(signature)
  await again.send(signature) // the answer was lost: once more changes nothing
  await assert.rejects(again.ask(), failsWith('LINK_USED', /sudah/))
  await house.advance()
  const verdict = checkPdf(await readPact(house.house, house.db, pactId), {
    ...{ roots: house.house.keys.roots, at: house.now },
  })
  assert.equal(verdict.conclusion, 'VALID', JSON.stringify(verdict.checks))
  assert.deepEqual(
    verdict.signatures.map(({ slot, method }) => [slot, method]),
    [
      ['PENANDA_TANGAN', 'own-device-key'],
      ['SAKSI_1', 'own-device-key'],
      ['SEGEL', 'institution-seal'],
    ],
  )
  assert.equal((await verifyCode(house.house, code, house.now)).outcome, 'valid')
  await house.check()
})

test('a witness who is somebody else’s, or has another pact open, gets nothing', async () => {
  const { pactId } = await house.partyOf('dinas1') // without a witness
  await assert.rejects(
    openWitnessed(house.house, house.accounts.bawaslu, pactId),
    failsWith('NOT_FOUND', /menunggu/),
  )
  const { administrator } = house.accounts
  const { pactId: witnessed } = await house.partyOf('plt')
  const signed = { pactId: witnessed, signature: new Uint8Array(70) }
  await assert.rejects(
    acceptWitnessSignature(house.house, administrator, signed, house.act()),
    failsWith('NOT_FOUND', /menunggu/),
  )
})

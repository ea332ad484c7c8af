import { spawnSync } from 'node:child_process'
import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto'
import { cpus } from 'node:os'
import { performance } from 'node:perf_hooks'
import { makeCollector } from '../src/evidence/archive.js'
import { issueCertificate, issueRoot, type ProfileName } from '../src/evidence/authority.js'
import { holdKey, importKey, readCertificate, readIssued, type Signer } from '../src/evidence/certificate.js'
import { assembleCms, encodeSignedAttributes, isSignature, sizeCmsMax } from '../src/evidence/cms.js'
import { openDraft, readRevisions } from '../src/evidence/signed-file.js'
import type { Draft } from '../src/evidence/increment.js'
import {
  fillRevision,
  reserveRevision,
  signDraft,
  sizeRoom,
  stampDraft,
  storeEvidence,
} from '../src/evidence/pades.js'
import { issueCrl } from '../src/evidence/revocation.js'
import { holdTimestampAuthority } from '../src/evidence/timestamp.js'
import { checkPdf } from '../src/evidence/verdict.js'
import { makeBase } from '../test/evidence/paper.js'

const SLOTS = ['PENANDA_TANGAN', 'SAKSI_1'] as const
const COUNT = 1_500
const ROUNDS = 5

/**
 * Pacts of two parties a second to B-LTA on one core: certificate for each party's key, acceptance of its signature,
 * timestamps, seal, evidence, document timestamp. The page (bench press) and the parties' own keys and signatures are
 * made beforehand or not counted: they are made on phones. `--json` prints one object; `--count N` sets the pacts.
 */
export default async function benchArchive(args: string[]): Promise<void> {
  const at = args.indexOf('--count')
  const count = at < 0 ? COUNT : Number(args[at + 1])
  if (args[0] === '--measure') return console.log(JSON.stringify(await measure(count)))
  const rounds: number[] = []
  const bytes: number[] = []
  for (let round = 0; round < ROUNDS; round++) {
    const self = [...process.execArgv, process.argv[1]!, 'archive', '--measure', '--count', String(count)]
    const pinned = spawnSync('taskset', ['-c', '0', process.execPath, ...self], { encoding: 'utf8' })
    const run = pinned.error ? spawnSync(process.execPath, self, { encoding: 'utf8' }) : pinned
    if (run.status !== 0) throw new Error(run.stderr)
    const one = JSON.parse(run.stdout) as { perSecond: number; bytes: number }
    rounds.push(one.perSecond)
    bytes.push(one.bytes)
    process.stderr.write(`  round ${round + 1}: ${one.perSecond.toFixed(0)}/s\n`)
  }
  const median = rounds.sort((left, right) => left - right)[ROUNDS >> 1]!
  const machine = `${cpus()[0]?.model ?? 'unknown'}, ${cpus().length} cores, Node ${process.version}`
  if (args.includes('--json'))
    return console.log(
      JSON.stringify({
        machine,
        pacts_per_second_per_core: Math.round(median),
        evidence_bytes_per_pact: bytes[0],
      }),
    )
  console.log(
    `${machine}\n${median.toFixed(0)} pacts of two parties a second to B-LTA on one core, ${bytes[0]} bytes each`,
  )
}

async function measure(count: number): Promise<{ perSecond: number; bytes: number }> {
  const now = new Date(Math.floor(Date.now() / 1000) * 1000)
  const later = (seconds: number) => new Date(now.getTime() + seconds * 1000)
  const random = () => randomBytes(16)
  const addresses = {
    certificate: 'https://a.example/c.crt',
    crl: 'https://a.example/c.crl',
    ocsp: 'https://a.example/o',
  }
  const makePair = () => generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const subject = (commonName: string) => ({ commonName, organization: 'Pemerintah Kota Kendari' })
  const makeRoot = async (name: string): Promise<Signer> => {
    const pair = makePair()
    const key = holdKey(pair.privateKey, pair.publicKey)
    return {
      ...key,
      chain: [],
      certificate: await issueRoot({ key, subject: subject(name), serial: random(), now }),
    }
  }
  const under = async (
    issuer: Signer,
    profile: Exclude<ProfileName, 'root'>,
    name: string,
  ): Promise<Signer> => {
    const pair = makePair()
    const certificate = await issueCertificate({
      ...{ profile, issuer, addresses, now, serial: random(), subject: subject(name) },
      publicKey: pair.publicKey,
    })
    const chain = profile === 'authority' ? [] : [issuer.certificate]
    return { ...holdKey(pair.privateKey, pair.publicKey), certificate, chain }
  }
  const [signerRoot, sealRoot] = [await makeRoot('Akar Penanda Tangan'), await makeRoot('Akar Segel')]
  const authorities = {
    signer: await under(signerRoot, 'authority', 'Penerbit Penanda Tangan'),
    seal: await under(sealRoot, 'authority', 'Penerbit Segel'),
  }
  const seal = await under(authorities.seal, 'seal', 'Segel')
  const stamper = await under(authorities.seal, 'timestamp', 'Stempel Waktu')
  let serial = 0
  const tsaAt = (at: Date) =>
    holdTimestampAuthority(stamper, {
      clock: () => at,
      nextSerial() {
        const bytes = Buffer.alloc(8)
        bytes.writeBigUInt64BE(BigInt(++serial))
        return bytes
      },
    })
  const [tsa, lastTsa] = [tsaAt(now), tsaAt(later(3))]
  const lists = await Promise.all(
    [signerRoot, sealRoot].map((issuer) =>
      issueCrl({ issuer, number: 1, thisUpdate: now, nextUpdate: later(365 * 86_400), revoked: [] }),
    ),
  )
  const collect = makeCollector({
    authorities: await Promise.all(
      Object.values(authorities).map(async (authority) => ({
        certificate: readCertificate(authority.certificate),
        responder: await under(authority, 'responder', 'OCSP'),
      })),
    ),
    roots: [signerRoot, sealRoot].map(({ certificate }) => readCertificate(certificate)),
    rootLists: () => lists,
  })
  const base = await makeBase([...SLOTS, 'SEGEL'])
  const chain = [authorities.signer.certificate]
  // Made on phones: keys, which arrive as SubjectPublicKeyInfo, and later the signatures over what the service asks for.
  const keys = Array.from({ length: 64 }, () =>
    SLOTS.map(() => {
      const { privateKey, publicKey } = makePair()
      return { privateKey, publicKeyInfo: publicKey.export({ type: 'spki', format: 'der' }) }
    }),
  )
  let onPhones = 0
  const one = async (index: number): Promise<Uint8Array> => {
    let draft: Draft = openDraft(base)
    const pieces: Uint8Array[] = [base]
    for (const [place, slot] of SLOTS.entries()) {
      const pair = keys[index % keys.length]![place]!
      const name = `Pegawai ${index} ${place}`
      const publicKey = importKey(pair.publicKeyInfo)
      const der = await issueCertificate({
        ...{ profile: 'party-own', issuer: authorities.signer, addresses, now, serial: random() },
        subject: { ...subject(name), serialNumber: '198001152005012003' },
        ...{ publicKey, publicKeyInfo: pair.publicKeyInfo },
      } as const)
      const certificate = readIssued(der, publicKey)
      const room = sizeRoom(sizeCmsMax({ certificate, chain }), tsa)
      const reserved = reserveRevision(draft, { slot, at: now, name, reason: 'Menyetujui' }, room)
      const attributes = encodeSignedAttributes(reserved.digest, certificate)
      const began = performance.now()
      const signature = sign('sha256', attributes, pair.privateKey)
      onPhones += performance.now() - began
      if (!isSignature(certificate, attributes, signature)) throw new Error('signature')
      const token = await tsa.stamp(createHash('sha256').update(signature).digest())
      const cms = assembleCms({ digest: reserved.digest, certificate, chain, signature, token })
      const filled = fillRevision(reserved, cms)
      pieces.push(filled.bytes)
      draft = filled.draft
    }
    const sealed = await signDraft(draft, {
      slot: 'SEGEL',
      signer: seal,
      tsa,
      at: now,
      name: 'Segel',
      reason: 'Segel',
    })
    pieces.push(sealed.bytes)
    const stored = storeEvidence(
      sealed.draft,
      await collect(readRevisions(Buffer.concat(pieces)), {
        now: later(2),
        statusOf: () => ({ kind: 'good' }),
        next: lastTsa.sources(),
      }),
    )
    const stamped = await stampDraft(stored.draft, lastTsa)
    return Buffer.concat([...pieces, stored.bytes, stamped.bytes])
  }
  for (let index = 0; index < count / 10; index++) await one(index)
  onPhones = 0
  const began = performance.now()
  let last: Uint8Array = base
  for (let index = 0; index < count; index++) last = await one(index)
  const seconds = (performance.now() - began - onPhones) / 1000
  const roots = { signer: [signerRoot.certificate], seal: [sealRoot.certificate] }
  const verdict = checkPdf(last, { roots, at: later(60), expected: { slots: SLOTS } })
  if (verdict.level !== 'PAdES-BASELINE-LTA' || verdict.conclusion !== 'VALID')
    throw new Error(JSON.stringify(verdict.checks))
  return { perSecond: count / seconds, bytes: last.length - base.length }
}

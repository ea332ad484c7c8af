import { createHash } from 'node:crypto'
import { makeCollector } from '../../src/evidence/archive.js'
import { readCertificate, type Signer } from '../../src/evidence/certificate.js'
import { assembleCms, parseCms, type TimestampAuthority } from '../../src/evidence/cms.js'
import type { Draft } from '../../src/evidence/increment.js'
import { signDraft, signRevision, stampDraft, storeEvidence } from '../../src/evidence/pades.js'
import { issueCrl, type OcspStatus } from '../../src/evidence/revocation.js'
import { openDraft, readRevisions, type SignedFile } from '../../src/evidence/signed-file.js'
import { holdTimestampAuthority, issueToken } from '../../src/evidence/timestamp.js'
import { checkPdf, type CheckId, type Expected } from '../../src/evidence/verdict.js'
import { makeBase, makeRoot, makeSerial, makeSigner, people, signedAt } from './paper.js'

// Two parties, a seal, evidence and a document timestamp; every step can be done otherwise by an attacker.
export const after = (seconds: number, from = signedAt) => new Date(from.getTime() + seconds * 1000)
export const DAY = 86_400
const signerRoot = await makeRoot('Akar Penanda Tangan')
const sealRoot = await makeRoot('Akar Segel')
const responders = {
  signer: await makeSigner(signerRoot, 'responder', { commonName: 'OCSP' }),
  seal: await makeSigner(sealRoot, 'responder', { commonName: 'OCSP' }),
}
export const stamper = await makeSigner(sealRoot, 'timestamp', { commonName: 'Stempel Waktu' })
const tsaOf = (signer: Signer, at: Date): TimestampAuthority =>
  holdTimestampAuthority(signer, { nextSerial: makeSerial, clock: () => at })
type Trusted = { signer: Uint8Array[]; seal: Uint8Array[] }
export const roots: Trusted = { signer: [signerRoot.certificate], seal: [sealRoot.certificate] }

interface Plan {
  order: string[]
  signers: Record<string, Signer>
  names: Record<string, string>
  at: (slot: string) => Date
  tsa: (slot: string) => TimestampAuthority | undefined
  statusOf: (serial: Uint8Array) => OcspStatus
  ocspAt: Date
  stampAt: Date
  authorities: { certificate: Uint8Array; responder: Signer }[] // DER
  lists: Uint8Array[] // of the roots, DER
}

const party = (index: 0 | 1, changes: { now?: Date; root?: Signer } = {}) => {
  const { commonName, serialNumber } = people[index]
  const subject = { commonName, ...(serialNumber && { serialNumber }) }
  return makeSigner(changes.root ?? signerRoot, 'party', subject, { now: changes.now ?? signedAt })
}
const sealName = 'Pemerintah Kota Kendari'
export const honest = async (): Promise<Plan> => ({
  order: ['PENANDA_TANGAN', 'SAKSI_1', 'SEGEL'],
  signers: {
    PENANDA_TANGAN: await party(0),
    SAKSI_1: await party(1),
    SEGEL: await makeSigner(sealRoot, 'seal', { commonName: sealName }),
  },
  names: { PENANDA_TANGAN: people[0].commonName, SAKSI_1: people[1].commonName, SEGEL: sealName },
  at: () => signedAt,
  tsa: () => tsaOf(stamper, signedAt),
  statusOf: () => ({ kind: 'good' }),
  ocspAt: after(2),
  stampAt: after(3),
  authorities: [
    { certificate: signerRoot.certificate, responder: responders.signer },
    { certificate: sealRoot.certificate, responder: responders.seal },
  ],
  lists: [],
})
export const fields = ['PENANDA_TANGAN', 'SAKSI_1', 'SEGEL']

export async function signAll(plan: Plan, base?: Uint8Array): Promise<Uint8Array> {
  let pdf = base ?? (await makeBase(fields))
  for (const slot of plan.order) {
    const [signer, tsa] = [plan.signers[slot]!, plan.tsa(slot)]
    const values = { slot, signer, at: plan.at(slot), name: plan.names[slot]!, reason: 'r' }
    ;({ pdf } = await signRevision({ pdf, ...values, ...(tsa && { tsa }) }))
  }
  return pdf
}

export async function archive(pdf: Uint8Array, plan: Plan, { isStored = true } = {}): Promise<Uint8Array> {
  return close(pdf, { draft: openDraft(pdf), file: readRevisions(pdf) }, plan, isStored)
}

/** Evidence and document timestamp behind a file that need not be one of ours any more. */
async function close(
  pdf: Uint8Array,
  { draft, file }: { draft: Draft; file: SignedFile },
  plan: Plan,
  isStored = true,
): Promise<Uint8Array> {
  const collect = makeCollector({
    authorities: plan.authorities.map(({ certificate, responder }) => ({
      ...{ certificate: readCertificate(certificate), responder },
    })),
    roots: [signerRoot, sealRoot].map(({ certificate }) => readCertificate(certificate)),
    rootLists: () => plan.lists,
  })
  const stored = isStored
    ? storeEvidence(
        draft,
        await collect(file, {
          ...{ now: plan.ocspAt, statusOf: plan.statusOf },
          next: [{ certificate: readCertificate(stamper.certificate), chain: [] }],
        }),
      )
    : { bytes: Buffer.alloc(0), draft }
  const stamped = await stampDraft(stored.draft, tsaOf(stamper, plan.stampAt))
  return Buffer.concat([pdf, stored.bytes, stamped.bytes])
}

export const make = async (change: (plan: Plan) => void | Promise<void> = () => {}) => {
  const plan = await honest()
  await change(plan)
  return archive(await signAll(plan), plan)
}

const slots = fields.slice(0, 2)
export const judge = (pdf: Uint8Array, expected?: Expected, at = after(60), trusted: Trusted = roots) =>
  checkPdf(pdf, { roots: trusted, at, expected: { slots, ...expected } })
export const failures = (verdict: ReturnType<typeof judge>) =>
  verdict.checks.filter(({ outcome }) => outcome === 'fail').map(({ id }) => id)

/** An increment as an attacker writes it: any object, a correct table. */
function append(pdf: Uint8Array, number: number, object: string): Uint8Array {
  const text = Buffer.from(pdf).toString('latin1')
  const [, root] = /\/Root (\d+ 0 R)/.exec(text)!
  const previous = /(\d+)\s+%%EOF\s*$/.exec(text)![1]!
  const size = Math.max(number + 1, ...[...text.matchAll(/\/Size (\d+)/g)].map(([, one]) => Number(one)))
  const body = `${number} 0 obj\n${object}\nendobj\n`
  const table = `xref\n${number} 1\n${String(pdf.length).padStart(10, '0')} 00000 n \n`
  const tail = `${table}trailer\n<</Size ${size}/Root ${root}/Prev ${previous}>>\nstartxref\n${pdf.length + body.length}\n%%EOF\n`
  return Buffer.concat([pdf, Buffer.from(body + tail, 'latin1')])
}
const pageOf = (pdf: Uint8Array) =>
  Number(/(\d+) 0 obj\n<<\s*\/Type \/Page\b/.exec(Buffer.from(pdf).toString('latin1'))![1])
const whiteBox = (pdf: Uint8Array) =>
  append(pdf, pageOf(pdf), '<</Type/Page/MediaBox[0 0 200 200]/Contents 900 0 R>>')
const drawOver = (pdf: Uint8Array) =>
  append(pdf, 950, '<</Type/Annot/Subtype/Square/Rect[0 0 200 200]/IC[1 1 1]>>')
export const upTo = (pdf: Uint8Array, count: number) =>
  pdf.subarray(0, readRevisions(pdf).increments[count - 1]!.end)

/** The file with one increment's DER replaced, padded to the same place. */
function exchange(pdf: Uint8Array, which: number, der: (own: Uint8Array) => Uint8Array): Uint8Array {
  const one = readRevisions(pdf).increments[which]!
  if (one.kind === 'store') throw new Error('evidence has no signature')
  const own = one.kind === 'stamp' ? one.token : one.cms
  const copy = Buffer.from(pdf)
  const [, start, end] = one.byteRange
  copy.fill('0', start + 1, end - 1)
  copy.write(Buffer.from(der(own)).toString('hex'), start + 1, 'latin1')
  return copy
}

/** What an attacker makes of the file, and the check of ours that is meant to refuse it. */
export interface Attack {
  make: () => Promise<Uint8Array>
  by: CheckId
  expected?: Expected
  roots?: Trusted
}

export const attacks: Record<string, Attack> = {
  'witness omitted, the operator seals': {
    make: () => make((plan) => void (plan.order = ['PENANDA_TANGAN', 'SEGEL'])),
    by: 'order',
  },
  'witness dropped and sealed anew': {
    make: async () => {
      const plan = await honest()
      const one = upTo(await make(), 1)
      return archive(await signAll({ ...plan, order: ['SEGEL'] }, one), plan)
    },
    by: 'order',
  },
  'witness bytes cut out of the final file': {
    make: async () => {
      const pdf = await make()
      const { start, end } = readRevisions(pdf).increments[1]!
      return Buffer.concat([pdf.subarray(0, start), pdf.subarray(end)])
    },
    by: 'structure',
  },
  'CMS of another document put in': {
    make: async () => {
      const other = parseCmsOf(await signAll(await honest(), await makeBase(fields, { text: 'Lain' })), 0)
      return exchange(await make(), 0, () => other)
    },
    by: 'digest',
  },
  'CMS of two parties exchanged': {
    make: async () => {
      const pdf = await make()
      return exchange(
        exchange(pdf, 0, () => parseCmsOf(pdf, 1)),
        1,
        () => parseCmsOf(pdf, 0),
      )
    },
    by: 'digest',
  },
  'page replaced after LTA': { make: async () => whiteBox(await make()), by: 'structure' },
  'page replaced between signer and witness': {
    make: () => changedBetween(1, whiteBox),
    by: 'structure',
  },
  'page replaced between witness and seal': { make: () => changedBetween(2, whiteBox), by: 'structure' },
  'annotation drawn after LTA': {
    make: async () => {
      const pdf = await make()
      return append(pdf, 950, '<</Type/Annot/Subtype/Square/Rect[0 0 200 200]/IC[1 1 1]>>')
    },
    by: 'structure',
  },
  'document timestamp stripped': { make: async () => upTo(await make(), 4), by: 'archive' },
  'evidence and document timestamp stripped': { make: async () => upTo(await make(), 3), by: 'archive' },
  'evidence left out, document timestamp there': {
    make: async () => {
      const plan = await honest()
      return archive(await signAll(plan), plan, { isStored: false })
    },
    by: 'revocation',
  },
  'trailing bytes': {
    make: async () => Buffer.concat([await make(), Buffer.from('% \n')]),
    by: 'structure',
  },
  'a byte flipped in the page': {
    make: async () => {
      const pdf = Buffer.from(await make())
      const at = pdf.indexOf('stream\n') + 9
      pdf[at]! ^= 1
      return pdf
    },
    by: 'digest',
  },
  'signed anew with a new certificate of the same person': {
    make: () => make(),
    by: 'issued',
    expected: { issued: new Map([['PENANDA_TANGAN', ['0'.repeat(64)]]]) },
  },
  'two certificates in the record for one party': {
    make: () => make(),
    by: 'issued',
    expected: { issued: new Map([['PENANDA_TANGAN', ['0'.repeat(64), '1'.repeat(64)]]]) },
  },
  'no certificate in the record': { make: () => make(), by: 'issued', expected: { issued: new Map() } },
  'seal first': {
    make: () => make((plan) => void (plan.order = ['SEGEL', 'PENANDA_TANGAN', 'SAKSI_1'])),
    by: 'order',
  },
  'witness before signer': {
    make: () => make((plan) => void (plan.order = ['SAKSI_1', 'PENANDA_TANGAN', 'SEGEL'])),
    by: 'order',
  },
  'seal after the document timestamp': {
    make: async () => {
      const plan = await honest()
      const parties = await archive(await signAll({ ...plan, order: slots }), plan)
      return signAll({ ...plan, order: ['SEGEL'] }, parties)
    },
    by: 'archive',
  },
  'witness field signed by the signer': {
    make: () => make((plan) => void (plan.signers['SAKSI_1'] = plan.signers['PENANDA_TANGAN']!)),
    by: 'identity',
  },
  'the same key twice': {
    make: () =>
      make((plan) => {
        plan.signers['SAKSI_1'] = plan.signers['PENANDA_TANGAN']!
        plan.names['SAKSI_1'] = people[0].commonName
      }),
    by: 'order',
  },
  'a certificate of five years': {
    make: () =>
      make(async (plan) => {
        plan.signers['SAKSI_1'] = await makeSigner(signerRoot, 'seal', { commonName: people[1].commonName })
      }),
    by: 'lifetime',
  },
  'timestamped five minutes after the certificate ended': {
    make: () =>
      make(async (plan) => {
        plan.signers['PENANDA_TANGAN'] = await party(0, { now: after(30 - DAY) })
        plan.tsa = (slot) => tsaOf(stamper, slot === 'PENANDA_TANGAN' ? after(330) : after(340))
        plan.ocspAt = after(345)
        plan.stampAt = after(346)
      }),
    by: 'timestamps',
  },
  'no signature timestamp': {
    make: () =>
      make((plan) => void (plan.tsa = (slot) => (slot === 'SAKSI_1' ? undefined : tsaOf(stamper, signedAt)))),
    by: 'timestamps',
  },
  'timestamp of another signature': {
    make: async () => {
      const pdf = await make()
      const [own, other] = [parseCms(parseCmsOf(pdf, 0)), parseCms(parseCmsOf(pdf, 1))]
      const cms = assembleCms({ ...own, chain: own.chain.map(({ der }) => der), token: other.token })
      return exchange(pdf, 0, () => cms)
    },
    by: 'timestamps',
  },
  'timestamp by an authority under no root of ours': {
    make: () =>
      make(async (plan) => {
        const stranger = await makeSigner(await makeRoot('Akar Segel'), 'timestamp', {
          commonName: 'Stempel Waktu',
        })
        plan.tsa = () => tsaOf(stranger, signedAt)
      }),
    by: 'timestamps',
  },
  'timestamp by a certificate that is no timestamp authority’s': {
    make: () => make((plan) => void (plan.tsa = () => tsaOf(plan.signers['SEGEL']!, signedAt))),
    by: 'timestamps',
  },
  'document timestamp over other bytes': {
    make: async () => {
      const token = await issueToken({
        ...{ signer: stamper, serial: makeSerial(), now: after(3) },
        imprint: createHash('sha256').update('lain').digest(),
      })
      return exchange(await make(), 4, () => token)
    },
    by: 'archive',
  },
  'certificate swapped for another of the same key’s owner': {
    make: async () => {
      const pdf = await make()
      const own = parseCms(parseCmsOf(pdf, 0))
      const certificate = readCertificate((await party(0)).certificate)
      const cms = assembleCms({ ...own, certificate, chain: own.chain.map(({ der }) => der) })
      return exchange(pdf, 0, () => cms)
    },
    by: 'signature',
  },
  'foreign authority with the same names': {
    make: () =>
      make(async (plan) => {
        plan.signers['PENANDA_TANGAN'] = await party(0, { root: await makeRoot('Akar Penanda Tangan') })
      }),
    by: 'chain',
  },
  'signer revoked before its timestamp': {
    make: () => revoked('PENANDA_TANGAN', after(-60)),
    by: 'revocation',
  },
  'signer revoked between timestamp and document timestamp': {
    make: () => revoked('PENANDA_TANGAN', after(1)),
    by: 'revocation',
  },
  'seal revoked': { make: () => revoked('SEGEL', after(-60)), by: 'revocation' },
  ...Object.fromEntries(
    (
      [
        ['a day before signing', -DAY],
        ['between timestamp and document timestamp', 2],
        ['an hour after the document timestamp, told by a later list', 3600],
      ] as const
    ).flatMap(([when, seconds]) => [
      [
        `signers' authority revoked ${when}`,
        { make: () => authorityRevoked(seconds, { isShared: false }), by: 'revocation' as const },
      ],
      [
        `authority of signers, seal and timestamps revoked ${when}`,
        {
          make: () => authorityRevoked(seconds, { isShared: true }),
          by: 'revocation' as const,
          roots: { ...roots, seal: roots.signer },
        },
      ],
    ]),
  ),
  'annotation drawn after LTA, fields locked': {
    make: async () => {
      const plan = await honest()
      const pdf = await archive(await signAll(plan, await makeBase(fields, { isLocked: true })), plan)
      return append(pdf, 950, '<</Type/Annot/Subtype/Square/Rect[0 0 200 200]/IC[1 1 1]>>')
    },
    by: 'structure',
  },
  'annotation drawn between the parties': {
    make: () => changedBetween(1, drawOver),
    by: 'structure',
  },
  'annotation drawn between the parties, fields locked': {
    make: () => changedBetween(1, drawOver, { isLocked: true }),
    by: 'structure',
  },
  'page replaced between the parties, fields locked': {
    make: () => changedBetween(1, whiteBox, { isLocked: true }),
    by: 'structure',
  },
  'OCSP from before the timestamp': {
    make: () => make((plan) => void (plan.ocspAt = after(-30))),
    by: 'revocation',
  },
  'OCSP by a responder of the other authority': {
    make: () => make((plan) => void (plan.authorities[0]!.responder = responders.seal)),
    by: 'revocation',
  },
}

const parseCmsOf = (pdf: Uint8Array, which: number) => readRevisions(pdf).revisions[which]!.cms

function revoked(slot: string, at: Date): Promise<Uint8Array> {
  return make((plan) => {
    const own = readCertificate(plan.signers[slot]!.certificate).serial
    plan.statusOf = (serial) =>
      Buffer.compare(serial, own) === 0 ? { kind: 'revoked', at, reason: 'keyCompromise' } : { kind: 'good' }
  })
}

/**
 * An issuing authority under the signers' root, taken back `seconds` after signing. Where it is shared, seal and
 * timestamps come from it too; a list that is made after the file comes with a second evidence and timestamp.
 */
async function authorityRevoked(seconds: number, { isShared }: { isShared: boolean }): Promise<Uint8Array> {
  const begun = { now: after(-2 * DAY) }
  const middle = await makeSigner(signerRoot, 'authority', { commonName: 'Penerbit' }, begun)
  const plan = await honest()
  for (const index of [0, 1] as const) plan.signers[slots[index]!] = await party(index, { root: middle })
  const responder = await makeSigner(middle, 'responder', { commonName: 'OCSP' }, begun)
  plan.authorities.push({ certificate: middle.certificate, responder })
  if (isShared) {
    plan.signers['SEGEL'] = await makeSigner(middle, 'seal', { commonName: sealName }, begun)
    const shared = await makeSigner(middle, 'timestamp', { commonName: 'Stempel Waktu' }, begun)
    plan.tsa = () => tsaOf(shared, signedAt)
  }
  const list = (isRevoked: boolean, at: Date) =>
    issueCrl({
      ...{ issuer: signerRoot, number: 1, thisUpdate: at, nextUpdate: after(300 * DAY) },
      revoked: isRevoked
        ? [{ serial: readCertificate(middle.certificate).serial, at: after(seconds), reason: 'cACompromise' }]
        : [],
    })
  const isLater = seconds > 3
  plan.lists = [await list(!isLater, after(2))]
  const pdf = await archive(await signAll(plan), plan)
  if (!isLater) return pdf
  const later = { ocspAt: after(seconds + 10), stampAt: after(seconds + 11) }
  return archive(pdf, { ...plan, ...later, lists: [await list(true, later.ocspAt)] })
}

/** A stranger's increment behind the first signatures; the others sign, seal and stamp on top of it, as if it were ours. */
async function changedBetween(
  count: number,
  change: (pdf: Uint8Array) => Uint8Array,
  { isLocked = false } = {},
): Promise<Uint8Array> {
  const plan = await honest()
  const [first, rest] = [plan.order.slice(0, count), plan.order.slice(count)]
  const before = await signAll({ ...plan, order: first }, await makeBase(fields, { isLocked }))
  let pdf = Buffer.from(change(before))
  let draft: Draft = {
    ...openDraft(before),
    ...{ sizeBytes: pdf.length, hash: createHash('sha256').update(pdf) },
    xrefAt: Number(/(\d+)\s+%%EOF\s*$/.exec(pdf.toString('latin1'))![1]),
  }
  const { revisions, ...file } = readRevisions(before)
  for (const slot of rest) {
    const values = { slot, at: plan.at(slot), name: plan.names[slot]!, reason: 'r' }
    const signed = await signDraft(draft, { ...values, signer: plan.signers[slot]!, tsa: plan.tsa(slot) })
    ;({ draft } = signed)
    pdf = Buffer.concat([pdf, signed.bytes])
    const [, hex] = /\/Contents <([0-9a-f]+)>/.exec(Buffer.from(signed.bytes).toString('latin1'))!
    const padded = Buffer.from(hex!, 'hex')
    revisions.push({ ...revisions[0]!, slot, cms: padded.subarray(0, 4 + padded.readUInt16BE(2)) })
  }
  return close(pdf, { draft, file: { ...file, revisions } }, plan)
}

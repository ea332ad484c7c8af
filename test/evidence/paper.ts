import { createHash, generateKeyPairSync, type KeyPairKeyObjectResult } from 'node:crypto'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { PDFDocument, PDFName, PDFString, type PDFRef } from 'pdf-lib'
import { issueCertificate, issueRoot, type Subject } from '../../src/evidence/authority.js'
import { holdKey, readCertificate, type Signer } from '../../src/evidence/certificate.js'
import { makeCollector } from '../../src/evidence/archive.js'
import { openDraft, readRevisions } from '../../src/evidence/signed-file.js'
import { signRevision, stampDraft, storeEvidence } from '../../src/evidence/pades.js'
import { holdTimestampAuthority } from '../../src/evidence/timestamp.js'
import type { TimestampAuthority } from '../../src/evidence/cms.js'

/** The day on which every paper here is signed: the present, so that outside tools find certificates alive. */
export const signedAt = new Date(Math.floor(Date.now() / 1000) * 1000)

export type KeyKind = 'P-256' | 'RSA-2048' | 'RSA-3072'
export const keyKinds: readonly KeyKind[] = ['P-256', 'RSA-2048', 'RSA-3072']

const pairs = new Map<string, KeyPairKeyObjectResult>()
/** EC keys are new each time; RSA keys take seconds, so each use has one per run. */
function makePair(kind: KeyKind, use: string): KeyPairKeyObjectResult {
  if (kind === 'P-256') return generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const key = `${kind} ${use}`
  const pair = pairs.get(key) ?? generateKeyPairSync('rsa', { modulusLength: Number(kind.slice(4)) })
  pairs.set(key, pair)
  return pair
}

let serials = 0
/** 16 bytes that differ each time; every second one has its top bit set. */
export const makeSerial = () => createHash('sha256').update(`serial ${++serials}`).digest().subarray(0, 16)

/** A self-signed root with its key. */
export async function makeRoot(name: string, kind: KeyKind = 'P-256'): Promise<Signer> {
  const pair = makePair(kind, 'root')
  const key = holdKey(pair.privateKey, pair.publicKey)
  const subject = { commonName: name, organization: 'Pemerintah Kota Kendari' }
  return {
    ...key,
    chain: [],
    certificate: await issueRoot({ key, subject, serial: makeSerial(), now: signedAt }),
  }
}

/** Somebody under a root. */
export async function makeSigner(
  root: Signer,
  profile: 'party' | 'seal' | 'timestamp' | 'responder' | 'authority',
  subject: Partial<Subject> & { commonName: string },
  { kind = 'P-256' as KeyKind, now = signedAt } = {},
): Promise<Signer> {
  const pair = makePair(kind, profile)
  const certificate = await issueCertificate({
    profile,
    issuer: root,
    publicKey: pair.publicKey,
    subject: { organization: 'Pemerintah Kota Kendari', ...subject },
    serial: makeSerial(),
    now,
  })
  return { ...holdKey(pair.privateKey, pair.publicKey), certificate, chain: [root.certificate] }
}

const stampers = new WeakMap<Signer, Promise<Signer>>()
const stamperOf = (root: Signer) => {
  const known = stampers.get(root) ?? makeSigner(root, 'timestamp', { commonName: 'Stempel Waktu' })
  stampers.set(root, known)
  return known
}

/** A timestamp authority under a root; it always says the same time. */
export async function tsaUnder(root: Signer, at = signedAt): Promise<TimestampAuthority> {
  let serial = 0
  return holdTimestampAuthority(await stamperOf(root), {
    nextSerial: () => Uint8Array.of(++serial >> 8, serial & 255),
    clock: () => at,
  })
}

/** Answers about certificates under these two roots. */
export async function collectorUnder({ signerRoot, sealRoot }: { signerRoot: Signer; sealRoot: Signer }) {
  const authorities = await Promise.all(
    [signerRoot, sealRoot].map(async (root) => ({
      certificate: readCertificate(root.certificate),
      responder: await makeSigner(root, 'responder', { commonName: 'OCSP' }),
    })),
  )
  return makeCollector({
    authorities,
    roots: authorities.map(({ certificate }) => certificate),
    rootLists: () => [],
  })
}

/** Evidence and a document timestamp behind a sealed paper, two and three seconds later. */
export async function archivePaper(
  pdf: Uint8Array,
  { signerRoot, sealRoot }: { signerRoot: Signer; sealRoot: Signer },
  { at = signedAt, hasStamp = true } = {},
): Promise<Uint8Array> {
  const stamper = await stamperOf(sealRoot)
  const collect = await collectorUnder({ signerRoot, sealRoot })
  const later = (seconds: number) => new Date(at.getTime() + seconds * 1000)
  const stored = storeEvidence(
    openDraft(pdf),
    await collect(readRevisions(pdf), {
      ...{ now: later(2), statusOf: () => ({ kind: 'good' }) },
      next: [{ certificate: readCertificate(stamper.certificate), chain: [] }],
    }),
  )
  if (!hasStamp) return Buffer.concat([pdf, stored.bytes])
  const stamped = await stampDraft(stored.draft, await tsaUnder(sealRoot, later(3)))
  return Buffer.concat([pdf, stored.bytes, stamped.bytes])
}

/** A small base as `press.ts` makes it: classic table, AcroForm and Fields indirect, one merged field a slot. */
export async function makeBase(
  slots: readonly string[],
  { text = 'Pakta', trailingNewline = false, isLocked = false } = {},
): Promise<Uint8Array> {
  const document = await PDFDocument.create({ updateMetadata: false })
  document.setTitle('Pakta Integritas')
  const { context } = document
  const page = document.addPage([200, 200])
  page.drawText(text, { x: 20, y: 150, size: 12 })
  const fields: PDFRef[] = slots.map((slot, index) =>
    context.register(
      context.obj({
        Type: 'Annot',
        Subtype: 'Widget',
        FT: 'Sig',
        T: PDFString.of(slot),
        F: 132,
        Rect: index === 0 ? [20, 20, 120, 60] : [-10, -10, -10, -10],
        P: page.ref,
        // A signed field says that only forms may change from then on. @see ISO 32000-2 table 236
        ...(isLocked && {
          Lock: { Type: 'SigFieldLock', Action: 'Include', Fields: [PDFString.of(slot)], P: 2 },
        }),
        ...(index === 0 && {
          AP: {
            N: context.register(
              context.stream('', { Type: 'XObject', Subtype: 'Form', BBox: [0, 0, 100, 40] }),
            ),
          },
        }),
      }),
    ),
  )
  page.node.set(PDFName.of('Annots'), context.obj(fields))
  document.catalog.set(PDFName.of('DSS'), context.register(context.obj({})))
  const form = context.obj({ Fields: context.register(context.obj(fields)), SigFlags: 3 })
  document.catalog.set(PDFName.of('AcroForm'), context.register(form))
  const id = createHash('sha256').update(text).digest().subarray(0, 16).toString('hex')
  context.trailerInfo.ID = context.obj([id, id].map((one) => PDFString.of(one)))
  const bytes = await document.save({ useObjectStreams: false })
  return trailingNewline ? new Uint8Array([...bytes, 0x0a]) : bytes
}

export interface Paper {
  pdf: Uint8Array
  revisions: Uint8Array[] // base, then after each signature, evidence and archive timestamp
  signerRoot: Signer
  sealRoot: Signer
}

export const people = [
  {
    slot: 'PENANDA_TANGAN',
    commonName: 'Dr. Siti Contoh, S.Sos., M.Si.',
    serialNumber: '198001152005012003',
  },
  { slot: 'SAKSI_1', commonName: 'La Ode Contoh', serialNumber: undefined },
  { slot: 'SAKSI_2', commonName: 'Wa Ode Contoh — Ketua', serialNumber: undefined },
] as const

/** A whole signed and sealed paper. */
export async function makePaper({
  parties = 1,
  seal = true,
  kind = 'P-256' as KeyKind,
  trailingNewline = false,
} = {}): Promise<Paper> {
  const signerRoot = await makeRoot('Akar Penanda Tangan')
  const sealRoot = await makeRoot('Akar Segel', kind)
  const tsa = await tsaUnder(sealRoot)
  const signing = people.slice(0, parties)
  let pdf = await makeBase([...signing.map(({ slot }) => slot), 'SEGEL'], { trailingNewline })
  const revisions = [pdf]
  for (const { slot, commonName, serialNumber } of signing) {
    const subject = { commonName, ...(serialNumber && { serialNumber }) }
    const signer = await makeSigner(signerRoot, 'party', subject)
    const reason = 'Menyatakan Pakta Integritas Netralitas'
    ;({ pdf } = await signRevision({
      pdf,
      slot,
      signer,
      at: signedAt,
      name: commonName,
      reason,
      location: 'Kendari',
      tsa,
    }))
    revisions.push(pdf)
  }
  if (seal) {
    const name = 'Pemerintah Kota Kendari'
    const signer = await makeSigner(sealRoot, 'seal', { commonName: name }, { kind })
    ;({ pdf } = await signRevision({
      pdf,
      slot: 'SEGEL',
      signer,
      at: signedAt,
      name,
      reason: 'Segel elektronik lembaga',
      tsa,
    }))
    revisions.push(pdf)
    pdf = await archivePaper(pdf, { signerRoot, sealRoot })
    const [store] = readRevisions(pdf).increments.filter((one) => one.kind === 'store')
    revisions.push(pdf.subarray(0, store!.end), pdf)
  }
  return { pdf, revisions, signerRoot, sealRoot }
}

/** Runs an outside tool, or skips the test where it is not installed (fails where CI is set). */
export function tool(
  t: TestContext,
  name: string,
  args: string[],
): { code: number; out: string } | undefined {
  const run = spawnSync(name, args, { encoding: 'latin1' })
  if (run.error) {
    if (process.env['CI']) throw run.error
    t.skip(`${name} is not installed`)
    return undefined
  }
  return { code: run.status ?? -1, out: `${run.stdout}${run.stderr}` }
}

/** A folder that is gone when the test is over. */
export function makeFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'pakta-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

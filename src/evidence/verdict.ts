import { createHash } from 'node:crypto'
import { PactError } from '../domain/errors.js'
import { SEAL_SLOT, type Slot } from '../domain/pact.js'
import { formatIdentityNumber } from './authority.js'
import { parseCertificatesPem, readCertificate, type Certificate } from './certificate.js'
import { isStated } from './increment.js'
import {
  fail,
  type Finding,
  inspect,
  type Inspection,
  type Level,
  levels,
  type Outcome,
  pass,
  placeOf,
  type SignatureCheck,
  signatureChecks,
  type SignatureReport,
  unknown,
} from './inspection.js'
import { askStatus, checkArchive, readEvidence, readStamps, type Stamp } from './longevity.js'
import { issuedFor, type RecordEntry } from './record.js'
import { checkRow, checkRows, ROW_NAME, type RowFinding } from './rows.js'
import { readEmbedded, readRevisions, type SignedFile } from './signed-file.js'
import { ROW_BYTES_MAX } from './statement.js'

export type { Outcome, SignatureReport, Level } from './inspection.js'

/** What is asked of a file, in the order in which it is asked; the words are those of the page. */
export const checkTitles = {
  format: 'Berkas ini dokumen PDF yang dapat dibaca',
  structure: 'Berkas terdiri atas naskah asli, tanda tangan, dan bukti arsip saja, tanpa perubahan lain',
  range: 'Tanda tangan mencakup seluruh isi berkas',
  attributes: 'Setiap tanda tangan berbentuk tepat seperti yang ditetapkan',
  digest: 'Isi berkas sama dengan yang ditandatangani',
  signature: 'Setiap tanda tangan cocok dengan sertifikatnya',
  chain: 'Setiap sertifikat diterbitkan oleh otoritas yang dikenal untuk keperluannya',
  lifetime: 'Setiap tanda tangan dibuat dalam masa berlaku sertifikatnya',
  identity: 'Nama pada tanda tangan sama dengan nama pada sertifikatnya',
  order: 'Urutan penanda tangan benar, dan setiap kunci hanya dipakai sekali',
  complete: 'Semua pihak telah menandatangani, dan segel lembaga menutup berkas',
  timestamps: 'Setiap tanda tangan berstempel waktu, dalam masa berlaku sertifikatnya',
  revocation: 'Tidak satu pun sertifikat dicabut, menurut bukti di dalam berkas',
  archive: 'Stempel waktu arsip menutup berkas sampai byte terakhir',
  rows: 'Setiap baris ditandatangani oleh orangnya sendiri, atas naskah yang sama',
  issued: 'Setiap sertifikat perorangan tercatat saat diterbitkan, satu untuk setiap orang dan pakta',
  records: 'Berkas sesuai dengan catatan kami',
} as const
export type CheckId = keyof typeof checkTitles

/** One answer. `detail` names signatures by their place, never by a person's name. */
export interface Check {
  id: CheckId
  title: string
  outcome: Outcome
  detail: string
}

/**
 * - `VALID`: every check passed, or is unknown only because our records were not asked
 * - `INCOMPLETE`: everything that is there is good, but a party, the seal or the archive's timestamp is missing
 * - `INVALID`: at least one check failed
 * - `UNREADABLE`: no PDF, or an encrypted one
 */
export type Conclusion = 'VALID' | 'INCOMPLETE' | 'INVALID' | 'UNREADABLE'

export interface Verdict {
  conclusion: Conclusion
  checks: Check[]
  signatures: SignatureReport[]
  rows: RowFinding[] // of a collective pact, in the order of its table
  level: Level | undefined // the lowest of its signatures
  sha256: string // of the file, hex
  baseSha256: string | undefined // of the document before the first signature, hex
}

/** What our records say about a pact. Whatever is left out is not compared. */
export interface Expected {
  sha256?: string | undefined // of the finished file, hex; not compared while the file is incomplete
  baseSha256?: string | undefined // hex
  slots?: readonly Slot[] | undefined // the parties' places in the order of signing; the seal goes without saying
  identities?: readonly { slot: Slot; name: string; identityNumber?: string | undefined }[] | undefined
  /** SHA-256 (hex) of every certificate that the record has for a party, by its place. */
  issued?: ReadonlyMap<Slot, readonly string[]> | undefined
  /** The same for the row of a collective pact, by its code. */
  issuedRows?: ReadonlyMap<string, readonly string[]> | undefined
  /** The public record, for whoever asks without our database: the document's own identifier finds its lines. */
  record?: readonly RecordEntry[] | undefined
}

/** The attachment of a recapitulation: codes, times and fingerprints. */
export const RECAP_LIST_NAME = 'pakta.csv'
// A line for each of 100,000 pacts: more than any unit has.
const RECAP_LIST_BYTES_MAX = 15_000_000

/** Trusted certificates: PEM text with one or several, or a list of PEM texts and DER. */
export type Roots = string | readonly (string | Uint8Array)[]

/** Trusted roots by purpose; see `checkPdf`. */
export interface TrustedRoots {
  signer: Roots
  seal: Roots
  timestamp?: Roots
  person?: Roots
}

/** @throws BAD_KEY when a root cannot be read */
export const readRootsByPurpose = ({ signer, seal, timestamp = seal, person = [] }: TrustedRoots) => ({
  ...{ signer: readRoots(signer), seal: readRoots(seal) },
  ...{ timestamp: readRoots(timestamp), person: readRoots(person) },
})

/**
 * Is this file a pact that everybody signed and the institution sealed, and has nothing happened to it since?
 *
 * Nothing but the given bytes, roots and records is used. Never throws because of `pdf`, and takes time and
 * memory linear in its length.
 *
 * @param pdf any bytes (attacker-controlled)
 * @param roots trusted certificates by purpose; a signer's root does not vouch for a seal. Timestamps: the seal's root
 *   unless said. Persons' own certificates: none unless said
 * @param at the moment of checking: nothing may have been signed after it
 * @param expected what our records say, when they are asked
 * @throws BAD_KEY when a root cannot be read
 * @see ETSI EN 319 102-1 sections 5.3 and 5.6; rules that go beyond it stand at each check
 */
export function checkPdf(
  pdf: Uint8Array,
  options: {
    roots: TrustedRoots
    at: Date
    expected?: Expected | undefined
    /** What `rowsOf` said of the same bytes before: asking 1,500 rows takes seconds. */
    checkedRows?: CheckedRows | undefined
  },
): Verdict {
  const roots = readRootsByPurpose(options.roots)
  const sha256 = sha256Hex(pdf)
  const notPdf = findNotPdf(pdf)
  if (notPdf) return conclude({ sha256, findings: { format: notPdf }, isUnreadable: true })
  const format = pass(`${pdf.length} byte`)
  let file: SignedFile
  try {
    file = readRevisions(pdf)
  } catch (cause) {
    if (!(cause instanceof PactError)) throw cause
    // An honest reader may stumble over a passphrase before it sees that there is one.
    if (Buffer.from(pdf.buffer, pdf.byteOffset, pdf.length).includes('/Encrypt'))
      return conclude({ sha256, findings: { format: fail('Berkas tersandi') }, isUnreadable: true })
    return conclude({ sha256, findings: { format, structure: fail(cause.message) } })
  }
  const stamps = readStamps(file, roots.timestamp)
  const inspections = file.revisions.map((revision) => inspect(revision, { roots, at: options.at }))
  const archived = checkArchive(stamps, { file, sizeBytes: pdf.length, at: options.at })
  const archive =
    'until' in archived
      ? pass(`Berlaku sampai ${archived.until.toISOString().slice(0, 10)}`)
      : fail(archived.why)
  const revocation = findRevocation({
    file,
    inspections,
    stamps,
    isClosed: archive.outcome === 'pass',
  })
  const baseSha256 = sha256Hex(pdf.subarray(0, file.base.endBytes))
  const collective =
    options.checkedRows ?? findRows(pdf, { roots, at: options.at, expected: options.expected })
  const findings = {
    format,
    structure: findStructure(file),
    range: findRange(file, pdf.length),
    ...gather(inspections),
    order: findOrder(file, inspections, options.expected),
    complete: findComplete(file, options.expected),
    revocation,
    archive,
    ...(collective && { rows: collective.finding }),
    issued: findIssued(inspections, issuedIn(file, options.expected)),
  }
  for (const { report, findings: own } of inspections)
    report.level = levelOf(report, {
      own,
      archive,
      index: file.increments.findIndex((one) => one.kind === 'signature' && one.slot === report.slot),
      file,
    })
  const records = findRecords({ sha256, baseSha256, file, inspections, expected: options.expected, findings })
  return conclude({
    sha256,
    baseSha256,
    findings: { ...findings, records },
    signatures: inspections.map(({ report }) => report),
    rows: collective?.rows ?? [],
    isOpen: 'why' in archived && archived.isMissing,
  })
}

function conclude(input: {
  sha256: string
  baseSha256?: string
  findings: Partial<Record<CheckId, Finding>>
  signatures?: SignatureReport[]
  rows?: RowFinding[]
  isUnreadable?: boolean
  isOpen?: boolean // the archive's timestamp may still come
}): Verdict {
  // Only a collective pact has rows to ask about.
  const ids = (Object.keys(checkTitles) as CheckId[]).filter((id) => id !== 'rows' || input.findings.rows)
  const checks = ids.map((id): Check => {
    const finding = input.findings[id] ?? unknown('Tidak dapat diperiksa')
    return { id, title: checkTitles[id], ...finding }
  })
  const failed = checks.filter(({ outcome }) => outcome === 'fail').map(({ id }) => id)
  const isOpen = input.isOpen === true
  const undecided = checks.some(
    ({ id, outcome }) =>
      outcome === 'unknown' && id !== 'records' && id !== 'issued' && !(isOpen && id === 'revocation'),
  )
  let conclusion: Conclusion = 'VALID'
  if (input.isUnreadable) conclusion = 'UNREADABLE'
  else if (
    failed.length > 0 &&
    !undecided &&
    failed.every((id) => id === 'complete' || (id === 'archive' && isOpen))
  )
    conclusion = 'INCOMPLETE'
  else if (failed.length > 0 || undecided) conclusion = 'INVALID'
  const { sha256, baseSha256, signatures = [], rows = [] } = input
  const reached = signatures.map(({ level }) => (level ? levels.indexOf(level) : -1))
  const level = reached.length > 0 ? levels[Math.min(...reached)] : undefined
  return { conclusion, level, checks, signatures, rows, sha256, baseSha256 }
}

const sha256Hex = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

function readRoots(roots: Roots): Certificate[] {
  try {
    return (typeof roots === 'string' ? [roots] : roots)
      .flatMap((root) => (typeof root === 'string' ? parseCertificatesPem(root) : [root]))
      .map(readCertificate)
  } catch (cause) {
    throw new PactError('BAD_KEY', `Sertifikat akar tidak dapat dibaca: ${(cause as Error).message}`, {
      cause,
    })
  }
}

function findNotPdf(pdf: Uint8Array): Finding | undefined {
  if (pdf.length === 0) return fail('Berkas kosong')
  const head = Buffer.from(pdf.subarray(0, 5)).toString('latin1')
  return head === '%PDF-' ? undefined : fail('Berkas tidak diawali %PDF-')
}

/** The base, then increments that each add one signature, evidence or a timestamp; nothing else, ever. */
function findStructure({ increments, revisions, foreign }: SignedFile): Finding {
  if (!foreign)
    return pass(
      `Naskah asli, ${revisions.length} tanda tangan, ${increments.length - revisions.length} bukti arsip`,
    )
  const objects = foreign.objects.slice(0, 10).join(', ')
  return fail(`Berkas diubah setelah byte ${foreign.start}: ${foreign.why} (objek ${objects})`)
}

/**
 * Is this file (.p7m) the statement of one member of a collective pact, signed by that member alone? The document that
 * lists it names everybody else, too, and is another question.
 *
 * @param file any bytes (attacker-controlled); never throws because of them
 * @throws BAD_KEY when a root cannot be read
 */
export function judgeRow(
  file: Uint8Array,
  options: { roots: TrustedRoots; at: Date; expected?: Pick<Expected, 'record'> | undefined },
): Pick<Verdict, 'conclusion' | 'checks' | 'signatures' | 'sha256'> {
  const { statement, signature, outcome, why } = checkRow(file, {
    ...{ roots: readRootsByPurpose(options.roots), at: options.at, record: options.expected?.record },
  })
  const title = 'Pernyataan ini ditandatangani oleh orangnya sendiri, dan tidak berubah sejak itu'
  return {
    conclusion: outcome === 'pass' ? 'VALID' : statement ? 'INVALID' : 'UNREADABLE',
    checks: [{ id: 'rows', title, outcome, detail: why }],
    signatures: signature ? [signature] : [],
    sha256: sha256Hex(file),
  }
}

/** What was found of a collective pact's rows, to be used again for the same bytes, roots and records. */
export type CheckedRows = ReturnType<typeof checkRows>

/** The rows' part of a verdict; undefined where the document carries none. */
export function rowsOf({ rows, checks }: Verdict): CheckedRows | undefined {
  const check = checks.find(({ id }) => id === 'rows')
  return check && { rows, finding: { outcome: check.outcome, detail: check.detail } }
}

/** Undefined where the document carries no rows. */
function findRows(
  pdf: Uint8Array,
  of: { roots: Parameters<typeof checkRows>[1]['roots']; at: Date; expected: Expected | undefined },
) {
  let files
  try {
    files = readEmbedded(pdf, (name) => (name === RECAP_LIST_NAME ? RECAP_LIST_BYTES_MAX : ROW_BYTES_MAX))
  } catch (cause) {
    if (!(cause instanceof PactError)) throw cause
    return { rows: [], finding: fail(cause.message) }
  }
  const { roots, at, expected } = of
  const { issuedRows } = expected ?? {}
  const rows = files.filter(({ name }) => ROW_NAME.test(name))
  const stranger = files.find(({ name }) => !ROW_NAME.test(name) && name !== RECAP_LIST_NAME)
  if (stranger) return { rows: [], finding: fail(`Lampiran "${stranger.name}" bukan baris dan bukan daftar`) }
  if (issuedRows && issuedRows.size !== rows.length)
    return { rows: [], finding: fail(`${rows.length} baris, tercatat ${issuedRows.size}`) }
  if (rows.length === 0) return undefined
  return checkRows(rows, { roots, at, issued: issuedRows, record: expected?.record })
}

/** The last byte that a signature or timestamp covers is the last byte of the file. */
function findRange({ increments, revisions }: SignedFile, sizeBytes: number): Finding {
  const last = increments.at(-1)
  if (revisions.length === 0 || !last) return fail('Tidak ada tanda tangan')
  // Evidence may stand behind the last of them until the archive's timestamp closes the file (`archive`).
  return last.end === sizeBytes
    ? pass(`Seluruh ${sizeBytes} byte`)
    : fail(`Byte ${last.end} sampai ${sizeBytes} tidak ditandatangani siapa pun`)
}

/**
 * For every certificate on every path but the roots: an OCSP answer "good" of its authority, or for an authority
 * its root's list without it. A signer's own answer is newer than the signature's timestamp.
 *
 * Stricter than ETSI: a certificate that was taken back at any time is refused, also when that was after signing.
 */
function findRevocation(input: {
  file: SignedFile
  inspections: readonly Inspection[]
  stamps: readonly Stamp[]
  isClosed: boolean // the archive's timestamp is there: nothing may be missing
}): Finding {
  const { file, inspections, stamps, isClosed } = input
  const evidence = readEvidence(file)
  const missing: string[] = []
  const revoked: string[] = []
  const ask = (path: readonly Certificate[], place: string, after?: Date): string => {
    const status = askStatus(evidence, { path, after })
    if (status === 'revoked') revoked.push(place)
    if (status === 'missing') missing.push(place)
    return { revoked: 'dicabut', missing: '', good: 'OCSP dan daftar cabut di dalam berkas' }[status]
  }
  for (const { report, path, stamp } of inspections) {
    if (path.length === 0 || !stamp) continue
    report.revocation = ask(path, placeOf(report.slot), stamp.at)
    ask(stamp.path, `stempel waktu ${placeOf(report.slot)}`)
  }
  for (const { result } of stamps) if ('path' in result) ask(result.path, 'stempel waktu arsip')
  if (revoked.length > 0) return fail(`Dicabut: ${[...new Set(revoked)].join(', ')}`)
  if (missing.length === 0) return pass(`${evidence.ocsps.length} OCSP, ${evidence.crls.length} daftar`)
  const detail = `Tanpa bukti status: ${[...new Set(missing)].join(', ')}`
  return isClosed ? fail(detail) : unknown(detail)
}

const issuedIn = ({ base }: SignedFile, expected: Expected | undefined) =>
  expected?.issued ?? (expected?.record && issuedFor(expected.record, base.documentId ?? ''))

/** One certificate was made for each person and pact, and it is the one that signed. */
function findIssued(
  inspections: readonly Inspection[],
  issued: ReadonlyMap<Slot, readonly string[]> | undefined,
): Finding {
  if (!issued) return unknown('Catatan penerbitan tidak ditanyakan')
  for (const { report } of inspections) {
    if (report.slot === SEAL_SLOT) continue
    const known = issued.get(report.slot) ?? []
    if (known.length > 1)
      return fail(`Untuk ${placeOf(report.slot)} tercatat ${known.length} sertifikat, seharusnya satu`)
    if (known[0] !== report.certificateSha256)
      return fail(`Sertifikat ${placeOf(report.slot)} tidak ada dalam catatan penerbitan`)
  }
  return pass('')
}

function levelOf(
  report: SignatureReport,
  of: { own: Inspection['findings']; archive: Finding; index: number; file: SignedFile },
): Level | undefined {
  const later = of.file.increments.slice(of.index + 1)
  report.laterIncrements = later.map((one) =>
    one.kind === 'signature'
      ? placeOf(one.slot)
      : one.kind === 'store'
        ? 'bukti arsip'
        : 'stempel waktu arsip',
  )
  if (signatureChecks.some((id) => id !== 'timestamps' && of.own[id].outcome !== 'pass')) return undefined
  if (of.own.timestamps.outcome !== 'pass') return 'PAdES-BASELINE-B'
  if (report.revocation === '' || report.revocation === 'dicabut') return 'PAdES-BASELINE-T'
  return of.archive.outcome === 'pass' ? 'PAdES-BASELINE-LTA' : 'PAdES-BASELINE-LT'
}

/** One finding a question over all signatures. */
function gather(inspections: readonly Inspection[]): Record<SignatureCheck, Finding> {
  const finding = (id: SignatureCheck): Finding => {
    if (inspections.length === 0) return fail('Tidak ada tanda tangan')
    const rest = inspections.filter(({ findings }) => findings[id].outcome !== 'pass')
    const detail = rest
      .map(({ report, findings }) => `${placeOf(report.slot)}: ${findings[id].detail}`)
      .join('; ')
    if (rest.some(({ findings }) => findings[id].outcome === 'fail')) return fail(detail)
    return rest.length > 0 ? unknown(detail) : pass(`${inspections.length} tanda tangan`)
  }
  return Object.fromEntries(signatureChecks.map((id) => [id, finding(id)])) as Record<SignatureCheck, Finding>
}

/** Who must sign, in order, the seal last: by our records, else by the fields of the document itself. */
function agreedSlots({ base }: SignedFile, expected: Expected | undefined): Slot[] {
  const slots = expected?.slots ?? base.fields.map(({ slot }) => slot)
  return [...slots.filter((slot) => slot !== SEAL_SLOT), SEAL_SLOT]
}

/**
 * The signatures are the agreed ones from the first on, in the agreed order, with times that do not run
 * backwards and a new key each. A seal over a document that lacks a party's signature fails here. On a joint document
 * the parties sign as they come, the witnesses after them.
 */
function findOrder(
  file: SignedFile,
  inspections: readonly Inspection[],
  expected: Expected | undefined,
): Finding {
  const fields = file.base.fields.map(({ slot }) => slot)
  if (fields.at(-1) !== SEAL_SLOT) return fail('Naskah tidak menyediakan tempat segel sebagai yang terakhir')
  const agreed = agreedSlots(file, expected)
  const keys = new Set<string>()
  let previous = -Infinity
  const isJoint = file.base.fields.some(isStated)
  let last: Slot | undefined
  for (const [index, { slot, at }] of file.revisions.entries()) {
    const isInPlace = isJoint
      ? agreed.includes(slot) &&
        last !== SEAL_SLOT &&
        !(isWitness(last) && !isWitness(slot) && slot !== SEAL_SLOT)
      : slot === agreed[index]
    last = slot
    if (!isInPlace)
      return fail(
        `Tanda tangan ke-${index + 1} adalah ${placeOf(slot)}, seharusnya ${placeOf(agreed[index] ?? '-')}`,
      )
    if (at.getTime() < previous) return fail(`Waktu ${placeOf(slot)} mendahului tanda tangan sebelumnya`)
    previous = at.getTime()
    const info = inspections[index]?.cms?.certificate.publicKeyInfo
    const key = info && Buffer.from(info).toString('hex')
    if (key === undefined) continue
    if (keys.has(key)) return fail(`Kunci ${placeOf(slot)} sudah dipakai penanda tangan lain`)
    keys.add(key)
  }
  return pass(file.revisions.map(({ slot }) => placeOf(slot)).join(', '))
}

const isWitness = (slot: Slot | undefined) => slot !== undefined && slot.startsWith('SAKSI_')

function findComplete(file: SignedFile, expected: Expected | undefined): Finding {
  const signed = new Set(file.revisions.map(({ slot }) => slot))
  const missing = agreedSlots(file, expected).filter((slot) => !signed.has(slot))
  const stated = new Set(file.base.fields.filter(isStated).map(({ slot }) => slot))
  if (missing.length > 0 && missing.every((slot) => stated.has(slot)))
    return file.revisions.at(-1)?.slot === SEAL_SLOT
      ? pass(`Ditutup tanpa tanda tangan ${missing.map(placeOf).join(', ')}, dan naskah menyebutnya`)
      : fail('Segel bukan tanda tangan terakhir')
  if (missing.length > 0) return fail(`Belum ada: ${missing.map(placeOf).join(', ')}`)
  return file.revisions.at(-1)?.slot === SEAL_SLOT ? pass('') : fail('Segel bukan tanda tangan terakhir')
}

function findRecords(input: {
  sha256: string
  baseSha256: string
  file: SignedFile
  inspections: readonly Inspection[]
  expected: Expected | undefined
  findings: { complete: Finding }
}): Finding {
  const { expected, file, inspections } = input
  if (!expected?.baseSha256) return unknown('Catatan kami tidak ditanyakan')
  const isWhole = input.findings.complete.outcome === 'pass'
  if (isWhole && expected.sha256 !== undefined && expected.sha256 !== input.sha256)
    return fail('Sidik berkas berbeda dari yang kami catat')
  if (expected.baseSha256 !== undefined && expected.baseSha256 !== input.baseSha256)
    return fail('Naskah berbeda dari yang kami catat')
  for (const { slot, name, identityNumber } of expected.identities ?? []) {
    const index = file.revisions.findIndex((revision) => revision.slot === slot)
    const certificate = inspections[index]?.cms?.certificate
    if (!certificate) continue
    const number = identityNumber ? formatIdentityNumber(identityNumber) : undefined
    // Whose a person's own certificate is, was decided when it was admitted; the record knows it by its fingerprint.
    if (inspections[index]!.report.method === 'own-certificate') continue
    if (file.revisions[index]!.name !== name || certificate.serialNumber !== number)
      return fail(`Nama atau nomor ${placeOf(slot)} berbeda dari yang kami catat`)
  }
  return pass(isWhole ? 'Naskah, berkas, dan para pihak sama' : 'Naskah dan para pihak sama sejauh ini')
}

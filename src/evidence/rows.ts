// The rows of a collective pact: each one member's own signature, checked apart from the page that lists them.
import { PactError } from '../domain/errors.js'
import { formatIdentityNumber } from './authority.js'
import {
  fail,
  type Finding,
  inspect,
  type Inspection,
  type Outcome,
  pass,
  type RootsByPurpose,
  signatureChecks,
  type SignatureReport,
} from './inspection.js'
import { askStatus, type Evidence } from './longevity.js'
import { documentIdOf, issuedFor, type RecordEntry } from './record.js'
import { parseCrl, parseOcsp } from './revocation.js'
import type { EmbeddedFile } from './signed-file.js'
import { openStatement, parseStatement, type RowEvidence, type Statement } from './statement.js'

/** Where a member's signature stands in our records: every row is a pact of its own. */
export const ROW_SLOT = 'PENANDA_TANGAN'

/** A row inside its document: its place in the table, its code. */
export const ROW_NAME = /^\d{4}-[0-9A-Z]{26}\.p7m$/
export const formatRowName = (ordinal: number, code: string) =>
  `${String(ordinal).padStart(4, '0')}-${code}.p7m`

/** One row, as its own bytes tell; believe it only as far as `outcome` says. */
export interface RowReport {
  statement: Statement | undefined // undefined: it cannot be read
  signature: SignatureReport | undefined
  outcome: Outcome
  why: string // what is wrong with it, or ''
}

/** What became of one row of a document; its words and its signature are in its own file. */
export type RowFinding = Pick<RowReport, 'outcome' | 'why'> & { code: string | undefined }

interface Asked {
  roots: RootsByPurpose
  at: Date
  /** SHA-256 (hex) of every certificate on record for a row, by its code; not asked when absent. */
  issued?: ReadonlyMap<string, readonly string[]> | undefined
  record?: readonly RecordEntry[] | undefined
}

interface CheckedRow {
  row: RowReport
  inspection?: Inspection
}

/**
 * Is this a statement that its member signed, with a certificate of that member's own, stamped and not taken back?
 *
 * @param bytes a .p7m (attacker-controlled)
 */
export const checkRow = (bytes: Uint8Array, asked: Asked): RowReport => check(bytes, asked, lookUp(asked)).row

/**
 * Every row of a collective pact: each holds on its own, no two are of one code or one key, and all agree to the same
 * words.
 *
 * @returns the findings in the order of the table, and one answer for all
 */
export function checkRows(
  files: readonly EmbeddedFile[],
  asked: Asked,
): { rows: RowFinding[]; finding: Finding } {
  const issuedOf = lookUp(asked)
  const codes = new Set<string>()
  const keys = new Set<string>()
  let words: string | undefined
  const rows = files.map(({ bytes }): RowFinding => {
    const { row, inspection } = check(bytes, asked, issuedOf)
    const { statement, outcome } = row
    const code = statement?.code
    const key = inspection?.cms && Buffer.from(inspection.cms.certificate.publicKeyInfo).toString('hex')
    if (outcome !== 'pass' || !statement || !key) return { code, outcome, why: row.why }
    words ??= statement.words
    const why = codes.has(statement.code)
      ? 'kodenya sudah dipakai baris lain'
      : keys.has(key)
        ? 'kuncinya sudah dipakai baris lain'
        : statement.words === words
          ? ''
          : 'naskahnya lain dari naskah baris pertama'
    codes.add(statement.code)
    keys.add(key)
    return { code, outcome: why ? 'fail' : 'pass', why }
  })
  const wrong = rows.flatMap(({ outcome, why }, index) =>
    outcome === 'pass' ? [] : [`baris ${index + 1}: ${why}`],
  )
  const shown = wrong.slice(0, 5).join('; ') + (wrong.length > 5 ? `; dan ${wrong.length - 5} lainnya` : '')
  return { rows, finding: wrong.length > 0 ? fail(shown) : pass(`${rows.length} baris`) }
}

function check(bytes: Uint8Array, { roots, at }: Asked, issuedOf: ReturnType<typeof lookUp>): CheckedRow {
  const refuse = (why: string, known: Partial<RowReport> = {}): CheckedRow => ({
    row: { statement: undefined, signature: undefined, ...known, outcome: 'fail', why },
  })
  let statement: Statement
  let inspection: Inspection
  let evidence: Evidence
  try {
    const opened = openStatement(bytes)
    statement = parseStatement(opened.content)
    evidence = readRowEvidence(opened.evidence)
    const { identity } = statement
    inspection = inspect(
      {
        ...{ slot: ROW_SLOT, name: identity.name, at: statement.at },
        ...{ digest: opened.digest, cms: opened.cms },
      },
      { roots, at },
    )
  } catch (cause) {
    if (!(cause instanceof PactError)) throw cause
    return refuse(cause.message)
  }
  const { report, findings, path, stamp } = inspection
  const known = { statement, signature: report }
  const failed = signatureChecks.find((id) => findings[id].outcome !== 'pass')
  if (failed) return refuse(findings[failed].detail, known)
  if (report.identityNumber !== formatIdentityNumber(statement.identity.identityNumber))
    return refuse('nomor induknya lain dari nomor pada sertifikatnya', known)
  const status = askStatus(evidence, { path, after: stamp!.at })
  report.revocation = { revoked: 'dicabut', missing: '', good: 'OCSP dan daftar cabut di dalam berkas' }[
    status
  ]
  if (status === 'revoked') return refuse('sertifikatnya dicabut', known)
  if (status === 'missing' || askStatus(evidence, { path: stamp!.path }) !== 'good')
    return { row: { ...known, outcome: 'unknown', why: 'tanpa bukti bahwa sertifikatnya tidak dicabut' } }
  const issued = issuedOf(statement.code)
  if (issued && (issued.length !== 1 || issued[0] !== report.certificateSha256))
    return refuse('sertifikatnya bukan satu-satunya yang tercatat untuk baris ini', known)
  return { row: { ...known, outcome: 'pass', why: '' }, inspection }
}

// The record has a line for every pact of the installation; it is sorted once.
function lookUp({ issued, record }: Asked): (code: string) => readonly string[] | undefined {
  if (issued) return (code) => issued.get(code) ?? []
  if (!record) return () => undefined
  const byDocument = new Map<string, RecordEntry[]>()
  for (const entry of record) {
    const known = byDocument.get(entry.documentId)
    if (known) known.push(entry)
    else byDocument.set(entry.documentId, [entry])
  }
  return (code) => {
    const id = documentIdOf(code).toString('hex')
    return issuedFor(byDocument.get(id) ?? [], id).get(ROW_SLOT) ?? []
  }
}

const readRowEvidence = ({ ocsps, crls }: RowEvidence): Evidence => ({
  ocsps: ocsps.map(parseOcsp),
  crls: crls.map(parseCrl),
})

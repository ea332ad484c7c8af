import { createHash } from 'node:crypto'
import { PactError } from '../domain/errors.js'
import type { Mark } from '../domain/pact.js'
import {
  encloseStatement,
  formatStatement,
  formatWords,
  openStatement,
  type RowEvidence,
} from '../evidence/statement.js'
import type { Database } from '../store/db.js'
import { findRevisions, type Pact } from '../store/pacts.js'
import { keepChunk, readPact } from './file.js'
import type { House } from './house.js'
import type { Paper } from './paper.js'

// The row of a collective pact as a file: what its member signs, and the signature around it.

/** What a row's file is. @see RFC 8551 section 3.2.2 */
export const ROW_TYPE = 'application/pkcs7-mime'

/** The bytes that the member of a row signs, for what was agreed; the same bytes each time. */
export const statementOf = (paper: Paper, { at, mark }: { at: Date; mark: Mark }): Buffer =>
  formatStatement({
    code: paper.pact.code,
    identity: paper.identity,
    at: new Date(Math.floor(at.getTime() / 1000) * 1000),
    mark,
    words: formatWords(paper.text),
  })

/** What `keepChunk` wants to know of a file that is one piece. */
export const pieceOf = (bytes: Uint8Array) => ({
  own: bytes,
  draft: { hash: createHash('sha256').update(bytes), sizeBytes: bytes.length },
})

/** A row's signed file (.p7m) as it stands; undefined before it is signed. */
export async function readRow(house: House, db: Database, pactId: number): Promise<Buffer | undefined> {
  const last = (await findRevisions(db, pactId)).at(-1)
  return last && last.slot !== null ? house.files.get(last.chunkSha256) : undefined
}

/** A person's own pact as a file to hand out: the PDF, or of a row the signed statement. */
export async function readOwnFile(
  house: House,
  db: Database,
  pact: Pact,
): Promise<{ file: Buffer; name: string; type: string }> {
  const name = `pakta-${pact.code}`
  if (!pact.isRow)
    return { file: await readPact(house, db, pact.id), name: `${name}.pdf`, type: 'application/pdf' }
  const file = await readRow(house, db, pact.id)
  if (!file) throw new PactError('NOT_FOUND', 'Naskah ini belum ditandatangani.')
  return { file, name: `${name}.p7m`, type: ROW_TYPE }
}

/** Keeps a row's file anew, with the evidence in it. */
export async function keepRowEvidence(
  house: House,
  tx: Database,
  of: { pactId: number; file: Uint8Array; evidence: RowEvidence; slot: string; now: Date },
): Promise<void> {
  const { content, cms } = openStatement(of.file)
  const whole = encloseStatement(cms, content, of.evidence)
  await keepChunk(house, tx, of.pactId, { slot: of.slot, ...pieceOf(whole), at: of.now })
}

import { createHash } from 'node:crypto'
import type { Mark } from '../domain/pact.js'
import {
  encloseStatement,
  formatStatement,
  formatWords,
  openStatement,
  type RowEvidence,
} from '../evidence/statement.js'
import type { Database } from '../store/db.js'
import { findRevisions } from '../store/pacts.js'
import { keepChunk } from './file.js'
import type { House } from './house.js'
import type { Paper } from './paper.js'

// The row of a collective pact as a file: what its member signs, and the signature around it.

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

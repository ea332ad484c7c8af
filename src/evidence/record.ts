import { createHash } from 'node:crypto'
import { PactError } from '../domain/errors.js'
import type { Slot } from '../domain/pact.js'

/**
 * One line of the record of certificates made in people's names. It names nobody: the document is known by its file
 * identifier, which only the file and its 128-bit code give away.
 */
export interface RecordEntry {
  kind: 'issued' | 'voided' // voided: its key was lost before it signed, and it counts no more
  documentId: string // hex, as the PDF's /ID has it
  slot: Slot
  sha256: string // of the certificate, hex
}

/** What a document's file is known by: 16 bytes that its code gives, and that do not give the code. */
export const documentIdOf = (code: string) => createHash('sha256').update(code).digest().subarray(0, 16)

const TITLE = 'pakta-catatan-sertifikat/v1'
const LINE = /^(issued|voided) ([0-9a-f]{32}) ([A-Z0-9_]{1,40}) ([0-9a-f]{64}) ([0-9a-f]{64})$/
const chainOf = (before: string, line: string) =>
  createHash('sha256').update(`${before}\n${line}`).digest('hex')

/**
 * The record as text: a title, then a line for each entry, oldest first, that ends with the SHA-256 over the line
 * before it and itself. Whoever keeps a copy can show that a later one lacks or changes a line of it.
 */
export function formatRecord(entries: readonly RecordEntry[]): string {
  let chain = chainOf('', TITLE)
  const lines = entries.map(({ kind, documentId, slot, sha256 }) => {
    const line = `${kind} ${documentId} ${slot} ${sha256}`
    chain = chainOf(chain, line)
    return `${line} ${chain}`
  })
  return [TITLE, ...lines, ''].join('\n')
}

/**
 * The entries of a record (attacker-controlled).
 *
 * @throws BAD_FILE naming the first line that is none, or whose chain does not fit
 */
export function parseRecord(text: string): RecordEntry[] {
  const [title, ...lines] = text.replace(/\n$/, '').split('\n')
  if (title !== TITLE) throw new PactError('BAD_FILE', `Catatan: baris pertama bukan "${TITLE}"`)
  let chain = chainOf('', TITLE)
  return lines.map((text, index) => {
    const [, kind, documentId, slot, sha256, stated] = LINE.exec(text) ?? []
    chain = chainOf(chain, text.slice(0, text.lastIndexOf(' ')))
    if (stated !== chain)
      throw new PactError('BAD_FILE', `Catatan: baris ${index + 2} tidak cocok dengan baris sebelumnya`)
    return { kind: kind as RecordEntry['kind'], documentId: documentId!, slot: slot!, sha256: sha256! }
  })
}

/** Has nothing of an earlier copy been taken out or changed? Both have been parsed. */
export const continuesRecord = (later: string, earlier: string) => later.startsWith(earlier)

/** The certificates that count for a document's parties. */
export function issuedFor(entries: readonly RecordEntry[], documentId: string): Map<Slot, string[]> {
  const own = entries.filter((entry) => entry.documentId === documentId)
  const voided = new Set(own.filter(({ kind }) => kind === 'voided').map(({ sha256 }) => sha256))
  const issued = new Map<Slot, string[]>()
  for (const { kind, slot, sha256 } of own)
    if (kind === 'issued' && !voided.has(sha256)) issued.set(slot, [...(issued.get(slot) ?? []), sha256])
  return issued
}

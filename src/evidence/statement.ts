// One member's signature on a collective pact: a plain text that says who agrees to which words, signed by that
// member alone, in a file of its own that any CMS reader opens.
import { createHash } from 'node:crypto'
import { PactError } from '../domain/errors.js'
import { type Identity, type Mark, type PactText, parseStrokes, type Run } from '../domain/pact.js'
import { checkRepertoire } from '../domain/repertoire.js'
import { type Cms, parseCms } from './cms.js'
import {
  contextConstructed,
  encodeDer,
  encodeInteger,
  encodeOctets,
  encodeOid,
  readAll,
  readOne,
  readParts,
  sameBytes,
  sequence,
  TAG,
} from './der.js'

/** What a member signs. */
export interface Statement {
  code: string // of this row, canonical form
  identity: Identity
  at: Date // of consent, whole seconds
  mark: Mark
  words: string // of the pact, the same for every member: see `formatWords`
}

const TITLE = 'PERNYATAAN DALAM PAKTA KOLEKTIF'
const FORM = 'pakta/pernyataan/1'
const WORDS_MARK = 'naskah:'
/** The most that a statement takes: its words, and a drawing of 4,000 points. */
const STATEMENT_BYTES_MAX = 300_000
const TYPED = 'diketik '
const DRAWN = 'digambar '

const fields = [
  ['nama', 'name'],
  ['jenis nomor', 'identityLabel'],
  ['nomor', 'identityNumber'],
  ['pangkat', 'rank'],
  ['jabatan', 'jabatan'],
  ['kedudukan', 'capacity'],
  ['unit kerja', 'unitName'],
  ['perangkat daerah', 'opdName'],
  ['pemerintah daerah', 'pemdaName'],
] as const satisfies readonly (readonly [string, keyof Identity])[]

const plain = (runs: readonly Run[]) => runs.map(({ text }) => text).join('')

/**
 * A pact's words as plain text, a blank line between two blocks. Of a table only its head: its rows are the members'.
 */
export function formatWords({ blocks }: PactText): string {
  return blocks
    .flatMap((block): string[] => {
      switch (block.kind) {
        case 'point':
          return [`${block.number}. ${plain(block.runs)}`]
        case 'identity':
          return [block.rows.map(({ label, value }) => `${label}: ${plain(value)}`).join('\n')]
        case 'table':
          return [block.head.map(plain).join(' | ')]
        case 'signature':
          return []
        default:
          return [plain(block.runs)]
      }
    })
    .join('\n\n')
}

/**
 * The bytes that a member signs: UTF-8, a line for each part of the identity, then the words.
 *
 * @throws BAD_CHARACTER when a part would not stand on a line of its own
 */
export function formatStatement({ code, identity, at, mark, words }: Statement): Buffer {
  const line = (name: string, value: string) => {
    if (value !== '' && checkRepertoire(value) !== value)
      throw new PactError('BAD_CHARACTER', `${name}: bukan satu baris yang rapi`)
    return `${name}: ${value || '-'}`
  }
  const made = mark.kind === 'typed' ? TYPED + mark.name : DRAWN + JSON.stringify(mark.strokes)
  return Buffer.from(
    [
      TITLE,
      `bentuk: ${FORM}`,
      `kode: ${code}`,
      ...fields.map(([name, key]) => line(name, identity[key])),
      `waktu: ${at.toISOString().slice(0, 19)}Z`,
      `tanda tangan: ${made}`,
      WORDS_MARK,
      '',
      words,
      '',
    ].join('\n'),
    'utf8',
  )
}

/**
 * A statement (attacker-controlled) in the one form that `formatStatement` writes.
 *
 * @throws BAD_FILE when it is anything else
 */
export function parseStatement(bytes: Uint8Array): Statement {
  const refuse = (why: string, cause?: unknown) => new PactError('BAD_FILE', `Pernyataan: ${why}`, { cause })
  if (bytes.length > STATEMENT_BYTES_MAX) throw refuse(`${bytes.length} byte`)
  const text = Buffer.from(bytes).toString('utf8')
  const end = text.indexOf(`\n${WORDS_MARK}\n\n`)
  const lines = text.slice(0, Math.max(end, 0)).split('\n')
  const at = (index: number, name: string) => {
    const head = `${name}: `
    if (!lines[index]?.startsWith(head)) throw refuse(`baris ${index + 1} bukan "${name}"`)
    return lines[index]!.slice(head.length)
  }
  const identity = Object.fromEntries(
    fields.map(([name, key], index) => [key, at(index + 3, name).replace(/^-$/, '')]),
  ) as unknown as Identity
  const made = at(fields.length + 4, 'tanda tangan')
  const moment = new Date(at(fields.length + 3, 'waktu'))
  if (Number.isNaN(moment.getTime())) throw refuse('waktunya tidak terbaca')
  let statement: Statement
  let again: Buffer
  try {
    const mark: Mark = made.startsWith(TYPED)
      ? { kind: 'typed', name: made.slice(TYPED.length) }
      : { kind: 'drawn', strokes: parseStrokes(made.slice(DRAWN.length)) }
    const words = text.slice(end + WORDS_MARK.length + 3, -1)
    statement = { code: at(2, 'kode'), identity, at: moment, mark, words }
    again = formatStatement(statement)
  } catch (cause) {
    throw refuse((cause as Error).message, cause)
  }
  if (!sameBytes(again, bytes)) throw refuse('tidak tepat dalam bentuk yang ditetapkan')
  return statement
}

const oid = {
  data: encodeOid('1.2.840.113549.1.7.1'),
  signedData: encodeOid('1.2.840.113549.1.7.2'),
  // id-ri-ocsp-response
  ocspResponse: encodeOid('1.3.6.1.5.5.7.16.2'),
}
const VERSION_WITH_OTHER = encodeInteger(Uint8Array.of(5))
const VERSION = encodeInteger(Uint8Array.of(1))
const EVIDENCE_MAX = 64

/** What a validator needs in later years, inside the signature's own file. */
export interface RowEvidence {
  ocsps: readonly Uint8Array[] // OCSPResponse, DER
  crls: readonly Uint8Array[] // CertificateList, DER
}

/** A member's file, read: the statement's bytes, the signature as if it were detached, and the evidence. */
export interface SignedRow {
  content: Uint8Array
  digest: Uint8Array // SHA-256 of the content
  cms: Uint8Array // DER
  evidence: RowEvidence
}

/**
 * A detached signature and its content as one file (.p7m), with whatever evidence there is.
 *
 * @param cms by `assembleCms`, over `content`
 * @see RFC 5652 section 5.1 (version 5 where a revocation value is of another kind), RFC 5940 section 2.1,
 *   ETSI EN 319 122-1 section 6.3 (CAdES-BASELINE-LT)
 */
export function encloseStatement(
  cms: Uint8Array,
  content: Uint8Array,
  evidence: RowEvidence = { ocsps: [], crls: [] },
): Uint8Array {
  const [, wrapped] = readParts(cms)
  const [, algorithms, , certificates, signers] = readParts(
    readOne(wrapped?.whole, contextConstructed(0)).content,
  )
  const { ocsps, crls } = evidence
  const values = [
    ...crls,
    ...ocsps.map((der) => encodeDer(contextConstructed(1), oid.ocspResponse, der)),
  ].sort((left, right) => Buffer.compare(left, right))
  const signedData = sequence(
    ocsps.length > 0 ? VERSION_WITH_OTHER : VERSION,
    algorithms!.whole,
    sequence(oid.data, encodeDer(contextConstructed(0), encodeOctets(content))),
    certificates!.whole,
    ...(values.length > 0 ? [encodeDer(contextConstructed(1), ...values)] : []),
    signers!.whole,
  )
  return sequence(oid.signedData, encodeDer(contextConstructed(0), signedData))
}

/**
 * A member's file (attacker-controlled) in the one form that `encloseStatement` writes. Whether the signature holds is
 * another question (`verdict.ts`).
 *
 * @throws BAD_FILE when it is anything else
 */
export function openStatement(bytes: Uint8Array): SignedRow & { parsed: Cms } {
  const [, wrapped] = readParts(bytes)
  const parts = readParts(readOne(wrapped?.whole, contextConstructed(0)).content)
  const hasEvidence = parts.length === 6
  const [, , enclosed, certificates, revocation] = parts
  const signers = parts[hasEvidence ? 5 : 4]
  const [, explicit] = readParts(enclosed?.whole)
  const content = readOne(readOne(explicit?.whole, contextConstructed(0)).content, TAG.octetString).content
  const values = hasEvidence
    ? readAll(readOne(revocation?.whole, contextConstructed(1)).content, EVIDENCE_MAX)
    : []
  const evidence: RowEvidence = {
    crls: values.filter(({ tag }) => tag === TAG.sequence).map(({ whole }) => whole),
    ocsps: values
      .filter(({ tag }) => tag === contextConstructed(1))
      .map(({ content: other }) => readAll(other)[1]?.whole ?? other),
  }
  const detached = sequence(
    VERSION,
    parts[1]?.whole ?? new Uint8Array(),
    sequence(oid.data),
    certificates?.whole ?? new Uint8Array(),
    signers?.whole ?? new Uint8Array(),
  )
  const cms = sequence(oid.signedData, encodeDer(contextConstructed(0), detached))
  const parsed = parseCms(cms)
  if (!sameBytes(encloseStatement(cms, content, evidence), bytes))
    throw new PactError('BAD_FILE', 'Baris: bukan tepat satu pernyataan, satu tanda tangan, dan buktinya')
  return { content, digest: createHash('sha256').update(content).digest(), cms, evidence, parsed }
}

/** The most that a member's file takes, bytes. */
export const ROW_BYTES_MAX = STATEMENT_BYTES_MAX + 100_000

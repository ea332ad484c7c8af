import { createHash } from 'node:crypto'
import { PactError } from '../domain/errors.js'
import { type NamedPerson, parseCode, SEAL_SLOT, type Slot } from '../domain/pact.js'
import { checkRow, type RowFinding } from '../evidence/rows.js'
import {
  type Check,
  checkPdf,
  type CheckedRows,
  readRootsByPurpose,
  rowsOf,
  type Expected,
  type SignatureReport,
  type Verdict,
} from '../evidence/verdict.js'
import { type Campaign, findCampaign } from '../store/campaigns.js'
import { findIssued, findIssuedOfRows } from '../store/certificates.js'
import {
  findPact,
  findPactByCode,
  findPactByFile,
  findParties,
  findRevisions,
  type Pact,
  type Party,
} from '../store/pacts.js'
import { findAccount } from '../store/accounts.js'
import { findUnit } from '../store/people.js'
import { findPemda, type Pemda } from '../store/pemdas.js'
import type { House } from './house.js'
import { readPact } from './file.js'
import { readRow } from './row.js'

export type { Level } from '../evidence/verdict.js'

/** What the public is told. `not_found`: a code nobody issued; `unreadable`: not a PDF. */
export type PublicOutcome = 'valid' | 'incomplete' | 'invalid' | 'revoked' | 'not_found' | 'unreadable'

export interface PublicVerdict {
  outcome: PublicOutcome
  checks: readonly Check[]
  signatures: readonly (SignatureReport & { institution: string })[]
  sha256: string | undefined // of the file that was checked, hex
  pact: Pact | undefined // what our records say, when they know the pact
  campaign: Campaign | undefined
  pemda: Pemda | undefined
  waitingCount: number // parties that have not signed
  missing: readonly NamedPerson[] // of a joint pact, as its page names them
  unitName: string | undefined // that a document without parties is about
  rows: readonly RowFinding[] // of a collective pact
  collective: Pact | undefined // the document that lists this row
}

const nothing = {
  checks: [],
  signatures: [],
  pact: undefined,
  campaign: undefined,
  pemda: undefined,
  waitingCount: 0,
  missing: [],
  unitName: undefined,
  rows: [],
  collective: undefined,
}

/**
 * Checks the pact behind a code: the file that we keep, against its signatures and our records.
 *
 * @param typed a code as somebody typed or scanned it
 */
export async function verifyCode(house: House, typed: string, now: Date): Promise<PublicVerdict> {
  const code = parseCode(typed)
  const pact = code && (await findPactByCode(house.db, code))
  // A pact that nobody has signed yet is nobody's business: its code is as good as none.
  if (!pact || !(await findRevisions(house.db, pact.id)).some(({ slot }) => slot !== null))
    return { ...nothing, outcome: 'not_found', sha256: undefined }
  if (pact.isRow) return verifyRow(house, pact, now)
  const pdf = await readPact(house, house.db, pact.id)
  return verifyKnown(house, { pact, pdf, now })
}

/** Checks a file that somebody brought (attacker-controlled). It is read and forgotten. */
export async function verifyFile(house: House, pdf: Uint8Array, now: Date): Promise<PublicVerdict> {
  // The file of a row is known by what it is; one that is not on record is no PDF and nothing else either.
  const row = await findPactByFile(house.db, createHash('sha256').update(pdf).digest())
  if (row?.isRow && row.revisionOrdinal > 0) return verifyRow(house, (await findPact(house.db, row.id))!, now)
  const verdict = checkPdf(pdf, { roots: house.keys.roots, at: now })
  if (verdict.conclusion === 'UNREADABLE')
    return { ...nothing, outcome: 'unreadable', checks: verdict.checks, sha256: verdict.sha256 }
  const known = await findPactByFile(house.db, Buffer.from(verdict.sha256, 'hex'))
  if (known) {
    const pact = (await findPact(house.db, known.id))!
    return verifyKnown(house, { pact, pdf, now })
  }
  // Whatever its signatures say, a file that we never issued in this form is not one of ours.
  const checks = verdict.checks.map((check) =>
    check.id === 'records'
      ? {
          ...check,
          outcome: 'fail' as const,
          detail: 'Berkas ini tidak ada dalam catatan kami dalam bentuk yang Anda unggah.',
        }
      : check,
  )
  return {
    ...nothing,
    outcome: 'invalid',
    checks,
    signatures: withInstitutions(verdict, new Map()),
    sha256: verdict.sha256,
  }
}

async function verifyKnown(
  house: House,
  of: { pact: Pact; pdf: Uint8Array; now: Date },
): Promise<PublicVerdict> {
  const { pact, pdf, now } = of
  const campaign = (await findCampaign(house.db, pact.campaignId))!
  const pemda = (await findPemda(house.db, campaign.pemdaId))!
  const parties = await findParties(house.db, pact.id)
  const institutions = new Map<string, string>([[SEAL_SLOT, pemda.governmentName]])
  const expected = await expect(house, { pact, parties, institutions, pdf })
  const verdict = judge(house, { pdf, expected, now })
  const waitingCount = parties.filter((party) => party.state !== 'signed').length
  return {
    outcome: outcomeOf(verdict, pact),
    checks: verdict.checks,
    signatures: withInstitutions(verdict, institutions),
    sha256: verdict.sha256,
    pact,
    campaign,
    pemda,
    waitingCount,
    missing: parties.flatMap(({ state, person }) => (person && state !== 'signed' ? [person] : [])),
    unitName: pact.unitId === null ? undefined : (await findUnit(house.db, pact.unitId))?.name,
    rows: verdict.rows,
    collective: undefined,
  }
}

// Everybody may scan the code of a collective pact, and its rows say the same each time: they are asked once for these
// bytes and this record of certificates.
const ROWS_KEPT = 50
const askedRows = new WeakMap<House['keys'], Map<string, CheckedRows>>()

function judge(house: House, of: { pdf: Uint8Array; expected: Expected; now: Date }): Verdict {
  const { pdf, expected, now } = of
  const options = { roots: house.keys.roots, at: now, expected }
  if (!expected.issuedRows) return checkPdf(pdf, options)
  const known = askedRows.get(house.keys) ?? new Map<string, CheckedRows>()
  askedRows.set(house.keys, known)
  const key = createHash('sha256')
    .update(pdf)
    .update(JSON.stringify([...expected.issuedRows].sort()))
    .digest('hex')
  const verdict = checkPdf(pdf, { ...options, checkedRows: known.get(key) })
  const rows = rowsOf(verdict)
  if (rows) {
    known.delete(key)
    known.set(key, rows) // the newest last
    if (known.size > ROWS_KEPT) known.delete(known.keys().next().value!)
  }
  return verdict
}

// A row is checked on its own; that it is listed in a sealed document is what completes it.
async function verifyRow(house: House, pact: Pact, now: Date): Promise<PublicVerdict> {
  const campaign = (await findCampaign(house.db, pact.campaignId))!
  const pemda = (await findPemda(house.db, campaign.pemdaId))!
  const file = (await readRow(house, house.db, pact.id))!
  const issued = new Map([
    [pact.code, (await findIssued(house.db, pact.id)).map(({ sha256 }) => hex(sha256))],
  ])
  const row = checkRow(file, { roots: readRootsByPurpose(house.keys.roots), at: now, issued })
  const collective = pact.collectiveId === null ? undefined : await findPact(house.db, pact.collectiveId)
  const document =
    collective?.sealedAt && row.outcome === 'pass'
      ? await verifyKnown(house, {
          ...{ pact: collective, pdf: await readPact(house, house.db, collective.id), now },
        })
      : undefined
  const isMine = row.statement?.code === pact.code && row.statement.identity.name === pact.identity?.name
  const isListed = document?.rows.some(({ code }) => code === pact.code) ?? false
  const checks: Check[] = [
    {
      id: 'rows',
      title: 'Pernyataan ini ditandatangani oleh orangnya sendiri, dan tidak berubah sejak itu',
      outcome: isMine ? row.outcome : 'fail',
      detail: row.why || (isMine ? '' : 'Pernyataannya berbeda dari yang kami catat'),
    },
    {
      id: 'complete',
      title: 'Pernyataan ini tercantum dalam pakta kolektif yang sudah disegel',
      ...(document
        ? {
            outcome: isListed && document.outcome === 'valid' ? 'pass' : 'fail',
            detail: isListed ? '' : 'Tidak tercantum',
          }
        : { outcome: 'unknown', detail: 'Pakta kolektif unit ini belum ditutup atau sedang disegel' }),
    },
  ]
  const isWrong = checks[0]!.outcome === 'fail' || document?.outcome === 'invalid' || (document && !isListed)
  return {
    ...nothing,
    outcome: isWrong
      ? 'invalid'
      : pact.state === 'revoked' || document?.outcome === 'revoked'
        ? 'revoked'
        : document?.outcome === 'valid'
          ? 'valid'
          : 'incomplete',
    checks,
    signatures: [
      ...(row.signature ? [{ ...row.signature, institution: pact.identity?.unitName ?? '' }] : []),
      ...(document?.signatures ?? []),
    ],
    sha256: createHash('sha256').update(file).digest('hex'),
    ...{ pact, campaign, pemda, collective },
  }
}

function outcomeOf(verdict: Verdict, pact: Pact): PublicOutcome {
  if (verdict.conclusion === 'INVALID' || verdict.conclusion === 'UNREADABLE') return 'invalid'
  if (pact.state === 'revoked') return 'revoked'
  return verdict.conclusion === 'VALID' ? 'valid' : 'incomplete'
}

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')

async function expect(
  house: House,
  of: { pact: Pact; parties: Party[]; institutions: Map<string, string>; pdf: Uint8Array },
): Promise<Expected> {
  const revisions = await findRevisions(house.db, of.pact.id)
  const { identity } = of.pact
  if (!identity && of.pact.employeeId !== null)
    throw new PactError('NOT_FOUND', 'Naskah ini belum ditandatangani.')
  const identities = []
  for (const party of of.parties) {
    if (party.person) {
      identities.push({ slot: party.slot, name: party.person.name })
      of.institutions.set(party.slot, party.person.region || party.person.institution)
    } else if (identity && party.employeeId !== null) {
      identities.push({ slot: party.slot, name: identity.name, identityNumber: identity.identityNumber })
      of.institutions.set(party.slot, identity.unitName)
    } else {
      const account = (await findAccount(house.db, party.accountId!))!
      identities.push({ slot: party.slot, name: account.name })
      of.institutions.set(party.slot, account.institution)
    }
  }
  const isFinished = of.pact.state === 'sealed' || of.pact.state === 'revoked'
  // Every state that the file was ever in is ours; a renewed archive does not make an older copy a forgery.
  const own = createHash('sha256').update(of.pdf).digest('hex')
  const states = revisions.map(({ sha256 }) => hex(sha256))
  const issued = new Map<Slot, string[]>()
  for (const { slot, sha256 } of await findIssued(house.db, of.pact.id))
    issued.set(slot, [...(issued.get(slot) ?? []), hex(sha256)])
  const issuedRows =
    of.pact.signerClass === 'COLLECTIVE' ? await findIssuedOfRows(house.db, of.pact.id) : undefined
  return {
    ...(issuedRows && { issuedRows }),
    ...(isFinished && { sha256: states.includes(own) ? own : states.at(-1) }),
    issued,
    baseSha256: hex(revisions[0]!.sha256),
    slots: of.parties.map((party) => party.slot),
    identities,
  }
}

const withInstitutions = (verdict: Verdict, institutions: Map<string, string>) =>
  verdict.signatures.map((signature) => ({
    ...signature,
    institution: institutions.get(signature.slot) ?? '',
  }))

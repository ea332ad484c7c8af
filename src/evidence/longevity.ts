import { PactError } from '../domain/errors.js'
import type { Certificate } from './certificate.js'
import { sameBytes } from './der.js'
import type { SignedFile, StampRevision } from './signed-file.js'
import { findAnswer, isCrlOf, parseCrl, parseOcsp, type Crl, type Ocsp } from './revocation.js'
import { checkToken, parseToken } from './timestamp.js'

/** How far the clock of whoever checks may be behind the clock of whoever signed or stamped. */
export const CLOCK_SKEW_SECONDS = 600

/** A time that an authority under our roots states, and the path of its certificate. */
export interface Stamped {
  at: Date
  path: Certificate[]
}

/**
 * What a token (attacker-controlled) proves about an imprint, or why nothing.
 *
 * @param imprint SHA-256, 32 bytes
 */
export function checkStamp(
  bytes: Uint8Array,
  imprint: Uint8Array,
  roots: readonly Certificate[],
): Stamped | { why: string } {
  try {
    const token = parseToken(bytes)
    const found = checkToken(token, { imprint, roots })
    return 'why' in found ? found : { at: token.at, path: found.path }
  } catch (cause) {
    if (!(cause instanceof PactError)) throw cause
    return { why: cause.message }
  }
}

/** A document timestamp of the file. */
export interface Stamp {
  revision: StampRevision
  result: Stamped | { why: string }
}

/** Every document timestamp, oldest first. */
export const readStamps = (file: SignedFile, roots: readonly Certificate[]): Stamp[] =>
  file.increments.flatMap((one) =>
    one.kind === 'stamp' ? [{ revision: one, result: checkStamp(one.token, one.digest, roots) }] : [],
  )

/**
 * The last increment is a document timestamp that holds, and each earlier one was covered by the next while its
 * authority's certificate lived; the last authority's lives at the moment of checking. `isMissing` when nothing is
 * wrong and only the last one is not there, or not there any more.
 *
 * @see ETSI EN 319 102-1 section 5.6.2.2; that it must reach the end of the file is our own rule, and the only
 *   one that every forged increment breaks
 */
export function checkArchive(
  stamps: readonly Stamp[],
  { file, sizeBytes, at }: { file: SignedFile; sizeBytes: number; at: Date },
): { until: Date } | { why: string; isMissing: boolean } {
  const fail = (why: string) => ({ why, isMissing: false })
  const missing = (why: string) => ({ why, isMissing: true })
  const last = stamps.at(-1)
  if (!last) return missing('Belum berstempel waktu arsip')
  let until = Infinity
  let previous = -Infinity
  for (const { result } of stamps) {
    if ('why' in result) return fail(`Stempel waktu arsip: ${result.why}`)
    if (result.at.getTime() > until) return fail('Stempel waktu arsip diperbarui sesudah yang lama berakhir')
    if (result.at.getTime() < previous) return fail('Stempel waktu arsip mundur')
    previous = result.at.getTime()
    until = result.path[0]!.notAfter.getTime()
  }
  if (file.increments.at(-1) !== last.revision || last.revision.end !== sizeBytes)
    return missing('Stempel waktu arsip tidak menutup berkas')
  if (at.getTime() > until)
    return missing(
      `Stempel waktu arsip berlaku sampai ${new Date(until).toISOString().slice(0, 10)} dan belum diperbarui`,
    )
  if (previous > at.getTime() + CLOCK_SKEW_SECONDS * 1000) return fail('Stempel waktu arsip dari masa depan')
  return { until: new Date(until) }
}

/** What the document security stores of a file hold, read. */
export interface Evidence {
  ocsps: Ocsp[]
  crls: Crl[]
}

// What cannot be read proves nothing, and nothing more is known of it.
export function readEvidence({ increments }: SignedFile): Evidence {
  const stores = increments.filter((one) => one.kind === 'store')
  const read = <T>(parse: (der: Uint8Array) => T, list: readonly Uint8Array[]): T[] =>
    list.flatMap((der) => {
      try {
        return [parse(der)]
      } catch (cause) {
        if (cause instanceof PactError) return []
        throw cause
      }
    })
  return {
    ocsps: read(
      parseOcsp,
      stores.flatMap(({ ocsps }) => ocsps),
    ),
    crls: read(
      parseCrl,
      stores.flatMap(({ crls }) => crls),
    ),
  }
}

/** What the evidence says of a path; `missing`: not of every certificate on it. */
export type Status = 'good' | 'revoked' | 'missing'

/**
 * Asks about every certificate on a path but the root: an OCSP answer "good" of its authority, or for an authority its
 * root's list without it.
 *
 * @param path the end certificate first
 * @param after the end certificate's answer may not be older; the lists must have been good then
 */
export function askStatus(
  { ocsps, crls }: Evidence,
  { path, after }: { path: readonly Certificate[]; after?: Date | undefined },
): Status {
  const answers = path.slice(0, -1).map((certificate, index) => {
    const issuer = path[index + 1]!
    return certificate.isAuthority
      ? askLists(crls, { certificate, issuer, after })
      : askResponses(ocsps, { certificate, issuer, after })
  })
  if (answers.includes('revoked')) return 'revoked'
  return answers.includes('missing') ? 'missing' : 'good'
}

function askResponses(
  ocsps: readonly Ocsp[],
  of: { certificate: Certificate; issuer: Certificate; after: Date | undefined },
): Status {
  const answers = ocsps.flatMap((ocsp) => findAnswer(ocsp, of) ?? [])
  if (answers.some(({ status }) => status.kind === 'revoked')) return 'revoked'
  const good = answers.some(
    ({ status, thisUpdate }) => status.kind === 'good' && (!of.after || thisUpdate >= of.after),
  )
  return good ? 'good' : 'missing'
}

function askLists(
  crls: readonly Crl[],
  { certificate, issuer, after }: { certificate: Certificate; issuer: Certificate; after: Date | undefined },
): Status {
  const lists = crls.filter((crl) => isCrlOf(crl, issuer))
  if (lists.some(({ revoked }) => revoked.some(({ serial }) => sameBytes(serial, certificate.serial))))
    return 'revoked'
  return lists.some(({ nextUpdate }) => !after || nextUpdate >= after) ? 'good' : 'missing'
}

import { PactError } from '../domain/errors.js'
import { SEAL_SLOT, type Slot } from '../domain/pact.js'
import type { Certificate, Signer } from './certificate.js'
import { parseCms, type TokenSource } from './cms.js'
import { sameBytes } from './der.js'
import type { StoredEvidence } from './increment.js'
import { issueOcsp, nameCertificate, parseOcsp, type OcspStatus } from './revocation.js'
import { parseToken } from './timestamp.js'

/** An issuing authority that can answer for what it issued. */
export interface Authority {
  certificate: Certificate
  responder: Signer
}

const SECOND = 1000
/** How long an answer about the seal or the timestamp authority may be used, seconds. */
export const LONG_ANSWER_SECONDS = 90 * 86_400
// A signer's answer ends with the certificate, or one widely used validator (pyHanko) never accepts it.
const BEFORE_END_SECONDS = 2
const AGE_SECONDS = 1

/** What is known of a certificate of the authorities, by its serial number (the INTEGER, DER). */
export type StatusOf = (serial: Uint8Array) => OcspStatus | Promise<OcspStatus>

/** What others' authorities say of a certificate now; `after`: what they say of it may not be older. */
export type ForeignEvidence = (
  source: TokenSource,
  of: { now: Date; after?: Date | undefined; purpose: 'timestamp' | 'signer' },
) => Promise<{ ocsps: readonly Uint8Array[]; crls: readonly Uint8Array[] }>

/** What of a file needs evidence: a whole one, or a lone signature. */
export interface Evidenced {
  revisions: readonly { slot: Slot; cms: Uint8Array }[]
  increments: readonly (
    { kind: 'signature' } | ({ kind: 'store' } & StoredEvidence) | { kind: 'stamp'; token: Uint8Array }
  )[]
}

/** Evidence for one file: what its document security store still lacks. */
export type EvidenceCollector = (
  file: Evidenced,
  at: {
    now: Date
    statusOf: StatusOf
    next: readonly TokenSource[] // whoever will stamp the file next
    foreign?: ForeignEvidence | undefined
  },
) => Promise<StoredEvidence>

/**
 * Collects what a validator needs when nobody can be asked any more: the roots, their lists, and an OCSP answer for
 * every signer, the seal and each timestamp authority.
 *
 * Answers are about the second before `now`, so they are newer than a timestamp only when that one is older than a
 * second; the caller waits. Answers about the seal and the timestamp authority are shared by all files of a second.
 *
 * @throws BAD_KEY when a certificate in the file is not of these authorities
 * @see ETSI TS 119 102-1 section 5.2.5.4 (revocation data newer than the best signature time)
 */
export function makeCollector(input: {
  authorities: readonly Authority[]
  roots: readonly Certificate[]
  rootLists: () => readonly Uint8Array[] // DER
}): EvidenceCollector {
  const { authorities, roots } = input
  const shared = new Map<string, Promise<Uint8Array>>()
  const issuerOf = (certificate: Certificate) =>
    authorities.find(({ certificate: own }) => sameBytes(own.subjectName, certificate.issuerName))
  const answer = async (
    certificate: Certificate,
    { now, statusOf, isLong }: { now: Date; statusOf: StatusOf; isLong: boolean },
  ): Promise<Uint8Array> => {
    const authority = issuerOf(certificate)
    if (!authority)
      throw new PactError(
        'BAD_KEY',
        `Status sertifikat "${certificate.commonName}" tidak dapat dijawab: penerbitnya bukan layanan ini`,
      )
    const second = Math.floor(now.getTime() / SECOND) * SECOND
    const thisUpdate = new Date(second - AGE_SECONDS * SECOND)
    const end = certificate.notAfter.getTime()
    // An answer that comes too late for a signer's certificate still says that the authority remembers it.
    const isLate = end - BEFORE_END_SECONDS * SECOND <= thisUpdate.getTime()
    const longest = second + LONG_ANSWER_SECONDS * SECOND
    const nextUpdate = isLate ? longest : isLong ? Math.min(longest, end) : end - BEFORE_END_SECONDS * SECOND
    return issueOcsp({
      responder: authority.responder,
      answers: [
        {
          id: nameCertificate(authority.certificate, certificate.serial),
          status: await statusOf(certificate.serial),
          thisUpdate,
          nextUpdate: new Date(nextUpdate),
        },
      ],
      producedAt: new Date(second),
      archiveCutoff: authority.certificate.notBefore,
    })
  }
  const shareAnswer = (
    certificate: Certificate,
    { now, statusOf }: { now: Date; statusOf: StatusOf },
  ): Promise<Uint8Array> => {
    const key = `${Buffer.from(certificate.serial).toString('hex')} ${Math.floor(now.getTime() / SECOND)}`
    let found = shared.get(key)
    if (!found) {
      if (shared.size > 64) shared.clear()
      shared.set(key, (found = answer(certificate, { now, statusOf, isLong: true })))
      found.catch(() => shared.delete(key))
    }
    return found
  }
  return async (file, { now, statusOf, next, foreign }) => {
    const before = file.increments.filter((one) => one.kind === 'store')
    const isStored = (kind: 'certificates' | 'crls', der: Uint8Array) =>
      before.some((store) => store[kind].some((one) => sameBytes(one, der)))
    const answered = before.flatMap(({ ocsps }) => ocsps.flatMap((der) => parseOcsp(der).answers))
    const ocsps: Uint8Array[] = []
    const crls: Uint8Array[] = [...input.rootLists()]
    const stampers: TokenSource[] = []
    const addStamper = (token: Uint8Array) => stampers.push(parseToken(token))
    for (const { cms, slot } of file.revisions) {
      const { certificate, chain, token } = parseCms(cms)
      if (token) addStamper(token)
      if (answered.some(({ id }) => sameBytes(id.serial, certificate.serial))) continue
      if (slot === SEAL_SLOT) ocsps.push(await shareAnswer(certificate, { now, statusOf }))
      else if (issuerOf(certificate) || !foreign)
        ocsps.push(await answer(certificate, { now, statusOf, isLong: false }))
      else {
        // A person's own certificate, whose authority is somebody else.
        const after = token && parseToken(token).at
        const found = await foreign({ certificate, chain }, { now, after, purpose: 'signer' })
        ocsps.push(...found.ocsps)
        crls.push(...found.crls)
      }
    }
    for (const one of file.increments) if (one.kind === 'stamp') addStamper(one.token)
    const isFirst = isNew()
    for (const source of [...stampers, ...next].filter(({ certificate }) => isFirst(certificate))) {
      if (issuerOf(source.certificate) || !foreign) {
        ocsps.push(await shareAnswer(source.certificate, { now, statusOf }))
        continue
      }
      const found = await foreign(source, { now, purpose: 'timestamp' })
      ocsps.push(...found.ocsps)
      crls.push(...found.crls)
    }
    return {
      // Authorities stand in every CMS and token already.
      certificates: roots
        .filter(isNew())
        .map(({ der }) => der)
        .filter((der) => !isStored('certificates', der)),
      ocsps,
      crls: crls.filter((der) => !isStored('crls', der)),
    }
  }
}

/** Lets each certificate through once. */
function isNew(): (certificate: Certificate) => boolean {
  const seen = new Set<string>()
  return ({ der }) => {
    const key = Buffer.from(der).toString('base64')
    return !seen.has(key) && !!seen.add(key)
  }
}

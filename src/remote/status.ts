import { PactError } from '../domain/errors.js'
import type { ForeignEvidence } from '../evidence/archive.js'
import { checkChain, readCertificate, type Certificate, type Purpose } from '../evidence/certificate.js'
import { sameBytes } from '../evidence/der.js'
import {
  encodeOcspRequest,
  findAnswer,
  isCrlOf,
  nameCertificate,
  parseCrl,
  parseOcsp,
  readAddresses,
} from '../evidence/revocation.js'

const ANSWER_BYTES_MAX = 4_000_000

/**
 * What the authorities of others say of their certificates, from where the certificates say it is found. Kept until half
 * of its time is over, so that nobody is asked for every pact.
 *
 * @param roots trusted for timestamps and for persons' own certificates
 * @param timeoutSeconds how long one answer may take
 */
export function openEvidence({
  roots: trusted,
  timeoutSeconds,
}: {
  roots: readonly Uint8Array[]
  timeoutSeconds: number
}): ForeignEvidence {
  const roots = trusted.map((der) => readCertificate(der))
  const kept = new Map<string, { at: Date; until: Date; ocsps: Uint8Array[]; crls: Uint8Array[] }>()
  return async (source, { now, after, purpose }) => {
    const key = Buffer.from(source.certificate.der).toString('latin1')
    const known = kept.get(key)
    if (known && known.until > now && (!after || known.at >= after)) return known
    const { certificate: leaf, chain } = source
    const found = checkChain({ leaf, chain, roots, purpose: purpose satisfies Purpose })
    if ('why' in found) throw new PactError('BAD_KEY', `Sertifikat "${leaf.commonName}": ${found.why}`)
    const made = { at: now, until: Infinity, ocsps: [] as Uint8Array[], crls: [] as Uint8Array[] }
    for (const [index, certificate] of found.path.slice(0, -1).entries()) {
      const issuer = found.path[index + 1]!
      // What is said of an authority may be older than what it issued.
      const of = { issuer, now, after: index === 0 ? after : undefined, timeoutSeconds }
      const one = await fetchStatus(certificate, of)
      if ('ocsp' in one) made.ocsps.push(one.ocsp)
      else made.crls.push(one.crl)
      if (index === 0) made.at = one.at
      made.until = Math.min(made.until, one.until.getTime())
    }
    const half = { ...made, until: new Date(now.getTime() + (made.until - now.getTime()) / 2) }
    kept.set(key, half)
    return half
  }
}

/**
 * The newest word on one certificate: an OCSP answer, or for an authority, and where there is no responder, a list.
 *
 * @param of.after the answer may not be older
 * @throws STATUS_UNAVAILABLE when neither says "good" now
 */
async function fetchStatus(
  certificate: Certificate,
  of: { issuer: Certificate; now: Date; after: Date | undefined; timeoutSeconds: number },
): Promise<{ at: Date; until: Date } & ({ ocsp: Uint8Array } | { crl: Uint8Array })> {
  const { issuer, now, after, timeoutSeconds } = of
  const isNew = (at: Date) => !after || at >= after
  const { ocsp, crl } = readAddresses(certificate)
  const reasons: string[] = []
  if (ocsp && !certificate.isAuthority)
    try {
      const body = encodeOcspRequest(nameCertificate(issuer, certificate.serial))
      const bytes = await call(ocsp, { type: 'application/ocsp-request', body }, timeoutSeconds)
      const answer = findAnswer(parseOcsp(bytes), { certificate, issuer })
      if (answer?.status.kind === 'good' && answer.nextUpdate > now && isNew(answer.thisUpdate))
        return { at: answer.thisUpdate, until: answer.nextUpdate, ocsp: bytes }
      const what =
        answer?.status.kind === 'good' ? 'jawabannya lebih lama dari tanda tangannya' : answer?.status.kind
      reasons.push(`OCSP: ${what ?? 'bukan dari penerbitnya'}`)
    } catch (error) {
      reasons.push(`OCSP: ${whyOf(error)}`)
    }
  if (crl)
    try {
      const bytes = await call(crl, undefined, timeoutSeconds)
      const list = parseCrl(bytes)
      const isListed = list.revoked.some(({ serial }) => sameBytes(serial, certificate.serial))
      if (isCrlOf(list, issuer) && !isListed && list.nextUpdate > now && isNew(list.thisUpdate))
        return { at: list.thisUpdate, until: list.nextUpdate, crl: bytes }
      reasons.push(isListed ? 'daftar cabut: dicabut' : 'daftar cabut: bukan dari penerbitnya, atau lama')
    } catch (error) {
      reasons.push(`daftar cabut: ${whyOf(error)}`)
    }
  throw new PactError(
    'STATUS_UNAVAILABLE',
    `Status sertifikat "${certificate.commonName}" belum diperoleh (${reasons.join('; ') || 'tanpa alamat OCSP dan daftar cabut'}).`,
  )
}

// The whole conversation within the time, and no more bytes than anybody needs.
export async function call(
  address: string,
  sent: { type: string; body: Uint8Array } | undefined,
  timeoutSeconds: number,
): Promise<Uint8Array> {
  const answer = await fetch(address, {
    ...(sent && { method: 'POST', body: new Uint8Array(sent.body), headers: { 'content-type': sent.type } }),
    signal: AbortSignal.timeout(timeoutSeconds * 1000),
    redirect: 'error',
  })
  if (!answer.ok) throw new PactError('BAD_FILE', `HTTP ${answer.status}`)
  const chunks: Uint8Array[] = []
  let sizeBytes = 0
  for await (const chunk of answer.body ?? []) {
    sizeBytes += chunk.length
    if (sizeBytes > ANSWER_BYTES_MAX) throw new PactError('BAD_FILE', `lebih dari ${ANSWER_BYTES_MAX} byte`)
    chunks.push(chunk)
  }
  return new Uint8Array(Buffer.concat(chunks))
}

export function whyOf(error: unknown): string {
  const { name, message, cause } = error as Error & { cause?: { code?: string } }
  if (name === 'TimeoutError') return 'tidak menjawab pada waktunya'
  return error instanceof PactError ? message : (cause?.code ?? message)
}

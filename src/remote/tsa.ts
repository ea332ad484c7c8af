import { PactError } from '../domain/errors.js'
import type { ForeignEvidence } from '../evidence/archive.js'
import { checkChain, isAlive, readCertificate, type Certificate } from '../evidence/certificate.js'
import type { TimestampAuthority, TokenSource } from '../evidence/cms.js'
import { encodeInteger, sameBytes } from '../evidence/der.js'
import {
  encodeOcspRequest,
  findAnswer,
  isCrlOf,
  nameCertificate,
  parseCrl,
  parseOcsp,
  readAddresses,
} from '../evidence/revocation.js'
import {
  checkToken,
  encodeTimestampRequest,
  parseToken,
  readTimestampResponse,
  type Token,
} from '../evidence/timestamp.js'

/** No longer token is taken, bytes: room for it is kept in every signature before it is there. */
const TOKEN_BYTES_MAX = 10_000
const ANSWER_BYTES_MAX = 4_000_000
const NONCE_BYTES = 16
/** How far an authority's time may be from ours, seconds. */
const SKEW_SECONDS = 600

/** Other timestamp authorities, asked in order until one gives a good token. */
export interface TimestampAuthorities extends TimestampAuthority {
  /** Answers and lists about an authority's certificate, fetched from where it says; kept while they are good. */
  evidence: ForeignEvidence
}

/**
 * Asks timestamp authorities of others (RFC 3161 over HTTP). A token counts when it was granted for this imprint and
 * this nonce, by a living certificate under the given roots, at about our time.
 *
 * @param addresses http or https, the first is asked first
 * @param roots trusted for timestamps
 * @param timeoutSeconds how long one of them may take
 * @see RFC 3161 sections 2.2 and 3.4
 */
export function openTimestampAuthorities(at: {
  addresses: readonly string[]
  roots: readonly Uint8Array[]
  timeoutSeconds: number
  clock: () => Date
  random: (sizeBytes: number) => Uint8Array
  log: (line: string) => void
}): TimestampAuthorities {
  const { addresses, timeoutSeconds, clock, random, log } = at
  const roots = at.roots.map(readCertificate)
  let last: TokenSource | undefined

  const ask = async (address: string, imprint: Uint8Array): Promise<Token & { bytes: Uint8Array }> => {
    const nonce = random(NONCE_BYTES)
    const body = encodeTimestampRequest({ imprint, nonce })
    const answer = await call(address, { type: 'application/timestamp-query', body }, timeoutSeconds)
    const bytes = readTimestampResponse(answer)
    if (bytes.length > TOKEN_BYTES_MAX)
      throw new PactError('BAD_FILE', `${bytes.length} byte, paling banyak ${TOKEN_BYTES_MAX}`)
    const token = parseToken(bytes)
    if (!token.nonce || !sameBytes(token.nonce, encodeInteger(nonce)))
      throw new PactError('BAD_FILE', 'nonce lain: jawaban lama atau milik orang lain')
    const found = checkToken(token, { imprint, roots })
    if ('why' in found) throw new PactError('BAD_FILE', found.why)
    const now = clock()
    if (!found.path.every((one) => isAlive(one, now)))
      throw new PactError('BAD_FILE', 'sertifikatnya telah berakhir')
    if (Math.abs(token.at.getTime() - now.getTime()) > SKEW_SECONDS * 1000)
      throw new PactError('BAD_FILE', `waktunya ${token.at.toISOString()}, jam di sini ${now.toISOString()}`)
    return { ...token, bytes }
  }

  const kept = new Map<string, { until: Date; ocsps: readonly Uint8Array[]; crls: readonly Uint8Array[] }>()
  return {
    tokenBytesMax: TOKEN_BYTES_MAX,
    sources: () => (last ? [last] : []),
    async stamp(imprint) {
      const reasons: string[] = []
      for (const address of addresses)
        try {
          const token = await ask(address, imprint)
          last = { certificate: token.certificate, chain: token.chain }
          return token.bytes
        } catch (error) {
          const reason = `${new URL(address).host}: ${whyOf(error)}`
          log(`stempel waktu ${reason}`)
          reasons.push(reason)
        }
      throw new PactError(
        'TSA_UNAVAILABLE',
        `Stempel waktu belum dapat diperoleh (${reasons.join('; ')}). Tidak ada yang hilang: dicoba lagi dengan sendirinya.`,
      )
    },
    async evidence(source, now) {
      const key = Buffer.from(source.certificate.serial).toString('hex') + source.certificate.commonName
      const known = kept.get(key)
      if (known && known.until > now) return known
      const found = checkChain({
        ...{ leaf: source.certificate, chain: source.chain, roots, purpose: 'timestamp' },
      })
      if ('why' in found) throw new PactError('BAD_KEY', `Stempel waktu: ${found.why}`)
      const ocsps: Uint8Array[] = []
      const crls: Uint8Array[] = []
      // An answer that is about to end would end while the file is being made.
      let until = Infinity
      for (const [index, certificate] of found.path.slice(0, -1).entries()) {
        const issuer = found.path[index + 1]!
        const one = await fetchStatus(certificate, { issuer, now, timeoutSeconds })
        if ('ocsp' in one) ocsps.push(one.ocsp)
        else crls.push(one.crl)
        until = Math.min(until, one.until.getTime())
      }
      // Fetched again at half time: whoever sealed the file is not asked about it for every pact.
      const made = { until: new Date(now.getTime() + (until - now.getTime()) / 2), ocsps, crls }
      kept.set(key, made)
      return made
    },
  }
}

/**
 * The newest word on one certificate: an OCSP answer, or for an authority, and where there is no responder, a list.
 *
 * @throws TSA_UNAVAILABLE when neither says "good" now
 */
async function fetchStatus(
  certificate: Certificate,
  of: { issuer: Certificate; now: Date; timeoutSeconds: number },
): Promise<{ until: Date } & ({ ocsp: Uint8Array } | { crl: Uint8Array })> {
  const { issuer, now, timeoutSeconds } = of
  const { ocsp, crl } = readAddresses(certificate)
  const reasons: string[] = []
  if (ocsp && !certificate.isAuthority)
    try {
      const body = encodeOcspRequest(nameCertificate(issuer, certificate.serial))
      const bytes = await call(ocsp, { type: 'application/ocsp-request', body }, timeoutSeconds)
      const answer = findAnswer(parseOcsp(bytes), { certificate, issuer })
      if (answer?.status.kind === 'good' && answer.nextUpdate > now)
        return { until: answer.nextUpdate, ocsp: bytes }
      reasons.push(`OCSP: ${answer?.status.kind ?? 'bukan dari penerbitnya'}`)
    } catch (error) {
      reasons.push(`OCSP: ${whyOf(error)}`)
    }
  if (crl)
    try {
      const bytes = await call(crl, undefined, timeoutSeconds)
      const list = parseCrl(bytes)
      const isListed = list.revoked.some(({ serial }) => sameBytes(serial, certificate.serial))
      if (isCrlOf(list, issuer) && !isListed && list.nextUpdate > now)
        return { until: list.nextUpdate, crl: bytes }
      reasons.push(isListed ? 'daftar cabut: dicabut' : 'daftar cabut: bukan dari penerbitnya, atau lama')
    } catch (error) {
      reasons.push(`daftar cabut: ${whyOf(error)}`)
    }
  throw new PactError(
    'TSA_UNAVAILABLE',
    `Status sertifikat stempel waktu "${certificate.commonName}" belum diperoleh (${reasons.join('; ') || 'tanpa alamat OCSP dan daftar cabut'}).`,
  )
}

// The whole conversation within the time, and no more bytes than anybody needs.
async function call(
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

function whyOf(error: unknown): string {
  const { name, message, cause } = error as Error & { cause?: { code?: string } }
  if (name === 'TimeoutError') return 'tidak menjawab pada waktunya'
  return error instanceof PactError ? message : (cause?.code ?? message)
}

import { PactError } from '../domain/errors.js'
import { isAlive, readCertificate } from '../evidence/certificate.js'
import type { TimestampAuthority, TokenSource } from '../evidence/cms.js'
import { encodeInteger, sameBytes } from '../evidence/der.js'
import {
  checkToken,
  encodeTimestampRequest,
  parseToken,
  readTimestampResponse,
  type Token,
} from '../evidence/timestamp.js'
import { call, whyOf } from './status.js'

/** No longer token is taken, bytes: room for it is kept in every signature before it is there. */
const TOKEN_BYTES_MAX = 10_000
const NONCE_BYTES = 16
/** How far an authority's time may be from ours, seconds. */
const SKEW_SECONDS = 600

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
}): TimestampAuthority {
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
  }
}

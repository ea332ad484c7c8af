import { PactError } from '../domain/errors.js'
import { isIdOf, issueCrl, issueOcsp, parseOcspRequest, refuseOcsp } from '../evidence/revocation.js'
import { isIssuer, readCertificate } from '../evidence/certificate.js'
import { formatRecord } from '../evidence/record.js'
import { transact } from '../store/db.js'
import { extendRecord, findRecord, findRevocations } from '../store/certificates.js'
import type { IssuingAuthority } from '../store/keys.js'
import { statusOfCertificate } from './file.js'
import type { House } from './house.js'
import { documentIdOf } from '../evidence/record.js'

/** How long an answer that is given now may be kept, seconds. */
const ANSWER_SECONDS = 3600
const LIST_DAYS = 7
const DAY_MS = 86_400_000

/**
 * A certificate under its permanent address.
 *
 * @returns DER
 * @throws NOT_FOUND
 */
export function publishedCertificate({ keys }: House, name: string): Uint8Array {
  const der = keys.published.get(name)
  if (!der) throw new PactError('NOT_FOUND', 'Sertifikat ini tidak ada.')
  return der
}

/**
 * An authority's list of revoked certificates: a root's as it was made with its key, an issuing authority's anew, with
 * those that have not ended.
 *
 * @returns DER
 * @throws NOT_FOUND
 */
export async function publishedList({ db, keys }: House, name: string, now: Date): Promise<Uint8Array> {
  const list = keys.rootLists.get(name)
  if (list) return list
  const authority = findAuthority(keys, name)
  const taken = (await findRevocations(db)).filter(({ certificate }) => {
    const leaf = readCertificate(certificate)
    return leaf.notAfter > now && isIssuer(authority.certificate, leaf, 1)
  })
  return issueCrl({
    issuer: authority.issuer,
    number: Math.floor(now.getTime() / 1000),
    thisUpdate: now,
    nextUpdate: new Date(now.getTime() + LIST_DAYS * DAY_MS),
    revoked: [...keys.revokedUnder(authority), ...taken],
  })
}

/**
 * The answer of an authority's OCSP responder. A signer's certificate is good when it is in the record of issued
 * ones, and unknown otherwise: a certificate that somebody made with a stolen key is not vouched for.
 *
 * @param request DER (attacker-controlled)
 * @returns OCSPResponse, DER; also when the request cannot be read
 * @throws NOT_FOUND when there is no such responder
 * @see RFC 6960 section 2.2
 */
export async function answerOcsp(
  house: House,
  { name, request }: { name: string; request: Uint8Array },
  now: Date,
): Promise<Uint8Array> {
  const authority = findAuthority(house.keys, name)
  let asked: ReturnType<typeof parseOcspRequest>
  try {
    asked = parseOcspRequest(request)
  } catch (error) {
    if (error instanceof PactError) return refuseOcsp(1)
    throw error
  }
  if (!asked.ids.every((id) => isIdOf(id, authority.certificate))) return refuseOcsp(6)
  const answers = []
  for (const id of asked.ids)
    answers.push({
      id,
      status: await statusOfCertificate(house.db, house.keys, id.serial),
      thisUpdate: now,
      nextUpdate: new Date(now.getTime() + ANSWER_SECONDS * 1000),
    })
  const { responder, certificate } = authority
  return issueOcsp({
    ...{ responder, answers, producedAt: now, archiveCutoff: certificate.notBefore },
    nonce: asked.nonce,
  })
}

function findAuthority({ allAuthorities }: House['keys'], name: string): IssuingAuthority {
  const found = allAuthorities.find((one) => one.name === name)
  if (!found) throw new PactError('NOT_FOUND', 'Penerbit ini tidak ada.')
  return found
}

/** The public record of certificates made in people's names, as far as it is published; see `evidence/record`. */
export async function publishedRecord({ db }: House): Promise<string> {
  return formatRecord(
    (await findRecord(db)).map(({ kind, code, slot, sha256 }) => ({
      ...{ kind, slot, documentId: documentIdOf(code).toString('hex') },
      sha256: Buffer.from(sha256).toString('hex'),
    })),
  )
}

/** Publishes what has come to the record since. */
export const publishRecord = ({ db }: House): Promise<number> => transact(db, extendRecord)

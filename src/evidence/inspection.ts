// One signature, asked everything that can be asked of it alone.
import { createHash } from 'node:crypto'
import { PactError } from '../domain/errors.js'
import { SEAL_SLOT, type SignatureMethod, type Slot } from '../domain/pact.js'
import { BACKDATE_SECONDS, formatCommonName, profiles } from './authority.js'
import {
  checkChain,
  fingerprint,
  isAlive,
  methodOf,
  type Certificate,
  type SignatureAlgorithm,
} from './certificate.js'
import { parseCms, verifyCms, type Cms } from './cms.js'
import { checkStamp, CLOCK_SKEW_SECONDS, type Stamped } from './longevity.js'
import type { Revision } from './signed-file.js'

export type Outcome = 'pass' | 'fail' | 'unknown'

/** How long a signature can be verified. @see ETSI EN 319 142-1 section 6 */
export const levels = [
  'PAdES-BASELINE-B',
  'PAdES-BASELINE-T',
  'PAdES-BASELINE-LT',
  'PAdES-BASELINE-LTA',
] as const
export type Level = (typeof levels)[number]

/** One signature, as its own bytes tell; believe it only as far as `outcome` says. */
export interface SignatureReport {
  slot: Slot
  name: string
  identityNumber: string | undefined // NIP
  at: Date // as the signing side states it
  stampedAt: Date | undefined // as a timestamp authority under our roots states it
  stampedBy: string | undefined // that authority's name
  level: Level | undefined // undefined: it proves nothing
  chain: string[] // names, the signer's first
  revocation: string // what the file's own evidence says of its certificate
  laterIncrements: string[] // what was added behind it, in order
  method: SignatureMethod | undefined
  algorithm: SignatureAlgorithm | undefined
  certificateSha256: string | undefined // hex
  outcome: Outcome
}

/** An answer without its question. */
export type Finding = { outcome: Outcome; detail: string }
export const pass = (detail: string): Finding => ({ outcome: 'pass', detail })
export const fail = (detail: string): Finding => ({ outcome: 'fail', detail })
export const unknown = (detail: string): Finding => ({ outcome: 'unknown', detail })

/** "saksi 1" */
export const placeOf = (slot: Slot) => slot.toLowerCase().replaceAll('_', ' ')

/** The questions that are asked of each signature on its own. */
export const signatureChecks = [
  'attributes',
  'digest',
  'signature',
  'chain',
  'lifetime',
  'identity',
  'timestamps',
] as const
export type SignatureCheck = (typeof signatureChecks)[number]

/** What a signature is, and what was found of it. */
export interface Inspection {
  report: SignatureReport
  cms: Cms | undefined
  path: Certificate[] // of the signer; empty when there is none
  stamp: Stamped | undefined // a token that holds
  findings: Record<SignatureCheck, Finding>
}

/** Trusted certificates by purpose. */
export type RootsByPurpose = Record<'signer' | 'seal' | 'timestamp' | 'person', Certificate[]>

/** Asks everything that one signature answers. @param at the moment of checking */
export function inspect(
  revision: Pick<Revision, 'slot' | 'name' | 'at' | 'digest' | 'cms'>,
  { roots, at }: { roots: RootsByPurpose; at: Date },
): Inspection {
  const { slot, name } = revision
  let cms: Cms
  try {
    cms = parseCms(revision.cms)
  } catch (cause) {
    if (!(cause instanceof PactError)) throw cause
    const unread = unknown('tidak terbaca')
    return {
      report: {
        ...{ slot, name, at: revision.at, identityNumber: undefined, method: undefined },
        ...{ algorithm: undefined, certificateSha256: undefined, outcome: 'fail' },
        ...{ stampedAt: undefined, stampedBy: undefined, level: undefined },
        ...{ chain: [], revocation: '', laterIncrements: [] },
      },
      cms: undefined,
      path: [],
      stamp: undefined,
      findings: {
        ...{ digest: unread, signature: unread, chain: unread, lifetime: unread },
        ...{ identity: unread, timestamps: unread },
        attributes: fail(cause.message),
      },
    }
  }
  const { certificate, chain } = cms
  const purpose = slot === SEAL_SLOT ? 'seal' : 'signer'
  const verified = verifyCms(cms, revision.digest)
  // Only a certificate that says nothing of ours can be a person's own.
  const isOwn = purpose === 'signer' && methodOf(certificate) === undefined
  const found = checkChain({ leaf: certificate, chain, roots: roots[isOwn ? 'person' : purpose], purpose })
  const path = 'path' in found ? found.path : []
  const stamped = checkOwnStamp(cms, roots.timestamp)
  const stamp = 'why' in stamped ? undefined : stamped
  const findings = {
    attributes: pass(''),
    timestamps: 'why' in stamped ? fail(stamped.why) : findStampLife(stamped.at, certificate, revision),
    digest: verified.digest ? pass('') : fail('isi berkas sudah berubah'),
    signature: verified.signature ? pass('') : fail('tidak dibuat dengan kunci sertifikatnya'),
    chain: 'why' in found ? fail(found.why) : isOwn ? pass('') : findPurpose(slot, certificate),
    lifetime:
      'path' in found ? findLifetime(revision, found.path, { at, isOwn }) : unknown('rantai tidak dikenal'),
    identity:
      certificate.commonName === formatCommonName(name)
        ? pass('')
        : fail('namanya berbeda dari sertifikatnya'),
  }
  return {
    report: {
      slot,
      name,
      identityNumber: certificate.serialNumber,
      at: revision.at,
      method: isOwn ? ('path' in found ? 'own-certificate' : undefined) : methodOf(certificate),
      algorithm: certificate.algorithm,
      certificateSha256: fingerprint(certificate.der),
      outcome: signatureChecks.every((id) => findings[id].outcome === 'pass') ? 'pass' : 'fail',
      stampedAt: stamp?.at,
      stampedBy: stamp?.path[0]?.commonName,
      level: undefined,
      chain: path.map(({ commonName }) => commonName ?? ''),
      revocation: '',
      laterIncrements: [],
    },
    cms,
    path,
    stamp,
    findings,
  }
}

function checkOwnStamp({ token, signature }: Cms, roots: readonly Certificate[]): Stamped | { why: string } {
  if (!token) return { why: 'tidak berstempel waktu' }
  return checkStamp(token, createHash('sha256').update(signature).digest(), roots)
}

/** The certificate lived at the token's time, and the stated time is not later than the proven one. */
function findStampLife(at: Date, certificate: Certificate, revision: Pick<Revision, 'at'>): Finding {
  if (!isAlive(certificate, at)) return fail('stempel waktunya di luar masa berlaku sertifikat')
  if (revision.at.getTime() > at.getTime() + CLOCK_SKEW_SECONDS * 1000)
    return fail('waktunya lebih lambat dari stempel waktunya')
  return pass('')
}

/**
 * A certificate made for a person seals nothing, and a seal signs for nobody, whichever roots are trusted: an
 * auditor may hold both in one file. Only a seal may come from elsewhere, without a policy of ours.
 */
function findPurpose(slot: Slot, certificate: Certificate): Finding {
  const method = methodOf(certificate)
  if (slot === SEAL_SLOT)
    return method === undefined || method === 'institution-seal'
      ? pass('')
      : fail('sertifikatnya bukan sertifikat segel')
  return method !== undefined && method !== 'institution-seal'
    ? pass('')
    : fail('sertifikatnya bukan sertifikat perorangan')
}

/**
 * Inside the life of every certificate on the path; a party's own lives no longer than we ever issue one
 * (stricter than ETSI: a certificate made in advance for years would be a stolen pen).
 */
function findLifetime(
  { slot, at }: Pick<Revision, 'slot' | 'at'>,
  path: readonly Certificate[],
  checked: { at: Date; isOwn: boolean },
): Finding {
  if (at.getTime() > checked.at.getTime() + CLOCK_SKEW_SECONDS * 1000)
    return fail('waktu penandatanganannya di masa depan')
  if (path.some((certificate) => !isAlive(certificate, at)))
    return fail('ditandatangani di luar masa berlaku sertifikat')
  const [own] = path
  const lifetimeSeconds = (own!.notAfter.getTime() - own!.notBefore.getTime()) / 1000
  const mostSeconds = profiles.party.lifetimeSeconds + BACKDATE_SECONDS
  if (slot !== SEAL_SLOT && !checked.isOwn && lifetimeSeconds > mostSeconds)
    return fail(`sertifikatnya berlaku ${lifetimeSeconds} detik, paling lama ${mostSeconds}`)
  return pass('')
}

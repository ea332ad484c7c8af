import type { DeviceKey, SigningOffer } from '../../flow/device.js'
import type { VNode } from 'preact'
import type { Account, Role } from '../../domain/account.js'
import { PactError, type PactErrorCode } from '../../domain/errors.js'
import type { Act, House } from '../../flow/house.js'
import { type Campaign, findCampaign } from '../../store/campaigns.js'
import { findUnit } from '../../store/people.js'
import type { CampaignLabel } from '../dashboard.js'
import type { Pemda } from '../../store/pemdas.js'
import type { FormError, FormState } from '../form.js'
import type { Frame } from '../layout.js'
import { paths } from '../paths.js'

/** An uploaded file: small ones in memory, large ones in a temporary file that goes with the request. */
export interface Upload {
  field: string
  fileName: string
  path: string
  sizeBytes: number
}

/** One request, parsed: what a handler may know. */
export interface Visit {
  house: House
  act: Act
  frame: Frame
  account: Account | undefined
  sessionSecret: string | undefined
  pemda: Pemda | undefined // the visitor's own, or the only one there is
  param(name: string): string // a part of the path
  numberParam(name: string): number // throws NOT_FOUND when it is no id
  query: URLSearchParams
  body: Uint8Array // raw, where the route takes it so
  form: URLSearchParams // fields of a POST
  uploads: readonly Upload[]
  wantsStream: boolean // a script that follows what changes (text/event-stream)
}

/** What a handler answers. */
export type Reply =
  | {
      page: VNode
      status?: number
      isMiss?: boolean // a link or code that leads nowhere: counted against the visitor's address
    }
  | { redirect: string; cookie?: { secret: string | undefined } }
  | {
      file: Uint8Array
      name: string
      type: string
      inline?: true
      isFramed?: true // may be shown inside a page of ours
    }
  | { text: string; type: string }
  | { follow: (now: Date) => Promise<string> } // asked again and again; sent when it is another answer
  | { empty: true }

/** Who may call a route: anyone, the holder of a personal link, or accounts of these roles. */
export type Who = 'anyone' | 'link' | readonly Role[]

export interface Route {
  method: 'get' | 'post'
  path: string
  who: Who
  handle: (visit: Visit) => Promise<Reply>
  uploadBytesMax?: number // takes a file of at most this size
  uploadsMax?: number // how many files, 1 unless said
  bodyBytesMax?: number // takes raw bytes from a machine, which changes nothing by them: from any origin
  limit?: 'signin' | 'upload' | 'entrance' // every call of it is counted, by address
  isDemoOnly?: true
}

/** The signed-in account. */
export function requireAccount(visit: Visit): Account {
  if (!visit.account) throw new PactError('NOT_SIGNED_IN', 'Silakan masuk terlebih dahulu.')
  return visit.account
}

/** A refusal beside the field that it is about; anything that is no refusal is thrown on. */
export const refusal = (field: string, error: unknown): FormState => {
  if (!(error instanceof PactError)) throw error
  return { values: {}, errors: [{ field, message: error.message }] }
}

export function requirePemda(visit: Visit): Pemda {
  if (!visit.pemda) throw new PactError('NOT_FOUND', 'Pemerintah daerah belum didaftarkan.')
  return visit.pemda
}

/** Where a pemda's emblem is; undefined while it has none. */
export const emblemPathOf = (pemda: Pemda | undefined): string | undefined =>
  pemda?.emblemSha256 ? paths.emblem(pemda.emblemSha256) : undefined

/** The same visit under the roof of the pemda that a link or a code belongs to. */
export const atHome = (visit: Visit, pemda: Pemda | undefined): Visit =>
  pemda && !visit.account
    ? {
        ...visit,
        pemda,
        frame: { ...visit.frame, pemdaName: pemda.governmentName, emblemPath: emblemPathOf(pemda) },
      }
    : { ...visit, pemda: pemda ?? visit.pemda }

/** A campaign of the visitor's own pemda. */
export function requireOwn(visit: Visit, campaign: Campaign | undefined): Campaign {
  if (!campaign || campaign.pemdaId !== requireAccount(visit).pemdaId)
    throw new PactError('NOT_FOUND', 'Kegiatan ini tidak ada.')
  return campaign
}

/** The campaign in the path, of the visitor's own pemda. */
export const requireCampaign = async (visit: Visit) =>
  requireOwn(visit, await findCampaign(visit.house.db, visit.numberParam('campaignId')))

/** A campaign as pages name it. */
export const labelOf = (campaign: Campaign): CampaignLabel => ({
  id: campaign.id,
  name: campaign.name,
  deadline: campaign.deadline,
  zone: campaign.timeZone,
})

/** Whoever is tied to a unit (its head, a team) sees its subtree and nothing else. @throws FORBIDDEN */
export async function requireWithin(visit: Visit, path: string): Promise<void> {
  const account = requireAccount(visit)
  if (account.unitId === undefined) return
  const own = await findUnit(visit.house.db, account.unitId)
  if (!own || !path.startsWith(own.path))
    throw new PactError('FORBIDDEN', 'Unit ini di luar unit yang menjadi kewenangan Anda.')
}

/** An id that a form sends (attacker-controlled); 0 when it is none. */
export function idField(visit: Visit, name: string): number {
  const text = visit.form.get(name) ?? ''
  return /^\d{1,9}$/.test(text) ? Number(text) : 0
}

/**
 * Free text of a form, trimmed. A line end counts as one character, as it does in the browser's own count.
 *
 * @returns `errors`: what is wrong with its length; the text is never cut short in silence
 */
export function noteField(
  visit: Visit,
  name: string,
  { lengthMin = 0, lengthMax }: { lengthMin?: number; lengthMax: number },
): { text: string; errors: FormError[] } {
  const text = (visit.form.get(name) ?? '').replace(/\r\n?/g, '\n').trim()
  const refuse = (message: string) => ({ text, errors: [{ field: name, message }] })
  if (text.length < lengthMin) return refuse(`Tulis alasannya, paling sedikit ${lengthMin} huruf`)
  if (text.length > lengthMax) return refuse(`${text.length} huruf, paling banyak ${lengthMax}`)
  return { text, errors: [] }
}

/** An act by an account, for the verbs that record who did it. */
export const actingAs = (visit: Visit) => ({ ...visit.act, accountId: requireAccount(visit).id })

/** Whether the visitor changes things here, or only reads. */
export const mayChange = (visit: Visit) => requireAccount(visit).role === 'administrator'

/** Bytes that a form sends as base64 (attacker-controlled). */
export const bytesField = (visit: Visit, name: string) => Buffer.from(visit.form.get(name) ?? '', 'base64')

/** The key that a person's device made, as the page's script sends it. */
export const deviceKey = (visit: Visit): DeviceKey => ({
  publicKeyInfo: bytesField(visit, 'publicKey'),
  proof: bytesField(visit, 'proof'),
  own: visit.form.has('certificate')
    ? { certificate: bytesField(visit, 'certificate'), chain: bytesField(visit, 'chain') }
    : undefined,
})

/** An offer as the page's script reads it. */
export function offerReply({ placeholderBytes, ...parts }: SigningOffer): Reply {
  const encoded = Object.fromEntries(
    Object.entries(parts).map(([name, bytes]) => [name, Buffer.from(bytes).toString('base64')]),
  )
  return { text: JSON.stringify({ ...encoded, placeholderBytes }), type: 'application/json' }
}

// Said by the page's script where it stands: sending the form again would count a code twice, or lose a chosen file.
const saidByScript: Partial<Record<PactErrorCode, string>> = {
  BAD_CODE: 'code',
  BAD_KEY: 'p12-file',
  FORBIDDEN: 'p12-file',
  STATUS_UNAVAILABLE: 'p12-file',
}

/** Why nothing is offered, as the page's script reads it; whatever else went wrong is thrown on. */
export function refusedReply(error: unknown): Reply {
  const field = error instanceof PactError && saidByScript[error.code]
  if (!field) throw error
  return { text: JSON.stringify({ refused: error.message, field }), type: 'application/json' }
}

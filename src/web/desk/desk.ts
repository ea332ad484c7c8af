import type { VNode } from 'preact'
import type { Account, Role } from '../../domain/account.js'
import { PactError } from '../../domain/errors.js'
import type { Act, House } from '../../flow/house.js'
import type { Campaign } from '../../store/campaigns.js'
import type { Pemda } from '../../store/people.js'
import type { Frame } from '../layout.js'

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
  form: URLSearchParams // fields of a POST
  uploads: readonly Upload[]
}

/** What a handler answers. */
export type Reply =
  | {
      page: VNode
      status?: number
      isMiss?: boolean // a link or code that leads nowhere: counted against the visitor's address
    }
  | { redirect: string; cookie?: { secret: string | undefined } }
  | { file: Uint8Array; name: string; type: string; inline?: true }
  | { text: string; type: string }
  | { empty: true }

/** Who may call a route: anyone, the holder of a personal link, or accounts of these roles. */
export type Who = 'anyone' | 'link' | readonly Role[]

export interface Route {
  method: 'get' | 'post'
  path: string
  who: Who
  handle: (visit: Visit) => Promise<Reply>
  uploadBytesMax?: number // takes a file of at most this size
  limit?: 'signin' | 'upload' // every call of it is counted, by address
  isDemoOnly?: true
}

/** The signed-in account. */
export function requireAccount(visit: Visit): Account {
  if (!visit.account) throw new PactError('NOT_SIGNED_IN', 'Silakan masuk terlebih dahulu.')
  return visit.account
}

export function requirePemda(visit: Visit): Pemda {
  if (!visit.pemda) throw new PactError('NOT_FOUND', 'Pemerintah daerah belum didaftarkan.')
  return visit.pemda
}

/** A campaign of the visitor's own pemda. */
export function requireOwn(visit: Visit, campaign: Campaign | undefined): Campaign {
  if (!campaign || campaign.pemdaId !== requireAccount(visit).pemdaId)
    throw new PactError('NOT_FOUND', 'Kegiatan ini tidak ada.')
  return campaign
}

/** An act by an account, for the verbs that record who did it. */
export const actingAs = (visit: Visit) => ({ ...visit.act, accountId: requireAccount(visit).id })

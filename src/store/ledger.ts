import { type Database, rows } from './db.js'

/** Everything that is ever written to the ledger. */
export type EventKind =
  | 'campaign_opened'
  | 'campaign_closed'
  | 'campaign_attached'
  | 'circular_attached'
  | 'assembly_opened'
  | 'assembly_ended'
  | 'violation_entered'
  | 'gate_opened'
  | 'gate_overridden'
  | 'excluded'
  | 'exclusion_ended'
  | 'roster_confirmed'
  | 'units_confirmed'
  | 'address_corrected'
  | 'address_proposal_settled'
  | 'second_address_corrected'
  | 'mail_sent'
  | 'mail_refused'
  | 'link_opened'
  | 'link_reissued'
  | 'reminded'
  | 'unit_reminded'
  | 'code_sent'
  | 'kiosk_started'
  | 'agreed'
  | 'declined'
  | 'disputed'
  | 'dispute_settled'
  | 'signed'
  | 'sealed'
  | 'archived'
  | 'joint_opened'
  | 'joint_parties_ended'
  | 'joint_closed'
  | 'collective_closed'
  | 'recap_frozen'
  | 'recap_made'
  | 'revoked'
  | 'dossier_exported'
  | 'template_released'
  | 'emblem_changed'
  | 'map_changed'
  | 'account_invited'
  | 'account_disabled'
  | 'signed_in'

export interface LedgerEvent {
  at: Date
  kind: EventKind
  pemdaId?: number
  campaignId?: number
  pactId?: number
  partyId?: number
  employeeId?: number
  unitId?: number
  accountId?: number
  timeZone?: string
  address?: string // of the network, as the server saw it
  userAgent?: string
  detail?: Record<string, unknown>
}

/** Where a request came from: kept with every act that somebody may have to answer for. */
export interface Origin {
  address: string
  userAgent: string
}

/** Writes one event; the table refuses every later change. */
export async function insertEvent(db: Database, event: LedgerEvent): Promise<void> {
  await rows(
    db,
    `insert into event (at, kind, pemda_id, campaign_id, pact_id, party_id, employee_id, unit_id, account_id,
       time_zone, address, user_agent, detail)
     values (:at, :kind, :pemdaId, :campaignId, :pactId, :partyId, :employeeId, :unitId, :accountId,
       :timeZone, :address, :userAgent, :detail::jsonb)`,
    {
      pemdaId: null,
      campaignId: null,
      pactId: null,
      partyId: null,
      employeeId: null,
      unitId: null,
      accountId: null,
      timeZone: null,
      ...event,
      address: event.address?.slice(0, 64) ?? null,
      userAgent: event.userAgent?.slice(0, 300) ?? null,
      detail: JSON.stringify(event.detail ?? {}),
    },
  )
}

/** What happened to a pact, oldest first. */
export function findPactEvents(db: Database, pactId: number) {
  return rows<{ at: Date; kind: EventKind; partyId: number | null; detail: Record<string, unknown> }>(
    db,
    `select at, kind, party_id as "partyId", detail from event where pact_id = :pactId order by id`,
    { pactId },
  )
}

/** Events of these kinds in a campaign, newest first. */
export function findCampaignEvents(
  db: Database,
  query: { campaignId: number; kinds: readonly EventKind[]; limit: number },
) {
  return rows<{ at: Date; kind: EventKind; unitId: number | null }>(
    db,
    `select at, kind, unit_id as "unitId" from event
     where campaign_id = :campaignId and kind = any (:kinds::text[])
     order by id desc
     limit :limit`,
    query,
  )
}

import { type Database, row, rows } from './db.js'

export type MailKind =
  'invitation' | 'reminder' | 'receipt' | 'witness' | 'signin' | 'welcome' | 'code' | 'digest'

export interface Mail {
  id: number
  kind: MailKind
  step: string
  partyId: number | null
  invitationId: number | null
  signinId: number | null
  accountId: number | null
  codeId: number | null
  address: string
  domain: string
  messageId: string
  attempts: number
}

const MAIL = `mail.id, kind, step, party_id as "partyId", invitation_id as "invitationId", signin_id as "signinId",
  account_id as "accountId", code_id as "codeId", address, domain, message_id as "messageId", attempts`

export interface NewMail {
  kind: MailKind
  step: string
  partyId?: number
  invitationId?: number
  signinId?: number
  accountId?: number
  codeId?: number
  address: string
  messageId: string
  dueAt: Date
}

/**
 * Queues a mail. A party gets one mail a step, an account one digest: a second one is not queued, whoever asks.
 *
 * @returns whether it was queued
 */
export async function insertMail(db: Database, mail: NewMail, now: Date): Promise<boolean> {
  const made = await row(
    db,
    `insert into mail (kind, step, party_id, invitation_id, signin_id, account_id, code_id, address, domain, message_id,
       state, due_at, created_at)
     values (:kind, :step, :partyId, :invitationId, :signinId, :accountId, :codeId, :address,
       lower(split_part(:address, '@', 2)), :messageId, 'queued', :dueAt, :now)
     on conflict do nothing
     returning id`,
    {
      ...mail,
      partyId: mail.partyId ?? null,
      invitationId: mail.invitationId ?? null,
      signinId: mail.signinId ?? null,
      accountId: mail.accountId ?? null,
      codeId: mail.codeId ?? null,
      now,
    },
  )
  return made !== undefined
}

/**
 * Takes due mails to send, each with a lease: whoever dies while sending leaves a mail whose lease runs out,
 * and it goes out again with the same Message-ID and the same link.
 */
export function leaseMails(db: Database, lease: { now: Date; until: Date; limit: number }) {
  return rows<Mail>(
    db,
    `update mail
     set state = 'sending', lease_until = :until, attempts = attempts + 1
     where id in (
       select id from mail
       where (state = 'queued' and due_at <= :now) or (state = 'sending' and lease_until <= :now)
       order by due_at, id
       limit :limit
       for update skip locked
     )
     returning ${MAIL}`,
    lease,
  )
}

/** Puts a leased mail back until `dueAt`; `reply` says why. It does not count as an attempt when `isUntried`. */
export async function releaseMail(
  db: Database,
  release: { id: number; dueAt: Date; reply: string | null; isUntried: boolean },
): Promise<void> {
  await rows(
    db,
    `update mail
     set state = 'queued', lease_until = null, due_at = :dueAt, reply = coalesce(:reply, reply),
       attempts = attempts - case when :isUntried then 1 else 0 end
     where id = :id and state = 'sending'`,
    release,
  )
}

/** Ends a leased mail: sent, refused for good, or cancelled because it would carry a dead link. */
export async function endMail(
  db: Database,
  ended: { id: number; state: 'sent' | 'refused' | 'cancelled'; reply: string | null; now: Date },
): Promise<boolean> {
  const done = await row(
    db,
    `update mail set state = :state, lease_until = null, reply = :reply, ended_at = :now
     where id = :id and state = 'sending' returning id`,
    ended,
  )
  return done !== undefined
}

/** How many mails each domain took since `since`. */
export async function countSentByDomain(db: Database, since: Date): Promise<Map<string, number>> {
  const found = await rows<{ domain: string; n: number }>(
    db,
    `select domain, count(*)::int as n from mail where state = 'sent' and ended_at > :since group by domain`,
    { since },
  )
  return new Map(found.map(({ domain, n }) => [domain, n]))
}

/** Mails queued for a party since `since`, codes apart: what a rate limit looks at. */
export async function countPartyMails(
  db: Database,
  query: { partyId: number; since: Date },
): Promise<number> {
  const found = await row<{ n: number }>(
    db,
    `select count(*)::int as n from mail where party_id = :partyId and kind <> 'code' and created_at > :since`,
    query,
  )
  return found!.n
}

export async function countSigninMails(
  db: Database,
  query: { accountId: number; since: Date },
): Promise<number> {
  const found = await row<{ n: number }>(
    db,
    `select count(*)::int as n from mail where account_id = :accountId and kind = 'signin' and created_at > :since`,
    query,
  )
  return found!.n
}

/** How the queue of one pemda stands: counts by state. */
export async function countMails(db: Database, pemdaId: number): Promise<Record<string, number>> {
  const found = await rows<{ state: string; n: number }>(
    db,
    `select state, count(*)::int as n
     from mail join mail_home on mail_home.mail_id = mail.id
     where pemda_id = :pemdaId
     group by state`,
    { pemdaId },
  )
  return Object.fromEntries(found.map(({ state, n }) => [state, n]))
}

/** The newest mails of one pemda that a server refused or postponed, with its answer. */
export function findTroubledMails(db: Database, query: { pemdaId: number; limit: number }) {
  return rows<{
    kind: MailKind
    address: string
    state: string
    attempts: number
    reply: string
    dueAt: Date
  }>(
    db,
    `select kind, address, state, attempts, reply, due_at as "dueAt"
     from mail join mail_home on mail_home.mail_id = mail.id
     where pemda_id = :pemdaId and reply is not null and state in ('queued', 'sending', 'refused')
     order by id desc limit :limit`,
    query,
  )
}

/** The mails of a party that have not left yet will never leave: their link is dead. */
export async function cancelPartyMails(db: Database, partyId: number, now: Date): Promise<void> {
  await rows(
    db,
    `update mail set state = 'cancelled', ended_at = :now where party_id = :partyId and state = 'queued'`,
    { partyId, now },
  )
}

/** The mails to an account that has been closed will never leave. */
export async function cancelAccountMails(db: Database, accountId: number, now: Date): Promise<void> {
  await rows(
    db,
    `update mail set state = 'cancelled', ended_at = :now where account_id = :accountId and state = 'queued'`,
    { accountId, now },
  )
}

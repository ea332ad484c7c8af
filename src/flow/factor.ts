import { timingSafeEqual } from 'node:crypto'
import type { Account } from '../domain/account.js'
import type { SigningRule } from '../domain/campaign.js'
import { PactError } from '../domain/errors.js'
import { CODE_ATTEMPTS_MAX, hashCode, makeCode, parseCodeDigits } from '../domain/links.js'
import type { SecondFactor } from '../domain/pact.js'
import { findAccount } from '../store/accounts.js'
import { findSigningRule } from '../store/campaigns.js'
import {
  type CodeChannel,
  countAttempt,
  findCode,
  findCodeTimes,
  findLiveCode,
  insertCode,
  type OneTimeCode,
} from '../store/codes.js'
import type { Database } from '../store/db.js'
import { insertEvent } from '../store/ledger.js'
import { insertMail } from '../store/mails.js'
import type { Party } from '../store/pacts.js'
import type { Invitation } from '../store/invitations.js'
import type { Employee } from '../store/people.js'
import { type Act, type House, makeMessageId } from './house.js'
import type { Paper } from './paper.js'

/** How long a code may be typed, minutes; how long until the next may be asked for, seconds; how many in a day. */
export const CODE_MINUTES = 10
const CODE_WAIT_SECONDS = 60
const CODES_PER_DAY = 5

interface Channel {
  factor: SecondFactor
  /** The address on file that is not the one the link went to; null when there is none. */
  addressOf(employee: Employee): string | null
  send(house: House, tx: Database, to: { code: OneTimeCode; address: string; now: Date }): Promise<unknown>
}

const channels: Record<CodeChannel, Channel> = {
  email: {
    factor: 'code-by-email',
    addressOf: ({ email, emailAlternative }) => (emailAlternative === email ? null : emailAlternative),
    send: (house, tx, { code, address, now }) =>
      insertMail(
        tx,
        {
          ...{ kind: 'code', step: `code-${code.ordinal}`, partyId: code.partyId, codeId: code.id },
          ...{ address, messageId: makeMessageId(house, 'code'), dueAt: now },
        },
        now,
      ),
  },
}

/** What one signer has to show beside the personal link, and what is there of it. */
export interface Factor {
  rule: SigningRule
  needsCode: boolean // the rule asks for one and no officer stands beside
  officer: Account | undefined // who confirmed this person at a kiosk and started this link
  channel: CodeChannel
  address: string | null // where a code goes
  sent: { at: Date; expiresAt: Date } | undefined // the code that may be typed now
}

export async function findFactor(
  db: Database,
  on: { paper: Paper; party: Party; invitation: Invitation; now: Date },
): Promise<Factor> {
  const { paper, party, invitation, now } = on
  const rule = await findSigningRule(db, paper.campaign.id, paper.pact.signerClass)
  const officer = invitation.officerId === null ? undefined : await findAccount(db, invitation.officerId)
  const channel = 'email'
  const code = rule.code ? await findLiveCode(db, party.id) : undefined
  const isLive = code && code.expiresAt > now && sameText(code, paper)
  return {
    ...{ rule, officer, channel, needsCode: rule.code && !officer },
    address: paper.employee ? channels[channel].addressOf(paper.employee) : null,
    sent: isLive ? { at: code.createdAt, expiresAt: code.expiresAt } : undefined,
  }
}

const sameText = (code: OneTimeCode, paper: Paper) => paper.textSha256.equals(code.textSha256)

/**
 * Sends a one-time code for these words to the second address. The pact must be locked.
 *
 * @throws BAD_CODE when no second address is on file; TOO_MANY_REQUESTS, saying when the next may be asked for
 */
export async function sendCode(
  house: House,
  tx: Database,
  on: { paper: Paper; party: Party; factor: Factor; act: Act },
): Promise<void> {
  const { paper, party, factor, act } = on
  const { now } = act
  if (!factor.needsCode) throw new PactError('STALE', 'Pakta ini tidak memerlukan kode. Muat ulang halaman.')
  if (factor.address === null)
    throw new PactError('BAD_CODE', 'Alamat kedua Anda belum tercatat, jadi kode tidak dapat dikirim.')
  const before = (seconds: number) => new Date(now.getTime() - seconds * 1000)
  const times = await findCodeTimes(tx, { partyId: party.id, since: before(86_400) })
  if (times.length >= CODES_PER_DAY)
    throw new PactError(
      'TOO_MANY_REQUESTS',
      `Kode sudah ${CODES_PER_DAY} kali diminta dalam sehari. Coba lagi besok, atau tanda tangani di kios bantuan unit Anda.`,
    )
  if (times[0] && times[0] > before(CODE_WAIT_SECONDS))
    throw new PactError(
      'TOO_MANY_REQUESTS',
      `Kode baru saja dikirim. Tunggu ${CODE_WAIT_SECONDS} detik sebelum meminta yang baru.`,
    )
  const { linkKey } = house.keys
  const scope = (ordinal: number) => ({ partyId: party.id, ordinal, textSha256: paper.textSha256 })
  const code = await insertCode(tx, {
    ...{ partyId: party.id, channel: factor.channel, textSha256: paper.textSha256, now },
    expiresAt: new Date(now.getTime() + CODE_MINUTES * 60_000),
    codeHash: (ordinal) => hashCode(linkKey, scope(ordinal), makeCode(linkKey, scope(ordinal))),
  })
  await channels[factor.channel].send(house, tx, { code, address: factor.address, now })
  await insertEvent(tx, {
    ...{ at: now, kind: 'code_sent', campaignId: paper.campaign.id, pactId: paper.pact.id },
    ...{ partyId: party.id, ...act.origin, detail: { channel: factor.channel } },
  })
}

/** What confirmed a signer: nothing that the rule asks for, a code that is used up with the signature, an officer. */
export type Proved = { secondFactor: SecondFactor | null; codeId: number | null; officerId: number | null }

/**
 * What a signer shows beside the link. A wrong code counts, whatever becomes of the form; a right one stays good
 * until the signature uses it up.
 *
 * @param typed what stands in the field of the code (attacker-controlled)
 * @throws BAD_CODE, saying what to do
 */
export async function proveFactor(
  house: House,
  on: { paper: Paper; party: Party; factor: Factor },
  typed: string,
): Promise<Proved> {
  const { paper, party, factor } = on
  if (factor.officer) return { secondFactor: 'in-person', codeId: null, officerId: factor.officer.id }
  if (!factor.needsCode) return { secondFactor: null, codeId: null, officerId: null }
  if (!factor.sent)
    throw new PactError('BAD_CODE', 'Kode belum diminta atau sudah habis masanya. Minta kode baru.')
  const digits = parseCodeDigits(typed)
  if (!digits) throw new PactError('BAD_CODE', 'Ketik enam angka dari surel kode sekali pakai.')
  const code = await findLiveCode(house.db, party.id)
  if (!code || !(await countAttempt(house.db, { id: code.id, attemptsMax: CODE_ATTEMPTS_MAX })))
    throw new PactError('BAD_CODE', 'Kode ini sudah terlalu sering dicoba. Minta kode baru.')
  const scope = { partyId: party.id, ordinal: code.ordinal, textSha256: paper.textSha256 }
  if (!timingSafeEqual(hashCode(house.keys.linkKey, scope, digits), Buffer.from(code.codeHash))) {
    const left = CODE_ATTEMPTS_MAX - code.attempts - 1
    throw new PactError(
      'BAD_CODE',
      left > 0
        ? `Kode tidak cocok. Periksa surel yang terbaru; masih ada ${left} percobaan.`
        : 'Kode tidak cocok dan percobaannya habis. Minta kode baru.',
    )
  }
  return { secondFactor: channels[factor.channel].factor, codeId: code.id, officerId: null }
}

/**
 * What was shown when the device got its certificate: the code it came with, or the officer of this link.
 *
 * @throws STALE when that was behind another link, which asked for less
 */
export async function provedBefore(tx: Database, factor: Factor, codeId: number | null): Promise<Proved> {
  if (factor.officer) return { secondFactor: 'in-person', codeId: null, officerId: factor.officer.id }
  const code = codeId === null ? undefined : await findCode(tx, codeId)
  if (code) return { secondFactor: channels[code.channel].factor, codeId: code.id, officerId: null }
  if (!factor.needsCode) return { secondFactor: null, codeId: null, officerId: null }
  throw new PactError(
    'STALE',
    'Tautan ini memerlukan kode sekali pakai. Muat ulang halaman, lalu tanda tangani sekali lagi.',
  )
}

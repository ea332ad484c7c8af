import { afterQuietHours, formatIsoDay, isoWeekday, localHour } from '../domain/campaign.js'
import { findAccounts } from '../store/accounts.js'
import { type Campaign, findOpenCampaigns } from '../store/campaigns.js'
import { insertMail } from '../store/mails.js'
import { type House, makeMessageId } from './house.js'

/** When a digest is made, local to the campaign. */
const DIGEST_HOUR = 7

const queued = new WeakMap<House, Map<number, string>>()

/**
 * Queues the digest of the day for every head of a unit, on the weekdays that a campaign asks for. What it says is counted
 * when it is sent. Twice, or by two processes: an account gets one mail a day.
 *
 * @returns how many were queued
 */
export async function digestDue(house: House, now: Date): Promise<number> {
  const known = queued.get(house) ?? new Map<number, string>()
  queued.set(house, known)
  let count = 0
  for (const campaign of await findOpenCampaigns(house.db)) {
    const day = formatIsoDay(now, campaign.timeZone)
    if (!isDay(campaign, day, now) || known.get(campaign.id) === day) continue
    const heads = await findAccounts(house.db, campaign.pemdaId, 'unit_head')
    for (const { id, email, disabledAt } of heads)
      if (!disabledAt) {
        const mail = {
          ...{ kind: 'digest' as const, step: formatStep(campaign.id, day), accountId: id, address: email },
          messageId: makeMessageId(house, 'digest'),
          dueAt: afterQuietHours(now, campaign.timeZone, campaign.mailPolicy),
        }
        if (await insertMail(house.db, mail, now)) count++
      }
    known.set(campaign.id, day)
  }
  return count
}

const isDay = ({ mailPolicy, timeZone, deadline }: Campaign, day: string, now: Date) =>
  (mailPolicy.digestWeekdays ?? []).includes(isoWeekday(day)) &&
  localHour(now, timeZone) >= DIGEST_HOUR &&
  now <= deadline

const formatStep = (campaignId: number, day: string) => `digest-${campaignId}-${day}`

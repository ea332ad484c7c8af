/** Kinds of election a campaign may stand before. */
export const electionKinds = ['PEMILU', 'PEMILIHAN'] as const
export type ElectionKind = (typeof electionKinds)[number]

/** Indonesia's civil time zones; none has daylight saving. */
export const timeZones = { WIB: 'Asia/Jakarta', WITA: 'Asia/Makassar', WIT: 'Asia/Jayapura' } as const
export type TimeZone = keyof typeof timeZones

export type CampaignState = 'draft' | 'open' | 'closed'

/** The one transition table of a campaign. */
export const campaignTransitions: Record<CampaignState, readonly CampaignState[]> = {
  draft: ['open'],
  open: ['closed'],
  closed: ['open'],
}

/** Why a person is outside the denominator. Each exclusion is logged with who, when and why. */
export const exclusionReasons = {
  CUTI: 'Cuti',
  TUGAS_BELAJAR: 'Tugas belajar',
  MUTASI: 'Mutasi ke instansi lain',
  PENSIUN: 'Pensiun',
  MENINGGAL: 'Meninggal dunia',
  CLTN: 'Cuti di luar tanggungan negara',
} as const
export type ExclusionReason = keyof typeof exclusionReasons

/** What a person may answer who is not willing to sign yet; the words are those of the page. */
export const declineReasons = {
  PERLU_PENJELASAN: 'Saya perlu penjelasan lebih dahulu',
  SEDANG_CUTI: 'Saya sedang cuti/tugas belajar/di luar negeri',
  SUDAH_PINDAH: 'Saya sudah pindah atau pensiun',
  KEBERATAN: 'Saya keberatan menandatangani',
} as const
export type DeclineReason = keyof typeof declineReasons

/** What a campaign demands of one class of signers, beside the personal link. */
export interface SigningRule {
  ownKey: boolean // the key is made on the signer's device; a one-time key of the service is refused
  code: boolean // a one-time code to a second address, or an officer who confirms the person
}

/** When mails may leave: never in the quiet hours of the campaign's time zone. */
export interface MailPolicy {
  quietFromHour: number // 0..23, local
  quietUntilHour: number // 0..23, local; equal to quietFromHour means no quiet hours
  remindAfterDays: readonly number[] // days after the first invitation, ascending
  digestWeekdays?: readonly number[] // when heads get how their unit stands: 1 Monday to 7 Sunday
}

// Made once for each zone: making one takes longer than a hundred uses.
const clocks = new Map<TimeZone, Intl.DateTimeFormat>()
function dateParts(at: Date, zone: TimeZone): Intl.DateTimeFormatPart[] {
  let clock = clocks.get(zone)
  if (!clock) {
    clock = new Intl.DateTimeFormat('id-ID', {
      timeZone: timeZones[zone],
      year: 'numeric',
      month: 'long',
      day: 'numeric',
      hour: '2-digit',
      minute: '2-digit',
      hourCycle: 'h23',
    })
    clocks.set(zone, clock)
  }
  return clock.formatToParts(at)
}

const part = (parts: Intl.DateTimeFormatPart[], type: string) => parts.find((one) => one.type === type)!.value

/** "25 Januari 2024" in the given zone. */
export function formatDate(at: Date, zone: TimeZone): string {
  const parts = dateParts(at, zone)
  return `${part(parts, 'day')} ${part(parts, 'month')} ${part(parts, 'year')}`
}

/** "09.15 WITA" in the given zone. */
export function formatTime(at: Date, zone: TimeZone): string {
  const parts = dateParts(at, zone)
  return `${part(parts, 'hour')}.${part(parts, 'minute')} ${zone}`
}

/** "25 Januari 2024 pukul 09.15 WITA". */
export function formatMoment(at: Date, zone: TimeZone): string {
  return `${formatDate(at, zone)} pukul ${formatTime(at, zone)}`
}

const zoneOffsets: Record<TimeZone, string> = { WIB: '+07:00', WITA: '+08:00', WIT: '+09:00' }

/**
 * A day and a time as a browser's fields send them, in a zone without daylight saving (attacker-controlled).
 *
 * @param local "2029-02-17" and "16:00"
 * @returns undefined for what is no such moment
 */
export function parseMoment(local: { date: string; time: string }, zone: TimeZone): Date | undefined {
  const { date, time } = local
  if (!/^\d{4}-\d\d-\d\d$/.test(date) || !/^\d\d:\d\d$/.test(time) || !Object.hasOwn(zoneOffsets, zone))
    return undefined
  const at = new Date(`${date}T${time}:00${zoneOffsets[zone]}`)
  return Number.isNaN(at.getTime()) ? undefined : at
}

/** The local day, "2024-01-25": days in this form sort as they follow each other. */
export function formatIsoDay(at: Date, zone: TimeZone): string {
  return new Intl.DateTimeFormat('sv-SE', { timeZone: timeZones[zone], dateStyle: 'short' }).format(at)
}

/** "25-01-2024 09.15 WITA", for the cells of a table. */
export function formatShortMoment(at: Date, zone: TimeZone): string {
  return `${formatIsoDay(at, zone).split('-').reverse().join('-')} ${formatTime(at, zone)}`
}

/** The weekday of a local day ("2024-01-25"): 1 Monday to 7 Sunday. */
export const isoWeekday = (day: string) => ((new Date(`${day}T12:00:00Z`).getUTCDay() + 6) % 7) + 1

/** Local hour of day, 0 to 23. */
export function localHour(at: Date, zone: TimeZone): number {
  return Number(part(dateParts(at, zone), 'hour'))
}

/**
 * The first moment at or after `at` when mail may leave.
 *
 * @param at any moment
 * @returns `at` itself outside the quiet hours, else the full hour at which they end
 */
export function afterQuietHours(at: Date, zone: TimeZone, policy: MailPolicy): Date {
  const { quietFromHour: from, quietUntilHour: until } = policy
  const hour = localHour(at, zone)
  const quiet = from <= until ? hour >= from && hour < until : hour >= from || hour < until
  if (!quiet) return at
  const hours = (until - hour + 24) % 24
  const start = new Date(at)
  start.setUTCMinutes(0, 0, 0)
  return new Date(start.getTime() + hours * 3_600_000)
}

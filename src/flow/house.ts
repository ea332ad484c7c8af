import type { TemplateVersion } from '../store/campaigns.js'
import type { ForeignEvidence } from '../evidence/archive.js'
import type { TimestampAuthority } from '../evidence/cms.js'
import type { PactTemplate } from '../evidence/template.js'
import type { Database } from '../store/db.js'
import type { Files } from '../store/files.js'
import type { Keys } from '../store/keys.js'
import type { MailKind } from '../store/mails.js'
import type { Mailbox, Mailer } from '../remote/mail.js'
import type { Pressroom } from '../remote/pressroom.js'

/** The mails an official can edit: the file `templates/mail/<name>.md`. */
export const letterNames = [
  'undangan',
  'undangan-pimpinan',
  'undangan-bersama',
  'undangan-saksi-bersama',
  'pengingat',
  'tanda-terima',
  'tanda-terima-kolektif',
  'saksi',
  'masuk',
  'akun',
  'kode',
  'rekap-pimpinan',
] as const
export type LetterName = (typeof letterNames)[number]

export interface Settings {
  baseUrl: string // "https://pakta.example", no slash at the end
  isDemo: boolean
  systemName: string
  linkDays: number // life of a personal link
  signinMinutes: number // life of a sign-in link
  sessionHours: number
  mailLeaseSeconds: number // longer than a whole SMTP conversation may take
  mailPerDomainPerMinute: number
  mailConcurrency: number
}

/** Everything a verb works with; made once in `main.ts`. */
export interface House {
  db: Database
  files: Files
  keys: Keys
  tsa: TimestampAuthority
  foreign: ForeignEvidence | undefined // of authorities that are not ours, where any is trusted
  mailer: Mailer | undefined // undefined: no mail server is configured, mails wait
  mailbox: Mailbox | undefined // the demonstration's, which has a page to read it
  pressroom: Pressroom
  letters: Record<LetterName, string>
  templateOf(version: TemplateVersion): PactTemplate // parsed once, then from memory
  settings: Settings
  about: { version: string; attributions: readonly { name: string; licence: string; text: string }[] }
  random(sizeBytes: number): Buffer
  log(line: string): void // operators' log: never a name, address, number or link
}

/** A moment and where the request behind it came from. */
export interface Act {
  now: Date
  origin: { address: string; userAgent: string }
}

/** A Message-ID of our own, with angle brackets. */
export function makeMessageId(house: House, kind: MailKind): string {
  return `<${kind}.${house.random(16).toString('hex')}@${new URL(house.settings.baseUrl).hostname}>`
}

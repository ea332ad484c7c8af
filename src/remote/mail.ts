import { mkdir, readdir, readFile, rename, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import nodemailer from 'nodemailer'
import PostalMime from 'postal-mime'
import type { Letter } from '../domain/letter.js'

export interface Message extends Letter {
  messageId: string // with angle brackets
  to: string // one address
  at: Date
}

/**
 * What became of a message.
 *
 * - `sent`: a mail server took it
 * - `refused`: a mail server will never take it for this address
 * - `postponed`: not now, or nobody knows; the same message may go out again
 */
export interface Delivery {
  outcome: 'sent' | 'refused' | 'postponed'
  reply: string
}

export interface Mailer {
  send(message: Message): Promise<Delivery>
  close(): void
}

/** Mail through an SMTP server. `timeoutSeconds` bounds each step of the conversation. */
export function openSmtp(settings: {
  url: string
  from: string
  timeoutSeconds: number
  connectionsMax: number
}): Mailer {
  const milliseconds = settings.timeoutSeconds * 1000
  const transport = nodemailer.createTransport(
    {
      pool: true,
      url: settings.url,
      maxConnections: settings.connectionsMax,
      connectionTimeout: milliseconds,
      greetingTimeout: milliseconds,
      socketTimeout: milliseconds,
    },
    { from: settings.from },
  )
  return {
    async send(message) {
      try {
        const info = (await transport.sendMail({
          to: { name: '', address: message.to },
          messageId: message.messageId,
          date: message.at,
          subject: message.subject,
          text: message.text,
          html: message.html,
          headers: { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'All' },
          disableFileAccess: true,
          disableUrlAccess: true,
        })) as { response?: string }
        return { outcome: 'sent', reply: info.response ?? '' }
      } catch (error) {
        const {
          responseCode = 0,
          command = '',
          message: reply,
        } = error as Error & { responseCode?: number; command?: string }
        // Only an answer about this very person is final. A refusal of us (login, sender) is the operator's to mend.
        const isFinal = responseCode >= 500 && (command === 'RCPT TO' || command === 'DATA')
        return { outcome: isFinal ? 'refused' : 'postponed', reply: reply.slice(0, 500) }
      }
    },
    close: () => transport.close(),
  }
}

/** A mail in the demonstration's post office. */
export interface KeptLetter {
  id: string
  to: string
  from: string
  subject: string
  at: Date
  text: string
}

/** The demonstration's post office: a folder of .eml files that can be read again. */
export interface Mailbox extends Mailer {
  /** Newest first. */
  findLetters(query: {
    search: string
    limit: number
    offset: number
  }): Promise<{ letters: KeptLetter[]; total: number }>
  findLetter(id: string): Promise<KeptLetter | undefined>
}

/** Mail into a folder of .eml files, one for each Message-ID. */
export function openMailbox(settings: { folder: string; from: string }): Mailbox {
  const transport = nodemailer.createTransport({ streamTransport: true, buffer: true })
  return {
    async send(message) {
      const { message: bytes } = (await transport.sendMail({
        from: settings.from,
        to: { name: '', address: message.to },
        messageId: message.messageId,
        date: message.at,
        subject: message.subject,
        text: message.text,
        html: message.html,
      })) as unknown as { message: Buffer }
      await mkdir(settings.folder, { recursive: true })
      // Named after the Message-ID, so that the same message sent again is the same file.
      const name = `${message.messageId.replace(/[^\w-]/g, '')}.eml`
      const path = join(settings.folder, name)
      await writeFile(`${path}.new`, bytes)
      await rename(`${path}.new`, path)
      return { outcome: 'sent', reply: 'mailbox' }
    },
    async findLetters({ search, limit, offset }) {
      const names = await namesNewestFirst()
      const wanted = search.trim().toLowerCase()
      if (wanted === '')
        return {
          letters: await Promise.all(names.slice(offset, offset + limit).map(read)),
          total: names.length,
        }
      const found: KeptLetter[] = []
      for (const name of names) {
        const letter = await read(name)
        if (`${letter.to} ${letter.subject} ${letter.text}`.toLowerCase().includes(wanted)) found.push(letter)
      }
      return { letters: found.slice(offset, offset + limit), total: found.length }
    },
    async findLetter(id) {
      if (!/^[\w-]+$/.test(id)) return undefined
      return read(`${id}.eml`).catch(() => undefined)
    },
    close: () => {},
  }

  // A declaration, not a constant: what stands above has returned long before a constant would be set.
  async function namesNewestFirst(): Promise<string[]> {
    const names = (await readdir(settings.folder).catch(() => [])).filter((name) => name.endsWith('.eml'))
    const times = await Promise.all(
      names.map(async (name) => (await stat(join(settings.folder, name))).mtimeMs),
    )
    return names
      .map((name, index) => ({ name, time: times[index]! }))
      .sort((one, other) => other.time - one.time)
      .map(({ name }) => name)
  }

  async function read(name: string): Promise<KeptLetter> {
    const letter = await parseLetter(await readFile(join(settings.folder, name)))
    return { ...letter, id: name.slice(0, -'.eml'.length) }
  }
}

/** A mail as it came over the wire; its id is its Message-ID. */
export async function parseLetter(bytes: Uint8Array): Promise<KeptLetter> {
  const mail = await PostalMime.parse(bytes)
  return {
    id: mail.messageId ?? '',
    to: mail.to?.[0]?.address ?? '',
    from: mail.from?.address ?? '',
    subject: mail.subject ?? '',
    at: new Date(mail.date ?? 0),
    text: mail.text ?? '',
  }
}

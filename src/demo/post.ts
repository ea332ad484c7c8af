import { SMTPServer } from 'smtp-server'
import { type KeptLetter, openMailbox, parseLetter } from '../remote/mail.js'
import { until } from './client.js'

/** Where the demonstration's mails arrive and are read. */
export interface Post {
  port: number | undefined
  count(to: string): Promise<number>
  /** The newest link to `to` that matches; `without` skips mails by their subject. */
  waitForLink(to: string, shape: RegExp, without?: RegExp, after?: number): Promise<string>
  log(): { messageId: string; to: string; subject: string; times: number }[]
  close(): Promise<void>
}

const linkIn = (mails: KeptLetter[], shape: RegExp, without?: RegExp) =>
  mails
    .filter((mail) => !without?.test(mail.subject))
    .map((mail) => shape.exec(mail.text)?.[0])
    .filter((link) => link !== undefined)
    .at(-1)

/** A real SMTP server on loopback that keeps what it is given. */
export async function openSink(): Promise<Post> {
  const byAddress = new Map<string, KeptLetter[]>()
  const times = new Map<string, number>()
  const server = new SMTPServer({
    authOptional: true,
    // A greeting that waits for somebody's name server comes too late for a sender that waits a second.
    disableReverseLookup: true,
    disabledCommands: ['STARTTLS', 'AUTH'],
    onData(stream, _session, done) {
      const chunks: Buffer[] = []
      stream.on('data', (chunk: Buffer) => chunks.push(chunk))
      stream.on('end', () => {
        void parseLetter(Buffer.concat(chunks)).then((kept) => {
          const again = times.get(kept.id) ?? 0
          times.set(kept.id, again + 1)
          // The same Message-ID again is the same mail: a mail program would show it once.
          if (again === 0) byAddress.set(kept.to, [...(byAddress.get(kept.to) ?? []), kept])
          done()
        }, done)
      })
    },
  })
  // A client that dies in the middle of a conversation: what it had to say comes again.
  server.on('error', () => {})
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', () => listening()))
  const { port } = server.server.address() as { port: number }
  const mailsOf = (to: string) => byAddress.get(to) ?? []
  return {
    port,
    count: async (to) => mailsOf(to).length,
    waitForLink: (to, shape, without, after = 0) =>
      until(async () => linkIn(mailsOf(to).slice(after), shape, without)),
    log: () =>
      [...byAddress.values()]
        .flat()
        .map(({ id, to, subject }) => ({ messageId: id, to, subject, times: times.get(id)! })),
    close: () => new Promise((closed) => server.close(() => closed())),
  }
}

/** The folder of .eml files that the demonstration's own mailbox page shows. */
export function openFolder(folder: string): Post {
  const mailbox = openMailbox({ folder, from: '' })
  const mailsOf = async (to: string) => {
    const { letters } = await mailbox.findLetters({ search: to, limit: 500, offset: 0 })
    return letters.filter((letter) => letter.to === to).reverse()
  }
  return {
    port: undefined,
    count: async (to) => (await mailsOf(to)).length,
    waitForLink: (to, shape, without, after = 0) =>
      until(async () => linkIn((await mailsOf(to)).slice(after), shape, without)),
    log: () => [],
    close: async () => mailbox.close(),
  }
}

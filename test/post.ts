import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import PostalMime, { type Header } from 'postal-mime'
import { SMTPServer } from 'smtp-server'

/** A mail as it came over the wire. */
export interface KeptMail {
  messageId: string
  to: string // whom the envelope names
  subject: string
  text: string
  html: string
  headers: Header[]
}

/**
 * What the post office does with a mail for an address: takes it, refuses it with an SMTP code at one step of
 * the conversation, or takes it and drops the connection before it says so.
 */
export type PostAnswer = 'take' | 'drop' | { code: number; message: string; at: 'RCPT TO' | 'DATA' }

/** A real SMTP server on loopback that keeps what it is given. */
export interface Post {
  url: string
  mails: KeptMail[] // oldest first; a mail that came twice is here twice
  answer: (to: string) => PostAnswer
  mailsTo(address: string): KeptMail[]
  /** The secret of the newest personal link that came to an address. */
  tokenTo(address: string): string | undefined
  close(): Promise<void>
}

export async function openPost(): Promise<Post> {
  const mails: KeptMail[] = []
  const refusal = ({ code, message }: { code: number; message: string }) =>
    Object.assign(new Error(message), { responseCode: code })
  const server = new SMTPServer({
    disableReverseLookup: true, // a slow DNS would hold every greeting up
    authOptional: true,
    disabledCommands: ['STARTTLS', 'AUTH'],
    closeTimeout: 100,
    onRcptTo({ address }, _session, done) {
      const answer = post.answer(address)
      done(typeof answer === 'object' && answer.at === 'RCPT TO' ? refusal(answer) : undefined)
    },
    onData(stream, session, done) {
      const chunks: Buffer[] = []
      stream.on('data', (chunk: Buffer) => chunks.push(chunk))
      stream.on('end', () => {
        void keep(Buffer.concat(chunks), session.envelope.rcptTo[0]!.address).then(done, done)
      })
      const keep = async (bytes: Buffer, to: string): Promise<Error | undefined> => {
        const answer = post.answer(to)
        if (typeof answer === 'object' && answer.at === 'DATA') return refusal(answer)
        const mail = await PostalMime.parse(bytes)
        mails.push({
          messageId: mail.messageId ?? '',
          to,
          subject: mail.subject ?? '',
          text: mail.text ?? '',
          html: mail.html ?? '',
          headers: mail.headers,
        })
        if (answer === 'drop') hangUp(session.id)
        return undefined
      }
    },
  })
  const hangUp = (id: string) => {
    const { connections } = server as unknown as {
      connections: Set<{ id: string; _socket: { destroy(): void } }>
    }
    for (const connection of connections) if (connection.id === id) connection._socket.destroy()
  }
  server.on('error', () => {}) // a peer that hangs up is not this test's business
  const listener = server.listen(0, '127.0.0.1')
  await once(listener, 'listening')
  const post: Post = {
    url: `smtp://127.0.0.1:${(listener.address() as AddressInfo).port}`,
    mails,
    answer: () => 'take',
    mailsTo: (address) => mails.filter((mail) => mail.to === address),
    tokenTo: (address) =>
      mails
        .filter((mail) => mail.to === address)
        .map((mail) => /\/t\/([\w-]{43})/.exec(mail.text)?.[1])
        .filter((token) => token !== undefined)
        .at(-1),
    close: () => new Promise((closed) => server.close(() => closed())),
  }
  return post
}

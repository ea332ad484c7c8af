import { PactError } from '../domain/errors.js'

const PATIENCE_MILLISECONDS = 240_000

/** A browser of sorts: keeps its cookie, waits for a server that is being started again, follows no redirect. */
export class Client {
  cookie = ''
  constructor(readonly baseUrl: string) {}

  stranger = () => new Client(this.baseUrl)

  async get(path: string): Promise<string> {
    const response = await this.fetch(path, {})
    if (response.status >= 300 && response.status < 400) return this.get(response.headers.get('location')!)
    return response.text()
  }

  /** Where a GET leads, without going there. */
  async location(path: string): Promise<string> {
    const response = await this.fetch(path, {})
    return response.headers.get('location') ?? path
  }

  /** Posts a form, again while no answer comes, and returns where it leads; a refusal is an error. */
  async post(path: string, fields: Record<string, string | string[]>): Promise<string> {
    return this.arrive(path, await this.fetch(path, { method: 'POST', body: formOf(fields) }))
  }

  /** A form that must not arrive twice: sent once, and whoever asks sees for themselves what came of it. */
  async postOnce(path: string, fields: Record<string, string | string[]>): Promise<void> {
    const body = formOf(fields)
    const response = await this.send(path, { method: 'POST', body }).catch(() => undefined)
    if (response && response.status < 500) await this.arrive(path, response)
  }

  async upload(
    path: string,
    field: string,
    name: string,
    bytes: Uint8Array,
    fields: Record<string, string> = {},
  ): Promise<string> {
    const body = new FormData()
    for (const [other, value] of Object.entries(fields)) body.append(other, value)
    body.append(field, new Blob([new Uint8Array(bytes)]), name)
    return this.arrive(path, await this.fetch(path, { method: 'POST', body }))
  }

  /** The file that a form is answered with. */
  async postForFile(path: string, fields: Record<string, string>): Promise<Buffer> {
    const response = await this.fetch(path, { method: 'POST', body: formOf(fields) })
    if (!response.headers.get('content-disposition')) await this.arrive(path, response)
    return Buffer.from(await response.arrayBuffer())
  }

  async getFile(path: string): Promise<Buffer> {
    return Buffer.from(await (await this.fetch(path, {})).arrayBuffer())
  }

  async waitForPdf(path: string): Promise<{ name: string; bytes: Buffer }> {
    return until(async () => {
      const response = await this.fetch(path, {})
      if (!response.headers.get('content-type')?.includes('application/pdf')) return undefined
      const name = /filename="([^"]+)"/.exec(response.headers.get('content-disposition') ?? '')![1]!
      return { name, bytes: Buffer.from(await response.arrayBuffer()) }
    })
  }

  private async arrive(path: string, response: Response): Promise<string> {
    if (response.status >= 400) {
      const page = await response.text()
      const why =
        /class="(?:lead|summary-wrong)"[^>]*>([\s\S]{0,600})/.exec(page)?.[1]?.replace(/<[^>]*>/g, ' ') ?? ''
      throw new PactError(
        'STALE',
        `${path.replace(/[\w-]{43}/, '...')}: ${response.status} ${why.replace(/\s+/g, ' ').trim()}`,
      )
    }
    return response.headers.get('location') ?? path
  }

  // A server that is being started again is waited for.
  private fetch(path: string, init: RequestInit): Promise<Response> {
    return until(async () => {
      const response = await this.send(path, init).catch(() => undefined)
      return response && response.status < 500 ? response : undefined
    })
  }

  private async send(path: string, init: RequestInit): Promise<Response> {
    const response = await fetch(new URL(path, this.baseUrl), {
      ...init,
      redirect: 'manual',
      headers: { origin: this.baseUrl, cookie: this.cookie, 'user-agent': 'pakta-demo' },
    })
    const cookie = response.headers.get('set-cookie')
    if (cookie) this.cookie = cookie.split(';')[0]!
    return response
  }
}

function formOf(fields: Record<string, string | string[]>): URLSearchParams {
  const form = new URLSearchParams()
  for (const [name, value] of Object.entries(fields)) for (const one of [value].flat()) form.append(name, one)
  return form
}

/** Asks again until there is an answer. */
export async function until<Answer>(ask: () => Promise<Answer | undefined>): Promise<Answer> {
  for (let waited = 0; waited < PATIENCE_MILLISECONDS; waited += 150) {
    const answer = await ask()
    if (answer !== undefined) return answer
    // The server's process is what keeps us waiting: when the road is broken off, nobody does.
    await new Promise((resolve) => setTimeout(resolve, 150).unref())
  }
  throw new PactError('STALE', `Tidak ada kemajuan selama ${PATIENCE_MILLISECONDS / 1000} detik.`)
}

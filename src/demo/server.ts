import { type ChildProcess, spawn } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { openDatabase } from '../store/db.js'
import { until } from './client.js'

export interface DemoOptions {
  scenario: string | undefined // a name of `scenarios`; without one the whole road in Kendari
  isOnce: boolean
  signers: number // with isOnce: how many people sign
  out: string // with isOnce: folder for what came of it
  keepsData: boolean // with isOnce: leave the server's data in OUT/data, so that it can be started there again
  port: number
  databaseUrl: string | undefined
  dataFolder: string
  node: string // path of the Node.js that runs us
  main: string // the program itself, run again as the server
  env: Record<string, string | undefined>
}

export interface Tools {
  say(line: string): void
  clock(): Date
  stopped: Promise<void> // resolves when the person presses Ctrl+C
}

/** The demonstration's own corner of a shared PostgreSQL; dropped and made anew. */
const SCHEMA = 'pakta_demo'

/** The service as a process of its own, started again whenever it dies. */
export class Server {
  readonly baseUrl: string
  restarts = 0
  private child: ChildProcess | undefined
  private isStopping = false

  constructor(
    private readonly options: DemoOptions & { smtpPort: number | undefined },
    private readonly tools: Tools,
  ) {
    this.baseUrl = `http://127.0.0.1:${options.port}`
  }

  async start(): Promise<void> {
    this.spawn()
    await until(async () => {
      const response = await fetch(`${this.baseUrl}/sehat`).catch(() => undefined)
      return response?.ok || undefined
    })
  }

  private spawn(): void {
    const { options } = this
    const env: Record<string, string | undefined> = {
      ...options.env,
      HOST: '127.0.0.1',
      PORT: String(options.port),
      PAKTA_BASE_URL: this.baseUrl,
      PAKTA_DATA: options.dataFolder,
      PAKTA_KEYS: join(options.dataFolder, 'keys'),
      PAKTA_SIGNIN_MINUTES: '1440',
      PAKTA_MAIL_PER_DOMAIN: '100000',
      PAKTA_MAIL_LEASE: '6',
      PAKTA_MAIL_FROM: 'Pakta Peragaan <pakta@peragaan.example>',
      DATABASE_URL: options.databaseUrl ?? '',
      PAKTA_SMTP_URL: options.smtpPort ? `smtp://127.0.0.1:${options.smtpPort}` : '',
    }
    for (const name of ['PAKTA_KEYS_PASSPHRASE', 'PAKTA_SEAL_PKCS12', 'PAKTA_TRUST_PROXY']) delete env[name]
    const scenario = options.scenario ? ['--scenario', options.scenario] : []
    const child = spawn(
      options.node,
      ['--enable-source-maps', options.main, 'serve', '--demo', ...scenario],
      {
        env,
        stdio: ['ignore', 'ignore', 'inherit'],
      },
    )
    this.child = child
    if (options.isOnce) {
      this.tools.say(`Peladen: ${this.baseUrl} (proses ${child.pid})`)
      void writeFile(join(options.out, 'server.pid'), String(child.pid))
    }
    child.once('exit', () => {
      if (this.isStopping) return
      this.restarts++
      this.tools.say('Peladen berhenti di tengah jalan; dijalankan lagi.')
      this.spawn()
    })
  }

  async stop(): Promise<void> {
    this.isStopping = true
    const { child } = this
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()))
    child.kill('SIGTERM')
    await exited
  }
}

/** The wanted port if it is free, else any. */
export async function freePort(wanted: number): Promise<number> {
  const tryPort = (port: number) =>
    new Promise<number | undefined>((resolve) => {
      const server = createServer()
      server.once('error', () => resolve(undefined))
      server.listen(port, '127.0.0.1', () => {
        const { port: got } = server.address() as { port: number }
        server.close(() => resolve(got))
      })
    })
  return (await tryPort(wanted)) ?? (await tryPort(0))!
}

/** Address of the demonstration's own schema, new and empty unless it is to go on. */
export async function prepareSchema(url: string, isReady: boolean): Promise<string> {
  if (!isReady) {
    const db = await openDatabase({ url })
    await db.raw(`drop schema if exists ${SCHEMA} cascade`)
    await db.raw(`create schema ${SCHEMA}`)
    await db.destroy()
  }
  const own = new URL(url)
  own.searchParams.set('options', `-c search_path=${SCHEMA}`)
  return own.href
}

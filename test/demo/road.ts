// Runs the program as a person would: as a process of its own, from the outside.
import { type ChildProcess, execFile, spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const MAIN = 'dist/src/main.js'

/** A program that has to be there, or the reason why a test cannot run; with CI set nothing is left out. */
export function missingTools(names: readonly string[]): string | false {
  const missing = names.filter((name) => spawnSync('which', [name]).status !== 0)
  if (missing.length === 0) return false
  if (process.env['CI']) throw new Error(`not installed: ${missing.join(', ')}`)
  return `not installed: ${missing.join(', ')}`
}

/** What an outside tool answered; bytes of its output one to one as characters. */
export function run(name: string, args: readonly string[]): Promise<{ code: number; out: string }> {
  // Not spawnSync: while this process stands still, the server's kept connections die unnoticed.
  return new Promise((resolve, reject) => {
    execFile(name, args, { encoding: 'latin1', maxBuffer: 64_000_000 }, (error, stdout, stderr) => {
      if (error && typeof error.code !== 'number') reject(error)
      else resolve({ code: error ? Number(error.code) : 0, out: `${stdout}${stderr}` })
    })
  })
}

export const makeTemporary = () => {
  const folder = mkdtempSync(join(tmpdir(), 'pakta-'))
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) }
}

export interface Program {
  child: ChildProcess
  /** Everything said so far, standard output and errors together. */
  said(): string
  /** Resolves when something said matches; rejects when the program ends before. */
  waitFor(pattern: RegExp, seconds: number): Promise<RegExpExecArray>
  ended: Promise<number>
  stop(): Promise<void>
}

/** Starts `pakta ARGS`, with nothing of our own settings but what `env` gives. */
export function startPakta(args: readonly string[], env: Record<string, string>): Program {
  const inherited = Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) => !/^(PAKTA_|DATABASE_URL$|PORT$|HOST$|NODE_TEST)/.test(name),
    ),
  )
  const child = spawn(process.execPath, ['--enable-source-maps', MAIN, ...args], {
    env: { ...inherited, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let said = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (said += text))
  let isEnded = false
  const ended = new Promise<number>((resolve) =>
    child.once('close', (code, signal) => {
      isEnded = true
      resolve(code ?? (signal ? -1 : 0))
    }),
  )
  return {
    child,
    said: () => said,
    ended,
    async waitFor(pattern, seconds) {
      for (const until = Date.now() + seconds * 1000; Date.now() < until;) {
        const found = pattern.exec(said)
        if (found) return found
        if (isEnded) throw new Error(`ended before saying ${pattern}:\n${said}`)
        await new Promise((resolve) => setTimeout(resolve, 50))
      }
      throw new Error(`did not say ${pattern} in ${seconds} s:\n${said}`)
    },
    async stop() {
      if (isEnded) return
      child.kill('SIGTERM')
      await ended
    },
  }
}

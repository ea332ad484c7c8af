// Presses in threads of their own, one for each core: a page is set without holding up anybody who waits for an answer.
import { createHash, type Hash } from 'node:crypto'
import { Worker } from 'node:worker_threads'
import { PactError, type PactErrorCode } from '../domain/errors.js'
import type { TextStyle } from '../evidence/layout.js'
import type { Draft } from '../evidence/increment.js'
import type { Pressed } from '../evidence/press.js'
import type { PrintJob, Presswork, TemplateFiles } from '../evidence/presswork.js'

export type FontFiles = Record<TextStyle, Uint8Array>

/**
 * Where pages are made. Each promise is refused as the method of `Presswork` refuses, or with an error about the
 * thread when it died; the same can then be asked again.
 */
export type Pressroom = Pick<Presswork, 'print' | 'check' | 'specimen'> & {
  /** Lets the threads go; what they were doing is refused. */
  close(): Promise<void>
}

/** What a thread is asked: a setup's content only the first time. */
export type Order = { id: number } & (
  | { ask: 'print'; job: PrintJob }
  | { ask: 'check'; template: TemplateFiles }
  | { ask: 'specimen'; template: TemplateFiles; emblem: Uint8Array | undefined }
)
type Question = Order extends infer One ? (One extends Order ? Omit<One, 'id'> : never) : never

/** What a thread answers. A shared piece comes once and is named by its number from then on. */
export type Delivery = { id: number } & (
  | { printed: { shared: number[]; fresh: Uint8Array[]; own: Uint8Array; draft: Omit<Draft, 'hash'> } }
  | { answer: Uint8Array | undefined }
  | { refused: { code: PactErrorCode; message: string } }
  | { fault: string }
)

// Pieces that a thread and we both keep: some 8 KB each.
const PIECES_MAX = 2_000

interface Waiting {
  done(answer: unknown): void
  fail(error: Error): void
  setupKey: string | undefined
}

/** One thread and what it owes us. */
class Thread {
  readonly #worker: Worker
  readonly #waiting = new Map<number, Waiting>()
  readonly #setups = new Set<string>()
  readonly #shared: Uint8Array[] = []
  readonly #hashes = new Map<string, Hash>()
  #next = 0
  /** Takes no more orders: it died, or it has made so many forms that keeping their pieces costs too much. */
  isDone = false

  constructor(fonts: FontFiles) {
    this.#worker = new Worker(new URL('./press-thread.js', import.meta.url), { workerData: fonts })
    this.#worker.unref()
    this.#worker.on('message', (delivery: Delivery) => this.#take(delivery))
    this.#worker.on('error', (error) => this.#die(error))
    this.#worker.on('exit', (code) => this.#die(new Error(`the press thread ended with code ${code}`)))
  }

  get load(): number {
    return this.#waiting.size
  }

  ask<Answer>(question: Question): Promise<Answer> {
    const id = ++this.#next
    return new Promise((done, fail) => {
      const setupKey = question.ask === 'print' ? question.job.setup.key : undefined
      this.#waiting.set(id, { done: done as (answer: unknown) => void, fail, setupKey })
      this.#worker.ref() // a process does not end while somebody waits for a page
      this.#worker.postMessage({ id, ...this.#lighten(question) } satisfies Order)
    })
  }

  // The thread keeps a setup under its key: its words and its emblem travel once.
  #lighten(question: Question): Question {
    if (question.ask !== 'print') return question
    const { key, template } = question.job.setup
    if (!this.#setups.has(key)) {
      this.#setups.add(key)
      return question
    }
    const setup = { key, template: { ...template, words: '', page: '' } }
    return { ask: 'print', job: { ...question.job, setup } }
  }

  #take(delivery: Delivery) {
    const waiting = this.#waiting.get(delivery.id)
    if ('printed' in delivery) waiting?.done(this.#keep(delivery.printed))
    else if ('answer' in delivery) waiting?.done(delivery.answer)
    else {
      // Whether the thread has kept the setup of a job that failed, it did not say: the next one brings it again.
      if (waiting?.setupKey !== undefined) this.#setups.delete(waiting.setupKey)
      waiting?.fail(
        'refused' in delivery
          ? new PactError(delivery.refused.code, delivery.refused.message)
          : new Error(delivery.fault),
      )
    }
    this.#waiting.delete(delivery.id)
    if (this.#waiting.size > 0) return
    this.#worker.unref()
    if (this.isDone) void this.close()
  }

  // The hash over what is shared stays here; a thread cannot send one.
  #keep(printed: Extract<Delivery, { printed: unknown }>['printed']): Pressed {
    this.#shared.push(...printed.fresh)
    if (this.#shared.length > PIECES_MAX) this.isDone = true
    const shared = printed.shared.map((number) => this.#shared[number]!)
    const key = printed.shared.join()
    let hash = this.#hashes.get(key)
    if (!hash) {
      hash = createHash('sha256')
      for (const piece of shared) hash.update(piece)
      this.#hashes.set(key, hash)
    }
    const { own, draft } = printed
    const fields = draft.fields.map((field) => ({ ...field, body: Buffer.from(field.body) }))
    return { shared, own, draft: { ...draft, fields, hash: hash.copy().update(own) } }
  }

  #die(error: Error) {
    this.isDone = true
    for (const { fail } of this.#waiting.values()) fail(error)
    this.#waiting.clear()
  }

  async close() {
    await this.#worker.terminate()
  }
}

/**
 * Opens a room of presses. A thread starts when there is more work than the others have begun, and is replaced
 * when it is done.
 *
 * @param threadsMax at least 1
 */
export function openPressroom(fonts: FontFiles, { threadsMax }: { threadsMax: number }): Pressroom {
  const threads: Thread[] = []
  const thread = (): Thread => {
    for (let index = threads.length - 1; index >= 0; index--)
      if (threads[index]!.isDone) threads.splice(index, 1)
    const idle = threads.find(({ load }) => load === 0)
    if (idle) return idle
    if (threads.length < threadsMax) threads.push(new Thread(fonts))
    return threads.reduce((least, one) => (one.load < least.load ? one : least))
  }
  return {
    print: (job) => thread().ask({ ask: 'print', job }),
    check: (template) => thread().ask({ ask: 'check', template }),
    specimen: (template, emblem) => thread().ask({ ask: 'specimen', template, emblem }),
    async close() {
      await Promise.all(threads.splice(0).map((one) => one.close()))
    },
  }
}

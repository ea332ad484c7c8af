// Presses in threads of their own, one for each core: a page is set without holding up anybody who waits for an answer.
import { Worker } from 'node:worker_threads'
import { PactError, type PactErrorCode } from '../domain/errors.js'
import type { PressJob, Printed } from '../evidence/presswork.js'
import type { TextStyle } from '../evidence/layout.js'

export type FontFiles = Record<TextStyle, Uint8Array>

/** Where pages are made. */
export interface Pressroom {
  /** @throws what the job throws; an error about the thread when it died, and then the job can be given again */
  run(job: PressJob): Promise<Printed>
  /** Lets the threads go; what they were doing is refused. */
  close(): Promise<void>
}

/** What a thread is told: a setup's content only the first time. */
export interface Order {
  id: number
  job: PressJob
}

/** What a thread answers. A shared piece comes once and is named by its number from then on. */
export type Delivery = { id: number } & (
  | { shared: number[]; fresh: Uint8Array[]; own: Uint8Array }
  | { refused: { code: PactErrorCode; message: string } }
  | { fault: string }
)

interface Waiting {
  done(printed: Printed): void
  fail(error: Error): void
}

// Pieces that a thread and we both keep: some 8 KB each.
const PIECES_MAX = 2_000

/** One thread and what it owes us. */
class Thread {
  readonly #worker: Worker
  readonly #waiting = new Map<number, Waiting>()
  readonly #setups = new Set<string>()
  readonly #shared: Uint8Array[] = []
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

  run(job: PressJob): Promise<Printed> {
    const id = ++this.#next
    return new Promise((done, fail) => {
      this.#waiting.set(id, { done, fail })
      this.#worker.ref() // a process does not end while somebody waits for a page
      this.#worker.postMessage({ id, job: this.#lighten(job) } satisfies Order)
    })
  }

  // The thread keeps a setup under its key: its words and its emblem travel once.
  #lighten(job: PressJob): PressJob {
    if (job.kind !== 'print') return job
    const { key, template } = job.setup
    if (this.#setups.has(key))
      return { ...job, setup: { key, template: { ...template, words: '', page: '' } } }
    this.#setups.add(key)
    return job
  }

  #take(delivery: Delivery) {
    const waiting = this.#waiting.get(delivery.id)
    this.#forget(delivery.id)
    if (!waiting) return
    if ('own' in delivery) {
      this.#shared.push(...delivery.fresh)
      if (this.#shared.length > PIECES_MAX) this.isDone = true
      waiting.done({ shared: delivery.shared.map((number) => this.#shared[number]!), own: delivery.own })
    } else if ('refused' in delivery)
      waiting.fail(new PactError(delivery.refused.code, delivery.refused.message))
    else waiting.fail(new Error(delivery.fault))
  }

  #forget(id: number) {
    this.#waiting.delete(id)
    if (this.#waiting.size > 0) return
    this.#worker.unref()
    if (this.isDone) void this.close()
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
 * when it dies.
 *
 * @param threadsMax at least 1
 */
export function openPressroom(fonts: FontFiles, { threadsMax }: { threadsMax: number }): Pressroom {
  const threads: Thread[] = []
  return {
    run(job) {
      for (let index = threads.length - 1; index >= 0; index--)
        if (threads[index]!.isDone) threads.splice(index, 1)
      const idle = threads.find(({ load }) => load === 0)
      if (idle) return idle.run(job)
      if (threads.length < threadsMax) {
        const thread = new Thread(fonts)
        threads.push(thread)
        return thread.run(job)
      }
      return threads.reduce((least, one) => (one.load < least.load ? one : least)).run(job)
    },
    async close() {
      await Promise.all(threads.splice(0).map((thread) => thread.close()))
    },
  }
}

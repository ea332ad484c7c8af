// A press's own thread: takes orders, delivers pages. See pressroom.ts.
import { parentPort, workerData } from 'node:worker_threads'
import { PactError } from '../domain/errors.js'
import { Presswork } from '../evidence/presswork.js'
import { loadFonts } from '../evidence/typeface.js'
import type { Delivery, FontFiles, Order } from './pressroom.js'

const work = new Presswork(loadFonts(workerData as FontFiles))
const numbers = new WeakMap<Uint8Array, number>()
let count = 0
let last: Promise<void> = Promise.resolve()

async function answer(order: Order): Promise<Delivery> {
  const { id } = order
  if (order.ask === 'check') return { id, answer: (await work.check(order.template)) as undefined }
  if (order.ask === 'specimen') return { id, answer: await work.specimen(order.template, order.emblem) }
  const { shared, own, draft } = await work.print(order.job)
  const fresh = shared.filter((piece) => !numbers.has(piece))
  for (const piece of fresh) numbers.set(piece, count++)
  const { hash: _hash, ...rest } = draft
  return { id, printed: { shared: shared.map((piece) => numbers.get(piece)!), fresh, own, draft: rest } }
}

function refuse(id: number, error: unknown): Delivery {
  if (error instanceof PactError) return { id, refused: { code: error.code, message: error.message } }
  return { id, fault: (error as Error).stack ?? String(error) }
}

// One after the other: two first sheets at once would make the same font subsets twice.
parentPort!.on('message', (order: Order) => {
  last = last.then(async () => {
    parentPort!.postMessage(await answer(order).catch((error: unknown) => refuse(order.id, error)))
  })
})

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

async function deliver({ id, job }: Order): Promise<void> {
  const post = (delivery: Delivery) => parentPort!.postMessage(delivery)
  try {
    const { shared, own } = await work.run(job)
    const fresh = shared.filter((piece) => !numbers.has(piece))
    for (const piece of fresh) numbers.set(piece, count++)
    post({ id, shared: shared.map((piece) => numbers.get(piece)!), fresh, own })
  } catch (error) {
    if (error instanceof PactError) post({ id, refused: { code: error.code, message: error.message } })
    else post({ id, fault: (error as Error).stack ?? String(error) })
  }
}

// One after the other: two first sheets at once would make the same font subsets twice.
parentPort!.on('message', (order: Order) => {
  last = last.then(() => deliver(order))
})

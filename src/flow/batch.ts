import { PactError, type PactErrorCode } from '../domain/errors.js'
import { type Database, transact } from '../store/db.js'
import type { House } from './house.js'

// Pacts that go on at the same time: enough to keep every press busy, and half of the database's connections free.
const AT_ONCE = 4
/** What fails for every pact alike, because a machine that all of them need is not there. */
const outages: ReadonlySet<PactErrorCode> = new Set(['TSA_UNAVAILABLE', 'HSM_UNAVAILABLE'])
/** How long work that failed is left alone, seconds. */
export const OUTAGE_REST_SECONDS = 30

const resting = new WeakMap<House, Map<string, Date>>()

/**
 * Takes each pact one step on, a few at a time, each in a transaction of its own. Returns how many went on.
 *
 * One pact that cannot go on must not hold up the others: it is logged, stays as it was and is tried again a little
 * later. Where a machine is missing that all of them need, it is said once and the rest of the batch waits.
 *
 * @param what names the work in the log
 * @param find the pacts that can go on, asked only when the work does not rest
 */
export async function takeEach(
  house: House,
  clock: () => Date,
  of: {
    what: string
    find(): Promise<{ pactId: number }[]>
    step(tx: Database, pactId: number, now: Date): Promise<boolean>
  },
): Promise<number> {
  const rests = resting.get(house) ?? new Map<string, Date>()
  resting.set(house, rests)
  const now = clock()
  for (const [name, until] of rests) if (until <= now) rests.delete(name)
  if (rests.has(of.what)) return 0
  const work = await of.find()
  let done = 0
  const take = async () => {
    for (let next = work.shift(); next && !rests.has(of.what); next = work.shift()) {
      const { pactId } = next
      const name = `${of.what} of pact ${pactId}`
      if (rests.has(name)) continue
      const until = () => new Date(clock().getTime() + OUTAGE_REST_SECONDS * 1000)
      try {
        if (await transact(house.db, (tx) => of.step(tx, pactId, clock()))) done++
      } catch (error) {
        if (error instanceof PactError && outages.has(error.code)) {
          if (!rests.has(of.what)) house.log(`${of.what}: ${error.message}`)
          rests.set(of.what, until())
          continue
        }
        rests.set(name, until())
        const { message, stack } = error as Error
        house.log(`${name}: ${error instanceof PactError ? message : (stack ?? message)}`)
      }
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, take))
  return done
}

import { openGates } from '../store/campaigns.js'
import { transact } from '../store/db.js'
import { insertEvent } from '../store/ledger.js'
import { archiveDue, bridgeDue, completeRowsDue } from './archive.js'
import { closeCollectivesDue } from './collect.js'
import { countDue, recountDue } from './cover.js'
import { closeJointDue } from './joint.js'
import type { House } from './house.js'
import { recapDue } from './recap.js'
import { deliverMails } from './deliver.js'
import { digestDue } from './digest.js'
import { enlist, remindDue } from './invite.js'
import { sealDue } from './seal.js'
import { publishRecord } from './vouch.js'

/** How long the loops rest when there is nothing to do, in milliseconds. */
const REST_MILLISECONDS = {
  work: 250,
  count: 250,
  close: 15_000,
  recount: 600_000,
  archive: 1000,
  rows: 1000,
  collect: 15_000,
  recap: 15_000,
  bridge: 600_000,
  record: 15_000,
  mail: 500,
  enlist: 15_000,
  remind: 60_000,
  digest: 60_000,
}

// Nothing that somebody does makes these due, only time.
const byTime: ReadonlySet<string> = new Set([
  'archive',
  'bridge',
  'close',
  'collect',
  'count',
  'digest',
  'recount',
  'recap',
  'record',
  'remind',
  'rows',
])

export interface Advance {
  /** Something has changed (a campaign opened, a roster confirmed): look again now, not after the rest. */
  nudge(): void
  /** Waits until whatever is being done now is done, and starts nothing more. */
  stop(): Promise<void>
}

/**
 * Takes whatever can go one step on, over and over: signatures and seals, gates, invitations, reminders, mails.
 * The database's own state is the queue, so a crash loses nothing and a restart resumes; several processes may
 * run side by side.
 *
 * @param clock the time; asked anew for every step
 */
export function startAdvance(house: House, clock: () => Date): Advance {
  let isStopping = false
  const sleepers = new Map<() => void, Step>()
  function rest(name: Step): Promise<void> {
    return new Promise((resolve) => {
      const end = () => {
        clearTimeout(timer)
        sleepers.delete(end)
        resolve()
      }
      const timer = setTimeout(end, REST_MILLISECONDS[name])
      sleepers.set(end, name)
    })
  }
  let changes = 0
  const nudge = () => {
    changes++
    for (const [end, name] of [...sleepers]) if (!byTime.has(name) || isStopping) end()
  }
  const loops = (Object.entries(steps) as [Step, (typeof steps)[Step]][]).map(async ([name, step]) => {
    while (!isStopping) {
      const seen = changes
      let done = 0
      try {
        done = await step(house, clock)
        // A gate that opened or a pact that was sealed is work for the other loops.
        if (name === 'work' && done > 0) nudge()
      } catch (error) {
        // Whatever failed is still in the database as it was, and is tried again after a rest.
        house.log(`${name}: ${(error as Error).stack ?? String(error)}`)
      }
      // What changed while this step was looking may be work for it.
      if (done === 0 && (changes === seen || byTime.has(name)) && !isStopping) await rest(name)
    }
  })
  return {
    nudge,
    async stop() {
      isStopping = true
      nudge()
      await Promise.all(loops)
    },
  }
}

const steps = {
  work: async (house: House, clock: () => Date) => {
    const sealed = await sealDue(house, clock)
    return sealed + (await openDueGates(house, clock()))
  },
  count: countDue,
  close: closeJointDue,
  recount: recountDue,
  archive: archiveDue,
  rows: completeRowsDue,
  collect: closeCollectivesDue,
  recap: recapDue,
  bridge: bridgeDue,
  record: publishRecord,
  mail: deliverMails,
  enlist: (house: House, clock: () => Date) => enlist(house, clock()),
  digest: (house: House, clock: () => Date) => digestDue(house, clock()),
  remind: (house: House, clock: () => Date) => remindDue(house, clock()),
}

type Step = keyof typeof steps

/** Runs every step until none has anything left to do; mails that wait for a later time stay. */
export async function advanceAll(house: House, clock: () => Date): Promise<void> {
  for (;;) {
    let done = 0
    for (const step of Object.values(steps)) done += await step(house, clock)
    if (done === 0) return
  }
}

async function openDueGates(house: House, now: Date): Promise<number> {
  return transact(house.db, async (tx) => {
    const opened = await openGates(tx, now)
    for (const { campaignId, unitId } of opened)
      await insertEvent(tx, { at: now, kind: 'gate_opened', campaignId, unitId })
    return opened.length
  })
}

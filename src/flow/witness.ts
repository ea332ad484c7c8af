import { PactError } from '../domain/errors.js'
import { type Mark, WITNESSING_REASON } from '../domain/pact.js'
import { openDraft } from '../evidence/signed-file.js'
import { endPendingSignature } from '../store/certificates.js'
import { type Database, transact } from '../store/db.js'
import { insertEvent } from '../store/ledger.js'
import { findPact, findParties, lockPact, moveParty, type Party } from '../store/pacts.js'
import type { Account } from '../domain/account.js'
import { acceptFromDevice, type DeviceKey, offerToDevice, type SigningOffer } from './device.js'
import { readPact, settleSignature } from './file.js'
import type { Act, House } from './house.js'
import { composePaper, type Paper } from './paper.js'

/**
 * A pact that this account witnesses.
 *
 * @throws NOT_FOUND when it is not a party to it, or its turn has not come
 */
export async function openWitnessed(
  house: House,
  account: Account,
  pactId: number,
  db: Database = house.db,
): Promise<{ paper: Paper; party: Party }> {
  const pact = await findPact(db, pactId)
  const party = pact && (await findParties(db, pactId)).find((one) => one.accountId === account.id)
  if (!pact || !party || party.state === 'waiting')
    throw new PactError('NOT_FOUND', 'Naskah ini tidak menunggu tanda tangan Anda.')
  return { paper: await composePaper(house, db, pact), party }
}

interface Witnessed {
  pactId: number
  hasSeen: boolean
  textSha256: string // hex, of the words that were on the screen
}

// The pact again, locked, and what the witness says of it.
async function openLocked(house: House, tx: Database, account: Account, witnessed: Witnessed) {
  await lockPact(tx, witnessed.pactId)
  const opened = await openWitnessed(house, account, witnessed.pactId, tx)
  if (!witnessed.hasSeen)
    throw new PactError('BAD_FORM', 'Nyatakan dahulu bahwa Anda menyaksikan penandatanganan ini.')
  if (witnessed.textSha256 !== opened.paper.textSha256.toString('hex'))
    throw new PactError('STALE', 'Naskah berubah sejak Anda membukanya. Silakan baca kembali.')
  return opened
}

/**
 * The witness confirms that the signer signed in person; the signature follows from `flow/advance.ts`. A second
 * press changes nothing.
 *
 * @throws BAD_FORM without the consent; STALE when other words were on the screen; NOT_FOUND as `openWitnessed`
 */
export async function agreeAsWitness(
  house: House,
  account: Account,
  witnessed: Witnessed,
  act: Act,
): Promise<void> {
  await transact(house.db, async (tx) => {
    const { paper, party } = await openLocked(house, tx, account, witnessed)
    if (party.state !== 'ready') return
    // A device that began and could not go on: its certificate counts no more.
    await endPendingSignature(tx, { partyId: party.id, isSigned: false, now: act.now })
    await recordWitness(tx, { account, paper, party }, act)
  })
}

async function recordWitness(
  tx: Database,
  { account, paper, party }: { account: Account; paper: Paper; party: Party },
  act: Act,
): Promise<void> {
  const mark = markOf(account)
  if (!(await moveParty(tx, { id: party.id, to: 'agreed', now: act.now, mark }))) return
  await insertEvent(tx, {
    at: act.now,
    kind: 'agreed',
    pactId: paper.pact.id,
    partyId: party.id,
    accountId: account.id,
    ...act.origin,
    detail: { role: 'witness', textSha256: paper.textSha256.toString('hex') },
  })
}

const markOf = (account: Account): Mark => ({ kind: 'typed', name: account.name })

// Behind the file as it is, whatever came to it while the witness waited.
const groundOf =
  (house: House, tx: Database, { pact }: Paper) =>
  async () => {
    const bytes = await readPact(house, tx, pact.id)
    return { bytes, draft: openDraft(bytes) }
  }

/**
 * The first half of a signature by the witness's own device, see `offerToDevice`.
 *
 * @throws as `agreeAsWitness`; LINK_USED when the witness has signed; BAD_KEY
 */
export async function offerWitnessKey(
  house: House,
  account: Account,
  witnessed: Witnessed & { key: DeviceKey },
  { now }: Act,
): Promise<SigningOffer> {
  return transact(house.db, async (tx) => {
    const { paper, party } = await openLocked(house, tx, account, witnessed)
    if (party.state !== 'ready') throw new PactError('LINK_USED', 'Anda sudah menandatangani sebagai saksi.')
    return offerToDevice(house, tx, {
      ...{ paper, party, ground: groundOf(house, tx, paper), reason: WITNESSING_REASON },
      ...{ key: witnessed.key, scope: paper.pact.code, mark: markOf(account), codeId: null, now },
    })
  })
}

/** The second half: the signature itself, in one transaction with its timestamp and the state. @throws as `acceptFromDevice` */
export async function acceptWitnessSignature(
  house: House,
  account: Account,
  signed: { pactId: number; signature: Uint8Array },
  act: Act,
): Promise<void> {
  await transact(house.db, async (tx) => {
    await lockPact(tx, signed.pactId)
    const { paper, party } = await openWitnessed(house, account, signed.pactId, tx)
    if (party.state !== 'ready') return
    const { now } = act
    const { at } = await acceptFromDevice(house, tx, {
      ...{ paper, party, ground: groundOf(house, tx, paper), reason: WITNESSING_REASON },
      ...{ signature: signed.signature, now },
    })
    await recordWitness(tx, { account, paper, party }, { ...act, now: at })
    const pact = (await findPact(tx, paper.pact.id))!
    await settleSignature(house, tx, { pact, parties: paper.parties, party, now })
  })
}

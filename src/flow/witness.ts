import { PactError } from '../domain/errors.js'
import { transact } from '../store/db.js'
import { insertEvent } from '../store/ledger.js'
import { findPact, findParties, lockPact, moveParty, type Party } from '../store/pacts.js'
import type { Account } from '../domain/account.js'
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
): Promise<{ paper: Paper; party: Party }> {
  const pact = await findPact(house.db, pactId)
  const party = pact && (await findParties(house.db, pactId)).find((one) => one.accountId === account.id)
  if (!pact || !party || party.state === 'waiting')
    throw new PactError('NOT_FOUND', 'Naskah ini tidak menunggu tanda tangan Anda.')
  return { paper: await composePaper(house, house.db, pact), party }
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
  witnessed: { pactId: number; hasSeen: boolean; textSha256: string },
  act: Act,
): Promise<void> {
  const { paper, party } = await openWitnessed(house, account, witnessed.pactId)
  if (!witnessed.hasSeen)
    throw new PactError('BAD_FORM', 'Nyatakan dahulu bahwa Anda menyaksikan penandatanganan ini.')
  if (witnessed.textSha256 !== paper.textSha256.toString('hex'))
    throw new PactError('STALE', 'Naskah berubah sejak Anda membukanya. Silakan baca kembali.')
  await transact(house.db, async (tx) => {
    await lockPact(tx, witnessed.pactId)
    const moved = await moveParty(tx, {
      id: party.id,
      to: 'agreed',
      now: act.now,
      mark: { kind: 'typed', name: account.name },
    })
    if (!moved) return
    await insertEvent(tx, {
      at: act.now,
      kind: 'agreed',
      pactId: witnessed.pactId,
      partyId: party.id,
      accountId: account.id,
      ...act.origin,
      detail: { role: 'witness', textSha256: witnessed.textSha256 },
    })
  })
}

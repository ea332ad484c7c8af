import { PactError } from '../domain/errors.js'
import { transact } from '../store/db.js'
import { insertEvent } from '../store/ledger.js'
import { findEmployeeByNumber } from '../store/people.js'
import { decideProposal, saveProposal } from '../store/proposals.js'
import type { Act, House } from './house.js'

/**
 * Somebody proposes an address for the owner of a number. Nothing is sent there; the answer never tells whether there is
 * such a person: the caller says the same to everybody.
 *
 * @param of.number what was typed (attacker-controlled)
 * @param of.email a well-formed address (attacker-controlled)
 */
export async function proposeAddress(
  house: House,
  of: { pemdaId: number; number: string; email: string },
  { now }: Act,
): Promise<void> {
  const { pemdaId, number, email } = of
  const found =
    (await findEmployeeByNumber(house.db, { pemdaId, identityNumber: number.replace(/[\s.-]/g, '') })) ??
    (await findEmployeeByNumber(house.db, { pemdaId, identityNumber: number.trim() }))
  if (found) await saveProposal(house.db, { employeeId: found.id, email, now })
}

/**
 * Puts down what became of a proposal; to correct an accepted address is the caller's, before. A crash between the two
 * leaves a proposal of the address that is on file already, to be decided again.
 *
 * @throws STALE when it was decided, or another address was proposed meanwhile
 */
export async function settleProposal(
  house: House,
  of: { id: number; employeeId: number; email: string; isAccepted: boolean },
  act: Act & { accountId: number },
): Promise<void> {
  const { now, accountId } = act
  await transact(house.db, async (tx) => {
    if (!(await decideProposal(tx, { ...of, accountId, now })))
      throw new PactError('STALE', 'Usulan ini sudah diputuskan atau sudah diganti. Muat ulang halaman.')
    await insertEvent(tx, {
      ...{ at: now, kind: 'address_proposal_settled', employeeId: of.employeeId, accountId },
      ...act.origin,
      detail: { isAccepted: of.isAccepted },
    })
  })
}

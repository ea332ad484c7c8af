// Addresses that employees propose for themselves, until somebody of their unit has confirmed them.
import { type Database, row, rows } from './db.js'

export interface AddressProposal {
  id: number
  employeeId: number
  email: string
  at: Date
}
const PROPOSAL = `id, employee_id as "employeeId", email, at`

/** Keeps a proposal in the place of an earlier one that nobody has looked at. */
export async function saveProposal(
  db: Database,
  made: { employeeId: number; email: string; now: Date },
): Promise<void> {
  await rows(
    db,
    `insert into address_proposal (employee_id, email, at) values (:employeeId, :email, :now)
     on conflict (employee_id) where decided_at is null do update set email = excluded.email, at = excluded.at`,
    made,
  )
}

/** Proposals of these people that wait. */
export function findProposals(db: Database, employeeIds: number[]) {
  return rows<AddressProposal>(
    db,
    `select ${PROPOSAL} from address_proposal where employee_id = any (:employeeIds::int[]) and decided_at is null`,
    { employeeIds },
  )
}

/** Decides a proposal as it was shown; undefined when it was decided or replaced meanwhile. */
export function decideProposal(
  db: Database,
  by: { id: number; employeeId: number; email: string; isAccepted: boolean; accountId: number; now: Date },
) {
  return row<AddressProposal>(
    db,
    `update address_proposal set decided_at = :now, decided_by = :accountId, is_accepted = :isAccepted
     where id = :id and employee_id = :employeeId and email = :email and decided_at is null returning ${PROPOSAL}`,
    by,
  )
}

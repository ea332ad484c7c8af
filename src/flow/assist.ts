import { PactError } from '../domain/errors.js'
import { hashToken, makeToken } from '../domain/links.js'
import { findAccount, findAccountByEmail } from '../store/accounts.js'
import { findCampaign } from '../store/campaigns.js'
import { transact } from '../store/db.js'
import { insertEvent } from '../store/ledger.js'
import { findParty, lockPact } from '../store/pacts.js'
import { insertInvitation } from '../store/invitations.js'
import { countOthersWithEmail, findEmployee, updateSecondEmail } from '../store/people.js'
import type { Act, House } from './house.js'

/** How long a link that was started at a kiosk is good, minutes. */
export const KIOSK_MINUTES = 15

/**
 * An officer has the person before them, knows who it is, and lends them a device: two people confirm, each as what
 * they are. The link lives in that device for minutes; the mailed one stays good, and no mail goes out.
 *
 * What a crash leaves: nothing, or a link that nobody has seen and that ends by itself.
 *
 * @returns the secret of the link
 * @throws STALE when there is nothing to sign now; FORBIDDEN when officer and signer are one person
 */
export async function startKiosk(
  house: House,
  of: { partyId: number; officerId: number },
  act: Act,
): Promise<string> {
  return transact(house.db, async (tx) => {
    const found = await findParty(tx, of.partyId)
    const pact = found && (await lockPact(tx, found.pactId))
    const party = await findParty(tx, of.partyId)
    if (!pact || !party || party.employeeId === null || !['ready', 'declined'].includes(party.state))
      throw new PactError('STALE', 'Orang ini tidak menunggu tanda tangan. Muat ulang halaman.')
    const campaign = (await findCampaign(tx, pact.campaignId))!
    if (campaign.state !== 'open') throw new PactError('CAMPAIGN_CLOSED', 'Kegiatan ini tidak sedang dibuka.')
    const officer = (await findAccount(tx, of.officerId))!
    const employee = (await findEmployee(tx, party.employeeId))!
    if ([employee.email, employee.emailAlternative].some((one) => one?.toLowerCase() === officer.email))
      throw new PactError('FORBIDDEN', 'Petugas tidak dapat mengenali dirinya sendiri. Minta petugas lain.')
    const { linkKey } = house.keys
    const { id, generation } = await insertInvitation(tx, {
      ...{ partyId: party.id, officerId: officer.id, now: act.now },
      expiresAt: new Date(act.now.getTime() + KIOSK_MINUTES * 60_000),
      tokenHash: (id, generation) => hashToken(makeToken(linkKey, { purpose: 'pact', id, generation })),
    })
    await insertEvent(tx, {
      ...{ at: act.now, kind: 'kiosk_started', campaignId: campaign.id, pactId: pact.id, partyId: party.id },
      ...{ employeeId: employee.id, accountId: officer.id, ...act.origin },
    })
    return makeToken(linkKey, { purpose: 'pact', id, generation })
  })
}

/**
 * Puts the address for one-time codes on file, or takes it away. The link and its mail stay as they are.
 *
 * @throws BAD_FORM when it is the first address, another person's or an account's: the code would prove nothing
 */
export async function saveSecondAddress(
  house: House,
  change: { employeeId: number; email: string | null; accountId: number },
  { now }: Act,
): Promise<void> {
  const { employeeId, email, accountId } = change
  await transact(house.db, async (tx) => {
    if (email !== null) {
      const first = (await findEmployee(tx, employeeId))!.email
      if (first?.toLowerCase() === email.toLowerCase())
        throw new PactError('BAD_FORM', 'Surel kedua harus berbeda dari surel yang menerima tautan.')
      if (
        (await findAccountByEmail(tx, email)) ||
        (await countOthersWithEmail(tx, { employeeId, email })) > 0
      )
        throw new PactError(
          'BAD_FORM',
          'Alamat ini milik orang lain. Isi alamat yang dibaca sendiri oleh yang bersangkutan.',
        )
    }
    await updateSecondEmail(tx, { id: employeeId, email, now })
    await insertEvent(tx, { at: now, kind: 'second_address_corrected', employeeId, accountId })
  })
}

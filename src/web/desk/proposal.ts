import { parseEmail } from '../../domain/email.js'
import { PactError } from '../../domain/errors.js'
import { correctAddress } from '../../flow/invite.js'
import { proposeAddress, settleProposal } from '../../flow/propose.js'
import { findPemdaByCode } from '../../store/pemdas.js'
import { findProposals } from '../../store/proposals.js'
import { type FormError, formStateOf } from '../form.js'
import { paths } from '../paths.js'
import { ProposalPage, ProposalSentPage } from '../proposal.js'
import { actingAs, atHome, idField, type Reply, type Visit } from './desk.js'
import { requirePerson } from './person.js'

async function requireGovernment(asked: Visit) {
  const pemda = await findPemdaByCode(asked.house.db, asked.param('pemdaCode'))
  if (!pemda) throw new PactError('NOT_FOUND', 'Alamat ini tidak ada.')
  return { pemda, visit: atHome(asked, pemda) }
}

export async function showProposal(asked: Visit): Promise<Reply> {
  const { pemda, visit } = await requireGovernment(asked)
  return { page: ProposalPage({ frame: visit.frame, pemdaCode: pemda.code }) }
}

export async function sendProposal(asked: Visit): Promise<Reply> {
  const { pemda, visit } = await requireGovernment(asked)
  const errors: FormError[] = []
  const number = visit.form.get('number') ?? ''
  // The one thing that may be said of a number is its form.
  if (!/[0-9A-Za-z]/.test(number) || number.length > 60)
    errors.push({ field: 'number', message: 'Ketik nomor induk Anda' })
  const parsed = parseEmail(visit.form.get('email') ?? '')
  if (parsed.email === undefined) errors.push({ field: 'email', message: parsed.reason })
  if (errors.length > 0 || parsed.email === undefined)
    return {
      status: 400,
      page: ProposalPage({
        ...{ frame: visit.frame, pemdaCode: pemda.code, form: formStateOf(visit.form, errors) },
      }),
    }
  await proposeAddress(visit.house, { pemdaId: pemda.id, number, email: parsed.email }, visit.act)
  return { page: ProposalSentPage({ frame: visit.frame, contact: pemda.contact }) }
}

/** Somebody of the unit has asked the person, and says what came of it. */
export async function decide(visit: Visit): Promise<Reply> {
  const { campaign, person } = await requirePerson(visit)
  const decision = visit.form.get('decision')
  const parsed = parseEmail(visit.form.get('email') ?? '')
  if ((decision !== 'accept' && decision !== 'reject') || parsed.email === undefined)
    throw new PactError('BAD_FORM', 'Pilih memakai alamat ini atau menolaknya.')
  const { employeeId, partyId } = person
  const proposal = { id: idField(visit, 'proposalId'), employeeId, email: parsed.email }
  const act = actingAs(visit)
  const [waiting] = await findProposals(visit.house.db, [employeeId])
  if (waiting?.id !== proposal.id || waiting.email !== proposal.email)
    throw new PactError('STALE', 'Usulan ini sudah diputuskan atau sudah diganti. Muat ulang halaman.')
  if (decision === 'accept')
    await correctAddress(
      visit.house,
      { employeeId, partyId: partyId ?? undefined, email: parsed.email, accountId: act.accountId },
      visit.act,
    )
  await settleProposal(visit.house, { ...proposal, isAccepted: decision === 'accept' }, act)
  const done = decision === 'accept' ? 'dipakai' : 'ditolak'
  return { redirect: `${paths.undeliverable(campaign.id, idField(visit, 'unitId'))}?hasil=${done}` }
}

import { WITNESSING_REASON } from '../../domain/pact.js'
import { coverUnit } from '../../flow/standing.js'
import { signersIssuerSha256 } from '../../flow/device.js'
import { readPact } from '../../flow/file.js'
import { acceptWitnessSignature, agreeAsWitness, offerWitnessKey, openWitnessed } from '../../flow/witness.js'
import { findCampaigns } from '../../store/campaigns.js'
import { findWitnessPacts } from '../../store/pacts.js'
import { NoCampaignPage } from '../dashboard.js'
import type { FormState } from '../form.js'
import { paths } from '../paths.js'
import { WitnessListPage, WitnessPactPage, WitnessTotalsPage } from '../witness.js'
import {
  bytesField,
  deviceKey,
  offerReply,
  refusedReply,
  type Reply,
  requireAccount,
  requirePemda,
  type Visit,
} from './desk.js'

export async function showList(visit: Visit): Promise<Reply> {
  const found = await findWitnessPacts(visit.house.db, requireAccount(visit).id)
  const all = found.map((one) => ({
    pactId: one.pactId,
    unitName: one.identity.opdName,
    headName: one.identity.name,
    signedAt: one.signerAgreedAt,
    witnessedAt: one.agreedAt ?? undefined,
    sealed: one.pactState === 'sealed',
  }))
  return {
    page: WitnessListPage({
      frame: visit.frame,
      zone: requirePemda(visit).timeZone,
      waiting: all.filter((one) => !one.witnessedAt),
      done: all.filter((one) => one.witnessedAt),
    }),
  }
}

async function pactPage(visit: Visit, form?: FormState): Promise<Reply> {
  const account = requireAccount(visit)
  const { paper, party } = await openWitnessed(visit.house, account, visit.numberParam('pactId'))
  if (party.state !== 'ready') return { redirect: paths.witness }
  return {
    status: form ? 400 : 200,
    page: WitnessPactPage({
      frame: visit.frame,
      pactId: paper.pact.id,
      unitName: paper.identity.opdName,
      headName: paper.identity.name,
      signedAt: paper.parties[0]!.agreedAt!,
      zone: paper.campaign.timeZone,
      text: paper.text,
      textSha256: paper.textSha256.toString('hex'),
      witness: { name: account.name, institution: account.institution },
      device: {
        keyAddress: paths.witnessKey(paper.pact.id),
        ownAddress: paths.witnessOwn(paper.pact.id),
        ...{ scope: paper.pact.code, slot: party.slot, name: account.name, numberHead: '' },
        ...{ reason: WITNESSING_REASON, issuerSha256: signersIssuerSha256(visit.house) },
      },
      mayUseOwnCertificate: visit.house.keys.roots.person.length > 0,
      ...(form && { form }),
    }),
  }
}

export const showPact = (visit: Visit) => pactPage(visit)

/** The file as it stands: with the head's signature, and with the seal once it is there. */
export async function download(visit: Visit): Promise<Reply> {
  const { paper } = await openWitnessed(visit.house, requireAccount(visit), visit.numberParam('pactId'))
  const file = await readPact(visit.house, visit.house.db, paper.pact.id)
  return { file, name: `pakta-${paper.pact.code}.pdf`, type: 'application/pdf' }
}

export async function preview(visit: Visit): Promise<Reply> {
  const reply = await download(visit)
  return { ...reply, inline: true } as Reply
}

const witnessedIn = (visit: Visit) => ({
  pactId: visit.numberParam('pactId'),
  hasSeen: visit.form.has('confirms'),
  textSha256: visit.form.get('textSha256') ?? '',
})

export async function sign(visit: Visit): Promise<Reply> {
  if (!visit.form.has('confirms'))
    return pactPage(visit, {
      values: {},
      errors: [{ field: 'confirms', message: 'Nyatakan bahwa Anda menyaksikan penandatanganan ini' }],
    })
  await agreeAsWitness(visit.house, requireAccount(visit), witnessedIn(visit), visit.act)
  return { redirect: paths.witness }
}

/** The first half of a signature by the witness's own device. */
export async function offerKey(visit: Visit): Promise<Reply> {
  // What is missing is said by the ordinary way, beside its field.
  if (!visit.form.has('confirms')) return { text: '{}', type: 'application/json' }
  const witnessed = { ...witnessedIn(visit), key: deviceKey(visit) }
  const account = requireAccount(visit)
  return offerWitnessKey(visit.house, account, witnessed, visit.act).then(offerReply, refusedReply)
}

/** The second half: the signature itself. */
export async function takeOwnSignature(visit: Visit): Promise<Reply> {
  await acceptWitnessSignature(
    visit.house,
    requireAccount(visit),
    { pactId: visit.numberParam('pactId'), signature: bytesField(visit, 'signature') },
    visit.act,
  )
  return { redirect: paths.witness }
}

export async function showTotals(visit: Visit): Promise<Reply> {
  const pemda = requirePemda(visit)
  const campaigns = await findCampaigns(visit.house.db, pemda.id)
  const campaign = campaigns.find((one) => one.state === 'open') ?? campaigns[0]
  if (!campaign) return { page: NoCampaignPage({ frame: visit.frame }) }
  const { node } = await coverUnit(visit.house, { campaign, pemda, unitId: undefined, now: visit.act.now })
  return {
    page: WitnessTotalsPage({
      frame: visit.frame,
      campaignName: campaign.name,
      roots: node.children,
      total: node.total,
      at: visit.act.now,
      zone: campaign.timeZone,
    }),
  }
}

import type { Role } from '../../domain/account.js'
import { addCounts } from '../../domain/coverage.js'
import { PactError } from '../../domain/errors.js'
import { coverRegion, PEMDA_UNIT_ID } from '../../flow/standing.js'
import { enterViolation } from '../../flow/oversee.js'
import { type Campaign, findCampaign } from '../../store/campaigns.js'
import type { RegionCoverage } from '../../store/coverage.js'
import { findPemda, findPemdasBelow, findShapes, findViolations } from '../../store/pemdas.js'
import { paths } from '../paths.js'
import { type FormState, formStateOf } from '../form.js'
import { RegionPage, ViolationPage } from '../region.js'
import {
  actingAs,
  idField,
  type Reply,
  requireAccount,
  requireOwn,
  requirePemda,
  type Visit,
} from './desk.js'

/**
 * A campaign of the own government, or of one below that counts into an own one. On the way up each must share
 * what is asked for: its totals, which all do, or its units.
 */
/** Roles that look beyond their own government. */
export const looksWide = (role: Role) => role === 'administrator' || role === 'bawaslu' || role === 'auditor'

export async function requireSeen(
  visit: Visit,
  campaignId: number,
  asked: Campaign['shared'],
): Promise<Campaign> {
  const account = requireAccount(visit)
  const campaign = await findCampaign(visit.house.db, campaignId)
  for (
    let one = campaign;
    one;
    one = one.parentId === null ? undefined : await findCampaign(visit.house.db, one.parentId)
  ) {
    if (one.pemdaId === account.pemdaId) return campaign!
    // A unit head or a team sees no other government.
    if (!looksWide(account.role) || (asked === 'units' && one.shared !== 'units')) break
  }
  throw new PactError('NOT_FOUND', 'Kegiatan ini tidak ada.')
}

/** The governments below side by side, for those who look after all of them. */
export async function showRegion(visit: Visit): Promise<Reply> {
  const { db } = visit.house
  const campaign = await requireSeen(visit, visit.numberParam('campaignId'), 'total')
  const account = requireAccount(visit)
  const pemda = (await findPemda(db, campaign.pemdaId))!
  const { own, regions } = await coverRegion(visit.house, { campaign, now: visit.act.now })
  const figures = await findViolations(db, pemda.id)
  const isOwn = pemda.id === account.pemdaId
  const above = isOwn || campaign.parentId === null ? undefined : await findCampaign(db, campaign.parentId)
  const below = await findPemdasBelow(
    db,
    regions.map((one) => one.pemdaId),
  )
  const shapes = await findShapes(db, { pemdaId: pemda.id, codes: regions.map((one) => one.code) })
  const isAbove = new Set(below.map((one) => one.parentId))
  const hrefOf = (one: RegionCoverage) =>
    one.campaignId === null
      ? undefined
      : isAbove.has(one.pemdaId)
        ? paths.region(one.campaignId)
        : one.shared === 'units'
          ? paths.coverageUnit(one.campaignId, PEMDA_UNIT_ID)
          : undefined
  return {
    page: RegionPage({
      frame: visit.frame,
      campaign: {
        id: campaign.id,
        name: campaign.name,
        deadline: campaign.deadline,
        zone: campaign.timeZone,
      },
      trail: above ? [{ name: above.name, href: paths.region(above.id) }] : [],
      name: pemda.name,
      own,
      ownHref: isOwn ? paths.coverageUnit(campaign.id, PEMDA_UNIT_ID) : undefined,
      regions: regions.map((one) => ({
        ...{ code: one.code, name: one.name, kelurahan: one.kelurahan, desa: one.desa },
        ...{
          hasCampaign: one.campaignId !== null,
          counts: addCounts(one.asn, one.nonAsn),
          href: hrefOf(one),
        },
        violations: figures.filter((figure) => figure.pemdaId === one.pemdaId),
        shape: shapes.find((shape) => shape.code === one.code),
      })),
      violations: figures.filter((figure) => figure.pemdaId === pemda.id),
      at: visit.act.now,
      mayEnter: isOwn && account.role !== 'auditor',
      done: visit.query.get('hasil') === 'angka' ? 'Angka pelanggaran disimpan.' : undefined,
    }),
  }
}

async function violationPage(visit: Visit, form?: FormState): Promise<Reply> {
  const campaign = requireOwn(visit, await findCampaign(visit.house.db, visit.numberParam('campaignId')))
  const pemda = requirePemda(visit)
  const below = await findPemdasBelow(visit.house.db, [pemda.id])
  return {
    status: form ? 400 : 200,
    page: ViolationPage({
      ...{ frame: visit.frame, campaign },
      places: [
        { pemdaId: pemda.id, name: pemda.name },
        ...below.map(({ id, name }) => ({ pemdaId: id, name })),
      ],
      ...(form && { form }),
    }),
  }
}

export const showViolationForm = (visit: Visit) => violationPage(visit)

export async function saveViolationForm(visit: Visit): Promise<Reply> {
  const campaign = requireOwn(visit, await findCampaign(visit.house.db, visit.numberParam('campaignId')))
  const { form } = visit
  const number = (name: string) => (/^\d+$/.test(form.get(name) ?? '') ? Number(form.get(name)) : Number.NaN)
  const figure = {
    ...{ pemdaId: idField(visit, 'pemdaId'), year: number('year'), n: number('n') },
    ...{ election: (form.get('election') ?? '').trim(), source: (form.get('source') ?? '').trim() },
  }
  try {
    await enterViolation(visit.house, { ...figure, ofPemdaId: campaign.pemdaId }, actingAs(visit))
  } catch (error) {
    if (!(error instanceof PactError) || error.code !== 'BAD_FORM') throw error
    const field = /tahun/.test(error.message) ? 'year' : /jumlah/.test(error.message) ? 'n' : 'source'
    return violationPage(visit, formStateOf(form, [{ field, message: error.message }]))
  }
  return { redirect: `${paths.region(campaign.id)}?hasil=angka` }
}

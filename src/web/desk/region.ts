import { addCounts } from '../../domain/coverage.js'
import { PactError } from '../../domain/errors.js'
import { coverRegion, PEMDA_UNIT_ID } from '../../flow/cover.js'
import { type Campaign, findCampaign } from '../../store/campaigns.js'
import type { RegionCoverage } from '../../store/coverage.js'
import { findPemda, findPemdasBelow, findViolations } from '../../store/pemdas.js'
import { paths } from '../paths.js'
import { RegionPage } from '../region.js'
import { type Reply, requireAccount, type Visit } from './desk.js'

/**
 * A campaign of the own government, or of one below that counts into an own one. On the way up each must share
 * what is asked for: its totals, which all do, or its units.
 */
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
    // A unit head sees the own unit and no other government.
    if (account.role === 'unit_head' || (asked === 'units' && one.shared !== 'units')) break
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
      })),
      violations: figures.filter((figure) => figure.pemdaId === pemda.id),
      at: visit.act.now,
    }),
  }
}

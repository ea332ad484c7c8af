import { seesNames } from '../../domain/account.js'
import { PactError } from '../../domain/errors.js'
import { closeCollective } from '../../flow/collect.js'
import { readPact } from '../../flow/file.js'
import { exportRecap, freezeRecap } from '../../flow/recap.js'
import { PEMDA_UNIT_ID } from '../../flow/standing.js'
import { findCampaignTemplates, findTemplateVersion } from '../../store/campaigns.js'
import { countRows, findDocuments } from '../../store/collective.js'
import { countUnits } from '../../store/coverage.js'
import { findPact } from '../../store/pacts.js'
import { findUnits, type Unit } from '../../store/people.js'
import { CollectiveClosePage, DocumentsPage } from '../documents.js'
import { paths } from '../paths.js'
import { requireScope } from './coverage.js'
import { actingAs, labelOf, type Reply, requireAccount, type Visit } from './desk.js'

const SPREADSHEET = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'

const doneWords: Record<string, string> = {
  rekap: 'Rekapitulasi dibekukan dan sedang disegel.',
  tutup: 'Pakta kolektif ditutup dan sedang disegel.',
  kosong: 'Tidak ada yang ditutup: semua tanda tangan sudah masuk pakta.',
}

/** Units in this scope with rows that wait for a document, in the order of their codes. */
async function findWaiting(visit: Visit, campaignId: number, unit: Unit | undefined) {
  const { db } = visit.house
  const counted = new Map(
    (await countRows(db, { campaignId })).map(({ unitId, waiting }) => [unitId, waiting]),
  )
  return (await findUnits(db, requireAccount(visit).pemdaId))
    .filter((one) => (!unit || one.path.startsWith(unit.path)) && (counted.get(one.id) ?? 0) > 0)
    .map((one) => ({ unitId: one.id, name: one.name, waiting: counted.get(one.id)! }))
}

async function isCollective(visit: Visit, campaignId: number): Promise<boolean> {
  const { db } = visit.house
  for (const { code, version } of await findCampaignTemplates(db, campaignId))
    if ((await findTemplateVersion(db, code, version))?.signerClass === 'COLLECTIVE') return true
  return false
}

export async function showDocuments(visit: Visit): Promise<Reply> {
  const { campaign, pemda, unit } = await requireScope(visit)
  const { role } = requireAccount(visit)
  const waiting = await findWaiting(visit, campaign.id, unit)
  const seesRows = seesNames(role) && (await isCollective(visit, campaign.id))
  const documents = await findDocuments(visit.house.db, {
    campaignId: campaign.id,
    unitId: unit?.id ?? null,
  })
  return {
    page: DocumentsPage({
      ...{ frame: visit.frame, campaign: labelOf(campaign) },
      unit: { unitId: unit?.id ?? PEMDA_UNIT_ID, name: unit?.name ?? pemda.governmentName },
      documents: documents.filter(({ kind }) => kind !== 'COLLECTIVE' || seesRows),
      collective: seesRows
        ? {
            waiting: waiting.reduce((sum, one) => sum + one.waiting, 0),
            units: waiting.filter((one) => one.unitId !== unit?.id),
          }
        : undefined,
      mayFreeze: role === 'administrator' || role === 'unit_head',
      mayClose: role === 'administrator',
      done: doneWords[visit.query.get('hasil') ?? ''],
    }),
  }
}

const back = (campaignId: number, unit: Unit | undefined, done: string): Reply => ({
  redirect: `${paths.documents(campaignId, unit?.id ?? PEMDA_UNIT_ID)}?hasil=${done}`,
})

export async function freeze(visit: Visit): Promise<Reply> {
  const { campaign, pemda, unit } = await requireScope(visit)
  await freezeRecap(visit.house, { campaign, pemda, unitId: unit?.id }, actingAs(visit))
  return back(campaign.id, unit, 'rekap')
}

export async function showClose(visit: Visit): Promise<Reply> {
  const { campaign, pemda, unit } = await requireScope(visit)
  const waiting = await findWaiting(visit, campaign.id, unit)
  if (waiting.length === 0) return back(campaign.id, unit, 'kosong')
  const counted = await countUnits(visit.house.db, {
    campaignId: campaign.id,
    unitIds: waiting.map(({ unitId }) => unitId),
  })
  return {
    page: CollectiveClosePage({
      ...{ frame: visit.frame, campaign: labelOf(campaign) },
      unit: { unitId: unit?.id ?? PEMDA_UNIT_ID, name: unit?.name ?? pemda.governmentName },
      units: waiting.map((one) => {
        const counts = counted.find(({ unitId }) => unitId === one.unitId)
        return { ...one, missing: counts ? counts.required - counts.signed : 0 }
      }),
    }),
  }
}

export async function close(visit: Visit): Promise<Reply> {
  const { campaign, unit } = await requireScope(visit)
  let closed = 0
  for (const { unitId } of await findWaiting(visit, campaign.id, unit))
    try {
      await closeCollective(visit.house, { campaignId: campaign.id, unitId }, actingAs(visit))
      closed++
    } catch (error) {
      // Somebody else was faster, or the newest signatures are still being completed: they wait for the next one.
      if (!(error instanceof PactError) || error.code !== 'STALE') throw error
    }
  return back(campaign.id, unit, closed > 0 ? 'tutup' : 'kosong')
}

export async function download(visit: Visit): Promise<Reply> {
  const { campaign, unit } = await requireScope(visit)
  const missing = new PactError('NOT_FOUND', 'Dokumen ini tidak ada.')
  const pact = await findPact(visit.house.db, visit.numberParam('pactId'))
  const isHere =
    pact?.campaignId === campaign.id &&
    pact.employeeId === null &&
    pact.signerClass !== 'JOINT' &&
    pact.unitId === (unit?.id ?? null)
  if (!isHere) throw missing
  // A collective pact names its people; some are shown numbers only.
  if (pact.signerClass === 'COLLECTIVE' && !seesNames(requireAccount(visit).role))
    throw new PactError('FORBIDDEN', 'Pakta kolektif memuat nama pegawai.')
  const name = `${pact.signerClass === 'COLLECTIVE' ? 'pakta' : 'rekap'}-${pact.code}`
  switch (visit.param('format')) {
    case 'pdf':
      return {
        ...{ file: await readPact(visit.house, visit.house.db, pact.id), name: `${name}.pdf` },
        type: 'application/pdf',
      }
    case 'xlsx':
      return { file: await exportRecap(visit.house, pact.id), name: `${name}.xlsx`, type: SPREADSHEET }
    default:
      throw missing
  }
}

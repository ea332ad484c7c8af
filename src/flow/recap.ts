import { exclusionReasons, formatMoment, formatShortMoment } from '../domain/campaign.js'
import {
  type Counts,
  type CoverageNode,
  formatCount,
  formatPermille,
  signedPermille,
} from '../domain/coverage.js'
import { legalStatusLabels, type LegalStatus } from '../domain/employment.js'
import { PactError } from '../domain/errors.js'
import { groupCode, groupFingerprint, type RecapUse, SEAL_SLOT } from '../domain/pact.js'
import { merkleRoot } from '../evidence/merkle.js'
import type { Attachment } from '../evidence/press.js'
import { RECAP_LIST_NAME } from '../evidence/verdict.js'
import { type Campaign, findRecapDue, findTemplateVersions, markRecapped } from '../store/campaigns.js'
import { COLLECTIVE_ROWS_MAX, findDocuments } from '../store/collective.js'
import { findSignedPacts } from '../store/coverage.js'
import { type Database, transact } from '../store/db.js'
import { insertEvent } from '../store/ledger.js'
import { type FilledValues, findPact, findSealedFiles, lockNumbers } from '../store/pacts.js'
import { findPemda, type Pemda } from '../store/pemdas.js'
import { writeCsv, writeXlsx } from '../store/sheets.js'
import { type Coverage, coverUnit, flattenCoverage } from './standing.js'
import { makeDocument } from './document.js'
import type { Act, House } from './house.js'

const UNITS_AT_ONCE = 20
/** A second click within this is the first one's, milliseconds. */
const DOUBLE_CLICK_MS = 10_000
/** Units of a closed campaign that get a recapitulation of their own. */
const RECAPPED_KINDS: readonly string[] = ['opd', 'kecamatan', 'kelurahan']

async function requireTemplate(db: Database, use: RecapUse) {
  const version = (await findTemplateVersions(db)).find((one) => one.signerClass === use)
  if (!version)
    throw new PactError(
      'BAD_TEMPLATE',
      'Belum ada naskah rekapitulasi yang terbit. Terbitkan naskahnya dahulu.',
    )
  return version
}

/**
 * Freezes where a unit stands now: numbered, sealed, never changed.
 *
 * @param of.unitId undefined for the whole pemda
 * @returns the document; the same one for a button that was pressed twice
 * @throws NOT_FOUND when the unit takes no part; as the press
 */
export async function freezeRecap(
  house: House,
  of: { campaign: Campaign; pemda: Pemda; unitId: number | undefined },
  act: Act & { accountId: number },
): Promise<number> {
  const { campaign, pemda } = of
  const { now, accountId } = act
  const coverage = await coverUnit(house, { ...of, now })
  const version = await requireTemplate(house.db, 'STANDING')
  return transact(house.db, async (tx) => {
    await lockNumbers(tx, campaign.id)
    const [newest] = (await findDocuments(tx, { campaignId: campaign.id, unitId: of.unitId ?? null })).filter(
      ({ kind }) => kind === 'STANDING',
    )
    if (newest && now.getTime() - newest.createdAt.getTime() < DOUBLE_CLICK_MS) return newest.pactId
    const { pactId } = await makeDocument(house, tx, {
      ...{ campaign, pemda, unit: coverage.unit, use: 'STANDING', version, now },
      filled: standingOf(coverage, { campaign, pemda, now }),
      attachments: [],
    })
    await insertEvent(tx, {
      ...{ at: now, kind: 'recap_frozen', pemdaId: pemda.id, campaignId: campaign.id, pactId, accountId },
      ...(coverage.unit && { unitId: coverage.unit.id }),
      ...act.origin,
    })
    return pactId
  })
}

const people = (count: number) => `${formatCount(count)} orang`
const percentOf = (counts: Counts) => {
  const permille = signedPermille(counts)
  return permille === undefined ? 'tidak ada yang wajib' : formatPermille(permille)
}
const lineOf = (unit: string, counts: Counts) => ({
  unit,
  wajib: formatCount(counts.required),
  menandatangani: formatCount(counts.signed),
  belum: formatCount(counts.required - counts.signed),
  persen: percentOf(counts),
})

// The units directly below and those below them, as an official's sheet has them.
function linesOf(node: CoverageNode): ReturnType<typeof lineOf>[] {
  const below = flattenCoverage(node).filter(({ depth }) => depth === 1 || depth === 2)
  if (below.length === 0) return [lineOf(node.name, node.total)]
  const own = node.own.required + node.own.excluded > 0 ? [lineOf(`${node.name} (langsung)`, node.own)] : []
  const lines = below.map(({ depth, node: one }) =>
    lineOf(depth === 1 ? one.name : `– ${one.name}`, one.total),
  )
  return [...own, ...lines].slice(0, COLLECTIVE_ROWS_MAX)
}

function standingOf(
  { node, exclusions, unit }: Coverage,
  { campaign, pemda, now }: { campaign: Campaign; pemda: Pemda; now: Date },
): FilledValues {
  const { total } = node
  const statuses = campaign.requiredLegalStatuses.map((status) => legalStatusLabels[status as LegalStatus])
  return {
    nama_pemilihan: campaign.electionName,
    nama_unit: unit ? node.name : 'Seluruh perangkat daerah dan kecamatan',
    pemerintah_daerah: pemda.governmentName,
    nama_kegiatan: campaign.name,
    waktu_rekap: formatMoment(now, campaign.timeZone),
    batas_waktu: formatMoment(campaign.deadline, campaign.timeZone),
    kedudukan_wajib: statuses.join(', ').toLowerCase(),
    jumlah_wajib: people(total.required),
    jumlah_menandatangani: `${people(total.signed)} (${percentOf(total)})`,
    jumlah_belum: people(total.required - total.signed),
    jumlah_dikecualikan: people(total.excluded),
    jumlah_tidak_terkirim: people(total.undeliverable),
    jumlah_belum_bersedia: people(total.declined),
    daftar_unit: linesOf(node),
    daftar_pengecualian:
      exclusions.length > 0
        ? exclusions.map(({ reason, n }) => ({ alasan: exclusionReasons[reason], jumlah: formatCount(n) }))
        : [{ alasan: '', jumlah: '' }],
  }
}

/**
 * Gives every OPD, kecamatan and kelurahan of a closed campaign its sheet: required, signed, excluded with reasons, the
 * codes of its pacts with their times, and the Merkle root over them. A few at a time; the database knows who has one.
 *
 * A crash between two units leaves the first with its sheet and the second without, who is next. A campaign that is opened
 * and closed again gets new sheets; the old ones stay.
 *
 * @returns how many were made
 */
export async function recapDue(house: House, clock: () => Date): Promise<number> {
  const now = clock()
  let made = 0
  for (const campaign of await findRecapDue(house.db)) {
    const pemda = (await findPemda(house.db, campaign.pemdaId))!
    const whole = await coverUnit(house, { campaign, pemda, unitId: undefined, now })
    let failed = 0
    for (const { node } of flattenCoverage(whole.node)) {
      if (!RECAPPED_KINDS.includes(node.kind) || node.total.required + node.total.excluded === 0) continue
      if (made === UNITS_AT_ONCE) return made
      try {
        if (await recapUnit(house, { campaign, pemda, unitId: node.unitId, now })) made++
      } catch (error) {
        // One sheet that cannot be set must not hold up the others; it is tried again.
        if (!(error instanceof PactError)) throw error
        failed++
        house.log(`recapitulation of unit ${node.unitId}: ${error.message}`)
      }
    }
    if (failed === 0) await markRecapped(house.db, { campaignId: campaign.id, now })
  }
  return made
}

async function recapUnit(
  house: House,
  of: { campaign: Campaign; pemda: Pemda; unitId: number; now: Date },
): Promise<boolean> {
  const { campaign, pemda, unitId, now } = of
  const isThere = async (db: Database) =>
    (await findDocuments(db, { campaignId: campaign.id, unitId })).some(
      ({ kind, createdAt }) => kind === 'RECAP' && createdAt >= campaign.closedAt!,
    )
  if (await isThere(house.db)) return false
  const coverage = await coverUnit(house, of)
  const version = await requireTemplate(house.db, 'RECAP')
  const pactIds = await findSignedPacts(house.db, { campaignId: campaign.id, path: coverage.unit!.path })
  const files = await findSealedFiles(house.db, { pactIds, sealSlot: SEAL_SLOT })
  const leaves = files.map(({ code, sha256 }) => `${code} ${Buffer.from(sha256).toString('hex')}`)
  const root = merkleRoot(leaves.map((leaf) => Buffer.from(leaf, 'utf8'))).toString('hex')
  const listed = files.slice(0, COLLECTIVE_ROWS_MAX).map(({ code, agreedAt }, index) => ({
    ...{
      urut: String(index + 1),
      kode: groupCode(code),
      waktu: formatShortMoment(agreedAt, campaign.timeZone),
    },
  }))
  const { batas_waktu, jumlah_tidak_terkirim, jumlah_belum_bersedia, ...standing } = standingOf(coverage, of)
  const csv = writeCsv(
    ['kode', 'waktu', 'sha256'],
    files.map(({ code, agreedAt, sha256 }) => [
      ...[code, agreedAt.toISOString(), Buffer.from(sha256).toString('hex')],
    ]),
  )
  return transact(house.db, async (tx) => {
    const { pactId } = await makeDocument(house, tx, {
      ...{ campaign, pemda, unit: coverage.unit, use: 'RECAP', version, now },
      filled: {
        ...standing,
        jumlah_pakta: `${formatCount(files.length)} pakta`,
        akar_merkle: groupFingerprint(root),
        daftar_pakta: listed.length > 0 ? listed : [{ urut: '', kode: '', waktu: '' }],
      },
      attachments: [sheetOf(csv)],
    })
    await insertEvent(tx, {
      ...{ at: now, kind: 'recap_made', pemdaId: pemda.id, campaignId: campaign.id, pactId, unitId },
      detail: { root },
    })
    return true
  })
}

const sheetOf = (csv: string): Attachment => ({
  name: RECAP_LIST_NAME,
  description: 'Kode, waktu tanda tangan, dan sidik setiap pakta; urut menurut kode',
  type: 'text/csv',
  bytes: Buffer.from(csv, 'utf8'),
})

/**
 * A frozen recapitulation as a workbook: the very numbers of its page.
 *
 * @throws NOT_FOUND when the document is none
 */
export async function exportRecap(house: House, pactId: number): Promise<Uint8Array> {
  const pact = await findPact(house.db, pactId)
  if (!pact?.filled || (pact.signerClass !== 'STANDING' && pact.signerClass !== 'RECAP'))
    throw new PactError('NOT_FOUND', 'Rekapitulasi ini tidak ada.')
  const { filled } = pact
  const text = (name: string) => (typeof filled[name] === 'string' ? filled[name] : '')
  const list = (name: string) => (typeof filled[name] === 'object' ? filled[name] : [])
  const summary = [
    ['Nomor', 'nomor_dokumen'],
    ['Unit', 'nama_unit'],
    ['Pemerintah daerah', 'pemerintah_daerah'],
    ['Kegiatan', 'nama_kegiatan'],
    ['Keadaan per', 'waktu_rekap'],
    ['Wajib menandatangani', 'jumlah_wajib'],
    ['Sudah menandatangani', 'jumlah_menandatangani'],
    ['Belum menandatangani', 'jumlah_belum'],
    ['Dikecualikan', 'jumlah_dikecualikan'],
  ].map(([label, name]) => [label!, text(name!)])
  const columns = (...titles: string[]) => titles.map((title) => ({ title }))
  const numeric = (value: string | undefined) =>
    value && /^[\d.]+$/.test(value) ? Number(value.replaceAll('.', '')) : (value ?? '')
  return writeXlsx([
    { name: 'RINGKASAN', columns: columns('Keterangan', 'Isi'), rows: summary },
    {
      name: 'UNIT',
      columns: columns('Unit', 'Wajib', 'Menandatangani', 'Belum', 'Persen'),
      rows: list('daftar_unit').map((one) => [
        ...[one.unit ?? '', numeric(one.wajib), numeric(one.menandatangani)],
        ...[numeric(one.belum), one.persen ?? ''],
      ]),
    },
    {
      name: 'DIKECUALIKAN',
      columns: columns('Alasan', 'Jumlah'),
      rows: list('daftar_pengecualian').map((one) => [one.alasan ?? '', numeric(one.jumlah)]),
    },
  ])
}

import { formatDate, formatShortMoment, formatTime } from '../domain/campaign.js'
import { formatCount } from '../domain/coverage.js'
import { PactError } from '../domain/errors.js'
import type { Attachment } from '../evidence/press.js'
import { formatRowName } from '../evidence/rows.js'
import { openStatement, parseStatement, type Statement } from '../evidence/statement.js'
import { findCampaign, findTemplateVersion } from '../store/campaigns.js'
import { findCollectiveDue, listRows, lockWaitingRows, type WaitingRow } from '../store/collective.js'
import { type Database, transact } from '../store/db.js'
import { insertEvent } from '../store/ledger.js'
import { findPact } from '../store/pacts.js'
import { findUnit } from '../store/people.js'
import { findPemda } from '../store/pemdas.js'
import { makeDocument } from './document.js'
import type { Act, House } from './house.js'
import { rowValues } from './paper.js'
import { readRow, ROW_TYPE } from './row.js'

const UNITS_AT_ONCE = 20

interface SignedRow extends WaitingRow {
  statement: Statement
  file: Buffer
}

/**
 * Closes a unit's collective pact: everybody who has signed gets a row on one document, which is sealed next. Who signs a
 * moment later, or has not signed yet, is on the next document; nobody's link ends with this one.
 *
 * One transaction: a crash leaves pieces of a file that nobody names, and all rows as they were. Two at once: the rows are
 * locked, and the second finds none.
 *
 * @param act.accountId null: the deadline has passed, or the campaign was closed
 * @returns the document and how many rows it lists
 * @throws STALE when no row waits; as the press
 */
export async function closeCollective(
  house: House,
  of: { campaignId: number; unitId: number },
  act: Act & { accountId: number | null },
): Promise<{ pactId: number; rows: number }> {
  return transact(house.db, async (tx) => {
    const rows = await readWaiting(house, tx, of)
    const [first] = rows
    if (!first)
      throw new PactError(
        'STALE',
        'Belum ada tanda tangan baru di unit ini: semuanya sudah masuk pakta yang disegel.',
      )
    const campaign = (await findCampaign(tx, of.campaignId))!
    const unit = (await findUnit(tx, of.unitId))!
    const version = (await findTemplateVersion(tx, first.templateCode, first.templateVersion))!
    const template = house.templateOf(version)
    const { now, accountId } = act
    // What all rows say alike is taken from the first: the words that its member agreed to.
    const agreed = (await findPact(tx, first.pactId))!.filled!
    const shared = [...template.placeholders, ...template.optional].filter((name) => name in agreed)
    const zone = campaign.timeZone
    const { pactId, textSha256 } = await makeDocument(house, tx, {
      ...{ campaign, pemda: (await findPemda(tx, campaign.pemdaId))!, unit, use: 'COLLECTIVE', version, now },
      filled: {
        ...Object.fromEntries(shared.map((name) => [name, agreed[name]!])),
        waktu_tutup: `${formatDate(now, zone)}, ${formatTime(now, zone)}`,
        jumlah_penanda_tangan: `${formatCount(rows.length)} orang`,
        daftar_pegawai: rows.map(({ statement: { identity, code, at } }, index) =>
          rowValues({ ordinal: index + 1, identity, code, moment: formatShortMoment(at, zone) }),
        ),
      },
      marks: rows.map(({ statement }) => statement.mark),
      attachments: rows.map(attach),
    })
    await listRows(tx, { collectiveId: pactId, pactIds: rows.map(({ pactId }) => pactId) })
    await insertEvent(tx, {
      ...{ at: now, kind: 'collective_closed', pemdaId: campaign.pemdaId, campaignId: campaign.id },
      ...{ pactId, unitId: unit.id, ...(accountId !== null && { accountId }) },
      ...act.origin,
      detail: { rows: rows.length, textSha256: textSha256.toString('hex') },
    })
    return { pactId, rows: rows.length }
  })
}

// Rows of the same words as the first: a unit that got another name meanwhile gets another document.
async function readWaiting(
  house: House,
  tx: Database,
  of: { campaignId: number; unitId: number },
): Promise<SignedRow[]> {
  const rows: SignedRow[] = []
  for (const row of await lockWaitingRows(tx, of)) {
    const file = (await readRow(house, tx, row.pactId))!
    const statement = parseStatement(openStatement(file).content)
    if (rows.length === 0 || rows[0]!.statement.words === statement.words)
      rows.push({ ...row, statement, file })
  }
  return rows
}

const attach = ({ statement, file }: SignedRow, index: number): Attachment => ({
  name: formatRowName(index + 1, statement.code),
  description: `Pernyataan dan tanda tangan elektronik baris ${index + 1}`,
  type: ROW_TYPE,
  bytes: file,
})

/** Closes what is due: units of closed campaigns, and of those whose deadline has passed. @returns how many */
export async function closeCollectivesDue(house: House, clock: () => Date): Promise<number> {
  const now = clock()
  const due = await findCollectiveDue(house.db, { now, limit: UNITS_AT_ONCE })
  let done = 0
  for (const of of due)
    try {
      await closeCollective(house, of, { now, origin: { address: '', userAgent: '' }, accountId: null })
      done++
    } catch (error) {
      // One unit that cannot be closed must not hold up the others; it stays as it was and is tried again.
      if (!(error instanceof PactError)) throw error
      if (error.code !== 'STALE') house.log(`collect of unit ${of.unitId}: ${error.message}`)
    }
  return done
}

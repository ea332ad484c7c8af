import { formatDate } from '../domain/campaign.js'
import { CODE_BYTES, formatCode, type Mark, type RecapUse } from '../domain/pact.js'
import { formatNumber } from '../evidence/filling.js'
import type { Attachment } from '../evidence/press.js'
import type { Campaign, TemplateVersion } from '../store/campaigns.js'
import { insertDocument } from '../store/collective.js'
import type { Database } from '../store/db.js'
import { type FilledValues, findPact, freezePact, movePact } from '../store/pacts.js'
import type { Unit } from '../store/people.js'
import type { Pemda } from '../store/pemdas.js'
import { keepChunk } from './file.js'
import type { House } from './house.js'
import { pressPaper } from './page.js'
import { composePaper } from './paper.js'

/**
 * Makes a document that only the institution's seal signs, numbered and set; the seal follows by itself.
 *
 * What a crash leaves: pieces of a file that nobody names. The caller's transaction is all or nothing.
 *
 * @param of.unit undefined for the whole pemda
 * @param of.filled what the page says beside its number
 * @returns the document's id
 * @throws as the press
 */
export async function makeDocument(
  house: House,
  tx: Database,
  of: {
    campaign: Campaign
    pemda: Pemda
    unit: Unit | undefined
    use: 'COLLECTIVE' | RecapUse
    version: TemplateVersion
    filled: FilledValues
    marks?: readonly Mark[] // of a collective pact's rows
    attachments: readonly Attachment[]
    now: Date
  },
): Promise<{ pactId: number; textSha256: Buffer }> {
  const { campaign, pemda, unit, version, now } = of
  const made = await insertDocument(tx, {
    ...{ campaignId: campaign.id, unitId: unit?.id ?? null, signerClass: of.use, now },
    ...{ templateCode: version.code, templateVersion: version.version },
    code: formatCode(house.random(CODE_BYTES)),
  })
  const number = formatNumber(house.templateOf(version).page, {
    urut: made.ordinal,
    unit: unit?.code ?? pemda.code,
    tahun: Number(formatDate(campaign.openedAt ?? campaign.createdAt, campaign.timeZone).slice(-4)),
  })
  const filled = { ...of.filled, nomor_dokumen: number }
  const paper = await composePaper(house, tx, { ...(await findPact(tx, made.id))!, filled, number })
  const { textSha256 } = paper
  await freezePact(tx, { id: made.id, identity: null, filled, number, textSha256 })
  const signed = { agreedAt: now, mark: { kind: 'typed' as const, name: '' } }
  const base = await pressPaper(house, tx, paper, signed, {
    marks: of.marks ?? [],
    attachments: of.attachments,
  })
  await keepChunk(house, tx, made.id, { slot: null, ...base, at: now })
  await movePact(tx, { id: made.id, from: 'open', to: 'complete', now })
  return { pactId: made.id, textSha256 }
}

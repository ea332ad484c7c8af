// What pacts say and how they look: templates, legal bases, the emblem.
import { PactError } from '../domain/errors.js'
import type { PactText } from '../domain/pact.js'
import { checkEmblem } from '../evidence/emblem.js'
import { fillTemplate } from '../evidence/filling.js'
import { sampleValues } from '../evidence/specimen.js'
import { parseTemplate, type PactTemplate } from '../evidence/template.js'
import {
  deleteTemplateDraft,
  findTemplateVersion,
  insertLegalBasis,
  insertTemplateDraft,
  insertTemplateVersion,
} from '../store/campaigns.js'
import { type Database, transact } from '../store/db.js'
import { insertEvent } from '../store/ledger.js'
import { findEmblem, type Pemda, updateEmblem } from '../store/pemdas.js'
import type { Act, House } from './house.js'

/**
 * Releases the template versions and legal bases of a folder, as its files say.
 *
 * @throws BAD_TEMPLATE when a version that is released already reads differently: release a new one instead; or
 *   when a new one does not pass `checkRelease`
 */
export async function enrollTemplates(
  house: Pick<House, 'db' | 'pressroom'>,
  found: {
    templates: { name: string; words: string; page: string }[]
    legalBases: { version: number; words: string }[]
  },
  now: Date,
): Promise<void> {
  for (const { name, words, page } of found.templates) {
    const template = parseTemplate({ words, page, name })
    const { code, version, sha256 } = template
    const released = await findTemplateVersion(house.db, code, version)
    if (released && !Buffer.from(released.sha256).equals(Buffer.from(sha256, 'hex')))
      throw new PactError(
        'BAD_TEMPLATE',
        `${name}: version ${version} of ${code} is released and reads differently; restore its files and put the change into version ${version + 1}`,
      )
    if (!released) await house.pressroom.check({ words, page, name })
    await keepVersion(house.db, template, { words, page, now })
  }
  for (const { version, words } of found.legalBases)
    await insertLegalBasis(house.db, { version, words: words.trim(), now })
}

const keepVersion = (
  db: Database,
  { code, version, signerClass, sha256 }: PactTemplate,
  files: { words: string; page: string; now: Date },
) => insertTemplateVersion(db, { code, version, signerClass, sha256: Buffer.from(sha256, 'hex'), ...files })

/** What an upload's files are called in a message about them. */
const UPLOADED = 'unggahan'

/**
 * Keeps an uploaded template until somebody has looked at it. Nothing is released yet.
 *
 * @returns the draft's id
 * @throws BAD_TEMPLATE with the file and the line, or when this version is released already
 */
export async function draftTemplate(
  house: House,
  draft: { pemdaId: number; words: string; page: string },
  { now, accountId }: Act & { accountId: number },
): Promise<number> {
  const { words, page } = draft
  const template = parseTemplate({ words, page, name: UPLOADED })
  await refuseReleased(house, template)
  await house.pressroom.check({ words, page, name: UPLOADED })
  return insertTemplateDraft(house.db, { ...draft, accountId, now })
}

async function refuseReleased({ db }: Pick<House, 'db'>, { code, version }: PactTemplate): Promise<void> {
  if (await findTemplateVersion(db, code, version))
    throw new PactError(
      'BAD_TEMPLATE',
      `${code} versi ${version} sudah terbit dan tidak berubah lagi. Tulis “versi: ${version + 1}” pada ${UPLOADED}/naskah.md, lalu unggah lagi.`,
    )
}

/**
 * Releases a draft: from now on campaigns may choose it, and it never changes. The draft goes in the same
 * transaction, so pressing twice releases once.
 *
 * @throws NOT_FOUND when the draft is gone; BAD_TEMPLATE when somebody released this version meanwhile
 */
export async function releaseDraft(
  house: House,
  { draftId, pemdaId }: { draftId: number; pemdaId: number },
  { now, origin, accountId }: Act & { accountId: number },
): Promise<{ code: string; version: number }> {
  return transact(house.db, async (tx) => {
    const draft = await deleteTemplateDraft(tx, { id: draftId, pemdaId })
    if (!draft) throw draftGone()
    const { words, page } = draft
    const template = parseTemplate({ words, page, name: UPLOADED })
    await refuseReleased({ db: tx }, template)
    const { code, version, sha256 } = template
    await keepVersion(tx, template, { words, page, now })
    const detail = { code, version, sha256 }
    await insertEvent(tx, { at: now, kind: 'template_released', pemdaId, accountId, ...origin, detail })
    return { code, version }
  })
}

/**
 * Throws a draft away.
 *
 * @throws NOT_FOUND when it is gone
 */
export async function dropDraft(
  house: House,
  { draftId, pemdaId }: { draftId: number; pemdaId: number },
): Promise<void> {
  if (!(await deleteTemplateDraft(house.db, { id: draftId, pemdaId }))) throw draftGone()
}

const draftGone = () => new PactError('NOT_FOUND', 'Rancangan naskah ini sudah tidak ada.')

/** A template and its words, said by invented people. */
export function readTemplate(files: { words: string; page: string }): {
  template: PactTemplate
  text: PactText
} {
  const template = parseTemplate({ words: files.words, page: files.page, name: UPLOADED })
  return { template, text: fillTemplate(template, sampleValues(template)) }
}

/** The same as a PDF, under the pemda's emblem. */
export async function previewTemplate(
  house: House,
  { words, page }: { words: string; page: string },
  { emblemSha256 }: Pick<Pemda, 'emblemSha256'>,
): Promise<Uint8Array> {
  const emblem = emblemSha256 === null ? undefined : await findEmblem(house.db, emblemSha256)
  return house.pressroom.specimen({ words, page, name: UPLOADED }, emblem)
}

/**
 * Sets or removes the emblem above a pemda's letters. Pacts that are signed already keep theirs.
 *
 * @throws BAD_FILE when it is no emblem
 */
export async function changeEmblem(
  house: House,
  { pemdaId, emblem }: { pemdaId: number; emblem: Uint8Array | undefined },
  { now, origin, accountId }: Act & { accountId: number },
): Promise<void> {
  if (emblem) checkEmblem(emblem)
  await transact(house.db, async (tx) => {
    await updateEmblem(tx, pemdaId, emblem ?? null)
    const detail = { removed: emblem === undefined }
    await insertEvent(tx, { at: now, kind: 'emblem_changed', pemdaId, accountId, ...origin, detail })
  })
}

import { readFile } from 'node:fs/promises'
import { PactError } from '../../domain/errors.js'
import {
  changeEmblem,
  draftTemplate,
  dropDraft,
  previewTemplate,
  readTemplate,
  releaseDraft,
} from '../../flow/release.js'
import { findTemplateDrafts, findTemplateVersion, findTemplateVersions } from '../../store/campaigns.js'
import { findEmblem } from '../../store/pemdas.js'
import type { FormState } from '../form.js'
import { paths } from '../paths.js'
import { TemplateDraftPage, TemplatesPage } from '../templates.js'
import { actingAs, mayChange, refusal, requirePemda, type Reply, type Upload, type Visit } from './desk.js'

/** naskah.md and halaman.yaml, each. */
export const FILE_BYTES_MAX = 400_000
/** More than an emblem may have, so that its own refusal can say how large it is. */
export const EMBLEM_UPLOAD_BYTES_MAX = 20_000_000

async function templatesPage(
  visit: Visit,
  forms: { templateForm?: FormState; emblemForm?: FormState } = {},
): Promise<Reply> {
  const { house, frame } = visit
  const pemda = requirePemda(visit)
  return {
    status: forms.templateForm || forms.emblemForm ? 400 : 200,
    page: TemplatesPage({
      frame,
      versions: (await findTemplateVersions(house.db)).map(({ code, version, signerClass, releasedAt }) => ({
        code,
        version,
        use: signerClass,
        releasedAt,
      })),
      drafts: mayChange(visit)
        ? (await findTemplateDrafts(house.db, pemda.id)).map(({ id, createdAt }) => ({ id, createdAt }))
        : [],
      zone: pemda.timeZone,
      mayChange: mayChange(visit),
      done: doneMessages[visit.query.get('selesai') ?? ''],
      ...forms,
    }),
  }
}

const doneMessages: Readonly<Record<string, string>> = {
  terbit: 'Naskah sudah terbit. Kegiatan yang dibuat sesudah ini dapat memilihnya.',
  buang: 'Rancangan naskah sudah dibuang. Tidak ada yang terbit.',
  lambang: 'Lambang sudah disimpan. Naskah yang ditandatangani sesudah ini memakainya.',
  'lambang-hapus': 'Lambang sudah dihapus.',
}
const doneAt = (what: string) => `${paths.templates}?selesai=${what}`

export const showTemplates = (visit: Visit) => templatesPage(visit)

// What an editor saved: UTF-8, or told so.
async function readText(upload: Upload | undefined, field: string): Promise<string> {
  if (!upload || upload.sizeBytes === 0) throw new PactError('BAD_FILE', `Pilih berkas ${field}`)
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(await readFile(upload.path))
    if (text.includes('\0')) throw new Error('UTF-16, or no text')
    return text
  } catch (cause) {
    throw new PactError('BAD_FILE', `${upload.fileName} bukan teks UTF-8. Simpan ulang sebagai UTF-8.`, {
      cause,
    })
  }
}

export async function uploadTemplate(visit: Visit): Promise<Reply> {
  const find = (field: string) => visit.uploads.find((one) => one.field === field)
  let field = 'words'
  try {
    const words = await readText(find('words'), 'naskah.md')
    field = 'page'
    const page = await readText(find('page'), 'halaman.yaml')
    field = 'words'
    const pemdaId = requirePemda(visit).id
    const id = await draftTemplate(visit.house, { pemdaId, words, page }, actingAs(visit))
    return { redirect: paths.templateDraft(id) }
  } catch (error) {
    const isPage = error instanceof PactError && /halaman\.yaml/.test(error.message)
    return templatesPage(visit, { templateForm: refusal(isPage ? 'page' : field, error) })
  }
}

async function requireDraft(visit: Visit) {
  const id = visit.numberParam('draftId')
  const drafts = await findTemplateDrafts(visit.house.db, requirePemda(visit).id)
  const draft = drafts.find((one) => one.id === id)
  if (!draft) throw new PactError('NOT_FOUND', 'Rancangan naskah ini sudah tidak ada.')
  return draft
}

async function draftPage(visit: Visit, form?: FormState): Promise<Reply> {
  const draft = await requireDraft(visit)
  const { template, text } = readTemplate(draft)
  return {
    status: form ? 400 : 200,
    page: TemplateDraftPage({
      frame: visit.frame,
      draftId: draft.id,
      code: template.code,
      version: template.version,
      use: template.signerClass,
      parties: template.parties.map(({ label }) => label),
      text,
      ...(form && { form }),
    }),
  }
}

export const showDraft = (visit: Visit) => draftPage(visit)

export async function previewDraft(visit: Visit): Promise<Reply> {
  const file = await previewTemplate(visit.house, await requireDraft(visit), requirePemda(visit))
  return { file, name: 'pratinjau.pdf', type: 'application/pdf', inline: true, isFramed: true }
}

export async function release(visit: Visit): Promise<Reply> {
  if (visit.form.get('looked') !== 'yes')
    return draftPage(visit, {
      values: {},
      errors: [{ field: 'looked', message: 'Nyatakan bahwa Anda sudah memeriksa pratinjaunya' }],
    })
  const draft = { draftId: visit.numberParam('draftId'), pemdaId: requirePemda(visit).id }
  await releaseDraft(visit.house, draft, actingAs(visit))
  return { redirect: doneAt('terbit') }
}

export async function drop(visit: Visit): Promise<Reply> {
  await dropDraft(visit.house, { draftId: visit.numberParam('draftId'), pemdaId: requirePemda(visit).id })
  return { redirect: doneAt('buang') }
}

/** The two files of a released version, to edit the next one from, and its preview. */
export async function sendFile(visit: Visit): Promise<Reply> {
  const version = visit.numberParam('version')
  const found = await findTemplateVersion(visit.house.db, visit.param('templateCode'), version)
  const name = visit.param('file')
  const text = { 'naskah.md': found?.words, 'halaman.yaml': found?.page }[name]
  if (text !== undefined) return { file: Buffer.from(text), name, type: 'text/plain; charset=utf-8' }
  if (!found || name !== 'pratinjau.pdf') throw new PactError('NOT_FOUND', 'Naskah ini tidak ada.')
  const file = await previewTemplate(visit.house, found, requirePemda(visit))
  return { file, name: `${found.code}-${found.version}.pdf`, type: 'application/pdf', inline: true }
}

export async function saveEmblem(visit: Visit): Promise<Reply> {
  const pemdaId = requirePemda(visit).id
  const upload = visit.uploads.find((one) => one.field === 'emblem')
  const removes = visit.form.get('act') === 'hapus'
  try {
    if (!removes && (!upload || upload.sizeBytes === 0))
      throw new PactError('BAD_FILE', 'Pilih berkas lambang')
    const emblem = removes ? undefined : await readFile(upload!.path)
    await changeEmblem(visit.house, { pemdaId, emblem }, actingAs(visit))
    return { redirect: doneAt(removes ? 'lambang-hapus' : 'lambang') }
  } catch (error) {
    return templatesPage(visit, { emblemForm: refusal('emblem', error) })
  }
}

/** The emblem of a pemda, under an address that changes with it. */
export async function sendEmblem(visit: Visit): Promise<Reply> {
  const emblem = await findEmblem(visit.house.db, visit.param('sha256'))
  if (!emblem) throw new PactError('NOT_FOUND', 'Lambang ini tidak ada.')
  const isPng = emblem[0] === 0x89
  return {
    file: emblem,
    name: isPng ? 'lambang.png' : 'lambang.jpg',
    type: isPng ? 'image/png' : 'image/jpeg',
    inline: true,
  }
}

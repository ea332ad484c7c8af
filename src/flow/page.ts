import { formatMoment } from '../domain/campaign.js'
import { hideEndIn } from '../domain/hiding.js'
import { groupCode, IDENTITY_TAIL_LENGTH, type Mark, type PactClass, SEAL_SLOT } from '../domain/pact.js'
import { type Attachment, joinPressed, type Pressed } from '../evidence/press.js'
import type { PrintSetup, PrintWords } from '../evidence/presswork.js'
import { documentIdOf } from '../evidence/record.js'
import type { SlotMark } from '../evidence/signing-place.js'
import { SPECIMEN_STAMP } from '../evidence/specimen.js'
import type { Pressroom } from '../remote/pressroom.js'
import type { Database } from '../store/db.js'
import { findEmblem } from '../store/pemdas.js'
import type { House } from './house.js'
import { type Paper, valuesAt } from './paper.js'

/** The page before anybody has signed, stamped as such: what a person may look at while deciding. */
export async function previewPaper(house: House, paper: Paper): Promise<Uint8Array> {
  return joinPressed(await pressPaper(house, house.db, paper, undefined))
}

/** Sets a pact's page: with the signer's mark, or as a preview that says it is one. */
export async function pressPaper(
  house: House,
  db: Database,
  paper: Paper,
  signed: { agreedAt: Date; mark: Mark } | undefined,
  rows?: { marks: readonly Mark[]; attachments: readonly Attachment[] },
): Promise<Pressed> {
  const { settings } = house
  const moment = signed && formatMoment(signed.agreedAt, paper.campaign.timeZone)
  const marks: Record<string, SlotMark> = {}
  for (const party of paper.parties)
    marks[party.slot] =
      paper.joint && party.person
        ? { kind: 'pending', name: party.person.name, lines: ['Ditandatangani secara elektronik'] }
        : party.role !== 'signer'
          ? { kind: 'later' }
          : signed
            ? { ...markOf(signed.mark), lines: ['Ditandatangani secara elektronik', moment!] }
            : { kind: 'empty' }
  rows?.marks.forEach((mark, index) => (marks[`BARIS_${index + 1}`] = { ...markOf(mark), lines: [] }))
  const { identityNumber } = paper.identity
  const words: PrintWords = signed
    ? valuesAt(paper, signed.agreedAt)
    : { text: hideEndIn(paper.text, { number: identityNumber, length: IDENTITY_TAIL_LENGTH }) }
  const sheet = {
    letterhead: {
      above: [paper.pemda.governmentName.toUpperCase()],
      unit: (paper.gate?.name ?? '').toUpperCase(),
      address: paper.pemda.letterheadAddress.split('\n').filter(Boolean),
    },
    marks,
    fields: signed ? [...paper.parties.map((party) => party.slot), SEAL_SLOT] : [],
    qr: { url: `${settings.baseUrl}/v/${paper.pact.code}`, code: paper.pact.code },
    footer: {
      nama_sistem: settings.systemName,
      pemerintah_daerah: paper.pemda.governmentName,
      url_verifikasi: `${settings.baseUrl}/v`,
      kode_verifikasi: groupCode(paper.pact.code),
    },
    info: {
      title: titleOf(paper),
      author: paper.pemda.governmentName,
      createdAt: signed?.agreedAt ?? paper.pact.createdAt,
      documentId: documentIdOf(paper.pact.code),
    },
    ...(rows && { attachments: rows.attachments }),
  }
  const stamp = !signed ? 'PRATINJAU – BELUM DITANDATANGANI' : settings.isDemo ? SPECIMEN_STAMP : undefined
  return house.pressroom.print({ setup: await setupFor(house, db, paper, stamp), words, sheet })
}

const titles: Partial<Record<PactClass, string>> = {
  JOINT: 'Pakta Integritas Bersama',
  COLLECTIVE: 'Pakta Integritas Kolektif',
  RECAP: 'Lembar Rekapitulasi',
  STANDING: 'Rekapitulasi',
}
const titleOf = ({ pact, number, identity }: Paper) =>
  [
    `${titles[pact.signerClass] ?? 'Pakta Integritas'} ${number}`,
    ...(pact.signerClass === 'JOINT' ? [] : [identity.name]),
  ].join(' – ')

const setups = new WeakMap<Pressroom, Map<string, Promise<PrintSetup>>>()

// What the pacts of one template version share, under one emblem and one stamp.
function setupFor(
  { pressroom }: House,
  db: Database,
  { templateFiles: template, pemda }: Paper,
  stamp: string | undefined,
): Promise<PrintSetup> {
  let known = setups.get(pressroom)
  if (!known) setups.set(pressroom, (known = new Map()))
  const key = `${template.name} ${pemda.emblemSha256} ${stamp}`
  let found = known.get(key)
  if (!found) {
    const open = async (): Promise<PrintSetup> => {
      const emblem = pemda.emblemSha256 ? await findEmblem(db, pemda.emblemSha256) : undefined
      // Never kept without it: the step is tried again and finds the emblem of then.
      if (pemda.emblemSha256 && !emblem) throw new Error('the emblem was changed meanwhile')
      return { key, template, ...(emblem && { emblem }), ...(stamp !== undefined && { stamp }) }
    }
    known.set(key, (found = open()))
    found.catch(() => known.delete(key))
  }
  return found
}

const markOf = (mark: Mark) =>
  mark.kind === 'typed'
    ? { kind: 'typed' as const, name: mark.name }
    : { kind: 'drawn' as const, strokes: mark.strokes }

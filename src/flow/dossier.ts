import { zipSync } from 'fflate'
import { formatMoment } from '../domain/campaign.js'
import { PactError } from '../domain/errors.js'
import { groupCode, methodWords, secondFactorWords } from '../domain/pact.js'
import { formatName } from '../domain/roster.js'
import { checkPdf, judgeRow } from '../evidence/verdict.js'
import { type Campaign, findCircular } from '../store/campaigns.js'
import { findPerson } from '../store/coverage-people.js'
import { transact } from '../store/db.js'
import { type EventKind, findPactEvents, insertEvent } from '../store/ledger.js'
import { findPact, findParties } from '../store/pacts.js'
import { findEmployee, findUnit } from '../store/people.js'
import { findPemda } from '../store/pemdas.js'
import { readOwnFile } from './row.js'
import type { Act, House } from './house.js'

const CASE_LENGTH_MAX = 200

// What of a pact's story belongs in a case; the rest is the service's own business.
const stories: Partial<Record<EventKind, string>> = {
  link_opened: 'tautan dibuka',
  link_reissued: 'tautan baru dikirim',
  reminded: 'diingatkan',
  code_sent: 'kode sekali pakai dikirim',
  kiosk_started: 'kios bantuan dibuka oleh petugas',
  agreed: 'menyatakan setuju',
  declined: 'menyatakan belum bersedia',
  disputed: 'melaporkan data keliru',
  dispute_settled: 'laporan data keliru diselesaikan',
  signed: 'tanda tangan dibubuhkan',
  sealed: 'disegel',
  archived: 'bukti untuk arsip ditambahkan',
  revoked: 'pakta dicabut',
}

/**
 * Everything about one person's pact that a neutrality case needs, in one ZIP: the pact, a summary to read, the story
 * as data, the roots and how to check it all without this service. Who exported it for which case is put on record.
 *
 * @param of.caseNumber as Bawaslu or the PPK registered it
 * @throws BAD_FORM without a case number; NOT_FOUND when this person has no sealed pact here
 */
export async function exportDossier(
  house: House,
  of: { campaign: Campaign; employeeId: number; caseNumber: string },
  act: Act & { accountId: number },
): Promise<{ name: string; bytes: Uint8Array }> {
  const { campaign, employeeId } = of
  const caseNumber = of.caseNumber.trim()
  if (caseNumber === '' || caseNumber.length > CASE_LENGTH_MAX)
    throw new PactError('BAD_FORM', `Tulis nomor perkara, paling banyak ${CASE_LENGTH_MAX} huruf.`)
  const person = await findPerson(house.db, campaign.id, employeeId)
  if (!person?.pactId || !person.code)
    throw new PactError('NOT_FOUND', 'Orang ini belum memiliki pakta yang disegel dalam kegiatan ini.')
  const { pactId, code } = person
  const pact = (await findPact(house.db, pactId))!
  const pemda = (await findPemda(house.db, campaign.pemdaId))!
  const employee = (await findEmployee(house.db, employeeId))!
  const unit = (await findUnit(house.db, employee.unitId))!
  const { file } = await readOwnFile(house, house.db, pact)
  const verdict = pact.isRow
    ? judgeRow(file, { roots: house.keys.roots, at: act.now })
    : checkPdf(file, { roots: house.keys.roots, at: act.now })
  const circular = await findCircular(house.db, campaign.id)
  const paper = pact.isRow ? 'pakta.p7m' : 'pakta.pdf'
  const slots = new Map((await findParties(house.db, pactId)).map((party) => [party.id, party.slot]))
  const story = (await findPactEvents(house.db, pactId)).flatMap(({ at, kind, partyId }) => {
    const words = stories[kind]
    return words
      ? [{ at: at.toISOString(), kind, words, slot: partyId === null ? null : slots.get(partyId) }]
      : []
  })
  const moment = (at: Date | string) => formatMoment(new Date(at), campaign.timeZone)
  const summary = [
    `BERKAS PERKARA ${caseNumber}`,
    `Disusun dari catatan ${pemda.governmentName} pada ${moment(act.now)}.`,
    '',
    `Nama          ${formatName(employee)}`,
    `Nomor induk   ${employee.identityNumber}`,
    `Jabatan       ${employee.jabatan}`,
    `Unit kerja    ${unit.name}`,
    `Kegiatan      ${campaign.name}`,
    `Pemilihan     ${campaign.electionName}`,
    `Nomor naskah  ${pact.number ?? '-'}`,
    ...(circular
      ? [`Surat edaran  ${circular.title}, Nomor ${circular.number}: dinyatakan telah dibaca`]
      : []),
    `Kode          ${groupCode(code)}`,
    `SHA-256       ${verdict.sha256}`,
    `Cara          ${person.method ? methodWords[person.method] : '-'}${person.secondFactor ? `, ${secondFactorWords[person.secondFactor]}` : ''}`,
    '',
    `Pemeriksaan berkas: ${{ VALID: 'SAH', INCOMPLETE: 'BELUM LENGKAP', INVALID: 'TIDAK SAH', UNREADABLE: 'TIDAK TERBACA' }[verdict.conclusion]}`,
    ...verdict.checks.map(
      (check) =>
        `  ${{ pass: 'lulus', fail: 'GAGAL', unknown: 'tidak diketahui' }[check.outcome]}: ${check.title}. ${check.detail}`,
    ),
    '',
    'Tanda tangan:',
    ...verdict.signatures.map(
      (one) =>
        `  ${one.slot}: ${one.name}, ${one.stampedAt ? `${moment(one.stampedAt)} menurut ${one.stampedBy}` : moment(one.at)}`,
    ),
    '',
    'Perjalanan menurut catatan penyelenggara:',
    ...story.map(({ at, words, slot }) => `  ${moment(at)}: ${slot ? `${slot}, ` : ''}${words}`),
    '',
    'Pakta ini menyatakan janji yang ditandatangani; berkas ini tidak menyatakan bahwa pelanggaran terjadi.',
    '',
  ]
  const guide = [
    'CARA MEMERIKSA TANPA BERTANYA KEPADA PENYELENGGARA',
    '',
    '1. Cocokkan akar.pem dengan sidik jari yang diterima Bawaslu sebelum kegiatan.',
    ...(pact.isRow
      ? [
          '2. Pakta ini satu baris dari pakta kolektif; pernyataan orang ini sendiri ada di dalam pakta.p7m. Jalankan:',
          '     openssl cms -verify -inform DER -in pakta.p7m -CAfile akar.pem -purpose any -no_check_time',
        ]
      : [
          '2. Buka pakta.pdf dengan pembaca PDF mana pun yang memeriksa tanda tangan, atau jalankan:',
          '     pdfsig pakta.pdf',
          '     npx pakta verify pakta.pdf --root akar.pem',
        ]),
    `3. Pindai kode QR pada pakta, atau buka ${house.settings.baseUrl}/v dan ketik kodenya.`,
    '4. catatan.json memuat perjalanan pakta yang sama dengan ringkasan.txt sebagai data.',
    '',
    'Isi berkas ini memuat data pribadi. Serahkan hanya kepada yang berwenang menangani perkara.',
    '',
  ]
  const text = (lines: readonly string[]) => Buffer.from(lines.join('\n'))
  const record = {
    ...{
      caseNumber,
      code,
      number: pact.number,
      sha256: verdict.sha256,
      conclusion: verdict.conclusion,
      story,
    },
    exportedAt: act.now.toISOString(),
  }
  const bytes = zipSync(
    {
      'BACA-SAYA.txt': text(guide),
      'ringkasan.txt': text(summary),
      [paper]: file,
      ...(circular && { 'surat-edaran.pdf': await house.files.get(circular.sha256) }),
      'catatan.json': text([JSON.stringify(record, undefined, 1)]),
      'akar.pem': text([house.keys.rootsPem]),
    },
    { mtime: act.now },
  )
  await transact(house.db, (tx) =>
    insertEvent(tx, {
      ...{ at: act.now, kind: 'dossier_exported', campaignId: campaign.id, pactId, employeeId },
      ...{ accountId: act.accountId, ...act.origin, detail: { caseNumber } },
    }),
  )
  return { name: `berkas-perkara-${code}.zip`, bytes }
}

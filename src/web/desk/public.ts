import { readFile } from 'node:fs/promises'
import type { PactClass, Slot } from '../../domain/pact.js'
import { parseCode, methodWords, SEAL_SLOT } from '../../domain/pact.js'
import { PactError } from '../../domain/errors.js'
import { type Level, type PublicVerdict, verifyCode, verifyFile } from '../../flow/verify.js'
import { findCampaigns } from '../../store/campaigns.js'
import type { FormError } from '../form.js'
import { jabatanOf } from '../../flow/paper.js'
import { paths } from '../paths.js'
import { AboutPage, AccessibilityPage, HomePage, PrivacyPage, VerifyFormPage } from '../public.js'
import { VerdictPage } from '../verdict.js'
import { atHome, type Reply, type Visit } from './desk.js'

/** A PDF to check; our own are under 200 KB. */
export const PDF_BYTES_MAX = 20_000_000

const contactOf = (visit: Visit) => visit.pemda?.contact ?? 'pengelola kepegawaian'

export async function showHome({ house, frame, pemda }: Visit): Promise<Reply> {
  const campaigns = pemda ? await findCampaigns(house.db, pemda.id) : []
  const current = campaigns.find((one) => one.state === 'open')
  return { page: HomePage({ frame, electionName: current?.electionName }) }
}

export async function showPrivacy(visit: Visit): Promise<Reply> {
  const retention = visit.pemda?.retention ?? 'sesuai jadwal retensi arsip'
  return { page: PrivacyPage({ frame: visit.frame, retention, contact: contactOf(visit) }) }
}

export async function showAccessibility(visit: Visit): Promise<Reply> {
  return { page: AccessibilityPage({ frame: visit.frame, contact: contactOf(visit) }) }
}

export async function showAbout({ house, frame }: Visit): Promise<Reply> {
  return { page: AboutPage({ frame, ...house.about }) }
}

/** The certificates that everybody needs who checks a pact without us. */
export async function showRoots({ house }: Visit): Promise<Reply> {
  return { text: house.keys.rootsPem, type: 'application/x-pem-file' }
}

const formPage = (
  visit: Visit,
  extra: { codeErrors?: FormError[]; fileErrors?: FormError[]; code?: string } = {},
): Reply => ({
  status: extra.codeErrors || extra.fileErrors ? 400 : 200,
  isMiss: extra.codeErrors !== undefined,
  page: VerifyFormPage({
    frame: visit.frame,
    fileBytesMax: PDF_BYTES_MAX,
    ...(extra.codeErrors && { codeForm: { values: { kode: extra.code }, errors: extra.codeErrors } }),
    ...(extra.fileErrors && { fileForm: { values: {}, errors: extra.fileErrors } }),
  }),
})

export async function showVerify(visit: Visit): Promise<Reply> {
  const typed = visit.query.get('kode')
  if (typed === null) return formPage(visit)
  const code = parseCode(typed)
  if (code) return { redirect: paths.verdict(code) }
  return formPage(visit, {
    code: typed,
    codeErrors: [
      { field: 'kode', message: 'Kode terdiri atas 26 huruf dan angka. Periksa kembali penulisannya' },
    ],
  })
}

export async function showVerdict(visit: Visit): Promise<Reply> {
  const verdict = await verifyCode(visit.house, visit.param('code'), visit.act.now)
  return verdictPage(visit, verdict, { fromFile: false })
}

export async function checkUpload(visit: Visit): Promise<Reply> {
  const upload = visit.uploads.find((one) => one.field === 'file')
  const refuse = (message: string) => formPage(visit, { fileErrors: [{ field: 'file', message }] })
  if (!upload || upload.sizeBytes === 0) return refuse('Pilih berkas PDF yang hendak diperiksa')
  const verdict = await verifyFile(visit.house, await readFile(upload.path), visit.act.now)
  if (verdict.outcome === 'unreadable')
    return refuse(
      `${verdict.checks.find((check) => check.outcome === 'fail')?.detail ?? 'Berkas ini bukan PDF'}. Unggah berkas PDF aslinya, bukan foto atau hasil pindai`,
    )
  return verdictPage(visit, verdict, { fromFile: true })
}

const slotWords = (slot: Slot): string => {
  if (slot === SEAL_SLOT) return 'Segel'
  if (slot.startsWith('SAKSI')) return 'Saksi'
  return slot === 'MENGETAHUI' ? 'Mengetahui' : 'Penanda tangan'
}

// "B••• S•••" of an employee; whoever brings the file has read the name already.
const maskName = (name: string) =>
  name
    .replace(/,.*$/, '')
    .split(/\s+/)
    .filter((word) => !word.endsWith('.'))
    .map((word) => `${[...word][0]}•••`)
    .join(' ')

const documentKinds: Record<PactClass, string> = {
  HEAD: 'Pakta Integritas Netralitas',
  ASN: 'Pakta Integritas Netralitas',
  NON_ASN: 'Surat Pernyataan Netralitas',
  JOINT: 'Pakta Integritas Bersama',
  COLLECTIVE: 'Pakta Integritas Kolektif',
  RECAP: 'Lembar Rekapitulasi',
  STANDING: 'Rekapitulasi',
}

const levelWords: Record<Level, string> = {
  'PAdES-BASELINE-B': 'PAdES-BASELINE-B: selama sertifikatnya berlaku',
  'PAdES-BASELINE-T': 'PAdES-BASELINE-T: berstempel waktu',
  'PAdES-BASELINE-LT': 'PAdES-BASELINE-LT: berstempel waktu, bukti status di dalam berkas',
  'PAdES-BASELINE-LTA': 'PAdES-BASELINE-LTA: arsip jangka panjang, tidak memerlukan layanan ini',
}

function verdictPage(asked: Visit, verdict: PublicVerdict, { fromFile }: { fromFile: boolean }): Reply {
  const { pact, campaign, pemda } = verdict
  const visit = atHome(asked, pemda)
  const { outcome } = verdict
  if (outcome === 'unreadable') throw new PactError('BAD_PDF', 'Berkas ini bukan PDF.')
  const isOfficial = (slot: Slot) =>
    slot === SEAL_SLOT ||
    slot.startsWith('SAKSI') ||
    pact?.signerClass === 'HEAD' ||
    pact?.signerClass === 'JOINT'
  return {
    status: outcome === 'not_found' ? 404 : 200,
    isMiss: outcome === 'not_found',
    page: VerdictPage({
      frame: visit.frame,
      outcome,
      fromFile,
      code: pact?.code,
      zone: campaign?.timeZone ?? visit.pemda?.timeZone ?? 'WIB',
      revocation: pact?.revokedAt ? { at: pact.revokedAt, reason: pact.revokeReason ?? '' } : undefined,
      waitingCount: verdict.waitingCount,
      checks: verdict.checks.map(({ title, outcome: result, detail }) => ({ label: title, result, detail })),
      // A file that failed may carry any name it likes: nothing of it is repeated.
      signatures:
        outcome === 'invalid'
          ? []
          : verdict.signatures.map((one) => ({
              role: slotWords(one.slot),
              name: fromFile || isOfficial(one.slot) ? one.name : maskName(one.name),
              institution: one.institution,
              numberEnd: one.identityNumber?.slice(-3),
              at: one.stampedAt ?? one.at,
              isStamped: one.stampedAt !== undefined,
              method: one.method ? methodWords[one.method] : '',
              level: one.level ? levelWords[one.level] : '',
            })),
      missing: verdict.missing.map(
        (person) => `${jabatanOf(person)}, ${person.region || person.institution}`,
      ),
      document:
        pact && (pact.number || pact.isRow)
          ? {
              kind: pact.isRow
                ? 'Tanda tangan pada Pakta Integritas Kolektif'
                : documentKinds[pact.signerClass],
              number: pact.number ?? verdict.collective?.number ?? '',
              unitName: pact.identity?.unitName ?? verdict.unitName ?? '',
              people: verdict.rows.length,
              pemdaName: pemda?.governmentName ?? '',
              fingerprint: verdict.sha256 ?? '',
            }
          : undefined,
      checkedAt: visit.act.now,
      fileBytesMax: PDF_BYTES_MAX,
    }),
  }
}

/** Kept for a browser's question that every site gets: there is nothing here for a search engine. */
export async function showRobots(): Promise<Reply> {
  return { text: 'User-agent: *\nDisallow: /\n', type: 'text/plain' }
}

import type { TimeZone } from '../domain/campaign.js'
import { formatDate, formatMoment } from '../domain/campaign.js'
import { formatCount } from '../domain/coverage.js'
import { groupCode } from '../domain/pact.js'
import { emptyForm, Submit } from './form.js'
import type { IconName, PageProps, Tone } from './layout.js'
import { BackLink, Facts, Icon, Layout, Tag } from './layout.js'
import { paths } from './paths.js'
import { UploadField } from './public.js'

export type VerdictOutcome = 'valid' | 'incomplete' | 'invalid' | 'revoked' | 'not_found'
export type CheckResult = 'pass' | 'fail' | 'unknown'

export interface VerdictCheck {
  label: string // "Isi berkas"
  result: CheckResult
  detail: string
}

export interface VerdictSignature {
  role: string // "Penanda tangan", "Saksi", "Segel"
  name: string // masked unless the visitor brought the file
  institution: string
  numberEnd: string | undefined // last three digits of the NIP
  at: Date
  isStamped: boolean // a timestamp authority states the time, and not the signer alone
  method: string
  level: string // "PAdES-BASELINE-LTA"
}

export interface VerdictDocument {
  kind: string
  number: string
  unitName: string
  people?: number // whose rows the file carries, of a collective pact
  pemdaName: string
  fingerprint: string // SHA-256 of the file, hex
}

export interface VerdictProps extends PageProps {
  outcome: VerdictOutcome
  fromFile: boolean // the visitor brought the file; else only the code was looked up
  code: string | undefined
  zone: TimeZone
  revocation: { at: Date; reason: string } | undefined
  waitingCount: number // parties that have not signed
  missing?: readonly string[] // of a joint pact: position and place, as its page names them
  checks: readonly VerdictCheck[]
  signatures: readonly VerdictSignature[]
  document: VerdictDocument | undefined
  checkedAt: Date
  fileBytesMax: number
}

const outcomes: Record<VerdictOutcome, { word: string; tone: Tone; icon: IconName; next: string }> = {
  valid: {
    word: 'SAH',
    tone: 'good',
    icon: 'check',
    next: 'Anda dapat memakai naskah ini. Cocokkan nama, jabatan, dan unit kerja di bawah dengan yang tercetak.',
  },
  incomplete: {
    word: 'SAH, BELUM LENGKAP',
    tone: 'warn',
    icon: 'clock',
    next: 'Naskah ini masih salinan kerja. Periksa kembali setelah semua pihak menandatangani.',
  },
  invalid: {
    word: 'TIDAK SAH',
    tone: 'bad',
    icon: 'cross',
    next: 'Mintalah naskah asli kepada pemiliknya. Bila Anda menduga pemalsuan, simpan berkasnya dan laporkan kepada pengelola kepegawaian.',
  },
  revoked: {
    word: 'DICABUT',
    tone: 'bad',
    icon: 'stop',
    next: 'Jangan memakai naskah ini. Mintalah naskah penggantinya kepada pemiliknya.',
  },
  not_found: {
    word: 'TIDAK DITEMUKAN',
    tone: 'warn',
    icon: 'question',
    next: 'Pindai kembali kode QR-nya, atau ketik ulang kodenya tanpa huruf yang tertukar.',
  },
}

function meaning({ outcome, fromFile, revocation, zone, waitingCount }: VerdictProps): string {
  switch (outcome) {
    case 'valid':
      return 'Dokumen tercatat dan tidak berubah sejak ditandatangani.'
    case 'incomplete':
      return waitingCount > 0
        ? `Tanda tangan yang ada sah; masih menunggu ${waitingCount} pihak lain.`
        : 'Tanda tangan yang ada sah; segel atau stempel waktu arsipnya belum ada.'
    case 'invalid':
      return 'Berkas berbeda dari yang kami catat. Jangan digunakan.'
    case 'revoked':
      return revocation
        ? `Dokumen pernah terbit lalu dinyatakan tidak berlaku pada ${formatDate(revocation.at, zone)}: ${revocation.reason}.`
        : 'Dokumen pernah terbit lalu dinyatakan tidak berlaku.'
    case 'not_found':
      return fromFile
        ? 'Berkas ini tidak berasal dari layanan ini, atau kodenya tidak terdaftar.'
        : 'Kode tidak terdaftar. Periksa kembali penulisannya.'
  }
}

const results: Record<CheckResult, { word: string; tone: Tone; icon: IconName }> = {
  pass: { word: 'Lulus', tone: 'good', icon: 'check' },
  fail: { word: 'Gagal', tone: 'bad', icon: 'cross' },
  unknown: { word: 'Tidak diketahui', tone: 'warn', icon: 'question' },
}

/** The answer, why it is the answer, and what to do with it. */
export function VerdictPage(props: VerdictProps) {
  const { frame, outcome, fromFile, code, zone, checks, signatures, document, checkedAt, fileBytesMax } =
    props
  const { missing = [] } = props
  const { word, tone, icon, next } = outcomes[outcome]
  return (
    <Layout frame={frame} title={`Hasil pemeriksaan: ${word}`}>
      <div class="read">
        <BackLink href={paths.verify}>Periksa naskah lain</BackLink>
        <div class={`verdict ${tone}`}>
          <Icon name={icon} />
          <h1>{word}</h1>
          <p class="lead">{meaning(props)}</p>
          <p>{next}</p>
        </div>
        {document && (
          <>
            <h2>Naskah</h2>
            <Facts
              rows={[
                ['Jenis', document.kind],
                ['Nomor', document.number],
                ['Unit kerja', document.unitName],
                ['Penanda tangan', document.people ? `${formatCount(document.people)} orang` : undefined],
                ['Pemerintah daerah', document.pemdaName],
                ['Kode verifikasi', code && <span class="code">{groupCode(code)}</span>],
                ['Sidik digital (SHA-256)', <span class="code">{document.fingerprint}</span>],
              ]}
            />
          </>
        )}
        {missing.length > 0 && (
          <>
            <h2>Belum menandatangani</h2>
            <ul>
              {missing.map((one) => (
                <li>{one}</li>
              ))}
            </ul>
          </>
        )}
        {signatures.length > 0 && (
          <>
            <h2>Tanda tangan</h2>
            {signatures.map((signature) => (
              <>
                <h3>{signature.role}</h3>
                <Facts
                  rows={[
                    ['Nama', signature.name],
                    ['Lembaga atau unit', signature.institution],
                    [
                      'Nomor induk',
                      signature.numberEnd && (
                        <>
                          <span aria-hidden="true">•••••••••••••••</span>
                          <span class="hidden-visually">tiga angka terakhir </span>
                          {signature.numberEnd}
                        </>
                      ),
                    ],
                    [
                      'Waktu',
                      `${formatMoment(signature.at, zone)}, ${signature.isStamped ? 'menurut stempel waktu' : 'menurut penanda tangan sendiri'}`,
                    ],
                    ['Cara', signature.method],
                    ['Ketahanan', signature.level],
                  ]}
                />
              </>
            ))}
          </>
        )}
        {checks.length > 0 && (
          <>
            <h2>Yang kami periksa</h2>
            <ul class="checks">
              {checks.map((check) => {
                const result = results[check.result]
                return (
                  <li>
                    <Tag tone={result.tone} icon={result.icon}>
                      {result.word}
                    </Tag>
                    <strong>{check.label}</strong>
                    <p>{check.detail}</p>
                  </li>
                )
              })}
            </ul>
          </>
        )}
        <p class="quiet">Diperiksa pada {formatMoment(checkedAt, zone)}.</p>
        {!fromFile && (
          <form class="noprint" method="post" action={paths.verify} encType="multipart/form-data" novalidate>
            <h2>Periksa berkasnya juga</h2>
            <p>
              Kode hanya menunjukkan catatan kami. Unggah berkas PDF yang Anda terima untuk memastikan bahwa
              isinya sama.
            </p>
            <UploadField form={emptyForm} fileBytesMax={fileBytesMax} />
            <Submit kind="second">Periksa berkas</Submit>
          </form>
        )}
      </div>
    </Layout>
  )
}

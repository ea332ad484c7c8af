import type { TimeZone } from '../domain/campaign.js'
import { formatMoment } from '../domain/campaign.js'
import { Submit } from './form.js'
import type { PageProps } from './layout.js'
import { Layout, Notice } from './layout.js'
import { paths } from './paths.js'

// One page for each way a personal link can turn out other than "it is your turn" (signing.tsx).

export function LinkWaitingPage({ frame, unitName }: PageProps & { unitName: string }) {
  return (
    <Layout frame={frame} title="Menunggu pimpinan">
      <div class="read">
        <h1>Menunggu pimpinan</h1>
        <p class="lead">
          Pimpinan {unitName} belum menandatangani. Kami akan mengabari Anda begitu giliran Anda dibuka.
        </p>
        <p>Tautan Anda tetap berlaku. Tidak ada yang perlu Anda lakukan sekarang.</p>
      </div>
    </Layout>
  )
}

export function LinkExpiredPage({
  frame,
  token,
  expiredAt,
  zone,
  emailMasked,
}: PageProps & { token: string; expiredAt: Date; zone: TimeZone; emailMasked: string }) {
  return (
    <Layout frame={frame} title="Tautan kedaluwarsa">
      <div class="read">
        <h1>Tautan kedaluwarsa</h1>
        <p class="lead">
          Masa berlaku tautan ini telah habis pada {formatMoment(expiredAt, zone)}. Minta tautan baru; kami
          kirim ke surel yang sama.
        </p>
        <form method="post" action={paths.linkRenew(token)}>
          <p>
            Surel Anda: <strong>{emailMasked}</strong>
          </p>
          <Submit>Kirim tautan baru ke surel saya</Submit>
        </form>
      </div>
    </Layout>
  )
}

export function LinkRenewedPage({ frame, emailMasked }: PageProps & { emailMasked: string }) {
  return (
    <Layout frame={frame} title="Tautan baru sedang dikirim">
      <div class="read">
        <h1>Tautan baru sedang dikirim</h1>
        <p class="lead">
          Kami mengirim tautan baru ke <strong>{emailMasked}</strong>. Buka surel terakhir dari kami; tautan
          lama tidak dapat dipakai lagi.
        </p>
        <p>
          Belum tiba setelah sepuluh menit? Periksa folder spam, lalu hubungi pengelola kepegawaian di unit
          kerja Anda.
        </p>
      </div>
    </Layout>
  )
}

export function LinkUsedPage({
  frame,
  token,
  signedAt,
  zone,
  code,
  ready,
  isRow,
}: PageProps & {
  token: string
  signedAt: Date
  zone: TimeZone
  code: string // grouped, as printed
  ready: boolean // the sealed file can be downloaded
  isRow?: boolean // it is a row whose document is not closed yet
}) {
  return (
    <Layout frame={frame} title="Pakta sudah ditandatangani">
      <div class="read">
        <h1>Pakta Anda sudah ditandatangani</h1>
        <p class="lead">
          Pakta Anda sudah ditandatangani pada {formatMoment(signedAt, zone)}.{ready && ' Unduh salinannya.'}
        </p>
        <p>
          Kode verifikasi: <strong class="code">{code}</strong>
        </p>
        {ready ? (
          <p>
            <a class="button" href={paths.linkDownload(token)}>
              {isRow ? 'Unduh bukti tanda tangan (.p7m)' : 'Unduh pakta (PDF)'}
            </a>
          </p>
        ) : (
          <>
            <p>
              Salinan belum siap: pakta masih menunggu saksi atau sedang disegel. Tanda tangan Anda sudah
              tersimpan.
            </p>
            <p>
              <a class="button second" href={paths.link(token)}>
                Muat ulang halaman
              </a>
            </p>
          </>
        )}
      </div>
    </Layout>
  )
}

export function LinkReplacedPage({ frame }: PageProps) {
  return (
    <Layout frame={frame} title="Tautan sudah diganti">
      <div class="read">
        <h1>Tautan sudah diganti</h1>
        <p class="lead">Tautan ini sudah diganti dengan yang lebih baru. Buka surel terakhir dari kami.</p>
        <p>Demi keamanan, hanya satu tautan yang berlaku pada satu waktu.</p>
      </div>
    </Layout>
  )
}

export function LinkMalformedPage({ frame, contact }: PageProps & { contact: string }) {
  return (
    <Layout frame={frame} title="Tautan tidak lengkap">
      <div class="read">
        <h1>Tautan tidak lengkap</h1>
        <p class="lead">Tautan ini tidak kami kenali. Mungkin sebagian terpotong ketika disalin.</p>
        <h2>Yang dapat Anda lakukan</h2>
        <p>
          Tekan tautan langsung dari surel kami, atau salin seluruhnya sampai huruf terakhir. Bila tetap tidak
          terbuka, hubungi {contact}.
        </p>
      </div>
    </Layout>
  )
}

export function LinkClosedPage({
  frame,
  closedAt,
  zone,
  contact,
}: PageProps & { closedAt: Date; zone: TimeZone; contact: string }) {
  return (
    <Layout frame={frame} title="Penandatanganan telah ditutup">
      <div class="read">
        <h1>Penandatanganan telah ditutup</h1>
        <p class="lead">Masa penandatanganan pakta ini berakhir pada {formatMoment(closedAt, zone)}.</p>
        <p>Bila Anda belum sempat menandatangani, hubungi {contact}.</p>
      </div>
    </Layout>
  )
}

export function LinkDisputedPage({
  frame,
  reportedAt,
  zone,
  contact,
}: PageProps & { reportedAt: Date; zone: TimeZone; contact: string }) {
  return (
    <Layout frame={frame} title="Data Anda sedang diperbaiki">
      <div class="read">
        <h1>Data Anda sedang diperbaiki</h1>
        <p class="lead">Anda melaporkan data keliru pada {formatMoment(reportedAt, zone)}.</p>
        <Notice>
          <p>Kami mengirim surel baru begitu data diperbaiki. Pertanyaan: {contact}.</p>
        </Notice>
      </div>
    </Layout>
  )
}

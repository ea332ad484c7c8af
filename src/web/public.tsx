import type { ComponentChildren } from 'preact'
import type { FormState } from './form.js'
import { emptyForm, ErrorSummary, FileField, Submit, TextField } from './form.js'
import type { PageProps } from './layout.js'
import { groupFingerprint } from '../domain/pact.js'
import { BackLink, Facts, formatBytes, Layout, Notice } from './layout.js'
import { paths } from './paths.js'

/** The front door: what this is, and the three ways on. */
export function HomePage({ frame, electionName }: PageProps & { electionName: string | undefined }) {
  return (
    <Layout frame={frame} title="Beranda">
      <div class="hero">
        {electionName && <p class="over">{electionName}</p>}
        <h1>Pakta integritas netralitas pegawai</h1>
        <p class="lead read">
          Di sini setiap pegawai {frame.pemdaName} membaca dan menandatangani sendiri pakta integritasnya, dan
          siapa pun dapat memeriksa keaslian naskahnya.
        </p>
      </div>
      <ul class="doors">
        <li class="door">
          <h2>Saya menerima surel tautan</h2>
          <p>
            Buka surel undangan dari kami, lalu tekan tautan di dalamnya. Tautan itu khusus untuk Anda; tidak
            perlu akun atau kata sandi.
          </p>
          <p class="quiet">
            Belum menerima surel? Periksa folder spam, lalu hubungi pengelola kepegawaian di unit kerja Anda.
          </p>
        </li>
        <li class="door">
          <h2>Periksa keaslian naskah</h2>
          <p>Pindai kode QR pada naskah, ketik kodenya, atau unggah berkas PDF-nya.</p>
          <a class="button" href={paths.verify}>
            Periksa naskah
          </a>
        </li>
        <li class="door">
          <h2>Masuk petugas</h2>
          <p>Untuk pengelola kepegawaian, pimpinan unit, Bawaslu, dan auditor yang telah diundang.</p>
          <a class="button second" href={paths.signIn}>
            Masuk
          </a>
        </li>
      </ul>
    </Layout>
  )
}

export interface VerifyFormProps extends PageProps {
  codeForm?: FormState // values.kode
  fileForm?: FormState // errors on `file`
  fileBytesMax: number
}

/** Two separate ways to check a document: by its code, or by the file itself. */
export function VerifyFormPage({
  frame,
  codeForm = emptyForm,
  fileForm = emptyForm,
  fileBytesMax,
}: VerifyFormProps) {
  const errors = [...codeForm.errors, ...fileForm.errors]
  return (
    <Layout frame={frame} title="Periksa keaslian naskah" wrong={errors.length > 0}>
      <div class="read">
        <BackLink href={paths.home} />
        <ErrorSummary errors={errors} />
        <h1>Periksa keaslian naskah</h1>
        <p>Pilih salah satu cara. Memindai kode QR pada naskah membawa Anda langsung ke hasil pemeriksaan.</p>
        <form method="get" action={paths.verify} novalidate>
          <h2>Dengan kode verifikasi</h2>
          <TextField
            name="kode"
            label="Kode verifikasi"
            hint="26 huruf dan angka di samping kode QR. Huruf besar atau kecil, spasi, dan tanda hubung tidak berpengaruh."
            form={codeForm}
            autoComplete="off"
            spellcheck={false}
            maxLength={60}
          />
          <Submit>Periksa kode</Submit>
        </form>
        <form method="post" action={paths.verify} encType="multipart/form-data" novalidate>
          <h2>Dengan berkas PDF</h2>
          <p>
            Pemeriksaan paling kuat: setiap bita berkas dibandingkan dengan tanda tangan dan catatan kami.
          </p>
          <UploadField form={fileForm} fileBytesMax={fileBytesMax} />
          <Submit>Periksa berkas</Submit>
        </form>
      </div>
    </Layout>
  )
}

/** The field of a PDF to check, with what happens to it. */
export function UploadField({ form, fileBytesMax }: { form: FormState; fileBytesMax: number }) {
  return (
    <FileField
      name="file"
      label="Berkas PDF"
      hint={`Paling besar ${formatBytes(fileBytesMax)}. Berkas hanya dibaca, tidak disimpan.`}
      form={form}
      accept="application/pdf,.pdf"
    />
  )
}

export interface PrivacyProps extends PageProps {
  retention: string // "5 tahun"
  contact: string // how to reach the data-protection contact
}

/** The short notice of `templates`, the same words wherever it stands. */
export function PrivacyNotice({
  pemdaName,
  retention,
  contact,
}: {
  pemdaName: string
  retention: string
  contact: string
}) {
  return (
    <>
      <p>
        {pemdaName} memproses nama, nomor induk, jabatan, unit kerja, surel, waktu, dan alamat IP Anda untuk
        melaksanakan kewajiban pembinaan netralitas pegawai.
      </p>
      <p>
        Data dilihat oleh pengelola kepegawaian, pimpinan unit Anda, Inspektorat, dan—terbatas pada
        rekapitulasi serta dokumen yang diminta secara resmi—Bawaslu dan BKN. Data disimpan {retention} lalu
        dimusnahkan sesuai jadwal retensi arsip.
      </p>
      <p>
        Anda dapat meminta akses, perbaikan, atau penjelasan melalui {contact}. Kami tidak menanyakan pilihan
        politik Anda.
      </p>
    </>
  )
}

export function PrivacyPage({ frame, retention, contact }: PrivacyProps) {
  return (
    <Layout frame={frame} title="Pelindungan data pribadi">
      <div class="read">
        <BackLink href={paths.home}>Beranda</BackLink>
        <h1>Pelindungan data pribadi</h1>
        <PrivacyNotice pemdaName={frame.pemdaName} retention={retention} contact={contact} />
        <h2>Yang tidak kami simpan</h2>
        <ul>
          <li>NIK, agama, alamat rumah, NPWP, dan status perkawinan dibuang saat daftar pegawai dibaca.</li>
          <li>Berkas yang Anda unggah untuk diperiksa.</li>
          <li>Kecepatan dan tekanan goresan tanda tangan; hanya garisnya yang disimpan.</li>
        </ul>
        <h2>Yang dilihat umum</h2>
        <p>
          Halaman verifikasi menyamarkan nama dan hanya menampilkan tiga angka terakhir nomor induk, kecuali
          bagi orang yang membawa berkasnya. Siapa yang belum menandatangani tidak pernah ditampilkan kepada
          umum.
        </p>
        <h2>Kuki</h2>
        <p>
          Kami hanya memakai satu kuki agar petugas tetap masuk. Halaman kami tidak memuat apa pun dari situs
          lain dan tidak melacak Anda.
        </p>
      </div>
    </Layout>
  )
}

export function AccessibilityPage({ frame, contact }: PageProps & { contact: string }) {
  return (
    <Layout frame={frame} title="Pernyataan aksesibilitas">
      <div class="read">
        <BackLink href={paths.home}>Beranda</BackLink>
        <h1>Pernyataan aksesibilitas</h1>
        <p>Layanan ini dibuat agar dapat dipakai oleh sebanyak mungkin orang. Anda dapat:</p>
        <ul>
          <li>menandatangani dengan mengetik nama, tanpa perlu menggambar;</li>
          <li>memakai papan ketik saja atau pembaca layar;</li>
          <li>
            memperbesar halaman sampai empat kali, atau memakai layar selebar 320 piksel, tanpa menggulir ke
            samping (kecuali tabel lebar);
          </li>
          <li>memakai seluruh layanan dengan skrip peramban dimatikan;</li>
          <li>mencetak setiap halaman.</li>
        </ul>
        <p>
          Kami menargetkan WCAG 2.2 tingkat AA. Setiap halaman diperiksa dengan perkakas otomatis sebelum
          dirilis; pemeriksaan itu tidak menggantikan uji dengan pengguna.
        </p>
        <h2>Keterbatasan yang kami ketahui</h2>
        <p>
          Berkas PDF pakta belum bertanda struktur untuk pembaca layar. Halaman penandatanganan memuat teks
          lengkap yang sama dan dapat dibaca oleh pembaca layar.
        </p>
        <h2>Menemukan kesulitan?</h2>
        <p>
          Beri tahu kami melalui {contact}. Pengelola kepegawaian di unit kerja Anda juga dapat membantu
          secara langsung.
        </p>
      </div>
    </Layout>
  )
}

export interface AboutProps extends PageProps {
  version: string
  attributions: readonly { name: string; licence: string; text: string }[] // data and fonts we carry
}

export function AboutPage({ frame, version, attributions }: AboutProps) {
  return (
    <Layout frame={frame} title="Tentang layanan ini">
      <div class="read">
        <BackLink href={paths.home}>Beranda</BackLink>
        <h1>Tentang layanan ini</h1>
        <p>
          Layanan ini dijalankan oleh {frame.pemdaName} untuk penandatanganan pakta integritas netralitas
          pegawai: pimpinan lebih dahulu dengan disaksikan Bawaslu, kemudian setiap pegawai secara pribadi.
        </p>
        <h2>Sifat tanda tangan</h2>
        <p>
          Pakta ditandatangani dengan tanda tangan elektronik tidak tersertifikasi, lalu diberi segel
          elektronik yang membuat setiap perubahan sesudahnya dapat diketahui.
        </p>
        <h2>Perangkat lunak</h2>
        <p>Pakta versi {version}, perangkat lunak bebas dengan lisensi MIT.</p>
        <p>
          Kunci penanda tangan dibuat oleh skrip di peramban penanda tangan sendiri. Peramban hanya
          menjalankan skrip dengan sidik (SHA-256) yang tertulis pada halaman; siapa pun dapat membuatnya
          kembali dari kode sumber dan mencocokkannya:
        </p>
        <Facts
          rows={Object.entries(frame.scripts).map(([name, sha256]) => [
            name,
            <span class="code">{groupFingerprint(sha256)}</span>,
          ])}
        />
        <h2>Data dan huruf yang kami pakai</h2>
        {attributions.map((one) => (
          <>
            <h3>
              {one.name} ({one.licence})
            </h3>
            <p>{one.text}</p>
          </>
        ))}
      </div>
    </Layout>
  )
}

export interface ErrorPageProps extends PageProps {
  title: string
  happened: string
  safe?: string // what did not get lost
  next: ComponentChildren // what to do now
  reference?: string // only for our own faults
}

/** What happened, what is safe, what to do next. */
export function ErrorPage({ frame, title, happened, safe, next, reference }: ErrorPageProps) {
  return (
    <Layout frame={frame} title={title}>
      <div class="read">
        <h1>{title}</h1>
        <p class="lead">{happened}</p>
        {safe && <p>{safe}</p>}
        <h2>Yang dapat Anda lakukan</h2>
        <p>{next}</p>
        {reference && (
          <Notice>
            <p>
              Sebutkan nomor ini bila menghubungi kami: <strong class="code">{reference}</strong>
            </p>
          </Notice>
        )}
        <p>
          <a class="more" href={paths.home}>
            Ke beranda
          </a>
        </p>
      </div>
    </Layout>
  )
}

export function FaultPage({ frame, reference }: PageProps & { reference: string }) {
  return (
    <ErrorPage
      frame={frame}
      title="Terjadi gangguan pada layanan"
      happened="Permintaan Anda tidak dapat kami selesaikan karena kesalahan di pihak kami."
      safe="Tanda tangan dan data yang sudah kami terima tetap tersimpan. Tidak ada yang tersimpan separuh."
      next="Tunggu beberapa menit, lalu muat ulang halaman ini. Bila tetap gagal, hubungi pengelola kepegawaian."
      reference={reference}
    />
  )
}

export function NotFoundPage({ frame }: PageProps) {
  return (
    <ErrorPage
      frame={frame}
      title="Halaman tidak ditemukan"
      happened="Tidak ada halaman pada alamat ini."
      next="Periksa kembali penulisan alamatnya. Bila Anda membuka tautan dari surel, pastikan seluruh tautan ikut tersalin."
    />
  )
}

export function ForbiddenPage({ frame }: PageProps) {
  return (
    <ErrorPage
      frame={frame}
      title="Anda tidak berwenang membuka halaman ini"
      happened="Akun Anda tidak mencakup halaman atau unit ini."
      next="Bila menurut Anda seharusnya dapat membukanya, hubungi administrator."
    />
  )
}

export function TooManyPage({ frame, retryAfterSeconds }: PageProps & { retryAfterSeconds: number }) {
  return (
    <ErrorPage
      frame={frame}
      title="Terlalu banyak permintaan"
      happened="Dari jaringan Anda datang terlalu banyak permintaan dalam waktu singkat."
      safe="Tautan dan data Anda tetap berlaku."
      next={`Tunggu ${Math.max(1, Math.ceil(retryAfterSeconds / 60))} menit, lalu coba lagi.`}
    />
  )
}

import type { FormState } from './form.js'
import { emptyForm, ErrorSummary, Submit, TextField } from './form.js'
import type { PageProps } from './layout.js'
import { BackLink, Layout } from './layout.js'
import { paths } from './paths.js'

export function SignInPage({ frame, form = emptyForm }: PageProps & { form?: FormState }) {
  return (
    <Layout frame={frame} title="Masuk petugas" wrong={form.errors.length > 0}>
      <div class="read">
        <BackLink href={paths.home} />
        <ErrorSummary errors={form.errors} />
        <h1>Masuk petugas</h1>
        <p>
          Kami mengirim tautan masuk ke surel Anda; tidak ada kata sandi. Untuk menandatangani pakta Anda
          sendiri, pakai tautan pada surel undangan.
        </p>
        <form method="post" action={paths.signIn} novalidate>
          <TextField
            name="email"
            type="email"
            label="Alamat surel"
            hint="Surel yang didaftarkan oleh administrator."
            form={form}
            autoComplete="email"
            inputMode="email"
            spellcheck={false}
            maxLength={254}
          />
          <Submit>Kirim tautan masuk</Submit>
        </form>
      </div>
    </Layout>
  )
}

/** The same words whether or not the address is registered. */
export function SignInSentPage({ frame, expiresInMinutes }: PageProps & { expiresInMinutes: number }) {
  return (
    <Layout frame={frame} title="Periksa surel Anda">
      <div class="read">
        <h1>Periksa surel Anda</h1>
        <p class="lead">
          Bila alamat tersebut terdaftar, tautan masuk tiba dalam beberapa menit. Tautan berlaku{' '}
          {expiresInMinutes} menit dan hanya sekali pakai.
        </p>
        <p>
          Tidak menerima apa pun? Periksa folder spam, pastikan alamatnya benar, lalu{' '}
          <a href={paths.signIn}>minta tautan sekali lagi</a>.
        </p>
      </div>
    </Layout>
  )
}

/** Mail scanners open links, so opening this page signs nobody in; the button does. */
export function SignInConfirmPage({ frame, token }: PageProps & { token: string }) {
  return (
    <Layout frame={frame} title="Lanjutkan masuk">
      <div class="read">
        <h1>Lanjutkan masuk</h1>
        <p>Tekan tombol ini bila Anda yang meminta tautan masuk. Bila bukan, tutup saja halaman ini.</p>
        <form method="post" action={paths.signInLink(token)}>
          <Submit>Masuk</Submit>
        </form>
      </div>
    </Layout>
  )
}

export function SignInExpiredPage({ frame }: PageProps) {
  return (
    <Layout frame={frame} title="Tautan masuk tidak berlaku">
      <div class="read">
        <h1>Tautan masuk tidak berlaku</h1>
        <p class="lead">Tautan ini sudah dipakai atau masa berlakunya habis.</p>
        <p>
          <a class="button" href={paths.signIn}>
            Minta tautan baru
          </a>
        </p>
      </div>
    </Layout>
  )
}

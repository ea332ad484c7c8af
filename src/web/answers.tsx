import type { DeclineReason, TimeZone } from '../domain/campaign.js'
import { declineReasons, formatMoment } from '../domain/campaign.js'
import { hideEnd } from '../domain/hiding.js'
import type { Identity } from '../domain/pact.js'
import type { FormState } from './form.js'
import { emptyForm, ErrorSummary, Radios, Submit, TextArea } from './form.js'
import type { PageProps } from './layout.js'
import { BackLink, Facts, Layout, Notice } from './layout.js'
import { paths } from './paths.js'

/** Says what is wrong with the data; an administrator mends it. */
export function DisputePage({
  frame,
  token,
  identity,
  identityTailLength,
  form = emptyForm,
}: PageProps & { token: string; identity: Identity; identityTailLength: number; form?: FormState }) {
  return (
    <Layout frame={frame} title="Data saya keliru" wrong={form.errors.length > 0}>
      <div class="read">
        <BackLink href={paths.link(token)} />
        <ErrorSummary errors={form.errors} />
        <h1>Data saya keliru</h1>
        <p>
          Pengelola kepegawaian akan memperbaikinya lalu mengirim surel baru kepada Anda. Selama itu pakta
          belum dapat ditandatangani.
        </p>
        <Facts
          rows={[
            ['Nama', identity.name],
            [
              identity.identityLabel,
              hideEnd(identity.identityNumber, identity.identityNumber, identityTailLength),
            ],
            ['Pangkat/golongan ruang', identity.rank === '-' ? '' : identity.rank],
            ['Jabatan', [identity.capacity, identity.jabatan].filter(Boolean).join(' ')],
            ['Unit kerja', identity.unitName],
          ]}
        />
        <form method="post" action={paths.linkDispute(token)} novalidate>
          <TextArea
            name="note"
            label="Apa yang keliru, dan apa yang seharusnya tertulis?"
            hint="Misalnya: saya bukan orang ini; atau: jabatan saya sekarang Kepala Seksi Pelayanan. Jangan menuliskan pilihan politik Anda."
            form={form}
            maxLength={1000}
          />
          <Submit>Kirim laporan</Submit>
        </form>
      </div>
    </Layout>
  )
}

/** Says "not yet", with a reason; the link stays good. */
export function DeclinePage({
  frame,
  token,
  form = emptyForm,
}: PageProps & { token: string; form?: FormState }) {
  return (
    <Layout frame={frame} title="Saya belum bersedia" wrong={form.errors.length > 0}>
      <div class="read">
        <BackLink href={paths.link(token)} />
        <ErrorSummary errors={form.errors} />
        <h1>Saya belum bersedia</h1>
        <p>Anda tetap dapat kembali dan menandatangani dengan tautan yang sama selama masih berlaku.</p>
        <form method="post" action={paths.linkDecline(token)} novalidate>
          <Radios
            name="reason"
            label="Pilih alasan yang paling sesuai"
            form={form}
            options={(Object.keys(declineReasons) as DeclineReason[]).map((value) => ({
              value,
              label: declineReasons[value],
            }))}
          />
          <TextArea
            name="note"
            label="Penjelasan (boleh dikosongkan)"
            hint="Jangan menuliskan pilihan politik Anda."
            form={form}
            maxLength={1000}
          />
          <Submit>Kirim jawaban</Submit>
        </form>
      </div>
    </Layout>
  )
}

export function DisputedPage({ frame, token, contact }: PageProps & { token: string; contact: string }) {
  return (
    <Layout frame={frame} title="Laporan Anda kami terima">
      <div class="read">
        <h1>Laporan Anda kami terima</h1>
        <Notice tone="good">
          <p>Pakta Anda ditahan sampai datanya diperbaiki. Tidak ada yang ditandatangani.</p>
        </Notice>
        <h2>Selanjutnya</h2>
        <p>
          Pengelola kepegawaian memeriksa laporan Anda lalu mengirim surel baru. Tautan ini tidak perlu dibuka
          lagi. Bila perlu, hubungi {contact}.
        </p>
        <p>
          <a class="more" href={paths.link(token)}>
            Lihat keadaan pakta saya
          </a>
        </p>
      </div>
    </Layout>
  )
}

export function DeclinedPage({
  frame,
  token,
  reason,
  expiresAt,
  zone,
  contact,
}: PageProps & { token: string; reason: DeclineReason; expiresAt: Date; zone: TimeZone; contact: string }) {
  return (
    <Layout frame={frame} title="Jawaban Anda kami catat">
      <div class="read">
        <h1>Jawaban Anda kami catat</h1>
        <Facts rows={[['Alasan Anda', declineReasons[reason]]]} />
        <p>
          Pakta Anda belum ditandatangani. Anda dapat kembali dan menandatanganinya sampai{' '}
          <strong>{formatMoment(expiresAt, zone)}</strong>.
        </p>
        <div class="actions">
          <a class="button" href={paths.link(token)}>
            Kembali ke pakta saya
          </a>
        </div>
        <p>Bila memerlukan penjelasan, hubungi {contact}.</p>
      </div>
    </Layout>
  )
}

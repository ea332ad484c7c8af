import { formatMoment, type TimeZone } from '../domain/campaign.js'
import type { PactText, TemplateUse } from '../domain/pact.js'
import { Consent, emptyForm, ErrorSummary, FileField, type FormState, Submit } from './form.js'
import { BackLink, Done, Facts, Layout, Notice, type PageProps } from './layout.js'
import { Naskah } from './pact-text.js'
import { paths } from './paths.js'

const useLabels: Record<TemplateUse, string> = {
  HEAD: 'Pakta pimpinan unit',
  ASN: 'Pakta pegawai ASN',
  NON_ASN: 'Pernyataan pegawai non-ASN',
  JOINT: 'Pakta bersama kepala daerah',
  COLLECTIVE: 'Pakta kolektif satu perangkat daerah',
  RECAP: 'Lembar rekapitulasi unit, saat kegiatan ditutup',
  STANDING: 'Rekapitulasi pada suatu waktu',
  PLEDGE: 'Ikrar pada apel',
  MINUTES: 'Berita acara penyaksian',
}

export interface TemplatesProps extends PageProps {
  versions: readonly { code: string; version: number; use: TemplateUse; releasedAt: Date }[]
  drafts: readonly { id: number; createdAt: Date }[]
  zone: TimeZone
  mayChange: boolean
  done?: string | undefined
  templateForm?: FormState // errors on `words` and `page`
  emblemForm?: FormState // errors on `emblem`
}

/** Every released template, and the way to the next one. */
export function TemplatesPage(props: TemplatesProps) {
  const { frame, versions, drafts, zone, mayChange, done } = props
  const { templateForm = emptyForm, emblemForm = emptyForm } = props
  const errors = [...templateForm.errors, ...emblemForm.errors]
  return (
    <Layout frame={frame} title="Naskah" section={paths.templates} wrong={errors.length > 0}>
      <div class="read">
        <ErrorSummary errors={errors} />
        <Done>{done}</Done>
        <h1>Naskah</h1>
        <p>Naskah yang sudah terbit tidak pernah berubah. Perbaikan menjadi versi berikutnya.</p>
        {drafts.length > 0 && (
          <Notice tone="warn" heading="Rancangan yang belum terbit">
            <ul>
              {drafts.map(({ id, createdAt }) => (
                <li>
                  <a href={paths.templateDraft(id)}>Rancangan {id}</a>, diunggah{' '}
                  {formatMoment(createdAt, zone)}
                </li>
              ))}
            </ul>
          </Notice>
        )}
      </div>
      <table class="cards">
        <caption class="hidden-visually">Naskah yang sudah terbit</caption>
        <thead>
          <tr>
            <th scope="col">Naskah</th>
            <th scope="col">Kode</th>
            <th scope="col">Versi</th>
            <th scope="col">Terbit</th>
            <th scope="col">Berkas</th>
          </tr>
        </thead>
        <tbody>
          {versions.map(({ code, version, use, releasedAt }) => (
            <tr>
              <th scope="row">{useLabels[use]}</th>
              <td>{code}</td>
              <td data-label="Versi">{version}</td>
              <td data-label="Terbit">{formatMoment(releasedAt, zone)}</td>
              <td>
                <ul class="plain">
                  {['pratinjau.pdf', 'naskah.md', 'halaman.yaml'].map((file) => (
                    <li>
                      <a href={paths.templateFile(code, version, file)}>
                        {file}
                        <span class="hidden-visually">
                          {' '}
                          {code} versi {version}
                        </span>
                      </a>
                    </li>
                  ))}
                </ul>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {mayChange && (
        <div class="read">
          <form method="post" action={paths.templates} encType="multipart/form-data" novalidate>
            <h2>Unggah versi baru</h2>
            <p>
              Unduh kedua berkas versi terakhir, ubah dengan penyunting teks, naikkan angka pada “versi”, lalu
              unggah di sini. Anda melihat pratinjaunya lebih dahulu; belum ada yang terbit.
            </p>
            <FileField
              name="words"
              label="Isi naskah (naskah.md)"
              hint="Teks UTF-8 dengan keterangan di antara dua baris ---."
              form={templateForm}
              accept=".md,.txt,text/plain,text/markdown"
            />
            <FileField
              name="page"
              label="Bentuk halaman (halaman.yaml)"
              hint="Kertas, batas, kop, nomor, dan kaki naskah."
              form={templateForm}
              accept=".yaml,.yml,text/plain"
            />
            <Submit>Periksa dan lihat pratinjau</Submit>
          </form>
          <form method="post" action={paths.emblemChange} encType="multipart/form-data" novalidate>
            <h2>Lambang pada kop</h2>
            {frame.emblemPath && (
              <p>
                <img src={frame.emblemPath} alt="Lambang yang dipakai sekarang" width="84" />
              </p>
            )}
            <FileField
              name="emblem"
              label="Berkas lambang"
              hint="PNG atau JPEG (RGB), paling besar 300 KB; 400 piksel sudah cukup."
              form={emblemForm}
              accept="image/png,image/jpeg"
            />
            <Submit kind="second">Simpan lambang</Submit>{' '}
            {frame.emblemPath && (
              <Submit kind="second" name="act" value="hapus">
                Hapus lambang
              </Submit>
            )}
          </form>
        </div>
      )}
    </Layout>
  )
}

export interface TemplateDraftProps extends PageProps {
  draftId: number
  code: string
  version: number
  use: TemplateUse
  parties: readonly string[]
  text: PactText
  form?: FormState // errors on `looked`
}

/** A template before its release: as paper and as people will read it on their phones. */
export function TemplateDraftPage(props: TemplateDraftProps) {
  const { frame, draftId, code, version, use, parties, text, form = emptyForm } = props
  const title = `Pratinjau ${code} versi ${version}`
  return (
    <Layout frame={frame} title={title} section={paths.templates} wrong={form.errors.length > 0}>
      <div class="read">
        <BackLink href={paths.templates} />
        <ErrorSummary errors={form.errors} />
        <h1>Pratinjau naskah</h1>
        <Facts
          rows={[
            ['Naskah', useLabels[use]],
            ['Kode', code],
            ['Versi', String(version)],
            ['Pihak', parties.join(', ')],
          ]}
        />
        <p>
          Orang, nomor, dan kode di bawah ini rekaan. Naskah ini sudah lulus pemeriksaan dan belum terbit.
        </p>
      </div>
      <h2>Seperti yang tercetak</h2>
      <iframe src={paths.templateDraftPreview(draftId)} title={title} />
      <p>
        <a href={paths.templateDraftPreview(draftId)}>Buka pratinjau cetak (PDF)</a>
      </p>
      <div class="read">
        <h2>Seperti yang dibaca pada ponsel</h2>
        <Naskah text={text} label="Isi naskah" />
        <form method="post" action={paths.templateRelease(draftId)} novalidate>
          <h2>Terbitkan</h2>
          <p>
            Sesudah terbit, versi ini tidak dapat diubah atau ditarik. Kegiatan yang berjalan tidak berubah.
          </p>
          <Consent name="looked" label="Saya sudah memeriksa pratinjau cetak dan isinya." form={form} />
          <Submit>
            Terbitkan {code} versi {version}
          </Submit>
        </form>
        <form method="post" action={paths.templateDrop(draftId)}>
          <Submit kind="second">Buang rancangan</Submit>
        </form>
      </div>
    </Layout>
  )
}

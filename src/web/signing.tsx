import type { TimeZone } from '../domain/campaign.js'
import { formatMoment } from '../domain/campaign.js'
import { hideEnd } from '../domain/hiding.js'
import type { Identity, PactText } from '../domain/pact.js'
import { DRAWING_HEIGHT, DRAWING_WIDTH } from '../domain/pact.js'
import type { FormState } from './form.js'
import {
  Consent,
  deviceData,
  type DeviceFacts,
  emptyForm,
  ErrorSummary,
  OwnCertificateFields,
  signingScript,
  Radios,
  Submit,
  TextField,
} from './form.js'
import type { PageProps } from './layout.js'
import { Facts, Layout, Notice } from './layout.js'
import { Naskah } from './pact-text.js'
import { paths } from './paths.js'
import { PrivacyNotice } from './public.js'

export interface SigningProps extends PageProps {
  token: string
  documentName: string // "Pakta Integritas Netralitas ASN"
  identity: Identity
  identityTailLength: number // how many last characters a signer types, against the wrong person at the phone
  text: PactText
  textSha256: string // hex, of the text shown; comes back with the form
  circular?: { words: string; size: string } | undefined // what else is to be read, and its size
  expiresAt: Date
  zone: TimeZone
  retention: string
  privacyContact: string
  device: DeviceFacts
  mayUseOwnCertificate: boolean // heads, where the installation accepts any
  needsOwnKey: boolean // a browser that cannot make a key cannot sign here
  officer: { name: string; jabatan: string } | undefined // who stands beside, at a kiosk
  code: CodeStep | undefined // undefined: no one-time code is asked for
  form?: FormState // isSelf, hasRead, isBinding, identityTail, method, typedName, strokes
}

/** Where a one-time code goes, and whether one is on its way. */
export interface CodeStep {
  addressMasked: string | undefined // undefined: no second address is on file
  sentAt: Date | undefined // of the code that may be typed now
  minutes: number // how long a code is good
  contact: string
}

const characters = (identity: Identity) =>
  /^[\d\s]+$/.test(identity.identityNumber) ? 'angka' : 'huruf atau angka'

/** The page behind a personal link whose turn it is: read, agree, sign. */
export function SigningPage({
  frame,
  token,
  documentName,
  identity,
  identityTailLength,
  text,
  textSha256,
  circular,
  expiresAt,
  zone,
  retention,
  privacyContact,
  device,
  mayUseOwnCertificate,
  needsOwnKey,
  officer,
  code,
  form = emptyForm,
}: SigningProps) {
  const { name, identityLabel, identityNumber } = identity
  const hasNumber = identityNumber !== '' // a party of a joint pact is in no roster
  return (
    <Layout
      frame={frame}
      title="Baca dan tanda tangani pakta Anda"
      wrong={form.errors.length > 0}
      scripts={[signingScript({ mayUseOwnCertificate })]}
    >
      <div class="read">
        <ErrorSummary errors={form.errors} />
        <p class="over">{documentName}</p>
        <h1>Baca dan tanda tangani pakta Anda</h1>
        <p>
          Bacalah seluruh isi pakta, lalu tanda tangani di bagian bawah. Tautan ini khusus untuk Anda dan
          berlaku sampai <strong>{formatMoment(expiresAt, zone)}</strong>.
        </p>
        {officer && (
          <Notice>
            <p>
              Kios bantuan: {officer.name}, {officer.jabatan}, mengenali Anda sebagai pemilik pakta ini dan
              dicatat sebagai petugasnya. Baca dan tanda tangani sendiri.
            </p>
          </Notice>
        )}
        <h2>Pakta ini milik</h2>
        <Facts
          rows={[
            ['Nama', name],
            ...(hasNumber
              ? ([[identityLabel, hideEnd(identityNumber, identityNumber, identityTailLength)]] as const)
              : []),
            ['Jabatan', [identity.capacity, identity.jabatan].filter(Boolean).join(' ')],
            [hasNumber ? 'Unit kerja' : 'Wilayah atau lembaga', identity.unitName],
          ]}
        />
        {hasNumber ? (
          <p>
            Bukan Anda, atau ada yang tidak tepat? <a href={paths.linkDispute(token)}>Data saya keliru</a>
          </p>
        ) : (
          <p>Bukan Anda, atau ada yang tidak tepat? Jangan menandatangani; hubungi {privacyContact}.</p>
        )}
        <h2>Isi pakta</h2>
        <p>
          <a class="more" href={paths.linkPreview(token)}>
            Buka pratinjau PDF
          </a>
        </p>
        <Naskah
          text={text}
          label="Isi pakta"
          {...(hasNumber && { hidden: { number: identityNumber, length: identityTailLength } })}
        />
        {hasNumber && (
          <p class="quiet">
            {identityTailLength} {characters(identity)} terakhir {identityLabel} disamarkan di layar ini
            sampai Anda menandatangani; pada naskah tertulis lengkap.
          </p>
        )}
        {circular && (
          <>
            <h2>Surat edaran</h2>
            <p>{circular.words}.</p>
            <p>
              <a class="more" href={paths.linkCircular(token)}>
                Baca surat edaran (PDF, {circular.size})
              </a>
            </p>
          </>
        )}
        <details>
          <summary>Bagaimana data pribadi Anda dilindungi</summary>
          <PrivacyNotice pemdaName={frame.pemdaName} retention={retention} contact={privacyContact} />
        </details>

        {code && <CodeRequest token={token} code={code} zone={zone} />}
        {needsOwnKey && (
          // Until the script has found that this browser can make a key.
          <div id="no-own-key">
            <Notice tone="warn">
              <p>
                Pakta ini memerlukan peramban yang dapat membuat kunci. Buka tautan yang sama di Chrome,
                Safari, atau Firefox yang terbaru, atau tanda tangani di kios bantuan unit Anda.
              </p>
            </Notice>
          </div>
        )}
        <form
          id="sign"
          method="post"
          action={paths.linkSign(token)}
          data-opened={paths.linkOpened(token)}
          {...deviceData(device)}
          novalidate
        >
          <input type="hidden" name="textSha256" value={textSha256} />
          {code?.sentAt && (
            <TextField
              name="code"
              label="Kode sekali pakai"
              hint="Enam angka dari surel yang baru kami kirim."
              form={{ ...form, values: {} }}
              size="short"
              inputMode="numeric"
              autoComplete="one-time-code"
              spellcheck={false}
              maxLength={8}
            />
          )}
          <fieldset class="consents">
            <legend class="large">Pernyataan Anda</legend>
            <Consent
              name="isSelf"
              label={`Saya adalah ${name} dan tautan ini saya buka sendiri.`}
              form={form}
            />
            <Consent name="hasRead" label="Saya telah membaca seluruh isi pakta di atas." form={form} />
            {circular && (
              <Consent name="hasCircular" label="Saya telah membaca surat edaran di atas." form={form} />
            )}
            <Consent
              name="isBinding"
              label="Saya setuju tanda tangan elektronik ini mengikat saya seperti tanda tangan saya di atas kertas."
              form={form}
            />
          </fieldset>

          {hasNumber && (
            <>
              <h2>Pastikan ini Anda</h2>
              <TextField
                name="identityTail"
                label={`${identityTailLength} ${characters(identity)} terakhir ${identityLabel} Anda`}
                form={form}
                size="short"
                inputMode={characters(identity) === 'angka' ? 'numeric' : 'text'}
                autoComplete="off"
                spellcheck={false}
                maxLength={8}
              />
            </>
          )}

          <h2>Cara membubuhkan tanda tangan</h2>
          {/* Without script there is one way, and nothing to choose. */}
          <div id="methods" hidden>
            <Radios
              name="method"
              label={<span class="hidden-visually">Cara membubuhkan tanda tangan</span>}
              form={form}
              value="typed"
              options={[
                { value: 'typed', label: 'Ketik nama' },
                { value: 'drawn', label: 'Gambar dengan jari atau tetikus' },
              ]}
            />
          </div>
          <div id="typed">
            <TextField
              name="typedName"
              label="Ketik nama lengkap Anda sebagai tanda tangan"
              hint={`Seperti tertulis di atas, dengan atau tanpa gelar: ${name}`}
              form={form}
              autoComplete="name"
              spellcheck={false}
              maxLength={300}
            />
          </div>
          <div
            id="drawing"
            class="drawing field"
            role="group"
            aria-labelledby="drawing-label"
            hidden
            data-width={DRAWING_WIDTH}
            data-height={DRAWING_HEIGHT}
          >
            <p id="drawing-label">
              <strong>Gambar tanda tangan Anda di dalam kotak.</strong>{' '}
              <span class="quiet">
                Yang disimpan hanya garisnya. Tanpa tetikus atau layar sentuh, pilih “Ketik nama”.
              </span>
            </p>
            <canvas
              id="strokes"
              aria-label="Kotak tanda tangan, hanya untuk tetikus, jari, atau pena"
              role="img"
            />
            <div class="actions">
              <button type="button" class="button second" id="drawing-undo">
                Urungkan
              </button>
              <button type="button" class="button second" id="drawing-clear">
                Hapus gambar
              </button>
            </div>
            <input type="hidden" name="strokes" value={form.values['strokes'] ?? ''} />
          </div>
          {mayUseOwnCertificate && <OwnCertificateFields />}
          <p id="sending" role="status" class="quiet" />
          <div class="actions">
            <Submit>Tanda tangani</Submit>
            <a class="button second" href={paths.linkDispute(token)}>
              Data saya keliru
            </a>
            <a class="button second" href={paths.linkDecline(token)}>
              Saya belum bersedia
            </a>
          </div>
        </form>
      </div>
    </Layout>
  )
}

/** Asks for a one-time code before the form: nothing has been filled in yet that could be lost. */
function CodeRequest({ token, code, zone }: { token: string; code: CodeStep; zone: TimeZone }) {
  const { addressMasked, sentAt, minutes, contact } = code
  return (
    <section id="kode">
      <h2>Kode sekali pakai</h2>
      {addressMasked === undefined ? (
        <Notice tone="warn">
          <p>
            Pakta ini memerlukan kode yang dikirim ke surel kedua Anda, dan surel itu belum tercatat. Hubungi{' '}
            {contact} untuk mencatatnya, atau tanda tangani di kios bantuan unit Anda.
          </p>
        </Notice>
      ) : (
        <form method="post" action={paths.linkCode(token)}>
          {sentAt ? (
            <p role="status">
              Kode dikirim ke {addressMasked} pada {formatMoment(sentAt, zone)} dan berlaku {minutes} menit.
              Belum datang? Periksa folder spam, lalu minta kode baru.
            </p>
          ) : (
            <p>
              Supaya hanya Anda yang dapat menandatangani, kami mengirim kode enam angka ke surel kedua Anda,{' '}
              {addressMasked}.
            </p>
          )}
          <Submit {...(sentAt && { kind: 'second' as const })}>
            {sentAt ? 'Kirim kode baru' : 'Kirim kode'}
          </Submit>
        </form>
      )}
    </section>
  )
}

export interface DoneProps extends PageProps {
  token: string
  name: string
  code: string // grouped, as printed
  signedAt: Date
  zone: TimeZone
  state: 'processing' | 'sealed' | 'waiting_witness' | 'row' // row: its document is not closed yet
  unitName: string // whose collective pact a row goes into
  verifyUrl: string // absolute, as printed
  certificate: { sha256: string; method: string } | undefined // hex; undefined until it is made
  secondFactor: string | undefined // in words
  kioskHref: string | undefined // where the officer goes on, at a kiosk
  contact: string
}

/** Right after signing: what was done, what comes next. */
export function DonePage(props: DoneProps) {
  const {
    frame,
    token,
    name,
    code,
    signedAt,
    zone,
    state,
    verifyUrl,
    certificate,
    secondFactor,
    kioskHref,
    contact,
  } = props
  return (
    <Layout frame={frame} title="Pakta Anda telah ditandatangani">
      <div class="read">
        <div class="panel" role="status">
          <PanelCheck />
          <h1>Pakta Anda telah ditandatangani</h1>
          <p>Kode verifikasi</p>
          <p class="code">{code}</p>
        </div>
        <p>
          Terima kasih. Tanda tangan {name} kami terima pada {formatMoment(signedAt, zone)}.
        </p>
        <h2>Selanjutnya</h2>
        {state === 'sealed' && (
          <>
            <p>Pakta sudah disegel dan tidak dapat diubah lagi. Unduh salinannya untuk Anda simpan.</p>
            <p>
              <a class="button" href={paths.linkDownload(token)}>
                Unduh pakta (PDF)
              </a>
            </p>
          </>
        )}
        {state === 'row' && (
          <>
            <p>
              Tanda tangan Anda sudah tersimpan beserta buktinya. Tanda tangan ini dimuat dalam pakta kolektif{' '}
              {props.unitName}, yang disegel saat ditutup; sesudah itu salinannya dapat diunduh dari tautan
              ini.
            </p>
            <p>
              <a class="button second" href={paths.linkDownload(token)}>
                Unduh bukti tanda tangan (.p7m)
              </a>
            </p>
          </>
        )}
        {state === 'processing' && (
          <>
            <p>
              Pakta sedang disimpan; biasanya selesai dalam satu menit. Anda boleh menutup halaman ini, tanda
              tangan Anda sudah tersimpan.
            </p>
            <p>
              <a class="button second" href={paths.linkDone(token)}>
                Muat ulang untuk mengunduh
              </a>
            </p>
          </>
        )}
        {state === 'waiting_witness' && (
          <p>
            Bawaslu akan menandatangani pakta Anda sebagai saksi. Sesudah itu pakta disegel, dan pegawai di
            unit Anda menerima undangannya. Salinan dapat diunduh dari tautan ini.
          </p>
        )}
        <p>
          Siapa pun yang memegang naskahnya dapat memeriksa keasliannya di{' '}
          <a class="code" href={verifyUrl}>
            {verifyUrl}
          </a>
          .
        </p>
        {certificate && (
          <>
            <h2>Kunci Anda</h2>
            <Facts
              rows={[
                ['Cara', certificate.method],
                ['Dipastikan dengan', secondFactor],
                ['Sidik sertifikat', <span class="code">{certificate.sha256}</span>],
              ]}
            />
            <p>
              Kuncinya dipakai sekali lalu dimusnahkan. Sidik ini juga dikirim ke surel Anda; hanya satu
              sertifikat yang boleh terbit atas nama Anda untuk pakta ini. Bukan Anda yang menandatangani?
              Segera hubungi {contact} atau Bawaslu.
            </p>
          </>
        )}
        {kioskHref && (
          <p>
            <a class="button second" href={kioskHref}>
              Kembalikan perangkat kepada petugas
            </a>
          </p>
        )}
      </div>
    </Layout>
  )
}

function PanelCheck() {
  return (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <circle cx="12" cy="12" r="10.5" fill="none" stroke="currentColor" stroke-width="1.5" />
      <path
        d="M17.5 8.5 10.5 16 6.8 12.5"
        fill="none"
        stroke="currentColor"
        stroke-width="2"
        stroke-linecap="round"
        stroke-linejoin="round"
      />
    </svg>
  )
}

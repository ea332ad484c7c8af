import type { ComponentChildren } from 'preact'
import { formatMoment, formatTime, type TimeZone } from '../domain/campaign.js'
import { formatCount, formatPermille, signedPermille } from '../domain/coverage.js'
import type { PactText } from '../domain/pact.js'
import { Emblem, type PageProps, Script } from './layout.js'
import { Naskah } from './pact-text.js'
import { paths } from './paths.js'

// A page for a projector: nothing to press, large enough for the last row, readable without script.
function Projector({
  frame,
  title,
  script,
  children,
}: PageProps & { title: string; script?: string; children: ComponentChildren }) {
  return (
    <html lang="id" class="projector">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="robots" content="noindex" />
        <title>{`${title} · ${frame.pemdaName}`}</title>
        <link rel="icon" href={paths.asset('lambang.svg', frame.assetVersion)} type="image/svg+xml" />
        <link rel="stylesheet" href={paths.asset('layar.css', frame.assetVersion)} />
        {script && <Script name={script} sha256={frame.scripts[script] ?? ''} />}
        {script && (
          <noscript>
            <meta http-equiv="refresh" content="10" />
          </noscript>
        )}
      </head>
      <body>
        {frame.demo && (
          <div class="projector-demo" role="region" aria-label="Peragaan">
            PERAGAAN: data rekaan, naskah tidak berlaku
          </div>
        )}
        <header>
          <Emblem path={frame.emblemPath} />
          <div>
            <p>{frame.pemdaName}</p>
            <h1>{title}</h1>
          </div>
        </header>
        {children}
      </body>
    </html>
  )
}

export interface ScreenProps extends PageProps {
  title: string
  unitName: string
  state: {
    signed: number
    required: number
    present: number
    recent: readonly { unitName: string; at: string }[]
    isEnded: boolean
  }
  startsAt: Date
  deadline: Date
  zone: TimeZone
  entrance: { address: string; qr: { size: number; path: string } }
  feedPath: string
  pledgePath: string | undefined
  now: Date
}

const QUIET_ZONE = 4 // modules, ISO/IEC 18004 section 6.3.8

/** The big screen of an apel. Its script keeps it up to date for as long as it stands there. */
export function ScreenPage(props: ScreenProps) {
  const { frame, title, unitName, state, startsAt, deadline, zone, entrance, now } = props
  const permille = signedPermille(state)
  const isBefore = startsAt > now
  const { size, path } = entrance.qr
  const side = size + 2 * QUIET_ZONE
  return (
    <Projector frame={frame} title={title} script="screen.js">
      <main
        id="layar"
        data-feed={props.feedPath}
        data-starts={startsAt.toISOString()}
        data-deadline={deadline.toISOString()}
        data-zone={zone}
      >
        <section class="projector-count" aria-label="Jumlah yang menandatangani">
          <p class="projector-unit">{unitName}</p>
          <p class="projector-big">
            <span id="persen">{permille === undefined ? '–' : formatPermille(permille)}</span>
          </p>
          <p class="projector-of">
            <b id="sudah">{formatCount(state.signed)}</b> dari <b id="wajib">{formatCount(state.required)}</b>{' '}
            sudah menandatangani
          </p>
          <svg class="projector-bar" viewBox="0 0 1000 20" preserveAspectRatio="none" aria-hidden="true">
            <rect width="1000" height="20" />
            <rect id="batang" width={permille ?? 0} height="20" />
          </svg>
          <dl>
            <div>
              <dt>Tercatat hadir</dt>
              <dd id="hadir">{formatCount(state.present)}</dd>
            </div>
            <div>
              <dt id="sisa-judul">{isBefore ? 'Apel dimulai' : 'Batas waktu pakta'}</dt>
              <dd id="sisa">{formatMoment(isBefore ? startsAt : deadline, zone)}</dd>
            </div>
          </dl>
        </section>
        <section class="projector-enter" aria-label="Pintu masuk penandatanganan">
          <h2>Minta tautan Anda</h2>
          <svg
            class="projector-qr"
            viewBox={`0 0 ${side} ${side}`}
            role="img"
            aria-label="Kode QR pintu masuk"
          >
            <rect width={side} height={side} fill="#fff" />
            <path transform={`translate(${QUIET_ZONE} ${QUIET_ZONE})`} d={path} fill="#000" />
          </svg>
          <p>Pindai, ketik NIP Anda, lalu buka surel Anda.</p>
          <p>Tanpa ponsel? Datang ke meja bantuan.</p>
        </section>
        <section class="projector-recent" aria-label="Yang baru saja menandatangani">
          <h2>Baru saja menandatangani</h2>
          <ol id="terbaru">
            {state.recent.map(({ unitName: name, at }) => (
              <li>
                {name} <time>{formatTime(new Date(at), zone)}</time>
              </li>
            ))}
          </ol>
          {state.recent.length === 0 && <p id="belum">Belum ada. Jadilah yang pertama.</p>}
        </section>
      </main>
      <footer>
        <p id="sambungan" role="status">
          {state.isEnded ? 'Apel sudah diakhiri.' : `Keadaan pukul ${formatTime(now, zone)}`}
        </p>
        {props.pledgePath && <a href={props.pledgePath}>Naskah ikrar</a>}
      </footer>
    </Projector>
  )
}

/** The pledge, large enough to be read aloud from. */
export function PledgePage({
  frame,
  title,
  text,
  screenPath,
}: PageProps & { title: string; text: PactText; screenPath: string }) {
  return (
    <Projector frame={frame} title={title}>
      <main class="projector-pledge">
        <Naskah text={text} label="Naskah ikrar" />
      </main>
      <footer>
        <a href={screenPath}>Kembali ke layar jumlah</a>
      </footer>
    </Projector>
  )
}

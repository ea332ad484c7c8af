import type { ComponentChildren, VNode } from 'preact'
import { render } from 'preact-render-to-string'
import type { Role } from '../domain/account.js'
import { roleLabels } from '../domain/account.js'
import { formatCount } from '../domain/coverage.js'
import { paths } from './paths.js'

/** What every page knows about the house it stands in. */
export interface Frame {
  pemdaName: string // "Pemerintah Kota Kendari"
  emblemPath: string | undefined // same origin; our neutral shield when undefined
  demo: boolean
  assetVersion: string
  scripts: Readonly<Record<string, string>> // SHA-256 (hex) of each script by its name
  account: { name: string; role: Role } | undefined // who signed in
}

/** What every page takes besides its own facts. */
export interface PageProps {
  frame: Frame
}

const teamNavigation = [
  { label: 'Tim', href: paths.team },
  { label: 'Cakupan', href: paths.coverage },
]
const navigation: Record<Role, readonly { label: string; href: string }[]> = {
  administrator: [
    { label: 'Beranda', href: paths.admin },
    { label: 'Cakupan', href: paths.coverage },
    { label: 'Daftar pegawai', href: paths.roster },
    { label: 'Kegiatan', href: paths.campaigns },
    { label: 'Naskah', href: paths.templates },
    { label: 'Akun', href: paths.accounts },
    { label: 'Surel', href: paths.mail },
  ],
  unit_head: [{ label: 'Cakupan', href: paths.coverage }],
  bawaslu: [
    { label: 'Penyaksian', href: paths.witness },
    { label: 'Rekapitulasi', href: paths.witnessTotals },
  ],
  witness: [{ label: 'Penyaksian', href: paths.witness }],
  auditor: [
    { label: 'Cakupan', href: paths.coverage },
    { label: 'Daftar pegawai', href: paths.roster },
    { label: 'Kegiatan', href: paths.campaigns },
    { label: 'Naskah', href: paths.templates },
    { label: 'Akun', href: paths.accounts },
    { label: 'Surel', href: paths.mail },
  ],
  election_desk: teamNavigation,
  task_force: teamNavigation,
}

interface LayoutProps extends PageProps {
  title: string // what this page is, without the service's name
  wrong?: boolean // a form on it was refused: said first in the title, so that it is heard first
  section?: string // href of the navigation entry that this page belongs to
  scripts?: readonly string[] // asset names
  children: ComponentChildren
}

/** The whole document around a page. */
export function Layout({ frame, title, wrong, section, scripts, children }: LayoutProps) {
  return (
    <html lang="id">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="robots" content="noindex" />
        <meta name="format-detection" content="telephone=no" />
        <meta name="theme-color" content="#0d4249" />
        <title>{`${wrong ? 'Perlu diperbaiki: ' : ''}${title} · Pakta Integritas ${frame.pemdaName}`}</title>
        <link rel="icon" href={paths.asset('lambang.svg', frame.assetVersion)} type="image/svg+xml" />
        <link rel="stylesheet" href={paths.asset('pakta.css', frame.assetVersion)} />
        {frame.account && <link rel="stylesheet" href={paths.asset('desk.css', frame.assetVersion)} />}
        {scripts?.map((name) => (
          <Script name={name} sha256={frame.scripts[name] ?? ''} />
        ))}
      </head>
      <body>
        <a class="skip" href="#isi">
          Langsung ke isi
        </a>
        {frame.demo && <DemoBanner />}
        <header class="kop">
          <div class="width">
            <a href={frame.account ? (navigation[frame.account.role][0]?.href ?? paths.home) : paths.home}>
              <Emblem path={frame.emblemPath} />
              <span>
                <span class="kop-pemda">{frame.pemdaName}</span>
                <span class="kop-service">Pakta Integritas Netralitas</span>
              </span>
            </a>
          </div>
        </header>
        {frame.account && <Navigation account={frame.account} section={section} />}
        <main id="isi" class="width" tabIndex={-1}>
          {children}
        </main>
        <footer class="foot">
          <div class="width">
            <ul>
              <li>
                <a href={paths.verify}>Periksa keaslian naskah</a>
              </li>
              <li>
                <a href={paths.privacy}>Pelindungan data pribadi</a>
              </li>
              <li>
                <a href={paths.accessibility}>Pernyataan aksesibilitas</a>
              </li>
              <li>
                <a href={paths.about}>Tentang layanan ini</a>
              </li>
            </ul>
            <p>{frame.pemdaName}</p>
            <p>Kami tidak pernah meminta kata sandi, OTP bank, ataupun pembayaran.</p>
          </div>
        </footer>
      </body>
    </html>
  )
}

// A kept copy of another version would not run: the hash is in the address, too.
export function Script({ name, sha256 }: { name: string; sha256: string }) {
  const integrity = `sha256-${Buffer.from(sha256, 'hex').toString('base64')}`
  return <script src={paths.asset(name, sha256.slice(0, 16))} {...(sha256 && { integrity })} defer />
}

function Navigation({
  account,
  section,
}: {
  account: NonNullable<Frame['account']>
  section: string | undefined
}) {
  return (
    <nav class="nav" aria-label="Menu utama">
      <div class="width">
        <ul>
          {navigation[account.role].map(({ label, href }) => (
            <li>
              <a href={href} aria-current={href === section ? 'page' : undefined}>
                {label}
              </a>
            </li>
          ))}
        </ul>
        <form class="nav-who" method="post" action={paths.signOut}>
          <span>
            {account.name} ({roleLabels[account.role]})
          </span>
          <button type="submit">Keluar</button>
        </form>
      </div>
    </nav>
  )
}

/** Says on every page that nothing here is real. */
export function DemoBanner() {
  return (
    <div class="demo" role="region" aria-label="Peragaan">
      <div class="width">
        <b>PERAGAAN</b>
        Data pegawai di sini rekaan dan naskahnya tidak berlaku.{' '}
        <a href={paths.demoMailbox}>Buka kotak surel peragaan</a>
      </div>
    </div>
  )
}

// A neutral shield of our own drawing: no pemda's emblem is shipped with the service.
export function Emblem({ path }: { path: string | undefined }) {
  if (path) return <img class="emblem" src={path} alt="" width="56" height="66" />
  return (
    <svg class="emblem" viewBox="0 0 56 66" aria-hidden="true" focusable="false">
      <path d="M28 2 53 9v26c0 14-10 23-25 29C13 58 3 49 3 35V9z" fill="#0d4249" />
      <path
        d="M28 7 48.5 12.7V35c0 11-8 18.4-20.5 23.8C15.5 53.4 7.5 46 7.5 35V12.7z"
        fill="none"
        stroke="#e3b95b"
        stroke-width="1.8"
      />
      <path
        d="M28 15.5 30.3 22.2H37.4L31.7 26.4 33.8 33.2 28 29.1 22.2 33.2 24.3 26.4 18.6 22.2H25.7z"
        fill="#e3b95b"
      />
      <path
        d="M14.5 38.5c4.5 0 4.5 3 9 3s4.5-3 9-3 4.5 3 9 3M17 45c3.7 0 3.7 2.7 7.3 2.7S28 45 31.7 45s3.7 2.7 7.3 2.7"
        fill="none"
        stroke="#fff"
        stroke-width="2.2"
        stroke-linecap="round"
      />
    </svg>
  )
}

const shapes = {
  check: 'M20.3 5.7 9.7 18.3 3.7 12.3',
  cross: 'M5 5 19 19M19 5 5 19',
  question: 'M8.5 9a3.5 3.5 0 1 1 5 3.2c-1 .5-1.5 1.2-1.5 2.3M12 18.5v.1',
  warning: 'M12 3 22 20.5H2zM12 9.5v5M12 17.5v.1',
  clock: 'M12 2.5a9.5 9.5 0 1 0 0 19 9.5 9.5 0 0 0 0-19M12 7v5.5l3.5 2',
  stop: 'M12 2.5a9.5 9.5 0 1 0 0 19 9.5 9.5 0 0 0 0-19M5.5 18.5 18.5 5.5',
  dash: 'M5 12H19',
  envelope: 'M3 5.5H21V18.5H3zM3 6.5 12 13.5 21 6.5',
} as const
export type IconName = keyof typeof shapes

/** A drawing beside a word, never instead of one. */
export function Icon({ name }: { name: IconName }) {
  return (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path
        d={shapes[name]}
        fill="none"
        stroke="currentColor"
        stroke-width="2.6"
        stroke-linecap="round"
        stroke-linejoin="round"
      />
    </svg>
  )
}

export type Tone = 'good' | 'warn' | 'bad' | 'info' | 'plain'

/** A state in one or two words, with its drawing: never told by colour alone. */
export function Tag({ tone, icon, children }: { tone: Tone; icon: IconName; children: ComponentChildren }) {
  return (
    <span class={`tag ${tone}`}>
      <Icon name={icon} />
      {children}
    </span>
  )
}

/** What has just been done; nothing when nothing was. */
export function Done({ children }: { children: ComponentChildren }) {
  if (!children) return null
  return (
    <div class="notice good" role="status">
      <p>{children}</p>
    </div>
  )
}

/** A box that says something important; `heading` becomes its h2. */
export function Notice({
  tone = 'info',
  heading,
  children,
}: {
  tone?: Tone
  heading?: string
  children: ComponentChildren
}) {
  return (
    <div class={`notice ${tone}`}>
      {heading && <h2>{heading}</h2>}
      {children}
    </div>
  )
}

/** Facts as term and value; a fact without a value is left out. */
export function Facts({ rows }: { rows: readonly (readonly [string, ComponentChildren])[] }) {
  return (
    <dl class="facts">
      {rows
        .filter(([, value]) => value !== undefined && value !== '')
        .map(([label, value]) => (
          <div>
            <dt>{label}</dt>
            <dd>{value}</dd>
          </div>
        ))}
    </dl>
  )
}

/** The way back to the page before. */
export function BackLink({ href, children = 'Kembali' }: { href: string; children?: ComponentChildren }) {
  return (
    <a class="back" href={href}>
      {children}
    </a>
  )
}

const megabytes = new Intl.NumberFormat('id-ID', { minimumFractionDigits: 1, maximumFractionDigits: 1 })

/** "2,4 MB" or "310 kB". */
export function formatBytes(sizeBytes: number): string {
  return sizeBytes < 1_000_000
    ? `${formatCount(Math.ceil(sizeBytes / 1000))} kB`
    : `${megabytes.format(sizeBytes / 1_000_000)} MB`
}

/** A bar of 0 to 1000 tenths of a percent; the figure always stands beside it as text. */
export function Bar({ permille }: { permille: number | undefined }) {
  if (permille === undefined) return null
  return (
    <svg class="bar" viewBox="0 0 1000 12" preserveAspectRatio="none" aria-hidden="true" focusable="false">
      <rect class="bar-ground" width="1000" height="12" vector-effect="non-scaling-stroke" />
      <rect class="bar-done" width={permille} height="12" />
    </svg>
  )
}

/** The document as it goes over the wire. */
export function renderPage(page: VNode): string {
  return `<!doctype html>${render(page)}`
}

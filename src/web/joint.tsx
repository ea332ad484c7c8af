import { formatMoment, type TimeZone } from '../domain/campaign.js'
import type { RowError } from '../domain/sheet.js'
import {
  Consent,
  emptyForm,
  ErrorSummary,
  FileField,
  type FormState,
  Select,
  Submit,
  TextField,
} from './form.js'
import { BackLink, Bar, Done, Facts, Layout, Notice, type PageProps, Tag } from './layout.js'
import { paths } from './paths.js'
import { ProblemTable } from './roster.js'

interface CampaignLabel {
  id: number
  name: string
  zone: TimeZone
}

export type JointState = 'parties' | 'witnesses' | 'complete' | 'closed'

const stateTags = {
  parties: { word: 'Para pihak menandatangani', tone: 'warn', icon: 'clock' },
  witnesses: { word: 'Saksi menandatangani', tone: 'warn', icon: 'clock' },
  complete: { word: 'Lengkap', tone: 'good', icon: 'check' },
  closed: { word: 'Ditutup, tidak lengkap', tone: 'plain', icon: 'stop' },
} as const

function StateTag({ state }: { state: JointState }) {
  const { word, tone, icon } = stateTags[state]
  return (
    <Tag tone={tone} icon={icon}>
      {word}
    </Tag>
  )
}

export interface JointListProps extends PageProps {
  campaign: CampaignLabel
  pacts: readonly {
    pactId: number
    title: string
    state: JointState
    signed: number
    parties: number
    deadline: Date
  }[]
  drafts: readonly { draftId: number; createdAt: Date }[]
  isOpen: boolean // the campaign
  hasTemplate: boolean
  mayChange: boolean
  done?: string | undefined
  problems?: readonly RowError[] // of a list that was refused
  form?: FormState
}

/** Joint pacts of a campaign, and the form for the next one. */
export function JointListPage(props: JointListProps) {
  const { frame, campaign, pacts, drafts, isOpen, hasTemplate, mayChange, done, problems = [] } = props
  const { form = emptyForm } = props
  return (
    <Layout frame={frame} title="Pakta bersama" section={paths.campaigns} wrong={form.errors.length > 0}>
      <div class="read">
        <BackLink href={paths.campaign(campaign.id)}>{campaign.name}</BackLink>
        <ErrorSummary errors={form.errors} />
        <Done>{done}</Done>
        <h1>Pakta bersama</h1>
        <p>
          Satu naskah yang ditandatangani beberapa pihak, misalnya semua kepala daerah, lalu para saksi.
          Setiap pihak mendapat tautan pribadi; yang belum menandatangani tertulis pada naskahnya.
        </p>
        {pacts.length === 0 && drafts.length === 0 && <p>Belum ada pakta bersama dalam kegiatan ini.</p>}
        {drafts.length > 0 && (
          <Notice tone="warn" heading="Rancangan yang belum dibuka">
            <ul>
              {drafts.map(({ draftId, createdAt }) => (
                <li>
                  <a href={paths.jointDraft(campaign.id, draftId)}>
                    Rancangan, {formatMoment(createdAt, campaign.zone)}
                  </a>
                </li>
              ))}
            </ul>
          </Notice>
        )}
        <ol class="steps">
          {pacts.map((pact) => (
            <li>
              <div>
                <a href={paths.joint(campaign.id, pact.pactId)}>{pact.title}</a>
                <p>
                  {pact.signed} dari {pact.parties} menandatangani; batas waktu{' '}
                  {formatMoment(pact.deadline, campaign.zone)}
                </p>
              </div>
              <StateTag state={pact.state} />
            </li>
          ))}
        </ol>
      </div>
      {problems.length > 0 && (
        <ProblemTable problems={problems.map((one) => ({ severity: 'error', ...one }))} />
      )}
      {mayChange && !isOpen && (
        <p>Buka kegiatannya lebih dahulu; sesudah itu pakta bersama dapat disiapkan.</p>
      )}
      {mayChange && isOpen && !hasTemplate && (
        <Notice tone="warn">
          <p>
            Belum ada naskah pakta bersama yang terbit. <a href={paths.templates}>Terbitkan naskahnya</a>{' '}
            lebih dahulu.
          </p>
        </Notice>
      )}
      {mayChange && isOpen && hasTemplate && (
        <div class="read">
          <form method="post" action={paths.joints(campaign.id)} encType="multipart/form-data" novalidate>
            <h2>Siapkan pakta bersama</h2>
            <p>Belum ada yang dikirim. Anda melihat naskahnya lebih dahulu.</p>
            <FileField
              name="file"
              label="Daftar pihak dan saksi"
              hint={
                <>
                  XLSX atau CSV, urut seperti pada naskah.{' '}
                  <a href={paths.jointForm(campaign.id)}>Unduh formulirnya</a>.
                </>
              }
              form={form}
              accept=".xlsx,.csv"
            />
            <TextField
              name="region"
              label="Provinsi"
              hint="Tercetak pada judul, misalnya: Sumatera Barat."
              form={form}
              maxLength={100}
            />
            <TextField
              name="place"
              label="Tempat acara"
              hint="Misalnya: Auditorium Gubernuran."
              form={form}
              maxLength={100}
            />
            <TextField
              name="city"
              label="Kota"
              hint="Misalnya: Padang."
              form={form}
              size="middle"
              maxLength={100}
            />
            <TextField
              name="unitCode"
              label="Kode unit pada nomor naskah"
              hint="Misalnya: BKD."
              form={form}
              size="short"
              maxLength={20}
            />
            <div class="row">
              <TextField name="day" label="Hari acara" type="date" form={form} size="middle" />
              <TextField
                name="deadlineDate"
                label="Batas tanda tangan"
                type="date"
                form={form}
                size="middle"
              />
              <TextField
                name="deadlineTime"
                label="Pukul"
                type="time"
                form={form}
                value="16:00"
                size="middle"
              />
            </div>
            <Select
              name="order"
              label="Urutan tanda tangan"
              hint="Para saksi selalu menandatangani sesudah para pihak."
              form={form}
              options={[
                { value: 'bebas', label: 'Bebas: siapa hadir lebih dahulu' },
                { value: 'urut', label: 'Berurutan seperti pada daftar' },
              ]}
            />
            <Submit>Periksa dan lihat naskahnya</Submit>
          </form>
        </div>
      )}
    </Layout>
  )
}

export interface JointPartyRow {
  role: 'signer' | 'witness'
  name: string
  jabatan: string // with whom somebody stands in for
  place: string // region or institution
  mandate: string | undefined
  email: string
}

export interface JointDraftProps extends PageProps {
  campaign: CampaignLabel
  draftId: number
  parties: readonly JointPartyRow[]
  isOrdered: boolean
  deadline: Date
  form?: FormState // errors on `looked`
}

/** A joint pact before it is opened: its page and its parties. From opening on neither changes. */
export function JointDraftPage(props: JointDraftProps) {
  const { frame, campaign, draftId, parties, isOrdered, deadline, form = emptyForm } = props
  const preview = paths.jointDraftPreview(campaign.id, draftId)
  const count = (role: JointPartyRow['role']) => parties.filter((party) => party.role === role).length
  return (
    <Layout
      frame={frame}
      title="Periksa pakta bersama"
      section={paths.campaigns}
      wrong={form.errors.length > 0}
    >
      <div class="read">
        <BackLink href={paths.joints(campaign.id)}>Pakta bersama</BackLink>
        <ErrorSummary errors={form.errors} />
        <h1>Periksa pakta bersama</h1>
        <Facts
          rows={[
            ['Pihak', `${count('signer')} orang`],
            ['Saksi', `${count('witness')} orang`],
            ['Urutan', isOrdered ? 'Berurutan' : 'Bebas'],
            ['Batas waktu', formatMoment(deadline, campaign.zone)],
          ]}
        />
      </div>
      <h2>Naskah</h2>
      <iframe src={preview} title="Naskah pakta bersama" />
      <p>
        <a href={preview}>Buka pratinjau (PDF)</a>
      </p>
      <h2>Yang menandatangani</h2>
      <table class="cards">
        <caption class="hidden-visually">Para pihak dan saksi, urut seperti pada naskah</caption>
        <thead>
          <tr>
            <th scope="col">Nama</th>
            <th scope="col">Sebagai</th>
            <th scope="col">Jabatan</th>
            <th scope="col">Wilayah atau lembaga</th>
            <th scope="col">Surat mandat</th>
            <th scope="col">Surel</th>
          </tr>
        </thead>
        <tbody>
          {parties.map((party) => (
            <tr>
              <th scope="row">{party.name}</th>
              <td>{party.role === 'signer' ? 'Pihak' : 'Saksi'}</td>
              <td>{party.jabatan}</td>
              <td>{party.place}</td>
              <td data-label={party.mandate && 'Mandat'}>{party.mandate}</td>
              <td>{party.email}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <div class="read">
        <form method="post" action={paths.jointOpen(campaign.id, draftId)} novalidate>
          <h2>Buka untuk ditandatangani</h2>
          <p>
            Sesudah dibuka, pihak tidak dapat ditambah, diganti, atau dikurangi, karena tempat tanda tangan
            setiap pihak sudah ada pada naskah sebelum tanda tangan pertama.
          </p>
          <Consent name="looked" label="Saya sudah memeriksa naskah dan semua nama." form={form} />
          <Submit>Buka dan kirim tautan</Submit>
        </form>
        <form method="post" action={paths.jointDrop(campaign.id, draftId)}>
          <Submit kind="second">Buang rancangan</Submit>
        </form>
      </div>
    </Layout>
  )
}

export interface JointProps extends PageProps {
  campaign: CampaignLabel
  pactId: number
  title: string
  code: string // grouped
  state: JointState
  deadline: Date
  parties: readonly (JointPartyRow & {
    partyId: number
    standing: string
    at: Date | undefined
    isAsked: boolean
  })[]
  canDownload: boolean
  mayChange: boolean
  done?: string | undefined
}

/** Where a joint pact stands, party by party. */
export function JointPage(props: JointProps) {
  const { frame, campaign, pactId, title, code, state, deadline, parties, mayChange, canDownload } = props
  const signed = parties.filter((party) => party.at).length
  const isGoing = state === 'parties' || state === 'witnesses'
  return (
    <Layout frame={frame} title={title} section={paths.campaigns}>
      <div class="read">
        <BackLink href={paths.joints(campaign.id)}>Pakta bersama</BackLink>
        <Done>{props.done}</Done>
        <h1>{title}</h1>
        <p>
          <StateTag state={state} />
        </p>
        <div class="figure">
          <p class="big">
            {signed} dari {parties.length}
          </p>
          <Bar permille={Math.floor((signed * 1000) / parties.length)} />
          <p>sudah menandatangani</p>
        </div>
        <Facts
          rows={[
            ['Batas waktu', formatMoment(deadline, campaign.zone)],
            ['Kode verifikasi', <span class="code">{code}</span>],
          ]}
        />
        {canDownload && (
          <p>
            <a class="button" href={paths.jointDownload(campaign.id, pactId)}>
              Unduh naskah (PDF)
            </a>
          </p>
        )}
        {mayChange && isGoing && signed > 0 && (
          <div class="actions">
            {state === 'parties' && (
              <a href={paths.jointEnd(campaign.id, pactId, 'saksi')}>Lanjut ke saksi</a>
            )}
            <a href={paths.jointEnd(campaign.id, pactId, 'tutup')}>Tutup tanpa yang belum</a>
          </div>
        )}
      </div>
      <table class="cards">
        <caption class="hidden-visually">Para pihak dan saksi dengan keadaannya</caption>
        <thead>
          <tr>
            <th scope="col">Nama</th>
            <th scope="col">Jabatan</th>
            <th scope="col">Wilayah atau lembaga</th>
            <th scope="col">Keadaan</th>
            {mayChange && isGoing && <th scope="col">Tindakan</th>}
          </tr>
        </thead>
        <tbody>
          {parties.map((party) => (
            <tr>
              <th scope="row">{party.name}</th>
              <td>{party.jabatan}</td>
              <td>{party.place}</td>
              <td>
                {party.at ? (
                  <Tag tone="good" icon="check">
                    {formatMoment(party.at, campaign.zone)}
                  </Tag>
                ) : (
                  <Tag tone={isGoing ? 'warn' : 'plain'} icon={isGoing ? 'clock' : 'stop'}>
                    {party.standing}
                  </Tag>
                )}
              </td>
              {mayChange && isGoing && (
                <td>
                  {party.isAsked && (
                    <form method="post" action={paths.jointSend(campaign.id, pactId)}>
                      <input type="hidden" name="partyId" value={party.partyId} />
                      <Submit kind="second">
                        Kirim tautan baru<span class="hidden-visually"> kepada {party.name}</span>
                      </Submit>
                    </form>
                  )}
                </td>
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </Layout>
  )
}

/** What stopping means, and who will be named as missing. */
export function JointEndPage({
  frame,
  campaign,
  pactId,
  title,
  what,
  missing,
}: PageProps & {
  campaign: CampaignLabel
  pactId: number
  title: string
  what: 'saksi' | 'tutup'
  missing: readonly string[]
}) {
  const heading = what === 'saksi' ? 'Lanjut ke saksi?' : 'Tutup pakta ini?'
  return (
    <Layout frame={frame} title={heading} section={paths.campaigns}>
      <div class="read">
        <BackLink href={paths.joint(campaign.id, pactId)}>{title}</BackLink>
        <h1>{heading}</h1>
        <p class="lead">
          {what === 'saksi'
            ? 'Para saksi mendapat tautannya sekarang. Pihak yang belum menandatangani tidak dapat menandatangani lagi.'
            : 'Naskah disegel seperti adanya. Tanda tangan yang sudah ada tetap berlaku; sesudah ini tidak ada yang dapat menandatangani.'}
        </p>
        <Notice
          tone="warn"
          heading={`${missing.length} belum menandatangani dan tertulis demikian pada naskah`}
        >
          <ul>
            {missing.map((name) => (
              <li>{name}</li>
            ))}
          </ul>
        </Notice>
        <form method="post" action={paths.jointEnd(campaign.id, pactId, what)}>
          <div class="actions">
            <Submit kind="grave">{what === 'saksi' ? 'Lanjut ke saksi' : 'Tutup dan segel'}</Submit>
            <a href={paths.joint(campaign.id, pactId)}>Batal</a>
          </div>
        </form>
      </div>
    </Layout>
  )
}

import type { CampaignState, TimeZone } from '../domain/campaign.js'
import { formatMoment } from '../domain/campaign.js'
import { formatCount, type GateState } from '../domain/coverage.js'
import { GateTag } from './dashboard.js'
import type { FormState } from './form.js'
import { emptyForm, ErrorSummary, FileField, Radios, Select, Submit, TextArea, TextField } from './form.js'
import type { PageProps } from './layout.js'
import { BackLink, Done, Facts, Layout, Notice, Tag } from './layout.js'
import { paths } from './paths.js'

const stateTags: Record<
  CampaignState,
  { word: string; tone: 'plain' | 'good' | 'warn'; icon: 'clock' | 'check' | 'stop' }
> = {
  draft: { word: 'Disiapkan', tone: 'warn', icon: 'clock' },
  open: { word: 'Berjalan', tone: 'good', icon: 'check' },
  closed: { word: 'Ditutup', tone: 'plain', icon: 'stop' },
}

function StateTag({ state }: { state: CampaignState }) {
  const { word, tone, icon } = stateTags[state]
  return (
    <Tag tone={tone} icon={icon}>
      {word}
    </Tag>
  )
}

/** Every campaign of this pemda, newest first. */
export function CampaignsPage({
  frame,
  campaigns,
  zone,
  mayChange,
}: PageProps & {
  campaigns: readonly { id: number; name: string; state: CampaignState; deadline: Date }[]
  zone: TimeZone
  mayChange: boolean
}) {
  return (
    <Layout frame={frame} title="Kegiatan" section={paths.campaigns}>
      <div class="read">
        <h1>Kegiatan penandatanganan</h1>
        {campaigns.length === 0 && (
          <p>Belum ada kegiatan.{mayChange && ' Muat daftar pegawai, lalu buat yang pertama.'}</p>
        )}
        <ol class="steps">
          {campaigns.map((campaign) => (
            <li>
              <div>
                <a href={paths.campaign(campaign.id)}>{campaign.name}</a>
                <p>Batas waktu {formatMoment(campaign.deadline, zone)}</p>
              </div>
              <StateTag state={campaign.state} />
            </li>
          ))}
        </ol>
        {mayChange && (
          <p>
            <a class="button" href={paths.campaignNew}>
              Buat kegiatan
            </a>
          </p>
        )}
      </div>
    </Layout>
  )
}

export interface GateRow {
  unitId: number
  name: string
  headName: string | undefined // undefined: the post is vacant
  witnessName: string | undefined
  state: GateState
}

export interface CampaignProps extends PageProps {
  campaign: {
    id: number
    name: string
    electionName: string
    state: CampaignState
    deadline: Date
    zone: TimeZone
    openedAt: Date | undefined
    closedAt: Date | undefined
    requiredLegalStatuses: readonly string[] // labels
    templates: readonly string[] // "PI-ASN-INDIVIDU versi 1"
    quietHours: string // "20.00 sampai 07.00"
    remindAfterDays: readonly number[]
    digest: string // when heads get how their unit stands
  }
  gates: readonly GateRow[]
  disputeCount: number
  // Campaigns of the province, when there is one here, and which of them this one counts into.
  above:
    | { campaigns: readonly { id: number; name: string }[]; chosen: number | null; shared: 'total' | 'units' }
    | undefined
  circular: { words: string; isFixed: boolean } | undefined // isFixed: somebody has signed under it
  done?: string
  mayChange: boolean
  form?: FormState // of the circular
}

/** Where a campaign stands, gate by gate. */
export function CampaignPage({
  frame,
  campaign,
  gates,
  disputeCount,
  above,
  circular,
  done,
  mayChange,
  form = emptyForm,
}: CampaignProps) {
  const { id, state, zone } = campaign
  return (
    <Layout frame={frame} title={campaign.name} section={paths.campaigns}>
      <BackLink href={paths.campaigns}>Kegiatan</BackLink>
      <Done>{done}</Done>
      <h1>{campaign.name}</h1>
      <p>
        <StateTag state={state} />
      </p>
      {mayChange && (
        <div class="actions">
          {state === 'draft' && (
            <a class="button" href={paths.campaignOpen(id)}>
              Periksa dan buka kegiatan
            </a>
          )}
          {state === 'closed' && (
            <a class="button" href={paths.campaignOpen(id)}>
              Buka kembali
            </a>
          )}
          {state === 'open' && (
            <a class="button second" href={paths.campaignClose(id)}>
              Tutup kegiatan
            </a>
          )}
          <a href={paths.coverage}>Lihat cakupan</a>
          <a href={paths.ranking(id)}>Peringkat dan hambatan</a>
          <a href={paths.documents(id, 0)}>Dokumen dan rekapitulasi</a>
          <a href={paths.joints(id)}>Pakta bersama</a>
          <a href={paths.assemblies(id)}>Apel</a>
          {disputeCount > 0 && (
            <a href={paths.disputes(id)}>{formatCount(disputeCount)} laporan data keliru</a>
          )}
        </div>
      )}
      <Facts
        rows={[
          ['Pemilihan', campaign.electionName],
          ['Batas waktu', formatMoment(campaign.deadline, zone)],
          ['Dibuka', campaign.openedAt && formatMoment(campaign.openedAt, zone)],
          ['Ditutup', campaign.closedAt && formatMoment(campaign.closedAt, zone)],
          ['Kedudukan hukum yang wajib', campaign.requiredLegalStatuses.join(', ')],
          ['Naskah', campaign.templates.join('; ')],
          ['Surel tidak dikirim', campaign.quietHours],
          ['Rekap kepada pimpinan unit', campaign.digest],
          [
            'Pengingat',
            campaign.remindAfterDays.length > 0
              ? `${campaign.remindAfterDays.join(', ')} hari setelah undangan`
              : 'Tidak dikirim',
          ],
        ]}
      />
      <CircularSection {...{ campaignId: id, circular, mayChange: mayChange && state !== 'closed', form }} />
      {mayChange && above && above.campaigns.length > 0 && <AttachForm campaignId={id} above={above} />}
      <table class="cards">
        <caption>Unit, pimpinan, dan saksi</caption>
        <thead>
          <tr>
            <th scope="col">Unit</th>
            <th scope="col">Pimpinan</th>
            <th scope="col">Saksi</th>
            <th scope="col">Keadaan</th>
          </tr>
        </thead>
        <tbody>
          {gates.map((gate) => (
            <tr>
              <th scope="row">
                {mayChange ? <a href={paths.gate(id, gate.unitId)}>{gate.name}</a> : gate.name}
              </th>
              <td data-label="Pimpinan">{gate.headName ?? 'Jabatan kosong'}</td>
              <td data-label="Saksi">{gate.witnessName ?? 'Belum ditentukan'}</td>
              <td>
                <GateTag gate={gate.state} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Layout>
  )
}

// What everybody acknowledges when they sign; fixed once the first has.
function CircularSection(props: {
  campaignId: number
  circular: CampaignProps['circular']
  mayChange: boolean
  form: FormState
}) {
  const { campaignId, circular, mayChange, form } = props
  if (!circular && !mayChange) return null
  return (
    <section>
      <h2>Surat edaran</h2>
      {circular ? (
        <p>
          <a href={paths.circularFile(campaignId)}>{circular.words}</a>. Setiap penanda tangan menyatakan
          telah membacanya.
        </p>
      ) : (
        <p>Belum ada. Bila disertakan, setiap penanda tangan menyatakan telah membacanya.</p>
      )}
      {mayChange && !circular?.isFixed && (
        <details open={form.errors.length > 0}>
          <summary>{circular ? 'Ganti surat edaran' : 'Sertakan surat edaran'}</summary>
          <form method="post" action={paths.circular(campaignId)} encType="multipart/form-data" novalidate>
            <TextField name="circularNumber" label="Nomor" form={form} maxLength={200} />
            <TextField
              name="circularTitle"
              label="Perihal"
              hint="Misalnya: Surat Edaran Wali Kota tentang Netralitas ASN."
              form={form}
              maxLength={200}
            />
            <TextField name="circularDate" label="Tanggal" type="date" form={form} size="middle" />
            <FileField
              name="file"
              label="Berkas"
              hint="PDF, paling besar 5 MB. Tidak dapat diganti sesudah ada yang menandatangani."
              form={form}
              accept=".pdf"
            />
            <Submit kind="second">Sertakan</Submit>
          </form>
        </details>
      )}
    </section>
  )
}

/** The last look before mail leaves. */
export function CampaignOpenPage({
  frame,
  campaign,
  headCount,
  peopleCount,
  withoutEmailCount,
  gatesWithoutHead,
  gatesWithoutWitness,
}: PageProps & {
  campaign: { id: number; name: string; deadline: Date; zone: TimeZone }
  headCount: number // mails that leave now
  peopleCount: number // everyone required
  withoutEmailCount: number
  gatesWithoutHead: readonly string[] // unit names
  gatesWithoutWitness: readonly string[]
}) {
  return (
    <Layout frame={frame} title="Buka kegiatan" section={paths.campaigns}>
      <div class="read">
        <BackLink href={paths.campaign(campaign.id)}>{campaign.name}</BackLink>
        <h1>Buka {campaign.name}?</h1>
        <p class="lead">
          {formatCount(headCount)} surel undangan dikirim kepada pimpinan unit. Setelah masing-masing
          menandatangani dan disaksikan Bawaslu, pegawai di unitnya diundang dengan sendirinya.
        </p>
        <Facts
          rows={[
            ['Wajib menandatangani', `${formatCount(peopleCount)} orang`],
            ['Belum punya surel', `${formatCount(withoutEmailCount)} orang`],
            ['Batas waktu', formatMoment(campaign.deadline, campaign.zone)],
          ]}
        />
        {gatesWithoutHead.length > 0 && (
          <Notice tone="warn" heading="Unit tanpa pimpinan">
            <p>
              {gatesWithoutHead.join('; ')}. Pegawainya menunggu sampai pimpinan ditetapkan atau unit dibuka
              dengan alasan.
            </p>
          </Notice>
        )}
        {gatesWithoutWitness.length > 0 && (
          <Notice tone="warn" heading="Unit tanpa saksi">
            <p>{gatesWithoutWitness.join('; ')}. Pimpinannya belum diundang sampai saksi ditentukan.</p>
          </Notice>
        )}
        <form method="post" action={paths.campaignOpen(campaign.id)}>
          <div class="actions">
            <Submit>Buka kegiatan dan kirim undangan</Submit>
            <a href={paths.campaign(campaign.id)}>Belum</a>
          </div>
        </form>
      </div>
    </Layout>
  )
}

function AttachForm({
  campaignId,
  above,
}: {
  campaignId: number
  above: NonNullable<CampaignProps['above']>
}) {
  const { campaigns, chosen, shared } = above
  return (
    <form class="read" method="post" action={paths.campaignAttach(campaignId)} novalidate>
      <h2>Cakupan provinsi</h2>
      <p>Provinsi melihat jumlah, tidak pernah nama.</p>
      <Select
        name="parentId"
        label="Ikut dihitung dalam kegiatan"
        value={chosen === null ? '' : String(chosen)}
        options={[
          { value: '', label: 'Tidak ikut' },
          ...campaigns.map((one) => ({ value: String(one.id), label: one.name })),
        ]}
      />
      <Radios
        name="shared"
        label="Yang dilihat provinsi"
        value={shared}
        options={[
          { value: 'total', label: 'Jumlah seluruh daerah ini saja' },
          { value: 'units', label: 'Jumlah setiap perangkat daerah, kecamatan, kelurahan, dan desa' },
        ]}
      />
      <Submit kind="second">Simpan</Submit>
    </form>
  )
}

export function CampaignClosePage({
  frame,
  campaign,
  unsignedCount,
}: PageProps & { campaign: { id: number; name: string }; unsignedCount: number }) {
  return (
    <Layout frame={frame} title="Tutup kegiatan" section={paths.campaigns}>
      <div class="read">
        <BackLink href={paths.campaign(campaign.id)}>{campaign.name}</BackLink>
        <h1>Tutup {campaign.name}?</h1>
        <p class="lead">
          {formatCount(unsignedCount)} orang belum menandatangani. Tautan mereka tidak dapat dipakai selama
          kegiatan ditutup. Pakta yang sudah ada tetap berlaku.
        </p>
        <form method="post" action={paths.campaignClose(campaign.id)}>
          <div class="actions">
            <Submit kind="grave">Tutup kegiatan</Submit>
            <a href={paths.campaign(campaign.id)}>Batal</a>
          </div>
        </form>
      </div>
    </Layout>
  )
}

export interface GateProps extends PageProps {
  campaign: { id: number; name: string; zone: TimeZone }
  gate: GateRow & {
    headSignedAt: Date | undefined
    overriddenAt: Date | undefined
    overrideReason: string | undefined
  }
  witnesses: readonly { accountId: number; name: string }[]
  witnessAccountId: number | undefined
  mayOverride: boolean // the gate is still shut
  form?: FormState
}

/** One unit's gate: its witness, and the recorded way around a vacant post. */
export function GatePage({
  frame,
  campaign,
  gate,
  witnesses,
  witnessAccountId,
  mayOverride,
  form = emptyForm,
}: GateProps) {
  const { zone } = campaign
  return (
    <Layout frame={frame} title={gate.name} section={paths.campaigns} wrong={form.errors.length > 0}>
      <div class="read">
        <BackLink href={paths.campaign(campaign.id)}>{campaign.name}</BackLink>
        <ErrorSummary errors={form.errors} />
        <h1>{gate.name}</h1>
        <p>
          <GateTag gate={gate.state} />
        </p>
        <Facts
          rows={[
            ['Pimpinan', gate.headName ?? 'Jabatan kosong'],
            ['Pimpinan menandatangani', gate.headSignedAt && formatMoment(gate.headSignedAt, zone)],
            ['Saksi', gate.witnessName ?? 'Belum ditentukan'],
            ['Dibuka tanpa pimpinan', gate.overriddenAt && formatMoment(gate.overriddenAt, zone)],
            ['Alasan', gate.overrideReason],
          ]}
        />
        {!gate.headSignedAt && (
          <form method="post" action={paths.gate(campaign.id, gate.unitId)} novalidate>
            <h2>Saksi</h2>
            <Select
              name="witnessAccountId"
              label="Saksi dari Bawaslu untuk unit ini"
              form={form}
              value={witnessAccountId === undefined ? '' : String(witnessAccountId)}
              options={[
                { value: '', label: 'Belum ditentukan' },
                ...witnesses.map(({ accountId, name }) => ({ value: String(accountId), label: name })),
              ]}
            />
            <Submit kind="second">Simpan saksi</Submit>
          </form>
        )}
        {mayOverride && (
          <form method="post" action={paths.gateOverride(campaign.id, gate.unitId)} novalidate>
            <h2>Buka tanpa menunggu pimpinan</h2>
            <Notice tone="warn">
              <p>
                Hanya bila jabatan pimpinan kosong atau berhalangan tetap. Pegawai unit ini langsung diundang.
                Nama Anda, waktu, dan alasan dicatat dan tampil pada rekapitulasi.
              </p>
            </Notice>
            <TextArea
              name="reason"
              label="Alasan"
              hint="Misalnya: jabatan kosong, Plt. belum ditunjuk, nota dinas nomor ..."
              form={form}
              maxLength={500}
            />
            <Submit kind="grave">Buka unit ini</Submit>
          </form>
        )}
      </div>
    </Layout>
  )
}

import { formatMoment, type TimeZone } from '../domain/campaign.js'
import { formatCount } from '../domain/coverage.js'
import { emptyForm, ErrorSummary, type FormState, Select, Submit, TextField } from './form.js'
import { BackLink, Done, Facts, Layout, Notice, type PageProps, Tag } from './layout.js'
import { paths } from './paths.js'

interface CampaignLabel {
  id: number
  name: string
  zone: TimeZone
}

/** Assemblies of a campaign, and the form for the next one. */
export function AssembliesPage({
  frame,
  campaign,
  assemblies,
  units,
  isOpen,
  mayChange,
  form = emptyForm,
}: PageProps & {
  campaign: CampaignLabel
  assemblies: readonly { id: number; title: string; startsAt: Date; isEnded: boolean; present: number }[]
  units: readonly { unitId: number; name: string }[]
  isOpen: boolean
  mayChange: boolean
  form?: FormState
}) {
  return (
    <Layout frame={frame} title="Apel" section={paths.campaigns} wrong={form.errors.length > 0}>
      <div class="read">
        <BackLink href={paths.campaign(campaign.id)}>{campaign.name}</BackLink>
        <ErrorSummary errors={form.errors} />
        <h1>Apel netralitas</h1>
        <p>
          Layar besar dengan jumlah yang bergerak, naskah ikrar, dan pintu masuk: pegawai mengetik NIP pada
          ponselnya dan menerima tautan pada surel yang tercatat. Kehadiran dicatat terpisah dari tanda
          tangan.
        </p>
        {assemblies.length === 0 && <p>Belum ada apel dalam kegiatan ini.</p>}
        <ol class="steps">
          {assemblies.map((one) => (
            <li>
              <div>
                <a href={paths.assembly(campaign.id, one.id)}>{one.title}</a>
                <p>
                  {formatMoment(one.startsAt, campaign.zone)}; {formatCount(one.present)} tercatat hadir
                </p>
              </div>
              {one.isEnded ? (
                <Tag tone="plain" icon="stop">
                  Diakhiri
                </Tag>
              ) : (
                <Tag tone="good" icon="check">
                  Terbuka
                </Tag>
              )}
            </li>
          ))}
        </ol>
        {mayChange && !isOpen && <p>Buka kegiatannya lebih dahulu; sesudah itu apel dapat disiapkan.</p>}
        {mayChange && isOpen && (
          <form method="post" action={paths.assemblies(campaign.id)} novalidate>
            <h2>Siapkan apel</h2>
            <TextField
              name="title"
              label="Nama apel"
              hint="Tampil pada layar besar, misalnya: Apel Netralitas ASN Kota Payakumbuh."
              form={form}
              maxLength={120}
            />
            <Select
              name="unitId"
              label="Yang dihitung"
              form={form}
              options={[
                { value: '', label: 'Seluruh pemerintah daerah' },
                ...units.map(({ unitId, name }) => ({ value: String(unitId), label: name })),
              ]}
            />
            <div class="row">
              <TextField name="startDate" label="Tanggal mulai" type="date" form={form} size="middle" />
              <TextField name="startTime" label="Pukul" type="time" form={form} value="08:00" size="middle" />
            </div>
            <Submit>Siapkan</Submit>
          </form>
        )}
      </div>
    </Layout>
  )
}

export interface AssemblyProps extends PageProps {
  campaign: CampaignLabel
  assembly: { id: number; title: string; startsAt: Date; endedAt: Date | undefined; unitName: string }
  screenAddress: string
  entranceAddress: string
  present: { all: number; byOfficer: number }
  people: readonly { name: string; unitName: string; at: Date; byOfficer: boolean; hasSigned: boolean }[]
  mayChange: boolean
  done?: string | undefined
  form?: FormState // errors on `number`
}

/** One assembly: its doors, who is there, and the help desk's own entry. */
export function AssemblyPage(props: AssemblyProps) {
  const { frame, campaign, assembly, present, people, mayChange, form = emptyForm } = props
  const isGoing = assembly.endedAt === undefined
  return (
    <Layout frame={frame} title={assembly.title} section={paths.campaigns} wrong={form.errors.length > 0}>
      <div class="read">
        <BackLink href={paths.assemblies(campaign.id)}>Apel</BackLink>
        <ErrorSummary errors={form.errors} />
        <Done>{props.done}</Done>
        <h1>{assembly.title}</h1>
        <Facts
          rows={[
            ['Yang dihitung', assembly.unitName],
            ['Mulai', formatMoment(assembly.startsAt, campaign.zone)],
            ['Diakhiri', assembly.endedAt && formatMoment(assembly.endedAt, campaign.zone)],
            [
              'Tercatat hadir',
              `${formatCount(present.all)} orang, ${formatCount(present.byOfficer)} di antaranya dicatat petugas`,
            ],
          ]}
        />
        {isGoing && (
          <>
            <p>
              <a class="button" href={props.screenAddress}>
                Buka layar besar
              </a>
            </p>
            <Notice>
              <p>
                Buka alamat layar besar pada komputer proyektor; tidak perlu masuk di sana. Layar itu
                menampilkan jumlah dan nama unit, tidak pernah nama orang.
              </p>
            </Notice>
            <p>
              Pintu masuk pegawai, bila QR tidak terbaca:{' '}
              <a href={props.entranceAddress}>{props.entranceAddress}</a>
            </p>
          </>
        )}
        {mayChange && isGoing && (
          <form method="post" action={paths.attendance(campaign.id, assembly.id)} novalidate>
            <h2>Meja bantuan</h2>
            <TextField
              name="number"
              label="NIP atau nomor kontrak"
              hint="Kehadirannya dicatat atas nama Anda sebagai petugas; lalu Anda dapat membuka kios baginya."
              form={form}
              inputMode="text"
              autoComplete="off"
              maxLength={40}
            />
            <Submit kind="second">Catat hadir</Submit>
          </form>
        )}
      </div>
      <h2>Yang tercatat hadir</h2>
      <p class="quiet">
        Kehadiran yang tidak dicatat petugas berasal dari nomor yang diketik di pintu masuk; itu belum
        membuktikan siapa yang mengetiknya. Tanda tangan adalah bukti tersendiri.
      </p>
      {people.length === 0 ? (
        <p>Belum ada yang tercatat.</p>
      ) : (
        <table class="cards">
          <caption class="hidden-visually">Yang tercatat hadir, terbaru lebih dahulu</caption>
          <thead>
            <tr>
              <th scope="col">Nama</th>
              <th scope="col">Unit kerja</th>
              <th scope="col">Tercatat</th>
              <th scope="col">Pakta</th>
            </tr>
          </thead>
          <tbody>
            {people.map((person) => (
              <tr>
                <th scope="row">{person.name}</th>
                <td>{person.unitName}</td>
                <td>
                  {formatMoment(person.at, campaign.zone)}
                  {person.byOfficer && ', oleh petugas'}
                </td>
                <td>
                  {person.hasSigned ? (
                    <Tag tone="good" icon="check">
                      Menandatangani
                    </Tag>
                  ) : (
                    <Tag tone="warn" icon="clock">
                      Belum
                    </Tag>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {mayChange && isGoing && (
        <form method="post" action={paths.assemblyEnd(campaign.id, assembly.id)}>
          <p>
            Mengakhiri apel menutup layar besar dan pintu masuk. Tautan yang sudah terkirim tetap berlaku.
          </p>
          <Submit kind="grave">Akhiri apel</Submit>
        </form>
      )}
    </Layout>
  )
}

/** The entrance on a phone: a number goes in, and the answer is the same for everybody. */
export function EntrancePage({
  frame,
  token,
  title,
  unitName,
  form = emptyForm,
}: PageProps & { token: string; title: string; unitName: string; form?: FormState }) {
  return (
    <Layout frame={frame} title={title} wrong={form.errors.length > 0}>
      <div class="read">
        <ErrorSummary errors={form.errors} />
        <p class="over">{unitName}</p>
        <h1>{title}</h1>
        <p>
          Ketik nomor induk Anda. Tautan pribadi untuk menandatangani dikirim ke surel Anda yang tercatat, dan
          kehadiran Anda dicatat.
        </p>
        <form method="post" action={paths.entrance(token)} novalidate>
          <TextField
            name="number"
            label="NIP, NI PPPK, atau nomor kontrak"
            hint="NIP terdiri atas 18 angka; spasi tidak masalah."
            form={form}
            inputMode="text"
            autoComplete="off"
            spellcheck={false}
            maxLength={40}
          />
          <Submit>Kirim tautan saya</Submit>
        </form>
      </div>
    </Layout>
  )
}

/** Said to everybody who typed a number, whoever it belongs to. */
export function EntranceSentPage({ frame, token }: PageProps & { token: string }) {
  return (
    <Layout frame={frame} title="Periksa surel Anda">
      <div class="read">
        <h1>Periksa surel Anda</h1>
        <p class="lead">
          Bila nomor itu tercatat, tautan pribadi sedang dikirim ke surel yang tercatat. Demi keamanan,
          alamatnya tidak ditampilkan di sini.
        </p>
        <h2>Surel belum masuk?</h2>
        <ul>
          <li>Tunggu satu menit, lalu periksa juga folder spam.</li>
          <li>Tautan yang sudah Anda terima sebelumnya tetap dapat dipakai.</li>
          <li>Alamat surel sudah berganti, atau tidak membawa ponsel? Datang ke meja bantuan.</li>
        </ul>
        <p>
          <a href={paths.entrance(token)}>Ketik nomor lain</a>
        </p>
      </div>
    </Layout>
  )
}

/** The door of an assembly that is over, or of none. */
export function EntranceClosedPage({ frame }: PageProps) {
  return (
    <Layout frame={frame} title="Apel sudah diakhiri">
      <div class="read">
        <h1>Apel sudah diakhiri</h1>
        <p class="lead">
          Pintu masuk ini sudah ditutup. Tautan pribadi pada surel Anda tetap berlaku; pakailah untuk
          menandatangani.
        </p>
      </div>
    </Layout>
  )
}

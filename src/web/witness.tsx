import { formatMoment, type TimeZone } from '../domain/campaign.js'
import { type CoverageNode, formatCount } from '../domain/coverage.js'
import type { PactText } from '../domain/pact.js'
import type { UnitKind } from '../domain/unit.js'
import { unitKindLabels } from '../domain/unit.js'
import { CoverageFigure, CoverageTable } from './dashboard.js'
import type { FormState } from './form.js'
import {
  Consent,
  deviceData,
  type DeviceFacts,
  emptyForm,
  ErrorSummary,
  OwnCertificateFields,
  signingScript,
  Submit,
} from './form.js'
import type { PageProps } from './layout.js'
import { Bar, BackLink, Facts, Layout, Notice, Tag } from './layout.js'
import { Naskah } from './pact-text.js'
import { paths } from './paths.js'

export interface WitnessRow {
  pactId: number
  unitName: string
  headName: string
  signedAt: Date // by the head
  witnessedAt: Date | undefined
  sealed: boolean // the file can be downloaded
}

/** What waits for this witness, and what is done. */
export function WitnessListPage({
  frame,
  zone,
  waiting,
  done,
}: PageProps & { zone: TimeZone; waiting: readonly WitnessRow[]; done: readonly WitnessRow[] }) {
  return (
    <Layout frame={frame} title="Penyaksian" section={paths.witness}>
      <h1>Penyaksian</h1>
      <p class="read">
        Pimpinan di bawah ini telah menandatangani. Setelah Anda menandatangani sebagai saksi, pegawai di
        unitnya diundang.
      </p>
      {waiting.length === 0 ? (
        <Notice tone="good">
          <p>Tidak ada pakta yang menunggu Anda. Kami mengirim surel begitu ada yang baru.</p>
        </Notice>
      ) : (
        <table class="cards">
          <caption>Menunggu Anda ({formatCount(waiting.length)})</caption>
          <thead>
            <tr>
              <th scope="col">Unit</th>
              <th scope="col">Pimpinan</th>
              <th scope="col">Menandatangani</th>
            </tr>
          </thead>
          <tbody>
            {waiting.map((row) => (
              <tr>
                <th scope="row">
                  <a href={paths.witnessPact(row.pactId)}>{row.unitName}</a>
                </th>
                <td>{row.headName}</td>
                <td>{formatMoment(row.signedAt, zone)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {done.length > 0 && (
        <table class="cards">
          <caption>Sudah disaksikan ({formatCount(done.length)})</caption>
          <thead>
            <tr>
              <th scope="col">Unit</th>
              <th scope="col">Pimpinan</th>
              <th scope="col">Disaksikan</th>
              <th scope="col">Naskah</th>
            </tr>
          </thead>
          <tbody>
            {done.map((row) => (
              <tr>
                <th scope="row">{row.unitName}</th>
                <td>{row.headName}</td>
                <td>{row.witnessedAt && formatMoment(row.witnessedAt, zone)}</td>
                <td>
                  {row.sealed ? (
                    <a href={paths.witnessDownload(row.pactId)}>
                      Unduh PDF<span class="hidden-visually"> {row.unitName}</span>
                    </a>
                  ) : (
                    <Tag tone="warn" icon="clock">
                      Sedang disegel
                    </Tag>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Layout>
  )
}

export interface WitnessPactProps extends PageProps {
  pactId: number
  unitName: string
  headName: string
  signedAt: Date
  zone: TimeZone
  text: PactText
  textSha256: string
  witness: { name: string; institution: string }
  device: DeviceFacts
  mayUseOwnCertificate: boolean
  form?: FormState // confirms
}

/** One pact to read and to witness. */
export function WitnessPactPage(props: WitnessPactProps) {
  const {
    frame,
    pactId,
    unitName,
    headName,
    signedAt,
    zone,
    text,
    textSha256,
    witness,
    device,
    mayUseOwnCertificate,
    form = emptyForm,
  } = props
  return (
    <Layout
      frame={frame}
      title={`Saksikan pakta ${unitName}`}
      scripts={[signingScript({ mayUseOwnCertificate })]}
      section={paths.witness}
      wrong={form.errors.length > 0}
    >
      <div class="read">
        <BackLink href={paths.witness}>Penyaksian</BackLink>
        <ErrorSummary errors={form.errors} />
        <p class="over">{unitName}</p>
        <h1>Saksikan pakta pimpinan</h1>
        <Facts
          rows={[
            ['Penanda tangan', headName],
            ['Menandatangani', formatMoment(signedAt, zone)],
            ['Saksi', `${witness.name}, ${witness.institution}`],
          ]}
        />
        <p>
          <a class="more" href={paths.witnessPreview(pactId)}>
            Buka PDF yang telah ditandatangani
          </a>
        </p>
        <Naskah text={text} label="Isi pakta" />
        <Notice>
          <p>
            Tanda tangan saksi menerangkan bahwa penandatanganan telah berlangsung. Ini bukan penilaian atas
            kepatuhan setelahnya.
          </p>
        </Notice>
        <form id="sign" method="post" action={paths.witnessSign(pactId)} {...deviceData(device)} novalidate>
          <input type="hidden" name="textSha256" value={textSha256} />
          <fieldset class="consents">
            <legend class="large">Pernyataan saksi</legend>
            <Consent
              name="confirms"
              label={`Saya, ${witness.name}, telah membaca pakta ini dan menandatanganinya sebagai saksi dari ${witness.institution}.`}
              form={form}
            />
          </fieldset>
          {mayUseOwnCertificate && <OwnCertificateFields />}
          <p id="sending" role="status" class="quiet" />
          <div class="actions">
            <Submit>Tanda tangani sebagai saksi</Submit>
            <a href={paths.witness}>Nanti saja</a>
          </div>
        </form>
      </div>
    </Layout>
  )
}

/** Totals without a single name. */
export function WitnessTotalsPage({
  frame,
  campaignName,
  roots,
  total,
  at,
  zone,
}: PageProps & {
  campaignName: string
  roots: readonly CoverageNode[] // OPD and kecamatan
  total: CoverageNode['total']
  at: Date
  zone: TimeZone
}) {
  const gates = roots.filter((node) => node.gate)
  const open = gates.filter((node) => node.gate === 'open' || node.gate === 'overridden').length
  const kinds = [...new Set(roots.map((node) => node.kind))]
  return (
    <Layout frame={frame} title="Rekapitulasi" section={paths.witnessTotals}>
      <p class="over">{campaignName}</p>
      <h1>Rekapitulasi</h1>
      <CoverageFigure counts={total} />
      {gates.length > 0 && (
        <div class="figure">
          <p>
            <strong>
              {formatCount(open)} dari {formatCount(gates.length)}
            </strong>{' '}
            unit sudah selesai pada tahap pimpinan dan saksi.
          </p>
          <Bar permille={Math.floor((open * 1000) / gates.length)} />
        </div>
      )}
      <p class="quiet">Keadaan pada {formatMoment(at, zone)}. Rekapitulasi ini tidak memuat nama.</p>
      {kinds.map((kind) => (
        <CoverageTable
          caption={unitKindLabels[kind as UnitKind] ?? kind}
          nodes={roots.filter((node) => node.kind === kind)}
        />
      ))}
    </Layout>
  )
}

import { formatMoment } from '../domain/campaign.js'
import { formatCount } from '../domain/coverage.js'
import type { PactState, RecapUse } from '../domain/pact.js'
import type { CampaignLabel } from './dashboard.js'
import { Submit } from './form.js'
import { BackLink, Done, Layout, Notice, type PageProps, Tag } from './layout.js'
import { paths } from './paths.js'

export interface DocumentRow {
  pactId: number
  unitId: number | null // null: the whole pemda
  unitName: string | null
  kind: 'COLLECTIVE' | RecapUse
  number: string
  rows: number // of a collective pact
  state: PactState
  createdAt: Date
}

export interface DocumentsProps extends PageProps {
  campaign: CampaignLabel
  unit: { unitId: number; name: string }
  documents: readonly DocumentRow[] // newest first
  /** Rows of collective pacts; undefined where the campaign has single pacts or names may not be seen. */
  collective:
    { waiting: number; units: readonly { unitId: number; name: string; waiting: number }[] } | undefined
  mayFreeze: boolean
  mayClose: boolean
  done?: string | undefined
}

const kinds: readonly { kind: DocumentRow['kind']; heading: string; empty: string }[] = [
  {
    kind: 'STANDING',
    heading: 'Rekapitulasi pada suatu waktu',
    empty:
      'Belum ada. Bekukan rekapitulasi bila angkanya akan dilaporkan: sesudah itu angkanya tidak berubah.',
  },
  { kind: 'COLLECTIVE', heading: 'Pakta kolektif', empty: 'Belum ada yang ditutup.' },
  {
    kind: 'RECAP',
    heading: 'Lembar rekapitulasi penutup',
    empty: 'Dibuat dengan sendirinya untuk setiap unit saat kegiatan ditutup.',
  },
]

/** The sealed documents of a unit: what was frozen, what was closed. */
export function DocumentsPage(props: DocumentsProps) {
  const { frame, campaign, unit, documents, collective, mayFreeze, mayClose } = props
  return (
    <Layout frame={frame} title={`Dokumen ${unit.name}`} section={paths.coverage}>
      <div class="read">
        <BackLink href={paths.coverageUnit(campaign.id, unit.unitId)}>{unit.name}</BackLink>
        <Done>{props.done}</Done>
        <p class="over">{campaign.name}</p>
        <h1>Dokumen {unit.name}</h1>
        <p>Setiap dokumen bernomor, disegel, dan dapat diperiksa siapa pun lewat kode QR-nya.</p>
        {kinds.map(({ kind, heading, empty }) => {
          const own = documents.filter((one) => one.kind === kind)
          if (kind === 'COLLECTIVE' && !collective) return null
          return (
            <section>
              <h2>{heading}</h2>
              {kind === 'COLLECTIVE' && collective && (
                <Waiting {...{ campaign, unit, collective, mayClose }} />
              )}
              {own.length === 0 && !(kind === 'STANDING' && mayFreeze) && <p>{empty}</p>}
              {kind === 'STANDING' && mayFreeze && (
                <form method="post" action={paths.documents(campaign.id, unit.unitId)}>
                  {own.length === 0 && <p>{empty}</p>}
                  <Submit kind="second">Bekukan rekapitulasi sekarang</Submit>
                </form>
              )}
              {own.length > 0 && (
                <ol class="steps">
                  {own.map((one) => (
                    <DocumentLine document={one} campaign={campaign} unitId={unit.unitId} />
                  ))}
                </ol>
              )}
            </section>
          )
        })}
      </div>
    </Layout>
  )
}

function DocumentLine(props: { document: DocumentRow; campaign: CampaignLabel; unitId: number }) {
  const { document, campaign, unitId } = props
  const file = (format: 'pdf' | 'xlsx') =>
    paths.document(campaign.id, document.unitId ?? unitId, document.pactId, format)
  const isSealed = document.state === 'sealed' || document.state === 'revoked'
  return (
    <li>
      <div>
        <a href={file('pdf')}>Nomor {document.number} (PDF)</a>
        {document.kind !== 'COLLECTIVE' && (
          <>
            {' '}
            · <a href={file('xlsx')}>XLSX</a>
          </>
        )}
        <p>
          {document.unitId !== null && document.unitId !== unitId && `${document.unitName}; `}
          {formatMoment(document.createdAt, campaign.zone)}
          {document.kind === 'COLLECTIVE' && `; ${formatCount(document.rows)} penanda tangan`}
        </p>
      </div>
      {document.state === 'revoked' ? (
        <Tag tone="bad" icon="stop">
          Dicabut
        </Tag>
      ) : (
        <Tag tone={isSealed ? 'good' : 'warn'} icon={isSealed ? 'check' : 'clock'}>
          {isSealed ? 'Disegel' : 'Sedang disegel'}
        </Tag>
      )}
    </li>
  )
}

function Waiting(
  props: Pick<DocumentsProps, 'campaign' | 'unit' | 'mayClose'> & {
    collective: NonNullable<DocumentsProps['collective']>
  },
) {
  const { campaign, unit, collective, mayClose } = props
  if (collective.waiting === 0)
    return <p>Tidak ada tanda tangan baru yang menunggu dimasukkan ke dalam pakta.</p>
  return (
    <Notice>
      <p>
        <strong>{formatCount(collective.waiting)} tanda tangan</strong> menunggu dimasukkan ke dalam pakta
        kolektif. Penutupan juga terjadi dengan sendirinya pada batas waktu dan saat kegiatan ditutup.
      </p>
      {collective.units.length > 0 && (
        <ul>
          {collective.units.map((one) => (
            <li>
              <a href={paths.documents(campaign.id, one.unitId)}>{one.name}</a>: {formatCount(one.waiting)}
            </li>
          ))}
        </ul>
      )}
      {mayClose && (
        <p>
          <a class="button second" href={paths.documentsClose(campaign.id, unit.unitId)}>
            Tutup dan segel sekarang
          </a>
        </p>
      )}
    </Notice>
  )
}

/** The last look before rows become a document. */
export function CollectiveClosePage({
  frame,
  campaign,
  unit,
  units,
}: PageProps & {
  campaign: CampaignLabel
  unit: DocumentsProps['unit']
  units: readonly { unitId: number; name: string; waiting: number; missing: number }[]
}) {
  return (
    <Layout frame={frame} title="Tutup pakta kolektif" section={paths.coverage}>
      <div class="read">
        <BackLink href={paths.documents(campaign.id, unit.unitId)}>Dokumen {unit.name}</BackLink>
        <h1>Tutup dan segel pakta kolektif?</h1>
        <p class="lead">
          Semua yang sudah menandatangani dimuat dalam satu naskah untuk setiap unit, lalu disegel. Yang belum
          menandatangani tetap dapat menandatangani; namanya masuk ke naskah berikutnya.
        </p>
        <table class="cards">
          <caption>Yang akan disegel</caption>
          <thead>
            <tr>
              <th scope="col">Unit</th>
              <th scope="col">Masuk naskah ini</th>
              <th scope="col">Belum menandatangani</th>
            </tr>
          </thead>
          <tbody>
            {units.map((one) => (
              <tr>
                <th scope="row">{one.name}</th>
                <td data-label="Masuk naskah ini">{formatCount(one.waiting)}</td>
                <td data-label="Belum menandatangani">{formatCount(one.missing)}</td>
              </tr>
            ))}
          </tbody>
        </table>
        <form method="post" action={paths.documentsClose(campaign.id, unit.unitId)}>
          <Submit>Tutup dan segel</Submit>
        </form>
      </div>
    </Layout>
  )
}

import { formatMoment, type TimeZone } from '../domain/campaign.js'
import { formatCount } from '../domain/coverage.js'
import type { RowError } from '../domain/sheet.js'
import type { FormState } from './form.js'
import { emptyForm, ErrorSummary, FileField, Submit, TextField } from './form.js'
import type { PageProps } from './layout.js'
import { BackLink, Done, formatBytes, Layout, Notice, Tag } from './layout.js'
import { paths } from './paths.js'

/** What an operator types before a file in which many people are missing is taken at its word. */
export const LEAVE_CONFIRMATION = 'BENAR KELUAR'

export interface RosterUploadProps extends PageProps {
  employeeCount: number
  unitCount: number
  lastImport: { fileName: string; at: Date } | undefined
  zone: TimeZone
  fileBytesMax: number
  mayUpload: boolean
  done?: string // units were saved
  unitErrors?: readonly RowError[] // of a units file that was refused
  unitForm?: FormState // errors on `unitFile`
  rosterForm?: FormState // errors on `file`
}

/** The two files that people and places come from. */
export function RosterUploadPage(props: RosterUploadProps) {
  const { frame, employeeCount, unitCount, lastImport, zone, fileBytesMax, mayUpload, done } = props
  const { unitErrors = [], unitForm = emptyForm, rosterForm = emptyForm } = props
  const errors = [...rosterForm.errors, ...unitForm.errors]
  return (
    <Layout frame={frame} title="Daftar pegawai" section={paths.roster} wrong={errors.length > 0}>
      <div class="read">
        <ErrorSummary errors={errors} />
        <Done>{done}</Done>
        <h1>Daftar pegawai</h1>
        <p>
          Tercatat {formatCount(employeeCount)} pegawai pada {formatCount(unitCount)} unit.
          {lastImport &&
            ` Terakhir dimuat dari ${lastImport.fileName} pada ${formatMoment(lastImport.at, zone)}.`}
        </p>
      </div>
      {unitErrors.length > 0 && (
        <ProblemTable problems={unitErrors.map((one) => ({ severity: 'error', ...one }))} />
      )}
      {mayUpload && (
        <div class="read">
          <form method="post" action={paths.roster} encType="multipart/form-data" novalidate>
            <h2>Muat daftar pegawai</h2>
            <p>
              Ekspor SIASN (XLSX) dengan satu atau beberapa lembar, atau CSV. Berkas diperiksa lebih dahulu;
              tidak ada yang berubah sebelum Anda menyetujui hasilnya.
            </p>
            <Notice>
              <p>
                NIK, agama, alamat, NPWP, BPJS, dan status perkawinan dibuang saat dibaca dan tidak pernah
                disimpan.
              </p>
            </Notice>
            <FileField
              name="file"
              label="Berkas daftar pegawai"
              hint={`XLSX atau CSV, paling besar ${formatBytes(fileBytesMax)}. Kolom NIP harus berformat teks.`}
              form={rosterForm}
              accept=".xlsx,.csv"
            />
            <Submit>Periksa berkas</Submit>
          </form>
          <form method="post" action={paths.units} encType="multipart/form-data" novalidate>
            <h2>Muat daftar unit</h2>
            <p>
              Unit kerja beserta induk dan pimpinannya: kolom KODE, NAMA, JENIS, INDUK, KODE WILAYAH, NIP
              PIMPINAN, KEDUDUKAN. Muat lebih dahulu daripada daftar pegawai.
            </p>
            <FileField
              name="unitFile"
              label="Berkas daftar unit"
              hint={`XLSX atau CSV, paling besar ${formatBytes(fileBytesMax)}.`}
              form={unitForm}
              accept=".xlsx,.csv"
            />
            <Submit kind="second">Muat unit</Submit>
          </form>
        </div>
      )}
    </Layout>
  )
}

export interface RosterProblemRow extends RowError {
  severity: 'error' | 'warning'
}

export interface RosterChangeCounts {
  added: number
  changed: number
  moved: number
  left: number
  returned: number
}

export interface RosterCheckProps extends PageProps {
  importId: number
  fileName: string
  rowCount: number
  counts: RosterChangeCounts
  examples: readonly {
    kind: keyof RosterChangeCounts
    name: string
    identityNumber: string
    fromUnit: string
    toUnit: string
  }[]
  problems: readonly RosterProblemRow[] // those shown
  errorCount: number
  warningCount: number
  asksConfirmation: boolean // more people would leave than is usual
  form?: FormState // confirmation
}

const changeLabels: Record<keyof RosterChangeCounts, string> = {
  added: 'Baru',
  changed: 'Berubah',
  moved: 'Pindah unit',
  left: 'Keluar',
  returned: 'Kembali',
}

/** What a file would change; nothing is written yet. */
export function RosterCheckPage(props: RosterCheckProps) {
  const { frame, importId, fileName, rowCount, counts, examples, problems, errorCount, warningCount } = props
  const { asksConfirmation, form = emptyForm } = props
  const changes = Object.values(counts).reduce((sum, count) => sum + count, 0)
  return (
    <Layout
      frame={frame}
      title="Hasil pemeriksaan berkas"
      section={paths.roster}
      wrong={form.errors.length > 0}
    >
      <BackLink href={paths.roster}>Daftar pegawai</BackLink>
      <ErrorSummary errors={form.errors} />
      <h1>Hasil pemeriksaan berkas</h1>
      <p>
        {fileName}: {formatCount(rowCount)} baris dibaca. <strong>Belum ada yang disimpan.</strong>
      </p>
      <div class="figure">
        <dl class="counts">
          {(Object.keys(changeLabels) as (keyof RosterChangeCounts)[]).map((kind) => (
            <div>
              <dt>{changeLabels[kind]}</dt>
              <dd>{formatCount(counts[kind])}</dd>
            </div>
          ))}
          <div>
            <dt>Baris ditolak</dt>
            <dd>{formatCount(errorCount)}</dd>
          </div>
          <div>
            <dt>Peringatan</dt>
            <dd>{formatCount(warningCount)}</dd>
          </div>
        </dl>
      </div>
      {errorCount > 0 && (
        <Notice tone="warn" heading="Ada baris yang tidak dapat dibaca">
          <p>
            Baris itu dilewati; pegawai yang sudah tercatat tidak dianggap keluar karenanya. Perbaiki di SIASN
            atau di berkas, lalu unggah kembali, atau lanjutkan tanpa baris tersebut.
          </p>
        </Notice>
      )}
      {changes === 0 && <p>Berkas ini sama dengan data yang tercatat. Tidak ada yang perlu disimpan.</p>}
      {examples.length > 0 && (
        <details open={counts.left > 0}>
          <summary>Contoh perubahan</summary>
          <table class="cards">
            <caption class="hidden-visually">Contoh perubahan</caption>
            <thead>
              <tr>
                <th scope="col">Nama</th>
                <th scope="col">Perubahan</th>
                <th scope="col">Dari unit</th>
                <th scope="col">Ke unit</th>
              </tr>
            </thead>
            <tbody>
              {examples.map((change) => (
                <tr>
                  <th scope="row">
                    {change.name} <span class="under quiet code">{change.identityNumber}</span>
                  </th>
                  <td data-label="Perubahan">{changeLabels[change.kind]}</td>
                  <td data-label="Dari">{change.fromUnit || '–'}</td>
                  <td data-label="Ke">{change.toUnit || '–'}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </details>
      )}
      {problems.length > 0 && (
        <ProblemTable problems={problems} hiddenCount={errorCount + warningCount - problems.length} />
      )}
      {changes > 0 && (
        <form class="read" method="post" action={paths.rosterConfirm(importId)} novalidate>
          {asksConfirmation && (
            <>
              <Notice tone="bad" heading={`${formatCount(counts.left)} pegawai akan tercatat keluar`}>
                <p>
                  Jumlah ini lebih dari 5% pegawai. Biasanya itu berarti berkas tidak lengkap, misalnya hanya
                  satu perangkat daerah.
                </p>
              </Notice>
              <TextField
                name="confirmation"
                label={`Ketik ${LEAVE_CONFIRMATION} bila memang benar`}
                form={form}
                size="middle"
                autoComplete="off"
                spellcheck={false}
                maxLength={20}
              />
            </>
          )}
          <Submit>Simpan {formatCount(changes)} perubahan</Submit>
        </form>
      )}
      <form method="post" action={paths.rosterCancel(importId)}>
        <Submit kind="second">{changes > 0 ? 'Batalkan' : 'Tutup'}</Submit>
      </form>
    </Layout>
  )
}

/** What is wrong in a sheet, line by line. */
export function ProblemTable({
  problems,
  hiddenCount = 0,
}: {
  problems: readonly RosterProblemRow[]
  hiddenCount?: number
}) {
  return (
    <>
      <h2>Yang perlu diperhatikan</h2>
      <table class="cards">
        <caption class="hidden-visually">Baris yang ditolak dan peringatan</caption>
        <thead>
          <tr>
            <th scope="col">Tempat</th>
            <th scope="col">Kolom</th>
            <th scope="col">Nilai</th>
            <th scope="col">Yang perlu dilakukan</th>
            <th scope="col">Jenis</th>
          </tr>
        </thead>
        <tbody>
          {problems.map((problem) => (
            <tr>
              <th scope="row">
                {problem.sheet} baris {problem.row}
              </th>
              <td data-label="Kolom">{problem.column}</td>
              <td data-label="Nilai">
                {problem.value === '' ? (
                  <span class="quiet">(kosong)</span>
                ) : (
                  <span class="code">{problem.value}</span>
                )}
              </td>
              <td>
                {problem.message} <span class="quiet">({problem.rule})</span>
              </td>
              <td>
                {problem.severity === 'error' ? (
                  <Tag tone="bad" icon="cross">
                    Ditolak
                  </Tag>
                ) : (
                  <Tag tone="warn" icon="warning">
                    Peringatan
                  </Tag>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {hiddenCount > 0 && <p>Masih ada {formatCount(hiddenCount)} lagi yang tidak ditampilkan.</p>}
    </>
  )
}

/** The file is in. */
export function RosterDonePage({
  frame,
  counts,
  fileName,
}: PageProps & { counts: RosterChangeCounts; fileName: string }) {
  return (
    <Layout frame={frame} title="Daftar pegawai tersimpan" section={paths.roster}>
      <div class="read">
        <h1>Daftar pegawai tersimpan</h1>
        <Notice tone="good">
          <p>
            {fileName}: {formatCount(counts.added)} baru, {formatCount(counts.changed)} berubah,{' '}
            {formatCount(counts.moved)} pindah unit, {formatCount(counts.left)} keluar,{' '}
            {formatCount(counts.returned)} kembali.
          </p>
        </Notice>
        <p>Pakta yang sudah ditandatangani tidak berubah; orang yang pindah dihitung pada unit barunya.</p>
        <div class="actions">
          <a class="button" href={paths.admin}>
            Ke beranda administrator
          </a>
          <a href={paths.coverage}>Lihat cakupan</a>
        </div>
      </div>
    </Layout>
  )
}

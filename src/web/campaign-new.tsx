import type { ElectionKind } from '../domain/campaign.js'
import { timeZones } from '../domain/campaign.js'
import type { SignerClass } from '../domain/pact.js'
import { signerClasses } from '../domain/pact.js'
import type { FormState, Option } from './form.js'
import { Checkboxes, emptyForm, ErrorSummary, Radios, Select, Submit, TextField } from './form.js'
import type { PageProps } from './layout.js'
import { BackLink, Layout } from './layout.js'
import { paths } from './paths.js'

const electionLabels: Record<ElectionKind, string> = {
  PEMILU: 'Pemilu (presiden, DPR, DPD, DPRD)',
  PEMILIHAN: 'Pemilihan kepala daerah (gubernur, bupati, wali kota)',
}

const classLabels: Record<SignerClass, string> = {
  HEAD: 'Naskah untuk pimpinan unit',
  ASN: 'Naskah untuk ASN',
  NON_ASN: 'Naskah untuk non-ASN',
}

export interface CampaignNewProps extends PageProps {
  legalBases: readonly { id: number; version: number }[]
  templates: readonly { code: string; version: number; signerClass: SignerClass; title: string }[] // of each class, the usual first
  gates: readonly { unitId: number; name: string }[]
  legalStatuses: readonly { value: string; label: string }[]
  witnesses: readonly { accountId: number; name: string }[]
  secondWitnesses: readonly { accountId: number; name: string }[]
  chosenUnits: readonly string[] // unit ids; every unit on a new form, so that nobody has to tick them one by one
  chosenStatuses: readonly string[]
  chosenRules: { ownKey: readonly string[]; code: readonly string[] } // signer classes
  form?: FormState
}

/** A campaign is set up on one form, then looked over before anything is sent. */
export function CampaignNewPage(props: CampaignNewProps) {
  const { frame, legalBases, templates, gates, legalStatuses, witnesses, chosenUnits, chosenStatuses } = props
  const { chosenRules, secondWitnesses, form = emptyForm } = props
  const classOptions = signerClasses.map((value) => ({ value, label: classLabels[value] }))
  const hours: Option[] = Array.from({ length: 24 }, (_, hour) => ({
    value: String(hour),
    label: `${String(hour).padStart(2, '0')}.00`,
  }))
  return (
    <Layout frame={frame} title="Buat kegiatan" section={paths.campaigns} wrong={form.errors.length > 0}>
      <div class="read">
        <BackLink href={paths.campaigns}>Kegiatan</BackLink>
        <ErrorSummary errors={form.errors} />
        <h1>Buat kegiatan</h1>
        <p>Belum ada surel yang dikirim. Anda memeriksa semuanya sekali lagi sebelum kegiatan dibuka.</p>
        <form method="post" action={paths.campaigns} novalidate>
          <h2>Pemilihan</h2>
          <TextField
            name="name"
            label="Nama kegiatan"
            hint="Misalnya: Pakta Integritas Netralitas 2029."
            form={form}
            maxLength={200}
          />
          <Radios
            name="electionKind"
            label="Jenis pemilihan"
            form={form}
            options={(Object.keys(electionLabels) as ElectionKind[]).map((value) => ({
              value,
              label: electionLabels[value],
            }))}
          />
          <TextField
            name="electionName"
            label="Nama pemilihan"
            hint="Tercetak pada judul pakta, misalnya: Pemilihan Wali Kota dan Wakil Wali Kota Kendari Tahun 2029."
            form={form}
            maxLength={200}
          />

          <h2>Naskah</h2>
          <Select
            name="legalBasisId"
            label="Dasar hukum"
            form={form}
            options={legalBases.map(({ id, version }) => ({ value: String(id), label: `Versi ${version}` }))}
          />
          {signerClasses.map((signerClass) => (
            <Select
              name={`template${signerClass}`}
              label={classLabels[signerClass]}
              hint={
                signerClass === 'ASN'
                  ? 'Pakta kolektif: satu naskah untuk setiap perangkat daerah dan kecamatan, dengan satu baris untuk setiap orang.'
                  : undefined
              }
              form={form}
              options={templates
                .filter((template) => template.signerClass === signerClass)
                .map(({ code, version, title }) => ({
                  value: `${code}/${version}`,
                  label: `${title} (${code} versi ${version})`,
                }))}
            />
          ))}
          <TextField
            name="eventPlace"
            label="Tempat"
            hint="Tercetak sebelum tanggal, misalnya: Kendari."
            form={form}
            size="middle"
            maxLength={100}
          />

          <h2>Batas waktu</h2>
          <div class="row">
            <TextField name="deadlineDate" label="Tanggal" type="date" form={form} size="middle" />
            <TextField
              name="deadlineTime"
              label="Pukul"
              type="time"
              form={form}
              value="16:00"
              size="middle"
            />
            <Select
              name="timeZone"
              label="Zona waktu"
              form={form}
              size="middle"
              options={Object.keys(timeZones).map((zone) => ({ value: zone, label: zone }))}
            />
          </div>

          <h2>Siapa yang wajib menandatangani</h2>
          <Checkboxes
            name="unitIds"
            label="Perangkat daerah dan kecamatan yang ikut"
            hint="Hapus centang unit yang tidak ikut. Unit di bawahnya mengikuti."
            errors={form.errors}
            chosen={chosenUnits}
            options={gates.map(({ unitId, name }) => ({ value: String(unitId), label: name }))}
            columns
          />
          <Checkboxes
            name="requiredLegalStatuses"
            label="Kedudukan hukum yang wajib"
            hint="Orang dengan kedudukan hukum lain tidak dihitung."
            errors={form.errors}
            chosen={chosenStatuses}
            options={legalStatuses}
          />
          <Select
            name="witnessAccountId"
            label="Saksi dari Bawaslu"
            hint="Menyaksikan pakta semua pimpinan; dapat diganti per unit."
            form={form}
            options={[
              { value: '', label: 'Belum ditentukan' },
              ...witnesses.map(({ accountId, name }) => ({ value: String(accountId), label: name })),
            ]}
          />

          {secondWitnesses.length > 0 && (
            <Select
              name="secondWitnessId"
              label="Saksi kedua"
              hint="Menyaksikan pakta semua pimpinan sesudah Bawaslu, misalnya Pj. Wali Kota."
              form={form}
              options={[
                { value: '', label: 'Tidak ada' },
                ...secondWitnesses.map(({ accountId, name }) => ({ value: String(accountId), label: name })),
              ]}
            />
          )}

          <h2>Seberapa kuat tanda tangannya</h2>
          <Checkboxes
            name="ownKey"
            label="Hanya dengan kunci yang dibuat di perangkat penanda tangan"
            hint="Tanpa centang, peramban lama yang tidak dapat membuat kunci memakai kunci sekali pakai dari peladen; caranya selalu tertulis pada pakta dan pada cakupan."
            errors={form.errors}
            chosen={chosenRules.ownKey}
            options={classOptions}
          />
          <Checkboxes
            name="code"
            label="Dengan kode sekali pakai ke surel kedua"
            hint="Surel kedua diambil dari daftar pegawai. Yang belum punya menandatangani di kios bantuan, di hadapan petugas."
            errors={form.errors}
            chosen={chosenRules.code}
            options={classOptions}
          />

          <h2>Surel</h2>
          <div class="row">
            <Select
              name="quietFromHour"
              label="Jangan kirim mulai pukul"
              form={form}
              size="middle"
              value="20"
              options={hours}
            />
            <Select
              name="quietUntilHour"
              label="sampai pukul"
              form={form}
              size="middle"
              value="7"
              options={hours}
            />
          </div>
          <Select
            name="digest"
            label="Rekap berkala kepada pimpinan unit"
            hint="Pukul 07.00, hanya kepada unit yang belum lengkap."
            form={form}
            options={[
              { value: '', label: 'Tidak dikirim' },
              { value: 'monday', label: 'Setiap Senin' },
              { value: 'workdays', label: 'Setiap hari kerja' },
            ]}
          />
          <TextField
            name="remindAfterDays"
            label="Pengingat setelah berapa hari"
            hint="Hari setelah undangan, dipisahkan koma."
            form={form}
            value="3, 7, 10"
            size="middle"
            maxLength={40}
          />
          <Submit>Simpan rancangan</Submit>
        </form>
      </div>
    </Layout>
  )
}

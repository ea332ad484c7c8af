// What the press is measured on: invented people of a city on the pact that most of them sign.
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { kendariUnits } from '../seeds/kendari.js'
import { inventRoster, type SeedPerson } from '../seeds/people.js'
import { formatRank } from '../src/domain/grade.js'
import { identityLabels } from '../src/domain/employment.js'
import { formatIdentityNumber } from '../src/domain/nip.js'
import { formatCode, groupCode, SEAL_SLOT, type Slot } from '../src/domain/pact.js'
import { formatName } from '../src/domain/roster.js'
import { openTemplate } from '../src/evidence/filling.js'
import { openPress, type Press, type Sheet } from '../src/evidence/press.js'
import type { PrintJob } from '../src/evidence/presswork.js'
import { parseTemplate, type PactTemplate } from '../src/evidence/template.js'
import { loadFonts, type Fonts } from '../src/evidence/typeface.js'

const SEED = 20270110
const CODE = 'PI-ASN-INDIVIDU'

/** A press for the pacts of one campaign, and a sheet for any number of its people. */
export interface Pacts {
  press: Press
  fonts: Fonts
  template: PactTemplate
  /** The sheet of pact `index`, from 0; without end, each with a code and a number of its own. */
  sheet(index: number, fields?: Slot[]): Sheet
  /** The same as a job for a press in another thread. */
  job(index: number, fields?: Slot[]): PrintJob
}

export async function openPacts(): Promise<Pacts> {
  const font = (style: string) => readFileSync(`templates/fonts/LiberationSans-${style}.ttf`)
  const fonts = loadFonts({ regular: font('Regular'), bold: font('Bold'), italic: font('Italic') })
  const folder = `templates/pact/${CODE}/1`
  const files = {
    words: readFileSync(`${folder}/naskah.md`, 'utf8'),
    page: readFileSync(`${folder}/halaman.yaml`, 'utf8'),
    name: `${CODE}/1`,
  }
  const template = parseTemplate(files)
  const { people } = inventRoster({ seed: SEED, count: 5_350, units: await kendariUnits() })
  const signers = people.filter(({ type }) => type !== 'NON_ASN')
  const common = {
    nama_pemilihan: 'Pemilihan Wali Kota dan Wakil Wali Kota Kendari Tahun 2027',
    pemerintah_daerah: 'Pemerintah Kota Kendari',
    tempat: 'Kendari',
    dasar_hukum: 'Undang-Undang Nomor 20 Tahun 2023 Pasal 2 huruf f.',
  }
  const open = openTemplate(template, common)
  const letterheads = new Map<string, NonNullable<Sheet['letterhead']>>()
  const letterheadOf = ({ unit }: SeedPerson) => {
    let letterhead = letterheads.get(unit.code)
    if (!letterhead) {
      letterhead = {
        above: ['PEMERINTAH KOTA KENDARI'],
        unit: unit.name.toUpperCase(),
        address: ['Jalan Contoh Nomor 1, Kendari'],
      }
      letterheads.set(unit.code, letterhead)
    }
    return letterhead
  }
  const signedAt = new Date('2027-01-10T06:05:00Z')
  const ofPerson = (index: number, fields: Slot[] = ['PENANDA_TANGAN', SEAL_SLOT]) => {
    const person = signers[index % signers.length]!
    const name = formatName(person)
    const seed = createHash('sha256').update(`pakta ${index}`).digest()
    const code = formatCode(seed.subarray(0, 16))
    const number = `800.1.6/${index + 1}/${person.unit.code}/2027`
    return {
      own: {
        nomor_dokumen: number,
        nama_lengkap: name,
        label_nomor_induk: identityLabels[person.type],
        nomor_induk: formatIdentityNumber(person.identityNumber),
        pangkat_golongan: formatRank(person.grade),
        jabatan: person.jabatan,
        unit_kerja: person.unit.name,
        perangkat_daerah: person.unit.name,
        tanggal_panjang: '10 Januari 2027',
        jam_zona: '14.05 WITA',
      },
      sheet: {
        letterhead: letterheadOf(person),
        marks: {
          PENANDA_TANGAN: {
            kind: 'typed',
            name,
            lines: ['Ditandatangani secara elektronik', '10 Januari 2027 pukul 14.05 WITA'],
          },
        },
        fields,
        qr: { url: `https://pakta.kendarikota.go.id/v/${code}`, code },
        footer: {
          nama_sistem: 'Pakta',
          pemerintah_daerah: 'Pemerintah Kota Kendari',
          url_verifikasi: 'https://pakta.kendarikota.go.id/v',
          kode_verifikasi: groupCode(code),
        },
        info: {
          title: `Pakta Integritas ${number} – ${name}`,
          author: 'Pemerintah Kota Kendari',
          createdAt: signedAt,
          documentId: seed.subarray(16),
        },
      } satisfies Omit<Sheet, 'text' | 'shared'>,
    }
  }
  return {
    press: openPress({ page: template.page, fonts }),
    fonts,
    template,
    sheet(index, fields) {
      const { own, sheet } = ofPerson(index, fields)
      return { ...sheet, text: open.fill(own), shared: open.shared }
    },
    job(index, fields) {
      const { own, sheet } = ofPerson(index, fields)
      return { setup: { key: CODE, template: files }, words: { common, own }, sheet }
    },
  }
}

import { createHash } from 'node:crypto'
import { getDistricts, getVillages } from 'idn-area-data'
import type { UnitKind, UnitRow } from '../src/domain/unit.js'

/** Said wherever the region data is shown: ODbL 1.0 section 4.3 asks for it. */
export const regionNotice =
  'Memuat data kode wilayah dari idn-area-data (https://github.com/fityannugroho/idn-area-data), ' +
  'yang tersedia menurut Open Database License (ODbL) 1.0: https://opendatacommons.org/licenses/odbl/1-0/'

/** The pemda of the demonstration: a real city, with addresses that are nobody's. */
export const kendariPemda = {
  code: '74.71',
  name: 'Kota Kendari',
  governmentName: 'Pemerintah Kota Kendari',
  shortName: 'Pemkot Kendari',
  seat: 'Kendari',
  timeZone: 'WITA',
  letterheadAddress: 'Jalan Contoh Nomor 1, Kendari 00000 (alamat contoh)',
  contact: 'kepegawaian@kendari.example',
  retention: 'lima tahun setelah pemilihan berakhir',
} as const

/** An agency: code, name, its divisions, and its other units. */
type Agency = [code: string, name: string, divisions: string[]]

const SETDA: Agency = [
  'SETDA',
  'Sekretariat Daerah',
  [
    'Bagian Tata Pemerintahan',
    'Bagian Kesejahteraan Rakyat',
    'Bagian Hukum',
    'Bagian Perekonomian dan Sumber Daya Alam',
    'Bagian Administrasi Pembangunan',
    'Bagian Pengadaan Barang dan Jasa',
    'Bagian Organisasi',
    'Bagian Umum',
    'Bagian Protokol dan Komunikasi Pimpinan',
  ],
]
const SETWAN: Agency = [
  'SETWAN',
  'Sekretariat DPRD',
  [
    'Bagian Umum dan Keuangan',
    'Bagian Persidangan dan Perundang-undangan',
    'Bagian Fasilitasi Penganggaran dan Pengawasan',
  ],
]

const agencies: Agency[] = [
  [
    'ITDA',
    'Inspektorat',
    ['Inspektur Pembantu I', 'Inspektur Pembantu II', 'Inspektur Pembantu III', 'Inspektur Pembantu Khusus'],
  ],
  [
    'SATPOLPP',
    'Satuan Polisi Pamong Praja',
    ['Bidang Penegakan Peraturan Daerah', 'Bidang Ketertiban Umum', 'Bidang Pelindungan Masyarakat'],
  ],
  [
    'DISDIK',
    'Dinas Pendidikan dan Kebudayaan',
    [
      'Bidang Pembinaan PAUD dan Pendidikan Nonformal',
      'Bidang Pembinaan SD',
      'Bidang Pembinaan SMP',
      'Bidang Ketenagaan',
      'Bidang Kebudayaan',
    ],
  ],
  [
    'DINKES',
    'Dinas Kesehatan',
    [
      'Bidang Kesehatan Masyarakat',
      'Bidang Pencegahan dan Pengendalian Penyakit',
      'Bidang Pelayanan Kesehatan',
      'Bidang Sumber Daya Kesehatan',
    ],
  ],
  [
    'DPUPR',
    'Dinas Pekerjaan Umum dan Penataan Ruang',
    ['Bidang Bina Marga', 'Bidang Sumber Daya Air', 'Bidang Cipta Karya', 'Bidang Penataan Ruang'],
  ],
  [
    'DPERKIM',
    'Dinas Perumahan, Kawasan Permukiman dan Pertanahan',
    ['Bidang Perumahan', 'Bidang Kawasan Permukiman', 'Bidang Pertanahan'],
  ],
  [
    'DINSOS',
    'Dinas Sosial',
    ['Bidang Rehabilitasi Sosial', 'Bidang Perlindungan dan Jaminan Sosial', 'Bidang Pemberdayaan Sosial'],
  ],
  [
    'DISNAKER',
    'Dinas Tenaga Kerja dan Perindustrian',
    ['Bidang Pelatihan dan Penempatan Kerja', 'Bidang Hubungan Industrial', 'Bidang Perindustrian'],
  ],
  [
    'DP3A',
    'Dinas Pemberdayaan Perempuan dan Perlindungan Anak',
    ['Bidang Pengarusutamaan Gender', 'Bidang Perlindungan Perempuan', 'Bidang Perlindungan Anak'],
  ],
  [
    'DPPKB',
    'Dinas Pengendalian Penduduk dan Keluarga Berencana',
    ['Bidang Pengendalian Penduduk', 'Bidang Keluarga Berencana', 'Bidang Ketahanan Keluarga'],
  ],
  [
    'DKP',
    'Dinas Ketahanan Pangan',
    ['Bidang Ketersediaan dan Distribusi Pangan', 'Bidang Konsumsi dan Keamanan Pangan'],
  ],
  [
    'DISTAN',
    'Dinas Pertanian',
    ['Bidang Tanaman Pangan dan Hortikultura', 'Bidang Peternakan dan Kesehatan Hewan', 'Bidang Penyuluhan'],
  ],
  [
    'DLH',
    'Dinas Lingkungan Hidup dan Kehutanan',
    ['Bidang Tata Lingkungan', 'Bidang Pengelolaan Sampah dan Limbah', 'Bidang Pengendalian Pencemaran'],
  ],
  [
    'DUKCAPIL',
    'Dinas Kependudukan dan Pencatatan Sipil',
    [
      'Bidang Pelayanan Pendaftaran Penduduk',
      'Bidang Pelayanan Pencatatan Sipil',
      'Bidang Pengelolaan Informasi Administrasi Kependudukan',
    ],
  ],
  [
    'DISHUB',
    'Dinas Perhubungan',
    ['Bidang Lalu Lintas', 'Bidang Angkutan', 'Bidang Prasarana dan Keselamatan'],
  ],
  [
    'DISKOMINFO',
    'Dinas Komunikasi dan Informatika',
    [
      'Bidang Informasi dan Komunikasi Publik',
      'Bidang Penyelenggaraan E-Government',
      'Bidang Statistik dan Persandian',
    ],
  ],
  [
    'DISDAGKOP',
    'Dinas Perdagangan, Koperasi, Usaha Kecil dan Menengah',
    ['Bidang Perdagangan', 'Bidang Koperasi', 'Bidang Usaha Kecil dan Menengah'],
  ],
  [
    'DPMPTSP',
    'Dinas Penanaman Modal dan Pelayanan Terpadu Satu Pintu',
    ['Bidang Penanaman Modal', 'Bidang Pelayanan Perizinan', 'Bidang Pengaduan dan Kebijakan'],
  ],
  [
    'DISPAR',
    'Dinas Pariwisata dan Ekonomi Kreatif',
    ['Bidang Destinasi Pariwisata', 'Bidang Pemasaran Pariwisata', 'Bidang Ekonomi Kreatif'],
  ],
  ['DISPORA', 'Dinas Kepemudaan dan Olahraga', ['Bidang Kepemudaan', 'Bidang Keolahragaan']],
  ['DISPUSIP', 'Dinas Perpustakaan dan Kearsipan', ['Bidang Perpustakaan', 'Bidang Kearsipan']],
  ['DISKAN', 'Dinas Perikanan', ['Bidang Perikanan Tangkap', 'Bidang Perikanan Budidaya']],
  [
    'DAMKAR',
    'Dinas Pemadam Kebakaran dan Penyelamatan',
    ['Bidang Pencegahan', 'Bidang Pemadaman dan Penyelamatan'],
  ],
  [
    'BAPPEDA',
    'Badan Perencanaan Pembangunan Daerah',
    [
      'Bidang Perencanaan dan Evaluasi',
      'Bidang Pemerintahan dan Pembangunan Manusia',
      'Bidang Perekonomian dan Infrastruktur',
    ],
  ],
  ['BRIDA', 'Badan Riset dan Inovasi Daerah', ['Bidang Riset', 'Bidang Inovasi']],
  [
    'BPKAD',
    'Badan Pengelola Keuangan dan Aset Daerah',
    ['Bidang Anggaran', 'Bidang Perbendaharaan', 'Bidang Akuntansi', 'Bidang Aset'],
  ],
  [
    'BAPENDA',
    'Badan Pendapatan Daerah',
    ['Bidang Pendataan dan Penetapan', 'Bidang Penagihan', 'Bidang Pengendalian dan Evaluasi'],
  ],
  [
    'BKPSDM',
    'Badan Kepegawaian dan Pengembangan Sumber Daya Manusia',
    [
      'Bidang Pengadaan dan Informasi Kepegawaian',
      'Bidang Mutasi dan Promosi',
      'Bidang Pengembangan Kompetensi',
      'Bidang Kinerja dan Penghargaan',
    ],
  ],
  [
    'KESBANGPOL',
    'Badan Kesatuan Bangsa dan Politik',
    ['Bidang Ideologi dan Wawasan Kebangsaan', 'Bidang Politik Dalam Negeri', 'Bidang Kewaspadaan Nasional'],
  ],
  [
    'BPBD',
    'Badan Penanggulangan Bencana Daerah',
    [
      'Bidang Pencegahan dan Kesiapsiagaan',
      'Bidang Kedaruratan dan Logistik',
      'Bidang Rehabilitasi dan Rekonstruksi',
    ],
  ],
]

const technicalUnits: [parent: string, name: string][] = [
  ['DISDIK', 'UPTD Sanggar Kegiatan Belajar'],
  ['DINKES', 'UPTD Instalasi Farmasi'],
  ['DINKES', 'UPTD Laboratorium Kesehatan Daerah'],
  ['DPUPR', 'UPTD Laboratorium Bahan Konstruksi'],
  ['DPERKIM', 'UPTD Rumah Susun Sederhana Sewa'],
  ['DP3A', 'UPTD Perlindungan Perempuan dan Anak'],
  ['DLH', 'UPTD Pengelolaan Sampah'],
  ['DISHUB', 'UPTD Pengujian Kendaraan Bermotor'],
  ['DISDAGKOP', 'UPTD Metrologi Legal'],
  ['DISKAN', 'UPTD Balai Benih Ikan'],
]
const healthCentres = [
  'Abeli',
  'Benu-Benua',
  'Jati Raya',
  'Kandai',
  'Kemaraya',
  'Labibia',
  'Lepo-Lepo',
  'Mata',
  'Mekar',
  'Mokoau',
  'Nambo',
  'Perumnas',
  'Poasia',
  'Puuwatu',
  'Wua-Wua',
]
const SD_COUNT = 42
const SMP_COUNT = 18
const TK_COUNT = 4

/** An id in the form that SIASN gives a unit (32 hexadecimal digits), made from our code. */
/** An identifier of SIASN's shape that is nobody's. */
export const inventUnorId = (code: string) =>
  createHash('sha256').update(`kendari/${code}`).digest('hex').slice(0, 32).toUpperCase()

/**
 * The units of Kota Kendari, parents before children: the 11 kecamatan and 65 kelurahan as Kemendagri lists
 * them, and the kinds of agency, health centre and school that a city has. Every head's post is vacant:
 * `inventRoster` fills them.
 */
export async function kendariUnits(): Promise<UnitRow[]> {
  const units: UnitRow[] = []
  const add = (
    code: string,
    kind: UnitKind,
    name: string,
    parentCode = '',
    regionCode: string | null = null,
  ) => {
    const unorId = inventUnorId(code)
    units.push({ code, name, kind, parentCode, regionCode, unorId, headNip: null, headCapacity: 'kosong' })
  }
  const two = (index: number) => String(index + 1).padStart(2, '0')
  for (const [code, name, divisions] of [SETDA, SETWAN]) {
    add(code, 'opd', name)
    divisions.forEach((division, index) => add(`${code}.${two(index)}`, 'bagian', division, code))
  }
  for (const [code, name, divisions] of agencies) {
    add(code, 'opd', name)
    add(`${code}.00`, 'bidang', 'Sekretariat', code)
    divisions.forEach((division, index) => add(`${code}.${two(index)}`, 'bidang', division, code))
  }
  technicalUnits.forEach(([parent, name], index) => add(`${parent}.UPTD${two(index)}`, 'uptd', name, parent))
  add('DINKES.RSUD', 'rumah_sakit', 'RSUD Kota Kendari', 'DINKES')
  healthCentres.forEach((name, index) =>
    add(`DINKES.PKM${two(index)}`, 'puskesmas', `Puskesmas ${name}`, 'DINKES'),
  )
  const schools = (count: number, code: string, name: (number: number) => string) => {
    for (let index = 0; index < count; index++)
      add(`DISDIK.${code}${two(index)}`, 'sekolah', name(index + 1), 'DISDIK')
  }
  schools(TK_COUNT, 'TK', (number) => `TK Negeri Pembina ${number} Kendari`)
  schools(SD_COUNT, 'SD', (number) => `SD Negeri ${number} Kendari`)
  schools(SMP_COUNT, 'SMP', (number) => `SMP Negeri ${number} Kendari`)
  for (const { code, name, regency_code } of await getDistricts())
    if (regency_code === kendariPemda.code) add(code, 'kecamatan', `Kecamatan ${name}`, '', code)
  for (const { code, name, district_code } of await getVillages())
    if (code.startsWith(`${kendariPemda.code}.`))
      add(code, 'kelurahan', `Kelurahan ${name}`, district_code, code)
  return units
}

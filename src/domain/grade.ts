/** Pangkat (rank) of each golongan ruang of a PNS, lowest first. @see PP 99/2000 and its annex */
export const pnsRanks = {
  'I/a': 'Juru Muda',
  'I/b': 'Juru Muda Tingkat I',
  'I/c': 'Juru',
  'I/d': 'Juru Tingkat I',
  'II/a': 'Pengatur Muda',
  'II/b': 'Pengatur Muda Tingkat I',
  'II/c': 'Pengatur',
  'II/d': 'Pengatur Tingkat I',
  'III/a': 'Penata Muda',
  'III/b': 'Penata Muda Tingkat I',
  'III/c': 'Penata',
  'III/d': 'Penata Tingkat I',
  'IV/a': 'Pembina',
  'IV/b': 'Pembina Tingkat I',
  'IV/c': 'Pembina Utama Muda',
  'IV/d': 'Pembina Utama Madya',
  'IV/e': 'Pembina Utama',
} as const
export type PnsGrade = keyof typeof pnsRanks

/** Golongan of a PPPK, lowest first; they have no pangkat. @see Perpres 98/2020, annex */
export const pppkGrades = [
  'I',
  'II',
  'III',
  'IV',
  'V',
  'VI',
  'VII',
  'VIII',
  'IX',
  'X',
  'XI',
  'XII',
  'XIII',
  'XIV',
  'XV',
  'XVI',
  'XVII',
] as const
export type PppkGrade = (typeof pppkGrades)[number]

const romans = ['I', 'II', 'III', 'IV']

/**
 * Golongan ruang of a PNS, with or without its pangkat: "III/a", "iii / A", "IIIa", "3/a", "Penata Muda,
 * III/a", or BKN's number for it ("31").
 *
 * @returns undefined when it is none
 */
export function parsePnsGrade(text: string): PnsGrade | undefined {
  const code = text.match(/^\s*([1-4])([1-5])\s*$/)
  const named = code ?? text.match(/(?:^|[\s(,])(IV|I{1,3}|[1-4])\s*[/.]?\s*([a-e])\)?\s*$/i)
  if (!named) return undefined
  const roman = /\d/.test(named[1]!) ? romans[Number(named[1]) - 1]! : named[1]!.toUpperCase()
  const letter = code ? 'abcde'[Number(named[2]) - 1]! : named[2]!.toLowerCase()
  const grade = `${roman}/${letter}`
  return grade in pnsRanks ? (grade as PnsGrade) : undefined
}

/** Golongan of a PPPK: "IX", "Golongan IX" or "9"; undefined when it is none. */
export function parsePppkGrade(text: string): PppkGrade | undefined {
  const word = text
    .trim()
    .replace(/^gol(ongan|\.)?\s*/i, '')
    .toUpperCase()
  if (/^\d{1,2}$/.test(word)) return pppkGrades[Number(word) - 1]
  return pppkGrades.find((grade) => grade === word)
}

/**
 * Pangkat and golongan as documents print them: "Penata Muda, III/a" for a PNS, "Golongan IX" for a PPPK, "-"
 * without a grade.
 *
 * @param grade as `parsePnsGrade` or `parsePppkGrade` returns it, or ''
 */
export function formatRank(grade: string): string {
  if (grade in pnsRanks) return `${pnsRanks[grade as PnsGrade]}, ${grade}`
  return grade === '' ? '-' : `Golongan ${grade}`
}

/** Eselon in one spelling ("II.b"), '' for none ("Non Eselon"), undefined when it is not one. */
export function parseEselon(text: string): string | undefined {
  const word = text.replace(/^eselon\s*/i, '').replace(/[\s./-]/g, '')
  if (word === '' || /^(non|noneselon|tidak|99)$/i.test(word)) return ''
  const found = word.match(/^(IV|V|I{1,3})([AB])$/i)
  return found ? `${found[1]!.toUpperCase()}.${found[2]!.toLowerCase()}` : undefined
}

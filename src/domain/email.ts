/** @see RFC 5321 section 4.5.3.1: local part 64 octets, a path 256 with its angle brackets */
const EMAIL_LENGTH_MAX = 254
const LOCAL_LENGTH_MAX = 64
const LABEL_LENGTH_MAX = 63

const LOCAL = /^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*$/
const LABEL = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/

/**
 * One bare email address (attacker-controlled).
 *
 * Stricter than RFC 5321: no quoted local part, no address literal, ASCII only, a domain of at least two
 * labels whose last has a letter. So an address can stand in a mail header without further escaping.
 *
 * @param text surrounding space is ignored; the domain comes out in lower case
 * @returns the address, or the reason in Indonesian
 */
export function parseEmail(
  text: string,
): { email: string; reason?: never } | { email?: never; reason: string } {
  const address = text.replace(/^[ \u00a0]+|[ \u00a0]+$/g, '')
  const refuse = (reason: string) => ({ reason })
  if (address === '') return refuse('Surel kosong.')
  if (address.length > EMAIL_LENGTH_MAX)
    return refuse(`${address.length} karakter, paling banyak ${EMAIL_LENGTH_MAX}.`)
  if (/[\s\p{C}]/u.test(address))
    return refuse('Surel tidak boleh berisi spasi, ganti baris, atau karakter kendali.')
  if (/[,;<>()]/.test(address))
    return refuse('Isi satu alamat surel saja, tanpa nama dan tanpa tanda kurung.')
  const at = address.lastIndexOf('@')
  if (at < 1 || at !== address.indexOf('@')) return refuse('Surel harus memuat tepat satu tanda @.')
  const local = address.slice(0, at)
  const domain = address.slice(at + 1).toLowerCase()
  if (/[^\x21-\x7e]/.test(domain))
    return refuse('Domain dengan huruf di luar ASCII belum didukung. Gunakan alamat lain.')
  if (local.length > LOCAL_LENGTH_MAX)
    return refuse(`Bagian sebelum @ ${local.length} karakter, paling banyak ${LOCAL_LENGTH_MAX}.`)
  if (!LOCAL.test(local)) return refuse('Bagian sebelum @ memuat karakter atau titik yang tidak sah.')
  const labels = domain.split('.')
  const isDomain =
    labels.length > 1 && labels.every((label) => LABEL.test(label) && label.length <= LABEL_LENGTH_MAX)
  if (!isDomain || !/[a-z]/.test(labels.at(-1)!))
    return refuse('Domain surel tidak sah. Contoh: nama@kendarikota.go.id')
  return { email: `${local}@${domain}` }
}

// The QR symbol that leads from paper to the verification page.
import QRCode from 'qrcode'
import { PactError } from '../domain/errors.js'

/** A QR symbol: `size` modules a side, `isDark(row, column)`. Without its quiet zone. */
export interface QrModules {
  size: number
  /** Row by row; 1 is dark. */
  dark: Uint8Array
}

// The automatic mask choice costs twenty times the rest of the work and makes symbols that scan no better:
// mask 3 was measured level with it.
const MASK = 3

/**
 * A QR symbol at error correction level M with mask 3. The text is encoded in byte mode as a whole, so that
 * its length alone decides the version and every pact of a service has a symbol of the same size.
 *
 * @param text ASCII, 1 to 213 characters (the capacity of version 10-M)
 * @throws BAD_FORM when it is empty, too long or not ASCII
 * @see ISO/IEC 18004 section 7 (encoding), table 7 (capacities)
 */
export function qrModules(text: string): QrModules {
  if (!/^[\x20-\x7e]{1,213}$/.test(text))
    throw new PactError('BAD_FORM', `kode QR: ${text.length} karakter, harus 1 sampai 213 karakter ASCII`)
  const data = new TextEncoder().encode(text)
  const { modules } = QRCode.create([{ data, mode: 'byte' }], {
    errorCorrectionLevel: 'M',
    maskPattern: MASK,
  })
  return { size: modules.size, dark: Uint8Array.from(modules.data, (module) => (module ? 1 : 0)) }
}

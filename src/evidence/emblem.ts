// The emblem of a letterhead, as an official uploads it: a small PNG or JPEG, or a refusal that says why.
import { inflateSync } from 'node:zlib'
import { PactError } from '../domain/errors.js'

/** Every pact carries the emblem, so it stays small. */
export const EMBLEM_BYTES_MAX = 300_000
/** Printed 23 mm high: more than 1,000 pixels nobody sees. */
const EMBLEM_SIDE_MAX = 1_000
const ADAM7_SLACK_BYTES = 7 * EMBLEM_SIDE_MAX

/** What an emblem is. */
export interface Emblem {
  type: 'image/png' | 'image/jpeg'
  width: number // pixels
  height: number
}

const refuse = (why: string, cause?: unknown) =>
  new PactError('BAD_FILE', `Lambang: ${why}`, cause === undefined ? undefined : { cause })

/**
 * Looks at an emblem before anybody prints with it.
 *
 * @throws BAD_FILE when it is neither PNG nor JPEG, too large, broken, or in CMYK, which screens show wrongly and
 *   PDF/A-2 takes only with another output intent (ISO 19005-2 section 6.2.4.3)
 */
export function checkEmblem(bytes: Uint8Array): Emblem {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (view.length > EMBLEM_BYTES_MAX)
    throw refuse(
      `${Math.ceil(view.length / 1000)} KB, paling besar ${EMBLEM_BYTES_MAX / 1000} KB. Kecilkan gambarnya; 400 piksel sudah cukup.`,
    )
  let emblem: Emblem
  try {
    emblem = view.subarray(0, 8).equals(PNG_SIGNATURE) ? readPng(view) : readJpeg(view)
  } catch (error) {
    throw error instanceof PactError ? error : refuse('berkas gambar ini rusak atau terpotong.', error)
  }
  const { width, height } = emblem
  if (Math.min(width, height) < 1 || Math.max(width, height) > EMBLEM_SIDE_MAX)
    throw refuse(`${width} x ${height} piksel, paling besar ${EMBLEM_SIDE_MAX} tiap sisi.`)
  return emblem
}

const PNG_SIGNATURE = Buffer.from('89504e470d0a1a0a', 'hex')
/** Samples of a pixel by colour type (PNG specification, section 11.2.2). */
const SAMPLES: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 }

function readPng(view: Buffer): Emblem {
  if (view.toString('latin1', 12, 16) !== 'IHDR') throw refuse('PNG tanpa kepala (IHDR).')
  const [width, height] = [view.readUInt32BE(16), view.readUInt32BE(20)]
  const [depth, colour] = [view[24]!, view[25]!]
  const emblem = { type: 'image/png', width, height } as const
  if (Math.max(width, height) > EMBLEM_SIDE_MAX) return emblem
  const parts: Buffer[] = []
  for (let at = 8; at < view.length;) {
    const length = view.readUInt32BE(at)
    if (at + 12 + length > view.length) throw refuse('berkas PNG terpotong.')
    if (view.toString('latin1', at + 4, at + 8) === 'IDAT') parts.push(view.subarray(at + 8, at + 8 + length))
    at += 12 + length
  }
  // No more than the picture needs: a small file may hold gigabytes of nothing.
  const lineBytes = Math.ceil((width * depth * (SAMPLES[colour] ?? 0)) / 8) + 1
  const isInterlaced = view[28] !== 0
  const needed = lineBytes * height + (isInterlaced ? ADAM7_SLACK_BYTES : 0)
  const pixels = inflateSync(Buffer.concat(parts), { maxOutputLength: needed })
  if (!isInterlaced && pixels.length !== needed) throw refuse('PNG ini tidak memuat semua barisnya.')
  return emblem
}

// ITU-T T.81 table B.1: frames, and markers that stand without a length.
const isFrame = (marker: number) => marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)
const isBare = (marker: number) => marker === 0x01 || (marker >= 0xd0 && marker <= 0xd8)

function readJpeg(view: Buffer): Emblem {
  if (view[0] !== 0xff || view[1] !== 0xd8) throw refuse('bukan gambar PNG atau JPEG.')
  for (let at = 2; at < view.length;) {
    if (view[at] !== 0xff) throw refuse('berkas JPEG rusak.')
    const marker = view[at + 1]!
    if (isFrame(marker)) {
      const [height, width, components] = [
        view.readUInt16BE(at + 5),
        view.readUInt16BE(at + 7),
        view[at + 9]!,
      ]
      if (components !== 1 && components !== 3)
        throw refuse('warnanya CMYK. Simpan ulang sebagai RGB (sRGB), lalu unggah lagi.')
      if (view.lastIndexOf(Buffer.from([0xff, 0xd9])) < at) throw refuse('berkas JPEG terpotong.')
      return { type: 'image/jpeg', width, height }
    }
    at += isBare(marker) ? 2 : 2 + view.readUInt16BE(at + 2)
  }
  throw refuse('JPEG tanpa gambar.')
}

// The colour space that every colour of a pact is meant in.

const PRIMARIES = {
  // Columns of the sRGB to XYZ matrix, adapted to D50 by Bradford's method.
  rXYZ: [0.4360747, 0.2225045, 0.0139322],
  gXYZ: [0.3850649, 0.7168786, 0.0971045],
  bXYZ: [0.1430804, 0.0606169, 0.7141733],
  wtpt: [0.9642, 1, 0.8249],
} as const
const CURVE_POINTS = 1024

/**
 * An ICC profile (version 2.1, display class, RGB) of sRGB: what a PDF/A file names as its output intent.
 *
 * @returns bytes, the same each time
 * @see ICC.1:2001-04 sections 6.1 (header), 6.5 (tags); IEC 61966-2-1 (primaries, transfer curve)
 */
export function makeSrgbProfile(): Uint8Array {
  const s15Fixed16 = (value: number) => Math.round(value * 65536)
  const tag = (type: string, body: Buffer) => Buffer.concat([Buffer.from(`${type}\0\0\0\0`, 'latin1'), body])
  const xyz = (values: readonly number[]) => {
    const body = Buffer.alloc(12)
    values.forEach((value, index) => body.writeInt32BE(s15Fixed16(value), index * 4))
    return tag('XYZ ', body)
  }
  const curve = Buffer.alloc(4 + 2 * CURVE_POINTS)
  curve.writeUInt32BE(CURVE_POINTS)
  for (let index = 0; index < CURVE_POINTS; index++) {
    const value = index / (CURVE_POINTS - 1)
    const linear = value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4
    curve.writeUInt16BE(Math.round(linear * 65535), 4 + 2 * index)
  }
  const name = 'sRGB IEC61966-2.1'
  const description = Buffer.alloc(4 + name.length + 1 + 4 + 4 + 2 + 1 + 67)
  description.writeUInt32BE(name.length + 1)
  description.write(name, 4, 'latin1')
  const bodies: [signatures: string[], body: Buffer][] = [
    [['desc'], tag('desc', description)],
    [['cprt'], tag('text', Buffer.from('No copyright, use freely\0', 'latin1'))],
    ...Object.entries(PRIMARIES).map(([signature, values]): [string[], Buffer] => [[signature], xyz(values)]),
    [['rTRC', 'gTRC', 'bTRC'], tag('curv', curve)],
  ]
  const count = bodies.reduce((sum, [signatures]) => sum + signatures.length, 0)
  const table = Buffer.alloc(4 + 12 * count)
  table.writeUInt32BE(count)
  let row = 4
  let offset = 128 + table.length
  const padded = bodies.map(([signatures, body]) => {
    for (const signature of signatures) {
      table.write(signature, row, 'latin1')
      table.writeUInt32BE(offset, row + 4)
      table.writeUInt32BE(body.length, row + 8)
      row += 12
    }
    const whole = Buffer.concat([body, Buffer.alloc(-body.length & 3)])
    offset += whole.length
    return whole
  })
  const header = Buffer.alloc(128)
  header.writeUInt32BE(offset, 0)
  header.writeUInt32BE(0x02100000, 8)
  header.write('mntrRGB XYZ ', 12, 'latin1')
  ;[2026, 1, 1].forEach((part, index) => header.writeUInt16BE(part, 24 + 2 * index))
  header.write('acsp', 36, 'latin1')
  PRIMARIES.wtpt.forEach((value, index) => header.writeInt32BE(s15Fixed16(value), 68 + 4 * index))
  return Buffer.concat([header, table, ...padded])
}

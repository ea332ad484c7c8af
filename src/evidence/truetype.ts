// TrueType programs without their hints: instructions for the pixels of old screens, a quarter of a subset's bytes.

const SIMPLE_HEADER_BYTES = 10
/** Component flags of a composite glyph. @see OpenType specification, glyf table */
const ARGS_ARE_WORDS = 0x0001
const HAS_SCALE = 0x0008
const MORE_COMPONENTS = 0x0020
const HAS_TWO_SCALES = 0x0040
const HAS_MATRIX = 0x0080
const HAS_INSTRUCTIONS = 0x0100
const HINT_TABLES = ['cvt ', 'fpgm', 'prep']

/**
 * The same outlines, widths and glyph numbers without instructions.
 *
 * @param program a TrueType font with glyf, loca, head and maxp
 * @see OpenType specification: font directory, glyf, loca, head (checkSumAdjustment)
 */
export function dropHints(program: Uint8Array): Buffer {
  const font = Buffer.from(program.buffer, program.byteOffset, program.byteLength)
  const tables = new Map<string, Buffer>()
  for (let index = 0; index < font.readUInt16BE(4); index++) {
    const row = 12 + 16 * index
    const offset = font.readUInt32BE(row + 8)
    tables.set(
      font.toString('latin1', row, row + 4),
      font.subarray(offset, offset + font.readUInt32BE(row + 12)),
    )
  }
  const head = Buffer.from(tables.get('head')!)
  const loca = tables.get('loca')!
  const glyf = tables.get('glyf')!
  const isLong = head.readInt16BE(50) === 1
  const offsetAt = (glyph: number) =>
    isLong ? loca.readUInt32BE(4 * glyph) : 2 * loca.readUInt16BE(2 * glyph)
  const count = loca.length / (isLong ? 4 : 2) - 1
  const glyphs: Buffer[] = []
  const offsets = Buffer.alloc(4 * (count + 1))
  let end = 0
  for (let glyph = 0; glyph < count; glyph++) {
    const bare = withoutInstructions(glyf.subarray(offsetAt(glyph), offsetAt(glyph + 1)))
    const padded = Buffer.concat([bare, Buffer.alloc(-bare.length & 3)])
    glyphs.push(padded)
    offsets.writeUInt32BE((end += padded.length), 4 * (glyph + 1))
  }
  head.writeInt16BE(1, 50) // long offsets
  head.writeUInt32BE(0, 8)
  for (const table of HINT_TABLES) tables.delete(table)
  tables.set('glyf', Buffer.concat(glyphs))
  tables.set('loca', offsets)
  tables.set('head', head)
  return joinTables(tables)
}

function withoutInstructions(glyph: Buffer): Buffer {
  if (glyph.length === 0) return glyph
  const contours = glyph.readInt16BE(0)
  if (contours >= 0) {
    const at = SIMPLE_HEADER_BYTES + 2 * contours
    const length = glyph.readUInt16BE(at)
    return Buffer.concat([glyph.subarray(0, at), Buffer.alloc(2), glyph.subarray(at + 2 + length)])
  }
  const bare = Buffer.from(glyph)
  let at = SIMPLE_HEADER_BYTES
  for (let flags = MORE_COMPONENTS; flags & MORE_COMPONENTS;) {
    flags = bare.readUInt16BE(at)
    bare.writeUInt16BE(flags & ~HAS_INSTRUCTIONS, at)
    at += 4 + (flags & ARGS_ARE_WORDS ? 4 : 2)
    at += flags & HAS_SCALE ? 2 : flags & HAS_TWO_SCALES ? 4 : flags & HAS_MATRIX ? 8 : 0
  }
  return bare.subarray(0, at)
}

const CHECKSUM_MAGIC = 0xb1b0afba

function checksumOf(bytes: Buffer): number {
  let sum = 0
  for (let at = 0; at < bytes.length; at += 4) sum = (sum + bytes.readUInt32BE(at)) >>> 0
  return sum
}

function joinTables(tables: ReadonlyMap<string, Buffer>): Buffer {
  const names = [...tables.keys()].sort()
  const log = Math.floor(Math.log2(names.length))
  const directory = Buffer.alloc(12 + 16 * names.length)
  directory.writeUInt32BE(0x00010000, 0)
  directory.writeUInt16BE(names.length, 4)
  directory.writeUInt16BE(16 * 2 ** log, 6)
  directory.writeUInt16BE(log, 8)
  directory.writeUInt16BE(16 * (names.length - 2 ** log), 10)
  const parts = [directory]
  let offset = directory.length
  let headAt = 0
  names.forEach((name, index) => {
    const table = tables.get(name)!
    const padded = Buffer.concat([table, Buffer.alloc(-table.length & 3)])
    const row = 12 + 16 * index
    directory.write(name, row, 'latin1')
    directory.writeUInt32BE(checksumOf(padded), row + 4)
    directory.writeUInt32BE(offset, row + 8)
    directory.writeUInt32BE(table.length, row + 12)
    if (name === 'head') headAt = offset
    parts.push(padded)
    offset += padded.length
  })
  const font = Buffer.concat(parts)
  font.writeUInt32BE((CHECKSUM_MAGIC - checksumOf(font)) >>> 0, headAt + 8)
  return font
}

// What an administrator uploads: the next version of a template, an emblem.
import { deflateSync } from 'node:zlib'
import { readTemplates } from '../house.js'

/** Version 2 of the pact of ASN, with what is to be replaced in its words. */
export function nextTemplate(...changes: [from: string | RegExp, to: string][]): {
  words: string
  page: string
} {
  const { words, page } = readTemplates().templates.find(({ name }) => name === 'PI-ASN-INDIVIDU/1')!
  const next = words.replace('versi: 1', 'versi: 2')
  return { words: changes.reduce((text, [from, to]) => text.replace(from, to), next), page }
}

/** A PNG of one colour (PNG specification, section 5). */
export function makePng(width: number, height: number): Buffer {
  const chunk = (type: string, data: Uint8Array) => {
    const body = Buffer.concat([Buffer.from(type, 'latin1'), data])
    let crc = ~0
    for (const byte of body) {
      crc ^= byte
      for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0)
    }
    const piece = Buffer.alloc(body.length + 8)
    piece.writeUInt32BE(data.length, 0)
    body.copy(piece, 4)
    piece.writeUInt32BE(~crc >>> 0, body.length + 4)
    return piece
  }
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  header.set([8, 2, 0, 0, 0], 8)
  const line = Buffer.concat([Buffer.from([0]), Buffer.alloc(3 * width, 0x55)])
  return Buffer.concat([
    Buffer.from('89504e470d0a1a0a', 'hex'),
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(Buffer.concat(Array.from({ length: height }, () => line)))),
    chunk('IEND', Buffer.alloc(0)),
  ])
}
export const tinyPng = makePng(4, 5)

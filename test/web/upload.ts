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

/** A PDF of one empty page (ISO 32000-1, section 7.5). */
export const tinyPdf: Buffer = (() => {
  const objects = [
    '<</Type/Catalog/Pages 2 0 R>>',
    '<</Type/Pages/Kids[3 0 R]/Count 1>>',
    '<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]>>',
  ]
  let text = '%PDF-1.7\n'
  const rows = objects.map((body, index) => {
    const row = `${String(text.length).padStart(10, '0')} 00000 n \n`
    text += `${index + 1} 0 obj\n${body}\nendobj\n`
    return row
  })
  const xref = `xref\n0 4\n0000000000 65535 f \n${rows.join('')}trailer\n<</Size 4/Root 1 0 R>>\n`
  return Buffer.from(`${text}${xref}startxref\n${text.length}\n%%EOF\n`, 'latin1')
})()

// What a file says about itself, twice and equal: the Info dictionary and the XMP packet.
import { formatPdfDate, formatPdfText } from './pdf.js'

export interface FileInfo {
  title: string
  author: string
  createdAt: Date // whole seconds
  isUntagged?: true // fields stand on the page outside the structure, so that the file is no PDF/UA
  hasAttachments?: true // of any kind, which PDF/A-2 does not allow
}

const PRODUCER = 'Pakta'

const escapeXml = (text: string) => text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)

// The extension schema tells PDF/A what pdfuaid is; without it the UA identifier alone would break PDF/A.
const UA_SCHEMA =
  '<pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">' +
  '<pdfaSchema:schema>PDF/UA identification schema</pdfaSchema:schema>' +
  '<pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/</pdfaSchema:namespaceURI>' +
  '<pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix><pdfaSchema:property><rdf:Seq><rdf:li rdf:parseType="Resource">' +
  '<pdfaProperty:name>part</pdfaProperty:name><pdfaProperty:valueType>Integer</pdfaProperty:valueType>' +
  '<pdfaProperty:category>internal</pdfaProperty:category>' +
  '<pdfaProperty:description>PDF/UA part</pdfaProperty:description>' +
  '</rdf:li></rdf:Seq></pdfaSchema:property></rdf:li></rdf:Bag></pdfaExtension:schemas>'
const NAMESPACES = [
  'xmlns:dc="http://purl.org/dc/elements/1.1/"',
  'xmlns:xmp="http://ns.adobe.com/xap/1.0/"',
  'xmlns:pdf="http://ns.adobe.com/pdf/1.3/"',
  'xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/"',
  'xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/"',
  'xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/"',
  'xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#"',
  'xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#"',
].join(' ')

/** The Info dictionary. @see ISO 32000-1 section 14.3.3 */
export function formatInfo({ title, author, createdAt }: FileInfo): string {
  const date = formatPdfText(formatPdfDate(createdAt))
  return (
    `<</Title ${formatPdfText(title)}/Author ${formatPdfText(author)}/Creator(${PRODUCER})` +
    `/Producer(${PRODUCER})/CreationDate ${date}/ModDate ${date}>>`
  )
}

/**
 * The XMP packet of a PDF/A-2a (with attachments: PDF/A-3a) and PDF/UA-1 file, equal to its Info dictionary.
 *
 * @returns UTF-8
 * @see ISO 19005-2 and 19005-3 section 6.6, ISO 14289-1 section 5; ISO 16684-1
 */
export function formatXmp({ title, author, createdAt, isUntagged, hasAttachments }: FileInfo): Buffer {
  const date = `${createdAt.toISOString().slice(0, 19)}Z`
  return Buffer.from(
    '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>\n<x:xmpmeta xmlns:x="adobe:ns:meta/">' +
      `<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" ${NAMESPACES}>` +
      `<pdfaid:part>${hasAttachments ? 3 : 2}</pdfaid:part><pdfaid:conformance>A</pdfaid:conformance>` +
      (isUntagged ? '' : '<pdfuaid:part>1</pdfuaid:part>') +
      `<dc:title><rdf:Alt><rdf:li xml:lang="x-default">${escapeXml(title)}</rdf:li></rdf:Alt></dc:title>` +
      `<dc:creator><rdf:Seq><rdf:li>${escapeXml(author)}</rdf:li></rdf:Seq></dc:creator>` +
      '<dc:language><rdf:Bag><rdf:li>id-ID</rdf:li></rdf:Bag></dc:language>' +
      `<xmp:CreatorTool>${PRODUCER}</xmp:CreatorTool><xmp:CreateDate>${date}</xmp:CreateDate>` +
      `<xmp:ModifyDate>${date}</xmp:ModifyDate><pdf:Producer>${PRODUCER}</pdf:Producer>${UA_SCHEMA}` +
      '</rdf:Description></rdf:RDF></x:xmpmeta>\n<?xpacket end="w"?>',
  )
}

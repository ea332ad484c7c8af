import { answerOcsp, publishedCertificate, publishedList, publishedRecord } from '../../flow/vouch.js'
import type { Reply, Visit } from './desk.js'

/** More than any request of ours to verify needs. */
export const OCSP_BYTES_MAX = 4096

export async function sendCertificate(visit: Visit): Promise<Reply> {
  const name = visit.param('name')
  const file = publishedCertificate(visit.house, name)
  return { file, name: `${name}.crt`, type: 'application/pkix-cert' }
}

export async function sendList(visit: Visit): Promise<Reply> {
  const name = visit.param('name')
  const file = await publishedList(visit.house, name, visit.act.now)
  return { file, name: `${name}.crl`, type: 'application/pkix-crl' }
}

/** Every certificate made in somebody's name, without the name: to be kept, and compared with a later one. */
export async function sendRecord(visit: Visit): Promise<Reply> {
  return { text: await publishedRecord(visit.house), type: 'text/plain' }
}

/** A question in the body of a POST. @see RFC 6960 appendix A.1 */
export async function answerPost(visit: Visit): Promise<Reply> {
  return answer(visit, visit.body)
}

/** A question in the address, base64. */
export async function answerGet(visit: Visit): Promise<Reply> {
  return answer(visit, Buffer.from(visit.param('request').slice(0, OCSP_BYTES_MAX), 'base64'))
}

async function answer(visit: Visit, request: Uint8Array): Promise<Reply> {
  const file = await answerOcsp(visit.house, { name: visit.param('name'), request }, visit.act.now)
  return { file, name: 'jawaban.ors', type: 'application/ocsp-response' }
}

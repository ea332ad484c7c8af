import type { Block, PactText, Run } from './pact.js'

/** An identity number whose last `length` characters the reader has to know rather than read off. */
export interface HiddenEnd {
  number: string
  length: number
}

const HIDDEN = '•'

/** `text` with every occurrence of `number`, however spaced, shown without its last `length` letters and digits. */
export function hideEnd(text: string, number: string, length: number): string {
  const characters = [...number.replace(/\s/g, '')]
  if (characters.length < length) return text
  const spaced = characters.map((one) => one.replace(/[^\p{L}\p{N}]/gu, '\\$&')).join('\\s*')
  return text.replace(new RegExp(spaced, 'gu'), (found) => {
    let left = length
    return [...found]
      .reverse()
      .map((one) => (left > 0 && /[\p{L}\p{N}]/u.test(one) ? (left--, HIDDEN) : one))
      .reverse()
      .join('')
  })
}

/**
 * A text with the end of an identity number hidden wherever it stands: before signing, whoever is at the phone
 * proves with it that they are who the pact is about.
 */
export function hideEndIn(text: PactText, hidden: HiddenEnd): PactText {
  return { blocks: text.blocks.map((block) => hideInBlock(block, hidden)) }
}

function hideInBlock(block: Block, { number, length }: HiddenEnd): Block {
  const runs = (all: readonly Run[]) =>
    all.map((run) => ({ ...run, text: hideEnd(run.text, number, length) }))
  switch (block.kind) {
    case 'identity':
      return { ...block, rows: block.rows.map((row) => ({ ...row, value: runs(row.value) })) }
    case 'table':
      return {
        ...block,
        rows: block.rows.map((row) => row.map((cell) => ({ ...cell, runs: runs(cell.runs) }))),
      }
    case 'signature':
      return { ...block, above: block.above.map(runs), below: block.below.map(runs) }
    default:
      return { ...block, runs: runs(block.runs) }
  }
}

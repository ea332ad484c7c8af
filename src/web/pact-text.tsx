import type { Block, PactText, Run } from '../domain/pact.js'

/** A pact's words as a page: the same blocks that the PDF is set from, with headings, lists and tables as such. */
export function Naskah({ text, label, hidden }: { text: PactText; label: string; hidden?: HiddenEnd }) {
  const blocks = hidden ? text.blocks.map((block) => hideInBlock(block, hidden)) : text.blocks
  return (
    <section class="naskah" aria-label={label}>
      {groups(blocks).map((group) => {
        if (!Array.isArray(group)) return <Piece block={group} />
        const [first] = group as [Title | Point]
        if (first.kind === 'title')
          return (
            <h2 class="title">
              {(group as Title[]).map((line) => (
                <span class={line.level === 1 ? 'title-line' : 'title-line sub'}>
                  <Runs runs={line.runs} />{' '}
                </span>
              ))}
            </h2>
          )
        return (
          <ol start={first.number}>
            {(group as Point[]).map((point) => (
              <li value={point.number}>
                <Runs runs={point.runs} />
              </li>
            ))}
          </ol>
        )
      })}
    </section>
  )
}

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

function hideInBlock(block: Block, { number, length }: HiddenEnd): Block {
  const runs = (all: readonly Run[]) =>
    all.map((run) => ({ ...run, text: hideEnd(run.text, number, length) }))
  switch (block.kind) {
    case 'identity':
      return { ...block, rows: block.rows.map((row) => ({ ...row, value: runs(row.value) })) }
    case 'table':
      return { ...block, rows: block.rows.map((row) => row.map(runs)) }
    case 'signature':
      return { ...block, above: block.above.map(runs), below: block.below.map(runs) }
    default:
      return { ...block, runs: runs(block.runs) }
  }
}

type Point = Extract<Block, { kind: 'point' }>
type Title = Extract<Block, { kind: 'title' }>
type Single = Exclude<Block, Point | Title>

/** Neighbouring points become one list, neighbouring title lines one heading; every other block stands alone. */
function groups(blocks: readonly Block[]): (Single | Point[] | Title[])[] {
  const result: (Single | Point[] | Title[])[] = []
  for (const block of blocks) {
    if (block.kind !== 'point' && block.kind !== 'title') {
      result.push(block)
      continue
    }
    const last = result.at(-1)
    if (Array.isArray(last) && last[0]?.kind === block.kind) (last as Block[]).push(block)
    else result.push([block] as Point[] | Title[])
  }
  return result
}

function Piece({ block }: { block: Single }) {
  switch (block.kind) {
    case 'heading':
      return (
        <h3>
          <Runs runs={block.runs} />
        </h3>
      )
    case 'number':
      return (
        <p class="nomor">
          <Runs runs={block.runs} />
        </p>
      )
    case 'paragraph':
      return (
        <p>
          <Runs runs={block.runs} />
        </p>
      )
    case 'note':
      return (
        <p class="note">
          <Runs runs={block.runs} />
        </p>
      )
    case 'identity':
      return (
        <dl class="facts">
          {block.rows.map((row) => (
            <div>
              <dt>{row.label}</dt>
              <dd>
                <Runs runs={row.value} />
              </dd>
            </div>
          ))}
        </dl>
      )
    case 'table':
      return (
        <div class="scroll" role="region" aria-label="Tabel dalam naskah" tabIndex={0}>
          <table>
            <thead>
              <tr>
                {block.head.map((cell) => (
                  <th scope="col">
                    <Runs runs={cell} />
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {block.rows.map((row) => (
                <tr>
                  {row.map((cell) => (
                    <td>
                      <Runs runs={cell} />
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )
    case 'signature':
      return (
        <div class={`ttd ${block.side}`}>
          {block.above.map((line) => (
            <p>
              <Runs runs={line} />
            </p>
          ))}
          <p class="ttd-place">Tempat tanda tangan elektronik</p>
          {block.below.map((line) => (
            <p>
              <Runs runs={line} />
            </p>
          ))}
        </div>
      )
  }
}

function Runs({ runs }: { runs: readonly Run[] }) {
  return (
    <>
      {runs.map(({ text, bold, italic }) => {
        const words = italic ? <em>{text}</em> : text
        return bold ? <strong>{words}</strong> : words
      })}
    </>
  )
}

import { type HiddenEnd, hideEndIn } from '../domain/hiding.js'
import type { Block, PactText, Run } from '../domain/pact.js'

/** A pact's words as a page: the same blocks that the PDF is set from, with headings, lists and tables as such. */
export function Naskah({ text, label, hidden }: { text: PactText; label: string; hidden?: HiddenEnd }) {
  const { blocks } = hidden ? hideEndIn(text, hidden) : text
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
                      <Runs runs={cell.runs} />
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

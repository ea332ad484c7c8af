// The press as jobs that can be copied from one thread to another: what goes in is plain data, what comes out bytes.
import type { PactText } from '../domain/pact.js'
import { openTemplate, type OpenTemplate, type TemplateValues } from './filling.js'
import { openPress, type Press, type Pressed, type Sheet } from './press.js'
import { checkRelease, pressSpecimen } from './specimen.js'
import { parseTemplate, type PactTemplate } from './template.js'
import type { Fonts } from './typeface.js'

/** A template's files; `name` is what a message calls them. */
export interface TemplateFiles {
  words: string
  page: string
  name: string
}

/** What many pacts have in common. Equal keys mean equal setups. */
export interface PrintSetup {
  key: string
  template: TemplateFiles
  /** PNG or JPEG: see `checkEmblem`. */
  emblem?: Uint8Array
  stamp?: string
}

/** What one pact says: values for its template, those of many pacts apart from its own; or words as they are. */
export type PrintWords = { common: TemplateValues; own: TemplateValues } | { text: PactText }

/** One pact to print. */
export interface PrintJob {
  setup: PrintSetup
  words: PrintWords
  sheet: Omit<Sheet, 'text' | 'shared'>
}

// Campaigns of one template whose common words are kept.
const COMMON_MAX = 64

interface Kept {
  template: PactTemplate
  press: Press
  common: Map<string, OpenTemplate>
}

/** Prints, and keeps what pacts have in common. */
export class Presswork {
  readonly #fonts: Fonts
  readonly #kept = new Map<string, Kept>()

  constructor(fonts: Fonts) {
    this.#fonts = fonts
  }

  /** @throws as `Press.print` and `fillTemplate` */
  async print({ setup, words, sheet }: PrintJob): Promise<Pressed> {
    const { template, press, common } = this.#open(setup)
    return press.print({ ...sheet, ...fill(template, common, words) })
  }

  /** @throws as `checkRelease` */
  async check(template: TemplateFiles): Promise<void> {
    return checkRelease(parseTemplate(template), this.#fonts)
  }

  /** A template as it looks with invented people: a PDF. @throws BAD_TEMPLATE */
  async specimen(template: TemplateFiles, emblem?: Uint8Array): Promise<Uint8Array> {
    return pressSpecimen(parseTemplate(template), this.#fonts, emblem)
  }

  #open({ key, template: files, emblem, stamp }: PrintSetup): Kept {
    let kept = this.#kept.get(key)
    if (kept) return kept
    const template = parseTemplate(files)
    const press = openPress({
      page: template.page,
      fonts: this.#fonts,
      ...(emblem && { emblem }),
      ...(stamp !== undefined && { stamp }),
    })
    this.#kept.set(key, (kept = { template, press, common: new Map() }))
    return kept
  }
}

function fill(
  template: PactTemplate,
  known: Map<string, OpenTemplate>,
  words: PrintWords,
): Pick<Sheet, 'text' | 'shared'> {
  if ('text' in words) return { text: words.text }
  const key = JSON.stringify(words.common)
  let open = known.get(key)
  if (!open) known.set(key, (open = openTemplate(template, words.common)))
  if (known.size > COMMON_MAX) known.delete(known.keys().next().value!)
  return { text: open.fill(words.own), shared: open.shared }
}

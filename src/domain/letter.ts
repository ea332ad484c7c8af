import { PactError } from './errors.js'

/** A mail as people read it. */
export interface Letter {
  subject: string
  text: string
  html: string
}

const escapeHtml = (text: string) => text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`)

// One line of a mail header: a name with a line break in it must not become a header of its own.
const oneLine = (text: string) => text.replace(/[\u0000-\u001f\u007f\u2028\u2029]+/g, ' ').trim()

/**
 * A mail from a template that officials edit: the first line is `Subjek: ...`, the rest paragraphs of plain
 * text; `{{name}}` stands for a value; a paragraph that is only `{{tautan}}` becomes a button in the HTML part.
 *
 * @param words the template, UTF-8 text
 * @param values one for each placeholder; values are plain text
 * @throws BAD_TEMPLATE when the subject is missing or a placeholder has no value
 */
export function composeLetter(words: string, values: Record<string, string>): Letter {
  const [first = '', ...rest] = words.replace(/\r\n/g, '\n').split('\n')
  const subject = /^Subjek:\s*(.+)$/.exec(first)?.[1]
  if (!subject) throw new PactError('BAD_TEMPLATE', `mail template line 1 is "${first}", want "Subjek: ..."`)
  const fill = (text: string, change: (value: string) => string) =>
    text.replace(/\{\{(\w+)\}\}/g, (_, name: string) => {
      const value = values[name]
      if (value === undefined)
        throw new PactError(
          'BAD_TEMPLATE',
          `mail template: {{${name}}} has no value; there are ${Object.keys(values).join(', ')}`,
        )
      return change(value)
    })
  const paragraphs = rest
    .join('\n')
    .trim()
    .split(/\n{2,}/)
  const html = paragraphs.map((paragraph) => {
    if (/^\{\{tautan\w*\}\}$/.test(paragraph.trim())) {
      const url = escapeHtml(fill(paragraph.trim(), (value) => value))
      return `<p style="margin:24px 0"><a href="${url}" style="background:#0b4f4a;color:#ffffff;padding:14px 24px;border-radius:6px;text-decoration:none;font-weight:bold;display:inline-block">Buka halaman</a></p>\n<p style="font-size:14px;color:#444444;word-break:break-all">${url}</p>`
    }
    return `<p>${fill(escapeHtml(paragraph), escapeHtml).replace(/\n/g, '<br>')}</p>`
  })
  return {
    subject: oneLine(fill(subject, oneLine)),
    text: `${paragraphs.map((paragraph) => fill(paragraph, (value) => value)).join('\n\n')}\n`,
    html: `<!doctype html>\n<html lang="id"><meta charset="utf-8"><body style="font-family:Arial,sans-serif;font-size:17px;line-height:1.5;color:#1a1a1a;max-width:600px;margin:0 auto;padding:16px">\n${html.join('\n')}\n</body></html>\n`,
  }
}

import type { ComponentChildren } from 'preact'

/** Something on a form that has to be mended; `field` is the name (and id) of the control. */
export interface FormError {
  field: string
  message: string
}

/** What was typed, kept when a form comes back. */
export type FormValues = Readonly<Record<string, string | undefined>>

export interface FormState {
  values: FormValues
  errors: readonly FormError[]
}

export const emptyForm: FormState = { values: {}, errors: [] }

const errorOf = (errors: readonly FormError[] | undefined, field: string) =>
  errors?.find((error) => error.field === field)?.message

const describedBy = (name: string, hint: ComponentChildren, error: string | undefined) =>
  [hint ? `${name}-hint` : '', error ? `${name}-error` : ''].filter(Boolean).join(' ') || undefined

/** What is wrong, first on the page, each line leading to its control. */
export function ErrorSummary({ errors }: { errors: readonly FormError[] }) {
  if (errors.length === 0) return null
  return (
    <div class="summary-wrong" role="alert" tabIndex={-1}>
      <h2>Ada yang perlu diperbaiki</h2>
      <ul>
        {errors.map(({ field, message }) => (
          <li>
            <a href={`#${field}`}>{message}</a>
          </li>
        ))}
      </ul>
    </div>
  )
}

function ErrorText({ name, error }: { name: string; error: string | undefined }) {
  if (!error) return null
  return (
    <span class="wrong-text" id={`${name}-error`}>
      <span class="hidden-visually">Perlu diperbaiki: </span>
      {error}
    </span>
  )
}

interface ControlProps {
  name: string
  label: ComponentChildren
  hint?: ComponentChildren
  form?: FormState
}

/** One line of text. */
export function TextField({
  name,
  label,
  hint,
  form = emptyForm,
  type = 'text',
  size,
  value,
  ...rest
}: ControlProps & {
  type?: 'text' | 'email' | 'date' | 'time' | 'number' | 'search'
  size?: 'short' | 'middle'
  value?: string // shown when nothing was typed yet
  autoComplete?: string
  inputMode?: 'numeric' | 'text' | 'email'
  maxLength?: number
  spellcheck?: boolean
  min?: number
  max?: number
}) {
  const error = errorOf(form.errors, name)
  return (
    <div class={error ? 'field wrong' : 'field'}>
      <label for={name}>{label}</label>
      {hint && (
        <span class="hint" id={`${name}-hint`}>
          {hint}
        </span>
      )}
      <ErrorText name={name} error={error} />
      <input
        id={name}
        name={name}
        type={type}
        class={size}
        value={form.values[name] ?? value}
        aria-describedby={describedBy(name, hint, error)}
        aria-invalid={error ? 'true' : undefined}
        {...rest}
      />
    </div>
  )
}

/** Several lines of text. */
export function TextArea({
  name,
  label,
  hint,
  form = emptyForm,
  value,
  maxLength,
}: ControlProps & { value?: string; maxLength?: number }) {
  const error = errorOf(form.errors, name)
  return (
    <div class={error ? 'field wrong' : 'field'}>
      <label for={name}>{label}</label>
      {hint && (
        <span class="hint" id={`${name}-hint`}>
          {hint}
        </span>
      )}
      <ErrorText name={name} error={error} />
      <textarea
        id={name}
        name={name}
        rows={4}
        maxLength={maxLength}
        aria-describedby={describedBy(name, hint, error)}
        aria-invalid={error ? 'true' : undefined}
      >
        {form.values[name] ?? value}
      </textarea>
    </div>
  )
}

export interface Option {
  value: string
  label: ComponentChildren
  hint?: ComponentChildren
}

/** One of a list too long for radio buttons. */
export function Select({
  name,
  label,
  hint,
  form = emptyForm,
  value,
  options,
  size,
}: ControlProps & { value?: string; options: readonly Option[]; size?: 'middle' }) {
  const error = errorOf(form.errors, name)
  const chosen = form.values[name] ?? value
  return (
    <div class={error ? 'field wrong' : 'field'}>
      <label for={name}>{label}</label>
      {hint && (
        <span class="hint" id={`${name}-hint`}>
          {hint}
        </span>
      )}
      <ErrorText name={name} error={error} />
      <select
        id={name}
        name={name}
        class={size}
        aria-describedby={describedBy(name, hint, error)}
        aria-invalid={error ? 'true' : undefined}
      >
        {options.map((option) => (
          <option value={option.value} selected={option.value === chosen}>
            {option.label}
          </option>
        ))}
      </select>
    </div>
  )
}

/** One of a few. The first radio carries the group's name as its id, so that an error can lead to it. */
export function Radios({
  name,
  label,
  hint,
  form = emptyForm,
  value,
  options,
}: ControlProps & { value?: string; options: readonly Option[] }) {
  const error = errorOf(form.errors, name)
  const chosen = form.values[name] ?? value
  return (
    <fieldset class={error ? 'wrong' : undefined} aria-describedby={describedBy(name, hint, error)}>
      <legend>{label}</legend>
      {hint && (
        <span class="hint" id={`${name}-hint`}>
          {hint}
        </span>
      )}
      <ErrorText name={name} error={error} />
      {options.map((option, index) => (
        <Choice
          type="radio"
          id={index === 0 ? name : `${name}-${index}`}
          name={name}
          value={option.value}
          checked={option.value === chosen}
          label={option.label}
          hint={option.hint}
        />
      ))}
    </fieldset>
  )
}

/** Any of a list; each box posts `name` again. */
export function Checkboxes({
  name,
  label,
  hint,
  errors,
  chosen,
  options,
  columns,
}: {
  name: string
  label: ComponentChildren
  hint?: ComponentChildren
  errors: readonly FormError[]
  chosen: readonly string[]
  options: readonly Option[]
  columns?: boolean
}) {
  const error = errorOf(errors, name)
  return (
    <fieldset class={error ? 'wrong' : undefined} aria-describedby={describedBy(name, hint, error)}>
      <legend>{label}</legend>
      {hint && (
        <span class="hint" id={`${name}-hint`}>
          {hint}
        </span>
      )}
      <ErrorText name={name} error={error} />
      <div class={columns ? 'columns' : undefined}>
        {options.map((option, index) => (
          <Choice
            type="checkbox"
            id={index === 0 ? name : `${name}-${index}`}
            name={name}
            value={option.value}
            checked={chosen.includes(option.value)}
            label={option.label}
            hint={option.hint}
          />
        ))}
      </div>
    </fieldset>
  )
}

/** A single yes. */
export function Consent({ name, label, form }: { name: string; label: ComponentChildren; form: FormState }) {
  const error = errorOf(form.errors, name)
  return (
    <div class={error ? 'wrong' : undefined}>
      <ErrorText name={name} error={error} />
      <Choice
        type="checkbox"
        id={name}
        name={name}
        value="yes"
        checked={form.values[name] === 'yes'}
        label={label}
        describedBy={error ? `${name}-error` : undefined}
      />
    </div>
  )
}

function Choice({
  type,
  id,
  name,
  value,
  checked,
  label,
  hint,
  describedBy,
}: {
  type: 'radio' | 'checkbox'
  id: string
  name: string
  value: string
  checked: boolean
  label: ComponentChildren
  hint?: ComponentChildren
  describedBy?: string | undefined
}) {
  return (
    <div class="choice">
      <input
        type={type}
        id={id}
        name={name}
        value={value}
        checked={checked}
        aria-describedby={hint ? `${id}-hint` : describedBy}
      />
      <div>
        <label for={id}>{label}</label>
        {hint && (
          <span class="hint" id={`${id}-hint`}>
            {hint}
          </span>
        )}
      </div>
    </div>
  )
}

/** A file to send. */
export function FileField({
  name,
  label,
  hint,
  form = emptyForm,
  accept,
}: ControlProps & { accept: string }) {
  const error = errorOf(form.errors, name)
  return (
    <div class={error ? 'field wrong' : 'field'}>
      <label for={name}>{label}</label>
      {hint && (
        <span class="hint" id={`${name}-hint`}>
          {hint}
        </span>
      )}
      <ErrorText name={name} error={error} />
      <input
        id={name}
        name={name}
        type="file"
        accept={accept}
        aria-describedby={describedBy(name, hint, error)}
        aria-invalid={error ? 'true' : undefined}
      />
    </div>
  )
}

/** A button, the one that acts. */
/** What most people's phones load is no larger for the few who bring a certificate. */
export const signingScript = ({ mayUseOwnCertificate }: { mayUseOwnCertificate: boolean }) =>
  mayUseOwnCertificate ? 'signing-own.js' : 'signing.js'

/**
 * A head's or a witness's own certificate. Without names: file and passphrase are the script's alone and are never sent.
 */
export function OwnCertificateFields() {
  return (
    <details id="own-certificate" hidden>
      <summary>Punya sertifikat elektronik sendiri (berkas .p12)?</summary>
      <p>
        Berkas dan frasa sandinya hanya dibaca di perangkat ini dan tidak dikirim. Tanpa berkas, perangkat ini
        membuat kunci sekali pakai.
      </p>
      <div class="field">
        <label for="p12-file">Berkas .p12 atau .pfx</label>
        <input id="p12-file" type="file" accept=".p12,.pfx,application/x-pkcs12" />
      </div>
      <div class="field">
        <label for="p12-passphrase">Frasa sandi berkas itu</label>
        <input id="p12-passphrase" type="password" autocomplete="off" class="middle" />
      </div>
    </details>
  )
}

/** What the page's script needs to sign with a key of the device's own (`browser/page.ts`). */
export interface DeviceFacts {
  keyAddress: string // where a certificate is asked for
  ownAddress: string // where the signature goes
  scope: string // what the proof of possession is bound to
  slot: string
  name: string // in whose name the certificate must be
  numberHead: string // and with which number, without the end that the signer types; "" where there is none
  reason: string
  issuerSha256: string // hex
  isStatement?: boolean // the row of a collective pact: what is signed is the words, not a file
}

export const deviceData = (facts: DeviceFacts) => ({
  'data-key': facts.keyAddress,
  'data-own': facts.ownAddress,
  'data-token': facts.scope,
  'data-slot': facts.slot,
  'data-name': facts.name,
  'data-number-head': facts.numberHead,
  'data-reason': facts.reason,
  'data-issuer': facts.issuerSha256,
  'data-statement': facts.isStatement ? '' : undefined,
})

export function Submit({
  children,
  kind,
  name,
  value,
}: {
  children: ComponentChildren
  kind?: 'second' | 'grave'
  name?: string
  value?: string
}) {
  return (
    <button type="submit" class={kind ? `button ${kind}` : 'button'} name={name} value={value}>
      {children}
    </button>
  )
}

/** A form that comes back as it was sent, with what has to be mended. */
export function formStateOf(sent: URLSearchParams, errors: readonly FormError[]): FormState {
  return { values: Object.fromEntries(sent), errors }
}

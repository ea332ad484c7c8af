/**
 * Every way the service refuses, as a closed set. `web/server.ts` maps each to an HTTP status; a code
 * without a status does not compile. What is not a PactError is a bug.
 */
export type PactErrorCode =
  // what arrives from outside
  | 'BAD_FORM'
  | 'BAD_FILE'
  | 'FILE_TOO_LARGE'
  | 'BAD_SPREADSHEET'
  | 'BAD_ROSTER'
  | 'BAD_TEMPLATE'
  | 'BAD_CHARACTER'
  | 'BAD_PDF'
  | 'BAD_KEY'
  | 'TSA_UNAVAILABLE'
  | 'BAD_CONFIG'
  | 'BAD_LINK'
  // who asks
  | 'NOT_SIGNED_IN'
  | 'FORBIDDEN'
  | 'NOT_FOUND'
  | 'TOO_MANY_REQUESTS'
  // when it is asked
  | 'LINK_EXPIRED'
  | 'LINK_REPLACED'
  | 'LINK_USED'
  | 'BAD_CODE'
  | 'OWN_KEY_REQUIRED'
  | 'WAITING_HEAD'
  | 'CAMPAIGN_CLOSED'
  | 'STALE'
  // what we depend on
  | 'PLACEHOLDER_TOO_SMALL'
  | 'MAIL_FAILED'
  | 'HSM_UNAVAILABLE'
  | 'STATUS_UNAVAILABLE'
  | 'DATABASE_UNAVAILABLE'

/**
 * The one error class. `message` names the value and the limit ("17 digits, want 18") and never a secret;
 * an operator's message says what to do next.
 */
export class PactError extends Error {
  constructor(
    readonly code: PactErrorCode,
    message: string,
    options?: { cause?: unknown },
  ) {
    super(message, options)
    this.name = 'PactError'
  }
}

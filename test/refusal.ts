import assert from 'node:assert/strict'
import { PactError, type PactErrorCode } from '../src/domain/errors.js'

/** Fails unless `work` is refused with this code. */
export async function refuses(work: Promise<unknown>, code: PactErrorCode): Promise<void> {
  await assert.rejects(work, (error) => {
    assert.ok(error instanceof PactError, String((error as Error).stack ?? error))
    assert.equal(error.code, code, error.message)
    return true
  })
}

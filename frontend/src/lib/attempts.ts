// What is sent again because no answer came must not be done twice: it goes with the key of the first attempt.

export type IdempotencyHeader = { 'Idempotency-Key': string }

export function createAttempts(newKey: () => string = () => crypto.randomUUID()) {
  let latest: { what: string; key: string } | undefined
  return {
    /** The same for the same input until that has succeeded. */
    header(input: unknown): IdempotencyHeader {
      const what = JSON.stringify(input)
      if (latest?.what !== what) latest = { what, key: newKey() }
      return { 'Idempotency-Key': latest.key }
    },
    /** What comes now is meant anew. */
    succeeded() {
      latest = undefined
    },
  }
}

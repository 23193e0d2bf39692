// Repeatable randomness: the same seed gives the same day, so pictures and tests do not change by themselves.

export type Random = (below: number) => number

/** A small generator (xorshift over a hash of the seed); good enough for demo data. */
export function random(seed: string): Random {
  let state = 2166136261
  for (const letter of seed) state = Math.imul(state ^ letter.charCodeAt(0), 16777619)
  return (below) => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return Math.abs(state) % below
  }
}

export function id(kind: string, number: number): string {
  const hex = (text: string) =>
    [...text].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 0xffffff, 7)
  const tail = (hex(kind) * 1000 + number).toString(16).padStart(12, '0')
  return `01939000-0000-7000-8000-${tail.slice(-12)}`
}

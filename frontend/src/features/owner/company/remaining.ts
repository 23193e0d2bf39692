// How long something goes on, in two units: what is far is not told by the second.
const UNITS = [
  ['d', 86_400],
  ['h', 3600],
  ['m', 60],
  ['s', 1],
] as const

export function remaining(ms: number): string {
  const seconds = Math.max(0, Math.ceil(ms / 1000))
  const at = UNITS.findIndex(([, size]) => seconds >= size)
  const first = UNITS[at]
  if (!first) return '0 s'
  const [unit, size] = first
  const next = UNITS[at + 1]
  const whole = `${Math.floor(seconds / size)} ${unit}`
  if (!next) return whole
  return `${whole} ${String(Math.floor((seconds % size) / next[1])).padStart(2, '0')} ${next[0]}`
}

// Stretches of days to choose from, on the company's calendar.
import { addDays, type Day } from '~/lib/time'

export type Period = { from: Day; to: Day }

/** Days since Monday. */
const weekday = (day: Day) => (new Date(`${day}T12:00:00Z`).getUTCDay() + 6) % 7

export function periods(today: Day): Record<string, Period> {
  const monday = addDays(today, -weekday(today))
  const first = `${today.slice(0, 8)}01`
  const lastOfMonthBefore = addDays(first, -1)
  return {
    Today: { from: today, to: today },
    Yesterday: { from: addDays(today, -1), to: addDays(today, -1) },
    'This week': { from: monday, to: today },
    'Last week': { from: addDays(monday, -7), to: addDays(monday, -1) },
    'This month': { from: first, to: today },
    'Last month': { from: `${lastOfMonthBefore.slice(0, 8)}01`, to: lastOfMonthBefore },
    'Last 30 days': { from: addDays(today, -29), to: today },
    'Last 90 days': { from: addDays(today, -89), to: today },
  }
}

/** The same number of days just before, or just after. */
export function step({ from, to }: Period, direction: -1 | 1): Period {
  const days = Math.round((Date.parse(to) - Date.parse(from)) / 86_400_000) + 1
  return { from: addDays(from, direction * days), to: addDays(to, direction * days) }
}

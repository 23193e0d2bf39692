// A plan's terms as one types them: text in fields, one row a currency; and back, with only what is different.
import type { Features, PlanOfOwner, Price } from '~/api/types'
import { count, minorDigits, money } from '~/lib/format'
import type { PlanChanges, PlanTerms } from './queries'

export type PriceRow = { currency: string; month: string; year: string }
export type TermsValues = {
  name: string
  max_employees: string
  max_storage_gb: string
  retention_days: string
  history_days: string
  features: Features
  prices: PriceRow[]
}

export const LIMITS = [
  { name: 'max_employees', label: 'Employees', unit: '', most: 1_000_000 },
  { name: 'max_storage_gb', label: 'Storage in GB', unit: ' GB', most: 1_000_000 },
  { name: 'retention_days', label: 'Records kept, in days', unit: ' days', most: 3660 },
  { name: 'history_days', label: 'History in reports, in days', unit: ' days', most: 3660 },
] as const

/** Every feature of the API: one that is missing here does not compile. */
export const FEATURES: Record<keyof Features, { label: string; says: string }> = {
  screenshots: {
    label: 'Screenshots',
    says: 'Agents take and send pictures. Without it they take none; those that are there stay.',
  },
  api_access: {
    label: 'API access',
    says: 'Other programs come with API tokens. Without it tokens rest.',
  },
  webhooks: { label: 'Webhooks', says: 'Other programs are told of what happens.' },
  exports: { label: 'Exports', says: 'Data is taken along as a file.' },
}
export const FEATURE_NAMES = Object.keys(FEATURES) as (keyof Features)[]

export const NEW_TERMS: TermsValues = {
  name: '',
  max_employees: '10',
  max_storage_gb: '50',
  retention_days: '365',
  history_days: '365',
  features: { screenshots: true, api_access: true, webhooks: true, exports: true },
  prices: [{ currency: 'USD', month: '', year: '' }],
}

const MOST_MINOR = 1_000_000_000_000

/** `49`, `49.90` → 4990 in minor units; undefined for what is no amount of that currency. */
export function toMinor(text: string, currency: string): number | undefined {
  const digits = minorDigits(currency)
  const match = /^(\d{1,12})(?:[.,](\d+))?$/.exec(text.trim())
  if (!match) return undefined
  const fraction = match[2] ?? ''
  if (fraction.length > digits) return undefined
  // By its digits: 19.99 × 100 is not 1999 in binary.
  const minor = Number(`${match[1]}${fraction.padEnd(digits, '0')}`)
  return minor <= MOST_MINOR ? minor : undefined
}

export function toMajor(minor: number, currency: string): string {
  const digits = minorDigits(currency)
  const text = String(minor).padStart(digits + 1, '0')
  return digits === 0 ? text : `${text.slice(0, -digits)}.${text.slice(-digits)}`
}

export function valuesOf(plan: PlanOfOwner): TermsValues {
  const currencies = [...new Set(plan.prices.map(({ currency }) => currency))]
  const amount = (currency: string, period: Price['period']) => {
    const price = plan.prices.find((one) => one.currency === currency && one.period === period)
    return price ? toMajor(price.price_minor, currency) : ''
  }
  return {
    name: plan.name,
    max_employees: String(plan.max_employees),
    max_storage_gb: String(plan.max_storage_gb),
    retention_days: String(plan.retention_days),
    history_days: String(plan.history_days),
    features: plan.features,
    prices: currencies.map((currency) => ({
      currency,
      month: amount(currency, 'month'),
      year: amount(currency, 'year'),
    })),
  }
}

/** Field → what is wrong with it, with the names that the form gives its fields. */
export function faults(values: TermsValues): Record<string, string> {
  const found: Record<string, string> = {}
  if (!/^[A-Z][A-Z0-9_]{1,31}$/.test(values.name))
    found.name = 'Two to 32 capitals, digits and underscores, a letter first.'
  for (const { name, most } of LIMITS) {
    const value = wholeNumber(values[name])
    if (value === undefined || value < 1 || value > most)
      found[name] = `A whole number from 1 to ${count(most)}.`
  }
  values.prices.forEach(({ currency, month, year }, at) => {
    if (!/^[A-Z]{3}$/.test(currency)) found[`prices.${at}.currency`] = 'Three capitals: EUR.'
    else if (values.prices.findIndex((row) => row.currency === currency) < at)
      found[`prices.${at}.currency`] = 'There already.'
    if (toMinor(month, currency) === undefined)
      found[`prices.${at}.month`] = 'An amount, 0 for free.'
    if (year.trim() && toMinor(year, currency) === undefined)
      found[`prices.${at}.year`] = 'An amount, or nothing.'
  })
  return found
}

const wholeNumber = (text: string) => (/^\d{1,9}$/.test(text.trim()) ? Number(text) : undefined)

/** Of values without faults. */
export function termsOf(values: TermsValues): PlanTerms {
  const whole = (text: string) => wholeNumber(text) ?? 0
  return {
    name: values.name,
    max_employees: whole(values.max_employees),
    max_storage_gb: whole(values.max_storage_gb),
    retention_days: whole(values.retention_days),
    history_days: whole(values.history_days),
    features: values.features,
    prices: values.prices.flatMap(({ currency, month, year }): Price[] => {
      const price = (period: Price['period'], text: string): Price[] => {
        const price_minor = toMinor(text, currency)
        return price_minor === undefined ? [] : [{ currency, period, price_minor }]
      }
      return [...price('month', month), ...price('year', year)]
    }),
  }
}

/** What of `next` is not so in `plan`: what somebody else changed of the rest is left as it is. */
export function changesOf(plan: Pick<PlanOfOwner, keyof PlanTerms>, next: PlanTerms): PlanChanges {
  const changes: PlanChanges = {}
  if (next.name !== plan.name) changes.name = next.name
  for (const { name } of LIMITS) if (next[name] !== plan[name]) changes[name] = next[name]
  const other = FEATURE_NAMES.filter((name) => next.features[name] !== plan.features[name])
  if (other.length > 0)
    changes.features = Object.fromEntries(other.map((name) => [name, next.features[name]]))
  if (pricesAsText(next.prices) !== pricesAsText(plan.prices)) changes.prices = next.prices
  return changes
}

/** `name: was → is`, for somebody who typed while somebody else saved. */
export function differences(was: PlanOfOwner, is: PlanOfOwner): string[] {
  const lines: string[] = []
  if (was.name !== is.name) lines.push(`Name: ${was.name} → ${is.name}`)
  for (const { name, label } of LIMITS)
    if (was[name] !== is[name]) lines.push(`${label}: ${count(was[name])} → ${count(is[name])}`)
  for (const name of FEATURE_NAMES)
    if (was.features[name] !== is.features[name])
      lines.push(`${FEATURES[name].label}: ${is.features[name] ? 'now included' : 'no more'}`)
  if (pricesAsText(was.prices) !== pricesAsText(is.prices))
    lines.push(`Prices: ${pricesAsText(was.prices)} → ${pricesAsText(is.prices)}`)
  if (Boolean(was.archived_at) !== Boolean(is.archived_at))
    lines.push(is.archived_at ? 'It was archived.' : 'It was brought back.')
  return lines
}

export const pricesAsText = (prices: Price[]) =>
  prices
    .toSorted((a, b) => `${a.currency}${a.period}`.localeCompare(`${b.currency}${b.period}`))
    .map(({ price_minor, currency, period }) => `${money(price_minor, currency)} a ${period}`)
    .join(', ')

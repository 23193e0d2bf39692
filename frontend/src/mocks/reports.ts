// The owner's reports of the mock: a service that began in January and has grown since, in two currencies.
import type {
  CurrencyRevenue,
  ExchangeRate,
  GrowthReport,
  OverviewReport,
  PlansReport,
  RevenueMonth,
  RevenueReport,
  UsageReport,
} from '~/api/types'
import type { CompanyRecord } from './companies'
import { id } from './random'

const BEGAN = '2026-01'

const monthOf = (number: number) =>
  `${Math.floor(number / 12)}-${String((number % 12) + 1).padStart(2, '0')}`
const numberOf = (month: string) => Number(month.slice(0, 4)) * 12 + Number(month.slice(5)) - 1

function monthsOf(query: URLSearchParams, now: Date): string[] {
  const to = query.get('to') ?? now.toISOString().slice(0, 7)
  const from = query.get('from') ?? monthOf(numberOf(to) - 11)
  const many = numberOf(to) - numberOf(from) + 1
  return Array.from({ length: many }, (_, by) => monthOf(numberOf(from) + by))
}

/** Months since the service began; below 0 there was nothing. */
const age = (month: string) => numberOf(month) - numberOf(BEGAN)

const STATES = { trial: 0, active: 0, suspended: 0, expired: 0, cancelled: 0 }
function statesOf(month: string): typeof STATES {
  const since = age(month)
  if (since < 0) return STATES
  return {
    trial: 2 + (since % 3),
    active: 1 + since,
    suspended: since % 2,
    expired: Math.floor(since / 4),
    cancelled: Math.floor(since / 3),
  }
}

export function overview(query: URLSearchParams, now: Date, empty: boolean): OverviewReport {
  const months = monthsOf(query, now)
  const of = (month: string) => (empty ? STATES : statesOf(month))
  return {
    from: months[0] ?? '',
    to: months.at(-1) ?? '',
    as_of: now.toISOString(),
    now: of(now.toISOString().slice(0, 7)),
    months: months.map((month) => ({ month, ...of(month) })),
  }
}

/** What changes in a month, in minor units of a currency whose amounts are `factor` times the dollar's. */
function changesOf(month: string, factor: number) {
  const since = age(month)
  if (since < 0) return { fresh: 0, back: 0, more: 0, less: 0, gone: 0 }
  return {
    fresh: (9900 + 4950 * (since % 3)) * factor,
    back: since % 5 === 4 ? 9900 * factor : 0,
    more: since % 2 ? 4000 * factor : 0,
    less: since % 4 === 3 ? 1500 * factor : 0,
    gone: since % 3 === 2 ? 9900 * factor : 0,
  }
}

function startOf(month: string, factor: number): number {
  let start = 0
  for (let number = numberOf(BEGAN); number < numberOf(month); number += 1) {
    const { fresh, back, more, less, gone } = changesOf(monthOf(number), factor)
    start += fresh + back + more - less - gone
  }
  return start
}

function wayOf(month: string, factor: number): RevenueMonth {
  const { fresh, back, more, less, gone } = changesOf(month, factor)
  const start = startOf(month, factor)
  return {
    month,
    start_minor: start,
    new_minor: fresh,
    reactivated_minor: back,
    expansion_minor: more,
    contraction_minor: less,
    churned_minor: gone,
    end_minor: start + fresh + back + more - less - gone,
    ...(start > 0 ? { revenue_churn_bp: Math.floor(((less + gone) * 10_000) / start) } : {}),
  }
}

function inCurrency(currency: string, months: string[], factor: number): CurrencyRevenue {
  const ways = months.map((month) => wayOf(month, factor))
  const mrr_minor = ways.at(-1)?.end_minor ?? 0
  const enterprise = Math.floor(mrr_minor / 2)
  return {
    currency,
    mrr_minor,
    arr_minor: mrr_minor * 12,
    paying_companies: 8,
    plans: [
      { plan: 'ENTERPRISE', companies: 2, mrr_minor: enterprise },
      { plan: 'PRO', companies: 6, mrr_minor: mrr_minor - enterprise },
    ],
    months: ways,
    cohorts: months.map((month, place) => ({
      month,
      mrr_minor: months.slice(place).map((_, since) => keptOf(month, since) * 9900 * factor),
    })),
  }
}

const keptOf = (month: string, since: number) =>
  age(month) < 0 ? 0 : Math.max(1, 2 + (age(month) % 3) - Math.floor(since / 3))

const rateOf = (rates: ExchangeRate[], from: string, to: string) =>
  rates.find((rate) => rate.from_currency === from && rate.to_currency === to)

export function revenue(
  query: URLSearchParams,
  now: Date,
  rates: ExchangeRate[],
  empty: boolean,
): RevenueReport {
  const months = monthsOf(query, now)
  const currencies = empty ? [] : [inCurrency('EUR', months, 1), inCurrency('USD', months, 2)]
  const to = query.get('currency')
  const foreign = currencies.filter(({ currency }) => currency !== to)
  const used = to ? foreign.map(({ currency }) => rateOf(rates, currency, to)) : []
  const missing = foreign.filter((_, place) => !used[place]).map(({ currency }) => currency)
  const total = (months.length > 0 && wayOf(months.at(-1) ?? '', 3).end_minor) || 0
  const whole = missing.length === 0
  return {
    from: months[0] ?? '',
    to: months.at(-1) ?? '',
    as_of: now.toISOString(),
    currencies,
    ...(to
      ? {
          converted: {
            currency: to,
            rates_of: now.toISOString().slice(0, 10),
            rates: used.flatMap((rate) => (rate ? [rate] : [])),
            missing,
            months: whole ? months.map((month) => wayOf(month, 3)) : [],
            ...(whole ? { mrr_minor: total, arr_minor: total * 12 } : {}),
          },
        }
      : {}),
    logos: months.map((month) => {
      const since = Math.max(0, age(month))
      const churned = since % 3 === 2 && !empty ? 1 : 0
      const start = empty ? 0 : since
      return {
        month,
        start,
        new: empty ? 0 : 1 + churned,
        reactivated: 0,
        churned,
        end: empty ? 0 : start + 1,
        ...(start > 0 ? { logo_churn_bp: Math.floor((churned * 10_000) / start) } : {}),
      }
    }),
    trials: months.map((month) => {
      const started = empty || age(month) < 0 ? 0 : 2 + (age(month) % 3)
      const open = month === now.toISOString().slice(0, 7) ? started : 0
      const converted = open ? 0 : Math.floor(started / 2)
      return {
        month,
        started,
        converted,
        open,
        ended: started - open - converted,
        ...(started ? { conversion_bp: Math.floor((converted * 10_000) / started) } : {}),
      }
    }),
    cohorts: months.map((month, place) => ({
      month,
      companies: months.slice(place).map((_, since) => (empty ? 0 : keptOf(month, since))),
    })),
  }
}

export function growth(query: URLSearchParams, now: Date, empty: boolean): GrowthReport {
  const months = monthsOf(query, now)
  return {
    from: months[0] ?? '',
    to: months.at(-1) ?? '',
    as_of: now.toISOString(),
    months: months.map((month) => {
      const since = empty ? -1 : age(month)
      const { trial, active, suspended } = since < 0 ? STATES : statesOf(month)
      return {
        month,
        companies: trial + active + suspended,
        started_companies: since < 0 ? 0 : 2,
        paying_companies: active,
        mrr:
          since < 0
            ? []
            : [
                { currency: 'EUR', mrr_minor: wayOf(month, 1).end_minor },
                { currency: 'USD', mrr_minor: wayOf(month, 2).end_minor },
              ],
        active_minutes: Math.max(0, since) * 41_230,
        active_employees: Math.max(0, since) * 9,
      }
    }),
  }
}

export function plansReport(companies: CompanyRecord[], now: Date): PlansReport {
  const names = [...new Set(companies.map(({ plan }) => plan))]
  const shares = names.map((plan, place) => {
    const of = (status: string) =>
      companies.filter((one) => one.plan === plan && one.status === status).length
    const [trial, active, suspended] = [of('TRIAL'), of('ACTIVE'), of('SUSPENDED')]
    return {
      plan_id: id('plan', place + 1),
      plan,
      companies: trial + active + suspended,
      trial,
      active,
      suspended,
      expired: of('EXPIRED'),
      cancelled: of('CANCELLED'),
    }
  })
  return {
    to: now.toISOString().slice(0, 7),
    as_of: now.toISOString(),
    plans: shares.toSorted((a, b) => b.companies - a.companies),
  }
}

export function usage(companies: CompanyRecord[], now: Date): UsageReport {
  const top = (figure: 'active_minutes_30d' | 'screenshots_30d' | 'storage_bytes') =>
    companies
      .filter((one) => one[figure] > 0)
      .toSorted((a, b) => b[figure] - a[figure])
      .slice(0, 10)
      .map(({ id, name, plan, status, active_minutes_30d, screenshots_30d, storage_bytes }) => ({
        id,
        name,
        plan,
        status,
        active_minutes_30d,
        screenshots_30d,
        storage_bytes,
      }))
  return {
    as_of: now.toISOString(),
    by_active_minutes: top('active_minutes_30d'),
    by_screenshots: top('screenshots_30d'),
    by_storage: top('storage_bytes'),
  }
}

export function makeRates(): ExchangeRate[] {
  return [
    {
      id: id('rate', 1),
      from_currency: 'USD',
      to_currency: 'EUR',
      rate: '0.92',
      valid_from: '2026-01-01',
      changed_by: 'owner@demo.test',
      version: 1,
      created_at: '2026-01-01T09:00:00Z',
      updated_at: '2026-01-01T09:00:00Z',
    },
  ]
}

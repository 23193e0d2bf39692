// Companies, plans and history of the mock.
import type {
  Company,
  CompanyDetail,
  CompanyStatus,
  ErasureDetail,
  PlanOfOwner,
  SubscriptionEntry,
  Summary,
  UsageDay,
} from '~/api/types'
import { addDays, dayIn } from '~/lib/time'
import { id, random } from './random'

const GB = 1_000_000_000
type Terms = [string, number, number, number, number]
const TERMS: Terms[] = [
  ['FREE', 5, 10, 90, 0],
  ['PRO', 50, 100, 365, 9900],
  ['ENTERPRISE', 999, 1000, 1095, 49900],
]

export function makePlans(): PlanOfOwner[] {
  return TERMS.map(([name, max_employees, max_storage_gb, days, price_minor], number) => ({
    id: id('plan', number + 1),
    name,
    max_employees,
    max_storage_gb,
    retention_days: days,
    history_days: days,
    features: {
      screenshots: true,
      api_access: number > 0,
      webhooks: number > 0,
      exports: true,
    },
    prices: [
      { currency: 'USD', period: 'month', price_minor },
      ...(number === 1 ? [{ currency: 'USD', period: 'year' as const, price_minor: 99_000 }] : []),
    ],
    version: 1,
    created_at: '2026-01-05T09:00:00Z',
    updated_at: '2026-01-05T09:00:00Z',
  }))
}
const PLANS = makePlans()

/** name, state, plan, zone, employees, GB, minutes in 30 days, hours since the last sync (none = never) */
type Row = [string, CompanyStatus, string, string, number, number, number, number | undefined]
const ROWS: Row[] = [
  ['Acme Ltd', 'ACTIVE', 'PRO', 'Europe/Berlin', 18, 41.2, 148_320, 0],
  ['Bolt Logistics', 'SUSPENDED', 'PRO', 'Europe/Warsaw', 31, 88.1, 61_004, 92],
  ['Cedar and Daughters', 'TRIAL', 'FREE', 'America/New_York', 4, 1.3, 9_840, 1],
  ['Delta Works', 'ACTIVE', 'ENTERPRISE', 'Asia/Tokyo', 312, 402, 2_410_770, 0],
  ['Elm Street Studio', 'TRIAL', 'FREE', 'Europe/London', 0, 0, 0, undefined],
  ['Fjord Consulting', 'ACTIVE', 'PRO', 'Europe/Oslo', 47, 79.5, 388_100, 130],
  ['Granite Partners', 'EXPIRED', 'PRO', 'America/Chicago', 12, 20.4, 3_310, 300],
  ['Harbour Lights', 'CANCELLED', 'FREE', 'Australia/Sydney', 2, 0.6, 0, 900],
]

export type CompanyRecord = CompanyDetail & { fullKey: string }

export function makeCompanies(now: Date): CompanyRecord[] {
  return ROWS.map((row, number) => makeCompany(row, number, now))
}

function makeCompany(row: Row, number: number, now: Date): CompanyRecord {
  const [name, status, planName, time_zone, employees_active, gb, minutes, hours] = row
  const plan = planOf(planName)
  const past = (days: number) => new Date(now.getTime() - days * 86_400_000).toISOString()
  return {
    id: id('company', number + 1),
    name,
    slug: name.toLowerCase().replaceAll(/[^a-z]+/g, '-'),
    status,
    plan: planName,
    employees_active,
    max_employees: plan.max_employees,
    active_minutes_30d: minutes,
    sessions_30d: Math.round(minutes / 190),
    screenshots_30d: Math.round(minutes / 11),
    storage_bytes: gb * GB,
    max_storage_bytes: plan.max_storage_gb * GB,
    ...(hours === undefined ? {} : { last_sync_at: past(hours / 24 + 0.001) }),
    created_at: past(60 + number * 37),
    time_zone,
    ...(status === 'TRIAL' ? { trial_ends_at: past(-4) } : {}),
    ...(status === 'ACTIVE' ? { expires_at: past(-200) } : {}),
    ...(status === 'SUSPENDED'
      ? { suspended_reason: 'Invoice 1043 has been open for 60 days' }
      : {}),
    as_of: past(120 / 86_400),
    admin_email: `admin@${name.split(' ')[0]?.toLowerCase()}.test`,
    subscription: {
      plan: planName,
      price_minor: plan.prices[0]?.price_minor ?? 0,
      currency: 'USD',
      period: 'month',
      starts_at: past(60),
    },
    key: {
      prefix: `company_${'3fa9c1'.slice(0, 4)}`,
      created_at: past(60),
      ...(hours === undefined ? {} : { last_used_at: past(hours / 24) }),
      devices: Math.round(employees_active * 1.1),
    },
    fullKey: `company_3fa9${(number + 1).toString(16).padStart(28, '0')}`,
  }
}

export function planOf(name: string, plans = PLANS): PlanOfOwner {
  const plan = plans.find((candidate) => candidate.name === name)
  if (!plan) throw new Error(`no plan ${name}`)
  return plan
}

export function asListed(company: CompanyRecord): Company {
  const { fullKey: _, key, subscription, admin_email, suspended_reason, as_of, ...rest } = company
  const { time_zone, trial_ends_at, expires_at, ...others } = rest
  const { cancelled_at, revocable_until, planned_change, ...listed } = others
  return listed
}

export function asDetail({ fullKey: _, ...detail }: CompanyRecord): CompanyDetail {
  return detail
}

export function history(company: CompanyRecord, now: Date): SubscriptionEntry[] {
  const { plan, price_minor, currency, period } = company.subscription
  const entry = (number: number, event: string, status: CompanyStatus, days: number) => ({
    id: id(`history-${company.slug}`, number),
    event,
    plan,
    price_minor,
    currency,
    period,
    status,
    starts_at: new Date(now.getTime() - days * 86_400_000).toISOString(),
    actor: 'owner@demo.test',
  })
  const created = entry(1, 'created', 'TRIAL', 60)
  const active = { ...entry(2, 'plan_changed', 'ACTIVE' as const, 46), reason: 'Trial went well' }
  if (company.status === 'TRIAL') return [created]
  if (company.status !== 'SUSPENDED') return [active, created]
  const why = company.suspended_reason ? { reason: company.suspended_reason } : {}
  return [{ ...entry(3, 'suspended', 'SUSPENDED', 4), ...why }, active, created]
}

export function usageDays(company: CompanyRecord, from: string, to: string, now: Date): UsageDay[] {
  const days: UsageDay[] = []
  const today = dayIn(company.time_zone, now)
  for (let day = from; day <= to && day <= today; day = addDays(day, 1)) {
    const weekday = new Date(`${day}T12:00:00Z`).getUTCDay()
    const dice = random(`${company.slug} ${day}`)
    const free = weekday === 0 || weekday === 6
    const people = free ? dice(2) : Math.ceil(company.employees_active * (0.7 + dice(30) / 100))
    days.push({
      day,
      active_employees: people,
      sessions: people * 2 + dice(5),
      active_minutes: people * (290 + dice(90)),
      screenshots: people * (30 + dice(9)),
      storage_bytes: company.storage_bytes,
      events: people * (900 + dice(300)),
    })
  }
  return days
}

export function summaryOf(companies: CompanyRecord[], now: Date): Summary {
  const sum = (of: (company: CompanyRecord) => number) =>
    companies.reduce((total, company) => total + of(company), 0)
  const counted = (status: CompanyStatus) => sum((company) => Number(company.status === status))
  const heard = ({ last_sync_at, created_at }: CompanyRecord) =>
    new Date(last_sync_at ?? created_at).getTime()
  const silent = companies
    .filter(({ status }) => status === 'ACTIVE' || status === 'TRIAL')
    .filter((company) => now.getTime() - heard(company) > 3 * 86_400_000)
  const paying = companies.filter(({ status }) => status === 'ACTIVE')
  const mrr_minor = sum(({ status, subscription }) =>
    status === 'ACTIVE' ? subscription.price_minor : 0,
  )
  return {
    as_of: new Date(now.getTime() - 120_000).toISOString(),
    companies: {
      trial: counted('TRIAL'),
      active: counted('ACTIVE'),
      suspended: counted('SUSPENDED'),
      expired: counted('EXPIRED'),
      cancelled: counted('CANCELLED'),
    },
    active_minutes_30d: sum((company) => company.active_minutes_30d),
    active_minutes_previous_30d: Math.round(sum((company) => company.active_minutes_30d) / 1.08),
    screenshots_30d: sum((company) => company.screenshots_30d),
    storage_bytes: sum((company) => company.storage_bytes),
    employees_active: sum((company) => company.employees_active),
    mrr: paying.length > 0 ? [{ currency: 'USD', mrr_minor, companies: paying.length }] : [],
    trials_ending_7d: counted('TRIAL'),
    silent_count: silent.length,
    silent: silent.slice(0, 8).map(({ id, name, last_sync_at }) => ({
      id,
      name,
      ...(last_sync_at ? { last_sync_at } : {}),
    })),
  }
}

const CERTIFICATE = `Certificate of erasure

Company     Elm & Daughters
Id          ${id('company', 90)}
Cancelled   2026-10-12T08:30:00Z
Begun       2026-11-11T09:00:02Z
Erased      2026-11-11T09:00:41Z

Rows erased
tenant.application_usage               412907
tenant.screenshots                       8114
tenant.users                               23
in all                                 421044

Stored objects erased: 16228, 1204114021 bytes, all below c/${id('company', 90)}/
`

export function makeErasures(now: Date): ErasureDetail[] {
  const days = (ago: number) => new Date(now.getTime() - ago * 86_400_000).toISOString()
  const tables = [
    { table: 'tenant.application_usage', rows: 412_907 },
    { table: 'tenant.screenshots', rows: 8114 },
    { table: 'tenant.users', rows: 23 },
  ]
  return [
    {
      company_id: id('company', 91),
      name: 'Fir Logistics',
      cancelled_at: days(30),
      started_at: days(0),
      rows: 20_411,
      objects: 0,
      object_bytes: 0,
      tables,
    },
    {
      company_id: id('company', 90),
      name: 'Elm & Daughters',
      cancelled_at: days(40),
      started_at: days(10),
      erased_at: days(10),
      rows: 421_044,
      objects: 16_228,
      object_bytes: 1_204_114_021,
      tables,
      certificate: CERTIFICATE,
      sha256: '9f2c51b7'.repeat(8),
    },
  ]
}

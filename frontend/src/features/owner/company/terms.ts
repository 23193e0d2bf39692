// What a company has agreed to: how its state allows it to go on, and what another plan would change.
import type { CompanyDetail, Overrides, Period, Plan } from '~/api/types'
import { priceOf } from '~/components/plan-cards'
import { count, money } from '~/lib/format'
import { FEATURE_NAMES, FEATURES, LIMITS } from '../plans/terms'

type State = Pick<CompanyDetail, 'status' | 'expires_at'>

/** On trial, or a trial that ran out: it begins to pay. */
export const canActivate = ({ status, expires_at }: State) =>
  status === 'TRIAL' || (status === 'EXPIRED' && !expires_at)

/** Paying, or a subscription that ran out: it goes on for a period. */
export const canRenew = ({ status, expires_at }: State) =>
  status === 'ACTIVE' || (status === 'EXPIRED' && Boolean(expires_at))

/** When a period that begins then is over: the same day of the month, or the month's last one, as the server counts. */
export function periodAfter(start: Date, period: Period): Date {
  const end = new Date(start)
  end.setUTCMonth(end.getUTCMonth() + (period === 'year' ? 12 : 1))
  if (end.getUTCDate() !== start.getUTCDate()) end.setUTCDate(0)
  return end
}

export const periodOf = (subscription: { period: string }): Period =>
  subscription.period === 'year' ? 'year' : 'month'

/** What is to be renewed from: the end, where it is not over with its grace. Only the server knows how long that is. */
export const renewedFrom = (detail: State, now: Date) =>
  detail.status === 'ACTIVE' && detail.expires_at && new Date(detail.expires_at) > now
    ? new Date(detail.expires_at)
    : now

/** Those that still come with a replaced key are the company's too. */
export const devicesOf = ({ key }: Pick<CompanyDetail, 'key'>) =>
  key.devices + (key.old_key_devices ?? 0)

export type Line = { key: string; what: string; before: string; after: string; difference: string }

const signed = (value: number, show: (value: number) => string) =>
  value === 0 ? '–' : `${value > 0 ? '+' : '−'}${show(Math.abs(value))}`
const yes = (included: boolean) => (included ? 'Included' : 'Not included')

/** By the month, so that a year compares with a month. */
const monthly = (minor: number, period: Period) => (period === 'year' ? minor / 12 : minor)

/** Price and limits before and after, agreements of its own respected; features only where they differ. */
export function preview(detail: CompanyDetail, own: Overrides, plan: Plan, period: Period): Line[] {
  const { currency, price_minor } = detail.subscription
  const agreed = periodOf(detail.subscription)
  const price = priceOf(plan, currency, period)?.price_minor ?? 0
  const change = monthly(price, period) - monthly(price_minor, agreed)
  const lines: Line[] = [
    {
      key: 'price',
      what: 'Price',
      before: `${money(price_minor, currency)} a ${agreed}`,
      after: `${money(price, currency)} a ${period}`,
      difference:
        change === 0 ? '–' : `${signed(change, (minor) => money(minor, currency))} a month`,
    },
  ]
  for (const { name, label } of LIMITS) {
    const { value, source } = own[name]
    const after = source === 'override' ? value : plan[name]
    lines.push({
      key: name,
      what: label,
      before: count(value),
      after: count(after),
      difference: signed(after - value, count),
    })
  }
  for (const name of FEATURE_NAMES) {
    const { value, source } = own[name]
    const after = source === 'override' ? value : plan.features[name]
    if (after !== value)
      lines.push({
        key: name,
        what: FEATURES[name].label,
        before: yes(value),
        after: yes(after),
        difference: after ? 'gained' : 'lost',
      })
  }
  return lines
}

/** Cheaper, or less of anything: one may wait with it until the period that is paid for ends. */
export function isDowngrade(detail: CompanyDetail, own: Overrides, plan: Plan, period: Period) {
  const { currency, price_minor } = detail.subscription
  const price = priceOf(plan, currency, period)?.price_minor ?? 0
  const cheaper = monthly(price, period) < monthly(price_minor, periodOf(detail.subscription))
  const smaller = LIMITS.some(
    ({ name }) => own[name].source === 'plan' && plan[name] < own[name].value,
  )
  const poorer = FEATURE_NAMES.some(
    (name) => own[name].source === 'plan' && own[name].value && !plan.features[name],
  )
  return cheaper || smaller || poorer
}

// Figures over all companies.
import type { Company } from '~/api/types'

export const SILENT_DAYS = 3

export type Totals = {
  running: number
  trials: number
  stopped: number
  employees: number
  minutes: number
  screenshots: number
  storage: number
  silent: Company[]
}

export const isRunning = (company: Company) =>
  company.status === 'ACTIVE' || company.status === 'TRIAL'

/** A running company whose agents have not been heard for days: they may need help. */
export function isSilent(company: Company, now: Date): boolean {
  if (!isRunning(company)) return false
  const heard = new Date(company.last_sync_at ?? company.created_at).getTime()
  return now.getTime() - heard > SILENT_DAYS * 86_400_000
}

export function totals(companies: Company[], now: Date): Totals {
  const sum = (of: (company: Company) => number) =>
    companies.reduce((total, company) => total + of(company), 0)
  return {
    running: sum((company) => Number(isRunning(company))),
    trials: sum((company) => Number(company.status === 'TRIAL')),
    stopped: sum((company) => Number(!isRunning(company))),
    employees: sum((company) => company.employees_active),
    minutes: sum((company) => company.active_minutes_30d),
    screenshots: sum((company) => company.screenshots_30d),
    storage: sum((company) => company.storage_bytes),
    silent: companies.filter((company) => isSilent(company, now)),
  }
}

// Does a company fit into a plan? The server decides; this says it before one asks.
import type { Company, Plan } from '~/api/types'
import { bytes, plural } from '~/lib/format'

const GB = 1_000_000_000

export function overLimits(
  company: Pick<Company, 'employees_active' | 'storage_bytes'>,
  plan: Pick<Plan, 'max_employees' | 'max_storage_gb'>,
): string[] {
  const over: string[] = []
  if (company.employees_active > plan.max_employees)
    over.push(`Too small: ${plural(company.employees_active, 'employee')} now`)
  if (company.storage_bytes > plan.max_storage_gb * GB)
    over.push(`Too small: ${bytes(company.storage_bytes)} stored now`)
  return over
}

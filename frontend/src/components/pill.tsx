// A state in a word: the dot repeats it in colour, the word carries it.
import type { CompanyStatus, Employee } from '~/api/types'
import c from './pill.module.css'

export type Tone = 'good' | 'info' | 'warn' | 'bad' | 'off'

export function Pill({ tone, children }: { tone: Tone; children: string }) {
  return (
    <span className={c.pill} data-tone={tone}>
      {children}
    </span>
  )
}

const COMPANY: Record<CompanyStatus, [Tone, string]> = {
  TRIAL: ['info', 'Trial'],
  ACTIVE: ['good', 'Active'],
  SUSPENDED: ['bad', 'Suspended'],
  EXPIRED: ['warn', 'Expired'],
  CANCELLED: ['off', 'Cancelled'],
}

export function CompanyPill({ status }: { status: CompanyStatus }) {
  const [tone, word] = COMPANY[status] ?? ['off', status]
  return <Pill tone={tone}>{word}</Pill>
}

const EMPLOYEE: Record<Employee['status'], [Tone, string]> = {
  active: ['good', 'Active'],
  invited: ['info', 'Invited'],
  deactivated: ['off', 'Deactivated'],
}

export function EmployeePill({ status }: { status: Employee['status'] }) {
  const [tone, word] = EMPLOYEE[status] ?? ['off', status]
  return <Pill tone={tone}>{word}</Pill>
}

// What a person may do here, with the reason when they may not: buttons are shown disabled with it, not hidden.
import type { CompanyStatus, Me, Role } from '~/api/types'

export const HOME = {
  OWNER: '/owner/dashboard',
  ADMIN: '/dashboard/admin',
  EMPLOYEE: '/dashboard/user',
} as const satisfies Record<Role, string>

export const ROLE_NAMES: Record<Role, string> = {
  OWNER: 'Owner',
  ADMIN: 'Admin',
  EMPLOYEE: 'Employee',
}

export function isInactive(status: CompanyStatus | undefined): boolean {
  return status === 'SUSPENDED' || status === 'EXPIRED' || status === 'CANCELLED'
}

/** Why this person cannot change anything in the company now; undefined when they can. */
export function whyReadOnly(me: Me): string | undefined {
  const status = me.company?.status
  if (!isInactive(status)) return undefined
  return `The company is ${status?.toLowerCase()}: you can read and export, not change.`
}

/** Where to go after sign-in: only paths of this app, never another site. */
export function safeNext(next: string | undefined, role: Role): string {
  return next && /^\/(?![/\\])/.test(next) && !/^\/(login|two-factor)/.test(next)
    ? next
    : HOME[role]
}

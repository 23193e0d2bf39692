// What a person may do here, with the reason when they may not: buttons are shown disabled with it, not hidden.
import type { CompanyStatus, Me, Role } from '~/api/types'

export const HOME = {
  OWNER: '/owner/dashboard',
  ADMIN: '/dashboard/admin',
  TEAM_ADMIN: '/live',
  EMPLOYEE: '/dashboard/user',
} as const satisfies Record<Role, string>

export const ROLE_NAMES: Record<Role, string> = {
  OWNER: 'Owner',
  ADMIN: 'Admin',
  TEAM_ADMIN: 'Team admin',
  EMPLOYEE: 'Employee',
}

/** What a role is called, as lists have it. */
export function roleName(role: string): string {
  return ROLE_NAMES[role as Role] ?? role
}

export function isInactive(status: CompanyStatus | undefined): boolean {
  return status === 'SUSPENDED' || status === 'EXPIRED' || status === 'CANCELLED'
}

/** Whether pages show this person others: everybody of the company, or of teams. */
export function administers({ role }: Pick<Me, 'role'>): boolean {
  return role === 'ADMIN' || role === 'TEAM_ADMIN'
}

/** Whether this person decides about what is of that one: an admin of teams does not about the own. */
export function decidesAbout(me: Pick<Me, 'role' | 'id'>, personId: string): boolean {
  return me.role === 'ADMIN' || (me.role === 'TEAM_ADMIN' && me.id !== personId)
}

/** Why this person cannot change anything in the company now; undefined when they can. */
export function whyReadOnly(me: Me): string | undefined {
  const status = me.company?.status
  if (!isInactive(status)) return undefined
  return `The company is ${status?.toLowerCase()}: you can read and export, not change.`
}

/** Why this person cannot change other people; undefined when they can. */
export function whyNotChangePeople(me: Me): string | undefined {
  if (me.role === 'TEAM_ADMIN') return 'You administer teams: an admin of the company does this.'
  return whyReadOnly(me)
}

/** Where to go after sign-in: only paths of this app, never another site. */
export function safeNext(next: string | undefined, role: Role): string {
  return next && /^\/(?![/\\])/.test(next) && !/^\/(login|two-factor)/.test(next)
    ? next
    : HOME[role]
}

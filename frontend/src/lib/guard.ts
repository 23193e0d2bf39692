// Who may enter a route. The API decides what anybody may see; this only avoids loading pages that would be refused.
import { redirect } from '@tanstack/react-router'
import { session } from '~/api/client'
import { AppError } from '~/api/errors'
import type { Role } from '~/api/types'

/** Lets people in who are signed in, others to the sign-in page and back here afterwards. */
export async function requireSession(here: string) {
  const identity = await session.restore()
  if (!identity)
    throw redirect({ to: '/login', search: here === '/' ? {} : { next: here }, replace: true })
  return identity
}

export function requireRole(...roles: Role[]) {
  const identity = session.identity()
  if (!identity || !roles.includes(identity.role))
    throw new AppError({ status: 403, code: 'role_missing' })
}

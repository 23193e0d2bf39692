// What people of the mock world are told, and what they want to be told of.
import type { Notification, NotificationPreferences, Role } from '~/api/types'
import { id } from './random'
import { type createRouter, Refusal } from './server'

type On = ReturnType<typeof createRouter>['on']

type Context = {
  now: Date
  empty: boolean
  /** The role of a call, or a refusal. */
  allow: (token: string | undefined, ...roles: Role[]) => Role
  /** Refuses companies that change nothing at present. */
  active: () => void
}

export function serveNotifications(on: On, context: Context) {
  const { now, allow, active } = context
  const ago = (minutes: number) => new Date(now.getTime() - minutes * 60_000).toISOString()
  const told: Record<string, Notification[]> = {
    ADMIN: [
      { id: id('told', 3), kind: 'alerts', rule_kind: 'silent', amount: 2, created_at: ago(12) },
      { id: id('told', 2), kind: 'alerts', rule_kind: 'storage', amount: 1, created_at: ago(1500) },
      {
        id: id('told', 1),
        kind: 'task_assigned',
        amount: 1,
        task_id: id('task', 1),
        task_title: 'Plan the workshop',
        created_at: ago(3000),
        read_at: ago(2000),
      },
    ],
    EMPLOYEE: [
      { id: id('told', 5), kind: 'own_alert', rule_kind: 'silent', amount: 1, created_at: ago(12) },
      { id: id('told', 4), kind: 'original_opened', amount: 1, created_at: ago(200) },
    ],
  }
  if (context.empty) for (const role of Object.keys(told)) told[role] = []
  let preferences: NotificationPreferences = {
    not_in_app: [],
    not_by_mail: [],
    digest_hour: 8,
    version: 1,
  }
  const own = (token: string | undefined) => told[allow(token, 'ADMIN', 'EMPLOYEE')] ?? []
  const counted = (all: Notification[]) => {
    const unread = all.filter(({ read_at }) => !read_at)
    return { unread: unread.length, ...(unread[0] ? { newest_id: unread[0].id } : {}) }
  }
  on('get', '/api/notifications', ({ token }) => ({ items: own(token), next_cursor: null }))
  on('get', '/api/notifications/unread', ({ token }) => counted(own(token)))
  on('post', '/api/notifications/read', ({ token, body }) => {
    const all = own(token)
    active()
    // Newest first: what stands behind the named one is older.
    const from = all.findIndex((one) => one.id === body.up_to_id)
    for (const [at, one] of all.entries())
      if (body.notification_ids?.includes(one.id) || (from >= 0 && at >= from))
        one.read_at ??= now.toISOString()
    return counted(all)
  })
  on('get', '/api/me/notification-preferences', ({ token }) => {
    own(token)
    return preferences
  })
  on('patch', '/api/me/notification-preferences', ({ token, body, seen }) => {
    own(token)
    active()
    if (seen !== String(preferences.version)) throw new Refusal(412, 'precondition_failed')
    preferences = { ...preferences, ...body, version: preferences.version + 1 }
    return preferences
  })
  return {
    /** Something happens meanwhile. */
    tell: (role: Role, one: Omit<Notification, 'id' | 'created_at'>) => {
      const all = told[role]
      all?.unshift({ id: id('told', 100 + all.length), created_at: now.toISOString(), ...one })
    },
  }
}

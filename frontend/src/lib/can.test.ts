// Where people are sent, and what they may not do.
import { expect, test } from 'vitest'
import type { Me } from '~/api/types'
import { safeNext, whyReadOnly } from './can'

test('after sign-in nobody is sent to another site', () => {
  for (const next of [
    '//evil.test',
    '/\\evil.test',
    'https://evil.test',
    'javascript:alert(1)',
    '',
  ])
    expect(safeNext(next, 'ADMIN')).toBe('/dashboard/admin')
  expect(safeNext('/employees?q=a', 'ADMIN')).toBe('/employees?q=a')
  expect(safeNext('/login?next=/login', 'OWNER')).toBe('/owner/dashboard')
})

test('a company that does not run is read only, and says why', () => {
  const me = (status: NonNullable<Me['company']>['status']): Me => ({
    id: '1',
    email: 'a@b.test',
    name: 'A',
    role: 'ADMIN',
    must_set_up_two_factor: false,
    leads_teams: false,
    company: { id: '1', name: 'Acme', status, time_zone: 'UTC', branding: {} },
  })
  expect(whyReadOnly(me('TRIAL'))).toBeUndefined()
  expect(whyReadOnly(me('ACTIVE'))).toBeUndefined()
  expect(whyReadOnly(me('EXPIRED'))).toContain('expired')
})

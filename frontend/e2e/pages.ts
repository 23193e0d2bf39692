// Every page of the app with somebody who may see it, and the call without which it has nothing to show.
import type { Role } from '~/api/types'
import { id } from '~/mocks/random'

export const ACME = id('company', 1)
export const BOLT = id('company', 2)
export const CEDAR = id('company', 3)
export const ADA = id('person', 1)

export type Place = { name: string; path: string; heading: string; as?: Role; needs?: string }

export const PLACES: Place[] = [
  { name: 'sign-in', path: '/login', heading: 'Sign in' },
  {
    name: 'invitation',
    path: '/invite/fresh',
    heading: 'Welcome to Acme Ltd',
    needs: '**/api/invitations/*',
  },
  { name: 'forgotten password', path: '/reset', heading: 'Forgot your password?' },
  {
    name: 'new password',
    path: '/reset/fresh',
    heading: 'Choose a new password',
    needs: '**/api/reset/*',
  },
  {
    name: 'companies',
    path: '/owner/dashboard',
    heading: 'Companies',
    as: 'OWNER',
    needs: '**/api/owner/companies?*',
  },
  {
    name: 'new company',
    path: '/owner/company/create',
    heading: 'New company',
    as: 'OWNER',
    needs: '**/api/owner/plans?*',
  },
  {
    name: 'plans',
    path: '/owner/plans',
    heading: 'Plans',
    as: 'OWNER',
    needs: '**/api/owner/plans',
  },
  { name: 'registration', path: '/register', heading: 'Register your company' },
  {
    name: 'registration link',
    path: '/register/fresh',
    heading: 'Welcome to Fresh Start',
    needs: '**/api/registrations/*',
  },
  {
    name: 'self-service',
    path: '/owner/registration',
    heading: 'Self-service',
    as: 'OWNER',
    needs: '**/api/owner/registration',
  },
  {
    name: 'owners',
    path: '/owner/owners',
    heading: 'Owners',
    as: 'OWNER',
    needs: '**/api/owner/owners',
  },
  {
    name: 'audit log',
    path: '/owner/audit',
    heading: 'Audit log',
    as: 'OWNER',
    needs: '**/api/owner/audit*',
  },
  {
    name: 'erasures',
    path: '/owner/erasures',
    heading: 'Erasures',
    as: 'OWNER',
    needs: '**/api/owner/erasures*',
  },
  {
    name: 'reports',
    path: '/owner/reports',
    heading: 'Reports',
    as: 'OWNER',
    needs: '**/api/owner/reports/overview?*',
  },
  {
    name: 'revenue',
    path: '/owner/reports?tab=revenue',
    heading: 'Reports',
    as: 'OWNER',
    needs: '**/api/owner/reports/revenue?*',
  },
  {
    name: 'growth',
    path: '/owner/reports?tab=growth',
    heading: 'Reports',
    as: 'OWNER',
    needs: '**/api/owner/reports/growth?*',
  },
  {
    name: 'distribution of plans',
    path: '/owner/reports?tab=plans',
    heading: 'Reports',
    as: 'OWNER',
    needs: '**/api/owner/reports/plans?*',
  },
  {
    name: 'use',
    path: '/owner/reports?tab=usage',
    heading: 'Reports',
    as: 'OWNER',
    needs: '**/api/owner/reports/usage',
  },
  {
    name: 'exchange rates',
    path: '/owner/reports?tab=rates',
    heading: 'Reports',
    as: 'OWNER',
    needs: '**/api/owner/exchange-rates?*',
  },
  {
    name: 'system',
    path: '/owner/system',
    heading: 'System',
    as: 'OWNER',
    needs: '**/api/owner/system',
  },
  {
    name: 'company',
    path: `/owner/company/${ACME}`,
    heading: 'Acme Ltd',
    as: 'OWNER',
    needs: `**/api/owner/companies/${ACME}`,
  },
  {
    name: 'overview',
    path: '/dashboard/admin',
    heading: 'Overview',
    as: 'ADMIN',
    needs: '**/api/usage/**',
  },
  {
    name: 'employees',
    path: '/employees',
    heading: 'Employees',
    as: 'ADMIN',
    needs: '**/api/employees*',
  },
  {
    name: 'employee',
    path: `/employees/${ADA}`,
    heading: 'Ada Brandt',
    as: 'ADMIN',
    needs: '**/api/timeline*',
  },
  {
    name: 'integrations',
    path: '/integrations',
    heading: 'Integrations',
    as: 'ADMIN',
    needs: '**/api/api-tokens*',
  },
  {
    name: 'sign-in policy',
    path: '/sign-in-policy',
    heading: 'Sign-in',
    as: 'ADMIN',
    needs: '**/api/sign-in-policy',
  },
  {
    name: 'exports',
    path: '/exports',
    heading: 'Exports',
    as: 'ADMIN',
    needs: '**/api/exports*',
  },
  {
    name: 'profile',
    path: '/profile',
    heading: 'Profile',
    as: 'ADMIN',
    needs: '**/api/me/sign-ins',
  },
  {
    name: 'my day',
    path: '/dashboard/user',
    heading: 'My day',
    as: 'EMPLOYEE',
    needs: '**/api/timeline*',
  },
]

export const DIALOGS: Place[] = [
  'change-plan',
  'overrides',
  'suspend',
  'rotate-key',
  'reveal-key',
  'extend-trial',
  'reactivate',
  'activate',
  'renew',
  'cancel',
  'withdraw-change',
  'end-old-key',
].map((dialog) => ({
  name: dialog,
  path: `/owner/company/${ACME}/${dialog}`,
  heading: 'Acme Ltd',
  as: 'OWNER',
}))

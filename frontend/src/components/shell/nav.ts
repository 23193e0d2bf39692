// What each role finds in the sidebar and in the command palette.
import { Building2, CalendarClock, LayoutDashboard, Plus, ShieldCheck, Users } from 'lucide-react'
import type { Role } from '~/api/types'

export const NAVIGATION = {
  OWNER: [
    { to: '/owner/dashboard', label: 'Companies', icon: Building2 },
    { to: '/owner/company/create', label: 'New company', icon: Plus },
  ],
  ADMIN: [
    { to: '/dashboard/admin', label: 'Overview', icon: LayoutDashboard },
    { to: '/employees', label: 'Employees', icon: Users },
    { to: '/dashboard/user', label: 'My day', icon: CalendarClock },
  ],
  EMPLOYEE: [
    { to: '/dashboard/user', label: 'My day', icon: CalendarClock },
    { to: '/dashboard/user', hash: 'recorded', label: 'What is recorded', icon: ShieldCheck },
  ],
} as const satisfies Record<Role, readonly object[]>

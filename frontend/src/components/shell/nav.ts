// What each role finds in the sidebar and in the command palette.
import {
  Activity,
  BellRing,
  Building2,
  CalendarClock,
  ChartLine,
  ChartNoAxesColumn,
  DoorOpen,
  Eraser,
  Eye,
  FileText,
  Hand,
  History,
  Images,
  Layers,
  LayoutDashboard,
  ListTodo,
  LockKeyhole,
  MessageSquareWarning,
  PackageOpen,
  Plug,
  Plus,
  Radio,
  ScrollText,
  Settings,
  ShieldCheck,
  UserCog,
  Users,
  UsersRound,
} from 'lucide-react'
import type { Me, Role } from '~/api/types'

/** Whether an entry stands for the page at a path: the page itself or one below it. */
export function isHere(entry: { to: string; hash?: string }, path: string, hash: string): boolean {
  if (entry.hash) return path === entry.to && hash === entry.hash
  if (entry.to === '/owner/dashboard' && path.startsWith('/owner/company/'))
    return path !== '/owner/company/create'
  return (path === entry.to && hash !== 'recorded') || path.startsWith(`${entry.to}/`)
}

const NAVIGATION = {
  OWNER: [
    { to: '/owner/dashboard', label: 'Companies', icon: Building2 },
    { to: '/owner/company/create', label: 'New company', icon: Plus },
    { to: '/owner/plans', label: 'Plans', icon: Layers },
    { to: '/owner/registration', label: 'Self-service', icon: DoorOpen },
    { to: '/owner/reports', label: 'Reports', icon: ChartLine },
    { to: '/owner/owners', label: 'Owners', icon: UserCog },
    { to: '/owner/audit', label: 'Audit log', icon: ScrollText },
    { to: '/owner/erasures', label: 'Erasures', icon: Eraser },
    { to: '/owner/system', label: 'System', icon: Activity },
  ],
  ADMIN: [
    { to: '/dashboard/admin', label: 'Overview', icon: LayoutDashboard },
    { to: '/live', label: 'Live', icon: Radio },
    { to: '/alerts', label: 'Alerts', icon: BellRing },
    { to: '/employees', label: 'Employees', icon: Users },
    { to: '/teams', label: 'Teams', icon: UsersRound },
    { to: '/sessions', label: 'Sessions', icon: History },
    { to: '/manual-times', label: 'Manual time', icon: Hand },
    { to: '/disputes', label: 'Disputes', icon: MessageSquareWarning },
    { to: '/screenshots', label: 'Screenshots', icon: Images },
    { to: '/usage', label: 'Usage', icon: ChartNoAxesColumn },
    { to: '/rules', label: 'Rules', icon: Layers },
    { to: '/tasks', label: 'Tasks', icon: ListTodo },
    { to: '/reports', label: 'Reports', icon: ChartLine },
    { to: '/integrations', label: 'Integrations', icon: Plug },
    { to: '/sign-in-policy', label: 'Sign-in', icon: LockKeyhole },
    { to: '/settings', label: 'Settings', icon: Settings },
    { to: '/policy', label: 'Monitoring policy', icon: FileText },
    { to: '/audit', label: 'Audit log', icon: ScrollText },
    { to: '/exports', label: 'Exports', icon: PackageOpen },
    { to: '/dashboard/user', label: 'My day', icon: CalendarClock },
  ],
  TEAM_ADMIN: [
    { to: '/live', label: 'Live', icon: Radio },
    { to: '/employees', label: 'Employees', icon: Users },
    { to: '/sessions', label: 'Sessions', icon: History },
    { to: '/manual-times', label: 'Manual time', icon: Hand },
    { to: '/disputes', label: 'Disputes', icon: MessageSquareWarning },
    { to: '/screenshots', label: 'Screenshots', icon: Images },
    { to: '/usage', label: 'Usage', icon: ChartNoAxesColumn },
    { to: '/reports', label: 'Reports', icon: ChartLine },
    { to: '/dashboard/user', label: 'My day', icon: CalendarClock },
    { to: '/tasks', label: 'My tasks', icon: ListTodo },
    { to: '/alerts', label: 'Alerts', icon: BellRing },
    { to: '/access', label: 'Who looked', icon: Eye },
    { to: '/policy', label: 'Monitoring policy', icon: FileText },
  ],
  EMPLOYEE: [
    { to: '/dashboard/user', label: 'My day', icon: CalendarClock },
    { to: '/usage', label: 'My usage', icon: ChartNoAxesColumn },
    { to: '/sessions', label: 'My sessions', icon: History },
    { to: '/screenshots', label: 'My screenshots', icon: Images },
    { to: '/manual-times', label: 'Manual time', icon: Hand },
    { to: '/disputes', label: 'Disputes', icon: MessageSquareWarning },
    { to: '/access', label: 'Who looked', icon: Eye },
    { to: '/alerts', label: 'Alerts', icon: BellRing },
    { to: '/tasks', label: 'Tasks', icon: ListTodo },
    { to: '/reports', label: 'Reports', icon: ChartLine },
    { to: '/policy', label: 'Monitoring policy', icon: FileText },
    { to: '/dashboard/user', hash: 'recorded', label: 'What is recorded', icon: ShieldCheck },
  ],
} as const satisfies Record<Role, readonly object[]>

const LED = { to: '/team', label: 'My team', icon: UsersRound } as const

/** What this person finds: who leads teams has a page of them, second to the own first one. */
export function entriesOf({ role, leads_teams }: Me) {
  const [first, ...rest] = NAVIGATION[role]
  return leads_teams ? [first, LED, ...rest] : [first, ...rest]
}

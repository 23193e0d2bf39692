// The menu of what an admin does with one person, with the dialogs that it leads to.
import { Menu } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { notifications } from '@mantine/notifications'
import { useNavigate } from '@tanstack/react-router'
import { CalendarClock, Copy, LogOut, ShieldCheck, ShieldOff, UserCheck, UserX } from 'lucide-react'
import { useMe } from '~/api/me'
import type { Employee } from '~/api/types'
import { useOpenOnArrival } from '~/components/late-menu'
import { whyReadOnly } from '~/lib/can'
import { ChangeRoleDialog } from './change-role-dialog'
import { DeactivateDialog } from './deactivate-dialog'
import { EmployeeButton } from './employee-button'
import { EndSignInsDialog } from './end-sign-ins-dialog'
import { EndTwoFactorDialog } from './end-two-factor-dialog'
import { useReactivate } from './use-reactivate'

export default function EmployeeActions({ person }: { person: Employee }) {
  const navigate = useNavigate()
  const me = useMe()
  const [asking, dialog] = useDisclosure()
  const [asksRole, roleDialog] = useDisclosure()
  const [asksSignOut, signOutDialog] = useDisclosure()
  const [asksTwoFactor, twoFactorDialog] = useDisclosure()
  const reactivate = useReactivate(person)
  const readOnly = whyReadOnly(me)
  const { target, menu } = useOpenOnArrival()
  const blocked = readOnly ?? whyNotDeactivate(person, me.id)
  return (
    <>
      <Menu position="bottom-end" width={240} {...menu}>
        <Menu.Target>
          <EmployeeButton person={person} ref={target} />
        </Menu.Target>
        <Menu.Dropdown>
          {person.status !== 'invited' && (
            <Menu.Item
              leftSection={<CalendarClock size={16} aria-hidden />}
              onClick={() =>
                void navigate({ to: '/employees/$employeeId', params: { employeeId: person.id } })
              }
            >
              View day
            </Menu.Item>
          )}
          <Menu.Item
            leftSection={<Copy size={16} aria-hidden />}
            onClick={() => {
              void navigator.clipboard.writeText(person.id)
              notifications.show({ message: 'ID copied.' })
            }}
          >
            Copy ID
          </Menu.Item>
          <Menu.Divider />
          {person.status === 'active' && (
            <>
              <Menu.Item
                leftSection={<ShieldCheck size={16} aria-hidden />}
                disabled={Boolean(readOnly ?? whyNotChangeRole(person, me.id))}
                title={readOnly ?? whyNotChangeRole(person, me.id)}
                onClick={roleDialog.open}
              >
                {person.role === 'ADMIN' ? 'Make employee' : 'Make admin'}
              </Menu.Item>
              <Menu.Item
                leftSection={<LogOut size={16} aria-hidden />}
                disabled={Boolean(readOnly)}
                title={readOnly}
                onClick={signOutDialog.open}
              >
                Sign out everywhere
              </Menu.Item>
              <Menu.Item
                leftSection={<ShieldOff size={16} aria-hidden />}
                disabled={Boolean(readOnly ?? whyNotEndTwoFactor(person, me.id))}
                title={readOnly ?? whyNotEndTwoFactor(person, me.id)}
                onClick={twoFactorDialog.open}
              >
                Switch two-factor off
              </Menu.Item>
            </>
          )}
          {person.status === 'deactivated' ? (
            <Menu.Item
              leftSection={<UserCheck size={16} aria-hidden />}
              disabled={Boolean(readOnly)}
              title={readOnly}
              onClick={reactivate}
            >
              Reactivate
            </Menu.Item>
          ) : (
            <Menu.Item
              leftSection={<UserX size={16} aria-hidden />}
              disabled={Boolean(blocked)}
              title={blocked}
              onClick={dialog.open}
            >
              Deactivate
            </Menu.Item>
          )}
        </Menu.Dropdown>
      </Menu>
      {asking && <DeactivateDialog person={person} onClose={dialog.close} />}
      {asksRole && <ChangeRoleDialog person={person} onClose={roleDialog.close} />}
      {asksTwoFactor && <EndTwoFactorDialog person={person} onClose={twoFactorDialog.close} />}
      {asksSignOut && <EndSignInsDialog person={person} onClose={signOutDialog.close} />}
    </>
  )
}

function whyNotChangeRole(person: Employee, own: string): string | undefined {
  return person.id === own ? 'You cannot change your own role.' : undefined
}

function whyNotEndTwoFactor(person: Employee, own: string): string | undefined {
  return person.id === own ? 'Your own is in your profile.' : undefined
}

function whyNotDeactivate(person: Employee, own: string): string | undefined {
  if (person.id === own) return 'You cannot deactivate yourself.'
  return person.status === 'invited' ? 'The invitation ends by itself.' : undefined
}

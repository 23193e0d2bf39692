// The menu of what an admin does with one person, with the dialogs that it leads to.
import { Menu } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { notifications } from '@mantine/notifications'
import { useNavigate } from '@tanstack/react-router'
import {
  CalendarClock,
  Copy,
  Eraser,
  LogOut,
  type LucideIcon,
  MailPlus,
  MailX,
  ShieldCheck,
  ShieldOff,
  UserCheck,
  UsersRound,
  UserX,
} from 'lucide-react'
import type { ReactNode } from 'react'
import { useMe } from '~/api/me'
import type { Employee } from '~/api/types'
import { useOpenOnArrival } from '~/components/late-menu'
import { whyNotChangePeople } from '~/lib/can'
import { ChangeRoleDialog } from './change-role-dialog'
import { ChangeTeamDialog } from './change-team-dialog'
import { DeactivateDialog } from './deactivate-dialog'
import { EmployeeButton } from './employee-button'
import { EndSignInsDialog } from './end-sign-ins-dialog'
import { EndTwoFactorDialog } from './end-two-factor-dialog'
import { RemoveDialog } from './remove-dialog'
import { ResendDialog } from './resend-dialog'
import { TakeBackDialog } from './take-back-dialog'
import { useReactivate } from './use-reactivate'

export default function EmployeeActions({ person }: { person: Employee }) {
  const navigate = useNavigate()
  const me = useMe()
  const [asking, dialog] = useDisclosure()
  const [asksRole, roleDialog] = useDisclosure()
  const [asksSignOut, signOutDialog] = useDisclosure()
  const [asksTwoFactor, twoFactorDialog] = useDisclosure()
  const [asksTeam, teamDialog] = useDisclosure()
  const [asksLink, linkDialog] = useDisclosure()
  const [asksBack, backDialog] = useDisclosure()
  const [asksRemoval, removeDialog] = useDisclosure()
  const reactivate = useReactivate(person)
  const readOnly = whyNotChangePeople(me)
  const { target, menu } = useOpenOnArrival()
  const blocked = readOnly ?? whyNotDeactivate(person, me.id)
  const invited = person.status === 'invited'
  return (
    <>
      <Menu position="bottom-end" width={240} {...menu}>
        <Menu.Target>
          <EmployeeButton person={person} ref={target} />
        </Menu.Target>
        <Menu.Dropdown>
          {!invited && (
            <Action
              icon={CalendarClock}
              onClick={() =>
                void navigate({ to: '/employees/$employeeId', params: { employeeId: person.id } })
              }
            >
              View day
            </Action>
          )}
          <Action
            icon={Copy}
            onClick={() => {
              void navigator.clipboard.writeText(person.id)
              notifications.show({ message: 'ID copied.' })
            }}
          >
            Copy ID
          </Action>
          <Menu.Divider />
          {!invited && (
            <Action icon={UsersRound} why={readOnly} onClick={teamDialog.open}>
              Change team
            </Action>
          )}
          {person.status === 'active' && (
            <>
              <Action
                icon={ShieldCheck}
                why={readOnly ?? whyNotChangeRole(person, me.id)}
                onClick={roleDialog.open}
              >
                Change role
              </Action>
              <Action icon={LogOut} why={readOnly} onClick={signOutDialog.open}>
                Sign out everywhere
              </Action>
              <Action
                icon={ShieldOff}
                why={readOnly ?? whyNotEndTwoFactor(person, me.id)}
                onClick={twoFactorDialog.open}
              >
                Switch two-factor off
              </Action>
            </>
          )}
          {invited ? (
            <>
              <Action icon={MailPlus} why={readOnly} onClick={linkDialog.open}>
                Send again
              </Action>
              <Action icon={MailX} why={readOnly} onClick={backDialog.open}>
                Take back
              </Action>
            </>
          ) : person.status === 'deactivated' ? (
            <>
              <Action icon={UserCheck} why={readOnly} onClick={reactivate}>
                Reactivate
              </Action>
              <Action icon={Eraser} why={readOnly} onClick={removeDialog.open}>
                Remove for good
              </Action>
            </>
          ) : (
            <Action icon={UserX} why={blocked} onClick={dialog.open}>
              Deactivate
            </Action>
          )}
        </Menu.Dropdown>
      </Menu>
      {asksTeam && <ChangeTeamDialog person={person} onClose={teamDialog.close} />}
      {asksLink && <ResendDialog person={person} onClose={linkDialog.close} />}
      {asksRemoval && <RemoveDialog person={person} onClose={removeDialog.close} />}
      {asksBack && <TakeBackDialog person={person} onClose={backDialog.close} />}
      {asking && <DeactivateDialog person={person} onClose={dialog.close} />}
      {asksRole && <ChangeRoleDialog person={person} onClose={roleDialog.close} />}
      {asksTwoFactor && <EndTwoFactorDialog person={person} onClose={twoFactorDialog.close} />}
      {asksSignOut && <EndSignInsDialog person={person} onClose={signOutDialog.close} />}
    </>
  )
}

type ActionProps = {
  icon: LucideIcon
  /** Why it cannot be done now. */
  why?: string | undefined
  onClick: () => void
  children: ReactNode
}

function Action({ icon: Icon, why, onClick, children }: ActionProps) {
  return (
    <Menu.Item
      leftSection={<Icon size={16} aria-hidden />}
      disabled={Boolean(why)}
      title={why}
      onClick={onClick}
    >
      {children}
    </Menu.Item>
  )
}

function whyNotChangeRole(person: Employee, own: string): string | undefined {
  return person.id === own ? 'You cannot change your own role.' : undefined
}

function whyNotEndTwoFactor(person: Employee, own: string): string | undefined {
  return person.id === own ? 'Your own is in your profile.' : undefined
}

function whyNotDeactivate(person: Employee, own: string): string | undefined {
  return person.id === own ? 'You cannot deactivate yourself.' : undefined
}

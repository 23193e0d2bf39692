// The menu of what an admin does with one team, with the dialogs that it leads to.
import { Menu } from '@mantine/core'
import { useNavigate } from '@tanstack/react-router'
import { Pencil, SlidersHorizontal, Trash2, UserCog, UserPlus, Users } from 'lucide-react'
import { lazy, Suspense, useState } from 'react'
import { useMe } from '~/api/me'
import type { Team } from '~/api/types'
import { useOpenOnArrival } from '~/components/late-menu'
import { whyReadOnly } from '~/lib/can'
import { AddPeopleDialog } from './add-people-dialog'
import { DeleteDialog } from './delete-dialog'
import { LeadsDialog } from './leads-dialog'
import TeamDialog from './team-dialog'
import { TeamButton } from './team-menu'

const OwnSettingsDialog = lazy(() => import('~/components/own-settings/dialog'))

export default function TeamActions({ team }: { team: Team }) {
  const navigate = useNavigate()
  const [asking, ask] = useState<'add' | 'leads' | 'settings' | 'rename' | 'delete'>()
  const readOnly = whyReadOnly(useMe())
  const { target, menu } = useOpenOnArrival()
  const close = () => ask(undefined)
  const blocked = { disabled: Boolean(readOnly), title: readOnly }
  return (
    <>
      <Menu position="bottom-end" width={200} {...menu}>
        <Menu.Target>
          <TeamButton team={team} ref={target} />
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item
            leftSection={<Users size={16} aria-hidden />}
            onClick={() => void navigate({ to: '/employees', search: { team: team.id } })}
          >
            View people
          </Menu.Item>
          <Menu.Item
            leftSection={<UserPlus size={16} aria-hidden />}
            onClick={() => ask('add')}
            {...blocked}
          >
            Add people
          </Menu.Item>
          <Menu.Item
            leftSection={<UserCog size={16} aria-hidden />}
            onClick={() => ask('leads')}
            {...blocked}
          >
            Say who leads it
          </Menu.Item>
          <Menu.Item
            leftSection={<SlidersHorizontal size={16} aria-hidden />}
            onClick={() => ask('settings')}
            {...blocked}
          >
            Settings
          </Menu.Item>
          <Menu.Item
            leftSection={<Pencil size={16} aria-hidden />}
            onClick={() => ask('rename')}
            {...blocked}
          >
            Rename
          </Menu.Item>
          <Menu.Item
            leftSection={<Trash2 size={16} aria-hidden />}
            onClick={() => ask('delete')}
            {...blocked}
          >
            Delete
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {asking === 'add' && <AddPeopleDialog team={team} onClose={close} />}
      {asking === 'leads' && <LeadsDialog team={team} onClose={close} />}
      {asking === 'settings' && (
        <Suspense fallback={null}>
          <OwnSettingsDialog
            subject={{ kind: 'team', id: team.id, name: team.name }}
            onClose={close}
          />
        </Suspense>
      )}
      {asking === 'rename' && <TeamDialog team={team} onClose={close} />}
      {asking === 'delete' && <DeleteDialog team={team} onClose={close} />}
    </>
  )
}

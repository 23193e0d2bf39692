// Who is signed in, the theme, and the way out.
import {
  Avatar,
  type MantineColorScheme,
  Menu,
  Text,
  UnstyledButton,
  useMantineColorScheme,
} from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useNavigate } from '@tanstack/react-router'
import { LogOut, User } from 'lucide-react'
import { session } from '~/api/client'
import { asAppError } from '~/api/errors'
import { useMe } from '~/api/me'
import { SCHEMES } from './theme-toggle'

export async function signOut() {
  try {
    await session.signOut()
  } catch (thrown) {
    const problem = asAppError(thrown)
    notifications.show({ color: 'red', title: problem.title, message: problem.detail ?? '' })
  }
}

export function UserMenu() {
  const me = useMe()
  const navigate = useNavigate()
  const { colorScheme, setColorScheme } = useMantineColorScheme()
  return (
    <Menu position="bottom-end" width={260}>
      <Menu.Target>
        <UnstyledButton aria-label={`Account of ${me.name || me.email}`}>
          <Avatar name={me.name || me.email} color="indigo" variant="filled" size={36} />
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>
          <Text fw={600} truncate c="var(--mantine-color-text)" size="sm">
            {me.name || me.email}
          </Text>
          <Text size="xs" c="dimmed" truncate>
            {me.email}
          </Text>
        </Menu.Label>
        <Menu.Divider />
        <Menu.Item
          leftSection={<User size={16} aria-hidden />}
          onClick={() => void navigate({ to: '/profile' })}
        >
          Profile
        </Menu.Item>
        <Menu.Divider />
        <Menu.Label c="dimmed">Theme</Menu.Label>
        <Menu.RadioGroup
          value={colorScheme}
          onChange={(scheme) => setColorScheme(scheme as MantineColorScheme)}
        >
          {SCHEMES.map(({ value, label }) => (
            <Menu.RadioItem key={value} value={value}>
              {label}
            </Menu.RadioItem>
          ))}
        </Menu.RadioGroup>
        <Menu.Divider />
        <Menu.Item leftSection={<LogOut size={16} aria-hidden />} onClick={signOut}>
          Sign out
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}

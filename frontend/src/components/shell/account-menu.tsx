// What the account's button opens: who is signed in, the theme, and the way out.
import { type MantineColorScheme, Menu, Text, useMantineColorScheme } from '@mantine/core'
import { useNavigate } from '@tanstack/react-router'
import { LogOut, User } from 'lucide-react'
import { useMe } from '~/api/me'
import { useOpenOnArrival } from '../late-menu'
import { AccountButton } from './account-button'
import { signOut } from './sign-out'
import { SCHEMES } from './theme-toggle'

export default function AccountMenu() {
  const me = useMe()
  const navigate = useNavigate()
  const { colorScheme, setColorScheme } = useMantineColorScheme()
  const { target, menu } = useOpenOnArrival()
  return (
    <Menu position="bottom-end" width={260} {...menu}>
      <Menu.Target>
        <AccountButton ref={target} />
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

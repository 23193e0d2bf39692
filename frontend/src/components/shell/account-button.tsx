// The face of the account's menu.
import { Avatar, UnstyledButton, useMantineTheme } from '@mantine/core'
import { useMe } from '~/api/me'
import type { TargetProps } from '../late-menu'

export function AccountButton(props: TargetProps) {
  const me = useMe()
  const { primaryColor } = useMantineTheme()
  return (
    <UnstyledButton {...props} aria-label={`Account of ${me.name || me.email}`}>
      <Avatar name={me.name || me.email} color={primaryColor} variant="filled" size={36} />
    </UnstyledButton>
  )
}

// The own password once more, before something that needs it.
import { PasswordInput, type PasswordInputProps } from '@mantine/core'

export function PasswordField(props: PasswordInputProps) {
  return (
    <PasswordInput
      label="Your password"
      description="Asked again because a key opens the company’s door for agents. It is written to the audit log."
      autoComplete="current-password"
      visibilityToggleButtonProps={{ 'aria-label': 'Show or hide the password' }}
      {...props}
    />
  )
}

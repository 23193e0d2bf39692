// Whose password it will be, and the password twice: the form of an invitation and of a reset.
import { PasswordInput, TextInput } from '@mantine/core'
import type { ComponentProps, ReactNode } from 'react'
import { SHORTEST } from './new-password'

type Field = 'password' | 'again'
type NewPasswordFieldsProps = {
  email: string
  /** `Password` or `New password`. */
  label: string
  form: {
    key: (field: Field) => string
    getInputProps: (field: Field) => ComponentProps<typeof PasswordInput>
  }
  /** What stands between the address and the password. */
  children?: ReactNode
}

export function NewPasswordFields({ email, label, form, children }: NewPasswordFieldsProps) {
  return (
    <>
      <TextInput
        label="E-mail"
        type="email"
        autoComplete="username"
        value={email}
        readOnly
        variant="filled"
      />
      {children}
      <PasswordInput
        label={label}
        description={`At least ${SHORTEST} characters. Four words that do not belong together work well.`}
        autoComplete="new-password"
        visibilityToggleButtonProps={{ 'aria-label': 'Show or hide the password' }}
        key={form.key('password')}
        {...form.getInputProps('password')}
      />
      <PasswordInput
        label={`${label} again`}
        autoComplete="new-password"
        visibilityToggleButtonProps={{ 'aria-label': 'Show or hide the second password' }}
        key={form.key('again')}
        {...form.getInputProps('again')}
      />
    </>
  )
}

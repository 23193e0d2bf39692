// The code of the authenticator app beside the password: shown to those who have two-factor on.
import { TextInput, type TextInputProps } from '@mantine/core'
import { queryOptions, useQuery } from '@tanstack/react-query'
import { api, ok } from '~/api/client'

export const twoFactorQuery = queryOptions({
  queryKey: ['profile', 'two-factor'],
  queryFn: ({ signal }) => ok(api.GET('/api/me/two-factor', { signal })),
})

export function CodeField(props: TextInputProps) {
  const twoFactor = useQuery(twoFactorQuery)
  if (!twoFactor.data?.enabled) return null
  return <CodeInput {...props} />
}

export function CodeInput(props: TextInputProps) {
  return (
    <TextInput
      label="Code"
      description="Of your authenticator app, or a recovery code."
      autoComplete="one-time-code"
      spellCheck={false}
      maxLength={40}
      {...props}
    />
  )
}

/** A body without an empty code: the server takes none as none. */
export function withCode<T extends { code: string }>(
  values: T,
): Omit<T, 'code'> & { code?: string } {
  const { code, ...rest } = values
  return code.trim() ? { ...rest, code: code.trim() } : rest
}

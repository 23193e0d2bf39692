// A refused form: inside the form, above the button, never as a toast. Messages for fields go to the fields.
import { Alert, Text } from '@mantine/core'
import { TriangleAlert } from 'lucide-react'
import type { ReactNode } from 'react'
import { asAppError } from '~/api/errors'
import { plural } from '~/lib/format'

export function FormProblem({ error, children }: { error: unknown; children?: ReactNode }) {
  if (!error) return null
  const problem = asAppError(error)
  const wait = problem.retryAfter
    ? ` Try again in ${problem.retryAfter < 90 ? plural(problem.retryAfter, 'second') : plural(Math.ceil(problem.retryAfter / 60), 'minute')}.`
    : ''
  return (
    <Alert
      role="alert"
      color="red"
      variant="light"
      icon={<TriangleAlert size={18} aria-hidden />}
      title={problem.title}
      styles={{ title: { color: 'var(--mantine-color-text)' } }}
    >
      {(problem.detail || wait) && (
        <Text size="sm">
          {problem.detail}
          {wait}
        </Text>
      )}
      {children}
    </Alert>
  )
}

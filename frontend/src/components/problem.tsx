// Failures where the data would be: what happened, the request's id for support, and a way on.
import { Alert, Button, Code, CopyButton, Group, Stack, Text } from '@mantine/core'
import { CloudOff, Lock, RotateCw, TriangleAlert } from 'lucide-react'
import { asAppError } from '~/api/errors'

export function Problem({ error, onRetry }: { error: unknown; onRetry?: () => void }) {
  const problem = asAppError(error)
  const refused = problem.status === 403
  const Icon = refused ? Lock : problem.code === 'network' ? CloudOff : TriangleAlert
  return (
    <Alert
      role="alert"
      color={refused ? 'yellow' : 'red'}
      variant="light"
      radius="lg"
      icon={<Icon size={20} aria-hidden />}
      title={problem.title}
      styles={{ title: { color: 'var(--mantine-color-text)' }, message: { color: 'inherit' } }}
    >
      <Stack gap="sm" align="flex-start">
        {problem.detail && <Text size="sm">{problem.detail}</Text>}
        {problem.requestId && <RequestId id={problem.requestId} />}
        {onRetry && (
          <Button
            size="xs"
            variant="default"
            leftSection={<RotateCw size={14} aria-hidden />}
            onClick={onRetry}
          >
            Try again
          </Button>
        )}
      </Stack>
    </Alert>
  )
}

function RequestId({ id }: { id: string }) {
  return (
    <Group gap={6}>
      <Text size="xs" c="dimmed">
        Request
      </Text>
      <Code fz="xs">{id}</Code>
      <CopyButton value={id}>
        {({ copied, copy }) => (
          <Button size="compact-xs" variant="subtle" onClick={copy}>
            {copied ? 'Copied' : 'Copy'}
          </Button>
        )}
      </CopyButton>
    </Group>
  )
}

// Until the policy in force is acknowledged: what is missing, and the way to it.
import { Alert, Group, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { FileText } from 'lucide-react'
import { ButtonLink } from '~/components/links'
import { myPolicyQuery } from './queries'
import { kindsInWords } from './words'

export function PolicyBanner() {
  const policy = useQuery(myPolicyQuery).data?.policy
  if (!policy || policy.acknowledged_at) return null
  return (
    <Alert
      role="status"
      color="yellow"
      icon={<FileText size={18} aria-hidden />}
      title="Please read your company’s monitoring policy"
      styles={{ title: { color: 'var(--mantine-color-text)' } }}
    >
      <Group justify="space-between" gap="sm">
        <Text size="sm" maw={620}>
          {policy.kinds.length > 0
            ? `Not recorded until you acknowledge it: ${kindsInWords(policy.kinds)}.`
            : `Version ${policy.version} is new.`}
        </Text>
        <ButtonLink to="/policy" size="xs" variant="default">
          Read it
        </ButtonLink>
      </Group>
    </Alert>
  )
}

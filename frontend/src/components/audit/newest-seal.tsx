// The end of an audit log's chain: whoever notes it can show later that nothing up to it was altered.
import { Card, Text } from '@mantine/core'
import type { ReactNode } from 'react'
import type { AuditPage } from '~/api/types'
import { CopyField } from '~/components/copy-field'
import { formatTime } from '~/lib/time'

export function NewestSeal({
  head,
  zone,
  children,
}: {
  head: NonNullable<AuditPage['head']>
  zone: string
  /** What one may do with it. */
  children: ReactNode
}) {
  return (
    <Card component="section" aria-label="Newest seal">
      <CopyField
        label="Newest seal"
        description={`Made at ${formatTime(head.sealed_at, zone)}. Each seal covers the one before it and an entry whole.`}
        value={`${head.no}:${head.hash}`}
      />
      <Text size="sm" c="dimmed">
        {children}
      </Text>
    </Card>
  )
}

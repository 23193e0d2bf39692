// The companies that use most.
import { Card, SimpleGrid, Skeleton, Stack, Text, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useZone } from '~/api/me'
import type { UsageReport } from '~/api/types'
import { BarList } from '~/components/bar-list'
import { AnchorLink } from '~/components/links'
import { Loaded } from '~/components/loaded'
import { bytes, count, minutesAsHours } from '~/lib/format'
import { formatTime } from '~/lib/time'
import { Help } from './help'
import { Nobody } from './nobody'
import { usageQuery } from './queries'

type Top = UsageReport['by_storage'][number]
const LISTS = [
  {
    key: 'by_active_minutes',
    question: 'Which companies have most active time?',
    head: 'Active time',
    figure: (top: Top) => top.active_minutes_30d,
    show: minutesAsHours,
  },
  {
    key: 'by_screenshots',
    question: 'Which companies have most screenshots?',
    head: 'Screenshots',
    figure: (top: Top) => top.screenshots_30d,
    show: count,
  },
  {
    key: 'by_storage',
    question: 'Which companies store most?',
    head: 'Storage',
    figure: (top: Top) => top.storage_bytes,
    show: bytes,
  },
] as const

export function UsageTab() {
  const report = useQuery(usageQuery)
  const zone = useZone()
  return (
    <Loaded query={report} skeleton={<Skeleton h={420} radius="lg" />}>
      {(usage) =>
        LISTS.every(({ key }) => usage[key].length === 0) ? (
          <Nobody title="Nothing was recorded in the last 30 days" noCompany={false}>
            Once agents send work, the ten companies that use most are listed here.
          </Nobody>
        ) : (
          <Stack gap="lg">
            <SimpleGrid cols={{ base: 1, md: 2, xl: 3 }}>
              {LISTS.map(({ key, question, head, figure, show }) => (
                <Card key={key} component="section" aria-label={question}>
                  <Title order={2} size="h5" mb="md">
                    {question}
                  </Title>
                  <BarList
                    caption={question}
                    head={['Company', head]}
                    items={usage[key].map((top) => ({
                      key: top.id,
                      name: (
                        <AnchorLink
                          to="/owner/company/$companyId"
                          params={{ companyId: top.id }}
                          underline="always"
                          inherit
                        >
                          {top.name}
                        </AnchorLink>
                      ),
                      value: figure(top),
                      text: show(figure(top)),
                    }))}
                  />
                </Card>
              ))}
            </SimpleGrid>
            <Text size="xs" c="dimmed">
              Numbers of {formatTime(usage.as_of, zone)}, at most a few minutes old.
            </Text>
            <Help words={['Last 30 days']} />
          </Stack>
        )
      }
    </Loaded>
  )
}

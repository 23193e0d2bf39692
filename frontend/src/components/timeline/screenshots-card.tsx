// The pictures of a day by the hour; a click opens one large.
import { Card, Group, Text, Title } from '@mantine/core'
import { Camera } from 'lucide-react'
import type { Timeline } from '~/api/types'
import { plural } from '~/lib/format'
import { hourLabel } from '~/lib/time'
import { Empty } from '../empty'
import { ShotButton } from '../screenshots/shot-button'
import { byHour, shotsOf } from './day-math'
import c from './screenshots-card.module.css'

type ScreenshotsCardProps = { timeline: Timeline; onOpen: (id: string) => void }

export function ScreenshotsCard({ timeline, onOpen }: ScreenshotsCardProps) {
  const zone = timeline.time_zone
  return (
    <Card component="section" aria-label="Screenshots">
      <Group justify="space-between" mb="sm">
        <Title order={2} size="h5">
          Screenshots
        </Title>
        <Text size="xs" c="dimmed">
          {plural(timeline.screenshots.length, 'picture')}
        </Text>
      </Group>
      {timeline.screenshots.length === 0 && (
        <Empty icon={Camera} title="No screenshots on this day">
          The company may have switched them off, or nobody was active.
        </Empty>
      )}
      <div className={c.hours}>
        {byHour(shotsOf(timeline), zone).map(({ hour, items }) => (
          <section key={hour} className={c.hour} aria-label={hourLabel(hour, zone)}>
            <Title order={3} size="sm" fw={600} c="dimmed" className={c.clock}>
              {hourLabel(hour, zone)}
            </Title>
            <ul className={c.grid}>
              {items.map((shot) => (
                <li key={shot.id}>
                  <ShotButton shot={shot} zone={zone} onOpen={onOpen} />
                </li>
              ))}
            </ul>
          </section>
        ))}
      </div>
    </Card>
  )
}

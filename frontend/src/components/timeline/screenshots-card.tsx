// The pictures of a day by the hour; a click opens one large.
import { Card, Group, Text, Title, UnstyledButton } from '@mantine/core'
import { Camera } from 'lucide-react'
import type { Timeline } from '~/api/types'
import { plural } from '~/lib/format'
import { formatTime, hourLabel } from '~/lib/time'
import { Empty } from '../empty'
import { appSpans, byHour, spanAt } from './day-math'
import { Picture } from './picture'
import c from './screenshots-card.module.css'

type ScreenshotsCardProps = { timeline: Timeline; onOpen: (id: string) => void }

export function ScreenshotsCard({ timeline, onOpen }: ScreenshotsCardProps) {
  const zone = timeline.time_zone
  const apps = appSpans(timeline.applications)
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
        {byHour(timeline.screenshots, zone).map(({ hour, items }) => (
          <section key={hour} className={c.hour} aria-label={hourLabel(hour, zone)}>
            <Title order={3} size="sm" fw={600} c="dimmed" className={c.clock}>
              {hourLabel(hour, zone)}
            </Title>
            <ul className={c.grid}>
              {items.map((shot) => {
                const time = formatTime(shot.taken_at, zone)
                const app = spanAt(apps, Date.parse(shot.taken_at))?.app
                const alt = [timeline.user.name, time, app].filter(Boolean).join(', ')
                return (
                  <li key={shot.id}>
                    <UnstyledButton
                      className={c.shot}
                      data-shot={shot.id}
                      onClick={() => onOpen(shot.id)}
                      aria-label={`Open screenshot: ${alt}`}
                    >
                      <Picture id={shot.id} size="thumbnail" alt={alt} width={16} height={9} />
                      <span className={c.caption}>
                        <span className="numbers">{time}</span>
                        <span className={c.app}>{shot.blurred ? 'Blurred' : app}</span>
                      </span>
                    </UnstyledButton>
                  </li>
                )
              })}
            </ul>
          </section>
        ))}
      </div>
    </Card>
  )
}

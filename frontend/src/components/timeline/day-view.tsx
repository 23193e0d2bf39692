// One person's day: the same for the admin who looks and for the employee whose day it is.
import { Card, Group, SimpleGrid, Skeleton, Stack, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import {
  AppWindow,
  CalendarX,
  Clock,
  Globe,
  Hand,
  MousePointerClick,
  Pause,
  Timer,
} from 'lucide-react'
import { lazy, type ReactNode, Suspense, useState } from 'react'
import { useClocks, useToday } from '~/api/me'
import type { Timeline } from '~/api/types'
import { duration, percent, plural } from '~/lib/format'
import { formatDay, formatTime } from '~/lib/time'
import { Empty } from '../empty'
import { Loaded } from '../loaded'
import { ReturnFocus } from '../screenshots/return-focus'
import { StatTile, StatTiles, TilesSkeleton } from '../stat-tile'
import { CategoriesCard } from './categories-card'
import { DayCard } from './day-card'
import {
  activeShare,
  appsOf,
  coverageOf,
  extentOf,
  momentOf,
  momentText,
  shotsOf,
  sitesOf,
  tenMinutesAt,
} from './day-math'
import { DayStepper } from './day-stepper'
import { DaysCard } from './days-card'
import { dayQuery, shownDay } from './queries'
import { ScreenshotsCard } from './screenshots-card'
import type { DaySearch } from './search'
import { UseCard } from './use-card'

const Lightbox = lazy(() => import('../screenshots/lightbox'))
const SlotCard = lazy(() => import('./slot-card'))

type DayViewProps = {
  userId: string
  search: DaySearch
  onSearch: (change: Partial<DaySearch>, how?: { replace?: boolean }) => void
  /** What to say and do on a day without anything. */
  nothing: ReactNode
  /** Whether the reader may see pictures at all; else nothing is said of them. */
  pictures?: boolean
}

export function DayView({ userId, search, onSearch, nothing, pictures = true }: DayViewProps) {
  const today = useToday()
  const day = shownDay(search.day, today)
  const timeline = useQuery(dayQuery(userId, search.day, today))
  const zone = useClocks(timeline.data)?.time_zone
  const shots = timeline.data ? shotsOf(timeline.data) : []
  const shown = shots.find(({ id }) => id === search.shot)
  return (
    <Stack gap="lg">
      <Group justify="space-between" gap="sm">
        <DayStepper
          day={day}
          today={today}
          onDay={(to) =>
            onSearch({ day: to === today ? undefined : to, at: undefined, shot: undefined })
          }
        />
        {zone && day === today && (
          <Text size="xs" c="dimmed">
            Updated {formatTime(new Date(timeline.dataUpdatedAt), zone)}
          </Text>
        )}
      </Group>
      <Loaded query={timeline} skeleton={<DaySkeleton />}>
        {(loaded) =>
          loaded.sessions.length + loaded.private.length + loaded.manual.length === 0 &&
          loaded.tracked_seconds === 0 ? (
            <Card>
              <Empty icon={CalendarX} title={`Nothing was recorded on ${formatDay(day, 'long')}`}>
                {nothing}
              </Empty>
            </Card>
          ) : (
            <Day
              userId={userId}
              pictures={pictures}
              live={day === today}
              timeline={loaded}
              at={momentOf(search.at)}
              onAt={(at) => onSearch({ at: at === undefined ? undefined : momentText(at) })}
              onOpen={(shot) => onSearch({ shot })}
            />
          )
        }
      </Loaded>
      <DaysCard userId={userId} today={today} />
      <ReturnFocus to={search.shot} />
      <Suspense>
        {zone && shown && (
          <Lightbox
            shots={shots}
            shot={shown}
            zone={zone}
            onShow={(shot) => onSearch({ shot }, { replace: true })}
            onClose={() => onSearch({ shot: undefined }, { replace: true })}
          />
        )}
      </Suspense>
    </Stack>
  )
}

type DayProps = {
  userId: string
  pictures: boolean
  /** It is today: figures still grow. */
  live: boolean
  timeline: Timeline
  /** The moment whose minutes are shown; not a number when none is. */
  at: number
  onAt: (at: number | undefined) => void
  onOpen: (shot: string) => void
}

function Day({ userId, pictures, live, timeline: ofDay, at, onAt, onOpen }: DayProps) {
  const timeline = useClocks(ofDay)
  const apps = appsOf(timeline)
  const ten = tenMinutesAt(timeline, at)
  // Who picks is led there; who came by an address begins at the page's heading.
  const [picked, setPicked] = useState(false)
  const pick = (moment: number) => {
    setPicked(true)
    onAt(tenMinutesAt(timeline, moment)?.from)
  }
  return (
    <>
      <Tiles timeline={timeline} />
      <DayCard timeline={timeline} apps={apps} onPick={pick}>
        <Suspense fallback={ten && <Skeleton h={240} mt="md" />}>
          {ten && (
            <SlotCard
              userId={userId}
              timeline={timeline}
              ten={ten}
              pictures={pictures}
              takesFocus={picked}
              onAt={onAt}
              onOpen={onOpen}
            />
          )}
        </Suspense>
      </DayCard>
      <CategoriesCard userId={userId} day={timeline.day} live={live} />
      <SimpleGrid cols={{ base: 1, md: 2 }} spacing="lg">
        <UseCard
          title="Applications"
          icon={AppWindow}
          uses={apps}
          parts="window"
          nothing="No application was recorded"
          coloured
        />
        <UseCard
          title="Sites"
          icon={Globe}
          uses={sitesOf(timeline)}
          parts="page"
          nothing="No site was recorded"
        />
      </SimpleGrid>
      {pictures && <ScreenshotsCard timeline={timeline} onOpen={onOpen} />}
    </>
  )
}

function Tiles({ timeline }: { timeline: Timeline }) {
  const extent = extentOf(timeline)
  const clock = (at: string) => formatTime(at, timeline.time_zone)
  const { tracked_seconds, active_seconds, idle_seconds, manual_seconds, explained_seconds } =
    timeline
  return (
    <StatTiles>
      <StatTile
        icon={Timer}
        label="Tracked"
        value={duration(tracked_seconds)}
        hint={coverageOf(timeline) ?? 'Active and idle together'}
      />
      <StatTile
        icon={MousePointerClick}
        label="Active"
        value={duration(active_seconds)}
        hint={`${activeShare(timeline) ?? '–'} of the tracked time`}
      />
      <StatTile
        icon={Pause}
        label="Idle"
        value={duration(idle_seconds)}
        hint={`${percent(idle_seconds, tracked_seconds) ?? '–'} of the tracked time`}
      />
      {manual_seconds + explained_seconds > 0 && (
        <StatTile
          icon={Hand}
          label="Manual"
          value={duration(manual_seconds)}
          hint={
            explained_seconds > 0
              ? `Beside the tracked time; ${duration(explained_seconds)} of idle explained`
              : 'Added by hand, beside the tracked time'
          }
        />
      )}
      {extent && (
        <StatTile
          icon={Clock}
          label={extent.open ? 'Began' : 'Began, ended'}
          value={
            extent.open ? clock(extent.start) : `${clock(extent.start)} – ${clock(extent.end)}`
          }
          hint={extent.open ? 'Still running' : plural(timeline.sessions.length, 'session')}
        />
      )}
    </StatTiles>
  )
}

function DaySkeleton() {
  return (
    <Stack gap="lg">
      <TilesSkeleton count={4} />
      <Skeleton h={230} radius="lg" />
      <SimpleGrid cols={{ base: 1, md: 2 }} spacing="lg">
        <Skeleton h={320} radius="lg" />
        <Skeleton h={320} radius="lg" />
      </SimpleGrid>
    </Stack>
  )
}

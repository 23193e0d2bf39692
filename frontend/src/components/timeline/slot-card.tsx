// Ten minutes of a day: what each minute was, what was in front, and the pictures taken in them.
import { ActionIcon, Group, Text, Title } from '@mantine/core'
import { ChevronLeft, ChevronRight, X } from 'lucide-react'
import { useEffect, useRef } from 'react'
import { useMe } from '~/api/me'
import type { Timeline } from '~/api/types'
import { duration } from '~/lib/format'
import { formatTime } from '~/lib/time'
import { OwnDisputes } from '../disputes/own-disputes'
import { ShotButton } from '../screenshots/shot-button'
import {
  activeShare,
  longestIn,
  type Span,
  shotsOf,
  type TenMinutes,
  tenMinutesAt,
  toSpans,
} from './day-math'
import c from './slot-card.module.css'

const MINUTE = 60_000

type SlotCardProps = {
  /** Whose day it is. */
  userId: string
  timeline: Timeline
  ten: TenMinutes
  takesFocus: boolean
  onAt: (at: number | undefined) => void
  onOpen: (shot: string) => void
  pictures: boolean
}

export default function SlotCard({
  userId,
  timeline,
  ten,
  takesFocus,
  onAt,
  onOpen,
  pictures,
}: SlotCardProps) {
  const heading = useRef<HTMLHeadingElement>(null)
  const from = ten.from
  // biome-ignore lint/correctness/useExhaustiveDependencies: each ten minutes are told anew
  useEffect(() => {
    if (takesFocus) heading.current?.focus()
  }, [takesFocus, from])
  const clock = (at: number) => formatTime(new Date(at), timeline.time_zone)
  const step = (to: number, label: string, Icon: typeof X) => (
    <ActionIcon
      variant="default"
      size={32}
      aria-label={label}
      disabled={!tenMinutesAt(timeline, to)}
      onClick={() => onAt(tenMinutesAt(timeline, to)?.from)}
    >
      <Icon size={16} aria-hidden />
    </ActionIcon>
  )
  return (
    <section className={c.card} aria-labelledby="ten-minutes">
      <Group justify="space-between" gap="xs">
        <Title order={3} size="h6" id="ten-minutes" ref={heading} tabIndex={-1} className={c.title}>
          {clock(ten.from)} – {clock(ten.to)}
        </Title>
        <Group gap={6} wrap="nowrap">
          {step(ten.from - MINUTE, 'Ten minutes before', ChevronLeft)}
          {step(ten.to, 'Ten minutes after', ChevronRight)}
          <ActionIcon
            variant="subtle"
            color="gray"
            size={32}
            aria-label="Close the minutes"
            onClick={() => onAt(undefined)}
          >
            <X size={16} aria-hidden />
          </ActionIcon>
        </Group>
      </Group>
      <Text size="sm" c="dimmed">
        {summary(timeline, ten)}
      </Text>
      {userId === useMe().id && <OwnDisputes from={ten.from} to={ten.to} />}
      {ten.slot && <Minutes timeline={timeline} minutes={ten.slot.minutes} clock={clock} />}
      {pictures && <Pictures timeline={timeline} ten={ten} onOpen={onOpen} />}
    </section>
  )
}

/** Active % is of what was observed, so it never stands without how much that was. */
function summary(timeline: Timeline, { from, to, slot }: TenMinutes): string {
  if (slot) {
    const observed = duration(slot.tracked_seconds)
    const all = slot.tracked_seconds * 1000 >= to - from
    const of = all ? '' : ` of ${duration((to - from) / 1000)}`
    return `${activeShare(slot)} active; observed: ${observed}${of}.`
  }
  const meets = (span: Span) => span.from < to && from < span.to
  if (toSpans(timeline.private).some(meets)) return 'Private time: the agent was paused.'
  const inSession = timeline.sessions.some(({ started_at, ended_at }) =>
    meets({
      from: Date.parse(started_at),
      to: ended_at ? Date.parse(ended_at) : Number.POSITIVE_INFINITY,
    }),
  )
  return inSession
    ? 'Nothing was recorded, though a session was open: the device slept, or has not sent it yet.'
    : 'Nothing was recorded: no session was open.'
}

type MinutesProps = {
  timeline: Timeline
  minutes: NonNullable<TenMinutes['slot']>['minutes']
  clock: (at: number) => string
}

function Minutes({ timeline, minutes, clock }: MinutesProps) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is scrolled by keyboard too
    <section className={c.scroll} aria-label="Minutes" tabIndex={0}>
      <table className={c.table}>
        <caption className="visually-hidden">Minute by minute</caption>
        <thead>
          <tr>
            <th scope="col">Minute</th>
            <th scope="col" data-align="end">
              Active
            </th>
            <th scope="col" data-align="end">
              Idle
            </th>
            <th scope="col" data-align="end">
              Keys
            </th>
            <th scope="col" data-align="end">
              Mouse
            </th>
            <th scope="col">In front</th>
          </tr>
        </thead>
        <tbody className="numbers">
          {minutes.map((minute) => {
            const from = Date.parse(minute.at)
            const span = { from, to: from + MINUTE }
            const app = longestIn(timeline.applications, span)
            const site = longestIn(timeline.websites, span)
            return (
              <tr key={minute.at}>
                <td>{clock(from)}</td>
                <td data-align="end">{minute.active_seconds} s</td>
                <td data-align="end">{minute.tracked_seconds - minute.active_seconds} s</td>
                <td data-align="end">{minute.keystrokes}</td>
                <td data-align="end">{minute.mouse_events}</td>
                <td className={c.front}>
                  {[app?.app, app?.title, site?.host].filter(Boolean).join(' · ') || '–'}
                </td>
              </tr>
            )
          })}
        </tbody>
      </table>
    </section>
  )
}

function Pictures({
  timeline,
  ten,
  onOpen,
}: {
  timeline: Timeline
  ten: TenMinutes
  onOpen: (shot: string) => void
}) {
  const shots = shotsOf(timeline).filter(({ taken_at }) => {
    const at = Date.parse(taken_at)
    return ten.from <= at && at < ten.to
  })
  if (shots.length === 0)
    return (
      <Text size="sm" c="dimmed">
        No picture was taken in these ten minutes.
      </Text>
    )
  return (
    <ul className={c.pictures}>
      {shots.map((shot) => (
        <li key={shot.id}>
          <ShotButton shot={shot} zone={timeline.time_zone} onOpen={onOpen} />
        </li>
      ))}
    </ul>
  )
}

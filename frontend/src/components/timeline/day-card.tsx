// The day bar with its legend, sessions, and the same blocks as a table.
import { Anchor, Box, Card, Group, Text, Title, UnstyledButton } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { ChevronDown } from 'lucide-react'
import type { ReactNode } from 'react'
import type { Timeline } from '~/api/types'
import { duration } from '~/lib/format'
import { formatTime, zoneLabel } from '~/lib/time'
import { APP_COLORS } from './colors'
import { DayBar } from './day-bar'
import c from './day-card.module.css'
import { activeShare, type Use } from './day-math'
import { endWords } from './ends'
import { kindWord } from './manual-words'

type DayCardProps = {
  timeline: Timeline
  apps: Use[]
  onPick: (at: number) => void
  /** The ten minutes that were picked. */
  children?: ReactNode
}

export function DayCard({ timeline, apps, onPick, children }: DayCardProps) {
  const named = apps.slice(0, APP_COLORS.length).map(({ name }) => name)
  return (
    <Card component="section" aria-label="Timeline" className={c.card}>
      <Group justify="space-between" mb="md" gap="xs">
        <Title order={2} size="h5">
          Timeline
        </Title>
        <Text size="xs" c="dimmed">
          Times in {zoneLabel(timeline.time_zone, new Date(timeline.from))}
        </Text>
      </Group>
      <DayBar timeline={timeline} named={named} onPick={onPick} />
      <Legend timeline={timeline} named={named} more={apps.length > named.length} />
      <Excluded timeline={timeline} />
      {children}
      <Blocks timeline={timeline} onPick={onPick} />
    </Card>
  )
}

function Legend({ timeline, named, more }: { timeline: Timeline; named: string[]; more: boolean }) {
  return (
    <Box className={c.legend}>
      <span className={c.entry}>
        <i data-kind="active" /> Active {duration(timeline.active_seconds)}
      </span>
      <span className={c.entry}>
        <i data-kind="idle" /> Idle {duration(timeline.idle_seconds)}
      </span>
      <span className={c.entry}>
        <i data-kind="none" /> Nothing recorded
      </span>
      <span className={c.entry}>
        <i data-kind="session" /> Session
      </span>
      {timeline.private.length > 0 && (
        <span className={c.entry}>
          <i data-kind="private" /> Private time
        </span>
      )}
      {timeline.manual.some(({ pending }) => !pending) && (
        <span className={c.entry}>
          <i data-kind="manual" /> Added by hand
        </span>
      )}
      {timeline.manual.some(({ pending }) => pending) && (
        <span className={c.entry}>
          <i data-kind="waiting" /> Added, waiting for approval
        </span>
      )}
      {named.map((name, i) => (
        <span key={name} className={c.entry}>
          <i style={{ background: APP_COLORS[i] }} /> {name}
        </span>
      ))}
      {more && (
        <span className={c.entry}>
          <i data-kind="other" /> Other applications
        </span>
      )}
    </Box>
  )
}

/** What somebody decided about the day is said without being asked for. */
function Excluded({ timeline }: { timeline: Timeline }) {
  const clock = (at: string) => formatTime(at, timeline.time_zone)
  return timeline.sessions
    .filter(({ excluded, counted_from, counted_to }) => excluded || counted_from || counted_to)
    .map(({ id, started_at, ended_at, excluded, deleted, ...session }) => {
      const { counted_from, counted_to } = session
      const done = deleted ? 'deleted what was recorded in it' : 'excluded it'
      const left = [
        counted_from && `from ${clock(counted_from)}`,
        counted_to && `until ${clock(counted_to)}`,
      ].filter(Boolean)
      const reason = excluded ? session.excluded_reason : session.cut_reason
      return (
        <Text key={id} size="sm" mt="sm">
          {`The session ${clock(started_at)} – ${ended_at ? clock(ended_at) : ''} `}
          {excluded
            ? `does not count: an admin ${done}`
            : `counts only ${left.join(' ')}: an admin cut it`}
          {reason ? ` (“${reason}”).` : '.'}
        </Text>
      )
    })
}

const STATES: Record<string, string> = { active: 'Active', idle: 'Idle', private: 'Private time' }

function Blocks({ timeline, onPick }: { timeline: Timeline; onPick: (at: number) => void }) {
  const [open, { toggle }] = useDisclosure()
  const clock = (at: string) => formatTime(at, timeline.time_zone)
  const paused = timeline.private.map((span) => ({ ...span, kind: 'private' }))
  const manual = timeline.manual.map(({ from, to, kind: what, reason, pending }) => {
    const kind = `Added by hand: ${kindWord(what)} (“${reason}”)${pending ? ', waiting' : ''}`
    return { from, to, kind }
  })
  const blocks = [...timeline.segments, ...paused, ...manual].toSorted((a, b) =>
    a.from.localeCompare(b.from),
  )
  return (
    <>
      <UnstyledButton className={c.toggle} onClick={toggle} aria-expanded={open}>
        <ChevronDown size={16} aria-hidden data-open={open || undefined} />
        {open ? 'Hide the table' : 'Show as table'}
      </UnstyledButton>
      {open && (
        <>
          <table className={c.table}>
            <caption className="visually-hidden">Blocks of the day</caption>
            <thead>
              <tr>
                <th scope="col">From</th>
                <th scope="col">To</th>
                <th scope="col">State</th>
                <th scope="col" data-align="end">
                  Length
                </th>
              </tr>
            </thead>
            <tbody className="numbers">
              {blocks.map((segment) => (
                <tr key={`${segment.kind} ${segment.from}`}>
                  <td>{clock(segment.from)}</td>
                  <td>{clock(segment.to)}</td>
                  <td>{STATES[segment.kind] ?? segment.kind}</td>
                  <td data-align="end">
                    {duration((Date.parse(segment.to) - Date.parse(segment.from)) / 1000)}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
          <table className={c.table}>
            <caption className="visually-hidden">Ten minutes each</caption>
            <thead>
              <tr>
                <th scope="col">Ten minutes</th>
                <th scope="col" data-align="end">
                  Observed
                </th>
                <th scope="col" data-align="end">
                  Active
                </th>
              </tr>
            </thead>
            <tbody className="numbers">
              {timeline.slots.map((slot) => (
                <tr key={slot.from}>
                  <td>
                    <Anchor
                      component="button"
                      size="sm"
                      onClick={() => onPick(Date.parse(slot.from))}
                    >
                      {clock(slot.from)} – {clock(slot.to)}
                    </Anchor>
                  </td>
                  <td data-align="end">{duration(slot.tracked_seconds)}</td>
                  <td data-align="end">{activeShare(slot)}</td>
                </tr>
              ))}
            </tbody>
          </table>
          <Text size="sm" fw={600} mt="md">
            Sessions
          </Text>
          <ul className={c.sessions}>
            {timeline.sessions.map((session) => (
              <li key={session.id}>
                {clock(session.started_at)} –{' '}
                {session.ended_at ? clock(session.ended_at) : 'still running'},{' '}
                {session.device_name}
                {session.end_reason && `, ${endWords(session.end_reason)}`}
                {session.deleted
                  ? ', deleted'
                  : session.excluded
                    ? ', does not count'
                    : (session.counted_from || session.counted_to) && ', counts in part'}
              </li>
            ))}
          </ul>
        </>
      )}
    </>
  )
}

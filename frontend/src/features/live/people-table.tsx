// The people of one state. Only those near the window are drawn: a company has a thousand.
import { Text } from '@mantine/core'
import { memo, useRef } from 'react'
import type { LivePerson, LiveState } from '~/api/types'
import { AnchorLink } from '~/components/links'
import { Pill, type Tone } from '~/components/pill'
import { TaskLink } from '~/components/tasks/task-link'
import { duration } from '~/lib/format'
import { ago, dayIn, formatDateTime, formatTime } from '~/lib/time'
import c from './people-table.module.css'
import { useWindowed } from './windowed'

export const WORDS: Record<LiveState, { word: string; tone: Tone; none: string }> = {
  working: { word: 'Working', tone: 'good', none: 'Nobody works at this moment.' },
  idle: { word: 'Idle', tone: 'warn', none: 'Nobody is idle.' },
  private: { word: 'Private', tone: 'info', none: 'Nobody has paused.' },
  offline: { word: 'Offline', tone: 'off', none: 'Everybody is there.' },
}

const SINCE: Record<LiveState, string> = {
  working: 'At work since',
  idle: 'No input since',
  private: 'Paused since',
  offline: 'Last heard at',
}

/** Nobody works at a task who does not work. */
const hasTasks = (state: LiveState) => state === 'working' || state === 'idle'

type PeopleTableProps = { state: LiveState; people: LivePerson[]; zone: string; now: Date }

export function PeopleTable({ state, people, zone, now }: PeopleTableProps) {
  const body = useRef<HTMLTableSectionElement>(null)
  const { from, to, height } = useWindowed(people.length, body)
  const today = dayIn(zone, now)
  const atWork = hasTasks(state)
  return (
    <table className={c.table} aria-rowcount={people.length + 1}>
      <caption className="visually-hidden">{WORDS[state].word}</caption>
      <thead>
        <tr aria-rowindex={1}>
          <th scope="col">Name</th>
          <th scope="col" className={c.wide}>
            Team
          </th>
          {atWork && (
            <th scope="col" className={c.task}>
              Task
            </th>
          )}
          <th scope="col">{SINCE[state]}</th>
          <th scope="col" data-align="end">
            Today
          </th>
          <th scope="col" className={c.wide}>
            Last heard
          </th>
        </tr>
      </thead>
      <tbody ref={body}>
        <Room rows={from} height={height} columns={atWork ? 6 : 5} />
        {people.slice(from, to).map((person, at) => (
          <Row
            key={person.user_id}
            person={person}
            index={from + at + 2}
            listed={state}
            zone={zone}
            today={today}
            heard={person.last_seen_at ? ago(person.last_seen_at, now, 'short') : 'never'}
          />
        ))}
        <Room rows={people.length - to} height={height} columns={atWork ? 6 : 5} />
      </tbody>
    </table>
  )
}

/** As high as the rows that are not drawn. */
function Room({ rows, height, columns }: { rows: number; height: number; columns: number }) {
  if (rows <= 0 || height <= 0) return null
  return (
    // biome-ignore lint/a11y/noAriaHiddenOnFocusable: a row cannot have the focus, and there is nothing in this one
    <tr aria-hidden="true" className={c.room}>
      <td colSpan={columns} style={{ height: rows * height }} />
    </tr>
  )
}

type RowProps = {
  person: LivePerson
  index: number
  /** The state that the list stands under, while the order waits for the pointer. */
  listed: LiveState
  zone: string
  today: string
  heard: string
}

/** Drawn anew only when something of it changed: most people do the same as a moment ago. */
const Row = memo(function Row({ person, index, listed, zone, today, heard }: RowProps) {
  const { name, team, task, state, since, tracked_seconds_today } = person
  const { word, tone } = WORDS[state] ?? WORDS.offline
  const at = state === 'offline' ? person.last_seen_at : since
  return (
    <tr data-row aria-rowindex={index}>
      <td>
        <div className={c.who}>
          <AnchorLink
            to="/employees/$employeeId"
            params={{ employeeId: person.user_id }}
            className={c.name}
            inherit
          >
            {name}
          </AnchorLink>
          {state !== listed && <Pill tone={tone}>{`Now ${word.toLowerCase()}`}</Pill>}
        </div>
        <Text size="xs" c="dimmed" className={c.narrow} component="div">
          {[task?.title, team, `heard ${heard}`].filter(Boolean).join(', ')}
        </Text>
      </td>
      <td className={c.wide}>{team ?? '–'}</td>
      {hasTasks(listed) && <td className={c.wide}>{task ? <TaskLink task={task} /> : '–'}</td>}
      <td className="numbers">
        {at ? (dayIn(zone, at) === today ? formatTime(at, zone) : formatDateTime(at, zone)) : '–'}
      </td>
      <td data-align="end" className="numbers">
        {duration(tracked_seconds_today)}
      </td>
      <td className={c.wide}>
        <div className="capital">{heard}</div>
      </td>
    </tr>
  )
})

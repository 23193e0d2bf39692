// A day as lanes on one axis: sessions and private time, active and idle time, ten minutes each, the application in
// front, pictures.
// One image with a sentence for screen readers; a slider over it walks from block to block.
import { type KeyboardEvent, type PointerEvent, useState } from 'react'
import type { Timeline } from '~/api/types'
import { formatTime, hourLabel, shortHourLabel } from '~/lib/time'
import { APP_COLORS } from './colors'
import c from './day-bar.module.css'
import {
  type AppSpan,
  type Axis,
  activeShare,
  appSpans,
  axisOf,
  observedSpan,
  sentence,
  sessionSpans,
  spanAt,
  tenMinutesAt,
  toSpans,
} from './day-math'
import { kindWord } from './manual-words'

type DayBarProps = {
  timeline: Timeline
  /** The applications that have a colour of their own, longest first. */
  named: string[]
  /** A click on a moment. */
  onPick?: (at: number) => void
}

export function DayBar({ timeline, named, onPick }: DayBarProps) {
  const axis = axisOf(timeline)
  const segments = toSpans(timeline.segments)
  const apps = appSpans(timeline.applications)
  const paused = toSpans(timeline.private)
  const manual = toSpans(timeline.manual)
  const place = (at: number) => ((at - axis.from) / (axis.to - axis.from)) * 100
  const box = ({ from, to }: { from: number; to: number }) => {
    const [start, end] = [Math.max(0, place(from)), Math.min(100, place(to))]
    return { insetInlineStart: `${start}%`, width: `${Math.max(0.12, end - start)}%` }
  }
  return (
    <div className={c.day}>
      <div className={c.names} aria-hidden>
        <span>Sessions</span>
        <span>Activity</span>
        <span>Active share</span>
        <span>Applications</span>
        <span>Screenshots</span>
      </div>
      <div className={c.frame}>
        <div role="img" aria-label={sentence(timeline)} className={c.lanes}>
          {axis.hours.map((hour) => (
            <i key={hour} className={c.rule} style={{ insetInlineStart: `${place(hour)}%` }} />
          ))}
          <div className={c.lane} data-empty>
            {sessionSpans(timeline).map((session) => (
              <i
                key={session.id}
                className={c.block}
                data-kind={session.excluded ? 'excluded' : 'session'}
                data-before={session.before || undefined}
                data-after={session.after || undefined}
                style={box(session)}
              />
            ))}
            {paused.map((span) => (
              <i key={span.from} className={c.block} data-kind="private" style={box(span)} />
            ))}
          </div>
          <div className={c.lane} data-empty>
            {segments.map((segment) => (
              <i
                key={segment.from}
                className={c.block}
                data-kind={segment.kind}
                style={box(segment)}
              />
            ))}
            {manual.map((span) => (
              <i
                key={span.id}
                className={c.block}
                data-kind={span.pending ? 'waiting' : 'manual'}
                style={box(span)}
              />
            ))}
          </div>
          <div className={c.lane} data-thin>
            {timeline.slots.map((slot) => (
              <i key={slot.from} className={c.slot} style={box(observedSpan(slot))}>
                <i style={{ height: `${(slot.active_seconds / slot.tracked_seconds) * 100}%` }} />
              </i>
            ))}
          </div>
          <div className={c.lane}>
            {apps.map((span) => (
              <i
                key={span.from}
                className={c.block}
                style={{
                  ...box(span),
                  background: APP_COLORS[named.indexOf(span.app)] ?? 'var(--tracker-other)',
                }}
              />
            ))}
          </div>
          <div className={c.lane} data-thin>
            {timeline.screenshots.map((shot) => (
              <i
                key={shot.id}
                className={c.dot}
                style={{ insetInlineStart: `${place(Date.parse(shot.taken_at))}%` }}
              />
            ))}
          </div>
        </div>
        <Walker
          axis={axis}
          segments={segments}
          paused={paused}
          manual={manual}
          apps={apps}
          timeline={timeline}
          place={place}
          onPick={onPick}
        />
        <div className={c.hours} aria-hidden>
          {axis.hours.map((hour, i) => (
            <span
              key={hour}
              style={{ insetInlineStart: `${place(hour)}%` }}
              data-rank={i % 4 === 0 ? 'first' : i % 2 === 0 ? 'second' : 'third'}
              title={hourLabel(hour, timeline.time_zone)}
            >
              {shortHourLabel(hour, timeline.time_zone)}
            </span>
          ))}
        </div>
      </div>
    </div>
  )
}

type WalkerProps = {
  axis: Axis
  segments: { from: number; to: number; kind: string }[]
  paused: { from: number; to: number }[]
  manual: { from: number; to: number; kind: string; pending: boolean }[]
  apps: AppSpan[]
  timeline: Timeline
  place: (at: number) => number
  onPick: ((at: number) => void) | undefined
}

const KINDS: Record<string, string> = { active: 'Active', idle: 'Idle' }

/** Follows the pointer, or the arrow keys from block to block, and says what was there. */
function Walker(props: WalkerProps) {
  const { axis, segments, paused, manual, apps, timeline, place, onPick } = props
  const [at, setAt] = useState<number>()
  const segment = at === undefined ? undefined : spanAt(segments, at)
  const app = at === undefined ? undefined : spanAt(apps, at)
  const pause = at === undefined ? undefined : spanAt(paused, at)
  const said = at === undefined ? undefined : spanAt(manual, at)
  const hand = said && `Added by hand: ${kindWord(said.kind)}${said.pending ? ', waiting' : ''}`
  const slot = at === undefined ? undefined : tenMinutesAt(timeline, at)?.slot
  const clock = (time: number) => formatTime(new Date(time), timeline.time_zone)
  const shown = segment ?? pause ?? said
  const span = shown ? `${clock(shown.from)} – ${clock(shown.to)}` : at && clock(at)
  const unknown = pause ? 'Private time' : 'Nothing recorded'
  const state = segment ? (KINDS[segment.kind] ?? segment.kind) : unknown
  const ten = slot && `${activeShare(slot)} active in these ten minutes`
  const text =
    at === undefined
      ? 'Use the arrow keys, Enter for the minutes'
      : [span, state, hand, ten, app?.app].filter(Boolean).join(', ')

  const follow = (event: PointerEvent<HTMLDivElement>) => {
    const { left, width } = event.currentTarget.getBoundingClientRect()
    const share = Math.min(1, Math.max(0, (event.clientX - left) / width))
    setAt(axis.from + share * (axis.to - axis.from))
  }
  const walk = (event: KeyboardEvent) => {
    const now = at ?? axis.from - 1
    const stops = [...segments, ...manual].toSorted((a, b) => a.from - b.from)
    const targets: Record<string, number | undefined> = {
      ArrowRight: stops.find(({ from }) => from > now)?.from,
      ArrowLeft: stops.findLast(({ from, to }) => to <= now || from < now)?.from,
      Home: stops[0]?.from,
      End: stops.at(-1)?.from,
    }
    if (event.key === 'Escape') setAt(undefined)
    if (event.key === 'Enter' && at !== undefined) onPick?.(at)
    if (!(event.key in targets)) return
    event.preventDefault()
    const target = targets[event.key]
    if (target !== undefined) setAt(target)
  }
  return (
    <div
      className={c.walker}
      role="slider"
      tabIndex={0}
      aria-label="Walk through the day"
      aria-orientation="horizontal"
      aria-valuemin={axis.from}
      aria-valuemax={axis.to}
      aria-valuenow={Math.round(at ?? axis.from)}
      aria-valuetext={text}
      onPointerMove={follow}
      onPointerDown={follow}
      onPointerLeave={() => setAt(undefined)}
      onBlur={() => setAt(undefined)}
      onKeyDown={walk}
      onClick={() => at !== undefined && onPick?.(at)}
    >
      {at !== undefined && (
        <>
          <i className={c.cursor} style={{ insetInlineStart: `${place(at)}%` }} />
          <div
            className={c.bubble}
            style={{ insetInlineStart: `clamp(100px, ${place(at)}%, calc(100% - 100px))` }}
          >
            <strong>{span}</strong>
            <span>{state}</span>
            {hand && <span>{hand}</span>}
            {ten && <span>{ten}</span>}
            {app && <span className={c.app}>{app.app}</span>}
          </div>
        </>
      )}
    </div>
  )
}

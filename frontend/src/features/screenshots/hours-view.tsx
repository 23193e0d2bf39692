// A day by the hour and its ten minutes: pictures, what is left of deleted ones, and why there are none.
import { Text, Title } from '@mantine/core'
import { Trash2 } from 'lucide-react'
import { useClocks } from '~/api/me'
import type { Gallery, GalleryShot, GallerySlot } from '~/api/types'
import { ShotButton } from '~/components/screenshots/shot-button'
import { percent } from '~/lib/format'
import { formatTime, hourLabel } from '~/lib/time'
import { type Cell, hoursOf, nameWords, type People, WHY } from './hours'
import c from './screenshots-page.module.css'

type HoursProps = {
  page: Gallery
  slots: GallerySlot[]
  /** Whether there is a page before this one. */
  isPart: boolean
  ofOne: boolean
  onOpen: (shot: string) => void
}

export function Hours({ page, slots, isPart, ofOne, onOpen }: HoursProps) {
  const zone = useClocks(page).time_zone
  const part = { before: isPart, after: !!page.next_cursor }
  const clock = (at: number) => formatTime(new Date(at), zone)
  return (
    <div className={c.hours}>
      {hoursOf(page.items, slots, zone, part).map((one) =>
        one.kind === 'gap' ? (
          <div key={one.from} className={c.gap}>
            <Text size="sm" fw={600} className="numbers">
              {clock(one.from)} – {clock(one.to)}
            </Text>
            {one.missing && (
              <Text size="sm" c="dimmed">
                {WHY[one.missing].long}
              </Text>
            )}
            {one.people && <Without people={one.people} />}
          </div>
        ) : (
          <section key={one.from} aria-label={hourLabel(one.from, zone)}>
            <Title order={2} size="sm" fw={600} c="dimmed" className={c.clock}>
              {hourLabel(one.from, zone)}
            </Title>
            <ol className={c.slots}>
              {one.cells.map((cell) => (
                <Slot
                  key={cell.from}
                  cell={cell}
                  clock={clock}
                  zone={zone}
                  {...{ ofOne, onOpen }}
                />
              ))}
            </ol>
          </section>
        ),
      )}
    </div>
  )
}

type SlotProps = {
  cell: Cell
  clock: (at: number) => string
  zone: string
  ofOne: boolean
  onOpen: (shot: string) => void
}

/** Of a team each picture stands for itself: how active ten minutes were is somebody's. */
function Slot({ cell, clock, zone, ofOne, onOpen }: SlotProps) {
  const { from, shots, missing, slot } = cell
  const of = slot ?? shots[0]
  // What is left of a deleted one stands there itself.
  const others = slot?.people?.filter(({ missing }) => missing !== 'deleted') ?? []
  const active = of && percent(of.active_seconds, of.tracked_seconds)
  return (
    <li className={c.slot}>
      <div className={c.head}>
        <span>{clock(from)}</span>
        {ofOne && active && <span>{active} active</span>}
      </div>
      {missing && missing !== 'deleted' && (
        <div className={c.none} title={WHY[missing].long}>
          {WHY[missing].short}
          <span className="visually-hidden">: {WHY[missing].long}</span>
        </div>
      )}
      <ul className={c.pictures}>
        {shots.map((shot) => (
          <li key={shot.id}>
            {shot.deletion ? (
              <Deleted shot={shot} zone={zone} named={!ofOne} />
            ) : (
              <ShotButton shot={shot} zone={zone} onOpen={onOpen} names={!ofOne} />
            )}
          </li>
        ))}
      </ul>
      {others.length > 0 && <Without people={others} />}
    </li>
  )
}

/** Of a team: who has no picture, by why. */
function Without({ people }: { people: People }) {
  return (
    <ul className={c.without} aria-label="Without a picture">
      {people.map((one) => (
        <li key={one.missing} title={WHY[one.missing].long}>
          <b>{WHY[one.missing].short}</b>
          {`: ${nameWords(one)}`}
        </li>
      ))}
    </ul>
  )
}

function Deleted({ shot, zone, named }: { shot: GalleryShot; zone: string; named: boolean }) {
  if (!shot.deletion) return null
  const whose = named ? `${shot.user_name}, ` : ''
  return (
    <div className={c.none}>
      <span>
        <Trash2 size={12} aria-hidden /> {whose}
        {formatTime(shot.taken_at, zone)}
      </span>
      <span>
        Deleted by {shot.deletion.by}: “{shot.deletion.reason}”
      </span>
    </div>
  )
}

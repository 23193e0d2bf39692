// A day's slots by the hour: each with its pictures, or with why it has none; hours without any picture as one stretch.
import type { GalleryShot, GallerySlot } from '~/api/types'
import { floorHour } from '~/lib/time'

export type Missing = NonNullable<GallerySlot['missing']>
/** Of a team: why how many of its people have no picture, and some of their names. */
export type People = NonNullable<GallerySlot['people']>
export type Cell = { from: number; shots: GalleryShot[]; missing?: Missing; slot?: GallerySlot }
export type Hour = { kind: 'hour'; from: number; cells: Cell[] }
/** Nothing to show for so long, always for the same reason. */
export type Gap = { kind: 'gap'; from: number; to: number; missing?: Missing; people?: People }

const at = (text: string) => Date.parse(text)

/** Pictures by their ten minutes. */
function cellsOf(shots: GalleryShot[]): Map<number, Cell> {
  const cells = new Map<number, Cell>()
  for (const shot of shots) {
    const from = at(shot.slot_from)
    const cell = cells.get(from) ?? { from, shots: [] }
    cell.shots.push(shot)
    cells.set(from, cell)
  }
  return cells
}

/**
 * `slots` are left out where not all pictures are shown: then ten minutes without one say nothing. Of a page those count that
 * lie between its first and its last picture.
 */
export function hoursOf(
  shots: GalleryShot[],
  slots: GallerySlot[],
  zone: string,
  part: { after: boolean; before: boolean },
): (Hour | Gap)[] {
  const cells = cellsOf(shots)
  const [first, last] = [shots.at(0), shots.at(-1)]
  for (const slot of slots) {
    const from = at(slot.from)
    const isOutside =
      (part.before && first && from < at(first.slot_from)) ||
      (part.after && last && from > at(last.slot_from))
    if (isOutside) continue
    const cell = cells.get(from)
    if (cell) cell.slot = slot
    else if (slot.missing) cells.set(from, { from, shots: [], missing: slot.missing, slot })
    else if (slot.people && slot.people.length > 0) cells.set(from, { from, shots: [], slot })
  }
  const hours = new Map<number, Cell[]>()
  for (const cell of [...cells.values()].toSorted((one, other) => one.from - other.from)) {
    const hour = floorHour(cell.from, zone)
    hours.set(hour, [...(hours.get(hour) ?? []), cell])
  }
  return merged([...hours].map(([from, cells]) => ({ kind: 'hour', from, cells })))
}

/** Hours without a picture and with one reason become a stretch, together with their neighbours of the same reason. */
function merged(hours: Hour[]): (Hour | Gap)[] {
  const all: (Hour | Gap)[] = []
  for (const hour of hours) {
    const [first] = hour.cells
    const last = hour.cells.at(-1)?.slot
    const why = first && whyOf(first)
    const isGap = why && last && hour.cells.every((cell) => whyOf(cell) === why)
    if (!isGap) {
      all.push(hour)
      continue
    }
    const { missing, slot } = first
    const before = all.at(-1)
    if (before?.kind === 'gap' && whyOf(before) === why && before.to === first.from)
      before.to = at(last.to)
    else
      all.push({
        kind: 'gap',
        from: first.from,
        to: at(last.to),
        ...(missing ? { missing } : { people: slot?.people ?? [] }),
      })
  }
  return all
}

/** What stretches without a picture have in common; undefined where there is one. */
function whyOf(one: Cell | Gap): string | undefined {
  if ('shots' in one && one.shots.length > 0) return undefined
  const people = 'shots' in one ? one.slot?.people : one.people
  return one.missing ?? (people ? JSON.stringify(people) : undefined)
}

/** Who has no picture for one reason: `Ada, Bruno and 3 more`. */
export function nameWords({ names, people }: Pick<People[number], 'names' | 'people'>) {
  const more = people - names.length
  if (more > 0) return `${names.join(', ')} and ${more} more`
  return new Intl.ListFormat('en', { type: 'conjunction' }).format(names)
}

/** Why there is no picture, as far as the records tell. */
export const WHY: Record<Missing, { short: string; long: string }> = {
  deleted: { short: 'Deleted', long: 'The picture was deleted.' },
  expired: { short: 'Deleted by age', long: 'Pictures of this day were deleted by age.' },
  private: { short: 'Private time', long: 'Private time: the agent was paused.' },
  outside_hours: {
    short: 'Outside hours',
    long: 'The company records nothing at this time.',
  },
  offline: {
    short: 'Offline',
    long: 'No session was open: the agent was not running, or has not sent it yet.',
  },
  switched_off: { short: 'Switched off', long: 'The company had screenshots switched off.' },
  not_permitted: {
    short: 'Not permitted',
    long: 'The device says that it cannot take pictures, and took none on this day.',
  },
  idle: { short: 'Idle', long: 'Nobody was active, and then no picture is taken.' },
  excluded: {
    short: 'Excluded',
    long: 'What was in front is never kept by the company’s rules, so no picture was taken.',
  },
  not_due: { short: 'Not due', long: 'The picture before was taken less than the interval ago.' },
  unknown: { short: 'Not known', long: 'Nothing that was recorded tells why.' },
}

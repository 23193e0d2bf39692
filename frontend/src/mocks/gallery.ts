// A day's pictures of the mock's people, and why ten minutes have none.
import type { GalleryShot, GallerySlot, Timeline } from '~/api/types'

const SLOT = 600_000
const at = (text: string) => Date.parse(text)

type TaskAt = (user_id: string, started_at: string) => GalleryShot['task']

/** What was worked on when a picture of the day was taken. */
export function taskOf(day: Timeline, taken_at: string, taskAt: TaskAt) {
  const session = day.sessions.findLast(({ started_at }) => started_at <= taken_at)
  return session && taskAt(day.user.id, session.started_at)
}

export function shotsOf(
  day: Timeline,
  deleted: Map<string, GalleryShot['deletion']>,
  taskAt: TaskAt,
) {
  return day.screenshots.map((taken): GalleryShot => {
    const time = at(taken.taken_at)
    const slot = day.slots.find(({ from, to }) => at(from) <= time && time < at(to))
    const front = day.applications.find(
      ({ started_at, seconds }) => at(started_at) <= time && time < at(started_at) + seconds * 1000,
    )
    const deletion = deleted.get(taken.id)
    const task = taskOf(day, taken.taken_at, taskAt)
    return {
      ...taken,
      user_id: day.user.id,
      user_name: day.user.name,
      bytes: deletion ? 0 : 184_320,
      slot_from: slot?.from ?? new Date(time - (time % SLOT)).toISOString(),
      tracked_seconds: slot?.tracked_seconds ?? 0,
      active_seconds: slot?.active_seconds ?? 0,
      ...(front && { app: front.app, title: front.title }),
      ...(task && { task }),
      ...(deletion && { deletion }),
    }
  })
}

export function gallerySlots(day: Timeline, shots: GalleryShot[], now: Date): GallerySlot[] {
  const known = [...day.slots, ...day.private]
  if (known.length === 0) return []
  const begins = at(day.from)
  const first = Math.min(...known.map(({ from }) => at(from)))
  const last = Math.min(now.getTime(), Math.max(...known.map(({ to }) => at(to))))
  const slots: GallerySlot[] = []
  for (let from = first - ((first - begins) % SLOT); from + SLOT <= last; from += SLOT) {
    const here = shots.filter(({ slot_from }) => at(slot_from) === from)
    const there = here.filter(({ deletion }) => !deletion).length
    const slot = day.slots.find((one) => at(one.from) === from)
    slots.push({
      from: new Date(from).toISOString(),
      to: new Date(from + SLOT).toISOString(),
      tracked_seconds: slot?.tracked_seconds ?? 0,
      active_seconds: slot?.active_seconds ?? 0,
      screenshots: there,
      ...(there === 0 && { missing: whyNone(day, from, here, slot) }),
    })
  }
  return slots
}

/** Slots of people's days as those of all of them, as the server adds them up. */
export function slotsTogether(days: { name: string; slots: GallerySlot[] }[]): GallerySlot[] {
  const all = new Map<string, GallerySlot & { people: NonNullable<GallerySlot['people']> }>()
  const byName = days.toSorted((a, b) => a.name.localeCompare(b.name))
  for (const { name, slots } of byName)
    for (const { missing, ...slot } of slots) {
      const sum = all.get(slot.from) ?? {
        ...slot,
        tracked_seconds: 0,
        active_seconds: 0,
        screenshots: 0,
        people: [],
      }
      all.set(slot.from, sum)
      sum.tracked_seconds += slot.tracked_seconds
      sum.active_seconds += slot.active_seconds
      sum.screenshots += slot.screenshots
      if (!missing) continue
      const known = sum.people.find((one) => one.missing === missing)
      if (!known) sum.people.push({ missing, people: 1, names: [name] })
      else {
        known.people += 1
        if (known.names.length < 5) known.names.push(name)
      }
    }
  const slots = [...all.values()].toSorted((a, b) => a.from.localeCompare(b.from))
  for (const { people } of slots) people.sort((a, b) => b.people - a.people)
  return slots
}

function whyNone(
  day: Timeline,
  from: number,
  here: GalleryShot[],
  slot: Timeline['slots'][number] | undefined,
): NonNullable<GallerySlot['missing']> {
  if (here.length > 0) return 'deleted'
  if (slot) return slot.active_seconds === 0 ? 'idle' : 'unknown'
  const isPrivate = day.private.some((span) => at(span.from) < from + SLOT && from < at(span.to))
  return isPrivate ? 'private' : 'offline'
}

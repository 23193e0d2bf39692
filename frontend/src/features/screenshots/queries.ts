// The gallery: what the address means, a day's pictures, why ten minutes have none, and which days have any.
import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import { api, ok } from '~/api/client'
import type { Me } from '~/api/types'
import { administers } from '~/lib/can'
import { addDays } from '~/lib/time'
import type { ScreenshotsSearch } from './search'

/** More than anybody takes of one person on a day at an ordinary interval. */
const OF_A_PERSON = 200
const OF_A_TEAM = 60
/** Days that the strip shows. */
const STRIP = 14

/** Ids that are none would only be refused. */
const idOf = (text: string | undefined) =>
  text && /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/.test(text) ? text : undefined

const choiceOf = (text: string | undefined) =>
  text === 'yes' ? true : text === 'no' ? false : undefined

/** Whose pictures: one's own where the role allows no others; undefined where nobody was chosen yet. */
export function whoseOf({ person, team }: ScreenshotsSearch, me: Me) {
  if (!administers(me)) return { user_id: me.id }
  const [user_id, team_id] = [idOf(person), idOf(team)]
  if (user_id) return { user_id }
  return team_id ? { team_id } : undefined
}
export type Whose = NonNullable<ReturnType<typeof whoseOf>>

export const filtersOf = ({ low, blurred, deleted }: ScreenshotsSearch) => ({
  low_activity: low || undefined,
  blurred: choiceOf(blurred),
  deleted: choiceOf(deleted),
})

export function galleryQuery(whose: Whose, day: string, search: ScreenshotsSearch) {
  const limit = whose.user_id ? OF_A_PERSON : OF_A_TEAM
  const query = { ...whose, day, ...filtersOf(search), limit, cursor: search.cursor }
  return queryOptions({
    queryKey: ['screenshots', 'list', query],
    placeholderData: keepPreviousData,
    queryFn: ({ signal }) => ok(api.GET('/api/screenshots', { params: { query }, signal })),
  })
}

export const slotsQuery = (whose: Whose | undefined, day: string) => {
  const query = { ...whose, day }
  return queryOptions({
    queryKey: ['screenshots', 'slots', query],
    enabled: !!whose,
    queryFn: ({ signal }) => ok(api.GET('/api/screenshots/slots', { params: { query }, signal })),
  })
}

/** The days around the one that is shown, up to today. */
export function stripOf(day: string, today: string) {
  const middle = addDays(day, STRIP / 2)
  const to = middle < today ? middle : today
  return { from: addDays(to, 1 - STRIP), to }
}

export const daysQuery = (whose: Whose, day: string, today: string) => {
  const query = { ...whose, ...stripOf(day, today) }
  return queryOptions({
    queryKey: ['screenshots', 'days', query],
    placeholderData: keepPreviousData,
    queryFn: ({ signal }) => ok(api.GET('/api/screenshots/days', { params: { query }, signal })),
  })
}

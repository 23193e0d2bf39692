// One person's day, its pictures, and the days around it. Admin and employee ask the same endpoints.
import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import { api, ok } from '~/api/client'

const MINUTE = 60_000

/** The day that an address asks for: today when it names none, or one that has not come yet. */
export const shownDay = (asked: string | undefined, today: string) =>
  asked && asked <= today ? asked : today

export const dayQuery = (user_id: string, asked: string | undefined, today: string) => {
  const day = shownDay(asked, today)
  return timelineQuery(user_id, day, day === today)
}

const timelineQuery = (user_id: string, day: string, live: boolean) =>
  queryOptions({
    queryKey: ['timeline', user_id, day],
    refetchInterval: live ? MINUTE : false,
    queryFn: ({ signal }) =>
      ok(api.GET('/api/timeline', { params: { query: { user_id, day } }, signal })),
  })

export const personDaysQuery = (user_id: string, from: string, to: string) =>
  queryOptions({
    queryKey: ['usage', 'daily', user_id, from, to],
    placeholderData: keepPreviousData,
    queryFn: ({ signal }) =>
      ok(api.GET('/api/usage/daily', { params: { query: { user_id, from, to } }, signal })),
  })

/** A picture needs the token, so it is fetched and not linked. Kept for a short while: pictures are large. */
export const pictureQuery = (screenshot_id: string, size: 'thumbnail' | 'image') =>
  queryOptions({
    queryKey: ['screenshots', screenshot_id, size],
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 2 * MINUTE,
    queryFn: async ({ signal }) => {
      const options = { params: { path: { screenshot_id } }, parseAs: 'blob', signal } as const
      const picture: unknown = await ok(
        size === 'image'
          ? api.GET('/api/screenshots/{screenshot_id}/image', options)
          : api.GET('/api/screenshots/{screenshot_id}/thumbnail', options),
      )
      return picture as Blob
    },
  })

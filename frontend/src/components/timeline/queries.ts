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

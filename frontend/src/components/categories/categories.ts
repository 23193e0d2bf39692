// The four categories of time: names, tones and colours, and the sums of a stretch of days.
import { queryOptions } from '@tanstack/react-query'
import { api, ok } from '~/api/client'
import type { CategoryUsage } from '~/api/types'
import type { Tone } from '../pill'

/** In the order in which they are shown. */
export const CATEGORIES = ['productive', 'neutral', 'unproductive', 'unclassified'] as const
export type Category = (typeof CATEGORIES)[number]

export const CATEGORY_NAMES: Record<Category, string> = {
  productive: 'Productive',
  neutral: 'Neutral',
  unproductive: 'Unproductive',
  unclassified: 'Unclassified',
}

export const CATEGORY_TONES: Record<Category, Tone> = {
  productive: 'good',
  neutral: 'info',
  unproductive: 'warn',
  unclassified: 'off',
}

/** Told apart by lightness as well as by hue. */
export const CATEGORY_COLORS: Record<Category, string> = {
  productive: 'teal.7',
  neutral: 'indigo.4',
  unproductive: 'orange.5',
  unclassified: 'gray.5',
}

export const categoryName = (name: string) =>
  CATEGORY_NAMES[CATEGORIES.find((category) => category === name) ?? 'unclassified']

type Asked = { from: string; to: string; user_id?: string | undefined }

/** The company's, or one person's. */
export const categoriesQuery = (query: Asked, live = false) =>
  queryOptions({
    queryKey: ['usage', 'categories', query],
    refetchInterval: live ? 60_000 : false,
    queryFn: ({ signal }) => ok(api.GET('/api/usage/categories', { params: { query }, signal })),
  })

/** All four in their order, also those without any time. */
export const secondsOf = ({ items }: CategoryUsage) =>
  CATEGORIES.map((category) => ({
    category,
    seconds: items.find((item) => item.category === category)?.seconds ?? 0,
  }))

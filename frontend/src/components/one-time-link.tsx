// What the link of a mail opens: it is asked about first, and is worth something or not any more. Nobody is signed in.
import { Skeleton, Stack } from '@mantine/core'
import type { UseQueryResult } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { asAppError } from '~/api/errors'
import { FrontDoor } from './front-door'
import { Problem } from './problem'

type OneTimeLinkProps<T> = {
  /** The page's title until it is known what the link is for. */
  title: string
  query: Pick<UseQueryResult<T>, 'data' | 'error' | 'refetch'>
  /** What it meant to use the link, which may have ended meanwhile. */
  used: { error: unknown }
  /** Why a link may have ended, and what to do then. */
  ended: { text: string; action: ReactNode }
  children: (data: T) => ReactNode
}

export function OneTimeLink<T>({ title, query, used, ended, children }: OneTimeLinkProps<T>) {
  if ([query.error, used.error].some(hasEnded))
    return (
      <FrontDoor title="This link is not valid any more" text={ended.text}>
        {ended.action}
      </FrontDoor>
    )
  if (query.data !== undefined) return children(query.data)
  return (
    <FrontDoor title={title}>
      {query.error ? (
        <Problem error={query.error} onRetry={() => void query.refetch()} />
      ) : (
        <Stack className="late" aria-busy="true">
          <output className="visually-hidden">Loading</output>
          <Skeleton h={60} />
          <Skeleton h={60} />
          <Skeleton h={36} />
        </Stack>
      )}
    </FrontDoor>
  )
}

function hasEnded(error: unknown): boolean {
  return Boolean(error) && [404, 410].includes(asAppError(error).status)
}

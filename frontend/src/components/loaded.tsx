// A query's three faces: skeleton, problem, data. Data that is already there stays while it is asked for again.
import type { UseQueryResult } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { Problem } from './problem'

type LoadedProps<T> = {
  query: Pick<UseQueryResult<T>, 'data' | 'error' | 'refetch'>
  skeleton: ReactNode
  children: (data: T) => ReactNode
}

export function Loaded<T>({ query, skeleton, children }: LoadedProps<T>) {
  if (query.data !== undefined && !query.error) return children(query.data)
  if (query.error) return <Problem error={query.error} onRetry={() => void query.refetch()} />
  return (
    <div className="late" aria-busy="true">
      <output className="visually-hidden">Loading</output>
      {skeleton}
    </div>
  )
}

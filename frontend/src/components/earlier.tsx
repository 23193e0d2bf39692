// The rest of a list that begins with the newest, when there is more of it.
import { Button, Group } from '@mantine/core'
import type { UseInfiniteQueryResult } from '@tanstack/react-query'

type EarlierProps = {
  query: Pick<UseInfiniteQueryResult, 'hasNextPage' | 'isFetchingNextPage' | 'fetchNextPage'>
  /** What comes: `Earlier notes`. */
  label: string
}

export function Earlier({ query, label }: EarlierProps) {
  if (!query.hasNextPage) return null
  return (
    <Group justify="center" pt="md">
      <Button
        variant="default"
        size="xs"
        loading={query.isFetchingNextPage}
        onClick={() => void query.fetchNextPage()}
      >
        {label}
      </Button>
    </Group>
  )
}

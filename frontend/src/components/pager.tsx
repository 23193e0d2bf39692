// Cursor pages: forward by the server's cursor in the address, back through the cursors that led here.
import { Button, Group, Text } from '@mantine/core'
import { useRouter } from '@tanstack/react-router'
import { ChevronLeft, ChevronRight } from 'lucide-react'

export type PagerProps = {
  shown: number
  cursor: string | undefined
  next: string | null | undefined
  /** Goes to the page of a cursor, with what this visit is to be remembered by. */
  onGo: (cursor: string | undefined, state: { pagedFrom: boolean }) => void
}

export function Pager({ shown, cursor, next, onGo }: PagerProps) {
  const router = useRouter()
  const cameByNext = router.state.location.state.pagedFrom === true
  if (!cursor && !next) return null
  return (
    <Group justify="space-between" p="md">
      <Text size="sm" c="dimmed">
        {shown} on this page
      </Text>
      <Group gap="xs">
        <Button
          variant="default"
          size="xs"
          disabled={!cursor}
          leftSection={<ChevronLeft size={14} aria-hidden />}
          onClick={() =>
            cameByNext ? router.history.back() : onGo(undefined, { pagedFrom: false })
          }
        >
          {cursor && !cameByNext ? 'First page' : 'Previous'}
        </Button>
        <Button
          variant="default"
          size="xs"
          disabled={!next}
          rightSection={<ChevronRight size={14} aria-hidden />}
          onClick={() => next && onGo(next, { pagedFrom: true })}
        >
          Next
        </Button>
      </Group>
    </Group>
  )
}

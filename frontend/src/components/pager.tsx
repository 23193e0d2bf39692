// Cursor pages: forward by the server's cursor in the address, back through the cursors that led here.
import { Button, Group, Text } from '@mantine/core'
import { ChevronLeft, ChevronRight } from 'lucide-react'

type PagerProps = {
  shown: number
  cursor: string | undefined
  next: string | null | undefined
  onGo: (cursor: string | undefined) => void
  /** The page before, when this visit came from it. */
  onBack?: (() => void) | undefined
}

export function Pager({ shown, cursor, next, onGo, onBack }: PagerProps) {
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
          onClick={() => (onBack ? onBack() : onGo(undefined))}
        >
          {cursor && !onBack ? 'First page' : 'Previous'}
        </Button>
        <Button
          variant="default"
          size="xs"
          disabled={!next}
          rightSection={<ChevronRight size={14} aria-hidden />}
          onClick={() => next && onGo(next)}
        >
          Next
        </Button>
      </Group>
    </Group>
  )
}

// Time by application or site, each with the window titles or pages behind it.
import { Button, Card, Group, Text, Title, UnstyledButton } from '@mantine/core'
import { ChevronRight, type LucideIcon } from 'lucide-react'
import { useState } from 'react'
import { duration, plural } from '~/lib/format'
import { Empty } from '../empty'
import { APP_COLORS } from './colors'
import type { Use } from './day-math'
import c from './use-card.module.css'

const FIRST = 8
const MOST_PARTS = 12

type UseCardProps = {
  title: string
  icon: LucideIcon
  uses: Use[]
  /** What the parts of a use are called. */
  parts: string
  nothing: string
  coloured?: boolean
}

export function UseCard({ title, icon, uses, parts, nothing, coloured }: UseCardProps) {
  const [all, setAll] = useState(false)
  const longest = uses[0]?.seconds ?? 1
  return (
    <Card component="section" aria-label={title}>
      <Title order={2} size="h5" mb="sm">
        {title}
      </Title>
      {uses.length === 0 && <Empty icon={icon} title={nothing} />}
      <ul className={c.uses}>
        {(all ? uses : uses.slice(0, FIRST)).map((use, i) => (
          <UseRow
            key={use.name}
            use={use}
            parts={parts}
            share={use.seconds / longest}
            color={
              (coloured && APP_COLORS[i]) ||
              (coloured ? 'var(--mantine-color-gray-5)' : 'var(--tracker-bar)')
            }
          />
        ))}
      </ul>
      {uses.length > FIRST && (
        <Button variant="subtle" size="xs" mt="xs" onClick={() => setAll(!all)}>
          {all ? 'Show fewer' : `Show all ${uses.length}`}
        </Button>
      )}
    </Card>
  )
}

type UseRowProps = { use: Use; parts: string; share: number; color: string }

function UseRow({ use, parts, share, color }: UseRowProps) {
  const [open, setOpen] = useState(false)
  const [longest] = use.parts
  return (
    <li>
      <UnstyledButton
        className={c.row}
        onClick={() => setOpen(!open)}
        aria-expanded={open}
        disabled={use.parts.length === 0}
      >
        <Group justify="space-between" wrap="nowrap" gap="sm">
          <span className={c.name}>
            <ChevronRight
              size={14}
              aria-hidden
              className={c.chevron}
              data-open={open || undefined}
              data-none={use.parts.length === 0 || undefined}
            />
            <Text span size="sm" fw={550} truncate>
              {use.name}
            </Text>
          </span>
          <Text span size="sm" className="numbers" style={{ whiteSpace: 'nowrap' }}>
            {duration(use.seconds)}
          </Text>
        </Group>
        <span className={c.track}>
          <span style={{ width: `${Math.max(1, share * 100)}%`, background: color }} />
        </span>
        {longest && !open && (
          <Text span size="xs" c="dimmed" className={c.longest}>
            {longest.text}
            {use.parts.length > 1 &&
              ` and ${plural(use.parts.length - 1, `more ${parts}`, `more ${parts}s`)}`}
          </Text>
        )}
      </UnstyledButton>
      {open && (
        <ul className={c.parts}>
          {use.parts.slice(0, MOST_PARTS).map((part) => (
            <li key={part.text}>
              <span>{part.text}</span>
              <span className="numbers">{duration(part.seconds)}</span>
            </li>
          ))}
          {use.parts.length > MOST_PARTS && (
            <li>and {plural(use.parts.length - MOST_PARTS, 'shorter one')}</li>
          )}
        </ul>
      )}
    </li>
  )
}

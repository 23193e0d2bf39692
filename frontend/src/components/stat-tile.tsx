// One figure with its name, a hint what it means, and how much of a limit it fills.
import { Card, Group, Progress, Skeleton, Text, ThemeIcon } from '@mantine/core'
import type { LucideIcon } from 'lucide-react'
import type { ReactNode } from 'react'
import c from './stat-tile.module.css'

type StatTileProps = {
  label: string
  value: ReactNode
  hint?: ReactNode
  icon: LucideIcon
  /** Part and whole, shown as a bar. */
  of?: { part: number; whole: number; name: string }
}

export function StatTile({ label, value, hint, icon: Icon, of }: StatTileProps) {
  const share = of && of.whole > 0 ? Math.min(100, (of.part / of.whole) * 100) : 0
  return (
    <Card className={c.tile}>
      <Group justify="space-between" wrap="nowrap" align="flex-start" gap="xs">
        <Text size="sm" c="dimmed" fw={500}>
          {label}
        </Text>
        <ThemeIcon variant="light" size={32} radius="md" className={c.icon} aria-hidden>
          <Icon size={17} />
        </ThemeIcon>
      </Group>
      <Text className={`${c.value} numbers capital`} component="p">
        {value}
      </Text>
      {of && (
        <Progress
          value={share}
          size="sm"
          mt={8}
          aria-label={of.name}
          color={share >= 100 ? 'red' : share >= 80 ? 'yellow' : 'indigo'}
        />
      )}
      {hint && (
        <Text size="xs" c="dimmed" mt={6} component="div">
          {hint}
        </Text>
      )}
    </Card>
  )
}

export function StatTiles({ children }: { children: ReactNode }) {
  return <div className={c.tiles}>{children}</div>
}

export function TilesSkeleton({ count }: { count: number }) {
  return (
    <StatTiles>
      {Array.from({ length: count }, (_, i) => `tile-${i}`).map((key) => (
        <Skeleton key={key} h={118} radius="lg" />
      ))}
    </StatTiles>
  )
}

// The product's mark: two lanes of a day.
import { Group, Text } from '@mantine/core'
import c from './brand.module.css'

export function Brand() {
  return (
    <Group gap={10} wrap="nowrap">
      <svg viewBox="0 0 32 32" width="28" height="28" aria-hidden="true" className={c.mark}>
        <rect width="32" height="32" rx="9" className={c.ground} />
        <path d="M7 20h4M13 20h7M22 20h3" className={c.day} />
        <path d="M7 12h8M17 12h8" className={c.apps} />
      </svg>
      <Text fw={700} className={c.name}>
        Tracker
      </Text>
    </Group>
  )
}

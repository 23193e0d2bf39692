// The bubble that says why an action is not possible now. Its own chunk: few people ever meet one.
import { Tooltip } from '@mantine/core'
import type { ReactElement } from 'react'

export default function Reason({ text, children }: { text: string; children: ReactElement }) {
  return (
    <Tooltip label={text} multiline maw={280} events={{ hover: true, focus: true, touch: true }}>
      {children}
    </Tooltip>
  )
}

// A file that a job makes for whoever asked for it: in which state it is, and how far.
import { Progress } from '@mantine/core'
import { count, percent } from '~/lib/format'
import { Pill, type Tone } from './pill'

type MadeFile = { state: string; items: number; items_done: number }

const STATE: Record<string, [Tone, string]> = {
  queued: ['off', 'Waiting'],
  running: ['off', 'Being made'],
  ready: ['good', 'Ready'],
  failed: ['warn', 'Failed'],
  expired: ['off', 'Taken away'],
}

/** How often it is looked for while one is being made. */
export const LOOK_AGAIN_MS = 2000

export const isBeingMade = ({ state }: MadeFile) => state === 'queued' || state === 'running'

export function FileState({ of }: { of: MadeFile }) {
  const [tone, word] = STATE[of.state] ?? ['off', of.state]
  return <Pill tone={tone}>{word}</Pill>
}

export function FileContent({ of }: { of: MadeFile }) {
  if (!isBeingMade(of)) return count(of.items)
  return (
    <>
      {count(of.items_done)} of {of.items ? count(of.items) : '…'}
      {of.items > 0 && ` (${percent(of.items_done, of.items)})`}
      <Progress
        value={of.items ? (100 * of.items_done) / of.items : 0}
        size="sm"
        mt={4}
        miw={120}
        aria-label="Done"
      />
    </>
  )
}

// Contests a slot of time, or how an application or a site is labelled.
import { Button } from '@mantine/core'
import { lazy, Suspense, useState } from 'react'
import { useMe } from '~/api/me'
import { whyReadOnly } from '~/lib/can'
import { WithReason } from '../with-reason'

const ContestDialog = lazy(() => import('./contest-dialog'))

export type Contested =
  | { kind: 'slot'; started_at: string; ended_at: string }
  | { kind: 'label'; app?: string; host?: string }

export function ContestButton({ about }: { about: Contested }) {
  const [open, setOpen] = useState(false)
  const name = about.kind === 'label' ? `how ${about.app ?? about.host} is labelled` : 'this time'
  return (
    <>
      <WithReason reason={whyReadOnly(useMe())}>
        {(blocked) => (
          <Button
            variant="default"
            size="xs"
            aria-label={`Contest ${name}`}
            onClick={() => setOpen(true)}
            {...blocked}
          >
            {about.kind === 'slot' ? 'Contest this time' : 'Contest'}
          </Button>
        )}
      </WithReason>
      <Suspense>{open && <ContestDialog about={about} onClose={() => setOpen(false)} />}</Suspense>
    </>
  )
}

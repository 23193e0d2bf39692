// More time to try: counted from the trial's end, or from now when it has ended.
import { Button, Group, NativeSelect, Skeleton, Stack, Text } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { type FormEvent, useState } from 'react'
import { useZone } from '~/api/me'
import type { CompanyDetail } from '~/api/types'
import { FormProblem } from '~/components/form-problem'
import { Loaded } from '~/components/loaded'
import { RouteDialog } from '~/components/route-dialog'
import { formatDate } from '~/lib/time'
import { useExtendTrial } from './changes'
import { useCompanyDialog } from './use-dialog'

const DAY_MS = 86_400_000
const CHOICES = ['7', '14', '30']

export function ExtendTrialDialog() {
  const { company, close } = useCompanyDialog()
  return (
    <RouteDialog
      title={`Extend the trial of ${company.data?.name ?? 'the company'}`}
      onClose={close}
    >
      <Loaded query={company} skeleton={<Skeleton h={140} />}>
        {(detail) => <Form detail={detail} onClose={close} />}
      </Loaded>
    </RouteDialog>
  )
}

function Form({ detail, onClose }: { detail: CompanyDetail; onClose: () => void }) {
  const zone = useZone()
  const extend = useExtendTrial(detail.id)
  const [days, setDays] = useState('14')
  const from = Math.max(Date.now(), detail.trial_ends_at ? Date.parse(detail.trial_ends_at) : 0)
  const until = new Date(from + Number(days) * DAY_MS)

  function submit(event: FormEvent) {
    event.preventDefault()
    extend.mutate(
      { until: until.toISOString() },
      {
        onSuccess: () => {
          notifications.show({ message: `The trial runs until ${formatDate(until, zone)}.` })
          onClose()
        },
      },
    )
  }
  return (
    <form onSubmit={submit}>
      <Stack>
        <FormProblem error={extend.error} />
        <NativeSelect
          label="How much longer?"
          data={CHOICES.map((value) => ({ value, label: `${value} days` }))}
          value={days}
          onChange={(event) => setDays(event.currentTarget.value)}
          data-autofocus
        />
        <Text size="sm">
          {detail.trial_ends_at && `It ends on ${formatDate(detail.trial_ends_at, zone)} now. `}
          The new end is {formatDate(until, zone)}.
        </Text>
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={extend.isPending}>
            Extend the trial
          </Button>
        </Group>
      </Stack>
    </form>
  )
}

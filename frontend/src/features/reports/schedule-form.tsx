// When a saved report is made, and to which admins its link goes.
import { Button, Checkbox, Group, NativeSelect, Stack, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useDayZone, useMe } from '~/api/me'
import type { ReportSchedule, SavedReport } from '~/api/types'
import { FormProblem } from '~/components/form-problem'
import { activePeopleQuery } from '~/components/teams/queries'
import { formatDateTime, zoneLabel } from '~/lib/time'
import { useEndSchedule, useSchedule } from './saved-queries'

const WEEKDAYS = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday']
const REPEATS = [
  { value: 'daily', label: 'Every day' },
  { value: 'weekly', label: 'Every week' },
  { value: 'monthly', label: 'Every month' },
]

export function ScheduleForm({ saved }: { saved: SavedReport }) {
  const zone = useDayZone()
  const me = useMe()
  const { schedule } = saved
  const [repeats, setRepeats] = useState<ReportSchedule['repeats']>(schedule?.repeats ?? 'weekly')
  const [on, setOn] = useState(`${schedule?.on ?? 1}`)
  const [hour, setHour] = useState(`${schedule?.hour ?? 8}`)
  const [format, setFormat] = useState<ReportSchedule['format']>(schedule?.format ?? 'pdf')
  const [recipients, setRecipients] = useState<string[]>(schedule?.recipients ?? [me.id])
  const set = useSchedule()
  const end = useEndSchedule()
  const people = useQuery(activePeopleQuery(undefined)).data?.items ?? []
  const admins = people.filter(({ role }) => role === 'ADMIN')
  const days =
    repeats === 'weekly'
      ? WEEKDAYS.map((label, at) => ({ value: `${at + 1}`, label }))
      : Array.from({ length: 31 }, (_, at) => ({ value: `${at + 1}`, label: `Day ${at + 1}` }))
  const body = {
    repeats,
    hour: Number(hour),
    format,
    recipients,
    ...(repeats === 'daily' ? {} : { on: Number(on) }),
  }
  return (
    <Stack gap="xs">
      <Group gap="xs" align="flex-end">
        <NativeSelect
          label="Made"
          value={repeats}
          data={REPEATS}
          onChange={({ currentTarget: { value } }) => {
            const found = (['daily', 'weekly', 'monthly'] as const).find((one) => one === value)
            if (found) setRepeats(found)
            setOn('1')
          }}
        />
        {repeats !== 'daily' && (
          <NativeSelect
            label="On"
            value={on}
            data={days}
            onChange={(event) => setOn(event.currentTarget.value)}
          />
        )}
        <NativeSelect
          label="At"
          value={hour}
          data={Array.from({ length: 24 }, (_, at) => ({
            value: `${at}`,
            label: `${String(at).padStart(2, '0')}:00`,
          }))}
          onChange={(event) => setHour(event.currentTarget.value)}
        />
        <NativeSelect
          label="As"
          value={format}
          data={[
            { value: 'pdf', label: 'PDF' },
            { value: 'xlsx', label: 'Excel' },
            { value: 'csv', label: 'CSV' },
          ]}
          onChange={({ currentTarget: { value } }) => {
            const found = (['pdf', 'xlsx', 'csv'] as const).find((one) => one === value)
            if (found) setFormat(found)
          }}
        />
      </Group>
      <Checkbox.Group
        label="A link goes to"
        description="Admins who sign in open it for a day. Looking at it is noted."
        value={recipients}
        onChange={setRecipients}
      >
        <Stack gap={6} mt={6}>
          {admins.map(({ id, name, email }) => (
            <Checkbox key={id} value={id} label={name || email} />
          ))}
        </Stack>
      </Checkbox.Group>
      <Text size="xs" c="dimmed">
        By the clock of {zoneLabel(zone)}.
        {schedule && ` The next one is due ${formatDateTime(schedule.next_at, zone)}.`}
      </Text>
      <FormProblem error={set.error ?? end.error} />
      <Group gap="xs">
        <Button
          variant="light"
          disabled={recipients.length === 0}
          loading={set.isPending}
          onClick={() => set.mutate({ saved, body })}
        >
          {schedule ? 'Change the schedule' : 'Make it regularly'}
        </Button>
        {schedule && (
          <Button variant="default" loading={end.isPending} onClick={() => end.mutate(saved.id)}>
            Make it no more
          </Button>
        )}
      </Group>
    </Stack>
  )
}

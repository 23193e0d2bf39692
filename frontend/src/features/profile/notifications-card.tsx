// What one is told of, in the bell and by mail, and when the mail comes.
import {
  Button,
  Card,
  Checkbox,
  Group,
  NativeSelect,
  Skeleton,
  Stack,
  Text,
  Title,
} from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { asAppError } from '~/api/errors'
import { useDayZone, useMe } from '~/api/me'
import type { NotificationPreferences } from '~/api/types'
import { FormProblem } from '~/components/form-problem'
import { Loaded } from '~/components/loaded'
import table from '~/components/table.module.css'
import { WithReason } from '~/components/with-reason'
import { isInactive } from '~/lib/can'
import { zoneLabel } from '~/lib/time'
import { preferencesQuery, useChangePreferences } from './queries'

const KINDS = [
  { kind: 'alerts', label: 'Alerts of the company', admins: true },
  { kind: 'own_alert', label: 'Alerts about me', admins: false },
  { kind: 'task_assigned', label: 'A task becomes mine', admins: false },
  { kind: 'task_commented', label: 'An admin comments on my task', admins: false },
  { kind: 'original_opened', label: 'An original of my screenshots is opened', admins: false },
  { kind: 'policy_published', label: 'The monitoring policy has a new version', admins: false },
  { kind: 'dispute_opened', label: 'Somebody contests a record', admins: true },
  { kind: 'dispute_answered', label: 'What I contested is answered', admins: false },
] as const
type Kind = (typeof KINDS)[number]['kind']

export function NotificationsCard() {
  const zone = useDayZone()
  const preferences = useQuery(preferencesQuery)
  return (
    <Card component="section" aria-label="Notifications" id="notifications">
      <Title order={2} size="h5">
        Notifications
      </Title>
      <Text size="sm" c="dimmed" mb="sm">
        The bell is at the top of each page. The mail comes at most once a day, and only with what
        you have not read by then. Hours are those of {zoneLabel(zone)}.
      </Text>
      <Loaded query={preferences} skeleton={<Skeleton h={220} />}>
        {(known) => <Form key={known.version} known={known} />}
      </Loaded>
    </Card>
  )
}

const HOURS = Array.from({ length: 24 }, (_, hour) => ({
  value: String(hour),
  label: `${String(hour).padStart(2, '0')}:00`,
}))

function Form({ known }: { known: NotificationPreferences }) {
  const me = useMe()
  const change = useChangePreferences()
  const [inApp, setInApp] = useState(known.not_in_app)
  const [byMail, setByMail] = useState(known.not_by_mail)
  const [hour, setHour] = useState(String(known.digest_hour))
  const readOnly = isInactive(me.company?.status)
    ? `The company is ${me.company?.status.toLowerCase()}: nobody is told anything.`
    : undefined
  const kinds = KINDS.filter(({ admins }) => !admins || me.role === 'ADMIN')
  const without = (list: string[], kind: Kind) =>
    list.includes(kind) ? list.filter((one) => one !== kind) : [...list, kind]
  const known_ = (list: string[]): Kind[] =>
    KINDS.map(({ kind }) => kind).filter((kind) => list.includes(kind))
  const save = () =>
    change.mutate(
      {
        seen: known.version,
        body: {
          not_in_app: known_(inApp),
          not_by_mail: known_(byMail),
          digest_hour: Number(hour),
        },
      },
      { onSuccess: () => notifications.show({ message: 'Saved.' }) },
    )
  const stale = change.error && asAppError(change.error).code === 'precondition_failed'
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        save()
      }}
    >
      <Stack>
        <table className={table.table}>
          <caption className="visually-hidden">What I am told of</caption>
          <thead>
            <tr>
              <th scope="col">What</th>
              <th scope="col">Bell</th>
              <th scope="col">Mail</th>
            </tr>
          </thead>
          <tbody>
            {kinds.map(({ kind, label }) => (
              <tr key={kind}>
                <th scope="row">
                  <Text size="sm" fw={400}>
                    {label}
                  </Text>
                </th>
                <td>
                  <Checkbox
                    aria-label={`${label}: in the bell`}
                    checked={!inApp.includes(kind)}
                    onChange={() => setInApp((old) => without(old, kind))}
                  />
                </td>
                <td>
                  <Checkbox
                    aria-label={`${label}: by mail`}
                    checked={!byMail.includes(kind)}
                    onChange={() => setByMail((old) => without(old, kind))}
                  />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
        <Group align="flex-end" justify="space-between">
          <NativeSelect
            label="The mail comes at"
            w={160}
            data={HOURS}
            value={hour}
            onChange={({ currentTarget }) => setHour(currentTarget.value)}
          />
          <WithReason reason={readOnly}>
            {(blocked) => (
              <Button type="submit" loading={change.isPending} {...blocked}>
                Save notifications
              </Button>
            )}
          </WithReason>
        </Group>
        <FormProblem error={change.error} />
        {stale && (
          <Text size="sm">What is saved by now is shown above: choose again where it differs.</Text>
        )}
      </Stack>
    </form>
  )
}

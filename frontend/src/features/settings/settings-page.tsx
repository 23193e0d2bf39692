// What is recorded of everybody in the company, and when: said in the words of those who are recorded.
import {
  Alert,
  Button,
  Card,
  Checkbox,
  Group,
  List,
  Radio,
  Skeleton,
  Stack,
  Tabs,
  Text,
  Textarea,
  TextInput,
  Title,
} from '@mantine/core'
import { useForm } from '@mantine/form'
import { notifications } from '@mantine/notifications'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { TriangleAlert } from 'lucide-react'
import { lazy, type ReactNode, Suspense, useState } from 'react'
import { asAppError, fieldErrors } from '~/api/errors'
import { useDayZone, useMe } from '~/api/me'
import { FormProblem } from '~/components/form-problem'
import { Loaded } from '~/components/loaded'
import { Page } from '~/components/page'
import { WithReason } from '~/components/with-reason'
import { whyReadOnly } from '~/lib/can'
import { zoneLabel } from '~/lib/time'
import { Differing } from './differing'
import { type Settings, settingsQuery, useChangeSettings } from './queries'
import { Retention } from './retention'
import { changesOf, differences, rulesOf, validate, valuesOf, WEEKDAYS } from './values'

const Branding = lazy(() => import('./branding'))

const route = getRouteApi('/_app/_admin/settings')

const TABS = [
  { tab: 'recording', label: 'Recording' },
  { tab: 'branding', label: 'Branding' },
] as const

export function SettingsPage() {
  const { tab } = route.useSearch()
  const navigate = route.useNavigate()
  return (
    <Page
      title="Settings"
      purpose={
        tab === 'branding'
          ? 'How the company shows itself to its own people. Nobody else is told.'
          : 'What is recorded of everybody in the company, and when, unless a team or a person has settings of their own. Each agent says it to the person at the desk.'
      }
    >
      <Tabs
        value={tab}
        keepMounted={false}
        onChange={(value) => {
          const next = TABS.find((known) => known.tab === value)?.tab
          if (next) void navigate({ search: { tab: next } })
        }}
      >
        <Tabs.List aria-label="Settings" mb="md">
          {TABS.map(({ tab, label }) => (
            <Tabs.Tab key={tab} value={tab}>
              {label}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value="recording">
          <Recording />
        </Tabs.Panel>
        <Tabs.Panel value="branding">
          <Suspense fallback={<Skeleton h={520} radius="lg" maw={760} />}>
            <Branding />
          </Suspense>
        </Tabs.Panel>
      </Tabs>
    </Page>
  )
}

function Recording() {
  const settings = useQuery(settingsQuery)
  return (
    <Loaded query={settings} skeleton={<Skeleton h={520} radius="lg" maw={760} />}>
      {(saved) => (
        <Stack gap="lg">
          <Form saved={saved} />
          <Differing />
        </Stack>
      )}
    </Loaded>
  )
}

/** The server names fields as the wire has them; the form has some of its own. */
const FIELDS: Record<string, string> = {
  screenshot_interval_seconds: 'interval_minutes',
  idle_threshold_seconds: 'idle_minutes',
  tracking_days: 'days',
  tracking_from: 'from',
  tracking_to: 'to',
  screenshot_retention_days: 'screenshot_days',
  usage_retention_days: 'usage_days',
}

function asFields(thrown: unknown, rules: string[]): Record<string, string> {
  const errors = Object.entries(fieldErrors(asAppError(thrown)))
  return Object.fromEntries(
    errors.map(([name, text]) => {
      const [head, at] = name.split('/')
      if (head !== 'redaction_rules') return [FIELDS[head ?? ''] ?? name, text]
      return ['rules', at === undefined ? text : `${rules[Number(at)]}: ${text}`]
    }),
  )
}

function Form({ saved }: { saved: Settings }) {
  const zone = useDayZone()
  const readOnly = whyReadOnly(useMe())
  const cache = useQueryClient()
  const change = useChangeSettings()
  // What the form began with, and what is there by now if somebody else was faster.
  const [seen, setSeen] = useState(saved)
  const [theirs, setTheirs] = useState<Settings>()
  const form = useForm({ initialValues: valuesOf(seen), validate })
  const begin = (from: Settings) => {
    setSeen(from)
    setTheirs(undefined)
    form.setInitialValues(valuesOf(from))
    form.reset()
  }
  const submit = form.onSubmit((values) =>
    change.mutate(
      { seen: theirs ?? seen, body: changesOf(seen, values) },
      {
        onSuccess: (after) => {
          begin(after)
          notifications.show({ message: 'Saved. Agents hear of it with their next call.' })
        },
        onError: async (thrown) => {
          form.setErrors(asFields(thrown, rulesOf(values.rules)))
          if (asAppError(thrown).code === 'precondition_failed')
            setTheirs(await cache.fetchQuery(settingsQuery))
        },
      },
    ),
  )
  const stale = change.error && asAppError(change.error).code === 'precondition_failed'
  const { screenshots_enabled, allDay, record_titles, manual_time_allowed } = form.values
  return (
    <Card component="section" aria-label="Recording" maw={760} p={{ base: 'md', sm: 'xl' }}>
      <form onSubmit={submit} noValidate>
        <Stack gap="lg">
          <FormProblem error={stale ? undefined : change.error} />
          {theirs && (
            <Theirs
              changed={differences(seen, theirs)}
              onTake={() => {
                change.reset()
                begin(theirs)
              }}
            />
          )}
          <Part title="When">
            <Stack gap="sm">
              <Checkbox.Group label="Days" {...form.getInputProps('days')}>
                <Group gap="md" mt={4}>
                  {WEEKDAYS.map((day, at) => (
                    <Checkbox key={day} value={String(at + 1)} label={day} />
                  ))}
                </Group>
              </Checkbox.Group>
              <Checkbox
                label="All day"
                description={`Else only between two times of ${zoneLabel(zone)}. Nothing is recorded outside, whatever a person does.`}
                {...form.getInputProps('allDay', { type: 'checkbox' })}
              />
              {!allDay && (
                <Group align="flex-start">
                  <TextInput type="time" label="From" w={140} {...form.getInputProps('from')} />
                  <TextInput type="time" label="Until" w={140} {...form.getInputProps('to')} />
                </Group>
              )}
            </Stack>
          </Part>
          <Part title="Activity">
            <TextInput
              label="Idle after, in minutes"
              description="Without a key or the mouse for so long a person counts as idle, back to the last input. Keys are counted, never recorded."
              inputMode="decimal"
              maxLength={5}
              inputContainer={(input) => <div style={{ maxWidth: 140 }}>{input}</div>}
              {...form.getInputProps('idle_minutes')}
            />
          </Part>
          <Part title="Applications and websites">
            <Stack gap="sm">
              <Checkbox
                label="Record titles of windows and pages"
                description="Without them: which application and which site, and nothing of what is in it."
                {...form.getInputProps('record_titles', { type: 'checkbox' })}
              />
              <Checkbox
                label="Record the paths of pages"
                description="The part of an address after the site’s name."
                {...form.getInputProps('record_paths', { type: 'checkbox' })}
              />
              <Textarea
                label="Never keep what matches"
                description={`A regular expression a line, such as (?i)salary or ^KeePassXC$. Where one is found in a window’s title, application or site, ${record_titles ? 'the title is replaced, ' : ''}a page’s path is left out and no screenshot is taken: on the device, and once more here.`}
                autosize
                minRows={3}
                maxRows={12}
                maxLength={20_000}
                styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)' } }}
                {...form.getInputProps('rules')}
              />
            </Stack>
          </Part>
          <Part title="Screenshots">
            <Stack gap="sm">
              {!seen.plan_has_screenshots && (
                <Alert color="yellow" radius="md">
                  <Text size="sm">
                    Your plan has no screenshots: none are taken, whatever is chosen here.
                  </Text>
                </Alert>
              )}
              <Checkbox
                label="Take screenshots"
                description="None while somebody is idle, has locked the screen or is in private time."
                {...form.getInputProps('screenshots_enabled', { type: 'checkbox' })}
              />
              {screenshots_enabled && (
                <>
                  <TextInput
                    label="One in so many minutes"
                    description="At a random moment of each stretch."
                    inputMode="decimal"
                    maxLength={5}
                    inputContainer={(input) => <div style={{ maxWidth: 140 }}>{input}</div>}
                    {...form.getInputProps('interval_minutes')}
                  />
                  <Checkbox
                    label="Blur them"
                    description="On the device, before anything is stored: nobody has a sharp one."
                    {...form.getInputProps('blur_screenshots', { type: 'checkbox' })}
                  />
                </>
              )}
              <Checkbox
                label="Let admins open originals"
                description="Of pictures that were not blurred on the device. Admins see all of them blurred, and open an original one by one, with a reason that the person reads. Without this only the person sees it."
                {...form.getInputProps('originals_shown', { type: 'checkbox' })}
              />
              <Checkbox
                label="Let employees delete their own"
                description="Each with a reason that admins read. The picture goes for good; tracked and active time stay."
                {...form.getInputProps('employees_may_delete_screenshots', { type: 'checkbox' })}
              />
            </Stack>
          </Part>
          <Part title="Manual time">
            <Stack gap="sm">
              <Checkbox
                label="Let employees add manual time"
                description="What no device saw, such as a meeting, with a reason. It counts beside tracked time and never as active. Admins may always add it."
                {...form.getInputProps('manual_time_allowed', { type: 'checkbox' })}
              />
              {manual_time_allowed && (
                <Checkbox
                  label="Ask an admin to approve it"
                  description="Without this it counts as soon as an employee says it."
                  {...form.getInputProps('manual_time_approval', { type: 'checkbox' })}
                />
              )}
            </Stack>
          </Part>
          <Part title="Team leads">
            <Radio.Group
              label="What leads see of their teams"
              description="Who leads a team you say on the page of teams. Every look of a lead is in the access log of the people concerned."
              {...form.getInputProps('leads_see')}
            >
              <Stack gap="xs" mt="xs">
                <Radio
                  value="team_sums"
                  label="Sums of the team"
                  description="Hours by day, of days that are over and on which at least 5 people besides the lead have time. Nobody's own figures."
                />
                <Radio
                  value="people"
                  label="People"
                  description="Each person's hours, days, applications and sites. No screenshots, and nothing of other teams."
                />
              </Stack>
            </Radio.Group>
          </Part>
          <Part title="How long records are kept">
            <Retention seen={seen} form={form} />
          </Part>
          <Group justify="space-between">
            <Text size="sm" c="dimmed" maw={420}>
              In force from now on. What was recorded before stays as it is until it is older than
              it is kept. Every change is written to the audit log.
            </Text>
            <WithReason reason={readOnly}>
              {(blocked) => (
                <Button type="submit" loading={change.isPending} {...blocked}>
                  {theirs ? 'Save mine over it' : 'Save'}
                </Button>
              )}
            </WithReason>
          </Group>
        </Stack>
      </form>
    </Card>
  )
}

function Theirs({ changed, onTake }: { changed: string[]; onTake: () => void }) {
  return (
    <Alert
      role="alert"
      color="yellow"
      icon={<TriangleAlert size={18} aria-hidden />}
      title="Somebody changed the settings meanwhile"
      styles={{ title: { color: 'var(--mantine-color-text)' } }}
    >
      <Stack gap="xs" align="flex-start">
        <List size="sm">
          {changed.map((name) => (
            <List.Item key={name}>{name}</List.Item>
          ))}
        </List>
        <Text size="sm">
          What you typed is still here. Saving writes what you changed, and leaves the rest as it is
          now.
        </Text>
        <Button variant="default" size="xs" onClick={onTake}>
          Take theirs, drop mine
        </Button>
      </Stack>
    </Alert>
  )
}

function Part({ title, children }: { title: string; children: ReactNode }) {
  const id = `settings-${title.toLowerCase().replaceAll(' ', '-')}`
  return (
    <section aria-labelledby={id}>
      <Title order={2} size="h5" mb="sm" id={id}>
        {title}
      </Title>
      {children}
    </section>
  )
}

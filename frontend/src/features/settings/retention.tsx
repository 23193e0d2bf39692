// How long records are kept, and what that deletes tonight: said before it is saved.
import { Alert, Group, Stack, Text, TextInput } from '@mantine/core'
import type { UseFormReturnType } from '@mantine/form'
import { useDebouncedValue } from '@mantine/hooks'
import { useQuery } from '@tanstack/react-query'
import { useZone } from '~/api/me'
import { bytes, count, plural } from '~/lib/format'
import { formatDay, formatTime } from '~/lib/time'
import { previewQuery, type RetentionPreview, type Settings } from './queries'
import { isDays, type Values } from './values'

export function Retention({ seen, form }: { seen: Settings; form: UseFormReturnType<Values> }) {
  const most = seen.max_retention_days
  const beyond = Math.max(seen.screenshot_retention_days, seen.usage_retention_days) > most
  return (
    <Stack gap="sm">
      <Group align="flex-start" gap="lg">
        <TextInput
          label="Keep screenshots for, in days"
          inputMode="numeric"
          maxLength={4}
          w={240}
          {...form.getInputProps('screenshot_days')}
        />
        <TextInput
          label="Keep details for, in days"
          description="Titles, pages and minutes."
          inputMode="numeric"
          maxLength={4}
          w={240}
          inputWrapperOrder={['label', 'input', 'description', 'error']}
          {...form.getInputProps('usage_days')}
        />
      </Group>
      <Text size="sm" c="dimmed">
        Whole days before today. What is older goes each night; the sums of each day stay.{' '}
        {beyond
          ? `Your plan keeps records for at most ${plural(most, 'day')}: what you have stays until you change it.`
          : `Your plan keeps records for at most ${plural(most, 'day')}.`}
      </Text>
      <Tonight screenshots={form.values.screenshot_days} usage={form.values.usage_days} />
    </Stack>
  )
}

function Tonight({ screenshots, usage }: { screenshots: string; usage: string }) {
  const zone = useZone()
  const [typed] = useDebouncedValue(`${screenshots} ${usage}`, 400)
  const [pictures = '', details = ''] = typed.split(' ')
  const preview = useQuery({
    ...previewQuery(Number(pictures), Number(details)),
    enabled: isDays(pictures) && isDays(details),
  })
  if (preview.error)
    return (
      <Text size="sm">What tonight deletes could not be counted. Saving works all the same.</Text>
    )
  if (!preview.data) return <Text size="sm">Counting what tonight deletes …</Text>
  const said = inWords(preview.data)
  const at = formatTime(preview.data.at, zone)
  return (
    <Alert color={said ? 'yellow' : 'gray'} radius="md" role="status">
      <Text size="sm">
        {said
          ? `Tonight, from ${at} on, this deletes ${said}. Nobody can bring it back.`
          : 'Tonight deletes nothing.'}
      </Text>
    </Alert>
  )
}

function inWords(preview: RetentionPreview): string {
  const { screenshots, usage_entries } = preview
  const parts = [
    screenshots > 0 &&
      `${plural(screenshots, 'screenshot')} (${bytes(preview.screenshot_bytes)}) from before ${formatDay(preview.screenshots_before)}`,
    usage_entries > 0 &&
      `${count(usage_entries)} details from before ${formatDay(preview.usage_before)}`,
  ]
  return parts.filter(Boolean).join(' and ')
}

// Language and zone in which this browser shows times, days and numbers.
import { Button, Card, Group, NativeSelect, Radio, Stack, Text, Title } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useEffect, useRef, useState } from 'react'
import { useDayZone, useMe } from '~/api/me'
import { ZoneSelect } from '~/components/zone-select'
import { type Display, LOCALES, showAs, useDisplay } from '~/lib/display'
import { browserZone, zoneLabel } from '~/lib/time'

/** All pages are drawn anew when it changes, this card with them: whoever saved goes on where they were. */
let wasSaved = false

type Clock = 'company' | 'other'

export function DisplayCard() {
  const known = useDisplay()
  const ofCompany = !!useMe().company
  const dayZone = useDayZone()
  const [locale, setLocale] = useState(known.locale ?? '')
  const [clock, setClock] = useState<Clock>(known.zone ? 'other' : 'company')
  const [zone, setZone] = useState(known.zone ?? browserZone())
  const save = useRef<HTMLButtonElement>(null)
  useEffect(() => {
    // After the page's heading, which takes it in the same breath.
    if (wasSaved) queueMicrotask(() => save.current?.focus())
    wasSaved = false
  }, [])
  const wanted: Display = {
    ...(locale ? { locale } : {}),
    ...(clock === 'other' ? { zone } : {}),
  }
  return (
    <Card component="section" aria-label="Language and times" id="display">
      <Title order={2} size="h5">
        Language and times
      </Title>
      <Text size="sm" c="dimmed" mb="sm">
        How this browser writes dates, times and numbers. The words are English. Another browser of
        yours keeps its own choice.
      </Text>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          wasSaved = wanted.locale !== known.locale || wanted.zone !== known.zone
          const message = showAs(wanted)
            ? 'Saved in this browser.'
            : 'This browser keeps nothing: it holds until you leave.'
          notifications.show({ message })
        }}
      >
        <Stack>
          <NativeSelect
            label="Dates and numbers as in"
            maw={360}
            data={[{ value: '', label: `This browser’s language (${named(usual())})` }, ...CHOICES]}
            value={locale}
            onChange={({ currentTarget }) => setLocale(currentTarget.value)}
          />
          {ofCompany && (
            <Radio.Group
              label="Clocks show"
              description={`Days and their sums stay those of your company, ${zoneLabel(dayZone)}, as everybody there compares them.`}
              value={clock}
              onChange={(value) => setClock(value as Clock)}
            >
              <Stack gap={6} mt={6}>
                <Radio value="company" label={`The company’s time, ${zoneLabel(dayZone)}`} />
                <Radio value="other" label="Another zone, as my own" />
              </Stack>
            </Radio.Group>
          )}
          {clock === 'other' && (
            <ZoneSelect
              label="Zone"
              maw={360}
              value={zone}
              onChange={(value) => value && setZone(value)}
            />
          )}
          <Group justify="space-between">
            <Text size="sm" aria-live="polite" className="numbers">
              {`For example ${sample(locale || undefined, clock === 'other' ? zone : dayZone)}`}
            </Text>
            <Button type="submit" ref={save}>
              Save language and times
            </Button>
          </Group>
        </Stack>
      </form>
    </Card>
  )
}

function sample(locale: string | undefined, timeZone: string): string {
  const now = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short', timeZone })
  return `${now.format(new Date())} and ${new Intl.NumberFormat(locale).format(12_345.6)}`
}

const NAMES = new Intl.DisplayNames('en', { type: 'language' })
const named = (locale: string) => NAMES.of(locale) ?? locale

const usual = () => new Intl.DateTimeFormat().resolvedOptions().locale

const CHOICES = LOCALES.map((value) => ({ value, label: named(value) })).toSorted((a, b) =>
  a.label.localeCompare(b.label),
)

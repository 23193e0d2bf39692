// The name, the logo and the colour that the company's people see, and how the colour will be read in both themes.
import {
  Button,
  Card,
  FileButton,
  Group,
  SimpleGrid,
  Skeleton,
  Stack,
  Text,
  TextInput,
  Title,
} from '@mantine/core'
import { useForm } from '@mantine/form'
import { notifications } from '@mantine/notifications'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { asAppError, fieldErrors } from '~/api/errors'
import { useMe } from '~/api/me'
import { Logo } from '~/components/branding/logo'
import { FormProblem } from '~/components/form-problem'
import { Loaded } from '~/components/loaded'
import { WithReason } from '~/components/with-reason'
import { ENOUGH, GROUNDS, isAccent, readingOf } from '~/lib/accent'
import { whyReadOnly } from '~/lib/can'
import c from './branding.module.css'
import {
  brandingQuery,
  type Branding as Saved,
  useChangeBranding,
  useChangeLogo,
  useRemoveLogo,
} from './branding-queries'

const TYPES = 'image/png,image/jpeg,image/webp'
const MOST_BYTES = 1024 * 1024
/** The product's own. */
const OWN = '#4263eb'

export default function Branding() {
  const branding = useQuery(brandingQuery)
  return (
    <Loaded query={branding} skeleton={<Skeleton h={520} radius="lg" maw={760} />}>
      {(saved) => (
        <Stack gap="lg" maw={760}>
          <Look saved={saved} />
          <LogoCard saved={saved} />
        </Stack>
      )}
    </Loaded>
  )
}

const valuesOf = ({ name, accent }: Saved) => ({ name: name ?? '', accent: accent ?? '' })

function Look({ saved }: { saved: Saved }) {
  const readOnly = whyReadOnly(useMe())
  const change = useChangeBranding()
  const form = useForm({
    initialValues: valuesOf(saved),
    validate: {
      accent: (text) =>
        !text.trim() || isAccent(text.trim())
          ? null
          : 'A colour looks like #0b7285: # and six of 0 to 9 and a to f.',
    },
  })
  const accent = form.values.accent.trim()
  const submit = form.onSubmit((values) => {
    const body = { name: values.name.trim() || null, accent: values.accent.trim() || null }
    change.mutate(
      { seen: saved, body },
      {
        onSuccess: (after) => {
          form.setInitialValues(valuesOf(after))
          form.reset()
          notifications.show({ message: 'Saved. Everybody sees it with their next page.' })
        },
        onError: (thrown) => form.setErrors(fieldErrors(asAppError(thrown))),
      },
    )
  })
  const stale = change.error && asAppError(change.error).code === 'precondition_failed'
  return (
    <Card component="section" aria-labelledby="branding-look" p={{ base: 'md', sm: 'xl' }}>
      <form onSubmit={submit} noValidate>
        <Stack gap="lg">
          <Title order={2} size="h5" id="branding-look">
            Name and colour
          </Title>
          <FormProblem error={change.error}>
            {stale && (
              <Text size="sm">
                What you typed is still here. Save again to write it over what is there now.
              </Text>
            )}
          </FormProblem>
          <TextInput
            label="Name"
            description={`In the header and the browser’s tabs, on reports, and in mails to your people. Invitations, links to a new password and confirmations keep saying ${saved.company_name}.`}
            placeholder={saved.company_name}
            maxLength={60}
            {...form.getInputProps('name')}
          />
          <div>
            <TextInput
              label="Colour"
              description="Of buttons, links and the page one is on. Where it could not be read, a darker or lighter shade of it is used."
              placeholder={OWN}
              maxLength={7}
              inputContainer={(input) => (
                <Group gap="sm" wrap="nowrap" maw={260}>
                  <input
                    type="color"
                    aria-label="Pick a colour"
                    className={c.picker}
                    value={isAccent(accent) ? accent.toLowerCase() : OWN}
                    onChange={(event) => form.setFieldValue('accent', event.currentTarget.value)}
                  />
                  {input}
                </Group>
              )}
              {...form.getInputProps('accent')}
            />
            {accent && (
              <Button
                variant="subtle"
                size="compact-sm"
                mt="xs"
                onClick={() => form.setFieldValue('accent', '')}
              >
                Use the product’s own
              </Button>
            )}
          </div>
          {isAccent(accent) && <Preview accent={accent} />}
          <Group justify="space-between">
            <Text size="sm" c="dimmed" maw={420}>
              Every change is written to the audit log.
            </Text>
            <WithReason reason={readOnly}>
              {(blocked) => (
                <Button type="submit" loading={change.isPending} {...blocked}>
                  Save
                </Button>
              )}
            </WithReason>
          </Group>
        </Stack>
      </form>
    </Card>
  )
}

const SCHEMES = [
  { scheme: 'light', title: 'Light theme' },
  { scheme: 'dark', title: 'Dark theme' },
] as const

function Preview({ accent }: { accent: string }) {
  return (
    <section aria-label="Preview">
      <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="md">
        {SCHEMES.map(({ scheme, title }) => (
          <Reading key={scheme} accent={accent} scheme={scheme} title={title} />
        ))}
      </SimpleGrid>
    </section>
  )
}

type ReadingProps = { accent: string; scheme: 'light' | 'dark'; title: string }

function Reading({ accent, scheme, title }: ReadingProps) {
  const reading = readingOf(accent, scheme)
  const { button, text } = reading
  return (
    <div className={c.sample} data-scheme={scheme} style={{ background: GROUNDS[scheme].card }}>
      <Title order={3} size="sm" c="inherit">
        {title}
      </Title>
      <div className={c.shown}>
        <span className={c.button} style={{ background: button }}>
          Button
        </span>
        <span className={c.link} style={{ color: text }}>
          A link
        </span>
      </div>
      <dl className={c.ratios}>
        <Ratio
          of="Text on buttons"
          ratio={reading.buttonRatio}
          is={reading.button_is}
          as={button}
        />
        <Ratio of="Links" ratio={reading.textRatio} is={reading.text_is} as={text} />
      </dl>
    </div>
  )
}

type RatioProps = { of: string; ratio: number; is: 'same' | 'darker' | 'lighter'; as: string }

function Ratio({ of, ratio, is, as }: RatioProps) {
  // Cut, not rounded: 4.49 is not enough.
  const shown = (Math.floor(ratio * 100) / 100).toFixed(2)
  return (
    <div>
      <dt>{of}</dt>
      <dd>
        {shown}:1, {ratio >= ENOUGH ? 'enough' : 'too little'}
        {is === 'same' ? '; your colour' : `; a ${is} shade, ${as}`}
      </dd>
    </div>
  )
}

function LogoCard({ saved }: { saved: Saved }) {
  const readOnly = whyReadOnly(useMe())
  const change = useChangeLogo()
  const remove = useRemoveLogo()
  const [tooLarge, setTooLarge] = useState(false)
  const choose = (file: File | null) => {
    if (!file) return
    remove.reset()
    change.reset()
    setTooLarge(file.size > MOST_BYTES)
    if (file.size <= MOST_BYTES)
      change.mutate(
        { seen: saved, file },
        { onSuccess: () => notifications.show({ message: 'The logo is in place.' }) },
      )
  }
  const { logo } = saved
  return (
    <Card component="section" aria-labelledby="branding-logo" p={{ base: 'md', sm: 'xl' }}>
      <Stack gap="md" align="flex-start">
        <div>
          <Title order={2} size="h5" id="branding-logo">
            Logo
          </Title>
          <Text size="sm" c="dimmed" mt={4}>
            PNG, JPEG or WebP of at most 1 MB and 8 million pixels. It is kept in at most 480 × 128,
            and shown in the header and on reports.
          </Text>
        </div>
        <FormProblem error={change.error ?? remove.error} />
        {tooLarge && (
          <Text size="sm" c="var(--mantine-color-error)" role="alert">
            The file has more than 1 MB. Choose a smaller one.
          </Text>
        )}
        {logo ? (
          <>
            <Logo logo={logo} within={[240, 64]} />
            <Text size="sm" c="dimmed">
              {logo.width} × {logo.height}
              {logo.on_dark && ', on a dark plate, as it would be lost on white'}
            </Text>
          </>
        ) : (
          <Text size="sm">There is no logo.</Text>
        )}
        <Group gap="sm">
          <WithReason reason={readOnly}>
            {(blocked) => (
              <FileButton onChange={choose} accept={TYPES} disabled={readOnly !== undefined}>
                {(props) => (
                  <Button variant="default" loading={change.isPending} {...props} {...blocked}>
                    {logo ? 'Choose another' : 'Choose a file'}
                  </Button>
                )}
              </FileButton>
            )}
          </WithReason>
          {logo && !readOnly && (
            <Button
              variant="subtle"
              color="red"
              loading={remove.isPending}
              onClick={() => {
                change.reset()
                remove.mutate(saved, {
                  onSuccess: () => notifications.show({ message: 'The logo was removed.' }),
                })
              }}
            >
              Remove the logo
            </Button>
          )}
        </Group>
      </Stack>
    </Card>
  )
}

// A new version: begun from the one in force, looked at as everybody will read it, and published for good.
import {
  Alert,
  Button,
  Checkbox,
  Group,
  Modal,
  ScrollArea,
  Skeleton,
  Stack,
  Text,
  Textarea,
  TextInput,
} from '@mantine/core'
import { useForm } from '@mantine/form'
import { notifications } from '@mantine/notifications'
import { lazy, Suspense, useState } from 'react'
import { asAppError, fieldErrors } from '~/api/errors'
import type { Policy, PolicyKind } from '~/api/types'
import { FormProblem } from '~/components/form-problem'
import { KINDS } from '~/components/policy/words'
import { usePublishPolicy } from './queries'

const Markdown = lazy(() => import('~/components/markdown'))

const FIRST = `We record on your work computer, with a program that you can see, stop and pause.

## What is recorded

- Which application and which site is in front, and for how long.
- How many keys and clicks there were in each minute, never which.

## Why, who sees it and how long it is kept

…

## Your rights

You see everything that was recorded about you in the portal, and who looked at it.`

const VIEWS = [
  { view: 'write', label: 'Write' },
  { view: 'preview', label: 'Preview' },
] as const

const NAMES = Object.keys(KINDS) as PolicyKind[]

type PublishDialogProps = { last: Policy | undefined; onClose: () => void }

export default function PublishDialog({ last, onClose }: PublishDialogProps) {
  const publish = usePublishPolicy()
  const [view, setView] = useState<'write' | 'preview'>('write')
  const form = useForm({
    initialValues: {
      title: last?.title ?? 'How we record your work',
      text: last?.text ?? FIRST,
      kinds: last ? NAMES.filter((kind) => last.kinds.includes(kind)) : NAMES,
    },
    validate: {
      title: (title) => (title.trim() ? null : 'Enter a title.'),
      text: (text) => (text.trim() ? null : 'Enter what people are to read.'),
    },
  })
  const submit = form.onSubmit((values) =>
    publish.mutate(values, {
      onSuccess: (made) => {
        notifications.show({ message: `Version ${made.version} is in force. Everybody is told.` })
        onClose()
      },
      onError: (thrown) => form.setErrors(fieldErrors(asAppError(thrown))),
    }),
  )
  return (
    <Modal opened onClose={onClose} title="New version of the policy" size="xl">
      <form
        noValidate
        onSubmit={(event) => {
          // What is wrong is seen where it is written.
          if (form.validate().hasErrors) setView('write')
          submit(event)
        }}
      >
        <Stack>
          <FormProblem error={publish.error} />
          <TextInput
            label="Title"
            maxLength={200}
            autoComplete="off"
            data-autofocus
            {...form.getInputProps('title')}
          />
          <Button.Group aria-label="View of the text">
            {VIEWS.map((one) => (
              <Button
                key={one.view}
                size="xs"
                variant={view === one.view ? 'light' : 'default'}
                aria-pressed={view === one.view}
                onClick={() => setView(one.view)}
              >
                {one.label}
              </Button>
            ))}
          </Button.Group>
          {view === 'write' ? (
            <Textarea
              label="Text"
              description="Markdown: ## headings, **bold**, - lists, [links](https://…)."
              autosize
              minRows={10}
              maxRows={18}
              maxLength={20_000}
              {...form.getInputProps('text')}
            />
          ) : (
            <ScrollArea.Autosize mah={420} aria-label="Preview" tabIndex={0}>
              <Suspense fallback={<Skeleton h={160} />}>
                <Markdown below={2} text={form.values.text} />
              </Suspense>
            </ScrollArea.Autosize>
          )}
          <Checkbox.Group
            label="Record only after a person acknowledged this version"
            description="Until then the agent does not record it, and the server refuses it."
            {...form.getInputProps('kinds')}
          >
            <Stack gap="xs" mt="xs">
              {NAMES.map((kind) => (
                <Checkbox
                  key={kind}
                  value={kind}
                  label={KINDS[kind].label}
                  description={KINDS[kind].text}
                />
              ))}
            </Stack>
          </Checkbox.Group>
          <Alert
            color="yellow"
            title="It is in force at once, and never changes"
            styles={{ title: { color: 'var(--mantine-color-text)' } }}
          >
            <Text size="sm">
              Everybody is asked to acknowledge it, also who acknowledged the version before.
              {form.values.kinds.length > 0 &&
                ' Of who has not, nothing of the kinds above is recorded from now on.'}
            </Text>
          </Alert>
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={publish.isPending}>
              Publish
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}

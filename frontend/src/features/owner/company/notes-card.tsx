// What owners want to remember of the company, newest first; an author deletes what is theirs.
import { Button, Card, Group, Skeleton, Stack, Text, Textarea, Title } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useInfiniteQuery } from '@tanstack/react-query'
import { asAppError, fieldErrors } from '~/api/errors'
import { useZone } from '~/api/me'
import type { CompanyDetail, Note } from '~/api/types'
import { Earlier } from '~/components/earlier'
import { FormProblem } from '~/components/form-problem'
import { ButtonLink } from '~/components/links'
import { Loaded } from '~/components/loaded'
import { formatDateTime } from '~/lib/time'
import { useAddNote } from './changes'
import c from './notes-card.module.css'
import { notesQuery } from './queries'

const LONGEST = 2000

export function NotesCard({ detail }: { detail: CompanyDetail }) {
  const notes = useInfiniteQuery(notesQuery(detail.id))
  return (
    <Card component="section" aria-label="Notes">
      <Title order={2} size="h5">
        Notes
      </Title>
      <Text size="xs" c="dimmed" mt={2} mb="sm">
        Every owner reads them; the company does not. Write nothing about its people.
      </Text>
      <AddNote id={detail.id} />
      <Loaded query={notes} skeleton={<Skeleton h={80} mt="md" />}>
        {({ pages }) => <List id={detail.id} notes={pages.flatMap((page) => page.items)} />}
      </Loaded>
      <Earlier query={notes} label="Earlier notes" />
    </Card>
  )
}

function AddNote({ id }: { id: string }) {
  const add = useAddNote(id)
  const form = useForm({
    initialValues: { text: '' },
    validate: { text: (value) => (value.trim() ? null : 'Write something first.') },
  })
  const submit = form.onSubmit(({ text }) =>
    add.mutate(text.trim(), {
      onSuccess: () => form.reset(),
      onError: (thrown) => form.setErrors(fieldErrors(asAppError(thrown))),
    }),
  )
  return (
    <form onSubmit={submit} noValidate>
      <Stack gap="xs">
        <FormProblem error={add.error} />
        <Textarea
          label="New note"
          autosize
          minRows={2}
          maxRows={10}
          maxLength={LONGEST}
          {...form.getInputProps('text')}
        />
        <Group justify="flex-end">
          <Button type="submit" size="xs" variant="default" loading={add.isPending}>
            Add note
          </Button>
        </Group>
      </Stack>
    </form>
  )
}

function List({ id, notes }: { id: string; notes: Note[] }) {
  const zone = useZone()
  if (notes.length === 0)
    return (
      <Text size="sm" c="dimmed">
        No notes yet.
      </Text>
    )
  return (
    <ul className={c.notes}>
      {notes.map((note) => (
        <li key={note.id} className={c.note}>
          <Text size="sm" className={c.text}>
            {note.text}
          </Text>
          <Group justify="space-between" gap="xs" mt={4}>
            <Text size="xs" c="dimmed">
              {note.author},{' '}
              <time dateTime={note.created_at}>{formatDateTime(note.created_at, zone)}</time>
            </Text>
            {note.is_own && (
              <ButtonLink
                size="compact-xs"
                variant="subtle"
                to="/owner/company/$companyId/delete-note/$noteId"
                params={{ companyId: id, noteId: note.id }}
                search={true}
              >
                Delete
              </ButtonLink>
            )}
          </Group>
        </li>
      ))}
    </ul>
  )
}

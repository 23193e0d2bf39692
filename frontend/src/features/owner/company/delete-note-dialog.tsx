// Before a note is gone for good.
import { Button, Group, Skeleton, Stack, Text } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useInfiniteQuery } from '@tanstack/react-query'
import { useParams } from '@tanstack/react-router'
import { FormProblem } from '~/components/form-problem'
import { Loaded } from '~/components/loaded'
import { RouteDialog } from '~/components/route-dialog'
import { useDeleteNote } from './changes'
import { notesQuery } from './queries'
import { useCompanyDialog } from './use-dialog'

export function DeleteNoteDialog() {
  const { companyId, close } = useCompanyDialog()
  const { noteId } = useParams({ from: '/_app/owner/company/$companyId/delete-note/$noteId' })
  const notes = useInfiniteQuery(notesQuery(companyId))
  const remove = useDeleteNote(companyId)
  return (
    <RouteDialog title="Delete this note?" onClose={close}>
      <Stack>
        <Loaded query={notes} skeleton={<Skeleton h={40} />}>
          {({ pages }) => (
            <Text size="sm" style={{ whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }}>
              {pages.flatMap((page) => page.items).find(({ id }) => id === noteId)?.text ??
                'It is an earlier one, or gone already.'}
            </Text>
          )}
        </Loaded>
        <FormProblem error={remove.error} />
        <Group justify="flex-end">
          <Button variant="default" onClick={close} data-autofocus>
            Keep it
          </Button>
          <Button
            color="red.9"
            loading={remove.isPending}
            onClick={() =>
              remove.mutate(noteId, {
                onSuccess: () => {
                  notifications.show({ message: 'The note is deleted.' })
                  close()
                },
              })
            }
          >
            Delete the note
          </Button>
        </Group>
      </Stack>
    </RouteDialog>
  )
}

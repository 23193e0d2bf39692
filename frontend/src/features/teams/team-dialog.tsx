// Making a team, or giving one another name.
import { Button, Group, Modal, Stack, TextInput } from '@mantine/core'
import { schemaResolver, useForm } from '@mantine/form'
import { z } from 'zod/mini'
import { asAppError, fieldErrors } from '~/api/errors'
import type { Team } from '~/api/types'
import { FormProblem } from '~/components/form-problem'
import { useSaveTeam } from '~/components/teams/queries'

const schema = z.object({
  name: z.string().check(z.trim(), z.minLength(1, 'Enter a name.'), z.maxLength(120)),
})

export default function TeamDialog({ team, onClose }: { team?: Team; onClose: () => void }) {
  const save = useSaveTeam(team?.id)
  const form = useForm({
    mode: 'uncontrolled',
    initialValues: { name: team?.name ?? '' },
    validate: schemaResolver(schema, { sync: true }),
  })
  const submit = form.onSubmit(({ name }) =>
    save.mutate(name.trim(), {
      onSuccess: onClose,
      onError: (thrown) => form.setErrors(fieldErrors(asAppError(thrown))),
    }),
  )
  const taken = save.error && asAppError(save.error).code === 'teams_name_taken'
  return (
    <Modal opened onClose={onClose} title={team ? `Rename ${team.name}` : 'New team'}>
      <form onSubmit={submit} noValidate>
        <Stack>
          <FormProblem error={save.error}>
            {taken && 'There is a team of this name. Upper and lower case make no difference.'}
          </FormProblem>
          <TextInput
            label="Name"
            maxLength={120}
            autoComplete="off"
            data-autofocus
            key={form.key('name')}
            {...form.getInputProps('name')}
          />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={save.isPending}>
              {team ? 'Rename' : 'Make team'}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}

// Archiving a plan, or bringing it back: what happens to the companies on it is said first.
import { Button, Group, List, Modal, Stack } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { asAppError } from '~/api/errors'
import type { Plan } from '~/api/types'
import { FormProblem } from '~/components/form-problem'
import { plural } from '~/lib/format'
import { useChangePlanTerms } from './queries'

export default function ArchiveDialog({ plan, onClose }: { plan: Plan; onClose: () => void }) {
  const change = useChangePlanTerms()
  const archive = !plan.archived_at
  const act = () =>
    change.mutate(
      { seen: plan, body: { archived: archive } },
      {
        onSuccess: () => {
          notifications.show({
            message: archive ? `${plan.name} is archived.` : `${plan.name} can be chosen again.`,
          })
          onClose()
        },
      },
    )
  const stale = change.error && asAppError(change.error).code === 'precondition_failed'
  return (
    <Modal
      opened
      onClose={onClose}
      title={archive ? `Archive ${plan.name}?` : `Bring ${plan.name} back?`}
    >
      <Stack>
        <List size="sm" spacing={4}>
          <List.Item>
            {plan.companies === 0
              ? 'No company has it.'
              : `${plural(plan.companies, 'company has', 'companies have')} it and ${plan.companies === 1 ? 'keeps' : 'keep'} it, at the agreed price.`}
          </List.Item>
          <List.Item>
            {archive
              ? 'No other company can be given it. You can bring it back at any time.'
              : 'Companies can be given it again.'}
          </List.Item>
        </List>
        <FormProblem error={change.error}>
          {stale && 'Close this and look at the plan as it is now.'}
        </FormProblem>
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose} data-autofocus>
            Cancel
          </Button>
          <Button onClick={act} loading={change.isPending} disabled={Boolean(stale)}>
            {archive ? 'Archive' : 'Bring back'}
          </Button>
        </Group>
      </Stack>
    </Modal>
  )
}

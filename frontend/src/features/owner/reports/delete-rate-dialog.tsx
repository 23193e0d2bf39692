// Deleting a rate: what that does to totals is said first.
import { Button, Group, Modal, Stack, Text } from '@mantine/core'
import { asAppError } from '~/api/errors'
import type { ExchangeRate } from '~/api/types'
import { FormProblem } from '~/components/form-problem'
import { formatDay } from '~/lib/time'
import { useDeleteRate } from './queries'

type DeleteRateDialogProps = { rate: ExchangeRate; onClose: () => void }

export function DeleteRateDialog({ rate, onClose }: DeleteRateDialogProps) {
  const remove = useDeleteRate()
  const stale = remove.error && asAppError(remove.error).code === 'precondition_failed'
  return (
    <Modal opened onClose={onClose} title="Delete this rate?">
      <Stack>
        <Text size="sm">
          1 {rate.from_currency} = {rate.rate} {rate.to_currency}, from {formatDay(rate.valid_from)}{' '}
          on. Totals of days from then on take the rate before it, or there is none.
        </Text>
        <FormProblem error={remove.error}>
          {stale && 'Close this and look at the rate as it is now.'}
        </FormProblem>
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose} data-autofocus>
            Cancel
          </Button>
          <Button
            color="red"
            loading={remove.isPending}
            disabled={Boolean(stale)}
            onClick={() => remove.mutate(rate, { onSuccess: onClose })}
          >
            Delete
          </Button>
        </Group>
      </Stack>
    </Modal>
  )
}

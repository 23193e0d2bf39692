// A rate as one types it, new or corrected.
import { Button, Group, Modal, Skeleton, Stack, TextInput } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useQuery } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { asAppError } from '~/api/errors'
import type { ExchangeRate } from '~/api/types'
import { FormProblem } from '~/components/form-problem'
import { Loaded } from '~/components/loaded'
import { dayIn } from '~/lib/time'
import { rateQuery, useChangeRate, useCreateRate } from './queries'

const NEW = { from_currency: '', to_currency: '', rate: '' }
type RateDialogProps = { id: string; onClose: () => void }

export function RateDialog({ id, onClose }: RateDialogProps) {
  const isNew = id === 'new'
  const known = useQuery({ ...rateQuery(id), enabled: !isNew })
  return (
    <Modal opened onClose={onClose} title={isNew ? 'New exchange rate' : 'Edit exchange rate'}>
      {isNew ? (
        <Form onClose={onClose} />
      ) : (
        <Loaded query={known} skeleton={<Skeleton h={260} />}>
          {(rate) => <Form seen={rate} onClose={onClose} />}
        </Loaded>
      )}
    </Modal>
  )
}

/** What the server takes: a decimal above 0 with up to ten digits behind the point. A comma is a point. */
export const asRate = (text: string) => {
  const rate = text.trim().replace(',', '.')
  const good = /^(0|[1-9]\d{0,6})(\.\d{1,10})?$/.test(rate) && Number(rate) > 0
  return good && Number(rate) <= 1_000_000 ? rate : undefined
}

function Form({ seen, onClose }: { seen?: ExchangeRate; onClose: () => void }) {
  const [values, setValues] = useState({ ...NEW, valid_from: dayIn('UTC'), ...seen })
  const [touched, setTouched] = useState(false)
  const create = useCreateRate()
  const change = useChangeRate()
  const { error } = seen ? change : create
  const problem = error ? asAppError(error) : undefined
  const rate = asRate(values.rate)
  const isCurrency = (text: string) => /^[A-Z]{3}$/.test(text)
  const wrong = {
    from: !isCurrency(values.from_currency) && 'Three letters, like USD.',
    to:
      (!isCurrency(values.to_currency) && 'Three letters, like EUR.') ||
      (values.to_currency === values.from_currency && 'Another currency than the first.'),
    rate: !rate && 'A number above 0, with at most ten digits behind the point.',
    day: !values.valid_from && 'A day.',
  }
  const set = (field: keyof typeof values) => (event: { currentTarget: { value: string } }) => {
    const { value } = event.currentTarget
    setValues((old) => ({
      ...old,
      [field]: field.endsWith('currency') ? value.toUpperCase() : value,
    }))
  }
  function submit(event: FormEvent) {
    event.preventDefault()
    setTouched(true)
    if (!rate || Object.values(wrong).some(Boolean)) return
    const { from_currency, to_currency, valid_from } = values
    const onSuccess = () => {
      notifications.show({ message: `1 ${from_currency} = ${rate} ${to_currency} is saved.` })
      onClose()
    }
    if (seen) change.mutate({ seen, body: { rate, valid_from } }, { onSuccess })
    else create.mutate({ from_currency, to_currency, rate, valid_from }, { onSuccess })
  }
  return (
    <form onSubmit={submit} noValidate>
      <Stack>
        <FormProblem error={error}>
          {problem?.code === 'precondition_failed' && 'Close this and open the rate again.'}
          {problem?.code === 'exchange_rates_taken' &&
            'There is a rate of these two currencies for that day. Edit that one.'}
        </FormProblem>
        <Group grow align="flex-start">
          <TextInput
            label="From"
            placeholder="USD"
            maxLength={3}
            value={values.from_currency}
            onChange={set('from_currency')}
            disabled={Boolean(seen)}
            error={touched && wrong.from}
            data-autofocus={seen ? undefined : true}
          />
          <TextInput
            label="To"
            placeholder="EUR"
            maxLength={3}
            value={values.to_currency}
            onChange={set('to_currency')}
            disabled={Boolean(seen)}
            error={touched && wrong.to}
          />
        </Group>
        <TextInput
          label="Rate"
          description={`Units of ${values.to_currency || 'the second'} for one unit of ${values.from_currency || 'the first'}`}
          inputMode="decimal"
          maxLength={18}
          value={values.rate}
          onChange={set('rate')}
          error={touched && wrong.rate}
          data-autofocus={seen ? true : undefined}
        />
        <TextInput
          type="date"
          label="Holds from"
          description="A day of UTC"
          value={values.valid_from}
          onChange={set('valid_from')}
          error={touched && wrong.day}
        />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={create.isPending || change.isPending}>
            {seen ? 'Save' : 'Add rate'}
          </Button>
        </Group>
      </Stack>
    </form>
  )
}

// Letting somebody in again: nothing to confirm, so the outcome is a toast.
import { notifications } from '@mantine/notifications'
import { asAppError } from '~/api/errors'
import type { Employee } from '~/api/types'
import { useSetActive } from './queries'

export function useReactivate(person: Employee) {
  const setActive = useSetActive(person.id)
  return () =>
    setActive.mutate(true, {
      onSuccess: () =>
        notifications.show({ message: `${person.name || person.email} can sign in again.` }),
      onError: (thrown) => {
        const problem = asAppError(thrown)
        notifications.show({ color: 'red', title: problem.title, message: problem.detail ?? '' })
      },
    })
}

// The way out, from the account's menu and from the palette.
import { notifications } from '@mantine/notifications'
import { session } from '~/api/client'
import { asAppError } from '~/api/errors'

export async function signOut() {
  try {
    await session.signOut()
  } catch (thrown) {
    const problem = asAppError(thrown)
    notifications.show({ color: 'red', title: problem.title, message: problem.detail ?? '' })
  }
}

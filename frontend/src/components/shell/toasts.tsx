// Short messages in the corner. Its own chunk: a page is read before it is done something with.
import '@mantine/notifications/styles.css'
import { Notifications } from '@mantine/notifications'

export default function Toasts() {
  return <Notifications position="bottom-right" />
}

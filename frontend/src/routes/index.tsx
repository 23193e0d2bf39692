// `/` leads to the start page of one's role.
import { createFileRoute, redirect } from '@tanstack/react-router'
import { HOME } from '~/lib/can'
import { requireSession } from '~/lib/guard'

export const Route = createFileRoute('/')({
  beforeLoad: async () => {
    const { role } = await requireSession('/')
    throw redirect({ to: HOME[role], replace: true })
  },
})

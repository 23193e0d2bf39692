import { createFileRoute, redirect } from '@tanstack/react-router'

export const Route = createFileRoute('/_app/owner/')({
  beforeLoad: () => {
    throw redirect({ to: '/owner/dashboard', replace: true })
  },
})

// The vendor's pages.
import { createFileRoute, Outlet } from '@tanstack/react-router'
import { requireRole } from '~/lib/guard'

export const Route = createFileRoute('/_app/owner')({
  beforeLoad: () => requireRole('OWNER'),
  component: Outlet,
})

import { createFileRoute } from '@tanstack/react-router'
import { settingsSearch } from '~/features/settings/search'
import { SettingsPage } from '~/features/settings/settings-page'

export const Route = createFileRoute('/_app/_admin/settings')({
  validateSearch: settingsSearch,
  component: SettingsPage,
})

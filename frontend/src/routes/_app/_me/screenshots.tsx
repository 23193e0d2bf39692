import { createFileRoute } from '@tanstack/react-router'
import { ScreenshotsPage } from '~/features/screenshots/screenshots-page'
import { screenshotsSearch } from '~/features/screenshots/search'

export const Route = createFileRoute('/_app/_me/screenshots')({
  validateSearch: screenshotsSearch,
  component: ScreenshotsPage,
})

import { createFileRoute } from '@tanstack/react-router'
import { ErasuresPage } from '~/features/owner/erasures/erasures-page'
import { erasuresSearch } from '~/features/owner/erasures/search'

export const Route = createFileRoute('/_app/owner/erasures')({
  validateSearch: erasuresSearch,
  component: ErasuresPage,
})

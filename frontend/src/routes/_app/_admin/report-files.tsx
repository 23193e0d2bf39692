import { createFileRoute } from '@tanstack/react-router'
import { ReportFilesPage } from '~/features/reports/files-page'
import { searchOf, text } from '~/lib/search'

export const Route = createFileRoute('/_app/_admin/report-files')({
  /** `file` is where a mail's link points. */
  validateSearch: searchOf({ cursor: text(), file: text() }),
  component: ReportFilesPage,
})

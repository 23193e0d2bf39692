// The button of a list's files; what it opens comes when it is asked for.
import { Button } from '@mantine/core'
import { Download } from 'lucide-react'
import { lateMenu, type TargetProps } from './late-menu'

export type ExportFilesProps = {
  /** What is in the file: `All companies of this filter`. */
  label: string
  save: (format: 'csv' | 'xlsx') => Promise<void>
  /** Where it can be a document as well. */
  savePdf?: () => Promise<void>
  /** Where it can be made in the background: what that is called, and how. */
  later?: { label: string; start: () => Promise<void> }[]
}

function ExportButton({
  label: _,
  save: __,
  savePdf: ___,
  later: ____,
  ...props
}: ExportFilesProps & TargetProps) {
  return (
    <Button variant="default" leftSection={<Download size={16} aria-hidden />} {...props}>
      Export
    </Button>
  )
}

export const ExportFiles = lateMenu<ExportFilesProps>(
  ExportButton,
  () => import('./export-files-menu'),
)

// A list as a file: everything that the filter lets through, written by the server.
import { Button, Menu } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useMutation } from '@tanstack/react-query'
import { Download, FileClock, FileSpreadsheet, FileText, FileType } from 'lucide-react'
import { asAppError } from '~/api/errors'
import type { ExportFilesProps } from './export-files'
import { useOpenOnArrival } from './late-menu'

const FORMATS = [
  { format: 'csv', label: 'CSV', icon: FileText },
  { format: 'xlsx', label: 'Excel (XLSX)', icon: FileSpreadsheet },
] as const

export default function ExportFilesMenu({ label, save, savePdf, later }: ExportFilesProps) {
  const file = useMutation({
    mutationFn: (write: () => Promise<void>) => write(),
    onError: (error) => {
      const { title, detail } = asAppError(error)
      notifications.show({ color: 'red', title: 'Nothing was exported', message: detail ?? title })
    },
  })
  const { target, menu } = useOpenOnArrival()
  return (
    <Menu position="bottom-end" {...menu}>
      <Menu.Target>
        <Button
          ref={target}
          variant="default"
          leftSection={<Download size={16} aria-hidden />}
          loading={file.isPending}
        >
          Export
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label c="dimmed">{label}</Menu.Label>
        {FORMATS.map(({ format, label, icon: Icon }) => (
          <Menu.Item
            key={format}
            leftSection={<Icon size={16} aria-hidden />}
            onClick={() => file.mutate(() => save(format))}
          >
            {label}
          </Menu.Item>
        ))}
        {savePdf && (
          <Menu.Item
            leftSection={<FileType size={16} aria-hidden />}
            onClick={() => file.mutate(savePdf)}
          >
            PDF
          </Menu.Item>
        )}
        {later && <Menu.Label c="dimmed">In the background</Menu.Label>}
        {later?.map(({ label, start }) => (
          <Menu.Item
            key={label}
            leftSection={<FileClock size={16} aria-hidden />}
            onClick={() => file.mutate(start)}
          >
            {label}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  )
}

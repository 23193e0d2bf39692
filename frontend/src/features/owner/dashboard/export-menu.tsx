// The list as a file: everything that the filter lets through, in the list's order, written by the server.
import { Button, Menu } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { getRouteApi } from '@tanstack/react-router'
import { Download, FileSpreadsheet, FileText } from 'lucide-react'
import { asAppError } from '~/api/errors'
import { useOpenOnArrival } from '~/components/late-menu'
import { useExport } from './queries'

const route = getRouteApi('/_app/owner/dashboard')

const FORMATS = [
  { format: 'csv', label: 'CSV', icon: FileText },
  { format: 'xlsx', label: 'Excel (XLSX)', icon: FileSpreadsheet },
] as const

export default function ExportMenu() {
  const search = route.useSearch()
  const file = useExport()
  const { target, menu } = useOpenOnArrival()
  const refused = (error: unknown) => {
    const { title, detail } = asAppError(error)
    notifications.show({ color: 'red', title: 'Nothing was exported', message: detail ?? title })
  }
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
        <Menu.Label c="dimmed">All companies of this filter</Menu.Label>
        {FORMATS.map(({ format, label, icon: Icon }) => (
          <Menu.Item
            key={format}
            leftSection={<Icon size={16} aria-hidden />}
            onClick={() => file.mutate({ search, format }, { onError: refused })}
          >
            {label}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  )
}

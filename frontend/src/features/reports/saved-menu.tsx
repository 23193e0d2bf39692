// The reports that are kept under a name, and the way to keep this one.
import { Button, Menu, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { Bookmark, BookmarkPlus, Settings2 } from 'lucide-react'
import { useState } from 'react'
import type { Day } from '~/lib/time'
import type { ReportFilter } from './queries'
import { SaveDialog } from './save-dialog'
import { SavedDialog } from './saved-dialog'
import { savedReportsQuery, searchOf } from './saved-queries'

export default function SavedMenu({ filter, today }: { filter: ReportFilter; today: Day }) {
  const navigate = useNavigate()
  const [dialog, open] = useState<'save' | 'all'>()
  const saved = useQuery(savedReportsQuery).data?.items ?? []
  const close = () => open(undefined)
  return (
    <>
      <Menu position="bottom-end">
        <Menu.Target>
          <Button variant="default" leftSection={<Bookmark size={16} aria-hidden />}>
            Saved
          </Button>
        </Menu.Target>
        <Menu.Dropdown mah={420} style={{ overflowY: 'auto' }}>
          <Menu.Item
            leftSection={<BookmarkPlus size={16} aria-hidden />}
            onClick={() => open('save')}
          >
            Save this report
          </Menu.Item>
          {saved.length > 0 && (
            <>
              <Menu.Item
                leftSection={<Settings2 size={16} aria-hidden />}
                onClick={() => open('all')}
              >
                Rename, share or delete
              </Menu.Item>
              <Menu.Divider />
            </>
          )}
          {saved.map((one) => (
            <Menu.Item
              key={one.id}
              maw={320}
              onClick={() => void navigate({ to: '/reports', search: searchOf(one, today) })}
            >
              {one.name}
              {!one.is_mine && (
                <Text size="xs" c="dimmed">
                  {one.created_by}
                </Text>
              )}
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
      {dialog === 'save' && <SaveDialog filter={filter} today={today} onClose={close} />}
      {dialog === 'all' && <SavedDialog saved={saved} onClose={close} />}
    </>
  )
}

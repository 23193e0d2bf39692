// The frame of every page: document title, h1 that takes focus after navigation, purpose, actions.
import { Box, Group, Stack, Text, Title } from '@mantine/core'
import { type ReactNode, useEffect, useRef } from 'react'
import { shownName, useMe } from '~/api/me'
import c from './page.module.css'

/** The first page of a visit leaves focus where the browser puts it; every later one announces itself by its h1. */
let visited = false

export function useFocusedHeading() {
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => {
    if (visited) heading.current?.focus({ preventScroll: true })
    visited = true
  }, [])
  return heading
}

type PageProps = {
  title: ReactNode
  /** The page's name in the tab, when the title is more than text. */
  name?: string
  purpose?: ReactNode
  /** The link to the page above this one. */
  back?: ReactNode
  actions?: ReactNode
  children: ReactNode
}

export function Page({ title, name, purpose, back, actions, children }: PageProps) {
  const heading = useFocusedHeading()
  const me = useMe()
  const page = name ?? (typeof title === 'string' ? title : '')
  return (
    <Stack gap="lg" className={c.page}>
      <title>{`${page} - ${shownName(me) ?? 'Owner'}`}</title>
      <Group justify="space-between" align="flex-start" gap="md">
        <Box className={c.heading}>
          {back}
          <Title order={1} size="h2" ref={heading} tabIndex={-1} className={c.title}>
            {title}
          </Title>
          {purpose && (
            <Text c="dimmed" mt={4} maw={720} component="div">
              {purpose}
            </Text>
          )}
        </Box>
        {actions && <Group gap="sm">{actions}</Group>}
      </Group>
      {children}
    </Stack>
  )
}

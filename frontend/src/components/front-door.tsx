// The frame of pages for people who are not signed in.
import { Box, Paper, Stack, Text, Title } from '@mantine/core'
import type { ReactNode } from 'react'
import c from './front-door.module.css'
import { useFocusedHeading } from './page'
import { Brand } from './shell/brand'

type FrontDoorProps = { title: string; text?: ReactNode; children: ReactNode }

export function FrontDoor({ title, text, children }: FrontDoorProps) {
  const heading = useFocusedHeading()
  return (
    <main className={c.page}>
      <title>{`${title} - Tracker`}</title>
      <Stack w="100%" maw={420} gap="lg">
        <Brand />
        <Paper withBorder radius="lg" p={{ base: 'lg', xs: 'xl' }} shadow="xs">
          <Title order={1} size="h3" ref={heading} tabIndex={-1}>
            {title}
          </Title>
          {text && (
            <Text c="dimmed" mt={4} component="div">
              {text}
            </Text>
          )}
          <Box mt="lg">{children}</Box>
        </Paper>
        <Text size="xs" c="dimmed" ta="center">
          You see everything that is recorded about you. The provider of this service sees counts
          only.
        </Text>
      </Stack>
    </main>
  )
}

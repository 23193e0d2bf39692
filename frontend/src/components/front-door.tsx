// The frame of pages for people who are not signed in: the form, and beside it what the product promises.
import { Box, Paper, Stack, Text, Title } from '@mantine/core'
import type { ReactNode } from 'react'
import c from './front-door.module.css'
import { useFocusedHeading } from './page'
import { Brand } from './shell/brand'

const PROMISES = [
  ['Employees', 'see everything that is recorded about them.'],
  ['Admins', 'see their own company, with the same numbers.'],
  ['The provider', 'sees counts only. The database refuses the rest.'],
] as const

type FrontDoorProps = { title: string; text?: ReactNode; children: ReactNode }

export function FrontDoor({ title, text, children }: FrontDoorProps) {
  const heading = useFocusedHeading()
  return (
    <div className={c.page}>
      <title>{`${title} - Tracker`}</title>
      <main className={c.form}>
        <Stack w="100%" maw={400} gap="lg">
          <Brand />
          <Paper withBorder radius="lg" p={{ base: 'lg', xs: 'xl' }} shadow="xs">
            <Title order={1} size="h3" ref={heading} tabIndex={-1}>
              {title}
            </Title>
            {text && (
              <Text c="dimmed" size="sm" mt={4} component="div">
                {text}
              </Text>
            )}
            <Box mt="lg">{children}</Box>
          </Paper>
        </Stack>
      </main>
      <aside className={c.promise} aria-label="About this service">
        <div className={c.inner}>
          <p className={c.claim}>Work time that both sides can see.</p>
          <Lanes />
          <ul className={c.points}>
            {PROMISES.map(([who, what]) => (
              <li key={who}>
                <strong>{who}</strong> {what}
              </li>
            ))}
          </ul>
        </div>
      </aside>
    </div>
  )
}

/** A day as the product draws it, as decoration. */
function Lanes() {
  return (
    <svg viewBox="0 0 400 92" className={c.lanes} aria-hidden="true">
      <rect y="0" width="400" height="40" rx="8" className={c.track} />
      <path d="M24 0h118v40H24zM156 0h40v40h-40zM232 0h96v40h-96z" className={c.active} />
      <path d="M142 0h14v40h-14zM328 0h18v40h-18z" className={c.idle} />
      <rect y="50" width="400" height="18" rx="6" className={c.track} />
      <path d="M24 50h70v18H24zM232 50h52v18h-52z" className={c.first} />
      <path d="M94 50h48v18H94zM284 50h44v18h-44z" className={c.second} />
      <path d="M156 50h40v18h-40z" className={c.third} />
      {[34, 58, 82, 110, 134, 164, 186, 240, 262, 290, 314].map((x) => (
        <circle key={x} cx={x} cy="84" r="3.5" className={c.dot} />
      ))}
    </svg>
  )
}

// Whole-page states: an error, a page of another role, no such page, a company that is switched off.
import { Button, Center, Group, Paper, Stack, Text, ThemeIcon, Title } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { type ErrorComponentProps, useRouter } from '@tanstack/react-router'
import { Building2, Compass, Lock, type LucideIcon, TriangleAlert } from 'lucide-react'
import { type ReactNode, use } from 'react'
import { session } from '~/api/client'
import { type AppError, asAppError } from '~/api/errors'
import { ROLE_NAMES } from '~/lib/can'
import { InShell } from './in-shell'
import { ButtonLink } from './links'
import { useFocusedHeading } from './page'
import { Problem } from './problem'

export function RouteError({ error }: ErrorComponentProps) {
  const router = useRouter()
  const problem = asAppError(error)
  if (problem.companyInactive) return <CompanyInactive problem={problem} />
  if (problem.code === 'role_missing') return <Forbidden />
  if (problem.status === 404) return <RouteNotFound />
  return (
    <State icon={TriangleAlert} title="This page did not load" name="Error">
      <Problem error={problem} onRetry={() => void router.invalidate()} />
    </State>
  )
}

export function RouteNotFound() {
  return (
    <State
      icon={Compass}
      title="There is no such page"
      name="Not found"
      actions={<HomeButton />}
      text="The address is wrong, or what was here is gone or belongs to another company."
    />
  )
}

export function Forbidden() {
  const role = session.identity()?.role
  return (
    <State
      icon={Lock}
      title="This page is not for your role"
      name="Not allowed"
      actions={<HomeButton />}
      text={
        role
          ? `You are signed in as ${ROLE_NAMES[role]}. Another role opens this page; nobody can sign in as somebody else here.`
          : undefined
      }
    />
  )
}

/** What an employee sees when the company is suspended, expired or cancelled. */
export function CompanyInactive({ problem }: { problem: AppError }) {
  return (
    <State
      icon={Building2}
      title={problem.title}
      name="Company inactive"
      actions={<SignOutButton />}
      text={problem.detail}
    />
  )
}

function HomeButton() {
  return <ButtonLink to="/">Go to your start page</ButtonLink>
}

export function SignOutButton() {
  const cache = useQueryClient()
  return (
    <Button
      variant="default"
      onClick={async () => {
        await session.signOut()
        cache.clear()
      }}
    >
      Sign out
    </Button>
  )
}

type StateProps = {
  icon: LucideIcon
  title: string
  name: string
  text?: string | undefined
  actions?: ReactNode
  children?: ReactNode
}

function State({ icon: Icon, title, name, text, actions, children }: StateProps) {
  const heading = useFocusedHeading()
  const inShell = use(InShell)
  return (
    <Center component={inShell ? 'div' : 'main'} py={{ base: 40, sm: 80 }} px="md">
      <title>{`${name} - Tracker`}</title>
      <Paper withBorder radius="lg" p="xl" maw={520} w="100%">
        <Stack align="center" ta="center">
          <ThemeIcon size={56} radius="xl" variant="light" aria-hidden>
            <Icon size={26} />
          </ThemeIcon>
          <Title order={1} size="h3" ref={heading} tabIndex={-1}>
            {title}
          </Title>
          {text && <Text c="dimmed">{text}</Text>}
          {children && (
            <Stack w="100%" ta="start">
              {children}
            </Stack>
          )}
          {actions && <Group justify="center">{actions}</Group>}
        </Stack>
      </Paper>
    </Center>
  )
}

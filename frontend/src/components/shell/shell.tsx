// The frame around every page of somebody signed in: whose data this is, in which role, and the ways around.
import { Badge, Burger, Group, Kbd, Text, UnstyledButton } from '@mantine/core'
import { useDisclosure, useHotkeys } from '@mantine/hooks'
import { Outlet, useRouterState } from '@tanstack/react-router'
import { Search } from 'lucide-react'
import { lazy, type ReactNode, Suspense, useEffect, useLayoutEffect, useState } from 'react'
import { shownName, useDayZone, useMe, useZone } from '~/api/me'
import { isAccent, shadesOf } from '~/lib/accent'
import { isInactive, ROLE_NAMES } from '~/lib/can'
import { zoneLabel } from '~/lib/time'
import { Logo } from '../branding/logo'
import { InShell } from '../in-shell'
import { NavigationLink } from '../links'
import { wear } from '../themed'
import { Bell } from './bell'
import { Brand } from './brand'
import { InactiveBanner } from './inactive-banner'
import { entriesOf, isHere } from './nav'
import c from './shell.module.css'
import { ThemeToggle } from './theme-toggle'
import { UserMenu } from './user-menu'

const Palette = lazy(() => import('./palette'))
const Toasts = lazy(() => import('./toasts'))

export function Shell() {
  const me = useMe()
  const [menuOpen, menu] = useDisclosure()
  const path = useRouterState({ select: (state) => state.location.pathname })
  // biome-ignore lint/correctness/useExhaustiveDependencies: a change of page closes the menu on phones
  useEffect(menu.close, [path])
  useCompanyColour(me.company?.branding.accent)
  return (
    <div className={c.shell}>
      <a href="#content" className="skip">
        Skip to content
      </a>
      <header className={c.bar}>
        <Group wrap="nowrap" gap="sm" className={c.where}>
          <Burger
            opened={menuOpen}
            onClick={menu.toggle}
            hiddenFrom="sm"
            size="sm"
            aria-label={menuOpen ? 'Close navigation' : 'Open navigation'}
          />
          <Whose />
        </Group>
        <Group wrap="nowrap" gap="xs">
          <PaletteButton />
          {me.role !== 'OWNER' && <Bell />}
          <ThemeToggle />
          <UserMenu />
        </Group>
      </header>
      <nav aria-label="Main" className={c.navbar} data-open={menuOpen || undefined}>
        <Group h={44} px="xs" mb="sm" justify="space-between">
          <Brand />
          <Burger
            opened
            onClick={menu.close}
            hiddenFrom="sm"
            size="sm"
            aria-label="Close navigation"
          />
        </Group>
        {/* On a phone the open navigation covers the bar that says it. */}
        <Group hiddenFrom="sm" px="xs" mb="md" gap="sm" wrap="nowrap" className={c.where}>
          <Whose />
        </Group>
        <Navigation />
      </nav>
      <main id="content" className={c.main}>
        {me.role === 'ADMIN' && isInactive(me.company?.status) && <InactiveBanner />}
        <InShell value={true}>
          <Outlet />
        </InShell>
      </main>
      <Later>
        <Toasts />
      </Later>
    </div>
  )
}

/** Before the first paint, and until the person leaves. */
function useCompanyColour(accent: string | null | undefined) {
  useLayoutEffect(() => {
    wear(accent && isAccent(accent) ? shadesOf(accent) : undefined)
    return () => wear(undefined)
  }, [accent])
}

/** What nobody needs in the first second leaves the line to what the page shows. */
function Later({ children }: { children: ReactNode }) {
  const [due, setDue] = useState(false)
  useEffect(() => {
    const timer = setTimeout(() => setDue(true), 1000)
    return () => clearTimeout(timer)
  }, [])
  return due && <Suspense>{children}</Suspense>
}

/** Whose data this is, and in which role one looks at it. */
function Whose() {
  const me = useMe()
  const logo = me.company?.branding.logo
  return (
    <>
      {logo && <Logo logo={logo} within={[120, 28]} className={c.logo} />}
      <Text fw={650} truncate data-testid="company-name">
        {shownName(me) ?? 'Owner portal'}
      </Text>
      <Badge
        variant="light"
        className={c.role}
        {...(me.role === 'EMPLOYEE' ? { color: 'teal' } : {})}
      >
        {ROLE_NAMES[me.role]}
      </Badge>
    </>
  )
}

function Navigation() {
  const me = useMe()
  const zone = useZone()
  const dayZone = useDayZone()
  const location = useRouterState({ select: (state) => state.location })
  return (
    <>
      <div className={c.links}>
        {entriesOf(me).map(({ label, icon: Icon, ...target }) => {
          const here = isHere(target, location.pathname, location.hash)
          return (
            <NavigationLink
              key={label}
              {...target}
              label={label}
              className={c.link}
              // The router would mark the page itself only; this also marks pages below it.
              active={here}
              aria-current={here ? 'page' : undefined}
              activeOptions={{ exact: true, includeHash: true, includeSearch: false }}
              leftSection={<Icon size={18} aria-hidden />}
            />
          )
        })}
      </div>
      <Text size="xs" c="dimmed" px="xs" mt="auto" component="p">
        Times in {zoneLabel(zone)}
        {zone !== dayZone && `; days of ${zoneLabel(dayZone)}`}
      </Text>
    </>
  )
}

function PaletteButton() {
  const [wanted, setWanted] = useState(false)
  const [opens, setOpens] = useState(0)
  const open = () => {
    setWanted(true)
    setOpens((times) => times + 1)
  }
  useHotkeys([['mod+K', open]], [])
  useHotkeys([['/', open]])
  return (
    <>
      <UnstyledButton
        className={c.search}
        onClick={open}
        aria-label="Search and commands"
        aria-keyshortcuts="Control+K Meta+K"
      >
        <Search size={16} aria-hidden />
        <span className={c.searchText}>Search</span>
        <Kbd size="xs" className={c.searchKeys} aria-hidden>
          {/Mac|iPhone|iPad/.test(navigator.userAgent) ? '⌘ K' : 'Ctrl K'}
        </Kbd>
      </UnstyledButton>
      {wanted && (
        <Suspense>
          <Palette opens={opens} />
        </Suspense>
      )}
    </>
  )
}

// The command palette: pages, people or companies by name, theme, sign out. Loaded when first opened.
import '@mantine/spotlight/styles.css'
import { Loader, useMantineColorScheme } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { createSpotlight, Spotlight } from '@mantine/spotlight'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { Building2, LogOut, Moon, Search, User } from 'lucide-react'
import { useEffect, useState } from 'react'
import { api, ok } from '~/api/client'
import { useMe } from '~/api/me'
import type { Role } from '~/api/types'
import { administers } from '~/lib/can'
import { entriesOf } from './nav'
import { signOut } from './sign-out'
import { SCHEMES } from './theme-toggle'

const [store, actions] = createSpotlight()
const AT_MOST = 8
const PROFILE = { to: '/profile', label: 'Profile', icon: User } as const

type Hit = { id: string; label: string; description: string; open: () => void }

const SCROLLS = { viewportProps: { tabIndex: 0, role: 'group', 'aria-label': 'Results' } }

export default function Palette({ opens }: { opens: number }) {
  const me = useMe()
  const navigate = useNavigate()
  const { setColorScheme } = useMantineColorScheme()
  const [text, setText] = useState('')
  const hits = useHits(me.role, text)
  useEffect(() => {
    if (opens) actions.open()
  }, [opens])

  const matches = (label: string) => label.toLowerCase().includes(text.trim().toLowerCase())
  const pages = [...entriesOf(me), PROFILE].filter(({ label }) => matches(label))
  const schemes = SCHEMES.filter(({ label }) => matches(`Theme: ${label}`))
  const leaving = matches('Sign out')
  const nothing = !pages.length && !schemes.length && !hits.found.length && !leaving
  return (
    <Spotlight.Root
      store={store}
      query={text}
      onQueryChange={setText}
      shortcut={null}
      radius="lg"
      scrollable
      maxHeight={420}
      transitionProps={{ duration: 0 }}
      attributes={{ content: { 'aria-label': 'Command palette' } } as object}
    >
      <Spotlight.Search
        placeholder="Search or jump to…"
        aria-label="Search or jump to"
        leftSection={<Search size={18} aria-hidden />}
        rightSection={hits.busy ? <Loader size="xs" /> : null}
      />
      {/* It scrolls: whoever has no pointer must get into it. The list hands on what its types do not know. */}
      <Spotlight.ActionsList {...(SCROLLS as object)}>
        {pages.length > 0 && (
          <Spotlight.ActionsGroup label="Go to">
            {pages.map(({ label, icon: Icon, ...target }) => (
              <Spotlight.Action
                key={label}
                label={label}
                leftSection={<Icon size={18} aria-hidden />}
                onClick={() => void navigate(target)}
              />
            ))}
          </Spotlight.ActionsGroup>
        )}
        {hits.found.length > 0 && (
          <Spotlight.ActionsGroup label={me.role === 'OWNER' ? 'Companies' : 'People'}>
            {hits.found.map((hit) => (
              <Spotlight.Action
                key={hit.id}
                label={hit.label}
                description={hit.description}
                leftSection={
                  me.role === 'OWNER' ? (
                    <Building2 size={18} aria-hidden />
                  ) : (
                    <User size={18} aria-hidden />
                  )
                }
                onClick={hit.open}
              />
            ))}
          </Spotlight.ActionsGroup>
        )}
        {(schemes.length > 0 || leaving) && (
          <Spotlight.ActionsGroup label="Commands">
            {schemes.map(({ value, label }) => (
              <Spotlight.Action
                key={value}
                label={`Theme: ${label}`}
                leftSection={<Moon size={18} aria-hidden />}
                onClick={() => setColorScheme(value)}
              />
            ))}
            {leaving && (
              <Spotlight.Action
                label="Sign out"
                leftSection={<LogOut size={18} aria-hidden />}
                onClick={signOut}
              />
            )}
          </Spotlight.ActionsGroup>
        )}
        {nothing && !hits.busy && <Spotlight.Empty>Nothing found</Spotlight.Empty>}
      </Spotlight.ActionsList>
    </Spotlight.Root>
  )
}

/** People of the company for its admins, companies for the owner; an employee has nobody to look for. */
function useHits(role: Role, text: string): { found: Hit[]; busy: boolean } {
  const navigate = useNavigate()
  const [q] = useDebouncedValue(text.trim(), 200)
  const companies = useQuery({
    queryKey: ['companies', 'palette', q],
    enabled: role === 'OWNER' && q.length > 0,
    placeholderData: keepPreviousData,
    queryFn: ({ signal }) =>
      ok(api.GET('/api/owner/companies', { params: { query: { q, limit: AT_MOST } }, signal })),
  })
  const people = useQuery({
    queryKey: ['employees', 'palette', q],
    enabled: administers({ role }) && q.length > 0,
    placeholderData: keepPreviousData,
    queryFn: ({ signal }) =>
      ok(api.GET('/api/employees', { params: { query: { q, limit: AT_MOST } }, signal })),
  })
  if (!q) return { found: [], busy: false }
  const found = [
    ...(companies.data?.items ?? []).map((company) => ({
      id: company.id,
      label: company.name,
      description: `${company.plan} · ${company.status.toLowerCase()}`,
      open: () =>
        void navigate({ to: '/owner/company/$companyId', params: { companyId: company.id } }),
    })),
    ...(people.data?.items ?? []).map((person) => ({
      id: person.id,
      label: person.name || person.email,
      description: person.email,
      open: () =>
        void navigate({ to: '/employees/$employeeId', params: { employeeId: person.id } }),
    })),
  ]
  return { found, busy: companies.isFetching || people.isFetching }
}

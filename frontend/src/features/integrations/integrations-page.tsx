// What other programs come with: the company's API tokens.
import { Anchor, Button, Card, Skeleton } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { KeyRound, Plus } from 'lucide-react'
import { lazy, Suspense, useState } from 'react'
import { useMe, useZone } from '~/api/me'
import type { ApiToken, ApiTokens } from '~/api/types'
import { DataTable } from '~/components/data-table'
import { Empty } from '~/components/empty'
import { Loaded } from '~/components/loaded'
import { Page } from '~/components/page'
import { Pager } from '~/components/pager'
import { WithReason } from '~/components/with-reason'
import { whyReadOnly } from '~/lib/can'
import { apiTokenColumns } from './columns'
import { apiTokensQuery } from './queries'

// Most visits only look: the form and what it is made of come when they are asked for.
const CreateDialog = lazy(() => import('./create-dialog'))
const RevokeDialog = lazy(() => import('./revoke-dialog'))

const route = getRouteApi('/_app/_admin/integrations')

export function IntegrationsPage() {
  const { cursor, create } = route.useSearch()
  const navigate = route.useNavigate()
  const tokens = useQuery(apiTokensQuery(cursor))
  const readOnly = whyReadOnly(useMe())
  const ask = (create: boolean) =>
    void navigate({ search: (old) => ({ ...old, create }), replace: !create })
  return (
    <Page
      title="Integrations"
      purpose={
        <>
          API tokens let other programs read or change what you allow. How to use them is in the{' '}
          <Anchor href="/api/docs/" underline="always">
            API’s documentation
          </Anchor>
          .
        </>
      }
      actions={
        <WithReason reason={readOnly}>
          {(blocked) => (
            <Button
              leftSection={<Plus size={16} aria-hidden />}
              onClick={() => ask(true)}
              {...blocked}
            >
              New API token
            </Button>
          )}
        </WithReason>
      }
    >
      <Card p={0} component="section" aria-label="API tokens">
        <Loaded query={tokens} skeleton={<Skeleton h={240} m="md" w="auto" />}>
          {(page) =>
            page.items.length === 0 ? (
              <Empty
                icon={KeyRound}
                title="No program has access"
                action={
                  !readOnly && <Button onClick={() => ask(true)}>Make the first token</Button>
                }
              >
                A token has a name, an end, and only the rights you give it.
              </Empty>
            ) : (
              <Rows page={page} readOnly={readOnly} busy={tokens.isPlaceholderData} />
            )
          }
        </Loaded>
      </Card>
      <Suspense>{create && !readOnly && <CreateDialog onClose={() => ask(false)} />}</Suspense>
    </Page>
  )
}

type RowsProps = { page: ApiTokens; readOnly: string | undefined; busy: boolean }

function Rows({ page, readOnly, busy }: RowsProps) {
  const zone = useZone()
  const { cursor } = route.useSearch()
  const navigate = route.useNavigate()
  const [revoking, setRevoking] = useState<ApiToken>()
  return (
    <>
      <DataTable
        caption="API tokens"
        columns={apiTokenColumns({ zone, readOnly, onRevoke: setRevoking })}
        rows={page.items}
        rowKey={(token) => token.id}
        busy={busy}
      />
      <Pager
        shown={page.items.length}
        cursor={cursor}
        next={page.next_cursor}
        onGo={(cursor, state) => void navigate({ search: (old) => ({ ...old, cursor }), state })}
      />
      <Suspense>
        {revoking && <RevokeDialog token={revoking} onClose={() => setRevoking(undefined)} />}
      </Suspense>
    </>
  )
}

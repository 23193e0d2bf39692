// Who looked at what was recorded about oneself, and why.
import { getRouteApi } from '@tanstack/react-router'
import { useMe } from '~/api/me'
import AccessLog from '~/components/access/access-log'
import { Page } from '~/components/page'

const route = getRouteApi('/_app/_me/access')

export function AccessPage() {
  const me = useMe()
  const { cursor } = route.useSearch()
  const navigate = route.useNavigate()
  return (
    <Page
      title="Who looked"
      purpose="Every look of somebody else at your days and pictures, with the reason where one is asked for."
    >
      <AccessLog
        id={me.id}
        cursor={cursor}
        onGo={(cursor, state) => void navigate({ search: { cursor }, state })}
      />
    </Page>
  )
}

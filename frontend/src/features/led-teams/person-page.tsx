// A day of somebody whose team one leads: what the person sees of it, without the pictures.
import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { asAppError } from '~/api/errors'
import { useToday } from '~/api/me'
import { BackLink } from '~/components/back-link'
import { Page } from '~/components/page'
import { RouteNotFound } from '~/components/route-states'
import { DayView } from '~/components/timeline/day-view'
import { dayQuery } from '~/components/timeline/queries'

const route = getRouteApi('/_app/_me/team/$userId')

export function PersonPage() {
  const { userId } = route.useParams()
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const day = useQuery(dayQuery(userId, search.day, useToday()))
  if (day.error && [404, 422].includes(asAppError(day.error).status)) return <RouteNotFound />
  return (
    <Page
      key={userId}
      title={day.data?.user.name ?? 'Somebody of my team'}
      back={<BackLink to="/team">My team</BackLink>}
      purpose="As the person sees it, without pictures. They can read that you looked."
    >
      <DayView
        userId={userId}
        search={search}
        onSearch={(change, how) =>
          void navigate({
            search: (old) => ({ ...old, ...change }),
            replace: how?.replace ?? false,
            resetScroll: false,
          })
        }
        nothing="Either no work was tracked, or the agent has not sent it yet."
        pictures={false}
      />
    </Page>
  )
}

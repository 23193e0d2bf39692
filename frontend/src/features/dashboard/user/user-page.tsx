// One's own day, exactly as the admins see it, and what is recorded in plain words.
import { Code } from '@mantine/core'
import { getRouteApi } from '@tanstack/react-router'
import { useMe } from '~/api/me'
import { Page } from '~/components/page'
import { PolicyBanner } from '~/components/policy/banner'
import { TimerCard } from '~/components/tasks/timer-card'
import { DayView } from '~/components/timeline/day-view'
import { AgentsCard } from './agents-card'
import { RecordedCard } from './recorded-card'

const route = getRouteApi('/_app/_me/dashboard/user')

export function UserPage() {
  const me = useMe()
  const search = route.useSearch()
  const navigate = route.useNavigate()
  return (
    <Page
      title="My day"
      purpose="Everything that was recorded about you, exactly as your admins see it."
    >
      <PolicyBanner />
      <TimerCard />
      <DayView
        userId={me.id}
        search={search}
        onSearch={(change, how) =>
          void navigate({
            search: (old) => ({ ...old, ...change }),
            replace: how?.replace ?? false,
            resetScroll: false,
          })
        }
        nothing={
          <>
            Your agent was not running, was paused, or has not sent its data yet. On your computer,{' '}
            <Code>tracker-agent status</Code> says which.
          </>
        }
      />
      <AgentsCard />
      <RecordedCard />
    </Page>
  )
}

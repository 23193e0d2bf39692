// A day's pictures by the hour, of a person or a team; one's own where the role allows no others.
import { Card, Checkbox, Group, NativeSelect, Skeleton, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { Camera, Users } from 'lucide-react'
import { lazy, Suspense } from 'react'
import { useClocks, useMe, useToday } from '~/api/me'
import { Empty } from '~/components/empty'
import { Loaded } from '~/components/loaded'
import { NoMatch } from '~/components/no-match'
import { Page } from '~/components/page'
import { Pager } from '~/components/pager'
import { ReturnFocus } from '~/components/screenshots/return-focus'
import { teamChoicesQuery } from '~/components/teams/queries'
import { DayStepper } from '~/components/timeline/day-stepper'
import { shownDay } from '~/components/timeline/queries'
import { administers } from '~/lib/can'
import { formatDay, zoneLabel } from '~/lib/time'
import { DayStrip } from './day-strip'
import { Hours } from './hours-view'
import { PersonSelect } from './person-select'
import { filtersOf, galleryQuery, slotsQuery, type Whose, whoseOf } from './queries'
import c from './screenshots-page.module.css'
import type { ScreenshotsSearch } from './search'

const Lightbox = lazy(() => import('~/components/screenshots/lightbox'))

const route = getRouteApi('/_app/_me/screenshots')

function useGo() {
  const navigate = route.useNavigate()
  /** Another day, person or filter begins at its first page. */
  return (change: Partial<ScreenshotsSearch>) =>
    void navigate({
      search: (old) => ({ ...old, cursor: undefined, shot: undefined, ...change }),
      replace: true,
      resetScroll: false,
    })
}

export function ScreenshotsPage() {
  const me = useMe()
  const search = route.useSearch()
  const go = useGo()
  const today = useToday()
  const day = shownDay(search.day, today)
  const isAdmin = administers(me)
  const whose = whoseOf(search, me)
  return (
    <Page
      title="Screenshots"
      purpose={
        isAdmin
          ? 'Pictures of a day, blurred. Opening the original of one takes a reason, which the person reads.'
          : 'Every picture that was taken of your screens, or why there is none. Your admins see them blurred.'
      }
      actions={
        <DayStepper
          day={day}
          today={today}
          onDay={(to) => go({ day: to === today ? undefined : to })}
        />
      }
    >
      <Card p={0} component="section" aria-label="Pictures of the day">
        <Filters isAdmin={isAdmin} />
        {whose ? (
          <>
            <DayStrip
              whose={whose}
              day={day}
              today={today}
              onDay={(to) => go({ day: to === today ? undefined : to })}
            />
            <Day whose={whose} day={day} />
          </>
        ) : (
          <Empty icon={Users} title="Whose pictures?">
            Choose a person or a team. Whoever is shown finds a note of it.
          </Empty>
        )}
      </Card>
    </Page>
  )
}

function Filters({ isAdmin }: { isAdmin: boolean }) {
  const search = route.useSearch()
  const go = useGo()
  const teams = useQuery({ ...teamChoicesQuery, enabled: isAdmin }).data?.items ?? []
  const choices = (
    label: string,
    value: string | undefined,
    [any, yes, no]: [string, string, string],
    onChoice: (value: string | undefined) => void,
  ) => (
    <NativeSelect
      aria-label={label}
      value={value === 'yes' || value === 'no' ? value : ''}
      data={[
        { value: '', label: any },
        { value: 'yes', label: yes },
        { value: 'no', label: no },
      ]}
      onChange={({ currentTarget: { value } }) => onChoice(value || undefined)}
    />
  )
  return (
    <search className={c.filters}>
      {isAdmin && (
        <>
          <PersonSelect id={search.person} onPerson={(person) => go({ person, team: undefined })} />
          <NativeSelect
            aria-label="Team"
            value={search.person ? '' : (search.team ?? '')}
            data={[
              { value: '', label: 'No team chosen' },
              ...teams.map(({ id, name }) => ({ value: id, label: name })),
            ]}
            onChange={({ currentTarget: { value } }) =>
              go({ team: value || undefined, person: undefined })
            }
          />
        </>
      )}
      {choices(
        'Blurred',
        search.blurred,
        ['Blurred or not', 'Blurred on the device', 'Not blurred on the device'],
        (blurred) => go({ blurred }),
      )}
      {choices(
        'Deleted',
        search.deleted,
        ['With deleted ones', 'Only deleted ones', 'Without deleted ones'],
        (deleted) => go({ deleted }),
      )}
      <Checkbox
        label="Low activity only"
        checked={search.low}
        onChange={({ currentTarget: { checked } }) => go({ low: checked || undefined })}
      />
    </search>
  )
}

function Day({ whose, day }: { whose: Whose; day: string }) {
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const go = useGo()
  const gallery = useQuery(galleryQuery(whose, day, search))
  const isFiltered = Object.values(filtersOf(search)).some((one) => one !== undefined)
  // Ten minutes whose pictures a filter leaves out have some.
  const slots = useQuery(slotsQuery(isFiltered ? undefined : whose, day))
  const show = (shot: string | undefined) =>
    void navigate({
      search: (old) => ({ ...old, shot }),
      replace: !shot || !!search.shot,
      resetScroll: false,
    })
  const zone = useClocks(gallery.data)?.time_zone
  const there = gallery.data?.items.filter(({ deletion }) => !deletion) ?? []
  const shown = there.find(({ id }) => id === search.shot)
  return (
    <>
      <Loaded query={gallery} skeleton={<Skeleton h={420} m="md" w="auto" />}>
        {(page) => {
          const why = (!isFiltered && slots.data?.items) || []
          if (page.kept_from && day < page.kept_from)
            return (
              <Empty icon={Camera} title={`Pictures of ${formatDay(day)} were deleted by age`}>
                The company keeps those from {formatDay(page.kept_from)} on.
              </Empty>
            )
          if (page.items.length === 0 && isFiltered)
            return <NoMatch title="No picture of this day matches" />
          if (page.items.length === 0 && why.length === 0)
            return (
              <Empty icon={Camera} title={`No pictures on ${formatDay(day, 'long')}`}>
                {whose.user_id
                  ? 'Nothing was recorded on this day, or it has not been sent yet.'
                  : 'None was taken of anybody in this team, or they have not been sent yet.'}
              </Empty>
            )
          return (
            <>
              <Group justify="space-between" px="md" gap="xs">
                <Text size="sm" c="dimmed">
                  Times in {zoneLabel(zone ?? page.time_zone, new Date(page.from))}.
                </Text>
              </Group>
              <Hours
                page={page}
                slots={why}
                isPart={!!search.cursor}
                ofOne={!!whose.user_id}
                onOpen={(shot) => show(shot)}
              />
              <Pager
                shown={page.items.length}
                cursor={search.cursor}
                next={page.next_cursor}
                onGo={(cursor, state) =>
                  void navigate({ search: (old) => ({ ...old, cursor, shot: undefined }), state })
                }
              />
            </>
          )
        }}
      </Loaded>
      <ReturnFocus to={search.shot} />
      <Suspense>
        {gallery.data && zone && shown && (
          <Lightbox
            shots={there}
            shot={shown}
            zone={zone}
            originals={gallery.data.originals_shown}
            ownMayGo={gallery.data.own_may_be_deleted}
            onShow={show}
            onClose={() => go({ cursor: search.cursor })}
          />
        )}
      </Suspense>
    </>
  )
}

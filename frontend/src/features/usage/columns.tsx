// Columns of the list: what it is, how much time, which share, how many people.
import type { UsageEntry } from '~/api/types'
import { categoryName } from '~/components/categories/categories'
import type { Column } from '~/components/data-table'
import { ContestButton } from '~/components/disputes/contest-button'
import { AnchorLink } from '~/components/links'
import { count, duration, percent } from '~/lib/format'
import type { Kind } from './queries'
import type { UsageSearch } from './search'

const HEADS: Record<Kind, string> = {
  app: 'Application',
  host: 'Site',
  category: 'Category',
  person: 'Employee',
  team: 'Team',
}

export const NO_TEAM = 'In no team'

/** Where a row leads: to who used it, or to what was used; of oneself to the days on which it was. */
function within({ id, name }: UsageEntry, by: Kind, ofOthers: boolean): Partial<UsageSearch> {
  const rest = { app: undefined, host: undefined, category: undefined }
  if (!ofOthers) return { ...rest, [by]: name }
  if (by === 'app') return { by: 'person', ...rest, app: name }
  if (by === 'host') return { by: 'person', ...rest, host: name }
  if (by === 'category') return { by: 'person', ...rest, category: name }
  if (by === 'team') return { by: 'person', team: id ?? 'none' }
  return { by: 'app', person: id ?? undefined, ...rest }
}

/** How a row's time is labelled can be contested by whose time it is. */
const contest = (by: 'app' | 'host'): Column<UsageEntry> => ({
  key: 'contest',
  header: 'Actions',
  bare: true,
  align: 'end',
  cell: ({ name }) => <ContestButton about={{ kind: 'label', [by]: name }} />,
})

export function usageColumns(by: Kind, total: number, ofOthers: boolean): Column<UsageEntry>[] {
  const people: Column<UsageEntry> = {
    key: 'people',
    header: 'People',
    sort: 'people',
    first: 'desc',
    align: 'end',
    cell: ({ people }) => count(people),
  }
  return [
    {
      key: 'name',
      header: HEADS[by],
      sort: 'name',
      names: true,
      cell: (entry) => {
        if (!ofOthers && by === 'category') return categoryName(entry.name)
        return (
          <AnchorLink
            to="/usage"
            search={(old) => ({
              ...old,
              q: undefined,
              sort: undefined,
              cursor: undefined,
              ...within(entry, by, ofOthers),
            })}
            fz="sm"
            fw={600}
            c="var(--mantine-color-text)"
            style={{ overflowWrap: 'anywhere' }}
          >
            {by === 'category' ? categoryName(entry.name) : entry.name || NO_TEAM}
          </AnchorLink>
        )
      },
    },
    {
      key: 'seconds',
      header: 'Time',
      sort: 'seconds',
      first: 'desc',
      align: 'end',
      cell: ({ seconds }) => duration(seconds),
    },
    {
      key: 'share',
      header: 'Share',
      align: 'end',
      cell: ({ seconds }) => percent(seconds, total) ?? '–',
    },
    ...(by === 'person' || !ofOthers ? [] : [people]),
    ...(!ofOthers && (by === 'app' || by === 'host') ? [contest(by)] : []),
  ]
}

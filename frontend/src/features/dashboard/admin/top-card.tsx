// Where the time goes: the applications or sites in front longest.
import { Card, Skeleton, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { AppWindow, Globe } from 'lucide-react'
import { BarList } from '~/components/bar-list'
import { Empty } from '~/components/empty'
import { Loaded } from '~/components/loaded'
import { duration } from '~/lib/format'
import { appsQuery, hostsQuery } from './queries'

const TOP = 8
const WORDS = {
  apps: { title: 'Top applications', head: 'Application', icon: AppWindow },
  hosts: { title: 'Top sites', head: 'Site', icon: Globe },
} as const

type TopCardProps = { kind: keyof typeof WORDS; range: { from: string; to: string } }

export function TopCard({ kind, range }: TopCardProps) {
  const words = WORDS[kind]
  const apps = useQuery({ ...appsQuery(range), enabled: kind === 'apps' })
  const hosts = useQuery({ ...hostsQuery(range), enabled: kind === 'hosts' })
  const skeleton = <Skeleton h={280} />
  return (
    <Card component="section" aria-label={words.title}>
      <Title order={2} size="h5" mb="sm">
        {words.title}
      </Title>
      {kind === 'apps' ? (
        <Loaded query={apps} skeleton={skeleton}>
          {({ items }) => (
            <Ranking words={words} rows={items.map(({ app, seconds }) => [app, seconds])} />
          )}
        </Loaded>
      ) : (
        <Loaded query={hosts} skeleton={skeleton}>
          {({ items }) => (
            <Ranking words={words} rows={items.map(({ host, seconds }) => [host, seconds])} />
          )}
        </Loaded>
      )}
    </Card>
  )
}

type RankingProps = { words: (typeof WORDS)[keyof typeof WORDS]; rows: [string, number][] }

function Ranking({ words, rows }: RankingProps) {
  if (rows.length === 0) return <Empty icon={words.icon} title="Nothing was recorded" />
  return (
    <BarList
      caption={words.title}
      head={[words.head, 'Time']}
      items={rows
        .toSorted(([, a], [, b]) => b - a)
        .slice(0, TOP)
        .map(([name, seconds]) => ({ key: name, name, value: seconds, text: duration(seconds) }))}
    />
  )
}

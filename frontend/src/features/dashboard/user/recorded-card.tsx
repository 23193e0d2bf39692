// What the agent records, what it never records, and who sees it: in words that need no lawyer.
import { Card, SimpleGrid, Skeleton, Stack, Text, ThemeIcon, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Check, Eye, type LucideIcon, X } from 'lucide-react'
import { useMe } from '~/api/me'
import { Loaded } from '~/components/loaded'
import { InForce } from '~/components/own-settings/in-force'
import { mySettingsQuery } from '~/components/own-settings/queries'
import c from './recorded-card.module.css'

const RECORDED = [
  'When your agent runs: start, end, active and idle time.',
  'Which application is in front, and its window title.',
  'Which sites you visit: the name, and the page where your company keeps it.',
  'How many keys and clicks there were in each minute.',
  'Pictures of the screen, where your company has switched them on; blurred on your computer where it asks for that.',
]
const NEVER = [
  'What you type: keys are counted, not read.',
  'Anything while the agent is paused or not running; a pause shows only as private time.',
  'Your camera, your microphone, your files.',
]
const SEEN = [
  'You see all of it here.',
  'The admins of your company see the same days and numbers, and your pictures blurred.',
  'Who leads your team sees your days without pictures, or only sums of the team: as your company decides.',
  'Other colleagues see nothing of it. Each look at you is listed under “Who looked”.',
  'The provider of this service sees counts per company and day. Its database account cannot read more.',
]

export function RecordedCard() {
  const company = useMe().company?.name ?? 'your company'
  return (
    <Card component="section" aria-label="What is recorded" id="recorded" className={c.card}>
      <Title order={2} size="h5">
        What is recorded
      </Title>
      <Text size="sm" c="dimmed" mb="md">
        By the agent on your computer, for {company}, and only while it runs.
      </Text>
      <SimpleGrid cols={{ base: 1, md: 3 }} spacing="lg">
        <Points title="Recorded" icon={Check} color="teal" points={RECORDED} />
        <Points title="Never recorded" icon={X} color="red" points={NEVER} />
        <Points title="Who sees it" icon={Eye} color="indigo" points={SEEN} />
      </SimpleGrid>
      <Mine />
    </Card>
  )
}

/** What of it the settings decide, as they are for this person. */
function Mine() {
  const settings = useQuery(mySettingsQuery)
  return (
    <Stack gap="xs" mt="lg">
      <Title order={3} size="sm" fw={600}>
        Settings in force for you
      </Title>
      <Loaded query={settings} skeleton={<Skeleton h={320} />}>
        {(values) => <InForce values={values} mine />}
      </Loaded>
    </Stack>
  )
}

type PointsProps = { title: string; icon: LucideIcon; color: string; points: string[] }

function Points({ title, icon: Icon, color, points }: PointsProps) {
  return (
    <div>
      <Title order={3} size="sm" fw={600} mb="xs">
        {title}
      </Title>
      <ul className={c.points}>
        {points.map((point) => (
          <li key={point}>
            <ThemeIcon size={20} radius="xl" variant="light" color={color} aria-hidden>
              <Icon size={12} />
            </ThemeIcon>
            <span>{point}</span>
          </li>
        ))}
      </ul>
    </div>
  )
}

// Tries the rules as they are saved: which one decides, and which come later.
import {
  Button,
  Card,
  Group,
  List,
  NativeSelect,
  SimpleGrid,
  Stack,
  Text,
  TextInput,
  Title,
} from '@mantine/core'
import { useForm } from '@mantine/form'
import { useState } from 'react'
import type { RuleVerdict, Team } from '~/api/types'
import { CATEGORY_NAMES, CATEGORY_TONES } from '~/components/categories/categories'
import { FormProblem } from '~/components/form-problem'
import { Pill } from '~/components/pill'
import { useTestRules } from './queries'
import { FIELDS } from './values'

type TestCardProps = {
  teams: Team[]
  /** Of the list: what another one said is not shown. */
  version: number | undefined
}

export function TestCard({ teams, version }: TestCardProps) {
  const test = useTestRules()
  const [tried, setTried] = useState<number>()
  const form = useForm({
    initialValues: { app: '', host: '', title: '', team: '' },
    validate: (values) =>
      values.app.trim() || values.host.trim() || values.title.trim()
        ? {}
        : { app: 'Enter an application, a site or a title.' },
    // What is shown was found for other values.
    onValuesChange: () => test.reset(),
  })
  const submit = form.onSubmit(({ app, host, title, team }) => {
    const given = { app: app.trim(), host: host.trim(), title: title.trim(), team_id: team }
    setTried(version)
    test.mutate(Object.fromEntries(Object.entries(given).filter(([, text]) => text)))
  })
  const text = (name: 'app' | 'host' | 'title', maxLength: number) => (
    <TextInput
      label={FIELDS[name]}
      maxLength={maxLength}
      autoComplete="off"
      spellCheck={false}
      {...form.getInputProps(name)}
    />
  )
  return (
    <Card component="section" aria-label="Try the rules">
      <Title order={2} size="h5">
        Try the rules
      </Title>
      <Text size="sm" c="dimmed" mb="sm">
        What is in front for a moment: an application with its title, and a site while browsing.
      </Text>
      <form onSubmit={submit} noValidate>
        <Stack>
          <FormProblem error={test.error} />
          <SimpleGrid cols={{ base: 1, sm: 2, lg: 4 }}>
            {text('app', 200)}
            {text('host', 200)}
            {text('title', 500)}
            <NativeSelect
              label="Somebody"
              data={[
                { value: '', label: 'in no team' },
                ...teams.map(({ id, name }) => ({ value: id, label: `in ${name}` })),
              ]}
              {...form.getInputProps('team')}
            />
          </SimpleGrid>
          <Group>
            <Button type="submit" variant="default" loading={test.isPending}>
              Try
            </Button>
          </Group>
        </Stack>
      </form>
      <output aria-live="polite">
        {test.data && tried === version && <Verdict verdict={test.data} />}
      </output>
    </Card>
  )
}

function Verdict({ verdict: { category, hits } }: { verdict: RuleVerdict }) {
  const [first, ...later] = hits
  return (
    <Stack gap={4} mt="md">
      <Group gap="sm">
        <Pill tone={CATEGORY_TONES[category]}>{CATEGORY_NAMES[category]}</Pill>
        <Text span size="sm" fw={600} style={{ overflowWrap: 'anywhere' }}>
          {first
            ? `Rule ${first.position} decides: ${FIELDS[first.rule.field]} ${first.rule.pattern}`
            : 'No rule fits.'}
        </Text>
      </Group>
      {later.length > 0 && (
        <>
          <Text size="sm" c="dimmed">
            These fit as well, and come later:
          </Text>
          <List size="sm">
            {later.map(({ position, rule }) => (
              <List.Item key={position} style={{ overflowWrap: 'anywhere' }}>
                Rule {position}: {FIELDS[rule.field]} {rule.pattern},{' '}
                {CATEGORY_NAMES[rule.category].toLowerCase()}
              </List.Item>
            ))}
          </List>
        </>
      )}
    </Stack>
  )
}

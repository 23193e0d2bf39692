// One rule: made, or changed in its place.
import { Button, Group, Modal, NativeSelect, Radio, Stack, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { asAppError } from '~/api/errors'
import type { Rule, RuleList, Team } from '~/api/types'
import { CATEGORIES, CATEGORY_NAMES } from '~/components/categories/categories'
import { FormProblem } from '~/components/form-problem'
import { useChangeRules } from './queries'
import { FIELDS, KINDS, saved } from './values'

const HINTS: Record<Rule['field'], Record<Rule['kind'], string>> = {
  app: {
    glob: 'The whole name, such as Firefox or LibreOffice *',
    regex: 'Found anywhere in the name, such as ^(gimp|inkscape)$',
  },
  host: {
    glob: 'The host and all below it, such as example.com',
    regex: 'Found anywhere in the host, such as ^(wiki|desk)\\.',
  },
  title: {
    glob: 'The whole title, such as *invoice*',
    regex: 'Found anywhere in the title, such as invoice \\d+',
  },
}

type RuleDialogProps = {
  list: RuleList
  /** Which rule is changed; none for a new one. */
  at?: number | undefined
  /** What a new one begins with. */
  begin?: Partial<Rule> | undefined
  teams: Team[]
  onClose: () => void
}

export default function RuleDialog({ list, at, begin, teams, onClose }: RuleDialogProps) {
  const change = useChangeRules()
  const was = at === undefined ? begin : list.items[at]
  const form = useForm({
    initialValues: {
      field: was?.field ?? 'app',
      kind: was?.kind ?? 'glob',
      pattern: was?.pattern ?? '',
      category: was?.category ?? 'productive',
      team: was?.team_id ?? '',
    },
    validate: { pattern: (pattern) => (pattern.trim() ? null : 'Enter what to look for.') },
  })
  const { field, kind } = form.values
  const submit = form.onSubmit(({ team, pattern, ...rest }) => {
    const rule = { ...rest, pattern: pattern.trim(), ...(team && { team_id: team }) }
    change.mutate(
      { seen: list, items: saved(list.items, at, rule) },
      {
        onSuccess: onClose,
        onError: (thrown) => {
          const wrong = asAppError(thrown).fields.find(({ pointer }) =>
            pointer.endsWith('/pattern'),
          )
          if (wrong) form.setFieldError('pattern', wrong.detail)
        },
      },
    )
  })
  return (
    <Modal opened onClose={onClose} title={at === undefined ? 'New rule' : `Rule ${at + 1}`}>
      <form onSubmit={submit} noValidate>
        <Stack>
          <FormProblem error={change.error} />
          <Group grow align="flex-start">
            <NativeSelect
              label="Looks at"
              data={Object.entries(FIELDS).map(([value, label]) => ({ value, label }))}
              {...form.getInputProps('field')}
            />
            <NativeSelect
              label="Pattern is"
              data={Object.entries(KINDS).map(([value, label]) => ({ value, label }))}
              {...form.getInputProps('kind')}
            />
          </Group>
          <TextInput
            label="Pattern"
            description={`${HINTS[field][kind]}. Upper and lower case make no difference.`}
            maxLength={150}
            autoComplete="off"
            spellCheck={false}
            data-autofocus
            {...form.getInputProps('pattern')}
          />
          <Radio.Group label="Time counts as" {...form.getInputProps('category')}>
            <Group gap="lg" mt={4}>
              {CATEGORIES.slice(0, 3).map((value) => (
                <Radio key={value} value={value} label={CATEGORY_NAMES[value]} />
              ))}
            </Group>
          </Radio.Group>
          <NativeSelect
            label="For"
            description="Rules of a team are tried before those for everybody."
            data={[
              { value: '', label: 'Everybody' },
              ...teams.map(({ id, name }) => ({ value: id, label: name })),
            ]}
            {...form.getInputProps('team')}
          />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={change.isPending}>
              {at === undefined ? 'Add rule' : 'Save rule'}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}

// A list of people: pasted or from a file, shown with what is wrong with each row. It goes through whole; rows that are
// wrong are left out when that is asked for.
import {
  Alert,
  Button,
  FileButton,
  Group,
  NativeSelect,
  Stack,
  Text,
  Textarea,
} from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useQuery } from '@tanstack/react-query'
import { FileUp } from 'lucide-react'
import { useState } from 'react'
import { asAppError } from '~/api/errors'
import { FormProblem } from '~/components/form-problem'
import t from '~/components/table.module.css'
import { teamChoicesQuery } from '~/components/teams/queries'
import { TeamSelect } from '~/components/teams/team-select'
import { plural } from '~/lib/format'
import { useInviteMany } from './queries'
import { type Person, readList } from './read-list'

const MOST = 500
/** Of a file; 500 rows have less. */
const MOST_BYTES = 200_000

type Wrong = { person: Person; detail: string }

export function InviteMany({ onOne, onClose }: { onOne: () => void; onClose: () => void }) {
  const teams = useQuery(teamChoicesQuery).data?.items ?? []
  const [text, setText] = useState('')
  const [role, setRole] = useState('EMPLOYEE')
  const [team, setTeam] = useState('')
  const [tooLarge, setTooLarge] = useState(false)
  const invite = useInviteMany()
  const people = readList(text)
  const wrong = wrongOf(invite.error, people)
  const right = people.filter((person) => !wrong.some((one) => one.person === person))
  const change = (next: string) => {
    setText(next)
    invite.reset()
  }
  const send = (who: Person[]) =>
    invite.mutate(
      {
        people: who.map((person) => ({
          email: person.email,
          role: person.role || role,
          ...(person.name ? { name: person.name } : {}),
          ...(person.team || team ? { team: person.team || team } : {}),
        })),
      },
      {
        onSuccess: ({ invited, mail }) => {
          const where = mail === 'none' ? ' No mail is set up: hand the links over yourself.' : ''
          notifications.show({
            message: `${plural(invited, 'person is', 'people are')} invited.${where}`,
          })
          onClose()
        },
        // What was left out must stay left out of what is shown.
        onError: () => who !== people && setText(toText(who)),
      },
    )
  const open = (file: File | null) => {
    setTooLarge((file?.size ?? 0) > MOST_BYTES)
    if (file && file.size <= MOST_BYTES) void file.text().then(change)
  }
  return (
    <Stack>
      <Textarea
        label="Addresses"
        description="One after another, with commas, semicolons, spaces or lines between them. Or a CSV file with the columns email, name, role and team."
        autosize
        minRows={5}
        maxRows={10}
        value={text}
        onChange={(event) => change(event.currentTarget.value)}
        data-autofocus
      />
      <Group justify="space-between">
        <FileButton accept=".csv,.tsv,.txt,text/csv,text/plain" onChange={open}>
          {(props) => (
            <Button variant="default" leftSection={<FileUp size={16} aria-hidden />} {...props}>
              Open a CSV file
            </Button>
          )}
        </FileButton>
        <Text size="sm" c="dimmed" role="status">
          {plural(people.length, 'person', 'people')} found
        </Text>
      </Group>
      <Group grow align="flex-start">
        <NativeSelect
          label="Role"
          description="Where the list has none."
          value={role}
          onChange={(event) => setRole(event.currentTarget.value)}
          data={[
            { value: 'EMPLOYEE', label: 'Employee' },
            { value: 'ADMIN', label: 'Admin' },
          ]}
        />
        <TeamSelect
          by="name"
          description="Where the list has none."
          teams={teams}
          value={team}
          onChange={(event) => setTeam(event.currentTarget.value)}
        />
      </Group>
      {tooLarge && <Refused title="The file is too large">A list has up to {MOST} people.</Refused>}
      {people.length > MOST && (
        <Refused title="Too many at once">{`Up to ${MOST} people are invited at a time.`}</Refused>
      )}
      {wrong.length > 0 ? <WrongRows wrong={wrong} /> : <FormProblem error={invite.error} />}
      <Group justify="space-between">
        <Button variant="subtle" px={0} onClick={onOne}>
          Invite one person
        </Button>
        <Group gap="sm">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          {wrong.length > 0 && right.length > 0 ? (
            <Button loading={invite.isPending} onClick={() => send(right)}>
              Invite the other {right.length}
            </Button>
          ) : (
            <Button
              loading={invite.isPending}
              disabled={people.length === 0 || people.length > MOST}
              onClick={() => send(people)}
            >
              {people.length > 0 ? `Invite ${plural(people.length, 'person', 'people')}` : 'Invite'}
            </Button>
          )}
        </Group>
      </Group>
    </Stack>
  )
}

function Refused({ title, children }: { title: string; children: React.ReactNode }) {
  return (
    <Alert
      role="alert"
      color="red"
      title={title}
      styles={{ title: { color: 'var(--mantine-color-text)' } }}
    >
      {children}
    </Alert>
  )
}

/** The rows that the server names: `/people/3/email`. */
function wrongOf(error: unknown, people: Person[]): Wrong[] {
  if (!error) return []
  return asAppError(error).fields.flatMap(({ pointer, detail }) => {
    const person = people[Number(/^\/people\/(\d+)\//.exec(pointer)?.[1] ?? Number.NaN)]
    return person ? [{ person, detail }] : []
  })
}

function WrongRows({ wrong }: { wrong: Wrong[] }) {
  return (
    <Alert
      role="alert"
      color="red"
      title={`Nobody is invited yet: ${plural(wrong.length, 'row is', 'rows are')} wrong`}
      styles={{ title: { color: 'var(--mantine-color-text)' } }}
    >
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region has to be reachable by keyboard */}
      <section tabIndex={0} aria-label="Wrong rows" style={{ maxHeight: 220, overflow: 'auto' }}>
        <table className={t.table}>
          <thead>
            <tr>
              <th scope="col">Line</th>
              <th scope="col">Address</th>
              <th scope="col">What is wrong</th>
            </tr>
          </thead>
          <tbody>
            {wrong.map(({ person, detail }, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: the same address may be wrong twice
              <tr key={index}>
                <td>{person.line}</td>
                <td style={{ overflowWrap: 'anywhere' }}>{person.email || '–'}</td>
                <td>{detail}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </Alert>
  )
}

/** The list once more, as a table that `readList` takes. */
function toText(people: Person[]): string {
  const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`
  const line = ({ email, name, role, team }: Person) =>
    [email, name, role, team].map(quoted).join(',')
  return ['email,name,role,team', ...people.map(line)].join('\n')
}

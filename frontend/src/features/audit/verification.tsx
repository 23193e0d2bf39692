// Whether the log is still what was written: the chain of seals is computed anew when asked.
import { Alert, Button, Card, Group, List, Text, TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { ShieldAlert, ShieldCheck } from 'lucide-react'
import { useState } from 'react'
import { Problem } from '~/components/problem'
import { count } from '~/lib/format'
import { verificationQuery } from './queries'

const SEAL = /^[1-9]\d{0,17}:[\da-f]{64}$/i

export function Verification() {
  const [text, setText] = useState('')
  const noted = text.trim() || undefined
  const isWrong = noted !== undefined && !SEAL.test(noted)
  const found = useQuery(verificationQuery(isWrong ? undefined : noted))
  return (
    <Card component="section" aria-label="Verification">
      <Group align="end">
        <TextInput
          flex={1}
          miw={220}
          label="A seal you noted before"
          description="May stay empty."
          value={text}
          onChange={({ currentTarget: { value } }) => setText(value)}
          error={isWrong && 'A seal is its number, a colon and 64 hexadecimal digits.'}
        />
        <Button
          variant="default"
          loading={found.isFetching}
          onClick={() => !isWrong && void found.refetch()}
        >
          Verify
        </Button>
      </Group>
      <div aria-live="polite">
        {found.error && !found.isFetching && <Problem error={found.error} />}
        {found.data && !found.error && !found.isFetching && <Result {...found.data} />}
      </div>
    </Card>
  )
}

type Found = { from: number; sealed: number; removed: number; findings: string[] }

function Result({ from, sealed, removed, findings }: Found) {
  const range = from > 1 ? `Seals ${count(from)} to ${count(sealed)}` : `All ${count(sealed)} seals`
  const gone = removed > 0 && (
    <Text size="sm" mt={4}>
      {count(removed)} of them are of looks at people who were removed, and whose entries went with
      them.
    </Text>
  )
  if (findings.length === 0)
    return (
      <Alert mt="sm" color="teal" icon={<ShieldCheck aria-hidden />} title="Nothing was altered">
        {range} fit their entries.
        {gone}
      </Alert>
    )
  return (
    <Alert mt="sm" color="red" icon={<ShieldAlert aria-hidden />} title="The log was altered">
      <List size="sm">
        {findings.map((finding) => (
          <List.Item key={finding}>{finding}</List.Item>
        ))}
      </List>
      {gone}
    </Alert>
  )
}

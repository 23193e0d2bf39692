// Secrets that were just made: copy them, save them, say that you did.
import { Alert, Button, Checkbox, Group, Stack, Text } from '@mantine/core'
import { Download, KeyRound } from 'lucide-react'
import { useState } from 'react'
import { download } from '~/lib/csv'
import { CopyField } from './copy-field'

export type Secret = { label: string; value: string; description?: string }

type SecretRevealProps = {
  secrets: Secret[]
  note: string
  fileName: string
  done: string
  onDone: () => void
}

export function SecretReveal({ secrets, note, fileName, done, onDone }: SecretRevealProps) {
  const [stored, setStored] = useState(false)
  const file = `${secrets.map(({ label, value }) => `${label}: ${value}`).join('\n')}\n`
  return (
    <Stack>
      <Alert color="yellow" icon={<KeyRound size={20} aria-hidden />}>
        <Text size="sm">{note}</Text>
      </Alert>
      <Stack gap={4}>
        {secrets.map((secret) => (
          <CopyField key={secret.label} {...secret} />
        ))}
      </Stack>
      <Checkbox
        label="I stored it"
        checked={stored}
        onChange={(event) => setStored(event.currentTarget.checked)}
      />
      <Group justify="space-between">
        <Button
          variant="default"
          leftSection={<Download size={16} aria-hidden />}
          onClick={() => download(fileName, file, 'text/plain')}
        >
          Download .txt
        </Button>
        <Button disabled={!stored} onClick={onDone}>
          {done}
        </Button>
      </Group>
    </Stack>
  )
}

// A value to take away: read-only, selected on focus, copied by a button that says so.
import { Button, Group, Text, TextInput } from '@mantine/core'
import { useClipboard } from '@mantine/hooks'
import { Check, Copy } from 'lucide-react'

type CopyFieldProps = { label: string; value: string; description?: string }

export function CopyField({ label, value, description }: CopyFieldProps) {
  const clipboard = useClipboard({ timeout: 2500 })
  return (
    <div>
      <Group align="flex-end" gap="xs" wrap="nowrap">
        <TextInput
          label={label}
          description={description}
          value={value}
          readOnly
          flex={1}
          miw={0}
          styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)' } }}
          onFocus={(event) => event.currentTarget.select()}
        />
        <Button
          variant="default"
          aria-label={`Copy ${label.toLowerCase()}`}
          onClick={() => clipboard.copy(value)}
          px="sm"
        >
          {clipboard.copied ? <Check size={16} aria-hidden /> : <Copy size={16} aria-hidden />}
        </Button>
      </Group>
      <Text size="xs" c="dimmed" mih={18} mt={2} role="status">
        {clipboard.copied ? 'Copied' : clipboard.error ? 'Not copied: select it by hand' : ''}
      </Text>
    </div>
  )
}

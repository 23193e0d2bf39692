// Shows a company's key after the password was asked again. The key lives in this dialog only.
import { Button, Group, Stack } from '@mantine/core'
import { CopyField } from './copy-field'
import { StepUpForm } from './step-up-form'

type RevealKeyProps = {
  reveal: {
    mutate: (
      body: { password: string; code?: string },
      options: { onError: (thrown: unknown) => void },
    ) => void
    data: { company_key: string } | undefined
    error: unknown
    isPending: boolean
  }
  onClose: () => void
  children?: (key: string) => React.ReactNode
}

export function RevealKey({ reveal, onClose, children }: RevealKeyProps) {
  if (reveal.data)
    return (
      <Stack>
        <CopyField label="Company key" value={reveal.data.company_key} />
        {children?.(reveal.data.company_key)}
        <Group justify="flex-end">
          <Button onClick={onClose}>Done</Button>
        </Group>
      </Stack>
    )
  return (
    <StepUpForm action={reveal} onSubmit={reveal.mutate} label="Show the key" onCancel={onClose}>
      Agents use the key together with a person’s own sign-in. Whoever has it can write to the
      company, never read.
    </StepUpForm>
  )
}

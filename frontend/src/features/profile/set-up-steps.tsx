// Password, then the picture for the app, then a first code of it, then the recovery codes.
import { Button, Group, Stack, Text } from '@mantine/core'
import { useForm } from '@mantine/form'
import encodeQR from 'qr'
import { useMemo } from 'react'
import { asAppError, fieldErrors } from '~/api/errors'
import { CodeInput } from '~/components/code-field'
import { CopyField } from '~/components/copy-field'
import { FormProblem } from '~/components/form-problem'
import { StepUpForm } from '~/components/step-up-form'
import c from './profile-page.module.css'
import type { useConfirmTwoFactor, useSetUpTwoFactor } from './queries'
import { RecoveryCodes } from './recovery-codes'

type SetUpStepsProps = {
  setUp: ReturnType<typeof useSetUpTwoFactor>
  confirm: ReturnType<typeof useConfirmTwoFactor>
  /** It is on already, and another app is to show the codes. */
  moves?: boolean
  /** What not going on is called. */
  cancel?: string
  onCancel: () => void
  onDone: () => void
}

export function SetUpSteps({
  setUp,
  confirm,
  moves = false,
  cancel,
  onCancel,
  onDone,
}: SetUpStepsProps) {
  const leave = { moves, onCancel, ...(cancel ? { cancel } : {}) }
  if (confirm.data) return <RecoveryCodes codes={confirm.data.recovery_codes} onDone={onDone} />
  if (setUp.data) return <FirstCode secret={setUp.data} confirm={confirm} {...leave} />
  return <Password setUp={setUp} {...leave} />
}

type PasswordProps = Pick<SetUpStepsProps, 'setUp' | 'moves' | 'cancel' | 'onCancel'>

function Password({ setUp, moves, cancel = 'Cancel', onCancel }: PasswordProps) {
  return (
    <StepUpForm
      action={setUp}
      onSubmit={setUp.mutate}
      password={{ description: undefined }}
      label="Go on"
      cancel={cancel}
      onCancel={onCancel}
    >
      {moves
        ? 'The app you have now is asked once more, and stays good until the other one has shown its first code.'
        : 'You need an authenticator app: any that shows codes of six digits, on your phone or in your password manager.'}
    </StepUpForm>
  )
}

type FirstCodeProps = {
  secret: { secret: string; otpauth_uri: string }
} & Pick<SetUpStepsProps, 'confirm' | 'moves' | 'cancel' | 'onCancel'>

function FirstCode({ secret, confirm, moves, cancel = 'Cancel', onCancel }: FirstCodeProps) {
  const form = useForm({
    mode: 'uncontrolled',
    initialValues: { code: '' },
    validate: { code: (value) => (/^\d{6}$/.test(value.trim()) ? null : 'Enter the six digits.') },
  })
  const submit = form.onSubmit(({ code }) =>
    confirm.mutate(code.trim(), {
      onError: (thrown) => form.setErrors(fieldErrors(asAppError(thrown))),
    }),
  )
  return (
    <form onSubmit={submit} noValidate>
      <Stack>
        <Text size="sm">
          Scan this with the {moves && 'other '}app, or type the key, then enter the code it shows.
        </Text>
        <Picture text={secret.otpauth_uri} />
        <CopyField
          label="Key, to type by hand"
          description={inFours(secret.secret)}
          value={secret.secret}
        />
        <FormProblem error={confirm.error} />
        <CodeInput
          description={undefined}
          inputMode="numeric"
          data-autofocus
          key={form.key('code')}
          {...form.getInputProps('code')}
        />
        <Text size="xs" c="dimmed">
          {moves
            ? 'The app and the recovery codes from before are of no use then, and you are signed out everywhere else.'
            : 'You are signed out everywhere else when it is switched on.'}
        </Text>
        <Group justify="flex-end">
          <Button variant="default" onClick={onCancel}>
            {cancel}
          </Button>
          <Button type="submit" loading={confirm.isPending}>
            {moves ? 'Move to this app' : 'Switch on'}
          </Button>
        </Group>
      </Stack>
    </form>
  )
}

/** On a phone the field beside it is too narrow for all of it. */
const inFours = (key: string) => key.replace(/.{4}(?=.)/g, '$& ')

/** Dark on light in both themes: cameras want it so. */
function Picture({ text }: { text: string }) {
  const [size, path] = useMemo(() => {
    const rows = encodeQR(text, 'raw', { border: 4 })
    const squares = rows.flatMap((row, y) =>
      row.map((dark, x) => (dark ? `M${x} ${y}h1v1h-1z` : '')),
    )
    return [rows.length, squares.join('')]
  }, [text])
  return (
    <svg viewBox={`0 0 ${size} ${size}`} className={c.picture} role="img" aria-label="QR code">
      <rect width={size} height={size} className={c.light} />
      <path d={path} className={c.dark} />
    </svg>
  )
}

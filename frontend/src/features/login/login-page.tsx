// Sign-in: e-mail and password, then the company when one person works for several.
import { Alert, Button, PasswordInput, Stack, TextInput } from '@mantine/core'
import { isEmail, isNotEmpty, useForm } from '@mantine/form'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { getRouteApi, useRouter } from '@tanstack/react-router'
import { Clock } from 'lucide-react'
import { session } from '~/api/client'
import { asAppError } from '~/api/errors'
import type { Input } from '~/api/types'
import { FormProblem } from '~/components/form-problem'
import { FrontDoor } from '~/components/front-door'
import { AnchorLink } from '~/components/links'
import { safeNext } from '~/lib/can'
import { CodeStep } from './code-step'
import { CompanyPicker } from './company-picker'

const route = getRouteApi('/login')

export function LoginPage() {
  const { next, expired } = route.useSearch()
  const router = useRouter()
  const cache = useQueryClient()
  const signIn = useMutation({
    mutationFn: (credentials: Input<'/api/auth/sign-in'>) => session.signIn(credentials),
    onSuccess: async ({ role }) => {
      cache.clear()
      await router.navigate({ href: safeNext(next, role), replace: true })
    },
  })
  const form = useForm({
    mode: 'uncontrolled',
    initialValues: { email: '', password: '' },
    validate: {
      email: isEmail('Enter your e-mail address.'),
      password: isNotEmpty('Enter your password.'),
    },
  })
  const companies =
    signIn.error && asAppError(signIn.error).code === 'company_choice_required'
      ? (asAppError(signIn.error).problem.companies ?? [])
      : undefined

  const code = signIn.error ? asAppError(signIn.error).code : undefined
  const asked = signIn.variables
  if (asked && (code === 'code_required' || asked.code))
    return (
      <CodeStep
        error={code === 'code_required' ? null : signIn.error}
        busy={signIn.isPending}
        onCode={(code) => signIn.mutate({ ...asked, code })}
        onBack={() => signIn.reset()}
      />
    )
  if (companies)
    return (
      <CompanyPicker
        companies={companies}
        busy={signIn.isPending}
        onPick={(company_id) => signIn.mutate({ ...form.getValues(), company_id })}
        onBack={() => signIn.reset()}
      />
    )
  return (
    <FrontDoor title="Sign in">
      <form onSubmit={form.onSubmit((values) => signIn.mutate(values))} noValidate>
        <Stack>
          {expired && !signIn.error && (
            <Alert color="blue" icon={<Clock size={18} aria-hidden />}>
              Your sign-in has ended. Sign in again to go on where you were.
            </Alert>
          )}
          <FormProblem error={signIn.error} />
          <TextInput
            label="E-mail"
            type="email"
            autoComplete="username"
            inputMode="email"
            autoFocus
            key={form.key('email')}
            {...form.getInputProps('email')}
          />
          <PasswordInput
            label="Password"
            autoComplete="current-password"
            visibilityToggleButtonProps={{ 'aria-label': 'Show or hide the password' }}
            key={form.key('password')}
            {...form.getInputProps('password')}
          />
          <Button type="submit" loading={signIn.isPending} fullWidth>
            Sign in
          </Button>
          <AnchorLink to="/reset" size="sm">
            Forgot your password?
          </AnchorLink>
          <AnchorLink to="/register" size="sm">
            Register a company
          </AnchorLink>
        </Stack>
      </form>
    </FrontDoor>
  )
}

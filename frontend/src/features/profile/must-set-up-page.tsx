// Where somebody ends up who must have two-factor on and has not: nothing else is open to them.
import { Stack, Text } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { getRouteApi, useRouter } from '@tanstack/react-router'
import { session } from '~/api/client'
import { useMe } from '~/api/me'
import { FrontDoor } from '~/components/front-door'
import { safeNext } from '~/lib/can'
import { useConfirmTwoFactor, useSetUpTwoFactor } from './queries'
import { SetUpSteps } from './set-up-steps'

const route = getRouteApi('/two-factor')

export function MustSetUpPage() {
  const me = useMe()
  const { next } = route.useSearch()
  const router = useRouter()
  const cache = useQueryClient()
  const setUp = useSetUpTwoFactor()
  const confirm = useConfirmTwoFactor()
  const goOn = async () => {
    cache.clear()
    await router.navigate({ href: safeNext(next, me.role), replace: true })
  }
  const whose = me.company ? `${me.company.name} asks` : 'This service asks its owners'
  return (
    <FrontDoor
      title={confirm.data ? 'Your recovery codes' : 'Set up two-factor'}
      text={
        confirm.data
          ? undefined
          : `${whose} for a code of an app beside the password, so that a stolen password is not enough. It takes two minutes, once.`
      }
    >
      <Stack>
        <Text size="sm" c="dimmed">
          Signed in as {me.email}
        </Text>
        <SetUpSteps
          setUp={setUp}
          confirm={confirm}
          cancel="Sign out"
          onCancel={() => void session.signOut()}
          onDone={() => void goOn()}
        />
      </Stack>
    </FrontDoor>
  )
}

// One's own account: who one is, the password, where one is signed in, and the own devices.
import { Card, Text, Title } from '@mantine/core'
import { useMe } from '~/api/me'
import { DevicesCard } from '~/components/devices/devices-card'
import { Page } from '~/components/page'
import { ROLE_NAMES, whyReadOnly } from '~/lib/can'
import { AboutMeCard } from './about-me-card'
import { DisplayCard } from './display-card'
import { NotificationsCard } from './notifications-card'
import { PasswordCard } from './password-card'
import c from './profile-page.module.css'
import { SignInsCard } from './sign-ins-card'
import { TwoFactorCard } from './two-factor-card'

export function ProfilePage() {
  const me = useMe()
  const ofCompany = me.role !== 'OWNER'
  return (
    <Page title="Profile" purpose="Your account, its password, and where you are signed in.">
      <WhoCard />
      <PasswordCard />
      <TwoFactorCard />
      <SignInsCard />
      {ofCompany && (
        <DevicesCard
          purpose="Where your agent is set up, and what waits there. Revoke what is lost or not yours any more."
          nothing="It appears here when you sign in to the agent on your computer."
          readOnly={whyReadOnly(me)}
        />
      )}
      <DisplayCard />
      {ofCompany && <NotificationsCard />}
      {ofCompany && <AboutMeCard />}
    </Page>
  )
}

function WhoCard() {
  const me = useMe()
  const facts = [
    ['Name', me.name],
    ['E-mail', me.email],
    ['Role', ROLE_NAMES[me.role]],
    ...(me.company ? [['Company', me.company.name]] : []),
  ]
  return (
    <Card component="section" aria-label="Account">
      <Title order={2} size="h5" mb="sm">
        Account
      </Title>
      <dl className={c.facts}>
        {facts.map(([name, value]) => (
          <div key={name}>
            <Text component="dt" size="sm" c="dimmed">
              {name}
            </Text>
            <Text component="dd" size="sm" m={0} className={c.value}>
              {value}
            </Text>
          </div>
        ))}
      </dl>
    </Card>
  )
}

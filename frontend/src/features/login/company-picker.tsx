// One person may belong to several companies: the password was right, which company is it now?
import { Anchor, Button, Stack } from '@mantine/core'
import { Building2 } from 'lucide-react'
import { FrontDoor } from '~/components/front-door'

type CompanyPickerProps = {
  companies: { id: string; name: string }[]
  busy: boolean
  onPick: (companyId: string) => void
  onBack: () => void
}

export function CompanyPicker({ companies, busy, onPick, onBack }: CompanyPickerProps) {
  return (
    <FrontDoor
      title="Choose a company"
      text="You belong to more than one. To change later, sign out and in again."
    >
      <Stack gap="xs" component="ul" p={0} m={0} style={{ listStyle: 'none' }}>
        {companies.map((company) => (
          <li key={company.id}>
            <Button
              variant="default"
              size="md"
              fullWidth
              justify="flex-start"
              disabled={busy}
              leftSection={<Building2 size={18} aria-hidden />}
              onClick={() => onPick(company.id)}
            >
              {company.name}
            </Button>
          </li>
        ))}
      </Stack>
      <Anchor component="button" type="button" mt="md" size="sm" onClick={onBack}>
        Back to sign-in
      </Anchor>
    </FrontDoor>
  )
}

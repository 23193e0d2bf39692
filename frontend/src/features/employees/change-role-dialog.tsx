// Makes somebody an admin, or an employee again: after the admin's own password.
import { Modal } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import type { Employee } from '~/api/types'
import { StepUpForm } from '~/components/step-up-form'
import { useChangeRole } from './queries'

type ChangeRoleDialogProps = { person: Employee; onClose: () => void }

export function ChangeRoleDialog({ person, onClose }: ChangeRoleDialogProps) {
  const change = useChangeRole(person.id)
  const name = person.name || person.email
  const role = person.role === 'ADMIN' ? 'EMPLOYEE' : 'ADMIN'
  const onSuccess = () => {
    notifications.show({
      message: `${name} is ${role === 'ADMIN' ? 'an admin' : 'an employee'} now.`,
    })
    onClose()
  }
  return (
    <Modal
      opened
      onClose={onClose}
      title={role === 'ADMIN' ? `Make ${name} an admin?` : `Make ${name} an employee?`}
    >
      <StepUpForm
        action={change}
        onSubmit={(stepUp, options) =>
          change.mutate({ role, ...stepUp }, { ...options, onSuccess })
        }
        password={{
          description:
            'Asked again because a role opens the data of others. It is written to the audit log.',
        }}
        label={role === 'ADMIN' ? 'Make admin' : 'Make employee'}
        onCancel={onClose}
      >
        {role === 'ADMIN'
          ? `${name} will see everything that is recorded in the company, and may invite, deactivate and promote others.`
          : `${name} will see only what is recorded about them, and is signed out of the portal everywhere now.`}
      </StepUpForm>
    </Modal>
  )
}

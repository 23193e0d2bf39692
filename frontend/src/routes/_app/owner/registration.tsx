import { createFileRoute } from '@tanstack/react-router'
import { RegistrationPage } from '~/features/owner/registration/registration-page'

export const Route = createFileRoute('/_app/owner/registration')({ component: RegistrationPage })

import { createFileRoute } from '@tanstack/react-router'
import { ChoosePage } from '~/features/register/choose-page'

export const Route = createFileRoute('/register/$token')({ component: ChoosePage })

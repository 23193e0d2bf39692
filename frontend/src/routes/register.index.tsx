import { createFileRoute } from '@tanstack/react-router'
import { AskPage } from '~/features/register/ask-page'

export const Route = createFileRoute('/register/')({ component: AskPage })

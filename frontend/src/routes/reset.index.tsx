import { createFileRoute } from '@tanstack/react-router'
import { AskPage } from '~/features/reset/ask-page'

export const Route = createFileRoute('/reset/')({ component: AskPage })

// What a new password must be, wherever one is chosen. The server also refuses those that guessers try first.
import { z } from 'zod/mini'

export const SHORTEST = 12

export const newPassword = z
  .string()
  .check(z.minLength(SHORTEST, `Use at least ${SHORTEST} characters.`), z.maxLength(256))

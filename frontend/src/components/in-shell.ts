// Whether a page stands inside the shell, which has the main landmark already.
import { createContext } from 'react'

export const InShell = createContext(false)

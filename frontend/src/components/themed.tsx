// The theme, in the colour of the company of whoever is signed in. It is told afterwards: before that nobody knows, or is
// told, which company this is.
import { MantineProvider } from '@mantine/core'
import { type ReactNode, useMemo, useSyncExternalStore } from 'react'
import type { Shades } from '~/lib/accent'
import { cssVariables, theme } from '~/theme'

let worn: Shades | undefined
const readers = new Set<() => void>()

/** Shows everything in these shades, or in the product's own. */
export function wear(shades: Shades | undefined) {
  worn = shades
  for (const tell of readers) tell()
}

function subscribe(tell: () => void) {
  readers.add(tell)
  return () => readers.delete(tell)
}

export function Themed({ nonce, children }: { nonce: string; children: ReactNode }) {
  const shades = useSyncExternalStore(subscribe, () => worn)
  const dressed = useMemo(
    () =>
      shades
        ? { ...theme, primaryColor: 'company', colors: { ...theme.colors, company: shades } }
        : theme,
    [shades],
  )
  return (
    <MantineProvider
      theme={dressed}
      defaultColorScheme="auto"
      cssVariablesResolver={cssVariables}
      getStyleNonce={() => nonce}
    >
      {children}
    </MantineProvider>
  )
}

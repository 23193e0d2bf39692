// When the lightbox closes, focus goes to the picture that was open last.
import { useEffect, useRef } from 'react'

export function ReturnFocus({ to }: { to: string | undefined }) {
  const last = useRef<string>(undefined)
  const opener = useRef<Element>(null)
  useEffect(() => {
    if (to && !last.current) opener.current = document.activeElement
    if (!to && last.current) {
      const shown = document.querySelectorAll<HTMLElement>(
        `[data-shot="${CSS.escape(last.current)}"]`,
      )
      // A picture may stand among the minutes as well as by its hour.
      const [first] = shown
      ;([...shown].find((one) => one === opener.current) ?? first)?.focus()
    }
    last.current = to
  }, [to])
  return null
}

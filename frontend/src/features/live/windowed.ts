// Which rows of a long table are near the window: the others are only as high as they would be.
import { type RefObject, useEffect, useState } from 'react'

/** Rows above and below that are there before they are scrolled to. */
const MARGIN = 12
/** Shown before anything was measured. */
const FIRST = 40

export type Range = { from: number; to: number; height: number }

/** `top` is how far the rows have been scrolled past the window's upper edge. One row is always there to measure by. */
export function rangeOf(count: number, height: number, top: number, view: number): Range {
  const last = Math.max(0, count - 1)
  const from = Math.min(last, Math.max(0, Math.floor(top / height) - MARGIN))
  const to = Math.min(count, Math.max(from + 1, Math.ceil((top + view) / height) + MARGIN))
  return { from, to, height }
}

/** Rows are all as high as the first one that is there. */
export function useWindowed(count: number, body: RefObject<HTMLElement | null>): Range {
  const [range, setRange] = useState<Range>({ from: 0, to: Math.min(count, FIRST), height: 0 })
  useEffect(() => {
    let frame = 0
    const measure = () => {
      frame = 0
      const row = body.current?.querySelector('[data-row]')
      const height = row?.getBoundingClientRect().height ?? 0
      if (!body.current || !height) return
      const top = -body.current.getBoundingClientRect().top
      const next = rangeOf(count, height, top, window.innerHeight)
      setRange((old) => (isSame(old, next) ? old : next))
    }
    const soon = () => {
      frame ||= requestAnimationFrame(measure)
    }
    measure()
    // What stands above may have grown: the page's height says so without any scrolling.
    const sizes = new ResizeObserver(soon)
    sizes.observe(document.body)
    window.addEventListener('scroll', soon, { passive: true })
    window.addEventListener('resize', soon)
    return () => {
      cancelAnimationFrame(frame)
      sizes.disconnect()
      window.removeEventListener('scroll', soon)
      window.removeEventListener('resize', soon)
    }
  }, [count, body])
  return { ...range, from: Math.min(range.from, count), to: Math.min(range.to, count) }
}

const isSame = (a: Range, b: Range) => a.from === b.from && a.to === b.to && a.height === b.height

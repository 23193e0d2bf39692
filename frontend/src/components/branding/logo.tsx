// A company's logo on a plate that it can be seen on, whatever the theme. Its name stands beside it, so it says nothing.
import { useQuery } from '@tanstack/react-query'
import type { Me } from '~/api/types'
import { useObjectUrl } from '~/lib/object-url'
import c from './logo.module.css'
import { logoQuery } from './queries'

export type LogoShape = NonNullable<NonNullable<Me['company']>['branding']['logo']>

type LogoProps = {
  logo: LogoShape
  /** At most, in pixels. */
  within: [width: number, height: number]
  className?: string | undefined
}

export function Logo({ logo, within: [widest, highest], className }: LogoProps) {
  const { data } = useQuery(logoQuery(logo.version))
  const url = useObjectUrl(data)
  const scale = Math.min(widest / logo.width, highest / logo.height, 1)
  const [width, height] = [Math.round(logo.width * scale), Math.round(logo.height * scale)]
  return (
    <span className={`${c.plate} ${className ?? ''}`} data-dark={logo.on_dark || undefined}>
      {/* Its place is there before it is. */}
      <span className={c.place} style={{ width, height }}>
        {url && <img src={url} alt="" width={width} height={height} data-testid="company-logo" />}
      </span>
    </span>
  )
}

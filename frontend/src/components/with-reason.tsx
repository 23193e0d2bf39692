// An action that is not possible now stays visible and says why.
import { lazy, type ReactElement, Suspense } from 'react'

const Reason = lazy(() => import('./reason'))

type Child = { 'data-disabled'?: boolean; 'aria-disabled'?: boolean; disabled?: boolean }

export function WithReason({
  reason,
  children,
}: {
  reason: string | undefined
  children: (blocked: Child & { onClick?: (event: React.MouseEvent) => void }) => ReactElement
}) {
  if (!reason) return children({})
  // `data-disabled` looks disabled and keeps focus and tooltip, which a disabled button has not.
  const blocked = {
    'data-disabled': true,
    'aria-disabled': true,
    onClick: (event: React.MouseEvent) => event.preventDefault(),
  }
  return (
    <Suspense fallback={children(blocked)}>
      <Reason text={reason}>{children(blocked)}</Reason>
    </Suspense>
  )
}

// The shell, or for an employee of a company that is switched off: the reason why there is none.
import { AppError } from '~/api/errors'
import { useMe } from '~/api/me'
import { isInactive } from '~/lib/can'
import { CompanyInactive } from '../route-states'
import { Shell } from './shell'

export function AppLayout() {
  const me = useMe()
  const status = me.company?.status
  if (me.role !== 'ADMIN' && status && isInactive(status))
    return (
      <CompanyInactive
        problem={new AppError({ status: 403, code: `company_${status.toLowerCase()}` })}
      />
    )
  return <Shell />
}

// The shell, or for an employee of a company that is switched off: the reason why there is none.
import { AppError } from '~/api/errors'
import { useMe } from '~/api/me'
import { isInactive } from '~/lib/can'
import { useDisplay } from '~/lib/display'
import { CompanyInactive } from '../route-states'
import { Shell } from './shell'

export function AppLayout() {
  const me = useMe()
  const { locale, zone } = useDisplay()
  const status = me.company?.status
  if (me.role !== 'ADMIN' && status && isInactive(status))
    return (
      <CompanyInactive
        problem={new AppError({ status: 403, code: `company_${status.toLowerCase()}` })}
      />
    )
  // What was written in another language, or by another clock, is written anew.
  return <Shell key={`${locale} ${zone}`} />
}

// The company's key again, after the password.
import { RevealKey } from '~/components/reveal-key'
import { RouteDialog } from '~/components/route-dialog'
import { useRevealKey } from './changes'
import { useCompanyDialog } from './use-dialog'

export function RevealKeyDialog() {
  const { companyId, company, close } = useCompanyDialog()
  return (
    <RouteDialog title={`Key of ${company.data?.name ?? 'the company'}`} onClose={close}>
      <RevealKey reveal={useRevealKey(companyId)} onClose={close} />
    </RouteDialog>
  )
}

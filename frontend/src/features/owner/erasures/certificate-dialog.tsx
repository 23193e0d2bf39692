// The certificate to hand on: its text, the hash that stands in the audit log, and the file.
import { Button, Code, Group, Modal, Skeleton, Stack, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Download } from 'lucide-react'
import type { ErasureDetail } from '~/api/types'
import { CopyField } from '~/components/copy-field'
import { AnchorLink } from '~/components/links'
import { Loaded } from '~/components/loaded'
import { download } from '~/lib/csv'
import { count } from '~/lib/format'
import { erasureQuery } from './queries'

type CertificateDialogProps = { company: string; onClose: () => void }

export default function CertificateDialog({ company, onClose }: CertificateDialogProps) {
  const erasure = useQuery(erasureQuery(company))
  return (
    <Modal opened onClose={onClose} title="Certificate of erasure" size="xl">
      <Loaded query={erasure} skeleton={<Skeleton h={320} />}>
        {(loaded) => <Certificate of={loaded} />}
      </Loaded>
    </Modal>
  )
}

function Certificate({ of }: { of: ErasureDetail }) {
  const { certificate, sha256 } = of
  if (!certificate || !sha256)
    return (
      <Text size="sm">
        Under way: {count(of.rows)} rows are gone so far. The certificate is written when everything
        was searched once more.
      </Text>
    )
  const save = () => download(`erasure-${of.company_id}.txt`, certificate, 'text/plain')
  return (
    <Stack>
      <Code
        block
        tabIndex={0}
        role="region"
        aria-label="Text of the certificate"
        mah={420}
        style={{ overflow: 'auto' }}
      >
        {certificate}
      </Code>
      <CopyField
        label="SHA-256 of the text"
        value={sha256}
        description="The same stands in the audit log, which is sealed."
      />
      <Group justify="space-between">
        <AnchorLink
          to="/owner/audit"
          search={{ company: of.company_id, action: 'company.erased' }}
          fz="sm"
        >
          Its entry in the audit log
        </AnchorLink>
        <Button leftSection={<Download size={16} aria-hidden />} onClick={save} data-autofocus>
          Download
        </Button>
      </Group>
    </Stack>
  )
}

// Lines to type at a desk, with a button that copies them.
import { Button, Code, CopyButton } from '@mantine/core'
import { Copy } from 'lucide-react'
import c from './agent-setup.module.css'

export function Lines({ name, lines }: { name: string; lines: string[] }) {
  const text = lines.join('\n')
  return (
    <div className={c.lines}>
      <Code block className={c.code} tabIndex={0} role="region" aria-label={name}>
        {text}
      </Code>
      <CopyButton value={text}>
        {({ copied, copy }) => (
          <Button
            size="compact-xs"
            variant="default"
            leftSection={<Copy size={12} aria-hidden />}
            onClick={copy}
            aria-label={copied ? 'Copied' : `Copy: ${name.toLowerCase()}`}
          >
            {copied ? 'Copied' : 'Copy'}
          </Button>
        )}
      </CopyButton>
    </div>
  )
}

// Markdown that people wrote: rendered as elements, never as HTML. Raw HTML in it is left out, pictures as well, as their
// addresses would tell whoever serves them that somebody reads; links open apart and tell nothing.
import Markdown, { type Components } from 'react-markdown'
import c from './markdown.module.css'

const LINKS: Components = {
  a: ({ href, children }) => (
    <a href={href} target="_blank" rel="noopener noreferrer nofollow">
      {children}
    </a>
  ),
}

/** Inside a page that has its own headings: the text's stand below the third or the second of them. */
const BELOW: Record<2 | 3, Components> = {
  2: { ...LINKS, h1: 'h3', h2: 'h3', h3: 'h4' },
  3: { ...LINKS, h1: 'h4', h2: 'h4', h3: 'h5' },
}

type MarkdownProps = { text: string; below?: 2 | 3 }

export default function MarkdownText({ text, below = 3 }: MarkdownProps) {
  return (
    <div className={c.text}>
      <Markdown skipHtml disallowedElements={['img']} unwrapDisallowed components={BELOW[below]}>
        {text}
      </Markdown>
    </div>
  )
}

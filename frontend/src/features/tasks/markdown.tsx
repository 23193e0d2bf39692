// Markdown that people wrote: rendered as elements, never as HTML. Raw HTML in it is left out, pictures as well, as their
// addresses would tell whoever serves them that somebody reads; links open apart and tell nothing.
import Markdown, { type Components } from 'react-markdown'
import c from './markdown.module.css'

const COMPONENTS: Components = {
  a: ({ href, children }) => (
    <a href={href} target="_blank" rel="noopener noreferrer nofollow">
      {children}
    </a>
  ),
  // Inside a page that has its own headings.
  h1: 'h4',
  h2: 'h4',
  h3: 'h5',
}

export default function MarkdownText({ text }: { text: string }) {
  return (
    <div className={c.text}>
      <Markdown skipHtml disallowedElements={['img']} unwrapDisallowed components={COMPONENTS}>
        {text}
      </Markdown>
    </div>
  )
}

import { render, screen } from '@testing-library/react'
import { expect, test } from 'vitest'
import MarkdownText from './markdown'

test('what people write is never taken for HTML, and links tell nothing', () => {
  const text = [
    '**bold** <b onclick="alert(1)">raw</b> <script>alert(1)</script>',
    '[good](https://docs.test) [bad](javascript:alert(1)) [data](data:text/html,x)',
    '![picture](https://spy.test/pixel.png)',
    '<img src=x onerror=alert(1)>',
  ].join('\n\n')
  const { container } = render(<MarkdownText text={text} />)
  expect(container.querySelector('strong')?.textContent).toBe('bold')
  for (const wanted of ['script', 'b', 'img', '[onclick]', '[onerror]'])
    expect(container.querySelector(wanted), wanted).toBeNull()
  const good = screen.getByRole('link', { name: 'good' })
  expect(good.getAttribute('href')).toBe('https://docs.test')
  expect(good.getAttribute('rel')).toBe('noopener noreferrer nofollow')
  const hrefs = [...container.querySelectorAll('a')].map((link) => link.getAttribute('href') ?? '')
  expect(hrefs.some((href) => /^\s*(javascript|data):/i.test(href))).toBe(false)
})

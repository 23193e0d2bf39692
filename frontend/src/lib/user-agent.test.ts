import { expect, test } from 'vitest'
import { browserName } from './user-agent'

test('browsers are known by their own name, not by their ancestors’', () => {
  const windows = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko)'
  expect(browserName(`${windows} Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0`)).toBe(
    'Edge on Windows',
  )
  expect(browserName(`${windows} Chrome/140.0.0.0 Safari/537.36`)).toBe('Chrome on Windows')
  expect(
    browserName('Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0'),
  ).toBe('Firefox on Linux')
  expect(
    browserName(
      'Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/19.0 Mobile/15E148 Safari/604.1',
    ),
  ).toBe('Safari on iOS')
  expect(browserName('curl/8.5')).toBe('Browser')
  expect(browserName(undefined)).toBe('Browser')
})

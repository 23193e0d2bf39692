import { alpha, darken } from '@mantine/core'
import { describe, expect, test } from 'vitest'
import { contrast, ENOUGH, GROUNDS, luminance, readingOf, shadesOf } from './accent'

/** The corners of the colours, greys, and some in between. */
const COLOURS = [
  ...['#000000', '#ffffff', '#ff0000', '#00ff00', '#0000ff', '#ffff00', '#00ffff', '#ff00ff'],
  ...['#777777', '#767676', '#0b7285', '#ffaa00', '#010101', '#fefefe', '#3b5bdb', '#fab005'],
  ...Array.from(
    { length: 500 },
    (_, n) => `#${((n * 33_554_393) % 0xffffff).toString(16).padStart(6, '0')}`,
  ),
]

/** One colour over another, as a browser mixes them. */
function over(tint: string, ground: string): string {
  const [red = 0, green = 0, blue = 0, share = 1] = (tint.match(/[\d.]+/g) ?? []).map(Number)
  const below = [1, 3, 5].map((at) => Number.parseInt(ground.slice(at, at + 2), 16))
  const mixed = [red, green, blue].map((part, at) => part * share + (below[at] ?? 0) * (1 - share))
  return hex(mixed)
}
const hex = (parts: number[]) =>
  `#${parts.map((part) => Math.round(part).toString(16).padStart(2, '0')).join('')}`
const solid = (colour: string) => hex((colour.match(/[\d.]+/g) ?? []).slice(0, 3).map(Number))

describe('shades of a colour', () => {
  test('are known to WCAG', () => {
    expect(contrast('#ffffff', '#000000')).toBeCloseTo(21)
    expect(contrast('#777777', '#ffffff')).toBeCloseTo(4.48, 2)
    expect(contrast('#3b5bdb', '#3b5bdb')).toBe(1)
  })

  test('can be read wherever the themes put them, whatever the colour', () => {
    const { light, dark } = GROUNDS
    for (const colour of COLOURS) {
      const s = shadesOf(colour)
      const pairs: [what: string, text: string, ground: string][] = [
        ...[s[7], s[8], s[9]].map((on) => ['white', '#ffffff', on] as [string, string, string]),
        ...[light.page, light.card, light.hovered].map(
          (on) => ['a link', s[7], on] as [string, string, string],
        ),
        ...[dark.page, dark.card, dark.hovered].map(
          (on) => ['a link in the dark', s[4], on] as [string, string, string],
        ),
        ['here in the navigation', s[8], s[0]],
        ['here in the dark', s[2], over(alpha(s[5], 0.16), '#1b202a')],
        ['a light button', s[9], s[1]],
        ['a light button under the pointer', s[9], s[2]],
        ['a light button in the dark', s[0], solid(darken(s[9], 0.5))],
        ['the same under the pointer', s[0], solid(darken(s[9], 0.3))],
      ]
      for (const [what, text, ground] of pairs)
        expect(
          contrast(text, ground),
          `${what} of ${colour}: ${text} on ${ground}`,
        ).toBeGreaterThanOrEqual(ENOUGH)
      // A button and the ring of focus are told from the page (1.4.11).
      for (const ground of [dark.page, '#1b202a'])
        expect(contrast(s[8], ground), `${colour} on ${ground}`).toBeGreaterThanOrEqual(2.95)
    }
  })

  test('leave a colour alone that can be read as it is', () => {
    expect(shadesOf('#3B5BDB')[7]).toBe('#3b5bdb')
    expect(readingOf('#3b5bdb', 'light').button_is).toBe('same')
  })

  test('say in which direction they differ', () => {
    expect(readingOf('#ffff00', 'light').text_is).toBe('darker')
    expect(readingOf('#ffff00', 'dark').text_is).toBe('darker')
    expect(readingOf('#fab005', 'dark').text_is).toBe('same')
    expect(readingOf('#000000', 'dark').button_is).toBe('lighter')
    expect(readingOf('#000000', 'light').button_is).toBe('same')
    expect(readingOf('#000000', 'dark').text_is).toBe('lighter')
  })

  test('keep the hue', () => {
    const yellow = shadesOf('#ffff00')[7]
    expect([yellow.slice(1, 3), yellow.slice(5, 7)]).toEqual([yellow.slice(3, 5), '00'])
    expect(luminance(yellow)).toBeCloseTo(0.155, 2)
  })
})

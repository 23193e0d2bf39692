// A company's colour as shades that can be read: each of them has the hue of the colour and the lightness that its place
// asks for, so that any colour will do. Light is reckoned as WCAG 2.2 does; mixing and dimming light as it is keeps hues.

type Light = [red: number, green: number, blue: number]
export type Shades = [
  string,
  string,
  string,
  string,
  string,
  string,
  string,
  string,
  string,
  string,
]

/** What text must have against its ground (WCAG 2.2, 1.4.3). */
export const ENOUGH = 4.5

export const isAccent = (text: string) => /^#[0-9a-f]{6}$/i.test(text)

function lightOf(hex: string): Light {
  const part = (at: number) => {
    const value = Number.parseInt(hex.slice(at, at + 2), 16) / 255
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4
  }
  return [part(1), part(3), part(5)]
}

function hexOf(light: Light): string {
  const part = (value: number) => {
    const within = Math.min(1, Math.max(0, value))
    const coded = within <= 0.0031308 ? within * 12.92 : 1.055 * within ** (1 / 2.4) - 0.055
    return Math.round(coded * 255)
      .toString(16)
      .padStart(2, '0')
  }
  return `#${light.map(part).join('')}`
}

const sum = ([red, green, blue]: Light) => 0.2126 * red + 0.7152 * green + 0.0722 * blue
export const luminance = (hex: string) => sum(lightOf(hex))

/** From 1, the same, to 21, black and white. */
export function contrast(one: string, other: string): number {
  const [darker = 0, lighter = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b)
  return (lighter + 0.05) / (darker + 0.05)
}

/** The colour with another luminance: dimmed, or mixed with white. */
function withLuminance(accent: string, wanted: number): string {
  const light = lightOf(accent)
  const is = sum(light)
  if (Math.abs(is - wanted) < 0.0005) return accent.toLowerCase()
  const mixed = (to: number) => light.map((part) => part + (1 - part) * to) as Light
  const dimmed = (by: number) => light.map((part) => part * by) as Light
  return hexOf(wanted > is ? mixed((wanted - is) / (1 - is)) : dimmed(wanted / is))
}

const between = (value: number, least: number, most: number) =>
  Math.min(most, Math.max(least, value))

/** Grounds that the shades are read on, in the theme's words. */
export const GROUNDS = {
  light: { page: '#f8f9fa', card: '#ffffff', hovered: '#f1f3f5' },
  dark: { page: '#151922', card: '#272d39', hovered: '#323948' },
} as const

/**
 * Ten shades as the theme's other colours have them. Text in the light theme is shade 7 and stands on grounds down to
 * `hovered`; white stands on 7, 8 and 9. In the dark theme buttons are shade 8, dark enough for white and light enough to
 * be seen on the page; text is shade 4, and 0 and 2 stand on tints of 9 and 5.
 */
export function shadesOf(accent: string): Shades {
  const is = luminance(accent)
  const shade = (wanted: number) => withLuminance(accent, wanted)
  return [
    shade(0.93),
    shade(0.86),
    shade(0.74),
    shade(0.6),
    shade(between(is, 0.42, 0.8)),
    shade(between(is, 0.22, 0.3)),
    shade(between(is, 0.18, 0.24)),
    shade(Math.min(is, 0.155)),
    shade(between(is, 0.145, 0.158)),
    shade(Math.min(is, 0.07)),
  ]
}

export type Reading = {
  /** Where white text stands on it. */
  button: string
  buttonRatio: number
  /** The colour of links and other text in it. */
  text: string
  textRatio: number
  /** How these differ from what was chosen. */
  button_is: 'same' | 'darker' | 'lighter'
  text_is: 'same' | 'darker' | 'lighter'
}

/** How the colour is shown in a theme. */
export function readingOf(accent: string, scheme: 'light' | 'dark'): Reading {
  const shades = shadesOf(accent)
  const [button, text] = scheme === 'light' ? [shades[7], shades[7]] : [shades[8], shades[4]]
  const { page, card } = GROUNDS[scheme]
  const compared = (shade: string) => {
    if (shade === accent.toLowerCase()) return 'same'
    return luminance(shade) < luminance(accent) ? 'darker' : 'lighter'
  }
  return {
    button,
    buttonRatio: contrast('#ffffff', button),
    text,
    textRatio: Math.min(contrast(text, page), contrast(text, card)),
    button_is: compared(button),
    text_is: compared(text),
  }
}

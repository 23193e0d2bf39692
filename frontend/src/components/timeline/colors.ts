// Colours of the applications that take most of a day; the rest share one grey. Names stand beside them always.
export const APP_COLORS = [
  'var(--mantine-color-indigo-5)',
  'var(--mantine-color-grape-5)',
  'var(--mantine-color-cyan-6)',
  'var(--mantine-color-orange-5)',
  'var(--mantine-color-pink-4)',
]

// Colours, type and the few overrides that contrast needs.
import { alpha, type CSSVariablesResolver, createTheme } from '@mantine/core'

export const theme = createTheme({
  respectReducedMotion: true,
  primaryColor: 'indigo',
  primaryShade: { light: 7, dark: 8 },
  autoContrast: true,
  defaultRadius: 'md',
  fontFamily: "'Inter Variable', system-ui, -apple-system, 'Segoe UI', sans-serif",
  fontFamilyMonospace: "ui-monospace, 'SF Mono', 'Cascadia Mono', Menlo, Consolas, monospace",
  headings: { fontFamily: 'inherit', fontWeight: '650' },
  cursorType: 'pointer',
  colors: {
    // A slate instead of Mantine's neutral grey, so that dark is a theme and not an inversion.
    dark: [
      '#dfe3ea',
      '#b9c0cd',
      '#929bab',
      '#6b7486',
      '#3d4555',
      '#323948',
      '#272d39',
      '#1b202a',
      '#151922',
      '#0f1219',
    ],
  },
  // By name and not with `X.extend`: importing them here would put them all into everybody's first chunk.
  components: {
    Card: { defaultProps: { withBorder: true, padding: 'lg', radius: 'lg' } },
    InputWrapper: {
      styles: { label: { marginBottom: 4 }, description: { marginBottom: 2 } },
    },
    Menu: {
      defaultProps: {
        radius: 'md',
        shadow: 'md',
        transitionProps: { duration: 0 },
        // The first item takes focus, and the menu stays inside the page's main landmark.
        withInitialFocusPlaceholder: false,
        portalProps: { target: '#content' },
      },
    },
    Modal: {
      defaultProps: {
        radius: 'lg',
        centered: true,
        styles: { title: { fontWeight: 650, fontSize: '1.05rem' } },
        // A dialog's header is no banner of the page.
        attributes: { header: { role: 'none' } },
        closeButtonProps: { 'aria-label': 'Close' },
        overlayProps: { backgroundOpacity: 0.45, blur: 2 },
      },
    },
    Notification: { defaultProps: { closeButtonProps: { 'aria-label': 'Close' } } },
    Tooltip: { defaultProps: { withArrow: true, openDelay: 200 } },
  },
})

// Mantine's dimmed text and placeholders fail 4.5:1 on card surfaces.
export const cssVariables: CSSVariablesResolver = ({ colors, primaryColor }) => ({
  variables: {},
  light: {
    '--mantine-color-dimmed': colors.gray[7],
    '--mantine-color-placeholder': colors.gray[7],
    '--mantine-color-error': colors.red[8],
    '--tracker-canvas': colors.gray[0],
    '--tracker-line': colors.gray[3],
    '--tracker-track': colors.gray[2],
    '--tracker-active': colors.teal[6],
    '--tracker-idle': colors.yellow[4],
    '--tracker-bar': colors.indigo[5],
    '--tracker-less': colors.orange[6],
    '--tracker-tint': colors[primaryColor]?.[0] ?? '',
    '--tracker-tint-text': colors[primaryColor]?.[8] ?? '',
  },
  dark: {
    '--mantine-color-dimmed': colors.dark[1],
    '--mantine-color-placeholder': colors.dark[1],
    '--mantine-color-error': colors.red[4],
    // Mantine's is a card's own: what is shut would have no shape.
    '--mantine-color-disabled': colors.dark[5],
    '--tracker-canvas': colors.dark[8],
    '--tracker-line': colors.dark[4],
    '--tracker-track': colors.dark[5],
    '--tracker-active': colors.teal[6],
    '--tracker-idle': colors.yellow[6],
    '--tracker-bar': colors.indigo[5],
    '--tracker-less': colors.orange[6],
    '--tracker-tint': alpha(colors[primaryColor]?.[5] ?? '', 0.16),
    '--tracker-tint-text': colors[primaryColor]?.[2] ?? '',
  },
})

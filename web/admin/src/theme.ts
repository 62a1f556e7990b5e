import { createTheme, type CSSVariablesResolver } from '@mantine/core';

const FONT =
  "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', 'Liberation Sans', Arial, sans-serif";

export const theme = createTheme({
  primaryColor: 'indigo',
  primaryShade: { light: 7, dark: 7 },
  defaultRadius: 'md',
  fontFamily: FONT,
  headings: { fontFamily: FONT, fontWeight: '650' },
  cursorType: 'pointer',
  respectReducedMotion: true,
  // Named, not imported: the dialogs are loaded when one is opened.
  components: {
    // Mantine's own lock writes a <style> element; styles.css locks the page behind a dialog instead.
    Modal: { defaultProps: { lockScroll: false, centered: true } },
    Drawer: { defaultProps: { lockScroll: false } },
  },
});

/** Where Mantine's own greys are too faint to be read by everybody (WCAG AA). */
export const cssVariables: CSSVariablesResolver = ({ colors }) => ({
  variables: {},
  light: {
    '--mantine-color-body': '#f7f8fa',
    '--mantine-color-dimmed': '#57606a',
    '--mantine-color-placeholder': '#6e7781',
    '--mantine-color-error': colors.red[9],
    '--surface': '#ffffff',
    '--surface-hover': '#f1f3f6',
    '--line': '#dfe3e8',
  },
  dark: {
    '--mantine-color-body': '#14161a',
    '--mantine-color-dimmed': '#a3acb8',
    '--mantine-color-placeholder': '#8b949e',
    '--mantine-color-error': colors.red[4],
    '--surface': '#1c1f24',
    '--surface-hover': '#262a31',
    '--line': '#31363f',
  },
});

import {
  convertCssVariables,
  DEFAULT_THEME,
  defaultCssVariablesResolver,
  mergeMantineTheme,
} from '@mantine/core';
import type { Plugin } from 'vite';

import { cssVariables, theme } from '../src/theme.ts';

const NAME = 'virtual:theme-variables.css';

/**
 * The variables of the theme as a file. Mantine would write them into a `<style>` element, for which the content
 * security policy would need 'unsafe-inline'.
 */
export function themeVariables(): Plugin {
  return {
    name: 'theme-variables',
    resolveId: (id) => (id === NAME ? `\0${NAME}` : undefined),
    load: (id) => (id === `\0${NAME}` ? themeCss() : undefined),
  };
}

/** Palettes that the pages do without: a quarter of the sheet. */
const UNUSED = /^--mantine-color-(pink|grape|violet|cyan|lime|orange)-/;

const used = (variables: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(variables).filter(([name]) => !UNUSED.test(name)));

function themeCss(): string {
  const merged = mergeMantineTheme(DEFAULT_THEME, theme);
  const usual = defaultCssVariablesResolver(merged);
  const own = cssVariables(merged);
  return convertCssVariables({
    variables: used({ ...usual.variables, ...own.variables }),
    light: used({ ...usual.light, ...own.light, '--mantine-color-scheme': 'light' }),
    dark: used({ ...usual.dark, ...own.dark, '--mantine-color-scheme': 'dark' }),
  });
}

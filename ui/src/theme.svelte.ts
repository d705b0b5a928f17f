/** Light or dark: what the system prefers until the reader chooses; the choice is kept (see public/first-paint.js). */

const page = document.documentElement.dataset;
const system = window.matchMedia('(prefers-color-scheme: dark)');

export const theme = $state({ dark: page.theme === 'dark' });

system.addEventListener('change', () => { if (page.chosen === undefined) put(system.matches); });

export function toggleTheme(): void {
  page.chosen = '';
  put(!theme.dark);
  try {
    localStorage.setItem('descend.theme', page.theme!);
  } catch {
    // Storage is switched off: the choice lasts as long as the page.
  }
}

function put(dark: boolean): void {
  page.theme = dark ? 'dark' : 'light';
  theme.dark = dark;
}

export const calm = window.matchMedia('(prefers-reduced-motion: reduce)');

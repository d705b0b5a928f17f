/** Light or dark: what the system prefers until the reader chooses; the choice is kept (see public/first-paint.js). */

const system = window.matchMedia('(prefers-color-scheme: dark)');
const chosen = () => document.documentElement.dataset.theme;
const dark = () => (chosen() ? chosen() === 'dark' : system.matches);

export const theme = $state({ dark: dark() });

system.addEventListener('change', () => { theme.dark = dark(); });

export function toggleTheme(): void {
  const next = theme.dark ? 'light' : 'dark';
  document.documentElement.dataset.theme = next;
  theme.dark = next === 'dark';
  try {
    localStorage.setItem('descend.theme', next);
  } catch {
    // Storage is switched off: the choice lasts as long as the page.
  }
}

export const calm = window.matchMedia('(prefers-reduced-motion: reduce)');

/** The colours of the page, for what is drawn on a canvas. */
export interface Ink {
  readonly ink: string;
  readonly muted: string;
  readonly line: string;
  readonly edge: string;
  readonly panel: string;
  readonly page: string;
  readonly accent: string;
  readonly dark: boolean;
}

export function ink(place: Element, dark: boolean): Ink {
  const style = getComputedStyle(place);
  const read = (name: string) => style.getPropertyValue(`--${name}`).trim();
  return {
    ink: read('ink'), muted: read('muted'), line: read('line'), edge: read('edge'), panel: read('panel'), page: read('page'),
    accent: read('accent'), dark,
  };
}

export const SANS = "'Inter', system-ui, sans-serif";
export const SERIF = "'Source Serif 4', Georgia, serif";

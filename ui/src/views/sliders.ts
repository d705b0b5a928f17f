import { show } from '../number';
import { array, type Context, type Declaration, type View } from './view';

export interface SlidersDeclaration extends Declaration {
  /** Two rows: the value that each shows, and what it is called. */
  readonly rows: readonly { readonly value: string; readonly label: string }[];
  /** An array of four numbers: from and to of the first, from and to of the second. */
  readonly extent: string;
  /** Sent with {x, y}: both numbers. */
  readonly event: string;
}

const PLACES = 1000;
const REST = 300; // milliseconds for which the hand knows better than the frames, which come later

/** Two numbers of the lab to set by hand: with the mouse, with a finger, or with the arrow keys. */
export function sliders(element: HTMLElement, { view, send }: Context<SlidersDeclaration>): View {
  const box = document.createElement('div');
  box.className = 'slider-rows';
  let extent: ArrayLike<number> = [0, 1, 0, 1];
  const now = [0, 0];
  let due: ReturnType<typeof setTimeout> | undefined;
  let touched = -Infinity;

  const parts = view.rows.map((row, i) => {
    const label = document.createElement('label');
    const name = document.createElement('span');
    const told = document.createElement('output');
    const input = document.createElement('input');
    name.textContent = row.label;
    Object.assign(input, { type: 'range', id: `${view.name}-${row.value}`, min: '0', max: String(PLACES) });
    label.htmlFor = input.id; // without it the label would be that of the output
    input.addEventListener('input', () => {
      const [low, high] = ends(i);
      now[i] = low + ((high - low) * Number(input.value)) / PLACES;
      tell(i);
      touched = performance.now();
      due ??= setTimeout(post, 16);
    });
    label.append(name, told, input);
    box.append(label);
    return { input, told, row };
  });
  element.append(box);

  const ends = (i: number): [number, number] => [extent[2 * i]!, extent[2 * i + 1]!];

  function post(): void {
    due = undefined;
    send(view.event, { x: now[0], y: now[1] });
  }

  function tell(i: number): void {
    const { input, told } = parts[i]!;
    told.textContent = show(now[i]!);
    input.setAttribute('aria-valuetext', show(now[i]!));
  }

  return {
    frame(frame) {
      extent = array(frame, view.extent)?.data ?? extent;
      if (performance.now() - touched < REST) return;
      parts.forEach(({ input, row }, i) => {
        const value = frame.values[row.value];
        if (typeof value !== 'number') return;
        const [low, high] = ends(i);
        now[i] = value;
        const place = String(Math.round((Math.min(1, Math.max(0, (value - low) / (high - low)))) * PLACES));
        if (input.value !== place) input.value = place;
        tell(i);
      });
    },
    theme: () => {},
    resize: () => {},
    destroy: () => box.remove(),
  };
}

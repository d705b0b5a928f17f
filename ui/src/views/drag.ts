import type { Sheet } from './sheet';

export interface Drag {
  /** Whether something can be taken hold of at this place. */
  grip: (x: number, y: number) => boolean;
  /** It was moved here. */
  move: (x: number, y: number) => void;
}

/** Lets a thing on a sheet be taken and moved, by mouse, pen or finger. Gives back whether a drag has just ended. */
export function draggable(sheet: Sheet, { grip, move }: Drag): () => boolean {
  const { canvas } = sheet;
  let held = false;
  let moved = false;

  canvas.addEventListener('pointerdown', (event) => {
    moved = false;
    if (event.button || !grip(...sheet.place(event))) return;
    held = true;
    canvas.setPointerCapture(event.pointerId);
    event.preventDefault();
  });
  canvas.addEventListener('pointermove', (event) => {
    const place = sheet.place(event);
    if (held) {
      moved = true;
      move(...place);
    } else canvas.classList.toggle('grips', grip(...place));
  });
  for (const end of ['pointerup', 'pointercancel'] as const) canvas.addEventListener(end, () => { held = false; });
  // A finger that drags must not scroll the page; one that starts elsewhere still does.
  canvas.addEventListener('touchstart', (event) => {
    const touch = event.touches[0];
    const box = canvas.getBoundingClientRect();
    if (touch && grip(touch.clientX - box.left, touch.clientY - box.top)) event.preventDefault();
  }, { passive: false });
  return () => moved;
}

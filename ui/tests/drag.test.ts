import { describe, expect, it } from 'vitest';
import { draggable } from '../src/views/drag';
import type { Sheet } from '../src/views/sheet';

/** A canvas of which only the events matter; something to take hold of lies at x below 10. */
function setUp() {
  const canvas = Object.assign(new EventTarget(), {
    classList: { toggle: () => true },
    setPointerCapture: () => {},
    getBoundingClientRect: () => ({ left: 0, top: 0 }),
  });
  const moves: [number, number][] = [];
  const sheet = { canvas, place: (e: { x: number; y: number }) => [e.x, e.y] } as unknown as Sheet;
  const dragged = draggable(sheet, { grip: (x) => x < 10, move: (x, y) => moves.push([x, y]) });
  const pointer = (type: string, x: number, y = 0, button = 0) =>
    canvas.dispatchEvent(Object.assign(new Event(type, { cancelable: true }), { x, y, button, pointerId: 1 }));
  return { moves, dragged, pointer };
}

describe('a thing that can be dragged', () => {
  it('follows the pointer from where it was taken until it is let go', () => {
    const { moves, dragged, pointer } = setUp();
    pointer('pointerdown', 5);
    pointer('pointermove', 30, 7);
    pointer('pointermove', 60, 8);
    pointer('pointerup', 60, 8);
    pointer('pointermove', 90, 9);
    expect(moves).toEqual([[30, 7], [60, 8]]);
    expect(dragged()).toBe(true);
  });

  it('stays where a press begins elsewhere, or with another button', () => {
    const { moves, pointer } = setUp();
    pointer('pointerdown', 50);
    pointer('pointermove', 60);
    pointer('pointerdown', 5, 0, 2);
    pointer('pointermove', 60);
    expect(moves).toEqual([]);
  });

  it('tells a click from a drag', () => {
    const { dragged, pointer } = setUp();
    pointer('pointerdown', 5);
    pointer('pointermove', 30);
    pointer('pointerup', 30);
    pointer('pointerdown', 50);
    pointer('pointerup', 50);
    expect(dragged()).toBe(false);
  });
});

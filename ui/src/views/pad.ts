import type { Frame } from '../wire';
import { Sheet } from './sheet';
import { array, type Context, type Declaration, type View } from './view';
import { SAMPLES } from './strokes';

export interface PadDeclaration extends Declaration {
  readonly size?: number;
  readonly event?: string;
  readonly values?: string;
}

const INK = '#ffffff';
const PAPER = '#0b0d11';
const REST = 60; // milliseconds between pictures sent while drawing

/** A pad to draw on. Ink appears at once; the small picture follows it to the lab. Sample buttons serve the keyboard. */
export function pad(element: HTMLElement, { view, dark, send }: Context<PadDeclaration>): View {
  const size = view.size ?? 28;
  const sheet = new Sheet(element, dark, (w) => w, view.title ?? 'Pad to draw on', 320, false);
  const small = document.createElement('canvas');
  small.width = small.height = size;
  const reader = small.getContext('2d', { willReadFrequently: true });
  let strokes: [number, number][][] = [];
  let drawing = false;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const side = () => Math.min(sheet.width, sheet.height);

  /** Strokes on any canvas, in units of its side. */
  function paint(g: CanvasRenderingContext2D, length: number): void {
    g.fillStyle = PAPER;
    g.fillRect(0, 0, length, length);
    g.strokeStyle = INK;
    g.lineCap = g.lineJoin = 'round';
    g.lineWidth = length * 0.085;
    for (const stroke of strokes) {
      g.beginPath();
      for (const [x, y] of stroke) g.lineTo(x * length, y * length);
      if (stroke.length === 1) g.lineTo(stroke[0]![0] * length + 0.01, stroke[0]![1] * length);
      g.stroke();
    }
  }

  function draw(): void {
    const g = sheet.clear();
    paint(g, side());
    if (!strokes.length) hint(g);
    sheet.summarise(() => (strokes.length ? `${strokes.length} strokes drawn.` : 'Empty.'));
  }

  function hint(g: CanvasRenderingContext2D): void {
    g.fillStyle = 'rgb(255 255 255 / .45)';
    g.font = "italic 16px 'Source Serif 4', Georgia, serif";
    g.textAlign = 'center';
    g.textBaseline = 'middle';
    g.fillText('draw a digit here', side() / 2, side() / 2);
  }

  function tell(): void {
    timer = undefined;
    if (!reader) return;
    const large = document.createElement('canvas');
    large.width = large.height = size * 8;
    const g = large.getContext('2d');
    if (!g) return;
    paint(g, large.width);
    reader.imageSmoothingQuality = 'high';
    reader.drawImage(large, 0, 0, size, size);
    const pixels = reader.getImageData(0, 0, size, size).data;
    const floor = 11; // the paper is not quite black
    send(view.event ?? 'draw', Array.from({ length: size * size }, (_, i) => Math.round((Math.max(0, pixels[4 * i]! - floor) * 255) / (255 - floor))));
  }

  const changed = () => { draw(); timer ??= setTimeout(tell, REST); };
  const spot = (event: PointerEvent): [number, number] => sheet.place(event).map((v) => v / side()) as [number, number];

  function down(event: PointerEvent): void {
    sheet.canvas.setPointerCapture(event.pointerId);
    drawing = true;
    strokes.push([spot(event)]);
    changed();
  }
  function move(event: PointerEvent): void {
    if (!drawing) return;
    const all = event.getCoalescedEvents?.() ?? [];
    strokes.at(-1)!.push(...(all.length ? all : [event]).map(spot));
    changed();
  }
  const up = () => { drawing = false; };

  const buttons = document.createElement('div');
  buttons.className = 'pad-buttons';
  const button = (text: string, label: string, act: () => void) => {
    const made = document.createElement('button');
    made.type = 'button';
    made.textContent = text;
    made.setAttribute('aria-label', label);
    made.addEventListener('click', act);
    buttons.append(made);
  };
  button('Clear', 'Clear the pad', () => { strokes = []; changed(); });
  for (const [digit, lines] of Object.entries(SAMPLES)) {
    button(digit, `Draw a sample ${digit}`, () => { strokes = lines.map((l) => l.map(([x, y]) => [x, y] as [number, number])); changed(); });
  }
  sheet.canvas.classList.add('pad');
  sheet.canvas.addEventListener('pointerdown', down);
  sheet.canvas.addEventListener('pointermove', move);
  sheet.canvas.addEventListener('pointerup', up);
  sheet.canvas.addEventListener('pointercancel', up);
  element.append(buttons);
  draw();

  return {
    frame: (frame: Frame) => { if (view.values && array(frame, view.values) && !strokes.length) draw(); },
    theme: (now) => { sheet.theme(now); draw(); },
    resize: () => { if (sheet.fit()) draw(); },
    destroy: () => { if (timer) clearTimeout(timer); sheet.canvas.remove(); buttons.remove(); },
  };
}

import { ink, type Ink } from './ink';

/** A canvas as wide as its place, sharp on every screen, with a text summary for those who do not see it. */
export class Sheet {
  readonly canvas = document.createElement('canvas');
  readonly g: CanvasRenderingContext2D;
  width = 0;
  height = 0;
  ratio = 1;
  ink: Ink;
  private summary: (() => string) | undefined;
  private later: ReturnType<typeof setTimeout> | undefined;

  /** `shape` gives the height for a width, both in CSS pixels. */
  constructor(
    element: HTMLElement,
    dark: boolean,
    private readonly shape: (width: number) => number,
    private readonly title: string,
    private readonly widest = Infinity,
    /** Whether it takes all the room of a full screen. */
    private readonly grows = true,
  ) {
    this.canvas.className = 'sheet';
    this.canvas.setAttribute('role', 'img');
    this.canvas.setAttribute('aria-label', title);
    const g = this.canvas.getContext('2d', { alpha: false });
    if (!g) throw new Error('this browser gives no canvas to draw on');
    this.g = g;
    element.append(this.canvas);
    this.ink = ink(this.canvas, dark);
    this.fit();
  }

  /** Takes the size of its place; true where that changed anything. */
  fit(): boolean {
    const width = Math.round(Math.min(this.canvas.parentElement?.clientWidth ?? 0, this.widest));
    const ratio = Math.min(window.devicePixelRatio || 1, 3);
    const height = Math.round(this.fills() ? window.innerHeight - 96 : this.shape(width));
    if (width === this.width && height === this.height && ratio === this.ratio) return false;
    Object.assign(this, { width, height, ratio });
    this.canvas.width = Math.max(1, Math.round(width * ratio));
    this.canvas.height = Math.max(1, Math.round(height * ratio));
    this.canvas.style.height = `${height}px`;
    if (Number.isFinite(this.widest)) this.canvas.style.width = `${width}px`;
    return true;
  }

  private fills(): boolean {
    const whole = document.fullscreenElement;
    return this.grows && whole !== null && whole === this.canvas.closest('figure');
  }

  theme(dark: boolean): void {
    this.ink = ink(this.canvas, dark);
  }

  /** A clean page, coordinates in CSS pixels. */
  clear(): CanvasRenderingContext2D {
    this.upright();
    this.g.fillStyle = this.ink.panel;
    this.g.fillRect(0, 0, this.width, this.height);
    return this.g;
  }

  /** Coordinates in CSS pixels, and nothing left of what was drawn before. */
  upright(): void {
    this.g.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
    this.g.globalAlpha = 1;
    this.g.setLineDash([]);
  }

  /** At most once a second, as a screen reader is not helped by thirty summaries; the last one always comes. */
  summarise(text: () => string): void {
    this.summary = text;
    if (this.later !== undefined) return;
    this.tell();
    this.later = setTimeout(() => {
      this.later = undefined;
      if (this.summary) this.tell();
    }, 1000);
  }

  private tell(): void {
    this.canvas.setAttribute('aria-label', `${this.title}. ${this.summary?.() ?? ''}`);
    this.summary = undefined;
  }

  place(event: MouseEvent): [number, number] {
    const box = this.canvas.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  }
}

/** Something drawn once and kept until its key changes: axes, points that stand still. */
export class Layer {
  private readonly canvas = document.createElement('canvas');
  private key = '';

  /** `whole`: it has the page's own ground and takes the place of a clean page. */
  constructor(private readonly whole = false) {}

  draw(sheet: Sheet, key: string, paint: (g: CanvasRenderingContext2D) => void): void {
    sheet.upright();
    const full = `${key}|${sheet.width}x${sheet.height}@${sheet.ratio}|${sheet.ink.panel}`;
    if (full !== this.key) {
      this.key = full;
      this.canvas.width = sheet.canvas.width;
      this.canvas.height = sheet.canvas.height;
      const g = this.canvas.getContext('2d', { alpha: !this.whole });
      if (!g) return;
      g.setTransform(sheet.ratio, 0, 0, sheet.ratio, 0, 0);
      if (this.whole) {
        g.fillStyle = sheet.ink.panel;
        g.fillRect(0, 0, sheet.width, sheet.height);
      }
      paint(g);
    }
    sheet.g.drawImage(this.canvas, 0, 0, sheet.width, sheet.height);
  }

  forget(): void {
    this.key = '';
  }
}

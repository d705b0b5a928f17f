import type { Frame } from '../wire';
import type { Sheet } from './sheet';
import type { View } from './view';

/** A picture on a sheet: drawn for every frame, and again from the last one where the sheet changes. */
export class Drawing implements View {
  last: Frame | undefined;

  /** `forget` drops what was kept in the colours of the other theme. */
  constructor(
    private readonly sheet: Sheet,
    private readonly draw: (frame: Frame) => void,
    private readonly forget: () => void = () => {},
  ) {}

  frame(frame: Frame): void {
    this.draw((this.last = frame));
  }

  again(): void {
    if (this.last) this.draw(this.last);
  }

  theme(dark: boolean): void {
    this.sheet.theme(dark);
    this.forget();
    this.again();
  }

  resize(): void {
    if (this.sheet.fit()) this.again();
  }

  destroy(): void {
    this.sheet.canvas.remove();
  }
}

import type { Frame, FrameArray } from '../wire';

/** What a lab declares of one of its pictures; each instrument reads its own fields. */
export interface Declaration {
  readonly kind: string;
  readonly name: string;
  readonly title?: string;
  readonly [field: string]: unknown;
}

export interface Context<D extends Declaration = Declaration> {
  readonly view: D;
  readonly dark: boolean;
  /** Tells the lab what the reader did on this picture. */
  readonly send: (event: string, data: unknown) => void;
}

/** An instrument: it draws frames and knows nothing of pages, sockets or frameworks. */
export interface View {
  frame(frame: Frame): void;
  theme(dark: boolean): void;
  resize(): void;
  destroy(): void;
}

export type Mount<D extends Declaration = Declaration> = (element: HTMLElement, context: Context<D>) => View;

export function array(frame: Frame, name: string | undefined): FrameArray | undefined {
  return name === undefined ? undefined : frame.arrays.get(name);
}

/** Rows of a two-dimensional array as pairs; an empty list where there is none. */
export function rows(found: FrameArray | undefined): number[][] {
  if (!found || found.shape.length !== 2) return [];
  const [n = 0, width = 0] = found.shape;
  return Array.from({ length: n }, (_, i) => Array.from(found.data.subarray(i * width, (i + 1) * width)));
}

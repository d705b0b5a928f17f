import { bars } from './bars';
import { curve } from './curve';
import { field } from './field';
import { images } from './images';
import { netgraph } from './netgraph';
import { pad } from './pad';
import { scatter } from './scatter';
import { sliders } from './sliders';
import { surface } from './surface';
import type { Mount } from './view';

/** Every instrument by the name that a lab uses for it. */
export const INSTRUMENTS: Readonly<Record<string, Mount>> = {
  field, netgraph, curve, scatter, surface, heat: surface, pad, images, bars, sliders,
} as unknown as Record<string, Mount>;

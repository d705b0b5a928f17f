/** Digits as strokes in the unit square, for those who draw with the keyboard. */

type Stroke = readonly (readonly [number, number])[];

const arc = (x: number, y: number, rx: number, ry: number, from: number, to: number): Stroke =>
  Array.from({ length: 25 }, (_, i) => {
    const a = ((from + ((to - from) * i) / 24) * Math.PI) / 180;
    return [x + rx * Math.cos(a), y + ry * Math.sin(a)] as const;
  });

export const SAMPLES: Readonly<Record<string, readonly Stroke[]>> = {
  0: [arc(0.5, 0.5, 0.2, 0.29, 0, 360)],
  1: [[[0.43, 0.31], [0.53, 0.22], [0.5, 0.8]]],
  2: [[...arc(0.49, 0.37, 0.18, 0.16, 190, 385), [0.33, 0.76], [0.71, 0.75]]],
  3: [[...arc(0.48, 0.36, 0.17, 0.14, 205, 430), ...arc(0.48, 0.64, 0.19, 0.15, 285, 510)]],
  4: [[[0.42, 0.22], [0.3, 0.54], [0.68, 0.52]], [[0.62, 0.3], [0.58, 0.82]]],
  5: [[[0.67, 0.23], [0.4, 0.24], [0.37, 0.47], ...arc(0.47, 0.61, 0.18, 0.17, 245, 500)]],
  6: [[[0.6, 0.2], [0.44, 0.36], [0.36, 0.56], ...arc(0.49, 0.64, 0.14, 0.14, 190, 540)]],
  7: [[[0.31, 0.27], [0.68, 0.25], [0.46, 0.8]]],
  8: [[...arc(0.5, 0.36, 0.13, 0.13, 90, 450), ...arc(0.5, 0.64, 0.16, 0.15, 270, 630)]],
  9: [[...arc(0.5, 0.37, 0.14, 0.14, 0, 360), [0.63, 0.4], [0.58, 0.8]]],
};

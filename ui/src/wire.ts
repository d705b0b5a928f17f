/** A frame as the server sends it: u32 header length, JSON header, then arrays, each padded to 8 bytes. */

export type Numbers = Float32Array | Uint8Array | Int32Array;
export type Value = number | string | boolean | null;

export interface FrameArray {
  readonly shape: readonly number[];
  readonly data: Numbers;
}

export interface Frame {
  readonly seq: number;
  /** When the server built the frame, in milliseconds since 1970. */
  readonly t: number;
  readonly step: number;
  readonly arrays: ReadonlyMap<string, FrameArray>;
  readonly values: Readonly<Record<string, Value>>;
}

type Dtype = 'f4' | 'u1' | 'i4';

interface Header {
  seq: number;
  t: number;
  step: number;
  arrays: { name: string; dtype: Dtype; shape: number[] }[];
  values?: Record<string, Value>;
}

const readers: Record<Dtype, { bytes: number; view: (b: ArrayBuffer, at: number, n: number) => Numbers }> = {
  f4: { bytes: 4, view: (b, at, n) => new Float32Array(b, at, n) },
  u1: { bytes: 1, view: (b, at, n) => new Uint8Array(b, at, n) },
  i4: { bytes: 4, view: (b, at, n) => new Int32Array(b, at, n) },
};

const eights = (n: number) => Math.ceil(n / 8) * 8;

export function decodeFrame(buffer: ArrayBuffer): Frame {
  if (buffer.byteLength < 4) throw new Error(`a frame of ${buffer.byteLength} bytes has no header`);
  const length = new DataView(buffer).getUint32(0, true);
  if (4 + length > buffer.byteLength) throw new Error(`a header of ${length} bytes does not fit its frame`);
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, length))) as Header;
  const arrays = new Map<string, FrameArray>();
  let at = eights(4 + length);
  for (const { name, dtype, shape } of header.arrays) {
    const reader = readers[dtype];
    if (!reader) throw new Error(`array ${name} has the unknown type ${dtype}`);
    const count = shape.reduce((a, b) => a * b, 1);
    if (at + count * reader.bytes > buffer.byteLength) throw new Error(`array ${name} is cut short`);
    arrays.set(name, { shape, data: reader.view(buffer, at, count) });
    at = eights(at + count * reader.bytes);
  }
  return { seq: header.seq, t: header.t, step: header.step, arrays, values: header.values ?? {} };
}

import { describe, expect, it } from 'vitest';
import { decodeFrame } from '../src/wire';

type Listed = { name: string; dtype: 'f4' | 'u1' | 'i4'; shape: number[]; bytes: Uint8Array };

/** The bytes of a frame as the server lays them out. */
function encode(arrays: Listed[], values: Record<string, unknown> = {}): ArrayBuffer {
  const listed = arrays.map(({ name, dtype, shape }) => ({ name, dtype, shape }));
  const text = new TextEncoder().encode(JSON.stringify({ seq: 7, t: 12.5, step: 3, arrays: listed, values }));
  const length = text.length + ((8 - ((4 + text.length) % 8)) % 8);
  const eights = (n: number) => Math.ceil(n / 8) * 8;
  const whole = new Uint8Array(4 + length + arrays.reduce((sum, a) => sum + eights(a.bytes.length), 0));
  new DataView(whole.buffer).setUint32(0, length, true);
  whole.fill(32, 4, 4 + length);
  whole.set(text, 4);
  let at = 4 + length;
  for (const { bytes } of arrays) {
    whole.set(bytes, at);
    at += eights(bytes.length);
  }
  return whole.buffer;
}

const floats = (...v: number[]) => new Uint8Array(Float32Array.from(v).buffer);
const two: Listed[] = [
  { name: 'p', dtype: 'f4', shape: [3], bytes: floats(0.5, -2, 1e9) },
  { name: 'maps', dtype: 'u1', shape: [1, 2, 3], bytes: Uint8Array.of(0, 1, 2, 253, 254, 255) },
  { name: 'shape', dtype: 'i4', shape: [2], bytes: new Uint8Array(Int32Array.of(-5, 9).buffer) },
];

describe('a frame', () => {
  it('gives back every array with its type, shape and numbers', () => {
    const frame = decodeFrame(encode(two, { loss: 0.25, line: 'p − η·g', gone: null }));
    expect([frame.seq, frame.t, frame.step]).toEqual([7, 12.5, 3]);
    expect(frame.values).toEqual({ loss: 0.25, line: 'p − η·g', gone: null });
    expect(frame.arrays.get('p')?.data).toEqual(Float32Array.of(0.5, -2, 1e9));
    expect(frame.arrays.get('maps')).toEqual({ shape: [1, 2, 3], data: Uint8Array.of(0, 1, 2, 253, 254, 255) });
    expect(frame.arrays.get('shape')?.data).toEqual(Int32Array.of(-5, 9));
  });

  it('looks at the numbers where they are, without a copy', () => {
    const buffer = encode(two);
    expect(decodeFrame(buffer).arrays.get('p')?.data.buffer).toBe(buffer);
  });

  it('holds empty arrays', () => {
    const frame = decodeFrame(encode([{ name: 'yours', dtype: 'f4', shape: [0, 0], bytes: new Uint8Array(0) }, two[0]!]));
    expect(frame.arrays.get('yours')?.data).toHaveLength(0);
    expect(frame.arrays.get('p')?.data[1]).toBe(-2);
  });

  it.each([
    ['no header', new ArrayBuffer(2)],
    ['a header longer than the frame', Uint32Array.of(1000, 0).buffer],
    ['an array cut short', encode(two).slice(0, -16)],
  ])('is refused with %s', (_, buffer) => {
    expect(() => decodeFrame(buffer)).toThrow();
  });
});

/** What the reader is asked to foretell, by lab. The lab draws it beside what happens. */
export interface Prediction { what: string; ask: string; example: string }

export const PREDICTIONS: Readonly<Record<string, readonly Prediction[]>> = {
  downhill: [
    { what: 'explodes', ask: 'Above which learning rate does it explode?', example: '0.001' },
    { what: 'stalls', ask: 'In square feet, how low does the error get?', example: '500' },
  ],
};

/** "1e-6", "0,5" and "2·10-7" are all numbers that people type. */
export function parseNumber(text: string): number | null {
  const plain = text.trim().replace(',', '.').replace('−', '-').replace(/\s*[·x*×]\s*10\^?/, 'e').replace(/^10\^/, '1e');
  const value = Number(plain);
  return plain !== '' && Number.isFinite(value) && value > 0 ? value : null;
}

import { show } from '../number';
import { SANS, SERIF } from './ink';
import type { Sheet } from './sheet';
import { linearTicks, logTicks } from './ticks';

export interface Axis {
  readonly low: number;
  readonly high: number;
  readonly log?: boolean;
  readonly label?: string;
}

export interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

export interface Axes {
  readonly box: Box;
  readonly x: (v: number) => number;
  readonly y: (v: number) => number;
  /** From a place on the sheet back to values. */
  readonly at: (px: number, py: number) => [number, number];
  readonly key: string;
}

const scaled = (axis: Axis, v: number) => (axis.log ? Math.log(v / axis.low) / Math.log(axis.high / axis.low) : (v - axis.low) / (axis.high - axis.low));
const unscaled = (axis: Axis, s: number) => (axis.log ? axis.low * (axis.high / axis.low) ** s : axis.low + (axis.high - axis.low) * s);

export function axes(box: Box, xAxis: Axis, yAxis: Axis): Axes {
  return {
    box,
    x: (v) => box.left + box.width * scaled(xAxis, v),
    y: (v) => box.top + box.height * (1 - scaled(yAxis, v)),
    at: (px, py) => [unscaled(xAxis, (px - box.left) / box.width), unscaled(yAxis, 1 - (py - box.top) / box.height)],
    key: JSON.stringify([box, xAxis, yAxis]),
  };
}

const ticksOf = (axis: Axis, about: number) => (axis.log ? logTicks : linearTicks)(axis.low, axis.high, about);

/** Grid, numbers and labels. `grid` false where a picture fills the box. */
export function drawAxes(g: CanvasRenderingContext2D, sheet: Sheet, frame: Axes, xAxis: Axis, yAxis: Axis, grid = true): void {
  const { left, top, width, height } = frame.box;
  const across = ticksOf(xAxis, Math.max(2, Math.round(width / 80)));
  const up = ticksOf(yAxis, Math.max(2, Math.round(height / 55)));
  g.font = `11px ${SANS}`;
  g.lineWidth = 1;
  g.strokeStyle = sheet.ink.line;
  g.fillStyle = sheet.ink.muted;
  g.textAlign = 'right';
  g.textBaseline = 'middle';
  for (const v of up) {
    const y = Math.round(frame.y(v)) + 0.5;
    line(g, grid ? left : left - 4, y, grid ? left + width : left, y);
    g.fillText(show(v), left - 7, y);
  }
  g.textAlign = 'center';
  g.textBaseline = 'top';
  for (const v of across) {
    const x = Math.round(frame.x(v)) + 0.5;
    line(g, x, top + height, x, top + height + 4);
    g.fillText(show(v), clampText(g, show(v), x, sheet.width), top + height + 7);
  }
  line(g, left, top + height + 0.5, left + width, top + height + 0.5);
  labels(g, sheet, frame.box, xAxis, yAxis);
}

function labels(g: CanvasRenderingContext2D, sheet: Sheet, box: Box, xAxis: Axis, yAxis: Axis): void {
  g.fillStyle = sheet.ink.muted;
  g.font = `italic 13px ${SERIF}`;
  if (xAxis.label) {
    g.textAlign = 'right';
    g.textBaseline = 'top';
    g.fillText(xAxis.label, box.left + box.width, box.top + box.height + 21);
  }
  if (yAxis.label) {
    g.textAlign = 'left';
    g.textBaseline = 'bottom';
    g.fillText(yAxis.label, 2, box.top - 7);
  }
}

function clampText(g: CanvasRenderingContext2D, text: string, x: number, width: number): number {
  const half = g.measureText(text).width / 2 + 1;
  return Math.min(width - half, Math.max(half, x));
}

export function line(g: CanvasRenderingContext2D, x1: number, y1: number, x2: number, y2: number): void {
  g.beginPath();
  g.moveTo(x1, y1);
  g.lineTo(x2, y2);
  g.stroke();
}

import { socketAddress } from '../api';
import { connection } from '../shell/connection.svelte';
import { complain, say } from '../shell/toasts.svelte';
import { Problem } from '../api';
import { calm } from '../theme.svelte';
import { decodeFrame, type Frame, type Value } from '../wire';
import type { ParamValue, Values } from './params';

export interface State {
  playing: boolean;
  speed: number;
  steps: number;
  params: Values;
  history: { first: number; last: number; at: number } | null;
  values: Record<string, Value>;
}

const CALM_PAUSE = 200; // milliseconds between frames for readers who asked for less motion
const LONGEST_WAIT = 8000;

/** One lab on the server: commands go up as JSON, frames come down and are acknowledged once they are drawn. */
export class Session {
  state = $state<State>({ playing: false, speed: 1, steps: 0, params: {}, history: null, values: {} });
  /** The newest numbers, and the marks that tests and screen readers look at. */
  step = $state(0);
  seq = $state(0);
  latency = $state(0);
  values = $state<Record<string, Value>>({});
  connected = $state(false);
  onframe: (frame: Frame) => void = () => {};
  /** What the lab says; a page that shows the same in its own way takes this over. */
  onmessage: (kind: 'info' | 'warning' | 'error', text: string) => void = say;

  private socket: WebSocket | null = null;
  private waiting: Frame | null = null;
  private undrawn: number[] = [];
  private scheduled = false;
  private drawn = 0;
  private wait = 500;
  private over = false;
  private resume = false;
  private lost = false;
  private kept: Values;

  constructor(private readonly id: string, params: Values, private readonly autoplay = false) {
    this.kept = { ...params };
    this.open();
    document.addEventListener('visibilitychange', this.visibility);
  }

  do(action: 'play' | 'pause' | 'step' | 'reset' | 'seek', value?: number): void {
    this.send(value === undefined ? { do: action } : { do: action, value });
  }
  set(name: string, value: ParamValue): void {
    this.kept[name] = value;
    this.state.params[name] = value;
    this.send({ set: { [name]: value } });
  }
  speed(value: number): void {
    this.send({ speed: value });
  }
  event = (name: string, data: unknown): void => {
    this.send({ event: name, data });
  };

  close(): void {
    this.over = true;
    document.removeEventListener('visibilitychange', this.visibility);
    this.found();
    this.socket?.close();
  }

  private send(message: unknown): void {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(message));
  }

  private open(): void {
    const socket = new WebSocket(socketAddress(`/ws/labs/${encodeURIComponent(this.id)}`));
    socket.binaryType = 'arraybuffer';
    socket.onopen = () => this.opened();
    socket.onmessage = (event: MessageEvent<string | ArrayBuffer>) => this.receive(event.data);
    socket.onclose = () => this.closed();
    this.socket = socket;
  }

  private opened(): void {
    const again = this.lost;
    this.connected = true;
    this.undrawn = [];
    this.wait = 500;
    connection.open++;
    this.found();
    if (Object.keys(this.kept).length) this.send({ set: this.kept });
    if (this.autoplay || (again && this.state.playing)) this.do('play');
  }

  private closed(): void {
    if (this.connected) connection.open--;
    this.connected = false;
    if (this.over) return;
    if (!this.lost) connection.lost++;
    this.lost = true;
    setTimeout(() => { if (!this.over) this.open(); }, this.wait);
    this.wait = Math.min(LONGEST_WAIT, this.wait * 2);
  }

  private found(): void {
    if (this.lost) connection.lost--;
    this.lost = false;
  }

  private receive(data: string | ArrayBuffer): void {
    if (typeof data === 'string') return this.hear(JSON.parse(data) as Message);
    const frame = decodeFrame(data);
    this.undrawn.push(frame.seq);
    this.waiting = frame;
    if (this.scheduled) return;
    this.scheduled = true;
    const pause = calm.matches ? Math.max(0, this.drawn + CALM_PAUSE - performance.now()) : 0;
    if (pause) setTimeout(() => requestAnimationFrame(this.draw), pause);
    else requestAnimationFrame(this.draw);
  }

  private draw = (): void => {
    this.scheduled = false;
    const frame = this.waiting;
    this.waiting = null;
    if (!frame || this.over) return;
    this.onframe(frame);
    this.drawn = performance.now();
    // Only now, and for those that were overtaken too: the server sends no more than can be seen.
    for (const seq of this.undrawn.splice(0)) this.send({ ack: seq });
    this.step = frame.step;
    this.values = frame.values as Record<string, Value>;
    this.latency = Math.max(0, Math.round((Date.now() - frame.t) * 10) / 10);
    this.seq = frame.seq;
  };

  private hear(message: Message): void {
    if (message.state) Object.assign(this.state, message.state);
    if (message.message) this.onmessage(message.message.kind, message.message.text);
    if (message.error) complain(new Problem(message.error.problem, message.error.given ?? '', message.error.needed ?? '', message.error.fix ?? ''));
  }

  /** A hidden page shows nothing, so its lab rests. */
  private visibility = (): void => {
    if (document.hidden) {
      this.resume = this.state.playing;
      if (this.resume) this.do('pause');
    } else if (this.resume) this.do('play');
  };
}

interface Message {
  state?: Partial<State>;
  message?: { kind: 'info' | 'warning' | 'error'; text: string };
  error?: { problem: string; given?: string | null; needed?: string | null; fix?: string | null };
}

import { socketAddress } from '../api';
import { connection } from '../shell/connection.svelte';
import { complain, say } from '../shell/toasts.svelte';
import { Problem } from '../api';
import { calm } from '../theme.svelte';
import { decodeFrame, type Frame, type Value } from '../wire';
import { download } from './keep';
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
/** With these codes a socket says that there is nothing to come back to. */
const [PROGRAM_ENDED, UNKNOWN] = [4410, 4404];

/** One lab on the server: commands go up as JSON, frames come down and are acknowledged once they are drawn. */
export class Session {
  /** Whether the program behind it has come to its end: there is nothing to come back to. */
  ended = $state(false);
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
  /** The lab told its state. */
  onstate: () => void = () => {};
  /** A recording was written under this name. */
  onrecorded: (name: string) => void = () => {};

  private socket: WebSocket | null = null;
  private waiting: Frame | null = null;
  private undrawn: number[] = [];
  private arrived = 0;
  private scheduled = false;
  private drawn = 0;
  private wait = 500;
  private over = false;
  private resume = false;
  private lost = false;
  private kept: Values;

  /** `place`: where its socket is. `drives`: whether this page sets it going and lets it rest, as it does a lab. */
  constructor(private readonly id: string, params: Values, private readonly autoplay = false, private readonly place = 'labs', private readonly drives = true) {
    this.kept = { ...params };
    this.open();
    document.addEventListener('visibilitychange', this.visibility);
  }

  do(action: 'play' | 'pause' | 'step' | 'reset' | 'seek' | 'record' | 'notebook', value?: number): void {
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
    const socket = new WebSocket(socketAddress(`/ws/${this.place}/${encodeURIComponent(this.id)}`));
    socket.binaryType = 'arraybuffer';
    socket.onopen = () => this.opened();
    socket.onmessage = (event: MessageEvent<string | ArrayBuffer>) => this.receive(event.data);
    socket.onclose = (event) => this.closed(event.code);
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
    if (this.drives && (this.autoplay || (again && this.state.playing))) this.do('play');
  }

  private closed(code: number): void {
    if (this.connected) connection.open--;
    this.connected = false;
    this.ended = code === PROGRAM_ENDED || code === UNKNOWN;
    if (this.over || this.ended) return;
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
    this.arrived = performance.now();
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
    const lay = Math.round(performance.now() - this.arrived);
    this.onframe(frame);
    this.drawn = performance.now();
    // Only now, and for those that were overtaken too: the server sends no more than can be seen, and when it is.
    for (const seq of this.undrawn.splice(0)) this.send(calm.matches ? { ack: seq } : { ack: seq, lay });
    this.step = frame.step;
    this.values = frame.values as Record<string, Value>;
    this.latency = Math.max(0, Math.round((Date.now() - frame.t) * 10) / 10);
    this.seq = frame.seq;
  };

  private hear(message: Message): void {
    if (message.state) {
      Object.assign(this.state, message.state);
      this.onstate();
    }
    if (message.message) this.onmessage(message.message.kind, message.message.text);
    if (message.recorded) this.onrecorded(message.recorded);
    if (message.notebook) download(new Blob([message.notebook.text], { type: 'application/x-ipynb+json' }), message.notebook.name);
    if (message.error) complain(new Problem(message.error.problem, message.error.given ?? '', message.error.needed ?? '', message.error.fix ?? ''));
  }

  /** A hidden page shows nothing, so its lab rests. */
  private visibility = (): void => {
    if (!this.drives) return;
    if (document.hidden) {
      this.resume = this.state.playing;
      if (this.resume) this.do('pause');
    } else if (this.resume) this.do('play');
  };
}

interface Message {
  state?: Partial<State>;
  message?: { kind: 'info' | 'warning' | 'error'; text: string };
  recorded?: string;
  notebook?: { name: string; text: string };
  error?: { problem: string; given?: string | null; needed?: string | null; fix?: string | null };
}

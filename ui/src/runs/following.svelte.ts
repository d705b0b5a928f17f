import { socketAddress, type RunEvent } from '../api';
import { Problem } from '../api';
import { complain } from '../shell/toasts.svelte';

interface News { events?: RunEvent[]; whole?: boolean; state?: string; error?: { problem: string; fix?: string | null } }

/** What happens in a run, as it happens. */
export class Following {
  events = $state.raw<RunEvent[]>([]);
  state = $state('');
  private socket: WebSocket;

  constructor(name: string) {
    this.socket = new WebSocket(socketAddress(`/ws/runs/${encodeURIComponent(name)}`));
    this.socket.onmessage = (message: MessageEvent<string>) => this.hear(JSON.parse(message.data) as News);
  }

  close(): void {
    this.socket.onmessage = null;
    // A socket that is closed while it opens leaves a complaint in the console.
    if (this.socket.readyState === WebSocket.CONNECTING) this.socket.onopen = () => this.socket.close();
    else this.socket.close();
  }

  private hear(news: News): void {
    if (news.error) complain(new Problem(news.error.problem, '', '', news.error.fix ?? ''));
    if (news.events?.length || news.whole) this.events = news.whole ? (news.events ?? []) : [...this.events, ...(news.events ?? [])];
    if (news.state) this.state = news.state;
  }
}

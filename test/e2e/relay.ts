import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/**
 * A line that a test can cut: the programs keep one address, and what answers behind it goes away, comes back, or comes
 * back at another port.
 */
export class Relay {
  private server: Server | undefined;
  private readonly sockets = new Set<Socket>();

  private constructor(
    private target: number,
    readonly port: number,
  ) {}

  /** To a port of loopback; the relay's own port is a free one. */
  static async open(target: number): Promise<Relay> {
    const server = createServer();
    await listening(server, 0);
    const { port } = server.address() as AddressInfo;
    await new Promise((resolve) => server.close(resolve));
    const relay = new Relay(target, port);
    await relay.up();
    return relay;
  }

  /** Refuses whoever calls, and cuts the calls under way. */
  async down(): Promise<void> {
    const { server } = this;
    this.server = undefined;
    const closed = new Promise((resolve) => (server ? server.close(resolve) : resolve(undefined)));
    for (const socket of this.sockets) socket.destroy();
    await closed;
  }

  async up(target = this.target): Promise<void> {
    this.target = target;
    this.server = createServer((near) => this.join(near, connect(this.target, '127.0.0.1')));
    await listening(this.server, this.port);
  }

  private join(near: Socket, far: Socket): void {
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      this.sockets.add(one);
      one.on('error', () => undefined);
      one.once('close', () => {
        this.sockets.delete(one);
        other.destroy();
      });
      one.pipe(other);
    }
  }
}

const listening = (server: Server, port: number): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });

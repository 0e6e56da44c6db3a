/**
 * What a scenario is: a network, its settings, and a play.
 *
 * @module
 */
import type { Policy } from './box.ts';
import type { Stage } from './stage.ts';
import type { Topology, World } from './topology.ts';

/** One capture, or two of one path, and what is known of them. */
export interface Scenario {
  /** Name of the capture, without extension. */
  readonly name: string;
  /** What happens, in a few words. */
  readonly about: string;
  /** How client and server are connected. `direct` by default. */
  readonly topology?: Topology | undefined;
  /** Paths between client and server. 1 by default. */
  readonly paths?: number | undefined;
  /** Whether the connection is IPv6. */
  readonly ipv6?: boolean | undefined;
  /** What the box of a `bridged` network does; each scenario run has its own. */
  readonly policy?: (() => Policy) | undefined;
  /** Settings made before the capture begins. */
  readonly settings?: ((world: World) => void) | undefined;
  /** Whether the server's side is captured too, as NAME.server.pcap. */
  readonly both?: boolean | undefined;
  /** Programs that it needs beside those of every scenario. */
  readonly needs?: readonly string[] | undefined;
  /**
   * Names of the devices, path by path; `eth1` and so on by default. Where they are given the
   * capture is a pcapng file of the client's devices alone.
   */
  readonly devices?: { readonly client: readonly string[]; readonly server: readonly string[] } | undefined;
  /** Codes of the findings above `note` that a trace of the capture has, once each. */
  readonly findings: readonly string[];
  /** What client and server do. */
  readonly play: (stage: Stage) => Promise<void>;
}

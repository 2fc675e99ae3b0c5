import type { Request } from 'express';
import { BlockList, isIP } from 'node:net';
import { assert } from '../base/assert.ts';

/** Whether an address of a connection is that of a proxy whose X-Forwarded-For is believed. */
export type IsProxy = (address: string) => boolean;

/** @param networks addresses, or networks as `address/bits`, as the configuration has checked them */
export function proxiesOf(networks: readonly string[]): IsProxy {
  const list = new BlockList();
  for (const network of networks) {
    const [address = '', bits] = network.split('/');
    const family = familyOf(address);
    assert(family, 'the configuration has checked the proxies');
    if (bits === undefined) list.addAddress(address, family);
    else list.addSubnet(address, Number(bits), family);
  }
  // It is asked for each connection and more than once for each request.
  if (networks.length === 0) return () => false;
  return (given) => {
    const address = plainAddress(given);
    const family = familyOf(address);
    return family !== null && list.check(address, family);
  };
}

function familyOf(address: string): 'ipv4' | 'ipv6' | null {
  const version = isIP(address);
  if (version === 0) return null;
  return version === 4 ? 'ipv4' : 'ipv6';
}

/** IPv4 that came over an IPv6 socket is IPv4; a zone belongs to this machine alone. */
const plainAddress = (address: string): string =>
  (address.split('%', 1)[0] ?? '').replace(/^::ffff:(?=[0-9.]+$)/i, '');

/**
 * Whom limits count as one: an IPv4 address, or a /64 network of IPv6, which is what one subscriber
 * has. What is no address is one with all that is none.
 */
export function networkOf(given: string): string {
  const address = plainAddress(given);
  const family = familyOf(address);
  if (family === 'ipv4') return address;
  return family === 'ipv6' ? `${groupsOf(address).slice(0, 4).join(':')}::/64` : 'unknown';
}

/** The first groups of 16 bits, up to eight, without zeros before them. */
function groupsOf(address: string): string[] {
  const [head = '', tail] = address.split('::');
  const split = (part: string): string[] => (part === '' ? [] : part.split(':'));
  const before = split(head);
  const after = split(tail ?? '');
  // Where the end is written as IPv4 it is one part for two groups; a /64 never reaches it.
  const length = after.length + (after.at(-1)?.includes('.') === true ? 1 : 0);
  const between = tail === undefined ? 0 : Math.max(0, 8 - before.length - length);
  return [...before, ...Array<string>(between).fill('0'), ...after].map((group) =>
    group.replace(/^0+(?=.)/, '').toLowerCase(),
  );
}

const known = new WeakMap<Request, string>();

/** Of the client, behind proxies that are trusted; what a proxy did not understand is the proxy’s. */
export function clientNetwork(request: Request): string {
  const before = known.get(request);
  if (before !== undefined) return before;
  const { ip } = request;
  const isAddress = ip !== undefined && isIP(plainAddress(ip)) !== 0;
  const network = networkOf(isAddress ? ip : (request.socket.remoteAddress ?? ''));
  known.set(request, network);
  return network;
}

import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import { networkOf, proxiesOf } from '../../src/api/address.ts';
import { defaultLimits, limitsWith } from '../../src/api/limits.ts';
import { readConfig } from '../../src/config.ts';

const page = readFileSync(new URL('../../docs/operations.md', import.meta.url), 'utf8');

describe('api: limits', () => {
  it('stand in docs/operations.md with their defaults', () => {
    const rows = [...page.matchAll(/^\| `(\w+)` +\| (\d+) +\|/gm)];
    const documented = Object.fromEntries(rows.map(([, name, value]) => [name, Number(value)]));
    expect(documented).to.include(defaultLimits);
  });

  it('are changed by name, and by no other', () => {
    const { limits } = readConfig({ DXL_LIMITS: 'connectionsMax=7, headerMs=20' });
    expect(limitsWith(limits)).to.deep.equal({ ...defaultLimits, connectionsMax: 7, headerMs: 20 });
    expect(() => limitsWith(new Map([['connectionMax', 1]]))).to.throw(
      /names connectionMax, which/,
    );
    for (const text of ['connectionsMax', 'headerMs=0', 'headerMs=0x10', 'headerMs=1,headerMs=2']) {
      expect(() => readConfig({ DXL_LIMITS: text }), text).to.throw(/DXL_LIMITS is .* it takes/);
    }
  });

  it('count an IPv4 address as one, and a /64 of IPv6', () => {
    for (const [given, network] of [
      ['198.51.100.7', '198.51.100.7'],
      ['::ffff:198.51.100.7', '198.51.100.7'],
      ['2001:DB8:0:1::9', '2001:db8:0:1::/64'],
      ['2001:db8:0:1:ffff:ffff:ffff:ffff', '2001:db8:0:1::/64'],
      ['2001:db8::', '2001:db8:0:0::/64'],
      ['::1', '0:0:0:0::/64'],
      ['fe80::1%eth0', 'fe80:0:0:0::/64'],
      ['64:ff9b::198.51.100.7', '64:ff9b:0:0::/64'],
      ['nonsense', 'unknown'],
      ['', 'unknown'],
    ] as const) {
      expect(networkOf(given), given).to.equal(network);
    }
  });

  it('know trusted proxies by address and network', () => {
    const text = '127.0.0.1, 10.1.0.0/16,fd00::/8';
    const isProxy = proxiesOf(readConfig({ DXL_TRUSTED_PROXIES: text }).trustedProxies);
    for (const address of ['127.0.0.1', '::ffff:10.1.2.3', 'fd12::1']) {
      expect(isProxy(address), address).to.equal(true);
    }
    for (const address of ['127.0.0.2', '10.2.0.1', '2001:db8::1', 'nonsense', '']) {
      expect(isProxy(address), address).to.equal(false);
    }
    for (const wrong of ['localhost', '10.0.0.0/33', '10.0.0.0/8/8', '1', 'fe80::1%eth0', '']) {
      const read = () => readConfig({ DXL_TRUSTED_PROXIES: `127.0.0.1,${wrong}` });
      expect(read, wrong).to.throw(/DXL_TRUSTED_PROXIES is .* it takes/);
    }
  });
});

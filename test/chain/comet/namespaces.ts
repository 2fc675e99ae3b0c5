/**
 * Programs in network, process and mount namespaces of their own. Nothing that they start, mount
 * or wire outlives them, not even after a kill: the kernel takes it all back.
 */
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

const unshare = ['--net', '--mount', '--pid', '--fork', '--kill-child', '--mount-proc', '--'];

/** What a network needs of the kernel, tried in a namespace that is gone afterwards. */
const trial = [
  'ip netns list',
  'ip link add dxl-bridge type bridge',
  'ip link add dxl-0 type veth peer name dxl-1',
].join(' && ');

/** Why validators cannot have network namespaces here; null where they can. */
export async function whyNoNamespaces(): Promise<string | null> {
  if (process.platform !== 'linux') return 'network namespaces are of Linux';
  if (process.getuid?.() !== 0) return 'network namespaces need root';
  for (const program of ['ip', 'unshare', 'mount']) {
    const found = await run(program, ['-V']).catch((error: unknown) => error as { code?: unknown });
    const missing = 'code' in found && found.code === 'ENOENT';
    if (missing) return `${program} is missing (Debian: iproute2, util-linux, mount)`;
  }
  return run('unshare', [...unshare, 'sh', '-c', trial]).then(
    () => null,
    (error: unknown) => `the kernel refuses namespaces: ${(error as Error).message.trim()}`,
  );
}

/**
 * The program ends with its caller: it must end when its standard input does, as
 * `endWithCaller` sees to.
 */
export const spawnIsolated = (program: string, args: readonly string[]): ChildProcess =>
  spawn('unshare', [...unshare, program, ...args], { stdio: ['pipe', 'pipe', 'inherit'] });

/** To be called inside: a caller that was killed closes the pipe. */
export function endWithCaller(): void {
  process.stdin.on('end', () => process.exit(130)).resume();
}

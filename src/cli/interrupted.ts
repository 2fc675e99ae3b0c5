/** Of a program that Ctrl-C has ended, as shells count: 128 and the number of SIGINT. */
const interruptedCode = 130;

/**
 * Runs work that ends in good order when Ctrl-C is pressed: it is told by the signal, and cleans up. A
 * second Ctrl-C ends the program at once. The work's own error is thrown on; the exit code is 130.
 */
export async function interruptibly<Result>(
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const controller = new AbortController();
  const stop = (): void => controller.abort();
  process.once('SIGINT', stop);
  try {
    return await work(controller.signal);
  } catch (error) {
    if (controller.signal.aborted) process.exit(interruptedCode);
    throw error;
  } finally {
    process.removeListener('SIGINT', stop);
  }
}

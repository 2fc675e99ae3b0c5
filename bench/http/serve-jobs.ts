/** Of a process that its parent gives jobs, one at a time; it ends with its parent. */
export function serveJobs<Job, Report>(work: (job: Job) => Promise<Report>): void {
  process.on('message', (job: Job) => {
    work(job).then(
      (report) => process.send?.({ report }),
      (error: unknown) => process.send?.({ error: (error as Error).stack }),
    );
  });
  process.once('disconnect', () => process.exit());
  process.send?.('ready');
}

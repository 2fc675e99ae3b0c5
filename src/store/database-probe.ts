import { keepConnection } from './kept-connection.ts';

export interface DatabaseProbe {
  /** Resolves when the database has read the ledger's head; rejects where it cannot be had. */
  ask(): Promise<void>;
  close(): Promise<void>;
}

/** After this a question is given up with its connection, and the next one connects anew. */
const answerMsMax = 10_000;

/** On a connection of its own: whatever keeps others waiting for theirs says nothing of the database. */
export function openDatabaseProbe(url: string): DatabaseProbe {
  const applicationName = 'data-exchange-ledger probe';
  const kept = keepConnection({ url, applicationName, connectMsMax: answerMsMax, answerMsMax });
  return {
    async ask() {
      try {
        await (await kept.connect()).query('SELECT height FROM head');
      } catch (error) {
        await kept.close();
        throw error;
      }
    },
    close: () => kept.close(),
  };
}

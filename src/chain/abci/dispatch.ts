import {
  CheckTxType,
  ResponseVerifyVoteExtension_VerifyStatus as VoteStatus,
  type Request,
  type Response,
  type ResponseCheckTx,
} from 'cosmjs-types/tendermint/abci/types';
import { admittedTx, type Application } from './application.ts';
import { blockTimeMs } from './block.ts';
import { AbciFault } from './fault.ts';
import type { AbciHandler } from './server.ts';
import { noSnapshots, type Snapshots } from './snapshots.ts';

/**
 * Calls the application for each request. What reads committed state only is answered at once;
 * all else goes one by one over all connections, so that nobody meets a commit half done.
 */
export function dispatchTo(
  application: Application,
  snapshots: Snapshots = noSnapshots,
): AbciHandler {
  let last: Promise<unknown> = Promise.resolve();
  return (request) => {
    application.checkAlive();
    const quick = answerAtOnce(application, request);
    if (quick) return quick;
    const answer = last.then(() => answerInTurn(application, snapshots, request));
    last = answer.catch(() => undefined);
    return answer;
  };
}

function answerAtOnce(
  application: Application,
  request: Request,
): Response | Promise<Response> | null {
  const { checkTx, echo, flush, query } = request;
  if (checkTx) {
    const recheck = checkTx.type === CheckTxType.RECHECK;
    const answer = application.checkTx(checkTx.tx, recheck);
    return answer instanceof Promise ? answer.then(checkAnswer) : checkAnswer(answer);
  }
  if (flush) return flushed;
  if (echo) return { echo };
  if (query) {
    return application.query(query.path, query.data).then((answer) => ({ query: answer }));
  }
  return null;
}

/** Frozen: the server encodes them once. */
const admitted: Response = Object.freeze({ checkTx: admittedTx });
const flushed: Response = Object.freeze({ flush: {} });

const checkAnswer = (answer: ResponseCheckTx): Response =>
  answer === admittedTx ? admitted : { checkTx: answer };

async function answerInTurn(
  application: Application,
  snapshots: Snapshots,
  request: Request,
): Promise<Response> {
  application.checkAlive();
  const { info, initChain, prepareProposal, processProposal, finalizeBlock, commit } = request;
  if (info) return { info: application.info() };
  if (initChain) return { initChain: application.initChain(initChain) };
  if (prepareProposal) {
    const { txs, maxTxBytes } = prepareProposal;
    return { prepareProposal: { txs: await application.prepareProposal(txs, Number(maxTxBytes)) } };
  }
  if (processProposal) {
    const { txs, height, time } = processProposal;
    const status = await application.processProposal(txs, height, blockTimeMs(time));
    return { processProposal: { status } };
  }
  if (finalizeBlock) return { finalizeBlock: await application.finalizeBlock(finalizeBlock) };
  if (commit) {
    await application.commit();
    await snapshots.afterCommit(application);
    return { commit: { retainHeight: 0n } };
  }
  return answerSnapshot(application, snapshots, request);
}

async function answerSnapshot(
  application: Application,
  snapshots: Snapshots,
  request: Request,
): Promise<Response> {
  const { listSnapshots, offerSnapshot, loadSnapshotChunk, applySnapshotChunk } = request;
  if (listSnapshots) return { listSnapshots: { snapshots: await snapshots.list() } };
  if (offerSnapshot) {
    const result = snapshots.offer(application, offerSnapshot);
    return { offerSnapshot: { result } };
  }
  if (loadSnapshotChunk) {
    return { loadSnapshotChunk: { chunk: await snapshots.load(loadSnapshotChunk) } };
  }
  if (applySnapshotChunk) {
    return { applySnapshotChunk: await snapshots.apply(application, applySnapshotChunk) };
  }
  // Vote extensions are off in genesis; an honest CometBFT asks for none.
  if (request.extendVote) return { extendVote: { voteExtension: new Uint8Array() } };
  if (request.verifyVoteExtension) {
    return { verifyVoteExtension: { status: VoteStatus.REJECT } };
  }
  throw new AbciFault('a request of no known kind');
}

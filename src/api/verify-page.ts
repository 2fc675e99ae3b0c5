import type { BrowserFile } from './browser-files.ts';
import { htmlPage } from './html.ts';

/** The page /verify. Its script and style are files of their own, as the content policy demands. */
export const verifyPage = ({ sha256, bytes }: BrowserFile): string =>
  htmlPage(
    'Verify a proof',
    `<p><a href="/">The exchange</a> · <a href="/docs">API</a></p>
<h1>Verify a proof</h1>
<p>A proof file (<code>dxl prove</code>, <code>/v1/proofs/…</code>) or the dossier of a trade. It is checked
here, in your browser: nothing is sent anywhere.</p>
<noscript><p class="warning">This page needs JavaScript. Without it: <code>dxl verify FILE</code>.</p></noscript>
<label id="drop" class="drop" for="file">
<strong>Drop a file here</strong>
<span>or <span class="button">choose one</span></span>
<input id="file" type="file" accept=".json,application/json">
</label>
<details class="known">
<summary>What you know from elsewhere (optional, and what makes it a proof to you)</summary>
<div class="field">
<label for="genesis-hash">Genesis hash of the chain, as you were told by somebody you trust</label>
<input id="genesis-hash" type="text" maxlength="64" spellcheck="false" autocomplete="off"
placeholder="64 hexadecimal digits">
</div>
<div class="field">
<label for="validators-hash">Hash of the validator set, where CometBFT’s validators seal the chain</label>
<input id="validators-hash" type="text" maxlength="64" spellcheck="false" autocomplete="off"
placeholder="64 hexadecimal digits">
</div>
<div class="field">
<label for="kept">A checkpoint that you kept: what it covers must not have changed since</label>
<input id="kept" type="file" accept=".json,application/json">
</div>
</details>
<p id="status" class="status" role="status" aria-live="polite"></p>
<section id="result" aria-label="Report"></section>
<footer>
<p>The verifier is <a href="/verifier.js">/verifier.js</a>: one ES module of ${Math.round(bytes / 1024)} KiB that asks
no network, for your own programs too. SHA-256 <code>${sha256}</code>.</p>
<p>Whoever doubts this node doubts this page: build the module from the source and compare the hash, use
another node's page, or run <code>dxl verify</code> on a machine of your own.</p>
</footer>`,
    '<link rel="stylesheet" href="/docs/styles/verify.css">\n' +
      '<script type="module" src="/docs/scripts/verify.js"></script>\n',
  );

export const verifyStyle = `.drop {
  display: flex; flex-direction: column; align-items: center; gap: 0.35rem;
  margin: 1.5rem 0 1rem; padding: 2.2rem 1rem;
  border: 2px dashed #b6bfcc; border-radius: 12px; background: #f7f9fc; color: #44506a;
  cursor: pointer; transition: border-color 0.15s, background 0.15s;
}
.drop strong { font-size: 1.15rem; color: #1c1e21; }
.drop:hover, .drop.over, .drop:focus-within { border-color: #0b57d0; background: #eef4ff; }
.drop input { position: absolute; width: 1px; height: 1px; opacity: 0; }
.button, input::file-selector-button {
  display: inline-block; margin-left: 0.2rem; padding: 0.3rem 0.8rem; font: inherit; color: #0b57d0;
  border: 1px solid #0b57d0; border-radius: 6px; background: #fff; cursor: pointer;
}
input::file-selector-button { margin: 0 0.7rem 0 0; }
.drop:hover .button { background: #0b57d0; color: #fff; }
.known { margin: 0 0 1rem; }
.known summary, .claims summary { cursor: pointer; color: #0b57d0; }
.field { margin: 0.8rem 0 0; }
.field label { display: block; margin-bottom: 0.25rem; }
.field input[type="text"] {
  width: 100%; box-sizing: border-box; padding: 0.45rem 0.6rem;
  font: 0.9rem ui-monospace, monospace; border: 1px solid #b6bfcc; border-radius: 6px;
}
.status { min-height: 1.5em; color: #5a6475; }
.verdict, .end { padding: 0.9rem 1.1rem; border-radius: 10px; border-left: 6px solid; margin: 0.5rem 0 1rem; }
:is(.verdict, .end).holds { background: #e8f5ec; border-color: #1a7f37; }
:is(.verdict, .end).fails { background: #fdecea; border-color: #c0271b; }
:is(.verdict, .end).open { background: #fff6e0; border-color: #b7791f; }
.end p { margin: 0.2rem 0 0; overflow-wrap: anywhere; }
.warning { background: #fff6e0; border-radius: 8px; padding: 0.6rem 0.9rem; margin: 0.5rem 0; }
.facts th { width: 11rem; font-weight: 600; color: #44506a; }
.claims { list-style: none; padding: 0; margin: 0; }
.claims li {
  display: grid; grid-template-columns: 8.5rem 1fr; column-gap: 0.9rem;
  padding: 0.7rem 0; border-bottom: 1px solid #e3e7ee;
}
.claims li > :not(.badge) { grid-column: 2; }
.badge {
  grid-row: 1; justify-self: start; align-self: start; padding: 0.1rem 0.55rem; border-radius: 999px;
  font-size: 0.75rem; font-weight: 700; letter-spacing: 0.02em; white-space: nowrap;
}
.badge.holds { background: #d6eedd; color: #11592a; }
.badge.fails { background: #f8d0cc; color: #8a1a11; }
.badge.open { background: #fbe7b8; color: #6e4a0c; }
.badge.outside { background: #e3e7ee; color: #44506a; }
.claim b { font-weight: 600; display: block; overflow-wrap: anywhere; }
.claim small { color: #5a6475; }
.reason, .fact { margin: 0.2rem 0 0; overflow-wrap: anywhere; }
.reason { color: #8a1a11; }
li.open .reason { color: #6e4a0c; }
li.outside .reason { color: #44506a; }
.fact { color: #44506a; font-size: 0.92rem; }
.claims details { margin-top: 0.4rem; }
footer { margin-top: 2.5rem; padding-top: 0.8rem; border-top: 1px solid #ddd; color: #5a6475; font-size: 0.9rem; }
@media (max-width: 40rem) {
  .claims li { grid-template-columns: 1fr; }
  .claims li > :not(.badge) { grid-column: 1; }
  .facts th { width: auto; }
  .facts tr { display: grid; }
  .facts th { border-bottom: 0; padding-bottom: 0; }
}
`;

// Data Exchange Ledger, GPL-3.0-or-later; source: src/browser

// src/browser/page.ts
import { readKeptCheckpoint, verifyDossier, verifyProof } from "/verifier.js";
function find(id) {
  const found = document.getElementById(id);
  if (!found) throw new Error(`the page has no #${id}`);
  return found;
}
function make(name, className, ...content) {
  const element = document.createElement(name);
  if (className !== "") element.className = className;
  element.append(...content);
  return element;
}
var input = find("file");
var kept = find("kept");
var genesisHash = find("genesis-hash");
var validatorsHash = find("validators-hash");
var drop = find("drop");
var status = find("status");
var result = find("result");
var current = null;
var bytesOf = async (file) => new Uint8Array(await file.arrayBuffer());
async function take(file) {
  if (!file) return;
  current = { name: file.name, bytes: await bytesOf(file) };
  await show();
}
async function show() {
  if (!current) return;
  const { name, bytes } = current;
  status.textContent = `Checking ${name} …`;
  result.replaceChildren();
  await new Promise((resolve) => setTimeout(resolve, 20));
  try {
    const began = performance.now();
    const report = await judge(bytes);
    const tookMs = Math.max(1, Math.round(performance.now() - began));
    status.textContent = `${name}: ${bytes.length.toLocaleString("en")} bytes, checked in ${tookMs} ms.`;
    result.replaceChildren(...reportNodes(report));
  } catch (error) {
    status.textContent = error instanceof Error ? error.message : String(error);
  }
}
async function judge(bytes) {
  const trusted = {
    trustedGenesisHash: hashIn(genesisHash, "genesis hash"),
    trustedValidatorsHash: hashIn(validatorsHash, "hash of a validator set")
  };
  const head = new TextDecoder().decode(bytes);
  const keptFile = kept.files?.[0];
  if (!head.includes('"format":"dxl/proof/')) {
    if (keptFile) throw new Error("A kept checkpoint is for proof files; this is none.");
    return verifyDossier(bytes, trusted);
  }
  const since = keptFile && readKeptCheckpoint(await bytesOf(keptFile));
  return verifyProof(bytes, { ...trusted, since });
}
function hashIn({ value }, name) {
  const given = value.trim().toLowerCase();
  if (given === "") return void 0;
  if (!/^[0-9a-f]{64}$/.test(given)) throw new Error(`A ${name} is 64 hexadecimal digits.`);
  return given;
}
var verdicts = {
  HOLDS: ["holds", "It holds", "Everything that this file claims is shown."],
  FAILS: [
    "fails",
    "It fails",
    "Do not rely on this file: a claim of it is not true of this chain."
  ],
  "NOT SHOWN": ["open", "Not all is shown", "Nothing fails, but a claim is not shown."],
  // Of a claim alone, never of a file.
  "DOES NOT APPLY": ["outside", "", ""]
};
function reportNodes(report) {
  const isProof = report.format === "dxl/proof-report/1";
  const isOpen = report.outcome === "HOLDS" && report.notShown > 0;
  const [className, title, says] = verdicts[report.outcome] ?? ["open", report.outcome, ""];
  const count = report.notShown === 1 ? "One claim is" : `${report.notShown} claims are`;
  const more = isOpen ? ` ${count} left open; see below.` : "";
  const ends = "ends" in report ? endNodes(report) : [];
  const isRefused = report.outcome === "FAILS";
  return [
    ...isRefused ? [] : ends,
    make(
      "div",
      `verdict ${className}`,
      make("strong", "", `${title}.`),
      ` ${isOpen && !isProof ? "No claim of this dossier fails." : says}${more}`
    ),
    ...isRefused ? ends : [],
    ...report.warnings.map((warning) => make("p", "warning", warning)),
    ..."ends" in report ? presentNodes(report) : [],
    summary(report),
    ...claimNodes(report.claims),
    make("h2", "", "What no such file shows"),
    make("ul", "limits", ...report.limits.map((limit) => make("li", "", limit)))
  ];
}
var endNodes = ({ ends, concerns }) => [
  ...ends.map(
    ({ tradeId, headline, lines, concerns: own }) => make(
      "div",
      own.length === 0 ? "end holds" : "end open",
      make("strong", "", `Trade ${tradeId}`),
      make("p", "", headline),
      ...lines.map((line) => make("p", "fact", line))
    )
  ),
  ...concerns.map((concern) => make("p", "warning", concern))
];
function presentNodes(report) {
  const { present, actors, checkpoint } = report;
  if (present.rows.length === 0) return [];
  const title = present.areNewest && checkpoint ? `Each record as of the checkpoint, height ${checkpoint.height}, ${checkpoint.time}` : "Each record as last shown here; what came later can have been left out";
  const states = present.rows.map(
    ({ kind, state, ids, isBad }) => row(`${isBad ? "⚠ " : ""}${kind} ${state}`, ids.join(", "))
  );
  const people = actors.map(
    ({ organisationId, owner, capacities }) => row(organisationId, `${capacities.join(", ")}; owner ${owner ?? "not stated"}`)
  );
  return [
    make("h2", "", title),
    make("table", "facts", ...states),
    make("h2", "", "Who acted, and as what"),
    make("table", "facts", ...people)
  ];
}
function claimNodes(claims) {
  const own = claims.filter(({ shown }) => shown);
  const listOf = (title, rows) => rows.length === 0 ? [] : [make("h2", "", title), make("ol", "claims", ...rows.map(claimNode))];
  return own.length === 0 ? listOf("Claim by claim", claims) : [
    ...listOf("What it shows", own),
    ...listOf(
      "What that rests on",
      claims.filter(({ shown }) => !shown)
    )
  ];
}
function summary(report) {
  const { chainId, genesisHash: hash, blockSigner, checkpoint, fileDigest } = report;
  const rows = [
    ["Chain", chainId],
    ["Block", checkpoint && `${checkpoint.height}, ${checkpoint.time}`],
    ["Genesis hash", hash],
    ["Block signer", blockSigner],
    ["App hash", checkpoint && "appHash" in checkpoint ? checkpoint.appHash : null],
    ["SHA-256 of the file", fileDigest]
  ];
  const known = rows.filter(([, value]) => value !== null);
  return make("table", "facts", ...known.map(([name, value]) => row(name, value ?? "")));
}
var row = (name, value) => make("tr", "", make("th", "", name), make("td", "", make("code", "", value)));
function claimNode(claim) {
  const { id, title, outcome, restsOn, reasons, facts } = claim;
  const className = verdicts[outcome]?.[0] ?? "open";
  return make(
    "li",
    className,
    make("span", `badge ${className}`, outcome),
    make("div", "claim", make("b", "", title), make("small", "", `${id} · ${restsOn}`)),
    ...reasons.map((reason) => make("p", "reason", reason)),
    ...facts.map((fact) => make("p", "fact", fact)),
    ...outcome === "HOLDS" && claim.shown ? [recordNode(claim.shown)] : []
  );
}
function recordNode(shown) {
  const content = shown.what === "leaf" ? shown.leaf : shown.what === "state" ? shown.record : null;
  if (content === null) return make("span", "");
  const fields = typeof content === "object" ? content : { value: content };
  const rows = Object.entries(fields).map(([name, value]) => row(name, textOf(value)));
  return make("details", "", make("summary", "", "Its fields"), make("table", "facts", ...rows));
}
var textOf = (value) => typeof value === "string" ? value : JSON.stringify(value, bigintAsText);
var bigintAsText = (_name, value) => typeof value === "bigint" ? String(value) : value;
input.addEventListener("change", () => void take(input.files?.[0]));
kept.addEventListener("change", () => void show());
genesisHash.addEventListener("change", () => void show());
validatorsHash.addEventListener("change", () => void show());
for (const name of ["dragenter", "dragover"]) {
  drop.addEventListener(name, (event) => {
    event.preventDefault();
    drop.classList.add("over");
  });
}
drop.addEventListener("dragleave", () => drop.classList.remove("over"));
drop.addEventListener("drop", (event) => {
  event.preventDefault();
  drop.classList.remove("over");
  void take(event.dataTransfer?.files[0]);
});
for (const name of ["dragover", "drop"]) {
  window.addEventListener(name, (event) => event.preventDefault());
}

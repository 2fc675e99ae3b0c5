#!/usr/bin/env bash
# Guess: pycamt gives the transactions of a camt.053 statement so that they add up to the change of its balance.
# Seen, pycamt 1.1.1: an entry of 300.00 with two details that name no amounts of their own (optional in camt.053)
# becomes two transactions of 300.00 each, 600.00 in all.
# Here: the amount of an entry is counted once, whatever its details say.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"

python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check pycamt==1.1.1 lxml==6.0.2
seen=$(venv/bin/python 2>&1 <<'PY'
from decimal import Decimal
from pycamt.parser import Camt053Parser
balance = """<Bal><Tp><CdOrPrtry><Cd>{}</Cd></CdOrPrtry></Tp><Amt Ccy="CNY">{}</Amt>
<CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2026-01-02</Dt></Dt></Bal>"""
detail = "<TxDtls><Refs><EndToEndId>E2E-{}</EndToEndId></Refs></TxDtls>"
parser = Camt053Parser(f"""<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.02"><BkToCstmrStmt>
<GrpHdr><MsgId>M1</MsgId><CreDtTm>2026-01-02T18:00:00</CreDtTm></GrpHdr><Stmt><Id>S1</Id>
<CreDtTm>2026-01-02T18:00:00</CreDtTm><Acct><Id><Othr><Id>0012345</Id></Othr></Id><Ccy>CNY</Ccy></Acct>
{balance.format("OPBD", "0.00")}{balance.format("CLBD", "300.00")}
<Ntry><Amt Ccy="CNY">300.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>BOOK</Sts>
<BookgDt><Dt>2026-01-02</Dt></BookgDt><ValDt><Dt>2026-01-02</Dt></ValDt>
<BkTxCd><Prtry><Cd>BATCH</Cd></Prtry></BkTxCd>
<NtryDtls><Btch><NbOfTxs>2</NbOfTxs></Btch>{detail.format(1)}{detail.format(2)}</NtryDtls></Ntry>
</Stmt></BkToCstmrStmt></Document>""")
[statement] = parser.get_statement_info()
amounts = [each["Amount"] for each in parser.get_transactions()]
print("balance", statement["OpeningBalance"], "to", statement["ClosingBalance"],
      "but transactions", amounts, "add up to", sum(map(Decimal, amounts)))
PY
)

stated=$(
  cat <<'STATED'
balance 0.00 to 300.00 but transactions ['300.00', '300.00'] add up to 600.00
STATED
)
printf '%s\n' "$seen"
[ "$seen" = "$stated" ] || {
  printf 'no longer as stated, which was:\n%s\n' "$stated" >&2
  exit 1
}

pragma circom 2.1.0;

include "wide-hash.circom";
include "runs.circom";

/*
 * KAnonymity(rows, k): "I know a salt and a column of `rows` elements that open this commitment, and
 * every element occurs at least k times in it."
 *
 * One element is one row's packed quasi-identifier. The prover orders the rows so that equal
 * elements are neighbours; each run of neighbours then has at least k rows. A column whose equal
 * elements are apart in two runs, each of k or more, is accepted too: that is k-anonymous as well.
 *
 * Public signals, in this order:
 *   commitment  WideHash over [rows, k, salt, column...] under this statement's tag
 *   binding     names chain, circuit, listing, revision and seller; changes no predicate
 *
 * The caller must enforce, because the circuit cannot:
 *   - that `binding` is the one recomputed from the transaction's own chain, circuit, listing,
 *     revision and seller: a proof is otherwise valid on any of them;
 *   - that the commitment is to the data: by the buyer's recomputation from the delivered rows and
 *     the salt, an auditor's signature, or spot openings. Nothing here says the rows are genuine;
 *   - that an element is the packing of the quasi-identifiers which the policy names, by the hash
 *     that src/privacy/zk/statements/k-anonymity.ts defines. The circuit takes any field element;
 *   - that the salt is fresh and random (the seller's own interest: it is what hides the column);
 *   - uniqueness of whatever the proof is for. A Groth16 proof can be re-randomised by anybody.
 *
 * k-anonymity says nothing about the diversity of the sensitive values within a class.
 */
template KAnonymity(rows, k) {
    signal input binding;
    signal input salt;
    signal input column[rows];
    signal output commitment;

    // The bytes of 'dxl/zk-k-anonymity/1' as a big-endian integer.
    var tag = 573584590789081815040557421296564474432714256177;

    component runs = MinimumRunLength(rows, k);
    component hash = WideHash(rows + 3, tag);
    hash.in[0] <== rows;
    hash.in[1] <== k;
    hash.in[2] <== salt;
    for (var i = 0; i < rows; i++) {
        runs.column[i] <== column[i];
        hash.in[i + 3] <== column[i];
    }
    commitment <== hash.out;

    // A public input in no constraint could be dropped by an optimiser; a square cannot.
    signal bindingSquare;
    bindingSquare <== binding * binding;
}

pragma circom 2.1.0;

include "poseidon.circom";

/*
 * WideHash(n, tag): a collision-resistant commitment to n field elements, about 41 constraints an
 * element (a tree of two-input Poseidons costs 243).
 *
 * Message m = [n, in[0], ..., in[n-1]], padded with zeros to a multiple of 15. Chain, from h = tag:
 *     h = Poseidon16(h, m[15 i], ..., m[15 i + 14])
 * and out is the last h. Poseidon16 is the plain 16-input Poseidon over BN254 (eprint 2019/458),
 * the same in circomlib, circomlibjs and poseidon-lite.
 *
 * Why it is sound: n comes first, so no message is a prefix of another and the zero padding is
 * unambiguous; the chain is then collision-resistant where Poseidon16 is. The tag keeps one
 * purpose's digest from being another's.
 *
 * The caller must: give each purpose a tag of its own; put a secret salt of at least 128 bits among
 * the inputs where the digest has to hide them.
 */
template WideHash(n, tag) {
    signal input in[n];
    signal output out;

    var blocks = (n + 1 + 14) \ 15;
    component permutation[blocks];

    for (var i = 0; i < blocks; i++) {
        permutation[i] = Poseidon(16);
        if (i == 0) {
            permutation[i].inputs[0] <== tag;
        } else {
            permutation[i].inputs[0] <== permutation[i - 1].out;
        }
        for (var j = 0; j < 15; j++) {
            var position = 15 * i + j;
            if (position == 0) {
                permutation[i].inputs[j + 1] <== n;
            } else if (position <= n) {
                permutation[i].inputs[j + 1] <== in[position - 1];
            } else {
                permutation[i].inputs[j + 1] <== 0;
            }
        }
    }

    out <== permutation[blocks - 1].out;
}

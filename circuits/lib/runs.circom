pragma circom 2.1.0;

include "comparators.circom";

/*
 * MinimumRunLength(rows, k): every run of equal neighbours in the column has at least k rows.
 *
 * starts[i] is 1 where a run begins: always at row 0, and at row i where it differs from row i-1.
 * The end of the column is a virtual start at index `rows`, so the last run is held to k as well.
 * A start may have no other start among the k-1 indices after it:
 *     starts[i] * (starts[i+1] + ... + starts[i+k-1]) = 0.
 * The starts are bits by construction and the sum is at most k-1, so it cannot wrap to zero.
 *
 * One witness freedom is known and harmless: IsZero's inverse hint is free where its input is 0.
 * No output depends on it. Elements are only compared for equality as field elements, so they need
 * no range check here.
 */
template MinimumRunLength(rows, k) {
    assert(k >= 2);
    assert(rows >= k);

    signal input column[rows];
    signal starts[rows + 1];
    component same[rows];

    starts[0] <== 1;
    for (var i = 1; i < rows; i++) {
        same[i] = IsEqual();
        same[i].in[0] <== column[i - 1];
        same[i].in[1] <== column[i];
        starts[i] <== 1 - same[i].out;
    }
    starts[rows] <== 1;

    for (var i = 0; i < rows; i++) {
        var following = 0;
        for (var j = 1; j < k; j++) {
            if (i + j <= rows) {
                following += starts[i + j];
            }
        }
        starts[i] * following === 0;
    }
}

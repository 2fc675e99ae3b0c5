pragma circom 2.1.0;

include "k-anonymity.circom";

component main {public [binding]} = KAnonymity(64, 5);

#!/usr/bin/env node
import '../src/strip-types/register.mjs';

await import('../src/cli/main.ts');

import { readFileSync } from 'node:fs';
import { fromJson } from '../../src/base/codec.ts';
import { rulePackSchema, type RulePack } from '../../src/base/rules.ts';

/** A rule pack of the folder rules/, checked against its schema. */
export function readRulePack(name: 'default-cn' | 'demo'): RulePack {
  const file = new URL(`../../rules/${name}.json`, import.meta.url);
  return fromJson(rulePackSchema, JSON.parse(readFileSync(file, 'utf8')));
}

/** Short periods: what a test of transitions runs under. */
export const testRules: RulePack = readRulePack('demo');

/** The periods of the law, in working days. */
export const defaultRules: RulePack = readRulePack('default-cn');

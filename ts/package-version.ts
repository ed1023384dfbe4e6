/** This package's own folder and version. The same from ts/ (tests) and from dist/ (installed). */
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

export const PACKAGE_ROOT = resolve(__dirname, '..');

let version: string | undefined;

/** The version in package.json, for example "0.1.0". */
export function packageVersion(): string {
  version ??= (
    JSON.parse(readFileSync(join(PACKAGE_ROOT, 'package.json'), 'utf8')) as { version: string }
  ).version;
  return version;
}

/** What files written by this package name as their maker: "deepcode 0.1.0". */
export function producer(): string {
  return `deepcode ${packageVersion()}`;
}

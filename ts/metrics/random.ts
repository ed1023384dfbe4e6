// splitmix32 seeding xoshiro128** (Blackman & Vigna 2021): small, fast, the same on every platform.

import { outOfRange } from '../errors.js';

export interface RandomSource {
  /** A whole number from 0 to bound - 1, each equally likely; 1 <= bound <= 2^32. */
  below(bound: number): number;
  /** A number from 0 (included) to 1 (excluded), of 32 bits. */
  uniform(): number;
}

function rotateLeft(x: number, k: number): number {
  return (x << k) | (x >>> (32 - k));
}

function seedState(seed: number): Uint32Array {
  let state = seed >>> 0;
  return Uint32Array.from({ length: 4 }, () => {
    state = (state + 0x9e3779b9) >>> 0;
    let z = state ^ (state >>> 16);
    z = Math.imul(z, 0x21f0aaad);
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
    return (z ^ (z >>> 15)) >>> 0;
  });
}

function nextWord(state: Uint32Array): number {
  const result = Math.imul(rotateLeft(Math.imul(state[1]!, 5), 7), 9) >>> 0;
  const shifted = state[1]! << 9;
  state[2]! ^= state[0]!;
  state[3]! ^= state[1]!;
  state[1]! ^= state[2]!;
  state[0]! ^= state[3]!;
  state[2]! ^= shifted;
  state[3] = rotateLeft(state[3]!, 11);
  return result;
}

/** A seeded generator. @param seed a whole number from 0 to 2^32 - 1. @throws RangeError */
export function createRandom(seed: number): RandomSource {
  if (!Number.isInteger(seed) || seed < 0 || seed > 0xffffffff) {
    throw outOfRange('seed', 'a whole number from 0 to 4294967295', seed);
  }
  const state = seedState(seed);
  const below = (bound: number): number => {
    // Words past the last whole multiple of bound would favour small results: draw again.
    const limit = 2 ** 32 - (2 ** 32 % bound);
    let word = nextWord(state);
    while (word >= limit) word = nextWord(state);
    return word % bound;
  };
  return { below, uniform: () => nextWord(state) / 2 ** 32 };
}

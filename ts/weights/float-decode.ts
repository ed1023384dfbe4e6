/**
 * Floats that JavaScript has no typed array for, decoded from their bits. IEEE 754 binary16, bfloat16, and the
 * 8-bit formats of Micikevicius et al. 2022 (arXiv 2209.05433), the OCP microscaling scale and AMD's FNUZ variants.
 */
interface FloatFormat {
  mantissaBits: number;
  exponentBits: number;
  bias: number;
  /** ieee: all-ones exponents are Inf and NaN. finite: only S.1111.111 is NaN. unsignedZero: only 0x80 is NaN. */
  special: 'ieee' | 'finite' | 'unsignedZero';
}

const FORMATS: Readonly<Record<string, FloatFormat>> = {
  F16: { mantissaBits: 10, exponentBits: 5, bias: 15, special: 'ieee' },
  F8_E5M2: { mantissaBits: 2, exponentBits: 5, bias: 15, special: 'ieee' },
  F8_E4M3: { mantissaBits: 3, exponentBits: 4, bias: 7, special: 'finite' },
  F8_E4M3FNUZ: { mantissaBits: 3, exponentBits: 4, bias: 8, special: 'unsignedZero' },
  F8_E5M2FNUZ: { mantissaBits: 2, exponentBits: 5, bias: 16, special: 'unsignedZero' },
};

function isNotANumber(bits: number, format: FloatFormat): boolean {
  const signBit = 1 << (format.mantissaBits + format.exponentBits);
  if (format.special === 'unsignedZero') return bits === signBit;
  const magnitude = bits & (signBit - 1);
  if (format.special === 'finite') return magnitude === signBit - 1;
  return magnitude > (((1 << format.exponentBits) - 1) << format.mantissaBits);
}

function decodeBits(bits: number, format: FloatFormat): number {
  if (isNotANumber(bits, format)) return NaN;
  const { mantissaBits, exponentBits, bias, special } = format;
  const fraction = (bits & ((1 << mantissaBits) - 1)) / 2 ** mantissaBits;
  const largest = (1 << exponentBits) - 1;
  const exponent = (bits >> mantissaBits) & largest;
  const sign = (bits >> (mantissaBits + exponentBits)) & 1 ? -1 : 1;
  if (exponent === 0) return sign * fraction * 2 ** (1 - bias);
  if (special === 'ieee' && exponent === largest) return sign * Infinity;
  return sign * (1 + fraction) * 2 ** (exponent - bias);
}

const bfloat16Bits = new Uint32Array(1);
const bfloat16Value = new Float32Array(bfloat16Bits.buffer);

function decodeBfloat16(bits: number): number {
  bfloat16Bits[0] = bits << 16;
  return bfloat16Value[0]!;
}

/** What makes a number of the raw bits of `dtype`; undefined where the typed array holds numbers already. */
export function floatDecoder(dtype: string): ((bits: number) => number) | undefined {
  if (dtype === 'BF16') return decodeBfloat16;
  if (dtype === 'F8_E8M0') return (bits) => (bits === 0xff ? NaN : 2 ** (bits - 127));
  const format = Object.hasOwn(FORMATS, dtype) ? FORMATS[dtype] : undefined;
  return format && ((bits) => decodeBits(bits, format));
}

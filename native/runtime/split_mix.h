// Fast random numbers where no other program's stream is to be matched: the same from the same seed
// on every machine.
#pragma once

#include <cstdint>

namespace deepcode {

// SplitMix64 (Steele, Lea & Flood 2014, "Fast splittable pseudorandom number generators").
class SplitMix64 {
 public:
  // The stream of `seed`, from its number `skipped` on.
  explicit SplitMix64(uint64_t seed, uint64_t skipped = 0) : state_(seed + skipped * kGamma) {}

  uint64_t Next() {
    uint64_t z = state_ += kGamma;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    return z ^ (z >> 31);
  }

  float Uniform() { return static_cast<float>(Next() >> 40) * (1.0f / (1 << 24)); }  // 0..1

  // Mean 0, variance 1: the sum of four uniform numbers of 16 bits, which stays within 3.47 and
  // costs no logarithm.
  float NearlyNormal() {
    const uint64_t bits = Next();
    const uint64_t sum =
        (bits & 0xffff) + ((bits >> 16) & 0xffff) + ((bits >> 32) & 0xffff) + (bits >> 48);
    constexpr float kMean = 2.0f * 65535.0f;
    constexpr float kScale = 1.7320508f / 65536.0f;  // sqrt(3)
    return (static_cast<float>(static_cast<int32_t>(sum)) - kMean) * kScale;
  }

 private:
  static constexpr uint64_t kGamma = 0x9e3779b97f4a7c15ULL;

  uint64_t state_;
};

}  // namespace deepcode

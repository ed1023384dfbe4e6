#include "io/finite.h"

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace deepcode {
namespace {

constexpr size_t kBlock = 1024;

// Whether any of kBlock values has all bits of `exponent` set. The count is fixed and there is no
// branch, so that the compiler uses vector instructions.
template <typename Bits>
bool AnyInBlock(const char* bytes, Bits exponent) {
  Bits found = 0;
  for (size_t i = 0; i < kBlock; ++i) {
    Bits bits;
    std::memcpy(&bits, bytes + i * sizeof(Bits), sizeof(Bits));
    found |= static_cast<Bits>((bits & exponent) == exponent);
  }
  return found != 0;
}

// NaN and Inf are the values whose exponent bits are all ones.
template <typename Bits>
bool ExponentsBelow(const void* data, size_t count, Bits exponent) {
  const auto* bytes = static_cast<const char*>(data);
  size_t at = 0;
  for (; at + kBlock <= count; at += kBlock) {
    if (AnyInBlock<Bits>(bytes + at * sizeof(Bits), exponent)) return false;
  }
  for (; at < count; ++at) {
    Bits bits;
    std::memcpy(&bits, bytes + at * sizeof(Bits), sizeof(Bits));
    if ((bits & exponent) == exponent) return false;
  }
  return true;
}

// Eight-bit floats without infinities have one or two NaN patterns, found under a mask.
bool NoByteEquals(const void* data, size_t count, uint8_t mask, uint8_t pattern) {
  const auto* bytes = static_cast<const uint8_t*>(data);
  for (size_t i = 0; i < count; ++i) {
    if ((bytes[i] & mask) == pattern) return false;
  }
  return true;
}

}  // namespace

bool AllFinite(const at::Tensor& tensor) {
  const void* data = tensor.const_data_ptr();
  const auto count = static_cast<size_t>(tensor.numel());
  switch (tensor.scalar_type()) {
    case at::kDouble:
      return ExponentsBelow<uint64_t>(data, count, 0x7FF0'0000'0000'0000);
    case at::kFloat:
      return ExponentsBelow<uint32_t>(data, count, 0x7F80'0000);
    case at::kComplexFloat:
      return ExponentsBelow<uint32_t>(data, 2 * count, 0x7F80'0000);
    case at::kHalf:
      return ExponentsBelow<uint16_t>(data, count, 0x7C00);
    case at::kBFloat16:
      return ExponentsBelow<uint16_t>(data, count, 0x7F80);
    case at::kFloat8_e5m2:
      return ExponentsBelow<uint8_t>(data, count, 0x7C);
    case at::kFloat8_e4m3fn:
      return NoByteEquals(data, count, 0x7F, 0x7F);
    case at::kFloat8_e8m0fnu:
      return NoByteEquals(data, count, 0xFF, 0xFF);
    case at::kFloat8_e4m3fnuz:
    case at::kFloat8_e5m2fnuz:
      return NoByteEquals(data, count, 0xFF, 0x80);
    default:
      return true;
  }
}

}  // namespace deepcode

#include "io/tensor_dtype.h"

#include <algorithm>
#include <iterator>

namespace deepcode {
namespace {

// The order is the one the reference writer sorts by, so that equal tensors make equal files.
constexpr TensorDtype kDtypes[] = {
    {"BOOL", at::kBool, 1, 0},
    {"U8", at::kByte, 1, 1},
    {"I8", at::kChar, 1, 2},
    {"F8_E5M2", at::kFloat8_e5m2, 1, 3},
    {"F8_E4M3", at::kFloat8_e4m3fn, 1, 4},
    {"F8_E8M0", at::kFloat8_e8m0fnu, 1, 5},
    {"F8_E4M3FNUZ", at::kFloat8_e4m3fnuz, 1, 6},
    {"F8_E5M2FNUZ", at::kFloat8_e5m2fnuz, 1, 7},
    {"I16", at::kShort, 2, 8},
    {"U16", at::kUInt16, 2, 9},
    {"F16", at::kHalf, 2, 10},
    {"BF16", at::kBFloat16, 2, 11},
    {"I32", at::kInt, 4, 12},
    {"U32", at::kUInt32, 4, 13},
    {"F32", at::kFloat, 4, 14},
    {"C64", at::kComplexFloat, 8, 15},
    {"F64", at::kDouble, 8, 16},
    {"I64", at::kLong, 8, 17},
    {"U64", at::kUInt64, 8, 18},
};

template <typename Matches>
const TensorDtype* Find(Matches matches) {
  const auto found = std::find_if(std::begin(kDtypes), std::end(kDtypes), matches);
  return found == std::end(kDtypes) ? nullptr : found;
}

}  // namespace

const TensorDtype* FindDtype(std::string_view name) {
  return Find([&](const TensorDtype& dtype) { return dtype.name == name; });
}

const TensorDtype* FindDtype(at::ScalarType type) {
  return Find([&](const TensorDtype& dtype) { return dtype.type == type; });
}

}  // namespace deepcode

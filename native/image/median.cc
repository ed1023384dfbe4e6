#include "image/median.h"

#include <cstring>
#include <vector>

#include "image/float_image.h"
#include "image/vectorize.h"

namespace deepcode {
namespace {

// Sorts every pair: the smaller to `low`.
DEEPCODE_VECTOR_CLONES
void Order(uint8_t* __restrict low, uint8_t* __restrict high, size_t count) {
  for (size_t i = 0; i < count; ++i) {
    const uint8_t a = low[i];
    const uint8_t b = high[i];
    low[i] = a < b ? a : b;
    high[i] = a < b ? b : a;
  }
}

// The medians of many runs at once. Of any half of the values plus one, neither the smallest nor
// the largest can be the median of all: both are dropped and one more value is taken in, until
// one is left. rows: `lists` pointers to `count` values each, overwritten.
const uint8_t* Median(std::vector<uint8_t*>& rows, size_t count) {
  size_t next = rows.size() / 2 + 2;  // values looked at so far
  size_t first = 0;
  size_t end = next;
  while (end - first > 1) {
    for (size_t i = first + 1; i < end; ++i) Order(rows[first], rows[i], count);
    for (size_t i = first + 1; i + 1 < end; ++i) Order(rows[i], rows[end - 1], count);
    ++first;  // without the smallest
    --end;    // without the largest
    if (next < rows.size()) rows[end++] = rows[next++];
  }
  return rows[first];
}

void PadRow(const RgbImage& image, int y, int half, uint8_t* padded) {
  const uint8_t* row = image.row(Mirror(y, image.height));
  for (int x = -half; x < image.width + half; ++x, padded += 3) {
    std::memcpy(padded, row + 3 * Mirror(x, image.width), 3);
  }
}

}  // namespace

void MedianFilter(RgbImage& image, int size) {
  const int half = size / 2;
  const size_t stride = image.stride();
  const size_t padded_stride = stride + static_cast<size_t>(half) * 6;
  std::vector<uint8_t> padded(padded_stride * static_cast<size_t>(image.height + 2 * half));
  for (int y = -half; y < image.height + half; ++y) {
    PadRow(image, y, half, &padded[static_cast<size_t>(y + half) * padded_stride]);
  }
  const auto side = static_cast<size_t>(size);
  std::vector<uint8_t> values(side * side * stride);
  std::vector<uint8_t*> rows(side * side);
  for (int y = 0; y < image.height; ++y) {
    for (size_t i = 0; i < rows.size(); ++i) {
      rows[i] = &values[i * stride];
      const size_t from = (static_cast<size_t>(y) + i / side) * padded_stride + 3 * (i % side);
      std::memcpy(rows[i], &padded[from], stride);
    }
    std::memcpy(image.row(y), Median(rows, stride), stride);
  }
}

}  // namespace deepcode

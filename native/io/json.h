// A strict pull reader for JSON (RFC 8259) from files that nobody vouches for.
//
// Stricter than the RFC where it leaves a choice: a name twice in one object, a lone surrogate, a
// byte order mark and anything after the document are errors. Integers are exact or refused. No
// tree is built, so memory is bounded by what the caller keeps.
#pragma once

#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <string>
#include <string_view>

namespace deepcode {

class JsonError : public std::exception {
 public:
  // `offset` is in bytes from the start of the text.
  JsonError(std::string message, size_t offset)
      : message_(std::move(message) + " at byte " + std::to_string(offset)) {}
  const char* what() const noexcept override { return message_.c_str(); }

 private:
  std::string message_;
};

class JsonReader {
 public:
  // The text must outlive the reader. `max_depth` counts open objects and arrays; `max_string` is
  // the longest string accepted, in bytes of the source.
  explicit JsonReader(std::string_view text, int max_depth = 64, size_t max_string = 16u << 20)
      : text_(text), max_depth_(max_depth), max_string_(max_string) {}

  // Calls `member` with every name; the callback must read exactly one value.
  void ReadObject(const std::function<void(std::string name)>& member);
  // Calls `element` before every element; the callback must read exactly one value.
  void ReadArray(const std::function<void()>& element);
  std::string ReadString();
  // A whole number without sign, fraction or exponent, in [0, 2^64).
  uint64_t ReadUint64();
  // A whole number without fraction or exponent, in [-2^63, 2^63).
  int64_t ReadInt64();
  double ReadDouble();
  bool ReadBool();
  void ReadNull();
  // Reads one value of any kind, checks it and forgets it.
  void SkipValue();
  // Only white space may follow.
  void Finish();

  // The first character of the next token, or '\0' at the end of the text.
  char Peek();
  [[noreturn]] void Fail(const std::string& message) const { throw JsonError(message, at_); }

 private:
  void SkipSpace();
  void Expect(char character, const char* message);
  bool Accept(char character);
  void ExpectWord(std::string_view word);
  void Enter(char open, const char* message);
  std::string_view ScanNumber();
  size_t ScanDigits();
  size_t StringEnd() const;
  void ReadEscape(std::string* out);
  uint32_t ReadHex4();

  std::string_view text_;
  size_t at_ = 0;
  int depth_ = 0;
  int max_depth_;
  size_t max_string_;
};

}  // namespace deepcode

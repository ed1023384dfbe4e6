#include "io/json.h"

#include <charconv>
#include <set>

#include "io/utf8.h"

namespace deepcode {

void JsonReader::SkipSpace() {
  const size_t next = text_.find_first_not_of(" \t\n\r", at_);
  at_ = next == std::string_view::npos ? text_.size() : next;
}

char JsonReader::Peek() {
  SkipSpace();
  return at_ < text_.size() ? text_[at_] : '\0';
}

bool JsonReader::Accept(char character) {
  if (at_ >= text_.size() || Peek() != character) return false;
  ++at_;
  return true;
}

void JsonReader::Expect(char character, const char* message) {
  if (!Accept(character)) Fail(message);
}

void JsonReader::Enter(char open, const char* message) {
  Expect(open, message);
  if (++depth_ > max_depth_) Fail("nesting is too deep");
}

void JsonReader::ReadObject(const std::function<void(std::string name)>& member) {
  Enter('{', "expected an object");
  std::set<std::string> names;
  if (!Accept('}')) {
    do {
      if (Peek() != '"') Fail("expected a quoted name");
      std::string name = ReadString();
      if (!names.insert(name).second) Fail("a name occurs twice in one object");
      Expect(':', "expected ':'");
      member(std::move(name));
    } while (Accept(','));
    Expect('}', "expected ',' or '}'");
  }
  --depth_;
}

void JsonReader::ReadArray(const std::function<void()>& element) {
  Enter('[', "expected an array");
  if (!Accept(']')) {
    do {
      element();
    } while (Accept(','));
    Expect(']', "expected ',' or ']'");
  }
  --depth_;
}

// Where the closing quote of the string starting at at_ is, so that one allocation is enough.
size_t JsonReader::StringEnd() const {
  for (size_t i = at_; i < text_.size(); ++i) {
    if (text_[i] == '"') return i;
    if (text_[i] == '\\') ++i;
    if (i - at_ > max_string_) Fail("a string is too long");
  }
  Fail("a string has no end");
}

std::string JsonReader::ReadString() {
  Expect('"', "expected a string");
  const size_t end = StringEnd();
  std::string out;
  out.reserve(end - at_);
  while (at_ < end) {
    if (text_[at_] == '\\') {
      ReadEscape(&out);
      continue;
    }
    if (static_cast<unsigned char>(text_[at_]) < 0x20) Fail("a control character in a string");
    const size_t length = Utf8Length(text_, at_);
    if (length == 0) Fail("a string is not UTF-8");
    out.append(text_, at_, length);
    at_ += length;
  }
  Expect('"', "a string has no end");
  return out;
}

uint32_t JsonReader::ReadHex4() {
  uint32_t code = 0;
  const char* first = text_.data() + at_;
  if (text_.size() - at_ < 4 || std::from_chars(first, first + 4, code, 16).ptr != first + 4) {
    Fail("expected four hexadecimal digits");
  }
  at_ += 4;
  return code;
}

void JsonReader::ReadEscape(std::string* out) {
  static constexpr std::string_view kEscapes = "\"\\/bfnrt", kMeanings = "\"\\/\b\f\n\r\t";
  const char kind = text_[at_ + 1];
  at_ += 2;
  if (const size_t i = kEscapes.find(kind); i != std::string_view::npos) {
    out->push_back(kMeanings[i]);
    return;
  }
  if (kind != 'u') Fail("an unknown escape in a string");
  uint32_t code = ReadHex4();
  if (code >= 0xD800 && code < 0xDC00 && text_.substr(at_, 2) == "\\u") {
    at_ += 2;
    const uint32_t low = ReadHex4();
    if (low < 0xDC00 || low > 0xDFFF) Fail("half a surrogate pair");
    code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
  }
  if (code >= 0xD800 && code <= 0xDFFF) Fail("half a surrogate pair");
  AppendUtf8(out, code);
}

size_t JsonReader::ScanDigits() {
  const size_t start = at_;
  while (at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9') ++at_;
  if (at_ == start) Fail("expected a digit");
  return at_ - start;
}

std::string_view JsonReader::ScanNumber() {
  const char first = Peek();
  if (first != '-' && (first < '0' || first > '9')) Fail("expected a number");
  const size_t start = at_;
  const auto next_is = [this](std::string_view set) {
    return at_ < text_.size() && set.find(text_[at_]) != std::string_view::npos;
  };
  if (next_is("-")) ++at_;
  const bool zero = next_is("0");
  if (ScanDigits() > 1 && zero) Fail("a number starts with 0");
  if (next_is(".")) {
    ++at_;
    ScanDigits();
  }
  if (next_is("eE")) {
    ++at_;
    if (next_is("+-")) ++at_;
    ScanDigits();
  }
  return text_.substr(start, at_ - start);
}

namespace {

// False where the token is not one whole Number or does not fit.
template <typename Number>
bool Convert(std::string_view token, Number* value) {
  const char* end = token.data() + token.size();
  const auto [stop, status] = std::from_chars(token.data(), end, *value);
  return status == std::errc() && stop == end;
}

}  // namespace

uint64_t JsonReader::ReadUint64() {
  uint64_t value = 0;
  if (!Convert(ScanNumber(), &value)) Fail("expected a whole number from 0 to 2^64-1");
  return value;
}

int64_t JsonReader::ReadInt64() {
  int64_t value = 0;
  if (!Convert(ScanNumber(), &value)) Fail("expected a whole number of 64 bits");
  return value;
}

double JsonReader::ReadDouble() {
  double value = 0;
  if (!Convert(ScanNumber(), &value)) Fail("a number is out of range");
  return value;
}

void JsonReader::ExpectWord(std::string_view word) {
  SkipSpace();
  if (text_.substr(at_, word.size()) != word) Fail("expected a value");
  at_ += word.size();
}

bool JsonReader::ReadBool() {
  const bool value = Peek() == 't';
  ExpectWord(value ? "true" : "false");
  return value;
}

void JsonReader::ReadNull() { ExpectWord("null"); }

void JsonReader::SkipValue() {
  switch (Peek()) {
    case '{':
      return ReadObject([this](std::string) { SkipValue(); });
    case '[':
      return ReadArray([this] { SkipValue(); });
    case '"':
      return void(ReadString());
    case 't':
    case 'f':
      return void(ReadBool());
    case 'n':
      return ReadNull();
    default:
      return void(ScanNumber());
  }
}

void JsonReader::Finish() {
  SkipSpace();
  if (at_ != text_.size()) Fail("unexpected text after the JSON document");
}

}  // namespace deepcode

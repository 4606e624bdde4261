// Writes JSON text, value by value, without white space. Strings must be valid UTF-8. The caller keeps objects and
// arrays balanced and gives each member a key; only the balance is asserted.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "proto/time.h"

namespace tagswell {

class JsonWriter {
 public:
  JsonWriter() = default;
  JsonWriter(const JsonWriter&) = delete;
  JsonWriter& operator=(const JsonWriter&) = delete;

  void BeginObject() { Begin('{'); }
  void EndObject() { End('}'); }
  void BeginArray() { Begin('['); }
  void EndArray() { End(']'); }
  void Key(std::string_view name);

  void Value(std::string_view text);
  void Value(const char* text) { Value(std::string_view(text)); }
  void Value(bool value) { Raw(value ? "true" : "false"); }
  void Value(std::unsigned_integral auto value) { WriteUnsigned(value); }
  void Value(std::signed_integral auto value) { WriteSigned(value); }
  void Value(double value);     // rounded to four decimals, no exponent below 1e15; null when it is no finite number
  void Value(Timestamp value);  // RFC 3339
  void Null() { Raw("null"); }
  void Raw(std::string_view json);  // one complete JSON value, written as it is

  template <typename T>
  void Field(std::string_view name, const T& value) {
    Key(name);
    Value(value);
  }
  void NullField(std::string_view name) {
    Key(name);
    Null();
  }
  // Empty is null.
  void FieldOrNull(std::string_view name, std::string_view text) {
    if (text.empty()) return NullField(name);
    Field(name, text);
  }

  // The text so far; the writer is empty afterwards and can be used again.
  std::string Take();

 private:
  void Begin(char bracket);
  void End(char bracket);
  void Separate();
  void WriteString(std::string_view text);
  void WriteUnsigned(std::uint64_t value);
  void WriteSigned(std::int64_t value);

  std::string text_;
  bool needs_comma_ = false;  // a value stands right before
  int depth_ = 0;
};

}  // namespace tagswell

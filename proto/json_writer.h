// Writes JSON text, value by value. A thin layer over RapidJSON's Writer that knows our types.
// Strings must be valid UTF-8. The caller keeps objects and arrays balanced (asserted in debug builds).
#pragma once

#include <rapidjson/writer.h>

#include <concepts>
#include <cstddef>
#include <string>
#include <string_view>

#include "proto/time.h"

namespace tagswell {

class JsonWriter {
 public:
  JsonWriter() : writer_(stream_) {}
  JsonWriter(const JsonWriter&) = delete;
  JsonWriter& operator=(const JsonWriter&) = delete;

  void BeginObject() { writer_.StartObject(); }
  void EndObject() { writer_.EndObject(); }
  void BeginArray() { writer_.StartArray(); }
  void EndArray() { writer_.EndArray(); }
  void Key(std::string_view name) { writer_.Key(name.data(), Size(name)); }

  void Value(std::string_view text) { writer_.String(text.data(), Size(text)); }
  void Value(const char* text) { Value(std::string_view(text)); }
  void Value(bool value) { writer_.Bool(value); }
  void Value(std::unsigned_integral auto value) { writer_.Uint64(value); }
  void Value(std::signed_integral auto value) { writer_.Int64(value); }
  void Value(double value);     // rounded to four decimals, no exponent below 1e15; null when it is no finite number
  void Value(Timestamp value);  // RFC 3339
  void Null() { writer_.Null(); }
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

  // The text so far; the writer is empty afterwards and can be used again.
  std::string Take();

 private:
  struct Stream {
    using Ch = char;
    std::string text;
    void Put(char c) { text.push_back(c); }
    void Flush() {}
  };
  static rapidjson::SizeType Size(std::string_view text) { return static_cast<rapidjson::SizeType>(text.size()); }

  Stream stream_;
  rapidjson::Writer<Stream> writer_;
};

}  // namespace tagswell

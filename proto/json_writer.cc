#include "proto/json_writer.h"

#include <charconv>
#include <cmath>
#include <utility>

namespace tagswell {

void JsonWriter::Value(double value) {
  if (!std::isfinite(value)) return Null();
  constexpr double kFixedMax = 1e15;
  char digits[40];
  std::to_chars_result end{};
  if (std::abs(value) < kFixedMax) {
    end = std::to_chars(digits, digits + sizeof digits, value, std::chars_format::fixed, 4);
    while (end.ptr[-1] == '0') --end.ptr;
    if (end.ptr[-1] == '.') --end.ptr;
    if (std::string_view(digits, end.ptr) == "-0") return Value(0);
  } else {
    end = std::to_chars(digits, digits + sizeof digits, value);
  }
  Raw({digits, end.ptr});
}

void JsonWriter::Value(Timestamp value) {
  Value(std::string_view(FormatTimestamp(value)));
}

void JsonWriter::Raw(std::string_view json) {
  writer_.RawValue(json.data(), json.size(), rapidjson::kObjectType);
}

std::string JsonWriter::Take() {
  std::string text = std::exchange(stream_.text, {});
  writer_.Reset(stream_);
  return text;
}

}  // namespace tagswell

#include "proto/json_writer.h"

#include <cassert>
#include <charconv>
#include <cmath>
#include <utility>

namespace tagswell {
namespace {

constexpr bool NeedsEscape(char c) {
  return static_cast<unsigned char>(c) < ' ' || c == '"' || c == '\\';
}

void AppendEscape(char c, std::string& out) {
  out += '\\';
  switch (c) {
    case '"':
    case '\\':
      out += c;
      return;
    case '\n':
      out += 'n';
      return;
    case '\r':
      out += 'r';
      return;
    case '\t':
      out += 't';
      return;
    default:
      out += "u00";
      out += "01"[c >> 4];
      out += "0123456789abcdef"[c & 15];
  }
}

}  // namespace

void JsonWriter::Separate() {
  if (needs_comma_) text_ += ',';
  needs_comma_ = true;
}

void JsonWriter::Begin(char bracket) {
  Separate();
  needs_comma_ = false;
  text_ += bracket;
  ++depth_;
}

void JsonWriter::End(char bracket) {
  assert(depth_ > 0);
  needs_comma_ = true;
  text_ += bracket;
  --depth_;
}

void JsonWriter::Key(std::string_view name) {
  Separate();
  WriteString(name);
  text_ += ':';
  needs_comma_ = false;
}

void JsonWriter::WriteString(std::string_view text) {
  text_ += '"';
  std::size_t written = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (!NeedsEscape(text[i])) continue;
    text_ += text.substr(written, i - written);
    AppendEscape(text[i], text_);
    written = i + 1;
  }
  text_ += text.substr(written);
  text_ += '"';
}

void JsonWriter::Value(std::string_view text) {
  Separate();
  WriteString(text);
}

void JsonWriter::WriteUnsigned(std::uint64_t value) {
  char digits[24];
  Raw({digits, std::to_chars(digits, digits + sizeof digits, value).ptr});
}

void JsonWriter::WriteSigned(std::int64_t value) {
  char digits[24];
  Raw({digits, std::to_chars(digits, digits + sizeof digits, value).ptr});
}

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
  Separate();
  text_ += '"';
  AppendTimestamp(value, text_);
  text_ += '"';
}

void JsonWriter::Raw(std::string_view json) {
  Separate();
  text_ += json;
}

std::string JsonWriter::Take() {
  assert(depth_ == 0);
  needs_comma_ = false;
  depth_ = 0;
  return std::exchange(text_, {});
}

}  // namespace tagswell

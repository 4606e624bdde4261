// Times, texts and lists of them with their lengths, as rows of the meta family have them. Internal to storage/.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "proto/time.h"
#include "storage/byte_order.h"

namespace tagswell {

inline void AppendText(std::string_view text, std::string& out) {
  AppendVarint(text.size(), out);
  out.append(text);
}

inline void AppendTexts(const std::vector<std::string>& texts, std::string& out) {
  AppendVarint(texts.size(), out);
  for (const std::string& text : texts) AppendText(text, out);
}

inline void AppendTime(Timestamp time, std::string& out) {
  AppendLittle(static_cast<std::int64_t>(time.time_since_epoch().count()), out);
}

// Takes one off the front of `bytes`; false when it is cut off.
inline bool TakeTime(std::string_view& bytes, Timestamp& time) {
  if (bytes.size() < sizeof(std::int64_t)) return false;
  time = Timestamp{Duration{LoadLittle<std::int64_t>(bytes)}};
  bytes.remove_prefix(sizeof(std::int64_t));
  return true;
}

inline bool TakeText(std::string_view& bytes, std::string& text) {
  const auto size = TakeVarint(bytes);
  if (!size || *size > bytes.size()) return false;
  text = bytes.substr(0, static_cast<std::size_t>(*size));
  bytes.remove_prefix(static_cast<std::size_t>(*size));
  return true;
}

inline bool TakeTexts(std::string_view& bytes, std::vector<std::string>& texts) {
  const auto count = TakeVarint(bytes);
  if (!count) return false;
  for (std::uint64_t left = *count; left > 0; --left) {
    if (!TakeText(bytes, texts.emplace_back())) return false;
  }
  return true;
}

}  // namespace tagswell

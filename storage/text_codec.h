// Texts and lists of them with their lengths, as rows of the meta family have them. Internal to storage/.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

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

// Takes one off the front of `bytes`; false when it is cut off.
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

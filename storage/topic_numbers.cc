#include "storage/topic_numbers.h"

namespace tagswell {

std::optional<std::uint32_t> TopicNumbers::Find(std::string_view name) const {
  return index_.Find(TextHash()(name), [&](std::uint32_t number) { return names_[number] == name; });
}

std::uint32_t TopicNumbers::NumberOf(std::string_view name) {
  const std::uint64_t hash = TextHash()(name);
  if (const auto known = index_.Find(hash, [&](std::uint32_t number) { return names_[number] == name; })) return *known;
  const std::uint32_t number = size();
  names_.emplace_back(name);
  index_.Insert(hash, number);
  return number;
}

}  // namespace tagswell

#include "storage/topic_numbers.h"

#include "storage/text_map.h"

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

void TopicNumbers::Prefetch(std::span<const Record> records) const {
  for (const Record& record : records) {
    for (const Mention& mention : record.post.mentions) index_.Prefetch(TextHash()(mention.topic));
  }
  for (const Record& record : records) {
    for (const Mention& mention : record.post.mentions) {
      const auto number = index_.Find(TextHash()(mention.topic), [](std::uint32_t) { return true; });
      if (number) __builtin_prefetch(&names_[*number]);
    }
  }
}

}  // namespace tagswell

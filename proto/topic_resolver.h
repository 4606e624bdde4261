// From a post's text to the topics it mentions: hashtags by twitter-text 3's rules, their canonical keys, and the
// alias groups of the configuration (tags and phrases under one name).
#pragma once

#include <expected>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "proto/arena.h"
#include "proto/error.h"
#include "proto/post.h"

namespace tagswell {

// `topic` is what is counted; every tag and every phrase in it counts as that topic.
struct Alias {
  std::string topic;                 // canonical key
  std::vector<std::string> tags;     // with or without '#', any spelling
  std::vector<std::string> phrases;  // matched on word boundaries, case-folded, runs of white space alike
};

// Immutable after construction, so any number of threads may resolve at once, each with its own arena.
// The cost of phrases does not grow with their number (one Aho-Corasick automaton over the folded text).
class TopicResolver {
 public:
  // Errors: bad_alias (empty topic, tag without a letter, phrase without a word, one tag or phrase in two groups).
  static std::expected<TopicResolver, Error> Create(std::span<const Alias> aliases);

  TopicResolver(TopicResolver&&) noexcept;
  TopicResolver& operator=(TopicResolver&&) noexcept;
  ~TopicResolver();

  // Replaces `mentions` by the distinct topics of `text`, in order of appearance. Spellings are views into `text`,
  // topics into `text`, `arena` or the resolver. `text` must be valid UTF-8.
  void FromText(std::string_view text, Arena& arena, std::vector<Mention>& mentions) const;

  // The same for tags that the sender named, with or without '#': they replace the hashtags of `text`, not its phrases.
  // Spellings are views into `tags` then. A tag without a letter, with a control character or of more than kTagBytesMax
  // bytes is skipped.
  void FromTags(std::span<const std::string_view> tags, std::string_view text, Arena& arena,
                std::vector<Mention>& mentions) const;

 private:
  struct Tables;
  explicit TopicResolver(std::unique_ptr<const Tables> tables);
  std::unique_ptr<const Tables> tables_;
};

}  // namespace tagswell

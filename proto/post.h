// One public message and the topics it mentions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "proto/time.h"

namespace tagswell {

enum class PostKind : std::uint8_t { kOriginal = 0, kReply = 1, kRepost = 2, kQuote = 3 };

std::string_view Name(PostKind kind);  // "original", "reply", "repost", "quote"
std::optional<PostKind> PostKindFromName(std::string_view name);

// One topic in one post, counted once however often the post repeats it.
struct Mention {
  std::string_view topic;     // canonical key: NFKC, full case folding, NFKC; or an alias group's name. Never empty.
  std::string_view spelling;  // as the post wrote it, without '#'; the phrase itself when a phrase matched
  bool by_phrase = false;     // matched a bare phrase, not a hashtag
};

// All views point into memory of someone else (the request body, an arena, a log block) that outlives the Post.
// UTF-8 everywhere, always valid.
struct Post {
  std::string_view id;         // 1..256 bytes, unique within `source`
  std::string_view source;     // 1..64 bytes: the network it comes from
  std::string_view author;     // 1..256 bytes, compared byte for byte
  Timestamp created_at;        // event time
  std::string_view text = {};  // 0..65,536 bytes
  PostKind kind = PostKind::kOriginal;
  std::string_view lang = {};         // first BCP 47 subtag, lower case; empty when unknown
  std::string_view country = {};      // ISO 3166-1 alpha-2, upper case; empty when unknown
  std::string_view in_reply_to = {};  // a post id of the same source; empty when none
  std::string_view repost_of = {};    // a post id of the same source; empty when none
  std::optional<std::uint64_t> author_followers = {};
  std::optional<Timestamp> author_created_at = {};
  bool author_is_bot = false;
  std::vector<Mention> mentions = {};  // distinct topics, in order of appearance
};

inline constexpr std::string_view kWorldScope = "world";

// The scopes that a post counts in: "world", then "country:FR", "lang:fr", "source:twitter" where known.
std::vector<std::string> ScopeNames(const Post& post);

}  // namespace tagswell

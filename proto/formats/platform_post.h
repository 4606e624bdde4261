// A post as a platform's message gave it, and how it becomes one of ours: what is there is taken, what is absent is
// absent. Optional fields that make no sense are left out; a post is refused for those it must have.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "proto/error.h"
#include "proto/post_builder.h"

namespace tagswell {

// Null views: absent.
struct PlatformPost {
  std::string_view id;
  std::string_view author;
  std::string_view created_at;       // as it was written
  std::optional<Timestamp> created;  // where that is not RFC 3339
  std::string_view text;
  std::optional<PostKind> kind;  // else derived
  std::string_view lang;         // BCP 47, or what the platform takes for it
  std::string_view country;
  std::string_view in_reply_to;
  std::string_view repost_of;
  std::optional<std::uint64_t> followers;
  std::optional<Timestamp> author_created;
  bool is_bot = false;
  bool has_tags = false;  // the platform named all hashtags: none is looked for in the text
  std::vector<std::string_view> tags;
};

void Fill(PostBuilder& builder, std::string_view source, const PlatformPost& post);

// The error of a post that is not for everyone; `why` ends the sentence "this post is not public: ".
Error NotPublic(std::string_view why);

}  // namespace tagswell

#include "proto/formats/platform_post.h"

#include <string>

namespace tagswell {
namespace {

void Give(PostBuilder& builder, PostField field, std::string_view text) {
  if (text.data() == nullptr || (text.empty() && field != PostField::kText)) return;
  builder.Announce(field);
  builder.TakeString(field, text);
}

}  // namespace

void Fill(PostBuilder& builder, std::string_view source, const PlatformPost& post) {
  builder.Start();
  Give(builder, PostField::kId, post.id);
  Give(builder, PostField::kSource, source);
  Give(builder, PostField::kAuthor, post.author);
  if (post.created) {
    builder.Announce(PostField::kCreatedAt);
    builder.TakeTime(PostField::kCreatedAt, *post.created);
  } else {
    Give(builder, PostField::kCreatedAt, post.created_at);
  }
  Give(builder, PostField::kText, post.text);
  if (post.kind) Give(builder, PostField::kKind, Name(*post.kind));
  if (IsLanguage(post.lang)) Give(builder, PostField::kLang, post.lang);
  if (IsCountry(post.country)) Give(builder, PostField::kCountry, post.country);
  if (post.in_reply_to.size() <= kIdBytesMax) Give(builder, PostField::kInReplyTo, post.in_reply_to);
  if (post.repost_of.size() <= kIdBytesMax) Give(builder, PostField::kRepostOf, post.repost_of);
  if (post.followers) builder.TakeFollowers(*post.followers);
  if (post.author_created) builder.TakeTime(PostField::kAuthorCreatedAt, *post.author_created);
  builder.TakeIsBot(post.is_bot);
  if (!post.has_tags) return;
  builder.StartTags();
  for (const std::string_view tag : post.tags) builder.TakeTag(tag);
}

Error NotPublic(std::string_view why) {
  return {.code = "not_public", .detail = "this post is not public: " + std::string(why)};
}

}  // namespace tagswell

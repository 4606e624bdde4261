#include "proto/batch_builder.h"

#include <algorithm>
#include <utility>

#include "proto/post_codec.h"

namespace tagswell {

Error MalformedJson() {
  return {.code = "malformed_json", .detail = "this is not well-formed JSON, or nested too deep"};
}
Error NotAPost() {
  return {.code = "not_a_post", .detail = "a post is a JSON object"};
}

void BatchBuilder::Start(Timestamp accept_until, std::size_t body_bytes) {
  accept_until_ = accept_until;
  body_ = {};
  body_.batch.records.reserve(body_bytes);
  count_ = 0;
}

bool BatchBuilder::FinishPost(std::uint64_t line) {
  if (post_.Finish(accept_until_)) {
    ++count_;
    return true;
  }
  Reject(line, post_.error());
  return false;
}

void BatchBuilder::Append() {
  Post& post = post_.post();
  if (post_.has_tags()) {
    resolver_.FromTags(post_.tags(), post.text, arena_, post.mentions);
  } else {
    resolver_.FromText(post.text, arena_, post.mentions);
  }
  PostBatch& batch = body_.batch;
  EncodeRecord(RecordKind::kPost, post, batch.records);
  batch.ends.push_back(static_cast<std::uint32_t>(batch.records.size()));
  batch.keys.push_back(KeyOf(post.source, post.id, salt_));
  batch.newest = std::max(batch.newest, post.created_at);
  batch.mentions += post.mentions.size();
  arena_.Clear();
}

void BatchBuilder::Change(BatchChange::Kind kind, const PostKey& key) {
  body_.batch.changes.push_back({.kind = kind, .at = static_cast<std::uint32_t>(body_.batch.size()), .key = key});
}

void BatchBuilder::Add(std::uint64_t line, std::span<const std::string_view> older,
                       std::span<const std::string_view> newer) {
  if (!FinishPost(line)) return;
  const std::string_view source = post_.post().source;
  for (const std::string_view id : older) Change(BatchChange::Kind::kSupersede, KeyOf(source, id, salt_));
  for (const std::string_view id : newer) Change(BatchChange::Kind::kYield, KeyOf(source, id, salt_));
  Append();
}

void BatchBuilder::Replace(std::uint64_t line) {
  if (!FinishPost(line)) return;
  Change(BatchChange::Kind::kReplace, KeyOf(post_.post().source, post_.post().id, salt_));
  Append();
}

void BatchBuilder::Delete(std::string_view source, std::string_view id) {
  ++count_;
  Change(BatchChange::Kind::kDelete, KeyOf(source, id, salt_));
}

void BatchBuilder::DeleteAuthor(std::string_view source, std::string_view author) {
  Ignore();
  body_.batch.gone_authors.push_back({.source = std::string(source), .author = std::string(author)});
}

void BatchBuilder::Ignore() {
  ++count_;
  ++body_.ignored;
}

void BatchBuilder::Reject(std::uint64_t line, Error error) {
  ++count_;
  ++body_.rejected;
  if (body_.errors.size() < options_.errors_max) body_.errors.push_back({.line = line, .error = std::move(error)});
}

Error BatchBuilder::TooManyPosts() const {
  return {.code = "too_many_posts",
          .detail = "one body holds at most " + std::to_string(options_.posts_max) + " posts"};
}

}  // namespace tagswell

// Gathers what the posts and messages of one body say: records, changes to earlier posts, errors by line.
// One per thread: keeps its buffers.
#pragma once

#include <cstdint>
#include <expected>
#include <span>
#include <string_view>

#include "proto/arena.h"
#include "proto/parsed_body.h"
#include "proto/post_builder.h"
#include "proto/topic_resolver.h"

namespace tagswell {

class BatchBuilder {
 public:
  // `resolver` outlives the builder.
  BatchBuilder(const TopicResolver& resolver, HashSalt salt, const PostParserOptions& options)
      : resolver_(resolver), salt_(salt), options_(options) {}

  // Posts later than `accept_until` will be rejected.
  void Start(Timestamp accept_until, std::size_t body_bytes);

  // Start() it, fill it, and hand it on with Add or Replace.
  PostBuilder& post() { return post_; }

  // The post is whole: takes it, or rejects it with the reason. `older` and `newer` are ids of the same source,
  // versions of the same post.
  void Add(std::uint64_t line, std::span<const std::string_view> older = {},
           std::span<const std::string_view> newer = {});
  // The post stands in for an earlier one with its id, if there is one.
  void Replace(std::uint64_t line);

  void Delete(std::string_view source, std::string_view id);
  // All that the author wrote goes.
  void DeleteAuthor(std::string_view source, std::string_view author);
  void Ignore();
  void KeepAlive() { ++body_.ignored; }  // counts for no bound
  void Reject(std::uint64_t line, Error error);

  // More posts and messages than a body may hold: TooManyPosts() is the answer.
  bool full() const { return count_ > options_.posts_max; }
  Error TooManyPosts() const;

  const PostParserOptions& options() const { return options_; }
  ParsedBody& body() { return body_; }

 private:
  bool FinishPost(std::uint64_t line);
  void Append();
  void Change(BatchChange::Kind kind, const PostKey& key);

  const TopicResolver& resolver_;
  const HashSalt salt_;
  const PostParserOptions options_;
  PostBuilder post_{options_.text_bytes_max};
  Arena arena_;
  Timestamp accept_until_;
  ParsedBody body_;
  std::uint64_t count_ = 0;
};

// Errors that all formats share.
Error MalformedJson();
Error NotAPost();

}  // namespace tagswell

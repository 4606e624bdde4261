#include "proto/protobuf_parser.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/stubs/logging.h>
#include <google/protobuf/wire_format_lite.h>

#include <string>
#include <utility>

#include "proto/batch_builder.h"
#include "proto/tagswell.pb.h"

namespace tagswell {
namespace {

using google::protobuf::internal::WireFormatLite;
using google::protobuf::io::CodedInputStream;

// Far above what a good post can have: its text and its tags are 64 KiB at most. An empty tag of two bytes takes forty
// in memory.
constexpr std::uint32_t kPostBytesMax = 512 * 1024;

Error Malformed(const char* what) {
  return {.code = "malformed_protobuf", .detail = std::string("this is no well-formed ") + what};
}

void Give(PostBuilder& builder, PostField field, const std::string& text) {
  if (text.empty() && field != PostField::kText) return;  // proto3: absent
  builder.Announce(field);
  builder.TakeString(field, text);
}

void GiveTime(PostBuilder& builder, PostField field, std::int64_t milliseconds) {
  builder.Announce(field);
  builder.TakeMilliseconds(field, milliseconds);
}

std::string_view KindOf(const v1::Post& post) {
  switch (post.kind()) {
    case v1::Post::KIND_ORIGINAL:
      return Name(PostKind::kOriginal);
    case v1::Post::KIND_REPLY:
      return Name(PostKind::kReply);
    case v1::Post::KIND_REPOST:
      return Name(PostKind::kRepost);
    case v1::Post::KIND_QUOTE:
      return Name(PostKind::kQuote);
    default:
      return {};  // bad_kind
  }
}

void Fill(PostBuilder& builder, const v1::Post& post) {
  builder.Start();
  Give(builder, PostField::kId, post.id());
  Give(builder, PostField::kSource, post.source());
  Give(builder, PostField::kAuthor, post.author());
  if (post.created_at_ms() != 0) GiveTime(builder, PostField::kCreatedAt, post.created_at_ms());
  Give(builder, PostField::kText, post.text());
  if (post.kind() != v1::Post::KIND_UNSPECIFIED) builder.TakeString(PostField::kKind, KindOf(post));
  Give(builder, PostField::kLang, post.lang());
  Give(builder, PostField::kCountry, post.country());
  Give(builder, PostField::kInReplyTo, post.in_reply_to());
  Give(builder, PostField::kRepostOf, post.repost_of());
  if (post.has_author_followers()) builder.TakeFollowers(post.author_followers());
  if (post.has_author_created_at_ms()) {
    GiveTime(builder, PostField::kAuthorCreatedAt, post.author_created_at_ms());
  }
  builder.TakeIsBot(post.author_is_bot());
  if (!post.has_tags()) return;
  builder.StartTags();
  for (const std::string& tag : post.tags().tags()) builder.TakeTag(tag);
}

}  // namespace

struct ProtobufParser::State {
  State(const TopicResolver& resolver, HashSalt salt, const PostParserOptions& options)
      : batch(resolver, salt, options) {}

  BatchBuilder batch;
  v1::Post post;

  void TakePost(std::string_view bytes, std::uint64_t place) {
    if (bytes.size() > kPostBytesMax) {
      return batch.Reject(place, {.code = "post_too_large", .detail = "a post has at most 512 KiB"});
    }
    if (!post.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
      return batch.Reject(place, Malformed("Post"));
    }
    Fill(batch.post(), post);
    batch.Add(place);
  }

  std::expected<ParsedBody, Error> Parse(std::string_view body) {
    constexpr std::uint32_t kPosts =
        WireFormatLite::MakeTag(v1::PostBatch::kPostsFieldNumber, WireFormatLite::WIRETYPE_LENGTH_DELIMITED);
    CodedInputStream input(reinterpret_cast<const std::uint8_t*>(body.data()), static_cast<int>(body.size()));
    std::uint64_t place = 0;
    while (const std::uint32_t tag = input.ReadTag()) {
      if (tag != kPosts) {
        if (!WireFormatLite::SkipField(&input, tag)) return std::unexpected(Malformed("PostBatch"));
        continue;
      }
      std::uint32_t size = 0;
      if (!input.ReadVarint32(&size)) return std::unexpected(Malformed("PostBatch"));
      const auto begin = static_cast<std::size_t>(input.CurrentPosition());
      if (size > body.size() - begin || !input.Skip(static_cast<int>(size))) {
        return std::unexpected(Malformed("PostBatch"));
      }
      TakePost(body.substr(begin, size), ++place);
      if (batch.full()) return std::unexpected(batch.TooManyPosts());
    }
    if (!input.ConsumedEntireMessage()) return std::unexpected(Malformed("PostBatch"));
    return std::move(batch.body());
  }
};

ProtobufParser::ProtobufParser(const TopicResolver& resolver, HashSalt salt, PostParserOptions options)
    : state_(std::make_unique<State>(resolver, salt, options)) {
  // The library tells standard error of strings that are no UTF-8: strangers do not write into our log.
  google::protobuf::SetLogHandler(nullptr);
}

ProtobufParser::~ProtobufParser() = default;

std::expected<ParsedBody, Error> ProtobufParser::Parse(std::string_view body, Timestamp accept_until) {
  state_->batch.Start(accept_until, body.size());
  return state_->Parse(body);
}

}  // namespace tagswell

#include "proto/post_codec.h"

#include <algorithm>
#include <cassert>
#include <cstdint>
#include <functional>
#include <utility>

#include "proto/record_layout.h"

namespace tagswell {

using namespace record_layout;

namespace {

// Room for any number.
constexpr std::size_t kNumberBytesMax = 10;

bool LiesWithin(std::string_view part, std::string_view whole) {
  const std::less_equal<const char*> before;
  return before(whole.data(), part.data()) && before(part.data() + part.size(), whole.data() + whole.size());
}

// Writes to memory that has room for RecordBytesMax().
class Writer {
 public:
  explicit Writer(char* at) : at_(at) {}

  char* at() const { return at_; }

  void Byte(unsigned value) { *at_++ = static_cast<char>(value); }

  void Number(std::uint64_t value) {
    for (; value >= 0x80; value >>= 7) *at_++ = static_cast<char>(value | 0x80);
    *at_++ = static_cast<char>(value);
  }

  void Bytes(std::string_view bytes) { at_ = std::copy_n(bytes.data(), bytes.size(), at_); }

  void Text(std::string_view text) {
    Number(text.size());
    Bytes(text);
  }

  void OneMention(const Mention& mention, std::string_view text) {
    unsigned flags = mention.by_phrase ? kByPhrase : 0;
    if (mention.topic != mention.spelling) flags |= kOwnTopic;
    if (LiesWithin(mention.spelling, text)) {
      const auto offset = static_cast<std::uint64_t>(mention.spelling.data() - text.data());
      Number(offset << kMentionShift | flags);
      Number(mention.spelling.size());
    } else {
      Number(mention.spelling.size() << kMentionShift | flags | kSpellingInline);
      Bytes(mention.spelling);
    }
    if ((flags & kOwnTopic) != 0) Text(mention.topic);
  }

 private:
  char* at_;
};

std::size_t RecordBytesMax(const Post& post) {
  constexpr std::size_t kNumbers = 12;
  std::size_t bytes = 2 + kNumbers * kNumberBytesMax + post.source.size() + post.lang.size() + post.country.size() +
                      post.author.size() + post.id.size() + post.in_reply_to.size() + post.repost_of.size() +
                      post.text.size();
  for (const Mention& mention : post.mentions) {
    bytes += 3 * kNumberBytesMax + mention.spelling.size() + mention.topic.size();
  }
  return bytes;
}

// Takes numbers and texts off the front of bytes that may be hostile. Once something was missing `ok` stays false and
// everything after it is zero or empty, so that the caller asks once.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : at_(bytes.data()), end_(at_ + bytes.size()) {}

  bool ok() const { return ok_; }
  const char* at() const { return at_; }

  unsigned Byte() {
    if (at_ == end_) return Fail();
    return static_cast<unsigned char>(*at_++);
  }

  std::uint64_t Number() {
    if (at_ != end_ && static_cast<signed char>(*at_) >= 0) return static_cast<unsigned char>(*at_++);
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64 && at_ != end_; shift += 7) {
      const auto byte = static_cast<unsigned char>(*at_++);
      if (shift == 63 && byte > 1) break;
      value |= static_cast<std::uint64_t>(byte & 0x7F) << shift;
      if (byte < 0x80) return value;
    }
    return Fail();
  }

  std::string_view Bytes(std::uint64_t size) {
    if (size > static_cast<std::uint64_t>(end_ - at_)) {
      Fail();
      return {};
    }
    const std::string_view bytes(at_, static_cast<std::size_t>(size));
    at_ += size;
    return bytes;
  }

  std::string_view Text() { return Bytes(Number()); }

 private:
  unsigned Fail() {
    ok_ = false;
    at_ = end_;
    return 0;
  }

  const char* at_;
  const char* end_;
  bool ok_ = true;
};

bool ReadMention(Reader& reader, std::string_view text, Mention& mention) {
  const std::uint64_t first = reader.Number();
  const std::uint64_t rest = first >> kMentionShift;
  mention.by_phrase = (first & kByPhrase) != 0;
  if ((first & kSpellingInline) != 0) {
    mention.spelling = reader.Bytes(rest);
  } else {
    const std::uint64_t size = reader.Number();
    if (rest > text.size() || size > text.size() - rest) return false;
    mention.spelling = text.substr(static_cast<std::size_t>(rest), static_cast<std::size_t>(size));
  }
  mention.topic = (first & kOwnTopic) != 0 ? reader.Text() : mention.spelling;
  return reader.ok() && !mention.topic.empty();
}

// Writes a record that is no hole, and returns its end.
char* PutRecord(RecordKind kind, const Post& post, char* out) {
  Writer writer(out);
  const std::int64_t created_ms = post.created_at.time_since_epoch().count();
  const bool whole_seconds = created_ms % 1000 == 0;
  unsigned head = static_cast<unsigned>(kind) | static_cast<unsigned>(post.kind) << kPostKindShift;
  if (post.author_is_bot) head |= kBot;
  if (whole_seconds) head |= kWholeSeconds;
  const bool has_text = kind == RecordKind::kPost || !post.text.empty();
  if (has_text && kind == RecordKind::kRetraction) head |= kGoneText;
  unsigned fields = 0;
  if (!post.lang.empty()) fields |= kLang;
  if (!post.country.empty()) fields |= kCountry;
  if (!post.in_reply_to.empty()) fields |= kInReplyTo;
  if (!post.repost_of.empty()) fields |= kRepostOf;
  if (post.author_followers) fields |= kFollowers;
  if (post.author_created_at) fields |= kAuthorCreatedAt;
  if (!post.mentions.empty()) fields |= kMentions;

  // What most posts of a block share stands together in front: the block's compression finds it as one match.
  writer.Byte(head);
  writer.Byte(fields);
  writer.Text(post.source);
  if ((fields & kLang) != 0) writer.Text(post.lang);
  if ((fields & kCountry) != 0) writer.Text(post.country);
  writer.Text(post.author);
  writer.Text(post.id);
  writer.Number(static_cast<std::uint64_t>(whole_seconds ? created_ms / 1000 : created_ms));
  if ((fields & kInReplyTo) != 0) writer.Text(post.in_reply_to);
  if ((fields & kRepostOf) != 0) writer.Text(post.repost_of);
  if ((fields & kFollowers) != 0) writer.Number(*post.author_followers);
  if ((fields & kAuthorCreatedAt) != 0) {
    writer.Number(static_cast<std::uint64_t>(post.author_created_at->time_since_epoch().count()));
  }
  if (has_text) writer.Text(post.text);
  if ((fields & kMentions) != 0) {
    writer.Number(post.mentions.size());
    for (const Mention& mention : post.mentions) writer.OneMention(mention, post.text);
  }
  return writer.at();
}

std::unexpected<Error> Corrupt(const char* what) {
  return std::unexpected(Error{"corrupt_record", what});
}

std::expected<Timestamp, Error> ReadTime(Reader& reader) {
  const std::uint64_t at = reader.Number();
  if (at > static_cast<std::uint64_t>(kTimestampMax.time_since_epoch().count())) {
    return Corrupt("the control record's time is out of range");
  }
  return Timestamp{Duration{at}};
}

std::vector<std::string_view> ReadTexts(Reader& reader) {
  std::vector<std::string_view> texts;
  for (std::uint64_t left = reader.Number(); left > 0 && reader.ok(); --left) texts.push_back(reader.Text());
  return texts;
}

std::expected<void, Error> ReadAlias(unsigned head, Reader& reader, AliasChange& change) {
  change.removed = (head & kLifted) != 0;
  change.topic = reader.Text();
  const auto at = ReadTime(reader);
  if (!at) return std::unexpected(at.error());
  change.at = *at;
  change.by = reader.Text();
  change.tags = ReadTexts(reader);
  change.phrases = ReadTexts(reader);
  if (!reader.ok() || change.topic.empty()) return Corrupt("the control record names no topic, or ends inside a field");
  return {};
}

std::expected<void, Error> ReadBlock(unsigned head, Reader& reader, BlockChange& change) {
  change.lifted = (head & kLifted) != 0;
  change.configured = (head & kConfigured) != 0;
  change.topic = reader.Text();
  const auto at = ReadTime(reader);
  if (!at) return std::unexpected(at.error());
  change.at = *at;
  change.by = reader.Text();
  if (!reader.ok() || change.topic.empty()) return Corrupt("the control record names no topic, or ends inside a field");
  return {};
}

std::expected<void, Error> ReadReview(Reader& reader, ReviewChange& change) {
  const unsigned word = reader.Byte();
  if (word >= kReviewWords) return Corrupt("the control record says what no version of this program does");
  change.word = static_cast<ReviewWord>(word);
  change.topic = reader.Text();
  const auto at = ReadTime(reader);
  if (!at) return std::unexpected(at.error());
  change.at = *at;
  change.by = reader.Text();
  if (!reader.ok() || change.topic.empty() == change.of_topic())
    return Corrupt("the control record names no topic, or one too many, or ends inside a field");
  return {};
}

// Whether a version of this program writes such a head.
bool IsControlHead(unsigned head) {
  if ((head & kControlUnused) != 0) return false;
  if ((head & kAboutReview) != 0) return (head & (kAboutAlias | kLifted | kConfigured)) == 0;
  return (head & (kAboutAlias | kConfigured)) != (kAboutAlias | kConfigured);
}

// What follows the head byte of a control record.
std::expected<void, Error> ReadControl(unsigned head, Reader& reader, Record& record) {
  if (reader.Byte() != 0 || !IsControlHead(head))
    return Corrupt("the record controls what no version of this program does");
  if ((head & kAboutReview) != 0) return ReadReview(reader, record.review.emplace());
  if ((head & kAboutAlias) != 0) return ReadAlias(head, reader, record.alias.emplace());
  return ReadBlock(head, reader, record.change);
}

}  // namespace

void EncodeControl(const BlockChange& change, std::string& out) {
  const std::size_t before = out.size();
  out.resize_and_overwrite(before + 2 + 3 * kNumberBytesMax + change.topic.size() + change.by.size(),
                           [&](char* data, std::size_t) {
                             Writer writer(data + before);
                             writer.Byte(static_cast<unsigned>(RecordKind::kControl) | (change.lifted ? kLifted : 0) |
                                         (change.configured ? kConfigured : 0));
                             writer.Byte(0);
                             writer.Text(change.topic);
                             writer.Number(static_cast<std::uint64_t>(change.at.time_since_epoch().count()));
                             writer.Text(change.by);
                             return static_cast<std::size_t>(writer.at() - data);
                           });
}

void EncodeControl(const ReviewChange& change, std::string& out) {
  const std::size_t before = out.size();
  out.resize_and_overwrite(before + 3 + 3 * kNumberBytesMax + change.topic.size() + change.by.size(),
                           [&](char* data, std::size_t) {
                             Writer writer(data + before);
                             writer.Byte(static_cast<unsigned>(RecordKind::kControl) | kAboutReview);
                             writer.Byte(0);
                             writer.Byte(static_cast<unsigned>(change.word));
                             writer.Text(change.topic);
                             writer.Number(static_cast<std::uint64_t>(change.at.time_since_epoch().count()));
                             writer.Text(change.by);
                             return static_cast<std::size_t>(writer.at() - data);
                           });
}

void EncodeControl(const AliasChange& change, std::string& out) {
  const std::size_t before = out.size();
  std::size_t room = 2 + 5 * kNumberBytesMax + change.topic.size() + change.by.size();
  for (const auto* texts : {&change.tags, &change.phrases}) {
    for (const std::string_view text : *texts) room += kNumberBytesMax + text.size();
  }
  out.resize_and_overwrite(before + room, [&](char* data, std::size_t) {
    Writer writer(data + before);
    writer.Byte(static_cast<unsigned>(RecordKind::kControl) | kAboutAlias | (change.removed ? kLifted : 0));
    writer.Byte(0);
    writer.Text(change.topic);
    writer.Number(static_cast<std::uint64_t>(change.at.time_since_epoch().count()));
    writer.Text(change.by);
    for (const auto* texts : {&change.tags, &change.phrases}) {
      writer.Number(texts->size());
      for (const std::string_view text : *texts) writer.Text(text);
    }
    return static_cast<std::size_t>(writer.at() - data);
  });
}

void EncodeRecord(RecordKind kind, const Post& post, std::string& out) {
  assert(kind != RecordKind::kControl);
  if (kind == RecordKind::kHole) {
    out.push_back('\0');
    return;
  }
  const std::size_t before = out.size();
  out.resize_and_overwrite(before + RecordBytesMax(post), [&](char* data, std::size_t) {
    return static_cast<std::size_t>(PutRecord(kind, post, data + before) - data);
  });
}

std::expected<std::size_t, Error> DecodeRecord(std::string_view bytes, Record& record) {
  Reader reader(bytes);
  Post& post = record.post;
  std::vector<Mention> mentions = std::move(post.mentions);
  mentions.clear();
  post = Post{};
  post.mentions = std::move(mentions);
  record.change = BlockChange{};
  record.alias.reset();
  record.review.reset();

  const unsigned head = reader.Byte();
  if (!reader.ok()) return Corrupt("the record is empty");
  if (head == 0) {
    record.kind = RecordKind::kHole;
    return 1;
  }
  const unsigned kind = head & kKindMask;
  if (kind == static_cast<unsigned>(RecordKind::kControl)) {
    record.kind = RecordKind::kControl;
    if (auto read = ReadControl(head, reader, record); !read) return std::unexpected(read.error());
    return static_cast<std::size_t>(reader.at() - bytes.data());
  }
  const unsigned fields = reader.Byte();
  if (kind == 0 || (head & kHeadUnused) != 0 ||
      (kind == static_cast<unsigned>(RecordKind::kPost) && (head & kGoneText) != 0) || (fields & kFieldsUnused) != 0) {
    return Corrupt("the record has a head that no version of this program writes");
  }
  record.kind = static_cast<RecordKind>(kind);
  post.kind = static_cast<PostKind>(head >> kPostKindShift & 3);
  post.author_is_bot = (head & kBot) != 0;
  post.source = reader.Text();
  if ((fields & kLang) != 0) post.lang = reader.Text();
  if ((fields & kCountry) != 0) post.country = reader.Text();
  post.author = reader.Text();
  post.id = reader.Text();
  const std::uint64_t created = reader.Number();
  const std::uint64_t unit_ms = (head & kWholeSeconds) != 0 ? 1000 : 1;
  if (created > static_cast<std::uint64_t>(kTimestampMax.time_since_epoch().count()) / unit_ms) {
    return Corrupt("the record's time is out of range");
  }
  post.created_at = Timestamp{Duration{created * unit_ms}};
  if ((fields & kInReplyTo) != 0) post.in_reply_to = reader.Text();
  if ((fields & kRepostOf) != 0) post.repost_of = reader.Text();
  if ((fields & kFollowers) != 0) post.author_followers = reader.Number();
  if ((fields & kAuthorCreatedAt) != 0) {
    const std::uint64_t at = reader.Number();
    if (at > static_cast<std::uint64_t>(kTimestampMax.time_since_epoch().count())) {
      return Corrupt("the record's author is from a time out of range");
    }
    post.author_created_at = Timestamp{Duration{at}};
  }
  if (record.kind == RecordKind::kPost || (head & kGoneText) != 0) post.text = reader.Text();
  if (!reader.ok()) return Corrupt("the record ends inside a field");
  if ((fields & kMentions) != 0) {
    const std::uint64_t count = reader.Number();
    for (std::uint64_t i = 0; i < count; ++i) {
      if (!ReadMention(reader, post.text, post.mentions.emplace_back())) {
        return Corrupt("the record has a mention that its text does not hold");
      }
    }
    if (!reader.ok()) return Corrupt("the record ends before its mentions");
  }
  return static_cast<std::size_t>(reader.at() - bytes.data());
}

}  // namespace tagswell

#include "proto/post_builder.h"

#include <algorithm>
#include <utility>

namespace tagswell {
namespace {

constexpr std::size_t kSourceBytesMax = 64;

constexpr std::array<std::string_view, 14> kNames = {
    "id",          "source",    "author",           "created_at",        "text",          "kind", "lang", "country",
    "in_reply_to", "repost_of", "author_followers", "author_created_at", "author_is_bot", "tags"};

constexpr bool IsLetter(char c) {
  return (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
}

// Bytes of the first subtag of a BCP 47 tag, 2..8; 0 if it is none.
std::size_t FirstSubtag(std::string_view text) {
  constexpr std::size_t kSubtagBytesMax = 8;
  std::size_t size = 0;
  while (size < text.size() && size < kSubtagBytesMax && IsLetter(text[size])) ++size;
  if (size < 2 || (size < text.size() && text[size] != '-' && text[size] != '_')) return 0;
  return size;
}

bool HoldsControl(std::string_view text) {
  return std::ranges::any_of(text, [](char c) { return static_cast<unsigned char>(c) < ' ' || c == '\x7F'; });
}

const char* TypeOf(PostField field) {
  switch (field) {
    case PostField::kAuthorFollowers:
      return "must be a whole number of zero or more";
    case PostField::kAuthorIsBot:
      return "must be true or false";
    case PostField::kTags:
      return "must be an array of strings";
    default:
      return "must be a string";
  }
}

}  // namespace

std::string_view Name(PostField field) {
  return kNames[static_cast<std::size_t>(field)];
}

PostField PostFieldFromName(std::string_view name) {
  using enum PostField;
  switch (name.size()) {
    case 2:
      return name == "id" ? kId : kUnknown;
    case 4:
      if (name == "text") return kText;
      if (name == "lang") return kLang;
      if (name == "kind") return kKind;
      return name == "tags" ? kTags : kUnknown;
    case 6:
      if (name == "source") return kSource;
      return name == "author" ? kAuthor : kUnknown;
    case 7:
      return name == "country" ? kCountry : kUnknown;
    case 9:
      return name == "repost_of" ? kRepostOf : kUnknown;
    case 10:
      return name == "created_at" ? kCreatedAt : kUnknown;
    case 11:
      return name == "in_reply_to" ? kInReplyTo : kUnknown;
    case 13:
      return name == "author_is_bot" ? kAuthorIsBot : kUnknown;
    case 16:
      return name == "author_followers" ? kAuthorFollowers : kUnknown;
    case 17:
      return name == "author_created_at" ? kAuthorCreatedAt : kUnknown;
    default:
      return kUnknown;
  }
}

bool IsLanguage(std::string_view text) {
  return FirstSubtag(text) != 0;
}

bool IsCountry(std::string_view text) {
  return text.size() == 2 && IsLetter(text[0]) && IsLetter(text[1]);
}

void PostBuilder::Start() {
  std::vector<Mention> mentions = std::move(post_.mentions);
  mentions.clear();
  post_ = Post{};
  post_.mentions = std::move(mentions);
  tags_.clear();
  tag_bytes_ = 0;
  has_tags_ = false;
  has_kind_ = false;
  failed_ = false;
  seen_ = 0;
}

void PostBuilder::Fail(std::string code, PostField field, std::string_view what) {
  if (failed_) return;
  failed_ = true;
  const std::string name(Name(field));
  error_ = {.code = std::move(code), .detail = "\"" + name + "\" " + std::string(what), .field = name};
}

void PostBuilder::FailTwice(PostField field) {
  Fail("duplicate_field", field, "stands there twice");
}

void PostBuilder::FailMissing() {
  for (std::size_t i = 0; IsRequired(static_cast<PostField>(i)); ++i) {
    const auto field = static_cast<PostField>(i);
    if (!Has(field)) Fail("missing_" + std::string(Name(field)), field, "is missing");
  }
}

void PostBuilder::TakeNull(PostField field) {
  if (IsRequired(field)) TakeWrongType(field);
}

void PostBuilder::TakeWrongType(PostField field) {
  Fail("bad_type", field, TypeOf(field));
}

void PostBuilder::TakeString(PostField field, std::string_view text) {
  switch (field) {
    case PostField::kId:
      return TakeName(field, text, kIdBytesMax, post_.id);
    case PostField::kSource:
      if (HoldsControl(text)) Fail("bad_source", field, "holds a control character");
      return TakeName(field, text, kSourceBytesMax, post_.source);
    case PostField::kAuthor:
      return TakeName(field, text, kIdBytesMax, post_.author);
    case PostField::kText:
      if (text.size() > text_bytes_max_) {
        Fail("text_too_long", field, "has more than " + std::to_string(text_bytes_max_) + " bytes");
      }
      post_.text = text;
      return;
    case PostField::kInReplyTo:
      return text.empty() ? void() : TakeName(field, text, kIdBytesMax, post_.in_reply_to);
    case PostField::kRepostOf:
      return text.empty() ? void() : TakeName(field, text, kIdBytesMax, post_.repost_of);
    case PostField::kCreatedAt:
    case PostField::kAuthorCreatedAt:
      return TakeTime(field, text);
    case PostField::kKind:
      if (const auto kind = PostKindFromName(text)) {
        post_.kind = *kind;
        has_kind_ = true;
      } else {
        Fail("bad_kind", field, "must be original, reply, repost or quote");
      }
      return;
    case PostField::kLang:
      return TakeLang(text);
    case PostField::kCountry:
      return TakeCountry(text);
    default:
      return TakeWrongType(field);
  }
}

void PostBuilder::TakeName(PostField field, std::string_view text, std::size_t bytes_max, std::string_view& into) {
  if (text.empty()) Fail("empty_" + std::string(Name(field)), field, "is empty");
  if (text.size() > bytes_max) {
    Fail(std::string(Name(field)) + "_too_long", field, "has more than " + std::to_string(bytes_max) + " bytes");
  }
  into = text;
}

void PostBuilder::TakeTime(PostField field, std::string_view text) {
  const auto time = ParseTimestamp(text);
  if (!time) return Fail(time.error().code, field, "is wrong: " + time.error().detail);
  TakeTime(field, *time);
}

void PostBuilder::TakeMilliseconds(PostField field, std::int64_t since_1970) {
  const Timestamp time{Duration{since_1970}};
  if (time < kTimestampMin || time > kTimestampMax) {
    return Fail("time_out_of_range", field, "is wrong: years from 1970 to 2199 are taken");
  }
  TakeTime(field, time);
}

void PostBuilder::TakeTime(PostField field, Timestamp time) {
  if (field == PostField::kCreatedAt) {
    post_.created_at = time;
  } else {
    post_.author_created_at = time;
  }
}

// The first subtag says the language; what regions and scripts follow is not looked at.
void PostBuilder::TakeLang(std::string_view text) {
  if (text.empty()) return;
  const std::size_t size = FirstSubtag(text);
  if (size == 0) return Fail("bad_lang", PostField::kLang, "is no BCP 47 language tag");
  for (std::size_t i = 0; i < size; ++i) lang_[i] = static_cast<char>(text[i] | 0x20);
  post_.lang = {lang_.data(), size};
}

void PostBuilder::TakeCountry(std::string_view text) {
  if (text.empty()) return;
  if (!IsCountry(text)) {
    return Fail("bad_country", PostField::kCountry, "is no ISO 3166-1 alpha-2 code of two letters");
  }
  country_ = {static_cast<char>(text[0] & ~0x20), static_cast<char>(text[1] & ~0x20)};
  post_.country = {country_.data(), country_.size()};
}

void PostBuilder::TakeTag(std::string_view tag) {
  tag_bytes_ += tag.size() + 1;
  if (tag_bytes_ > text_bytes_max_) {
    return Fail("tags_too_long", PostField::kTags, "has more than " + std::to_string(text_bytes_max_) + " bytes");
  }
  tags_.push_back(tag);
}

bool PostBuilder::Finish(Timestamp accept_until) {
  constexpr std::uint32_t kAllRequired = (2U << static_cast<unsigned>(PostField::kText)) - 1;
  if ((seen_ & kAllRequired) != kAllRequired) FailMissing();
  if (post_.created_at > accept_until) Fail("created_at_in_future", PostField::kCreatedAt, "is in the future");
  if (!has_kind_) {
    if (!post_.repost_of.empty()) {
      post_.kind = PostKind::kRepost;
    } else if (!post_.in_reply_to.empty()) {
      post_.kind = PostKind::kReply;
    }
  }
  return !failed_;
}

}  // namespace tagswell

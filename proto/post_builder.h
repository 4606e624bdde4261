// Builds a Post from named fields by the rules of the contract, whatever format they come in: what each field may hold,
// what a post must have, and the stable code of each error. The first error stays.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "proto/error.h"
#include "proto/post.h"

namespace tagswell {

enum class PostField : std::uint8_t {
  kId,  // the first five are required
  kSource,
  kAuthor,
  kCreatedAt,
  kText,
  kKind,
  kLang,
  kCountry,
  kInReplyTo,
  kRepostOf,
  kAuthorFollowers,
  kAuthorCreatedAt,
  kAuthorIsBot,
  kTags,
  kUnknown
};

std::string_view Name(PostField field);  // not of kUnknown
PostField PostFieldFromName(std::string_view name);

constexpr bool IsRequired(PostField field) {
  return field <= PostField::kText;
}

inline constexpr std::size_t kIdBytesMax = 256;  // of every id, and of the author

// Whether a post may say this of its language (BCP 47; the first subtag counts) and country (ISO 3166-1 alpha-2).
bool IsLanguage(std::string_view text);
bool IsCountry(std::string_view text);

// One per thread. The post's views point to where the texts were, or into the builder until the next Start().
class PostBuilder {
 public:
  explicit PostBuilder(std::size_t text_bytes_max) : text_bytes_max_(text_bytes_max) {}

  void Start();

  // Notes that the post has `field`; false, and an error, if it had it before.
  bool Announce(PostField field) {
    if (Has(field)) {
      FailTwice(field);
      return false;
    }
    seen_ |= 1U << static_cast<unsigned>(field);
    return true;
  }

  // Valid UTF-8. Errors: too_long, empty, bad_... and, for fields that are no strings, bad_type.
  void TakeString(PostField field, std::string_view text);
  void TakeTime(PostField field, Timestamp time);                   // created_at, author_created_at
  void TakeMilliseconds(PostField field, std::int64_t since_1970);  // the same; error: time_out_of_range
  void TakeFollowers(std::uint64_t followers) { post_.author_followers = followers; }
  void TakeIsBot(bool is_bot) { post_.author_is_bot = is_bot; }
  void TakeTag(std::string_view tag);
  void TakeNull(PostField field);  // absent, where it may be
  void TakeWrongType(PostField field);
  void StartTags() { has_tags_ = true; }

  // After the last field. False: error() says why this is no post.
  bool Finish(Timestamp accept_until);

  Post& post() { return post_; }
  bool has_tags() const { return has_tags_; }  // the sender named tags, maybe none
  const std::vector<std::string_view>& tags() const { return tags_; }
  const Error& error() const { return error_; }

 private:
  bool Has(PostField field) const { return (seen_ >> static_cast<unsigned>(field) & 1) != 0; }
  void Fail(std::string code, PostField field, std::string_view what);
  void FailTwice(PostField field);
  void FailMissing();
  void TakeName(PostField field, std::string_view text, std::size_t bytes_max, std::string_view& into);
  void TakeTime(PostField field, std::string_view text);
  void TakeLang(std::string_view text);
  void TakeCountry(std::string_view text);

  std::size_t text_bytes_max_;
  Post post_;
  std::vector<std::string_view> tags_;
  std::size_t tag_bytes_ = 0;
  bool has_tags_ = false;
  bool has_kind_ = false;
  bool failed_ = false;
  std::uint32_t seen_ = 0;
  std::array<char, 8> lang_{};
  std::array<char, 2> country_{};
  Error error_;
};

}  // namespace tagswell

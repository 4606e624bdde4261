// Twitter's v1.1 API: statuses, search pages, and the messages of its streams.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "proto/formats/format_reader.h"
#include "proto/formats/platform_post.h"

namespace tagswell {

class TwitterV1Reader final : public FormatReader {
 public:
  using FormatReader::FormatReader;
  bool is_page() const override { return is_page_; }

 private:
  using Object = DocumentReader::Object;
  using Value = DocumentReader::Value;

  struct Tweet {
    std::string_view id_str, id;
    std::string_view created_at;
    std::string_view text, full_text, extended_text;
    std::string_view lang, country;
    std::string_view reply_id_str, reply_id;
    std::string_view user_id_str, user_id;
    std::string_view user_created_at;
    std::optional<std::uint64_t> followers;
    bool is_protected = false;
    bool is_quote = false;
    bool has_tags = false;
    std::vector<std::string_view> tags;
    bool has_extended_tags = false;
    std::vector<std::string_view> extended_tags;
  };
  struct Status {
    bool is_object = false;
    Tweet tweet;
    bool is_retweet = false;
    Tweet original;
  };

  bool ReadDocument(Object document) override;
  void TellDocument(std::uint64_t line) override;
  bool ReadMember(std::size_t name, Value value, Status& status, bool is_original);
  bool ReadTweet(Value value, Status& status, bool is_original);
  bool ReadUser(Value value, Tweet& tweet);
  bool ReadEntities(Value value, bool& has_tags, std::vector<std::string_view>& tags);
  bool ReadExtended(Value value, Tweet& tweet);
  bool ReadDelete(Value value);
  void TellStatus(const Status& status, std::uint64_t line);

  std::vector<Status> statuses_;
  bool is_page_ = false;
  bool is_notice_ = false;
  bool is_delete_ = false;
  bool is_direct_message_ = false;
  std::string_view deleted_id_;  // of a status; null: something else was deleted
  std::string text_;
};

}  // namespace tagswell

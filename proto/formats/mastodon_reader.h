// Mastodon's Status, alone or in an envelope of its streaming API.
#pragma once

#include <simdjson.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "proto/formats/format_reader.h"
#include "proto/formats/platform_post.h"

namespace tagswell {

class MastodonReader final : public FormatReader {
 public:
  using FormatReader::FormatReader;

 private:
  using Object = DocumentReader::Object;
  using Value = DocumentReader::Value;

  struct Account {
    std::string_view acct, url, uri;
    std::string_view created_at;
    std::optional<std::uint64_t> followers;
    bool is_bot = false;
  };
  struct Status {
    std::string_view id, created_at, edited_at;
    std::string_view in_reply_to;
    std::string_view visibility;
    std::string_view lang;
    std::string_view content, spoiler_text;
    bool has_tags = false;
    std::vector<std::string_view> tags;
    bool is_quote = false;
    Account account;
  };

  bool ReadDocument(Object document) override;
  void TellDocument(std::uint64_t line) override;
  bool ReadPayload(Value value);
  bool ReadEncodedPayload();
  bool ReadMember(std::size_t name, Value value, bool is_original);
  bool ReadStatus(Value value, bool is_original);
  bool ReadAccount(Value value, Account& account);
  bool ReadTags(Value value, Status& status);
  void TellStatus(std::uint64_t line);
  std::string_view AuthorOf(const Account& account);

  Status status_;
  bool is_reblog_ = false;
  Status original_;

  bool is_envelope_ = false;
  std::string_view event_;
  std::string_view payload_text_;  // JSON in a string, or an id
  bool has_payload_ = false;       // a status as an object

  simdjson::ondemand::parser payload_parser_;
  std::string payload_;  // padded
  std::string text_;
  std::string author_;
};

}  // namespace tagswell

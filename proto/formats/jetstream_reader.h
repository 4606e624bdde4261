// Bluesky's Jetstream: commits, identities and accounts of the AT Protocol as JSON.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "proto/formats/format_reader.h"
#include "proto/formats/platform_post.h"

namespace tagswell {

class JetstreamReader final : public FormatReader {
 public:
  using FormatReader::FormatReader;

 private:
  using Object = DocumentReader::Object;
  using Value = DocumentReader::Value;

  struct Record {
    std::string_view text, created_at, lang;
    std::string_view parent;               // uri of the post that it answers
    std::vector<std::string_view> facets;  // hashtags in the text
    std::vector<std::string_view> tags;    // hashtags besides the text
    bool is_quote = false;
  };

  bool ReadDocument(Object document) override;
  void TellDocument(std::uint64_t line) override;
  bool ReadCommit(Value value);
  bool ReadAccount(Value value);
  bool ReadRecord(Value value);
  bool ReadFacets(Value value);
  bool ReadReply(Value value);
  bool ReadEmbed(Value value, bool is_nested);
  bool TakeQuoted(Value value);
  void TakeTags(PlatformPost& post) const;
  void TellPost(std::uint64_t line);

  std::string_view did_, kind_, operation_, collection_, rkey_;
  std::string_view account_status_;  // why it is not active
  std::optional<std::uint64_t> time_us_;
  Record record_;
  std::string id_;
};

}  // namespace tagswell

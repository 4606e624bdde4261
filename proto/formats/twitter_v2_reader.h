// Twitter's v2 API: objects of its streams, pages of tweets with what they include, tweets that carry all of that in
// themselves, and messages about compliance.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "proto/formats/format_reader.h"
#include "proto/formats/platform_post.h"

namespace tagswell {

class TwitterV2Reader final : public FormatReader {
 public:
  using FormatReader::FormatReader;
  bool is_page() const override { return is_page_; }

 private:
  using Object = DocumentReader::Object;
  using Value = DocumentReader::Value;

  struct User {
    std::string_view id;
    std::string_view created_at;
    std::optional<std::uint64_t> followers;
    bool is_protected = false;
  };
  struct Reference {
    std::string_view type;
    std::string_view id;
  };
  struct Tweet {
    bool is_object = false;
    std::string_view id, author_id, created_at, text, lang;
    std::string_view place_id, country;
    bool has_tags = false;
    std::vector<std::string_view> tags;
    std::vector<Reference> references;
    std::vector<std::string_view> versions;  // ids, oldest first, its own among them
    std::string_view action;                 // of a compliance job
  };

  bool ReadDocument(Object document) override;
  void TellDocument(std::uint64_t line) override;
  bool ReadData(Value value);
  bool ReadCompliance(std::size_t name, Value value);
  bool ReadTweet(Value value, Tweet& tweet, Reference* referred);
  bool ReadMember(std::size_t name, Value value, Tweet& tweet);
  bool ReadEntities(Value value, Tweet& tweet);
  bool ReadReference(Value value, Tweet& tweet);
  bool ReadGeo(Value value, Tweet& tweet);
  bool ReadUser(Value value);
  bool ReadIncludes(Value value);
  bool ReadPlace(Value value);
  void TellTweet(const Tweet& tweet, std::uint64_t line);
  void TakeTags(const Tweet& said, bool may_be_cut, PlatformPost& post);

  std::vector<Tweet> tweets_;
  // By id, of the whole document. Trees: nobody can make them slow.
  std::map<std::string_view, User> users_;
  std::map<std::string_view, Tweet> included_;
  std::map<std::string_view, std::string_view> countries_;
  bool is_page_ = false;
  bool holds_data_ = false;
  bool is_notice_ = false;
  std::string_view deleted_id_;
  std::string text_;
};

}  // namespace tagswell

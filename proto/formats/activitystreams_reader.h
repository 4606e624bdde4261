// ActivityStreams 2.0 as servers of the fediverse send it: activities, and posts by themselves.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "proto/formats/format_reader.h"
#include "proto/formats/platform_post.h"

namespace tagswell {

class ActivityStreamsReader final : public FormatReader {
 public:
  using FormatReader::FormatReader;

 private:
  using Object = DocumentReader::Object;
  using Value = DocumentReader::Value;

  // What stands in place of another object: its id, or itself.
  struct Link {
    std::string_view id;
    std::string_view type;  // where it stands there itself
  };
  // An activity or the object of one.
  struct Node {
    bool is_inline = false;
    std::string_view id, type;
    std::string_view published, updated;
    std::string_view name, summary, content, media_type;
    std::string_view mapped_content, mapped_language;  // the first entry of contentMap
    std::size_t languages = 0;
    Link actor, attributed_to, in_reply_to;
    bool is_quote = false;
    bool has_tags = false;
    std::vector<std::string_view> tags;
    bool is_addressed = false;
    bool is_public = false;    // to everyone
    bool is_unlisted = false;  // readable for everyone, shown to nobody
  };

  bool ReadDocument(Object document) override;
  void TellDocument(std::uint64_t line) override;
  bool ReadMember(std::size_t name, Value value, Node& node);
  bool ReadObject(Value value);
  bool ReadType(Value value, std::string_view& type);
  bool ReadLink(Value value, Link& link);
  bool ReadAddressees(Value value, bool& includes_everyone);
  bool ReadTags(Value value, Node& node);
  bool ReadContentMap(Value value, Node& node);
  void TellPost(std::uint64_t line, const Node& said, bool is_edit);
  bool IsOfTheActor(std::uint64_t line);
  void TellDeletion(std::uint64_t line);
  std::string_view NotForEveryone() const;
  void WriteText(const Node& said, PlatformPost& post);

  Node root_;
  Node object_;  // of an activity; only its id where the activity names it alone
  std::string text_;
};

}  // namespace tagswell

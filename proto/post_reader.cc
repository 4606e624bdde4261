#include "proto/post_reader.h"

#include <charconv>
#include <string_view>
#include <utility>

#include "proto/json_checker.h"
#include "proto/json_grammar.h"

namespace tagswell {
namespace {

namespace ondemand = simdjson::ondemand;
using simdjson::SUCCESS;

// Reads the members of one object. Most documents hold no backslash at all: then no string is searched for one.
struct Reader {
  PostBuilder& builder;
  const bool may_hold_escapes;

  // `inside` is what stands between the quotes of `value`. Where nothing is escaped it is the string.
  bool Unescape(ondemand::value& value, std::string_view& inside) const {
    if (!may_hold_escapes || !HoldsEscape(inside)) return true;
    return HasValidEscapes(inside) && value.get_string().get(inside) == SUCCESS;
  }

  bool ReadTags(ondemand::array array, std::size_t depth_left) const {
    builder.StartTags();
    for (simdjson::simdjson_result<ondemand::value> result : array) {
      ondemand::value value;
      if (std::move(result).get(value) != SUCCESS) return false;
      std::string_view tag = InsideOfString(WithoutSpaceBehind(value.raw_json_token()));
      if (tag.data() == nullptr) {
        builder.TakeWrongType(PostField::kTags);
        if (!IsWellFormed(value, depth_left)) return false;
      } else {
        if (!Unescape(value, tag)) return false;
        builder.TakeTag(tag);
      }
    }
    return true;
  }

  // A value that is no string.
  bool ReadOther(PostField field, ondemand::value& value, std::string_view token, std::size_t depth_left) const {
    if (field == PostField::kTags && token.starts_with('[')) {
      ondemand::array array;
      return depth_left != 0 && value.get_array().get(array) == SUCCESS && ReadTags(array, depth_left - 1);
    }
    if (!IsWellFormed(value, depth_left)) return false;
    std::uint64_t followers = 0;
    if (token == "null") {
      builder.TakeNull(field);
    } else if (field == PostField::kAuthorIsBot && (token == "true" || token == "false")) {
      builder.TakeIsBot(token == "true");
    } else if (field == PostField::kAuthorFollowers &&
               std::from_chars(token.data(), token.data() + token.size(), followers) ==
                   std::from_chars_result{token.data() + token.size(), std::errc{}}) {
      builder.TakeFollowers(followers);
    } else {
      builder.TakeWrongType(field);
    }
    return true;
  }

  bool ReadField(PostField field, ondemand::value value, std::size_t depth_left) const {
    const std::string_view token = WithoutSpaceBehind(value.raw_json_token());
    if (!token.starts_with('"')) return ReadOther(field, value, token, depth_left);
    std::string_view text = InsideOfString(token);
    if (text.data() == nullptr || !Unescape(value, text)) return false;
    builder.TakeString(field, text);
    return true;
  }
};

}  // namespace

bool ReadPost(ondemand::object object, bool may_hold_escapes, std::size_t depth_left, PostBuilder& builder) {
  const Reader reader{builder, may_hold_escapes};
  builder.Start();
  for (simdjson::simdjson_result<ondemand::field> result : object) {
    ondemand::field member;
    if (std::move(result).get(member) != SUCCESS) return false;
    std::string_view key = InsideOfKey(member.key().raw());
    if (may_hold_escapes && HoldsEscape(key) && (!HasValidEscapes(key) || member.unescaped_key().get(key) != SUCCESS))
      return false;
    const PostField field = PostFieldFromName(key);
    const bool is_read = field != PostField::kUnknown && builder.Announce(field);
    if (is_read ? !reader.ReadField(field, member.value(), depth_left) : !IsWellFormed(member.value(), depth_left)) {
      return false;
    }
  }
  return true;
}

}  // namespace tagswell
